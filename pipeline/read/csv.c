/* csv.c: delimited records, RFC 4180 and a little more.
 *
 * The grammar is in records.h. Quotes and separators are found 64 bytes at a time; a field points
 * into the source unless doubled quotes or broken UTF-8 make a changed copy necessary.
 */
#include <string.h>

#include "read/internal.h"
#include "read/scan.h"

/* Finds quotes and separators, 64 bytes at a time. */
typedef struct scanner {
  const uint8_t *bytes;
  int64_t n, base; /* the masks are of bytes[base .. base+64) */
  uint64_t quotes, seps;
  uint8_t delimiter;
} scanner;

/* What a parse carries from field to field. */
typedef struct parse {
  const mst__layout *layout;
  const mst__source *source;
  scanner scan;
  mst__arena *arena;
  mst__problem *problem;
  int64_t n_lines; /* line ends inside the quotes of the present record */
} parse;

static void load(scanner *s, int64_t base) {
  uint8_t pad[64];
  const uint8_t *b = mst__block64(s->bytes, s->n, base, pad);
  s->base = base;
  s->quotes = mst__mask_of(b, '"');
  s->seps = mst__mask_of(b, s->delimiter) | mst__mask_of(b, '\n') | mst__mask_of(b, '\r');
}

/* The next separator at or after pos; n if there is none. */
static inline int64_t next_separator(scanner *s, int64_t pos) {
  while (pos < s->n) {
    if ((uint64_t)(pos - s->base) >= 64) load(s, pos & ~(int64_t)63);
    const uint64_t mask = s->seps >> (pos - s->base);
    if (mask) return pos + __builtin_ctzll(mask);
    pos = s->base + 64;
  }
  return s->n;
}

static inline int64_t next_quote(scanner *s, int64_t pos) {
  while (pos < s->n) {
    if ((uint64_t)(pos - s->base) >= 64) load(s, pos & ~(int64_t)63);
    const uint64_t mask = s->quotes >> (pos - s->base);
    if (mask) return pos + __builtin_ctzll(mask);
    pos = s->base + 64;
  }
  return s->n;
}

static parse parse_start(const mst__layout *layout, const mst__source *source, mst__arena *arena,
                         mst__problem *problem) {
  return (parse){.layout = layout,
                 .source = source,
                 .scan = {.bytes = source->bytes,
                          .n = source->n,
                          .base = INT64_MIN / 2,
                          .delimiter = layout->format == MST_FILE_TSV ? '\t' : ','},
                 .arena = arena,
                 .problem = problem};
}

static mst__end too_long(const parse *p, int64_t at, const char *hint) {
  return mst__problem_set(p->problem, MST_E_LIMIT, at,
                          "a field of more than %lld bytes (--max-field-bytes)%s",
                          (long long)p->layout->options.max_field_bytes, hint);
}

/* Copy what stands between the quotes, every doubled quote once. */
static mst__end unescape(const parse *p, mst_slice raw, mst_slice *text) {
  uint8_t *to = mst__arena_take(p->arena, raw.len);
  if (!to) return MST__END_NOMEM;
  *text = (mst_slice){to, 0};
  const uint8_t *from = raw.ptr, *end = raw.ptr + raw.len;
  while (from < end) {
    const uint8_t *quote = memchr(from, '"', (size_t)(end - from));
    const int64_t n = quote ? quote + 1 - from : end - from;
    memcpy(to, from, (size_t)n);
    to += n;
    from += quote ? n + 1 : n;
  }
  text->len = to - text->ptr;
  return MST__END_STOP;
}

/* The field whose opening quote is at pos. *end: the offset after its closing quote. */
static mst__end quoted_field(parse *p, int64_t pos, mst_slice *text, int64_t *end) {
  scanner *s = &p->scan;
  const uint8_t *b = s->bytes;
  const int64_t limit = p->layout->options.max_field_bytes;
  int64_t quote = next_quote(s, pos + 1);
  int doubled = 0;
  while (quote + 1 < s->n && b[quote + 1] == '"') {
    doubled = 1;
    quote = next_quote(s, quote + 2);
  }
  if (quote - pos - 1 > limit) return too_long(p, pos, "; is its quote never closed?");
  if (quote + 1 >= s->n && !p->source->final) return MST__END_MORE;
  if (quote == s->n)
    return mst__problem_set(p->problem, MST_E_FORMAT, pos,
                            "a quote that is never closed, expected \" before the end of the file");
  *end = quote + 1;
  *text = (mst_slice){b + pos + 1, quote - pos - 1};
  p->n_lines += mst__count_lines(p->source, pos + 1, quote, 1);
  const int64_t after = quote + 1;
  if (after < s->n && b[after] != s->delimiter && b[after] != '\n' && b[after] != '\r')
    return mst__problem_set(p->problem, MST_E_FORMAT, after,
                            "text after a closing quote, expected a delimiter or the end of the "
                            "line (a quote inside a quoted field is written twice)");
  return doubled ? unescape(p, *text, text) : MST__END_STOP;
}

/* The field at pos. *end: the offset of the delimiter or line end behind it, or n. */
static inline mst__end any_field(parse *p, int64_t pos, mst_slice *text, int64_t *end) {
  scanner *s = &p->scan;
  if (pos < s->n && s->bytes[pos] == '"') {
    const mst__end code = quoted_field(p, pos, text, end);
    if (code) return code;
  } else {
    *end = next_separator(s, pos);
    *text = (mst_slice){s->bytes + pos, *end - pos};
    if (text->len > p->layout->options.max_field_bytes) return too_long(p, pos, "");
  }
  /* A \r at the edge of the buffer may be half of a \r\n. */
  const int open = *end == s->n || (*end + 1 == s->n && s->bytes[*end] == '\r');
  return open && !p->source->final ? MST__END_MORE : MST__END_STOP;
}

/* Behind the line end at pos, if there is one. */
static int64_t after_line_end(const mst__source *source, int64_t pos) {
  if (pos >= source->n) return pos;
  const int pair =
      source->bytes[pos] == '\r' && pos + 1 < source->n && source->bytes[pos + 1] == '\n';
  return pos + 1 + pair;
}

static int is_line_end(const mst__source *source, int64_t pos) {
  return source->bytes[pos] == '\n' || source->bytes[pos] == '\r';
}

/* One record into field[n_cols]; *end is the offset of its line end. */
static mst__end record(parse *p, int64_t pos, mst_slice *field, int64_t *end) {
  const int32_t n_cols = p->layout->n_cols;
  int64_t n = 0, extra_at = 0;
  p->n_lines = 0;
  for (;; pos = *end + 1) {
    mst_slice extra;
    if (n == n_cols) extra_at = pos;
    const mst__end code = any_field(p, pos, n < n_cols ? field + n : &extra, end);
    if (code) return code;
    n++;
    if (*end == p->scan.n || p->scan.bytes[*end] != p->scan.delimiter) break;
  }
  if (n == n_cols) return MST__END_STOP;
  return mst__problem_set(p->problem, MST_E_FORMAT, n > n_cols ? extra_at : *end,
                          "%lld field%s, expected %d", (long long)n, n == 1 ? "" : "s", n_cols);
}

/* Check a parsed record where needed; *skip: it is to be left out. */
static mst__end check(const parse *p, int64_t from, int64_t to, mst_slice *field, int *skip) {
  int repair;
  const mst__end code =
      mst__record_check(p->layout, p->source, from, to, &repair, skip, p->problem);
  for (int32_t i = 0; !code && repair && i < p->layout->n_cols; i++) {
    field[i] = mst__utf8_repair(field[i], p->arena);
    if (!field[i].ptr) return MST__END_NOMEM;
  }
  return code;
}

mst__end mst__csv_parse(const mst__layout *layout, const mst__source *source, mst__cursor *cursor,
                        int64_t stop, mst__rows *rows, mst__problem *problem) {
  parse p = parse_start(layout, source, &rows->arena, problem);
  const int64_t n = source->n;
  while (cursor->pos <= stop && cursor->pos < n) {
    const int64_t pos = cursor->pos;
    if (rows->n == rows->capacity) return MST__END_FULL;
    mst_slice *field = rows->field + rows->n * layout->n_cols;
    int64_t end = pos;
    int skip = 0;
    const int blank = layout->n_cols != 1 && is_line_end(source, pos);
    if (blank && pos + 1 == n && source->bytes[pos] == '\r' && !source->final) return MST__END_MORE;
    p.n_lines = 0;
    mst__end code = blank ? MST__END_STOP : record(&p, pos, field, &end);
    if (!code && source->dirty) code = check(&p, pos, end, field, &skip);
    if (code) return code;
    if (skip && !rows->n_skipped++) rows->first_skipped_line = cursor->line;
    if (!skip && !blank) rows->line[rows->n++] = cursor->line;
    cursor->pos = after_line_end(source, end);
    cursor->line += p.n_lines + 1;
  }
  return MST__END_STOP;
}

/* The fields of the header, in *name by mst_free. */
static mst__end header_fields(parse *p, int64_t pos, mst_slice **name, int64_t *n, int64_t *end) {
  int64_t capacity = 0;
  for (;; pos = *end + 1) {
    if (*n == capacity) {
      capacity = capacity ? 2 * capacity : 16;
      mst_slice *grown = mst_realloc(*name, (size_t)capacity, sizeof *grown);
      if (!grown) return MST__END_NOMEM;
      *name = grown;
    }
    const mst__end code = any_field(p, pos, *name + *n, end);
    if (code) return code;
    ++*n;
    if (*end == p->scan.n || p->scan.bytes[*end] != p->scan.delimiter) return MST__END_STOP;
  }
}

mst__end mst__csv_header(mst__layout *layout, const mst__source *source, mst__cursor *cursor,
                         mst__problem *problem) {
  mst__arena arena = {0};
  parse p = parse_start(layout, source, &arena, problem);
  mst_slice *name = NULL;
  int64_t n = 0, end = 0;
  while (cursor->pos < source->n && is_line_end(source, cursor->pos))
    *cursor = (mst__cursor){after_line_end(source, cursor->pos), cursor->line + 1};
  if (cursor->pos == source->n) return source->final ? MST__END_FULL : MST__END_MORE;
  mst__end code = header_fields(&p, cursor->pos, &name, &n, &end);
  int repair = 0, skip = 0;
  if (!code) code = mst__record_check(layout, source, cursor->pos, end, &repair, &skip, problem);
  if (!code && skip)
    code = mst__problem_set(problem, MST_E_FORMAT, cursor->pos, "a header that is not UTF-8");
  for (int64_t i = 0; !code && repair && i < n; i++) {
    name[i] = mst__utf8_repair(name[i], &arena);
    if (!name[i].ptr) code = MST__END_NOMEM;
  }
  if (!code) problem->at = cursor->pos;
  if (!code) code = mst__layout_set_names(layout, name, n, problem);
  if (!code) {
    cursor->pos = after_line_end(source, end);
    cursor->line += p.n_lines + 1;
  }
  mst_free(name);
  mst__arena_fini(&arena);
  return code;
}
