/* analyze.cu: what one analyzer sees, by looking every document up.
 *
 * Distinct pieces are analysed on the host by the CPU's own code (cpu/units.h): they are few, one
 * in a hundred pieces or fewer, and Unicode's lower case with its letters that become two stays in
 * one place. Their lists of units go to the device, where documents are looked up: count, scan,
 * fill. Documents with a piece that depends on its neighbours are fetched, analysed whole and put
 * between the others (plain.cu). For char_wb the things looked up are the runs of pieces between
 * white space, made distinct on the device (runs.cu). Token patterns and the maths analyzer read
 * whole texts: all goes the CPU's way there and back.
 *
 * Block 256 everywhere. count and fill: a tile of 1024 entries per block, so that neither the
 * length of documents nor that of lists matters; fill gives every unit its own thread, which finds
 * its entry by bisection in shared memory (20 KiB): writes are whole and in order.
 *
 * units_count_kernel  per entry 4 + 4 read (16 more for a list), 8 written a tile
 * units_fill_kernel   the same again; per unit 4 written (4 + 8 + 4 read for one of a list);
 *                     per document 8 read, 8 written
 * What moves per byte of text stands in README.md. Launches: 5; 10 more with dependent pieces, 14
 * more for char_wb.
 */
#include "cuda/analyze.cuh"

#include <cub/block/block_scan.cuh>
#include <cub/device/device_scan.cuh>

enum { BLOCK = 256, EACH = 4, TILE = BLOCK * EACH };

/* The units of things, on the device. */
typedef struct lists {
  const int64_t *ptr;
  const uint32_t *value;
  const int32_t *one; /* mst__units.one */
  int32_t space;      /* the unit of the space that follows an entry, or MST__UNIT_NONE */
} lists;

/* mst__units.one of entry i; none where it is not looked up. */
__device__ static int32_t one_at(const mst__cuda_docs &s, const lists &l, int64_t i) {
  return s.skip && s.skip[i] ? (int32_t)MST__UNIT_NONE : l.one[s.entry[i] >> 1];
}

/* Units of the list of entry i, whose unit is `one`. */
__device__ static int64_t list_length(const mst__cuda_docs &s, const lists &l, int64_t i,
                                      int32_t one) {
  if (one != MST__UNIT_SEVERAL) return one >= 0;
  const uint32_t thing = s.entry[i] >> 1;
  return l.ptr[thing + 1] - l.ptr[thing];
}

__device__ static int space_length(const mst__cuda_docs &s, const lists &l, int64_t i) {
  return l.space >= 0 && (s.entry[i] & 1) && !(s.skip && s.skip[i]);
}

/* Units of the entries that a thread counts: EACH in a row of a tile; their sum.
 *   one  [TILE] written, or NULL */
__device__ static int64_t count_own(const mst__cuda_docs &s, const lists &l, int64_t tile,
                                    int64_t (&n)[EACH], int32_t *one) {
  const int64_t first = tile * TILE + (int64_t)threadIdx.x * EACH;
  int64_t sum = 0;
  for (int k = 0; k < EACH; k++) {
    const int64_t i = first + k;
    const int32_t unit = i < s.n ? one_at(s, l, i) : (int32_t)MST__UNIT_NONE;
    n[k] = i < s.n ? list_length(s, l, i, unit) + space_length(s, l, i) : 0;
    if (one) one[threadIdx.x * EACH + k] = unit;
    sum += n[k];
  }
  return sum;
}

typedef cub::BlockScan<int64_t, BLOCK> block_scan;

__global__ void __launch_bounds__(BLOCK)
    units_count_kernel(const __grid_constant__ mst__cuda_docs s, const __grid_constant__ lists l,
                       int64_t *tile_count) {
  __shared__ typename block_scan::TempStorage storage;
  int64_t n[EACH], before, total;
  const int64_t sum = count_own(s, l, blockIdx.x, n, NULL);
  block_scan(storage).ExclusiveSum(sum, before, total);
  if (threadIdx.x == 0) tile_count[blockIdx.x] = total;
}

/* The unit at place k of those of entry i. */
__device__ static int32_t unit_at(const mst__cuda_docs &s, const lists &l, int64_t i, int32_t one,
                                  int64_t k) {
  if (one == MST__UNIT_SEVERAL) {
    const uint32_t thing = s.entry[i] >> 1;
    const int64_t at = l.ptr[thing] + k;
    return at < l.ptr[thing + 1] ? (int32_t)l.value[at] : l.space;
  }
  return one >= 0 && k == 0 ? one : l.space;
}

/* id: where the units go; ptr [n_docs + 1]: where documents begin among them. */
__global__ void __launch_bounds__(BLOCK, 4)
    units_fill_kernel(const __grid_constant__ mst__cuda_docs s, const __grid_constant__ lists l,
                      const int64_t *tile_ptr, int32_t *id, int64_t *ptr) {
  __shared__ typename block_scan::TempStorage storage;
  __shared__ int64_t place[TILE + 1]; /* units of the tile before each entry */
  __shared__ int32_t one[TILE];
  __shared__ int64_t doc_range[2];
  const int64_t tile = blockIdx.x, from = tile_ptr[tile];
  int64_t n[EACH], before, total;
  const int64_t sum = count_own(s, l, tile, n, one);
  block_scan(storage).ExclusiveSum(sum, before, total);
  for (int k = 0; k < EACH; k++) {
    place[threadIdx.x * EACH + k] = before;
    before += n[k];
  }
  if (threadIdx.x < 2)
    doc_range[threadIdx.x] = mst__below(s.doc_ptr, s.n_docs + 1, (tile + threadIdx.x) * TILE, 0);
  if (threadIdx.x == 0) place[TILE] = total;
  __syncthreads();
  for (int64_t o = threadIdx.x; o < total; o += BLOCK) {
    const int64_t e = mst__below(place, TILE + 1, o, 1) - 1;
    id[from + o] = unit_at(s, l, tile * TILE + e, one[e], o - place[e]);
  }
  for (int64_t d = doc_range[0] + threadIdx.x; d < doc_range[1]; d += BLOCK)
    ptr[d] = from + place[s.doc_ptr[d] - tile * TILE];
}

/* Have everything analysed once, and bring the lists to the device. */
static mst_status analyze(mst__cuda_tokens_job *j) {
  const int64_t no_docs = 0;
  mst_pieces view = {};
  view.n_docs = j->n_plain;
  view.doc_ptr = j->n_plain ? j->plain_ptr : const_cast<int64_t *>(&no_docs);
  view.entry = j->plain_entry;
  view.types = j->pieces->types;
  view.kind = j->pieces->kind;
  view.n_entries = view.doc_ptr[j->n_plain];
  const int by_runs = j->options->analyzer == MST_ANALYZER_CHAR_WB;
  MST_TRY(mst__cpu_units_create(&view, j->options, j->backend->n_threads, j->used,
                                by_runs ? &j->runs : NULL, j->has_space, &j->units));
  const mst__units *u = &j->units;
  MST_TRY(mst__cuda_send_array(&j->d_one, u->one, u->n_ids + 1));
  MST_TRY(mst__cuda_send_array(&j->d_list_ptr, u->ptr, u->n_lists + 1));
  return mst__cuda_send_array(&j->d_value, u->value, u->ptr[u->n_lists]);
}

/* Look all documents up. id and doc_ptr are made here; n: units. */
static mst_status look_up(mst__cuda_tokens_job *j, mst__cuda_scratch<int32_t> *id,
                          mst__cuda_scratch<int64_t> *doc_ptr, int64_t *n) {
  mst_backend *backend = j->backend;
  const lists l = {j->d_list_ptr.ptr, j->d_value.ptr, j->d_one.ptr,
                   j->has_space ? j->units.one[j->units.n_ids] : (int32_t)MST__UNIT_NONE};
  const int64_t n_tiles = j->s.n / TILE + 1; /* one holds the place behind the last entry */
  mst__cuda_scratch<int64_t> count(backend), ptr(backend);
  MST_TRY(count.alloc_zero(n_tiles + 1));
  MST_TRY(ptr.alloc(n_tiles + 1));
  MST_TRY(doc_ptr->alloc(j->s.n_docs + 1));
  MST_TRY(MST_LAUNCH(backend, units_count_kernel, n_tiles, BLOCK, j->s, l, count.ptr));
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, count.ptr, ptr.ptr, n_tiles + 1));
  MST_TRY(mst__cuda_fetch(backend, n, ptr.ptr + n_tiles));
  MST_TRY(id->alloc(*n));
  return MST_LAUNCH(backend, units_fill_kernel, n_tiles, BLOCK, j->s, l, ptr.ptr, id->ptr,
                    doc_ptr->ptr);
}

static mst_status create(mst_backend *backend, const mst_pieces *pieces,
                         const mst_token_options *options, mst_tokens *out) {
  mst__cuda_tokens_job j(backend, pieces, options);
  mst__cuda_scratch<int32_t> id(backend);
  mst__cuda_scratch<int64_t> doc_ptr(backend);
  int64_t n = 0;
  MST_TRY(mst__cpu_units_mark(pieces, options, backend->n_threads, &j.dependent));
  MST_TRY(mst__cuda_plain_take(&j));
  if (options->analyzer == MST_ANALYZER_CHAR_WB) MST_TRY(mst__cuda_runs_make(&j));
  MST_TRY(analyze(&j));
  MST_TRY(look_up(&j, &id, &doc_ptr, &n));
  if (j.n_plain) MST_TRY(mst__cuda_plain_put(&j, &id, doc_ptr.ptr, &n));
  MST_TRY(MST_CUDA(cudaStreamSynchronize(mst__cuda(backend)->stream)));
  out->analyzer = options->analyzer;
  out->n_docs = pieces->n_docs;
  out->doc_ptr = doc_ptr.take();
  out->id = id.take();
  out->types = j.units.types;
  j.units.types = {};
  out->joinable = j.units.joinable;
  out->n_tokens = n;
  out->home = backend;
  return MST_OK;
}

/* Fetch the pieces, let the CPU's backend work, and send the result. */
static mst_status create_on_host(mst_backend *backend, const mst_pieces *pieces,
                                 const mst_token_options *options, mst_tokens *out) {
  mst_backend host = {&mst__cpu_operations, "cpu", backend->n_threads, NULL, NULL};
  mst_pieces copy = *pieces;
  mst_tokens t = {};
  mst__cuda_scratch<int32_t> id(backend);
  mst__cuda_scratch<int64_t> doc_ptr(backend);
  copy.home = &host;
  copy.doc_ptr = NULL;
  copy.entry = NULL;
  mst_status st =
      mst__cuda_fetch_array(backend, pieces->doc_ptr, pieces->n_docs + 1, &copy.doc_ptr);
  if (!st) st = mst__cuda_fetch_array(backend, pieces->entry, pieces->n_entries, &copy.entry);
  if (!st) st = host.operations->tokens_create(&host, &copy, options, &t);
  if (!st) st = mst__cuda_send_array(&doc_ptr, t.doc_ptr, t.n_docs + 1);
  if (!st) st = mst__cuda_send_array(&id, t.id, t.n_tokens);
  mst_free(copy.doc_ptr);
  mst_free(copy.entry);
  mst_free(t.doc_ptr);
  mst_free(t.id);
  if (st) {
    mst_strings_fini(&t.types);
    return st;
  }
  t.doc_ptr = doc_ptr.take();
  t.id = id.take();
  t.home = backend;
  *out = t;
  return MST_OK;
}

mst_status mst__cuda_tokens_create(mst_backend *backend, const mst_pieces *pieces,
                                   const mst_token_options *options, mst_tokens *out) {
  const int whole = options->token_pattern || options->analyzer == MST_ANALYZER_MATHS;
  return (whole ? create_on_host : create)(backend, pieces, options, out);
}
