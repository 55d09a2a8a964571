/* explain.c: names everything that rules and lexicons could write in a text. */
#include "engine.h"

/* Would this alternative, alone, leave the maths as it is? */
static mst_status is_safe(mst__doc *d, const mst__candidate *c, mst_edits *e, int *safe) {
  mst__pick pick = {.first = c->first, .last = c->last, .keeps_value = c->keeps_value};
  mst_status st = mst__string_end(e, &pick);
  if (!st) st = mst__copy_write(d, e, &pick, 1);
  return st ? st : mst__copy_check(d, e, &pick, 1, safe);
}

static mst_status explain_candidate(mst__doc *d, const mst__candidate *c, mst_edits *e,
                                    mst_applicable_fn *each, void *payload) {
  const int32_t begin = mst__unit_at(d, c->first)->begin, end = mst__unit_at(d, c->last)->end;
  const mst__case how = mst__text_case(d, c->first, c->last);
  mst_status st = MST_OK;
  for (int32_t i = 0; !st && i < c->n_alts; i++) {
    int safe = 0;
    e->n_strings = 0;
    e->bytes.size_bytes = 0;
    st = mst__candidate_write(d, c, c->first_alt + i, how, &e->bytes);
    if (!st) st = is_safe(d, c, e, &safe);
    const mst_applicable a = {
        begin, end - begin, c->rule, c->kind, {e->bytes.data, (int64_t)e->bytes.size_bytes}};
    if (!st && safe) st = each(payload, &a);
  }
  return st;
}

mst_status mst_augment_explain(const mst_augment_batch *batch, int64_t doc, int32_t label,
                               mst_applicable_fn *each, void *payload) {
  mst__doc d;
  mst_edits e;
  mst__doc_init(&d, batch);
  mst_edits_init(&e);
  mst_status st = mst__doc_open(&d, doc, label);
  for (int64_t i = 0; !st && i < d.candidates.n; i++)
    st = explain_candidate(&d, MST__AT(d.candidates, mst__candidate, i), &e, each, payload);
  mst_edits_fini(&e);
  mst__doc_fini(&d);
  return st;
}
