/* train_maker.c: from --augment and its options to what makes copies. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "cli/train_copies.h"
#include "files/folder.h"

enum { MAX_RULE_BYTES = 1 << 28 };

/* Options that mean nothing without --augment. */
static const char *const dependent[] = {"copies",  "balance",    "max-copies", "rules",
                                        "lexicon", "operations", "edits",      "max-change"};

static mst_status check(const mst_settings *s) {
  const int on = !mst_setting_is(s, "augment", "none");
  for (size_t i = 0; !on && i < sizeof dependent / sizeof *dependent; i++)
    if (mst_setting_given(s, dependent[i]) == 3)
      return MST_FAIL(MST_E_ARG, "--%s needs --augment: RULES, duplicates or weights is expected",
                      dependent[i]);
  if (on && mst_setting_given(s, "copies") == 3 && !mst_setting_int(s, "copies") &&
      !mst_setting_text(s, "balance"))
    return MST_FAIL(MST_E_ARG, "--copies 0 without --balance makes no copies: at least 1 is "
                               "expected, or --augment none");
  return MST_OK;
}

/* --augment's rules before those of --rules; duplicates and weights stand for --rules or the
 * default. */
static mst_status join_rules(mst_train_maker *m) {
  const char *augment = mst_setting_text(m->s, "augment"), *more = mst_setting_text(m->s, "rules");
  m->weights = !strcmp(augment, "weights");
  m->duplicates = m->weights || !strcmp(augment, "duplicates");
  const char *first = m->duplicates ? (more ? more : "elementary-maths") : augment;
  const char *second = m->duplicates || !more ? "" : more;
  const size_t n = strlen(first) + strlen(second) + 2;
  m->rules = mst_alloc(n, 1);
  m->own = *m->s;
  m->own.value = mst_alloc((size_t)mst_n_options, sizeof *m->own.value);
  if (!m->rules || !m->own.value) return MST_E_NOMEM;
  (void)snprintf(m->rules, n, "%s%s%s", first, *second ? "\n" : "", second);
  memcpy(m->own.value, m->s->value, (size_t)mst_n_options * sizeof *m->own.value);
  m->own.value[mst_option_find("rules")] = m->rules;
  return MST_OK;
}

/* Append what a name of rules stands for: the texts that are built in, or a file's bytes. */
static mst_status append_rules(const char *name, size_t n, mst_buffer *out) {
  char path[4096], *bytes = NULL;
  size_t n_bytes = 0;
  if (n >= sizeof path) return MST_FAIL(MST_E_ARG, "a name of rules of %zu bytes", n);
  memcpy(path, name, n);
  path[n] = 0;
  mst_status st = mst_buffer_append(out, path, n + 1);
  if (!st && access(path, F_OK) == 0) {
    st = mst_terminal_input(mst_file_read(path, MAX_RULE_BYTES, &bytes, &n_bytes));
    if (!st) st = mst_buffer_append(out, bytes, n_bytes);
    mst_free(bytes);
    return st;
  }
  for (int i = 0; !st && i < mst_rules_shipped_n(); i++) {
    const char *known = mst_rules_shipped_name(i);
    const mst_slice text = mst_rules_shipped_text(i);
    if (!strncmp(known, path, n) && (!known[n] || known[n] == '.'))
      st = mst_buffer_append(out, text.ptr, (size_t)text.len);
  }
  return st;
}

/* Repeating a run by its manifest must find the rules of that run, unless others are asked for. */
static mst_status check_hash(const mst_train_maker *m) {
  const char *known = mst_setting_text(m->s, "rules-hash");
  const int others = mst_setting_given(m->s, "rules") > mst_setting_given(m->s, "rules-hash") ||
                     mst_setting_given(m->s, "augment") > mst_setting_given(m->s, "rules-hash");
  if (!known || others || !strcmp(known, m->hash)) return MST_OK;
  return MST_FAIL(MST_E_FORMAT,
                  "the rules of --augment have changed: their hash is %.12s..., expected %.12s... "
                  "(--rules-hash)",
                  m->hash, known);
}

static mst_status hash_rules(mst_train_maker *m) {
  mst_buffer all;
  mst_status st = MST_OK;
  mst_buffer_init(&all, (size_t)1 << 34, "the rules' texts");
  for (const char *line = m->rules; !st && *line;) {
    const size_t n = strcspn(line, "\n");
    st = append_rules(line, n, &all);
    line += n + (line[n] == '\n');
  }
  if (!st) mst_sha256(all.data, all.size_bytes, m->hash);
  mst_buffer_fini(&all);
  return st ? st : check_hash(m);
}

mst_status mst_train_maker_init(const mst_settings *s, mst_train_maker *out) {
  *out = (mst_train_maker){.s = s};
  mst_status st = check(s);
  if (st || mst_setting_is(s, "augment", "none")) return st;
  st = join_rules(out);
  if (!st) st = mst_augment_setup_init(&out->own, &out->setup);
  return st ? st : hash_rules(out);
}

void mst_train_maker_fini(mst_train_maker *maker) {
  mst_augment_setup_fini(&maker->setup);
  mst_free(maker->own.value);
  mst_free(maker->rules);
  *maker = (mst_train_maker){0};
}
