/* standalone.c: replays a fuzz corpus without libFuzzer, so that gcc builds keep every crash found.
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, size_t size) {
  FILE *file = fopen(path, "rb");
  if (!file) return perror(path), -1;
  uint8_t *data =
      malloc(size ? size : 1); /* exactly as long as the file: a read beyond it is seen */
  const size_t got = data ? fread(data, 1, size, file) : 0;
  fclose(file);
  if (!data || got != size) return fprintf(stderr, "%s: cannot read\n", path), free(data), -1;
  LLVMFuzzerTestOneInput(data, size);
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
