/* train.c: misstep train: read, split, fit, score, save, report. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"
#include "cli/train.h"
#include "files/folder.h"
#include "learn/crew.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

/* Everything that one run holds. */
typedef struct job {
  const mst_settings *s;
  mst_model_options options;
  mst_model_store store;
  mst_crew_place place; /* --workers: which of their tasks this is */
  mst_crew *crew;
  mst_data data, test; /* test: --test FILE */
  mst_strings names;   /* [C] */
  mst_given given;     /* copies in the training file */
  mst_train_maker maker;
  mst_augmented augmented; /* the last fit's, which is the saved model's */
  mst_division plan;
  mst_metrics metrics;
  mst_fit_report fit;
  mst_model *model;
  int64_t n_train, n_test;
} job;

/* Where several processes are to boost, this is the first of them, or one of its helpers. */
static mst_status check_workers(job *j) {
  const int n = (int)mst_setting_int(j->s, "workers");
  mst_status st = mst_crew_place_find(n, &j->place);
  if (st || n == 1) return st;
  if (j->options.learner != MST_LEARNER_XGBOOST)
    return MST_FAIL(MST_E_ARG, "--workers %d: only --learner xgboost is shared out", n);
  if (strcmp(j->options.device, "cpu") != 0)
    return MST_FAIL(MST_E_ARG, "--workers %d boosts on CPUs: --device cpu is expected", n);
  if (j->place.rank > 0) {
    mst_terminal_start(1); /* the first task shows how far all are */
    return MST_OK;
  }
  st = mst_crew_open(&j->place, mst_setting_text(j->s, "output"), &j->crew);
  j->options.crew = j->crew;
  return st;
}

/* What can fail before hours of work is tried first: the output's name, the device, the library. */
static mst_status check_first(job *j) {
  const char *path = mst_setting_text(j->s, "output");
  mst_table_format format;
  mst_output *out = NULL;
  if (!path) return MST_FAIL(MST_E_ARG, "-o MODEL is missing: where does the model go?");
  mst_status st = mst_setting_table_format(j->s, &format);
  if (!st) st = mst_setting_model(j->s, &j->store, &j->options);
  if (!st) st = mst_train_maker_init(j->s, &j->maker);
  if (!st) st = mst_output_open(path, 1, mst_setting_on(j->s, "force"), &out);
  mst_output_close(out);
  if (!st) st = mst_learner_open(j->options.learner);
  return st ? st : check_workers(j);
}

/* Copies are for training alone, and of records alone. */
static mst_status check_copies(job *j) {
  if (j->test.records && mst_given_is_in(j->test.records))
    return MST_FAIL(MST_E_FORMAT,
                    "%s: it holds copies (columns parent and copy): a test file of "
                    "records alone is expected",
                    mst_records_path(j->test.records));
  if (j->given.found && j->maker.rules)
    return MST_FAIL(MST_E_FORMAT, "%s: it holds copies already: --augment none is expected",
                    mst_records_path(j->data.records));
  return MST_OK;
}

static mst_status read_data(job *j) {
  const char *text = mst_setting_text(j->s, "text-column"),
             *label = mst_setting_text(j->s, "label-column");
  const char *test = mst_setting_text(j->s, "test");
  mst_status st = mst_data_read(j->s->positional[0], j->s, text, &j->data);
  if (!st) st = mst_given_take(j->s, &j->data, &j->given);
  if (!st) st = mst_data_label(&j->data, label, &j->names);
  if (!st && test) st = mst_data_read(test, j->s, text, &j->test);
  if (!st) st = check_copies(j);
  if (!st && test) st = mst_data_relabel(&j->test, label, &j->names);
  if (!st) st = mst_class_weight_check(&j->store.class_weight, &j->names);
  return st;
}

/* Fit on a part whose labels have their numbers among names, with copies where there are any.
 *   text  what will be predicted: no copy may equal it */
static mst_status fit_part(job *j, const mst_part *train, const mst_strings *names,
                           const mst_text *text, mst_model **out) {
  if (!j->maker.rules && !j->given.found)
    return mst_model_fit(&j->options, &train->text, train->label, names, train->unit, train->key,
                         out, &j->fit);
  mst_augmented *a = &j->augmented;
  const double began = mst_terminal_now();
  mst_tested tested = {0};
  mst_augmented_fini(a);
  mst_status st = mst_tested_init(text, j->options.n_threads, &tested);
  if (!st)
    st = mst_train_augment(&j->maker, &j->given, &j->data, train, names, &tested,
                           j->options.backend, a);
  mst_tested_fini(&tested);
  if (st) return st;
  const double seconds = mst_terminal_now() - began;
  const mst_training training = {a->corpus, a->label, names, a->unit, a->key, a->parent, a->weight};
  st = mst_model_fit_copies(&j->options, &training, out, &j->fit);
  j->fit.seconds_tokens += seconds;
  return st;
}

/* Fit on a part and predict texts with all classes; an absent class gets probability 0
 * or, without probabilities, the lowest decision.
 *   model_out  receives the model when not NULL (all classes must be present then) */
static mst_status fit_predict(job *j, mst_part *train, const mst_text *text, float *proba,
                              mst_model **model_out) {
  const int64_t n_classes = j->names.n;
  mst_present p = {0};
  mst_model *model = NULL;
  float *narrow = NULL;
  mst_status st = mst_present_init(train, &j->names, &p);
  if (!st) st = fit_part(j, train, &p.names, text, &model);
  if (!st && !(narrow = mst_alloc((size_t)(text->n_docs * p.names.n), sizeof *narrow)))
    st = MST_E_NOMEM;
  if (!st && text->n_docs > 0) st = mst_model_predict(model, j->options.backend, text, narrow);
  const float absent = mst_learner_has_proba(j->options.learner) ? 0.0f : -INFINITY;
  if (!st) mst_present_widen(&p, n_classes, narrow, text->n_docs, absent, proba);
  if (!st && model_out) *model_out = model;
  else mst_model_free(model);
  mst_free(narrow);
  mst_present_fini(&p);
  return st;
}

static mst_status score(job *j, const int32_t *label, const float *proba, int64_t n) {
  const int32_t n_bootstrap = (int32_t)mst_setting_int(j->s, "bootstrap");
  return (mst_learner_has_proba(j->options.learner) ? mst_metrics_compute : mst_metrics_of_scores)(
      label, proba, n, (int32_t)j->names.n, n_bootstrap, j->options.seed, j->options.n_threads,
      &j->metrics);
}

/* A given test part may hold a class that training lacks: nothing could predict it. */
static mst_status check_test_classes(const job *j) {
  uint8_t *trained = mst_alloc_zero((size_t)j->names.n, 1);
  mst_status st = trained ? MST_OK : MST_E_NOMEM;
  for (int64_t d = 0; !st && d < j->data.text.n_docs; d++)
    if (j->plan.part[d] == 0) trained[j->data.label[d]] = 1;
  for (int64_t d = 0; !st && d < j->data.text.n_docs; d++) {
    const mst_slice name = mst_strings_at(&j->names, j->data.label[d]);
    if (trained[j->data.label[d]]) continue;
    st = MST_FAIL(
        MST_E_FORMAT, "%s:%lld: label '%.*s' is in the test part only; nothing can learn it",
        mst_records_path(j->data.records), (long long)mst_records_line(j->data.records, d),
        name.len < 100 ? (int)name.len : 100, (const char *)name.ptr);
  }
  mst_free(trained);
  return st;
}

static mst_status train_and_test(job *j) {
  mst_part train = {0}, held = {0};
  float *proba = NULL;
  mst_status st = check_test_classes(j);
  if (!st) st = mst_part_take(&j->data, j->plan.unit, j->plan.key, j->plan.part, 0, 0, &train);
  if (!st && !j->test.records) st = mst_part_take(&j->data, NULL, NULL, j->plan.part, 1, 0, &held);
  const mst_text *text = j->test.records ? &j->test.text : &held.text;
  const int32_t *label = j->test.records ? j->test.label : held.label;
  j->n_train = train.n;
  j->n_test = text->n_docs;
  if (!st && !(proba = mst_alloc((size_t)(text->n_docs * j->names.n), sizeof *proba)))
    st = MST_E_NOMEM;
  if (!st) st = fit_predict(j, &train, text, proba, &j->model);
  if (!st) st = score(j, label, proba, text->n_docs);
  mst_free(proba);
  mst_part_fini(&train);
  mst_part_fini(&held);
  return st;
}

static mst_status one_fold(job *j, int32_t fold, float *proba) {
  mst_part train = {0}, held = {0};
  float *part = NULL;
  const int64_t n_classes = j->names.n;
  mst_status st = mst_part_take(&j->data, j->plan.unit, j->plan.key, j->plan.part, fold, 1, &train);
  if (!st) st = mst_part_take(&j->data, NULL, NULL, j->plan.part, fold, 0, &held);
  if (!st && !(part = mst_alloc((size_t)(held.n * n_classes), sizeof *part))) st = MST_E_NOMEM;
  if (!st) st = fit_predict(j, &train, &held.text, part, NULL);
  for (int64_t i = 0; !st && i < held.n; i++)
    memcpy(proba + held.row[i] * n_classes, part + i * n_classes,
           (size_t)n_classes * sizeof *proba);
  mst_free(part);
  mst_part_fini(&train);
  mst_part_fini(&held);
  return st;
}

/* Every record is predicted by the model that never saw its fold; the saved model saw all. */
static mst_status cross_validate(job *j) {
  const int64_t n = j->data.text.n_docs;
  float *proba = mst_alloc((size_t)(n * j->names.n), sizeof *proba);
  mst_part all = {0};
  const mst_text nothing = {0, NULL, (const int64_t[]){0}};
  mst_status st = proba ? MST_OK : MST_E_NOMEM;
  for (int32_t f = 0; !st && f < j->plan.n_folds; f++) {
    st = one_fold(j, f, proba);
    if (!st) mst_terminal_note("fold %d of %d done", f + 1, j->plan.n_folds);
  }
  if (!st) st = score(j, j->data.label, proba, n);
  if (!st) st = mst_part_take(&j->data, j->plan.unit, j->plan.key, j->plan.part, -1, 1, &all);
  if (!st) st = fit_predict(j, &all, &nothing, proba, &j->model);
  j->n_train = j->n_test = n;
  mst_part_fini(&all);
  mst_free(proba);
  return st;
}

/* How many copies there were and how many could not be made. */
static void say_copies(const job *j) {
  const mst_augment_tally *t = &j->augmented.tally;
  if (j->given.found) {
    mst_terminal_note("%s: it holds %lld copies; %lld of them trained, %lld left out: their "
                      "records are tested; %lld left out: equal to a tested text",
                      mst_records_path(j->data.records), (long long)j->given.n,
                      (long long)(j->given.n - j->augmented.n_left_out - j->augmented.n_equal),
                      (long long)j->augmented.n_left_out, (long long)j->augmented.n_equal);
    return;
  }
  if (!j->maker.rules) return;
  mst_terminal_note("%lld training records, %lld %s", (long long)t->n_records,
                    (long long)(t->n_copies - j->augmented.n_equal),
                    j->maker.weights      ? "duplicates as weights"
                    : j->maker.duplicates ? "duplicates"
                                          : "copies");
  if (j->augmented.n_equal)
    mst_terminal_note("%lld further copies left out: equal to a tested text",
                      (long long)j->augmented.n_equal);
  if (t->n_copies < t->n_wanted)
    mst_log(MST_LOG_WARNING,
            "%lld of %lld copies could not be made: %lld without anything that applies, %lld equal "
            "to their record or another copy, %lld would have changed maths",
            (long long)(t->n_wanted - t->n_copies), (long long)t->n_wanted, (long long)t->n_without,
            (long long)t->n_duplicates, (long long)t->n_unsafe);
}

static mst_status report(job *j, double began) {
  const int copies = j->maker.rules || j->given.found;
  say_copies(j);
  const mst_results r = {j->s,
                         &j->plan,
                         &j->names,
                         &j->metrics,
                         &j->fit,
                         j->n_train,
                         j->n_test,
                         mst_terminal_now() - began,
                         j->s->positional[0],
                         mst_setting_text(j->s, "output"),
                         copies ? &j->augmented : NULL,
                         j->maker.hash};
  mst_status st = mst_results_save(&r, j->model);
  return st ? st : mst_results_print(&r);
}

static mst_status run(job *j) {
  const double began = mst_terminal_now();
  mst_status st = read_data(j);
  if (!st)
    st = mst_division_make(j->s, &j->data, &j->names, j->test.records ? &j->test : NULL, &j->plan);
  if (!st) st = j->plan.n_folds ? cross_validate(j) : train_and_test(j);
  return st ? st : report(j, began);
}

mst_status mst_command_train(const mst_settings *s) {
  job j = {.s = s};
  mst_status st = check_first(&j);
  if (!st) st = j.place.rank ? mst_crew_serve(&j.place, mst_setting_text(s, "output")) : run(&j);
  mst_crew_close(j.crew, st);
  mst_model_free(j.model);
  mst_augmented_fini(&j.augmented);
  mst_train_maker_fini(&j.maker);
  mst_given_fini(&j.given);
  mst_metrics_fini(&j.metrics);
  mst_division_fini(&j.plan);
  mst_strings_fini(&j.names);
  mst_data_fini(&j.test);
  mst_data_fini(&j.data);
  mst_model_store_fini(&j.store);
  return st;
}
