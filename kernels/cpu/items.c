/* items.c: from a token stream to what is counted: the chosen rows without dropped types; or, for
 * n-grams inside words, each distinct word once, between spaces, as code points. */
#include <string.h>

#include "cpu/operations.h"
#include "misstep/alloc.h"

#define CODE_POINTS 0x110000

static void sum_up(int64_t *ptr, int64_t n) {
  ptr[0] = 0;
  for (int64_t i = 0; i < n; i++) ptr[i + 1] += ptr[i];
}

mst_status mst__cpu_items_take(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                               int64_t n_rows, const uint8_t *drop, mst_sequences *out) {
  int64_t *ptr = mst_alloc((size_t)n_rows + 1, sizeof *ptr);
  if (!ptr) return MST_E_NOMEM;
#pragma omp parallel for schedule(static) num_threads(backend->n_threads)
  for (int64_t r = 0; r < n_rows; r++) {
    const int64_t d = rows ? rows[r] : r;
    int64_t n = 0;
    for (int64_t i = tokens->doc_ptr[d]; i < tokens->doc_ptr[d + 1]; i++)
      n += !drop || !drop[tokens->id[i]];
    ptr[r + 1] = n;
  }
  sum_up(ptr, n_rows);
  int32_t *id = mst_alloc((size_t)ptr[n_rows], sizeof *id);
  if (!id) {
    mst_free(ptr);
    return MST_E_NOMEM;
  }
#pragma omp parallel for schedule(static) num_threads(backend->n_threads)
  for (int64_t r = 0; r < n_rows; r++) {
    const int64_t d = rows ? rows[r] : r;
    int64_t to = ptr[r];
    for (int64_t i = tokens->doc_ptr[d]; i < tokens->doc_ptr[d + 1]; i++)
      if (!drop || !drop[tokens->id[i]]) id[to++] = tokens->id[i];
  }
  *out = (mst_sequences){n_rows, ptr, id, (int32_t)tokens->types.n, ptr[n_rows]};
  return MST_OK;
}

/* The code point at p of valid UTF-8; *p moves behind it. */
static int32_t decode(const uint8_t **p) {
  const uint8_t *s = *p;
  const int n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
  int32_t c = n == 1 ? s[0] : s[0] & (0xff >> (n + 1));
  for (int i = 1; i < n; i++) c = c << 6 | (s[i] & 0x3f);
  *p = s + n;
  return c;
}

static int64_t encode(int32_t c, uint8_t *to) {
  if (c < 0x80) {
    to[0] = (uint8_t)c;
    return 1;
  }
  const int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (int i = n - 1; i > 0; i--, c >>= 6) to[i] = (uint8_t)(0x80 | (c & 0x3f));
  to[0] = (uint8_t)((0xf00 >> n & 0xff) | c);
  return n;
}

/* Flag the types that the rows hold. */
static void flag_used(const mst_tokens *tokens, const int64_t *rows, int64_t n_rows,
                      uint8_t *used) {
  if (!rows) memset(used, 1, (size_t)tokens->types.n);
  for (int64_t r = 0; rows && r < n_rows; r++)
    for (int64_t i = tokens->doc_ptr[rows[r]]; i < tokens->doc_ptr[rows[r] + 1]; i++)
      used[tokens->id[i]] = 1;
}

/* Lengths of the used words, with their spaces, into ptr, summed up; their code points into
 * is_used. */
static void measure_words(const mst_strings *types, const uint8_t *used, int n_threads,
                          int64_t *ptr, int32_t *is_used) {
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int64_t w = 0; w < types->n; w++) {
    int64_t n = used[w] ? 2 : 0;
    const uint8_t *p = types->bytes + types->start[w], *end = types->bytes + types->start[w + 1];
    while (used[w] && p < end) {
      const int32_t c = decode(&p);
#pragma omp atomic write
      is_used[c] = 1;
      n++;
    }
    ptr[w + 1] = n;
  }
  is_used[' '] = 1;
  sum_up(ptr, types->n);
}

/* Number the used code points in order (in place: -1 for the others) and spell them. */
static mst_status spell_code_points(int32_t *rank, mst_strings *out) {
  int32_t n = 0;
  for (int32_t c = 0; c < CODE_POINTS; c++) rank[c] = rank[c] ? n++ : -1;
  mst_strings spelling = {.n = n};
  spelling.bytes = mst_alloc((size_t)n * 4, 1);
  spelling.start = mst_alloc((size_t)n + 1, sizeof *spelling.start);
  if (!spelling.bytes || !spelling.start) {
    mst_strings_fini(&spelling);
    return MST_E_NOMEM;
  }
  int64_t *start = spelling.start;
  *start = 0;
  for (int32_t c = 0; c < CODE_POINTS; c++)
    if (rank[c] >= 0) {
      start[1] = start[0] + encode(c, spelling.bytes + start[0]);
      start++;
    }
  *out = spelling;
  return MST_OK;
}

static void write_words(const mst_strings *types, const int64_t *ptr, const int32_t *rank,
                        int n_threads, int32_t *id) {
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int64_t w = 0; w < types->n; w++) {
    int32_t *to = id + ptr[w];
    if (ptr[w + 1] == ptr[w]) continue;
    const uint8_t *p = types->bytes + types->start[w], *end = types->bytes + types->start[w + 1];
    *to++ = rank[' '];
    while (p < end) *to++ = rank[decode(&p)];
    *to = rank[' '];
  }
}

mst_status mst__cpu_items_words(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                                int64_t n_rows, mst_sequences *out, mst_strings *spelling) {
  const mst_strings *types = &tokens->types;
  mst_status st = MST_E_NOMEM;
  mst_strings units = {0};
  int32_t *rank = mst_alloc_zero(CODE_POINTS, sizeof *rank), *id = NULL;
  uint8_t *used = mst_alloc_zero((size_t)types->n, 1);
  int64_t *ptr = mst_alloc((size_t)types->n + 1, sizeof *ptr);
  if (!rank || !used || !ptr) goto done;
  flag_used(tokens, rows, n_rows, used);
  measure_words(types, used, backend->n_threads, ptr, rank);
  st = spell_code_points(rank, &units);
  if (st) goto done;
  st = MST_E_NOMEM;
  id = mst_alloc((size_t)ptr[types->n], sizeof *id);
  if (!id) goto done;
  write_words(types, ptr, rank, backend->n_threads, id);
  *out = (mst_sequences){types->n, ptr, id, (int32_t)units.n, ptr[types->n]};
  *spelling = units;
  ptr = NULL;
  units = (mst_strings){0};
  st = MST_OK;
done:
  mst_free(rank);
  mst_free(used);
  mst_free(ptr);
  mst_strings_fini(&units);
  return st;
}

mst_status mst__cpu_items_copy(mst_backend *backend, const mst_sequences *items, mst_grams *grams) {
  const mst_status st = mst_ngrams_layout(items, 1, 1, 0, grams);
  if (st) return st;
  grams->home = backend;
  if (grams->n_grams) memcpy(grams->id, items->id, (size_t)grams->n_grams * sizeof *items->id);
  return MST_OK;
}
