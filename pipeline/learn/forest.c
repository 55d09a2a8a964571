/* forest.c: trees as arrays of nodes, and an index from each feature to the trees whose default
 * path, the one of a row without features, asks for it: without one of those, a row cannot leave
 * it. */
#include "learn/forest.h"

#include <math.h>
#include <string.h>

#include "learn/forest_internal.h"
#include "misstep/alloc.h"

void mst__forest_free(mst__forest *f) {
  if (!f) return;
  mst_free(f->node);
  mst_free(f->root);
  mst_free(f->class_of);
  mst_free(f->default_leaf);
  mst_free(f->base);
  mst_free(f->tree_ptr);
  mst_free(f->tree);
  mst_free(f);
}

/* What one thread needs to predict rows: a dense row of values (NaN: absent) and each tree's
 * leaf. */
typedef struct scratch {
  float *value;     /* [n_features] */
  float *leaf;      /* [n_trees], default_leaf between rows */
  int32_t *touched; /* [n_trees + 1]: written one beyond the last before it is known to be new */
  uint8_t *seen;    /* [n_trees] zero between rows */
} scratch;

static void scratch_fini(scratch *s) {
  mst_free(s->value);
  mst_free(s->leaf);
  mst_free(s->touched);
  mst_free(s->seen);
}

static mst_status scratch_init(const mst__forest *f, scratch *s) {
  const size_t n_trees = (size_t)f->n_trees;
  *s = (scratch){mst_alloc((size_t)f->n_features, sizeof *s->value),
                 mst_alloc(n_trees, sizeof *s->leaf), mst_alloc(n_trees + 1, sizeof *s->touched),
                 mst_alloc_zero(n_trees, 1)};
  if (!s->value || !s->leaf || !s->touched || !s->seen) return MST_E_NOMEM;
  for (int64_t v = 0; v < f->n_features; v++) s->value[v] = NAN;
  memcpy(s->leaf, f->default_leaf, n_trees * sizeof *s->leaf);
  return MST_OK;
}

static float walk(const mst__forest *f, int32_t tree, const float *value) {
  const mst__node *n = f->node + f->root[tree];
  while (n->feature >= 0) {
    const float x = value[n->feature];
    const int left = isnan(x) ? n->default_left : x < n->split;
    n = f->node + (left ? n->left : n->right);
  }
  return n->split;
}

/* As XGBoost: the largest taken off, float exponentials, their sum in double. */
static void softmax(float *p, int32_t n) {
  float most = p[0];
  for (int32_t c = 1; c < n; c++) most = fmaxf(p[c], most);
  double sum = 0;
  for (int32_t c = 0; c < n; c++) {
    p[c] = expf(p[c] - most);
    sum += (double)p[c];
  }
  for (int32_t c = 0; c < n; c++) p[c] /= (float)sum;
}

/* One row: walk the trees that ask for its features, then add every tree's leaf in the trees'
 * order, in float, as XGBoost does. p holds the margins or the base score. */
static void predict_row(const mst__forest *f, const mst_csr *x, int64_t row, scratch *s, float *p) {
  const float *val = x->val;
  int32_t n_touched = 0;
  for (int64_t e = x->row_ptr[row]; e < x->row_ptr[row + 1]; e++) {
    const int32_t v = x->col[e];
    s->value[v] = val[e];
    for (int64_t i = f->tree_ptr[v]; i < f->tree_ptr[v + 1]; i++) {
      const int32_t t = f->tree[i];
      s->touched[n_touched] = t;
      n_touched += !s->seen[t];
      s->seen[t] = 1;
    }
  }
  for (int32_t i = 0; i < n_touched; i++) s->leaf[s->touched[i]] = walk(f, s->touched[i], s->value);
  for (int32_t t = 0; t < f->n_trees; t++) p[f->class_of[t]] += s->leaf[t];
  softmax(p, f->n_classes);
  for (int32_t i = 0; i < n_touched; i++) {
    s->leaf[s->touched[i]] = f->default_leaf[s->touched[i]];
    s->seen[s->touched[i]] = 0;
  }
  for (int64_t e = x->row_ptr[row]; e < x->row_ptr[row + 1]; e++) s->value[x->col[e]] = NAN;
}

mst_status mst__forest_predict(const mst__forest *f, const mst_csr *x, int with_margin,
                               int n_threads, float *proba) {
  const int64_t n_parts = x->n_rows < 256 ? 1 : n_threads;
  const size_t row_bytes = (size_t)f->n_classes * sizeof *proba;
  scratch *s = mst_alloc_zero((size_t)n_parts, sizeof *s);
  mst_status st = s ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < n_parts; i++) st = scratch_init(f, &s[i]);
  if (st) goto done;
#pragma omp parallel for schedule(static, 1) num_threads((int)n_parts) if (n_parts > 1)
  for (int64_t i = 0; i < n_parts; i++) {
    const int64_t end = x->n_rows * (i + 1) / n_parts;
    for (int64_t d = x->n_rows * i / n_parts; d < end; d++) {
      float *p = proba + d * f->n_classes;
      if (!with_margin) memcpy(p, f->base, row_bytes);
      predict_row(f, x, d, &s[i], p);
    }
  }
done:
  for (int64_t i = 0; s && i < n_parts; i++) scratch_fini(&s[i]);
  mst_free(s);
  return st;
}
