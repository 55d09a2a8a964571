/* sample.c: the configurations of random and sobol. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "learn/xgboost.h"
#include "misstep/alloc.h"
#include "misstep/hash.h"
#include "misstep/rng.h"
#include "spec.h"

/* Direction numbers of Joe and Kuo (Constructing Sobol sequences with better two-dimensional
 * projections. SIAM J. Sci. Comput. 30, 2008): degree, polynomial and first numbers of dimensions
 * 2 .. 16; dimension 1 is the bits of the index turned round. */
static const struct {
  int degree;
  uint32_t polynomial, first[6];
} joe_kuo[] = {{1, 0, {1}},
               {2, 1, {1, 3}},
               {3, 1, {1, 3, 1}},
               {3, 2, {1, 1, 1}},
               {4, 1, {1, 1, 3, 3}},
               {4, 4, {1, 3, 5, 13}},
               {5, 2, {1, 1, 5, 5, 17}},
               {5, 4, {1, 1, 5, 5, 5}},
               {5, 7, {1, 1, 7, 11, 19}},
               {5, 11, {1, 1, 5, 1, 1}},
               {5, 13, {1, 1, 1, 3, 11}},
               {5, 14, {1, 3, 5, 5, 31}},
               {6, 1, {1, 3, 3, 9, 7, 49}},
               {6, 13, {1, 1, 1, 15, 21, 21}},
               {6, 16, {1, 3, 1, 13, 27, 49}}};
enum { N_JOE_KUO = sizeof joe_kuo / sizeof *joe_kuo };

static void directions(int dimension, uint32_t v[32]) {
  for (int i = 0; i < 32; i++) v[i] = (uint32_t)1 << (31 - i);
  if (dimension == 0) return;
  const int s = joe_kuo[dimension - 1].degree;
  for (int i = 0; i < s; i++) v[i] = joe_kuo[dimension - 1].first[i] << (31 - i);
  for (int i = s; i < 32; i++) {
    v[i] = v[i - s] ^ (v[i - s] >> s);
    for (int k = 1; k < s; k++)
      if (joe_kuo[dimension - 1].polynomial >> (s - 1 - k) & 1) v[i] ^= v[i - k];
  }
}

double sweep_sobol(int dimension, uint64_t index) {
  uint32_t v[32], x = 0;
  directions(dimension, v);
  const uint64_t gray = index ^ (index >> 1);
  for (int i = 0; i < 32; i++)
    if (gray >> i & 1) x ^= v[i];
  return (double)x * 0x1p-32;
}

static double unit_draw(const sweep_spec *spec, int32_t p, int dimension, int64_t c) {
  const char *name = spec->parameter[p].name;
  const uint64_t record = mst_hash64(name, strlen(name), 0);
  if (spec->method == SWEEP_RANDOM)
    return mst_rng_unit(spec->draws, MST_RNG_SWEEP, record, 0, (uint64_t)c);
  /* A shift that the seed draws, so that other seeds are other points; 0 is the plain sequence. */
  const double shift = spec->draws ? mst_rng_unit(spec->draws, MST_RNG_SWEEP, record, 1, 0) : 0;
  return fmod(sweep_sobol(dimension, (uint64_t)c) + shift, 1);
}

/* A unit draw to a value's text: whole numbers exactly, others with the digits they need; of a
 * listed one also its place. */
static mst_status drawn_text(const sweep_parameter *p, double u, char **out, sweep_place *place) {
  char text[48];
  if (p->distribution == SWEEP_LISTED) {
    const int64_t i = (int64_t)(u * (double)p->n);
    *place = p->place[i];
    *out = mst_alloc(strlen(p->value[i]) + 1, 1);
    if (*out) memcpy(*out, p->value[i], strlen(p->value[i]) + 1);
    return *out ? MST_OK : MST_E_NOMEM;
  }
  double value = p->low + u * (p->high - p->low);
  if (p->distribution == SWEEP_INT_UNIFORM) value = floor(p->low + u * (p->high - p->low + 1));
  if (p->distribution == SWEEP_LOG_UNIFORM)
    value = exp(log(p->low) + u * (log(p->high) - log(p->low)));
  if (p->option->kind == OPT_INT) value = floor(value + 0.5);
  value = fmin(fmax(value, p->low), p->high);
  if (p->option->kind == OPT_INT) (void)snprintf(text, sizeof text, "%lld", (long long)value);
  else mst_xgb_format_number(value, text);
  *out = mst_alloc(strlen(text) + 1, 1);
  if (!*out) return MST_E_NOMEM;
  memcpy(*out, text, strlen(text) + 1);
  return MST_OK;
}

mst_status sweep_spec_draw(sweep_spec *spec) {
  int dimension = 0;
  if (spec->method == SWEEP_GRID) return MST_OK;
  for (int32_t i = 0; i < spec->n_parameters; i++) {
    sweep_parameter *p = &spec->parameter[i];
    if (p->distribution == SWEEP_LISTED && p->n == 1) continue;
    if (spec->method == SWEEP_SOBOL && dimension > N_JOE_KUO)
      return MST_FAIL(MST_E_LIMIT, "%s: method sobol draws at most %d parameters", spec->path,
                      N_JOE_KUO + 1);
    char **drawn = mst_alloc_zero((size_t)spec->run_cap, sizeof *drawn);
    sweep_place *place = mst_alloc_zero((size_t)spec->run_cap, sizeof *place);
    mst_status st = drawn && place ? MST_OK : MST_E_NOMEM;
    for (int64_t c = 0; !st && c < spec->run_cap; c++)
      st = drawn_text(p, unit_draw(spec, i, dimension, c), &drawn[c], &place[c]);
    for (int64_t v = 0; v < p->n; v++) mst_free(p->value[v]);
    mst_free(p->value);
    mst_free(p->place);
    p->value = drawn;
    p->place = place; /* of ranges, whose numbers stand nowhere, line 0 */
    p->n = drawn ? spec->run_cap : 0;
    if (st) return st;
    dimension++;
  }
  return MST_OK;
}
