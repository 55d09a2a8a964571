/* paper.h: what the parts of misstep paper share: what was asked, the data, its parts, the cells.
 *
 * In: options. Out: cells, each a model fitted on one part of the data with one seed under one
 * protocol; a cell has a key, a line in DIR/ledger and its predictions in DIR/predictions. Next
 * stage: tables, figures and the page.
 */
#ifndef MISSTEP_PAPER_H
#define MISSTEP_PAPER_H

#include <stdint.h>

#include "misstep/text.h"
#include "published.h"
#include "score/metrics.h"
#include "sweep/ledger.h"

/* As the paper did it: augment, then split records at random. Clean: split by group and text, one
 * test part for all sizes, augment the training part only. */
typedef enum paper_protocol { PAPER_LEAKY, PAPER_CLEAN, PAPER_PROTOCOLS } paper_protocol;

enum {
  PAPER_MODELS = 11,
  PAPER_MODEL_XGBOOST = 0, /* preset paper */
  PAPER_MODEL_DEFAULT = 1,
  PAPER_MAX_SEEDS = 20,
  PAPER_ARGUMENTS = 8
};

/* A pretrained encoder, fitted by experiments/baselines/transformer.py. */
typedef enum paper_encoder {
  PAPER_NO_ENCODER,
  PAPER_BERT,
  PAPER_DISTILBERT,
  PAPER_MINILM,
  PAPER_ENCODERS
} paper_encoder;

typedef struct paper_options {
  const char *dir, *data; /* data NULL: the synthetic set */
  const char *text_column, *label_column, *group_column;
  int wanted[PAPER_PROTOCOLS];
  const char *encoder[PAPER_ENCODERS]; /* folder with its weights, or "minilm"; NULL: not asked */
  char encoder_path[PAPER_ENCODERS][4096]; /* of folders, from the root: children work elsewhere */
  char encoder_hash[PAPER_ENCODERS][65];
  int quick, quiet, workers;
  int finished; /* compute nothing: write what there is */
  int32_t n_seeds;
  char program[4096];      /* misstep */
  char versions[64];       /* "misstep 0.1.0, XGBoost 3.4.1" */
  char with_lightgbm[160]; /* the same ", LightGBM 4.7.0"; nothing more where there is none */
} paper_options;

/* A model of the comparison. */
typedef struct paper_model {
  const char *id, *name;
  const char *option[PAPER_ARGUMENTS]; /* of misstep train (transformer.py), ends with NULL */
  int peer;                            /* row of Table 6, or -1 */
  int curve;                           /* fitted at every size, for Table 7 */
  paper_encoder encoder;
} paper_model;

extern const paper_model paper_models[PAPER_MODELS];

/* The data. */
typedef struct paper_set {
  char source[4096]; /* what every output calls it */
  char path[4200];   /* relative to DIR where it is ours */
  char hash[65];     /* SHA-256 of the file */
  char tag[9];       /* begins the names of its parts: file, columns and size */
  int is_synthetic;
  int64_t n;                   /* D records, at most 30,000 (quick: 3,000) */
  mst_strings storage;         /* [D] */
  mst_text text;               /* [D] */
  mst_strings names;           /* [C] */
  int32_t *label;              /* [D] */
  int64_t *group;              /* [D] split units: equal texts, one group */
  uint64_t *group_key;         /* [D] */
  int64_t *alone;              /* [D] every record a unit of its own */
  uint64_t *alone_key;         /* [D] */
  int64_t rows[PAPER_SIZES];   /* 5,000 .. 30,000, or the same proportions of n */
  int published[PAPER_LABELS]; /* class of each of the paper's labels */
  int matches;                 /* the classes are the paper's nine */
} paper_set;

/* Why a test record was seen in training. */
enum { PAPER_NO_TWIN, PAPER_TWIN_COPY, PAPER_TWIN_TEXT };

/* A training and a test file. */
typedef struct paper_part {
  char train[64], test[64]; /* relative to DIR */
  char train_hash[65], test_hash[65];
  int64_t n_train, n_test;
  int32_t *label;    /* [n_test] */
  uint8_t *twin;     /* [n_test] PAPER_NO_TWIN .. */
  int64_t *count;    /* [C] records of each class, both files */
  char problem[256]; /* why there is no such part, or "" */
} paper_part;

/* A model on a part. */
typedef struct paper_cell {
  paper_protocol protocol;
  int size, copies; /* copies: the training part of that size and a copy of each record */
  int model;
  int32_t seed;
  const paper_part *part;
  char key[SWEEP_KEY];
  int done, failed;
  char error[256];    /* why there is no result */
  double seconds;     /* of training, from its line */
  int32_t *predicted; /* [n_test] */
  mst_metrics metrics;
} paper_cell;

typedef struct paper_run {
  const paper_options *options;
  paper_set set;
  paper_part part[PAPER_PROTOCOLS][PAPER_SIZES][PAPER_MAX_SEEDS];
  paper_cell *cell;
  int64_t n_cells;
} paper_run;

/* set.c: read DIR/data/statements.csv (made first by misstep generate) or the file named. */
mst_status paper_set_read(const paper_options *options, paper_set *out);
void paper_set_fini(paper_set *set);

/* parts.c: have the files of all parts that are wanted, and load what is known of their test rows.
 * Files that are there are kept. MST_E_FORMAT: too few records. MST_E_IO, MST_E_NOMEM,
 * MST_E_ADAPTER: misstep augment failed. */
mst_status paper_parts_make(paper_run *run);
void paper_part_fini(paper_part *part);

/* cells.c: list the cells, and take from ledger and predictions what is finished. */
mst_status paper_cells_list(paper_run *run);
/* The programs and libraries that a model's results depend on. */
const char *paper_versions(const paper_options *o, int model);
mst_status paper_cells_load(paper_run *run);
void paper_cells_fini(paper_run *run);
/* The cell of these coordinates, or NULL. */
const paper_cell *paper_cell_find(const paper_run *run, paper_protocol protocol, int size,
                                  int copies, int model, int32_t seed);
/* encoder.c: why a model cannot run here, or NULL. */
const char *paper_model_absent(const paper_options *options, int model);
/* Hash the weights of the encoders that are asked for. MST_E_FORMAT: such a folder has none. */
mst_status paper_encoders_hash(paper_options *options);
/* The python that has the libraries, and the script; transformer.py's -o is to follow. */
const char *paper_python(void);
const char *paper_transformer(void);
/* Append the command line that repeats a cell, as a shell takes it, from within DIR. */
mst_status paper_cell_command(const paper_options *options, const paper_cell *cell, mst_buffer *to);

/* work.c: compute what is open, some cells at a time. MST_E_CANCELLED after Ctrl-C. */
mst_status paper_work(paper_run *run);

/* child.c: run misstep with these arguments from within DIR, its complaints to a file.
 *   argv  [0] is the program; ends with NULL
 *   log   path of what it says, relative to dir
 * MST_E_ADAPTER with the last line it said. MST_E_CANCELLED: a signal asked us to stop. */
mst_status paper_child(const char *dir, const char *const *argv, const char *log);
/* The last line of a log without "misstep: ", or "". */
void paper_log_last(const char *path, char *line, size_t n);

#endif
