/* table.c: a table's content. The formats are in table_format.c. */
#include <stdarg.h>
#include <string.h>

#include "report/table_internal.h"

/* Ceiling for a table's text: a table is for reading. */
#define LIMIT_BYTES ((size_t)1 << 30)

/* Append a string and its zero. */
static mst_status add(mst__list *list, const char *text) {
  const size_t n = strlen(text) + 1;
  const mst_status st = mst_buffer_append(&list->bytes, text, n);
  if (!st) list->n++;
  return st;
}

static mst_status add_formatted(mst__list *list, const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  const int n = vsnprintf(NULL, 0, format, args);
  uint8_t *to = n < 0 ? NULL : mst_buffer_reserve(&list->bytes, (size_t)n + 1);
  mst_status st = MST_OK;
  if (n < 0) st = MST_FAIL(MST_E_ARG, "a cell that cannot be printed");
  else if (!to) st = mst_error_last()->status;
  else {
    (void)vsnprintf((char *)to, (size_t)n + 1, format, again);
    list->bytes.size_bytes += (size_t)n + 1;
    list->n++;
  }
  va_end(again);
  return st;
}

mst_status mst_table_create(const char *title, const char *align, const char *const *columns,
                            mst_table **out) {
  mst_table *table = mst_alloc_zero(1, sizeof *table);
  if (!table) return MST_E_NOMEM;
  mst__list *const lists[] = {&table->heading, &table->columns, &table->cells, &table->notes};
  for (int i = 0; i < 4; i++) mst_buffer_init(&lists[i]->bytes, LIMIT_BYTES, "a table");
  table->n_columns = (int64_t)strlen(align);
  mst_status st = add(&table->heading, align);
  if (!st && title) st = add(&table->heading, title);
  for (int64_t c = 0; c < table->n_columns && !st; c++) st = add(&table->columns, columns[c]);
  if (st) mst_table_free(table);
  else *out = table;
  return st;
}

mst_status mst_table_cell(mst_table *table, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const mst_status st = add_formatted(&table->cells, format, args);
  va_end(args);
  return st;
}

mst_status mst_table_note(mst_table *table, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const mst_status st = add_formatted(&table->notes, format, args);
  va_end(args);
  return st;
}

void mst_table_free(mst_table *table) {
  if (!table) return;
  mst_buffer_fini(&table->heading.bytes);
  mst_buffer_fini(&table->columns.bytes);
  mst_buffer_fini(&table->cells.bytes);
  mst_buffer_fini(&table->notes.bytes);
  mst_free(table);
}
