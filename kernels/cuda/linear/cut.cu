/* cut.cu: see cut.cuh. All of it is the host's. */
#include "cuda/linear/cut.cuh"

/* Blocks begin at multiples of this many numbers of 4 bytes: as aligned as memory of their own. */
enum { ALIGNED = 64 };

/* First entry of row d whose column is not below `column`. */
static int64_t reach(const mst_csr *x, int64_t d, int64_t column) {
  int64_t low = x->row_ptr[d], high = x->row_ptr[d + 1];
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (x->col[middle] < column) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void count_entries(const mst__part *p, int by_column, int64_t *count) {
  for (int64_t d = p->row; d < p->row_end; d++) {
    const int64_t first = reach(p->x, d, p->col), end = reach(p->x, d, p->col_end);
    if (!by_column) count[d - p->row] = end - first;
    for (int64_t e = first; by_column && e < end; e++) count[p->x->col[e] - p->col]++;
  }
}

static int64_t aligned(int64_t n) { return (n + ALIGNED - 1) / ALIGNED * ALIGNED; }

/* Write the blocks, unless NULL; returns how many. No line has more than `most` entries. */
static int64_t split(const int64_t *count, int64_t n, int64_t most, mst__block *block) {
  mst__block b = {};
  int64_t n_blocks = 0;
  for (int64_t i = 0; i <= n; i++) {
    if (i == n ? b.n_entries > 0 : b.n_entries + count[i] > most) {
      b.n_lines = i - b.first;
      if (block) block[n_blocks] = b;
      n_blocks++;
      b = {i, 0, 0, b.ptr_at + aligned(b.n_lines + 1), b.at + aligned(b.n_entries), NULL};
    }
    if (i < n) b.n_entries += count[i];
  }
  return n_blocks;
}

static mst_status check_lines(const mst__part *p, int by_column, const int64_t *count, int64_t n,
                              int64_t most) {
  for (int64_t i = 0; i < n; i++)
    if (count[i] > most)
      return MST_FAIL(MST_E_LIMIT,
                      "%s %lld has %lld entries, a linear fit on a GPU takes %lld at most: use "
                      "--device cpu",
                      by_column ? "term" : "row", (long long)(i + (by_column ? p->col : p->row)),
                      (long long)count[i], (long long)most);
  return MST_OK;
}

mst_status mst__cut_plan(const mst__part *p, int by_column, int64_t most, mst__block **blocks,
                         int64_t *n_blocks) {
  const int64_t n = by_column ? p->col_end - p->col : p->row_end - p->row;
  int64_t *count = static_cast<int64_t *>(mst_alloc_zero((size_t)n, sizeof *count));
  if (!count) return MST_E_NOMEM;
  count_entries(p, by_column, count);
  mst_status st = check_lines(p, by_column, count, n, most);
  if (!st) {
    const int64_t n_cut = split(count, n, most, NULL);
    *blocks = static_cast<mst__block *>(mst_alloc((size_t)n_cut, sizeof **blocks));
    if (*blocks) *n_blocks = split(count, n, most, *blocks);
    else st = MST_E_NOMEM;
  }
  mst_free(count);
  return st;
}

void mst__cut_fini(mst__cut *c) {
  mst_free(c->row_ptr);
  mst_free(c->col);
  mst_free(c->val);
}

mst_status mst__cut_make(const mst__part *p, mst__cut *out) {
  const mst_csr *x = p->x;
  const float *val = static_cast<const float *>(x->val);
  const int64_t n_rows = p->row_end - p->row;
  mst__cut c = {};
  int64_t n = 0;
  for (int64_t d = p->row; d < p->row_end; d++) n += reach(x, d, p->col_end) - reach(x, d, p->col);
  c.row_ptr = static_cast<int32_t *>(mst_alloc((size_t)n_rows + 1, sizeof *c.row_ptr));
  c.col = static_cast<int32_t *>(mst_alloc((size_t)n, sizeof *c.col));
  c.val = static_cast<float *>(mst_alloc((size_t)n, sizeof *c.val));
  if (!c.row_ptr || !c.col || !c.val) {
    mst__cut_fini(&c);
    return MST_E_NOMEM;
  }
  n = 0;
  for (int64_t d = 0; d < n_rows; d++) {
    c.row_ptr[d] = (int32_t)n;
    const int64_t end = reach(x, p->row + d, p->col_end);
    for (int64_t e = reach(x, p->row + d, p->col); e < end; e++, n++) {
      c.col[n] = (int32_t)(x->col[e] - p->col);
      c.val[n] = val[e];
    }
  }
  c.row_ptr[n_rows] = (int32_t)n;
  *out = c;
  return MST_OK;
}
