/* augment_report_json.c: the report as JSON. */
#include "cli/augment_report.h"
#include "files/json.h"

/* {"label": count, ...} without zeros. */
static mst_json *by_label(const mst_augment_report *r, const int64_t *values) {
  mst_json *o = mst_json_new_object();
  mst_status st = MST_OK;
  for (int i = 0; !st && i < r->n_labels; i++)
    if (values[i]) st = mst_json_set(o, r->label[i], mst_json_new_int(values[i]));
  if (!st) return o;
  mst_json_free(o);
  return NULL;
}

static mst_json *rule_json(const mst_augment_report *r, int64_t i) {
  const mst_rule_report *rule = r->rule[i];
  const mst_slice name = mst_augment_report_name(r, i);
  mst_json *o = mst_json_new_object(), *examples = mst_json_new_array();
  mst_status st = mst_json_set(o, "name", mst_json_new_bytes(name.ptr, (size_t)name.len));
  if (!st) st = mst_json_set(o, "could_apply", by_label(r, rule->could));
  if (!st) st = mst_json_set(o, "applied", by_label(r, rule->did));
  if (!st) st = mst_json_set(o, "left_out", mst_json_new_int(rule->n_dropped));
  if (!st && r->checker) {
    int64_t judged, flipped;
    (void)mst_augment_report_flips(r, i, &judged, &flipped);
    st = mst_json_set(o, "judged", mst_json_new_int(judged));
    if (!st) st = mst_json_set(o, "flipped", mst_json_new_int(flipped));
  }
  for (int k = 0; !st && k < rule->n_examples; k++) {
    mst_json *pair = mst_json_new_array();
    st = mst_json_append(pair, mst_json_new_string(rule->before[k]));
    if (!st) st = mst_json_append(pair, mst_json_new_string(rule->after[k]));
    if (!st) st = mst_json_append(examples, pair);
    else mst_json_free(pair);
  }
  if (!st) st = mst_json_set(o, "examples", examples);
  else mst_json_free(examples);
  if (!st) return o;
  mst_json_free(o);
  return NULL;
}

mst_status mst_augment_report_json(const mst_augment_report *r, char **out, size_t *n) {
  mst_json *o = mst_json_new_object(), *rules = mst_json_new_array();
  mst_status st = mst_json_set(o, "records", by_label(r, r->records));
  if (!st) st = mst_json_set(o, "copies", by_label(r, r->copies));
  if (!st) st = mst_json_set(o, "near_duplicates", mst_json_new_int(r->n_near));
  if (!st) st = mst_json_set(o, "same_words", mst_json_new_int(r->n_identical));
  if (!st) st = mst_json_set(o, "ngrams", mst_json_new_int(r->n_grams));
  if (!st) st = mst_json_set(o, "ngrams_of_records", mst_json_new_int(r->n_grams_before));
  for (int64_t i = 0; !st && i < r->n_rules; i++)
    if (r->rule[i]) st = mst_json_append(rules, rule_json(r, i));
  if (!st) st = mst_json_set(o, "rules", rules);
  else mst_json_free(rules);
  if (!st) st = mst_json_dump(o, 1, out, n);
  mst_json_free(o);
  return st;
}
