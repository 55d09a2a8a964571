/* internal.h: what the reader of rule files hands to the compiler.
 *
 * In: rule files. Out: a builder full of rules whose slots are expanded: every phrase is a text in
 * which only {n}, {many}, {w} and {expr} are left, written as letters that no rule may contain.
 * Next stage: compile.c.
 */
#ifndef MISSTEP_AUGMENT_INTERNAL_H
#define MISSTEP_AUGMENT_INTERNAL_H

#include "misstep/alloc.h"
#include "misstep/matches.h"
#include "operation.h"
#include "rules.h"

enum {
  MST__MAX_PHRASES = 64,            /* a side of a rule */
  MST__MAX_WORDS = MST_MATCH_DEPTH, /* pieces of a phrase */
  MST__MAX_EXPANSIONS = 4096,
  MST__MAX_LABELS = 64,
  MST__MAX_SLOTS = MST_MATCH_SLOTS /* slots of a phrase */
};

/* Slots that are matched, not expanded. In phrases each is written as two letters of the Old South
 * Arabian script: U+10A60 + kind and U+10A70 + number (0 for {n}, 1 for {n1}, ...). */
typedef enum mst__slot_kind {
  MST__SLOT_NUMBER = MST_MATCH_NUMBER,
  MST__SLOT_MANY = MST_MATCH_MANY,
  MST__SLOT_WORD = MST_MATCH_WORD,
  MST__SLOT_EXPRESSION = MST_MATCH_EXPRESSION,
  MST__SLOT_DECLARED /* first of the declared ones */
} mst__slot_kind;
enum { MST__MARK_BYTES = 8, MST__MAX_NUMBER = 12 };

/* The mark of a slot, and what mark stands at p (kind + 4 * number), -1 if there is none. */
void mst__mark_write(int kind, int number, uint8_t mark[MST__MARK_BYTES]);
int mst__mark_at(const uint8_t *p, const uint8_t *end);

/* Write a phrase for a message: marks as slots, at most MST__SHOWN - 1 bytes. */
enum { MST__SHOWN = 96 };
void mst__phrase_show(mst_slice phrase, char out[MST__SHOWN]);

/* Bytes of a builder's arena. */
typedef struct mst__str {
  int64_t at, len;
} mst__str;

/* A growing array. */
typedef struct mst__list {
  void *items;
  int64_t n, capacity;
} mst__list;

/* Room for at least n more items of size bytes. MST_E_NOMEM. */
mst_status mst__list_reserve(mst__list *list, int64_t n, size_t size);
/* Room for one more item of size bytes; NULL: no memory. n is advanced. */
static inline void *mst__list_add(mst__list *list, size_t size) {
  if (list->n == list->capacity && mst__list_reserve(list, 1, size)) return NULL;
  return (char *)list->items + (size_t)list->n++ * size;
}
void mst__list_fini(mst__list *list);
/* Item i, borrowed until the list grows. */
#define MST__AT(list, type, i) (((type *)(list).items) + (i))

typedef enum mst__arrow { MST__CLASS, MST__ONE_WAY, MST__FORTH, MST__BOTH } mst__arrow;

/* A rule without its phrases. */
typedef struct mst__rule {
  int32_t file, line;
  mst__str name;
  mst_operation operation;
  mst_pos pos;
  mst__arrow arrow;
  int keeps_value, may_overlap;
  int korean;        /* of a file with language: ko */
  uint64_t p;        /* considered when a draw is below it; UINT64_MAX: always */
  uint32_t weight;   /* in thousandths */
  uint64_t label;    /* bits of labels; 0: all */
  uint64_t no_label; /* bits */
} mst__rule;

/* One phrase with its slots expanded: as it is written, and where. */
typedef struct mst__expansion {
  mst__str text;
  int32_t line, column;
  int capital;   /* begins with a capital letter */
  int has_value; /* of a declared slot */
} mst__expansion;

/* One direction: what is looked for and what may stand for it. rule -1: a protected phrase. */
typedef struct mst__pattern {
  int32_t rule;
  int64_t source;                  /* expansion, to be compared in lower case */
  int64_t first_target, n_targets; /* in targets */
} mst__pattern;

/* A declared slot: values[v * n_forms + f]; form 0 is the value itself; len -1: it has none. */
typedef struct mst__declared {
  mst__str name;
  mst__list forms;  /* mst__str, names; [0] empty */
  mst__list values; /* mst__str */
  int32_t n_values;
} mst__declared;

struct mst_rules_builder {
  mst_buffer arena;
  mst__list files;       /* mst__str, names */
  mst__list rules;       /* mst__rule */
  mst__list expansions;  /* mst__expansion */
  mst__list patterns;    /* mst__pattern */
  mst__list targets;     /* int64_t, expansions */
  mst__list labels;      /* mst__str */
  mst__list expressions; /* mst__str, protect-pattern */
  mst_program program;
  /* of the file being read */
  mst__list declared; /* mst__declared */
  int korean;
  int64_t first_rule, first_pattern, first_expansion;
};

/* Forget the declared slots of the file that was read. */
void mst__declared_clear(mst_rules_builder *b);

/* Append bytes to the arena. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst__arena_add(mst_rules_builder *b, const void *bytes, int64_t n, mst__str *out);
mst_slice mst__arena_at(const mst_rules_builder *b, mst__str s);
int mst__arena_is(const mst_rules_builder *b, mst__str s, mst_slice text);

/* A place in a file. */
typedef struct mst__cursor {
  const char *name; /* of the file */
  const uint8_t *p, *end;
  const uint8_t *line_start;
  int32_t line;
} mst__cursor;

/* Raise MST_E_FORMAT "name:line:column: ..." at the cursor. */
mst_status mst__fail_at(const mst__cursor *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The byte at the cursor; '\n' at the end of a line and of the file. */
int mst__peek(const mst__cursor *c);
/* Pass blanks, a comment, and line ends behind a backslash. */
void mst__skip_blanks(mst__cursor *c);
/* Pass the byte `wanted` or fail with "expected what". */
mst_status mst__take(mst__cursor *c, int wanted, const char *what);
/* A name (letters, digits, '-', '_', bytes above 0x7f), possibly empty. */
mst_slice mst__take_name(mst__cursor *c);
/* Text up to one of the bytes of `stops` or the end of the line, outer blanks left out. */
mst_slice mst__take_text(mst__cursor *c, const char *stops);
/* A real number in [low, high]. MST_E_FORMAT says `what` was expected. */
mst_status mst__take_real(mst__cursor *c, double low, double high, const char *what, double *out);
/* Probability 0..1 as a threshold for draws of 64 bits. */
uint64_t mst__threshold(double p);

/* The nearest of n names (edit distance), as " (did you mean 'x'?)", or "" when none is near.
 * names are read by `name_at`. */
typedef mst_slice mst__name_fn(const void *names, int64_t i);
const char *mst__hint(mst_slice got, mst__name_fn *name_at, const void *names, int64_t n,
                      char out[96]);

/* One part of a phrase: literal bytes, or a slot. */
typedef struct mst__part {
  int32_t slot;   /* -1: literal; mst__slot_kind, or MST__SLOT_DECLARED + index */
  int32_t number; /* of a matched slot */
  int32_t form;   /* of a declared one */
  mst__str text;  /* literal */
} mst__part;

typedef struct mst__phrase {
  mst__part part[2 * MST__MAX_SLOTS + 1];
  int n_parts;
  int32_t line, column;
} mst__phrase;

/* Read a phrase at the cursor. MST_E_FORMAT, MST_E_LIMIT, MST_E_NOMEM. */
mst_status mst__phrase_read(mst_rules_builder *b, mst__cursor *c, mst__phrase *out);
/* Read a declaration "{name}: value (form: text), ..." MST_E_FORMAT, MST_E_NOMEM. */
mst_status mst__declaration_read(mst_rules_builder *b, mst__cursor *c);
/* Read a setting "name: ..."; *found 0: the line is none. MST_E_FORMAT, MST_E_NOMEM. */
mst_status mst__setting_read(mst_rules_builder *b, mst__cursor *c, int *found);
/* Read "operations:" behind the colon. MST_E_FORMAT. */
mst_status mst__program_read(mst__cursor *c, mst_program *out);
/* Read attributes in brackets up to the end of the line. MST_E_FORMAT, MST_E_NOMEM. */
mst_status mst__attributes_read(mst_rules_builder *b, mst__cursor *c, mst__rule *rule);
/* Expand the slots of a rule's phrases and store its patterns. MST_E_FORMAT, MST_E_LIMIT. */
mst_status mst__rule_expand(mst_rules_builder *b, const mst__cursor *at, int32_t rule,
                            const mst__phrase *left, int n_left, const mst__phrase *right,
                            int n_right);
/* Store a phrase without slots as protected. MST_E_FORMAT, MST_E_NOMEM. */
mst_status mst__protect_add(mst_rules_builder *b, const mst__cursor *at, const mst__phrase *phrase);
/* Read a file into a builder. mst__file_check is for the caller. MST_E_FORMAT, MST_E_LIMIT. */
mst_status mst__file_read(mst_rules_builder *b, const char *name, const void *bytes,
                          int64_t n_bytes);
/* Check the file that was just read: ends of phrases, overlaps, cycles. MST_E_FORMAT. */
mst_status mst__file_check(mst_rules_builder *b, const char *name);

#endif
