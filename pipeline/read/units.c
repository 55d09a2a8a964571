/* units.c: which records must stay together: equal texts, equal groups, and what these connect.
 *
 * Texts are compared by the 64-bit hash of their normalised form. Two different texts with one hash
 * (once in 2^64 pairs) are kept together too: that can leak nothing.
 */
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/hash.h"
#include "misstep/unicode.h"
#include "read/split.h"

enum { SEED_TEXT = 1, SEED_GROUP = 2 };

/* Length of the white space at p < end, 0 if there is none: Python's str.isspace. */
static int space_at(const uint8_t *p, const uint8_t *end) {
  if (*p < 0x80) return *p == ' ' || (*p >= 9 && *p <= 13) || (*p >= 0x1C && *p <= 0x1F);
  if (*p == 0xC2) return end - p > 1 && (p[1] == 0x85 || p[1] == 0xA0) ? 2 : 0;
  if (end - p < 3) return 0;
  const uint32_t code = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
  const int is = code == 0xE19A80 || (code >= 0xE28080 && code <= 0xE2808A) || code == 0xE280A8 ||
                 code == 0xE280A9 || code == 0xE280AF || code == 0xE2819F || code == 0xE38080;
  return is ? 3 : 0;
}

/* Runs of white space to one space, none at the ends; in place. Returns the new length. */
static int64_t squeeze(uint8_t *text, int64_t len) {
  const uint8_t *p = text, *end = text + len;
  uint8_t *to = text;
  int gap = 0;
  while (p < end) {
    const int n = space_at(p, end);
    if (!n && gap && to > text) *to++ = ' ';
    gap = n > 0;
    if (n) p += n;
    else *to++ = *p++;
  }
  return to - text;
}

/* Text in lower case into the empty buffer; most texts are ASCII and need no tables. */
static mst_status lower(const uint8_t *text, int64_t len, mst_buffer *out) {
  uint8_t *to = mst_buffer_reserve(out, (size_t)len);
  if (!to) return mst_error_last()->status;
  uint8_t bits = 0;
  for (int64_t i = 0; i < len; i++) {
    bits |= text[i];
    to[i] = (uint8_t)(text[i] | (text[i] >= 'A' && text[i] <= 'Z') << 5);
  }
  if (bits >= 0x80) return mst_unicode_lower(text, len, out);
  out->size_bytes += (size_t)len;
  return MST_OK;
}

mst_status mst_split_hash(const mst_text *text, int n_threads, uint64_t *hash) {
  int failed = 0;
#pragma omp parallel num_threads(n_threads) reduction(| : failed)
  {
    mst_buffer buffer;
    mst_buffer_init(&buffer, SIZE_MAX / 2, "a normalised text");
#pragma omp for schedule(static)
    for (int64_t d = 0; d < text->n_docs; d++) {
      buffer.size_bytes = 0;
      if (lower(text->bytes + text->start[d], text->start[d + 1] - text->start[d], &buffer)) {
        failed = 1;
        continue;
      }
      const int64_t len = squeeze(buffer.data, (int64_t)buffer.size_bytes);
      hash[d] = mst_hash64(buffer.data, (size_t)len, SEED_TEXT);
    }
    mst_buffer_fini(&buffer);
  }
  return failed ? MST_FAIL(MST_E_NOMEM, "no memory for normalised texts") : MST_OK;
}

/* Nodes: distinct texts, then the groups. parent makes trees of those that belong together. */
typedef struct forest {
  int64_t *parent;
  uint64_t *hash; /* what a node adds to its unit's key */
  int64_t n, n_texts;
} forest;

static int64_t root_of(forest *f, int64_t node) {
  while (f->parent[node] != node) {
    f->parent[node] = f->parent[f->parent[node]];
    node = f->parent[node];
  }
  return node;
}

static void join(forest *f, int64_t a, int64_t b) {
  a = root_of(f, a);
  b = root_of(f, b);
  /* The lower number wins: a path stays short enough by halving alone. */
  if (a < b) f->parent[b] = a;
  else f->parent[a] = b;
}

static void add_node(forest *f, uint64_t hash) {
  f->parent[f->n] = f->n;
  f->hash[f->n++] = hash;
}

/* node[d]: the number of document d's text among the distinct ones. */
static mst_status text_nodes(forest *f, const uint64_t *hash, int64_t n_docs, int64_t *node) {
  uint64_t n_slots = 16;
  while (n_slots < 2 * (uint64_t)n_docs) n_slots *= 2;
  int64_t *slot = mst_alloc_zero(n_slots, sizeof *slot); /* node + 1 */
  if (!slot) return MST_E_NOMEM;
  for (int64_t d = 0; d < n_docs; d++) {
    uint64_t at = hash[d] & (n_slots - 1);
    while (slot[at] && f->hash[slot[at] - 1] != hash[d]) at = (at + 1) & (n_slots - 1);
    if (!slot[at]) {
      add_node(f, hash[d]);
      slot[at] = f->n;
    }
    node[d] = slot[at] - 1;
  }
  f->n_texts = f->n;
  mst_free(slot);
  return MST_OK;
}

static void join_groups(forest *f, const mst_categories *group, const int64_t *node,
                        int64_t n_docs) {
  for (int64_t g = 0; g < group->name.n; g++) {
    const mst_slice name = mst_strings_at(&group->name, g);
    add_node(f, mst_hash64(name.ptr, (size_t)name.len, SEED_GROUP));
  }
  for (int64_t d = 0; d < n_docs; d++) {
    const int32_t g = group->id[d];
    if (group->name.start[g + 1] > group->name.start[g]) join(f, node[d], f->n_texts + g);
  }
}

/* Number the trees by first appearance and add up their keys. work has room for f->n numbers. */
static int64_t number_units(forest *f, const int64_t *node, int64_t n_docs, int64_t *work,
                            int64_t *unit, uint64_t *key) {
  int64_t n_units = 0;
  for (int64_t i = 0; i < f->n; i++) work[i] = -1;
  for (int64_t i = 0; i < f->n; i++) {
    const int64_t root = root_of(f, i);
    if (root != i) f->hash[root] += f->hash[i]; /* a sum: it depends on no order */
  }
  for (int64_t d = 0; d < n_docs; d++) {
    const int64_t root = root_of(f, node[d]);
    if (work[root] < 0) work[root] = n_units++;
    unit[d] = work[root];
    if (key) key[d] = f->hash[root];
  }
  return n_units;
}

mst_status mst_split_units(const mst_text *text, const mst_categories *group, int n_threads,
                           int64_t *unit, uint64_t *key, int64_t *n_units) {
  const int64_t n_docs = text->n_docs;
  const int64_t n_nodes = n_docs + (group ? group->name.n : 0);
  forest f = {0};
  f.parent = mst_alloc((size_t)n_nodes, sizeof *f.parent);
  f.hash = mst_alloc((size_t)n_nodes, sizeof *f.hash);
  uint64_t *hash = mst_alloc((size_t)n_docs, sizeof *hash);
  int64_t *node = mst_alloc((size_t)n_docs, sizeof *node);
  int64_t *work = mst_alloc((size_t)n_nodes, sizeof *work);
  mst_status st = f.parent && f.hash && hash && node && work ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst_split_hash(text, n_threads, hash);
  if (!st) st = text_nodes(&f, hash, n_docs, node);
  if (!st && group) join_groups(&f, group, node, n_docs);
  if (!st) *n_units = number_units(&f, node, n_docs, work, unit, key);
  mst_free(f.parent);
  mst_free(f.hash);
  mst_free(hash);
  mst_free(node);
  mst_free(work);
  return st;
}
