/* rules.h: rule files, which say what may be written for what.
 *
 * In: rule files that a teacher can write. Out: one compiled, read-only set of rules that every
 * thread may share. Next stage: the engine (augment.h), which proposes edits.
 *
 * A rule file is UTF-8, one line a rule; '#' at the beginning of a line or behind white space
 * begins a comment. An empty line means nothing. A line that ends in '\' goes on in the next one.
 *
 *     # A class: each phrase may replace each other one.
 *     incorrect, wrong, mistaken              [pos: adjective]
 *     # One way: only what stands on the left is replaced.
 *     missing => omitted, left out            [label: Condition Omission] [weight: 2]
 *     # Paraphrases have slots. '<->' goes both ways (left with right), '->' one way.
 *     {op}: addition (gerund: adding, verb: add), subtraction (gerund: subtracting, verb: subtract)
 *     "Calculation error in {op}" <-> "Mistake in {op:gerund} numbers"    [name: paper-1]
 *     "missed {n} steps" -> "left out {n} steps", "skipped {n} steps"     [p: 0.5]
 *
 * Grammar of a line
 *     rule     = phrases [("=>" | "->" | "<->") phrases] {attribute}
 *     phrases  = phrase {"," phrase}                          at most 64
 *     phrase   = words without  , = < > [ ] " # \  or anything in double quotes
 *                (\" and \\ inside). It begins and ends with a letter, a digit or a slot: what it
 *                touches in the text stays as it is.
 *     no arrow : a class of at least two phrases, an operation called 'synonym'
 *     =>       : one way, also 'synonym'
 *     -> <->   : 'paraphrase'
 *     slot     = "{" name [":" form] "}"    in any phrase, once. A slot of the replacement must
 *                stand in what it replaces, and {n}, {many} and {expr} of that in the replacement.
 *     {n}      a number or fraction as the text has it ({n1}, {n2}, ... where there are several)
 *     {many}   the same, but not the number 1 (for plurals)
 *     {w}      one word that is not protected ({w1}, {w2}, ...)
 *     {expr}   a run of numbers, operators, variables and units ({expr1}, ...)
 *     {name}   one value of a declared slot; {name:form} that value's form. A declaration is
 *                  {name}: value (form: text, form: text), value, ...
 *              before its first use; values and forms may have several words. In the replacement
 *              the same value stands in the form that is asked for. A Korean particle may touch a
 *              slot ("{op}\xEC\x9D\x84"): it is written as the value's last sound demands.
 *
 * Matching. Words are compared in lower case; white space between words may be any white space
 * without a line break, punctuation must be the same. The case of the first letter, or CAPITALS
 * throughout, is carried over; a/an before a replacement is corrected. A Korean word matches also
 * with particles behind it (rules of pos noun or without pos), which are then adapted.
 *
 * Attributes, in square brackets at the end of a rule
 *     [label: a, b]       only for records of these labels
 *     [not-label: c]      never for records of these labels
 *     [pos: noun]         noun, verb, adjective or adverb. In English a verb is not replaced right
 *                         behind an article or possessive ("the", "a", "his"), a noun not right
 *                         behind a modal or pronoun ("can", "I"); look-ups in lexicons follow it.
 *     [p: 0.5]            probability, above 0 up to 1: how often it is considered at a place
 *     [weight: 2]         above 0 up to 1000: how often it is chosen among what is considered
 *     [name: x]           name in provenance and reports; default: file name and line ("my:12")
 *     [keeps: value]      the rule may change how a number or unit is written, not its value
 *     [operation: units]  count the rule under this operation instead: contraction, number-words or
 *                         units, which are off unless 'operations' names them
 *     [allow: overlap]    the phrases may also stand in other rules of this file
 *
 * Settings, a line each, anywhere in the file
 *     language: en | ko
 *     labels: Concept Deficiency, Calculation Error     the labels that rules may name
 *     protect: solve, "per cent"                        words and phrases that no edit may touch
 *     protect-pattern: [A-Z]-[0-9]+                     the same by a POSIX regular expression
 *                 (extended)
 *     operations: one-of(synonym 3, paraphrase 1), sometimes(0.2, swap)
 *                 a sequence of steps; an edit is made by each step in turn. Names: synonym,
 *                 paraphrase, lexicon, insertion, deletion, swap, contraction, number-words, units,
 *                 spelling, keyboard, split, merge. Default: one-of(synonym, paraphrase, lexicon).
 *     edits: 1..3         edits a copy has at least and at most; default 1..3
 *     max-change: 0.5     share of the words that may be replaced; default 0.5, one edit is always
 *                         allowed
 *
 * Errors, each "file:line:column: found, expected": bytes that are not UTF-8, an unknown setting,
 * attribute, operation, label, slot or form (with the nearest name), an empty phrase (a rule that
 * replaces by nothing), a class of one, the same phrase in two rules of a file whose labels and
 * part of speech can meet (both lines named; patterns whose slots overlap too), one-way rules that
 * lead back to where they began (both lines named). Across files nothing is forbidden: the
 * alternatives add up.
 */
#ifndef MISSTEP_AUGMENT_RULES_H
#define MISSTEP_AUGMENT_RULES_H

#include <stdint.h>

#include "misstep/status.h"
#include "misstep/text.h"

/* Parts of speech; ANY where nothing is said. */
typedef enum mst_pos {
  MST_POS_ANY,
  MST_POS_NOUN,
  MST_POS_VERB,
  MST_POS_ADJECTIVE,
  MST_POS_ADVERB
} mst_pos;

/* A compiled set of rules. Immutable once made: threads may share it. */
typedef struct mst_rules mst_rules;

/* Rule files on their way to a set. */
typedef struct mst_rules_builder mst_rules_builder;

/* Begin an empty set. MST_E_NOMEM. */
mst_status mst_rules_builder_create(mst_rules_builder **out);
void mst_rules_builder_free(mst_rules_builder *builder);

/* Read one rule file's text.
 *   name   how messages and default rule names call it ("my.rules")
 *   bytes  n_bytes of any content
 * MST_E_FORMAT "name:line:column: what was found, what was expected": the first error.
 * MST_E_LIMIT: above 64 phrases a side, 64 words a phrase, 4096 expansions of slots a phrase.
 * MST_E_NOMEM. After a failure the builder is only good for freeing. */
mst_status mst_rules_builder_add(mst_rules_builder *builder, const char *name, const void *bytes,
                                 int64_t n_bytes);

/* Read a set that is built in: "elementary-maths" (all its languages), "elementary-maths.en",
 * "elementary-maths.ko". MST_E_ARG: there is none of that name (the message lists them), else as
 * mst_rules_builder_add. */
mst_status mst_rules_builder_add_shipped(mst_rules_builder *builder, const char *name);

/* Which operations, as a bit set by mst_operation, the settings of the files name; 0: none do. The
 * set "forms" (contractions, number words, units) is needed for its operations only. */
uint32_t mst_rules_builder_operations(const mst_rules_builder *builder);

/* Compile. The builder is empty afterwards. MST_E_NOMEM, MST_E_LIMIT (2^31-1 of anything). */
mst_status mst_rules_compile(mst_rules_builder *builder, mst_rules **out);
void mst_rules_free(mst_rules *rules);

/* What a set holds. */
typedef struct mst_rules_counts {
  int64_t n_files, n_rules;
  int64_t n_classes;     /* rules without arrow */
  int64_t n_one_way;     /* rules with => */
  int64_t n_paraphrases; /* rules with -> or <-> */
  int64_t n_patterns;    /* phrases that are looked for, slots expanded */
} mst_rules_counts;

/* Count. Exact. */
mst_rules_counts mst_rules_count(const mst_rules *rules);

/* Number of rules, and the name of rule r (0 .. n-1, in the order of the files), borrowed. */
int32_t mst_rules_n(const mst_rules *rules);
mst_slice mst_rules_name(const mst_rules *rules, int32_t rule);

/* The built-in sets: their number; name i; its text as it was written, borrowed. */
int mst_rules_shipped_n(void);
const char *mst_rules_shipped_name(int i);
mst_slice mst_rules_shipped_text(int i);

#endif
