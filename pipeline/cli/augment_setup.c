/* augment_setup.c: from options to an augmenter: rules, lexicons, the program of operations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/copies.h"
#include "cli/terminal.h"
#include "files/folder.h"
#include "misstep/log.h"

enum { MAX_RULE_FILE_BYTES = 1 << 28 };

static int is_shipped(const char *name) {
  const size_t n = strlen(name);
  for (int i = 0; i < mst_rules_shipped_n(); i++) {
    const char *known = mst_rules_shipped_name(i);
    if (!strncmp(known, name, n) && (!known[n] || known[n] == '.')) return 1;
  }
  return 0;
}

mst_status mst_rules_add_named(mst_rules_builder *builder, const char *name) {
  char *bytes = NULL;
  size_t n = 0;
  if (is_shipped(name) && access(name, F_OK) != 0)
    return mst_rules_builder_add_shipped(builder, name);
  if (access(name, F_OK) != 0 && !strpbrk(name, "/."))
    return mst_rules_builder_add_shipped(builder, name); /* its message lists what there is */
  mst_status st = mst_terminal_input(mst_file_read(name, MAX_RULE_FILE_BYTES, &bytes, &n));
  if (!st) st = mst_rules_builder_add(builder, name, bytes, (int64_t)n);
  mst_free(bytes);
  return st;
}

/* Does a --lexicon value name a file in the syntax of rules? */
static int is_rule_file(const char *name) {
  const size_t n = strlen(name);
  return n > 6 && !strcmp(name + n - 6, ".rules");
}

/* Call `each` for every line of a list option. */
typedef mst_status each_fn(void *payload, const char *value);

static mst_status for_each(const char *list, each_fn *each, void *payload) {
  mst_status st = MST_OK;
  while (!st && list && *list) {
    const size_t n = strcspn(list, "\n");
    char *value = mst_alloc(n + 1, 1);
    if (!value) return MST_E_NOMEM;
    memcpy(value, list, n);
    value[n] = 0;
    st = each(payload, value);
    mst_free(value);
    list += n + (list[n] == '\n');
  }
  return st;
}

static mst_status add_rules(void *payload, const char *name) {
  return mst_rules_add_named(payload, name);
}

/* What the lexicons need while they are opened. */
typedef struct opening {
  mst_rules_builder *builder;
  mst_augment_setup *setup;
} opening;

static mst_status add_lexicon(void *payload, const char *name) {
  const opening *o = payload;
  mst_augment_setup *setup = o->setup;
  if (is_rule_file(name)) return mst_rules_add_named(o->builder, name);
  const mst_lexicon_options options = mst_lexicon_options_default();
  mst_lexicon **grown =
      mst_realloc(setup->lexicon, (size_t)setup->n_lexicons + 1, sizeof *setup->lexicon);
  if (!grown) return MST_E_NOMEM;
  setup->lexicon = grown;
  const mst_status st =
      mst_terminal_input(mst_lexicon_open(name, &options, &setup->lexicon[setup->n_lexicons]));
  setup->n_lexicons += !st;
  return st;
}

/* "1..3" */
static mst_status read_edits(const char *text, mst_program *p) {
  char *end;
  const long low = strtol(text, &end, 10);
  const int dots = !strncmp(end, "..", 2) && end > text;
  const char *second = dots ? end + 2 : "";
  const long high = strtol(second, &end, 10);
  if (!dots || *end || end == second || low < 0 || high < 1 || low > high || high > 16)
    return MST_FAIL(MST_E_ARG,
                    "--edits %s: two whole numbers from 0 to 16 are expected, as in 1..3", text);
  p->min_edits = (int32_t)low;
  p->max_edits = (int32_t)high;
  return MST_OK;
}

static mst_status read_program(const mst_settings *s, mst_program *p) {
  const char *operations = mst_setting_text(s, "operations"), *edits = mst_setting_text(s, "edits");
  mst_status st = MST_OK;
  if (operations)
    st = mst_program_parse(
        "--operations", (mst_slice){(const uint8_t *)operations, (int64_t)strlen(operations)}, p);
  if (st) return MST_FAIL(MST_E_ARG, "%s", mst_error_last()->message);
  if (mst_setting_text(s, "max-change")) p->max_change_frac = mst_setting_real(s, "max-change");
  return edits ? read_edits(edits, p) : MST_OK;
}

/* Orders and spellings that some features cannot see. */
static void warn_unseen(const mst_program *p) {
  for (int i = 0; i < p->n_steps; i++)
    if (p->step[i].weight[MST_OP_SWAP]) {
      mst_log(MST_LOG_WARNING, "swap changes the order of words only: single words as features "
                               "(--ngram-range 1,1) do not see it");
      return;
    }
}

/* The built-in set of forms is searched for only when its operations are named. */
static int needs_forms(const mst_rules_builder *builder, const mst_program *program) {
  const uint32_t forms = 1u << MST_OP_CONTRACTION | 1u << MST_OP_NUMBER_WORDS | 1u << MST_OP_UNITS;
  const uint32_t wanted =
      program->n_steps ? mst_program_operations(program) : mst_rules_builder_operations(builder);
  return (wanted & forms) != 0;
}

mst_status mst_augment_setup_init(const mst_settings *s, mst_augment_setup *out) {
  const char *rules = mst_setting_text(s, "rules");
  mst_rules_builder *builder = NULL;
  mst_program program = {0};
  *out = (mst_augment_setup){0};
  mst_status st = read_program(s, &program);
  if (!st) st = mst_rules_builder_create(&builder);
  if (!st) st = for_each(rules ? rules : "elementary-maths", add_rules, builder);
  if (!st) st = mst_augment_protect(mst_setting_text(s, "protect"), builder);
  if (!st && mst_setting_text(s, "protect-top"))
    st = mst_augment_protect_top(s, s->n_positional ? s->positional[0] : NULL,
                                 mst_setting_int(s, "protect-top"), builder);
  opening o = {builder, out};
  if (!st) st = for_each(mst_setting_text(s, "lexicon"), add_lexicon, &o);
  if (!st && needs_forms(builder, &program)) st = mst_rules_builder_add_shipped(builder, "forms");
  if (!st) st = mst_rules_compile(builder, &out->rules);
  mst_rules_builder_free(builder);
  if (!st)
    st = mst_augmenter_create(out->rules, (const mst_lexicon *const *)out->lexicon, out->n_lexicons,
                              &program, &out->augmenter);
  if (st) return st;
  program = mst_augmenter_program(out->augmenter);
  warn_unseen(&program);
  return MST_OK;
}

void mst_augment_setup_fini(mst_augment_setup *setup) {
  mst_augmenter_free(setup->augmenter);
  for (int i = 0; i < setup->n_lexicons; i++) mst_lexicon_close(setup->lexicon[i]);
  mst_free(setup->lexicon);
  mst_rules_free(setup->rules);
  *setup = (mst_augment_setup){0};
}
