/* augment_run.c: a file, batch by batch. A small file is read, cut and copied once, although it is
 * counted before it is written: its batches are kept for the next run over it. */
#include "cli/augment_report.h"
#include "cli/augment_work.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "misstep/log.h"

static mst_status write_header(mst_augment_job *j, const mst_records *records) {
  mst_buffer out;
  if (j->header_done) return MST_OK;
  j->header_done = 1;
  mst_status st = mst_augment_columns_find(j->s, records, &j->at);
  if (!st && j->by_label && j->at.label < 0)
    st = mst_records_find(records, mst_setting_text(j->s, "label-column"), &j->at.label);
  if (st || j->counts) return st;
  mst_buffer_init(&out, (size_t)1 << 34, "the names of the columns");
  st = mst_augment_header(j->format, records, mst_augment_checker_flags(j->checker), &out);
  if (!st) st = mst_write_all(j->stream, j->stream_name, out.data, out.size_bytes);
  mst_buffer_fini(&out);
  return st;
}

/* Kept batches: records times copies and what a record takes besides, in copies. Some 100 bytes
 * each. */
enum { MAX_KEPT = 1 << 19, RECORD_IN_COPIES = 8 };

static void free_chunks(struct mst_augment_chunk *chunk) {
  for (int k = 0; chunk && k < MST_AUGMENT_CHUNKS; k++) {
    struct mst_augment_chunk *c = &chunk[k];
    mst_edits_fini(&c->edits);
    mst_buffer *const buffers[] = {&c->lines, &c->text, &c->rules, &c->changes, &c->verdicts};
    for (int i = 0; i < 5; i++) mst_buffer_fini(buffers[i]);
  }
  mst_free(chunk);
}

static struct mst_augment_chunk *new_chunks(void) {
  struct mst_augment_chunk *chunk = mst_alloc_zero(MST_AUGMENT_CHUNKS, sizeof *chunk);
  for (int k = 0; chunk && k < MST_AUGMENT_CHUNKS; k++) {
    struct mst_augment_chunk *c = &chunk[k];
    mst_edits_init(&c->edits);
    mst_buffer *const buffers[] = {&c->lines, &c->text, &c->rules, &c->changes, &c->verdicts};
    for (int i = 0; i < 5; i++) mst_buffer_init(buffers[i], (size_t)1 << 40, "lines of output");
  }
  return chunk;
}

/* The next batch gets the room. */
static void free_work(struct mst_augment_work *w) {
  if (!w) return;
  if (w->j->chunk) free_chunks(w->chunk);
  else w->j->chunk = w->chunk;
  mst_augment_batch_free(w->batch);
  mst_strings_fini(&w->storage);
  mst_records_free(w->records);
  mst_free(w->record);
  mst_free(w->place);
  mst_free(w);
}

static void forget_kept(mst_augment_job *j) {
  for (struct mst_augment_work *w = j->kept, *next; w; w = next) {
    next = w->next;
    free_work(w);
  }
  j->kept = NULL;
}

/* Takes records. */
static mst_status new_work(mst_augment_job *j, mst_records *records,
                           struct mst_augment_work **out) {
  struct mst_augment_work *w = mst_alloc_zero(1, sizeof *w);
  if (!w) {
    mst_records_free(records);
    return MST_E_NOMEM;
  }
  w->j = j;
  w->records = records;
  w->n = mst_records_n_rows(records);
  w->record = mst_alloc((size_t)w->n, sizeof *w->record);
  w->place = mst_alloc((size_t)w->n, sizeof *w->place);
  w->chunk = j->chunk ? j->chunk : new_chunks();
  j->chunk = NULL;
  *out = w;
  return w->record && w->place && w->chunk ? MST_OK : MST_E_NOMEM;
}

/* May so many records be kept until the next run? */
static int is_small(const mst_augment_job *j, int64_t n) {
  return j->counts && n * (j->copies + RECORD_IN_COPIES) <= MAX_KEPT;
}

/* Work on a batch. All batches of a file that is counted are kept while they are small. */
static mst_status one_batch(mst_augment_job *j, mst_records *records,
                            struct mst_augment_work ***end) {
  struct mst_augment_work *w = NULL;
  mst_status st = new_work(j, records, &w);
  if (!st) st = write_header(j, records);
  if (!st && w->n) {
    j->tally.n_records += w->n;
    if (!is_small(j, j->tally.n_records)) *end = NULL;
    if (!*end) forget_kept(j);
    st = mst__augment_work(w);
  }
  if (!st && w->n && *end) {
    **end = w;
    *end = &w->next;
  } else free_work(w);
  return st;
}

/* The file is still here. */
static mst_status run_again(mst_augment_job *j) {
  mst_status st = write_header(j, j->kept->records);
  for (struct mst_augment_work *w = j->kept; !st && w; w = w->next) {
    j->tally.n_records += w->n;
    st = mst__augment_work(w);
  }
  return st;
}

static int64_t count_kept(const mst_augment_job *j) {
  int64_t n = 0;
  for (const struct mst_augment_work *w = j->kept; w; w = w->next) n += w->n;
  return n;
}

mst_status mst_augment_run(mst_augment_job *j, const char *path) {
  const mst_read_options options = mst_setting_read(j->s);
  struct mst_augment_work **end = &j->kept;
  mst_reader *reader = NULL;
  j->header_done = 0;
  if (j->checker) mst_augment_checker_reset(j->checker);
  j->tally = (mst_augment_tally){.is_planned = j->plan != NULL};
  if (j->kept && (!j->counts || is_small(j, count_kept(j)))) return run_again(j);
  forget_kept(j);
  mst_status st = mst_terminal_input(mst_reader_open(path, &options, &reader));
  for (int more = 1; !st && more;) {
    mst_records *records = NULL;
    st = mst_terminal_input(mst_reader_next(reader, MST_AUGMENT_ROWS, &records));
    if (st) break;
    more = mst_records_n_rows(records) > 0;
    st = one_batch(j, records, &end);
    if (!st) st = mst_progress(j->counts ? "counting" : "augmenting", j->tally.n_records, -1, "");
  }
  if (!st) j->n_skipped = mst_reader_n_skipped(reader, &j->skipped_line);
  mst_reader_close(reader);
  return st;
}

mst_status mst_augment_job_open(mst_augment_job *j) {
  j->chunk = new_chunks();
  return j->chunk ? MST_OK : MST_E_NOMEM;
}

void mst_augment_job_close(mst_augment_job *j) {
  forget_kept(j);
  free_chunks(j->chunk);
  mst_augment_report_free(j->report);
  mst_augment_checker_free(j->checker);
  mst_plan_free(j->plan);
  mst_plan_free(j->counts);
  mst_augment_setup_fini(&j->setup);
}
