/* numbers.c: the number slots of the patterns: whole numbers, fractions, decimals, and small sums
 * that are right or wrong on purpose. Written by hand, so that no locale can change them. */
#include <string.h>

#include "generate/grammar.h"

enum { SMALL, TENS, HUNDREDS, THOUSANDS, FRACTION, DECIMAL, STEPS, QUESTION, GOOD, BAD, N_NUMBERS };
static const char *const number_names[N_NUMBERS] = {"n",   "m",     "h",        "t",    "frac",
                                                    "dec", "steps", "question", "good", "bad"};

int32_t mst__number_find(const char *name, size_t n) {
  for (int32_t i = 0; i < N_NUMBERS; i++)
    if (strlen(number_names[i]) == n && memcmp(number_names[i], name, n) == 0) return i;
  return -1;
}

static void put_int(mst__scribe *s, uint32_t value) {
  char digits[10];
  size_t n = 0;
  do digits[sizeof digits - ++n] = (char)('0' + value % 10);
  while (value /= 10);
  mst__scribe_put(s, digits + sizeof digits - n, n);
}

static uint32_t between(mst__scribe *s, uint32_t low, uint32_t high) {
  return low + mst__scribe_draw(s, high - low + 1);
}

static void put_fraction(mst__scribe *s) {
  const uint32_t below = between(s, 2, 12);
  put_int(s, between(s, 1, below - 1));
  mst__scribe_put(s, "/", 1);
  put_int(s, below);
}

static void put_decimal(mst__scribe *s) {
  put_int(s, between(s, 0, 12));
  mst__scribe_put(s, ".", 1);
  if (mst__scribe_draw(s, 4) == 0) put_int(s, between(s, 0, 9)); /* two places, one in four */
  put_int(s, between(s, 1, 9));
}

/* "7 x 8 = 54": the result is off by 1, 2 or 10, as slips of a table or of a carry are. */
static void put_fact(mst__scribe *s, int is_right) {
  static const char *const signs[4] = {" + ", " - ", " x ", " / "};
  const uint32_t kind = mst__scribe_draw(s, 4);
  uint32_t a = between(s, kind < 2 ? 12 : 3, kind < 2 ? 98 : 12);
  uint32_t b = between(s, 3, kind < 2 ? 79 : 9);
  if (kind == 1) a += b; /* no negative differences */
  uint32_t result = kind == 0 ? a + b : kind == 1 ? a - b : a * b;
  if (kind == 3) {
    const uint32_t product = result;
    result = a;
    a = product;
  }
  static const uint32_t slips[3] = {1, 2, 10};
  if (!is_right) {
    const uint32_t slip = slips[mst__scribe_draw(s, 3)];
    const int down = mst__scribe_draw(s, 2) && result > slip;
    result = down ? result - slip : result + slip;
  }
  put_int(s, a);
  mst__scribe_put(s, signs[kind], 3);
  put_int(s, b);
  mst__scribe_put(s, " = ", 3);
  put_int(s, result);
}

void mst__number_write(mst__scribe *s, int32_t number) {
  switch (number) {
  case SMALL: put_int(s, between(s, 2, 9)); break;
  case TENS: put_int(s, between(s, 11, 99)); break;
  case HUNDREDS: put_int(s, between(s, 101, 999)); break;
  case THOUSANDS: put_int(s, between(s, 1001, 9999)); break;
  case FRACTION: put_fraction(s); break;
  case DECIMAL: put_decimal(s); break;
  case STEPS: put_int(s, between(s, 2, 4)); break;
  case QUESTION: put_int(s, between(s, 1, 20)); break;
  default: put_fact(s, number == GOOD); break;
  }
}
