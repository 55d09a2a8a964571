/* groups.c: cells to groups: gathered, numbered, sorted, averaged over folds, then over seeds. */
#include "groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "misstep/alloc.h"

/* One cell as a question sees it. */
typedef struct sight {
  int32_t x, by, other;
  int64_t seed;
  double x_number, y, also, goal;
} sight;

typedef struct columns {
  int x, y, by, also, goal, seed;
} columns;

mst_status sweep_question_passes(const sweep_view *v, const sweep_question *q, int64_t i,
                                 int *passes) {
  *passes = sweep_view_is_done(v, i);
  for (int w = 0; *passes && w < q->n_where; w++) {
    char name[128], *text = NULL;
    const char *equals = strchr(q->where[w], '=');
    const size_t n = equals ? (size_t)(equals - q->where[w]) : 0;
    int column = -1;
    if (!n || n >= sizeof name)
      return MST_FAIL(MST_E_ARG, "--where %.100s: NAME=VALUE is expected", q->where[w]);
    memcpy(name, q->where[w], n);
    name[n] = 0;
    mst_status st = sweep_view_find(v, name, &column);
    if (!st) st = sweep_view_text(v, i, column, &text);
    if (st) return st;
    *passes = strcmp(text, equals + 1) == 0;
    mst_free(text);
  }
  return MST_OK;
}

/* Does a column hold more than one value, "none" aside? */
static mst_status varies(const sweep_view *v, int column, int *found) {
  char *first = NULL;
  mst_status st = MST_OK;
  *found = 0;
  for (int64_t i = 0; i < v->n && !*found && !st; i++) {
    char *text = NULL;
    st = sweep_view_text(v, i, column, &text);
    if (st) break;
    if (*text && !first) {
      first = text;
      continue;
    }
    *found = *text && strcmp(first, text) != 0;
    mst_free(text);
  }
  mst_free(first);
  return st;
}

mst_status sweep_view_describe(const sweep_view *v, int64_t i, const uint8_t *is_part, char **out) {
  mst_buffer text;
  mst_buffer_init(&text, (size_t)1 << 24, "a configuration");
  mst_status st = MST_OK;
  for (int c = 0; c < v->n_columns && !st; c++) {
    char *value = NULL;
    if (!is_part[c]) continue;
    st = sweep_view_text(v, i, c, &value);
    if (!st && *value)
      st = mst_buffer_printf(&text, "%s%s=%s", text.size_bytes ? ", " : "", v->column[c], value);
    mst_free(value);
  }
  if (!st) st = mst_buffer_append(&text, "", 1);
  if (st) mst_buffer_fini(&text);
  else *out = (char *)text.data;
  return st;
}

mst_status sweep_view_parts(const sweep_view *v, int but, int but_too, uint8_t **out) {
  const int last = sweep_view_column(v, sweep_metrics[0]);
  uint8_t *is_part = mst_alloc_zero((size_t)v->n_columns, 1);
  if (!is_part) return MST_E_NOMEM;
  mst_status st = MST_OK;
  for (int c = 0; c < last && !st; c++) {
    const int asked = c != but && c != but_too && strcmp(v->column[c], "seed") != 0 &&
                      strcmp(v->column[c], "fold") != 0;
    int found = 0;
    if (asked) st = varies(v, c, &found);
    is_part[c] = (uint8_t)found;
  }
  if (st) mst_free(is_part);
  else *out = is_part;
  return st;
}

static mst_status find_columns(const sweep_view *v, const sweep_question *q, columns *out) {
  columns c = {.x = -1, .by = -1, .also = -1, .seed = sweep_view_column(v, "seed")};
  mst_status st = sweep_view_find(v, q->y, &c.y);
  if (!st && q->x) st = sweep_view_find(v, q->x, &c.x);
  if (!st && q->by) st = sweep_view_find(v, q->by, &c.by);
  if (!st && q->also) st = sweep_view_find(v, q->also, &c.also);
  if (!st) st = sweep_view_find(v, v->metric, &c.goal);
  if (!st && sweep_view_is_text(v, c.y))
    st = MST_FAIL(MST_E_ARG, "column %s is not a number", q->y);
  if (!st) *out = c;
  return st;
}

static char *none(void) { return mst_alloc_zero(1, 1); }

/* The cells that pass, and their texts. */
typedef struct gathering {
  sight *sight;
  char **text[3]; /* x, by, other */
  int64_t n;
} gathering;

static mst_status add_sight(const sweep_view *v, const columns *c, const uint8_t *is_part,
                            int64_t i, gathering *g) {
  const int column[] = {c->x, c->by};
  mst_status st = MST_OK;
  for (int k = 0; k < 2 && !st; k++) {
    if (column[k] >= 0) st = sweep_view_text(v, i, column[k], &g->text[k][g->n]);
    else if (!(g->text[k][g->n] = none())) st = MST_E_NOMEM;
  }
  if (!st) st = sweep_view_describe(v, i, is_part, &g->text[2][g->n]);
  if (!st)
    g->sight[g->n] = (sight){.seed = mst_json_int(sweep_view_at(v, i, c->seed)),
                             .x_number = c->x < 0 ? NAN : sweep_view_number(v, i, c->x),
                             .y = sweep_view_number(v, i, c->y),
                             .also = c->also < 0 ? NAN : sweep_view_number(v, i, c->also),
                             .goal = sweep_view_number(v, i, c->goal)};
  if (!st) g->n++;
  else
    for (int k = 0; k < 3; k++) mst_free(g->text[k][g->n]);
  return st;
}

static mst_status gather(const sweep_view *v, const sweep_question *q, const columns *c,
                         gathering *g) {
  uint8_t *is_part = NULL;
  mst_status st = sweep_view_parts(v, c->x, c->by, &is_part);
  g->sight = mst_alloc((size_t)v->n, sizeof *g->sight);
  for (int k = 0; k < 3; k++) g->text[k] = mst_alloc_zero((size_t)v->n + 1, sizeof *g->text[k]);
  if (!g->sight || !g->text[0] || !g->text[1] || !g->text[2]) st = MST_E_NOMEM;
  for (int64_t i = 0; i < v->n && !st; i++) {
    int passes = 0;
    st = sweep_question_passes(v, q, i, &passes);
    if (!passes || isnan(sweep_view_number(v, i, c->y))) continue;
    if (c->x >= 0 && !sweep_view_at(v, i, c->x)) continue; /* a model without this parameter */
    if (!st) st = add_sight(v, c, is_part, i, g);
  }
  mst_free(is_part);
  if (!st && !g->n)
    st = MST_FAIL(MST_E_ARG, "no finished cell has %s%s", q->y,
                  q->n_where ? " where that is asked for" : " yet");
  return st;
}

static mst_status number_texts(gathering *g, sweep_groups *out) {
  sweep_texts *const texts[] = {&out->x, &out->by, &out->other};
  int32_t *id = mst_alloc((size_t)g->n, sizeof *id);
  mst_status st = id ? MST_OK : MST_E_NOMEM;
  for (int k = 0; k < 3 && !st; k++) {
    st = sweep_texts_intern(g->text[k], g->n, id, texts[k]);
    g->text[k] = NULL;
    for (int64_t i = 0; i < g->n && !st; i++)
      *(k == 0 ? &g->sight[i].x : k == 1 ? &g->sight[i].by : &g->sight[i].other) = id[i];
  }
  mst_free(id);
  return st;
}

static int compare(double a, double b) { return (a > b) - (a < b); }

static int by_key(const void *a, const void *b) {
  const sight *s = a, *t = b;
  int c = compare(s->by, t->by);
  if (!c && !isnan(s->x_number) && !isnan(t->x_number)) c = compare(s->x_number, t->x_number);
  if (!c) c = compare(s->x, t->x);
  if (!c) c = compare(s->other, t->other);
  return c ? c : (s->seed > t->seed) - (s->seed < t->seed);
}

/* The cells at [from, to) as one group: folds of a seed first, then seeds. value: room for all. */
static sweep_group summarise(const sight *s, int64_t n, double *value) {
  sweep_group g = {
      .x = s->x, .by = s->by, .x_number = s->x_number, .other = s->other, .n_others = 1};
  int64_t n_seeds = 0, in_seed = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!i || s[i].seed != s[i - 1].seed) {
      if (i) value[n_seeds - 1] /= (double)in_seed;
      value[n_seeds++] = 0;
      in_seed = 0;
    }
    value[n_seeds - 1] += s[i].y;
    in_seed++;
    g.also += s[i].also;
    g.goal += s[i].goal;
  }
  value[n_seeds - 1] /= (double)in_seed;
  g.y = mst_mean_of(value, n_seeds);
  g.also /= (double)n;
  g.goal /= (double)n;
  g.n_cells = n;
  return g;
}

/* Keep the better of two configurations of one x and series. */
static void keep_best(sweep_group *kept, const sweep_group *next, int maximize) {
  const int64_t n = kept->n_others + 1;
  if (maximize ? next->goal > kept->goal : next->goal < kept->goal) *kept = *next;
  kept->n_others = n;
}

static int64_t count_others(const sight *s, int64_t n) {
  int64_t most = 0;
  for (int64_t i = 0; i < n; i++) most = s[i].other > most ? s[i].other : most;
  return most + 1; /* at most: numbers are dense over all groups */
}

static mst_status reduce(const sweep_view *v, const sweep_question *q, gathering *g,
                         sweep_groups *out) {
  double *value = mst_alloc((size_t)g->n, sizeof *value);
  out->group = mst_alloc((size_t)g->n, sizeof *out->group);
  if (!value || !out->group) {
    mst_free(value);
    return MST_E_NOMEM;
  }
  const int64_t n_others = count_others(g->sight, g->n);
  if (q->others == SWEEP_OTHERS_MEAN)
    for (int64_t i = 0; i < g->n; i++) g->sight[i].other = 0;
  out->x_is_number = q->x != NULL;
  qsort(g->sight, (size_t)g->n, sizeof *g->sight, by_key);
  for (int64_t from = 0, to; from < g->n; from = to) {
    const sight *s = &g->sight[from];
    for (to = from + 1; to < g->n; to++)
      if (s->by != g->sight[to].by || s->x != g->sight[to].x || s->other != g->sight[to].other)
        break;
    sweep_group next = summarise(s, to - from, value), *last = &out->group[out->n - (out->n > 0)];
    if (isnan(next.x_number)) out->x_is_number = 0;
    if (q->others == SWEEP_OTHERS_MEAN) next.n_others = n_others;
    if (q->others == SWEEP_OTHERS_BEST && out->n && last->by == next.by && last->x == next.x)
      keep_best(last, &next, v->maximize);
    else out->group[out->n++] = next;
  }
  mst_free(value);
  return MST_OK;
}

mst_status sweep_groups_make(const sweep_view *v, const sweep_question *q, sweep_groups *out) {
  gathering g = {0};
  columns c;
  sweep_groups made = {0};
  mst_status st = find_columns(v, q, &c);
  if (!st) st = gather(v, q, &c, &g);
  if (!st) st = number_texts(&g, &made);
  if (!st) st = reduce(v, q, &g, &made);
  for (int k = 0; k < 3; k++) {
    for (int64_t i = 0; g.text[k] && i < g.n; i++) mst_free(g.text[k][i]);
    mst_free(g.text[k]);
  }
  mst_free(g.sight);
  if (st) sweep_groups_fini(&made);
  else *out = made;
  return st;
}

void sweep_groups_fini(sweep_groups *groups) {
  mst_free(groups->group);
  sweep_texts_fini(&groups->x);
  sweep_texts_fini(&groups->by);
  sweep_texts_fini(&groups->other);
  *groups = (sweep_groups){0};
}
