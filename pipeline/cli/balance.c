/* balance.c: raises rare labels by copies, evenly. Who gets one more is drawn by the record's id,
 * so the order of the file does not matter. */
#include "cli/balance.h"

#include <stdlib.h>
#include <string.h>

#include "cli/settings_internal.h"
#include "misstep/alloc.h"
#include "spread.h"

#define MAX_COPIES 1048574 /* mst_augment_record.n_copies */

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

/* What each label lacks, 0 without a target. MST_E_ARG: more than a record may have copies. */
static mst_status lacking_of(const mst_balance *b, const int64_t *count, int64_t base,
                             int64_t *lacking) {
  int64_t target = 0;
  const mst_status st = b->target ? target_of(b, count, &target) : MST_OK;
  for (int32_t c = 0; !st && c < b->n_classes; c++) {
    const int64_t short_of = target - count[c] * (1 + b->copies);
    lacking[c] = b->target && short_of > 0 ? short_of : 0;
    const int64_t most = count[c] ? base + (lacking[c] + count[c] - 1) / count[c] : 0;
    if (most > MAX_COPIES && !b->max_copies)
      return MST_FAIL(MST_E_ARG, "%lld copies of a record, at most %d are possible",
                      (long long)most, MAX_COPIES);
  }
  return st;
}

mst_status mst_balance_plan(const mst_balance *b, int32_t *planned) {
  const int64_t ceiling = b->max_copies ? b->max_copies : MAX_COPIES;
  const int64_t base = b->copies < ceiling ? b->copies : ceiling;
  mst_seat *seat = mst_alloc((size_t)b->n, sizeof *seat);
  int64_t *count = mst_alloc_zero((size_t)b->n_classes, sizeof *count);
  int64_t *lacking = mst_alloc_zero((size_t)b->n_classes, sizeof *lacking);
  mst_status st = seat && count && lacking ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < b->n; i++) {
    seat[i] = (mst_seat){.draw = mst_seat_draw(b->seed, b->id[i]),
                         .record = i,
                         .room = ceiling - base,
                         .group = b->label[i]};
    count[b->label[i]]++;
  }
  if (!st) st = lacking_of(b, count, base, lacking);
  if (!st) {
    (void)mst_spread(seat, b->n, lacking);
    for (int64_t i = 0; i < b->n; i++) planned[seat[i].record] = (int32_t)(base + seat[i].share);
  }
  mst_free(seat);
  mst_free(count);
  mst_free(lacking);
  return st;
}
