/* fuzz_vectorize.c: any text to a matrix, on one CPU, on several that are joined, and on a device:
 * the same bytes, or the same message.
 *
 * The first byte of an input chooses the options, the rest is the text.
 */
#include <stdio.h>

#include "features/vectorizer.h"
#include "fuzz_text.h"
#include "misstep/alloc.h"

static mst_vectorizer_options options_of(int choice) {
  static const mst_analyzer analyzers[4] = {MST_ANALYZER_WORD, MST_ANALYZER_CHAR,
                                            MST_ANALYZER_CHAR_WB, MST_ANALYZER_MATHS};
  mst_vectorizer_options o = mst_vectorizer_options_default();
  o.token.analyzer = analyzers[choice & 3];
  o.ngram_max = 1 + (choice >> 2 & 1) * 2;
  if (choice & 8) o.min_df = (mst_df_cut){0, 2};
  if (choice & 16) o.max_features = 3;
  o.tf = choice & 32 ? MST_TF_SUBLINEAR : MST_TF_COUNT;
  o.idf = choice & 64 ? MST_IDF_PAPER : MST_IDF_SMOOTH;
  if (choice & 128) o.dtype = MST_FLOAT32;
  if ((choice & 0xe3) == 0x60) o.token.token_pattern = "[^,c]+"; /* words with spaces inside */
  return o;
}

/* What a backend makes of a text. */
typedef struct made {
  mst_status status;
  char message[1024];
  mst_vectorizer *v;
  mst_csr counts, x, again;
} made;

static void make(mst_backend *backend, const mst_vectorizer_options *o, const mst_text *text,
                 made *m) {
  mst_corpus *corpus = NULL;
  int64_t *every_second = malloc(((size_t)text->n_docs + 1) * sizeof *every_second), n = 0;
  fuzz_demand(every_second != NULL);
  for (int64_t d = text->n_docs - 1; d >= 0; d -= 2) every_second[n++] = d;
  *m = (made){.status = mst_corpus_create(backend, text, &corpus)};
  if (!m->status) m->status = mst_vectorizer_fit(o, corpus, NULL, 0, &m->v, &m->counts, &m->x);
  if (!m->status)
    m->status = mst_vectorizer_transform(m->v, corpus, every_second, n, NULL, &m->again);
  if (m->status) (void)snprintf(m->message, sizeof m->message, "%s", mst_error_last()->message);
  mst_corpus_free(corpus);
  free(every_second);
}

static void made_fini(made *m) {
  mst_csr_fini(&m->counts);
  mst_csr_fini(&m->x);
  mst_csr_fini(&m->again);
  mst_vectorizer_free(m->v);
}

static int same(const void *a, const void *b, int64_t n, size_t size) {
  return !n || memcmp(a, b, (size_t)n * size) == 0;
}

static int same_csr(const mst_csr *a, const mst_csr *b) {
  if (a->n_rows != b->n_rows || a->n_cols != b->n_cols || a->dtype != b->dtype) return 0;
  if (!same(a->row_ptr, b->row_ptr, a->n_rows + 1, sizeof *a->row_ptr)) return 0;
  const int64_t n = a->row_ptr[a->n_rows];
  return same(a->col, b->col, n, sizeof *a->col) &&
         same(a->val, b->val, n, (size_t)mst_dtype_bytes(a->dtype));
}

static void check_same(const made *a, const made *b) {
  fuzz_demand(a->status == b->status && strcmp(a->message, b->message) == 0);
  if (a->status) return;
  const mst_strings *x = mst_vectorizer_terms(a->v), *y = mst_vectorizer_terms(b->v);
  fuzz_demand(x->n == y->n && same(x->start, y->start, x->n + 1, sizeof *x->start));
  fuzz_demand(same(x->bytes, y->bytes, x->start[x->n], 1));
  fuzz_demand(same(mst_vectorizer_doc_freq(a->v), mst_vectorizer_doc_freq(b->v), x->n, 8));
  fuzz_demand(same(mst_vectorizer_term_freq(a->v), mst_vectorizer_term_freq(b->v), x->n, 8));
  fuzz_demand(same_csr(&a->counts, &b->counts) && same_csr(&a->x, &b->x));
  fuzz_demand(same_csr(&a->again, &b->again));
}

static mst_backend *open_joined(int n) {
  mst_backend *first = NULL;
  for (int i = 0; i < n; i++) {
    mst_backend *backend = NULL;
    fuzz_demand(mst_backend_open("cpu", 1, &backend) == MST_OK);
    if (first) mst_backend_join(first, backend);
    else first = backend;
  }
  return first;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const mst_vectorizer_options o = options_of(size ? data[0] : 0);
  const mst_text text = fuzz_text(data + (size > 0), size - (size > 0));
  mst_backend *one = open_joined(1), *three = open_joined(3);
  made alone, joined, theirs;
  make(one, &o, &text, &alone);
  make(three, &o, &text, &joined);
  check_same(&alone, &joined);
  if (fuzz_device()) {
    make(fuzz_device(), &o, &text, &theirs);
    check_same(&alone, &theirs);
    made_fini(&theirs);
  }
  made_fini(&alone);
  made_fini(&joined);
  mst_backend_close(one);
  mst_backend_close(three);
  fuzz_text_free(&text);
  return 0;
}
