/* digits.h: whole numbers inside text. sscanf does not say when one is too large. */
#ifndef MISSTEP_SWEEP_DIGITS_H
#define MISSTEP_SWEEP_DIGITS_H

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Read a number of that base at *at and step over it; 0: there is none, or it is above most. */
static inline int sweep_digits(const char **at, int base, unsigned long long most,
                               unsigned long long *out) {
  char *end = NULL;
  if (!isxdigit((unsigned char)**at)) return 0;
  errno = 0;
  const unsigned long long n = strtoull(*at, &end, base);
  if (errno || end == *at || n > most) return 0;
  *at = end;
  *out = n;
  return 1;
}

/* Step over a word at *at; 0: it is not there. */
static inline int sweep_word(const char **at, const char *word) {
  const size_t n = strlen(word);
  if (strncmp(*at, word, n) != 0) return 0;
  *at += n;
  return 1;
}

#endif
