/* utf8.c: is it UTF-8, and what to put where it is not. */
#include <string.h>

#include "read/internal.h"
#include "read/scan.h"

/* Length of the sequence at b (1 .. 4), or minus the length of the maximal part that could begin
 * one (Unicode 15, table 3-7; chapter 3.9, "Constraints on Conversion Processes"). */
static int sequence(const uint8_t *b, int64_t n) {
  const uint8_t c = b[0];
  if (c < 0x80) return 1;
  if (c < 0xC2 || c > 0xF4) return -1;
  const int length = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  const uint8_t low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
  if (n < 2 || b[1] < low || b[1] > high) return -1;
  for (int i = 2; i < length; i++)
    if (n <= i || (b[i] & 0xC0) != 0x80) return -i;
  return length;
}

int64_t mst__utf8_valid(const uint8_t *bytes, int64_t n) {
  int64_t i = 0;
  while (i < n) {
    if (i + 16 <= n && mst__plain16(bytes + i)) {
      i += 16;
      continue;
    }
    /* A run of other letters goes on here without asking for sixteen plain bytes each time. */
    const int64_t end = i + 16 < n ? i + 16 : n;
    while (i < end) {
      const int length = sequence(bytes + i, n - i);
      if (length < 0 || !bytes[i]) return i;
      i += length;
    }
  }
  return n;
}

mst_slice mst__utf8_repair(mst_slice text, mst__arena *arena) {
  int64_t good = mst__utf8_valid(text.ptr, text.len);
  if (good == text.len) return text;
  uint8_t *copy = mst__arena_take(arena, good + 3 * (text.len - good));
  if (!copy) return (mst_slice){0};
  memcpy(copy, text.ptr, (size_t)good);
  int64_t to = good;
  for (int64_t i = good; i < text.len;) {
    const int length = sequence(text.ptr + i, text.len - i);
    if (length > 0) memcpy(copy + to, text.ptr + i, (size_t)length);
    else memcpy(copy + to, "\xEF\xBF\xBD", 3);
    to += length > 0 ? length : 3;
    i += length > 0 ? length : -length;
  }
  return (mst_slice){copy, to};
}

int64_t mst__utf8_before_repair(mst_slice text, int64_t at) {
  int64_t i = 0;
  for (int64_t to = 0; to < at && i < text.len;) {
    const int length = sequence(text.ptr + i, text.len - i);
    to += length > 0 ? length : 3;
    i += length > 0 ? length : -length;
  }
  return i;
}

mst__end mst__record_check(const mst__layout *layout, const mst__source *source, int64_t from,
                           int64_t to, int *repair, int *skip, mst__problem *problem) {
  *repair = *skip = 0;
  const uint8_t *bytes = source->bytes;
  const int64_t bad = from + mst__utf8_valid(bytes + from, to - from);
  if (bad == to) return MST__END_STOP;
  const uint8_t *zero = memchr(bytes + bad, 0, (size_t)(to - bad));
  if (zero)
    return mst__problem_set(problem, MST_E_FORMAT, zero - bytes, "a NUL byte, expected text");
  if (layout->options.decode == MST_DECODE_STRICT)
    return mst__problem_set(
        problem, MST_E_FORMAT, bad,
        "byte 0x%02X is not UTF-8 (--decode-errors replace or skip lets it pass)", bytes[bad]);
  *repair = layout->options.decode == MST_DECODE_REPLACE;
  *skip = !*repair;
  return MST__END_STOP;
}
