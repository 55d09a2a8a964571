/* grammar.c: compiles the tables of patterns to one flat program and runs it.
 *
 * A program is a list of instructions; a pattern is a range of it. A choice is followed by one ALT
 * instruction for each alternative, which holds the range to run.
 */
#include "generate/grammar.h"

#include <assert.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/rng.h"

typedef enum op { LITERAL, CALL, FIELD, NUMBER, BODY, REMARK, OWN, OTHER_ACT, CHOICE, ALT } op;

typedef struct instr {
  op op;
  int32_t a, b;     /* LITERAL: a bytes; CALL, FIELD, NUMBER: which; CHOICE: a alternatives, b next;
                       ALT: range [a, b) */
  const char *text; /* LITERAL, static */
} instr;

typedef struct range {
  int32_t begin, end;
} range;

struct mst__grammar {
  mst_buffer program; /* of instr */
  range *pattern;     /* rules, topic fields, frames, remarks, acts, families, in this order */
  int32_t n_families;
  const mst__family **family; /* [n_families] into the tables */
};

static const mst__family_list *const family_lists[N_FAMILY_LISTS] = {
    &mst__families_frequent, &mst__families_middle, &mst__families_rare, &mst__families_contrast,
    &mst__families_shared};
static const char *const field_names[N_TOPIC_FIELDS] = {"topic", "object", "skill", "expression",
                                                        "answer"};

/* Where each table's patterns begin in grammar->pattern. */
static int32_t topics_begin(void) { return mst__n_rules; }
static int32_t frames_begin(void) { return topics_begin() + N_TOPICS * N_TOPIC_FIELDS; }
static int32_t remarks_begin(void) { return frames_begin() + 2; }
static int32_t acts_begin(void) { return remarks_begin() + MST_GENERATE_N_LABELS; }
static int32_t families_begin(void) { return acts_begin() + MST_GENERATE_N_LABELS; }

static instr *code(mst__grammar *g) { return (instr *)(void *)g->program.data; }
static int32_t here(const mst__grammar *g) {
  return (int32_t)(g->program.size_bytes / sizeof(instr));
}

static mst_status emit(mst__grammar *g, op what, int32_t a, const char *text) {
  const instr i = {.op = what, .a = a, .text = text};
  return mst_buffer_append(&g->program, &i, sizeof i);
}

static int is_name(const char *name, const char *at, size_t n) {
  return strlen(name) == n && memcmp(name, at, n) == 0;
}

/* {name}: the names of numbers, topic fields and rules do not overlap. */
static mst_status compile_slot(mst__grammar *g, const char *at, size_t n) {
  if (is_name("body", at, n)) return emit(g, BODY, 0, NULL);
  if (is_name("remark", at, n)) return emit(g, REMARK, 0, NULL);
  if (is_name("own", at, n)) return emit(g, OWN, 0, NULL);
  if (is_name("other", at, n)) return emit(g, OTHER_ACT, 0, NULL);
  const int32_t number = mst__number_find(at, n);
  if (number >= 0) return emit(g, NUMBER, number, NULL);
  for (int32_t f = 0; f < N_TOPIC_FIELDS; f++)
    if (is_name(field_names[f], at, n)) return emit(g, FIELD, f, NULL);
  for (int32_t r = 0; r < mst__n_rules; r++)
    if (is_name(mst__rules[r].name, at, n)) return emit(g, CALL, r, NULL);
  assert(0 && "a slot that no table knows");
  return MST_E_ARG;
}

static mst_status compile_choice(mst__grammar *g, const char **at);

/* Compile up to the end of the pattern or of the alternative. */
static mst_status compile_run(mst__grammar *g, const char **at) {
  mst_status st = MST_OK;
  while (!st && **at && **at != '|' && **at != ']') {
    if (**at == '[') {
      st = compile_choice(g, at);
    } else if (**at == '{') {
      const char *name = *at + 1;
      const size_t n = strcspn(name, "}");
      assert(name[n] == '}');
      st = compile_slot(g, name, n);
      *at = name + n + 1;
    } else {
      const size_t n = strcspn(*at, "[]{}|");
      st = emit(g, LITERAL, (int32_t)n, *at);
      *at += n;
    }
  }
  return st;
}

/* The alternatives at the level of *at, which stands after '['. */
static int32_t count_alternatives(const char *at) {
  int32_t n = 1;
  for (int depth = 0; depth > 0 || *at != ']'; at++) {
    assert(*at);
    if (*at == '[') depth++;
    else if (*at == ']') depth--;
    else if (*at == '|' && depth == 0) n++;
  }
  return n;
}

static mst_status compile_choice(mst__grammar *g, const char **at) {
  ++*at;
  const int32_t n = count_alternatives(*at), choice = here(g);
  mst_status st = emit(g, CHOICE, n, NULL);
  for (int32_t i = 0; i < n && !st; i++) st = emit(g, ALT, 0, NULL);
  for (int32_t i = 0; i < n && !st; i++) {
    const int32_t begin = here(g);
    st = compile_run(g, at);
    if (st) break;
    code(g)[choice + 1 + i].a = begin;
    code(g)[choice + 1 + i].b = here(g);
    assert(**at == (i + 1 < n ? '|' : ']'));
    ++*at;
  }
  if (!st) code(g)[choice].b = here(g);
  return st;
}

static mst_status compile(mst__grammar *g, int32_t pattern, const char *text) {
  g->pattern[pattern].begin = here(g);
  const mst_status st = compile_run(g, &text);
  assert(st || !*text);
  g->pattern[pattern].end = here(g);
  return st;
}

static mst_status compile_tables(mst__grammar *g) {
  mst_status st = MST_OK;
  for (int32_t r = 0; r < mst__n_rules && !st; r++) st = compile(g, r, mst__rules[r].pattern);
  for (int32_t i = 0; i < N_TOPICS * N_TOPIC_FIELDS && !st; i++)
    st = compile(g, topics_begin() + i, mst__topics[i / N_TOPIC_FIELDS].field[i % N_TOPIC_FIELDS]);
  for (int32_t k = 0; k < 2 && !st; k++) st = compile(g, frames_begin() + k, mst__frames[k]);
  for (int32_t c = 0; c < MST_GENERATE_N_LABELS && !st; c++)
    st = compile(g, remarks_begin() + c, mst__remarks[c]);
  for (int32_t c = 0; c < MST_GENERATE_N_LABELS && !st; c++)
    st = compile(g, acts_begin() + c, mst__acts[c]);
  for (int32_t f = 0; f < g->n_families && !st; f++)
    st = compile(g, families_begin() + f, g->family[f]->pattern);
  return st;
}

mst_status mst__grammar_create(mst__grammar **out) {
  mst__grammar *g = mst_alloc_zero(1, sizeof *g);
  if (!g) return MST_E_NOMEM;
  mst_status st = MST_E_NOMEM;
  mst_buffer_init(&g->program, (size_t)1 << 24, "the program of patterns");
  for (int i = 0; i < N_FAMILY_LISTS; i++) g->n_families += family_lists[i]->n;
  g->pattern = mst_alloc((size_t)families_begin() + (size_t)g->n_families, sizeof *g->pattern);
  g->family = mst_alloc((size_t)g->n_families, sizeof *g->family);
  if (!g->pattern || !g->family) goto done;
  for (int32_t i = 0, f = 0; i < N_FAMILY_LISTS; i++)
    for (int32_t k = 0; k < family_lists[i]->n; k++) g->family[f++] = &family_lists[i]->family[k];
  st = compile_tables(g);
  if (!st) *out = g;
done:
  if (st) mst__grammar_free(g);
  return st;
}

void mst__grammar_free(mst__grammar *g) {
  if (!g) return;
  mst_buffer_fini(&g->program);
  mst_free(g->pattern);
  mst_free(g->family);
  mst_free(g);
}

int32_t mst__grammar_n_families(const mst__grammar *g) { return g->n_families; }
const mst__family *mst__grammar_family(const mst__grammar *g, int32_t f) { return g->family[f]; }

uint32_t mst__scribe_draw(mst__scribe *s, uint32_t n) {
  return (uint32_t)mst_rng_below(n, s->seed, MST_RNG_GENERATE, s->record, 0, s->position++);
}

void mst__scribe_put(mst__scribe *s, const char *bytes, size_t n) {
  assert(s->n_bytes + n < MST_GENERATE_MAX_TEXT); /* the tables' longest text is far shorter */
  memcpy(s->text + s->n_bytes, bytes, n);
  s->n_bytes += n;
}

/* A label that is not the family's: something about it was right. */
static int32_t draw_other(mst__scribe *s) {
  const mst__family *family = s->grammar->family[s->family];
  const int32_t own = family->second == NO_LABEL ? 1 : 2;
  int32_t left = (int32_t)mst__scribe_draw(s, (uint32_t)(MST_GENERATE_N_LABELS - own));
  for (int32_t c = 0; c < MST_GENERATE_N_LABELS; c++)
    if (c != family->first && c != family->second && left-- == 0) return c;
  assert(0 && "fewer labels than counted");
  return 0;
}

static void run(mst__scribe *s, range r);

static void run_pattern(mst__scribe *s, int32_t pattern) { run(s, s->grammar->pattern[pattern]); }

static void run(mst__scribe *s, range r) {
  const instr *program = (const instr *)(const void *)s->grammar->program.data;
  for (int32_t pc = r.begin; pc < r.end; pc++) {
    const instr *i = &program[pc];
    switch (i->op) {
    case LITERAL: mst__scribe_put(s, i->text, (size_t)i->a); break;
    case CALL: run_pattern(s, i->a); break;
    case FIELD: run_pattern(s, topics_begin() + s->topic * N_TOPIC_FIELDS + i->a); break;
    case NUMBER: mst__number_write(s, i->a); break;
    case BODY: run_pattern(s, families_begin() + s->family); break;
    case REMARK: run_pattern(s, remarks_begin() + draw_other(s)); break;
    case OWN: run_pattern(s, acts_begin() + s->grammar->family[s->family]->first); break;
    case OTHER_ACT: run_pattern(s, acts_begin() + draw_other(s)); break;
    case CHOICE: {
      const instr *alt = i + 1 + mst__scribe_draw(s, (uint32_t)i->a);
      run(s, (range){alt->a, alt->b});
      pc = i->b - 1;
      break;
    }
    case ALT: assert(0 && "an alternative outside its choice"); break;
    }
  }
}

void mst__scribe_statement(mst__scribe *s) {
  run_pattern(s, frames_begin() + (int32_t)s->grammar->family[s->family]->kind);
  if (s->text[0] >= 'a' && s->text[0] <= 'z') s->text[0] = (char)(s->text[0] - 'a' + 'A');
}
