/* corpus.c: a corpus cut into pieces once, and the token streams that were made of it. */
#include <string.h>

#include "features/internal.h"

/* A stream and the options that it was made with. */
typedef struct stream {
  mst_token_options options; /* token_pattern is owned here */
  mst_tokens *tokens;
  struct stream *next;
} stream;

struct mst_corpus {
  mst_backend *backend;
  mst_pieces *pieces;
  stream *streams;
};

mst_status mst_corpus_create(mst_backend *backend, const mst_text *text, mst_corpus **out) {
  mst_corpus *corpus = mst_alloc_zero(1, sizeof *corpus);
  if (!corpus) return MST_E_NOMEM;
  corpus->backend = backend;
  const mst_status st = mst_pieces_create(backend, text, &corpus->pieces);
  if (st) {
    mst_corpus_free(corpus);
    return st;
  }
  *out = corpus;
  return MST_OK;
}

/* Leave out the spellings that no piece has, so that the pieces are those of the documents' texts.
 */
static mst_status drop_unused(mst_pieces *p) {
  uint32_t *number = mst_alloc_zero((size_t)p->types.n, sizeof *number);
  if (!number) return MST_E_NOMEM;
  for (int64_t k = 0; k < p->n_entries; k++) number[p->entry[k] >> 1] = 1;
  int64_t n = 0, end = 0;
  for (int64_t v = 0; v < p->types.n; v++) {
    const mst_slice spelling = mst_strings_at(&p->types, v);
    if (!number[v]) continue;
    memmove(p->types.bytes + end, spelling.ptr, (size_t)spelling.len);
    end += spelling.len;
    p->kind[n] = p->kind[v];
    number[v] = (uint32_t)n++;
    p->types.start[n] = end; /* n is at most v + 1, whose start has been read */
  }
  p->types.n = n;
  for (int64_t k = 0; k < p->n_entries; k++)
    p->entry[k] = number[p->entry[k] >> 1] * 2 + (p->entry[k] & 1);
  mst_free(number);
  return MST_OK;
}

/* Move the arrays from the host's memory to the backend's. */
static mst_status move_home(mst_backend *backend, mst_pieces *p) {
  if (mst_backend_is_host(backend)) return MST_OK;
  const void *doc_ptr = NULL, *entry = NULL;
  mst_status st = mst__home_view(backend, p->doc_ptr, p->n_docs + 1, sizeof *p->doc_ptr, &doc_ptr);
  if (!st) st = mst__home_view(backend, p->entry, p->n_entries, sizeof *p->entry, &entry);
  if (st) {
    mst_backend_free(backend, (void *)doc_ptr);
    return st;
  }
  mst_free(p->doc_ptr);
  mst_free(p->entry);
  p->doc_ptr = (int64_t *)doc_ptr;
  p->entry = (uint32_t *)entry;
  p->home = backend;
  return MST_OK;
}

mst_status mst_corpus_take(mst_backend *backend, mst_pieces *pieces, mst_corpus **out) {
  mst_corpus *corpus = mst_alloc_zero(1, sizeof *corpus);
  mst_status st = corpus ? drop_unused(pieces) : MST_E_NOMEM;
  if (!st) st = move_home(backend, pieces);
  if (st) {
    mst_free(corpus);
    return st;
  }
  corpus->backend = backend;
  corpus->pieces = pieces;
  *out = corpus;
  return MST_OK;
}

static void stream_free(stream *s) {
  if (!s) return;
  mst_tokens_free(s->tokens);
  mst_free((char *)s->options.token_pattern);
  mst_free(s);
}

void mst_corpus_free(mst_corpus *corpus) {
  if (!corpus) return;
  while (corpus->streams) {
    stream *next = corpus->streams->next;
    stream_free(corpus->streams);
    corpus->streams = next;
  }
  mst_pieces_free(corpus->pieces);
  mst_free(corpus);
}

mst_backend *mst__corpus_backend(const mst_corpus *corpus) { return corpus->backend; }

int64_t mst_corpus_n_docs(const mst_corpus *corpus) { return corpus->pieces->n_docs; }

static int same_options(const mst_token_options *a, const mst_token_options *b) {
  if (a->analyzer != b->analyzer || !a->lowercase != !b->lowercase ||
      a->strip_accents != b->strip_accents)
    return 0;
  if (a->analyzer != MST_ANALYZER_WORD) return 1; /* the pattern is the word analyzer's */
  if (!a->token_pattern || !b->token_pattern) return a->token_pattern == b->token_pattern;
  return strcmp(a->token_pattern, b->token_pattern) == 0;
}

static mst_status stream_create(const mst_corpus *corpus, const mst_token_options *options,
                                stream **out) {
  stream *s = mst_alloc_zero(1, sizeof *s);
  if (!s) return MST_E_NOMEM;
  mst_status st = MST_OK;
  s->options = *options;
  s->options.token_pattern = NULL;
  if (options->token_pattern) {
    const size_t n = strlen(options->token_pattern) + 1;
    char *pattern = mst_alloc(n, 1);
    if (pattern) memcpy(pattern, options->token_pattern, n);
    else st = MST_E_NOMEM;
    s->options.token_pattern = pattern;
  }
  if (!st) st = mst_tokens_create(corpus->backend, corpus->pieces, &s->options, &s->tokens);
  if (st) {
    stream_free(s);
    return st;
  }
  *out = s;
  return MST_OK;
}

mst_status mst__corpus_tokens(mst_corpus *corpus, const mst_token_options *options,
                              const mst_tokens **out) {
  stream *s = corpus->streams;
  while (s && !same_options(&s->options, options)) s = s->next;
  if (!s) {
    const mst_status st = stream_create(corpus, options, &s);
    if (st) return st;
    s->next = corpus->streams;
    corpus->streams = s;
  }
  *out = s->tokens;
  return MST_OK;
}
