/* typos.c: slips of the finger, at a known rate per word and indexed by record and word. */
#include <string.h>

#include "generate/grammar.h"
#include "misstep/rng.h"

/* Draws of typos stand above those of the text, which never needs so many. */
#define TYPO_POSITION (UINT64_C(1) << 20)
enum { MIN_LETTERS = 4 }; /* shorter runs are often units, variables or parts of an expression */

/* Left and right neighbours on a QWERTY keyboard's row; at the edge the one inside, twice. */
static const char neighbours[26][2] = {
    {'s', 's'}, {'v', 'n'}, {'x', 'v'}, {'s', 'f'}, {'w', 'r'}, {'d', 'g'}, {'f', 'h'},
    {'g', 'j'}, {'u', 'o'}, {'h', 'k'}, {'j', 'l'}, {'k', 'k'}, {'n', 'n'}, {'b', 'm'},
    {'i', 'p'}, {'o', 'o'}, {'w', 'w'}, {'e', 't'}, {'a', 'd'}, {'r', 'y'}, {'y', 'i'},
    {'c', 'b'}, {'q', 'e'}, {'z', 'c'}, {'t', 'u'}, {'x', 'x'}};

static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* One typo in the run of n letters at text[at]; the first letter stays. Returns the change of
 * length. */
static int slip(char *text, size_t n_bytes, size_t at, size_t n, uint64_t draw) {
  const size_t i = at + 1 + (size_t)((draw >> 8) % (n - 2)); /* neither first nor last */
  switch (draw & 3) {
  case 0: { /* swapped with the next; equal letters would show nothing, so the letter is doubled */
    const char c = text[i];
    if (c != text[i + 1]) {
      text[i] = text[i + 1];
      text[i + 1] = c;
      return 0;
    }
    break;
  }
  case 1: memmove(text + i, text + i + 1, n_bytes - i - 1); return -1;
  case 2:
    if (text[i] >= 'a' && text[i] <= 'z') {
      text[i] = neighbours[text[i] - 'a'][(draw >> 40) & 1];
      return 0;
    }
    break;
  default: break;
  }
  memmove(text + i + 1, text + i, n_bytes - i);
  return 1;
}

int32_t mst__typos(char *text, size_t *n_bytes, double rate, uint64_t seed, uint64_t record) {
  int32_t n_typos = 0;
  uint64_t word = 0;
  for (size_t at = 0; at < *n_bytes;) {
    size_t n = 0;
    while (at + n < *n_bytes && is_letter(text[at + n])) n++;
    if (n >= MIN_LETTERS) {
      const uint64_t position = TYPO_POSITION + 2 * word++;
      if (*n_bytes + 1 < MST_GENERATE_MAX_TEXT &&
          mst_rng_unit(seed, MST_RNG_GENERATE, record, 0, position) < rate) {
        const uint64_t draw = mst_rng_u64(seed, MST_RNG_GENERATE, record, 0, position + 1);
        const int change = slip(text, *n_bytes, at, n, draw);
        *n_bytes = (size_t)((int64_t)*n_bytes + change);
        n = (size_t)((int64_t)n + change);
        n_typos++;
      }
    }
    at += n + 1;
  }
  return n_typos;
}
