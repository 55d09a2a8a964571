/* effect.h: what copies do to scores, measured against plain duplicates.
 *
 * In: data sets (effect_sets.c), numbers of training records, seeds, ways to make copies. Out:
 * accuracy and macro F1 of each, kept line by line in a file so that a run goes on where one ended;
 * tables of paired differences with intervals. Next stage: a decision whether to augment.
 */
#ifndef MISSTEP_BENCH_EFFECT_H
#define MISSTEP_BENCH_EFFECT_H

#include "bench.h"

enum { EFFECT_SETS = 5, EFFECT_SIZES = 4, EFFECT_SEEDS = 5, EFFECT_OPERATIONS = 12 };
enum { EFFECT_ACCURACY, EFFECT_MACRO_F1, EFFECT_SCORES };

/* A way to train: without copies; with copies, with as many duplicates, with as many duplicates as
 * weights of rows; or copied first and divided then, as the paper did: copies of tested records are
 * trained. */
typedef enum effect_kind {
  EFFECT_WITHOUT,
  EFFECT_COPIES,
  EFFECT_DUPLICATES,
  EFFECT_WEIGHTS,
  EFFECT_LEAKY
} effect_kind;

typedef struct effect_arm {
  const char *name; /* in files */
  effect_kind kind;
  const char *operation; /* the only one, NULL: those that are usual */
  int wordnet;
} effect_arm;

/* Arms by number: without copies; copies, duplicates and weights by the rules, and by them and
 * WordNet; the paper's way; copies and duplicates of each single operation. */
enum {
  EFFECT_NONE,
  EFFECT_RULES,
  EFFECT_WORDNET = EFFECT_RULES + 3,
  EFFECT_PAPER = EFFECT_WORDNET + 3,
  EFFECT_SINGLE,
  EFFECT_ARMS = EFFECT_SINGLE + 2 * EFFECT_OPERATIONS
};

/* One data set: its files, their columns, and the rules that speak its language. */
typedef struct effect_set {
  const char *name;
  const char *files; /* below the data folder, with commas between them; NULL: generated */
  const char *text, *group;
  const char *rules;
  int is_english; /* WordNet has its words */
  int single;     /* number of the size at which single operations are measured */
} effect_set;

/* One trained model; is_known 0: not yet, or there is none. */
typedef struct effect_cell {
  int is_known;
  int64_t n_train, n_test;
  int64_t n_copies; /* or duplicates; -1: not written down */
  int64_t n_twins;  /* EFFECT_PAPER: tested texts that are, or are copies of, a trained record */
  double score[EFFECT_SCORES];
} effect_cell;

typedef struct effect_cells {
  effect_cell at[EFFECT_SETS][EFFECT_SIZES][EFFECT_SEEDS][EFFECT_ARMS];
} effect_cells;

extern const effect_set effect_sets[EFFECT_SETS];
extern const int64_t effect_rows[EFFECT_SIZES]; /* 0: all */
extern const effect_arm effect_arms[EFFECT_ARMS];

/* effect_file.c: read the cells that a file has of the same settings (a missing file has none; an
 * unfinished last line is cut off), and append one. MST_E_FORMAT "path:line: ...", MST_E_IO,
 * MST_E_NOMEM. */
mst_status effect_file_read(const char *path, const char *settings, effect_cells *cells);
mst_status effect_file_append(const char *path, const char *settings, const int at[4],
                              const effect_cell *cell);

/* effect_table.c: means and paired differences over seeds, as a text (mst_free): of copies by rules
 * and WordNet; of single operations; of the paper's way. *out NULL: nothing to show.
 * MST_E_NOMEM. */
typedef mst_status effect_table_fn(const effect_cells *cells, mst_table_format format, char **out);
effect_table_fn effect_table, effect_table_single, effect_table_paper;

#endif
