/* train_copies.c: makes the copies of a training part as edits of tokens. A record without edits is
 * a copy of itself, so one list of edits makes records and copies in their final order. */
#include "cli/train_copies.h"

#include <string.h>

#include "cli/balance.h"
#include "cli/chunks.h"
#include "cli/command.h"
#include "misstep/hash.h"

/* One part while its copies are made. */
typedef struct work {
  const mst_train_maker *maker;
  const mst_part *part;
  const mst_strings *names;
  mst_augment_batch *batch;
  mst_augment_record *record; /* [part->n] */
  mst_edits *edits;           /* [n_chunks] */
  float *weight;              /* [part->n] of each record, with the maker's weights; else NULL */
  int64_t n_chunks;
  const mst_tested *tested;
  uint64_t seed;
} work;

/* A record's id as mst_augment_id has it; several text columns count joined. */
static uint64_t id_of(const work *w, const mst_data *data, int64_t i, int32_t id_col) {
  const mst_part *p = w->part;
  if (id_col >= 0) {
    const mst_slice id = mst_records_field(data->records, p->row[i], id_col);
    return mst_hash64(id.ptr, (size_t)id.len, 0);
  }
  const int64_t at = p->text.start[i];
  const mst_slice label = mst_strings_at(w->names, p->label[i]);
  const uint64_t text = mst_hash64(p->text.bytes + at, (size_t)(p->text.start[i + 1] - at), 0);
  return mst_hash64(label.ptr, (size_t)label.len, text);
}

/* Ids, labels and numbers of copies. */
static mst_status plan(work *w, const mst_data *data) {
  const mst_settings *s = w->maker->s;
  const mst_part *p = w->part;
  const char *id_name = mst_setting_text(s, "id-column"), *target = mst_setting_text(s, "balance");
  int64_t copies = mst_setting_int(s, "copies");
  int32_t id_col = -1;
  if (!copies && !target) copies = 1;
  uint64_t *id = mst_alloc((size_t)p->n, sizeof *id);
  int32_t *planned = mst_alloc((size_t)p->n, sizeof *planned);
  mst_status st = id && planned ? MST_OK : MST_E_NOMEM;
  if (!st && id_name) st = mst_records_find(data->records, id_name, &id_col);
  for (int64_t i = 0; !st && i < p->n; i++) id[i] = id_of(w, data, i, id_col);
  const mst_balance b = {
      p->label, id, p->n, (int32_t)w->names->n, copies, target, mst_setting_int(s, "max-copies"),
      w->seed};
  if (!st) st = mst_balance_plan(&b, planned);
  for (int64_t i = 0; !st && i < p->n; i++) {
    const mst_slice label = mst_strings_at(w->names, p->label[i]);
    w->record[i] = (mst_augment_record){
        id[i], mst_augmenter_label(w->maker->setup.augmenter, label), planned[i]};
  }
  mst_free(id);
  mst_free(planned);
  return st;
}

/* Leave out the copies of a chunk that equal a tested text. */
static mst_status drop_tested(const work *w, mst_edits *e, int64_t *n_dropped) {
  mst_buffer bytes;
  mst_buffer_init(&bytes, (size_t)1 << 40, "the texts of copies");
  int64_t *start = mst_alloc_zero((size_t)e->n_copies + 1, sizeof *start), kept = 0;
  uint8_t *flag = mst_alloc((size_t)e->n_copies, 1);
  mst_status st = start && flag ? MST_OK : MST_E_NOMEM;
  for (int64_t c = 0; !st && c < e->n_copies; c++) {
    st = mst_augment_write(w->batch, e, &e->copy[c], &bytes);
    start[c + 1] = (int64_t)bytes.size_bytes;
  }
  const mst_text text = {e->n_copies, bytes.data, start};
  if (!st) st = mst__tested_flag(w->tested, &text, flag);
  for (int64_t c = 0; !st && c < e->n_copies; c++)
    if (!flag[c]) e->copy[kept++] = e->copy[c];
  if (!st) {
    *n_dropped += e->n_copies - kept;
    e->n_copies = kept;
  }
  mst_buffer_fini(&bytes);
  mst_free(start);
  mst_free(flag);
  return st;
}

/* Put each record, unchanged, before its copies; duplicates lose their edits, or become weight. */
static mst_status insert_records(const work *w, int64_t k) {
  mst_edits *e = &w->edits[k];
  const int64_t first = k * MST_CHUNK_ROWS, last = mst_chunk_end(k, w->part->n);
  const int64_t n = e->n_copies + last - first;
  mst_copy *all = mst_alloc((size_t)n, sizeof *all);
  if (!all) return MST_E_NOMEM;
  int64_t to = 0, next = 0;
  for (int64_t row = first; row < last; row++) {
    all[to++] = (mst_copy){.doc = row};
    if (w->weight) w->weight[row] = 1;
    for (; next < e->n_copies && e->copy[next].doc == row; next++) {
      if (w->weight) {
        w->weight[row]++;
        continue;
      }
      all[to] = e->copy[next];
      if (w->maker->duplicates) all[to].n_edits = 0;
      to++;
    }
  }
  mst_free(e->copy);
  e->copy = all;
  e->n_copies = to;
  e->copy_capacity = n;
  return MST_OK;
}

/* What belongs to each document of the result. */
static mst_status describe(const work *w, mst_augmented *out) {
  const mst_part *p = w->part;
  for (int64_t k = 0; k < w->n_chunks; k++) out->n += w->edits[k].n_copies;
  mst_status st = mst__augmented_alloc(out, (int32_t)w->names->n);
  if (!st && w->weight && !(out->weight = mst_alloc((size_t)out->n, sizeof *out->weight)))
    st = MST_E_NOMEM;
  int64_t d = 0, parent = 0;
  for (int64_t k = 0; !st && k < w->n_chunks; k++)
    for (int64_t c = 0; c < w->edits[k].n_copies; c++, d++) {
      const mst_copy *copy = &w->edits[k].copy[c];
      if (!copy->copy) parent = d;
      mst__augmented_set(out, d, p, copy->doc, parent);
      if (w->weight) out->weight[d] = w->weight[copy->doc];
      if (w->weight) out->after[out->label[d]] += (int64_t)w->weight[copy->doc] - 1;
    }
  return st;
}

/* The texts of records and copies, in their order. */
static mst_status write_texts(const work *w, mst_augmented *out) {
  mst_buffer bytes;
  mst_buffer_init(&bytes, (size_t)1 << 40, "the texts of copies");
  int64_t *start = mst_alloc_zero((size_t)out->n + 1, sizeof *start), d = 0;
  mst_status st = start ? MST_OK : MST_E_NOMEM;
  for (int64_t k = 0; !st && k < w->n_chunks; k++)
    for (int64_t c = 0; !st && c < w->edits[k].n_copies; c++) {
      st = mst_augment_write(w->batch, &w->edits[k], &w->edits[k].copy[c], &bytes);
      start[++d] = (int64_t)bytes.size_bytes;
    }
  if (st) {
    mst_buffer_fini(&bytes);
    mst_free(start);
    return st;
  }
  out->text.n = out->n;
  out->text.bytes = bytes.data;
  out->text.start = start;
  return MST_OK;
}

static mst_status make(work *w, mst_backend *backend, mst_augmented *out) {
  mst_pieces *pieces = NULL;
  const mst_edits **list = mst_alloc((size_t)w->n_chunks, sizeof *list);
  mst_status st =
      list ? mst_augment_make(backend, w->batch, w->record, w->seed, MST_CHUNK_ROWS, w->edits)
           : MST_E_NOMEM;
  for (int64_t k = 0; !st && k < w->n_chunks; k++) {
    mst_augment_count(&out->tally, &w->edits[k], w->maker->setup.augmenter);
    if (w->tested->n) st = drop_tested(w, &w->edits[k], &out->n_equal);
    if (!st) st = insert_records(w, k);
    list[k] = &w->edits[k];
  }
  if (!st) st = describe(w, out);
  if (!st && w->maker->as_text) st = write_texts(w, out);
  else if (!st) {
    st = mst_augment_apply(backend, w->batch, list, w->n_chunks, &pieces);
    if (!st) st = mst_corpus_take(backend, pieces, &out->corpus);
    if (st) mst_pieces_free(pieces);
  }
  mst_free(list);
  return st;
}

mst_status mst__train_make(const mst_train_maker *maker, const mst_data *data, const mst_part *part,
                           const mst_strings *names, const mst_tested *tested, mst_backend *backend,
                           mst_augmented *out) {
  const int n_threads = mst_setting_threads(maker->s);
  work w = {.maker = maker,
            .part = part,
            .names = names,
            .tested = tested,
            .n_chunks = mst_chunks_n(part->n),
            .seed = (uint64_t)mst_setting_int(maker->s, "seed")};
  w.record = mst_alloc((size_t)part->n, sizeof *w.record);
  w.edits = mst_alloc((size_t)w.n_chunks, sizeof *w.edits);
  for (int64_t k = 0; w.edits && k < w.n_chunks; k++) mst_edits_init(&w.edits[k]);
  if (maker->weights) w.weight = mst_alloc((size_t)part->n, sizeof *w.weight);
  mst_status st = w.record && w.edits && (w.weight || !maker->weights) ? MST_OK : MST_E_NOMEM;
  if (!st) st = plan(&w, data);
  if (!st) st = mst_augment_batch_create(maker->setup.augmenter, &part->text, n_threads, &w.batch);
  if (!st) st = make(&w, backend, out);
  out->tally.n_records = part->n;
  for (int64_t k = 0; w.edits && k < w.n_chunks; k++) mst_edits_fini(&w.edits[k]);
  mst_augment_batch_free(w.batch);
  mst_free(w.record);
  mst_free(w.weight);
  mst_free(w.edits);
  return st;
}
