/* operation.c: names of the operations and the program that a rule file or an option writes. */
#include "operation.h"

#include <string.h>

#include "internal.h"

static const char *const names[MST_OP_N] = {
    "synonym",  "paraphrase", "lexicon",  "contraction", "number-words", "units", "insertion",
    "deletion", "swap",       "spelling", "keyboard",    "split",        "merge"};

const char *mst_operation_name(mst_operation operation) {
  return operation < MST_OP_N ? names[operation] : "none";
}

mst_operation mst_operation_find(mst_slice name) {
  for (int i = 0; i < MST_OP_N; i++)
    if ((int64_t)strlen(names[i]) == name.len && !memcmp(names[i], name.ptr, (size_t)name.len))
      return (mst_operation)i;
  return MST_OP_N;
}

mst_program mst_program_default(void) {
  mst_program p = {.n_steps = 1, .min_edits = 1, .max_edits = 3, .max_change_frac = 0.5};
  p.step[0].p = UINT64_MAX;
  for (int i = MST_OP_SYNONYM; i <= MST_OP_LEXICON; i++) p.step[0].weight[i] = 1000;
  return p;
}

uint32_t mst_program_operations(const mst_program *program) {
  uint32_t bits = 0;
  for (int s = 0; s < program->n_steps; s++)
    for (int op = 0; op < MST_OP_N; op++)
      if (program->step[s].weight[op] && program->step[s].p) bits |= 1u << op;
  return bits;
}

static mst_slice operation_at(const void *unused, int64_t i) {
  (void)unused;
  return (mst_slice){(const uint8_t *)names[i], (int64_t)strlen(names[i])};
}

static int is_word(mst_slice name, const char *word) {
  return (int64_t)strlen(word) == name.len && !memcmp(name.ptr, word, (size_t)name.len);
}

/* "synonym 3": a name and a weight. */
static mst_status read_weighted(mst__cursor *c, mst_step *step) {
  char hint[96];
  double weight = 1;
  mst__skip_blanks(c);
  const mst__cursor at = *c;
  const mst_slice name = mst__take_name(c);
  const mst_operation op = mst_operation_find(name);
  if (op == MST_OP_N)
    return mst__fail_at(&at, "'%.*s' is no operation%s; expected synonym, paraphrase, lexicon, ...",
                        (int)name.len, (const char *)name.ptr,
                        mst__hint(name, operation_at, NULL, MST_OP_N, hint));
  mst__skip_blanks(c);
  if (mst__peek(c) >= '0' && mst__peek(c) <= '9') {
    const mst_status st = mst__take_real(c, 0.001, 1000, "a weight from 0.001 to 1000", &weight);
    if (st) return st;
    mst__skip_blanks(c);
  }
  step->weight[op] = (uint32_t)(weight * 1000 + 0.5);
  return MST_OK;
}

/* "one-of(a 2, b 1)" behind its name, or one operation. */
static mst_status read_choice(mst__cursor *c, mst_step *step) {
  mst__cursor ahead = *c;
  if (!is_word(mst__take_name(&ahead), "one-of")) return read_weighted(c, step);
  *c = ahead;
  mst__skip_blanks(c);
  mst_status st = mst__take(c, '(', "'(' behind one-of");
  while (!st) {
    st = read_weighted(c, step);
    if (st || mst__peek(c) != ',') break;
    c->p++;
  }
  return st ? st : mst__take(c, ')', "',' or ')'");
}

static mst_status read_step(mst__cursor *c, mst_step *step) {
  *step = (mst_step){.p = UINT64_MAX};
  mst__skip_blanks(c);
  mst__cursor ahead = *c;
  if (!is_word(mst__take_name(&ahead), "sometimes")) return read_choice(c, step);
  *c = ahead;
  double p = 0;
  mst__skip_blanks(c);
  mst_status st = mst__take(c, '(', "'(' behind sometimes");
  if (!st) {
    mst__skip_blanks(c);
    st = mst__take_real(c, 0, 1, "a probability from 0 to 1", &p);
  }
  step->p = mst__threshold(p);
  if (!st) {
    mst__skip_blanks(c);
    st = mst__take(c, ',', "',' behind the probability");
  }
  if (!st) {
    mst__skip_blanks(c);
    st = read_choice(c, step);
  }
  if (!st) mst__skip_blanks(c);
  return st ? st : mst__take(c, ')', "')'");
}

mst_status mst__program_read(mst__cursor *c, mst_program *out) {
  mst_program program = *out;
  program.n_steps = 0;
  mst_status st = MST_OK;
  while (!st) {
    if (program.n_steps == MST_PROGRAM_STEPS)
      return mst__fail_at(c, "a step too many, expected at most %d", MST_PROGRAM_STEPS);
    st = read_step(c, &program.step[program.n_steps++]);
    if (!st) mst__skip_blanks(c);
    if (st || mst__peek(c) != ',') break;
    c->p++;
  }
  if (!st && mst__peek(c) != '\n') st = mst__take(c, '\n', "',' or the end of the line");
  if (!st) *out = program;
  return st;
}

mst_status mst_program_parse(const char *name, mst_slice text, mst_program *program) {
  mst__cursor c = {name, text.ptr, text.ptr + text.len, text.ptr, 1};
  mst_status st = mst__program_read(&c, program);
  if (!st && c.p != c.end) st = mst__fail_at(&c, "a second line, expected one");
  return st;
}
