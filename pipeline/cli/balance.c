/* balance.c: raises rare labels by copies, evenly. Who gets one more is drawn by the record's id,
 * so the order of the file does not matter. */
#include "cli/balance.h"

#include <stdlib.h>
#include <string.h>

#include "cli/settings_internal.h"
#include "misstep/alloc.h"
#include "misstep/rng.h"

#define MAX_COPIES 1048574 /* mst_augment_record.n_copies */

/* A record while the plan is made. */
typedef struct place {
  uint64_t draw;
  int64_t row;
  int32_t label;
} place;

static int compare_places(const void *x, const void *y) {
  const place *a = x, *b = y;
  if (a->label != b->label) return a->label < b->label ? -1 : 1;
  if (a->draw != b->draw) return a->draw < b->draw ? -1 : 1;
  return a->row < b->row ? -1 : a->row > b->row;
}

static int compare_counts(const void *x, const void *y) {
  const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
  return a < b ? -1 : a > b;
}

mst_status mst_balance_target(const char *text, const int64_t *count, int64_t n, int64_t *out) {
  int64_t *sorted = mst_alloc((size_t)n, sizeof *sorted);
  if (!sorted) return MST_E_NOMEM;
  memcpy(sorted, count, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, compare_counts);
  const int64_t largest = n ? sorted[n - 1] : 0, median = n ? sorted[(n - 1) / 2] : 0;
  mst_free(sorted);
  double number = 0;
  if (!strcmp(text, "max")) *out = largest;
  else if (!strcmp(text, "median")) *out = median;
  else if (!mst__read_real(text, &number) || !(number > 0 && number <= 1e15))
    return MST_FAIL(MST_E_ARG,
                    "--balance %s: max, median, a number of records, or a share of the largest "
                    "label as in 0.5 is expected",
                    text);
  else if (strchr(text, '.')) *out = (int64_t)(number * (double)largest + 0.5);
  else *out = (int64_t)number;
  return MST_OK;
}

/* The target, from the records and copies that each label has without it. */
static mst_status target_of(const mst_balance *b, const int64_t *count, int64_t *out) {
  int64_t *have = mst_alloc((size_t)b->n_classes, sizeof *have), n = 0;
  if (!have) return MST_E_NOMEM;
  for (int32_t c = 0; c < b->n_classes; c++)
    if (count[c]) have[n++] = count[c] * (1 + b->copies);
  const mst_status st = mst_balance_target(b->target, have, n, out);
  mst_free(have);
  return st;
}

/* Spread what a label lacks over its places first .. first + n - 1. */
static mst_status spread(const mst_balance *b, const place *places, int64_t n, int64_t lacking,
                         int32_t *planned) {
  const int64_t each = lacking > 0 ? lacking / n : 0, more = lacking > 0 ? lacking % n : 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t copies = b->copies + each + (i < more);
    if (b->max_copies && copies > b->max_copies) copies = b->max_copies;
    if (copies > MAX_COPIES)
      return MST_FAIL(MST_E_ARG, "%lld copies of a record, at most %d are possible",
                      (long long)copies, MAX_COPIES);
    planned[places[i].row] = (int32_t)copies;
  }
  return MST_OK;
}

mst_status mst_balance_plan(const mst_balance *b, int32_t *planned) {
  place *places = mst_alloc((size_t)b->n, sizeof *places);
  int64_t *count = mst_alloc_zero((size_t)b->n_classes, sizeof *count), target = 0;
  mst_status st = places && count ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < b->n; i++) {
    places[i] = (place){mst_rng_u64(b->seed, MST_RNG_AUGMENT, b->id[i], 0, 0), i, b->label[i]};
    count[b->label[i]]++;
  }
  if (!st) qsort(places, (size_t)b->n, sizeof *places, compare_places);
  if (!st && b->target) st = target_of(b, count, &target);
  for (int64_t c = 0, first = 0; !st && c < b->n_classes; first += count[c++])
    if (count[c])
      st = spread(b, places + first, count[c], b->target ? target - count[c] * (1 + b->copies) : 0,
                  planned);
  mst_free(places);
  mst_free(count);
  return st;
}
