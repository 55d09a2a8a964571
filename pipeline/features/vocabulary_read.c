/* vocabulary_read.c: reading a vocabulary file, and saying which line is wrong. */
#include <string.h>

#include "features/vocabulary_file.h"
#include "files/folder.h"

void mst__vocabulary_fini(mst__vocabulary *vocabulary) {
  mst_json_free(vocabulary->header);
  mst_strings_fini(&vocabulary->terms);
  mst_free(vocabulary->doc_freq);
  mst_free(vocabulary->term_freq);
  *vocabulary = (mst__vocabulary){0};
}

/* One line of a file being read. */
typedef struct cursor {
  const char *at, *end;
  const char *line;
  size_t n;
  int64_t number;
} cursor;

static int next_line(cursor *c) {
  if (c->at >= c->end) return 0;
  const char *stop = memchr(c->at, '\n', (size_t)(c->end - c->at));
  c->line = c->at;
  c->n = (size_t)((stop ? stop : c->end) - c->at);
  c->at = stop ? stop + 1 : c->end;
  c->number++;
  return 1;
}

/* Everything that will be needed, at its final size: a term is no longer than its line. */
static mst_status make_room(mst__vocabulary *v, const char *bytes, size_t n) {
  size_t n_lines = 1;
  for (size_t i = 0; i < n; i++) n_lines += bytes[i] == '\n';
  v->terms.bytes = mst_alloc(n, 1);
  v->terms.start = mst_alloc(n_lines + 1, sizeof *v->terms.start);
  v->doc_freq = mst_alloc(n_lines, sizeof *v->doc_freq);
  v->term_freq = mst_alloc(n_lines, sizeof *v->term_freq);
  if (!v->terms.bytes || !v->terms.start || !v->doc_freq || !v->term_freq) return MST_E_NOMEM;
  v->terms.start[0] = 0;
  return MST_OK;
}

static mst_status read_header(cursor *c, mst__vocabulary *v) {
  if (!next_line(c)) return MST_FAIL(MST_E_FORMAT, "empty, expected a vocabulary");
  const mst_status st = mst_json_parse(c->line, c->n, &v->header);
  if (st) return st;
  const mst_json *format = mst_json_get(v->header, "format");
  const char *name = format ? mst_json_string(format, NULL) : NULL;
  if (!name || strcmp(name, "misstep-vocabulary") != 0)
    return MST_FAIL(MST_E_FORMAT, "not a vocabulary: its first line has no such format");
  const mst_json *version = mst_json_get(v->header, "version");
  if (!version || mst_json_int(version) != 1)
    return MST_FAIL(MST_E_FORMAT, "a vocabulary of another version: this one reads version 1");
  const mst_json *documents = mst_json_get(v->header, "documents");
  v->n_docs = documents ? mst_json_int(documents) : -1;
  if (v->n_docs < 0) return MST_FAIL(MST_E_FORMAT, "documents is missing or negative");
  return MST_OK;
}

/* ["term", df, tf] as the next term. */
static mst_status add_term(mst__vocabulary *v, const mst_json *value) {
  size_t len = 0;
  const int is_term = mst_json_kind_of(value) == MST_JSON_ARRAY && mst_json_size(value) == 3 &&
                      mst_json_string(mst_json_at(value, 0), &len) &&
                      mst_json_kind_of(mst_json_at(value, 1)) == MST_JSON_INT &&
                      mst_json_kind_of(mst_json_at(value, 2)) == MST_JSON_INT;
  if (!is_term) return MST_FAIL(MST_E_FORMAT, "expected [\"term\", documents, occurrences]");
  const int64_t df = mst_json_int(mst_json_at(value, 1)), tf = mst_json_int(mst_json_at(value, 2));
  if (df < 1 || df > v->n_docs || tf < df)
    return MST_FAIL(MST_E_FORMAT, "%lld documents and %lld occurrences, of %lld documents",
                    (long long)df, (long long)tf, (long long)v->n_docs);
  mst_strings *terms = &v->terms;
  const int64_t t = terms->n, at = terms->start[t];
  if (len) memcpy(terms->bytes + at, mst_json_string(mst_json_at(value, 0), NULL), len);
  terms->start[t + 1] = at + (int64_t)len;
  terms->n++;
  v->doc_freq[t] = df;
  v->term_freq[t] = tf;
  if (t && mst_slice_compare(mst_strings_at(terms, t - 1), mst_strings_at(terms, t)) >= 0)
    return MST_FAIL(MST_E_FORMAT, "this term does not sort after the one before");
  return MST_OK;
}

mst_status mst__vocabulary_read(const char *path, mst__vocabulary *out) {
  mst__vocabulary v = {0};
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_file_read(path, SIZE_MAX / 4, &bytes, &n);
  if (st) return st;
  cursor c = {bytes, bytes + n, NULL, 0, 0};
  st = make_room(&v, bytes, n);
  if (!st) st = read_header(&c, &v);
  if (!st && n && bytes[n - 1] != '\n')
    st = MST_FAIL(MST_E_FORMAT, "cut off: the last line has no end");
  while (!st && next_line(&c)) {
    mst_json *value = NULL;
    st = mst_json_parse(c.line, c.n, &value);
    if (!st) st = add_term(&v, value);
    mst_json_free(value);
  }
  mst_free(bytes);
  if (!st) {
    *out = v;
    return MST_OK;
  }
  mst__vocabulary_fini(&v);
  return st == MST_E_FORMAT ? mst_error_prefix(st, "%s:%lld", path, (long long)c.number) : st;
}
