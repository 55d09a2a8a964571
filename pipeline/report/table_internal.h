/* table_internal.h: what table.c shares with table_format.c. */
#ifndef MISSTEP_TABLE_INTERNAL_H
#define MISSTEP_TABLE_INTERNAL_H

#include <string.h>

#include "misstep/alloc.h"
#include "report/table.h"

/* Strings one after the other, each with its zero. */
typedef struct mst__list {
  int64_t n;
  mst_buffer bytes;
} mst__list;

struct mst_table {
  int64_t n_columns;
  mst__list heading; /* alignments, then the title if there is one */
  mst__list columns;
  mst__list cells; /* row by row; the last row may be short */
  mst__list notes;
};

/* The string after s in a list. */
static inline const char *mst__next(const char *s) { return s + strlen(s) + 1; }
static inline const char *mst__first(const mst__list *list) {
  return (const char *)list->bytes.data;
}
static inline const char *mst__align(const mst_table *t) { return mst__first(&t->heading); }
/* The title or NULL. */
static inline const char *mst__title(const mst_table *t) {
  return t->heading.n > 1 ? mst__next(mst__first(&t->heading)) : NULL;
}

#endif
