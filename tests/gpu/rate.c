/* rate.c: seconds from text in memory to a matrix in memory, for scripts/gpu-check.
 *
 * usage: device_rate FILE DEVICE ANALYZER LOW HIGH REPEATS
 * FILE has one document a line. Prints one JSON object: bytes of text and matrix, the seconds of
 * each run (with all copies; the device is open already), and the bytes a second of copies of the
 * text's size alone, from and to memory that copies reach fastest. Exit code 1 with a message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "features/vectorizer.h"
#include "misstep/alloc.h"

enum { MOST_RUNS = 100, MOST_LENGTH = 16 };

typedef struct lines {
  mst_text text;
  uint8_t *bytes;
  int64_t *start;
} lines;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void lines_fini(lines *l) {
  mst_free(l->bytes);
  mst_free(l->start);
}

static mst_status read_all(const char *path, lines *l, size_t *n) {
  FILE *file = fopen(path, "rb");
  if (!file) return MST_FAIL(MST_E_IO, "%s: cannot be opened", path);
  long size = -1;
  if (fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  rewind(file);
  if (size > 0) l->bytes = mst_alloc((size_t)size, 1);
  *n = l->bytes ? fread(l->bytes, 1, (size_t)size, file) : 0;
  (void)fclose(file);
  return size > 0 && *n == (size_t)size ? MST_OK : MST_FAIL(MST_E_IO, "%s: empty, or unread", path);
}

/* Documents are what stands before each line's end, which is taken out. */
static mst_status lines_read(const char *path, lines *l) {
  size_t n = 0, to = 0;
  int64_t n_docs = 0;
  const mst_status st = read_all(path, l, &n);
  if (st) return st;
  for (size_t i = 0; i < n; i++) n_docs += l->bytes[i] == '\n';
  l->start = mst_alloc((size_t)n_docs + 1, sizeof *l->start);
  if (!l->start) return MST_E_NOMEM;
  l->start[0] = n_docs = 0;
  for (size_t i = 0; i < n; i++) {
    if (l->bytes[i] == '\n') l->start[++n_docs] = (int64_t)to;
    else l->bytes[to++] = l->bytes[i];
  }
  l->text = (mst_text){n_docs, l->bytes, l->start};
  return MST_OK;
}

static mst_status run_once(mst_backend *backend, const mst_vectorizer_options *options,
                           const mst_text *text, double *seconds, int64_t *matrix_bytes) {
  mst_corpus *corpus = NULL;
  mst_vectorizer *v = NULL;
  mst_csr x = {0};
  const double began = now();
  mst_status st = mst_corpus_create(backend, text, &corpus);
  if (!st) st = mst_vectorizer_fit(options, corpus, NULL, 0, &v, NULL, &x);
  *seconds = now() - began;
  if (!st) {
    const int64_t entry = (int64_t)sizeof *x.col + mst_dtype_bytes(x.dtype);
    *matrix_bytes = (x.n_rows + 1) * 8 + x.row_ptr[x.n_rows] * entry;
  }
  mst_csr_fini(&x);
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
  return st;
}

/* Bytes a second to home and back, n bytes, the better of two. */
static mst_status copy_rates(mst_backend *backend, size_t n, double rate[2]) {
  void *host = mst_backend_alloc_host(backend, n, 1), *home = mst_backend_alloc(backend, n, 1);
  mst_status st = host && home ? MST_OK : mst_error_last()->status;
  if (!st) memset(host, 1, n);
  rate[0] = rate[1] = 0;
  for (int k = 0; k < 4 && !st; k++) {
    const double began = now();
    st = k % 2 ? mst_backend_to_host(backend, host, home, n)
               : mst_backend_to_home(backend, home, host, n);
    const double bytes_a_second = (double)n / (now() - began);
    if (bytes_a_second > rate[k % 2]) rate[k % 2] = bytes_a_second;
  }
  mst_backend_free(backend, home);
  mst_free(host);
  return st;
}

static mst_status options_read(char **argv, mst_vectorizer_options *options, int *n_runs) {
  static const char *const analyzers[] = {"word", "char", "char_wb", "maths"};
  static const mst_analyzer values[] = {MST_ANALYZER_WORD, MST_ANALYZER_CHAR, MST_ANALYZER_CHAR_WB,
                                        MST_ANALYZER_MATHS};
  *options = mst_vectorizer_options_default();
  int k = 0;
  while (k < 4 && strcmp(argv[0], analyzers[k]) != 0) k++;
  options->ngram_min = (int32_t)strtol(argv[1], NULL, 10);
  options->ngram_max = (int32_t)strtol(argv[2], NULL, 10);
  *n_runs = (int)strtol(argv[3], NULL, 10);
  if (k == 4 || options->ngram_min < 1 || options->ngram_max > MOST_LENGTH || *n_runs < 1 ||
      *n_runs > MOST_RUNS)
    return MST_FAIL(MST_E_ARG, "word, char, char_wb or maths, n-gram lengths and 1 to %d repeats",
                    MOST_RUNS);
  options->token.analyzer = values[k];
  return MST_OK;
}

static void print(const mst_text *text, int64_t matrix_bytes, const double *seconds, int n_runs,
                  const double rate[2]) {
  printf("{\"text_bytes\": %lld, \"matrix_bytes\": %lld, \"seconds\": [",
         (long long)text->start[text->n_docs], (long long)matrix_bytes);
  for (int i = 0; i < n_runs; i++) printf("%s%.9f", i ? ", " : "", seconds[i]);
  printf("], \"in_per_second\": %.0f, \"out_per_second\": %.0f}\n", rate[0], rate[1]);
}

static mst_status work(char **argv) {
  mst_vectorizer_options options;
  mst_backend *backend = NULL;
  lines l = {0};
  char device[32];
  double seconds[MOST_RUNS], rate[2];
  int64_t matrix_bytes = 0;
  int n_runs = 0;
  mst_status st = options_read(argv + 2, &options, &n_runs);
  if (!st) st = lines_read(argv[0], &l);
  if (!st) st = mst_backend_resolve(argv[1], device, sizeof device);
  if (!st) st = mst_backend_open(device, (int)sysconf(_SC_NPROCESSORS_ONLN), &backend);
  for (int i = 0; i < n_runs && !st; i++)
    st = run_once(backend, &options, &l.text, &seconds[i], &matrix_bytes);
  if (!st) st = copy_rates(backend, (size_t)l.text.start[l.text.n_docs], rate);
  if (!st) print(&l.text, matrix_bytes, seconds, n_runs, rate);
  mst_backend_close(backend);
  lines_fini(&l);
  return st;
}

int main(int argc, char **argv) {
  if (argc == 7 && work(argv + 1) == MST_OK) return 0;
  (void)fprintf(stderr, "device_rate: %s\n",
                argc == 7 ? mst_error_last()->message
                          : "FILE DEVICE ANALYZER LOW HIGH REPEATS are expected");
  return 1;
}
