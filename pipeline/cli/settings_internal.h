/* settings_internal.h: what the option files share among themselves. */
#ifndef MISSTEP_SETTINGS_INTERNAL_H
#define MISSTEP_SETTINGS_INTERNAL_H

#include "cli/option.h"

/* Read a whole text as a number; 0 when it is not one. */
int mst__read_real(const char *text, double *out);
int mst__read_int(const char *text, int64_t *out);
int mst__read_pair(const char *text, int64_t *first, int64_t *second);

#endif
