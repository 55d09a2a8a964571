/* work.c: a task's probabilities, scores and lines. */
#include "work.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "energy.h"
#include "host.h"
#include "memory.h"
#include "misstep/alloc.h"
#include "misstep/backend.h"

/* A value as JSON: a number where the text is one. */
static mst_json *value_json(const char *text) {
  mst_json *value = NULL;
  if (mst_json_parse(text, strlen(text), &value)) return mst_json_new_string(text);
  const mst_json_kind kind = mst_json_kind_of(value);
  if (kind == MST_JSON_INT || kind == MST_JSON_REAL || kind == MST_JSON_BOOL) return value;
  mst_json_free(value);
  return mst_json_new_string(text);
}

static mst_status add_parameters(const sweep_worker *w, const sweep_cell *cell, mst_json *line) {
  const sweep_config *c = &w->cells->config[cell->config];
  mst_json *object = mst_json_new_object();
  mst_settings s;
  mst_status st = sweep_settings_make(w->spec, c->model, c->choice, 0, &s);
  if (st) {
    mst_json_free(object);
    return st;
  }
  if (sweep_spec_names_protocol(w->spec))
    st = mst_json_set(object, "protocol",
                      mst_json_new_string(cell->protocol == SWEEP_PAPER ? "paper" : "clean"));
  for (int32_t p = 0; !st && p < w->spec->n_parameters; p++) {
    const sweep_parameter *parameter = &w->spec->parameter[p];
    if (!sweep_option_matters(c->model, &s, parameter->option->name)) continue;
    const char *value = parameter->value[sweep_spec_choice(w->spec, c->choice, p)];
    const int by_rung = w->spec->halving.eta && !w->spec->halving.by_rows &&
                        strcmp(parameter->name, "n_estimators") == 0;
    st = mst_json_set(object, parameter->name,
                      by_rung ? mst_json_new_int(c->rounds) : value_json(value));
  }
  mst_settings_fini(&s);
  if (!st) return mst_json_set(line, "parameters", object);
  mst_json_free(object);
  return st;
}

static mst_json *begin_line(const sweep_worker *w, const sweep_cell *cell, const char *state) {
  const sweep_config *c = &w->cells->config[cell->config];
  char name[SWEEP_HOST_NAME];
  sweep_host_name(name);
  mst_json *line = mst_json_new_object();
  const int64_t rows = cell->rows < 0 ? w->data->data.text.n_docs : w->spec->rows[cell->rows];
  mst_status st = mst_json_set(line, "key", mst_json_new_string(cell->key));
  if (!st) st = mst_json_set(line, "state", mst_json_new_string(state));
  if (!st) st = mst_json_set(line, "number", mst_json_new_int(cell->number));
  if (!st) st = mst_json_set(line, "worker", mst_json_new_string(name));
  if (!st) st = mst_json_set(line, "rows", mst_json_new_int(rows));
  if (!st) st = mst_json_set(line, "seed", mst_json_new_int(w->spec->seed[cell->seed]));
  if (!st) st = mst_json_set(line, "fold", mst_json_new_int(cell->fold));
  if (!st) st = mst_json_set(line, "model", mst_json_new_string(mst_learner_name(c->model)));
  if (!st) st = add_parameters(w, cell, line);
  if (!st) return line;
  mst_json_free(line);
  return NULL;
}

static mst_status add_metrics(const mst_metrics *m, mst_json *line) {
  const double values[] = {
      m->accuracy.value, m->balanced_accuracy.value,   m->macro_f1.value, m->weighted_f1.value,
      m->log_loss.value, m->macro_precision,           m->macro_recall,   m->top3_accuracy,
      m->map3,           m->expected_calibration_error};
  mst_json *object = mst_json_new_object();
  mst_status st = MST_OK;
  for (int i = 0; !st && sweep_metrics[i]; i++)
    if (m->has_proba || !sweep_metric_needs_proba(sweep_metrics[i]))
      st = mst_json_set(object, sweep_metrics[i], mst_json_new_real(values[i]));
  if (!st) return mst_json_set(line, "metrics", object);
  mst_json_free(object);
  return st;
}

/* Test rows with a twin in training: how many, and how well they and the others are predicted. */
static mst_status add_leak(const sweep_data *d, const float *proba, mst_json *line) {
  const int64_t n_classes = d->names.n;
  int64_t n[2] = {0, 0}, right[2] = {0, 0};
  for (int64_t i = 0; i < d->held.n; i++) {
    const float *p = proba + i * n_classes;
    int64_t best = 0;
    for (int64_t c = 1; c < n_classes; c++)
      if (p[c] > p[best]) best = c;
    n[d->twin[i]]++;
    right[d->twin[i]] += best == d->held.label[i];
  }
  static const char *const names[] = {"accuracy_alone", "accuracy_twins"};
  mst_status st = mst_json_set(line, "n_twins", mst_json_new_int(n[1]));
  for (int twin = 0; !st && twin < 2; twin++)
    if (n[twin])
      st =
          mst_json_set(line, names[twin], mst_json_new_real((double)right[twin] / (double)n[twin]));
  return st;
}

/* F1 of each class in the order of sweep.json, to a millionth: 77 classes are to fit in a kilobyte.
 * A class without test rows has none. */
static mst_status add_classes(const mst_metrics *m, mst_json *line) {
  mst_json *array = mst_json_new_array();
  mst_status st = array ? MST_OK : MST_E_NOMEM;
  for (int32_t c = 0; !st && c < m->n_classes; c++) {
    const double f1 = m->per_class[c].support ? round(m->per_class[c].f1 * 1e6) / 1e6 : NAN;
    st = mst_json_append(array, mst_json_new_real(f1));
  }
  if (!st) return mst_json_set(line, "class_f1", array);
  mst_json_free(array);
  return st;
}

static double cpu_seconds(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static mst_status append(mst_json *line, mst_buffer *lines) {
  const mst_status st = line ? sweep_line_append(lines, line) : MST_E_NOMEM;
  mst_json_free(line);
  return st;
}

/* What a cell took. */
typedef struct spent {
  double seconds; /* from the beginning of its training to its result */
  double cost;    /* of its task's seconds, what is its own */
  double cpu;     /* of its task's CPU seconds, an even share */
  double joules;  /* likewise; NaN: not known */
} spent;

static mst_status add_done(sweep_worker *w, const sweep_cell *cell, const float *narrow,
                           const spent *t, mst_buffer *lines) {
  const sweep_data *d = w->data;
  const int64_t n_classes = d->names.n, n_train = d->augmented.n ? d->augmented.n : d->train.n;
  mst_metrics m = {0};
  float *wide = mst_alloc((size_t)(d->held.n * n_classes), sizeof *wide);
  if (!wide) return MST_E_NOMEM;
  const int proba = mst_learner_has_proba((mst_learner)w->cells->config[cell->config].model);
  mst_present_widen(&d->present, n_classes, narrow, d->held.n, proba ? 0.0f : -INFINITY, wide);
  mst_status st = (proba ? mst_metrics_compute : mst_metrics_of_scores)(
      d->held.label, wide, d->held.n, (int32_t)n_classes, 0, 0, 1, &m);
  mst_json *line = st ? NULL : begin_line(w, cell, "done");
  if (!st && !line) st = MST_E_NOMEM;
  if (!st) st = add_metrics(&m, line);
  if (!st) st = add_classes(&m, line);
  if (!st) st = mst_json_set(line, "n_train", mst_json_new_int(n_train));
  if (!st) st = mst_json_set(line, "n_copies", mst_json_new_int(d->n_copies));
  if (!st) st = mst_json_set(line, "n_test", mst_json_new_int(d->held.n));
  if (!st) st = add_leak(d, wide, line);
  if (!st) st = mst_json_set(line, "seconds", mst_json_new_real(t->seconds));
  if (!st) st = mst_json_set(line, "cpu_seconds", mst_json_new_real(t->cpu));
  if (!st && !isnan(t->joules)) st = mst_json_set(line, "joules", mst_json_new_real(t->joules));
  if (!st) st = mst_json_set(line, "cost", mst_json_new_real(t->cost));
  if (!st) st = mst_json_set(line, "memory", mst_json_new_int(sweep_memory_peak()));
  mst_metrics_fini(&m);
  mst_free(wide);
  if (!st) return append(line, lines);
  mst_json_free(line);
  return st;
}

mst_status sweep_task_fail(const sweep_worker *w, const sweep_task *task, const char *error,
                           double seconds, mst_buffer *lines) {
  mst_status st = MST_OK;
  for (int64_t i = task->first; !st && i < task->first + task->n; i++) {
    mst_json *line = begin_line(w, &w->cells->cell[i], "failed");
    st = mst_json_set(line, "error", mst_json_new_string(error));
    if (!st) st = mst_json_set(line, "cost", mst_json_new_real(seconds / (double)task->n));
    if (!st) st = append(line, lines);
    else mst_json_free(line);
  }
  return st;
}

/* Probabilities of all cells of a task, [n][n_test x P]. */
static mst_status train(sweep_worker *w, const sweep_task *task, const mst_settings *s,
                        float **proba, double *seconds) {
  const sweep_config *c = &w->cells->config[w->cells->cell[task->first].config];
  mst_model_store store = {0};
  mst_model_options options;
  int32_t *rounds = mst_alloc((size_t)task->n, sizeof *rounds);
  if (!rounds) return MST_E_NOMEM;
  mst_status st = mst_setting_model(s, &store, &options);
  if (!st) st = mst_class_weight_check(&store.class_weight, &w->data->names);
  for (int64_t i = 0; i < task->n; i++)
    rounds[i] = w->cells->config[w->cells->cell[task->first + i].config].rounds;
  options.backend = w->backend;
  options.device = w->device;
  const mst_study_run run = {&options, rounds, (int32_t)task->n, c->trees, c->margin};
  if (!st) st = mst_study_fit(w->data->study, &run, proba, seconds);
  mst_model_store_fini(&store);
  mst_free(rounds);
  return st;
}

/* The task's part of the data, room for its probabilities, and the training. */
static mst_status prepare_and_train(sweep_worker *w, const sweep_task *task, float **proba,
                                    double *seconds) {
  const sweep_cell *cell = &w->cells->cell[task->first];
  const sweep_config *c = &w->cells->config[cell->config];
  mst_settings s;
  mst_status st = sweep_settings_make(w->spec, c->model, c->choice, w->spec->seed[cell->seed], &s);
  if (st) return st;
  st = sweep_data_part(w->spec, w->data, cell, &s, c->copies, w->backend);
  for (int64_t i = 0; !st && i < task->n; i++) {
    proba[i] = mst_alloc((size_t)(w->data->held.n * w->data->present.names.n), sizeof **proba);
    if (!proba[i]) st = MST_E_NOMEM;
  }
  if (!st) st = train(w, task, &s, proba, seconds);
  mst_settings_fini(&s);
  return st;
}

mst_status sweep_task_compute(sweep_worker *w, const sweep_task *task, mst_buffer *lines,
                              int64_t *n_failed) {
  const size_t n = (size_t)task->n, before = lines->size_bytes;
  const double began = mst_terminal_now();
  float **proba = mst_alloc_zero(n, sizeof *proba);
  double *seconds = mst_alloc_zero(n, sizeof *seconds), cpu = cpu_seconds();
  mst_status st = proba && seconds ? MST_OK : MST_E_NOMEM;
  sweep_energy from, to;
  *n_failed = 0;
  sweep_energy_read(&from);
  if (!st) st = prepare_and_train(w, task, proba, seconds);
  cpu = cpu_seconds() - cpu;
  sweep_energy_read(&to);
  const double joules = sweep_energy_between(&from, &to, mst_terminal_now() - began, cpu);
  for (size_t i = 0; !st && i < n; i++) {
    /* what the cells share counts for the first, what comes after the training for the last */
    const double until = i + 1 < n ? seconds[i] : mst_terminal_now() - began;
    const spent t = {seconds[i], until - (i ? seconds[i - 1] : 0), cpu / (double)n,
                     joules / (double)n};
    st = add_done(w, &w->cells->cell[task->first + (int64_t)i], proba[i], &t, lines);
  }
  for (size_t i = 0; proba && i < n; i++) mst_free(proba[i]);
  mst_free(proba);
  mst_free(seconds);
  if (!st || st == MST_E_CANCELLED) return st;
  char error[1024];
  (void)snprintf(error, sizeof error, "%s", mst_error_last()->message);
  lines->size_bytes = before;
  *n_failed = task->n;
  return sweep_task_fail(w, task, error, mst_terminal_now() - began, lines);
}
