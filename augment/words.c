/* words.c: strings with numbers, and what can be told from their bytes. */
#include <string.h>

#include "compiled.h"
#include "misstep/hash.h"

enum { FIRST_SLOTS = 1024, MAX_BYTES = 1 << 30 };

mst_status mst__words_init(mst__words *w) {
  *w = (mst__words){.mask = FIRST_SLOTS - 1};
  mst_buffer_init(&w->bytes, MAX_BYTES, "the words of the rules");
  int64_t *zero = mst__list_add(&w->start, sizeof *zero);
  w->slot = mst_alloc_zero(FIRST_SLOTS, sizeof *w->slot);
  if (!zero || !w->slot) {
    mst__words_fini(w);
    return MST_E_NOMEM;
  }
  *zero = 0;
  return MST_OK;
}

void mst__words_fini(mst__words *w) {
  mst_buffer_fini(&w->bytes);
  mst__list_fini(&w->start);
  mst_free(w->slot);
  *w = (mst__words){0};
}

mst_slice mst__words_at(const mst__words *w, int32_t i) {
  const int64_t *start = MST__AT(w->start, int64_t, i);
  return (mst_slice){w->bytes.data + start[0], start[1] - start[0]};
}

/* The slot of a string: its own, or the free one where it belongs. */
static int64_t slot_of(const mst__words *w, mst_slice s) {
  uint64_t i = mst_hash64(s.ptr, (size_t)s.len, 0);
  for (;; i++) {
    const int32_t at = w->slot[i & (uint64_t)w->mask];
    if (!at) break;
    const mst_slice known = mst__words_at(w, at - 1);
    if (known.len == s.len && !memcmp(known.ptr, s.ptr, (size_t)s.len)) break;
  }
  return (int64_t)(i & (uint64_t)w->mask);
}

int32_t mst__words_find(const mst__words *w, mst_slice s) { return w->slot[slot_of(w, s)] - 1; }

static mst_status grow(mst__words *w) {
  const int64_t n_slots = 2 * (w->mask + 1);
  int32_t *slot = mst_alloc_zero((size_t)n_slots, sizeof *slot);
  if (!slot) return MST_E_NOMEM;
  mst_free(w->slot);
  w->slot = slot;
  w->mask = n_slots - 1;
  for (int32_t i = 0; i < w->n; i++) w->slot[slot_of(w, mst__words_at(w, i))] = i + 1;
  return MST_OK;
}

mst_status mst__words_add(mst__words *w, mst_slice s, int32_t *out) {
  int64_t at = slot_of(w, s);
  if (w->slot[at]) {
    *out = w->slot[at] - 1;
    return MST_OK;
  }
  if (w->n == INT32_MAX / 4) return MST_FAIL(MST_E_LIMIT, "more than 2^29 words in the rules");
  mst_status st = mst_buffer_append(&w->bytes, s.ptr, (size_t)s.len);
  int64_t *end = st ? NULL : mst__list_add(&w->start, sizeof *end);
  if (!end) return st ? st : MST_E_NOMEM;
  *end = (int64_t)w->bytes.size_bytes;
  *out = (int32_t)w->n++;
  w->slot[at] = *out + 1;
  return 2 * w->n > w->mask ? grow(w) : MST_OK;
}

/* Superscripts, vulgar fractions, full-width digits, square units, Greek letters. */
static int is_mathsy_beyond_ascii(const uint8_t *p, int64_t left) {
  if (p[0] == 0xc2 || (p[0] == 0xc3 && left > 1 && (p[1] == 0x97 || p[1] == 0xb7))) return 1;
  if (p[0] == 0xce || p[0] == 0xcf || p[0] == 0xe2) return 1;
  if (p[0] == 0xef) return 1;
  return p[0] == 0xe3 && left > 1 && (p[1] == 0x8e || p[1] == 0x8f);
}

int mst__is_mathsy(mst_slice text) {
  for (int64_t i = 0; i < text.len; i++) {
    const uint8_t c = text.ptr[i];
    if (c >= '0' && c <= '9') return 1;
    if (c < 0x80 ? c && strchr("+-*/=<>%^\\()[]{}|_$", c) != NULL
                 : is_mathsy_beyond_ascii(text.ptr + i, text.len - i))
      return 1;
  }
  return 0;
}

int mst__is_plain(mst_slice text) {
  int64_t run = 0; /* bytes of the word so far */
  for (int64_t i = 0; i <= text.len; i++) {
    const uint8_t c = i < text.len ? text.ptr[i] : 0;
    const int letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (letter || c >= 0x80) {
      run++;
      continue;
    }
    if (run == 1) return 0;
    run = 0;
  }
  return !mst__is_mathsy(text);
}

static int upper(int c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }

void mst__case_write(uint8_t *text, int64_t len, mst__case how) {
  if (!len || how == MST__AS_IS) return;
  if (how == MST__LOWER_FIRST && *text >= 'A' && *text <= 'Z') *text = (uint8_t)(*text + 32);
  if (how == MST__UPPER_FIRST) *text = (uint8_t)upper(*text);
  for (int64_t i = 0; how == MST__UPPER_ALL && i < len; i++) text[i] = (uint8_t)upper(text[i]);
}
