/* lexicon.c: a lexicon whatever it is made of, and which alternatives are fit to be written. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

static const char default_folder[] = "/usr/share/wordnet";

enum { MAX_ALTERNATIVES = 64, MIN_BYTES = 3, FUNCTION_BYTES = 8 };

struct mst_lexicon {
  mst_lexicon_options options;
  char *name;      /* owned */
  mst__ppdb *ppdb; /* NULL: WordNet */
  mst__wordnet words;
};

mst_lexicon_options mst_lexicon_options_default(void) { return (mst_lexicon_options){1, 8}; }

static mst_status set_name(mst_lexicon *x, const char *name) {
  const size_t n = strlen(name) + 1;
  x->name = mst_alloc(n, 1);
  if (!x->name) return MST_E_NOMEM;
  memcpy(x->name, name, n);
  return MST_OK;
}

mst_status mst__lexicon_take(mst__wordnet *mapped, const mst_lexicon_options *options,
                             mst_lexicon **out) {
  mst_lexicon *x = mst_alloc_zero(1, sizeof *x);
  if (!x) {
    mst__wordnet_close(mapped);
    return MST_E_NOMEM;
  }
  x->options = *options;
  x->words = *mapped;
  x->words.max_senses = options->max_senses;
  mst_status st = set_name(x, "wordnet");
  if (!st) st = mst__wordnet_read(&x->words);
  if (st) mst_lexicon_close(x);
  else *out = x;
  return st;
}

static mst_status open_wordnet(const char *folder, const mst_lexicon_options *options,
                               mst_lexicon **out) {
  mst__wordnet mapped = {0};
  const mst_status st = mst__wordnet_map(folder, &mapped);
  if (!st) return mst__lexicon_take(&mapped, options, out);
  mst__wordnet_close(&mapped);
  if (st != MST_E_IO) return st;
  return mst_error_prefix(st, folder == default_folder
                                  ? "WordNet 3.0 is in the Debian package wordnet-base"
                                  : "expected the files of WordNet 3.0 in this folder");
}

static mst_status open_file(const char *path, const mst_lexicon_options *options,
                            mst_lexicon **out) {
  mst__map map = {0};
  const char *slash = strrchr(path, '/');
  mst_lexicon *x = mst_alloc_zero(1, sizeof *x);
  if (!x) return MST_E_NOMEM;
  x->options = *options;
  mst_status st = set_name(x, slash ? slash + 1 : path);
  if (!st) st = mst__map_open(path, NULL, &map);
  if (!st) st = mst__ppdb_create(&map, &x->ppdb);
  mst__map_close(&map);
  if (st) mst_lexicon_close(x);
  else *out = x;
  return st;
}

mst_status mst_lexicon_open(const char *source, const mst_lexicon_options *options,
                            mst_lexicon **out) {
  struct stat info;
  const mst_lexicon_options given = options ? *options : mst_lexicon_options_default();
  if (!source || !out) return MST_FAIL(MST_E_ARG, "no lexicon is named");
  if (given.max_senses < 1 || given.max_alternatives < 1)
    return MST_FAIL(MST_E_ARG, "%d senses, %d alternatives: expected at least one",
                    given.max_senses, given.max_alternatives);
  if (!strcmp(source, "wordnet")) return open_wordnet(default_folder, &given, out);
  if (!stat(source, &info) && S_ISDIR(info.st_mode)) return open_wordnet(source, &given, out);
  return open_file(source, &given, out);
}

void mst_lexicon_close(mst_lexicon *x) {
  if (!x) return;
  mst__wordnet_close(&x->words);
  mst__ppdb_free(x->ppdb);
  mst_free(x->name);
  mst_free(x);
}

const char *mst_lexicon_name(const mst_lexicon *lexicon) { return lexicon->name; }

/* Words that only build sentences: WordNet has some of them as nouns (an inch, a tin, Oregon). */
static const char function_words[][FUNCTION_BYTES] = {
    "about",   "above",   "across", "after",    "again",   "against", "all",    "almost",
    "along",   "already", "also",   "although", "always",  "am",      "among",  "an",
    "and",     "another", "any",    "are",      "around",  "as",      "at",     "be",
    "because", "been",    "before", "behind",   "being",   "below",   "beside", "between",
    "both",    "but",     "by",     "can",      "cannot",  "could",   "did",    "do",
    "does",    "doing",   "done",   "down",     "during",  "each",    "either", "every",
    "except",  "few",     "for",    "from",     "had",     "has",     "have",   "having",
    "he",      "her",     "here",   "him",      "his",     "how",     "if",     "in",
    "inside",  "instead", "into",   "is",       "it",      "its",     "just",   "least",
    "less",    "like",    "many",   "may",      "me",      "might",   "mine",   "more",
    "most",    "much",    "must",   "my",       "neither", "never",   "no",     "nor",
    "not",     "nothing", "now",    "of",       "off",     "on",      "once",   "only",
    "or",      "other",   "our",    "out",      "over",    "own",     "per",    "rather",
    "same",    "several", "shall",  "she",      "should",  "since",   "so",     "some",
    "such",    "than",    "that",   "the",      "their",   "them",    "then",   "there",
    "these",   "they",    "this",   "those",    "through", "till",    "to",     "too",
    "twice",   "under",   "until",  "up",       "upon",    "us",      "very",   "was",
    "we",      "were",    "what",   "when",     "where",   "whether", "which",  "while",
    "who",     "whom",    "whose",  "why",      "will",    "with",    "within", "without",
    "would",   "yet",     "you",    "your"};

static int compare_word(const void *key, const void *item) {
  return memcmp(key, item, FUNCTION_BYTES);
}

static int is_function_word(mst_slice word) {
  char key[FUNCTION_BYTES] = {0};
  if (word.len > FUNCTION_BYTES) return 0;
  memcpy(key, word.ptr, (size_t)word.len);
  return bsearch(key, function_words, sizeof function_words / FUNCTION_BYTES, FUNCTION_BYTES,
                 compare_word) != NULL;
}

/* A look-up in progress: what was given already. */
typedef struct look_up {
  const mst_lexicon *lexicon;
  mst_slice word;
  mst_lexicon_fn *emit;
  void *payload;
  int n;
  uint64_t given[MAX_ALTERNATIVES];
} look_up;

static int is_alphanumeric(int c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

/* Small letters and digits in words that are joined by single spaces or hyphens. A name (capitals),
 * an abbreviation, a letter alone and a digit that the word does not hold are not for a text. */
static int is_fit(mst_slice word, mst_slice s) {
  if (s.len < MIN_BYTES) return 0;
  for (int64_t i = 0; i < s.len; i++) {
    const int c = s.ptr[i];
    const int joint = (c == ' ' || c == '-') && i > 0 && i + 1 < s.len &&
                      is_alphanumeric(s.ptr[i - 1]) && is_alphanumeric(s.ptr[i + 1]);
    if (!joint && !is_alphanumeric(c)) return 0;
    if (c >= '0' && c <= '9' && !memchr(word.ptr, c, (size_t)word.len)) return 0;
  }
  return s.len != word.len || memcmp(s.ptr, word.ptr, (size_t)s.len) != 0;
}

/* FNV-1a: equal alternatives are told by it. Should two of the 64 collide, one less is given. */
static uint64_t digest(mst_slice s) {
  uint64_t h = 14695981039346656037u;
  for (int64_t i = 0; i < s.len; i++) h = (h ^ s.ptr[i]) * 1099511628211u;
  return h;
}

static mst_status give(look_up *l, mst_slice alternative, mst_pos pos) {
  const int32_t most = l->lexicon->options.max_alternatives;
  if (l->n >= most || l->n == MAX_ALTERNATIVES || !is_fit(l->word, alternative)) return MST_OK;
  const uint64_t hash = digest(alternative);
  for (int i = 0; i < l->n; i++)
    if (l->given[i] == hash) return MST_OK;
  l->given[l->n++] = hash;
  return l->emit(l->payload, alternative, pos);
}

/* Is this synset one of a lemma's first senses, too, and the lemma a word that texts use? Else it
 * is a synonym that readers would not take for one: "clip" for a time, "twelvemonth" for a year. */
static int is_usual(const mst__wordnet *w, int pos, mst_slice lemma, int64_t synset) {
  const mst__lemma *its = mst__lemma_find(w, pos, lemma);
  if (!its || !its->count) return 0;
  for (int32_t k = 0; k < w->max_senses && k < (int32_t)its->n; k++)
    if (mst__lemma_offset(w, pos, its, k) == synset) return 1;
  return 0;
}

/* All synonyms of one reading. A lemma that may stand only before or behind a noun is left out. */
static mst_status give_reading(look_up *l, const mst__reading *r) {
  const mst__wordnet *w = &l->lexicon->words;
  static const mst_pos pos_of[] = {MST_POS_NOUN, MST_POS_VERB, MST_POS_ADJECTIVE, MST_POS_ADVERB};
  mst_status st = MST_OK;
  for (int32_t k = 0; !st && k < w->max_senses && k < (int32_t)r->lemma->n; k++) {
    mst__synset synset;
    mst_slice lemma;
    int marked;
    const int64_t offset = mst__lemma_offset(w, r->pos, r->lemma, k);
    st = mst__synset_open(&w->data[r->pos], offset, &synset);
    while (!st && mst__synset_next(&synset, &lemma, &marked) > 0) {
      uint8_t text[MST__WORD_BYTES];
      if (marked || !is_usual(w, r->pos, lemma, offset)) continue;
      const int64_t n = mst__inflect(w, r->pos, r->inflection, lemma, text);
      st = give(l, (mst_slice){text, n}, pos_of[r->pos]);
    }
  }
  return st;
}

/* The most usual reading, and those that are as usual; one in each part of speech. A verb whose
 * past cannot be told from its present is not replaced. */
static mst_status find_in_wordnet(look_up *l, mst_pos pos) {
  mst__reading r[MST__MAX_READINGS];
  uint64_t best = 0;
  unsigned seen = 0;
  mst_status st = MST_OK;
  const int n = mst__readings(&l->lexicon->words, l->word, (int)pos - 1, r);
  for (int i = 0; i < n; i++) best = r[i].weight > best ? r[i].weight : best;
  for (int i = 0; !st && i < n; i++) {
    if (r[i].weight < best || seen >> r[i].pos & 1) continue;
    if (r[i].pos == 1 && r[i].inflection == MST__BASE && mst__is_invariable(l->word)) continue;
    seen |= 1u << r[i].pos;
    st = give_reading(l, &r[i]);
  }
  return st;
}

static mst_status find_in_ppdb(look_up *l, mst_pos pos) {
  mst_slice alternative;
  mst_pos its;
  mst_status st = MST_OK;
  for (int64_t k = 0; !st && mst__ppdb_find(l->lexicon->ppdb, l->word, k, &alternative, &its); k++)
    if (pos == MST_POS_ANY || its == MST_POS_ANY || its == pos) st = give(l, alternative, its);
  return st;
}

mst_status mst_lexicon_find(const mst_lexicon *lexicon, mst_slice word, mst_pos pos,
                            mst_lexicon_fn *emit, void *payload) {
  look_up l = {.lexicon = lexicon, .word = word, .emit = emit, .payload = payload};
  if (word.len < MIN_BYTES || is_function_word(word)) return MST_OK;
  return lexicon->ppdb ? find_in_ppdb(&l, pos) : find_in_wordnet(&l, pos);
}
