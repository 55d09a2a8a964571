/* builder.c: what rule files leave behind until they are compiled. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

enum { MAX_ARENA_BYTES = 1 << 30 };

mst_status mst__list_reserve(mst__list *list, int64_t n, size_t size) {
  int64_t capacity = list->capacity ? list->capacity : 16;
  while (capacity < list->n + n) capacity *= 2;
  if (capacity == list->capacity) return MST_OK;
  void *items = mst_realloc(list->items, (size_t)capacity, size);
  if (!items) return MST_E_NOMEM;
  list->items = items;
  list->capacity = capacity;
  return MST_OK;
}

void mst__list_fini(mst__list *list) {
  mst_free(list->items);
  *list = (mst__list){0};
}

mst_status mst_rules_builder_create(mst_rules_builder **out) {
  mst_rules_builder *b = mst_alloc_zero(1, sizeof *b);
  if (!b) return MST_E_NOMEM;
  mst_buffer_init(&b->arena, MAX_ARENA_BYTES, "the text of the rules");
  *out = b;
  return MST_OK;
}

void mst__declared_clear(mst_rules_builder *b) {
  for (int64_t i = 0; i < b->declared.n; i++) {
    mst__list_fini(&MST__AT(b->declared, mst__declared, i)->forms);
    mst__list_fini(&MST__AT(b->declared, mst__declared, i)->values);
  }
  b->declared.n = 0;
}

void mst_rules_builder_free(mst_rules_builder *b) {
  if (!b) return;
  mst__declared_clear(b);
  mst__list *const lists[] = {&b->files,   &b->rules,  &b->expansions,  &b->patterns,
                              &b->targets, &b->labels, &b->expressions, &b->declared};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) mst__list_fini(lists[i]);
  mst_buffer_fini(&b->arena);
  mst_free(b);
}

uint32_t mst_rules_builder_operations(const mst_rules_builder *b) {
  return mst_program_operations(&b->program);
}

mst_status mst__arena_add(mst_rules_builder *b, const void *bytes, int64_t n, mst__str *out) {
  const mst__str s = {(int64_t)b->arena.size_bytes, n};
  const mst_status st = mst_buffer_append(&b->arena, bytes, (size_t)n);
  if (!st) *out = s;
  return st;
}

mst_slice mst__arena_at(const mst_rules_builder *b, mst__str s) {
  return (mst_slice){b->arena.data + s.at, s.len};
}

int mst__arena_is(const mst_rules_builder *b, mst__str s, mst_slice text) {
  return s.len == text.len && !memcmp(b->arena.data + s.at, text.ptr, (size_t)text.len);
}

/* U+10A60 + kind is F0 90 A9 A0+kind; U+10A70 + number is F0 90 A9 B0+number. */
void mst__mark_write(int kind, int number, uint8_t mark[MST__MARK_BYTES]) {
  const uint8_t bytes[MST__MARK_BYTES] = {0xf0, 0x90, 0xa9, (uint8_t)(0xa0 + kind),
                                          0xf0, 0x90, 0xa9, (uint8_t)(0xb0 + number)};
  memcpy(mark, bytes, sizeof bytes);
}

int mst__mark_at(const uint8_t *p, const uint8_t *end) {
  if (end - p < MST__MARK_BYTES || memcmp(p, "\xf0\x90\xa9", 3) != 0) return -1;
  const int kind = p[3] - 0xa0, number = p[7] - 0xb0;
  if (kind < 0 || kind >= MST__SLOT_DECLARED || memcmp(p + 4, "\xf0\x90\xa9", 3) != 0) return -1;
  return number >= 0 && number < MST__MAX_NUMBER ? kind + 4 * number : -1;
}

void mst__phrase_show(mst_slice phrase, char out[MST__SHOWN]) {
  static const char *const kinds[] = {"n", "many", "w", "expr"};
  const uint8_t *p = phrase.ptr, *end = p + phrase.len;
  size_t n = 0;
  while (p < end && n + 16 < MST__SHOWN) {
    const int mark = mst__mark_at(p, end);
    if (mark < 0) {
      do out[n++] = (char)*p++;
      while (p < end && (*p & 0xc0) == 0x80);
      continue;
    }
    const char digit[] = {(char)(mark < 4 ? 0 : '0' + mark / 4), 0};
    n += (size_t)snprintf(out + n, MST__SHOWN - n, "{%s%s}", kinds[mark % 4], digit);
    p += MST__MARK_BYTES;
  }
  (void)snprintf(out + n, MST__SHOWN - n, "%s", p < end ? "..." : "");
}
