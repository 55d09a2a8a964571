/* test_home.c: a backend whose home the host cannot read: the CPU's operations, on pages that are
 * locked whenever none of them runs. So whatever the vectorizer does outside the backend with an
 * array at home ends the test, and every copy between home and host is made and counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mman.h>

#include "backend_table.h"
#include "corpus.h"
#include "failing_alloc.h"
#include "features/select.h"

enum { BLOCKS_MAX = 256 };

/* What is at home: pages of their own for every array. */
static struct {
  void *at[BLOCKS_MAX];
  size_t n_bytes[BLOCKS_MAX];
  int n;
} home;

static void lock(int locked) {
  for (int i = 0; i < home.n; i++)
    assert_int_equal(
        mprotect(home.at[i], home.n_bytes[i], locked ? PROT_NONE : PROT_READ | PROT_WRITE), 0);
}

static void *home_alloc(mst_backend *backend, size_t count, size_t size) {
  (void)backend;
  void *asked = mst_alloc(count, size); /* so that the failing allocator is asked */
  if (!asked) return NULL;
  mst_free(asked);
  assert_true(home.n < BLOCKS_MAX);
  const size_t n_bytes = (count * size / 4096 + 1) * 4096;
  void *block = mmap(NULL, n_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(block != MAP_FAILED);
  home.at[home.n] = block;
  home.n_bytes[home.n++] = n_bytes;
  return block;
}

static void *host_alloc(mst_backend *backend, size_t count, size_t size) {
  (void)backend;
  return mst_alloc(count, size);
}

static void home_free(mst_backend *backend, void *block) {
  (void)backend;
  if (!block) return;
  int i = 0;
  while (i < home.n && home.at[i] != block) i++;
  assert_true(i < home.n); /* it is this backend's, and freed once */
  assert_int_equal(munmap(block, home.n_bytes[i]), 0);
  home.at[i] = home.at[--home.n];
  home.n_bytes[i] = home.n_bytes[home.n];
}

static mst_status copy(mst_backend *backend, void *to, const void *from, size_t n_bytes) {
  (void)backend;
  lock(0);
  if (n_bytes) memcpy(to, from, n_bytes);
  lock(1);
  return MST_OK;
}

/* Move an array that an operation of the CPU made home. NULL: no memory. */
static void *take_home(mst_backend *backend, void *made, int64_t n, size_t size) {
  void *block = home_alloc(backend, (size_t)n, size);
  if (block) (void)copy(backend, block, made, (size_t)n * size);
  mst_free(made);
  return block;
}

/* Move two arrays; the status of both. */
static mst_status take_both(mst_backend *backend, void **a, int64_t n, size_t size, void **b,
                            int64_t m, size_t width) {
  *a = take_home(backend, *a, n, size);
  *b = take_home(backend, *b, m, width);
  if (*a && *b) return MST_OK;
  home_free(backend, *a);
  home_free(backend, *b);
  return MST_E_NOMEM;
}

#define ON_CPU(st, name, ...)                                                                      \
  lock(0);                                                                                         \
  mst_status st = mst__cpu_operations.name(__VA_ARGS__);                                           \
  lock(1)

static mst_status pieces_create(mst_backend *b, const mst_text *text, mst_pieces *out) {
  mst_pieces p;
  ON_CPU(st, pieces_create, b, text, &p);
  if (st) return st;
  st = take_both(b, (void **)&p.doc_ptr, p.n_docs + 1, sizeof *p.doc_ptr, (void **)&p.entry,
                 p.n_entries, sizeof *p.entry);
  if (!st) {
    *out = p;
    return MST_OK;
  }
  mst_strings_fini(&p.types);
  mst_free(p.kind);
  return st;
}

static mst_status tokens_create(mst_backend *b, const mst_pieces *pieces,
                                const mst_token_options *options, mst_tokens *out) {
  mst_tokens t;
  mst_backend cpu = {&mst__cpu_operations, "cpu", b->n_threads, NULL, NULL};
  mst_pieces readable = *pieces;
  readable.home = &cpu;
  ON_CPU(st, tokens_create, b, &readable, options, &t);
  if (st) return st;
  st = take_both(b, (void **)&t.doc_ptr, t.n_docs + 1, sizeof *t.doc_ptr, (void **)&t.id,
                 t.n_tokens, sizeof *t.id);
  if (st) mst_strings_fini(&t.types);
  else *out = t;
  return st;
}

static mst_status take_items(mst_backend *b, mst_sequences *items) {
  return take_both(b, (void **)&items->ptr, items->n_items + 1, sizeof *items->ptr,
                   (void **)&items->id, items->n_positions, sizeof *items->id);
}

static mst_status items_take(mst_backend *b, const mst_tokens *tokens, const int64_t *rows,
                             int64_t n_rows, const uint8_t *drop, mst_sequences *out) {
  mst_sequences items;
  ON_CPU(st, items_take, b, tokens, rows, n_rows, drop, &items);
  if (!st) st = take_items(b, &items);
  if (!st) *out = items;
  return st;
}

static mst_status items_words(mst_backend *b, const mst_tokens *tokens, const int64_t *rows,
                              int64_t n_rows, mst_sequences *out, mst_strings *spelling) {
  mst_sequences items;
  mst_strings units;
  ON_CPU(st, items_words, b, tokens, rows, n_rows, &items, &units);
  if (st) return st;
  st = take_items(b, &items);
  if (st) {
    mst_strings_fini(&units);
    return st;
  }
  *out = items;
  *spelling = units;
  return MST_OK;
}

static mst_status take_grams(mst_backend *b, mst_grams *made, mst_grams *out) {
  const mst_status st = take_both(b, (void **)&made->ptr, made->n_items + 1, sizeof *made->ptr,
                                  (void **)&made->id, made->n_grams, sizeof *made->id);
  if (!st) *out = *made;
  return st;
}

static mst_status items_copy(mst_backend *b, const mst_sequences *items, mst_grams *grams) {
  mst_grams made;
  ON_CPU(st, items_copy, b, items, &made);
  return st ? st : take_grams(b, &made, grams);
}

static mst_status ngrams_rank(mst_backend *b, const mst_sequences *items, int32_t n_min,
                              int32_t n_max, int whole, mst_grams *grams, mst_gram_table *table) {
  mst_grams made;
  mst_gram_table made_table;
  ON_CPU(st, ngrams_rank, b, items, n_min, n_max, whole, &made, &made_table);
  if (st) return st;
  st = take_grams(b, &made, grams);
  if (st) mst_gram_table_fini(&made_table);
  else *table = made_table;
  return st;
}

static mst_status ngrams_find(mst_backend *b, const mst_sequences *items, const mst_gram_tree *tree,
                              const int32_t *unit_map, int32_t n_min, int32_t n_max, int whole,
                              mst_grams *grams) {
  mst_grams made;
  ON_CPU(st, ngrams_find, b, items, tree, unit_map, n_min, n_max, whole, &made);
  return st ? st : take_grams(b, &made, grams);
}

static mst_status grams_remap(mst_backend *b, mst_grams *grams, const int32_t *map,
                              int64_t n_terms) {
  ON_CPU(st, grams_remap, b, grams, map, n_terms);
  return st;
}

static mst_status rows_longest(mst_backend *b, const mst_rows *rows, int64_t *longest) {
  ON_CPU(st, rows_longest, b, rows, longest);
  return st;
}

static mst_status rows_count(mst_backend *b, const mst_rows *rows, int64_t n_terms,
                             int64_t *row_ptr, int64_t *n_entries, int64_t *doc_freq,
                             int64_t *term_freq) {
  ON_CPU(st, rows_count, b, rows, n_terms, row_ptr, n_entries, doc_freq, term_freq);
  return st;
}

static mst_status rows_fill(mst_backend *b, const mst_rows *rows, int64_t n_terms,
                            int64_t n_entries, const mst_weighing *weighing, mst_csr *counts,
                            mst_csr *x) {
  ON_CPU(st, rows_fill, b, rows, n_terms, n_entries, weighing, counts, x);
  return st;
}

static mst_status counts_weigh(mst_backend *b, const mst_csr *counts, const mst_weighing *weighing,
                               mst_dtype dtype, mst_csr *out) {
  mst_csr x;
  ON_CPU(st, counts_weigh, b, counts, weighing, dtype, &x);
  if (st) return st;
  const int64_t n = x.row_ptr[x.n_rows];
  x.row_ptr = take_home(b, x.row_ptr, x.n_rows + 1, sizeof *x.row_ptr);
  st = take_both(b, (void **)&x.col, n, sizeof *x.col, &x.val, n, (size_t)mst_dtype_bytes(x.dtype));
  if (!st && x.row_ptr) {
    *out = x;
    return MST_OK;
  }
  home_free(b, x.row_ptr);
  if (!st) home_free(b, x.col), home_free(b, x.val);
  return MST_E_NOMEM;
}

static mst_status counts_by_class(mst_backend *b, const mst_csr *counts, const int32_t *label,
                                  int32_t n_classes, int64_t *observed, int64_t *rows_of) {
  ON_CPU(st, counts_by_class, b, counts, label, n_classes, observed, rows_of);
  return st;
}

static mst_status pieces_used(mst_backend *b, const mst_pieces *pieces, uint8_t *used) {
  ON_CPU(st, pieces_used, b, pieces, used);
  return st;
}

static mst_status pieces_renumber(mst_backend *b, mst_pieces *pieces, const uint32_t *number) {
  ON_CPU(st, pieces_renumber, b, pieces, number);
  return st;
}

static const mst__operations locked_operations = {.kind = "locked",
                                                  .alloc = home_alloc,
                                                  .free = home_free,
                                                  .alloc_host = host_alloc,
                                                  .to_home = copy,
                                                  .to_host = copy,
                                                  .pieces_create = pieces_create,
                                                  .tokens_create = tokens_create,
                                                  .pieces_used = pieces_used,
                                                  .pieces_renumber = pieces_renumber,
                                                  .items_take = items_take,
                                                  .items_words = items_words,
                                                  .items_copy = items_copy,
                                                  .ngrams_rank = ngrams_rank,
                                                  .ngrams_find = ngrams_find,
                                                  .grams_remap = grams_remap,
                                                  .rows_longest = rows_longest,
                                                  .rows_count = rows_count,
                                                  .rows_fill = rows_fill,
                                                  .counts_weigh = counts_weigh,
                                                  .counts_by_class = counts_by_class};

static mst_backend locked = {&locked_operations, "locked", 2, NULL, NULL};
static mst_backend open_home = {&mst__cpu_operations, "cpu", 2, NULL, NULL};
static test_corpus texts;

/* What one life of a vectorizer gives, on the host. */
typedef struct life {
  mst_vectorizer *v;
  mst_csr counts, x, again;
  double *chi2;
} life;

static void life_fini(life *l) {
  mst_csr_fini(&l->counts);
  mst_csr_fini(&l->x);
  mst_csr_fini(&l->again);
  mst_vectorizer_free(l->v);
  mst_free(l->chi2);
  *l = (life){0};
}

/* The same texts as pieces of the host, among more spellings than they have. */
static mst_status take_corpus(mst_backend *backend, mst_corpus **out) {
  mst_text more = texts.text;
  mst_pieces *pieces = NULL;
  more.n_docs += 8; /* test_corpus_fill wrote them */
  mst_status st = mst_pieces_create(&open_home, &more, &pieces);
  if (st) return st;
  pieces->home = NULL;
  pieces->n_docs = texts.text.n_docs;
  pieces->n_entries = pieces->doc_ptr[pieces->n_docs];
  st = mst_corpus_take(backend, pieces, out);
  if (st) mst_pieces_free(pieces);
  return st;
}

/* Fit on some rows, choose, transform others. */
static mst_status live(mst_backend *backend, int option_set, int taken, life *l) {
  static const int64_t rows[] = {9, 4, 0, 11, 7, 3, 5, 1};
  static const int32_t label[] = {0, 1, 0, 1, 0, 1, 0, 1};
  const mst_vectorizer_options o = test_options(option_set);
  mst_corpus *corpus = NULL;
  mst_status st =
      taken ? take_corpus(backend, &corpus) : mst_corpus_create(backend, &texts.text, &corpus);
  if (!st) st = mst_vectorizer_fit(&o, corpus, rows, 8, &l->v, &l->counts, &l->x);
  if (!st && !(l->chi2 = mst_alloc((size_t)l->counts.n_cols, sizeof *l->chi2))) st = MST_E_NOMEM;
  if (!st) st = mst_select_chi2(backend, &l->counts, label, 2, l->chi2);
  if (!st) st = mst_vectorizer_transform(l->v, corpus, rows, 5, NULL, &l->again);
  mst_csr_fini(&l->counts);
  l->counts = (mst_csr){0};
  if (!st) st = mst_vectorizer_transform(l->v, corpus, NULL, 0, &l->counts, NULL);
  mst_corpus_free(corpus);
  return st;
}

static void same_bytes_as_at_home(void **state) {
  (void)state;
  test_corpus_fill(&texts, 3, 20);
  texts.text.n_docs = 12;
  for (int k = 0; k < 3 * N_OPTION_SETS; k++) {
    const int i = k / 3, taken = k % 3;
    life a = {0}, b = {0};
    assert_int_equal(live(&open_home, i, 0, &a), MST_OK);
    assert_int_equal(live(taken == 2 ? &open_home : &locked, i, taken, &b), MST_OK);
    assert_true(same_strings(mst_vectorizer_terms(a.v), mst_vectorizer_terms(b.v)));
    assert_true(same_csr(&a.x, &b.x) && same_csr(&a.counts, &b.counts));
    assert_true(same_csr(&a.again, &b.again));
    assert_memory_equal(a.chi2, b.chi2, (size_t)a.x.n_cols * sizeof *a.chi2);
    life_fini(&a);
    life_fini(&b);
    assert_int_equal(home.n, 0);
  }
}

static mst_status live_and_leave_nothing(void *payload) {
  life l = {0};
  const int k = *(int *)payload;
  const mst_status st = live(&locked, k / 2, k % 2, &l);
  life_fini(&l);
  assert_int_equal(home.n, 0);
  return st;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  test_corpus_fill(&texts, 3, 20);
  texts.text.n_docs = 12;
  for (int k = 0; k < 2 * N_OPTION_SETS; k++)
    assert_true(fail_every_alloc(live_and_leave_nothing, &k) > 30);
}

static void nothing_is_taken(void **state) {
  (void)state;
  test_corpus_clear(&texts);
  mst_pieces *pieces = NULL;
  mst_corpus *corpus = NULL;
  assert_int_equal(mst_pieces_create(&open_home, &texts.text, &pieces), MST_OK);
  pieces->home = NULL;
  assert_int_equal(mst_corpus_take(&locked, pieces, &corpus), MST_OK);
  assert_int_equal(mst_corpus_n_docs(corpus), 0);
  mst_corpus_free(corpus);
  assert_int_equal(home.n, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_taken),
                                     cmocka_unit_test(same_bytes_as_at_home),
                                     cmocka_unit_test(every_allocation_may_fail)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
