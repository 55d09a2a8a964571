/* test_cuda_counts.c: items, n-grams, rows and matrices of the device under test against the
 * CPU's, byte for byte.
 *
 * The device is MST_TEST_DEVICE (cuda:0). Its steps are made small by MST_CUDA_BATCH_BYTES, which
 * device.cu reads, so every case opens a backend of its own kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "counts_check.h"
#include "failing_alloc.h"

#define LENGTH(x) (sizeof(x) / sizeof *(x))

/* n_min, n_max, whole */
static const int32_t lengths[][3] = {{1, 1, 0}, {1, 2, 0}, {2, 4, 0}, {2, 4, 1}, {3, 3, 1}};

/* All lengths; the first of them in full. */
static void check_data(data *d, const char *batch_bytes) {
  pair b = pair_open(batch_bytes);
  for (size_t k = 0; k < LENGTH(lengths); k++) check_items(&b, d, lengths[k], k == 1);
  pair_close(&b);
  data_free(d);
}

static void nothing(void **state) {
  (void)state;
  const int64_t none[40] = {0};
  data d = data_of(none, 0, 1, IDS_RANDOM);
  check_data(&d, "0");
  d = data_of(none, 1, 3, IDS_RANDOM);
  check_data(&d, "0");
  d = data_of(none, 40, 3, IDS_RANDOM);
  check_data(&d, "0");
}

static void around_a_warp(void **state) {
  (void)state;
  const int64_t length[] = {1, 0, 2, 31, 32, 33, 0, 0, 3, 1, 64, 65, 0};
  data d = data_of(length, LENGTH(length), 40, IDS_RANDOM);
  check_data(&d, "0");
  for (int64_t n_items = 31; n_items <= 33; n_items++) {
    d = data_random((uint64_t)n_items, n_items, 4, 6);
    check_data(&d, "0");
  }
}

static void around_a_block(void **state) {
  (void)state;
  const int64_t length[] = {255, 256, 257, 0, 512, 1};
  data d = data_of(length, LENGTH(length), 90, IDS_RANDOM);
  check_data(&d, "0");
  for (int64_t n_items = 255; n_items <= 257; n_items++) {
    d = data_random((uint64_t)n_items, n_items, 3, 50);
    check_data(&d, "0");
  }
}

static void few_units(void **state) {
  (void)state;
  const int64_t length[] = {40, 0, 90, 1, 2, 3, 4, 5, 20};
  for (int how = IDS_RANDOM; how <= IDS_EDGES; how++)
    for (int32_t n_units = 1; n_units <= 5; n_units += 4) {
      data d = data_of(length, LENGTH(length), n_units, (ids)how);
      check_data(&d, "0");
    }
}

/* Rows that no block sorts, and some that one does, among short ones: one length each, in full. */
static void long_rows(void **state) {
  (void)state;
  const int64_t length[] = {4096, 3, 4097, 0, 5000, 300, 1, 9000, 2};
  const char *const batches[] = {"0", "100000"};
  for (size_t k = 0; k < LENGTH(batches); k++) {
    pair b = pair_open(batches[k]);
    data d = data_of(length, k ? 5 : LENGTH(length), k ? 5000 : 700, IDS_RANDOM);
    check_items(&b, &d, lengths[k], 0);
    data_free(&d);
    d = data_of(length, 3, 9, IDS_EQUAL);
    check_items(&b, &d, lengths[0], 0);
    data_free(&d);
    pair_close(&b);
  }
}

static void one_row(void **state) {
  (void)state;
  const int64_t length[] = {300};
  data d = data_of(length, 1, 200, IDS_RANDOM);
  check_data(&d, "0");
}

/* Steps that take little at a time: ranges of prefixes, batches of rows, classes one by one. */
static void small_steps(void **state) {
  (void)state;
  const char *const batches[] = {"1", "2000"};
  for (size_t k = 0; k < LENGTH(batches); k++) {
    data d = data_random(k, 40, 12, 8);
    check_data(&d, batches[k]);
  }
}

static void random_items(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 2; seed++) {
    data d = data_random(seed, 300, 25, seed == 1 ? 20 : 900);
    check_data(&d, "0");
  }
}

/* Tokens of a word analyzer, but made by hand: spellings a, b, \xc3\xa4, ... in order. */
typedef struct stream {
  mst_tokens tokens;
  uint8_t bytes[80];
  int64_t start[31];
} stream;

static void stream_make(mst_backend *backend, const data *d, stream *s) {
  uint8_t *to = s->bytes;
  for (int64_t w = 0; w < 30; w++) {
    s->start[w] = to - s->bytes;
    if (w < 10) *to++ = (uint8_t)('a' + w);
    else if (w < 20) to += snprintf((char *)to, 4, "x%c", (int)('a' + w));
    else to += snprintf((char *)to, 4, "\xc3%c", (int)(0x90 + w));
  }
  s->start[30] = to - s->bytes;
  s->tokens = (mst_tokens){.n_docs = d->n_items, .types = {30, s->bytes, s->start}};
  s->tokens.n_tokens = d->ptr[d->n_items];
  s->tokens.doc_ptr = put(backend, d->ptr, (d->n_items + 1) * 8);
  s->tokens.id = put(backend, d->id, s->tokens.n_tokens * 4);
  s->tokens.home = backend;
}

static void stream_free(mst_backend *backend, stream *s) {
  mst_backend_free(backend, s->tokens.doc_ptr);
  mst_backend_free(backend, s->tokens.id);
}

static void check_words(const pair *b, const stream *device, const stream *cpu, const int64_t *rows,
                        int64_t n_rows) {
  mst_sequences got, want;
  mst_strings got_units, want_units;
  must(mst_items_words(b->device, &device->tokens, rows, n_rows, &got, &got_units));
  must(mst_items_words(b->cpu, &cpu->tokens, rows, n_rows, &want, &want_units));
  assert_same_sequences(b->device, &got, &want);
  assert_int_equal(got_units.n, want_units.n);
  assert_memory_equal(got_units.start, want_units.start, (size_t)(want_units.n + 1) * 8);
  assert_memory_equal(got_units.bytes, want_units.bytes, (size_t)want_units.start[want_units.n]);
  mst_strings_fini(&got_units);
  mst_strings_fini(&want_units);
  mst_items_free(b->device, &got);
  mst_items_free(b->cpu, &want);
}

/* All rows, none, and some in another order and twice; with and without dropped types. */
static void check_taken(const pair *b, const data *d) {
  const int64_t some[] = {d->n_items - 1, 0, d->n_items / 2, d->n_items / 2, d->n_items / 3};
  const int64_t *const rows[] = {NULL, some, some};
  const int64_t n_rows[] = {d->n_items, 0, LENGTH(some)};
  const uint8_t drop[30] = {[0] = 1, [3] = 1, [7] = 1, [8] = 1, [29] = 1};
  static stream on_device, on_cpu;
  stream_make(b->device, d, &on_device);
  stream_make(b->cpu, d, &on_cpu);
  for (int k = d->n_items ? 0 : 1; k < (d->n_items ? 3 : 2); k++) {
    for (int dropping = 0; dropping < 2; dropping++) {
      mst_sequences got, want;
      const uint8_t *which = dropping ? drop : NULL;
      must(mst_items_take(b->device, &on_device.tokens, rows[k], n_rows[k], which, &got));
      must(mst_items_take(b->cpu, &on_cpu.tokens, rows[k], n_rows[k], which, &want));
      assert_same_sequences(b->device, &got, &want);
      mst_items_free(b->device, &got);
      mst_items_free(b->cpu, &want);
    }
    check_words(b, &on_device, &on_cpu, rows[k], n_rows[k]);
  }
  stream_free(b->device, &on_device);
  stream_free(b->cpu, &on_cpu);
}

static void taken(void **state) {
  (void)state;
  const int64_t around[] = {256, 0, 0, 256, 1, 255, 511, 0};
  pair b = pair_open("0");
  data d = data_of(around, 0, 30, IDS_RANDOM);
  check_taken(&b, &d);
  data_free(&d);
  d = data_of(around, LENGTH(around), 30, IDS_RANDOM);
  check_taken(&b, &d);
  data_free(&d);
  d = data_random(3, 400, 6, 30);
  check_taken(&b, &d);
  data_free(&d);
  pair_close(&b);
}

/* Everything that allocates on the host, with room or without. */
typedef struct attempt {
  mst_backend *device;
  mst_sequences items;
} attempt;

static mst_status try_rank(void *payload) {
  attempt *a = payload;
  mst_grams grams = {.n_items = -7};
  mst_gram_table table = {.n_nodes = -7};
  const mst_status st = mst_ngrams_rank(a->device, &a->items, 1, 3, 0, &grams, &table);
  if (st) {
    assert_int_equal(grams.n_items, -7);
    assert_int_equal(table.n_nodes, -7);
    return st;
  }
  mst_grams_fini(&grams);
  mst_gram_table_fini(&table);
  return MST_OK;
}

static mst_status try_count(void *payload) {
  attempt *a = payload;
  int64_t n = -7, *row_ptr = mst_backend_alloc(a->device, (size_t)a->items.n_items + 1, 8);
  const mst_rows rows = {.n_rows = a->items.n_items, .grams = a->items};
  const mst_status st = mst_rows_count(a->device, &rows, a->items.n_units, row_ptr, &n, NULL, NULL);
  if (st) assert_int_equal(n, -7);
  mst_backend_free(a->device, row_ptr);
  return st;
}

static mst_status try_words(void *payload) {
  attempt *a = payload;
  static stream s;
  const int64_t doc_ptr[] = {0, 3}, row = 0;
  const int32_t id[] = {4, 2, 28};
  const data d = {1, (int64_t *)doc_ptr, (int32_t *)id, 30};
  mst_sequences out = {.n_items = -7};
  mst_strings spelling = {.n = -7};
  stream_make(a->device, &d, &s);
  const mst_status st = mst_items_words(a->device, &s.tokens, &row, 1, &out, &spelling);
  stream_free(a->device, &s);
  if (st) {
    assert_int_equal(out.n_items, -7);
    assert_int_equal(spelling.n, -7);
    return st;
  }
  mst_items_free(a->device, &out);
  mst_strings_fini(&spelling);
  return MST_OK;
}

static void no_memory_of_the_host(void **state) {
  (void)state;
  const int64_t length[] = {5000, 3};
  data d = data_of(length, 2, 60, IDS_RANDOM);
  attempt a = {open_device("0"), {0}};
  a.items = put_items(a.device, &d);
  assert_true(fail_every_alloc(try_rank, &a) >= 3);
  assert_true(fail_every_alloc(try_count, &a) >= 2);
  assert_true(fail_every_alloc(try_words, &a) >= 5);
  mst_items_free(a.device, &a.items);
  mst_backend_close(a.device);
  data_free(&d);
}

/* What this program does as its own child, on a device that is too small or gets lost: 0 all went
 * well, 1 it said what is wrong and gave nothing. */
static int work_in_trouble(void) {
  mst_backend *device = NULL;
  if (mst_backend_open("cuda:0", 1, &device)) return 1;
  data d = data_random(5, 150, 12, 40);
  const int64_t n = d.ptr[d.n_items];
  mst_sequences items = {d.n_items, mst_backend_alloc(device, (size_t)d.n_items + 1, 8),
                         mst_backend_alloc(device, (size_t)n, 4), d.n_units, n};
  int64_t *row_ptr = mst_backend_alloc(device, (size_t)d.n_items + 1, 8), n_entries = 0;
  mst_grams grams = {0};
  mst_gram_table table = {0};
  const mst_weighing weighing = {.norm = 2};
  mst_csr counts = {d.n_items, 0, row_ptr, NULL, NULL, MST_INT32}, x = {0};
  mst_status st = items.ptr && items.id && row_ptr ? MST_OK : mst_error_last()->status;
  if (!st) st = mst_backend_to_home(device, (void *)items.ptr, d.ptr, (size_t)(d.n_items + 1) * 8);
  if (!st) st = mst_backend_to_home(device, (void *)items.id, d.id, (size_t)n * 4);
  if (!st) st = mst_ngrams_rank(device, &items, 1, 2, 0, &grams, &table);
  const mst_rows rows = {.n_rows = d.n_items,
                         .grams = {grams.n_items, grams.ptr, grams.id, 0, grams.n_grams}};
  if (!st) st = mst_rows_count(device, &rows, table.n_terms, row_ptr, &n_entries, NULL, NULL);
  if (!st) {
    counts.n_cols = table.n_terms;
    counts.col = mst_backend_alloc(device, (size_t)n_entries, 4);
    counts.val = mst_backend_alloc(device, (size_t)n_entries, 4);
    if (!counts.col || !counts.val) st = mst_error_last()->status;
  }
  if (!st) st = mst_rows_fill(device, &rows, table.n_terms, n_entries, &weighing, &counts, NULL);
  if (!st) st = mst_counts_weigh(device, &counts, &weighing, MST_FLOAT32, &x);
  csr_free(device, &counts);
  csr_free(device, &x);
  mst_grams_fini(&grams);
  mst_gram_table_fini(&table);
  mst_items_free(device, &items);
  mst_backend_close(device);
  data_free(&d);
  if (st == MST_OK) return 0;
  if (st == MST_E_NOMEM) return strstr(mst_error_last()->message, "are free") ? 1 : 2;
  return st == MST_E_DEVICE ? 1 : 2;
}

/* Run the child with an environment variable; returns what it returns. */
static int child_with(const char *name, long value) {
  int status = 0;
  char text[32];
  (void)snprintf(text, sizeof text, "%ld", value);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    (void)setenv("MST_CUDA_BATCH_BYTES", "0", 1);
    (void)setenv(name, text, 1);
    (void)execl("/proc/self/exe", "test", "trouble", (char *)NULL);
    _exit(3);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_in_range(WEXITSTATUS(status), 0, 1);
  return WEXITSTATUS(status);
}

/* The emulated device's size is set from outside, so each is a process of its own, which looks for
 * leaks too. On a real device there is nothing to set. */
static void out_of_memory(void **state) {
  (void)state;
  if (!getenv("MST_EMU_SCHEDULE")) skip();
  int failed = 0;
  for (long kilobytes = 60; kilobytes < 140; kilobytes += 8)
    failed += child_with("MST_EMU_MEMORY", kilobytes * 1000);
  assert_true(failed > 2);
  assert_int_equal(child_with("MST_EMU_MEMORY", 4000000), 0);
}

/* The device is lost at one call after the other. */
static void lost_device(void **state) {
  enum { STEP = 7, ENOUGH = 1000 };
  (void)state;
  if (!getenv("MST_EMU_SCHEDULE")) skip();
  long call = 1;
  while (call < ENOUGH && child_with("MST_EMU_LOSE", call)) call += STEP;
  assert_in_range(call, 10 * STEP, ENOUGH - 1);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "trouble") == 0) return work_in_trouble();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing),       cmocka_unit_test(around_a_warp),
      cmocka_unit_test(taken),         cmocka_unit_test(few_units),
      cmocka_unit_test(one_row),       cmocka_unit_test(small_steps),
      cmocka_unit_test(long_rows),     cmocka_unit_test(around_a_block),
      cmocka_unit_test(random_items),  cmocka_unit_test(no_memory_of_the_host),
      cmocka_unit_test(out_of_memory), cmocka_unit_test(lost_device),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
