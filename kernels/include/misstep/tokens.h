/* tokens.h: a corpus as integers. Tokenise once; everything after is integer work.
 *
 * In: D texts (text.h). Out: (1) mst_pieces, the lossless array: every byte of the text belongs to
 * a piece, so the text can be written back and every analyzer reads the same array; (2) mst_tokens,
 * what one analyzer sees: the ids of its units per document. Next stage: counts (features).
 */
#ifndef MISSTEP_TOKENS_H
#define MISSTEP_TOKENS_H

#include <stdint.h>

#include "misstep/backend.h"
#include "misstep/status.h"
#include "misstep/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What kind of run a piece is. Word characters are Python's \w: str.isalnum() or '_'. */
typedef enum mst_piece_kind { MST_PIECE_WORD, MST_PIECE_SPACE, MST_PIECE_OTHER } mst_piece_kind;

/* A corpus cut into maximal runs of word characters, of white space, of anything else.
 * One U+0020 alone between two pieces is not stored: it is the low bit of the piece before it.
 *     entry = id * 2 + (1 when one space follows)
 * ids are ranks of the spellings in byte order, so they depend on the corpus alone, not on threads.
 */
typedef struct mst_pieces {
  int64_t n_docs;    /* D */
  int64_t *doc_ptr;  /* [D + 1], at home */
  uint32_t *entry;   /* [n_entries], at home */
  mst_strings types; /* spellings, sorted by bytes, distinct; at most 2^31-1 */
  uint8_t *kind;     /* [types.n] mst_piece_kind */
  int64_t n_entries; /* doc_ptr[D] */
  mst_backend *home; /* whose memory doc_ptr and entry are; NULL: the host's */
} mst_pieces;

/* Cut a corpus into pieces.
 *   text  valid UTF-8
 * MST_E_ARG: an argument is missing. MST_E_NOMEM, MST_E_DEVICE, MST_E_LIMIT (more than 2^31-1
 * distinct spellings). Exact; the same bytes on any backend, for any number of threads.
 * A document that begins with a single space stores it as a piece of its own. */
mst_status mst_pieces_create(mst_backend *backend, const mst_text *text, mst_pieces **out);

/* Before the backend is closed. */
void mst_pieces_free(mst_pieces *pieces);

/* Append document d's text, exactly as it was, to a buffer's bytes. Home must be the host
 * (mst_backend_is_host).
 *   out, capacity_bytes  where to write; returns the length of the document. If that is more than
 *                        capacity_bytes, what stands in out is not to be used. */
int64_t mst_pieces_write(const mst_pieces *pieces, int64_t d, uint8_t *out, int64_t capacity_bytes);

typedef enum mst_analyzer {
  MST_ANALYZER_WORD,    /* --analyzer word: token_pattern (?u)\b\w\w+\b, or a regular expression */
  MST_ANALYZER_CHAR,    /* char: runs of white space collapse; units are code points */
  MST_ANALYZER_CHAR_WB, /* char_wb: units are white-space separated words; n-grams inside ' w ' */
  MST_ANALYZER_MATHS    /* maths: the grammar is in maths.h */
} mst_analyzer;

typedef enum mst_accents { MST_ACCENTS_KEEP, MST_ACCENTS_ASCII, MST_ACCENTS_UNICODE } mst_accents;

/* How text becomes units. scikit-learn's names and order: lowercase, strip_accents, then tokens. */
typedef struct mst_token_options {
  mst_analyzer analyzer;     /* --analyzer */
  int lowercase;             /* --lowercase */
  mst_accents strip_accents; /* --strip-accents */
  const char *token_pattern; /* --token-pattern; NULL is the default pattern's fast path. PCRE2, at
                                most one group; word analyzer only. Borrowed. */
} mst_token_options;

/* scikit-learn's defaults: word, lower case, accents kept, the default pattern. */
mst_token_options mst_token_options_default(void);

/* What one analyzer sees. Units of WORD and MATHS are tokens, of CHAR code points, of CHAR_WB
 * words. ids are ranks of the spellings in byte order. */
typedef struct mst_tokens {
  mst_analyzer analyzer;
  int64_t n_docs;    /* D */
  int64_t *doc_ptr;  /* [D + 1], at home */
  int32_t *id;       /* [n_tokens], 0 .. types.n-1, at home */
  mst_strings types; /* spellings, sorted by bytes, distinct; each occurs at least once */
  int joinable;     /* 1: every byte of every spelling is above 0x20, so the order of n-grams joined
                        by a space is the order of their rank tuples and no two joins collide.
                        0 (possible with token_pattern, which may also give
                        empty tokens, and with char): n-grams must be compared as strings. */
  int64_t n_tokens; /* doc_ptr[D] */
  mst_backend *home; /* whose memory doc_ptr and id are; NULL: the host's */
} mst_tokens;

/* Run an analyzer over a corpus.
 *   pieces  made by this backend
 * MST_E_ARG: an argument is missing; token_pattern does not compile (message has PCRE2's words and
 * the offset), has more than one group, or comes with another analyzer than word. MST_E_ADAPTER:
 * PCRE2 gave up on a text (a pattern that backtracks without end). MST_E_NOMEM, MST_E_DEVICE,
 * MST_E_LIMIT.
 * Exact: equal to scikit-learn's analyzer, where Python and utf8proc know the same code points
 * (tests/golden/tokens/unicode_differences.txt lists the others); the same bytes on any backend. */
mst_status mst_tokens_create(mst_backend *backend, const mst_pieces *pieces,
                             const mst_token_options *options, mst_tokens **out);

/* Before the backend is closed. */
void mst_tokens_free(mst_tokens *tokens);

#ifdef __cplusplus
}
#endif
#endif
