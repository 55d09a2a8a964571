/* option.h: every option of every command, in one table.
 *
 * In: the command line, a --config file, a preset. Out: settings: one checked value per option,
 * with where it came from. The same table prints --help, checks values, reads and writes
 * configurations (a model's manifest among them), so that the four cannot disagree. Next stage: the
 * commands.
 */
#ifndef MISSTEP_OPTION_H
#define MISSTEP_OPTION_H

#include <stdint.h>

#include "files/json.h"
#include "misstep/status.h"

/* Commands as bits, so that an option can name those that know it. */
enum {
  CMD_INFO = 1,
  CMD_GENERATE = 2,
  CMD_TRAIN = 4,
  CMD_PREDICT = 8,
  CMD_EVALUATE = 16,
  CMD_VECTORIZE = 32,
  CMD_VOCABULARY = 64,
  CMD_AUGMENT = 128,
  CMD_RULES = 256,
  CMD_SPLIT = 512,
  CMD_READ = CMD_TRAIN | CMD_PREDICT | CMD_EVALUATE | CMD_VECTORIZE | CMD_VOCABULARY | CMD_AUGMENT |
             CMD_SPLIT,
  CMD_FEATURES = CMD_TRAIN | CMD_VECTORIZE | CMD_VOCABULARY,
  CMD_ALL = 1023
};

typedef enum mst_option_kind {
  OPT_FLAG,   /* --name; value "true" or "false" */
  OPT_SWITCH, /* --name or --no-name */
  OPT_INT,    /* whole number in [low, high] */
  OPT_REAL,   /* number in [low, high] */
  OPT_TEXT,   /* anything; low > 0: must not be empty */
  OPT_CHOICE, /* one of the words in `values`, separated by | */
  OPT_RANGE,  /* "1,2": two whole numbers, first <= second, both in [low, high] */
  OPT_DF,     /* 2 (a count) or 0.01 (a share of the documents: has a point) */
  OPT_SELECT, /* chi2:K or none */
  OPT_LIST    /* may be given several times; values are joined by newlines; NAME=VALUE, or anything
               * with low > 0 */
} mst_option_kind;

typedef struct mst_option {
  const char *name; /* without the dashes */
  char letter;      /* short form, or 0 */
  mst_option_kind kind;
  unsigned commands;          /* who knows it */
  const char *values;         /* placeholder for help, or the words of a choice */
  const char *fallback;       /* default; NULL: unset */
  const char *train_fallback; /* default of train where it differs, else NULL */
  double low, high;           /* limits of numbers */
  const char *group;          /* heading in --help */
  const char *help;           /* one or more lines */
} mst_option;

extern const mst_option mst_options[];
extern const int mst_n_options;

/* Values of one invocation: value[i] belongs to mst_options[i]. */
typedef struct mst_settings {
  unsigned command;  /* one CMD_ bit */
  char **value;      /* owned strings, NULL: unset */
  uint8_t *given;    /* 0 default, 1 preset, 2 config, 3 command line */
  char **positional; /* borrowed from argv */
  int n_positional;
} mst_settings;

/* Fill in the defaults of a command. MST_E_NOMEM. */
mst_status mst_settings_init(mst_settings *s, unsigned command);
void mst_settings_fini(mst_settings *s);

/* Read argv[0 .. argc): options and positionals in any order, "--" ends options, --name=value or
 * --name value. A config is applied before the command line and a preset before both, wherever they
 * stand. MST_E_ARG: an unknown option (with the nearest name), a bad value, one that the command
 * does not know, with what was expected. */
mst_status mst_settings_parse(mst_settings *s, int argc, char **argv);

/* Set one option by name from text. given as in mst_settings. MST_E_ARG. */
mst_status mst_settings_set(mst_settings *s, const char *name, const char *text, uint8_t given);

/* Apply a configuration file: an object of option names (hyphens or underscores) and values, or a
 * model's manifest (its "options"). MST_E_ARG names file and key; MST_E_IO, MST_E_FORMAT. */
mst_status mst_settings_load(mst_settings *s, const char *path);

/* All options that this command knows and that are set, as JSON with natural types: what a manifest
 * holds and --config reads. Paths and presentation (output, quiet, ...) are left out. NULL: no
 * memory. */
mst_json *mst_settings_json(const mst_settings *s);

/* Typed access by name; the name must exist (asserted). */
const char *mst_setting_text(const mst_settings *s, const char *name); /* NULL: unset */
int64_t mst_setting_int(const mst_settings *s, const char *name);
double mst_setting_real(const mst_settings *s, const char *name);
int mst_setting_on(const mst_settings *s, const char *name);
int mst_setting_given(const mst_settings *s, const char *name); /* 3 on the command line, ... */
int mst_setting_is(const mst_settings *s, const char *name, const char *word);

/* Index of a name in mst_options, or -1. */
int mst_option_find(const char *name);
/* The option of this command whose name is nearest (edit distance), or NULL when none is near. */
const char *mst_option_nearest(unsigned command, const char *name);
/* Levenshtein distance of two names; of the second the first 63 characters count. */
int mst_name_distance(const char *a, const char *b);
/* Check a value against its option: MST_E_ARG "--max-depth abc: a whole number from 0 to 64 is
 * expected". */
mst_status mst_option_check(const mst_option *option, const char *text);
/* Apply a preset by name (default, paper, notebook). */
mst_status mst_settings_preset(mst_settings *s, const char *name);

#endif
