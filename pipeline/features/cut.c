/* cut.c: which terms stay: document-frequency cuts, then the most frequent. */
#include <string.h>

#include "features/internal.h"
#include "features/select.h"

/* A cut as a number of documents. A share is not rounded, as in scikit-learn. */
static double cut_docs(mst_df_cut cut, int64_t n_docs) {
  return cut.is_fraction ? cut.value * (double)n_docs : cut.value;
}

/* Flag terms within the cuts, as scores: their frequency, or -1 where they go. Returns how many. */
static int64_t score_terms(const mst_vectorizer_options *options, const int64_t *doc_freq,
                           const int64_t *term_freq, int64_t n, int64_t n_docs, double *score) {
  const double low = cut_docs(options->min_df, n_docs), high = cut_docs(options->max_df, n_docs);
  int64_t n_kept = 0;
  for (int64_t t = 0; t < n; t++) {
    const int kept = (double)doc_freq[t] >= low && (double)doc_freq[t] <= high;
    const int64_t freq = options->binary ? doc_freq[t] : term_freq[t];
    score[t] = kept ? (double)freq : -1.0;
    n_kept += kept;
  }
  return n_kept;
}

mst_status mst__cut_terms(const mst_vectorizer_options *options, const int64_t *doc_freq,
                          const int64_t *term_freq, int64_t n, int64_t n_docs, int32_t **map,
                          int32_t **ids, int64_t *n_ids) {
  if (cut_docs(options->max_df, n_docs) < cut_docs(options->min_df, n_docs))
    return MST_FAIL(MST_E_ARG, "max_df corresponds to < documents than min_df");
  double *score = mst_alloc((size_t)n, sizeof *score);
  if (!score) return MST_E_NOMEM;
  int32_t *number = NULL, *kept = NULL;
  mst_status st = MST_OK;
  int64_t n_kept = score_terms(options, doc_freq, term_freq, n, n_docs, score);
  if (options->max_features && options->max_features < n_kept) n_kept = options->max_features;
  if (n_kept == 0) {
    st = MST_FAIL(MST_E_ARG,
                  "After pruning, no terms remain. Try a lower min_df or a higher max_df.");
    goto done;
  }
  if (n_kept < n) {
    number = mst_alloc((size_t)n, sizeof *number);
    kept = mst_alloc((size_t)n_kept, sizeof *kept);
    st = number && kept ? mst_select_top(score, n, n_kept, kept, &n_kept) : MST_E_NOMEM;
    if (st) goto done;
    memset(number, 0xff, (size_t)n * sizeof *number);
    for (int32_t i = 0; i < n_kept; i++) number[kept[i]] = i;
  }
  *map = number;
  *ids = kept;
  *n_ids = n_kept;
  number = kept = NULL;
done:
  mst_free(score);
  mst_free(number);
  mst_free(kept);
  return st;
}
