/* spread.h: a number of copies, spread evenly over records.
 *
 * In: records with their labels and the room they have. Out: how many copies each gets. Next stage:
 * making them, or a plan that keeps them.
 */
#ifndef MISSTEP_AUGMENT_SPREAD_H
#define MISSTEP_AUGMENT_SPREAD_H

#include <stdint.h>

/* One record while copies are spread. */
typedef struct mst_seat {
  uint64_t draw;  /* of mst_seat_draw: who gets one more */
  int64_t record; /* the caller's number; the smaller one goes first where draws are equal */
  int64_t room;   /* copies it may get, 0 or more */
  int64_t share;  /* copies it gets, written */
  int32_t group;  /* 0, 1, ...: each has a number of copies of its own */
} mst_seat;

/* The draw of a record: of its id alone, so that the order of records does not matter. */
uint64_t mst_seat_draw(uint64_t seed, uint64_t id);

/* Fill the seats of each group to the same level as far as each has room; what is left goes one by
 * one to those with more room, in the order of their draws.
 *   wanted  [groups] copies of each group; below 0 is 0
 *   seats   [n] sorted by group and draw afterwards
 * Returns the copies given. Exact. */
int64_t mst_spread(mst_seat *seats, int64_t n, const int64_t *wanted);

#endif
