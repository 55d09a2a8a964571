/* record.c: one record from its number: family, label, topic, grade, text, typos. */
#include <assert.h>

#include "generate/generate.h"
#include "generate/grammar.h"
#include "generate/internal.h"
#include "generate/model.h"
#include "misstep/alloc.h"
#include "misstep/rng.h"

struct mst_generator {
  mst__grammar *grammar;
  mst__model model;
  uint64_t seed;
  double typos;
};

/* Positions of the draws; those of the text follow from TEXT on. */
enum { DRAW_FAMILY, DRAW_LABEL, DRAW_TOPIC, DRAW_GRADE, DRAW_TEXT = 8 };

mst_generate_options mst_generate_options_default(void) {
  return (mst_generate_options){.n_rows = 30000,
                                .noise = 0.03,
                                .ambiguity = 0.08,
                                .typos = 0.01,
                                .header = 1,
                                .n_threads = 1};
}

static mst_status check(const mst_generate_options *o) {
  if (o->n_rows < 0) return MST_FAIL(MST_E_ARG, "rows: %lld is negative", (long long)o->n_rows);
  if (o->first < 0) return MST_FAIL(MST_E_ARG, "first: %lld is negative", (long long)o->first);
  if (o->first > INT64_MAX - o->n_rows) return MST_FAIL(MST_E_ARG, "first + rows is too large");
  if (!(o->noise >= 0 && o->noise <= 0.5))
    return MST_FAIL(MST_E_ARG, "noise: %g is not in 0 .. 0.5", o->noise);
  if (!(o->ambiguity >= 0 && o->ambiguity <= 0.25))
    return MST_FAIL(MST_E_ARG, "ambiguity: %g is not in 0 .. 0.25", o->ambiguity);
  if (!(o->typos >= 0 && o->typos <= 1))
    return MST_FAIL(MST_E_ARG, "typos: %g is not in 0 .. 1", o->typos);
  if (o->n_threads < 1) return MST_FAIL(MST_E_ARG, "threads: %d is below 1", o->n_threads);
  return MST_OK;
}

mst_status mst_generator_create(const mst_generate_options *options, mst_generator **out) {
  mst_status st = check(options);
  if (st) return st;
  mst_generator *g = mst_alloc_zero(1, sizeof *g);
  if (!g) return MST_E_NOMEM;
  g->seed = options->seed;
  g->typos = options->typos;
  st = mst__grammar_create(&g->grammar);
  if (!st) st = mst__model_init(&g->model, g->grammar, options->noise, options->ambiguity);
  if (st) mst_generator_free(g);
  else *out = g;
  return st;
}

void mst_generator_free(mst_generator *g) {
  if (!g) return;
  mst__grammar_free(g->grammar);
  mst__model_fini(&g->model);
  mst_free(g);
}

int32_t mst_generator_n_families(const mst_generator *g) { return g->model.n_families; }

double mst_generator_family(const mst_generator *g, int32_t family, double *posterior) {
  double p = 0;
  for (int32_t y = 0; y < MST_GENERATE_N_LABELS; y++) {
    posterior[y] = g->model.posterior[family][y];
    p += g->model.joint[family][y];
  }
  return p;
}

int mst_generator_is_shared(const mst_generator *g, int32_t family) {
  return mst__grammar_family(g->grammar, family)->second != NO_LABEL;
}

double mst_generator_best_accuracy(const mst_generator *g) { return g->model.best_accuracy; }

int32_t mst__generator_best(const mst_generator *g, int32_t family) {
  return g->model.best[family];
}

/* Number of the k-th set bit of mask. */
static int32_t nth_bit(uint32_t mask, uint32_t k) {
  for (; k; k--) mask &= mask - 1;
  return __builtin_ctz(mask);
}

static int32_t draw_bit(const mst_generator *g, uint64_t record, uint64_t position, uint32_t mask) {
  const uint64_t n = (uint64_t)__builtin_popcount(mask);
  return nth_bit(mask, (uint32_t)mst_rng_below(n, g->seed, MST_RNG_GENERATE, record, 0, position));
}

void mst_generator_record(const mst_generator *g, int64_t index, mst_generated *out) {
  assert(index >= 0);
  const uint64_t record = (uint64_t)index;
  const mst_rng_purpose purpose = MST_RNG_GENERATE;
  out->family =
      mst__model_family(&g->model, mst_rng_unit(g->seed, purpose, record, 0, DRAW_FAMILY));
  out->label = mst__model_label(&g->model, out->family,
                                mst_rng_unit(g->seed, purpose, record, 0, DRAW_LABEL));
  const uint32_t topics = mst__grammar_family(g->grammar, out->family)->topics;
  const int32_t topic =
      draw_bit(g, record, DRAW_TOPIC, topics ? topics : (UINT32_C(1) << N_TOPICS) - 1);
  out->topic = mst__topics[topic].name;
  out->grade = draw_bit(g, record, DRAW_GRADE, mst__topics[topic].grades);
  mst__scribe scribe = {.grammar = g->grammar,
                        .seed = g->seed,
                        .record = record,
                        .position = DRAW_TEXT,
                        .family = out->family,
                        .topic = topic,
                        .text = out->text};
  mst__scribe_statement(&scribe);
  out->n_bytes = scribe.n_bytes;
  out->n_typos = mst__typos(out->text, &out->n_bytes, g->typos, g->seed, record);
  out->text[out->n_bytes] = '\0';
}
