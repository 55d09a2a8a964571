/* options.c: defaults and checks of the vectorizer's options, before any text is read. */
#include <math.h>
#include <string.h>

#include "features/internal.h"

mst_vectorizer_options mst_vectorizer_options_default(void) {
  return (mst_vectorizer_options){.token = mst_token_options_default(),
                                  .ngram_min = 1,
                                  .ngram_max = 1,
                                  .min_df = {0, 1.0},
                                  .max_df = {1, 1.0},
                                  .idf = MST_IDF_SMOOTH,
                                  .norm = MST_NORM_L2,
                                  .dtype = MST_FLOAT64};
}

static mst_status check_cut(const char *name, mst_df_cut cut) {
  if (cut.is_fraction && !(cut.value >= 0.0 && cut.value <= 1.0))
    return MST_FAIL(MST_E_ARG, "%s: a share of documents is from 0.0 to 1.0, not %g", name,
                    cut.value);
  if (!cut.is_fraction && !(cut.value >= 1.0 && cut.value == floor(cut.value)))
    return MST_FAIL(MST_E_ARG, "%s: a number of documents is 1 or more, not %g", name, cut.value);
  return MST_OK;
}

/* Boundaries are checked last, as in scikit-learn: of two faults it is the other that is named. */
static mst_status check_range(int32_t low, int32_t high) {
  if (low > high)
    return MST_FAIL(MST_E_ARG,
                    "invalid ngram_range %d,%d: lower boundary larger than the upper boundary", low,
                    high);
  if (low < 1 || high > MST_NGRAM_LIMIT)
    return MST_FAIL(MST_E_ARG, "invalid ngram_range %d,%d: boundaries are from 1 to %d", low, high,
                    MST_NGRAM_LIMIT);
  return MST_OK;
}

mst_status mst__options_check(const mst_vectorizer_options *o) {
  if (o->stop_words && strcmp(o->stop_words, "english") != 0 &&
      !(strcmp(o->stop_words, "list") == 0 && o->stop_list))
    return MST_FAIL(MST_E_ARG, "not a built-in stop list: %s", o->stop_words);
  if (o->max_features < 0)
    return MST_FAIL(MST_E_ARG, "max_features: a number of terms, not %lld",
                    (long long)o->max_features);
  if (o->dtype != MST_FLOAT32 && o->dtype != MST_FLOAT64)
    return MST_FAIL(MST_E_ARG, "dtype: weights are float32 or float64");
  mst_status st = check_cut("min_df", o->min_df);
  if (!st) st = check_cut("max_df", o->max_df);
  return st ? st : check_range(o->ngram_min, o->ngram_max);
}
