/* spread.c: a number of copies, spread evenly over records. */
#include "spread.h"

#include <stdlib.h>

#include "misstep/rng.h"

uint64_t mst_seat_draw(uint64_t seed, uint64_t id) {
  return mst_rng_u64(seed, MST_RNG_AUGMENT, id, 0, 0);
}

static int compare_seats(const void *x, const void *y) {
  const mst_seat *a = x, *b = y;
  if (a->group != b->group) return a->group < b->group ? -1 : 1;
  if (a->draw != b->draw) return a->draw < b->draw ? -1 : 1;
  return (a->record > b->record) - (a->record < b->record);
}

/* Copies that fill all seats up to a level; more than `most` may be cut off. */
static int64_t room_up_to(const mst_seat *at, int64_t n, int64_t level, int64_t most) {
  int64_t sum = 0;
  for (int64_t i = 0; i < n && sum <= most; i++) sum += at[i].room < level ? at[i].room : level;
  return sum;
}

/* One group. */
static int64_t fill(mst_seat *at, int64_t n, int64_t wanted) {
  int64_t low = 0, high = 0;
  for (int64_t i = 0; i < n; i++) high = at[i].room > high ? at[i].room : high;
  if (wanted < 0) wanted = 0;
  if (high > wanted) high = wanted;
  while (low < high) { /* the highest level that needs no more than is wanted */
    const int64_t middle = low + (high - low + 1) / 2;
    if (room_up_to(at, n, middle, wanted) <= wanted) low = middle;
    else high = middle - 1;
  }
  int64_t left = wanted - room_up_to(at, n, low, wanted), given = 0;
  for (int64_t i = 0; i < n; i++) {
    at[i].share = at[i].room < low ? at[i].room : low;
    if (left > 0 && at[i].room > low) {
      at[i].share++;
      left--;
    }
    given += at[i].share;
  }
  return given;
}

int64_t mst_spread(mst_seat *seats, int64_t n, const int64_t *wanted) {
  int64_t given = 0;
  if (n) qsort(seats, (size_t)n, sizeof *seats, compare_seats);
  for (int64_t first = 0, last = 0; first < n; first = last) {
    while (last < n && seats[last].group == seats[first].group) last++;
    given += fill(seats + first, last - first, wanted[seats[first].group]);
  }
  return given;
}
