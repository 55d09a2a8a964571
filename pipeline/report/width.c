/* width.c: how many columns a terminal gives to UTF-8 text: East Asian Wide and Fullwidth
 * characters take two (Unicode 15, UAX 11), combining marks and joiners none. Blocks rather than
 * single characters where a whole block is one or the other. */
#include <stddef.h>

#include "report/table.h"

typedef struct range {
  uint32_t first, last;
} range;

/* Sorted. 1160..11FF are the vowels and finals that join a Hangul initial. */
static const range zero[] = {
    {0x0300, 0x036F},   {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0900, 0x0902},   {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D}, {0x0E31, 0x0E31},
    {0x0E34, 0x0E3A},   {0x0E47, 0x0E4E}, {0x1160, 0x11FF}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
    {0x200B, 0x200F},   {0x202A, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20FF}, {0x302A, 0x302D},
    {0x3099, 0x309A},   {0xD7B0, 0xD7FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
    {0xE0100, 0xE01EF},
};

static const range wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26AA, 0x26AB},   {0x2705, 0x2705},
    {0x270A, 0x270B},   {0x274C, 0x274C},   {0x2753, 0x2755},   {0x2795, 0x2797},
    {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
    {0x3400, 0x4DBF},   {0x4E00, 0xA4CF},   {0xA960, 0xA97C},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6B},   {0xFF01, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
    {0x20000, 0x3FFFD},
};

static int is_in(uint32_t c, const range *ranges, size_t n) {
  size_t low = 0;
  while (n) { /* first range that ends at c or later is in [low, low + n] */
    const size_t half = n / 2;
    if (ranges[low + half].last < c) {
      low += half + 1;
      n -= half + 1;
    } else {
      if (ranges[low + half].first <= c) return 1;
      n = half;
    }
  }
  return 0;
}

static int width_of(uint32_t c) {
  if (c == '\n' || c == '\r' || c == '\t') return 1; /* tables print a space */
  if (c < 0x20 || c == 0x7F) return 0;
  if (c < 0x300) return 1;
  if (is_in(c, zero, sizeof zero / sizeof zero[0])) return 0;
  return is_in(c, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

int64_t mst_display_width(const char *utf8) {
  int64_t width = 0;
  const unsigned char *at = (const unsigned char *)utf8;
  while (*at) {
    const int more = *at < 0xC0 ? 0 : *at < 0xE0 ? 1 : *at < 0xF0 ? 2 : 3;
    uint32_t c = more ? *at & (0x3Fu >> more) : *at;
    at++;
    for (int i = 0; i < more && (*at & 0xC0) == 0x80; i++) c = c << 6 | (*at++ & 0x3F);
    width += width_of(c);
  }
  return width;
}

size_t mst_display_cut(const char *utf8, size_t n, int64_t most, int64_t *columns) {
  size_t used = 0;
  *columns = 0;
  while (used < n) {
    char one[5] = {utf8[used]};
    size_t k = 1;
    while (k < 4 && used + k < n && ((unsigned char)utf8[used + k] & 0xC0) == 0x80) {
      one[k] = utf8[used + k];
      k++;
    }
    const int64_t width = mst_display_width(one);
    if (*columns + width > most) break;
    *columns += width;
    used += k;
  }
  return used;
}
