/* model.h: which label goes with which family, in probabilities; inside pipeline/generate only. */
#ifndef MISSTEP_GENERATE_MODEL_H
#define MISSTEP_GENERATE_MODEL_H

#include <stdint.h>

#include "generate/grammar.h"

/* P(label, family) and what drawing from it needs. F families. */
typedef struct mst__model {
  int32_t n_families;
  double (*joint)[MST_GENERATE_N_LABELS];     /* [F] P(label, family) */
  double (*posterior)[MST_GENERATE_N_LABELS]; /* [F] P(label | family) */
  int8_t *best;                               /* [F] its first largest label */
  double *cumulative;                         /* [F] P(family <= f) */
  double best_accuracy;
} mst__model;

/* Fill the model from the grammar's families.
 * MST_E_ARG: so much ambiguity that a label would have no text of its own. MST_E_NOMEM. */
mst_status mst__model_init(mst__model *model, const mst__grammar *grammar, double noise,
                           double ambiguity);
void mst__model_fini(mst__model *model);

/* The family, or the label given the family, at u in [0, 1). */
int32_t mst__model_family(const mst__model *model, double u);
int32_t mst__model_label(const mst__model *model, int32_t family, double u);

#endif
