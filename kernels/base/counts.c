/* counts.c: how many n-grams a sequence has, and freeing of n-grams, wherever they are at home. */
#include "misstep/counts.h"

#include "body/ngram.h"
#include "misstep/alloc.h"

void mst_grams_fini(mst_grams *grams) {
  mst_backend_free(grams->home, grams->ptr);
  mst_backend_free(grams->home, grams->id);
  *grams = (mst_grams){0};
}

void mst_gram_table_fini(mst_gram_table *table) {
  mst_free(table->parent);
  mst_free(table->unit);
  mst_free(table->term_node);
  *table = (mst_gram_table){0};
}

int64_t mst_ngram_total(int64_t n_units, int32_t n_min, int32_t n_max, int whole) {
  return mst_body_ngram_total(n_units, n_min, n_max, whole);
}

mst_status mst_ngrams_layout(const mst_sequences *items, int32_t n_min, int32_t n_max, int whole,
                             mst_grams *out) {
  mst_grams grams = {.n_items = items->n_items};
  grams.ptr = mst_alloc((size_t)items->n_items + 1, sizeof *grams.ptr);
  if (!grams.ptr) return MST_E_NOMEM;
  grams.ptr[0] = 0;
  for (int64_t i = 0; i < items->n_items; i++)
    grams.ptr[i + 1] =
        grams.ptr[i] + mst_ngram_total(items->ptr[i + 1] - items->ptr[i], n_min, n_max, whole);
  grams.n_grams = grams.ptr[items->n_items];
  grams.id = mst_alloc((size_t)grams.n_grams, sizeof *grams.id);
  if (!grams.id) {
    mst_grams_fini(&grams);
    return MST_E_NOMEM;
  }
  *out = grams;
  return MST_OK;
}
