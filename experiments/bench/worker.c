/* worker.c: our side of the in-process stages, in a process of its own so that its peak memory is
 * its own. Prints one JSON object on the last line, as the peers do. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "features/vectorizer.h"
#include "files/folder.h"
#include "files/npy.h"
#include "misstep/alloc.h"
#include "read/records.h"

enum { MAX_REPEATS = 100, MAX_THREADS = 4096, MAX_NGRAM = 1000 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* "seconds": the median, "runs": all, in order. */
mst_status bench_set_runs(mst_json *o, double *runs, int n) {
  mst_json *list = mst_json_new_array();
  mst_status st = MST_OK;
  for (int i = 0; i < n && !st; i++) st = mst_json_append(list, mst_json_new_real(runs[i]));
  qsort(runs, (size_t)n, sizeof *runs, ascending);
  const double median = (runs[(n - 1) / 2] + runs[n / 2]) / 2;
  if (!st) st = mst_json_set(o, "seconds", mst_json_new_real(median));
  if (!st) return mst_json_set(o, "runs", list);
  mst_json_free(list);
  return st;
}

static mst_status print(const mst_json *o) {
  char *text = NULL;
  size_t n = 0;
  const mst_status st = mst_json_dump(o, 0, &text, &n);
  if (!st) printf("%s\n", text);
  mst_free(text);
  return st;
}

/* A whole number from 1 to most. */
mst_status bench_whole(const char *text, int most, int *out) {
  char *end = NULL;
  errno = 0;
  const long value = strtol(text, &end, 10);
  if (errno || end == text || *end || value < 1 || value > most)
    return MST_FAIL(MST_E_ARG, "%s: a whole number from 1 to %d is expected", text, most);
  *out = (int)value;
  return MST_OK;
}

static mst_status open_records(const char *path, int threads, mst_records **out) {
  mst_read_options options = mst_read_options_default();
  options.n_threads = threads;
  return mst_records_read(path, &options, out);
}

/* read FILE THREADS REPEATS */
static mst_status work_read(char **argv, mst_json *o) {
  double runs[MAX_REPEATS];
  int threads = 0, n = 0;
  int64_t n_rows = 0;
  mst_status st = bench_whole(argv[1], MAX_THREADS, &threads);
  if (!st) st = bench_whole(argv[2], MAX_REPEATS, &n);
  for (int i = 0; i < n && !st; i++) {
    mst_records *records = NULL;
    const double began = now();
    st = open_records(argv[0], threads, &records);
    runs[i] = now() - began;
    if (st) return st;
    n_rows = mst_records_n_rows(records);
    mst_records_free(records);
  }
  if (!st) st = mst_json_set(o, "rows", mst_json_new_int(n_rows));
  return st ? st : bench_set_runs(o, runs, n);
}

/* read-check FILE THREADS: SHA-256 of all fields, row by row, each followed by 0x1F. */
static mst_status work_read_check(char **argv, mst_json *o) {
  mst_records *records = NULL;
  mst_buffer all;
  char hex[65];
  int threads = 0;
  mst_buffer_init(&all, (size_t)1 << 36, "all fields");
  mst_status st = bench_whole(argv[1], MAX_THREADS, &threads);
  if (!st) st = open_records(argv[0], threads, &records);
  if (st) return st;
  const int64_t n_rows = mst_records_n_rows(records);
  const int32_t n_cols = mst_records_n_cols(records);
  for (int64_t row = 0; row < n_rows && !st; row++)
    for (int32_t col = 0; col < n_cols && !st; col++) {
      const mst_slice field = mst_records_field(records, row, col);
      st = mst_buffer_append(&all, field.ptr, (size_t)field.len);
      if (!st) st = mst_buffer_append(&all, "\x1f", 1);
    }
  if (!st) mst_sha256(all.data, all.size_bytes, hex);
  if (!st) st = mst_json_set(o, "rows", mst_json_new_int(n_rows));
  if (!st) st = mst_json_set(o, "columns", mst_json_new_int(n_cols));
  if (!st) st = mst_json_set(o, "hash", mst_json_new_string(hex));
  mst_buffer_fini(&all);
  mst_records_free(records);
  return st;
}

/* Column text of a file, in memory of its own; by one thread, and what reading took is given back:
 * it is not what is measured. */
mst_status bench_load_text(const char *path, mst_strings *storage, mst_text *text) {
  const int threads = 1;
  mst_records *records = NULL;
  int32_t col = 0;
  mst_status st = open_records(path, threads, &records);
  if (!st) st = mst_records_find(records, "text", &col);
  if (!st) st = mst_records_text(records, &col, 1, threads, storage, text);
  mst_records_free(records);
  mst_alloc_give_back();
  return st;
}

/* ANALYZER LOW HIGH THREADS */
static mst_status vectorizer_options(char **argv, mst_vectorizer_options *options, int *threads) {
  *options = mst_vectorizer_options_default();
  options->token.analyzer =
      strcmp(argv[0], "char_wb") == 0 ? MST_ANALYZER_CHAR_WB : MST_ANALYZER_WORD;
  mst_status st = bench_whole(argv[1], MAX_NGRAM, &options->ngram_min);
  if (!st) st = bench_whole(argv[2], MAX_NGRAM, &options->ngram_max);
  return st ? st : bench_whole(argv[3], MAX_THREADS, threads);
}

static mst_status fit(const mst_vectorizer_options *options, const mst_text *text, int threads,
                      mst_vectorizer **v, mst_csr *x) {
  mst_backend *backend = NULL;
  mst_corpus *corpus = NULL;
  mst_status st = mst_backend_open("cpu", threads, &backend);
  if (!st) st = mst_corpus_create(backend, text, &corpus);
  if (!st) st = mst_vectorizer_fit(options, corpus, NULL, 0, v, NULL, x);
  mst_corpus_free(corpus);
  mst_backend_close(backend);
  return st;
}

static mst_status set_shape(mst_json *o, const mst_csr *x) {
  mst_status st = mst_json_set(o, "rows", mst_json_new_int(x->n_rows));
  if (!st) st = mst_json_set(o, "columns", mst_json_new_int(x->n_cols));
  if (!st) st = mst_json_set(o, "entries", mst_json_new_int(x->row_ptr[x->n_rows]));
  return st;
}

/* vectorize FILE ANALYZER LOW HIGH THREADS REPEATS */
static mst_status work_vectorize(char **argv, mst_json *o) {
  mst_vectorizer_options options;
  int threads = 0, n = 0;
  double runs[MAX_REPEATS];
  mst_strings storage = {0};
  mst_text text;
  mst_status st = vectorizer_options(argv + 1, &options, &threads);
  if (!st) st = bench_whole(argv[5], MAX_REPEATS, &n);
  if (!st) st = bench_load_text(argv[0], &storage, &text);
  for (int i = 0; i < n && !st; i++) {
    mst_vectorizer *v = NULL;
    mst_csr x = {0};
    const double began = now();
    st = fit(&options, &text, threads, &v, &x);
    runs[i] = now() - began;
    if (!st && i == n - 1) st = set_shape(o, &x);
    mst_vectorizer_free(v);
    mst_csr_fini(&x);
  }
  if (!st) st = bench_set_runs(o, runs, n);
  mst_strings_fini(&storage);
  return st;
}

static mst_status write_file(const char *folder, const char *name, const void *bytes, size_t n) {
  char path[PATH_MAX];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (!file) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  const int is_written = fwrite(bytes, 1, n, file) == n;
  if (fclose(file) || !is_written) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  return MST_OK;
}

static mst_status write_terms(const char *folder, const mst_strings *terms) {
  mst_buffer lines;
  mst_buffer_init(&lines, (size_t)1 << 36, "terms");
  mst_status st = MST_OK;
  for (int64_t v = 0; v < terms->n && !st; v++) {
    const mst_slice term = mst_strings_at(terms, v);
    mst_json *value = mst_json_new_bytes(term.ptr, (size_t)term.len);
    char *text = NULL;
    size_t n = 0;
    st = value ? mst_json_dump(value, 0, &text, &n) : mst_error_last()->status;
    if (!st) st = mst_buffer_append(&lines, text, n);
    if (!st) st = mst_buffer_append(&lines, "\n", 1);
    mst_free(text);
    mst_json_free(value);
  }
  if (!st) st = write_file(folder, "terms.txt", lines.data, lines.size_bytes);
  mst_buffer_fini(&lines);
  return st;
}

/* vectorize-write FILE ANALYZER LOW HIGH THREADS FOLDER */
static mst_status work_vectorize_write(char **argv, mst_json *o) {
  mst_vectorizer_options options;
  int threads = 0;
  char path[PATH_MAX], *npy = NULL;
  size_t n = 0;
  mst_strings storage = {0};
  mst_text text;
  mst_vectorizer *v = NULL;
  mst_csr x = {0};
  (void)snprintf(path, sizeof path, "%s/X.npz", argv[5]);
  mst_status st = vectorizer_options(argv + 1, &options, &threads);
  if (!st) st = bench_load_text(argv[0], &storage, &text);
  if (!st) st = fit(&options, &text, threads, &v, &x);
  if (!st) st = set_shape(o, &x);
  if (!st) st = mst_npz_write_csr(path, &x, 0);
  if (!st) st = write_terms(argv[5], mst_vectorizer_terms(v));
  if (!st) st = mst_npy_dump(mst_vectorizer_doc_freq(v), MST_INT64, 1, &x.n_cols, &npy, &n);
  if (!st) st = write_file(argv[5], "df.npy", npy, n);
  mst_free(npy);
  mst_vectorizer_free(v);
  mst_csr_fini(&x);
  mst_strings_fini(&storage);
  return st;
}

mst_status bench_worker(int argc, char **argv) {
  static const struct {
    const char *name;
    int n_args;
    mst_status (*work)(char **argv, mst_json *o);
  } works[] = {{"read", 3, work_read},
               {"read-check", 2, work_read_check},
               {"augment", 4, bench_work_augment},
               {"vectorize", 6, work_vectorize},
               {"vectorize-write", 6, work_vectorize_write}};
  mst_json *o = mst_json_new_object();
  mst_status st = MST_FAIL(MST_E_ARG, "worker: not for use by hand");
  for (size_t i = 0; i < sizeof works / sizeof *works; i++)
    if (argc == works[i].n_args + 1 && strcmp(argv[0], works[i].name) == 0)
      st = works[i].work(argv + 1, o);
  if (!st) st = print(o);
  mst_json_free(o);
  return st;
}
