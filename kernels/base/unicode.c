/* unicode.c: classes of code points, str.lower() and strip_accents on top of utf8proc. The only
 * file that sees its header. */
#include "base/unicode.h"

#include <pthread.h>
#include <utf8proc.h>

enum { CAPITAL_SIGMA = 0x3a3, SMALL_SIGMA = 0x3c3, FINAL_SIGMA = 0x3c2, CAPITAL_I_DOT = 0x130 };

typedef struct range {
  int32_t first, last;
} range;

/* str.isspace(): White_Space, and the four separators 1c..1f that Python adds. */
static const range spaces[] = {
    {0x09, 0x0d},     {0x1c, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
    {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};

/* Cased, but no cased letter by category (Other_Lowercase, Other_Uppercase; those that are also
 * case-ignorable never matter). */
static const range cased_too[] = {{0xaa, 0xaa},      {0xba, 0xba},       {0x2160, 0x217f},
                                  {0x24b6, 0x24e9},  {0x1f130, 0x1f149}, {0x1f150, 0x1f169},
                                  {0x1f170, 0x1f189}};

/* Case-ignorable, but not by category (Word_Break MidLetter, MidNumLet, Single_Quote). */
static const range ignorable_too[] = {
    {0x27, 0x27},     {0x2e, 0x2e},     {0x3a, 0x3a},     {0xb7, 0xb7},
    {0x387, 0x387},   {0x55f, 0x55f},   {0x5f4, 0x5f4},   {0x2018, 0x2019},
    {0x2024, 0x2024}, {0x2027, 0x2027}, {0xfe13, 0xfe13}, {0xfe52, 0xfe52},
    {0xfe55, 0xfe55}, {0xff07, 0xff07}, {0xff0e, 0xff0e}, {0xff1a, 0xff1a}};

static int in_ranges(int32_t cp, const range *r, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (cp >= r[i].first && cp <= r[i].last) return 1;
  return 0;
}

#define IN(cp, ranges) in_ranges((cp), (ranges), sizeof(ranges) / sizeof *(ranges))

int mst__unicode_class(int32_t cp) {
  if (cp == '_') return MST_PIECE_WORD;
  if (IN(cp, spaces)) return MST_PIECE_SPACE;
  const utf8proc_category_t c = utf8proc_category(cp);
  const int word = (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) ||
                   (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO);
  return word ? MST_PIECE_WORD : MST_PIECE_OTHER;
}

static uint8_t bmp_class[0x10000];
static pthread_once_t bmp_once = PTHREAD_ONCE_INIT;

static void bmp_fill(void) {
  for (int32_t cp = 0; cp < 0x10000; cp++) bmp_class[cp] = (uint8_t)mst__unicode_class(cp);
}

const uint8_t *mst__unicode_bmp(void) {
  (void)pthread_once(&bmp_once, bmp_fill);
  return bmp_class;
}

static int is_ignorable(int32_t cp) {
  const utf8proc_category_t c = utf8proc_category(cp);
  return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME || c == UTF8PROC_CATEGORY_CF ||
         c == UTF8PROC_CATEGORY_LM || c == UTF8PROC_CATEGORY_SK || IN(cp, ignorable_too);
}

static int is_cased(int32_t cp) {
  const utf8proc_category_t c = utf8proc_category(cp);
  return c == UTF8PROC_CATEGORY_LU || c == UTF8PROC_CATEGORY_LL || c == UTF8PROC_CATEGORY_LT ||
         IN(cp, cased_too);
}

/* What the capital sigma at p (two bytes long) becomes: Unicode's condition Final_Sigma. */
static int32_t lower_sigma(const uint8_t *begin, const uint8_t *p, const uint8_t *end) {
  int n, before = 0, behind = 0;
  for (const uint8_t *q = p; q > begin; q -= n) {
    const int32_t cp = mst_body_decode_back(begin, q, &n);
    if (is_ignorable(cp)) continue;
    before = is_cased(cp);
    break;
  }
  for (const uint8_t *q = p + 2; q < end; q += n) {
    const int32_t cp = mst_body_decode(q, end, &n);
    if (is_ignorable(cp)) continue;
    behind = is_cased(cp);
    break;
  }
  return before && !behind ? FINAL_SIGMA : SMALL_SIGMA;
}

/* Write cp without its accents; returns the bytes written, at most 4 * 18. */
static int put_stripped(int32_t cp, mst_accents accents, uint8_t *out) {
  if (accents == MST_ACCENTS_KEEP || cp < 0x80) return mst_body_encode(cp, out);
  utf8proc_int32_t parts[32];
  const utf8proc_ssize_t n_parts =
      utf8proc_decompose_char(cp, parts, 32, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, NULL);
  int n = 0;
  for (utf8proc_ssize_t i = 0; i < n_parts && i < 32; i++) {
    const int drop = accents == MST_ACCENTS_ASCII
                         ? parts[i] >= 0x80
                         : utf8proc_get_property(parts[i])->combining_class != 0;
    if (!drop) n += mst_body_encode(parts[i], out + n);
  }
  return n;
}

/* Append the code point at p, changed; returns its length in the text, 0 without room. */
static int put_changed(const uint8_t *begin, const uint8_t *p, const uint8_t *end, int lowercase,
                       mst_accents accents, mst_buffer *out) {
  uint8_t *to = mst_buffer_reserve(out, (size_t)4 * 32);
  if (!to) return 0;
  int n, written = 0;
  int32_t cp = mst_body_decode(p, end, &n);
  if (lowercase && cp == CAPITAL_I_DOT) {
    written = put_stripped('i', accents, to);
    cp = 0x307;
  } else if (lowercase) {
    cp = cp == CAPITAL_SIGMA ? lower_sigma(begin, p, end) : utf8proc_tolower(cp);
  }
  written += put_stripped(cp, accents, to + written);
  out->size_bytes += (size_t)written;
  return n;
}

/* Append the ASCII bytes at p; returns how many there were, -1 without room. */
static int64_t put_ascii(const uint8_t *p, const uint8_t *end, int lowercase, mst_buffer *out) {
  int64_t n = 0;
  while (p + n < end && p[n] < 0x80) n++;
  uint8_t *to = mst_buffer_reserve(out, (size_t)n);
  if (!to) return -1;
  for (int64_t i = 0; i < n; i++) {
    const int capital = lowercase && p[i] >= 'A' && p[i] <= 'Z';
    to[i] = (uint8_t)(p[i] + (capital ? 'a' - 'A' : 0));
  }
  out->size_bytes += (size_t)n;
  return n;
}

mst_status mst__preprocess(const uint8_t *text, int64_t len, int lowercase, mst_accents accents,
                           mst_buffer *out) {
  const uint8_t *p = text, *end = text + len;
  while (p < end) {
    const int64_t ascii = put_ascii(p, end, lowercase, out);
    if (ascii < 0) return mst_error_last()->status;
    p += ascii;
    while (p < end && *p >= 0x80) {
      const int n = put_changed(text, p, end, lowercase, accents, out);
      if (!n) return mst_error_last()->status;
      p += n;
    }
  }
  return MST_OK;
}
