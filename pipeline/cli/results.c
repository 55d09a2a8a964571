/* results.c: what train leaves behind: the model folder with its figures, and the tables. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"
#include "cli/train.h"
#include "misstep/alloc.h"
#include "misstep/log.h"
#include "report/card.h"
#include "report/confusion.h"
#include "report/scores.h"

/* How a model with trees is read in Python; scripts/python/predict_with_numpy.py reads any. */
#define TERMS                                                                                      \
  "terms = json.load(open('trees/terms.json'))\n"                                                  \
  "idf = np.load('trees/idf.npy')\n"
static const char with_xgboost[] = "import json, numpy as np, xgboost\n"
                                   "booster = xgboost.Booster(model_file='booster.ubj')\n" TERMS;
static const char with_lightgbm[] = "import json, numpy as np, lightgbm\n"
                                    "booster = lightgbm.Booster(model_file='lightgbm.txt')\n" TERMS;

static mst_status set_text(mst_json *o, const char *key, const char *text) {
  return mst_json_set(o, key, mst_json_new_string(text));
}

/* What was trained on and how it was divided; the card and metrics.json share it. */
static mst_status facts_json(const mst_results *r, mst_json **out) {
  mst_json *o = mst_json_new_object();
  mst_status st = set_text(o, "training file", r->input);
  if (!st) st = mst_json_set(o, "training records", mst_json_new_int(r->n_train));
  if (!st) st = mst_json_set(o, "test records", mst_json_new_int(r->n_test));
  if (!st && r->augmented)
    st = mst_json_set(o, "training records and copies", mst_json_new_int(r->augmented->n));
  if (!st) st = mst_json_set(o, "classes", mst_json_new_int(r->names->n));
  if (!st) st = set_text(o, "split", r->plan->words);
  if (!st && r->plan->n_twins >= 0)
    st =
        mst_json_set(o, "test records with a twin in training", mst_json_new_int(r->plan->n_twins));
  if (!st) st = set_text(o, "device", r->fit->device);
  if (!st) st = mst_json_set(o, "boosting rounds", mst_json_new_int(r->fit->n_rounds));
  if (!st) st = mst_json_set(o, "seconds", mst_json_new_real(round(10 * r->seconds) / 10));
  if (st) mst_json_free(o);
  else *out = o;
  return st;
}

/* {"test": {...}} or {"cross_validation": {...}}, and the facts. */
static mst_status metrics_json(const mst_results *r, const mst_json **scores, mst_json **out) {
  mst_json *o = mst_json_new_object(), *facts = NULL, *copies = NULL;
  mst_json *values = mst_metrics_json(r->metrics, r->names);
  *scores = values;
  mst_status st = mst_json_set(o, r->plan->n_folds ? "cross_validation" : "test", values);
  if (!st) st = facts_json(r, &facts);
  if (!st) st = mst_json_set(o, "run", facts);
  if (!st && r->augmented) st = mst_augmented_json(r->augmented, r->names, &copies);
  if (!st && r->augmented) st = mst_json_set(o, "augmentation", copies);
  if (st) mst_json_free(o);
  else *out = o;
  return st;
}

/* A figure is a gift: without gnuplot the run is as good. */
static mst_status draw(const mst_results *r, mst_figure *figure) {
  char title[256];
  (void)snprintf(title, sizeof title, "Confusion, %lld test records", (long long)r->n_test);
  mst_status st = mst_confusion_draw(r->metrics, r->names, title, figure);
  if (st == MST_E_NOMEM) return st;
  if (st) mst_log(MST_LOG_INFO, "no figures: %s", mst_error_last()->message);
  if (!st && figure->is_numbered)
    mst_log(MST_LOG_INFO, "the figure numbers the classes: no installed font has their names");
  return MST_OK;
}

mst_status mst_results_save(const mst_results *r, const mst_model *model) {
  mst_figure figure = {0};
  mst_json *config = mst_settings_json(r->s), *metrics = NULL, *facts = NULL;
  const mst_json *scores = NULL;
  char *card = NULL, title[512];
  size_t n_card = 0;
  (void)snprintf(title, sizeof title, "misstep model of %s", r->input);
  mst_status st = config ? MST_OK : MST_E_NOMEM;
  if (!st && *r->rules_hash) st = set_text(config, "rules-hash", r->rules_hash);
  if (!st) st = metrics_json(r, &scores, &metrics);
  if (!st) st = facts_json(r, &facts);
  if (!st) {
    const char *snippet = mst_setting_is(r->s, "learner", "xgboost")    ? with_xgboost
                          : mst_setting_is(r->s, "learner", "lightgbm") ? with_lightgbm
                                                                        : NULL;
    const mst_card about = {title, facts, config, scores, snippet};
    st = mst_card_write(&about, &card, &n_card);
  }
  if (!st) st = draw(r, &figure);
  if (!st) {
    const mst_model_file extra[] = {{"README.md", card, n_card},
                                    {"confusion.svg", figure.svg, figure.n_svg_bytes},
                                    {"confusion.png", figure.png, figure.n_png_bytes}};
    st = mst_model_save(model, r->output, mst_setting_on(r->s, "force"), config, metrics, extra,
                        figure.svg ? 3 : 1);
  }
  mst_figure_fini(&figure);
  mst_free(card);
  mst_json_free(facts);
  mst_json_free(metrics);
  mst_json_free(config);
  return st;
}

static mst_status print_and_free(mst_status st, mst_table *table, mst_table_format format) {
  if (!st) st = mst_print_table(table, format);
  if (!st && format == MST_TABLE_TEXT) st = mst_write_all(stdout, "standard output", "\n", 1);
  mst_table_free(table);
  return st;
}

mst_status mst_print_scores(const mst_metrics *metrics, const mst_strings *names,
                            mst_table_format format) {
  mst_table *table = NULL;
  mst_status st = mst_scores_overall(metrics, &table);
  st = print_and_free(st, table, format);
  if (st) return st;
  table = NULL;
  st = mst_scores_per_class(metrics, names, &table);
  st = print_and_free(st, table, format);
  if (st) return st;
  table = NULL;
  st = mst_scores_confusion(metrics, names, &table);
  return print_and_free(st, table, format);
}

mst_status mst_print_json(const mst_json *value) {
  char *text = NULL;
  size_t n = 0;
  mst_status st = mst_json_dump(value, 2, &text, &n);
  if (!st) st = mst_write_all(stdout, "standard output", text, n);
  if (!st) st = mst_write_all(stdout, "standard output", "\n", 1);
  mst_free(text);
  return st;
}

mst_status mst_results_print(const mst_results *r) {
  mst_table_format format;
  mst_table *table = NULL;
  mst_json *metrics = NULL;
  const mst_json *scores;
  mst_status st = mst_setting_table_format(r->s, &format);
  if (!st && format == MST_TABLE_JSON) {
    st = metrics_json(r, &scores, &metrics);
    if (!st) st = mst_print_json(metrics);
    mst_json_free(metrics);
    return st;
  }
  if (!st) st = mst_scores_fit(r->fit, (int32_t)r->names->n, r->n_test, &table);
  if (!st) st = mst_table_note(table, "split: %s", r->plan->words);
  st = print_and_free(st, table, format);
  table = NULL;
  if (!st && r->augmented) {
    st = mst_augmented_table(r->augmented, r->names, &table);
    st = print_and_free(st, table, format);
  }
  if (!st) st = mst_print_scores(r->metrics, r->names, format);
  if (!st)
    mst_terminal_note("%s: saved after %.1f s; next: misstep predict %s NEW.csv -o predictions.csv",
                      r->output, r->seconds, r->output);
  return st;
}
