/* engine.h: what the engine's files share: one document laid open, and what could be done to it. */
#ifndef MISSTEP_AUGMENT_ENGINE_H
#define MISSTEP_AUGMENT_ENGINE_H

#include "augment.h"
#include "body/choose.h"
#include "compiled.h"

enum {
  MST__MAX_EDITS = 16,
  MST__MAX_PICKS = 2 * MST__MAX_EDITS + 1, /* with corrected articles */
  MST__MAX_ATTEMPTS = 4                    /* a copy */
};

/* Codes of rules behind those of rule files. */
enum { MST__RULE_OPERATION = -1, MST__RULE_ARTICLE = -32, MST__RULE_LEXICON = -33 };

struct mst_augmenter {
  const mst_rules *rules;
  const mst_lexicon **lexicon; /* [n_lexicons] */
  int n_lexicons;
  mst_program program;
  uint32_t wanted;           /* bits of operations that some step names */
  uint32_t matched;          /* bits of operations that candidates are looked for */
  mst_choice_program choice; /* the program as kernels have it: a kind is an operation */
};

/* How the letters of a word are written. */
typedef enum mst__letters { MST__NO_LETTER, MST__SMALL, MST__CAPITAL, MST__CAPITALS } mst__letters;

/* What a word says about the one behind it. */
enum { MST__DETERMINER = MST_MATCH_DETERMINER, MST__MODAL = MST_MATCH_MODAL, MST__ARTICLE = 4 };

/* What a piece makes its documents: scanned for maths (mst__is_mathsy); scanned as a whole (beyond
 * ASCII, or a backslash); searched for LaTeX (a backslash or a dollar sign). */
enum { MST__MATHSY = 1, MST__WHOLE = 2, MST__LATEX = 4 };

/* What is known about a distinct piece, and what lexicons say of it. */
typedef mst_match_type mst__type;
typedef mst_match_lexical mst__lexical;
typedef mst_match_lex mst__lex;

struct mst_augment_batch {
  const mst_augmenter *a;
  const mst_text *text;
  mst_pieces *pieces;
  mst__type *type;       /* [pieces->types.n] */
  mst__lexical *lexical; /* [pieces->types.n], NULL: no lexicon is asked */
  mst__list lex;         /* mst__lex */
  mst_buffer lex_bytes;
  mst_matches matches; /* rules and distinct pieces; the documents are missing */
};

/* What a document consists of, and what could be written in it. */
typedef mst_match_unit mst__unit;
typedef mst_match_token mst__token;
typedef mst_match mst__candidate;
typedef mst_capture mst__capture;
enum { MST__MATHS = MST_MATCH_IS_MATHS, MST__USER = MST_MATCH_IS_USER };

/* A document laid open, and room to work in. */
typedef struct mst__doc {
  const mst_augment_batch *batch;
  mst_slice text;
  uint64_t label; /* bit; 0: unknown */
  int any_label;
  mst__list units;      /* mst__unit */
  mst__list tokens;     /* mst__token, of the document */
  mst__list candidates; /* mst__candidate, left to right */
  mst__list captures;   /* mst__capture */
  int signs;            /* of all pieces */
  int n_words;
  int is_guarded;          /* some unit is MST__USER */
  mst_buffer copy;         /* text of the copy that is being made */
  mst__list scanned;       /* mst__token, of the copy */
  mst__list seen;          /* uint64_t, hashes of the record and its copies */
  mst__list choices;       /* mst_candidate, of candidates */
  uint32_t noise;          /* bits of operations without rules that can do something */
  int32_t limit;           /* words that a second edit may bring a copy to */
  const uint8_t *n_drawn;  /* [n_copies] choices of first attempts, or NULL: not yet drawn */
  const mst_choice *drawn; /* [n_copies * choice.max] */
  int64_t n_possible;      /* different copies, at most */
  mst_buffer scratch;
} mst__doc;

static inline mst__unit *mst__unit_at(const mst__doc *d, int64_t i) {
  return MST__AT(d->units, mst__unit, i);
}

static inline const mst__type *mst__type_of(const mst__doc *d, const mst__unit *u) {
  return &d->batch->type[u->type];
}

/* An edit that was chosen. */
typedef struct mst__pick {
  int32_t first, last; /* units */
  int32_t replacement, rule;
  int keeps_value;
  int plain; /* mst__is_plain of the replacement */
} mst__pick;

void mst__doc_init(mst__doc *d, const mst_augment_batch *batch);
void mst__doc_fini(mst__doc *d);
/* Make the copies of a document that is open. MST_E_NOMEM. */
mst_status mst__copies_make(mst__doc *d, int64_t doc, const mst_augment_record *record,
                            uint64_t seed, mst_edits *out);
/* Leave nothing in edits but their memory. */
void mst__edits_forget(mst_edits *edits);
/* Lay document `doc` open: units and guards, candidates too. MST_E_NOMEM. */
mst_status mst__doc_lay_open(mst__doc *d, int64_t doc, int32_t label);
mst_status mst__doc_open(mst__doc *d, int64_t doc, int32_t label);
/* Tokens of maths in bytes begin .. end-1 of a text that are no words; what stands before and
 * behind is not looked at. MST_E_NOMEM. */
mst_status mst__scan(mst_slice text, int64_t begin, int64_t end, mst__list *tokens);
/* Must such a text be scanned as a whole: beyond ASCII, or with commands of LaTeX, which remember
 * more? */
int mst__scans_whole(mst_slice text);
/* The tokens of a document whose units are known. MST_E_NOMEM. */
mst_status mst__scan_units(mst__doc *d);
/* Mark what the user's regular expressions protect. MST_E_NOMEM. */
mst_status mst__guard_expressions(mst__doc *d);
/* Find what rules and lexicons could write. MST_E_NOMEM. */
mst_status mst__match(mst__doc *d);
/* The same, where a backend has found it already. MST_E_NOMEM. */
mst_status mst__match_take(mst__doc *d, const mst_match *match, int64_t n,
                           const mst_capture *capture, int64_t n_captures);

/* Are units first .. last a part of a longer word: behind or before an apostrophe, or a hyphen? */
int mst__is_part(const mst__doc *d, int64_t first, int64_t last, int hyphens);
/* Write the copy that sorted picks make into d->copy. *same: is its maths the record's?
 * MST_E_NOMEM. */
mst_status mst__copy_write(mst__doc *d, const mst_edits *out, const mst__pick *picks, int n);
mst_status mst__copy_check(mst__doc *d, const mst_edits *out, const mst__pick *picks, int n,
                           int *same);

typedef mst_body_draws mst__draws;

/* Draw k (below 2^16) as 64 bits, or as a number below n. */
uint64_t mst__draw(const mst__draws *draws, uint32_t k);
uint32_t mst__draw_below(const mst__draws *draws, uint32_t k, uint64_t n);

/* Choose a copy's edits. *n_picks 0: nothing applies. Strings go to `out`. MST_E_NOMEM. */
mst_status mst__choose(mst__doc *d, const mst__draws *draws, mst_edits *out,
                       mst__pick picks[MST__MAX_PICKS], int *n_picks);
/* Are units first .. last free of the picks so far? */
int mst__is_free(const mst__pick *picks, int n, int32_t first, int32_t last);
/* Make picks by an operation that needs no rule; *n grows by none, one or two. MST_E_NOMEM. */
mst_status mst__noise(mst__doc *d, mst_operation operation, const mst__draws *draws, uint32_t k,
                      mst_edits *out, mst__pick *picks, int *n);
/* Units first .. last that are words. */
int32_t mst__n_words(const mst__doc *d, int32_t first, int32_t last);
/* Could this operation do anything here? */
int mst__noise_can(const mst__doc *d, mst_operation operation);
/* Correct a and an before picks, which are sorted. MST_E_NOMEM. */
mst_status mst__articles(mst__doc *d, mst_edits *out, mst__pick *picks, int *n);
/* The case that units first .. last are written in. */
mst__case mst__text_case(const mst__doc *d, int32_t first, int32_t last);
/* The case that an alternative of the rules is written in, where the text is written in `how`. */
mst__case mst__alt_case(const mst__doc *d, const mst__candidate *c, const mst__alt *alt,
                        mst__case how);
/* Write alternative `alt` of a candidate for a text in case `how`. MST_E_NOMEM. */
mst_status mst__candidate_write(const mst__doc *d, const mst__candidate *c, int32_t alt,
                                mst__case how, mst_buffer *out);
/* End the string that was appended to out->bytes, as the pick's replacement. MST_E_NOMEM. */
mst_status mst__string_end(mst_edits *out, mst__pick *pick);

/* The bytes of a replacement: borrowed, and the case in which they are to be written. */
mst_slice mst__replacement(const mst_augment_batch *batch, const mst_edits *edits,
                           int32_t replacement, mst__case *how);

#endif
