/* wordnet_fixture.h: a small WordNet in a folder of its own, made from a list of synsets, so that
 * the tests need no package. Include after cmocka.h. */
#ifndef MISSTEP_TEST_WORDNET_FIXTURE_H
#define MISSTEP_TEST_WORDNET_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lexicon.h"

/* A synset: part of speech (0 noun .. 3 adverb), then its words. Earlier is the earlier sense. */
typedef struct fixture_synset {
  int pos;
  const char *words;
} fixture_synset;

static const fixture_synset fixture_synsets[] = {
    {0, "mistake error fault"},
    {0, "fault geological_fault"},
    {0, "fraction part"},
    {0, "part portion"},
    {0, "unit_of_measurement unit"},
    {0, "vertex corner_point"},
    {0, "year twelvemonth"},
    {0, "place Paris"},
    {1, "exclude omit leave_out"},
    {1, "choose select pick_out"},
    {1, "mistake misidentify"},
    {1, "begin start"},
    {1, "put place"},
    {1, "reckon count 2nd-guess"},
    {2, "incorrect wrong"},
    {2, "large big"},
    {2, "important significant"},
    {2, "alone(p) lonely"},
    {3, "quickly rapidly speedily"},
};

/* What texts tagged by hand hold; "twelvemonth" is not among them. */
static const char fixture_counts[] =
    "mistake%1:00:00:: 1 9\nerror%1:00:00:: 1 30\nfault%1:00:00:: 1 5\nfraction%1:00:00:: 1 4\n"
    "part%1:00:00:: 1 50\nportion%1:00:00:: 1 8\nunit_of_measurement%1:00:00:: 1 2\n"
    "unit%1:00:00:: 1 40\nvertex%1:00:00:: 1 2\ncorner_point%1:00:00:: 1 1\nyear%1:00:00:: 1 99\n"
    "exclude%2:00:00:: 1 7\nomit%2:00:00:: 1 10\nleave_out%2:00:00:: 1 3\nchoose%2:00:00:: 1 40\n"
    "select%2:00:00:: 1 20\npick_out%2:00:00:: 1 3\nmistake%2:00:00:: 1 2\n"
    "misidentify%2:00:00:: 1 1\nbegin%2:00:00:: 1 90\nstart%2:00:00:: 1 60\nput%2:00:00:: 1 80\n"
    "place%2:00:00:: 1 30\nplace%1:00:00:: 1 60\nparis%1:00:00:: 1 5\nreckon%2:00:00:: 1 3\n"
    "count%2:00:00:: 1 3\n2nd-guess%2:00:00:: 1 3\nincorrect%3:00:00:: 1 6\nwrong%3:00:00:: 1 43\n"
    "large%3:00:00:: 1 90\nbig%3:00:00:: 1 70\nimportant%3:00:00:: 1 60\n"
    "significant%3:00:00:: 1 20\nalone%3:00:00:: 1 20\nlonely%5:00:00:x:00 1 8\n"
    "quickly%4:02:00:: 1 30\nrapidly%4:02:00:: 1 9\nspeedily%4:02:00:: 1 1\n";

static const char *const fixture_exceptions[4] = {
    "vertices vertex\n",
    "began begin\nbeginning begin\nbegun begin\nchose choose\nchosen choose\nleft leave\n"
    "mistaken mistake\nmistook mistake\nomitted omit\nomitting omit\nputting put\n",
    "bigger big\nbiggest big\n", "better well\n"};

static const char *const fixture_names[4] = {"noun", "verb", "adj", "adv"};
static char fixture_root[64];

static inline const char *fixture_path(const char *name) {
  static char path[4][160];
  static int next;
  char *to = path[next++ % 4];
  (void)snprintf(to, sizeof path[0], "%s/%s", fixture_root, name);
  return to;
}

static inline void fixture_write(const char *name, const char *text, size_t n) {
  FILE *f = fopen(fixture_path(name), "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
}

/* Does a synset hold this lemma? A marker may stand behind it. */
static inline int fixture_holds(const char *words, const char *lemma) {
  const size_t n = strlen(lemma);
  for (const char *w = words; *w; w += strspn(w, " ")) {
    if (!strncmp(w, lemma, n) && strchr(" (", w[n])) return 1;
    w += strcspn(w, " ");
  }
  return 0;
}

/* One lemma's line of the index: all synsets of this part of speech that hold it. */
static inline size_t fixture_index_line(char *to, int pos, const char *lemma, const size_t *offsets,
                                        size_t n_synsets) {
  char offset_text[512] = "";
  int n = 0;
  for (size_t s = 0; s < n_synsets; s++) {
    if (fixture_synsets[s].pos != pos || !fixture_holds(fixture_synsets[s].words, lemma)) continue;
    (void)sprintf(offset_text + strlen(offset_text), "%08zu ", offsets[s]);
    n++;
  }
  return (size_t)sprintf(to, "%s %c %d 2 @ ~ %d 0 %s \n", lemma, "nvar"[pos], n, n, offset_text);
}

/* Write the files of one part of speech. */
static inline void fixture_write_pos(int pos) {
  static char data[8192], index[8192];
  char name[32], seen[2048] = " ";
  const size_t n_synsets = sizeof fixture_synsets / sizeof *fixture_synsets;
  size_t offsets[64], n_data, n_index;
  n_data = (size_t)sprintf(data, "  1 licence  \n");
  n_index = (size_t)sprintf(index, "  1 licence  \n");
  for (size_t s = 0; s < n_synsets; s++) {
    if (fixture_synsets[s].pos != pos) continue;
    offsets[s] = n_data;
    int n = 1;
    for (const char *c = fixture_synsets[s].words; *c; c++) n += *c == ' ';
    n_data += (size_t)sprintf(data + n_data, "%08zu 00 %c %02x", offsets[s], "nvar"[pos], n);
    for (const char *w = fixture_synsets[s].words; *w; w += strspn(w, " ")) {
      const int n_bytes = (int)strcspn(w, " ");
      n_data += (size_t)sprintf(data + n_data, " %.*s 0", n_bytes, w);
      w += n_bytes;
    }
    n_data += (size_t)sprintf(data + n_data, " 000 | a gloss\n");
  }
  for (size_t s = 0; s < n_synsets; s++) {
    if (fixture_synsets[s].pos != pos) continue;
    for (const char *w = fixture_synsets[s].words; *w; w += strspn(w, " ")) {
      const int n = (int)strcspn(w, " "), bare = (int)strcspn(w, " (");
      char key[96], lemma[80];
      (void)snprintf(lemma, sizeof lemma, "%.*s", bare, w);
      (void)snprintf(key, sizeof key, " %s ", lemma);
      w += n;
      if (strstr(seen, key) || (lemma[0] >= 'A' && lemma[0] <= 'Z')) continue;
      (void)strcat(seen, key);
      n_index += fixture_index_line(index + n_index, pos, lemma, offsets, n_synsets);
    }
  }
  (void)snprintf(name, sizeof name, "data.%s", fixture_names[pos]);
  fixture_write(name, data, n_data);
  (void)snprintf(name, sizeof name, "index.%s", fixture_names[pos]);
  fixture_write(name, index, n_index);
  (void)snprintf(name, sizeof name, "%s.exc", fixture_names[pos]);
  fixture_write(name, fixture_exceptions[pos], strlen(fixture_exceptions[pos]));
}

static inline int fixture_set_up(void **state) {
  (void)state;
  (void)strcpy(fixture_root, "/tmp/misstep-lexicon-XXXXXX");
  if (!mkdtemp(fixture_root)) return 1;
  for (int pos = 0; pos < 4; pos++) fixture_write_pos(pos);
  fixture_write("cntlist.rev", fixture_counts, sizeof fixture_counts - 1);
  return 0;
}

static inline int fixture_tear_down(void **state) {
  (void)state;
  char command[128];
  (void)snprintf(command, sizeof command, "rm -rf '%s'", fixture_root);
  return system(command);
}

/* Alternatives as one string, "wrong|false". */
static inline mst_status fixture_collect(void *payload, mst_slice s, mst_pos pos) {
  char *to = payload;
  (void)pos;
  (void)snprintf(to + strlen(to), 400 - strlen(to), "%s%.*s", *to ? "|" : "", (int)s.len,
                 (const char *)s.ptr);
  return MST_OK;
}

static inline const char *fixture_find(const mst_lexicon *lexicon, const char *word, mst_pos pos) {
  static char found[400];
  const mst_slice s = {(const uint8_t *)word, (int64_t)strlen(word)};
  found[0] = 0;
  assert_int_equal(mst_lexicon_find(lexicon, s, pos, fixture_collect, found), MST_OK);
  return found;
}

#endif
