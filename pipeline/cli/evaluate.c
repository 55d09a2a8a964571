/* evaluate.c: misstep evaluate: the figures of a model, or of anybody's predictions, on labelled
 * texts. */
#include <stdio.h>
#include <string.h>

#include "cli/data.h"
#include "cli/predictions.h"
#include "cli/terminal.h"
#include "cli/train.h"
#include "files/folder.h"
#include "misstep/alloc.h"

/* The column a model was trained with, unless the command line names one. */
static const char *column(const mst_settings *s, const mst_json *config, const char *name) {
  const char *trained = mst_json_string(mst_json_get(config, name), NULL);
  return mst_setting_given(s, name) || !trained ? mst_setting_text(s, name) : trained;
}

static mst_status save(const mst_settings *s, const mst_json *scores) {
  const char *path = mst_setting_text(s, "output");
  char *text = NULL;
  size_t n = 0;
  if (!path) return MST_OK;
  mst_status st = mst_json_dump(scores, 2, &text, &n);
  if (!st) st = mst_file_write(path, mst_setting_on(s, "force"), text, n);
  mst_free(text);
  return st;
}

static mst_status report(const mst_settings *s, const mst_metrics *metrics,
                         const mst_strings *names) {
  mst_table_format format;
  mst_json *scores = mst_metrics_json(metrics, names);
  mst_status st = scores ? mst_setting_table_format(s, &format) : MST_E_NOMEM;
  if (!st) st = save(s, scores);
  if (!st)
    st = format == MST_TABLE_JSON ? mst_print_json(scores)
                                  : mst_print_scores(metrics, names, format);
  mst_json_free(scores);
  return st;
}

/* Predictions that are in a file. */
static mst_status evaluate_predictions(const mst_settings *s) {
  mst_predictions made = {0};
  mst_metrics metrics = {0};
  mst_table_format format;
  if (s->n_positional != 1)
    return MST_FAIL(MST_E_ARG,
                    "--predictions stands for the model: only the labelled file is "
                    "expected beside it, not %s as well",
                    s->positional[0]);
  mst_status st = mst_setting_table_format(s, &format);
  if (!st) st = mst_predictions_read(s, s->positional[0], &made);
  if (!st)
    st = mst_metrics_judge(&made.answers, (int32_t)mst_setting_int(s, "bootstrap"),
                           (uint64_t)mst_setting_int(s, "seed"), mst_setting_threads(s), &metrics);
  if (!st) st = report(s, &metrics, &made.names);
  mst_metrics_fini(&metrics);
  mst_predictions_fini(&made);
  return st;
}

static mst_status evaluate_model(const mst_settings *s) {
  mst_model *model = NULL;
  mst_json *config = NULL;
  mst_data data = {0};
  mst_metrics metrics = {0};
  float *proba = NULL;
  mst_backend *backend = NULL;
  mst_table_format format;
  const int threads = mst_setting_threads(s);
  if (s->n_positional != 2)
    return MST_FAIL(MST_E_ARG, "evaluate: a model and a labelled file are expected, or "
                               "--predictions FILE and a labelled file");
  if (mst_setting_text(s, "id-column"))
    return MST_FAIL(MST_E_ARG, "--id-column matches --predictions, which are not given");
  mst_status st = mst_setting_backend(s, &backend);
  if (!st) st = mst_setting_table_format(s, &format);
  if (!st) st = mst_terminal_input(mst_model_load(s->positional[0], &model, &config));
  if (!st) st = mst_data_read(s->positional[1], s, column(s, config, "text-column"), &data);
  if (!st) st = mst_data_relabel(&data, column(s, config, "label-column"), mst_model_labels(model));
  const int64_t n_classes = st ? 0 : mst_model_labels(model)->n;
  if (!st && !(proba = mst_alloc((size_t)(data.text.n_docs * n_classes), sizeof *proba)))
    st = MST_E_NOMEM;
  if (!st) st = mst_model_predict(model, backend, &data.text, proba);
  if (!st)
    st = (mst_model_has_proba(model) ? mst_metrics_compute : mst_metrics_of_scores)(
        data.label, proba, data.text.n_docs, (int32_t)n_classes,
        (int32_t)mst_setting_int(s, "bootstrap"), (uint64_t)mst_setting_int(s, "seed"), threads,
        &metrics);
  if (!st) st = report(s, &metrics, mst_model_labels(model));
  mst_free(proba);
  mst_metrics_fini(&metrics);
  mst_data_fini(&data);
  mst_json_free(config);
  mst_model_free(model);
  mst_backend_close(backend);
  return st;
}

mst_status mst_command_evaluate(const mst_settings *s) {
  return mst_setting_text(s, "predictions") ? evaluate_predictions(s) : evaluate_model(s);
}
