/* inflect.c: from a lemma to the form in which a text has the word that it replaces.
 *
 * Irregular forms come from WordNet's lists, which hold doubled consonants, too (omit, omitted).
 * Where a form cannot be told for sure (mistook or mistaken for what may be either), there is none.
 */
#include <string.h>

#include "internal.h"

/* A form while it is written. */
typedef struct form {
  uint8_t *out;
  int64_t n;
} form;

static void put(form *f, mst_slice text) {
  if (f->n < 0 || f->n + text.len > MST__WORD_BYTES) {
    f->n = -1;
    return;
  }
  memcpy(f->out + f->n, text.ptr, (size_t)text.len);
  f->n += text.len;
}

static void put_text(form *f, const char *text) {
  put(f, (mst_slice){(const uint8_t *)text, (int64_t)strlen(text)});
}

/* The word without its last `cut` letters, then an ending. */
static void put_ending(form *f, mst_slice word, int64_t cut, const char *end) {
  put(f, (mst_slice){word.ptr, word.len - cut});
  put_text(f, end);
}

static int is_vowel(int c) { return c && strchr("aeiou", c) != NULL; }

static int ends_consonant_y(mst_slice word) {
  return word.len > 1 && mst__ends_with(word, "y") && !is_vowel(word.ptr[word.len - 2]);
}

static int hisses(mst_slice word) {
  return mst__ends_with(word, "s") || mst__ends_with(word, "x") || mst__ends_with(word, "z") ||
         mst__ends_with(word, "ch") || mst__ends_with(word, "sh");
}

static void put_s(form *f, mst_slice word, int o_takes_e) {
  if (ends_consonant_y(word)) put_ending(f, word, 1, "ies");
  else if (hisses(word) || (o_takes_e && mst__ends_with(word, "o"))) put_ending(f, word, 0, "es");
  else put_ending(f, word, 0, "s");
}

/* Irregular forms of a word by what they are of it; where there are several, the first of the list.
 * Archaic ones, beside which the regular form is usual, are left out. */
typedef struct irregulars {
  mst_slice form[MST__SUPERLATIVE + 1];
} irregulars;

static irregulars find_irregular(const mst__wordnet *w, int pos, mst_slice word) {
  const mst__exceptions *x = &w->irregular[pos];
  irregulars found = {0};
  for (int32_t i = mst__exception_by_base(x, word); i >= 0; i = x->item[i].next_base) {
    const mst__exception *e = &x->item[i];
    if (e->base.len != word.len || memcmp(e->base.ptr, word.ptr, (size_t)word.len) != 0) continue;
    if (mst__ends_with(e->form, "wrought") || mst__ends_with(e->form, "clad")) continue;
    found.form[mst__irregular_kind(w, pos, e->form, e->base)] = e->form;
  }
  return found;
}

static void put_past(form *f, const irregulars *listed, mst_slice verb, mst__inflection wanted) {
  const mst_slice both = listed->form[MST__PAST_BOTH];
  const mst_slice past = listed->form[MST__PAST];
  const mst_slice participle = listed->form[MST__PARTICIPLE];
  if (wanted == MST__PAST && past.len) put(f, past);
  else if (wanted == MST__PARTICIPLE && participle.len) put(f, participle);
  else if ((wanted == MST__PAST_BOTH && (past.len || participle.len)) ||
           (wanted == MST__PARTICIPLE && past.len)) /* come, came, come */
    f->n = -1;
  else if (both.len) put(f, both);
  else if (mst__is_invariable(verb)) put(f, verb);
  else if (mst__ends_with(verb, "e")) put_ending(f, verb, 0, "d");
  else if (ends_consonant_y(verb)) put_ending(f, verb, 1, "ied");
  else put_ending(f, verb, 0, "ed");
}

static void put_ing(form *f, mst_slice verb) {
  if (mst__ends_with(verb, "ie")) put_ending(f, verb, 2, "ying");
  else if (mst__ends_with(verb, "e") && !mst__ends_with(verb, "ee") &&
           !mst__ends_with(verb, "oe") && !mst__ends_with(verb, "ye") && verb.len > 2)
    put_ending(f, verb, 1, "ing");
  else put_ending(f, verb, 0, "ing");
}

static int n_syllables(mst_slice word) {
  int n = 0, before = 0;
  for (int64_t i = 0; i < word.len; i++) {
    const int vowel = is_vowel(word.ptr[i]) || (word.ptr[i] == 'y' && i > 0);
    n += vowel && !before;
    before = vowel;
  }
  return n - (n > 1 && mst__ends_with(word, "e") && !mst__ends_with(word, "le"));
}

static void put_degree(form *f, int pos, mst__inflection wanted, mst_slice word) {
  const int superlative = wanted == MST__SUPERLATIVE;
  const int n = n_syllables(word);
  if (pos == 3 || n > 2 || (n == 2 && !ends_consonant_y(word))) {
    put_text(f, superlative ? "most " : "more ");
    put(f, word);
  } else if (ends_consonant_y(word)) {
    put_ending(f, word, 1, superlative ? "iest" : "ier");
  } else {
    put_ending(f, word, mst__ends_with(word, "e"), superlative ? "est" : "er");
  }
}

static void put_inflected(form *f, const mst__wordnet *w, int pos, mst__inflection inflection,
                          mst_slice word) {
  if (inflection == MST__BASE) {
    put(f, word);
    return;
  }
  const irregulars listed = find_irregular(w, pos, word);
  const int is_past =
      inflection == MST__PAST || inflection == MST__PARTICIPLE || inflection == MST__PAST_BOTH;
  if (is_past) put_past(f, &listed, word, inflection);
  else if (listed.form[inflection].len) put(f, listed.form[inflection]);
  else if (inflection == MST__ING) put_ing(f, word);
  else if (pos > 1) put_degree(f, pos, inflection, word);
  else put_s(f, word, inflection == MST__THIRD);
}

/* The word of a phrase that is inflected: a verb's first, a noun's last or the one before "of". */
static mst_slice head_of(int pos, mst_slice phrase) {
  const uint8_t *end = phrase.ptr + phrase.len;
  const uint8_t *first = memchr(phrase.ptr, '_', (size_t)phrase.len);
  if (!first) return phrase;
  if (pos == 1) return (mst_slice){phrase.ptr, first - phrase.ptr};
  static const char *const joints[] = {"_of_", "_in_", "_to_", "_for_", "_at_", "_on_"};
  for (size_t i = 0; pos == 0 && i < sizeof joints / sizeof *joints; i++) {
    const size_t n = strlen(joints[i]);
    const uint8_t *joint = memmem(phrase.ptr, (size_t)phrase.len, joints[i], n);
    if (!joint) continue;
    const uint8_t *head = joint;
    while (head > phrase.ptr && head[-1] != '_') head--;
    return (mst_slice){head, joint - head};
  }
  const uint8_t *last = end;
  while (last > phrase.ptr && last[-1] != '_') last--;
  return (mst_slice){last, end - last};
}

int64_t mst__inflect(const mst__wordnet *w, int pos, mst__inflection inflection, mst_slice lemma,
                     uint8_t out[MST__WORD_BYTES]) {
  form f = {out, 0};
  if (!lemma.len) return 0;
  const mst_slice head = head_of(pos, lemma);
  const int phrase = head.len < lemma.len;
  if (!head.len || (phrase && pos > 1 && inflection != MST__BASE)) return 0;
  put(&f, (mst_slice){lemma.ptr, head.ptr - lemma.ptr});
  put_inflected(&f, w, pos, inflection, head);
  put(&f, (mst_slice){head.ptr + head.len, lemma.ptr + lemma.len - head.ptr - head.len});
  for (int64_t i = 0; i < f.n; i++)
    if (out[i] == '_') out[i] = ' ';
  return f.n < 0 ? 0 : f.n;
}
