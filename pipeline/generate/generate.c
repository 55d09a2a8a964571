/* generate.c: records as CSV rows, block by block: a block is written by one thread, blocks go out
 * in order, and their tallies are whole numbers, so threads leave no trace. */
#include "generate/generate.h"

#include <stdlib.h>
#include <string.h>

#include "generate/internal.h"
#include "misstep/alloc.h"
#include "misstep/hash.h"
#include "misstep/log.h"

enum { BLOCK_ROWS = 4096, BLOCKS_PER_THREAD = 4 };
#define MAX_DISTINCT_ROWS (INT64_C(1) << 24)
static const char header[] = "id,text,label,grade,topic\n";

typedef struct block {
  mst_buffer rows;
  mst_generate_summary tally;
  mst_status status;
} block;

typedef struct job {
  const mst_generate_options *options;
  mst_generator *generator;
  block *blocks; /* [n_blocks] */
  int32_t n_blocks;
  uint64_t *hash; /* [distinct_rows] of the texts */
  int64_t distinct_rows;
} job;

/* Append a field, quoted where it holds a comma or a quote (no text holds a line end). */
static char *put_field(char *to, const char *field, size_t n) {
  if (!memchr(field, ',', n) && !memchr(field, '"', n)) {
    memcpy(to, field, n);
    return to + n;
  }
  *to++ = '"';
  for (size_t i = 0; i < n; i++) {
    if (field[i] == '"') *to++ = '"';
    *to++ = field[i];
  }
  *to++ = '"';
  return to;
}

static char *put_number(char *to, int64_t value) {
  char digits[20];
  size_t n = 0;
  do digits[sizeof digits - ++n] = (char)('0' + value % 10);
  while (value /= 10);
  memcpy(to, digits + sizeof digits - n, n);
  return to + n;
}

static mst_status put_row(mst_buffer *rows, int64_t index, const mst_generated *record) {
  const char *label = mst_generate_label_name(record->label);
  const size_t most = 2 * record->n_bytes + strlen(label) + strlen(record->topic) + 64;
  char *begin = (char *)mst_buffer_reserve(rows, most);
  if (!begin) return mst_error_last()->status;
  char *to = put_number(begin, index);
  *to++ = ',';
  to = put_field(to, record->text, record->n_bytes);
  *to++ = ',';
  to = put_field(to, label, strlen(label));
  *to++ = ',';
  to = put_number(to, record->grade);
  *to++ = ',';
  to = put_field(to, record->topic, strlen(record->topic));
  *to++ = '\n';
  rows->size_bytes += (size_t)(to - begin);
  return MST_OK;
}

/* Rows begin .. end-1 of the job. */
static mst_status fill_block(const job *j, int64_t begin, int64_t end, block *b) {
  mst_generated record;
  b->rows.size_bytes = 0;
  memset(&b->tally, 0, sizeof b->tally);
  for (int64_t row = begin; row < end; row++) {
    const int64_t index = j->options->first + row;
    mst_generator_record(j->generator, index, &record);
    const mst_status st = put_row(&b->rows, index, &record);
    if (st) return st;
    if (row < j->distinct_rows) j->hash[row] = mst_hash64(record.text, record.n_bytes, 0);
    b->tally.n_rows++;
    b->tally.label_count[record.label]++;
    b->tally.n_shared += mst_generator_is_shared(j->generator, record.family);
    b->tally.n_with_typo += record.n_typos > 0;
    b->tally.n_best_right += mst__generator_best(j->generator, record.family) == record.label;
  }
  return MST_OK;
}

static void add(mst_generate_summary *sum, const block *b) {
  sum->n_rows += b->tally.n_rows;
  sum->n_shared += b->tally.n_shared;
  sum->n_with_typo += b->tally.n_with_typo;
  sum->n_best_right += b->tally.n_best_right;
  sum->size_bytes += (int64_t)b->rows.size_bytes;
  for (int32_t c = 0; c < MST_GENERATE_N_LABELS; c++)
    sum->label_count[c] += b->tally.label_count[c];
}

/* Fill up to n_blocks blocks from row begin on, in parallel, and write them in order. */
static mst_status run_blocks(job *j, int64_t begin, mst_generate_write_fn *write, void *payload,
                             mst_generate_summary *sum) {
  const int64_t left = (j->options->n_rows - begin + BLOCK_ROWS - 1) / BLOCK_ROWS;
  const int32_t n = left < j->n_blocks ? (int32_t)left : j->n_blocks;
#pragma omp parallel for schedule(dynamic) num_threads(j->options->n_threads)
  for (int32_t i = 0; i < n; i++) {
    const int64_t from = begin + (int64_t)i * BLOCK_ROWS;
    const int64_t to = from + BLOCK_ROWS;
    j->blocks[i].status =
        fill_block(j, from, to < j->options->n_rows ? to : j->options->n_rows, &j->blocks[i]);
  }
  for (int32_t i = 0; i < n; i++) {
    block *b = &j->blocks[i];
    if (b->status)
      return MST_FAIL(b->status, "no memory for rows %lld to %lld",
                      (long long)(begin + (int64_t)i * BLOCK_ROWS),
                      (long long)(begin + (int64_t)(i + 1) * BLOCK_ROWS - 1));
    const mst_status st = write(b->rows.data, b->rows.size_bytes, payload);
    if (st) return st;
    add(sum, b);
  }
  return MST_OK;
}

static int compare_hash(const void *left, const void *right) {
  const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

static int64_t count_distinct(uint64_t *hash, int64_t n) {
  if (n == 0) return 0;
  qsort(hash, (size_t)n, sizeof *hash, compare_hash);
  int64_t distinct = 1;
  for (int64_t i = 1; i < n; i++) distinct += hash[i] != hash[i - 1];
  return distinct;
}

static mst_status job_init(job *j, const mst_generate_options *options) {
  mst_status st = mst_generator_create(options, &j->generator);
  if (st) return st;
  const int64_t n = options->n_rows;
  j->options = options;
  j->distinct_rows = n < MAX_DISTINCT_ROWS ? n : MAX_DISTINCT_ROWS;
  const int64_t blocks = n / BLOCK_ROWS + 1, most = (int64_t)options->n_threads * BLOCKS_PER_THREAD;
  j->n_blocks = (int32_t)(blocks < most ? blocks : most);
  j->hash = mst_alloc((size_t)j->distinct_rows, sizeof *j->hash);
  j->blocks = mst_alloc_zero((size_t)j->n_blocks, sizeof *j->blocks);
  if (!j->hash || !j->blocks) return MST_E_NOMEM;
  for (int32_t i = 0; i < j->n_blocks; i++)
    mst_buffer_init(&j->blocks[i].rows, (size_t)BLOCK_ROWS * 4 * MST_GENERATE_MAX_TEXT,
                    "a block of rows");
  return MST_OK;
}

static void job_fini(job *j) {
  for (int32_t i = 0; j->blocks && i < j->n_blocks; i++) mst_buffer_fini(&j->blocks[i].rows);
  mst_free(j->blocks);
  mst_free(j->hash);
  mst_generator_free(j->generator);
}

mst_status mst_generate(const mst_generate_options *options, mst_generate_write_fn *write,
                        void *payload, mst_generate_summary *summary) {
  job j = {0};
  mst_generate_summary sum = {0};
  mst_status st = job_init(&j, options);
  if (!st && options->header) {
    sum.size_bytes = sizeof header - 1;
    st = write((const uint8_t *)header, sizeof header - 1, payload);
  }
  const int64_t stride = (int64_t)j.n_blocks * BLOCK_ROWS;
  for (int64_t begin = 0; begin < options->n_rows && !st; begin += stride) {
    st = mst_progress("generating", begin, options->n_rows, "");
    if (!st) st = run_blocks(&j, begin, write, payload, &sum);
  }
  if (!st) st = mst_progress("generating", options->n_rows, options->n_rows, "");
  if (!st && summary) {
    sum.distinct_rows = j.distinct_rows;
    sum.n_distinct = count_distinct(j.hash, j.distinct_rows);
    sum.expected_best_accuracy = mst_generator_best_accuracy(j.generator);
    *summary = sum;
  }
  job_fini(&j);
  return st;
}
