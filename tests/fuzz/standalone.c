/* standalone.c: replays a fuzz corpus without libFuzzer, so that gcc builds keep every crash found;
 * with MST_FUZZ_MUTATIONS=N each file N times more, changed at random, the same in every run.
 *
 * In: files and folders on the command line. Each file goes through the target once, the empty
 * input first; the program returns 0 when the target survived all of them, 1 when a path cannot be
 * read, and 77 (skipped) when there was no file at all: a corpus that is not there must not look
 * like one that passed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "misstep/rng.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 4096 };

/* One random edit of data [*n], which has room for LONGEST bytes. */
static void edit(uint8_t *data, size_t *n, uint64_t seed, uint64_t step) {
  static const uint8_t telling[] = {0,   ' ', '\n', '\t', 'a',  'c',  ',',
                                    '_', '1', '/',  0xc3, 0xa9, 0xed, 0xff};
  uint64_t draw = 0;
#define DRAW(below) mst_rng_below((below), seed, MST_RNG_GENERATE, step, 0, draw++)
  const size_t at = (size_t)DRAW(*n + 1);
  const uint8_t byte = telling[DRAW(sizeof telling)];
  const size_t length = (size_t)DRAW(8) + 1, from = (size_t)DRAW(*n + 1);
  const uint64_t kind = DRAW(4);
#undef DRAW
  if (kind == 0 && at < *n) data[at] = byte;
  else if (kind == 1 && at + length <= *n) { /* cut out */
    memmove(data + at, data + at + length, *n - at - length);
    *n -= length;
  } else if (kind == 2 && *n < LONGEST) { /* put in */
    memmove(data + at + 1, data + at, *n - at);
    data[at] = byte;
    ++*n;
  } else if (kind == 3 && from + length <= *n && *n + length <= LONGEST) { /* again at the end */
    memmove(data + *n, data + from, length);
    *n += length;
  }
}

static void replay_mutations(const uint8_t *data, size_t size) {
  const char *text = getenv("MST_FUZZ_MUTATIONS");
  const long n_mutations = text ? strtol(text, NULL, 10) : 0;
  uint8_t changed[LONGEST];
  size_t n = size < LONGEST ? size : LONGEST;
  if (n) memcpy(changed, data, n);
  for (long i = 0; i < n_mutations; i++) {
    for (uint64_t step = 0; step < 4; step++) edit(changed, &n, (uint64_t)i, step);
    LLVMFuzzerTestOneInput(changed, n);
  }
}

static int replay_file(const char *path, size_t size) {
  FILE *file = fopen(path, "rb");
  if (!file) return perror(path), -1;
  uint8_t *data =
      malloc(size ? size : 1); /* exactly as long as the file: a read beyond it is seen */
  const size_t got = data ? fread(data, 1, size, file) : 0;
  fclose(file);
  if (!data || got != size) return fprintf(stderr, "%s: cannot read\n", path), free(data), -1;
  LLVMFuzzerTestOneInput(data, size);
  replay_mutations(data, size);
  free(data);
  return 1;
}

/* Replay a file, or every file below a folder. Returns how many, or -1. */
static int replay(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0) return perror(path), -1;
  if (!S_ISDIR(info.st_mode)) return replay_file(path, (size_t)info.st_size);
  DIR *dir = opendir(path);
  if (!dir) return perror(path), -1;
  int total = 0;
  for (struct dirent *entry; total >= 0 && (entry = readdir(dir));) {
    if (entry->d_name[0] == '.') continue;
    char below[4096];
    const int n = snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
    const int count = n > 0 && (size_t)n < sizeof below ? replay(below) : -1;
    total = count < 0 ? -1 : total + count;
  }
  closedir(dir);
  return total;
}

int main(int argc, char **argv) {
  int total = 0;
  LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
  for (int i = 1; i < argc; i++) {
    const int count = replay(argv[i]);
    if (count < 0) return 1;
    total += count;
  }
  printf("%d inputs replayed\n", total);
  if (total == 0) puts("skipped: the corpus is empty");
  return total ? 0 : 77;
}
