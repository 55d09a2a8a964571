/* effect_file.c: models that were trained, one JSON line each, so that none is trained twice. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "effect.h"
#include "files/folder.h"
#include "misstep/alloc.h"

enum { MAX_FILE_BYTES = 1 << 28 };

static int find_name(const mst_json *line, const char *key, int n, const char *(*name)(int i)) {
  const char *value = mst_json_string(mst_json_get(line, key), NULL);
  for (int i = 0; value && i < n; i++)
    if (!strcmp(value, name(i))) return i;
  return -1;
}

static const char *set_name(int i) { return effect_sets[i].name; }
static const char *arm_name(int i) { return effect_arms[i].name; }

static int64_t int_or(const mst_json *line, const char *key, int64_t other) {
  const mst_json *value = mst_json_get(line, key);
  return value ? mst_json_int(value) : other;
}

/* Take a line; one of other settings or unknown names says nothing here. */
static void take(const mst_json *line, const char *settings, effect_cells *cells) {
  const char *made = mst_json_string(mst_json_get(line, "settings"), NULL);
  const int set = find_name(line, "set", EFFECT_SETS, set_name);
  const int arm = find_name(line, "arm", EFFECT_ARMS, arm_name);
  const int64_t rows = mst_json_int(mst_json_get(line, "rows"));
  const int64_t seed = mst_json_int(mst_json_get(line, "seed"));
  int size = 0;
  while (size < EFFECT_SIZES && effect_rows[size] != rows) size++;
  if (!made || strcmp(made, settings) != 0 || set < 0 || arm < 0 || size == EFFECT_SIZES) return;
  if (seed < 0 || seed >= EFFECT_SEEDS) return;
  cells->at[set][size][seed][arm] =
      (effect_cell){.is_known = 1,
                    .n_train = mst_json_int(mst_json_get(line, "train")),
                    .n_test = mst_json_int(mst_json_get(line, "test")),
                    .n_copies = int_or(line, "copies", -1),
                    .n_twins = int_or(line, "twins", 0),
                    .score = {mst_json_number(mst_json_get(line, "accuracy")),
                              mst_json_number(mst_json_get(line, "macro_f1"))}};
}

mst_status effect_file_read(const char *path, const char *settings, effect_cells *cells) {
  char *bytes = NULL;
  size_t n = 0;
  memset(cells, 0, sizeof *cells);
  if (access(path, F_OK)) return MST_OK;
  mst_status st = mst_file_read(path, MAX_FILE_BYTES, &bytes, &n);
  int number = 0;
  for (const char *p = bytes, *next; !st && p < bytes + n; p = next) {
    const char *end = memchr(p, '\n', (size_t)(bytes + n - p));
    if (!end) { /* a run ended in the middle of it: what comes next begins a line */
      if (truncate(path, p - bytes)) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
      break;
    }
    mst_json *line = NULL;
    next = end + 1;
    number++;
    st = mst_json_parse(p, (size_t)(end - p), &line);
    if (st) st = mst_error_prefix(st, "%s:%d", path, number);
    else take(line, settings, cells);
    mst_json_free(line);
  }
  mst_free(bytes);
  return st;
}

mst_status effect_file_append(const char *path, const char *settings, const int at[4],
                              const effect_cell *cell) {
  mst_json *o = mst_json_new_object();
  char *text = NULL;
  size_t n = 0;
  mst_status st = mst_json_set(o, "set", mst_json_new_string(effect_sets[at[0]].name));
  if (!st) st = mst_json_set(o, "rows", mst_json_new_int(effect_rows[at[1]]));
  if (!st) st = mst_json_set(o, "seed", mst_json_new_int(at[2]));
  if (!st) st = mst_json_set(o, "arm", mst_json_new_string(effect_arms[at[3]].name));
  if (!st) st = mst_json_set(o, "train", mst_json_new_int(cell->n_train));
  if (!st) st = mst_json_set(o, "test", mst_json_new_int(cell->n_test));
  if (!st) st = mst_json_set(o, "copies", mst_json_new_int(cell->n_copies));
  if (!st && effect_arms[at[3]].kind == EFFECT_LEAKY)
    st = mst_json_set(o, "twins", mst_json_new_int(cell->n_twins));
  if (!st) st = mst_json_set(o, "accuracy", mst_json_new_real(cell->score[EFFECT_ACCURACY]));
  if (!st) st = mst_json_set(o, "macro_f1", mst_json_new_real(cell->score[EFFECT_MACRO_F1]));
  if (!st) st = mst_json_set(o, "settings", mst_json_new_string(settings));
  if (!st) st = mst_json_dump(o, 0, &text, &n);
  mst_json_free(o);
  if (st) return st;
  FILE *file = fopen(path, "a");
  if (!file) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  else if (fprintf(file, "%s\n", text) < 0) st = MST_FAIL(MST_E_IO, "%s: not written", path);
  if (file && fclose(file) && !st) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  mst_free(text);
  return st;
}
