/* augment_check.c: --check: copies that make a model change its mind are dropped.
 *
 * A copy flips when the model gives its record the record's own label and gives the copy another
 * one. Records that the model gets wrong already say nothing about a rule and are left alone.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/copies.h"
#include "cli/terminal.h"
#include "learn/model.h"

struct mst_augment_checker {
  mst_model *model;
  mst_backend *backend;
  const mst_augmenter *augmenter;
  int64_t *judged, *flipped; /* [n_rules] edits, rule r at r + RULE_SHIFT */
  int64_t n_rules, n_judged, n_flipped;
};

enum { RULE_SHIFT = 4096 }; /* codes of lexicons and operations are below 0 */

mst_status mst_augment_checker_open(const mst_settings *s, const mst_augmenter *augmenter,
                                    mst_augment_checker **out) {
  mst_augment_checker *c = mst_alloc_zero(1, sizeof *c);
  if (!c) return MST_E_NOMEM;
  c->augmenter = augmenter;
  mst_status st = mst_terminal_input(mst_model_load(mst_setting_text(s, "check"), &c->model, NULL));
  if (!st) st = mst_setting_backend(s, &c->backend);
  if (st) mst_augment_checker_free(c);
  else *out = c;
  return st;
}

void mst_augment_checker_reset(mst_augment_checker *c) {
  for (int64_t i = 0; i < c->n_rules; i++) c->judged[i] = c->flipped[i] = 0;
  c->n_judged = c->n_flipped = 0;
}

void mst_augment_checker_free(mst_augment_checker *c) {
  if (!c) return;
  mst_model_free(c->model);
  mst_backend_close(c->backend);
  mst_free(c->judged);
  mst_free(c->flipped);
  mst_free(c);
}

/* The most probable class of each text. */
static mst_status classify(const mst_augment_checker *c, const mst_text *text, int32_t *out) {
  const int64_t n_classes = mst_model_labels(c->model)->n;
  float *proba = mst_alloc((size_t)(text->n_docs * n_classes), sizeof *proba);
  if (!proba) return MST_E_NOMEM;
  const mst_status st =
      text->n_docs ? mst_model_predict(c->model, c->backend, text, proba) : MST_OK;
  for (int64_t d = 0; !st && d < text->n_docs; d++) {
    const float *p = proba + d * n_classes;
    out[d] = 0;
    for (int32_t k = 1; k < n_classes; k++)
      if (p[k] > p[out[d]]) out[d] = k;
  }
  mst_free(proba);
  return st;
}

static mst_status count_rule(mst_augment_checker *c, int32_t code, int flips) {
  const int64_t at = (int64_t)code + RULE_SHIFT;
  if (at >= c->n_rules) {
    const int64_t n = 2 * at + 64;
    int64_t **const lists[] = {&c->judged, &c->flipped};
    for (int i = 0; i < 2; i++) {
      int64_t *grown = mst_realloc(*lists[i], (size_t)n, sizeof *grown);
      if (!grown) return MST_E_NOMEM;
      memset(grown + c->n_rules, 0, (size_t)(n - c->n_rules) * sizeof *grown);
      *lists[i] = grown;
    }
    c->n_rules = n;
  }
  c->judged[at]++;
  c->flipped[at] += flips;
  return MST_OK;
}

/* Drop what flips; copies are classified in `classes`. believed[doc]: the class of a record that
 * the model gets right, else -1. */
static mst_status drop_flips(mst_augment_checker *c, const int32_t *believed,
                             const int32_t *classes, mst_edits *e) {
  int64_t kept = 0;
  mst_status st = MST_OK;
  for (int64_t i = 0; !st && i < e->n_copies; i++) {
    const mst_copy copy = e->copy[i];
    const int32_t own = believed[copy.doc];
    const int flips = own >= 0 && classes[i] != own;
    for (int32_t k = 0; !st && own >= 0 && k < copy.n_edits; k++)
      st = count_rule(c, e->edit[copy.first_edit + k].rule, flips);
    c->n_judged += own >= 0;
    c->n_flipped += flips;
    if (!flips) e->copy[kept++] = copy;
  }
  e->n_copies = kept;
  return st;
}

static mst_status check_edits(mst_augment_checker *c, const mst_augment_batch *batch,
                              const int32_t *believed, mst_edits *e) {
  mst_buffer bytes;
  mst_buffer_init(&bytes, (size_t)1 << 40, "copies");
  int64_t *start = mst_alloc_zero((size_t)e->n_copies + 1, sizeof *start);
  int32_t *classes = mst_alloc((size_t)e->n_copies, sizeof *classes);
  mst_status st = start && classes ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < e->n_copies; i++) {
    st = mst_augment_write(batch, e, &e->copy[i], &bytes);
    start[i + 1] = (int64_t)bytes.size_bytes;
  }
  const mst_text text = {e->n_copies, bytes.data, start};
  if (!st) st = classify(c, &text, classes);
  if (!st) st = drop_flips(c, believed, classes, e);
  mst_free(start);
  mst_free(classes);
  mst_buffer_fini(&bytes);
  return st;
}

mst_status mst_augment_check(mst_augment_checker *c, const mst_augment_batch *batch,
                             const mst_text *records, const mst_records *rows, int32_t label_col,
                             mst_edits *const *edits, int64_t n_edits) {
  int32_t *believed = mst_alloc((size_t)records->n_docs, sizeof *believed);
  mst_status st = believed ? classify(c, records, believed) : MST_E_NOMEM;
  for (int64_t d = 0; !st && d < records->n_docs; d++) {
    const mst_slice class = mst_strings_at(mst_model_labels(c->model), believed[d]);
    if (mst_slice_compare(class, mst_records_field(rows, d, label_col))) believed[d] = -1;
  }
  for (int64_t i = 0; !st && i < n_edits; i++) st = check_edits(c, batch, believed, edits[i]);
  mst_free(believed);
  return st;
}

void mst_augment_checker_say(const mst_augment_checker *c) {
  mst_terminal_note(
      "--check: %lld of %lld copies of records that the model gets right would change "
      "its mind (%.2f %%): dropped",
      (long long)c->n_flipped, (long long)c->n_judged,
      c->n_judged ? 100.0 * (double)c->n_flipped / (double)c->n_judged : 0.0);
  for (int64_t i = 0; i < c->n_rules; i++) {
    if (!c->flipped[i]) continue;
    const mst_slice name = mst_augmenter_rule_name(c->augmenter, (int32_t)(i - RULE_SHIFT));
    mst_terminal_note("  %-28.*s %8lld of %8lld edits (%.2f %%)", (int)name.len,
                      (const char *)name.ptr, (long long)c->flipped[i], (long long)c->judged[i],
                      100.0 * (double)c->flipped[i] / (double)c->judged[i]);
  }
}
