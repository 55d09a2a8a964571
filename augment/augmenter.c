/* augmenter.c: rules, lexicons and a program put together, and the names of what edits. */
#include <string.h>

#include "engine.h"

/* Fill in what a program leaves open. */
static void complete(mst_program *p, const mst_program *from) {
  if (!p->n_steps) {
    p->n_steps = from->n_steps;
    memcpy(p->step, from->step, sizeof p->step);
  }
  if (!p->max_edits) {
    p->min_edits = from->min_edits;
    p->max_edits = from->max_edits;
  }
  if (p->max_change_frac == 0) p->max_change_frac = from->max_change_frac;
}

/* The same program for kernels. */
static mst_choice_program choice_program(const mst_program *p) {
  mst_choice_program to = {
      .n_ruled = MST_OP_INSERTION, .min = p->min_edits, .max = p->max_edits, .n_steps = p->n_steps};
  for (int32_t i = 0; i < p->n_steps; i++) {
    to.step[i].p = p->step[i].p;
    memcpy(to.step[i].weight, p->step[i].weight, sizeof p->step[i].weight);
    for (int32_t kind = to.n_kinds; kind < MST_OP_N; kind++)
      if (p->step[i].weight[kind]) to.n_kinds = kind + 1; /* none behind it is named */
  }
  return to;
}

mst_status mst_augmenter_create(const mst_rules *rules, const mst_lexicon *const *lexicons,
                                int n_lexicons, const mst_program *program, mst_augmenter **out) {
  const mst_program fallback = mst_program_default();
  mst_program p = program ? *program : (mst_program){0};
  complete(&p, &rules->program);
  complete(&p, &fallback);
  if (p.min_edits < 0 || p.min_edits > p.max_edits || p.max_edits > MST__MAX_EDITS)
    return MST_FAIL(MST_E_ARG,
                    "%d to %d edits a copy, expected 0 to %d, the first not above the "
                    "second",
                    p.min_edits, p.max_edits, MST__MAX_EDITS);
  mst_augmenter *a = mst_alloc_zero(1, sizeof *a);
  const mst_lexicon **copy = mst_alloc((size_t)n_lexicons, sizeof *copy);
  if (!a || !copy) {
    mst_free(a);
    mst_free(copy);
    return MST_E_NOMEM;
  }
  for (int i = 0; i < n_lexicons; i++) copy[i] = lexicons[i];
  *a = (mst_augmenter){.rules = rules, .lexicon = copy, .n_lexicons = n_lexicons, .program = p};
  a->choice = choice_program(&p);
  a->wanted = mst_program_operations(&p);
  a->matched = a->wanted;
  if (a->wanted >> MST_OP_INSERTION & 1) a->matched |= 1u << MST_OP_SYNONYM | 1u << MST_OP_LEXICON;
  *out = a;
  return MST_OK;
}

void mst_augmenter_free(mst_augmenter *a) {
  if (!a) return;
  mst_free(a->lexicon);
  mst_free(a);
}

mst_program mst_augmenter_program(const mst_augmenter *a) { return a->program; }

int32_t mst_augmenter_label(const mst_augmenter *a, mst_slice label) {
  for (int64_t i = 0; i < a->rules->labels.n; i++)
    if (!mst_slice_compare(mst_strings_at(&a->rules->labels, i), label)) return (int32_t)i;
  return -1;
}

mst_slice mst_augmenter_rule_name(const mst_augmenter *a, int32_t rule) {
  if (rule >= 0) return mst_rules_name(a->rules, rule);
  const char *name = "article";
  if (rule <= MST__RULE_LEXICON) name = mst_lexicon_name(a->lexicon[MST__RULE_LEXICON - rule]);
  else if (rule != MST__RULE_ARTICLE)
    name = mst_operation_name((mst_operation)(MST__RULE_OPERATION - rule));
  return (mst_slice){(const uint8_t *)name, (int64_t)strlen(name)};
}
