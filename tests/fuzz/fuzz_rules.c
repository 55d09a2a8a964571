/* fuzz_rules.c: any bytes as a rule file: it is refused with a place, or its rules make copies
 * whose pieces are those of their texts. A text behind a zero byte (which no
 * rule file may hold) is what the rules are applied to. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "augment.h"

enum { COPIES = 3 };

static void demand(int truth) {
  if (!truth) abort();
}

/* A copy's pieces, written, are its text. */
static void compare(const mst_augment_batch *batch, const mst_edits *edits) {
  mst_pieces *pieces = NULL;
  mst_buffer text, again;
  mst_buffer_init(&text, 1 << 24, "a copy");
  mst_buffer_init(&again, 1 << 24, "a copy");
  demand(mst_augment_pieces(batch, &edits, 1, 1, &pieces) == MST_OK);
  for (int64_t i = 0; i < edits->n_copies; i++) {
    text.size_bytes = 0;
    demand(mst_augment_write(batch, edits, &edits->copy[i], &text) == MST_OK);
    const int64_t n = mst_pieces_write(pieces, i, NULL, 0);
    uint8_t *to = mst_buffer_reserve(&again, (size_t)n);
    demand(to && n == (int64_t)text.size_bytes && mst_pieces_write(pieces, i, to, n) == n);
    demand(!memcmp(to, text.data, (size_t)n));
  }
  mst_pieces_free(pieces);
  mst_buffer_fini(&text);
  mst_buffer_fini(&again);
}

static void apply(const mst_rules *rules, const uint8_t *bytes, int64_t n) {
  static const uint8_t usual[] = "A wrong error in adding 3 + 4 = 8: he missed 2 steps of 5 cm";
  if (!n) bytes = usual;
  const int64_t start[] = {0, n ? n : (int64_t)sizeof usual - 1};
  const mst_text text = {1, bytes, start};
  const mst_augment_record record = {1, -1, COPIES};
  mst_augmenter *augmenter = NULL;
  mst_augment_batch *batch = NULL;
  mst_edits edits;
  mst_edits_init(&edits);
  demand(mst_augmenter_create(rules, NULL, 0, NULL, &augmenter) == MST_OK);
  demand(mst_augment_batch_create(augmenter, &text, 1, &batch) == MST_OK);
  demand(mst_augment_records(batch, &record, 7, 0, 1, &edits) == MST_OK);
  compare(batch, &edits);
  mst_edits_fini(&edits);
  mst_augment_batch_free(batch);
  mst_augmenter_free(augmenter);
}

/* The text behind the rules, with '?' for every byte beyond ASCII: the engine takes valid UTF-8. */
static void apply_text(const mst_rules *rules, const uint8_t *bytes, size_t n) {
  uint8_t *text = malloc(n + 1);
  demand(text != NULL);
  for (size_t i = 0; i < n; i++) text[i] = bytes[i] < 0x80 ? bytes[i] : '?';
  apply(rules, text, (int64_t)n);
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  if (n > 4096) return 0;
  const uint8_t *zero = n ? memchr(data, 0, n) : NULL;
  const size_t n_rules = zero ? (size_t)(zero - data) : n;
  mst_rules_builder *builder = NULL;
  mst_rules *rules = NULL;
  demand(mst_rules_builder_create(&builder) == MST_OK);
  const mst_status st = mst_rules_builder_add(builder, "f.rules", data, (int64_t)n_rules);
  demand(st == MST_OK || st == MST_E_FORMAT || st == MST_E_LIMIT);
  if (st) demand(!strncmp(mst_error_last()->message, "f.rules:", 8));
  if (!st) {
    demand(mst_rules_compile(builder, &rules) == MST_OK);
    apply_text(rules, zero ? zero + 1 : NULL, zero ? n - n_rules - 1 : 0);
  }
  mst_rules_free(rules);
  mst_rules_builder_free(builder);
  return 0;
}
