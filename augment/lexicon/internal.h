/* internal.h: what the files of lexicon/ share: mapped files, WordNet's tables, readings of a word.
 *
 * In: WordNet's data files or a file of paraphrases, which are input and may be damaged. Out:
 * alternatives of a word (lexicon.h). Everything is read only once opened.
 */
#ifndef MISSTEP_AUGMENT_LEXICON_INTERNAL_H
#define MISSTEP_AUGMENT_LEXICON_INTERNAL_H

#include <stdint.h>

#include "lexicon.h"

enum { MST__WN_POS = 4, MST__WORD_BYTES = 128 };

/* A file's bytes. */
typedef struct mst__map {
  char *path; /* owned, for messages */
  const uint8_t *bytes;
  int64_t n;
  int borrowed; /* the bytes are somebody else's */
} mst__map;

/* Map folder/name (name NULL: folder is the path). MST_E_IO with the system's words, MST_E_NOMEM.
 * *out is changed on success only. */
mst_status mst__map_open(const char *folder, const char *name, mst__map *out);
void mst__map_close(mst__map *map);
/* Raise MST_E_FORMAT "path:line: what" for the byte at `at`. */
mst_status mst__map_fail(const mst__map *map, int64_t at, const char *what);

/* Is this UTF-8, without zero bytes? */
int mst__is_utf8(mst_slice text);

/* A lemma of one part of speech. */
typedef struct mst__lemma {
  uint32_t at;      /* its line in the index, + 1; 0: none */
  uint32_t offsets; /* where the line's synset offsets begin */
  uint16_t n;       /* of them */
  uint16_t tag;     /* bits of the hash: tells most other words without a look into the file */
  uint32_t count;   /* how often texts tagged by WordNet's authors hold it */
} mst__lemma;

/* An irregular form. Chains of equal forms and of equal bases go through next_*. */
typedef struct mst__exception {
  mst_slice form, base; /* in the map */
  int32_t next_form, next_base;
} mst__exception;

typedef struct mst__exceptions {
  mst__exception *item;
  int32_t n;
  int32_t *by_form, *by_base; /* [mask + 1], item + 1 */
  uint64_t mask;
} mst__exceptions;

/* Parts of speech by number: 0 noun, 1 verb, 2 adjective, 3 adverb. */
typedef struct mst__wordnet {
  mst__map index[MST__WN_POS], data[MST__WN_POS], exc[MST__WN_POS], counts;
  mst__lemma *lemma[MST__WN_POS]; /* [mask + 1], open addressing */
  uint64_t mask[MST__WN_POS];
  mst__exceptions irregular[MST__WN_POS];
  int32_t max_senses;
} mst__wordnet;

/* Map the files of a folder. MST_E_IO, MST_E_NOMEM; close it then, too. */
mst_status mst__wordnet_map(const char *folder, mst__wordnet *w);
/* Check the mapped files and make the tables. MST_E_FORMAT "file:line: ...", MST_E_NOMEM. */
mst_status mst__wordnet_read(mst__wordnet *w);
mst_status mst__exceptions_read(const mst__map *map, mst__exceptions *out);
void mst__exceptions_close(mst__exceptions *x);
void mst__wordnet_close(mst__wordnet *w);
/* A lemma, or NULL. */
mst__lemma *mst__lemma_find(const mst__wordnet *w, int pos, mst_slice word);
/* Items of one form or base; -1 ends a chain. */
int32_t mst__exception_by_form(const mst__exceptions *x, mst_slice form);
int32_t mst__exception_by_base(const mst__exceptions *x, mst_slice base);

/* The words of a synset, one after another. */
typedef struct mst__synset {
  const uint8_t *p, *end;
  int32_t left;
} mst__synset;

/* Begin. MST_E_FORMAT. */
mst_status mst__synset_open(const mst__map *data, int64_t offset, mst__synset *out);
/* The next word as the file has it ('_' for spaces), without its marker: 1; at the end 0; -1 when
 * the line is damaged. *marked: it has one, "(p)" say, that tells where it may stand. */
int mst__synset_next(mst__synset *s, mst_slice *word, int *marked);
/* Synset offset k of a lemma. */
int64_t mst__lemma_offset(const mst__wordnet *w, int pos, const mst__lemma *lemma, int32_t k);

typedef enum mst__inflection {
  MST__BASE,
  MST__PLURAL,
  MST__THIRD,      /* adds */
  MST__ING,        /* adding */
  MST__PAST,       /* took */
  MST__PARTICIPLE, /* taken */
  MST__PAST_BOTH,  /* added: one of the two */
  MST__COMPARATIVE,
  MST__SUPERLATIVE
} mst__inflection;

/* One way to read a word. */
typedef struct mst__reading {
  int pos;
  mst__inflection inflection;
  const mst__lemma *lemma;
  uint64_t weight; /* larger: more usual */
} mst__reading;

enum { MST__MAX_READINGS = 32 };

/* All readings of a word in one part of speech, or in all of them (pos -1). */
int mst__readings(const mst__wordnet *w, mst_slice word, int pos,
                  mst__reading out[MST__MAX_READINGS]);
/* What an irregular form is of its base. */
mst__inflection mst__irregular_kind(const mst__wordnet *w, int pos, mst_slice form, mst_slice base);
/* Is this a verb whose past is the verb itself? */
int mst__is_invariable(mst_slice verb);
/* Write the lemma, '_' become spaces, in an inflection. Returns the bytes written; 0: there is no
 * form that is surely right. */
int64_t mst__inflect(const mst__wordnet *w, int pos, mst__inflection inflection, mst_slice lemma,
                     uint8_t out[MST__WORD_BYTES]);

/* Make a lexicon of mapped files, which are taken over or closed. MST_E_FORMAT, MST_E_NOMEM. */
mst_status mst__lexicon_take(mst__wordnet *mapped, const mst_lexicon_options *options,
                             mst_lexicon **out);

/* A file of paraphrases in PPDB's text format. */
typedef struct mst__ppdb mst__ppdb;

/* Check and index it; the map is taken over on success. MST_E_FORMAT "file:line: ...",
 * MST_E_NOMEM. */
mst_status mst__ppdb_create(mst__map *map, mst__ppdb **out);
void mst__ppdb_free(mst__ppdb *ppdb);
/* Alternative k of a word, best first: 1, or 0 behind the last. */
int mst__ppdb_find(const mst__ppdb *ppdb, mst_slice word, int64_t k, mst_slice *alternative,
                   mst_pos *pos);

static inline int mst__ends_with(mst_slice word, const char *end) {
  int64_t n = 0;
  while (end[n]) n++;
  if (word.len < n) return 0;
  for (int64_t i = 0; i < n; i++)
    if (word.ptr[word.len - n + i] != (uint8_t)end[i]) return 0;
  return 1;
}

#endif
