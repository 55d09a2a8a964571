/* cursor.c: walks through a rule file's bytes and says where something is wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

mst_status mst__fail_at(const mst__cursor *c, const char *format, ...) {
  char text[600];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return MST_FAIL(MST_E_FORMAT, "%s:%d:%lld: %s", c->name, c->line,
                  (long long)(c->p - c->line_start) + 1, text);
}

int mst__peek(const mst__cursor *c) {
  if (c->p >= c->end || *c->p == '\n') return '\n';
  if (*c->p == '\r' && (c->p + 1 == c->end || c->p[1] == '\n')) return '\n';
  return *c->p;
}

/* Pass a backslash and the line end behind it; 0 if there is none. */
static int skip_continuation(mst__cursor *c) {
  const uint8_t *q = c->p + 1;
  if (c->p >= c->end || *c->p != '\\') return 0;
  if (q < c->end && *q == '\r') q++;
  if (q >= c->end || *q != '\n') return 0;
  c->p = c->line_start = q + 1;
  c->line++;
  return 1;
}

void mst__skip_blanks(mst__cursor *c) {
  int blank = c->p == c->line_start;
  for (;;) {
    const int byte = mst__peek(c);
    if (byte == ' ' || byte == '\t') c->p++;
    else if (!skip_continuation(c)) break;
    blank = 1;
  }
  if (!blank && c->p > c->line_start) blank = c->p[-1] == ' ' || c->p[-1] == '\t';
  if (blank && mst__peek(c) == '#')
    while (mst__peek(c) != '\n') c->p++;
}

mst_status mst__take(mst__cursor *c, int wanted, const char *what) {
  const int byte = mst__peek(c);
  if (byte == wanted) {
    c->p++;
    return MST_OK;
  }
  if (byte == '\n') return mst__fail_at(c, "the line ends, expected %s", what);
  return mst__fail_at(c, "'%.12s', expected %s", (const char[]){(char)byte, 0}, what);
}

static int is_name_byte(int byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte >= 0x80;
}

mst_slice mst__take_name(mst__cursor *c) {
  const uint8_t *from = c->p;
  while (is_name_byte(mst__peek(c))) c->p++;
  return (mst_slice){from, c->p - from};
}

mst_slice mst__take_text(mst__cursor *c, const char *stops) {
  while (mst__peek(c) == ' ' || mst__peek(c) == '\t') c->p++;
  const uint8_t *from = c->p, *to = from;
  for (int byte = mst__peek(c); byte != '\n' && !strchr(stops, byte); byte = mst__peek(c)) {
    c->p++;
    if (byte != ' ' && byte != '\t') to = c->p;
  }
  return (mst_slice){from, to - from};
}

/* Digits with at most one point, so that no locale and no exponent matters. */
mst_status mst__take_real(mst__cursor *c, double low, double high, const char *what, double *out) {
  const uint8_t *from = c->p;
  double value = 0, unit = 1;
  int digits = 0, point = 0;
  for (;; c->p++) {
    const int byte = mst__peek(c);
    if (byte == '.' && !point) point = 1;
    else if (byte >= '0' && byte <= '9' && digits < 15) {
      digits++;
      value = value * 10 + (byte - '0');
      if (point) unit *= 10;
    } else break;
  }
  value = value / unit;
  if (digits && value >= low && value <= high) {
    *out = value;
    return MST_OK;
  }
  const int n = (int)(c->p - from);
  c->p = from;
  return mst__fail_at(c, "'%.*s', expected %s", n, (const char *)from, what);
}

uint64_t mst__threshold(double p) {
  return p >= 1 ? UINT64_MAX : (uint64_t)(p * 18446744073709551616.0);
}

enum { MAX_NAME = 48 };

/* Edit distance of two short names. */
static int distance(mst_slice a, mst_slice b) {
  int row[MAX_NAME + 1];
  if (a.len > MAX_NAME || b.len > MAX_NAME) return MAX_NAME;
  row[0] = 0;
  for (int j = 1; j <= (int)b.len; j++) row[j] = j;
  for (int i = 1; i <= (int)a.len; i++) {
    int corner = row[0];
    row[0] = i;
    for (int j = 1; j <= (int)b.len; j++) {
      const int above = row[j], same = (a.ptr[i - 1] | 0x20) == (b.ptr[j - 1] | 0x20);
      int best = corner + !same;
      if (above + 1 < best) best = above + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
      corner = above;
    }
  }
  return row[b.len];
}

const char *mst__hint(mst_slice got, mst__name_fn *name_at, const void *names, int64_t n,
                      char out[96]) {
  int best = got.len < 4 ? 2 : (int)(got.len / 3) + 1;
  out[0] = 0;
  for (int64_t i = 0; i < n; i++) {
    const mst_slice name = name_at(names, i);
    const int d = distance(got, name);
    if (d >= best) continue;
    best = d;
    (void)snprintf(out, 96, " (did you mean '%.*s'?)", (int)name.len, (const char *)name.ptr);
  }
  return out;
}
