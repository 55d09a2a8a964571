/* collective.h: XGBoost's own way of boosting in several processes: a tracker that introduces them
 * to each other, and the membership of one of them.
 *
 * Nothing of it is encrypted or asks who is there: it is for one machine or a trusted network.
 * Private to this folder.
 */
#ifndef MISSTEP_COLLECTIVE_H
#define MISSTEP_COLLECTIVE_H

#include "misstep/status.h"

typedef struct mst__tracker mst__tracker;

/* Start a tracker for n members on a thread of its own, at an address of this machine; *port is
 * where it listens. MST_E_UNSUPPORTED: XGBoost is older than 2.1. MST_E_ADAPTER, MST_E_NOMEM. */
mst_status mst__tracker_open(int n, const char *host, mst__tracker **out, int *port);
/* Stop it, whoever has joined or not. NULL is fine. */
void mst__tracker_close(mst__tracker *tracker);

/* Join as member rank of those that the tracker waits for; returns when all have. From here to
 * mst__collective_leave everything that XGBoost does on this thread is done by all members
 * together. A member that breaks off ends the others' processes. */
mst_status mst__collective_join(const char *host, int port, int rank);
mst_status mst__collective_leave(void);

#endif
