/* corpus.c: a corpus cut into pieces once, and the token streams that were made of it. */
#include <string.h>

#include "features/shards.h"
#include "misstep/splices.h"

/* A stream and the options that it was made with. */
typedef struct stream {
  mst_token_options options; /* token_pattern is owned here */
  mst_tokens *tokens;
  struct stream *next;
} stream;

struct mst_corpus {
  mst_backend *backend;
  mst_pieces *pieces; /* NULL where the corpus is its shards */
  stream *streams;
  mst_corpus *shard[MST__SHARDS_MAX];
  int n_shards; /* 0: it is whole */
};

/* Joined backends that get a shard. */
static int count_backends(const mst_backend *backend) {
  int n = 0;
  for (; backend && n < MST__SHARDS_MAX; backend = mst_backend_next(backend)) n++;
  return n;
}

static mst_backend *backend_of(mst_backend *backend, int i) {
  while (i-- > 0) backend = mst_backend_next(backend);
  return backend;
}

static mst_status create_whole(mst_backend *backend, const mst_text *text, mst_corpus **out) {
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

/* The document with which shard i of n begins, where documents begin at start, in any unit. */
static int64_t shard_begin(const int64_t *start, int64_t n_docs, int i, int n) {
  const int64_t want = (int64_t)((double)start[n_docs] * i / n);
  int64_t low = 0, high = n_docs;
  if (i == 0 || i == n) return i ? n_docs : 0;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (start[middle] < want) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* A copy of where n documents begin, counted from the first. NULL: no memory. */
static int64_t *starts_from(const int64_t *start, int64_t n) {
  int64_t *copy = mst_alloc((size_t)n + 1, sizeof *copy);
  for (int64_t d = 0; copy && d <= n; d++) copy[d] = start[d] - start[0];
  return copy;
}

/* What a corpus is dealt out from: a text, or pieces. */
typedef struct dealing {
  mst_corpus *corpus;
  const mst_text *text;
  const mst_pieces *pieces;
} dealing;

static mst_status deal_text(void *payload, int i) {
  const dealing *j = payload;
  const int64_t *start = j->text->start, n_docs = j->text->n_docs;
  const int64_t begin = shard_begin(start, n_docs, i, j->corpus->n_shards);
  const int64_t end = shard_begin(start, n_docs, i + 1, j->corpus->n_shards);
  int64_t *own = starts_from(start + begin, end - begin);
  if (!own) return MST_E_NOMEM;
  const mst_text text = {end - begin, j->text->bytes + start[begin], own};
  const mst_status st =
      create_whole(backend_of(j->corpus->backend, i), &text, &j->corpus->shard[i]);
  mst_free(own);
  return st;
}

/* Make a corpus of shards. */
static mst_status deal(mst_backend *backend, mst__shard_fn *work, dealing *j, mst_corpus **out) {
  mst_corpus *corpus = mst_alloc_zero(1, sizeof *corpus);
  if (!corpus) return MST_E_NOMEM;
  corpus->backend = backend;
  corpus->n_shards = count_backends(backend);
  j->corpus = corpus;
  const mst_status st = mst__shards_run(backend, corpus->n_shards, work, j);
  if (st) mst_corpus_free(corpus);
  else *out = corpus;
  return st;
}

mst_status mst_corpus_create(mst_backend *backend, const mst_text *text, mst_corpus **out) {
  dealing j = {.text = text};
  if (!mst_backend_next(backend)) return create_whole(backend, text, out);
  return deal(backend, deal_text, &j, out);
}

int mst__corpus_n_shards(const mst_corpus *corpus) {
  return corpus->n_shards ? corpus->n_shards : 1;
}

mst_corpus *mst__corpus_shard(const mst_corpus *corpus, int i) { return corpus->shard[i]; }

/* Keep the spellings that are flagged. */
static void keep_spellings(mst_pieces *p, const uint8_t *used) {
  int64_t n = 0, end = 0;
  for (int64_t v = 0; v < p->types.n; v++) {
    const mst_slice spelling = mst_strings_at(&p->types, v);
    if (!used[v]) continue;
    memmove(p->types.bytes + end, spelling.ptr, (size_t)spelling.len);
    end += spelling.len;
    p->kind[n++] = p->kind[v];
    p->types.start[n] = end; /* n is at most v + 1, whose start has been read */
  }
  p->types.n = n;
}

/* Leave out the spellings that no piece has, so that the pieces are those of the documents' texts.
 */
static mst_status drop_unused(mst_backend *backend, mst_pieces *p) {
  uint8_t *used = mst_alloc((size_t)p->types.n, sizeof *used);
  uint32_t *number = mst_alloc((size_t)p->types.n, sizeof *number), n = 0;
  mst_status st = used && number ? mst_pieces_used(backend, p, used) : MST_E_NOMEM;
  for (int64_t v = 0; !st && v < p->types.n; v++) {
    number[v] = n;
    n += used[v];
  }
  if (!st) st = mst_pieces_renumber(backend, p, number);
  if (!st) keep_spellings(p, used);
  mst_free(used);
  mst_free(number);
  return st;
}

/* Move the arrays from the host's memory to the backend's. */
static mst_status move_home(mst_backend *backend, mst_pieces *p) {
  if (p->home == backend || mst_backend_is_host(backend)) return MST_OK;
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

/* Fetch the arrays from where they are at home. */
static mst_status move_to_host(mst_pieces *p) {
  if (mst_backend_is_host(p->home)) return MST_OK;
  const size_t ptr_bytes = ((size_t)p->n_docs + 1) * sizeof *p->doc_ptr;
  const size_t entry_bytes = (size_t)p->n_entries * sizeof *p->entry;
  int64_t *doc_ptr = mst_alloc(ptr_bytes, 1);
  uint32_t *entry = mst_alloc(entry_bytes, 1);
  mst_status st = doc_ptr && entry ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst_backend_to_host(p->home, doc_ptr, p->doc_ptr, ptr_bytes);
  if (!st) st = mst_backend_to_host(p->home, entry, p->entry, entry_bytes);
  if (st) {
    mst_free(doc_ptr);
    mst_free(entry);
    return st;
  }
  mst_backend_free(p->home, p->doc_ptr);
  mst_backend_free(p->home, p->entry);
  p->doc_ptr = doc_ptr;
  p->entry = entry;
  p->home = NULL;
  return MST_OK;
}

static mst_status take_whole(mst_backend *backend, mst_pieces *pieces, mst_corpus **out) {
  mst_corpus *corpus = mst_alloc_zero(1, sizeof *corpus);
  mst_status st = corpus ? move_home(backend, pieces) : MST_E_NOMEM;
  if (!st) st = drop_unused(backend, pieces);
  if (st) {
    mst_free(corpus);
    return st;
  }
  corpus->backend = backend;
  corpus->pieces = pieces;
  *out = corpus;
  return MST_OK;
}

/* The documents begin .. end-1 of pieces on the host, with all spellings. */
static mst_status copy_pieces(const mst_pieces *from, int64_t begin, int64_t end,
                              mst_pieces **out) {
  mst_pieces *p = mst_alloc_zero(1, sizeof *p);
  if (!p) return MST_E_NOMEM;
  const int64_t first = from->doc_ptr[begin];
  p->n_docs = end - begin;
  p->n_entries = from->doc_ptr[end] - first;
  p->doc_ptr = starts_from(from->doc_ptr + begin, p->n_docs);
  p->entry = mst_alloc((size_t)p->n_entries + 1, sizeof *p->entry);
  p->kind = mst_alloc((size_t)from->types.n, sizeof *p->kind);
  mst_status st = p->doc_ptr && p->entry && p->kind ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst__strings_copy(&from->types, &p->types);
  if (st) {
    mst_pieces_free(p);
    return st;
  }
  if (p->n_entries) memcpy(p->entry, from->entry + first, (size_t)p->n_entries * sizeof *p->entry);
  if (from->types.n) memcpy(p->kind, from->kind, (size_t)from->types.n * sizeof *p->kind);
  *out = p;
  return MST_OK;
}

static mst_status deal_pieces(void *payload, int i) {
  const dealing *j = payload;
  const int64_t *start = j->pieces->doc_ptr, n_docs = j->pieces->n_docs;
  const int64_t begin = shard_begin(start, n_docs, i, j->corpus->n_shards);
  const int64_t end = shard_begin(start, n_docs, i + 1, j->corpus->n_shards);
  mst_pieces *own = NULL;
  mst_status st = copy_pieces(j->pieces, begin, end, &own);
  if (!st) st = take_whole(backend_of(j->corpus->backend, i), own, &j->corpus->shard[i]);
  if (st) mst_pieces_free(own);
  return st;
}

mst_status mst_corpus_take(mst_backend *backend, mst_pieces *pieces, mst_corpus **out) {
  dealing j = {.pieces = pieces};
  if (!mst_backend_next(backend)) return take_whole(backend, pieces, out);
  mst_status st = move_to_host(pieces);
  if (!st) st = deal(backend, deal_pieces, &j, out);
  if (!st) mst_pieces_free(pieces);
  return st;
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
  for (int i = 0; i < corpus->n_shards; i++) mst_corpus_free(corpus->shard[i]);
  mst_pieces_free(corpus->pieces);
  mst_free(corpus);
}

mst_backend *mst__corpus_backend(const mst_corpus *corpus) { return corpus->backend; }

int64_t mst_corpus_n_docs(const mst_corpus *corpus) {
  int64_t n = corpus->n_shards ? 0 : corpus->pieces->n_docs;
  for (int i = 0; i < corpus->n_shards; i++) n += mst_corpus_n_docs(corpus->shard[i]);
  return n;
}

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
