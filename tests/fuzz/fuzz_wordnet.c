/* fuzz_wordnet.c: WordNet's files and PPDB's format made of any bytes. The input is cut at bytes
 * 0x01 into index, data, irregular forms and counts, which stand for all parts of speech; the whole
 * of it is also read as a file of paraphrases. What could be read is asked for words of the input,
 * and every alternative must be what lexicon.h promises.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lexicon/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS = 4, MAX_WORDS = 64 };

static mst_status check(void *payload, mst_slice s, mst_pos pos) {
  const mst_slice *word = payload;
  (void)pos;
  assert(s.len > 0 && s.ptr[0] != ' ' && s.ptr[s.len - 1] != ' ');
  assert(s.len != word->len || memcmp(s.ptr, word->ptr, (size_t)s.len) != 0);
  return MST_OK;
}

/* Look up runs of letters of the input, as they are and with an ending. */
static void ask(const mst_lexicon *lexicon, const uint8_t *data, size_t size) {
  static const char *const endings[] = {"", "s", "ed", "ing", "er"};
  int n = 0;
  for (size_t i = 0; i < size && n < MAX_WORDS; i++) {
    uint8_t text[40];
    size_t len = 0;
    while (i < size && len < 30 && data[i] >= 'a' && data[i] <= 'z') text[len++] = data[i++];
    for (int e = 0; len && e < 5; e++) {
      const size_t more = strlen(endings[e]);
      memcpy(text + len, endings[e], more);
      mst_slice word = {text, (int64_t)(len + more)};
      (void)mst_lexicon_find(lexicon, word, (mst_pos)(n % 5), check, &word);
    }
    n += len > 0;
  }
}

static void read_wordnet(const uint8_t *data, size_t size) {
  mst__map part[PARTS] = {{0}};
  size_t at = 0;
  for (int i = 0; i < PARTS; i++) {
    const uint8_t *end = at < size ? memchr(data + at, 1, size - at) : NULL;
    const size_t stop = end && i + 1 < PARTS ? (size_t)(end - data) : size;
    part[i] = (mst__map){.bytes = data + at, .n = (int64_t)(stop - at), .borrowed = 1};
    at = stop < size ? stop + 1 : size;
  }
  mst__wordnet mapped = {.counts = part[3]};
  for (int pos = 0; pos < MST__WN_POS; pos++) {
    mapped.index[pos] = part[0];
    mapped.data[pos] = part[1];
    mapped.exc[pos] = part[2];
  }
  const mst_lexicon_options options = {2, 8};
  mst_lexicon *lexicon = NULL;
  if (mst__lexicon_take(&mapped, &options, &lexicon)) return;
  ask(lexicon, data, size);
  mst_lexicon_close(lexicon);
}

static void read_ppdb(const uint8_t *data, size_t size) {
  mst__map map = {.bytes = data, .n = (int64_t)size, .borrowed = 1};
  mst__ppdb *ppdb = NULL;
  mst_slice alternative;
  mst_pos pos;
  if (mst__ppdb_create(&map, &ppdb)) return;
  for (size_t i = 0; i + 4 < size && i < MAX_WORDS; i++)
    (void)mst__ppdb_find(ppdb, (mst_slice){data + i, 4}, 0, &alternative, &pos);
  mst__ppdb_free(ppdb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  /* An exact copy: a read behind its end is seen. */
  uint8_t *copy = calloc(size ? size : 1, 1);
  if (!copy) return 0;
  if (size) memcpy(copy, data, size);
  read_wordnet(copy, size);
  read_ppdb(copy, size);
  free(copy);
  return 0;
}
