/* multinomial.h: a panel that is one fit of all classes together. Internal to this folder. */
#ifndef MISSTEP_LINEAR_MULTINOMIAL_H
#define MISSTEP_LINEAR_MULTINOMIAL_H

#include "panel.h"

/* Visit every row once, in the panel's order. */
void mst__multinomial_pass(mst__panel *panel, const mst__logistic *problem);

/* The fit's loss and gap, without C, and its weights' squared length. */
void mst__multinomial_check(const mst__panel *panel, const mst__logistic *problem, double *loss,
                            double *gap, double *norm);

#endif
