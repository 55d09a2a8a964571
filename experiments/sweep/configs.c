/* configs.c: configurations: which are one model, and what they share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "cli/command.h"
#include "cli/train_copies.h"
#include "files/folder.h"
#include "misstep/alloc.h"

/* Texts that a configuration's keys are made of. */
typedef struct texts {
  mst_buffer all, training, trees, margin, copies;
} texts;

static void texts_fini(texts *t) {
  mst_buffer_fini(&t->all);
  mst_buffer_fini(&t->training);
  mst_buffer_fini(&t->trees);
  mst_buffer_fini(&t->margin);
  mst_buffer_fini(&t->copies);
}

static mst_status add_option(texts *t, int model, const mst_settings *s, const char *name,
                             const mst_json *value) {
  if (!sweep_option_matters(model, s, name)) return MST_OK;
  const int rounds = strcmp(name, "n-estimators") == 0;
  const int shared = model == MST_LEARNER_XGBOOST && mst_setting_int(s, "early-stopping") == 0;
  const sweep_options p = sweep_options_of(name);
  char *text = NULL;
  mst_status st = mst_json_dump(value, 0, &text, NULL);
  if (!st) st = mst_buffer_printf(&t->all, "%s=%s\n", name, text);
  if (!st && !(rounds && shared)) st = mst_buffer_printf(&t->training, "%s=%s\n", name, text);
  if (!st && (p == SWEEP_OF_TREES || strcmp(name, "select") == 0))
    st = mst_buffer_printf(&t->trees, "%s=%s\n", name, text);
  if (!st && !mst_setting_is(s, "margin", "none") &&
      (p == SWEEP_OF_LINEAR || strcmp(name, "margin") == 0 || strcmp(name, "class-weight") == 0))
    st = mst_buffer_printf(&t->margin, "%s=%s\n", name, text);
  if (!st && p == SWEEP_OF_COPIES && !mst_setting_is(s, "augment", "none"))
    st = mst_buffer_printf(&t->copies, "%s=%s\n", name, text);
  mst_free(text);
  return st;
}

void sweep_hash(const void *bytes, size_t n, char out[SWEEP_KEY]) {
  char hex[65];
  mst_sha256(bytes, n, hex);
  memcpy(out, hex, SWEEP_KEY - 1);
  out[SWEEP_KEY - 1] = 0;
}

/* The content of rule files counts, not their names alone. */
static mst_status add_rules(const mst_settings *s, texts *t) {
  mst_train_maker maker;
  mst_status st = mst_train_maker_init(s, &maker);
  if (!st && maker.rules) {
    st = mst_buffer_printf(&t->all, "rules=%s\n", maker.hash);
    if (!st) st = mst_buffer_printf(&t->training, "rules=%s\n", maker.hash);
  }
  mst_train_maker_fini(&maker);
  return st;
}

/* So does that of a file of class weights. */
static mst_status add_weights(const mst_settings *s, texts *t) {
  const char *path = mst_setting_text(s, "class-weight");
  if (strcmp(path, "none") == 0 || strcmp(path, "balanced") == 0) return MST_OK;
  char hex[65];
  mst_status st = mst_sha256_file(path, hex);
  if (!st) st = mst_buffer_printf(&t->all, "weights=%s\n", hex);
  if (!st) st = mst_buffer_printf(&t->training, "weights=%s\n", hex);
  return st ? st : mst_buffer_printf(&t->margin, "weights=%s\n", hex);
}

/* Hashes and texts of a configuration with its number of rounds. */
static mst_status describe(const mst_settings *s, sweep_config *c) {
  texts t;
  mst_json *options = mst_settings_json(s);
  mst_buffer_init(&t.all, (size_t)1 << 24, "a configuration");
  mst_buffer_init(&t.training, (size_t)1 << 24, "a configuration");
  mst_buffer_init(&t.trees, (size_t)1 << 24, "a configuration");
  mst_buffer_init(&t.margin, (size_t)1 << 24, "a configuration");
  mst_buffer_init(&t.copies, (size_t)1 << 24, "a configuration");
  mst_status st = options ? MST_OK : MST_E_NOMEM;
  for (size_t i = 0; !st && i < mst_json_size(options); i++)
    st = add_option(&t, c->model, s, mst_json_key(options, i), mst_json_value(options, i));
  if (!st && !mst_setting_is(s, "augment", "none")) st = add_rules(s, &t);
  if (!st) st = add_weights(s, &t);
  if (!st) st = mst_buffer_append(&t.trees, "", 1);
  if (!st) st = mst_buffer_append(&t.margin, "", 1);
  if (!st) st = mst_buffer_append(&t.copies, "", 1);
  if (!st) {
    sweep_hash(t.all.data, t.all.size_bytes, c->hash);
    sweep_hash(t.training.data, t.training.size_bytes, c->training);
    c->trees = (char *)t.trees.data;
    c->margin = (char *)t.margin.data;
    c->copies = (char *)t.copies.data;
    t.trees.data = t.margin.data = t.copies.data = NULL;
  }
  texts_fini(&t);
  mst_json_free(options);
  return st;
}

/* Equal copies together, within them equal margins, equal features, one training. */
static int by_sharing(const void *a, const void *b) {
  const sweep_config *x = a, *y = b;
  int order = strcmp(x->copies, y->copies);
  if (!order) order = x->model - y->model;
  if (!order) order = strcmp(x->margin, y->margin);
  if (!order) order = strcmp(x->trees, y->trees);
  if (!order) order = strcmp(x->training, y->training);
  if (!order) order = (x->rounds > y->rounds) - (x->rounds < y->rounds);
  if (!order) order = strcmp(x->hash, y->hash);
  return order ? order : (x->choice > y->choice) - (x->choice < y->choice);
}

static void fini_config(sweep_config *c) {
  mst_free(c->trees);
  mst_free(c->margin);
  mst_free(c->copies);
}

static void drop_twins(sweep_cells *cells) {
  int64_t kept = 0;
  for (int64_t i = 0; i < cells->n_configs; i++) {
    if (kept && strcmp(cells->config[kept - 1].hash, cells->config[i].hash) == 0)
      fini_config(&cells->config[i]);
    else cells->config[kept++] = cells->config[i];
  }
  cells->n_configs = kept;
}

/* All choices of all models, each with the most rounds. */
static mst_status list_choices(const sweep_spec *spec, sweep_cells *out) {
  const int64_t n = sweep_spec_configs(spec);
  out->config = mst_alloc_zero((size_t)n * (size_t)spec->n_models, sizeof *out->config);
  mst_status st = out->config ? MST_OK : MST_E_NOMEM;
  for (int32_t m = 0; !st && m < spec->n_models; m++)
    for (int64_t choice = 0; !st && choice < n; choice++) {
      sweep_config *c = &out->config[out->n_configs++];
      mst_settings s;
      *c = (sweep_config){.choice = choice, .model = spec->model[m]};
      st = sweep_settings_make(spec, c->model, choice, 0, &s);
      if (st) return st;
      c->rounds = (int32_t)mst_setting_int(&s, "n-estimators");
      st = describe(&s, c);
      mst_settings_fini(&s);
    }
  return st;
}

static int by_choice(const void *a, const void *b) {
  const sweep_config *x = a, *y = b;
  if (x->model != y->model) return x->model - y->model;
  return (x->choice > y->choice) - (x->choice < y->choice);
}

/* Hyperband's shares: a bracket with more rungs gets more configurations, so that all cost about
 * the same. The first configurations go to the first bracket. */
static int32_t bracket_of(const sweep_halving *h, int64_t rank, int64_t n) {
  double share[SWEEP_MOST_RUNGS], all = 0, sum = 0;
  for (int32_t b = 0; b < h->n_brackets; b++) {
    const int32_t steps = h->n_rungs - 1 - b;
    share[b] = 1.0 / (steps + 1);
    for (int32_t i = 0; i < steps; i++) share[b] *= (double)h->eta;
    all += share[b];
  }
  for (int32_t b = 0; b < h->n_brackets; b++) {
    sum += share[b];
    if ((double)rank < sum / all * (double)n) return b;
  }
  return h->n_brackets - 1;
}

static void deal(const sweep_spec *spec, sweep_cells *out) {
  qsort(out->config, (size_t)out->n_configs, sizeof *out->config, by_choice);
  for (int64_t i = 0; i < out->n_configs;) {
    const int64_t first = i;
    int64_t n = 0;
    while (first + n < out->n_configs && out->config[first + n].model == out->config[first].model)
      n++;
    for (; i < first + n; i++) {
      out->config[i].entrant = (int32_t)i;
      out->config[i].bracket = bracket_of(&spec->halving, i - first, n);
    }
  }
  out->n_entrants = out->n_configs;
}

/* The same configuration with the rounds of a rung. */
static mst_status at_rung(const sweep_spec *spec, const sweep_config *from, int32_t rung,
                          sweep_config *out) {
  char text[32];
  mst_settings s;
  const int64_t rounds = spec->halving.level[rung];
  *out = (sweep_config){.choice = from->choice,
                        .model = from->model,
                        .bracket = from->bracket,
                        .entrant = from->entrant,
                        .rung = rung,
                        .rounds = (int32_t)rounds};
  mst_status st = sweep_settings_make(spec, from->model, from->choice, 0, &s);
  if (st) return st;
  (void)snprintf(text, sizeof text, "%lld", (long long)rounds);
  st = mst_settings_set(&s, "n-estimators", text, 3);
  if (!st) st = describe(&s, out);
  mst_settings_fini(&s);
  return st;
}

/* Each configuration once for each rung from its bracket on. */
static mst_status add_rungs(const sweep_spec *spec, sweep_cells *cells) {
  const int32_t n_rungs = spec->halving.n_rungs;
  sweep_cells all = {.n_entrants = cells->n_entrants};
  all.config = mst_alloc_zero((size_t)cells->n_configs * (size_t)n_rungs, sizeof *all.config);
  mst_status st = all.config ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < cells->n_configs; i++)
    for (int32_t rung = cells->config[i].bracket; !st && rung < n_rungs; rung++)
      st = at_rung(spec, &cells->config[i], rung, &all.config[all.n_configs++]);
  sweep_configs_fini(cells);
  *cells = all;
  return st;
}

mst_status sweep_configs_make(const sweep_spec *spec, sweep_cells *cells) {
  mst_status st = list_choices(spec, cells);
  if (st) return st;
  qsort(cells->config, (size_t)cells->n_configs, sizeof *cells->config, by_sharing);
  drop_twins(cells);
  deal(spec, cells);
  if (spec->halving.eta && !spec->halving.by_rows) st = add_rungs(spec, cells);
  if (!st) qsort(cells->config, (size_t)cells->n_configs, sizeof *cells->config, by_sharing);
  return st;
}

void sweep_configs_fini(sweep_cells *cells) {
  for (int64_t i = 0; i < cells->n_configs; i++) fini_config(&cells->config[i]);
  mst_free(cells->config);
  cells->config = NULL;
  cells->n_configs = 0;
}
