/* card.c: the model card's Markdown. */
#include "report/card.h"

#include <string.h>

#include "misstep/alloc.h"

#define LIMIT_BYTES ((size_t)1 << 26)

/* A figure of the metrics with its interval: "| accuracy | 0.7130 | 0.7015 to 0.7244 |". */
static mst_status put_figure(mst_buffer *to, const mst_json *metrics, const char *name,
                             const char *key, const char *interval_key) {
  const mst_json *value = mst_json_get(metrics, key);
  if (!value) return MST_OK;
  mst_status st = mst_buffer_printf(to, "| %s | %.4f | ", name, mst_json_number(value));
  const mst_json *pair = interval_key ? mst_json_get(metrics, interval_key) : NULL;
  const double low = mst_json_number(mst_json_at(pair, 0));
  const double high = mst_json_number(mst_json_at(pair, 1));
  if (!st && low < high) st = mst_buffer_printf(to, "%.4f to %.4f", low, high);
  return st ? st : mst_buffer_printf(to, " |\n");
}

static mst_status put_scores(mst_buffer *to, const mst_json *metrics) {
  static const char *const rows[][3] = {
      {"accuracy", "accuracy", "accuracy_interval"},
      {"balanced accuracy", "balanced_accuracy", "balanced_accuracy_interval"},
      {"macro F1", "macro_f1", "macro_f1_interval"},
      {"weighted F1", "weighted_f1", "weighted_f1_interval"},
      {"log loss", "log_loss", "log_loss_interval"},
      {"top-3 accuracy", "top3_accuracy", NULL},
      {"expected calibration error", "expected_calibration_error", NULL}};
  mst_status st = mst_buffer_printf(
      to,
      "\n## Scores\n\nOn %lld rows, each scored by a model that was not trained on "
      "it; 95 %% bootstrap intervals.\n\n"
      "| metric | value | interval |\n| :--- | ---: | :--- |\n",
      (long long)mst_json_int(mst_json_get(metrics, "rows")));
  for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !st; i++)
    st = put_figure(to, metrics, rows[i][0], rows[i][1], rows[i][2]);
  return st ? st : mst_buffer_printf(to, "\nBy class and in full: `metrics.json`.\n");
}

/* Text inside a code span or table cell: no line break, no backquote, no bar. */
static mst_status put_plain(mst_buffer *to, const char *text) {
  mst_status st = MST_OK;
  for (; *text && !st; text++) {
    const int is_special = (unsigned char)*text < 0x20 || *text == '`' || *text == '|';
    st = mst_buffer_append(to, is_special ? " " : text, 1);
  }
  return st;
}

/* A member as a row of a table: strings as they are, anything else as JSON. */
static mst_status put_member(mst_buffer *to, const char *key, const mst_json *value) {
  const char *string = mst_json_string(value, NULL);
  char *text = NULL;
  mst_status st = string ? MST_OK : mst_json_dump(value, 0, &text, NULL);
  if (!st) st = mst_buffer_printf(to, "| ");
  if (!st) st = put_plain(to, key);
  if (!st) st = mst_buffer_printf(to, " | ");
  if (!st) st = put_plain(to, string ? string : text);
  if (!st) st = mst_buffer_printf(to, " |\n");
  mst_free(text);
  return st;
}

static mst_status put_members(mst_buffer *to, const char *heading, const mst_json *object) {
  mst_status st = mst_buffer_printf(to, "\n## %s\n\n| | |\n| :--- | :--- |\n", heading);
  for (size_t i = 0; i < mst_json_size(object) && !st; i++)
    st = put_member(to, mst_json_key(object, i), mst_json_value(object, i));
  return st;
}

mst_status mst_card_write(const mst_card *card, char **out, size_t *n_bytes) {
  mst_buffer to;
  mst_buffer_init(&to, LIMIT_BYTES, "a model card");
  mst_status st = mst_buffer_printf(&to, "# ");
  if (!st) st = put_plain(&to, card->title ? card->title : "A model made by misstep");
  if (!st)
    st = mst_buffer_printf(&to,
                           "\n\nA classifier of short texts, made by misstep. `misstep predict` "
                           "and `misstep evaluate` read this folder; `manifest.json` is also a "
                           "configuration for `misstep train --config`.\n");
  if (!st && card->facts) st = put_members(&to, "What it was trained on", card->facts);
  if (!st && card->metrics) st = put_scores(&to, card->metrics);
  if (!st && card->config) st = put_members(&to, "Options", card->config);
  if (!st && card->snippet)
    st = mst_buffer_printf(
        &to, "\n## In Python, without misstep\n\n```python\n%s%s```\n", card->snippet,
        *card->snippet && card->snippet[strlen(card->snippet) - 1] == '\n' ? "" : "\n");
  if (!st) st = mst_buffer_append(&to, "", 1);
  if (st) {
    mst_buffer_fini(&to);
    return st;
  }
  *out = (char *)to.data;
  if (n_bytes) *n_bytes = to.size_bytes - 1;
  return MST_OK;
}
