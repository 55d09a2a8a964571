/* test_cuda_tokens.c: pieces and tokens of the device under test against the CPU's, byte for byte.
 *
 * The device is MST_TEST_DEVICE (cuda:0). Batches, fingerprints and memory are made small by the
 * environment variables that device.cu reads, so every case opens a backend of its own kind. */
#include "../unit/tokens/corpus.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body/utf8.h"
#include "failing_alloc.h"
#include "misstep/alloc.h"
#include "misstep/backend.h"

#define CORPUS(...)                                                                                \
  corpus_of((const char *const[]){__VA_ARGS__},                                                    \
            sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static mst_backend *open_named(const char *name) {
  mst_backend *backend = NULL;
  const mst_status st = mst_backend_open(name, 2, &backend);
  if (st) print_error("%s\n", mst_error_last()->message);
  assert_int_equal(st, MST_OK);
  return backend;
}

static mst_backend *open_device(const char *batch_bytes, const char *hash_mask) {
  const char *name = getenv("MST_TEST_DEVICE");
  assert_int_equal(setenv("MST_CUDA_BATCH_BYTES", batch_bytes, 1), 0);
  assert_int_equal(setenv("MST_CUDA_HASH_MASK", hash_mask, 1), 0);
  return open_named(name ? name : "cuda:0");
}

static corpus corpus_empty(void) {
  corpus c = corpus_begin();
  c.text.start = c.start;
  return c;
}

/* An array at home holds the same n_bytes as one on the host. */
static void assert_home_equal(mst_backend *backend, const void *home, const void *host,
                              int64_t n_bytes) {
  void *copy = malloc((size_t)n_bytes + 1);
  assert_non_null(copy);
  assert_int_equal(mst_backend_to_host(backend, copy, home, (size_t)n_bytes), MST_OK);
  assert_memory_equal(copy, host, (size_t)n_bytes);
  free(copy);
}

static mst_pieces *cut(mst_backend *backend, const corpus *c) {
  mst_pieces *pieces = NULL;
  const mst_status st = mst_pieces_create(backend, &c->text, &pieces);
  if (st) print_error("%s\n", mst_error_last()->message);
  assert_int_equal(st, MST_OK);
  return pieces;
}

static void assert_same_pieces(mst_backend *device, const mst_pieces *got, const mst_pieces *want) {
  assert_int_equal(got->n_docs, want->n_docs);
  assert_int_equal(got->n_entries, want->n_entries);
  assert_ptr_equal(got->home, device);
  assert_home_equal(device, got->doc_ptr, want->doc_ptr, (want->n_docs + 1) * 8);
  assert_home_equal(device, got->entry, want->entry, want->n_entries * 4);
  assert_same_strings(&got->types, &want->types);
  assert_memory_equal(got->kind, want->kind, (size_t)want->types.n);
}

static void assert_same_tokens(mst_backend *device, const mst_tokens *got, const mst_tokens *want) {
  assert_int_equal(got->analyzer, want->analyzer);
  assert_int_equal(got->n_docs, want->n_docs);
  assert_int_equal(got->n_tokens, want->n_tokens);
  assert_int_equal(got->joinable, want->joinable);
  assert_ptr_equal(got->home, device);
  assert_same_strings(&got->types, &want->types);
  assert_home_equal(device, got->doc_ptr, want->doc_ptr, (want->n_docs + 1) * 8);
  assert_home_equal(device, got->id, want->id, want->n_tokens * 4);
}

static void check_tokens(mst_backend *device, const mst_pieces *on_device, mst_backend *cpu,
                         const mst_pieces *on_cpu, const mst_token_options *options) {
  mst_tokens *got = NULL, *want = NULL;
  assert_int_equal(mst_tokens_create(cpu, on_cpu, options, &want), MST_OK);
  const mst_status st = mst_tokens_create(device, on_device, options, &got);
  if (st) print_error("%s\n", mst_error_last()->message);
  assert_int_equal(st, MST_OK);
  assert_same_tokens(device, got, want);
  mst_tokens_free(got);
  mst_tokens_free(want);
}

/* Pieces, and for full every analyzer with every option that changes what is looked up. */
static void check_on(mst_backend *device, const corpus *c, int full) {
  mst_backend *cpu = open_named("cpu");
  mst_pieces *want = cut(cpu, c), *got = cut(device, c);
  assert_same_pieces(device, got, want);
  for (int k = 0; full && k < 4 * 2 * 3; k++) {
    mst_token_options options = mst_token_options_default();
    options.analyzer = (mst_analyzer)(k % 4);
    options.lowercase = k / 4 % 2;
    options.strip_accents = (mst_accents)(k / 8);
    check_tokens(device, got, cpu, want, &options);
  }
  mst_token_options options = mst_token_options_default();
  options.token_pattern = "[a-z]|\\d+";
  if (full) check_tokens(device, got, cpu, want, &options);
  mst_pieces_free(got);
  mst_pieces_free(want);
  mst_backend_close(cpu);
}

/* How a backend under test is made small. */
typedef struct setting {
  const char *batch_bytes, *hash_mask;
} setting;

static const setting settings[] = {{"0", "0xffffffffffffffff"},
                                   {"1", "0xffffffffffffffff"},
                                   {"257", "0xffffffffffffffff"},
                                   {"4096", "0x3000000000000003"},
                                   {"0", "0"}};

static void check_corpus(corpus *c) {
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    mst_backend *device = open_device(settings[i].batch_bytes, settings[i].hash_mask);
    check_on(device, c, i == 0 || i + 1 == sizeof settings / sizeof *settings);
    mst_backend_close(device);
  }
  corpus_free(c);
}

static void nothing(void **state) {
  (void)state;
  corpus c = corpus_empty();
  check_corpus(&c);
  c = CORPUS("");
  check_corpus(&c);
  c = CORPUS("", "", "");
  check_corpus(&c);
}

static void lone_spaces(void **state) {
  (void)state;
  corpus c = CORPUS("", " ", "  ", " a", "a ", "a b", "a  b", " a b ", "a \tb", "a\t b", ". .",
                    " . ", "a . b", "", "a \xc2\xa0", "\xc2\xa0 a", "\xea\xb0\x80 \xea\xb0\x80",
                    " ", "x ", "\xf0\x9d\x92\x9c \xf0\x9d\x92\x9c", "a ", " b", "   ", "a   ", "");
  check_corpus(&c);
}

/* A space at every place of a group of 8 bytes, a strip and a tile. */
static void spaces_everywhere(void **state) {
  (void)state;
  corpus c = corpus_empty();
  char doc[600];
  for (size_t n = 240; n < 275; n++) {
    memset(doc, 'a', sizeof doc);
    doc[n] = ' ';
    corpus_add(&c, doc, n + 1 + n % 3);
    doc[n + 1] = ' ';
    corpus_add(&c, doc, n + 3);
  }
  check_corpus(&c);
}

static void documents_of_every_count(void **state) {
  (void)state;
  const int counts[] = {1, 31, 32, 33, 255, 256, 257};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    corpus c = corpus_empty();
    for (int d = 0; d < counts[i]; d++) corpus_add(&c, "ab cd.", (size_t)(d % 7));
    check_corpus(&c);
  }
}

/* Corpora that end one byte before, at and behind each block's and tile's size. */
static void texts_of_every_length(void **state) {
  (void)state;
  const size_t lengths[] = {1, 7, 8, 9, 255, 256, 257, 2047, 2048, 2049, 4095, 4096, 4097, 8193};
  static char doc[8193];
  for (size_t i = 0; i < sizeof doc; i++) doc[i] = "ab, c d.."[i % 9];
  mst_backend *device = open_device("0", "0xffffffffffffffff");
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    corpus c = corpus_empty();
    corpus_add(&c, doc, lengths[i]);
    check_on(device, &c, 0);
    corpus_free(&c);
  }
  mst_backend_close(device);
}

/* Spellings that share 6 to 25 bytes, that are prefixes of each other, that hold NUL bytes. */
static void equal_prefixes(void **state) {
  (void)state;
  corpus c = corpus_empty();
  const char *base = "abcdefghijklmnopqrstuvwxyz";
  for (size_t n = 1; n < 26; n++) {
    char word[32];
    memcpy(word, base, n);
    corpus_add(&c, word, n);
    for (char last = '9'; last >= '7'; last--) {
      word[n] = last;
      corpus_add(&c, word, n + 1);
    }
    memset(word, 0, sizeof word);
    corpus_add(&c, word, n);
    word[n - 1] = '.';
    corpus_add(&c, word, n);
    word[n] = 0;
    corpus_add(&c, word, n + 1);
  }
  check_corpus(&c);
}

static void long_words(void **state) {
  (void)state;
  corpus c = corpus_empty();
  char doc[1400];
  for (size_t n = 296; n < 304; n++) {
    memset(doc, 'w', n);
    doc[n - 1] = (char)('a' + n % 3);
    corpus_add(&c, doc, n);
    doc[0] = ' ';
    corpus_add(&c, doc, n);
  }
  memset(doc, '.', sizeof doc);
  corpus_add(&c, doc, sizeof doc);
  corpus_add(&c, doc, sizeof doc - 1);
  memset(doc, ' ', sizeof doc);
  corpus_add(&c, doc, sizeof doc);
  check_corpus(&c);
}

/* More distinct words than the smallest table holds: it grows, twice. */
static void growing_table(void **state) {
  (void)state;
  corpus c = corpus_empty();
  for (int d = 0; d < 300; d++) {
    char doc[128];
    const int n = snprintf(doc, sizeof doc, "w%d x%d, y%dz; %d %d-%d q%d", d, d, d, d, d * 7919,
                           d * 31, d / 2);
    corpus_add(&c, doc, (size_t)n);
  }
  mst_backend *device = open_device("0", "0xffffffffffffffff");
  check_on(device, &c, 0);
  mst_backend_close(device);
  device = open_device("5000", "0xfffff000000000ff");
  check_on(device, &c, 0);
  mst_backend_close(device);
  corpus_free(&c);
}

static void random_corpora(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed < 4; seed++) {
    corpus c = corpus_random(seed * 77, 60, 30);
    check_corpus(&c);
  }
}

/* Random code points of every length, in random documents. */
static void random_code_points(void **state) {
  (void)state;
  uint64_t random = 4711;
  corpus c = corpus_empty();
  for (int d = 0; d < 40; d++) {
    uint8_t doc[512];
    size_t n = 0;
    for (uint32_t k = next_random(&random) % 100; k > 0; k--) {
      const uint32_t limit[] = {0x80, 0x800, 0x10000, 0x110000};
      int32_t cp = (int32_t)(next_random(&random) % limit[next_random(&random) % 4]);
      if (cp >= 0xd800 && cp < 0xe000) cp = 0;
      n += (size_t)mst_body_encode(cp, doc + n);
    }
    corpus_add(&c, doc, n);
  }
  check_corpus(&c);
}

/* The capital sigma and what else depends on its neighbours: some documents, all, the first and the
 * last; pieces that occur in such documents only. */
static void dependent_documents(void **state) {
  (void)state;
  corpus c = CORPUS("plain words", "\xce\x91\xce\xa3 \xce\xa3", "", "only \xce\xa3here", "more",
                    "a\xcc\x81 b \xc2\xa8 c", "\xcd\x85x", "\xc2\xa8", "words plain", "\xce\xa3");
  check_corpus(&c);
  c = CORPUS("\xce\xa3", "\xce\xa3 x", "\xce\xa3");
  check_corpus(&c);
}

/* Tiles of entries and of runs: documents and lists that begin and end around 1024 of them. */
static void many_entries(void **state) {
  (void)state;
  corpus c = corpus_empty();
  char doc[2100];
  for (size_t i = 0; i < sizeof doc; i++) doc[i] = "a.b,"[i % 4];
  const size_t lengths[] = {1023, 1, 1, 0, 1022, 2, 2049, 63, 64, 65};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) corpus_add(&c, doc, lengths[i]);
  memset(doc, 'q', sizeof doc);
  corpus_add(&c, doc, 1500);
  mst_backend *device = open_device("0", "0xffffffffffffffff");
  check_on(device, &c, 1);
  mst_backend_close(device);
  corpus_free(&c);
}

typedef struct attempt {
  mst_backend *device;
  corpus c;
} attempt;

static mst_status try_all(void *payload) {
  attempt *a = payload;
  mst_pieces *pieces = NULL;
  mst_tokens *tokens = NULL;
  mst_token_options options = mst_token_options_default();
  mst_status st = mst_pieces_create(a->device, &a->c.text, &pieces);
  if (st) assert_null(pieces);
  for (int k = 0; !st && k < 4; k++) {
    options.analyzer = (mst_analyzer)k;
    st = mst_tokens_create(a->device, pieces, &options, &tokens);
    if (st) assert_null(tokens);
    mst_tokens_free(tokens);
    tokens = NULL;
  }
  mst_pieces_free(pieces);
  return st;
}

static void every_allocation_fails(void **state) {
  (void)state;
  attempt a = {open_device("16", "0xffffffffffffffff"),
               CORPUS("a few words", "\xce\x91\xce\xa3 two", "")};
  mst_backend_set_threads(a.device, 1);
  assert_true(fail_every_alloc(try_all, &a) > 20);
  mst_backend_close(a.device);
  corpus_free(&a.c);
}

/* What this program does as its own child, on a device with little memory: 0 all went well, 1 there
 * was too little and it said how much. */
static int with_little_memory(void) {
  mst_backend *device = NULL;
  if (mst_backend_open("cuda:0", 1, &device))
    return mst_error_last()->status == MST_E_NOMEM ? 1 : 2;
  attempt a = {device, corpus_empty()};
  char doc[256];
  memset(doc, 'w', sizeof doc);
  for (int d = 0; d < 1500; d++) {
    const int n = snprintf(doc, sizeof doc, "of these %d", d);
    doc[n] = ' ';
    corpus_add(&a.c, doc, sizeof doc);
  }
  const mst_status st = try_all(&a);
  mst_backend_close(device);
  corpus_free(&a.c);
  if (st == MST_OK) return 0;
  return st == MST_E_NOMEM && strstr(mst_error_last()->message, "are free") ? 1 : 2;
}

/* The emulated device's memory is set from outside, so each size is a process of its own; it also
 * looks for leaks. On a real device there is nothing to set. */
static void out_of_memory(void **state) {
  (void)state;
  if (!getenv("MST_EMU_SCHEDULE")) skip();
  const char *const kilobytes[] = {"60", "300", "900", "1500", "2200", "3000", "5000", "40000"};
  int seen[2] = {0, 0};
  for (size_t i = 0; i < sizeof kilobytes / sizeof *kilobytes; i++) {
    int status = 0;
    char bytes[32];
    (void)snprintf(bytes, sizeof bytes, "%s000", kilobytes[i]);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      (void)setenv("MST_EMU_MEMORY", bytes, 1);
      (void)setenv("MST_CUDA_BATCH_BYTES", "1000000000", 1);
      (void)setenv("MST_CUDA_HASH_MASK", "0xffffffffffffffff", 1);
      (void)execl("/proc/self/exe", "test", "little-memory", (char *)NULL);
      _exit(3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_in_range(WEXITSTATUS(status), 0, 1);
    seen[WEXITSTATUS(status)]++;
  }
  assert_true(seen[0] > 0 && seen[1] > 2);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "little-memory") == 0) return with_little_memory();
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing),
                                     cmocka_unit_test(lone_spaces),
                                     cmocka_unit_test(spaces_everywhere),
                                     cmocka_unit_test(documents_of_every_count),
                                     cmocka_unit_test(texts_of_every_length),
                                     cmocka_unit_test(equal_prefixes),
                                     cmocka_unit_test(long_words),
                                     cmocka_unit_test(growing_table),
                                     cmocka_unit_test(random_corpora),
                                     cmocka_unit_test(random_code_points),
                                     cmocka_unit_test(dependent_documents),
                                     cmocka_unit_test(many_entries),
                                     cmocka_unit_test(every_allocation_fails),
                                     cmocka_unit_test(out_of_memory)};
  return cmocka_run_group_tests_name("cuda_tokens", tests, NULL, NULL);
}
