/* table.h: tables for people and for programs from one description.
 *
 * In: columns and cells. Out: aligned text for a terminal (display width of Korean and accents
 * right), CSV, JSON, Markdown or LaTeX (booktabs).
 */
#ifndef MISSTEP_TABLE_H
#define MISSTEP_TABLE_H

#include <stdint.h>
#include <stdio.h>

#include "misstep/status.h"

typedef enum mst_table_format {
  MST_TABLE_TEXT,
  MST_TABLE_CSV,
  MST_TABLE_JSON,
  MST_TABLE_MARKDOWN,
  MST_TABLE_LATEX
} mst_table_format;

typedef struct mst_table mst_table;

/* A table with a title (may be NULL) and named columns.
 *   align  one character a column: 'l' text, 'r' right-aligned text, 'n' number (right-aligned, not
 *          quoted in JSON) */
mst_status mst_table_create(const char *title, const char *align, const char *const *columns,
                            mst_table **out);
/* Append a cell; rows fill left to right, then the next row begins. MST_E_NOMEM. */
mst_status mst_table_cell(mst_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A line under the table in text formats ("95 % bootstrap intervals over 6,000 test rows"). */
mst_status mst_table_note(mst_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Render into a string (mst_free). JSON: an array of objects, one a row, keys = column names. */
mst_status mst_table_render(const mst_table *table, mst_table_format format, char **out);
void mst_table_free(mst_table *table);

/* Columns a terminal uses for UTF-8 text; a tab or line break counts as the space that stands for
 * it in a text table. */
int64_t mst_display_width(const char *utf8);

/* Bytes of a text's beginning that fit so many columns, no character torn; *columns: how many they
 * take. */
size_t mst_display_cut(const char *utf8, size_t n, int64_t most, int64_t *columns);

#endif
