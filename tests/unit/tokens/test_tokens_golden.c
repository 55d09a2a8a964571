/* test_tokens_golden.c: equal to scikit-learn's analyzers on a nasty corpus, which
 * scripts/golden/tokens.py made. */
#include <stdio.h>

#include "corpus.h"
#include "test_backend.h"

typedef struct lines {
  char *bytes; /* the file; line ends are zeros */
  char *next, *end;
} lines;

static lines read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  assert_int_equal(fseek(f, 0, SEEK_END), 0);
  const long n = ftell(f);
  rewind(f);
  char *bytes = malloc((size_t)n + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, (size_t)n, f), n);
  fclose(f);
  for (long i = 0; i < n; i++)
    if (bytes[i] == '\n') bytes[i] = '\0';
  bytes[n] = '\0';
  return (lines){bytes, bytes, bytes + n};
}

/* The next line that is no comment, or NULL. */
static char *next_line(lines *l) {
  if (l->next >= l->end) return NULL;
  char *line = l->next;
  l->next += strlen(line) + 1;
  return line[0] == '#' && line[1] == ' ' && line == l->bytes ? next_line(l) : line;
}

/* Undo the script's escapes in place; returns the length (the text may hold zeros). */
static size_t unescape(char *s) {
  char *out = s;
  for (char *p = s; *p; p++) {
    if (*p != '\\') {
      *out++ = *p;
      continue;
    }
    p++;
    const char hex[3] = {p[0] == 'x' ? p[1] : '0', p[0] == 'x' ? p[2] : '0', '\0'};
    *out++ = *p == 'n'    ? '\n'
             : *p == 't'  ? '\t'
             : *p == 'r'  ? '\r'
             : *p == '\\' ? '\\'
                          : (char)strtol(hex, NULL, 16);
    if (*p == 'x') p += 2;
  }
  return (size_t)(out - s);
}

/* Compare document d's units with a line of "unit TAB unit TAB". */
static void compare_document(const mst_tokens *t, int64_t d, char *line, const char *section) {
  int64_t i = t->doc_ptr[d];
  for (char *tab = strchr(line, '\t'); tab; line = tab + 1, tab = strchr(line, '\t'), i++) {
    *tab = '\0';
    const size_t len = unescape(line);
    const mst_slice s =
        i < t->doc_ptr[d + 1] ? mst_strings_at(&t->types, t->id[i]) : (mst_slice){NULL, -1};
    if (s.len != (int64_t)len || memcmp(s.ptr, line, len) != 0)
      fail_msg("%s: document %lld, unit %lld is not '%s'", section, (long long)d,
               (long long)(i - t->doc_ptr[d]), line);
  }
  if (i != t->doc_ptr[d + 1]) fail_msg("%s: document %lld has more units", section, (long long)d);
}

static mst_token_options parse_options(char *section) {
  static const char *const analyzers[] = {"word", "char", "char_wb"};
  static const char *const accents[] = {"none", "ascii", "unicode"};
  char *save, *name = strtok_r(section + 2, " ", &save), *low = strtok_r(NULL, " ", &save),
              *acc = strtok_r(NULL, " ", &save);
  mst_token_options o = mst_token_options_default();
  o.lowercase = low[0] == '1';
  for (int i = 0; i < 3; i++) {
    if (!strcmp(name, analyzers[i])) o.analyzer = (mst_analyzer)i;
    if (!strcmp(acc, accents[i])) o.strip_accents = (mst_accents)i;
  }
  o.token_pattern = *save ? save : NULL;
  return o;
}

static void as_scikit_learn(void **state) {
  (void)state;
  lines docs = read_file(GOLDEN "/corpus.txt"), want = read_file(GOLDEN "/expected.txt");
  corpus c = corpus_begin();
  c.text.start = c.start;
  for (char *line = next_line(&docs); line; line = next_line(&docs))
    corpus_add(&c, line, unescape(line));
  mst_pieces *pieces = NULL;
  assert_int_equal(mst_pieces_create(mst_test_backend(2), &c.text, &pieces), MST_OK);
  int n_sections = 0;
  for (char *line = next_line(&want); line; line = next_line(&want), n_sections++) {
    char *section = strdup(line);
    const mst_token_options o = parse_options(line);
    mst_tokens *t = NULL;
    assert_int_equal(mst_tokens_create(mst_test_backend(2), pieces, &o, &t), MST_OK);
    mst_test_read_tokens(t);
    for (int64_t d = 0; d < c.text.n_docs; d++) compare_document(t, d, next_line(&want), section);
    mst_tokens_free(t);
    free(section);
  }
  assert_true(n_sections >= 40);
  mst_pieces_free(pieces);
  corpus_free(&c);
  free(docs.bytes);
  free(want.bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(as_scikit_learn)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
