/* whole.c: a whole file at once, in parallel.
 *
 * 1. The body is cut into chunks, and each is surveyed: quotes, line ends, anything to check.
 * 2. The number of quotes before a chunk tells whether it begins inside quotes, so its first record
 *    can be found; each chunk parses the records that begin in it.
 * 3. A quote inside an unquoted field makes that a wrong guess. So the chunks are walked in order:
 *    each must begin where the one before ended; one that does not is parsed again.
 * The result is that of one parse from the beginning, for any number of threads and any cuts.
 */
#include <assert.h>
#include <string.h>

#include "misstep/log.h"
#include "read/internal.h"
#include "read/scan.h"
#include "read/whole.h"

enum { CHUNK_BYTES = 1 << 20 };

/* A chunk owns the records that begin in (from, to]; the first also one at from. */
typedef struct chunk {
  int64_t from, to;
  int64_t n_line_ends, n_quotes;
  int dirty;
  int inside;               /* guess: begins inside quotes */
  int64_t line;             /* of the byte at from */
  int64_t row;              /* where its rows are kept in the records' arrays */
  mst__cursor begun, ended; /* begun.pos -1: no record begins here */
  mst__end end;
  mst__rows rows;
  mst__problem problem;
} chunk;

typedef struct job {
  const mst__layout *layout;
  mst__source source;
  chunk *chunk;
  int64_t n_chunks;
  int n_threads;
} job;

/* Cut at about every chunk_bytes, but inside neither a character nor a \r\n. */
static void cut(job *j, int64_t from, int64_t chunk_bytes) {
  const uint8_t *b = j->source.bytes;
  const int64_t n = j->source.n;
  int64_t at = from, k = 0;
  for (; k == 0 || at < n; k++) {
    int64_t to = n - at > chunk_bytes ? at + chunk_bytes : n;
    while (to < n && ((b[to] & 0xC0) == 0x80 || (b[to] == '\n' && b[to - 1] == '\r'))) to++;
    j->chunk[k] = (chunk){.from = at, .to = to};
    at = to;
  }
  j->n_chunks = k;
}

static void survey(const job *j, chunk *c) {
  const uint8_t *b = j->source.bytes;
  const int cr_ends_line = mst__cr_ends_line(j->layout->format);
  uint8_t pad[64];
  for (int64_t pos = c->from; pos < c->to; pos += 64)
    c->n_quotes += __builtin_popcountll(mst__mask_of(mst__block64(b, c->to, pos, pad), '"'));
  c->n_line_ends = mst__count_lines(&j->source, c->from, c->to, cr_ends_line);
  c->dirty = mst__utf8_valid(b + c->from, c->to - c->from) < c->to - c->from;
}

/* The first record that begins in (from, to], or -1. */
static int64_t first_record(const job *j, const chunk *c) {
  const uint8_t *b = j->source.bytes;
  if (!mst__cr_ends_line(j->layout->format)) {
    const uint8_t *newline = memchr(b + c->from, '\n', (size_t)(c->to - c->from));
    return newline ? newline + 1 - b : -1;
  }
  int inside = c->inside;
  for (int64_t i = c->from; i < c->to; i++) {
    if (b[i] == '"') inside = !inside;
    if (inside || (b[i] != '\n' && b[i] != '\r')) continue;
    const int pair = b[i] == '\r' && i + 1 < j->source.n && b[i + 1] == '\n';
    return i + 1 + pair <= c->to ? i + 1 + pair : -1;
  }
  return -1;
}

static void parse_from(const job *j, chunk *c, mst__cursor begun) {
  mst__arena_fini(&c->rows.arena);
  c->rows = (mst__rows){.field = c->rows.field, .line = c->rows.line, .capacity = c->rows.capacity};
  c->begun = c->ended = begun;
  c->end = mst__parser(j->layout->format)(j->layout, &j->source, &c->ended, c->to, &c->rows,
                                          &c->problem);
}

/* Parse a chunk as its guess has it. */
static void parse_guess(const job *j, chunk *c, int is_first) {
  const int64_t pos = is_first ? c->from : first_record(j, c);
  const int cr_ends_line = mst__cr_ends_line(j->layout->format);
  if (pos < 0) c->begun.pos = -1;
  else
    parse_from(
        j, c,
        (mst__cursor){pos, c->line + mst__count_lines(&j->source, c->from, pos, cr_ends_line)});
}

/* From the surveys: where each chunk stands, and room for its rows. Returns the rows in all. */
static int64_t place(job *j, int64_t line) {
  const int64_t n_cols = j->layout->n_cols;
  const int delimited = mst__cr_ends_line(j->layout->format);
  int64_t n_quotes = 0, row = 0;
  for (int64_t k = 0; k < j->n_chunks; k++) {
    chunk *c = j->chunk + k;
    c->inside = (int)(n_quotes & 1);
    c->line = line;
    c->row = row;
    c->rows.capacity = c->n_line_ends + (k == 0);
    /* A delimited record is n_cols bytes at least: an empty line is none. */
    const int64_t most = (c->to - c->from) / n_cols + 2;
    if (delimited && most < c->rows.capacity) c->rows.capacity = most;
    row += c->rows.capacity;
    line += c->n_line_ends;
    n_quotes += c->n_quotes;
    j->source.dirty |= c->dirty;
  }
  return row;
}

static mst_status fail(const job *j, const chunk *c) {
  if (c->end == MST__END_PROBLEM)
    return mst__problem_raise(&c->problem, j->layout, &j->source, c->ended);
  return MST_FAIL(MST_E_NOMEM, "%s: no memory for the records", j->layout->path);
}

/* Walk the chunks in order; parse again what was guessed wrong. */
static mst_status stitch(job *j, mst__cursor cursor) {
  for (int64_t k = 0; k < j->n_chunks; k++) {
    chunk *c = j->chunk + k;
    if (cursor.pos > c->to) {
      c->rows.n = c->rows.n_skipped = 0;
      continue;
    }
    if (c->begun.pos != cursor.pos) parse_from(j, c, cursor);
    assert(c->end != MST__END_FULL && c->end != MST__END_MORE);
    if (c->end != MST__END_STOP) return fail(j, c);
    cursor = c->ended;
  }
  return MST_OK;
}

/* Close the gaps between the chunks' rows and move everything into the records. */
static void gather(job *j, mst_records *r) {
  const int64_t n_cols = j->layout->n_cols;
  for (int64_t k = 0; k < j->n_chunks; k++) {
    mst__rows *rows = &j->chunk[k].rows;
    if (r->field + r->n_rows * n_cols != rows->field) {
      memmove(r->field + r->n_rows * n_cols, rows->field,
              (size_t)(rows->n * n_cols) * sizeof *rows->field);
      memmove(r->line + r->n_rows, rows->line, (size_t)rows->n * sizeof *rows->line);
    }
    r->n_rows += rows->n;
    if (!r->n_skipped) r->first_skipped_line = rows->first_skipped_line;
    r->n_skipped += rows->n_skipped;
    r->arena[r->n_arenas++] = rows->arena;
    rows->arena = (mst__arena){0};
  }
}

static mst_status read_chunks(job *j, mst__cursor body, mst_records *r) {
#pragma omp parallel for num_threads(j->n_threads) schedule(dynamic) if (j->n_chunks > 1)
  for (int64_t k = 0; k < j->n_chunks; k++) survey(j, j->chunk + k);
  const int64_t n_rows = place(j, body.line);
  r->field = mst_alloc((size_t)(n_rows * j->layout->n_cols), sizeof *r->field);
  r->line = mst_alloc((size_t)n_rows, sizeof *r->line);
  r->arena = mst_alloc((size_t)j->n_chunks, sizeof *r->arena);
  if (!r->field || !r->line || !r->arena) return MST_E_NOMEM;
  for (int64_t k = 0; k < j->n_chunks; k++) {
    j->chunk[k].rows.field = r->field + j->chunk[k].row * j->layout->n_cols;
    j->chunk[k].rows.line = r->line + j->chunk[k].row;
  }
#pragma omp parallel for num_threads(j->n_threads) schedule(dynamic) if (j->n_chunks > 1)
  for (int64_t k = 0; k < j->n_chunks; k++) parse_guess(j, j->chunk + k, k == 0);
  const mst_status st = stitch(j, body);
  if (!st) gather(j, r);
  return st;
}

/* Parse the body of a source into records. */
static mst_status read_body(const mst__source *source, mst__cursor body, int64_t chunk_bytes,
                            mst_records *r) {
  job j = {.layout = &r->layout, .source = *source, .n_threads = r->layout.options.n_threads};
  j.chunk = mst_alloc_zero((size_t)((source->n - body.pos) / chunk_bytes + 1), sizeof *j.chunk);
  if (!j.chunk) return MST_E_NOMEM;
  cut(&j, body.pos, chunk_bytes);
  const mst_status st = read_chunks(&j, body, r);
  for (int64_t k = 0; k < j.n_chunks; k++) mst__arena_fini(&j.chunk[k].rows.arena);
  mst_free(j.chunk);
  return st;
}

/* Everything that a stream still gives. */
static mst_status read_all(mst_stream *stream, uint8_t **bytes, int64_t *n) {
  enum { STEP = 1 << 20 };
  mst_buffer buffer;
  mst_buffer_init(&buffer, SIZE_MAX / 2, "a file in memory");
  mst_status st = MST_OK;
  size_t got = 1;
  while (!st && got) {
    uint8_t *to = mst_buffer_reserve(&buffer, STEP);
    st = to ? mst_stream_read(stream, to, STEP, &got) : mst_error_last()->status;
    if (st) break;
    buffer.size_bytes += got;
    int64_t done, total;
    mst_stream_position(stream, &done, &total);
    st = mst_progress("reading", done, total, "");
  }
  if (st) {
    mst_buffer_fini(&buffer);
    return st;
  }
  *bytes = buffer.data;
  *n = (int64_t)buffer.size_bytes;
  return MST_OK;
}

/* The bytes of the file: mapped, or read into r->bytes. */
static mst_status load(const char *path, mst_records *r, mst__source *source) {
  mst_status st = mst_stream_open(path, &r->stream);
  if (st) return st;
  size_t n = 0;
  st = mst_stream_map(r->stream, &source->bytes, &n);
  source->n = (int64_t)n;
  if (st || source->bytes) return st;
  st = read_all(r->stream, &r->bytes, &source->n);
  source->bytes = r->bytes;
  mst_stream_close(r->stream);
  r->stream = NULL;
  return st;
}

mst_status mst__records_read_by(const char *path, const mst_read_options *options,
                                int64_t chunk_bytes, mst_records **out) {
  mst_records *r = mst_alloc_zero(1, sizeof *r);
  if (!r) return MST_E_NOMEM;
  mst__source source = {.final = 1};
  mst__cursor body = {0};
  int more = 0;
  mst_status st = mst__layout_init(&r->layout, path, options);
  if (!st) st = load(path, r, &source);
  if (!st) st = mst__header_read(&r->layout, &source, &body, &more);
  if (!st) st = read_body(&source, body, chunk_bytes, r);
  if (st) mst_records_free(r);
  else *out = r;
  return st;
}

mst_status mst_records_read(const char *path, const mst_read_options *options, mst_records **out) {
  return mst__records_read_by(path, options, CHUNK_BYTES, out);
}
