/* fit_shards.c: a vocabulary of all shards, and their rows weighed with it: every shard counts its
 * own n-grams, the counts are added up by spelling, and the cuts are taken over the sums. */
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
  mst__merged all;    /* of all shards, before cuts */
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
  mst__merged_fini(&j->all);
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

/* The terms of all shards. */
static mst_status merge_terms(job *j) {
  const int n_threads = mst_backend_threads(mst__corpus_backend(j->corpus));
  const mst_status st = mst__terms_merge(j->fit, j->spelled, j->split.n_shards, n_threads, &j->all);
  for (int i = 0; !st && i < j->split.n_shards; i++) mst_strings_fini(&j->spelled[i]);
  return st;
}

static mst_status cut_terms(job *j) {
  const mst_status st =
      mst__cut_terms(j->options, j->all.doc_freq, j->all.term_freq, j->all.terms.n, j->split.n_rows,
                     &j->map, &j->ids, &j->n_terms);
  for (int i = 0; !st && j->map && i < j->split.n_shards; i++)
    for (int64_t t = 0; t < j->fit[i].n_raw; t++) j->fit[i].map[t] = j->map[j->fit[i].map[t]];
  return st;
}

/* The vocabulary; the frequencies become its own. */
static mst_status name_terms(job *j, mst_vectorizer *v) {
  mst__merged *all = &j->all;
  v->n_docs = j->split.n_rows;
  const mst_status st = mst__strings_take(&all->terms, j->ids, j->n_terms, &v->terms);
  if (st) return st;
  for (int64_t t = 0; j->ids && t < j->n_terms; t++) {
    all->doc_freq[t] = all->doc_freq[j->ids[t]];
    all->term_freq[t] = all->term_freq[j->ids[t]];
  }
  v->doc_freq = all->doc_freq;
  v->term_freq = all->term_freq;
  all->doc_freq = all->term_freq = NULL;
  mst__merged_fini(all);
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
