/* maths.c: the hand-written scanner of the grammar in misstep/maths.h. */
#include "misstep/maths.h"

#include <string.h>

#include "base/maths_table.h"
#include "base/unicode.h"

/* What stands before the scanner, as far as signs, units and variables care. */
typedef enum before { BEGINNING, OPERATOR, NUMBER, OPERAND, OTHER } before;

typedef struct scanner {
  const uint8_t *begin, *p, *end;
  const uint8_t *bmp;
  before before;
  int n_fracs;        /* \frac whose second argument has not begun */
  mst_buffer written; /* scratch of tokens that are not written as they stand */
  mst_maths_fn *emit;
  void *payload;
} scanner;

static int32_t at(const scanner *s, const uint8_t *p, int *n) {
  *n = 0;
  return p < s->end ? mst_body_decode(p, s->end, n) : -1;
}

static int32_t at_back(const scanner *s, const uint8_t *p, int *n) {
  *n = 0;
  return p > s->begin ? mst_body_decode_back(s->begin, p, n) : -1;
}

/* 0..9, or -1. */
static int digit_of(int32_t cp) {
  if (cp >= '0' && cp <= '9') return (int)(cp - '0');
  return cp >= 0xff10 && cp <= 0xff19 ? (int)(cp - 0xff10) : -1;
}

static int digit_at(const scanner *s, const uint8_t *p) {
  int n;
  return digit_of(at(s, p, &n)) >= 0;
}

static int is_ascii_letter(int c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

static int is_letter(const scanner *s, int32_t cp) {
  if (cp < 0x80) return is_ascii_letter(cp);
  if (digit_of(cp) >= 0) return 0;
  if ((cp < 0x10000 ? s->bmp[cp] : mst__unicode_class(cp)) != MST_PIECE_WORD) return 0;
  return mst__maths_superscript(cp) < 0 && !mst__maths_vulgar(cp);
}

static const uint8_t *letters_end(const scanner *s, const uint8_t *p) {
  int n;
  for (;; p += n) {
    while (p < s->end && is_ascii_letter(*p)) p++; /* nearly all of them */
    if (p == s->end || *p < 0x80 || !is_letter(s, at(s, p, &n))) return p;
  }
}

static int is_slash(int32_t cp) { return cp == '/' || cp == 0x2044 || cp == 0x2215; }

static int is_minus(int32_t cp) {
  const char *sign = cp < 0 ? NULL : mst__maths_sign(cp);
  return sign && *sign == '-';
}

static int is_bracket(int32_t cp) { return cp > 0 && cp < 0x80 && strchr("()[]{}|_", (int)cp); }

static int is_line_break(int32_t cp) {
  return (cp >= 0x0a && cp <= 0x0d) || cp == 0x85 || cp == 0x2028 || cp == 0x2029;
}

static const uint8_t *skip_blanks(const scanner *s, const uint8_t *p) {
  int n;
  while (p < s->end && *p == ' ') p++;
  if (p == s->end || (*p > ' ' && *p < 0x80)) return p; /* nearly always */
  for (int32_t cp = at(s, p, &n); cp >= 0 && !is_line_break(cp); cp = at(s, p, &n)) {
    if ((cp < 0x10000 ? s->bmp[cp] : mst__unicode_class(cp)) != MST_PIECE_SPACE) break;
    p += n;
  }
  return p;
}

static mst_slice slice_of(const char *s) {
  return (mst_slice){(const uint8_t *)s, (int64_t)strlen(s)};
}

/* Hand over a token that reaches from s->p to `to`, and stand behind it. */
static mst_status give(scanner *s, mst_maths_kind kind, mst_slice token, const uint8_t *to,
                       before now) {
  const mst_slice source = {s->p, to - s->p};
  s->p = to;
  s->before = now;
  return s->emit(s->payload, kind, token, source);
}

static mst_status give_written(scanner *s, mst_maths_kind kind, const uint8_t *to) {
  const mst_slice token = {s->written.data, (int64_t)s->written.size_bytes};
  return give(s, kind, token, to, NUMBER);
}

static const uint8_t *ascii_digits_end(const scanner *s, const uint8_t *p) {
  while (p < s->end && *p >= '0' && *p <= '9') p++;
  return p;
}

/* Append digits at p as ASCII; returns their end, NULL without memory. */
static const uint8_t *put_digits(scanner *s, const uint8_t *p) {
  int n;
  for (;;) {
    const uint8_t *q = ascii_digits_end(s, p);
    if (q > p && mst_buffer_append(&s->written, p, (size_t)(q - p))) return NULL;
    p = q;
    const int d = digit_of(at(s, p, &n));
    if (d < 0) return p;
    const uint8_t c = (uint8_t)('0' + d);
    if (mst_buffer_append(&s->written, &c, 1)) return NULL;
    p += n;
  }
}

/* Behind the digits at p. */
static const uint8_t *digits_end(const scanner *s, const uint8_t *p, int *count) {
  int n;
  for (*count = 0; digit_of(at(s, p, &n)) >= 0; ++*count) p += n;
  return p;
}

/* Append ",ddd" groups that follow up to three digits; returns their end, NULL without memory. */
static const uint8_t *put_groups(scanner *s, const uint8_t *p) {
  int count;
  while (p < s->end && *p == ',') {
    const uint8_t *q = digits_end(s, p + 1, &count);
    if (count != 3) break;
    if (mst_buffer_append(&s->written, ",", 1)) return NULL;
    if (!put_digits(s, p + 1)) return NULL;
    p = q;
  }
  return p;
}

/* Append the number at p (digits, or '.' and digits); returns its end, NULL without memory.
 * *plain receives whether it is digits only. */
static const uint8_t *put_number(scanner *s, const uint8_t *p, int *plain) {
  int count;
  const uint8_t *q = digits_end(s, p, &count);
  if (q > p && !put_digits(s, p)) return NULL;
  const uint8_t *whole = q;
  if (count >= 1 && count <= 3) q = put_groups(s, q);
  if (q && q < s->end && *q == '.' && digit_at(s, q + 1)) {
    if (mst_buffer_append(&s->written, ".", 1)) return NULL;
    q = put_digits(s, q + 1);
  }
  *plain = q == whole;
  return q;
}

/* Does a fraction's numerator end at p, where a slash stands? Returns the end of the denominator,
 * or NULL if this is no fraction. */
static const uint8_t *denominator_end(const scanner *s, const uint8_t *from, const uint8_t *p) {
  int n, count;
  if (!is_slash(at(s, p, &n))) return NULL;
  const uint8_t *q = digits_end(s, p + n, &count);
  if (!count) return NULL;
  int back, further;
  const int32_t behind = at(s, q, &n);
  if ((is_slash(behind) || behind == '.' || behind == ',') && digit_at(s, q + n)) return NULL;
  if (!is_slash(at_back(s, from, &back))) return q;
  return digit_of(at_back(s, from - back, &further)) >= 0 ? NULL : q;
}

/* A number or fraction whose digits begin at `from`; the sign before it is written already. */
static mst_status scan_number(scanner *s, const uint8_t *from) {
  int plain, n;
  const uint8_t *q = put_number(s, from, &plain);
  if (!q) return mst_error_last()->status;
  const uint8_t *last = plain ? denominator_end(s, from, q) : NULL;
  if (!last) return give_written(s, MST_MATHS_NUMBER, q);
  (void)at(s, q, &n);
  if (mst_buffer_append(&s->written, "/", 1) || !put_digits(s, q + n))
    return mst_error_last()->status;
  return give_written(s, MST_MATHS_FRACTION, last);
}

/* Does a number, '.5' or a vulgar fraction begin at p? */
static int number_at(const scanner *s, const uint8_t *p) {
  int n, back;
  const int32_t cp = at(s, p, &n);
  if (digit_of(cp) >= 0) return 1;
  if (cp == '.') return digit_at(s, p + 1) && digit_of(at_back(s, p, &back)) < 0;
  return cp >= 0x80 && mst__maths_vulgar(cp) != NULL;
}

/* Could what stands at p be a digit? */
static int may_be_digit(const scanner *s, const uint8_t *p) {
  return p < s->end && (*p >= 0x80 || (*p >= '0' && *p <= '9'));
}

/* The end of the number at p if it is digits of ASCII with at most a point among them, which are
 * written as they stand; NULL: look closer. */
static const uint8_t *simple_end(const scanner *s, const uint8_t *p) {
  const uint8_t *q = ascii_digits_end(s, p);
  if (q == p || (q < s->end && *q >= 0x80)) return NULL;
  if (q == s->end || !may_be_digit(s, q + 1)) return q;
  if (*q == '.') {
    q = ascii_digits_end(s, q + 1);
    return q < s->end && *q >= 0x80 ? NULL : q;
  }
  return *q == ',' || *q == '/' ? NULL : q;
}

/* A number or fraction at p, written behind sign. */
static mst_status scan_signed(scanner *s, const uint8_t *p, const char *sign) {
  int n;
  const uint8_t *q = simple_end(s, p), *first = p - (*sign != 0);
  if (q && (first == p || *first == '-'))
    return give(s, MST_MATHS_NUMBER, (mst_slice){first, q - first}, q, NUMBER);
  s->written.size_bytes = 0;
  if (mst_buffer_append(&s->written, sign, strlen(sign))) return mst_error_last()->status;
  const int32_t cp = at(s, p, &n);
  const char *vulgar = cp >= 0x80 ? mst__maths_vulgar(cp) : NULL;
  if (!vulgar) return scan_number(s, p);
  if (mst_buffer_append(&s->written, vulgar, strlen(vulgar))) return mst_error_last()->status;
  return give_written(s, MST_MATHS_FRACTION, p + n);
}

/* The command \name at p (two or more ASCII letters), or an empty slice. */
static mst_slice command_at(const scanner *s, const uint8_t *p) {
  const uint8_t *q = p + 1;
  while (q < s->end && is_ascii_letter(*q)) q++;
  return (mst_slice){p + 1, q - p > 2 ? q - p - 1 : 0};
}

/* The operator at p, or NULL; *to receives its end. */
static const char *operator_at(const scanner *s, const uint8_t *p, const uint8_t **to) {
  int n;
  const int32_t cp = at(s, p, &n);
  *to = p + n;
  if (cp < 0) return NULL;
  const int next = p + 1 < s->end ? p[1] : -1;
  if (cp == '\\') {
    const mst_slice name = command_at(s, p);
    *to = next == '%' ? p + 2 : name.ptr + name.len;
    return next == '%' ? "%" : mst__maths_command(name);
  }
  if (next == '=' && (cp == '<' || cp == '>' || cp == '!' || cp == '=')) {
    *to = p + 2;
    return cp == '<' ? "<=" : cp == '>' ? ">=" : cp == '!' ? "!=" : "=";
  }
  return mst__maths_sign(cp);
}

/* Is the '-' at p between letters, not both single? */
static int is_hyphen(const scanner *s, const uint8_t *p) {
  int n, m;
  if (!is_letter(s, at_back(s, p, &n)) || !is_letter(s, at(s, p + 1, &m))) return 0;
  return is_letter(s, at_back(s, p - n, &n)) || is_letter(s, at(s, p + 1 + m, &m));
}

static mst_status scan_operator(scanner *s, const char *written, const uint8_t *to) {
  int n;
  const int may_sign = s->before == BEGINNING || s->before == OPERATOR;
  if (is_minus(at(s, s->p, &n)) && may_sign && number_at(s, to)) return scan_signed(s, to, "-");
  if (*s->p == '-' && is_hyphen(s, s->p)) {
    s->p = to;
    s->before = OTHER;
    return MST_OK;
  }
  return give(s, MST_MATHS_OPERATOR, slice_of(written), to, *written == '%' ? OPERAND : OPERATOR);
}

/* Superscript digits: ^ and a number. */
static mst_status scan_power(scanner *s) {
  int n;
  const uint8_t *q = s->p;
  s->written.size_bytes = 0;
  for (int d = 0; (d = mst__maths_superscript(at(s, q, &n))) >= 0; q += n) {
    const uint8_t c = (uint8_t)('0' + d);
    if (mst_buffer_append(&s->written, &c, 1)) return mst_error_last()->status;
  }
  const mst_status st = give(s, MST_MATHS_OPERATOR, slice_of("^"), s->p, OPERATOR);
  if (st) return st;
  const mst_slice digits = {s->written.data, (int64_t)s->written.size_bytes};
  return give(s, MST_MATHS_NUMBER, digits, q, OPERAND);
}

/* \frac at s->p with plain digits in both arguments; *done: 0 if it is something else. */
static mst_status scan_frac(scanner *s, const uint8_t *p, int *done) {
  int count, below;
  *done = 0;
  if (p >= s->end || *p != '{') return MST_OK;
  const int minus = p + 1 < s->end && p[1] == '-';
  const uint8_t *above = p + 1 + minus, *q = digits_end(s, above, &count);
  if (!count || s->end - q < 2 || q[0] != '}' || q[1] != '{') return MST_OK;
  const uint8_t *under = q + 2, *last = digits_end(s, under, &below);
  if (!below || last >= s->end || *last != '}') return MST_OK;
  *done = 1;
  s->written.size_bytes = 0;
  if (minus && mst_buffer_append(&s->written, "-", 1)) return mst_error_last()->status;
  if (!put_digits(s, above) || mst_buffer_append(&s->written, "/", 1) || !put_digits(s, under))
    return mst_error_last()->status;
  return give_written(s, MST_MATHS_FRACTION, last + 1);
}

/* A backslash that writes no operator. */
static mst_status scan_command(scanner *s) {
  const mst_slice name = command_at(s, s->p);
  const uint8_t *behind = name.ptr + name.len;
  if (!name.len) {
    s->p++;
    return MST_OK;
  }
  if (name.len >= 4 && memcmp(behind - 4, "frac", 4) == 0 && mst__maths_is_layout(name)) {
    int done;
    const mst_status st = scan_frac(s, behind, &done);
    if (done || st) return st;
    s->n_fracs++;
  }
  if (!mst__maths_is_layout(name)) return give(s, MST_MATHS_WORD, name, behind, OPERAND);
  s->p = behind;
  return MST_OK;
}

static int is_variable_letter(int32_t cp) {
  return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || (cp >= 0x391 && cp <= 0x3c9);
}

/* Does c, which touches a letter, make it a variable? */
static int makes_variable(int32_t c) {
  return c >= 0 && (digit_of(c) >= 0 || is_bracket(c) || mst__maths_superscript(c) >= 0);
}

/* Is the single letter from s->p to q a variable? */
static int is_variable(const scanner *s, const uint8_t *q) {
  int n;
  if (!is_variable_letter(at(s, s->p, &n))) return 0;
  if (s->before == OPERATOR || makes_variable(at(s, q, &n))) return 1;
  if (makes_variable(at_back(s, s->p, &n))) return 1;
  const uint8_t *next = skip_blanks(s, q), *to;
  return operator_at(s, next, &to) || (s->before == NUMBER && digit_at(s, next));
}

/* The power behind a length that ends at q, as it is written, or NULL; *to receives its end. */
static const char *power_at(const scanner *s, const uint8_t *q, const uint8_t **to) {
  int n;
  const int32_t cp = at(s, q, &n);
  const int up = cp == '^' && q + 1 < s->end && !digit_at(s, q + 2) ? q[1] - '0' : 0;
  const int power = cp < 0 ? 0 : up ? up : mst__maths_superscript(cp);
  *to = q + (up ? 2 : n);
  return power == 2 ? "\xc2\xb2" : power == 3 ? "\xc2\xb3" : NULL;
}

/* A unit in letters from s->p to q, behind a number; *done: 0 if it is none. */
static mst_status scan_unit(scanner *s, const uint8_t *q, int *done) {
  int is_length = 0, n;
  const mst_slice run = {s->p, q - s->p};
  const uint8_t *to;
  *done = 1;
  if (mst__maths_is_unit(run, &is_length)) {
    const char *power = is_length ? power_at(s, q, &to) : NULL;
    if (!power) return give(s, MST_MATHS_UNIT, run, q, OPERAND);
    s->written.size_bytes = 0;
    mst_status st = mst_buffer_append(&s->written, run.ptr, (size_t)run.len);
    if (!st) st = mst_buffer_append(&s->written, power, 2);
    const mst_slice unit = {s->written.data, (int64_t)s->written.size_bytes};
    return st ? st : give(s, MST_MATHS_UNIT, unit, to, OPERAND);
  }
  const int64_t korean = mst__maths_korean_unit(run);
  const int touches = digit_of(at_back(s, s->p, &n)) >= 0;
  *done = korean && (touches || korean == run.len);
  const mst_slice unit = {s->p, korean};
  return *done ? give(s, MST_MATHS_UNIT, unit, s->p + korean, OPERAND) : MST_OK;
}

static mst_status scan_letters(scanner *s) {
  int n, done = 0;
  const uint8_t *q = letters_end(s, s->p);
  if (s->before == NUMBER) {
    const mst_status st = scan_unit(s, q, &done);
    if (done || st) return st;
  }
  (void)at(s, s->p, &n);
  const mst_slice run = {s->p, q - s->p};
  if (run.len > n) return give(s, MST_MATHS_WORD, run, q, OTHER);
  if (is_variable(s, q)) return give(s, MST_MATHS_VARIABLE, run, q, OPERAND);
  s->p = q;
  s->before = OTHER;
  return MST_OK;
}

/* One sign that is no token but may change what the next one is. */
static mst_status scan_skipped(scanner *s, int32_t cp, int n) {
  const int operand = s->before == NUMBER || s->before == OPERAND;
  const uint8_t *next = skip_blanks(s, s->p);
  if (next > s->p) {
    s->p = next;
    return MST_OK;
  }
  if (cp == '}' && s->n_fracs && s->p + 1 < s->end && s->p[1] == '{') {
    s->n_fracs--;
    s->p++;
    return give(s, MST_MATHS_OPERATOR, slice_of("/"), s->p + 1, OPERATOR);
  }
  s->p += n;
  if (cp == '{' || cp == '}' || cp == '_') return MST_OK;
  if (cp == ')' || cp == ']' || (cp == '|' && operand)) s->before = OPERAND;
  else if (is_line_break(cp) || (cp > 0 && cp < 0x80 && strchr("([,;:|", (int)cp)))
    s->before = BEGINNING;
  else s->before = OTHER;
  return MST_OK;
}

static mst_status scan_one(scanner *s) {
  int n;
  const uint8_t *to;
  const int32_t cp = at(s, s->p, &n);
  if (cp == ' ') {
    s->p = skip_blanks(s, s->p + 1);
    return MST_OK;
  }
  if (is_letter(s, cp)) return scan_letters(s);
  if (number_at(s, s->p)) return scan_signed(s, s->p, "");
  const char *written = operator_at(s, s->p, &to);
  if (written) return scan_operator(s, written, to);
  if (cp == '\\') return scan_command(s);
  if (mst__maths_superscript(cp) >= 0) return scan_power(s);
  const char *unit = cp >= 0x80 && s->before == NUMBER ? mst__maths_unit_sign(cp) : NULL;
  if (unit) return give(s, MST_MATHS_UNIT, slice_of(unit), s->p + n, OPERAND);
  return scan_skipped(s, cp, n);
}

mst_status mst_maths_scan(mst_slice text, mst_maths_fn *emit, void *payload) {
  scanner s = {.begin = text.ptr, .p = text.ptr, .end = text.ptr + text.len, .emit = emit};
  s.bmp = mst__unicode_bmp();
  s.payload = payload;
  mst_buffer_init(&s.written, SIZE_MAX / 4, "a number");
  mst_status st = MST_OK;
  while (!st && s.p < s.end) st = scan_one(&s);
  mst_buffer_fini(&s.written);
  return st;
}
