/* test_splices.c: copies of documents as pieces, on the CPU or the device that MST_TEST_DEVICE
 * names, against a plain loop: empty input, edges of blocks, random splices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "misstep/rng.h"
#include "misstep/splices.h"
#include "test_backend.h"

enum { TYPES = 40, BY = 6, SPLICES_MAX = 4, LENGTH_MAX = 700, COPIES_MAX = 600 };

/* A problem with room for it, and what a plain loop makes of it. */
typedef struct problem {
  mst_splices s;
  int64_t doc_ptr[COPIES_MAX + 1], by_ptr[BY + 1], copy_doc[COPIES_MAX], copy_ptr[COPIES_MAX + 1];
  uint32_t *entry, number[TYPES], by_entry[BY * BY];
  mst_splice splice[COPIES_MAX * SPLICES_MAX];
  int64_t ptr[COPIES_MAX + 1];
  uint32_t *wanted;
} problem;

static uint32_t draw(uint64_t seed, uint64_t at, uint32_t below) {
  return (uint32_t)mst_rng_below(below, seed, MST_RNG_GENERATE, at, 0, 0);
}

/* Splices for a copy of n pieces, some of them side by side. */
static int64_t add_splices(problem *p, int64_t at, int64_t copy, int32_t n, uint64_t seed) {
  const uint32_t wanted = draw(seed, (uint64_t)copy * 64 + 1, SPLICES_MAX + 1);
  int32_t pos = 0;
  for (uint32_t k = 0; k < wanted; k++) {
    const uint64_t place = (uint64_t)copy * 64 + 4 * k + 2;
    pos += (int32_t)draw(seed, place, 3);
    const int32_t len = 1 + (int32_t)draw(seed, place + 1, 3);
    if (pos + len > n) break;
    p->splice[at++] = (mst_splice){pos, len, draw(seed, place + 2, BY)};
    pos += len;
  }
  return at;
}

/* What a copy is, entry by entry. */
static int64_t splice_plainly(const problem *p, int64_t copy, uint32_t *out) {
  const mst_splices *s = &p->s;
  const int64_t doc = s->copy_doc[copy], n = s->doc_ptr[doc + 1] - s->doc_ptr[doc];
  const uint32_t *from = s->entry + s->doc_ptr[doc];
  int64_t i = s->copy_ptr[copy], to = 0;
  for (int64_t at = 0; at < n;) {
    if (i == s->copy_ptr[copy + 1] || s->splice[i].pos != at) {
      out[to++] = s->number[from[at] >> 1] * 2 + from[at] % 2;
      at++;
      continue;
    }
    for (int64_t k = s->by_ptr[s->splice[i].by]; k < s->by_ptr[s->splice[i].by + 1]; k++)
      out[to++] = s->by_entry[k];
    at += s->splice[i++].len;
    if (from[at - 1] % 2) out[to - 1] |= 1;
  }
  return to;
}

/* n_docs documents of `length` pieces, or of random lengths below it; a copy of each and more. */
static void problem_init(problem *p, int64_t n_docs, int32_t length, int random, int64_t n_copies,
                         uint64_t seed) {
  *p = (problem){0};
  for (int64_t d = 0; d < n_docs; d++)
    p->doc_ptr[d + 1] =
        p->doc_ptr[d] + (random ? (int32_t)draw(seed, (uint64_t)d, (uint32_t)length + 1) : length);
  p->entry = mst_alloc((size_t)p->doc_ptr[n_docs], sizeof *p->entry);
  p->wanted = mst_alloc((size_t)n_copies * (LENGTH_MAX + BY * SPLICES_MAX), sizeof *p->wanted);
  assert_true(p->entry && p->wanted);
  for (int64_t k = 0; k < p->doc_ptr[n_docs]; k++)
    p->entry[k] = draw(seed, 9000u + (uint64_t)k, 2 * TYPES);
  for (uint32_t v = 0; v < TYPES; v++) p->number[v] = 3 * v + 1;
  for (uint32_t b = 0; b < BY; b++) {
    p->by_ptr[b + 1] = p->by_ptr[b] + b + 1;
    for (int64_t k = p->by_ptr[b]; k < p->by_ptr[b + 1]; k++)
      p->by_entry[k] = (7 * b + (uint32_t)k) * 2 + (k + 1 < p->by_ptr[b + 1]);
  }
  p->s = (mst_splices){n_docs,    p->doc_ptr,  p->entry, TYPES,       p->number,   BY,
                       p->by_ptr, p->by_entry, n_copies, p->copy_doc, p->copy_ptr, p->splice};
  for (int64_t c = 0; c < n_copies; c++) {
    const int64_t doc = p->copy_doc[c] = c % n_docs;
    p->copy_ptr[c + 1] =
        add_splices(p, p->copy_ptr[c], c, (int32_t)(p->doc_ptr[doc + 1] - p->doc_ptr[doc]), seed);
    p->ptr[c + 1] = p->ptr[c] + splice_plainly(p, c, p->wanted + p->ptr[c]);
  }
}

static void problem_fini(problem *p) {
  mst_free(p->entry);
  mst_free(p->wanted);
}

static void check(const problem *p, int n_threads) {
  mst_pieces out = {0};
  const int64_t n = p->s.n_copies;
  assert_int_equal(mst_splices_apply(mst_test_backend(n_threads), &p->s, &out), MST_OK);
  mst_test_read_pieces(&out);
  assert_int_equal(out.n_docs, n);
  assert_int_equal(out.n_entries, p->ptr[n]);
  assert_memory_equal(out.doc_ptr, p->ptr, ((size_t)n + 1) * sizeof *p->ptr);
  assert_memory_equal(out.entry, p->wanted, (size_t)p->ptr[n] * sizeof *p->wanted);
  mst_free(out.doc_ptr);
  mst_free(out.entry);
}

static problem the_problem;

static void try(int64_t n_docs, int32_t length, int random, int64_t n_copies, uint64_t seed) {
  problem_init(&the_problem, n_docs, length, random, n_copies, seed);
  check(&the_problem, 1);
  check(&the_problem, 3);
  problem_fini(&the_problem);
}

static void test_empty(void **state) {
  (void)state;
  try(0, 0, 0, 0, 1);
  try(3, 5, 0, 0, 1); /* documents without copies */
  try(3, 0, 0, 3, 1); /* copies of nothing */
}

static void test_arguments(void **state) {
  mst_pieces pieces = {0};
  mst_splices splices = {0};
  const uint32_t number = 0;
  uint8_t used = 0;
  mst_backend *b = mst_test_backend(1);
  (void)state;
  assert_int_equal(mst_splices_apply(NULL, &splices, &pieces), MST_E_ARG);
  assert_int_equal(mst_splices_apply(b, NULL, &pieces), MST_E_ARG);
  assert_int_equal(mst_splices_apply(b, &splices, NULL), MST_E_ARG);
  assert_int_equal(mst_pieces_used(b, NULL, &used), MST_E_ARG);
  assert_int_equal(mst_pieces_used(b, &pieces, NULL), MST_E_ARG);
  assert_int_equal(mst_pieces_renumber(b, NULL, &number), MST_E_ARG);
  assert_int_equal(mst_pieces_renumber(b, &pieces, NULL), MST_E_ARG);
}

/* Documents whose length is that of a warp, a block, or one beside it. */
static void test_lengths(void **state) {
  static const int32_t length[] = {1, 31, 32, 33, 255, 256, 257, 600};
  (void)state;
  for (size_t i = 0; i < sizeof length / sizeof *length; i++) try(2, length[i], 0, 5, i);
}

static void test_numbers_of_copies(void **state) {
  static const int64_t n[] = {1, 31, 32, 33, 255, 256, 257, 520};
  (void)state;
  for (size_t i = 0; i < sizeof n / sizeof *n; i++) try(7, 20, 1, n[i], 100 + i);
}

static void test_random(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 20; seed++)
    try(1 + (int64_t)draw(seed, 1, 30), (int32_t)draw(seed, 2, 40), 1, (int64_t)draw(seed, 3, 90),
        seed);
}

static void test_numbers(void **state) {
  mst_pieces out = {0};
  uint8_t used[3 * TYPES];
  uint32_t number[3 * TYPES];
  (void)state;
  problem_init(&the_problem, 9, 30, 1, 40, 5);
  mst_backend *b = mst_test_backend(2);
  assert_int_equal(mst_splices_apply(b, &the_problem.s, &out), MST_OK);
  out.types.n = 3 * TYPES;
  assert_int_equal(mst_pieces_used(b, &out, used), MST_OK);
  for (uint32_t v = 0; v < 3 * TYPES; v++) {
    int wanted = 0;
    for (int64_t k = 0; k < out.n_entries; k++) wanted |= the_problem.wanted[k] >> 1 == v;
    assert_int_equal(used[v], wanted);
    number[v] = used[v] ? 1000 - v : UINT32_MAX; /* what does not occur is not read */
  }
  assert_int_equal(mst_pieces_renumber(b, &out, number), MST_OK);
  mst_test_read_pieces(&out);
  for (int64_t k = 0; k < out.n_entries; k++) {
    const uint32_t was = the_problem.wanted[k];
    assert_int_equal(out.entry[k], (1000 - (was >> 1)) * 2 + was % 2);
  }
  mst_free(out.doc_ptr);
  mst_free(out.entry);
  problem_fini(&the_problem);
}

static mst_status apply(void *payload) {
  mst_pieces out = {0};
  mst_backend *b = mst_test_backend(1);
  mst_status st = mst_splices_apply(b, payload, &out);
  uint8_t used[3 * TYPES];
  if (st) return st;
  out.types.n = 3 * TYPES;
  st = mst_pieces_used(b, &out, used);
  mst_backend_free(b, out.doc_ptr);
  mst_backend_free(b, out.entry);
  return st;
}

static void test_no_memory(void **state) {
  (void)state;
  problem_init(&the_problem, 4, 12, 1, 9, 3);
  (void)mst_test_backend(1);
  assert_true(fail_every_alloc(apply, &the_problem.s) >= 1);
  problem_fini(&the_problem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),    cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_lengths),  cmocka_unit_test(test_numbers_of_copies),
      cmocka_unit_test(test_random),   cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
