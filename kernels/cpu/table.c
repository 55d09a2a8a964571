/* table.c: the CPU backend's operations, in the order of backend_table.h, and its memory: the
 * host's, so that nothing is copied where both sides are one. */
#include <stdio.h>
#include <string.h>

#include "cpu/operations.h"
#include "misstep/alloc.h"

static mst_status cpu_open(mst_backend *backend, int device) {
  (void)device;
  backend->state = NULL;
  return MST_OK;
}

static void cpu_close(mst_backend *backend) { (void)backend; }

static void *cpu_alloc(mst_backend *backend, size_t count, size_t size) {
  (void)backend;
  return mst_alloc(count, size);
}

static void cpu_free(mst_backend *backend, void *home) {
  (void)backend;
  mst_free(home);
}

static mst_status copy(mst_backend *backend, void *to, const void *from, size_t n_bytes) {
  (void)backend;
  if (n_bytes && to != from) memcpy(to, from, n_bytes);
  return MST_OK;
}

static mst_status cpu_logistic_fit(mst_backend *backend, const mst_logistic_problem *problem,
                                   const mst_logistic_options *options,
                                   const mst_logistic_result *result, char *device) {
  const mst_status st = mst_logistic_fit(problem, options, result);
  if (!st) (void)snprintf(device, sizeof backend->device, "%s", backend->device);
  return st;
}

const mst__operations mst__cpu_operations = {
    .kind = "cpu",
    .open = cpu_open,
    .close = cpu_close,
    .alloc = cpu_alloc,
    .free = cpu_free,
    .alloc_host = cpu_alloc,
    .to_home = copy,
    .to_host = copy,
    .pieces_create = mst__cpu_pieces_create,
    .tokens_create = mst__cpu_tokens_create,
    .matches_find = mst__cpu_matches_find,
    .choices_draw = mst__cpu_choices_draw,
    .splices_apply = mst__cpu_splices_apply,
    .pieces_used = mst__cpu_pieces_used,
    .pieces_renumber = mst__cpu_pieces_renumber,
    .items_take = mst__cpu_items_take,
    .items_words = mst__cpu_items_words,
    .items_copy = mst__cpu_items_copy,
    .ngrams_rank = mst__cpu_ngrams_rank,
    .ngrams_find = mst__cpu_ngrams_find,
    .grams_remap = mst__cpu_grams_remap,
    .rows_longest = mst__cpu_rows_longest,
    .rows_count = mst__cpu_rows_count,
    .rows_fill = mst__cpu_rows_fill,
    .counts_weigh = mst__cpu_counts_weigh,
    .counts_by_class = mst__cpu_counts_by_class,
    .logistic_fit = cpu_logistic_fit,
};
