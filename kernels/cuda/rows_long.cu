/* rows_long.cu: rows beyond what a block sorts: all of them in one radix sort of (row, id), as many
 * rows at a time as fit the free memory.
 *
 * Block 256, a thread an id, 2 KiB of shared memory in one. Per id:
 * long_key_kernel   4 read, 8 written
 * radix sort        CUB: per 8 bits of row and id 8 read and 8 written; 4 rounds are 64
 * long_head_kernel  8 read, 8 written; scan 16
 * long_put_kernel   16 read, about 100 more per pair (a bisection for its end); what the sink takes
 * long_end_kernel   thread per row: 24 read
 * Launches: 6, and one a round of the sort, for all rows together.
 */
#include "cuda/rows.cuh"

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_scan.cuh>

/* Memory of one id while it is sorted: two keys. */
enum { ID_BYTES = 2 * 8 };

/* Rows that are sorted together. A key is the row's place in list, then the id, or n_terms for a
 * negative one: last in its row. */
typedef struct batch {
  int64_t n_rows;
  const mst__cuda_row *list; /* [n_rows] */
  const int64_t *start;      /* [n_rows + 1] ids before each */
  int64_t n;                 /* ids */
  int term_bits;
} batch;

__global__ void __launch_bounds__(MST__BLOCK)
    long_key_kernel(const __grid_constant__ mst__cuda_rows v, const __grid_constant__ batch b,
                    uint64_t *key) {
  const mst__span row = mst__owner(b.start, b.n_rows, 0);
  const int64_t p = mst__at();
  if (p >= b.n) return;
  const int32_t id = v.id[b.list[row.item].from + p - row.from];
  key[p] = (uint64_t)row.item << b.term_bits | (uint64_t)(id < 0 ? v.n_terms : id);
}

__global__ void __launch_bounds__(MST__BLOCK)
    long_head_kernel(const uint64_t *key, int64_t n, int64_t *head) {
  const int64_t i = mst__at();
  if (i <= n) head[i] = i < n && (i == 0 || key[i] != key[i - 1]);
}

/* run [n + 1]: runs that begin before each id. */
__global__ void __launch_bounds__(MST__BLOCK)
    long_put_kernel(const __grid_constant__ mst__cuda_rows v, const __grid_constant__ batch b,
                    const uint64_t *key, const int64_t *run,
                    const __grid_constant__ mst__cuda_sink s) {
  const int64_t i = mst__at();
  if (i >= b.n || run[i] == run[i + 1]) return;
  const int64_t k = (int64_t)(key[i] >> b.term_bits);
  const int32_t id = (int32_t)(key[i] & (((uint64_t)1 << b.term_bits) - 1));
  if (id == v.n_terms) return;
  const int64_t end = b.start[k + 1]; /* rows stay where they were, sorted or not */
  const int64_t n = mst__below(run + i + 1, end - i, run[i + 1], 1);
  mst__sink_put(s, b.list[k].number, run[i] - run[b.start[k]], id, n);
}

__global__ void __launch_bounds__(MST__BLOCK)
    long_end_kernel(const __grid_constant__ mst__cuda_rows v, const __grid_constant__ batch b,
                    const uint64_t *key, const int64_t *run,
                    const __grid_constant__ mst__cuda_sink s) {
  const int64_t k = mst__at();
  if (k >= b.n_rows) return;
  const int64_t last = b.start[k + 1] - 1;
  const int32_t id = (int32_t)(key[last] & (((uint64_t)1 << b.term_bits) - 1));
  mst__sink_end(s, b.list[k].number, run[last + 1] - run[b.start[k]] - (id == v.n_terms));
}

static int64_t blocks(int64_t n) { return mst__cuda_blocks(n, MST__BLOCK); }

/* Sort the keys; key_2 is scratch. sorted, other: where they are, what is free. */
static mst_status sort_keys(mst_backend *backend, const batch &b, uint64_t *d_key,
                            uint64_t *d_key_2, uint64_t **sorted, uint64_t **other) {
  cub::DoubleBuffer<uint64_t> keys(d_key, d_key_2);
  const int n_bits = b.term_bits + mst__cuda_bits((uint64_t)b.n_rows);
  MST_TRY(MST_CUB(backend, cub::DeviceRadixSort::SortKeys, keys, b.n, 0, n_bits));
  *sorted = keys.Current();
  *other = keys.Alternate();
  return MST_OK;
}

static mst_status sort_batch(mst_backend *backend, const mst__cuda_rows &v,
                             const mst__cuda_row *list, const int64_t *start, int64_t n_rows,
                             const mst__cuda_sink &s) {
  mst__cuda_scratch<mst__cuda_row> d_list(backend);
  mst__cuda_scratch<int64_t> d_start(backend);
  mst__cuda_scratch<uint64_t> key(backend), key_2(backend);
  uint64_t *sorted, *other;
  MST_TRY(mst__cuda_send_array(&d_list, list, n_rows));
  MST_TRY(mst__cuda_send_array(&d_start, start, n_rows + 1));
  const batch b = {n_rows, d_list.ptr, d_start.ptr, start[n_rows],
                   mst__cuda_bits((uint64_t)v.n_terms + 1)};
  MST_TRY(key.alloc(b.n + 1));
  MST_TRY(key_2.alloc(b.n + 1));
  MST_TRY(MST_LAUNCH(backend, long_key_kernel, blocks(b.n), MST__BLOCK, v, b, key.ptr));
  MST_TRY(sort_keys(backend, b, key.ptr, key_2.ptr, &sorted, &other));
  int64_t *run = reinterpret_cast<int64_t *>(other);
  MST_TRY(MST_LAUNCH(backend, long_head_kernel, blocks(b.n + 1), MST__BLOCK, sorted, b.n, run));
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, run, run, b.n + 1));
  MST_TRY(MST_LAUNCH(backend, long_put_kernel, blocks(b.n), MST__BLOCK, v, b, sorted, run, s));
  return MST_LAUNCH(backend, long_end_kernel, blocks(n_rows), MST__BLOCK, v, b, sorted, run, s);
}

mst_status mst__cuda_rows_by_sort(mst_backend *backend, const mst__cuda_rows *v,
                                  const mst__cuda_row *list, int64_t n, const mst__cuda_sink *s) {
  const int64_t most = mst__cuda_budget(backend) / ID_BYTES;
  int64_t *start = static_cast<int64_t *>(mst_alloc((size_t)n + 1, sizeof *start));
  mst_status st = start ? MST_OK : MST_E_NOMEM;
  for (int64_t from = 0, to; !st && from < n; from = to) {
    start[0] = 0;
    for (to = from; to < n && (to == from || start[to - from] + list[to].n <= most); to++)
      start[to - from + 1] = start[to - from] + list[to].n;
    st = sort_batch(backend, *v, list + from, start, to - from, *s);
  }
  mst_free(start);
  return st;
}
