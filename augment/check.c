/* check.c: what is wrong with a rule file although each of its lines is right: phrases that stand
 * in two rules, and one-way rules that lead back to where they began. */
#include <string.h>

#include "compiled.h"

/* May two rules apply to the same words of the same record? */
static int can_meet(const mst__rule *a, const mst__rule *b) {
  if (a->may_overlap || b->may_overlap || a->operation != b->operation) return 0;
  if (a->pos && b->pos && a->pos != b->pos) return 0;
  if (a->label && b->label && !(a->label & b->label)) return 0;
  if (a->label && !(a->label & ~b->no_label)) return 0;
  return !(b->label && !(b->label & ~a->no_label));
}

/* Looks for patterns that match what another one matches. */
typedef struct search {
  const mst_rules_builder *b;
  const mst_rules *r;
  const mst_pieces *lower;
  const char *name;
  const mst__expansion *own; /* the phrase that is followed */
  int32_t rule;
} search;

static mst_status compare_at(const search *s, int32_t node) {
  const mst__rule *rules = s->b->rules.items;
  for (int32_t i = MST__AT(s->r->nodes, mst__node, node)->out; i >= 0;) {
    const mst__entry *e = MST__AT(s->r->entries, mst__entry, i);
    i = e->next;
    if (e->rule < 0 || e->rule == s->rule || !can_meet(&rules[e->rule], &rules[s->rule])) continue;
    const int later = e->line < s->own->line;
    char text[MST__SHOWN];
    mst__phrase_show(mst__arena_at(s->b, s->own->text), text);
    return MST_FAIL(MST_E_FORMAT,
                    "%s:%d:%d: '%s' stands in the rule of line %d too, expected one rule for a "
                    "phrase (or [label: ...], [pos: ...] apart, or [allow: overlap])",
                    s->name, later ? s->own->line : e->line, later ? s->own->column : e->column,
                    text, later ? e->line : s->own->line);
  }
  return MST_OK;
}

/* Does an edge's suffix meet what a piece has behind its slot, or the end of a literal word? */
static int suffix_meets(const mst_rules *r, const mst__wild *w, mst_slice piece, int mark) {
  const mst_slice none = {0};
  const mst_slice want = w->suffix < 0 ? none : mst__words_at(&r->suffixes, w->suffix);
  const int64_t behind = mark < 0 ? 0 : MST__MARK_BYTES;
  const mst_slice rest = {piece.ptr + behind, piece.len - behind};
  if (mark >= 0 && w->kind != MST__SLOT_WORD) return !mst_slice_compare(want, rest);
  if (!want.len) return 1;
  return want.len <= rest.len &&
         !memcmp(rest.ptr + rest.len - want.len, want.ptr, (size_t)want.len);
}

static int is_number(mst_slice piece) {
  for (int64_t i = 0; i < piece.len; i++)
    if (piece.ptr[i] < '0' || piece.ptr[i] > '9') return 0;
  return piece.len > 0;
}

/* Does a slot of kind `kind` match what stands at a place of another pattern? mark -1: a word, or a
 * number, which only rules that keep its value may replace. */
static int slot_meets(const search *s, int kind, mst_slice piece, int mark) {
  if (mark < 0 && is_number(piece)) {
    const mst__rule *rules = s->b->rules.items;
    const int is_one = piece.len == 1 && *piece.ptr == '1';
    if (!rules[s->rule].keeps_value) return 0;
    return kind == MST__SLOT_NUMBER || (kind == MST__SLOT_MANY && !is_one);
  }
  if (mark < 0) return kind == MST__SLOT_WORD;
  const int other = mark % 4;
  if (kind == MST__SLOT_WORD || other == MST__SLOT_WORD) return kind == other;
  return 1;
}

static mst_status follow(const search *s, int64_t i, int64_t to, int gap, int32_t node) {
  while (i < to && s->lower->kind[s->lower->entry[i] >> 1] == MST_PIECE_SPACE) {
    gap = 1;
    i++;
  }
  if (i == to) return compare_at(s, node);
  const mst_slice piece = mst_strings_at(&s->lower->types, s->lower->entry[i] >> 1);
  const int mark = mst__mark_at(piece.ptr, piece.ptr + piece.len);
  const int next_gap = (int)(s->lower->entry[i] & 1);
  for (int32_t k = MST__AT(s->r->nodes, mst__node, node)->wild; k >= 0;) {
    const mst__wild *w = MST__AT(s->r->wilds, mst__wild, k);
    k = w->next;
    if (w->gap != gap || !slot_meets(s, w->kind, piece, mark) ||
        !suffix_meets(s->r, w, piece, mark))
      continue;
    const mst_status st = follow(s, i + 1, to, next_gap, w->child);
    if (st) return st;
  }
  if (mark >= 0) return MST_OK;
  const int32_t word = mst__words_find(&s->r->words, piece);
  const int32_t child = word < 0 ? -1 : mst__child(s->r, node, word, gap);
  return child < 0 ? MST_OK : follow(s, i + 1, to, next_gap, child);
}

static mst_status check_overlaps(const mst_rules_builder *b, const mst_rules *r,
                                 const mst_pieces *lower, const char *name) {
  mst_status st = MST_OK;
  for (int64_t i = b->first_pattern; !st && i < b->patterns.n; i++) {
    const mst__pattern *p = MST__AT(b->patterns, mst__pattern, i);
    const int64_t e = p->source - b->first_expansion;
    if (p->rule < 0) continue;
    const search s = {b,      r, lower, name, MST__AT(b->expansions, mst__expansion, p->source),
                      p->rule};
    st = follow(&s, lower->doc_ptr[e], lower->doc_ptr[e + 1], 0, 0);
  }
  return st;
}

/* One-way rules as a graph: phrases with equal words are one node. */
typedef struct graph {
  const mst_rules_builder *b;
  int32_t *node; /* [expansions of the file] */
  int32_t n_nodes;
  int64_t *first; /* [n_nodes + 1] into arc */
  int32_t *arc;   /* targets */
  int64_t *from;  /* expansion that an arc's rule replaces */
  uint8_t *state; /* 0 new, 1 on the path, 2 done */
  int64_t *at;    /* next arc */
  int32_t *path;
} graph;

static int is_one_way(const mst_rules_builder *b, const mst__pattern *p) {
  if (p->rule < 0) return 0;
  const mst__arrow arrow = MST__AT(b->rules, mst__rule, p->rule)->arrow;
  return arrow == MST__ONE_WAY || arrow == MST__FORTH;
}

/* Number the phrases by their bytes in lower case. */
static mst_status number_phrases(graph *g, const mst_pieces *lower) {
  mst__words words;
  mst_buffer text;
  mst_buffer_init(&text, SIZE_MAX / 4, "a phrase");
  mst_status st = mst__words_init(&words);
  for (int64_t e = 0; !st && e < lower->n_docs; e++) {
    const int64_t n = mst_pieces_write(lower, e, NULL, 0);
    text.size_bytes = 0;
    uint8_t *to = mst_buffer_reserve(&text, (size_t)n);
    if (!to) st = MST_E_NOMEM;
    else (void)mst_pieces_write(lower, e, to, n);
    if (!st) st = mst__words_add(&words, (mst_slice){to, n}, &g->node[e]);
  }
  g->n_nodes = (int32_t)words.n;
  mst__words_fini(&words);
  mst_buffer_fini(&text);
  return st;
}

/* Visit every arc of the graph; pass 0 counts, pass 1 stores. */
static void visit_arcs(graph *g, int pass) {
  const mst_rules_builder *b = g->b;
  for (int64_t i = b->first_pattern; i < b->patterns.n; i++) {
    const mst__pattern *p = MST__AT(b->patterns, mst__pattern, i);
    if (!is_one_way(b, p)) continue;
    const int32_t from = g->node[p->source - b->first_expansion];
    for (int64_t k = 0; k < p->n_targets; k++) {
      const int64_t target = *MST__AT(b->targets, int64_t, p->first_target + k);
      if (pass) {
        g->arc[g->at[from]] = g->node[target - b->first_expansion];
        g->from[g->at[from]] = p->source;
      }
      g->at[from]++;
    }
  }
}

static mst_status make_arcs(graph *g) {
  const size_t n = (size_t)g->n_nodes;
  g->first = mst_alloc_zero(n + 1, sizeof *g->first);
  g->at = mst_alloc_zero(n + 1, sizeof *g->at);
  g->state = mst_alloc_zero(n, 1);
  g->path = mst_alloc(n, sizeof *g->path);
  if (!g->first || !g->at || !g->state || !g->path) return MST_E_NOMEM;
  visit_arcs(g, 0);
  for (int32_t i = 0; i < g->n_nodes; i++) g->first[i + 1] = g->first[i] + g->at[i];
  memcpy(g->at, g->first, n * sizeof *g->at);
  g->arc = mst_alloc((size_t)g->first[n], sizeof *g->arc);
  g->from = mst_alloc((size_t)g->first[n], sizeof *g->from);
  if (!g->arc || !g->from) return MST_E_NOMEM;
  visit_arcs(g, 1);
  memcpy(g->at, g->first, n * sizeof *g->at);
  return MST_OK;
}

/* Depth first from one node, with a path of its own instead of the stack. */
static mst_status find_cycle(graph *g, int32_t from, const char *name) {
  int32_t depth = 0;
  g->path[0] = from;
  g->state[from] = 1;
  while (depth >= 0) {
    const int32_t v = g->path[depth];
    if (g->at[v] == g->first[v + 1]) {
      g->state[v] = 2;
      depth--;
      continue;
    }
    const int64_t arc = g->at[v]++;
    const int32_t next = g->arc[arc];
    if (g->state[next] == 1) {
      int32_t k = depth;
      while (g->path[k] != next) k--;
      const mst__expansion *last = MST__AT(g->b->expansions, mst__expansion, g->from[arc]);
      const mst__expansion *begun =
          MST__AT(g->b->expansions, mst__expansion, g->from[g->at[next] - 1]);
      return MST_FAIL(MST_E_FORMAT,
                      "%s:%d:%d: this one-way rule leads back to what the rule of line "
                      "%d replaces (a cycle), expected rules that end",
                      name, last->line, last->column, begun->line);
    }
    if (g->state[next]) continue;
    g->state[next] = 1;
    g->path[++depth] = next;
  }
  return MST_OK;
}

static mst_status check_cycles(const mst_rules_builder *b, const mst_pieces *lower,
                               const char *name) {
  graph g = {.b = b};
  g.node = mst_alloc((size_t)lower->n_docs, sizeof *g.node);
  mst_status st = g.node ? number_phrases(&g, lower) : MST_E_NOMEM;
  if (!st) st = make_arcs(&g);
  for (int32_t i = 0; !st && i < g.n_nodes; i++)
    if (!g.state[i]) st = find_cycle(&g, i, name);
  mst_free(g.node);
  mst_free(g.first);
  mst_free(g.at);
  mst_free(g.state);
  mst_free(g.path);
  mst_free(g.arc);
  mst_free(g.from);
  return st;
}

mst_status mst__file_check(mst_rules_builder *b, const char *name) {
  mst_rules *r = NULL;
  mst_pieces *lower = NULL;
  mst_status st = mst__compile(b, b->first_pattern, b->first_expansion, name, &r);
  if (!st) st = mst__cut_lower(b, b->first_expansion, &lower);
  if (!st) st = check_overlaps(b, r, lower, name);
  if (!st) st = check_cycles(b, lower, name);
  mst_pieces_free(lower);
  mst_rules_free(r);
  return st;
}
