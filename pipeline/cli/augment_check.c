/* augment_check.c: --check: copies that make a model change its mind are dropped or flagged.
 *
 * A copy flips when the model gives its record the record's own label and gives the copy another
 * one. Records that the model gets wrong already say nothing about a rule and are left alone.
 */
#include <string.h>

#include "cli/augment_check.h"
#include "cli/command.h"
#include "cli/copies.h"
#include "cli/terminal.h"

struct mst_augment_checker {
  mst_augment_judges judges;
  const mst_augmenter *augmenter;
  int flags; /* copies that flip stay */
  int n_threads;
  int64_t *judged, *flipped; /* [n_rules] edits, rule r at r + RULE_SHIFT */
  int64_t n_rules, n_judged, n_flipped;
};

enum { RULE_SHIFT = 4096 }; /* codes of lexicons and operations are below 0 */

mst_status mst_augment_checker_open(const mst_settings *s, const char *path,
                                    const mst_augmenter *augmenter, mst_augment_checker **out) {
  const char *check = mst_setting_text(s, "check");
  mst_augment_checker *c = mst_alloc_zero(1, sizeof *c);
  if (!c) return MST_E_NOMEM;
  c->augmenter = augmenter;
  c->flags = !strcmp(mst_setting_text(s, "check-action"), "flag");
  c->n_threads = mst_setting_threads(s);
  c->judges.seed = (uint64_t)mst_setting_int(s, "seed");
  mst_status st = mst_setting_backend(s, &c->judges.backend);
  if (!st && !strcmp(check, "cross")) st = mst_augment_judges_fit(s, path, &c->judges);
  else if (!st) st = mst_augment_judges_load(check, &c->judges);
  if (st) mst_augment_checker_free(c);
  else *out = c;
  return st;
}

int mst_augment_checker_flags(const mst_augment_checker *c) { return c && c->flags; }

void mst_augment_checker_reset(mst_augment_checker *c) {
  for (int64_t i = 0; i < c->n_rules; i++) c->judged[i] = c->flipped[i] = 0;
  c->n_judged = c->n_flipped = 0;
}

void mst_augment_checker_free(mst_augment_checker *c) {
  if (!c) return;
  mst_augment_judges_fini(&c->judges);
  mst_free(c->judged);
  mst_free(c->flipped);
  mst_free(c);
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

/* What the models say of one batch's records. */
typedef struct belief {
  const int32_t *fold;  /* [D] the model that judges a record and its copies */
  const int32_t *class; /* [D] of a record that its model gets right, else -1 */
} belief;

/* Drop what flips, or flag it; copies are classified in `classes`. */
static mst_status judge_copies(mst_augment_checker *c, const belief *b, const int32_t *classes,
                               mst_edits *e, mst_buffer *verdicts) {
  int64_t kept = 0;
  mst_status st = MST_OK;
  verdicts->size_bytes = 0;
  for (int64_t i = 0; !st && i < e->n_copies; i++) {
    const mst_copy copy = e->copy[i];
    const int32_t own = b->class[copy.doc];
    const int flips = own >= 0 && classes[i] != own;
    for (int32_t k = 0; !st && own >= 0 && k < copy.n_edits; k++)
      st = count_rule(c, e->edit[copy.first_edit + k].rule, flips);
    const uint8_t verdict = own < 0 ? MST_AUGMENT_UNJUDGED
                            : flips ? MST_AUGMENT_FLIPS
                                    : MST_AUGMENT_HOLDS;
    if (!st) st = mst_buffer_append(verdicts, &verdict, 1);
    c->n_judged += own >= 0;
    c->n_flipped += flips;
    if (!flips || c->flags) e->copy[kept++] = copy;
  }
  e->n_copies = kept;
  return st;
}

static mst_status check_edits(mst_augment_checker *c, const mst_augment_batch *batch,
                              const belief *b, mst_edits *e, mst_buffer *verdicts) {
  mst_buffer bytes;
  mst_buffer_init(&bytes, (size_t)1 << 40, "copies");
  int64_t *start = mst_alloc_zero((size_t)e->n_copies + 1, sizeof *start);
  int32_t *classes = mst_alloc((size_t)e->n_copies, sizeof *classes);
  int32_t *fold = mst_alloc((size_t)e->n_copies, sizeof *fold);
  mst_status st = start && classes && fold ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < e->n_copies; i++) {
    fold[i] = b->fold[e->copy[i].doc];
    st = mst_augment_write(batch, e, &e->copy[i], &bytes);
    start[i + 1] = (int64_t)bytes.size_bytes;
  }
  const mst_text text = {e->n_copies, bytes.data, start};
  if (!st) st = mst_augment_judge(&c->judges, &text, fold, classes);
  if (!st) st = judge_copies(c, b, classes, e, verdicts);
  mst_free(start);
  mst_free(classes);
  mst_free(fold);
  mst_buffer_fini(&bytes);
  return st;
}

mst_status mst_augment_check(mst_augment_checker *c, const mst_augment_batch *batch,
                             const mst_text *records, const mst_records *rows, int32_t label_col,
                             const mst_augment_checked *checked, int64_t n) {
  int32_t *class = mst_alloc((size_t)records->n_docs, sizeof *class);
  int32_t *fold = mst_alloc((size_t)records->n_docs, sizeof *fold);
  const belief b = {fold, class};
  mst_status st = class && fold ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst_augment_folds(&c->judges, records, c->n_threads, fold);
  if (!st) st = mst_augment_judge(&c->judges, records, fold, class);
  for (int64_t d = 0; !st && d < records->n_docs; d++) {
    const mst_strings *labels = mst_model_labels(c->judges.model[fold[d]]);
    if (mst_slice_compare(mst_strings_at(labels, class[d]), mst_records_field(rows, d, label_col)))
      class[d] = -1;
  }
  for (int64_t i = 0; !st && i < n; i++)
    st = check_edits(c, batch, &b, checked[i].edits, checked[i].verdicts);
  mst_free(class);
  mst_free(fold);
  return st;
}

void mst_augment_checker_rate(const mst_augment_checker *c, int32_t rule, int64_t *judged,
                              int64_t *flipped) {
  const int64_t at = (int64_t)rule + RULE_SHIFT;
  *judged = at < c->n_rules ? c->judged[at] : 0;
  *flipped = at < c->n_rules ? c->flipped[at] : 0;
}

void mst_augment_checker_say(const mst_augment_checker *c) {
  mst_terminal_note(
      "--check: %lld of %lld copies of records that the model gets right would change "
      "its mind (%.2f %%): %s",
      (long long)c->n_flipped, (long long)c->n_judged,
      c->n_judged ? 100.0 * (double)c->n_flipped / (double)c->n_judged : 0.0,
      c->flags ? "flagged" : "dropped");
  for (int64_t i = 0; i < c->n_rules; i++) {
    if (!c->flipped[i]) continue;
    const mst_slice name = mst_augmenter_rule_name(c->augmenter, (int32_t)(i - RULE_SHIFT));
    mst_terminal_note("  %-28.*s %8lld of %8lld edits (%.2f %%)", (int)name.len,
                      (const char *)name.ptr, (long long)c->flipped[i], (long long)c->judged[i],
                      100.0 * (double)c->flipped[i] / (double)c->judged[i]);
  }
}
