/* maths_table.h: the signs, names and units that the maths analyzer knows. Internal. */
#ifndef MISSTEP_BASE_MATHS_TABLE_H
#define MISSTEP_BASE_MATHS_TABLE_H

#include <stdint.h>

#include "misstep/text.h"

/* The operator that a code point writes, or NULL. Two-character operators are the scanner's. */
const char *mst__maths_sign(int32_t cp);

/* The operator that \name writes, or NULL. */
const char *mst__maths_command(mst_slice name);

/* Is \name a command of layout, which says nothing? */
int mst__maths_is_layout(mst_slice name);

/* "1/2" for U+00BD and so on, or NULL. */
const char *mst__maths_vulgar(int32_t cp);

/* 0..9 for superscript digits, else -1. */
int mst__maths_superscript(int32_t cp);

/* Is run a unit in letters? *is_length receives whether it may carry a power. */
int mst__maths_is_unit(mst_slice run, int *is_length);

/* Length in bytes of the longest Korean unit that run begins with, or 0. */
int64_t mst__maths_korean_unit(mst_slice run);

/* The unit that one sign writes (U+339D: "cm"), or NULL. */
const char *mst__maths_unit_sign(int32_t cp);

#endif
