/* test_choices.c: choices of copies, on the CPU or the device that MST_TEST_DEVICE names, against
 * draws that look every candidate up anew: empty input, edges of blocks, random programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "misstep/choices.h"
#include "misstep/rng.h"
#include "test_backend.h"

enum { DOCS = 40, CANDIDATES = 300, COPIES = 900, SEED = 11 };

typedef struct problem {
  mst_choices c;
  uint64_t record[DOCS];
  int32_t limit[DOCS];
  int64_t candidate_ptr[DOCS + 1], copy_ptr[DOCS + 1];
  mst_candidate candidate[DOCS * CANDIDATES];
} problem;

static problem p;
static uint8_t n_made[COPIES];
static mst_choice made[COPIES * MST_CHOICE_LIMIT];

static uint32_t draw(uint64_t seed, uint64_t at, uint32_t below) {
  return (uint32_t)mst_rng_below(below, seed, MST_RNG_GENERATE, at, 0, 0);
}

static uint64_t threshold(uint64_t seed, uint64_t at) {
  return draw(seed, at, 3) ? UINT64_MAX : (uint64_t)draw(seed, at + 1, UINT32_MAX) << 32;
}

static void random_program(mst_choice_program *to, uint64_t seed) {
  *to = (mst_choice_program){.n_kinds = 1 + (int32_t)draw(seed, 1, 5)};
  to->n_ruled = to->n_kinds;
  to->n_steps = 1 + (int32_t)draw(seed, 2, MST_CHOICE_STEPS);
  to->max = 1 + (int32_t)draw(seed, 3, MST_CHOICE_LIMIT);
  to->min = (int32_t)draw(seed, 4, (uint32_t)to->max + 1);
  for (uint32_t s = 0; s < (uint32_t)to->n_steps; s++) {
    to->step[s].p = threshold(seed, 10 + 2 * s);
    for (uint32_t k = 0; k < (uint32_t)to->n_kinds; k++)
      to->step[s].weight[k] = draw(seed, 100 + 16 * s + k, 3) * 700;
  }
}

/* n_docs documents of up to `most` candidates, `copies` copies of each. */
static void problem_init(int64_t n_docs, uint32_t most, int64_t copies, uint64_t seed) {
  p = (problem){0};
  random_program(&p.c.program, seed);
  p.c.seed = seed + SEED;
  p.c.n_docs = n_docs;
  p.c.record = p.record;
  p.c.limit = p.limit;
  p.c.candidate_ptr = p.candidate_ptr;
  p.c.candidate = p.candidate;
  p.c.copy_ptr = p.copy_ptr;
  for (int64_t d = 0; d < n_docs; d++) {
    const uint64_t at = 1000u + 4000u * (uint64_t)d;
    const uint32_t n = most ? draw(seed, at, most + 1) : 0;
    int32_t first = 0;
    p.record[d] = at * 77;
    p.limit[d] = (int32_t)draw(seed, at + 1, 12);
    for (uint32_t i = 0; i < n; i++) {
      const uint64_t own = at + 8u * i + 8;
      first += (int32_t)draw(seed, own, 3);
      const int32_t last = first + (int32_t)draw(seed, own + 1, 3);
      p.candidate[p.candidate_ptr[d] + i] =
          (mst_candidate){.first = first,
                          .last = last,
                          .n_words = 1 + (int32_t)draw(seed, own + 2, 2),
                          .n_alts = 1 + (int32_t)draw(seed, own + 3, 4),
                          .kind = (int32_t)draw(seed, own + 4, (uint32_t)p.c.program.n_kinds),
                          .weight = 1 + draw(seed, own + 5, 1000),
                          .p = threshold(seed, own + 6)};
    }
    p.candidate_ptr[d + 1] = p.candidate_ptr[d] + n;
    p.copy_ptr[d + 1] = p.copy_ptr[d] + copies;
  }
}

/* One attempt as the plain way has it: nothing is remembered but what was chosen. */
typedef struct attempt {
  const mst_candidate *candidate;
  int32_t n_candidates;
  uint64_t record;
  uint32_t copy;
  mst_choice choice[MST_CHOICE_LIMIT];
  int32_t n;
} attempt;

static uint64_t bits(const attempt *a, uint64_t k) {
  return mst_rng_u64(p.c.seed, MST_RNG_AUGMENT, a->record, a->copy, k);
}

static uint64_t below(const attempt *a, uint64_t k, uint64_t n) {
  return mst_rng_below(n, p.c.seed, MST_RNG_AUGMENT, a->record, a->copy, k);
}

static int is_open(const attempt *a, int32_t i) {
  const mst_candidate *c = &a->candidate[i];
  if (c->p != UINT64_MAX && bits(a, 4096 + (uint64_t)i) >= c->p) return 0;
  for (int32_t k = 0; k < a->n; k++) {
    const mst_candidate *other = &a->candidate[a->choice[k].candidate];
    if (c->first <= other->last && other->first <= c->last) return 0;
  }
  return 1;
}

static uint64_t weight_of(const attempt *a, int32_t kind) {
  uint64_t sum = 0;
  for (int32_t i = 0; i < a->n_candidates; i++)
    if (a->candidate[i].kind == kind && is_open(a, i)) sum += a->candidate[i].weight;
  return sum;
}

/* The kind of a turn, -1: none. */
static int32_t kind_of(const attempt *a, const mst_choice_step *step, uint64_t k) {
  uint64_t total = 0;
  if (step->p != UINT64_MAX && bits(a, k) >= step->p) return -1;
  for (int32_t kind = 0; kind < p.c.program.n_kinds; kind++)
    total += weight_of(a, kind) ? step->weight[kind] : 0;
  if (!total) return -1;
  uint64_t at = below(a, k + 1, total);
  for (int32_t kind = 0;; kind++) {
    const uint64_t weight = weight_of(a, kind) ? step->weight[kind] : 0;
    if (at < weight) return kind;
    at -= weight;
  }
}

static mst_choice choice_of(const attempt *a, int32_t kind, uint64_t k) {
  uint64_t at = below(a, k, weight_of(a, kind));
  for (int32_t i = 0;; i++) {
    if (a->candidate[i].kind != kind || !is_open(a, i)) continue;
    if (at < a->candidate[i].weight)
      return (mst_choice){i, (int32_t)below(a, k + 1, (uint64_t)a->candidate[i].n_alts)};
    at -= a->candidate[i].weight;
  }
}

static void choose_plainly(attempt *a, int32_t limit) {
  const mst_choice_program *program = &p.c.program;
  const int32_t wanted =
      program->min + (int32_t)below(a, 0, (uint64_t)(program->max - program->min) + 1);
  int32_t n_words = 0, idle = 0;
  for (uint64_t turn = 0; turn < 64 && a->n < wanted && idle < program->n_steps; turn++) {
    const int32_t kind =
        kind_of(a, &program->step[turn % (uint64_t)program->n_steps], 16 * (turn + 1));
    idle = kind < 0 ? idle + 1 : 0;
    if (kind < 0) continue;
    const mst_choice choice = choice_of(a, kind, 16 * (turn + 1) + 2);
    const int32_t words = a->candidate[choice.candidate].n_words;
    if (a->n && n_words + words > limit) return;
    n_words += words;
    a->choice[a->n++] = choice;
  }
}

static void check(int n_threads) {
  const int64_t n = p.copy_ptr[p.c.n_docs], max = p.c.program.max;
  memset(n_made, 0xff, sizeof n_made);
  memset(made, 0xff, sizeof made);
  assert_int_equal(mst_choices_draw(mst_test_backend(n_threads), &p.c, n_made, made), MST_OK);
  for (int64_t d = 0; d < p.c.n_docs; d++)
    for (int64_t c = p.copy_ptr[d]; c < p.copy_ptr[d + 1]; c++) {
      attempt a = {.candidate = p.candidate + p.candidate_ptr[d],
                   .n_candidates = (int32_t)(p.candidate_ptr[d + 1] - p.candidate_ptr[d]),
                   .record = p.record[d],
                   .copy = (uint32_t)(c - p.copy_ptr[d] + 1)};
      choose_plainly(&a, p.limit[d]);
      assert_int_equal(n_made[c], a.n);
      assert_memory_equal(made + c * max, a.choice, (size_t)max * sizeof *made);
    }
  assert_int_equal(n_made[n], 0xff); /* nothing is written behind the last copy */
}

static void test_empty(void **state) {
  (void)state;
  problem_init(0, 0, 0, 1);
  check(1);
  problem_init(4, 0, 3, 1); /* no candidates */
  check(2);
  problem_init(4, 5, 0, 1); /* no copies */
  check(2);
}

static void test_arguments(void **state) {
  mst_backend *b = mst_test_backend(1);
  (void)state;
  problem_init(1, 3, 2, 1);
  assert_int_equal(mst_choices_draw(NULL, &p.c, n_made, made), MST_E_ARG);
  assert_int_equal(mst_choices_draw(b, NULL, n_made, made), MST_E_ARG);
  assert_int_equal(mst_choices_draw(b, &p.c, NULL, made), MST_E_ARG);
  assert_int_equal(mst_choices_draw(b, &p.c, n_made, NULL), MST_E_ARG);
  int32_t *const wrong[] = {&p.c.program.n_kinds, &p.c.program.n_ruled, &p.c.program.n_steps,
                            &p.c.program.max, &p.c.program.min};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    const int32_t right = *wrong[i];
    *wrong[i] = i < 4 ? 17 : -1;
    assert_int_equal(mst_choices_draw(b, &p.c, n_made, made), MST_E_ARG);
    *wrong[i] = right;
  }
}

static void test_numbers_of_copies(void **state) {
  static const int64_t n[] = {1, 31, 32, 33, 255, 256, 257, 850};
  (void)state;
  for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
    problem_init(1, 30, n[i], i);
    check(1);
  }
}

static void test_random(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 40; seed++) {
    const int64_t n_docs = 1 + (int64_t)draw(seed, 5, DOCS);
    problem_init(n_docs, 1 + draw(seed, 6, 25), 1 + (int64_t)draw(seed, 7, 9), seed);
    check(1 + (int)draw(seed, 8, 3));
  }
}

static void test_many_candidates(void **state) {
  (void)state;
  for (uint64_t seed = 50; seed < 54; seed++) {
    problem_init(3, CANDIDATES, 3, seed);
    check(2);
  }
}

/* A copy ends after 64 turns, however much is wanted: the last one still counts. */
static void test_last_turn(void **state) {
  (void)state;
  problem_init(1, CANDIDATES, 9, 3);
  assert_true(p.candidate_ptr[1] > 60);
  for (int64_t i = 0; i < p.candidate_ptr[1]; i++) p.candidate[i].kind = 0;
  p.c.program = (mst_choice_program){1, 1, 16, 16, MST_CHOICE_STEPS, {{0}}};
  p.c.program.step[MST_CHOICE_STEPS - 1] = (mst_choice_step){UINT64_MAX, {1}};
  p.limit[0] = 1000;
  check(1);
  for (int64_t c = 0; c < 9; c++) assert_int_equal(n_made[c], 64 / MST_CHOICE_STEPS);
}

static mst_status draw_all(void *payload) {
  (void)payload;
  return mst_choices_draw(mst_test_backend(1), &p.c, n_made, made);
}

static void test_no_memory(void **state) {
  (void)state;
  problem_init(3, 10, 3, 7);
  (void)mst_test_backend(1);
  (void)fail_every_alloc(draw_all, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_empty),
                                     cmocka_unit_test(test_arguments),
                                     cmocka_unit_test(test_numbers_of_copies),
                                     cmocka_unit_test(test_random),
                                     cmocka_unit_test(test_many_candidates),
                                     cmocka_unit_test(test_last_turn),
                                     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
