/* korean.c: particles that follow the last sound of the noun before them.
 *
 * Romanised in the comments: i/ga, eul/reul, eun/neun, gwa/wa, euro/ro (ro behind an r), ina/na,
 * irang/rang, a/ya, the copula, and particles that never change, alone or one behind another.
 * The last sound is known for precomposed syllables (NFC), for digits read aloud as Sino-Korean
 * numbers, for units of length, mass and volume, and for Latin letters read by their names: one
 * small letter, or capitals only. Other Latin words have no sound here, and what follows them stays
 * as it is; so does what follows the bottom of a fraction, of which only the digits are seen.
 */
#include <string.h>

#include "lexicon.h"

/* How a noun ends. R is the consonant behind which -euro loses its vowel. */
typedef enum sound { VOWEL, CONSONANT, R, UNKNOWN } sound;

enum {
  MAX_PARTICLES = 4,
  SYLLABLES = 0xac00,
  N_SYLLABLES = 11172,
  FINALS = 28,
  FINAL_R = 8,
  SYLLABLE_BYTES = 3
};

typedef struct particle {
  const char *closed; /* behind a consonant */
  const char *open;   /* behind a vowel */
  int stays;          /* the closed form is right behind a vowel, too */
} particle;

static const particle particles[] = {
    {"\xec\x9d\xb4", "\xea\xb0\x80", 0},                                     /* i/ga */
    {"\xec\x9d\x84", "\xeb\xa5\xbc", 0},                                     /* eul/reul */
    {"\xec\x9d\x80", "\xeb\x8a\x94", 0},                                     /* eun/neun */
    {"\xea\xb3\xbc", "\xec\x99\x80", 0},                                     /* gwa/wa */
    {"\xec\x9c\xbc\xeb\xa1\x9c", "\xeb\xa1\x9c", 0},                         /* euro/ro */
    {"\xec\x9d\xb4\xeb\x82\x98", "\xeb\x82\x98", 0},                         /* ina/na */
    {"\xec\x9d\xb4\xeb\x9e\x91", "\xeb\x9e\x91", 0},                         /* irang/rang */
    {"\xec\x95\x84", "\xec\x95\xbc", 0},                                     /* a/ya */
    {"\xec\x9d\xb4\xeb\x9d\xbc", "\xeb\x9d\xbc", 0},                         /* ira/ra */
    {"\xec\x9d\xb4\xeb\x9e\x80", "\xeb\x9e\x80", 0},                         /* iran/ran */
    {"\xec\x9d\xb4\xeb\x9d\xbc\xea\xb3\xa0", "\xeb\x9d\xbc\xea\xb3\xa0", 0}, /* irago/rago */
    {"\xec\x9d\xb4\xeb\x9d\xbc\xeb\x8a\x94", "\xeb\x9d\xbc\xeb\x8a\x94", 0}, /* iraneun/raneun */
    {"\xec\x9d\xb4\xeb\x9d\xbc\xeb\x8f\x84", "\xeb\x9d\xbc\xeb\x8f\x84", 0}, /* irado/rado */
    {"\xec\x9d\xb4\xeb\x93\xa0", "\xeb\x93\xa0", 0},                         /* ideun/deun */
    {"\xec\x9d\xb4\xeb\x93\xa0\xec\xa7\x80", "\xeb\x93\xa0\xec\xa7\x80", 0}, /* ideunji/deunji */
    {"\xec\x9d\xb4\xec\x95\xbc", "\xec\x95\xbc", 0},                         /* iya/ya */
    {"\xec\x9d\xb4\xec\x97\x90\xec\x9a\x94", "\xec\x98\x88\xec\x9a\x94", 0}, /* ieyo/yeyo */
    {"\xec\x9d\xb4\xec\x97\x88\xeb\x8b\xa4", "\xec\x98\x80\xeb\x8b\xa4", 0}, /* ieotda/yeotda */
    {"\xec\x9d\xb4\xec\x96\xb4\xec\x84\x9c", "\xec\x97\xac\xec\x84\x9c", 0}, /* ieoseo/yeoseo */
    {"\xec\x9d\xb4\xec\x97\x88\xec\x9c\xbc\xeb\x82\x98", "\xec\x98\x80\xec\x9c\xbc\xeb\x82\x98",
     0},                                             /* ieosseuna/yeosseuna */
    {"\xec\x9d\xb4\xeb\x8b\xa4", "\xeb\x8b\xa4", 1}, /* ida/da */
    {"\xec\x9d\xb4\xeb\xa9\xb0", "\xeb\xa9\xb0", 1}, /* imyeo/myeo */
    {"\xec\x9d\xb4\xea\xb3\xa0", "\xea\xb3\xa0", 1}, /* igo/go */
    {"\xec\x9d\xb4\xeb\xaf\x80\xeb\xa1\x9c", "\xeb\xaf\x80\xeb\xa1\x9c", 1}, /* imeuro/meuro */
    {"\xec\x9d\xb4\xec\xa7\x80\xeb\xa7\x8c", "\xec\xa7\x80\xeb\xa7\x8c", 1}, /* ijiman/jiman */
    {"\xec\x9d\xb4\xeb\x9d\xbc\xec\x84\x9c", "\xeb\x9d\xbc\xec\x84\x9c", 1}, /* iraseo/raseo */
    {"\xec\x9d\xb4\xeb\x9d\xbc\xeb\xa9\xb4", "\xeb\x9d\xbc\xeb\xa9\xb4", 1}, /* iramyeon/ramyeon */
    {"\xec\x9d\xb4\xec\xa7\x80", "\xec\xa7\x80", 1},                         /* iji/ji */
    {"\xec\x9d\x98", "\xec\x9d\x98", 0},                                     /* ui */
    {"\xec\x97\x90", "\xec\x97\x90", 0},                                     /* e */
    {"\xec\x97\x90\xec\x84\x9c", "\xec\x97\x90\xec\x84\x9c", 0},             /* eseo */
    {"\xec\x97\x90\xea\xb2\x8c", "\xec\x97\x90\xea\xb2\x8c", 0},             /* ege */
    {"\xec\x97\x90\xea\xb2\x8c\xec\x84\x9c", "\xec\x97\x90\xea\xb2\x8c\xec\x84\x9c",
     0},                                                         /* egeseo */
    {"\xed\x95\x9c\xed\x85\x8c", "\xed\x95\x9c\xed\x85\x8c", 0}, /* hante */
    {"\xea\xbb\x98", "\xea\xbb\x98", 0},                         /* kke */
    {"\xeb\x8f\x84", "\xeb\x8f\x84", 0},                         /* do */
    {"\xeb\xa7\x8c", "\xeb\xa7\x8c", 0},                         /* man */
    {"\xea\xb9\x8c\xec\xa7\x80", "\xea\xb9\x8c\xec\xa7\x80", 0}, /* kkaji */
    {"\xeb\xb6\x80\xed\x84\xb0", "\xeb\xb6\x80\xed\x84\xb0", 0}, /* buteo */
    {"\xeb\xa7\x88\xeb\x8b\xa4", "\xeb\xa7\x88\xeb\x8b\xa4", 0}, /* mada */
    {"\xeb\xb3\xb4\xeb\x8b\xa4", "\xeb\xb3\xb4\xeb\x8b\xa4", 0}, /* boda */
    {"\xec\xb2\x98\xeb\x9f\xbc", "\xec\xb2\x98\xeb\x9f\xbc", 0}, /* cheoreom */
    {"\xea\xb0\x99\xec\x9d\xb4", "\xea\xb0\x99\xec\x9d\xb4", 0}, /* gachi */
    {"\xeb\xb0\x96\xec\x97\x90", "\xeb\xb0\x96\xec\x97\x90", 0}, /* bakke */
    {"\xec\xa1\xb0\xec\xb0\xa8", "\xec\xa1\xb0\xec\xb0\xa8", 0}, /* jocha */
    {"\xeb\xa7\x88\xec\xa0\x80", "\xeb\xa7\x88\xec\xa0\x80", 0}, /* majeo */
    {"\xeb\xbf\x90", "\xeb\xbf\x90", 0},                         /* ppun */
    {"\xeb\xa7\x8c\xed\x81\xbc", "\xeb\xa7\x8c\xed\x81\xbc", 0}, /* mankeum */
    {"\xeb\x8c\x80\xeb\xa1\x9c", "\xeb\x8c\x80\xeb\xa1\x9c", 0}, /* daero */
    {"\xed\x95\x98\xea\xb3\xa0", "\xed\x95\x98\xea\xb3\xa0", 0}, /* hago */
    {"\xeb\x93\xa4", "\xeb\x93\xa4", 0},                         /* deul */
    {"\xec\x9d\xb8", "\xec\x9d\xb8", 0},                         /* in */
    {"\xec\x9e\x84", "\xec\x9e\x84", 0},                         /* im */
    {"\xec\x9e\x85\xeb\x8b\x88\xeb\x8b\xa4", "\xec\x9e\x85\xeb\x8b\x88\xeb\x8b\xa4",
     0},                                                         /* imnida */
    {"\xec\x94\xa9", "\xec\x94\xa9", 0},                         /* ssik */
    {"\xeb\x81\xbc\xeb\xa6\xac", "\xeb\x81\xbc\xeb\xa6\xac", 0}, /* kkiri */
};
enum { N_PARTICLES = sizeof particles / sizeof *particles, ROW_EURO = 4 };

/* Zeros at the end decide: 10 sip, 100 baek, 1000 cheon, then man, eok, jo (a vowel), gyeong. */
static sound sound_of_digits(mst_slice digits) {
  static const sound of_digit[] = {CONSONANT, R,         VOWEL, CONSONANT, VOWEL,
                                   VOWEL,     CONSONANT, R,     R,         VOWEL};
  int64_t zeros = 0;
  while (zeros < digits.len && digits.ptr[digits.len - 1 - zeros] == '0') zeros++;
  if (zeros && zeros < digits.len) return zeros >= 12 && zeros < 16 ? VOWEL : CONSONANT;
  return of_digit[digits.ptr[digits.len - 1] - '0'];
}

/* Names of the letters: el and ar end in r, em and en in a consonant, all others in a vowel. */
static sound sound_of_letter(int lower) {
  if (lower == 'l' || lower == 'r') return R;
  return lower == 'm' || lower == 'n' ? CONSONANT : VOWEL;
}

static int lower_of(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
static int is_letter(int c) { return lower_of(c) >= 'a' && lower_of(c) <= 'z'; }
static int is_digit(int c) { return c >= '0' && c <= '9'; }

/* Units are read in full: a metre and a litre end in a vowel, a gram and a ton do not. */
static sound sound_of_unit(mst_slice letters) {
  static const char *const units[] = {"mm", "cm", "km", "ml", "dl", "kl", "mg", "kg"};
  for (int i = 0; i < 8 && letters.len == 2; i++)
    if (lower_of(letters.ptr[0]) == units[i][0] && lower_of(letters.ptr[1]) == units[i][1])
      return units[i][1] == 'g' ? CONSONANT : VOWEL;
  return UNKNOWN;
}

static sound sound_of_latin(mst_slice stem) {
  int64_t n = 0;
  int capitals = 1;
  while (n < stem.len && is_letter(stem.ptr[stem.len - 1 - n]))
    capitals &= stem.ptr[stem.len - 1 - n++] < 'a';
  const mst_slice letters = {stem.ptr + stem.len - n, n};
  const int last = lower_of(stem.ptr[stem.len - 1]);
  const sound unit = sound_of_unit(letters);
  if (unit != UNKNOWN) return unit;
  if (n == 1 && stem.len > 1 && is_digit(stem.ptr[stem.len - 2])) { /* 3m, 5g, 2L, 4t */
    if (last == 'm' || last == 'l') return VOWEL;
    if (last == 'g' || last == 't') return CONSONANT;
  }
  return n == 1 || capitals ? sound_of_letter(last) : UNKNOWN;
}

static sound sound_of(mst_slice stem) {
  if (!stem.len) return UNKNOWN;
  const uint8_t *end = stem.ptr + stem.len;
  if (is_digit(end[-1])) {
    int64_t n = 0;
    while (n < stem.len && is_digit(end[-1 - n])) n++;
    return sound_of_digits((mst_slice){end - n, n});
  }
  if (is_letter(end[-1])) return sound_of_latin(stem);
  if (stem.len < 3 || end[-3] < 0xe0 || end[-3] > 0xef) return UNKNOWN;
  const int32_t syllable =
      ((end[-3] & 0x0f) << 12 | (end[-2] & 0x3f) << 6 | (end[-1] & 0x3f)) - SYLLABLES;
  if (syllable < 0 || syllable >= N_SYLLABLES) return UNKNOWN;
  const int32_t final = syllable % FINALS;
  return !final ? VOWEL : final == FINAL_R ? R : CONSONANT;
}

static const char *form_behind(int row, sound before) {
  if (before == R && row == ROW_EURO) return particles[row].open;
  return before == VOWEL ? particles[row].open : particles[row].closed;
}

static int begins_with(mst_slice text, const char *form, int64_t *n) {
  *n = (int64_t)strlen(form);
  return text.len >= *n && !memcmp(text.ptr, form, (size_t)*n);
}

/* The form of particles[row] that text begins with and that may stand behind this sound: its bytes,
 * or 0. */
static int64_t take(int row, sound before, mst_slice text) {
  const particle *p = &particles[row];
  int64_t n;
  const int open = before == UNKNOWN || form_behind(row, before) == p->open;
  const int closed = before == UNKNOWN || p->stays || form_behind(row, before) == p->closed;
  if (closed && begins_with(text, p->closed, &n)) return n;
  return open && begins_with(text, p->open, &n) ? n : 0;
}

/* Is text a run of 1 .. left particles? *first_row, *first_len: the longest that may begin it. */
static int parse(sound before, mst_slice text, int left, int *first_row, int64_t *first_len) {
  *first_len = 0;
  for (int row = 0; row < N_PARTICLES && left; row++) {
    int inner_row;
    int64_t inner_len;
    const int64_t n = take(row, before, text);
    if (n <= *first_len) continue;
    const mst_slice rest = {text.ptr + n, text.len - n};
    const mst_slice taken = {text.ptr, n};
    if (rest.len && !parse(sound_of(taken), rest, left - 1, &inner_row, &inner_len)) continue;
    *first_row = row;
    *first_len = n;
  }
  return *first_len > 0;
}

int mst_korean_particles_fit(mst_slice stem, mst_slice rest) {
  int row;
  int64_t n;
  const sound before = stem.len > SYLLABLE_BYTES ? UNKNOWN : sound_of(stem);
  return stem.len && rest.len && parse(before, rest, MAX_PARTICLES, &row, &n);
}

mst_status mst_korean_particles_write(mst_slice stem, mst_slice rest, mst_buffer *out) {
  int row;
  int64_t n;
  const sound before = sound_of(stem);
  if (before == UNKNOWN || !rest.len || !parse(UNKNOWN, rest, MAX_PARTICLES, &row, &n))
    return mst_buffer_append(out, rest.ptr, (size_t)rest.len);
  const mst_slice given = {rest.ptr, n};
  const char *form = form_behind(row, before);
  int64_t n_closed;
  if (particles[row].stays && begins_with(given, particles[row].closed, &n_closed))
    form = particles[row].closed;
  /* Both forms of a particle end in the same kind of sound: what follows it stays. */
  const size_t size = out->size_bytes;
  mst_status st = mst_buffer_append(out, form, strlen(form));
  if (!st) st = mst_buffer_append(out, rest.ptr + n, (size_t)(rest.len - n));
  if (st) out->size_bytes = size;
  return st;
}
