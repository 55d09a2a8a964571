/* card.h: the model card, a README.md for the model folder.
 *
 * In: the manifest's config and the metrics as JSON. Out: Markdown that says what the model was
 * trained on, how good it is, with which options, and how to load it in Python.
 */
#ifndef MISSTEP_CARD_H
#define MISSTEP_CARD_H

#include <stddef.h>

#include "files/json.h"
#include "misstep/status.h"

/* What the card tells; every pointer is borrowed and may be NULL (its section is then left out). */
typedef struct mst_card {
  const char *title;       /* "Model of statements.csv" */
  const mst_json *facts;   /* object of plain values, in order: "training rows": 24000, ... */
  const mst_json *config;  /* object: options by their command-line names */
  const mst_json *metrics; /* mst_metrics_json of the test part */
  const char *snippet;     /* Python that loads the model, or NULL */
} mst_card;

/* Write the card (*out by mst_free, *n_bytes may be NULL). MST_E_NOMEM. */
mst_status mst_card_write(const mst_card *card, char **out, size_t *n_bytes);

#endif
