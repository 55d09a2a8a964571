/* augment.c: misstep augment: records in, records and their copies out, batch by batch in bounded
 * memory. Chunks of a batch are made side by side and written in order: threads change nothing. */
#include "cli/copies.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "files/folder.h"
#include "misstep/log.h"

enum { BATCH_ROWS = 16384, CHUNK_ROWS = 512, CHUNKS = BATCH_ROWS / CHUNK_ROWS };

/* What one chunk makes; used again for the next batch. */
typedef struct chunk {
  mst_edits edits;
  mst_buffer lines, text, rules, changes;
  mst_status status;
} chunk;

typedef struct job {
  const mst_settings *s;
  mst_augment_setup setup;
  mst_augment_plan plan;
  mst_augment_columns at;
  mst_row_format format;
  int originals;
  mst_reader *reader;
  mst_output *output; /* NULL: standard output */
  FILE *stream;
  const char *stream_name;
  chunk *chunk; /* [CHUNKS] */
  int header_done;
  mst_augment_tally tally;
} job;

/* One batch while it is worked on. */
typedef struct work {
  job *j;
  const mst_records *records;
  mst_augment_batch *batch;
  mst_augment_record *record; /* [n] */
  int64_t n;
} work;

static int ends_with(const char *name, const char *end) {
  const size_t n = strlen(name), m = strlen(end);
  return n >= m && !strcmp(name + n - m, end);
}

/* --format, or what the output's or the input's name says. */
static mst_status choose_format(job *j, const char *input) {
  static const char *const names[] = {"csv", "tsv", "jsonl"};
  const char *format = mst_setting_text(j->s, "format"), *path = mst_setting_text(j->s, "output");
  if (format) {
    for (int i = 0; i < 3; i++)
      if (!strcmp(format, names[i])) {
        j->format = (mst_row_format)i;
        return MST_OK;
      }
    return MST_FAIL(MST_E_ARG, "--format %s: csv, tsv or jsonl is expected", format);
  }
  const char *name = path && strcmp(path, "-") != 0 ? path : input;
  const char *given = mst_setting_text(j->s, "input-format");
  if (ends_with(name, ".jsonl") || ends_with(name, ".ndjson")) j->format = MST_ROW_JSONL;
  else if (ends_with(name, ".tsv") || ends_with(name, ".tab")) j->format = MST_ROW_TSV;
  else if (name == input && !strcmp(given, "jsonl")) j->format = MST_ROW_JSONL;
  else if (name == input && !strcmp(given, "tsv")) j->format = MST_ROW_TSV;
  return MST_OK;
}

static mst_status open_output(job *j) {
  const char *path = mst_setting_text(j->s, "output");
  j->stream = stdout;
  j->stream_name = "standard output";
  if (!path || strcmp(path, "-") == 0) return MST_OK;
  const mst_status st = mst_output_open(path, 0, mst_setting_on(j->s, "force"), &j->output);
  if (st) return st;
  j->stream_name = path;
  j->stream = fopen(mst_output_path(j->output), "wb");
  return j->stream ? MST_OK : MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
}

/* The name by which copies call their record: its id column, or the hash of its content. */
static mst_slice parent_of(const work *w, int64_t row, char hex[16]) {
  if (w->j->at.id >= 0) return mst_records_field(w->records, row, w->j->at.id);
  for (int i = 0; i < 16; i++) hex[i] = "0123456789abcdef"[w->record[row].id >> (60 - 4 * i) & 15];
  return (mst_slice){(const uint8_t *)hex, 16};
}

static mst_slice slice_of(const mst_buffer *b) {
  return (mst_slice){b->data, (int64_t)b->size_bytes};
}

/* The lines of one record and its copies; *next is the first copy that belongs to it. */
static mst_status write_record(const work *w, chunk *c, int64_t row, int64_t *next) {
  char hex[16];
  mst_augment_row line = {.records = w->records, .row = row, .text_col = -1};
  line.parent = parent_of(w, row, hex);
  mst_status st = w->j->originals ? mst_augment_line(w->j->format, &line, &c->lines) : MST_OK;
  line.text_col = w->j->at.text;
  for (; !st && *next < c->edits.n_copies && c->edits.copy[*next].doc == row; ++*next) {
    const mst_copy *copy = &c->edits.copy[*next];
    c->text.size_bytes = 0;
    st = mst_augment_write(w->batch, &c->edits, copy, &c->text);
    if (!st)
      st = mst_augment_describe(w->batch, w->j->setup.augmenter, &c->edits, copy, &c->rules,
                                &c->changes);
    line.text = slice_of(&c->text);
    line.rules = slice_of(&c->rules);
    line.edits = slice_of(&c->changes);
    line.copy = copy->copy;
    if (!st) st = mst_augment_line(w->j->format, &line, &c->lines);
  }
  return st;
}

static mst_status make_chunk(const work *w, int64_t k) {
  chunk *c = &w->j->chunk[k];
  const int64_t first = k * CHUNK_ROWS;
  const int64_t last = first + CHUNK_ROWS < w->n ? first + CHUNK_ROWS : w->n;
  const uint64_t seed = (uint64_t)mst_setting_int(w->j->s, "seed");
  int64_t next = 0;
  c->lines.size_bytes = 0;
  mst_status st = mst_augment_records(w->batch, w->record, seed, first, last, &c->edits);
  for (int64_t row = first; !st && row < last; row++) st = write_record(w, c, row, &next);
  return st;
}

/* All chunks side by side. The lowest one that fails is made again here, so that its message is
 * this thread's. */
static mst_status make_chunks(work *w) {
  const int64_t n_chunks = (w->n + CHUNK_ROWS - 1) / CHUNK_ROWS;
#pragma omp parallel for schedule(dynamic) num_threads(mst_setting_threads(w->j->s))
  for (int64_t k = 0; k < n_chunks; k++) w->j->chunk[k].status = make_chunk(w, k);
  for (int64_t k = 0; k < n_chunks; k++)
    if (w->j->chunk[k].status) {
      const mst_status st = make_chunk(w, k);
      if (st) return st;
    }
  return MST_OK;
}

static mst_status write_chunks(work *w) {
  mst_status st = MST_OK;
  for (int64_t k = 0; !st && k * CHUNK_ROWS < w->n; k++) {
    const chunk *c = &w->j->chunk[k];
    mst_augment_count(&w->j->tally, &c->edits, w->j->setup.augmenter);
    st = mst_write_all(w->j->stream, w->j->stream_name, c->lines.data, c->lines.size_bytes);
  }
  return st;
}

static mst_status describe_records(work *w) {
  const job *j = w->j;
  for (int64_t row = 0; row < w->n; row++) {
    const int64_t number = j->tally.n_records + row;
    if (j->plan.planned && number >= j->plan.n_rows)
      return MST_FAIL(MST_E_FORMAT, "%s: it has grown while it was read",
                      mst_records_path(w->records));
    w->record[row] = (mst_augment_record){.id = mst_augment_id(w->records, row, &j->at),
                                          .label = -1,
                                          .n_copies = j->plan.planned ? j->plan.planned[number]
                                                                      : j->plan.copies};
    if (j->at.label >= 0)
      w->record[row].label =
          mst_augmenter_label(j->setup.augmenter, mst_records_field(w->records, row, j->at.label));
  }
  return MST_OK;
}

static mst_status write_header(job *j, const mst_records *records) {
  mst_buffer out;
  if (j->header_done) return MST_OK;
  j->header_done = 1;
  mst_status st = mst_augment_columns_find(j->s, records, &j->at);
  mst_buffer_init(&out, (size_t)1 << 34, "the names of the columns");
  if (!st) st = mst_augment_header(j->format, records, &out);
  if (!st) st = mst_write_all(j->stream, j->stream_name, out.data, out.size_bytes);
  mst_buffer_fini(&out);
  return st;
}

static mst_status one_batch(job *j, const mst_records *records) {
  work w = {.j = j, .records = records, .n = mst_records_n_rows(records)};
  const int threads = mst_setting_threads(j->s);
  mst_strings storage = {0};
  mst_text text;
  mst_status st = write_header(j, records);
  if (st || !w.n) return st;
  w.record = mst_alloc((size_t)w.n, sizeof *w.record);
  st = w.record ? describe_records(&w) : MST_E_NOMEM;
  if (!st) st = mst_records_text(records, &j->at.text, 1, threads, &storage, &text);
  if (!st) st = mst_augment_batch_create(j->setup.augmenter, &text, threads, &w.batch);
  if (!st) st = make_chunks(&w);
  if (!st) st = write_chunks(&w);
  mst_augment_batch_free(w.batch);
  mst_strings_fini(&storage);
  mst_free(w.record);
  j->tally.n_records += w.n;
  return st;
}

static mst_status all_batches(job *j, const char *path) {
  const mst_read_options options = mst_setting_read(j->s);
  mst_status st = mst_terminal_input(mst_reader_open(path, &options, &j->reader));
  for (int more = 1; !st && more;) {
    mst_records *records = NULL;
    st = mst_terminal_input(mst_reader_next(j->reader, BATCH_ROWS, &records));
    if (st) break;
    more = mst_records_n_rows(records) > 0;
    st = one_batch(j, records);
    mst_records_free(records);
    if (!st) st = mst_progress("augmenting", j->tally.n_records, -1, "");
  }
  return st;
}

static mst_status finish(job *j, double began) {
  int64_t line = 0;
  const int64_t skipped = mst_reader_n_skipped(j->reader, &line);
  if (skipped)
    mst_log(MST_LOG_WARNING, "%lld records with broken UTF-8 left out, the first at line %lld",
            (long long)skipped, (long long)line);
  if (fflush(j->stream) != 0) return MST_FAIL(MST_E_IO, "%s: %s", j->stream_name, strerror(errno));
  if (j->output) {
    const int failed = fclose(j->stream);
    j->stream = NULL;
    if (failed) return MST_FAIL(MST_E_IO, "%s: %s", j->stream_name, strerror(errno));
    const mst_status st = mst_output_commit(j->output);
    if (st) return st;
  }
  mst_augment_say(&j->tally, j->originals, j->output ? j->stream_name : NULL,
                  mst_terminal_now() - began);
  return MST_OK;
}

static mst_status open_chunks(job *j) {
  j->chunk = mst_alloc_zero(CHUNKS, sizeof *j->chunk);
  if (!j->chunk) return MST_E_NOMEM;
  for (int k = 0; k < CHUNKS; k++) {
    chunk *c = &j->chunk[k];
    mst_edits_init(&c->edits);
    mst_buffer *const buffers[] = {&c->lines, &c->text, &c->rules, &c->changes};
    for (int i = 0; i < 4; i++) mst_buffer_init(buffers[i], (size_t)1 << 40, "lines of output");
  }
  return MST_OK;
}

static void close_job(job *j) {
  for (int k = 0; j->chunk && k < CHUNKS; k++) {
    chunk *c = &j->chunk[k];
    mst_edits_fini(&c->edits);
    mst_buffer *const buffers[] = {&c->lines, &c->text, &c->rules, &c->changes};
    for (int i = 0; i < 4; i++) mst_buffer_fini(buffers[i]);
  }
  mst_free(j->chunk);
  if (j->output && j->stream) (void)fclose(j->stream);
  mst_output_close(j->output);
  mst_reader_close(j->reader);
  mst_augment_plan_fini(&j->plan);
  mst_augment_setup_fini(&j->setup);
}

mst_status mst_command_augment(const mst_settings *s) {
  const char *path = s->n_positional ? s->positional[0] : "-";
  const double began = mst_terminal_now();
  char device[32];
  job j = {.s = s, .originals = mst_setting_on(s, "originals")};
  mst_status st = mst_setting_device(s, device);
  if (!st) st = mst_augment_setup_init(s, &j.setup);
  if (!st && mst_setting_text(s, "explain")) {
    st = mst_augment_explain_text(s, &j.setup);
    goto done;
  }
  if (!st) st = choose_format(&j, path);
  if (!st) st = mst_augment_plan_make(s, path, &j.plan);
  if (!st) st = open_chunks(&j);
  if (!st) st = open_output(&j);
  if (!st) st = all_batches(&j, path);
  if (!st) st = finish(&j, began);
done:
  close_job(&j);
  return st;
}
