/* worker_augment.c: copies in token space and as text, timed in seconds of one core. */
#include <time.h>

#include "augment.h"
#include "bench.h"
#include "misstep/hash.h"

enum { MAX_REPEATS = 100, MAX_COPIES = 1000, BATCH = 16384 };

/* Rules, and what one batch after the other makes. */
typedef struct bench_job {
  mst_rules *rules;
  mst_augmenter *augmenter;
  mst_augment_record *record; /* [BATCH] */
  int64_t *start;             /* [BATCH + 1] */
  mst_edits edits;
  mst_buffer copy, spelled;
  int64_t n_copies;
  uint64_t text_hash, token_hash; /* of all copies */
} bench_job;

static double core_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static mst_status open_job(bench_job *j, const char *rules) {
  mst_rules_builder *builder = NULL;
  *j = (bench_job){0};
  mst_edits_init(&j->edits);
  mst_buffer_init(&j->copy, (size_t)1 << 40, "copies");
  mst_buffer_init(&j->spelled, (size_t)1 << 40, "spelled copies");
  j->record = mst_alloc(BATCH, sizeof *j->record);
  j->start = mst_alloc(BATCH + 1, sizeof *j->start);
  mst_status st = j->record && j->start ? mst_rules_builder_create(&builder) : MST_E_NOMEM;
  if (!st) st = mst_rules_builder_add_shipped(builder, rules);
  if (!st) st = mst_rules_compile(builder, &j->rules);
  if (!st) st = mst_augmenter_create(j->rules, NULL, 0, NULL, &j->augmenter);
  mst_rules_builder_free(builder);
  return st;
}

static void close_job(bench_job *j) {
  mst_augmenter_free(j->augmenter);
  mst_rules_free(j->rules);
  mst_free(j->record);
  mst_free(j->start);
  mst_edits_fini(&j->edits);
  mst_buffer_fini(&j->copy);
  mst_buffer_fini(&j->spelled);
}

/* Documents first .. of `text` as a text of their own. */
static mst_text part_of(const mst_text *text, int64_t first, int64_t start[BATCH + 1]) {
  const int64_t n = text->n_docs - first < BATCH ? text->n_docs - first : BATCH;
  for (int64_t i = 0; i <= n; i++) start[i] = text->start[first + i] - text->start[first];
  return (mst_text){n, text->bytes + text->start[first], start};
}

static void describe(bench_job *j, const mst_text *part, int n_copies) {
  for (int64_t i = 0; i < part->n_docs; i++) {
    const uint8_t *begin = part->bytes + part->start[i];
    const size_t size = (size_t)(part->start[i + 1] - part->start[i]);
    j->record[i] = (mst_augment_record){mst_hash64(begin, size, 0), -1, n_copies};
  }
}

/* The same copies from tokens and from texts: their bytes, hashed. */
static mst_status spell(bench_job *j, const mst_augment_batch *batch, const mst_pieces *p) {
  mst_status st = MST_OK;
  for (int64_t i = 0; !st && i < j->edits.n_copies; i++) {
    j->copy.size_bytes = j->spelled.size_bytes = 0;
    st = mst_augment_write(batch, &j->edits, &j->edits.copy[i], &j->copy);
    for (int64_t k = p->doc_ptr[i]; !st && k < p->doc_ptr[i + 1]; k++) {
      const mst_slice s = mst_strings_at(&p->types, p->entry[k] >> 1);
      st = mst_buffer_append(&j->spelled, s.ptr, (size_t)s.len);
      if (!st && p->entry[k] & 1) st = mst_buffer_append(&j->spelled, " ", 1);
    }
    j->text_hash = mst_hash64(j->copy.data, j->copy.size_bytes, j->text_hash);
    j->token_hash = mst_hash64(j->spelled.data, j->spelled.size_bytes, j->token_hash);
  }
  return st;
}

static mst_status one_batch(bench_job *j, const mst_text *part, int n_copies, int check) {
  mst_augment_batch *batch = NULL;
  mst_pieces *pieces = NULL;
  const mst_edits *edits = &j->edits;
  describe(j, part, n_copies);
  mst_status st = mst_augment_batch_create(j->augmenter, part, 1, &batch);
  if (!st) st = mst_augment_records(batch, j->record, 7, 0, part->n_docs, &j->edits);
  if (!st) st = mst_augment_pieces(batch, &edits, 1, 1, &pieces);
  if (!st) j->n_copies += j->edits.n_copies;
  if (!st && check) st = spell(j, batch, pieces);
  mst_pieces_free(pieces);
  mst_augment_batch_free(batch);
  return st;
}

static mst_status all_batches(bench_job *j, const mst_text *text, int n_copies, int check) {
  mst_status st = MST_OK;
  j->n_copies = 0;
  for (int64_t first = 0; !st && first < text->n_docs; first += BATCH) {
    const mst_text part = part_of(text, first, j->start);
    st = one_batch(j, &part, n_copies, check);
  }
  return st;
}

mst_status bench_work_augment(char **argv, mst_json *o) {
  double runs[MAX_REPEATS];
  int n = 0, n_copies = 0;
  mst_strings storage = {0};
  mst_text text;
  bench_job j;
  mst_status st = open_job(&j, argv[1]);
  if (!st) st = bench_whole(argv[2], MAX_COPIES, &n_copies);
  if (!st) st = bench_whole(argv[3], MAX_REPEATS, &n);
  if (!st) st = bench_load_text(argv[0], &storage, &text);
  if (!st) st = all_batches(&j, &text, n_copies, 1);
  for (int i = 0; i < n && !st; i++) {
    const double began = core_now();
    st = all_batches(&j, &text, n_copies, 0);
    runs[i] = core_now() - began;
  }
  if (!st) st = mst_json_set(o, "copies", mst_json_new_int(j.n_copies));
  if (!st) st = mst_json_set(o, "same", mst_json_new_bool(j.text_hash == j.token_hash));
  if (!st) st = bench_set_runs(o, runs, n);
  mst_strings_fini(&storage);
  close_job(&j);
  return st;
}
