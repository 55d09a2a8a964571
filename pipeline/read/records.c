/* records.c: looking at records that were read. */
#include <string.h>

#include "read/internal.h"

void mst_records_free(mst_records *records) {
  if (!records) return;
  for (int64_t i = 0; i < records->n_arenas; i++) mst__arena_fini(records->arena + i);
  mst_free(records->arena);
  mst_free(records->field);
  mst_free(records->line);
  mst_free(records->bytes);
  mst_stream_close(records->stream);
  mst__layout_fini(&records->layout);
  mst_free(records);
}

int64_t mst_records_n_rows(const mst_records *records) { return records->n_rows; }
int32_t mst_records_n_cols(const mst_records *records) { return records->layout.n_cols; }
const char *mst_records_path(const mst_records *records) { return records->layout.path; }

const char *mst_records_col_name(const mst_records *records, int32_t col) {
  return records->layout.name[col];
}

mst_slice mst_records_field(const mst_records *records, int64_t row, int32_t col) {
  return records->field[row * records->layout.n_cols + col];
}

int64_t mst_records_line(const mst_records *records, int64_t row) { return records->line[row]; }

int64_t mst_records_n_skipped(const mst_records *records, int64_t *first_line) {
  if (first_line) *first_line = records->first_skipped_line;
  return records->n_skipped;
}

int32_t mst_records_col(const mst_records *records, const char *name) {
  for (int32_t i = 0; i < records->layout.n_cols; i++)
    if (!strcmp(records->layout.name[i], name)) return i;
  return -1;
}

enum { LONGEST_COMPARED = 63 };

/* Edit distance (Levenshtein) of the first bytes, letters' case aside. */
static int distance(const char *a, const char *b) {
  int row[LONGEST_COMPARED + 1];
  const int n = (int)strnlen(a, LONGEST_COMPARED), m = (int)strnlen(b, LONGEST_COMPARED);
  for (int j = 0; j <= m; j++) row[j] = j;
  for (int i = 1; i <= n; i++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= m; j++) {
      const int same = (a[i - 1] | 0x20) == (b[j - 1] | 0x20);
      int best = diagonal + !same;
      diagonal = row[j];
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[m];
}

static int32_t nearest(const mst_records *records, const char *name) {
  int32_t best = 0;
  for (int32_t i = 1; i < records->layout.n_cols; i++)
    if (distance(name, records->layout.name[i]) < distance(name, records->layout.name[best]))
      best = i;
  return best;
}

mst_status mst_records_find(const mst_records *records, const char *name, int32_t *col) {
  const int32_t found = mst_records_col(records, name);
  if (found >= 0) {
    *col = found;
    return MST_OK;
  }
  const int32_t first = nearest(records, name);
  mst_buffer list;
  mst_buffer_init(&list, SIZE_MAX / 2, "a list of columns");
  mst_status st = mst_buffer_printf(&list, "%s", records->layout.name[first]);
  for (int32_t i = 0; !st && i < records->layout.n_cols && list.size_bytes < 600; i++)
    if (i != first) st = mst_buffer_printf(&list, ", %s", records->layout.name[i]);
  if (!st)
    st = MST_FAIL(MST_E_FORMAT, "%s: no column \"%.100s\"; it has %.*s", records->layout.path, name,
                  (int)(list.size_bytes < 700 ? list.size_bytes : 700), (const char *)list.data);
  mst_buffer_fini(&list);
  return st;
}

mst_status mst_records_text(const mst_records *records, const int32_t *cols, int32_t n_cols,
                            int n_threads, mst_strings *storage, mst_text *view) {
  const int64_t n = records->n_rows, stride = records->layout.n_cols;
  if (n_cols < 1) return MST_FAIL(MST_E_ARG, "%s: no text column", records->layout.path);
  int64_t *start = mst_alloc((size_t)n + 1, sizeof *start);
  if (!start) return MST_E_NOMEM;
  start[0] = 0;
  for (int64_t row = 0; row < n; row++) {
    int64_t len = n_cols - 1;
    for (int32_t i = 0; i < n_cols; i++) len += records->field[row * stride + cols[i]].len;
    start[row + 1] = start[row] + len;
  }
  uint8_t *bytes = mst_alloc((size_t)start[n], 1);
  if (!bytes) {
    mst_free(start);
    return MST_E_NOMEM;
  }
#pragma omp parallel for num_threads(n_threads) schedule(static)
  for (int64_t row = 0; row < n; row++) {
    uint8_t *to = bytes + start[row];
    for (int32_t i = 0; i < n_cols; i++) {
      const mst_slice field = records->field[row * stride + cols[i]];
      if (i) *to++ = ' ';
      memcpy(to, field.ptr, (size_t)field.len);
      to += field.len;
    }
  }
  *storage = (mst_strings){n, bytes, start};
  *view = (mst_text){n, bytes, start};
  return MST_OK;
}

void mst_records_keep(mst_records *records, const int64_t *rows, int64_t n) {
  const size_t stride = (size_t)records->layout.n_cols;
  for (int64_t i = 0; i < n; i++) {
    memmove(records->field + (size_t)i * stride, records->field + (size_t)rows[i] * stride,
            stride * sizeof *records->field);
    records->line[i] = records->line[rows[i]];
  }
  records->n_rows = n;
}
