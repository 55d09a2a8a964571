/* article.c: "a" and "an" before a word that has changed. */
#include <string.h>

#include "engine.h"

static int begins(mst_slice word, const char *with) {
  const int64_t n = (int64_t)strlen(with);
  if (word.len < n) return 0;
  for (int64_t i = 0; i < n; i++)
    if ((word.ptr[i] | 0x20) != (uint8_t)with[i]) return 0;
  return 1;
}

static int begins_with_one_of(mst_slice word, const char *const *list, int n) {
  for (int i = 0; i < n; i++)
    if (begins(word, list[i])) return 1;
  return 0;
}

/* Does the word begin with the sound of a vowel? Spelling decides, with the common exceptions. */
static int has_vowel_sound(mst_slice word) {
  static const char *const silent[] = {"hour", "honest", "honour", "honor", "heir"};
  static const char *const spoken[] = {"uni", "use", "usa", "usu", "eu", "one", "once"};
  static const char *const spared[] = {"unin", "unim"};
  if (begins_with_one_of(word, silent, 5) || begins_with_one_of(word, spared, 2)) return 1;
  if (!word.len || begins_with_one_of(word, spoken, 7)) return 0;
  return memchr("aeiou", *word.ptr | 0x20, 5) != NULL;
}

/* Write the other article in the letters of the one that stands there. */
static mst_status write_other(mst__doc *d, int32_t unit, mst_edits *out, mst__pick *pick) {
  const mst__unit *u = mst__unit_at(d, unit);
  const uint8_t *old = d->text.ptr + u->begin;
  const int was_an = u->end - u->begin == 2;
  mst_status st = mst_buffer_append(&out->bytes, old, 1);
  if (!st && !was_an) st = mst_buffer_append(&out->bytes, "n", 1);
  *pick = (mst__pick){.first = unit, .last = unit, .rule = MST__RULE_ARTICLE};
  return st ? st : mst__string_end(out, pick);
}

mst_status mst__articles(mst__doc *d, mst_edits *out, mst__pick *picks, int *n) {
  mst_status st = MST_OK;
  for (int i = 0; !st && i < *n && *n < MST__MAX_PICKS; i++) {
    const int32_t first = picks[i].first;
    if (first == 0 || mst__unit_at(d, first)->gap != 1) continue;
    const mst__unit *before = mst__unit_at(d, first - 1);
    if (!(mst__type_of(d, before)->role & MST__ARTICLE) || before->guard) continue;
    if (!mst__is_free(picks, *n, first - 1, first - 1)) continue;
    mst__case how;
    const mst__unit *u = mst__unit_at(d, first);
    const mst_slice old = {d->text.ptr + u->begin, u->end - u->begin};
    const mst_slice new = mst__replacement(d->batch, out, picks[i].replacement, &how);
    const int is_an = before->end - before->begin == 2;
    if (has_vowel_sound(old) != is_an || has_vowel_sound(new) == is_an) continue;
    memmove(picks + i + 1, picks + i, (size_t)(*n - i) * sizeof *picks);
    st = write_other(d, first - 1, out, &picks[i]);
    ++*n;
    i++;
  }
  return st;
}
