/* effect.h: what copies do to scores, measured against plain duplicates.
 *
 * In: data sets, numbers of training records, seeds, ways to make copies. Out: accuracy and macro
 * F1 of each, kept line by line in a file so that a run goes on where one ended; a table of paired
 * differences with intervals. Next stage: a decision whether to augment.
 */
#ifndef MISSTEP_BENCH_EFFECT_H
#define MISSTEP_BENCH_EFFECT_H

#include "bench.h"

enum { EFFECT_SETS = 5, EFFECT_SIZES = 4, EFFECT_SEEDS = 5, EFFECT_ARMS = 7 };
/* Without copies; with copies, as many duplicates, and as many duplicates as weights of rows. */
enum {
  EFFECT_NONE,
  EFFECT_RULES,
  EFFECT_RULES_TWICE,
  EFFECT_RULES_WEIGHTS,
  EFFECT_WORDNET,
  EFFECT_WORDNET_TWICE,
  EFFECT_WORDNET_WEIGHTS
};
enum { EFFECT_ACCURACY, EFFECT_MACRO_F1, EFFECT_SCORES };

/* One data set: its files, their columns, and the rules that speak its language. */
typedef struct effect_set {
  const char *name;
  const char *files; /* below the data folder, with commas between them; NULL: generated */
  const char *text, *group;
  const char *rules;
  int is_english; /* WordNet has its words */
} effect_set;

/* One trained model; is_known 0: not yet, or there is none. */
typedef struct effect_cell {
  int is_known;
  int64_t n_train, n_test;
  double score[EFFECT_SCORES];
} effect_cell;

typedef struct effect_cells {
  effect_cell at[EFFECT_SETS][EFFECT_SIZES][EFFECT_SEEDS][EFFECT_ARMS];
} effect_cells;

extern const effect_set effect_sets[EFFECT_SETS];
extern const int64_t effect_rows[EFFECT_SIZES]; /* 0: all */
extern const char *const effect_arms[EFFECT_ARMS];

/* effect_file.c: read the cells that a file has of the same settings (a missing file has none), and
 * append one. MST_E_FORMAT "path:line: ...", MST_E_IO, MST_E_NOMEM. */
mst_status effect_file_read(const char *path, const char *settings, effect_cells *cells);
mst_status effect_file_append(const char *path, const char *settings, const int at[4],
                              const effect_cell *cell);

/* effect_table.c: means and paired differences over seeds, as a text (mst_free). MST_E_NOMEM. */
mst_status effect_table(const effect_cells *cells, mst_table_format format, char **out);

#endif
