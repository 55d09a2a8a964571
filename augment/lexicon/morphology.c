/* morphology.c: from a word as it stands in a text to the lemmas that it may be a form of.
 *
 * Lists of irregular forms first, then endings that are taken off: morphy(7WN). A reading counts
 * only if its lemma is in the index.
 */
#include <string.h>

#include "internal.h"

/* Verbs whose past is the verb itself. */
int mst__is_invariable(mst_slice verb) {
  static const char verbs[][8] = {"bet",   "burst",  "cast",   "cost", "cut",    "fit",  "forecast",
                                  "hit",   "hurt",   "input",  "let",  "offset", "put",  "quit",
                                  "read",  "reread", "reset",  "rid",  "set",    "shed", "shut",
                                  "split", "spread", "thrust", "upset"};
  char key[8] = {0};
  if (verb.len > (int64_t)sizeof key) return 0;
  memcpy(key, verb.ptr, (size_t)verb.len);
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (!memcmp(verbs[i], key, sizeof key)) return 1;
  return 0;
}

/* taken, shown, torn, drawn, gone, lain: not won, spun, shone. */
static int looks_participle(mst_slice form) {
  static const char *const ends[] = {"en", "wn", "rn", "ain", "orne"};
  for (int i = 0; i < 5; i++)
    if (mst__ends_with(form, ends[i])) return 1;
  return form.len == 4 && (mst__ends_with(form, "gone") || mst__ends_with(form, "done"));
}

/* began beside begun. */
static int differ_in_vowel(mst_slice past, mst_slice participle) {
  int64_t i = 0;
  if (past.len != participle.len) return 0;
  while (i < past.len && past.ptr[i] == participle.ptr[i]) i++;
  return i + 1 < past.len && past.ptr[i] == 'a' && participle.ptr[i] == 'u' &&
         !memcmp(past.ptr + i + 1, participle.ptr + i + 1, (size_t)(past.len - i - 1));
}

static int same(mst_slice a, mst_slice b) {
  return a.len == b.len && !memcmp(a.ptr, b.ptr, (size_t)a.len);
}

/* Past or participle, by the other irregular forms of the verb. */
static mst__inflection past_kind(const mst__wordnet *w, mst_slice form, mst_slice base) {
  const mst__exceptions *x = &w->irregular[1];
  if (looks_participle(form)) return MST__PARTICIPLE;
  if (mst__ends_with(form, "came") || mst__ends_with(form, "ran")) return MST__PAST;
  for (int32_t i = mst__exception_by_base(x, base); i >= 0; i = x->item[i].next_base) {
    const mst_slice other = x->item[i].form;
    if (!same(x->item[i].base, base) || same(other, form)) continue;
    if (looks_participle(other) || differ_in_vowel(form, other)) return MST__PAST;
    if (differ_in_vowel(other, form)) return MST__PARTICIPLE;
  }
  return MST__PAST_BOTH;
}

mst__inflection mst__irregular_kind(const mst__wordnet *w, int pos, mst_slice form,
                                    mst_slice base) {
  if (pos == 0) return MST__PLURAL;
  if (pos > 1) return mst__ends_with(form, "st") ? MST__SUPERLATIVE : MST__COMPARATIVE;
  if (mst__ends_with(form, "ing")) return MST__ING;
  if (mst__ends_with(form, "s") && !mst__ends_with(form, "was")) return MST__THIRD;
  return past_kind(w, form, base);
}

typedef struct ending {
  mst__inflection inflection;
  const char *ending, *instead;
} ending;

/* By part of speech: nouns, verbs, adjectives. */
static const ending endings[] = {
    {MST__PLURAL, "ches", "ch"},    {MST__PLURAL, "shes", "sh"},     {MST__PLURAL, "ses", "s"},
    {MST__PLURAL, "xes", "x"},      {MST__PLURAL, "zes", "z"},       {MST__PLURAL, "men", "man"},
    {MST__PLURAL, "ies", "y"},      {MST__PLURAL, "s", ""},          {MST__THIRD, "ies", "y"},
    {MST__THIRD, "es", "e"},        {MST__THIRD, "es", ""},          {MST__THIRD, "s", ""},
    {MST__PAST_BOTH, "ied", "y"},   {MST__PAST_BOTH, "ed", "e"},     {MST__PAST_BOTH, "ed", ""},
    {MST__ING, "ing", "e"},         {MST__ING, "ing", ""},           {MST__COMPARATIVE, "er", ""},
    {MST__COMPARATIVE, "er", "e"},  {MST__COMPARATIVE, "ier", "y"},  {MST__SUPERLATIVE, "est", ""},
    {MST__SUPERLATIVE, "est", "e"}, {MST__SUPERLATIVE, "iest", "y"},
};
static const uint8_t first_ending[MST__WN_POS + 1] = {0, 8, 17, 23, 23};

typedef struct readings {
  const mst__wordnet *w;
  mst__reading *out;
  int n;
} readings;

/* A lemma as such is worth as much as five forms of one: a verb has about five, and its count is
 * that of all of them. */
static void add(readings *r, int pos, mst__inflection inflection, mst_slice base) {
  const mst__lemma *lemma = mst__lemma_find(r->w, pos, base);
  if (!lemma || r->n == MST__MAX_READINGS) return;
  const uint64_t weight = (uint64_t)lemma->count * (inflection == MST__BASE ? 5 : 1);
  r->out[r->n++] = (mst__reading){pos, inflection, lemma, weight};
}

static void add_irregular(readings *r, int pos, mst_slice word) {
  const mst__exceptions *x = &r->w->irregular[pos];
  for (int32_t i = mst__exception_by_form(x, word); i >= 0; i = x->item[i].next_form)
    if (same(x->item[i].form, word) && !same(x->item[i].base, word))
      add(r, pos, mst__irregular_kind(r->w, pos, word, x->item[i].base), x->item[i].base);
}

static void add_regular(readings *r, int pos, mst_slice word) {
  const int last = word.ptr[word.len - 1];
  if (last != 's' && last != 'd' && last != 'g' && last != 'n' && last != 'r' && last != 't')
    return;
  for (int i = first_ending[pos]; i < first_ending[pos + 1]; i++) {
    const ending *e = &endings[i];
    uint8_t base[MST__WORD_BYTES];
    const int64_t kept = word.len - (int64_t)strlen(e->ending);
    const int64_t more = (int64_t)strlen(e->instead);
    if (kept < 1 || kept + more > (int64_t)sizeof base || !mst__ends_with(word, e->ending))
      continue;
    memcpy(base, word.ptr, (size_t)kept);
    memcpy(base + kept, e->instead, (size_t)more);
    add(r, pos, e->inflection, (mst_slice){base, kept + more});
  }
}

int mst__readings(const mst__wordnet *w, mst_slice word, int pos,
                  mst__reading out[MST__MAX_READINGS]) {
  readings r = {w, out, 0};
  if (word.len < 1 || word.len > MST__WORD_BYTES / 2) return 0;
  for (int p = 0; p < MST__WN_POS; p++) {
    if (pos >= 0 && p != pos) continue;
    add(&r, p, MST__BASE, word);
    const int n = r.n;
    add_irregular(&r, p, word);
    /* No ending comes off a form that the lists know. */
    if (r.n == n) add_regular(&r, p, word);
  }
  return r.n;
}
