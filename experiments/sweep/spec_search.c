/* spec_search.c: how configurations are chosen. */
#include "spec_read.h"

#include <string.h>

mst_status sweep_spec_search(sweep_spec *spec, const sweep_yaml *root) {
  static const char *const methods[] = {"grid", "random", "sobol", NULL};
  const sweep_yaml *at = sweep_yaml_get(root, "method"), *cap = sweep_yaml_get(root, "run_cap"),
                   *draws = sweep_yaml_get(root, "draw_seed");
  int64_t seed = 0;
  mst_status st = at ? sweep_text_of(spec, at, "grid, random or sobol") : MST_OK;
  if (!st && at &&
      (strcmp(at->text, "asha") == 0 || strcmp(at->text, "hyperband") == 0 ||
       strcmp(at->text, "bayes") == 0))
    st = sweep_fail_at(
        spec, at, "method '%s' is not supported yet; there are grid, random and sobol", at->text);
  if (!st && at && !sweep_is_in(methods, at->text)) st = sweep_unknown(spec, at, "method", methods);
  for (int i = 0; !st && at && methods[i]; i++)
    if (strcmp(at->text, methods[i]) == 0) spec->method = (sweep_method)i;
  if (!st && cap) st = sweep_number_of(spec, cap, 1, INT64_MAX, &spec->run_cap);
  if (!st && draws) st = sweep_number_of(spec, draws, 0, INT64_MAX, &seed);
  spec->draws = (uint64_t)seed;
  if (!st && spec->method == SWEEP_GRID && cap)
    st = sweep_fail_at(spec, cap, "run_cap belongs to method random or sobol");
  if (!st && spec->method != SWEEP_GRID && !cap)
    st = sweep_fail_at(spec, at, "method %s needs run_cap, the number of configurations", at->text);
  return st;
}
