/* fuzz_spec.c: any bytes as a sweep's spec: it is refused with its path in front, or it has values
 * that can be drawn and cells whose keys differ. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep/rung.h"

static void demand(int truth) {
  if (!truth) abort();
}

static int has(const sweep_spec *spec, const char *name) {
  for (int32_t p = 0; p < spec->n_parameters; p++)
    if (strcmp(spec->parameter[p].name, name) == 0) return 1;
  return 0;
}

static int by_key(const void *a, const void *b) {
  return strcmp(((const sweep_cell *)a)->key, ((const sweep_cell *)b)->key);
}

/* Rungs begin with something to do, no two cells are one. */
static void check_cells(const sweep_spec *spec) {
  const sweep_ground ground = {.data = "d", .versions = "v", .device = "cpu", .n_folds = 2};
  sweep_cells cells;
  sweep_wanted wanted;
  const mst_status st = sweep_cells_make(spec, &ground, &cells);
  demand(st == MST_OK || st == MST_E_FORMAT || st == MST_E_LIMIT);
  if (st) return;
  demand(sweep_wanted_make(spec, &cells, NULL, &wanted) == MST_OK);
  demand(wanted.rung == 0 && (wanted.task[0] || wanted.ended));
  sweep_wanted_fini(&wanted);
  const int64_t n = sweep_rungs_expect(spec, &cells, 2, NULL);
  demand(n > 0 && n <= cells.n_cells);
  qsort(cells.cell, (size_t)cells.n_cells, sizeof *cells.cell, by_key);
  for (int64_t i = 1; i < cells.n_cells; i++)
    demand(by_key(&cells.cell[i - 1], &cells.cell[i]) != 0);
  sweep_cells_fini(&cells);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  static char path[64];
  sweep_spec spec;
  if (n > 8192) return 0;
  if (!*path) (void)snprintf(path, sizeof path, "/tmp/misstep-fuzz-spec-%ld", (long)getpid());
  FILE *file = fopen(path, "wb");
  demand(file && fwrite(data, 1, n, file) == n && fclose(file) == 0);
  const mst_status st = sweep_spec_load(path, &spec);
  (void)unlink(path);
  demand(st == MST_OK || st == MST_E_FORMAT || st == MST_E_LIMIT);
  if (st) {
    demand(strncmp(mst_error_last()->message, path, strlen(path)) == 0);
    return 0;
  }
  const int64_t n_cells = sweep_cells_count(&spec);
  demand(n_cells > 0);
  /* rules and lexicons name files, which are not this target's */
  const int files = has(&spec, "augment") || has(&spec, "rules") || has(&spec, "lexicon");
  if (n_cells <= 512 && !files) {
    const mst_status drawn = sweep_spec_draw(&spec);
    demand(drawn == MST_OK || drawn == MST_E_LIMIT);
    if (!drawn) check_cells(&spec);
  }
  sweep_spec_fini(&spec);
  return 0;
}
