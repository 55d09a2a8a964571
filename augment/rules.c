/* rules.c: what a compiled set of rules keeps as it was read, its counts and names, and its end. */
#include <string.h>

#include "compiled.h"

static mst_status copy_strings(const mst_rules_builder *b, const mst__str *s, int64_t stride,
                               int64_t n, mst_strings *out) {
  int64_t n_bytes = 0;
  const char *at = (const char *)s;
  out->start = mst_alloc((size_t)n + 1, sizeof *out->start);
  if (!out->start) return MST_E_NOMEM;
  for (int64_t i = 0; i < n; i++) n_bytes += ((const mst__str *)(at + i * stride))->len;
  out->bytes = mst_alloc((size_t)n_bytes, 1);
  if (!out->bytes) return MST_E_NOMEM;
  out->n = n;
  out->start[0] = 0;
  for (int64_t i = 0; i < n; i++) {
    const mst_slice from = mst__arena_at(b, *(const mst__str *)(at + i * stride));
    memcpy(out->bytes + out->start[i], from.ptr, (size_t)from.len);
    out->start[i + 1] = out->start[i] + from.len;
  }
  return MST_OK;
}

static mst_status copy_expressions(const mst_rules_builder *b, mst_rules *r) {
  r->expression = mst_alloc((size_t)b->expressions.n, sizeof *r->expression);
  r->lead = mst_alloc((size_t)b->expressions.n, sizeof *r->lead);
  if (!r->expression || !r->lead) return MST_E_NOMEM;
  for (int64_t i = 0; i < b->expressions.n; i++) {
    const mst__str s = *MST__AT(b->expressions, mst__str, i); /* a zero byte follows */
    const char *text = (const char *)mst__arena_at(b, s).ptr;
    if (regcomp(&r->expression[i], text, REG_EXTENDED))
      return MST_FAIL(MST_E_NOMEM, "no memory for a regular expression");
    r->lead[i] = mst__lead_of(text);
    r->n_expressions++;
  }
  return MST_OK;
}

mst_status mst__compile_rest(const mst_rules_builder *b, mst_rules *r) {
  const mst__rule *rules = b->rules.items;
  r->rule = mst_alloc((size_t)b->rules.n, sizeof *r->rule);
  r->when = mst_alloc((size_t)b->rules.n, sizeof *r->when);
  if (!r->rule || !r->when) return MST_E_NOMEM;
  if (b->rules.n) memcpy(r->rule, rules, (size_t)b->rules.n * sizeof *rules);
  r->n_rules = (int32_t)b->rules.n;
  r->program = b->program;
  r->counts = (mst_rules_counts){.n_files = b->files.n, .n_rules = b->rules.n};
  r->counts.n_patterns = r->entries.n;
  for (int32_t i = 0; i < r->n_rules; i++) {
    r->when[i] = (mst_match_rule){.label = rules[i].label,
                                  .no_label = rules[i].no_label,
                                  .p = rules[i].p,
                                  .weight = rules[i].weight,
                                  .kind = (uint8_t)rules[i].operation,
                                  .pos = (uint8_t)rules[i].pos,
                                  .keeps_value = rules[i].keeps_value != 0,
                                  .korean = rules[i].korean != 0};
    r->counts.n_classes += rules[i].arrow == MST__CLASS;
    r->counts.n_one_way += rules[i].arrow == MST__ONE_WAY;
    r->counts.n_paraphrases += rules[i].arrow >= MST__FORTH;
  }
  mst_status st =
      copy_strings(b, rules ? &rules->name : NULL, sizeof *rules, b->rules.n, &r->names);
  if (!st) st = copy_strings(b, b->labels.items, sizeof(mst__str), b->labels.n, &r->labels);
  return st ? st : copy_expressions(b, r);
}

void mst_rules_free(mst_rules *r) {
  if (!r) return;
  mst__words_fini(&r->words);
  mst__words_fini(&r->suffixes);
  mst__list *const lists[] = {&r->nodes, &r->wilds, &r->entries, &r->alts};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) mst__list_fini(lists[i]);
  mst_free(r->edge_key);
  mst_free(r->edge_child);
  mst_free(r->root);
  mst_free(r->target);
  mst_buffer_fini(&r->target_bytes);
  mst_pieces_free(r->cased);
  mst_free(r->rule);
  mst_free(r->when);
  mst_strings_fini(&r->names);
  mst_strings_fini(&r->labels);
  for (int32_t i = 0; i < r->n_expressions; i++) regfree(&r->expression[i]);
  mst_free(r->expression);
  mst_free(r->lead);
  mst_free(r);
}

mst_rules_counts mst_rules_count(const mst_rules *rules) { return rules->counts; }

int32_t mst_rules_n(const mst_rules *rules) { return rules->n_rules; }

mst_slice mst_rules_name(const mst_rules *rules, int32_t rule) {
  return mst_strings_at(&rules->names, rule);
}
