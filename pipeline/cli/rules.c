/* rules.c: misstep rules: check rule files, list and show the sets that are built in; and what
 * misstep augment --explain prints. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/copies.h"
#include "cli/terminal.h"

static const char *const columns[] = {"rules",       "lines",   "classes", "one way",
                                      "paraphrases", "phrases", NULL};

static mst_status count_rules(const char *name, mst_rules_counts *out) {
  mst_rules_builder *builder = NULL;
  mst_rules *rules = NULL;
  mst_status st = mst_rules_builder_create(&builder);
  if (!st) st = mst_rules_add_named(builder, name);
  if (!st) st = mst_rules_compile(builder, &rules);
  if (!st) *out = mst_rules_count(rules);
  mst_rules_free(rules);
  mst_rules_builder_free(builder);
  return st;
}

static mst_status add_row(mst_table *table, const char *name) {
  mst_rules_counts n;
  mst_status st = count_rules(name, &n);
  const int64_t numbers[] = {n.n_rules, n.n_classes, n.n_one_way, n.n_paraphrases, n.n_patterns};
  if (!st) st = mst_table_cell(table, "%s", name);
  for (int i = 0; !st && i < 5; i++) st = mst_table_cell(table, "%lld", (long long)numbers[i]);
  return st;
}

static mst_status show(const char *name) {
  int found = 0;
  mst_status st = MST_OK;
  for (int i = 0; !st && i < mst_rules_shipped_n(); i++) {
    const char *known = mst_rules_shipped_name(i);
    const size_t n = strlen(name);
    if (strncmp(known, name, n) != 0 || (known[n] && known[n] != '.')) continue;
    const mst_slice text = mst_rules_shipped_text(i);
    st = mst_write_all(stdout, "standard output", text.ptr, (size_t)text.len);
    found = 1;
  }
  if (!st && !found) {
    mst_rules_builder *builder = NULL;
    st = mst_rules_builder_create(&builder);
    if (!st) st = mst_rules_builder_add_shipped(builder, name); /* its message lists the names */
    mst_rules_builder_free(builder);
  }
  return st;
}

/* check: each file named; list: all that is built in. */
static mst_status print_counts(const mst_settings *s, int check) {
  mst_table *table = NULL;
  mst_table_format format;
  mst_status st = mst_setting_table_format(s, &format);
  if (!st) st = mst_table_create(NULL, "lnnnnn", columns, &table);
  for (int i = 1; !st && check && i < s->n_positional; i++) st = add_row(table, s->positional[i]);
  for (int i = 0; !st && !check && i < mst_rules_shipped_n(); i++)
    st = add_row(table, mst_rules_shipped_name(i));
  if (!st) st = mst_print_table(table, format);
  mst_table_free(table);
  return st;
}

mst_status mst_command_rules(const mst_settings *s) {
  const char *what = s->positional[0];
  const int n = s->n_positional;
  if (!strcmp(what, "list") && n == 1) return print_counts(s, 0);
  if (!strcmp(what, "check") && n > 1) return print_counts(s, 1);
  if (!strcmp(what, "show") && n == 2) return show(s->positional[1]);
  return MST_FAIL(MST_E_ARG, "rules %s: check FILE..., list, or show NAME is expected", what);
}

/* What --explain has found so far. */
typedef struct explained {
  const mst_augmenter *augmenter;
  const char *text;
  mst_table *table;
} explained;

static mst_status explain_one(void *payload, const mst_applicable *a) {
  const explained *e = payload;
  const mst_slice rule = mst_augmenter_rule_name(e->augmenter, a->rule);
  mst_status st = mst_table_cell(e->table, "%lld", (long long)a->first_byte + 1);
  if (!st) st = mst_table_cell(e->table, "%.*s", (int)a->n_bytes, e->text + a->first_byte);
  if (!st)
    st =
        mst_table_cell(e->table, "%.*s", (int)a->alternative.len, (const char *)a->alternative.ptr);
  if (!st) st = mst_table_cell(e->table, "%s", mst_operation_name(a->operation));
  return st ? st : mst_table_cell(e->table, "%.*s", (int)rule.len, (const char *)rule.ptr);
}

mst_status mst_augment_explain_text(const mst_settings *s, const mst_augment_setup *setup) {
  static const char *const names[] = {
      "byte", "what stands there", "what may stand there", "operation", "rule", NULL};
  const char *text = mst_setting_text(s, "explain");
  const int64_t start[] = {0, (int64_t)strlen(text)};
  const mst_text texts = {1, (const uint8_t *)text, start};
  mst_augment_batch *batch = NULL;
  mst_table_format format;
  explained e = {.augmenter = setup->augmenter, .text = text};
  mst_status st = mst_setting_table_format(s, &format);
  if (!st) st = mst_table_create(NULL, "nllll", names, &e.table);
  if (!st) st = mst_augment_batch_create(setup->augmenter, &texts, 1, &batch);
  if (!st) st = mst_augment_explain(batch, 0, MST_AUGMENT_ANY_LABEL, explain_one, &e);
  if (!st) st = mst_print_table(e.table, format);
  mst_augment_batch_free(batch);
  mst_table_free(e.table);
  return st;
}
