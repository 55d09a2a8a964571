/* model.c: P(label, family) from Table 1's shares, the families' weights, label noise and
 * ambiguity.
 *
 * Let t be the label that a text was written for and y the label that stands beside it.
 *     P(f, t)  shared family of t and t': ambiguity * weight(f) * share(f, t), the weights
 *              of shared families summing to 1; family of t alone: the same with what t's shared
 *              families left of P(t)
 *     P(t, y)  (1 - noise) P(t) on the diagonal, noise * flow(t, y) beside it
 *     P(f, y)  sum over t of P(f, t) / P(t) * P(t, y)
 * flow is symmetric with row sums P(t), so noise leaves the shares of the labels as they are and
 * hits every label at the same rate; it goes to labels that teachers do mix up.
 */
#include "generate/model.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "misstep/alloc.h"

enum { C = MST_GENERATE_N_LABELS };

/* Table 1: label and count. */
static const struct {
  const char *name;
  int32_t count;
} labels[C] = {{"Concept Deficiency", 7996},
               {"Calculation Error", 10001},
               {"Problem Comprehension Deficiency", 5002},
               {"Error in the Solution Process", 2389},
               {"Unit Conversion Error", 1597},
               {"Inequality Usage Error", 800},
               {"Graph Interpretation Error", 601},
               {"Condition Omission", 402},
               {"Other", 212}};
static const double label_total = 29000;

/* How easily two labels are taken for each other; symmetric. */
static const double affinity[C][C] = {
    [CONCEPT] = {[CALCULATION] = 3,
                 [COMPREHENSION] = 3,
                 [PROCESS] = 2,
                 [UNIT] = 1,
                 [INEQUALITY] = 2,
                 [GRAPH] = 1,
                 [OTHER] = 1},
    [CALCULATION] = {[CONCEPT] = 3,
                     [COMPREHENSION] = 1,
                     [PROCESS] = 3,
                     [UNIT] = 2,
                     [INEQUALITY] = 1,
                     [GRAPH] = 1},
    [COMPREHENSION] = {[CONCEPT] = 3,
                       [CALCULATION] = 1,
                       [PROCESS] = 1,
                       [INEQUALITY] = 1,
                       [GRAPH] = 2,
                       [CONDITION] = 3,
                       [OTHER] = 1},
    [PROCESS] = {[CONCEPT] = 2, [CALCULATION] = 3, [COMPREHENSION] = 1, [CONDITION] = 1},
    [UNIT] = {[CONCEPT] = 1, [CALCULATION] = 2},
    [INEQUALITY] = {[CONCEPT] = 2, [CALCULATION] = 1, [COMPREHENSION] = 1},
    [GRAPH] = {[CONCEPT] = 1, [CALCULATION] = 1, [COMPREHENSION] = 2},
    [CONDITION] = {[COMPREHENSION] = 3, [PROCESS] = 1},
    [OTHER] = {[CONCEPT] = 1, [COMPREHENSION] = 1},
};

const char *mst_generate_label_name(int32_t label) { return labels[label].name; }
double mst_generate_label_share(int32_t label) { return labels[label].count / label_total; }

/* flow(a, b) = r(a) r(b) affinity(a, b), r scaled until every row sums to the label's share. */
static void fill_flow(double flow[C][C]) {
  double r[C];
  for (int a = 0; a < C; a++) r[a] = 1;
  for (int round = 0; round < 2000; round++) {
    double next[C];
    for (int a = 0; a < C; a++) {
      double sum = 0;
      for (int b = 0; b < C; b++) sum += affinity[a][b] * r[b];
      next[a] = sqrt(r[a] * mst_generate_label_share(a) / sum); /* halfway, in logarithms */
    }
    memcpy(r, next, sizeof r);
  }
  for (int a = 0; a < C; a++)
    for (int b = 0; b < C; b++) flow[a][b] = r[a] * r[b] * affinity[a][b];
}

/* P(f, t) into model->joint. */
static mst_status fill_written(mst__model *m, const mst__grammar *g, double ambiguity) {
  double shared_weight = 0, own_weight[C] = {0}, left[C];
  for (int32_t f = 0; f < m->n_families; f++) {
    const mst__family *family = mst__grammar_family(g, f);
    if (family->second == NO_LABEL) own_weight[family->first] += family->weight;
    else shared_weight += family->weight;
  }
  for (int t = 0; t < C; t++) left[t] = mst_generate_label_share(t);
  for (int32_t f = 0; f < m->n_families; f++) {
    const mst__family *family = mst__grammar_family(g, f);
    if (family->second == NO_LABEL) continue;
    const double mass = ambiguity * family->weight / shared_weight;
    m->joint[f][family->first] = mass * family->first_share;
    m->joint[f][family->second] = mass * (1 - family->first_share);
    left[family->first] -= m->joint[f][family->first];
    left[family->second] -= m->joint[f][family->second];
  }
  for (int t = 0; t < C; t++)
    if (left[t] <= 0)
      return MST_FAIL(MST_E_ARG, "ambiguity %g leaves \"%s\" no text of its own", ambiguity,
                      labels[t].name);
  for (int32_t f = 0; f < m->n_families; f++) {
    const mst__family *family = mst__grammar_family(g, f);
    if (family->second == NO_LABEL)
      m->joint[f][family->first] = left[family->first] * family->weight / own_weight[family->first];
  }
  return MST_OK;
}

/* From P(f, t) to P(f, y), row by row. */
static void add_noise(mst__model *m, double noise) {
  double flow[C][C];
  fill_flow(flow);
  for (int32_t f = 0; f < m->n_families; f++) {
    double row[C] = {0};
    for (int t = 0; t < C; t++) {
      const double share = m->joint[f][t] / mst_generate_label_share(t);
      row[t] += (1 - noise) * m->joint[f][t];
      for (int y = 0; y < C; y++) row[y] += share * noise * flow[t][y];
    }
    memcpy(m->joint[f], row, sizeof row);
  }
}

static void finish(mst__model *m) {
  double total = 0;
  for (int32_t f = 0; f < m->n_families; f++) {
    double sum = 0;
    int best = 0;
    for (int y = 0; y < C; y++) {
      sum += m->joint[f][y];
      if (m->joint[f][y] > m->joint[f][best]) best = y;
    }
    for (int y = 0; y < C; y++) /* a family that never occurs tells nothing */
      m->posterior[f][y] = sum > 0 ? m->joint[f][y] / sum : mst_generate_label_share(y);
    m->best[f] = (int8_t)best;
    m->best_accuracy += m->joint[f][best];
    m->cumulative[f] = total += sum;
  }
}

mst_status mst__model_init(mst__model *m, const mst__grammar *g, double noise, double ambiguity) {
  const int32_t n = mst__grammar_n_families(g);
  mst_status st = MST_E_NOMEM;
  *m = (mst__model){.n_families = n};
  m->joint = mst_alloc_zero((size_t)n, sizeof *m->joint);
  m->posterior = mst_alloc((size_t)n, sizeof *m->posterior);
  m->best = mst_alloc((size_t)n, sizeof *m->best);
  m->cumulative = mst_alloc((size_t)n, sizeof *m->cumulative);
  if (!m->joint || !m->posterior || !m->best || !m->cumulative) goto done;
  st = fill_written(m, g, ambiguity);
  if (st) goto done;
  add_noise(m, noise);
  finish(m);
done:
  if (st) mst__model_fini(m);
  return st;
}

void mst__model_fini(mst__model *m) {
  mst_free(m->joint);
  mst_free(m->posterior);
  mst_free(m->best);
  mst_free(m->cumulative);
  *m = (mst__model){0};
}

int32_t mst__model_family(const mst__model *m, double u) {
  int32_t low = 0, high = m->n_families - 1; /* the last one takes what rounding leaves */
  while (low < high) {
    const int32_t middle = (low + high) / 2;
    if (u < m->cumulative[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

int32_t mst__model_label(const mst__model *m, int32_t family, double u) {
  int32_t y = 0;
  for (; y < C - 1 && u >= m->posterior[family][y]; y++) u -= m->posterior[family][y];
  return m->posterior[family][y] > 0 ? y : m->best[family];
}
