/* operation.h: what may be done to a text, and in which order.
 *
 * In: the line "operations: ..." of a rule file, or the command line. Out: a program of steps, each
 * of which makes one edit. Next stage: the engine.
 */
#ifndef MISSTEP_AUGMENT_OPERATION_H
#define MISSTEP_AUGMENT_OPERATION_H

#include <stdint.h>

#include "misstep/status.h"
#include "misstep/text.h"

/* Operations. The first ones come from rules and lexicons; those from INSERTION on are made from
 * the text alone and, but for INSERTION, make spellings or orders that no rule vouches for. */
typedef enum mst_operation {
  MST_OP_SYNONYM,
  MST_OP_PARAPHRASE,
  MST_OP_LEXICON,
  MST_OP_CONTRACTION,
  MST_OP_NUMBER_WORDS,
  MST_OP_UNITS,
  MST_OP_INSERTION,
  MST_OP_DELETION,
  MST_OP_SWAP,
  MST_OP_SPELLING,
  MST_OP_KEYBOARD,
  MST_OP_SPLIT,
  MST_OP_MERGE,
  MST_OP_N
} mst_operation;

/* Name as rule files write it ("number-words"). */
const char *mst_operation_name(mst_operation operation);

/* Operation by name, or MST_OP_N. */
mst_operation mst_operation_find(mst_slice name);

enum { MST_PROGRAM_STEPS = 16 };

/* One step: with probability p one of the operations, drawn by weight among those that can. */
typedef struct mst_step {
  uint64_t p;                /* taken when a draw is below it; UINT64_MAX: always */
  uint32_t weight[MST_OP_N]; /* in thousandths; 0: not this one */
} mst_step;

/* Steps in turn until a copy has its number of edits. */
typedef struct mst_program {
  int32_t n_steps; /* 0: not given */
  mst_step step[MST_PROGRAM_STEPS];
  int32_t min_edits, max_edits; /* 0: not given */
  double max_change_frac;       /* 0: not given */
} mst_program;

/* One step: synonym, paraphrase or lexicon alike; 1 to 3 edits; at most half the words. */
mst_program mst_program_default(void);

/* The operations of a program as a bit set. */
uint32_t mst_program_operations(const mst_program *program);

/* Read a program's steps from text in the syntax of rule files ("one-of(synonym 3, swap 1)");
 * edits and max_change stay as they are. MST_E_FORMAT "name:1:column: ...". */
mst_status mst_program_parse(const char *name, mst_slice text, mst_program *program);

#endif
