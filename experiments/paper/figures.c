/* figures.c: Figure 3 (models) and Figure 4 (sizes), published beside reproduced beside clean. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "files/folder.h"
#include "misstep/log.h"
#include "plot/plot.h"
#include "tables.h"

enum { LARGEST = PAPER_SIZES - 1, SERIES = 5 };

/* A group's accuracy as a point; 0: there is none. */
static int point_of(const paper_run *run, paper_group g, double x, plot_point *out) {
  const mst_mean m = paper_group_mean(run, g, paper_accuracy, -1, NULL);
  if (!m.n) return 0;
  *out = (plot_point){x, m.mean, m.low, m.high, NULL};
  return 1;
}

static mst_status save(const paper_run *run, const char *name, const plot_figure *figure,
                       char **svg) {
  static const char *const endings[] = {"svg", "pdf", "png"};
  char path[4200];
  size_t n = 0;
  mst_status st = MST_OK;
  for (int i = 0; i < 3 && !st; i++) {
    (void)snprintf(path, sizeof path, "%.4000s/%s.%s", run->options->dir, name, endings[i]);
    st = plot_figure_save(figure, path);
  }
  if (!st) st = plot_figure_draw(figure, PLOT_SVG, svg, &n);
  if (st == MST_E_NOMEM || st == MST_E_IO) return st;
  if (st) mst_log(MST_LOG_WARNING, "%s: %s", name, mst_error_last()->message);
  return MST_OK;
}

static mst_status figure3(const paper_run *run, const char *note, char **svg) {
  static const char *const tick[PAPER_MODELS] = {
      "XGBoost (paper)", "misstep", "Logistic",       "SVM",         "LightGBM", "BERT",
      "DistilBERT",      "MiniLM",  "MiniLM, frozen", "Naive Bayes", "Majority"};
  plot_point point[3][PAPER_MODELS];
  plot_series series[3] = {{"published", PLOT_BARS, point[0], 0},
                           {"reproduced (paper protocol)", PLOT_BARS, point[1], 0},
                           {"clean protocol", PLOT_BARS, point[2], 0}};
  for (int m = 0; m < PAPER_MODELS; m++) {
    const int peer = paper_models[m].peer;
    if (peer >= 0)
      point[0][series[0].n++] = (plot_point){m, paper_peers[peer].scores.accuracy, NAN, NAN, NULL};
    for (int p = 0; p < PAPER_PROTOCOLS; p++) {
      const paper_group g = {(paper_protocol)p, LARGEST, 0, m};
      series[1 + p].n += point_of(run, g, m, &point[1 + p][series[1 + p].n]);
    }
  }
  int n = 0;
  for (int i = 0; i < 3; i++)
    if (series[i].n) series[n++] = series[i];
  const plot_figure figure = {.title = "Figure 3. Accuracy of the models",
                              .y_title = "accuracy",
                              .note = note,
                              .series = series,
                              .n_series = n,
                              .tick = tick,
                              .n_ticks = PAPER_MODELS,
                              .y_most = 1,
                              .width = 620};
  return save(run, "figure3", &figure, svg);
}

/* Accuracy on test records without a twin is the leak's table; here are the curves. */
static mst_status figure4(const paper_run *run, const char *note, char **svg) {
  plot_point point[SERIES][PAPER_SIZES];
  plot_series series[SERIES] = {{"published", PLOT_LINE, point[0], PAPER_SIZES},
                                {"paper protocol", PLOT_LINE, point[1], 0},
                                {"clean protocol", PLOT_LINE, point[2], 0},
                                {"clean, misstep default", PLOT_LINE, point[3], 0},
                                {"clean, logistic", PLOT_LINE, point[4], 0}};
  const paper_group group[] = {{PAPER_LEAKY, 0, 0, PAPER_MODEL_XGBOOST},
                               {PAPER_CLEAN, 0, 0, PAPER_MODEL_XGBOOST},
                               {PAPER_CLEAN, 0, 0, PAPER_MODEL_DEFAULT},
                               {PAPER_CLEAN, 0, 0, 2}};
  for (int size = 0; size < PAPER_SIZES; size++) {
    const double x = (double)run->set.rows[size];
    point[0][size] = (plot_point){x, paper_sizes[size].scores.accuracy, NAN, NAN, NULL};
    for (int i = 0; i < SERIES - 1; i++) {
      paper_group g = group[i];
      g.size = size;
      series[1 + i].n += point_of(run, g, x, &point[1 + i][series[1 + i].n]);
    }
  }
  int n = 0;
  for (int i = 0; i < SERIES; i++)
    if (series[i].n) series[n++] = series[i];
  const plot_figure figure = {.title = "Figure 4. Accuracy by number of records",
                              .x_title = run->set.rows[LARGEST] != paper_sizes[LARGEST].rows
                                             ? "records (published: at 5,000 to 30,000)"
                                             : "records (test part included)",
                              .y_title = "accuracy",
                              .note = note,
                              .series = series,
                              .n_series = n,
                              .y_most = 1,
                              .width = 480};
  return save(run, "figure4", &figure, svg);
}

mst_status paper_figures(const paper_run *run, char *svg[2]) {
  char note[400];
  const char *source = run->set.is_synthetic ? "Synthetic statements" : run->set.source;
  if (run->options->n_seeds == 1) (void)snprintf(note, sizeof note, "%.300s. One seed.", source);
  else
    (void)snprintf(note, sizeof note, "%.300s. 95 %% intervals over the seeds that are done.",
                   source);
  mst_status st = figure3(run, note, &svg[0]);
  return st ? st : figure4(run, note, &svg[1]);
}
