/* cells.c: the list of all cells, their keys, and what the ledger and the predictions say. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "files/folder.h"
#include "files/npy.h"
#include "misstep/log.h"
#include "paper.h"

const paper_model paper_models[PAPER_MODELS] = {
    {"xgboost-paper", "TF-IDF + XGBoost (preset paper)", {"--preset", "paper"}, 5, 1, 0},
    {"default", "misstep (default)", {NULL}, -1, 1, 0},
    {"logistic", "Logistic regression", {"--learner", "linear"}, 0, 1, 0},
    {"svm", "SVM", {"--learner", "svm"}, 1, 0, 0},
    {"lightgbm",
     "LightGBM (preset paper)",
     {"--preset", "paper", "--learner", "lightgbm"},
     2,
     0,
     0},
    {"bert", "BERT", {NULL}, 3, 0, PAPER_BERT},
    {"distilbert", "DistilBERT", {NULL}, 4, 0, PAPER_DISTILBERT},
    {"minilm", "MiniLM-L6, fine-tuned", {NULL}, -1, 0, PAPER_MINILM},
    {"minilm-frozen", "MiniLM-L6, frozen, linear", {"--frozen"}, -1, 0, PAPER_MINILM},
    {"nb", "Complement naive Bayes", {"--learner", "nb"}, -1, 0, 0},
    {"majority", "Majority class", {"--learner", "majority"}, -1, 0, 0},
};

const char *paper_versions(const paper_options *o, int model) {
  const char *const *option = paper_models[model].option;
  for (int i = 0; option[i]; i++)
    if (strcmp(option[i], "lightgbm") == 0) return o->with_lightgbm;
  return o->versions;
}

/* The key is a hash of all that the result depends on. */
static mst_status set_key(const paper_run *run, paper_cell *c) {
  const paper_model *m = &paper_models[c->model];
  mst_buffer all;
  char hex[65];
  mst_buffer_init(&all, 1 << 16, "a cell's key");
  mst_status st = mst_buffer_printf(&all, "paper 1\n%s\n%s\n%s\n%d\n%d\n",
                                    paper_versions(run->options, c->model), c->part->train_hash,
                                    c->part->test_hash, c->seed, c->copies);
  for (int i = 0; m->option[i] && !st; i++) st = mst_buffer_printf(&all, "%s\n", m->option[i]);
  if (!st && m->encoder)
    st = mst_buffer_printf(&all, "%s\n", run->options->encoder_hash[m->encoder]);
  if (!st) mst_sha256(all.data, all.size_bytes, hex);
  if (!st) (void)snprintf(c->key, sizeof c->key, "%.32s", hex);
  mst_buffer_fini(&all);
  return st;
}

static mst_status add(paper_run *run, paper_protocol protocol, int size, int copies, int model,
                      int32_t seed) {
  paper_cell *c = &run->cell[run->n_cells++];
  *c = (paper_cell){.protocol = protocol,
                    .size = size,
                    .copies = copies,
                    .model = model,
                    .part = &run->part[protocol][size][seed],
                    .seed = seed};
  const char *absent = paper_model_absent(run->options, model);
  const char *why = absent ? absent : c->part->problem;
  (void)snprintf(c->error, sizeof c->error, "%s", why);
  return *why ? MST_OK : set_key(run, c);
}

/* Of one seed: the sizes for the models that have a curve, the others at the largest alone; clean
 * also has a training part with copies, as large as the paper's. */
static mst_status list_seed(paper_run *run, paper_protocol protocol, int32_t seed) {
  mst_status st = MST_OK;
  for (int model = 0; model < PAPER_MODELS && !st; model++) {
    const int curve = paper_models[model].curve;
    for (int size = curve ? 0 : PAPER_SIZES - 1; size < PAPER_SIZES && !st; size++)
      st = add(run, protocol, size, 0, model, seed);
    if (!st && protocol == PAPER_CLEAN && curve)
      st = add(run, protocol, PAPER_SIZES - 2, 1, model, seed);
  }
  return st;
}

mst_status paper_cells_list(paper_run *run) {
  const int32_t n_seeds = run->options->n_seeds;
  const size_t most = (size_t)PAPER_PROTOCOLS * (size_t)n_seeds * PAPER_MODELS * (PAPER_SIZES + 1);
  run->cell = mst_alloc_zero(most, sizeof *run->cell);
  mst_status st = run->cell ? MST_OK : MST_E_NOMEM;
  for (int32_t seed = 0; seed < n_seeds && !st; seed++)
    for (int protocol = 0; protocol < PAPER_PROTOCOLS && !st; protocol++)
      if (run->options->wanted[protocol]) st = list_seed(run, (paper_protocol)protocol, seed);
  return st;
}

/* A cell counts as done when its line and its predictions are there and agree. */
static mst_status take(const paper_run *run, const sweep_ledger *ledger, paper_cell *c) {
  const sweep_entry *entry = *c->key ? sweep_ledger_find(ledger, c->key) : NULL;
  char path[4200];
  mst_array array = {0};
  if (!entry || !entry->done || c->done) return MST_OK;
  (void)snprintf(path, sizeof path, "%.4000s/predictions/%s.npy", run->options->dir, c->key);
  mst_status st = mst_npy_load(path, &array);
  if (st == MST_E_NOMEM) return st;
  if (st || array.n_dims != 1 || array.shape[0] != c->part->n_test || array.dtype != MST_INT32) {
    mst_log(MST_LOG_WARNING, "%s: not the predictions of its cell, which is computed again", path);
    mst_array_fini(&array);
    return MST_OK;
  }
  c->predicted = array.data;
  c->seconds = mst_json_number(mst_json_get(entry->line, "seconds"));
  const mst_answers answers = {.label = c->part->label,
                               .predicted = c->predicted,
                               .n_rows = c->part->n_test,
                               .n_classes = (int32_t)run->set.names.n};
  st = mst_metrics_judge(&answers, 0, 0, 1, &c->metrics);
  c->done = !st;
  return st ? mst_error_prefix(st, "%s", path) : MST_OK;
}

mst_status paper_cells_load(paper_run *run) {
  sweep_ledger *ledger = NULL;
  mst_status st = sweep_ledger_open(run->options->dir, NULL, 1, &ledger);
  if (!st) st = sweep_ledger_read(ledger);
  if (!st) st = sweep_ledger_repair(ledger);
  for (int64_t i = 0; i < run->n_cells && !st; i++) st = take(run, ledger, &run->cell[i]);
  sweep_ledger_close(ledger);
  return st;
}

void paper_cells_fini(paper_run *run) {
  for (int64_t i = 0; i < run->n_cells; i++) {
    mst_free(run->cell[i].predicted);
    mst_metrics_fini(&run->cell[i].metrics);
  }
  mst_free(run->cell);
  run->cell = NULL;
  run->n_cells = 0;
}

const paper_cell *paper_cell_find(const paper_run *run, paper_protocol protocol, int size,
                                  int copies, int model, int32_t seed) {
  for (int64_t i = 0; i < run->n_cells; i++) {
    const paper_cell *c = &run->cell[i];
    if (c->protocol == protocol && c->size == size && c->copies == copies && c->model == model &&
        c->seed == seed)
      return c;
  }
  return NULL;
}

mst_status paper_cell_command(const paper_options *o, const paper_cell *c, mst_buffer *to) {
  const paper_model *m = &paper_models[c->model];
  mst_status st =
      m->encoder ? mst_buffer_printf(to, "transformer.py --train %s --test %s --model %s --seed %d",
                                     c->part->train, c->part->test, o->encoder[m->encoder], c->seed)
                 : mst_buffer_printf(to, "misstep train %s --test %s --seed %d", c->part->train,
                                     c->part->test, c->seed);
  for (int i = 0; m->option[i] && !st; i++) st = mst_buffer_printf(to, " %s", m->option[i]);
  if (!st && c->copies) st = mst_buffer_printf(to, " --augment elementary-maths --copies 1");
  if (st || m->encoder) return st ? st : mst_buffer_printf(to, " -o predictions.csv");
  return mst_buffer_printf(to, " -o model && misstep predict model %s -o predictions.csv",
                           c->part->test);
}
