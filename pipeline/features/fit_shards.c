/* fit_shards.c: a vocabulary of all shards, and their rows weighed with it: every shard counts its
 * own n-grams, the counts are added up by spelling, and the cuts are taken over the sums. */
#include <string.h>

#include "features/shards.h"
#include "misstep/log.h"

/* What the shards of a fit or a transform share. */
typedef struct job {
  const mst_vectorizer_options *options;
  mst_corpus *corpus;
  mst__split split;
  mst__fitting fit[MST__SHARDS_MAX];
  mst_strings spelled[MST__SHARDS_MAX]; /* terms of each shard, before cuts */
  mst_csr counts[MST__SHARDS_MAX], x[MST__SHARDS_MAX];
  int wants_counts, wants_x;
  /* Of all shards, before cuts. */
  mst_strings terms;
  int64_t *doc_freq, *term_freq;
  int32_t *map, *ids; /* of the cuts */
  int64_t n_terms;
  const mst_vectorizer *v;
} job;

static void job_fini(job *j) {
  for (int i = 0; i < j->split.n_shards; i++) {
    mst__fitting_fini(&j->fit[i]);
    mst_strings_fini(&j->spelled[i]);
    mst_csr_fini(&j->counts[i]);
    mst_csr_fini(&j->x[i]);
  }
  mst__split_fini(&j->split);
  mst_strings_fini(&j->terms);
  mst_free(j->doc_freq);
  mst_free(j->term_freq);
  mst_free(j->map);
  mst_free(j->ids);
  mst_free(j);
}

static int64_t shard_rows(const job *j, int i) { return j->split.begin[i + 1] - j->split.begin[i]; }

/* A shard's rows; NULL where they are all its documents in their order, which need no copy. */
static const int64_t *local_rows(const job *j, int i) {
  const int64_t *rows = j->split.local + j->split.begin[i], n = shard_rows(j, i);
  int64_t r = 0;
  while (r < n && rows[r] == r) r++;
  return r == n && n == mst_corpus_n_docs(mst__corpus_shard(j->corpus, i)) ? NULL : rows;
}

/* Count and spell what a shard's rows hold. */
static mst_status count_shard(void *payload, int i) {
  job *j = payload;
  mst__fitting *f = &j->fit[i];
  if (!shard_rows(j, i)) return MST_OK;
  mst_corpus *shard = mst__corpus_shard(j->corpus, i);
  mst_status st =
      mst__source_init(&f->source, j->options, shard, local_rows(j, i), shard_rows(j, i));
  if (!st) st = mst__fitting_number(f, j->options);
  if (!st && f->n_raw) st = mst__fitting_count(f);
  if (!st && f->n_raw) st = mst__fitting_spell(f, NULL, f->n_raw, &j->spelled[i]);
  return st;
}

/* The shard whose next term sorts first, or -1 at the end. */
static int next_shard(const job *j, const int64_t *at) {
  int best = -1;
  for (int i = 0; i < j->split.n_shards; i++) {
    if (at[i] == j->fit[i].n_raw) continue;
    if (best < 0 || mst_slice_compare(mst_strings_at(&j->spelled[i], at[i]),
                                      mst_strings_at(&j->spelled[best], at[best])) < 0)
      best = i;
  }
  return best;
}

/* Add up the frequencies of one term, whose spelling is the next one of shard `best`, and let every
 * shard that has it know its number. */
static void add_term(job *j, int best, int64_t *at) {
  const int64_t t = j->terms.n++;
  const mst_slice spelling = mst_strings_at(&j->spelled[best], at[best]);
  if (spelling.len) memcpy(j->terms.bytes + j->terms.start[t], spelling.ptr, (size_t)spelling.len);
  j->terms.start[t + 1] = j->terms.start[t] + spelling.len;
  for (int i = 0; i < j->split.n_shards; i++) {
    mst__fitting *f = &j->fit[i];
    if (at[i] == f->n_raw) continue;
    if (i != best && mst_slice_compare(mst_strings_at(&j->spelled[i], at[i]), spelling) != 0)
      continue;
    j->doc_freq[t] += f->doc_freq[at[i]];
    j->term_freq[t] += f->term_freq[at[i]];
    f->map[at[i]++] = (int32_t)t;
  }
}

/* One list of all shards' terms, with the sums of their frequencies. */
static mst_status merge_terms(job *j) {
  int64_t at[MST__SHARDS_MAX] = {0}, most = 0, n_bytes = 0;
  for (int i = 0; i < j->split.n_shards; i++) {
    mst__fitting *f = &j->fit[i];
    most += f->n_raw;
    if (!f->n_raw) continue;
    n_bytes += j->spelled[i].start[f->n_raw];
    f->map = mst_alloc((size_t)f->n_raw, sizeof *f->map);
    if (!f->map) return MST_E_NOMEM;
  }
  if (!most) return mst__no_terms();
  j->terms.bytes = mst_alloc((size_t)n_bytes, 1);
  j->terms.start = mst_alloc_zero((size_t)most + 1, sizeof *j->terms.start);
  j->doc_freq = mst_alloc_zero((size_t)most, sizeof *j->doc_freq);
  j->term_freq = mst_alloc_zero((size_t)most, sizeof *j->term_freq);
  if (!j->terms.bytes || !j->terms.start || !j->doc_freq || !j->term_freq) return MST_E_NOMEM;
  for (int best; (best = next_shard(j, at)) >= 0;) {
    if (j->terms.n == INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 terms");
    add_term(j, best, at);
  }
  for (int i = 0; i < j->split.n_shards; i++) mst_strings_fini(&j->spelled[i]);
  return MST_OK;
}

static mst_status cut_terms(job *j) {
  const mst_status st = mst__cut_terms(j->options, j->doc_freq, j->term_freq, j->terms.n,
                                       j->split.n_rows, &j->map, &j->ids, &j->n_terms);
  for (int i = 0; !st && j->map && i < j->split.n_shards; i++)
    for (int64_t t = 0; t < j->fit[i].n_raw; t++) j->fit[i].map[t] = j->map[j->fit[i].map[t]];
  return st;
}

/* The vocabulary; the frequencies become its own. */
static mst_status name_terms(job *j, mst_vectorizer *v) {
  v->n_docs = j->split.n_rows;
  const mst_status st = mst__strings_take(&j->terms, j->ids, j->n_terms, &v->terms);
  if (st) return st;
  mst_strings_fini(&j->terms);
  for (int64_t t = 0; j->ids && t < j->n_terms; t++) {
    j->doc_freq[t] = j->doc_freq[j->ids[t]];
    j->term_freq[t] = j->term_freq[j->ids[t]];
  }
  v->doc_freq = j->doc_freq;
  v->term_freq = j->term_freq;
  j->doc_freq = j->term_freq = NULL;
  return mst__vectorizer_weigh_terms(v);
}

/* Weigh a shard's rows with the vocabulary of all. */
static mst_status weigh_shard(void *payload, int i) {
  job *j = payload;
  mst__fitting *f = &j->fit[i];
  if (!f->n_raw) return MST_OK;
  mst_backend *backend = f->source.backend;
  mst_status st = mst__fitting_renumber(f);
  const mst_rows rows = mst__source_rows(&f->source, &f->grams);
  if (!st && j->map)
    st = mst_rows_count(backend, &rows, j->n_terms, f->row_ptr, &f->n_entries, NULL, NULL);
  if (!st)
    st = mst__vectorizer_fill(j->v, backend, &rows, &f->row_ptr, f->n_entries,
                              j->wants_counts ? &j->counts[i] : NULL, j->wants_x ? &j->x[i] : NULL);
  return st;
}

static mst_status transform_shard(void *payload, int i) {
  job *j = payload;
  if (!shard_rows(j, i)) return MST_OK;
  return mst_vectorizer_transform(j->v, mst__corpus_shard(j->corpus, i), local_rows(j, i),
                                  shard_rows(j, i), j->wants_counts ? &j->counts[i] : NULL,
                                  j->wants_x ? &j->x[i] : NULL);
}

/* Put what the shards made together. */
static mst_status hand_out(job *j, mst_csr *counts, mst_csr *x) {
  const int n_threads = mst_backend_threads(mst__corpus_backend(j->corpus));
  const int64_t n_terms = j->v->terms.n;
  mst_csr joined = {0};
  mst_status st = MST_OK;
  if (counts) st = mst__split_join(&j->split, j->counts, n_terms, MST_INT32, n_threads, &joined);
  if (!st && x) st = mst__split_join(&j->split, j->x, n_terms, j->v->options.dtype, n_threads, x);
  if (st) mst_csr_fini(&joined);
  else if (counts) *counts = joined;
  return st;
}

static mst_status start(mst_corpus *corpus, const int64_t *rows, int64_t n_rows, job **out) {
  job *j = mst_alloc_zero(1, sizeof *j);
  if (!j) return MST_E_NOMEM;
  j->corpus = corpus;
  const mst_status st = mst__split_init(&j->split, corpus, rows, n_rows);
  if (st) mst_free(j);
  else *out = j;
  return st;
}

mst_status mst__shards_fit(const mst_vectorizer_options *options, mst_corpus *corpus,
                           const int64_t *rows, int64_t n_rows, mst_vectorizer **out,
                           mst_csr *counts, mst_csr *x) {
  enum { STEPS = 4 };
  static const char stage[] = "vocabulary";
  mst_backend *backend = mst__corpus_backend(corpus);
  const int n_shards = mst__corpus_n_shards(corpus);
  job *j = NULL;
  mst_vectorizer *v = NULL;
  mst_status st = start(corpus, rows, n_rows, &j);
  if (st) return st;
  j->options = options;
  j->wants_counts = counts != NULL;
  j->wants_x = x != NULL;
  st = mst_progress(stage, 0, STEPS, "counts");
  if (!st) st = mst__shards_run(backend, n_shards, count_shard, j);
  if (!st) st = mst_progress(stage, 1, STEPS, "sums");
  if (!st) st = merge_terms(j);
  if (!st) st = mst_progress(stage, 2, STEPS, "cuts");
  if (!st) st = cut_terms(j);
  if (!st) st = mst__vectorizer_new(options, &v);
  if (!st) st = name_terms(j, v);
  if (!st) st = mst_progress(stage, 3, STEPS, "weights");
  j->v = v;
  if (!st && (counts || x)) st = mst__shards_run(backend, n_shards, weigh_shard, j);
  if (!st) st = hand_out(j, counts, x);
  job_fini(j);
  if (st) mst_vectorizer_free(v);
  else *out = v;
  return st;
}

mst_status mst__shards_transform(const mst_vectorizer *v, mst_corpus *corpus, const int64_t *rows,
                                 int64_t n_rows, mst_csr *counts, mst_csr *x) {
  job *j = NULL;
  mst_status st = start(corpus, rows, n_rows, &j);
  if (st) return st;
  j->v = v;
  j->wants_counts = counts != NULL;
  j->wants_x = x != NULL;
  st = mst__shards_run(mst__corpus_backend(corpus), j->split.n_shards, transform_shard, j);
  if (!st) st = hand_out(j, counts, x);
  job_fini(j);
  return st;
}
