/* npy_internal.h: what npy.c shares with npz.c. */
#ifndef MISSTEP_NPY_INTERNAL_H
#define MISSTEP_NPY_INTERNAL_H

#include "files/npy.h"

/* Room for any header written here. */
#define MST__NPY_HEADER_BYTES 256

/* Write a format 1.0 header for an array of n_dims 0, 1 or 2; returns its bytes, a multiple of
 * 64. */
size_t mst__npy_header(char *to, mst_dtype dtype, int n_dims, const int64_t *shape);
/* The same for a type by NumPy's name ("|S3"). */
size_t mst__npy_header_text(char *to, const char *descr, int n_dims, const int64_t *shape);

#endif
