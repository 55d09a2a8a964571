/* command.h: the subcommands. Each takes checked settings and returns a status; main.c turns it
 * into an exit code.
 */
#ifndef MISSTEP_COMMAND_H
#define MISSTEP_COMMAND_H

#include "cli/option.h"
#include "learn/model.h"
#include "report/table.h"

typedef struct mst_command {
  const char *name;
  unsigned bit;
  mst_status (*run)(const mst_settings *settings);
  int min_positional, max_positional;
  const char *usage;    /* after "misstep NAME" */
  const char *summary;  /* one line */
  const char *examples; /* for --help */
} mst_command;

extern const mst_command mst_commands[];
extern const int mst_n_commands;

/* The commands: read what the settings name, do the work, write the result. The settings of the
 * same command; a failure is any mst_status. */
mst_status mst_command_info(const mst_settings *s);
mst_status mst_command_generate(const mst_settings *s);
mst_status mst_command_augment(const mst_settings *s);
mst_status mst_command_rules(const mst_settings *s);
mst_status mst_command_train(const mst_settings *s);
mst_status mst_command_split(const mst_settings *s);
mst_status mst_command_predict(const mst_settings *s);
mst_status mst_command_evaluate(const mst_settings *s);
mst_status mst_command_vectorize(const mst_settings *s);
mst_status mst_command_vocabulary(const mst_settings *s);

/* Print the overview, or one command's help, to standard output. */
void mst_help_overview(void);
void mst_help_command(const mst_command *command);

/* --threads, with 0 replaced by the number of cores that this process may use. */
int mst_setting_threads(const mst_settings *s);

/* --device resolved: "cpu" or "cuda:N", never another than was asked for.
 * MST_E_ARG: not a device name. MST_E_DEVICE: this build or this machine lacks it. */
mst_status mst_setting_device(const mst_settings *s, char device[32]);

/* --device opened with --threads: the first thing that a command does, before data is read. For
 * mst_backend_close. Errors as mst_setting_device and mst_backend_open. */
mst_status mst_setting_backend(const mst_settings *s, mst_backend **out);

/* --format for tables. MST_E_ARG. */
mst_status mst_setting_table_format(const mst_settings *s, mst_table_format *out);

/* Options of the vectorizer under a prefix ("" or "linear-"). Strings are borrowed from s; a stop
 * word file is read into *stop_list, which the caller frees. MST_E_ARG, MST_E_IO, MST_E_NOMEM. */
mst_status mst_setting_vectorizer(const mst_settings *s, const char *prefix, mst_strings *stop_list,
                                  mst_vectorizer_options *out);

/* Model options; what they borrow lives in *store (zero it first; free with
 * mst_model_store_fini). */
typedef struct mst_model_store {
  mst_strings stop_trees, stop_linear;
  mst_class_weight class_weight;
  mst_parameter *extra;
  char *extra_text;
  mst_backend *backend;
} mst_model_store;

/* Check the options of the model together. MST_E_ARG, MST_E_IO, MST_E_NOMEM; *store is to be freed
 * after a failure as well. */
mst_status mst_setting_model(const mst_settings *s, mst_model_store *store, mst_model_options *out);
void mst_model_store_fini(mst_model_store *store);

/* Print a table to standard output in --format. MST_E_IO. */
mst_status mst_print_table(const mst_table *table, mst_table_format format);

/* Write all bytes to a stream; MST_E_IO with the system's words. name: for the message. */
mst_status mst_write_all(FILE *stream, const char *name, const void *bytes, size_t n);

#endif
