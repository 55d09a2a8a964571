/* groups.h: cells of a sweep put together: one group for every value of x and of the series, with a
 * mean and an interval over seeds.
 *
 * In: a folder that has been read, and a question. Out: groups. Next stage: figures.
 *
 * A seed counts once: its folds are averaged before. Cells that differ in other columns yet (rows,
 * the model, a parameter) are other configurations; of those a group keeps the best by the sweep's
 * metric, or the mean of all.
 */
#ifndef MISSTEP_SWEEP_GROUPS_H
#define MISSTEP_SWEEP_GROUPS_H

#include "score/student.h"
#include "view.h"

enum { SWEEP_WHERES = 16 };
enum { SWEEP_OTHERS_BEST, SWEEP_OTHERS_MEAN, SWEEP_OTHERS_APART };

typedef struct sweep_question {
  const char *x, *y, *by;          /* columns; x and by may be NULL: one value for all */
  const char *also;                /* a second column to average; NULL: none */
  const char *where[SWEEP_WHERES]; /* "NAME=VALUE", all of them hold */
  int n_where;
  int others; /* SWEEP_OTHERS_... */
} sweep_question;

typedef struct sweep_group {
  int32_t x, by;     /* numbers of their texts, in the order of the spec */
  double x_number;   /* NaN: not a number */
  mst_mean y;        /* over seeds */
  double also, goal; /* means of the second column, and of the sweep's metric */
  int32_t other;     /* number of the configuration's text */
  int64_t n_others;  /* configurations that it was chosen from, or that were averaged */
  int64_t n_cells;
} sweep_group;

/* Texts, each distinct one numbered in order of first appearance. */
typedef struct sweep_texts {
  char **text; /* [n] */
  int32_t n;
} sweep_texts;

typedef struct sweep_groups {
  sweep_group *group; /* [n] by by, then x: numbers rising, else in the order of the spec */
  int64_t n;
  sweep_texts x, by, other;
  int x_is_number; /* all x are */
} sweep_groups;

/* Ask. MST_E_ARG: an unknown column, a filter without "=", or no cell is left; MST_E_NOMEM. */
mst_status sweep_groups_make(const sweep_view *view, const sweep_question *question,
                             sweep_groups *out);
void sweep_groups_fini(sweep_groups *groups);

/* Is cell i done, and does it pass the filters? *passes. MST_E_ARG, MST_E_NOMEM. */
mst_status sweep_question_passes(const sweep_view *view, const sweep_question *question, int64_t i,
                                 int *passes);

/* Number equal texts alike: id[i] of text[i], the distinct ones moved to out, the others freed;
 * text is given up even on failure. MST_E_NOMEM. */
mst_status sweep_texts_intern(char **text, int64_t n, int32_t *id, sweep_texts *out);
void sweep_texts_fini(sweep_texts *texts);

/* The columns that tell configurations apart: rows, model and parameters that vary in the folder,
 * but for two (-1: none). *is_part [n_columns] by mst_free. MST_E_NOMEM. */
mst_status sweep_view_parts(const sweep_view *view, int but, int but_too, uint8_t **is_part);
/* Those columns of cell i as "NAME=VALUE, ..." (mst_free). MST_E_NOMEM. */
mst_status sweep_view_describe(const sweep_view *view, int64_t i, const uint8_t *is_part,
                               char **out);

#endif
