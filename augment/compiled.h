/* compiled.h: rules as the engine reads them: flat tables and numbers.
 *
 * In: a builder. Out: a trie over words, and for each phrase in it what may be written instead.
 * Read only once made, so that threads share it and a device can hold it.
 */
#ifndef MISSTEP_AUGMENT_COMPILED_H
#define MISSTEP_AUGMENT_COMPILED_H

#include <regex.h>

#include "body/match.h"
#include "internal.h"
#include "misstep/maths.h"
#include "misstep/tokens.h"

/* Strings with numbers 0 .. n-1, found by hash. */
typedef struct mst__words {
  mst_buffer bytes;
  mst__list start; /* int64_t, n + 1 of them once there is one */
  int32_t *slot;   /* [mask + 1] number + 1, 0: free */
  int64_t mask, n;
} mst__words;

mst_status mst__words_init(mst__words *w);
void mst__words_fini(mst__words *w);
/* Number of a string, added if it is new. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst__words_add(mst__words *w, mst_slice s, int32_t *out);
/* Number of a string, or -1. */
int32_t mst__words_find(const mst__words *w, mst_slice s);
mst_slice mst__words_at(const mst__words *w, int32_t i);

/* The trie, as the search for matches has it (misstep/matches.h). */
typedef mst_match_wild mst__wild;
typedef mst_match_node mst__node;
typedef mst_match_entry mst__entry;

/* What may be written: a target, and what the capitals of a rule mean. */
typedef struct mst__alt {
  int32_t target;
  int32_t capitals; /* mst__capitals */
} mst__alt;
typedef enum mst__capitals {
  MST__CAPITAL_TARGET, /* none in what is replaced: one in the target is its spelling */
  MST__CAPITAL_BOTH,   /* those of sentences: the target follows the text */
  MST__CAPITAL_SOURCE  /* the spelling of what is replaced ("I"), and says nothing of a sentence */
} mst__capitals;

/* How a replacement is written. */
typedef enum mst__case { MST__AS_IS, MST__LOWER_FIRST, MST__UPPER_FIRST, MST__UPPER_ALL } mst__case;
enum { MST__CASES = 4 };

typedef struct mst__target {
  int64_t at; /* in target_bytes */
  int32_t len;
  uint8_t has_slot;
  uint8_t plain; /* mst__is_plain */
} mst__target;

/* What a match of a regular expression begins with: n sets of bytes, some of them repeated; n 0:
 * nothing is known. */
enum { MST__MAX_LEAD = 4 };
typedef struct mst__bytes {
  uint64_t bit[4];
} mst__bytes;
typedef struct mst__lead {
  mst__bytes set[MST__MAX_LEAD];
  uint8_t repeats[MST__MAX_LEAD];
  uint8_t first[256]; /* is the byte in the first set? */
  uint8_t is_maths;   /* the first set holds nothing but what mst__is_mathsy knows */
  int n;
} mst__lead;

mst__lead mst__lead_of(const char *expression);
/* Could the expression match something in the text that begins at bytes begin .. end-1? */
int mst__lead_in(const mst__lead *lead, mst_slice text, int64_t begin, int64_t end);

struct mst_rules {
  mst_rules_counts counts;
  mst__words words;    /* of the phrases that are looked for, lower case */
  mst__words suffixes; /* what touches slots */
  mst__list nodes;     /* mst__node; 0 is the root */
  mst__list wilds;     /* mst__wild */
  mst__list entries;   /* mst__entry */
  mst__list alts;      /* mst__alt */
  uint64_t *edge_key;  /* [edge_mask + 1] node << 32 | label, 0: free */
  int32_t *edge_child;
  int64_t edge_mask, n_edges;
  int32_t *root;       /* [words.n] child of the root, or -1 */
  mst__target *target; /* [n_targets] */
  int32_t n_targets;
  mst_buffer target_bytes;
  mst_pieces *cased; /* target t in case c is document MST__CASES * t + c; empty if it has slots */
  mst__rule *rule;   /* [n_rules] */
  mst_match_rule *when; /* [n_rules] what the search for matches knows of them */
  int32_t n_rules;
  mst_strings names; /* [n_rules] */
  mst_strings labels;
  regex_t *expression; /* [n_expressions] */
  mst__lead *lead;     /* [n_expressions] */
  int32_t n_expressions;
  mst_program program;
};

/* Child along a word, or -1. */
static inline int32_t mst__child(const mst_rules *r, int32_t node, int32_t word, int gap) {
  return mst_body_child(r->nodes.items, r->edge_key, r->edge_child, (uint64_t)r->edge_mask, node,
                        word, gap);
}

/* Compile the patterns from `first_pattern` on, whose expansions begin at first_expansion; the rest
 * is copied too if it is 0. MST_E_FORMAT "name:line:column: ..." for a phrase that does not begin
 * and end with a word. */
mst_status mst__compile(const mst_rules_builder *b, int64_t first_pattern, int64_t first_expansion,
                        const char *name, mst_rules **out);

/* Copy rules, names, labels, regular expressions and program, as they were read. MST_E_NOMEM. */
mst_status mst__compile_rest(const mst_rules_builder *b, mst_rules *r);

/* Cut texts on the host: mst_pieces_create on the CPU, whose result needs no backend any more.
 * MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst__cut(const mst_text *text, int n_threads, mst_pieces **out);

/* Cut a builder's expansions from `first` on, in lower case. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst__cut_lower(const mst_rules_builder *b, int64_t first, mst_pieces **out);

/* Trie. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst__trie_init(mst_rules *r);
mst_status mst__trie_step(mst_rules *r, int32_t *node, int32_t word, int gap);
mst_status mst__trie_step_wild(mst_rules *r, int32_t *node, int32_t kind, int32_t suffix, int gap);

/* May text hold maths: digits, operators, brackets? Then tokens of maths.h may change. */
int mst__is_mathsy(mst_slice text);

/* Do words of two letters or more stand there, and nothing that is mathsy? Behind such a text the
 * scanner of maths.h goes on as behind any other word. */
int mst__is_plain(mst_slice text);

/* Write a text in a case, in place. ASCII letters only. */
void mst__case_write(uint8_t *text, int64_t len, mst__case how);

#endif
