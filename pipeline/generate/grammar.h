/* grammar.h: patterns of text with alternatives and slots, inside pipeline/generate only.
 *
 * In: patterns written in the tables:
 *     [a|b|c]   one of the alternatives, each as likely (nested freely; a repeated one counts
 *     twice)
 *     {name}    a slot: a number (numbers.c), a rule (rules.c), a field of the record's topic
 *               (topics.c), or body, remark, own, other: set by the record's family
 * Out: a flat program, and texts by running it with indexed draws.
 */
#ifndef MISSTEP_GENERATE_GRAMMAR_H
#define MISSTEP_GENERATE_GRAMMAR_H

#include <stddef.h>
#include <stdint.h>

#include "generate/generate.h"

/* Labels in Table 1's order. */
enum {
  CONCEPT,
  CALCULATION,
  COMPREHENSION,
  PROCESS,
  UNIT,
  INEQUALITY,
  GRAPH,
  CONDITION,
  OTHER,
  NO_LABEL
};

/* How a family's pattern continues "The student ...": a verb phrase, or a noun phrase. */
typedef enum mst__kind { VERB, NOUN } mst__kind;

/* One family. Unique: second is NO_LABEL, weight is relative to the label's other families. Shared:
 * weight is relative to the other shared families, first_share is P(first | family) before
 * noise. */
typedef struct mst__family {
  int8_t first, second;
  mst__kind kind;
  double weight;
  double first_share;
  uint32_t topics; /* bit t: topic t may be the record's; 0: any */
  const char *pattern;
} mst__family;

typedef struct mst__rule {
  const char *name;
  const char *pattern;
} mst__rule;

enum { TOPIC_PHRASE, TOPIC_OBJECT, TOPIC_SKILL, TOPIC_EXPRESSION, TOPIC_ANSWER, N_TOPIC_FIELDS };

typedef struct mst__topic {
  const char *name;
  uint8_t grades; /* bit g: grade g */
  const char *field[N_TOPIC_FIELDS];
} mst__topic;

/* Topics, in the order of mst__topics. */
enum {
  FRACTIONS,
  DECIMALS,
  AREA,
  PERIMETER,
  VOLUME,
  ANGLES,
  RATIO,
  SPEED,
  GRAPHS,
  TIME,
  MONEY,
  PLACE_VALUE,
  EQUATIONS,
  PERCENT,
  LENGTH,
  AVERAGES,
  N_TOPICS
};
#define TOPIC(t) (UINT32_C(1) << (t))

extern const mst__topic mst__topics[N_TOPICS];
extern const mst__rule mst__rules[];
extern const int32_t mst__n_rules;
extern const char *const mst__remarks[MST_GENERATE_N_LABELS]; /* "this, at least, is right" */
extern const char *const mst__acts[MST_GENERATE_N_LABELS];    /* what is done well or badly */
extern const char *const mst__frames[2];                      /* by mst__kind */

/* The tables of families, one list a file. */
typedef struct mst__family_list {
  const mst__family *family;
  int32_t n;
} mst__family_list;
enum { N_FAMILY_LISTS = 5 };
extern const mst__family_list mst__families_frequent, mst__families_middle, mst__families_rare,
    mst__families_contrast, mst__families_shared;

typedef struct mst__grammar mst__grammar;

/* Compile all tables. MST_E_NOMEM. A mistake in a table is a programming error (assert). */
mst_status mst__grammar_create(mst__grammar **out);
void mst__grammar_free(mst__grammar *grammar);
int32_t mst__grammar_n_families(const mst__grammar *grammar);
const mst__family *mst__grammar_family(const mst__grammar *grammar, int32_t family);

/* A text being written. Draws are (seed, record, position), position counting up. */
typedef struct mst__scribe {
  const mst__grammar *grammar;
  uint64_t seed, record;
  uint64_t position;
  int32_t family, topic;
  char *text; /* [MST_GENERATE_MAX_TEXT] */
  size_t n_bytes;
} mst__scribe;

/* A draw from 0 .. n-1, n >= 1. */
uint32_t mst__scribe_draw(mst__scribe *scribe, uint32_t n);
void mst__scribe_put(mst__scribe *scribe, const char *bytes, size_t n);
/* Write the family's statement, framed; the first letter is capitalised. */
void mst__scribe_statement(mst__scribe *scribe);

/* Number slots: number by name or -1; write one. */
int32_t mst__number_find(const char *name, size_t n);
void mst__number_write(mst__scribe *scribe, int32_t number);

/* Put typos into a share of the words of text, in place; digits, signs and units keep theirs.
 * Returns how many; n_bytes is updated. The text has room for one more byte a typo. */
int32_t mst__typos(char *text, size_t *n_bytes, double rate, uint64_t seed, uint64_t record);

#endif
