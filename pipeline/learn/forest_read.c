/* forest_read.c: a booster's JSON to trees, and the trial that the trees must pass: XGBoost's
 * bits. */
#include <math.h>
#include <string.h>

#include "files/json.h"
#include "learn/forest.h"
#include "learn/forest_internal.h"
#include "misstep/alloc.h"

#define TRIAL_ROWS INT64_C(64)
#define TRIAL_FEATURES INT64_C(8)

/* What a tree's members are called in XGBoost's JSON. */
typedef struct tree_json {
  const mst_json *left, *right, *feature, *split, *default_left;
  size_t n; /* nodes */
} tree_json;

/* The five arrays of a tree, of one length; 0 when the tree is of another kind. */
static int open_tree(const mst_json *tree, tree_json *t) {
  const mst_json *param = mst_json_get(tree, "tree_param");
  const char *width = mst_json_string(mst_json_get(param, "size_leaf_vector"), NULL);
  t->left = mst_json_get(tree, "left_children");
  t->right = mst_json_get(tree, "right_children");
  t->feature = mst_json_get(tree, "split_indices");
  t->split = mst_json_get(tree, "split_conditions");
  t->default_left = mst_json_get(tree, "default_left");
  t->n = mst_json_size(t->left);
  const int plain = !width || strcmp(width, "0") == 0 || strcmp(width, "1") == 0;
  return plain && t->n > 0 && mst_json_size(t->right) == t->n &&
         mst_json_size(t->feature) == t->n && mst_json_size(t->split) == t->n &&
         mst_json_size(t->default_left) == t->n &&
         mst_json_size(mst_json_get(tree, "categories_nodes")) == 0;
}

static int64_t item(const mst_json *array, size_t i) { return mst_json_int(mst_json_at(array, i)); }

/* Nodes of one tree from number root on; 0 when a number points nowhere. */
static int read_nodes(const tree_json *t, int64_t root, int64_t n_features, mst__node *node) {
  for (size_t i = 0; i < t->n; i++) {
    const int64_t left = item(t->left, i), right = item(t->right, i), v = item(t->feature, i);
    const mst_json *flag = mst_json_at(t->default_left, i);
    const float split = (float)mst_json_number(mst_json_at(t->split, i));
    if (left < 0) {
      node[root + (int64_t)i] = (mst__node){.split = split, .feature = -1};
      continue;
    }
    /* Children stand after their parent, so that every walk ends. */
    if (left <= (int64_t)i || right <= (int64_t)i || left >= (int64_t)t->n ||
        right >= (int64_t)t->n || v < 0 || v >= n_features)
      return 0;
    node[root + (int64_t)i] =
        (mst__node){split, (int32_t)v, (int32_t)(root + left), (int32_t)(root + right),
                    mst_json_bool(flag) || mst_json_int(flag) != 0};
  }
  return 1;
}

/* Allocate the arrays and copy the trees in. *understood: the trees are of the kind known here. */
static mst_status read_trees(const mst_json *model, mst__forest *f, int *understood) {
  const mst_json *trees = mst_json_get(model, "trees"), *info = mst_json_get(model, "tree_info");
  const size_t n_trees = mst_json_size(trees);
  size_t n_nodes = 0;
  tree_json t;
  *understood = n_trees > 0 && n_trees < INT32_MAX && mst_json_size(info) == n_trees;
  for (size_t i = 0; *understood && i < n_trees; i++) {
    *understood = open_tree(mst_json_at(trees, i), &t);
    n_nodes += t.n;
  }
  if (!*understood || n_nodes > INT32_MAX) return MST_OK;
  f->n_trees = (int32_t)n_trees;
  f->node = mst_alloc(n_nodes, sizeof *f->node);
  f->root = mst_alloc(n_trees + 1, sizeof *f->root);
  f->class_of = mst_alloc(n_trees, sizeof *f->class_of);
  f->default_leaf = mst_alloc(n_trees, sizeof *f->default_leaf);
  if (!f->node || !f->root || !f->class_of || !f->default_leaf) return MST_E_NOMEM;
  int64_t at = f->root[0] = 0;
  for (size_t i = 0; *understood && i < n_trees; i++) {
    (void)open_tree(mst_json_at(trees, i), &t);
    const int64_t class = item(info, i);
    f->class_of[i] = (int32_t) class;
    *understood = class >= 0 && class < f->n_classes && read_nodes(&t, at, f->n_features, f->node);
    at += (int64_t)t.n;
    f->root[i + 1] = at;
  }
  return MST_OK;
}

/* base_score is a number, or since 3.1 an array, written as a string. */
static mst_status read_base(const mst_json *learner, mst__forest *f, int *understood) {
  const mst_json *param = mst_json_get(learner, "learner_model_param");
  size_t n = 0;
  const char *text = mst_json_string(mst_json_get(param, "base_score"), &n);
  mst_json *base = NULL;
  mst_status st = text ? mst_json_parse(text, n, &base) : MST_E_FORMAT;
  *understood = st == MST_OK;
  if (st) return st == MST_E_NOMEM ? st : MST_OK;
  f->base = mst_alloc((size_t)f->n_classes, sizeof *f->base);
  const int is_array = mst_json_kind_of(base) == MST_JSON_ARRAY;
  const int one = !is_array || mst_json_size(base) == 1;
  *understood = one || mst_json_size(base) == (size_t)f->n_classes;
  for (int32_t c = 0; f->base && *understood && c < f->n_classes; c++)
    f->base[c] = (float)mst_json_number(is_array ? mst_json_at(base, one ? 0 : (size_t)c) : base);
  mst_json_free(base);
  return f->base ? MST_OK : MST_E_NOMEM;
}

static const mst__node *default_child(const mst__forest *f, const mst__node *n) {
  return f->node + (n->default_left ? n->left : n->right);
}

/* Visit each feature on each tree's default path once: count them at tree_ptr[v + 2], or file the
 * tree under its features through tree_ptr[v + 1]. The path's end is the tree's default leaf. */
static void visit_features(mst__forest *f, int32_t *last, int count) {
  memset(last, 0xff, (size_t)f->n_features * sizeof *last);
  for (int32_t t = 0; t < f->n_trees; t++) {
    const mst__node *n = f->node + f->root[t];
    for (; n->feature >= 0; n = default_child(f, n)) {
      const int32_t v = n->feature;
      if (last[v] == t) continue;
      last[v] = t;
      if (count) f->tree_ptr[v + 2]++;
      else f->tree[f->tree_ptr[v + 1]++] = t;
    }
    f->default_leaf[t] = n->split;
  }
}

static mst_status index_trees(mst__forest *f) {
  int32_t *last = mst_alloc((size_t)f->n_features, sizeof *last);
  f->tree_ptr = mst_alloc_zero((size_t)f->n_features + 2, sizeof *f->tree_ptr);
  mst_status st = last && f->tree_ptr ? MST_OK : MST_E_NOMEM;
  if (st) goto done;
  visit_features(f, last, 1);
  for (int64_t v = 0; v < f->n_features; v++) f->tree_ptr[v + 2] += f->tree_ptr[v + 1];
  f->tree = mst_alloc((size_t)f->tree_ptr[f->n_features + 1], sizeof *f->tree);
  st = f->tree ? MST_OK : MST_E_NOMEM;
  if (st) goto done;
  visit_features(f, last, 0);
done:
  mst_free(last);
  return st;
}

static mst_status read_forest(const mst_json *json, mst__forest *f, int *understood) {
  const mst_json *learner = mst_json_get(json, "learner");
  const mst_json *booster = mst_json_get(learner, "gradient_booster");
  const char *name = mst_json_string(mst_json_get(booster, "name"), NULL);
  *understood = name && strcmp(name, "gbtree") == 0 && !mst_json_get(booster, "weight_drop");
  mst_status st = MST_OK;
  if (*understood) st = read_base(learner, f, understood);
  if (!st && *understood) st = read_trees(mst_json_get(booster, "model"), f, understood);
  if (!st && *understood) st = index_trees(f);
  return st;
}

/* Rows made of the trees' own splits: a feature at, or just below, the value that is asked for. */
static mst_status make_trial(const mst__forest *f, mst_csr *x) {
  const int64_t n_nodes = f->root[f->n_trees], stride = n_nodes / (TRIAL_ROWS * TRIAL_FEATURES) + 1;
  mst_status st =
      mst_csr_init(x, TRIAL_ROWS, f->n_features, TRIAL_ROWS * TRIAL_FEATURES, MST_FLOAT32);
  if (st) return st;
  float *val = x->val;
  int64_t at = 0;
  for (int64_t r = 0; r < TRIAL_ROWS; r++) {
    int64_t e = x->row_ptr[r];
    for (int64_t k = 0; k < TRIAL_FEATURES; k++, at += stride) {
      const mst__node *n = f->node + at % n_nodes;
      int64_t to = e;
      if (n->feature < 0) continue;
      while (to > x->row_ptr[r] && x->col[to - 1] > n->feature) to--;
      if (to > x->row_ptr[r] && x->col[to - 1] == n->feature) continue;
      memmove(x->col + to + 1, x->col + to, (size_t)(e - to) * sizeof *x->col);
      memmove(val + to + 1, val + to, (size_t)(e - to) * sizeof *val);
      x->col[to] = n->feature;
      val[to] = (r + k) % 2 ? n->split : nextafterf(n->split, -INFINITY);
      e++;
    }
    x->row_ptr[r + 1] = e;
  }
  return MST_OK;
}

/* Both answers for the trial, with margins or without. */
static mst_status compare(const mst__forest *f, mst_xgb_booster *booster, const mst_csr *x,
                          int with_margin, int *same) {
  const size_t n = (size_t)(TRIAL_ROWS * f->n_classes);
  float *ours = mst_alloc(n, sizeof *ours), *theirs = mst_alloc(n, sizeof *theirs);
  mst_xgb_matrix *matrix = NULL;
  mst_status st = ours && theirs ? MST_OK : MST_E_NOMEM;
  for (size_t i = 0; !st && i < n; i++) ours[i] = -0.1f * (float)(i % 29);
  if (!st) st = mst_xgb_matrix_create(x, NULL, with_margin ? ours : NULL, f->n_classes, 1, &matrix);
  if (!st) st = mst_xgb_booster_predict(booster, matrix, 1, f->n_classes, theirs);
  if (!st) st = mst__forest_predict(f, x, with_margin, 1, ours);
  *same = !st && memcmp(ours, theirs, n * sizeof *ours) == 0;
  mst_xgb_matrix_free(matrix);
  mst_free(ours);
  mst_free(theirs);
  return st;
}

static mst_status try_forest(const mst__forest *f, mst_xgb_booster *booster, int *same) {
  mst_csr x = {0};
  mst_status st = make_trial(f, &x);
  if (!st) st = compare(f, booster, &x, 0, same);
  if (!st && *same) st = compare(f, booster, &x, 1, same);
  mst_csr_fini(&x);
  return st;
}

mst_status mst__forest_create(mst_xgb_booster *booster, int32_t n_classes, int64_t n_features,
                              mst__forest **out) {
  char *text = NULL;
  size_t n = 0;
  mst_json *json = NULL;
  int usable = 0;
  mst__forest *f = mst_alloc_zero(1, sizeof *f);
  if (!f) return MST_E_NOMEM;
  f->n_classes = n_classes;
  f->n_features = n_features;
  mst_status st = mst_xgb_booster_dump_json(booster, &text, &n);
  if (!st) st = mst_json_parse(text, n, &json);
  mst_free(text);
  if (!st) st = read_forest(json, f, &usable);
  mst_json_free(json);
  if (!st && usable) st = try_forest(f, booster, &usable);
  if (st || !usable) mst__forest_free(f);
  if (!st) *out = usable ? f : NULL;
  return st;
}
