/* validation.c: the part of the training rows that early stopping is judged on: records alone. */
#include "learn/model_internal.h"
#include "misstep/alloc.h"
#include "misstep/rng.h"
#include "read/split.h"

/* The rows that are no copies, with what the split needs of them. */
typedef struct originals {
  int64_t *row; /* [n] */
  int64_t *unit;
  uint64_t *key;
  int32_t *label;
  uint8_t *is_valid;
  int64_t n;
} originals;

static void originals_fini(originals *o) {
  mst_free(o->row);
  mst_free(o->unit);
  mst_free(o->key);
  mst_free(o->label);
  mst_free(o->is_valid);
}

static mst_status originals_init(const mst_training *t, originals *o) {
  const size_t n = (size_t)mst_corpus_n_docs(t->corpus);
  o->row = mst_alloc(n, sizeof *o->row);
  o->unit = mst_alloc(n, sizeof *o->unit);
  o->key = mst_alloc(n, sizeof *o->key);
  o->label = mst_alloc(n, sizeof *o->label);
  o->is_valid = mst_alloc(n, 1);
  if (!o->row || !o->unit || !o->key || !o->label || !o->is_valid) return MST_E_NOMEM;
  for (int64_t d = 0; d < (int64_t)n; d++) {
    if (t->parent && t->parent[d] != d) continue;
    o->row[o->n] = d;
    o->unit[o->n] = t->unit[d];
    o->key[o->n] = t->key[d];
    o->label[o->n++] = t->label[d];
  }
  return MST_OK;
}

/* Whole units are set aside. The draws are those of the split with a seed of their own, so that the
 * validation part does not follow the test part. */
mst_status mst__validation_choose(const mst_model_options *options, const mst_training *training,
                                  uint8_t *side) {
  const uint64_t seed = mst_rng_u64(options->seed, MST_RNG_VALIDATION, 0, 0, 0);
  const int64_t n = mst_corpus_n_docs(training->corpus);
  int32_t n_small = 0;
  originals o = {0};
  mst_status st = originals_init(training, &o);
  if (!st) {
    const mst_split_records records = {o.unit, o.key, o.label, o.n, (int32_t)training->names->n};
    st = mst_split_test(&records, options->validation_frac, seed, o.is_valid, NULL, &n_small);
    if (st) st = mst_error_prefix(st, "--validation-size");
  }
  for (int64_t i = 0; !st && i < o.n; i++) side[o.row[i]] = o.is_valid[i];
  for (int64_t d = 0; !st && training->parent && d < n; d++)
    if (training->parent[d] != d) side[d] = side[training->parent[d]] ? 2 : 0;
  originals_fini(&o);
  return st;
}
