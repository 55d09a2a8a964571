/* tokenize.cu: the lossless cut of a corpus into pieces, as cpu/tokenize.c makes it.
 *
 * text_cut.cu finds where pieces begin, intern.cu numbers their spellings, docs.cu places the
 * documents, sort_types.cu sorts the spellings; here a corpus goes through them batch by batch.
 *
 * entry_rank_kernel     thread per piece, block 256: 4 + 4 read, 4 written
 *
 * What moves per byte of text stands in README.md; titles have one piece in 5.7 bytes, a new
 * spelling in 84 (ever fewer in a longer corpus) and 76 bytes a document. Launches: 8 a batch,
 * about 40 for the sort at the end. Atomics: one a document, two a distinct piece.
 *
 * Text comes in batches through two pinned blocks; while one batch is worked on, the next is on its
 * way into the other of two device buffers. Where memory runs out, all is done again with smaller
 * batches, down to FEWEST_BATCH_BYTES.
 */
#include "cuda/intern.cuh"
#include "cuda/upload.cuh"

#include <cub/device/device_scan.cuh>

#include "base/unicode.h"

enum { BLOCK = 256, FEWEST_BATCH_BYTES = 1 << 16, MOST_BATCH_BYTES = 1 << 28 };

/* Numbers become ranks. */
__global__ void __launch_bounds__(BLOCK)
    entry_rank_kernel(const uint32_t *value, int64_t n, const uint32_t *rank, uint32_t *entry) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i < n) entry[i] = rank[value[i] >> 1] << 1 | (value[i] & 1);
}

/* What becomes of a corpus. Batch b is documents first[b] .. first[b + 1] - 1. Members are freed
 * from the last to the first: uploads end before the memory that they write to. */
typedef struct pieces_job {
  mst_backend *backend;
  const mst_text *text;
  int64_t n_batches, n_entries;
  int64_t *first;                     /* [n_batches + 1] */
  uint32_t **d_value;                 /* [n_batches] numbers of a batch's pieces */
  int64_t *n_values;                  /* [n_batches] */
  mst__cuda_scratch<int64_t> doc_ptr; /* [D + 1] in bytes, and batch by batch in entries */
  mst__cuda_table table;
  mst__cuda_scratch<uint32_t> docs, begin, border;
  mst__cuda_scratch<int32_t> strip_count;
  mst__cuda_scratch<int64_t> strip_ptr;
  mst__cuda_scratch<uint8_t> bytes[2];
  mst__cuda_upload upload;

  pieces_job(mst_backend *backend, const mst_text *text)
      : backend(backend), text(text), n_batches(0), n_entries(0), first(NULL), d_value(NULL),
        n_values(NULL), doc_ptr(backend), table(backend), docs(backend), begin(backend),
        border(backend), strip_count(backend),
        strip_ptr(backend), bytes{mst__cuda_scratch<uint8_t>(backend),
                                  mst__cuda_scratch<uint8_t>(backend)},
        upload(backend) {}
  ~pieces_job() {
    for (int64_t b = 0; d_value && b < n_batches; b++) mst__cuda_free(backend, d_value[b]);
    mst_free(first);
    mst_free(d_value);
    mst_free(n_values);
  }
} pieces_job;

static int64_t batch_start(const pieces_job *j, int64_t b) { return j->text->start[j->first[b]]; }
static int64_t batch_length(const pieces_job *j, int64_t b) {
  return batch_start(j, b + 1) - batch_start(j, b);
}

/* The document behind the batch that begins with document d: at least one, else batch_bytes. */
static int64_t batch_end(const mst_text *text, int64_t d, int64_t batch_bytes) {
  int64_t low = d + 1, high = text->n_docs;
  while (low < high) {
    const int64_t middle = low + (high - low + 1) / 2;
    if (text->start[middle] - text->start[d] <= batch_bytes) low = middle;
    else high = middle - 1;
  }
  return low;
}

static mst_status plan_batches(pieces_job *j, int64_t batch_bytes) {
  const mst_text *text = j->text;
  int64_t n = 0;
  for (int64_t d = 0; d < text->n_docs; n++) d = batch_end(text, d, batch_bytes);
  j->first = static_cast<int64_t *>(mst_alloc_zero((size_t)n + 1, sizeof *j->first));
  j->d_value = static_cast<uint32_t **>(mst_alloc_zero((size_t)n, sizeof *j->d_value));
  j->n_values = static_cast<int64_t *>(mst_alloc_zero((size_t)n, sizeof *j->n_values));
  if (!j->first || !j->d_value || !j->n_values) return MST_E_NOMEM;
  j->n_batches = n;
  for (int64_t b = 0; b < n; b++) j->first[b + 1] = batch_end(text, j->first[b], batch_bytes);
  return MST_OK;
}

/* Distinct spellings of a batch, rather too many: one in 24 bytes at first, later in 200. A
 * table that must grow costs a batch twice; one too large costs memory that is never touched. */
static int64_t guess_types(int64_t n_bytes) {
  return min(n_bytes / 24, (int64_t)1 << 20) + n_bytes / 200;
}

/* Memory for the largest batch, two buffers of text where there are two batches. */
static mst_status make_room(pieces_job *j) {
  const int64_t n_docs = j->text->n_docs;
  int64_t most = 0;
  for (int64_t b = 0; b < j->n_batches; b++) most = max(most, batch_length(j, b));
  const int64_t n_strips = mst__strips(most), n_words = n_strips * MST__STRIP_WORDS;
  for (int i = 0; i < min(j->n_batches, (int64_t)2); i++)
    MST_TRY(j->bytes[i].alloc(n_strips * MST__STRIP));
  MST_TRY(j->docs.alloc(n_words));
  MST_TRY(j->begin.alloc(n_words));
  MST_TRY(j->border.alloc(n_words));
  MST_TRY(j->strip_count.alloc(n_strips + 1));
  MST_TRY(j->strip_ptr.alloc(n_strips + 1));
  MST_TRY(j->doc_ptr.alloc(n_docs + 1));
  MST_TRY(mst__cuda_table_open(&j->table, guess_types(most)));
  const int64_t start_bytes = (n_docs + 1) * (int64_t)sizeof *j->text->start;
  return mst__cuda_upload_open(&j->upload, max(most, start_bytes));
}

static mst_status send_batch(pieces_job *j, int64_t b) {
  if (b == j->n_batches || !batch_length(j, b)) return MST_OK;
  return mst__cuda_upload_send(&j->upload, j->bytes[b & 1].ptr, j->text->bytes + batch_start(j, b),
                               batch_length(j, b));
}

/* Put the cutting of batch b on the stream. */
static mst_status cut_batch(pieces_job *j, int64_t b, mst__cuda_cut *cut) {
  mst_backend *backend = j->backend;
  const cudaStream_t stream = mst__cuda(backend)->stream;
  const int64_t n_bytes = batch_length(j, b), n_strips = mst__strips(n_bytes);
  const int64_t n_docs = j->first[b + 1] - j->first[b] + 1;
  uint8_t *d_bytes = j->bytes[b & 1].ptr;
  *cut = {d_bytes, n_bytes, n_strips, j->begin.ptr, j->border.ptr, j->strip_ptr.ptr};
  MST_TRY(MST_CUDA(
      cudaMemsetAsync(d_bytes + n_bytes, 0, (size_t)(n_strips * MST__STRIP - n_bytes), stream)));
  MST_TRY(
      MST_CUDA(cudaMemsetAsync(j->docs.ptr, 0, (size_t)n_strips * MST__STRIP_WORDS * 4, stream)));
  MST_TRY(MST_CUDA(cudaMemsetAsync(j->strip_count.ptr + n_strips, 0, 4, stream)));
  MST_TRY(mst__cuda_docs_mark(backend, j->doc_ptr.ptr + j->first[b], n_docs, batch_start(j, b), 1,
                              j->docs.ptr));
  MST_TRY(mst__cuda_text_cut(backend, cut, j->docs.ptr, j->begin.ptr, j->border.ptr,
                             j->strip_count.ptr));
  return MST_CUB(backend, cub::DeviceScan::ExclusiveScan, j->strip_count.ptr, j->strip_ptr.ptr,
                 cuda::std::plus<>{}, (int64_t)0, n_strips + 1);
}

/* Room for n entries and one that is zero: analyze.cu reads them as whole words of two. */
static mst_status make_entries(mst__cuda_scratch<uint32_t> *entry, int64_t n) {
  MST_TRY(entry->alloc(n + 1));
  return MST_CUDA(
      cudaMemsetAsync(entry->ptr + n, 0, sizeof *entry->ptr, mst__cuda(entry->backend)->stream));
}

/* Number the pieces of batch b, and turn its documents' starts into entries. */
static mst_status number_batch(pieces_job *j, const mst__cuda_cut &cut, int64_t b) {
  mst_backend *backend = j->backend;
  mst__cuda_scratch<uint32_t> value(backend);
  int64_t n = 0;
  MST_TRY(mst__cuda_fetch(backend, &n, cut.d_strip_ptr + cut.n_strips));
  MST_TRY(make_entries(&value, n));
  MST_TRY(mst__cuda_table_add(&j->table, &cut, value.ptr));
  const int last = b + 1 == j->n_batches; /* the end of the corpus has its place too */
  const int64_t n_docs = j->first[b + 1] - j->first[b] + last;
  int64_t *d_doc = j->doc_ptr.ptr + j->first[b];
  MST_TRY(mst__cuda_docs_place(backend, &cut, d_doc, n_docs, batch_start(j, b), 1, j->n_entries,
                               d_doc));
  j->d_value[b] = value.take();
  j->n_values[b] = n;
  j->n_entries += n;
  return MST_OK;
}

/* Ranks instead of numbers; all batches in one array. */
static mst_status rank_batches(pieces_job *j, const uint32_t *d_rank,
                               mst__cuda_scratch<uint32_t> *entry) {
  mst_backend *backend = j->backend;
  int64_t at = 0;
  if (j->n_batches != 1) MST_TRY(make_entries(entry, j->n_entries));
  else entry->ptr = j->d_value[0];
  for (int64_t b = 0; b < j->n_batches; b++) {
    const int64_t n = j->n_values[b];
    MST_TRY(MST_LAUNCH(backend, entry_rank_kernel, mst__cuda_blocks(n, BLOCK), BLOCK, j->d_value[b],
                       n, d_rank, entry->ptr + at));
    at += n;
    if (j->n_batches != 1) mst__cuda_free(backend, j->d_value[b]);
    j->d_value[b] = NULL;
  }
  return MST_OK;
}

static mst_status cut_all(pieces_job *j) {
  const mst_text *text = j->text;
  MST_TRY(mst__cuda_upload_begin(&j->upload));
  MST_TRY(mst__cuda_upload_send(&j->upload, reinterpret_cast<uint8_t *>(j->doc_ptr.ptr),
                                reinterpret_cast<const uint8_t *>(text->start),
                                (text->n_docs + 1) * (int64_t)sizeof *text->start));
  MST_TRY(send_batch(j, 0));
  MST_TRY(mst__cuda_upload_wait(&j->upload));
  for (int64_t b = 0; b < j->n_batches; b++) {
    mst__cuda_cut cut;
    MST_TRY(mst__cuda_upload_begin(&j->upload));
    MST_TRY(cut_batch(j, b, &cut));
    MST_TRY(send_batch(j, b + 1)); /* while the device cuts and numbers this one */
    MST_TRY(number_batch(j, cut, b));
    MST_TRY(mst__cuda_upload_wait(&j->upload));
  }
  return MST_OK;
}

/* Give back what only cutting needs, before the ranks need memory. */
static void end_cutting(pieces_job *j) {
  for (int i = 0; i < 2; i++) j->bytes[i].release();
  j->docs.release();
  j->begin.release();
  j->border.release();
  j->strip_count.release();
  j->strip_ptr.release();
  j->table.slot.release();
  j->table.slot_type.release();
  j->table.type_slot.release();
}

/* The kind of each spelling, from its first code point. */
static uint8_t *make_kinds(const mst_strings *types) {
  const uint8_t *bmp = mst__unicode_bmp();
  uint8_t *kind = static_cast<uint8_t *>(mst_alloc((size_t)types->n, 1));
  for (int64_t v = 0; kind && v < types->n; v++) {
    const mst_slice s = mst_strings_at(types, v);
    int n;
    kind[v] = (uint8_t)mst__class_at(bmp, s.ptr, s.ptr + s.len, &n);
  }
  return kind;
}

static mst_status create(mst_backend *backend, const mst_text *text, int64_t batch_bytes,
                         mst_pieces *out) {
  pieces_job j(backend, text);
  MST_TRY(plan_batches(&j, batch_bytes));
  MST_TRY(make_room(&j));
  MST_TRY(cut_all(&j));
  end_cutting(&j);
  mst__cuda_scratch<uint32_t> order(backend), rank(backend), entry(backend);
  MST_TRY(order.alloc(j.table.n_types));
  MST_TRY(rank.alloc(j.table.n_types));
  MST_TRY(mst__cuda_table_sort(&j.table, order.ptr, rank.ptr));
  MST_TRY(rank_batches(&j, rank.ptr, &entry));
  mst_strings types;
  MST_TRY(mst__cuda_table_fetch(&j.table, order.ptr, &types));
  uint8_t *kind = make_kinds(&types);
  if (!kind) {
    mst_strings_fini(&types);
    return MST_E_NOMEM;
  }
  out->n_docs = text->n_docs;
  out->doc_ptr = j.doc_ptr.take();
  out->entry = entry.take();
  out->types = types;
  out->kind = kind;
  out->n_entries = j.n_entries;
  out->home = backend;
  return MST_OK;
}

mst_status mst__cuda_pieces_create(mst_backend *backend, const mst_text *text, mst_pieces *out) {
  const int64_t n_bytes = text->start[text->n_docs];
  int64_t batch_bytes = mst__cuda(backend)->batch_bytes;
  if (!batch_bytes)
    batch_bytes = max((int64_t)FEWEST_BATCH_BYTES,
                      min((int64_t)MOST_BATCH_BYTES, mst__cuda_free_bytes(backend) / 16));
  for (;;) {
    const int64_t n_refused = mst__cuda(backend)->n_refused;
    const mst_status st = create(backend, text, batch_bytes, out);
    const int was_full = st == MST_E_NOMEM && mst__cuda(backend)->n_refused > n_refused;
    if (!was_full || min(batch_bytes, n_bytes) <= FEWEST_BATCH_BYTES) return st;
    batch_bytes = max(min(batch_bytes, n_bytes) / 4, (int64_t)FEWEST_BATCH_BYTES);
  }
}
