/* sheet.h: a table whose numbers know where they come from.
 *
 * In: cells of text, some with the group of experiment cells behind them. Out: LaTeX, CSV and
 * Markdown through mst_table; HTML with links. Next stage: files, the page.
 */
#ifndef MISSTEP_PAPER_SHEET_H
#define MISSTEP_PAPER_SHEET_H

#include <stdint.h>

#include "misstep/alloc.h"
#include "report/table.h"

enum { SHEET_TEXT = 200, SHEET_LINK = 64 };

typedef struct sheet_cell {
  char text[SHEET_TEXT], link[SHEET_LINK]; /* link "": stands for itself */
  int absent;                              /* text is the reason why there is no number */
} sheet_cell;

typedef struct sheet {
  const char *name; /* "table6" */
  char title[240];
  const char *align; /* 'l' or 'r' a column */
  const char *const *column;
  int n_columns;
  sheet_cell *cell;
  int64_t n, room;
  char note[8][640];
  int n_notes;
  mst_status failed; /* no memory: the first failure stays, and writing returns it */
} sheet;

/* Begin a table; columns ends with NULL. Both are borrowed. */
void sheet_init(sheet *s, const char *name, const char *align, const char *const *columns,
                const char *title_format, ...) __attribute__((format(printf, 5, 6)));
void sheet_fini(sheet *s);

/* Append a cell: text; a number with its link; the reason why there is none. */
void sheet_text(sheet *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sheet_link(sheet *s, const char *link, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sheet_absent(sheet *s, const char *reason);
void sheet_note(sheet *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Write DIR/NAME.tex, .csv and .md. In CSV a last column names the cells behind a row. MST_E_IO,
 * MST_E_NOMEM. */
mst_status sheet_write(const sheet *s, const char *dir);

/* Append it as HTML. */
mst_status sheet_html(const sheet *s, mst_buffer *to);

/* Append text with & < > " as entities. */
mst_status html_text(mst_buffer *to, const char *text);

/* Write a file, whole or not at all. */
mst_status sheet_file(const char *dir, const char *name, const void *bytes, size_t n);

#endif
