/* generate.c: misstep generate: synthetic statements, and what the best classifier could reach on
 * them. */
#include "generate/generate.h"
#include "cli/command.h"
#include "cli/terminal.h"

static mst_status label_rows(const mst_generate_summary *sum, mst_table *table) {
  mst_status st = MST_OK;
  for (int32_t k = 0; !st && k < MST_GENERATE_N_LABELS; k++) {
    st = mst_table_cell(table, "%s", mst_generate_label_name(k));
    if (!st) st = mst_table_cell(table, "%lld", (long long)sum->label_count[k]);
    if (!st)
      st = mst_table_cell(table, "%.2f",
                          sum->n_rows ? 100.0 * (double)sum->label_count[k] / (double)sum->n_rows
                                      : 0.0);
    if (!st) st = mst_table_cell(table, "%.2f", 100.0 * mst_generate_label_share(k));
  }
  return st;
}

static mst_status print_summary(const mst_generate_summary *sum, mst_table_format format) {
  static const char *const columns[] = {"label", "records", "share %", "Table 1 %", NULL};
  mst_table *table = NULL;
  const double n = sum->n_rows ? (double)sum->n_rows : 1.0;
  mst_status st = mst_table_create("Synthetic statements", "lnnn", columns, &table);
  if (!st) st = label_rows(sum, table);
  if (!st)
    st = mst_table_note(
        table, "synthetic: made by a grammar, not by pupils or teachers; distinct texts %.1f %%",
        100.0 * (double)sum->n_distinct / (sum->distinct_rows ? (double)sum->distinct_rows : 1.0));
  if (!st)
    st = mst_table_note(
        table,
        "the best possible classifier is right for %.2f %% of these records (expected %.2f %%): "
        "%.1f %% of the texts fit two labels, and labels are noisy",
        100.0 * (double)sum->n_best_right / n, 100.0 * sum->expected_best_accuracy,
        100.0 * (double)sum->n_shared / n);
  if (!st) st = mst_print_table(table, format);
  mst_table_free(table);
  return st;
}

mst_status mst_command_generate(const mst_settings *s) {
  const char *path = mst_setting_text(s, "output");
  char device[32];
  mst_table_format format;
  mst_generate_summary sum;
  mst_generate_options o = mst_generate_options_default();
  if (!path) return MST_FAIL(MST_E_ARG, "-o FILE is missing: where do the statements go?");
  mst_status st = mst_setting_table_format(s, &format);
  if (!st) st = mst_setting_device(s, device);
  if (st) return st;
  o.n_rows = mst_setting_int(s, "count");
  o.first = mst_setting_int(s, "first");
  o.seed = (uint64_t)mst_setting_int(s, "seed");
  o.noise = mst_setting_real(s, "noise");
  o.ambiguity = mst_setting_real(s, "ambiguity");
  o.typos = mst_setting_real(s, "typos");
  o.header = mst_setting_on(s, "header");
  o.n_threads = mst_setting_threads(s);
  const double began = mst_terminal_now();
  st = mst_generate_file(&o, path, mst_setting_on(s, "force"), &sum);
  if (!st)
    mst_terminal_note("%s: %lld records in %.2f s; %s.manifest.json says how they were made", path,
                      (long long)sum.n_rows, mst_terminal_now() - began, path);
  return st ? st : print_summary(&sum, format);
}
