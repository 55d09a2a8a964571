/* augment_batch.c: copies of a file's records, batch by batch in bounded memory. Chunks of a batch
 * are made side by side and used in order: threads change nothing. */
#include <stdio.h>
#include <string.h>

#include "cli/augment_report.h"
#include "cli/augment_work.h"
#include "cli/chunks.h"
#include "cli/command.h"
#include "cli/copies.h"
#include "cli/terminal.h"
#include "misstep/hash.h"
#include "misstep/log.h"

typedef struct mst_augment_chunk chunk;
typedef struct mst_augment_work work;

/* The name by which copies call their record: its id column, or the hash of its content. */
static mst_slice parent_of(const work *w, int64_t row, char hex[16]) {
  if (w->j->at.id >= 0) return mst_records_field(w->records, row, w->j->at.id);
  for (int i = 0; i < 16; i++) hex[i] = "0123456789abcdef"[w->record[row].id >> (60 - 4 * i) & 15];
  return (mst_slice){(const uint8_t *)hex, 16};
}

static mst_slice slice_of(const mst_buffer *b) {
  return (mst_slice){b->data, (int64_t)b->size_bytes};
}

/* The hashes of a record's copies. */
static mst_status hash_copies(const work *w, chunk *c, int64_t row, int64_t *next) {
  mst_status st = MST_OK;
  for (; !st && *next < c->edits.n_copies && c->edits.copy[*next].doc == row; ++*next) {
    c->text.size_bytes = 0;
    st = mst_augment_write(w->batch, &c->edits, &c->edits.copy[*next], &c->text);
    const uint64_t hash = mst_hash64(c->text.data, c->text.size_bytes, 0);
    if (!st) st = mst_buffer_append(&c->lines, &hash, sizeof hash);
  }
  return st;
}

/* What the column check says of a copy. */
static mst_slice verdict_of(const chunk *c, const mst_copy *copy) {
  static const char *const words[] = {"", "holds", "flips"};
  const char *word = words[c->verdicts.data[copy - c->edits.copy]];
  return (mst_slice){(const uint8_t *)word, (int64_t)strlen(word)};
}

/* One copy as a line. */
static mst_status write_copy(const work *w, chunk *c, const mst_copy *copy, mst_augment_row *line) {
  c->text.size_bytes = 0;
  mst_status st = mst_augment_write(w->batch, &c->edits, copy, &c->text);
  if (!st)
    st = mst_augment_describe(w->batch, w->j->setup.augmenter, &c->edits, copy, &c->rules,
                              &c->changes);
  line->text = slice_of(&c->text);
  line->rules = slice_of(&c->rules);
  line->edits = slice_of(&c->changes);
  line->copy = copy->copy;
  if (line->has_verdict) line->verdict = verdict_of(c, copy);
  return st ? st : mst_augment_line(w->j->format, line, &c->lines);
}

/* The lines of one record and its copies; *next is the first copy that belongs to it. */
static mst_status write_record(const work *w, chunk *c, int64_t row, int64_t *next) {
  char hex[16];
  mst_augment_row line = {.records = w->records, .row = row, .text_col = -1};
  line.has_verdict = mst_augment_checker_flags(w->j->checker);
  line.parent = parent_of(w, row, hex);
  mst_status st = w->j->originals ? mst_augment_line(w->j->format, &line, &c->lines) : MST_OK;
  line.text_col = w->j->at.text;
  for (; !st && *next < c->edits.n_copies && c->edits.copy[*next].doc == row; ++*next) {
    const mst_copy *copy = &c->edits.copy[*next];
    if (w->j->plan && !mst_plan_keeps(w->j->plan, w->place[row], copy->copy)) continue;
    st = write_copy(w, c, copy, &line);
    c->n_written += !st;
  }
  return st;
}

static mst_status edit_chunk(void *payload, int64_t k) {
  const work *w = payload;
  const uint64_t seed = (uint64_t)mst_setting_int(w->j->s, "seed");
  return mst_augment_records(w->batch, w->record, seed, k * MST_CHUNK_ROWS, mst_chunk_end(k, w->n),
                             &w->chunk[k].edits);
}

static mst_status write_chunk(void *payload, int64_t k) {
  const work *w = payload;
  chunk *c = &w->chunk[k];
  int64_t next = 0;
  mst_status st = MST_OK;
  c->lines.size_bytes = 0;
  c->n_written = 0;
  for (int64_t row = k * MST_CHUNK_ROWS; !st && row < mst_chunk_end(k, w->n); row++)
    st = w->j->counts ? hash_copies(w, c, row, &next) : write_record(w, c, row, &next);
  return st;
}

static mst_status make_chunk(void *payload, int64_t k) {
  const mst_status st = edit_chunk(payload, k);
  return st ? st : write_chunk(payload, k);
}

static mst_status all_chunks(work *w, mst_chunk_fn *make) {
  return mst_chunks_make(mst_chunks_n(w->n), mst_setting_threads(w->j->s), make, w);
}

/* Keep the copies that a plan may ask for of those that were counted. */
static mst_status rewrite_chunk(void *payload, int64_t k) {
  const work *w = payload;
  mst_edits *e = &w->chunk[k].edits;
  int64_t kept = 0;
  for (int64_t i = 0; i < e->n_copies; i++)
    if (e->copy[i].copy <= w->record[e->copy[i].doc].n_copies) e->copy[kept++] = e->copy[i];
  e->n_copies = kept;
  return write_chunk(payload, k);
}

/* Copies of all chunks as edits. A GPU draws those of the whole batch at once: the same ones. */
static mst_status edit_chunks(work *w) {
  const uint64_t seed = (uint64_t)mst_setting_int(w->j->s, "seed");
  mst_edits list[MST_AUGMENT_CHUNKS];
  if (!w->j->backend) return all_chunks(w, edit_chunk);
  for (int64_t k = 0; k < mst_chunks_n(w->n); k++) list[k] = w->chunk[k].edits;
  const mst_status st =
      mst_augment_make(w->j->backend, w->batch, w->record, seed, MST_CHUNK_ROWS, list);
  for (int64_t k = 0; k < mst_chunks_n(w->n); k++) w->chunk[k].edits = list[k];
  return st;
}

static mst_status edit_and_write(work *w) {
  if (!w->j->backend) return all_chunks(w, make_chunk); /* each while it is in the cache */
  const mst_status st = edit_chunks(w);
  return st ? st : all_chunks(w, write_chunk);
}

static mst_status make_chunks(work *w) {
  mst_augment_job *j = w->j;
  mst_augment_checked checked[MST_AUGMENT_CHUNKS];
  if (w->is_made && !j->counts && !j->checker) return all_chunks(w, rewrite_chunk);
  if (!j->checker || (j->counts && mst_augment_checker_flags(j->checker))) /* all are counted */
    return edit_and_write(w);
  if (j->at.label < 0)
    return MST_FAIL(MST_E_FORMAT, "%s: --check compares labels, and there is no column '%s'",
                    mst_records_path(w->records), mst_setting_text(j->s, "label-column"));
  int64_t n = 0, before = 0, after = 0;
  for (; n < mst_chunks_n(w->n); n++)
    checked[n] = (mst_augment_checked){&w->chunk[n].edits, &w->chunk[n].verdicts};
  mst_status st = edit_chunks(w);
  for (int64_t k = 0; k < n; k++) before += checked[k].edits->n_copies;
  if (!st)
    st = mst_augment_check(j->checker, w->batch, &w->text, w->records, j->at.label, checked, n);
  for (int64_t k = 0; k < n; k++) after += checked[k].edits->n_copies;
  j->tally.n_flipped += before - after;
  return st ? st : all_chunks(w, write_chunk);
}

/* Add a chunk's records and their copies to the counts. */
static mst_status count_chunk(const work *w, const chunk *c, int64_t first, int64_t last) {
  const mst_augment_columns *at = &w->j->at;
  int64_t next = 0;
  mst_status st = MST_OK;
  for (int64_t row = first; !st && row < last; row++) {
    const mst_slice text = mst_records_field(w->records, row, at->text);
    const mst_slice label =
        at->label < 0 ? (mst_slice){0} : mst_records_field(w->records, row, at->label);
    st = mst_plan_add(w->j->counts, w->record[row].id, label,
                      mst_hash64(text.ptr, (size_t)text.len, 0));
    for (; !st && next < c->edits.n_copies && c->edits.copy[next].doc == row; next++) {
      uint64_t hash;
      memcpy(&hash, c->lines.data + (size_t)next * sizeof hash, sizeof hash);
      st = mst_plan_add_copy(w->j->counts, c->edits.copy[next].copy, hash);
    }
  }
  return st;
}

/* Tell the report about a chunk's records and copies. */
static mst_status report_chunk(const work *w, chunk *c, int64_t first, int64_t last) {
  mst_augment_report *report = w->j->report;
  const mst_augment_columns *at = &w->j->at;
  int64_t next = 0;
  mst_status st = MST_OK;
  for (int64_t row = first; !st && row < last; row++) {
    const mst_slice label =
        at->label < 0 ? (mst_slice){0} : mst_records_field(w->records, row, at->label);
    st = mst_augment_report_record(report, w->batch, row,
                                   mst_records_field(w->records, row, at->text), label,
                                   w->record[row].label);
    for (; !st && next < c->edits.n_copies && c->edits.copy[next].doc == row; next++) {
      const mst_copy *copy = &c->edits.copy[next];
      const int kept = !w->j->plan || mst_plan_keeps(w->j->plan, w->place[row], copy->copy);
      c->text.size_bytes = 0;
      st = mst_augment_write(w->batch, &c->edits, copy, &c->text);
      if (!st) st = mst_augment_report_copy(report, &c->edits, copy, slice_of(&c->text), kept);
    }
  }
  return st;
}

static mst_status use_chunks(work *w) {
  mst_augment_job *j = w->j;
  mst_status st = MST_OK;
  for (int64_t k = 0, first = 0; !st && first < w->n; k++, first += MST_CHUNK_ROWS) {
    chunk *c = &w->chunk[k];
    const int64_t last = mst_chunk_end(k, w->n);
    if (j->counts) {
      st = count_chunk(w, c, first, last);
      continue;
    }
    if (j->report) st = report_chunk(w, c, first, last);
    if (st) break;
    mst_augment_count(&j->tally, &c->edits, j->setup.augmenter);
    j->tally.n_written += c->n_written;
    st = mst_write_all(j->stream, j->stream_name, c->lines.data, c->lines.size_bytes);
  }
  return st;
}

/* How many copies record `row` gets, and its place in the plan. */
static mst_status follow_plan(work *w, int64_t row) {
  const mst_plan *plan = w->j->plan;
  w->record[row].n_copies = w->j->copies;
  if (!plan) return MST_OK;
  w->place[row] = mst_plan_find(plan, w->record[row].id);
  if (w->place[row] < 0)
    return MST_FAIL(MST_E_FORMAT, "%s:%lld: the plan does not know this record: it counted others",
                    mst_records_path(w->records), (long long)mst_records_line(w->records, row));
  w->record[row].n_copies = mst_plan_n_copies(plan, w->place[row]);
  return MST_OK;
}

static mst_status describe_records(work *w) {
  const mst_augment_job *j = w->j;
  mst_status st = MST_OK;
  for (int64_t row = 0; !st && row < w->n; row++) {
    const mst_slice label =
        j->at.label < 0 ? (mst_slice){0} : mst_records_field(w->records, row, j->at.label);
    if (j->by_label && !label.len)
      return MST_FAIL(MST_E_FORMAT, "%s:%lld: an empty label; --balance needs one in every record",
                      mst_records_path(w->records), (long long)mst_records_line(w->records, row));
    w->record[row] =
        (mst_augment_record){.id = mst_augment_id(w->records, row, &j->at), .label = -1};
    if (j->at.label >= 0) w->record[row].label = mst_augmenter_label(j->setup.augmenter, label);
    st = follow_plan(w, row);
  }
  return st;
}

mst_status mst__augment_work(work *w) {
  mst_augment_job *j = w->j;
  const int threads = mst_setting_threads(j->s);
  mst_status st = describe_records(w);
  if (!st && !w->text.start)
    st = mst_records_text(w->records, &j->at.text, 1, threads, &w->storage, &w->text);
  if (!st && (!j->counts || j->copies)) { /* else records alone are counted: nothing is cut */
    if (!w->batch) st = mst_augment_batch_create(j->setup.augmenter, &w->text, threads, &w->batch);
    if (!st) st = make_chunks(w);
    w->is_made = !st;
  }
  return st ? st : use_chunks(w);
}
