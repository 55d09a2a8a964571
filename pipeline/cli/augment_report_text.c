/* augment_report_text.c: the report as two tables of text. */
#include "cli/augment_report.h"
#include "report/table.h"

static int64_t sum(const int64_t *values) {
  int64_t total = 0;
  for (int i = 0; i < MST_REPORT_LABELS; i++) total += values[i];
  return total;
}

mst_status mst_augment_report_labels(const mst_augment_report *r, char **out) {
  static const char *const columns[] = {"label",  "records",       "share %",
                                        "copies", "share after %", NULL};
  mst_table *t = NULL;
  const double n = (double)sum(r->records), m = (double)sum(r->copies);
  mst_status st = mst_table_create("Labels", "lnnnn", columns, &t);
  for (int i = 0; !st && i < r->n_labels; i++) {
    const double share = n > 0 ? 100 * (double)r->records[i] / n : 0;
    const double after = n > 0 ? 100 * (double)(r->records[i] + r->copies[i]) / (n + m) : 0;
    st = mst_table_cell(t, "%s", r->label[i]);
    if (!st) st = mst_table_cell(t, "%lld", (long long)r->records[i]);
    if (!st) st = mst_table_cell(t, "%.2f", share);
    if (!st) st = mst_table_cell(t, "%lld", (long long)r->copies[i]);
    if (!st) st = mst_table_cell(t, "%.2f", after);
  }
  if (!st)
    st = mst_table_note(t,
                        "%.1f %% of the copies share at least 9 of 10 words with their record, "
                        "%.1f %% have the same words in another order or case",
                        m > 0 ? 100 * (double)r->n_near / m : 0,
                        m > 0 ? 100 * (double)r->n_identical / m : 0);
  if (!st)
    st = mst_table_note(t,
                        "distinct words and pairs of words: %lld, of which the copies brought "
                        "%lld",
                        (long long)r->n_grams, (long long)(r->n_grams - r->n_grams_before));
  if (!st) st = mst_table_render(t, MST_TABLE_TEXT, out);
  mst_table_free(t);
  return st;
}

static mst_status flip_cells(const mst_augment_report *r, int64_t i, mst_table *t) {
  int64_t judged, flipped;
  const double rate = mst_augment_report_flips(r, i, &judged, &flipped);
  mst_status st = mst_table_cell(t, "%lld", (long long)judged);
  if (!st) st = mst_table_cell(t, "%lld", (long long)flipped);
  if (st) return st;
  return judged ? mst_table_cell(t, "%.2f", rate) : mst_table_cell(t, "-");
}

mst_status mst_augment_report_rules(const mst_augment_report *r, char **out) {
  static const char *const all[] = {"rule",   "could apply", "applied",   "left out",
                                    "judged", "flipped",     "flipped %", NULL};
  static const char *const few[] = {"rule", "could apply", "applied", "left out", NULL};
  mst_table *t = NULL;
  mst_status st = r->checker ? mst_table_create("Rules", "lnnnnnn", all, &t)
                             : mst_table_create("Rules", "lnnn", few, &t);
  for (int64_t i = 0; !st && i < r->n_rules; i++) {
    if (!r->rule[i]) continue;
    const mst_slice name = mst_augment_report_name(r, i);
    st = mst_table_cell(t, "%.*s", (int)name.len, (const char *)name.ptr);
    if (!st) st = mst_table_cell(t, "%lld", (long long)sum(r->rule[i]->could));
    if (!st) st = mst_table_cell(t, "%lld", (long long)sum(r->rule[i]->did));
    if (!st) st = mst_table_cell(t, "%lld", (long long)r->rule[i]->n_dropped);
    if (!st && r->checker) st = flip_cells(r, i, t);
  }
  if (!st)
    st = mst_table_note(t, "could apply: alternatives at places of records; applied: edits of "
                           "copies; left out: edits of copies that a plan did not keep");
  if (!st && r->checker)
    st = mst_table_note(t, "judged: edits of copies of records that the model gets right; flipped: "
                           "edits of those copies that it gives another label");
  if (!st) st = mst_table_render(t, MST_TABLE_TEXT, out);
  mst_table_free(t);
  return st;
}
