/* reader.c: records batch by batch, in bounded memory, from anything that can be read. */
#include <string.h>

#include "read/internal.h"
#include "read/whole.h"

enum {
  BLOCK_BYTES = 1 << 20,
  FEW_ROWS = 256 /* up to here room for them is cheaper than counting lines */
};

struct mst_reader {
  mst__layout layout;
  mst_stream *stream;
  mst_buffer buffer;  /* bytes read and not yet handed out begin at cursor.pos */
  mst__cursor cursor; /* the next record */
  int at_end;         /* the stream has no more */
  int64_t block_bytes;
  int64_t n_skipped, first_skipped_line;
};

static mst__source source_of(const mst_reader *r) {
  return (mst__source){r->buffer.data, (int64_t)r->buffer.size_bytes, r->at_end, 1};
}

/* Read until a block more is at hand, or the end is reached. */
static mst_status fill(mst_reader *r) {
  const size_t used = (size_t)r->cursor.pos, left = r->buffer.size_bytes - used;
  if (used) memmove(r->buffer.data, r->buffer.data + used, left);
  r->buffer.size_bytes = left;
  r->cursor.pos = 0;
  /* As much again as is waiting, so that a long record is not parsed over and over. */
  size_t want = left > (size_t)r->block_bytes ? left : (size_t)r->block_bytes;
  uint8_t *to = mst_buffer_reserve(&r->buffer, want);
  if (!to) return mst_error_last()->status;
  while (want && !r->at_end) {
    size_t got = 0;
    const mst_status st = mst_stream_read(r->stream, to, want, &got);
    if (st) return st;
    r->at_end = !got;
    r->buffer.size_bytes += got;
    to += got;
    want -= got;
  }
  return MST_OK;
}

static mst_status open_reader(mst_reader *r, const char *path, const mst_read_options *options) {
  mst_status st = mst__layout_init(&r->layout, path, options);
  if (!st) st = mst_stream_open(path, &r->stream);
  int more = 1;
  while (!st && more) {
    st = fill(r);
    const mst__source source = source_of(r);
    mst__cursor cursor = {0};
    if (!st) st = mst__header_read(&r->layout, &source, &cursor, &more);
    if (!st && !more) r->cursor = cursor;
  }
  return st;
}

mst_status mst__reader_open_by(const char *path, const mst_read_options *options,
                               int64_t block_bytes, mst_reader **out) {
  mst_reader *r = mst_alloc_zero(1, sizeof *r);
  if (!r) return MST_E_NOMEM;
  r->block_bytes = block_bytes;
  mst_buffer_init(&r->buffer, SIZE_MAX / 2, "a buffer of records");
  const mst_status st = open_reader(r, path, options);
  if (st) mst_reader_close(r);
  else *out = r;
  return st;
}

mst_status mst_reader_open(const char *path, const mst_read_options *options, mst_reader **out) {
  return mst__reader_open_by(path, options, BLOCK_BYTES, out);
}

void mst_reader_close(mst_reader *reader) {
  if (!reader) return;
  mst_stream_close(reader->stream);
  mst_buffer_fini(&reader->buffer);
  mst__layout_fini(&reader->layout);
  mst_free(reader);
}

int64_t mst_reader_n_skipped(const mst_reader *reader, int64_t *first_line) {
  if (first_line) *first_line = reader->first_skipped_line;
  return reader->n_skipped;
}

/* Parse what is at hand: at most max_rows records into rows. *waiting: the source must grow. */
static mst_status parse_some(mst_reader *r, int64_t max_rows, mst__rows *rows, int *waiting) {
  const mst__source source = source_of(r);
  const int cr = mst__cr_ends_line(r->layout.format);
  int64_t n = max_rows;
  if (n > FEW_ROWS) n = mst__count_lines(&source, r->cursor.pos, source.n, cr) + 1;
  if (n > max_rows) n = max_rows;
  rows->capacity = n;
  rows->field = mst_alloc((size_t)n * (size_t)r->layout.n_cols, sizeof *rows->field);
  rows->line = mst_alloc((size_t)n, sizeof *rows->line);
  if (!rows->field || !rows->line) return MST_E_NOMEM;
  mst__problem problem = {0};
  const mst__end end =
      mst__parser(r->layout.format)(&r->layout, &source, &r->cursor, source.n, rows, &problem);
  *waiting = end == MST__END_MORE || (end == MST__END_STOP && !r->at_end);
  if (end == MST__END_PROBLEM) return mst__problem_raise(&problem, &r->layout, &source, r->cursor);
  if (end == MST__END_NOMEM)
    return MST_FAIL(MST_E_NOMEM, "%s: no memory for the records", r->layout.path);
  return MST_OK;
}

/* Let the rows point into a copy of the bytes [from .. to) of the buffer. */
static mst_status detach(const mst_reader *r, int64_t from, mst__rows *rows, uint8_t **bytes) {
  const int64_t n = r->cursor.pos - from;
  const uint8_t *old = r->buffer.data + from;
  uint8_t *copy = mst_alloc((size_t)n, 1);
  if (!copy) return MST_E_NOMEM;
  memcpy(copy, old, (size_t)n);
  for (int64_t i = 0; i < rows->n * r->layout.n_cols; i++) {
    mst_slice *field = rows->field + i;
    if (field->ptr >= old && field->ptr <= old + n) field->ptr = copy + (field->ptr - old);
  }
  *bytes = copy;
  return MST_OK;
}

static void rows_fini(mst__rows *rows) {
  mst__arena_fini(&rows->arena);
  mst_free(rows->field);
  mst_free(rows->line);
  *rows = (mst__rows){0};
}

/* Rows into a batch that owns them. */
static mst_status batch_of(const mst_reader *r, int64_t from, mst__rows *rows, mst_records **out) {
  mst_records *batch = mst_alloc_zero(1, sizeof *batch);
  mst__arena *arena = mst_alloc(1, sizeof *arena);
  mst_status st = batch && arena ? mst__layout_copy(&batch->layout, &r->layout) : MST_E_NOMEM;
  if (!st) st = detach(r, from, rows, &batch->bytes);
  if (st) {
    mst_records_free(batch);
    mst_free(arena);
    return st;
  }
  *arena = rows->arena;
  batch->arena = arena;
  batch->n_arenas = 1;
  batch->field = rows->field;
  batch->line = rows->line;
  batch->n_rows = rows->n;
  batch->n_skipped = rows->n_skipped;
  batch->first_skipped_line = rows->first_skipped_line;
  *rows = (mst__rows){0};
  *out = batch;
  return MST_OK;
}

mst_status mst_reader_next(mst_reader *reader, int64_t max_rows, mst_records **out) {
  if (max_rows < 1) return MST_FAIL(MST_E_ARG, "batches of %lld rows", (long long)max_rows);
  mst__rows rows = {0};
  mst_status st = MST_OK;
  int waiting = 1;
  int64_t from = reader->cursor.pos;
  do {
    rows_fini(&rows);
    if (reader->cursor.pos == (int64_t)reader->buffer.size_bytes || from < 0) st = fill(reader);
    from = reader->cursor.pos;
    if (!st) st = parse_some(reader, max_rows, &rows, &waiting);
    if (st) break;
    if (rows.n_skipped && !reader->n_skipped) reader->first_skipped_line = rows.first_skipped_line;
    reader->n_skipped += rows.n_skipped;
    if (!rows.n) from = -1; /* nothing whole was at hand */
  } while (!rows.n && waiting);
  if (!st) st = batch_of(reader, rows.n ? from : reader->cursor.pos, &rows, out);
  rows_fini(&rows);
  return st;
}
