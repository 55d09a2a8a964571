/* augment_support.h: rules and texts for tests of the engine. Include after cmocka.h. */
#ifndef MISSTEP_TEST_AUGMENT_SUPPORT_H
#define MISSTEP_TEST_AUGMENT_SUPPORT_H

#include <stdlib.h>
#include <string.h>

#include "augment.h"

/* Rules, an augmenter, a batch of one text a line, its copies. */
typedef struct made {
  mst_rules *rules;
  mst_augmenter *augmenter;
  uint8_t *bytes;
  int64_t *start;
  mst_text text;
  mst_augment_batch *batch;
  mst_augment_record *record;
  mst_edits edits;
} made;

static inline void made_fini(made *m) {
  mst_edits_fini(&m->edits);
  mst_augment_batch_free(m->batch);
  mst_augmenter_free(m->augmenter);
  mst_rules_free(m->rules);
  mst_free(m->record);
  mst_free(m->bytes);
  mst_free(m->start);
}

/* Cut at '|' (a byte that no text of these tests needs) into documents. */
static inline mst_status made_texts(made *m, const char *texts) {
  const size_t n = strlen(texts);
  m->bytes = mst_alloc(n, 1);
  m->start = mst_alloc(n + 2, sizeof *m->start);
  if (!m->bytes || !m->start) return MST_E_NOMEM;
  m->start[0] = 0;
  int64_t docs = 0, at = 0;
  for (size_t i = 0; i <= n; i++) {
    if (i < n && texts[i] != '|') m->bytes[at++] = (uint8_t)texts[i];
    else m->start[++docs] = at;
  }
  m->text = (mst_text){docs, m->bytes, m->start};
  return MST_OK;
}

/* Rules (and the set "forms" when operations names more than rules) over texts; copies of each. */
static inline mst_status made_init(made *m, const char *rules, const char *operations,
                                   const char *texts, int copies) {
  *m = (made){0};
  mst_edits_init(&m->edits);
  mst_rules_builder *builder = NULL;
  mst_program program = {0};
  mst_status st = mst_rules_builder_create(&builder);
  if (!st) st = mst_rules_builder_add(builder, "t.rules", rules, (int64_t)strlen(rules));
  if (!st && operations) st = mst_rules_builder_add_shipped(builder, "forms");
  if (!st && operations)
    st = mst_program_parse("operations",
                           (mst_slice){(const uint8_t *)operations, (int64_t)strlen(operations)},
                           &program);
  if (!st) st = mst_rules_compile(builder, &m->rules);
  mst_rules_builder_free(builder);
  if (!st) st = mst_augmenter_create(m->rules, NULL, 0, &program, &m->augmenter);
  if (!st) st = made_texts(m, texts);
  if (!st) st = mst_augment_batch_create(m->augmenter, &m->text, 1, &m->batch);
  if (!st) {
    m->record = mst_alloc((size_t)m->text.n_docs, sizeof *m->record);
    if (!m->record) st = MST_E_NOMEM;
  }
  if (st && st != MST_E_NOMEM) print_message("%s\n", mst_error_last()->message);
  for (int64_t d = 0; !st && d < m->text.n_docs; d++)
    m->record[d] = (mst_augment_record){1000 + (uint64_t)d, -1, copies};
  if (!st) st = mst_augment_records(m->batch, m->record, 7, 0, m->text.n_docs, &m->edits);
  return st;
}

/* The text of copy i, zero-terminated, by free. */
static inline char *made_text(const made *m, int64_t i) {
  mst_buffer out;
  mst_buffer_init(&out, 1 << 24, "a copy");
  assert_int_equal(mst_augment_write(m->batch, &m->edits, &m->edits.copy[i], &out), MST_OK);
  char *text = malloc(out.size_bytes + 1);
  assert_non_null(text);
  if (out.size_bytes) memcpy(text, out.data, out.size_bytes);
  text[out.size_bytes] = 0;
  mst_buffer_fini(&out);
  return text;
}

/* Is `wanted` among the copies? */
static inline int made_has(const made *m, const char *wanted) {
  int found = 0;
  for (int64_t i = 0; !found && i < m->edits.n_copies; i++) {
    char *text = made_text(m, i);
    found = !strcmp(text, wanted);
    free(text);
  }
  return found;
}

static inline void made_print(const made *m) {
  for (int64_t i = 0; i < m->edits.n_copies; i++) {
    char *text = made_text(m, i);
    print_message("  %s\n", text);
    free(text);
  }
}

#endif
