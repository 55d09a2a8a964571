/* matches.h: where patterns of words and slots match in documents: a trie is walked from each unit.
 *
 * In: patterns as a trie over words, what is known of each distinct piece, documents as units
 * (pieces that are no white space) with the tokens of maths among them. Out: for each document its
 * matches, from left to right. Next stage: draws (choices.h).
 */
#ifndef MISSTEP_MATCHES_H
#define MISSTEP_MATCHES_H

#include <stdint.h>

#include "misstep/backend.h"
#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  MST_MATCH_SLOTS = 4,    /* of a pattern */
  MST_MATCH_DEPTH = 64,   /* words and slots of a pattern */
  MST_MATCH_LIMIT = 4096, /* matches of a document; later ones are left out */
  MST_MATCH_BREAK = 2     /* gap of a unit behind a line break: no pattern goes on */
};

/* What a slot takes: a number; one but 1; a word; numbers with an operator between them. */
typedef enum mst_match_slot {
  MST_MATCH_NUMBER,
  MST_MATCH_MANY,
  MST_MATCH_WORD,
  MST_MATCH_EXPRESSION
} mst_match_slot;

/* Part of speech, and what a word says about the one behind it. */
enum { MST_MATCH_ANY_POS, MST_MATCH_NOUN, MST_MATCH_VERB };
enum { MST_MATCH_DETERMINER = 1, MST_MATCH_MODAL = 2 };

/* Guards of a unit: maths, or what a user protects. */
enum { MST_MATCH_IS_MATHS = 1, MST_MATCH_IS_USER = 2 };

/* Signs that join words: an apostrophe, a hyphen. */
enum { MST_MATCH_APOSTROPHE = 1, MST_MATCH_HYPHEN = 2 };

/* A node of the trie. */
typedef struct mst_match_node {
  int32_t wild, out; /* its first slot edge and its first pattern, -1: none */
  uint64_t words;    /* mst_body_label_bit of its edges along words: most that are asked for are
                        none */
} mst_match_node;

/* An edge for a slot behind which the rest of the same word is `suffix`. */
typedef struct mst_match_wild {
  int32_t kind, suffix; /* mst_match_slot; number of a suffix, -1: none */
  int32_t gap, child;
  int32_t next; /* the next one of the same node, -1: none */
} mst_match_wild;

/* A pattern that ends at a node. */
typedef struct mst_match_entry {
  int32_t rule; /* -1: it protects */
  int32_t next; /* the next one of the same node, -1: none */
  int32_t first_alt, n_alts;
  int32_t line, column; /* the caller's */
  int8_t n_slots;
  uint8_t slot[MST_MATCH_SLOTS]; /* marks in the order in which they are matched */
  int8_t only_slot;              /* the caller's */
} mst_match_entry;

/* When a rule applies, and what its matches carry. */
typedef struct mst_match_rule {
  uint64_t label, no_label; /* bits: only for these (0: all), not for those */
  uint64_t p;
  uint32_t weight;
  uint8_t kind, pos;
  uint8_t keeps_value, korean;
} mst_match_rule;

/* A distinct piece. */
typedef struct mst_match_type {
  int32_t word;      /* number of its lower case, -1: no pattern has it */
  int32_t stem;      /* of a Korean word with particles, or -1 */
  int32_t node;      /* what begins with the word, -1: nothing does */
  int32_t stem_node; /* what begins with the stem, -1 */
  int32_t stem_len;  /* bytes of it */
  int32_t len;       /* bytes */
  uint8_t kind;      /* mst_piece_kind */
  uint8_t role;      /* MST_MATCH_DETERMINER | MST_MATCH_MODAL, other bits are the caller's */
  uint8_t joint;     /* MST_MATCH_APOSTROPHE, MST_MATCH_HYPHEN or 0 */
  uint8_t is_s;      /* the letter s */
  uint8_t signs, letters, ascii, breaks; /* the caller's */
} mst_match_type;

/* A piece that is no white space. */
typedef struct mst_match_unit {
  int32_t piece;      /* in the document: the caller's */
  int32_t begin, end; /* bytes in the document */
  int32_t token;      /* of maths that begins where it does, -1: none */
  int32_t type;
  uint8_t gap;   /* before it: 0 nothing, 1 white space, MST_MATCH_BREAK also at the beginning */
  uint8_t guard; /* MST_MATCH_IS_MATHS | MST_MATCH_IS_USER */
} mst_match_unit;

/* A token of maths that is no word. */
typedef struct mst_match_token {
  int32_t begin, end; /* bytes in the text */
  int32_t kind;       /* mst_maths_kind */
  uint64_t hash;      /* the caller's */
} mst_match_token;

/* What lexicons say of a distinct piece: so many alternatives; and one of them. */
typedef struct mst_match_lexical {
  int32_t first, n;
} mst_match_lexical;
typedef struct mst_match_lex {
  int64_t at; /* the caller's */
  int32_t len, lexicon;
  int32_t pos;
} mst_match_lex;

/* What is to be found. All arrays are the host's. */
typedef struct mst_matches {
  /* the trie; node 0 is the root */
  int64_t n_nodes, n_wilds, n_entries, n_rules, n_edges, n_suffixes;
  const mst_match_node *node;         /* [n_nodes] */
  const mst_match_wild *wild;         /* [n_wilds] */
  const mst_match_entry *entry;       /* [n_entries] */
  const mst_match_rule *rule;         /* [n_rules] */
  const uint64_t *edge_key;           /* [n_edges], a power of 2: node << 32 | label, 0: free */
  const int32_t *edge_child;          /* [n_edges] */
  const int64_t *suffix_start;        /* [n_suffixes + 1] */
  const uint8_t *suffix;              /* [suffix_start[n_suffixes]] */
  uint32_t kinds;                     /* bits: rules of other kinds find nothing */
  int32_t protects;                   /* kind of matches that protect */
  int32_t lexicon_kind, lexicon_rule; /* kind of matches of lexicons; their rule, less its number */
  /* distinct pieces */
  int64_t n_types, n_lex;
  const mst_match_type *type;       /* [n_types] */
  const mst_match_lexical *lexical; /* [n_types], NULL: no lexicon */
  const mst_match_lex *lex;         /* [n_lex] */
  /* documents */
  int64_t n_docs;
  const uint8_t *text;          /* [text_start[n_docs]] */
  const int64_t *text_start;    /* [n_docs + 1], text_start[0] is 0 */
  const int64_t *unit_ptr;      /* [n_docs + 1], unit_ptr[0] is 0 */
  const mst_match_unit *unit;   /* [unit_ptr[n_docs]] */
  const int64_t *token_ptr;     /* [n_docs + 1], token_ptr[0] is 0 */
  const mst_match_token *token; /* [token_ptr[n_docs]] */
  const uint64_t *label;        /* [n_docs] bit; 0: unknown */
  const uint8_t *any_label;     /* [n_docs] rules for whatever labels apply */
} mst_matches;

/* Something that could be written at a place. */
typedef struct mst_match {
  int32_t first, last; /* units */
  int32_t rule;
  int32_t kind;
  uint64_t p;
  uint32_t weight;
  int32_t first_alt, n_alts;
  int32_t first_capture; /* of the document's */
  int32_t n_particles;   /* bytes behind a Korean noun, the last ones of the last unit */
  int8_t n_captures;
  uint8_t keeps_value;
  uint16_t zero;
} mst_match;

/* What a slot of a pattern has matched. */
typedef struct mst_capture {
  int32_t begin, end; /* bytes in the document */
  int32_t mark;
} mst_capture;

/* The matches of documents, in the host's memory. */
typedef struct mst_match_lists {
  int64_t n_docs;
  int64_t *match_ptr;   /* [n_docs + 1] */
  mst_match *match;     /* [match_ptr[n_docs]] of a document from left to right */
  int64_t *capture_ptr; /* [n_docs + 1] */
  mst_capture *capture; /* [capture_ptr[n_docs]] */
} mst_match_lists;

/* Find all matches. *out only on success; free with mst_match_lists_fini. MST_E_ARG, MST_E_NOMEM,
 * MST_E_DEVICE. Exact; the same bytes on any backend, for any number of threads. */
mst_status mst_matches_find(mst_backend *backend, const mst_matches *matches, mst_match_lists *out);
void mst_match_lists_fini(mst_match_lists *lists);

#ifdef __cplusplus
}
#endif
#endif
