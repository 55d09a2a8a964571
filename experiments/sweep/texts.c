/* texts.c: equal texts to equal numbers. */
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "misstep/alloc.h"

static int by_text(const void *a, const void *b, void *payload) {
  char **text = payload;
  const int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
  const int c = strcmp(text[i], text[j]);
  return c ? c : (i > j) - (i < j);
}

/* leader[i]: the first place of the text at place i. */
static void find_leaders(char **text, int64_t n, const int64_t *order, int64_t *leader) {
  int64_t first = 0;
  for (int64_t k = 0; k < n; k++) {
    if (!k || strcmp(text[order[k]], text[first]) != 0) first = order[k];
    leader[order[k]] = first;
  }
}

mst_status sweep_texts_intern(char **text, int64_t n, int32_t *id, sweep_texts *out) {
  int64_t *order = mst_alloc((size_t)n, sizeof *order),
          *leader = mst_alloc((size_t)n, sizeof *leader);
  char **kept = mst_alloc((size_t)n, sizeof *kept);
  int32_t n_kept = 0;
  const int fine = order && leader && kept;
  for (int64_t i = 0; fine && i < n; i++) order[i] = i;
  if (fine && n) qsort_r(order, (size_t)n, sizeof *order, by_text, text);
  if (fine) find_leaders(text, n, order, leader);
  for (int64_t i = 0; fine && i < n; i++) {
    if (leader[i] == i) {
      id[i] = n_kept;
      kept[n_kept++] = text[i];
      text[i] = NULL;
    } else id[i] = id[leader[i]];
  }
  for (int64_t i = 0; i < n; i++) mst_free(text[i]);
  mst_free(text);
  mst_free(order);
  mst_free(leader);
  if (!fine) {
    mst_free(kept);
    return MST_E_NOMEM;
  }
  *out = (sweep_texts){kept, n_kept};
  return MST_OK;
}

void sweep_texts_fini(sweep_texts *texts) {
  for (int32_t i = 0; i < texts->n; i++) mst_free(texts->text[i]);
  mst_free(texts->text);
  *texts = (sweep_texts){0};
}
