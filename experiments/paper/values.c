/* values.c: numbers of groups of cells, and how they stand in a table. */
#include <math.h>
#include <stdio.h>

#include "tables.h"

double paper_accuracy(const paper_cell *c, int label) {
  (void)label;
  return c->metrics.accuracy.value;
}

double paper_precision(const paper_cell *c, int label) {
  return label < 0 ? c->metrics.macro_precision : c->metrics.per_class[label].precision;
}

double paper_recall(const paper_cell *c, int label) {
  return label < 0 ? c->metrics.macro_recall : c->metrics.per_class[label].recall;
}

double paper_f1(const paper_cell *c, int label) {
  return label < 0 ? c->metrics.macro_f1.value : c->metrics.per_class[label].f1;
}

void paper_group_name(const paper_run *run, paper_group g, char name[SHEET_LINK]) {
  (void)snprintf(name, SHEET_LINK, "%s-%lld%s-%s", g.protocol == PAPER_CLEAN ? "clean" : "paper",
                 (long long)run->set.rows[g.size], g.copies ? "-copies" : "",
                 paper_models[g.model].id);
}

mst_mean paper_group_mean(const paper_run *run, paper_group g, paper_measure *measure, int label,
                          const char **why) {
  double value[PAPER_MAX_SEEDS];
  int n = 0;
  const char *reason = "not asked for (--protocol)";
  for (int32_t seed = 0; seed < run->options->n_seeds; seed++) {
    const paper_cell *c = paper_cell_find(run, g.protocol, g.size, g.copies, g.model, seed);
    if (c && c->done) value[n++] = measure(c, label);
    else if (c) reason = *c->error ? c->error : "not computed yet";
  }
  if (why && !n) *why = reason;
  return mst_mean_of(value, n);
}

void paper_put(const paper_run *run, sheet *s, paper_group g, paper_measure *measure, int label) {
  char link[SHEET_LINK];
  const char *why = "";
  const mst_mean m = paper_group_mean(run, g, measure, label, &why);
  paper_group_name(run, g, link);
  if (!m.n) sheet_absent(s, why);
  else if (m.n == 1) sheet_link(s, link, "%.4f", m.mean);
  else
    sheet_link(s, link, "%.4f [%.4f, %.4f]", m.mean, m.low < 0 ? 0 : m.low,
               m.high > 1 ? 1 : m.high);
}
