/* test_pieces.c: the lossless cut: every byte comes back, whatever the threads. */
#include <stdio.h>

#include "corpus.h"
#include "failing_alloc.h"
#include "test_backend.h"

#define CORPUS(...)                                                                                \
  corpus_of((const char *const[]){__VA_ARGS__},                                                    \
            sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static mst_pieces *cut(const corpus *c, int n_threads) {
  mst_pieces *pieces = NULL;
  assert_int_equal(mst_pieces_create(mst_test_backend(n_threads), &c->text, &pieces), MST_OK);
  assert_int_equal(pieces->n_docs, c->text.n_docs);
  mst_test_read_pieces(pieces);
  assert_int_equal(pieces->n_entries, pieces->doc_ptr[pieces->n_docs]);
  return pieces;
}

/* Write every document back between sentinels and compare. */
static void assert_lossless(const corpus *c, const mst_pieces *pieces) {
  for (int64_t d = 0; d < c->text.n_docs; d++) {
    const int64_t len = c->start[d + 1] - c->start[d];
    uint8_t *out = malloc((size_t)len + 2);
    assert_non_null(out);
    out[0] = out[len + 1] = 0xa5;
    assert_int_equal(mst_pieces_write(pieces, d, NULL, 0), len);
    assert_int_equal(mst_pieces_write(pieces, d, out + 1, len), len);
    assert_int_equal(out[0], 0xa5);
    assert_int_equal(out[len + 1], 0xa5);
    assert_memory_equal(out + 1, c->bytes + c->start[d], (size_t)len);
    free(out);
  }
}

static void assert_same_pieces(const mst_pieces *a, const mst_pieces *b) {
  assert_int_equal(a->n_docs, b->n_docs);
  assert_memory_equal(a->doc_ptr, b->doc_ptr, (size_t)(a->n_docs + 1) * sizeof *a->doc_ptr);
  assert_memory_equal(a->entry, b->entry, (size_t)a->doc_ptr[a->n_docs] * sizeof *a->entry);
  assert_same_strings(&a->types, &b->types);
  assert_memory_equal(a->kind, b->kind, (size_t)a->types.n);
}

static void empty_corpus(void **state) {
  (void)state;
  corpus c = CORPUS("");
  c.text.n_docs = 0;
  mst_pieces *pieces = cut(&c, 3);
  assert_int_equal(pieces->n_docs, 0);
  assert_int_equal(pieces->doc_ptr[0], 0);
  assert_int_equal(pieces->types.n, 0);
  assert_int_equal(pieces->types.start[0], 0);
  mst_pieces_free(pieces);
  mst_pieces_free(NULL);
  corpus_free(&c);
}

static void empty_and_blank_documents(void **state) {
  (void)state;
  corpus c = CORPUS("", " ", "  ", "", "\n", " \n ", "");
  mst_pieces *pieces = cut(&c, 2);
  assert_lossless(&c, pieces);
  assert_int_equal(pieces->doc_ptr[1], 0);
  assert_int_equal(pieces->doc_ptr[2], 1); /* a document that begins with one space stores it */
  for (int64_t v = 0; v < pieces->types.n; v++) assert_int_equal(pieces->kind[v], MST_PIECE_SPACE);
  mst_pieces_free(pieces);
  corpus_free(&c);
}

static void spaces_are_flags(void **state) {
  (void)state;
  corpus c = CORPUS(" ab cd  ef, gh ");
  mst_pieces *pieces = cut(&c, 1);
  static const char *const want[] = {" ", "ab", "cd", "  ", "ef", ",", "gh"};
  static const int flag[] = {0, 1, 0, 0, 0, 1, 1};
  assert_int_equal(pieces->doc_ptr[1], 7);
  for (int i = 0; i < 7; i++) {
    const mst_slice s = mst_strings_at(&pieces->types, pieces->entry[i] >> 1);
    assert_int_equal(s.len, strlen(want[i]));
    assert_memory_equal(s.ptr, want[i], (size_t)s.len);
    assert_int_equal(pieces->entry[i] & 1, flag[i]);
  }
  mst_pieces_free(pieces);
  corpus_free(&c);
}

static void kinds_are_pythons(void **state) {
  (void)state;
  corpus c = CORPUS("ab_9", "\xea\xb0\x80", "\xc2\xbd", "\xcc\x81", "\xe3\x80\x80", "\x1c", "+",
                    "\xf0\x9d\x92\x9c", "\xf0\x9f\x91\xa8");
  static const int kind[] = {MST_PIECE_WORD,  MST_PIECE_WORD,  MST_PIECE_WORD,
                             MST_PIECE_OTHER, MST_PIECE_SPACE, MST_PIECE_SPACE,
                             MST_PIECE_OTHER, MST_PIECE_WORD,  MST_PIECE_OTHER};
  mst_pieces *pieces = cut(&c, 1);
  for (int d = 0; d < 9; d++)
    assert_int_equal(pieces->kind[pieces->entry[pieces->doc_ptr[d]] >> 1], kind[d]);
  mst_pieces_free(pieces);
  corpus_free(&c);
}

static void very_long_documents(void **state) {
  (void)state;
  const size_t n = 3u << 20;
  char *doc = malloc(n);
  assert_non_null(doc);
  corpus c = corpus_begin();
  c.text.start = c.start;
  memset(doc, 'a', n);
  corpus_add(&c, doc, n);
  for (size_t i = 0; i < n; i++) doc[i] = " ab,\xea\xb0\x80"[i % 7];
  corpus_add(&c, doc, n / 7 * 7);
  mst_pieces *pieces = cut(&c, 2);
  assert_lossless(&c, pieces);
  assert_int_equal(pieces->doc_ptr[1], 1);
  mst_pieces_free(pieces);
  corpus_free(&c);
  free(doc);
}

/* Keys of every length around the 8 and 16 bytes that the table treats apart, with shared starts,
 * and enough of them that the table grows and the sort radixes, merges and splits. */
static void many_spellings(void **state) {
  (void)state;
  corpus c = corpus_begin();
  c.text.start = c.start;
  char doc[128];
  for (int i = 0; i < 20000; i++) {
    const int n = snprintf(doc, sizeof doc, "%.*s%d %.*s%dtail prefixed%d prefixed", i % 20,
                           "abcdefghijklmnopqrstuvwxyz", i, i % 9, "zyxwvuts", i % 7, i);
    corpus_add(&c, doc, (size_t)n);
  }
  mst_pieces *one = cut(&c, 1);
  assert_lossless(&c, one);
  assert_sorted(&one->types);
  for (int n_threads = 2; n_threads <= 7; n_threads += 5) {
    mst_pieces *many = cut(&c, n_threads);
    assert_same_pieces(one, many);
    mst_pieces_free(many);
  }
  mst_pieces_free(one);
  corpus_free(&c);
}

static void random_text(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    corpus c = corpus_random(seed, 400, 30);
    mst_pieces *one = cut(&c, 1), *two = cut(&c, 2), *seven = cut(&c, 7);
    assert_lossless(&c, one);
    assert_sorted(&one->types);
    assert_same_pieces(one, two);
    assert_same_pieces(one, seven);
    mst_pieces_free(one);
    mst_pieces_free(two);
    mst_pieces_free(seven);
    corpus_free(&c);
  }
}

static void bad_arguments(void **state) {
  (void)state;
  corpus c = CORPUS("a");
  mst_pieces *pieces = NULL;
  mst_backend *backend = mst_test_backend(1);
  assert_int_equal(mst_pieces_create(backend, NULL, &pieces), MST_E_ARG);
  assert_int_equal(mst_pieces_create(NULL, &c.text, &pieces), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "backend is missing"));
  assert_int_equal(mst_pieces_create(backend, &c.text, NULL), MST_E_ARG);
  assert_null(pieces);
  corpus_free(&c);
}

static mst_status cut_once(void *payload) {
  const corpus *c = payload;
  mst_pieces *pieces = NULL;
  const mst_status st = mst_pieces_create(mst_test_backend(1), &c->text, &pieces);
  assert_true((st == MST_OK) == (pieces != NULL));
  mst_pieces_free(pieces);
  return st;
}

static void no_memory(void **state) {
  (void)state;
  corpus c = corpus_random(3, 2000, 40);
  const int on_host = mst_backend_is_host(mst_test_backend(1)); /* a device has its own memory */
  assert_true(fail_every_alloc(cut_once, &c) > (on_host ? 10 : 4));
  corpus_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(empty_corpus),
                                     cmocka_unit_test(empty_and_blank_documents),
                                     cmocka_unit_test(spaces_are_flags),
                                     cmocka_unit_test(kinds_are_pythons),
                                     cmocka_unit_test(very_long_documents),
                                     cmocka_unit_test(many_spellings),
                                     cmocka_unit_test(random_text),
                                     cmocka_unit_test(bad_arguments),
                                     cmocka_unit_test(no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
