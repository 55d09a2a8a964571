/* boost.c: the rounds of boosting: a trial before the long work, progress, early stopping. */
#include <math.h>
#include <stdio.h>

#include "learn/engine.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

/* Without early stopping the loss on the training rows is shown every so many rounds. */
#define SHOW_EVERY 10

mst_status mst__boost_probe(const mst_model_options *options, int32_t n_classes) {
  const mst_xgb_options o = mst__model_options_xgb(options, n_classes, n_classes);
  mst_status st = mst_xgb_options_check(&o);
  if (!st) st = mst_xgb_open(NULL);
  if (st) return st;
  mst_csr x = {0};
  mst_xgb_matrix *matrix = NULL;
  mst_xgb_booster *booster = NULL;
  int32_t *label = NULL;
  st = mst__probe_rows(n_classes, &x, &label);
  if (!st) st = mst_xgb_matrix_create(&x, label, NULL, 0, 1, &matrix);
  if (!st) st = mst_xgb_booster_create(&o, matrix, NULL, &booster);
  if (!st) st = mst_xgb_booster_update(booster, 0);
  mst_xgb_booster_free(booster);
  mst_xgb_matrix_free(matrix);
  mst_csr_fini(&x);
  mst_free(label);
  return st;
}

/* The loss of a round, as the progress line shows it. */
static mst_status show_round(mst_xgb_booster *b, const mst_xgb_matrix *train,
                             const mst_xgb_matrix *valid, int32_t round, int32_t n_rounds,
                             double *loss, char detail[48]) {
  const mst_xgb_matrix *on = valid ? valid : train;
  mst_status st = MST_OK;
  if (valid || round % SHOW_EVERY == 0 || round == n_rounds - 1) {
    st = mst_xgb_booster_mlogloss(b, on, round, loss);
    if (st) return st;
    (void)snprintf(detail, 48, "%smlogloss %.3f", valid ? "" : "training ", *loss);
  }
  return mst_progress("boosting", round + 1, n_rounds, detail);
}

mst_status mst__boost(const mst_xgb_options *options, int32_t n_rounds, int32_t early_stopping,
                      const mst_xgb_matrix *train, const mst_xgb_matrix *valid,
                      mst_xgb_booster **out, mst_fit_report *report) {
  mst_xgb_booster *b = NULL;
  mst_status st = mst_xgb_booster_create(options, train, valid, &b);
  if (st) return st;
  double best = INFINITY, loss = 0;
  int32_t best_round = 0, round = 0;
  char detail[48] = "";
  for (; round < n_rounds; round++) {
    st = mst_xgb_booster_update(b, round);
    if (!st) st = show_round(b, train, valid, round, n_rounds, &loss, detail);
    if (st) goto done;
    if (!valid || loss < best) {
      best = loss;
      best_round = round;
    } else if (round - best_round >= early_stopping) {
      round++;
      break;
    }
  }
  (void)snprintf(report->device, sizeof report->device, "%s", mst_xgb_booster_device(b));
  report->n_rounds = round;
  report->best_round = best_round;
  report->validation_mlogloss = valid ? best : NAN;
  if (valid) st = mst_xgb_booster_truncate(b, best_round + 1);
  if (st) goto done;
  *out = b;
  b = NULL;
done:
  mst_xgb_booster_free(b);
  return st;
}
