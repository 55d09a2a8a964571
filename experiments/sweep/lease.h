/* lease.h: who computes a task: a file of that name in DIR/lease, made by whoever comes first.
 *
 * A lease only saves work. Nothing is lost or wrong when two hold it: results are the same, and a
 * cell counts once. Its owner touches it; one whose owner has ended (this machine) or that nobody
 * has touched for a minute (another) is taken over. Ages are told by the file system's own clock,
 * so the clocks of machines may differ.
 */
#ifndef MISSTEP_SWEEP_LEASE_H
#define MISSTEP_SWEEP_LEASE_H

#include "cells.h"

enum { SWEEP_LEASE_STALE = 60, SWEEP_LEASE_TOUCH = 5 }; /* seconds */

/* Take the lease of a task, named by its first cell's key. *taken: 0 when another has it.
 * MST_E_IO. */
mst_status sweep_lease_take(const char *dir, const char *key, int *taken);
/* Keep it alive; a lease that is gone is let go. */
void sweep_lease_touch(const char *dir, const char *key);
void sweep_lease_drop(const char *dir, const char *key);
/* Remove what processes of this machine left behind when they were killed. */
void sweep_lease_clear(const char *dir);

#endif
