/* train_augmented.c: a training part with its copies, however they came, and what became of the
 * labels. */
#include "cli/train_copies.h"
#include "misstep/alloc.h"

mst_status mst__augmented_alloc(mst_augmented *a, int32_t n_classes) {
  const size_t n = (size_t)a->n;
  a->n_classes = n_classes;
  a->label = mst_alloc(n, sizeof *a->label);
  a->unit = mst_alloc(n, sizeof *a->unit);
  a->key = mst_alloc(n, sizeof *a->key);
  a->parent = mst_alloc(n, sizeof *a->parent);
  a->before = mst_alloc_zero((size_t)n_classes, sizeof *a->before);
  a->after = mst_alloc_zero((size_t)n_classes, sizeof *a->after);
  const int ok = a->label && a->unit && a->key && a->parent && a->before && a->after;
  return ok ? MST_OK : MST_E_NOMEM;
}

void mst__augmented_set(mst_augmented *a, int64_t d, const mst_part *part, int64_t i,
                        int64_t parent) {
  a->label[d] = part->label[i];
  a->unit[d] = part->unit[i];
  a->key[d] = part->key[i];
  a->parent[d] = parent;
  a->before[a->label[d]] += d == parent;
  a->after[a->label[d]]++;
}

void mst_augmented_fini(mst_augmented *a) {
  mst_corpus_free(a->corpus);
  mst_strings_fini(&a->text);
  mst_free(a->label);
  mst_free(a->unit);
  mst_free(a->key);
  mst_free(a->parent);
  mst_free(a->weight);
  mst_free(a->before);
  mst_free(a->after);
  *a = (mst_augmented){0};
}

mst_status mst_train_augment(const mst_train_maker *maker, const mst_given *given,
                             const mst_data *data, const mst_part *part, const mst_strings *names,
                             const mst_tested *tested, mst_backend *backend, mst_augmented *out) {
  mst_augmented a = {0};
  const mst_status st = given->found
                            ? mst__given_join(given, part, names, tested, backend, &a)
                            : mst__train_make(maker, data, part, names, tested, backend, &a);
  if (st) mst_augmented_fini(&a);
  else *out = a;
  return st;
}

static double percent(int64_t n, int64_t all) {
  return all ? 100.0 * (double)n / (double)all : 0.0;
}

static int64_t sum(const int64_t *count, int32_t n) {
  int64_t all = 0;
  for (int32_t c = 0; c < n; c++) all += count[c];
  return all;
}

mst_status mst_augmented_table(const mst_augmented *a, const mst_strings *names, mst_table **out) {
  static const char *const columns[] = {"label", "records", "%", "with copies", "% with copies"};
  const int64_t before = sum(a->before, a->n_classes), after = sum(a->after, a->n_classes);
  mst_table *t = NULL;
  mst_status st = mst_table_create("Training part before and after copies", "lnnnn", columns, &t);
  for (int32_t c = 0; !st && c < a->n_classes; c++) {
    const mst_slice name = mst_strings_at(names, c);
    st = mst_table_cell(t, "%.*s", (int)name.len, (const char *)name.ptr);
    if (!st) st = mst_table_cell(t, "%lld", (long long)a->before[c]);
    if (!st) st = mst_table_cell(t, "%.1f", percent(a->before[c], before));
    if (!st) st = mst_table_cell(t, "%lld", (long long)a->after[c]);
    if (!st) st = mst_table_cell(t, "%.1f", percent(a->after[c], after));
  }
  if (st) mst_table_free(t);
  else *out = t;
  return st;
}

static mst_status set_count(mst_json *o, const char *key, int64_t n) {
  return mst_json_set(o, key, mst_json_new_int(n));
}

static mst_status set_counts(mst_json *o, const char *key, const int64_t *count, int32_t n) {
  mst_json *list = mst_json_new_array();
  for (int32_t c = 0; c < n; c++) (void)mst_json_append(list, mst_json_new_int(count[c]));
  return mst_json_set(o, key, list);
}

static mst_status set_names(mst_json *o, const mst_strings *names) {
  mst_json *list = mst_json_new_array();
  for (int64_t c = 0; c < names->n; c++) {
    const mst_slice name = mst_strings_at(names, c);
    (void)mst_json_append(list, mst_json_new_bytes(name.ptr, (size_t)name.len));
  }
  return mst_json_set(o, "labels", list);
}

mst_status mst_augmented_json(const mst_augmented *a, const mst_strings *names, mst_json **out) {
  mst_json *o = mst_json_new_object();
  mst_status st = set_names(o, names);
  if (!st) st = set_counts(o, "records", a->before, a->n_classes);
  if (!st) st = set_counts(o, "records and copies", a->after, a->n_classes);
  if (!st) st = set_count(o, "copies", sum(a->after, a->n_classes) - sum(a->before, a->n_classes));
  if (!st) st = set_count(o, "not made: nothing applies", a->tally.n_without);
  if (!st) st = set_count(o, "not made: duplicates", a->tally.n_duplicates);
  if (!st) st = set_count(o, "not made: maths would change", a->tally.n_unsafe);
  if (!st) st = set_count(o, "left out: parent is tested", a->n_left_out);
  if (!st) st = set_count(o, "left out: equal to a tested text", a->n_equal);
  if (st) mst_json_free(o);
  else *out = o;
  return st;
}
