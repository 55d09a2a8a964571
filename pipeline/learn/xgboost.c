/* xgboost.c: matrices and boosters on XGBoost's C API. Everything that goes in is checked first:
 * the library itself writes out of bounds on a bad column number. */
#include "learn/xgboost.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/json.h"
#include "learn/xgboost_library.h"
#include "misstep/alloc.h"

/* NumPy's array interface for host memory of n or n x m items. */
static void describe_array(char text[160], const void *data, const char *type, int64_t n,
                           int64_t m) {
  char shape[64];
  if (m) (void)snprintf(shape, sizeof shape, "[%lld,%lld]", (long long)n, (long long)m);
  else (void)snprintf(shape, sizeof shape, "[%lld]", (long long)n);
  (void)snprintf(text, 160, "{\"data\":[%llu,true],\"shape\":%s,\"typestr\":\"%s\",\"version\":3}",
                 (unsigned long long)(uintptr_t)data, shape, type);
}

static mst_status fill_matrix(const mst__xgb_api *api, const mst_csr *x, const int32_t *label,
                              const float *margin, int32_t n_margin, int n_threads,
                              mst_xgb_matrix *m) {
  char indptr[160], indices[160], values[160], config[64];
  const int64_t n_entries = x->row_ptr[x->n_rows];
  describe_array(indptr, x->row_ptr, "<i8", x->n_rows + 1, 0);
  describe_array(indices, x->col, "<i4", n_entries, 0);
  describe_array(values, x->val, "<f4", n_entries, 0);
  (void)snprintf(config, sizeof config, "{\"missing\":NaN,\"nthread\":%d}", n_threads);
  if (api->matrix_from_csr(indptr, indices, values, (uint64_t)x->n_cols, config, &m->handle))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "taking a matrix");
  if (label) {
    describe_array(values, label, "<i4", x->n_rows, 0);
    if (api->matrix_set_info(m->handle, "label", values))
      return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "taking labels");
  }
  if (margin) {
    describe_array(values, margin, "<f4", x->n_rows, n_margin);
    if (api->matrix_set_info(m->handle, "base_margin", values))
      return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "taking margins");
  }
  return MST_OK;
}

mst_status mst_xgb_matrix_create(const mst_csr *x, const int32_t *label, const float *margin,
                                 int32_t n_margin, int n_threads, mst_xgb_matrix **out) {
  if (x->dtype != MST_FLOAT32) return MST_FAIL(MST_E_ARG, "XGBoost's matrix must be float32");
  if (x->n_rows < 1 || n_threads < 1 || (margin && n_margin < 1))
    return MST_FAIL(MST_E_ARG, "no matrix of %lld rows, %d margins, %d threads",
                    (long long)x->n_rows, n_margin, n_threads);
  mst_status st = mst_csr_check(x);
  if (st) return st;
  const mst__xgb_api *api;
  st = mst__xgb(&api);
  if (st) return st;
  mst_xgb_matrix *m = mst_alloc_zero(1, sizeof *m);
  if (!m) return MST_E_NOMEM;
  m->n_rows = x->n_rows;
  st = fill_matrix(api, x, label, margin, n_margin, n_threads, m);
  if (st) mst_xgb_matrix_free(m);
  else *out = m;
  return st;
}

mst_status mst_xgb_matrix_weigh(mst_xgb_matrix *matrix, const float *weight) {
  const mst__xgb_api *api;
  char values[160];
  mst_status st = mst__xgb(&api);
  for (int64_t d = 0; !st && d < matrix->n_rows; d++)
    if (!(weight[d] > 0 && isfinite(weight[d])))
      st = MST_FAIL(MST_E_ARG, "row %lld: weight %g, expected above 0", (long long)d,
                    (double)weight[d]);
  if (st) return st;
  describe_array(values, weight, "<f4", matrix->n_rows, 0);
  return api->matrix_set_info(matrix->handle, "weight", values)
             ? mst__xgb_fail(api, MST_E_ADAPTER, __func__, "taking weights")
             : MST_OK;
}

void mst_xgb_matrix_free(mst_xgb_matrix *matrix) {
  const mst__xgb_api *api;
  if (!matrix) return;
  if (matrix->handle && !mst__xgb(&api)) (void)api->matrix_free(matrix->handle);
  mst_free(matrix);
}

void mst_xgb_booster_free(mst_xgb_booster *booster) {
  const mst__xgb_api *api;
  if (!booster) return;
  if (booster->handle && !mst__xgb(&api)) (void)api->free(booster->handle);
  mst_free(booster);
}

/* Mean log loss out of "[5]\ttrain-mlogloss:1.88\t...". */
static mst_status parse_mlogloss(const char *text, double *out) {
  static const char name[] = "mlogloss:";
  const char *at = strstr(text, name);
  mst_json *value = NULL;
  if (!at) return MST_FAIL(MST_E_ADAPTER, "XGBoost evaluates to \"%.100s\", not mlogloss", text);
  at += sizeof name - 1;
  mst_status st = mst_json_parse(at, strcspn(at, "\t\n "), &value);
  if (st == MST_E_NOMEM) return st;
  if (st) return MST_FAIL(MST_E_ADAPTER, "XGBoost evaluates to \"%.100s\", not a number", text);
  *out = mst_json_number(value);
  mst_json_free(value);
  return MST_OK;
}

mst_status mst_xgb_booster_mlogloss(mst_xgb_booster *booster, const mst_xgb_matrix *matrix,
                                    int32_t round, double *mlogloss) {
  const mst__xgb_api *api;
  mst_status st = mst__xgb(&api);
  if (st) return st;
  mst__xgb_dmatrix matrices[1] = {matrix->handle};
  const char *names[1] = {"eval"}, *text = NULL;
  if (api->eval(booster->handle, round, matrices, names, 1, &text))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "evaluating");
  return parse_mlogloss(text, mlogloss);
}

mst_status mst_xgb_booster_truncate(mst_xgb_booster *booster, int32_t n_rounds) {
  const mst__xgb_api *api;
  mst_status st = mst__xgb(&api);
  if (st) return st;
  int n = 0; /* out of range, XGBoost's slice loses memory */
  if (api->n_rounds(booster->handle, &n))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "counting rounds");
  if (n_rounds < 1 || n_rounds > n)
    return MST_FAIL(MST_E_ARG, "%d of %d rounds cannot be kept", n_rounds, n);
  mst__xgb_handle shorter = NULL;
  if (api->slice(booster->handle, 0, n_rounds, 1, &shorter))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "keeping the best rounds");
  (void)api->free(booster->handle);
  booster->handle = shorter;
  booster->train = NULL;
  booster->n_threads = 0;
  return MST_OK;
}

mst_status mst_xgb_booster_predict(mst_xgb_booster *booster, const mst_xgb_matrix *matrix,
                                   int n_threads, int32_t n_classes, float *proba) {
  static const char config[] = "{\"type\":0,\"training\":false,\"iteration_begin\":0,"
                               "\"iteration_end\":0,\"strict_shape\":true}";
  const mst__xgb_api *api;
  mst_status st = mst__xgb(&api);
  if (st) return st;
  if (booster->n_threads != n_threads) {
    char text[16];
    (void)snprintf(text, sizeof text, "%d", n_threads);
    if (api->set_param(booster->handle, "nthread", text))
      return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "setting nthread");
    booster->n_threads = n_threads;
  }
  const uint64_t *shape = NULL;
  uint64_t n_dims = 0;
  const float *result = NULL;
  if (api->predict(booster->handle, matrix->handle, config, &shape, &n_dims, &result))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "predicting");
  if (n_dims != 2 || shape[0] != (uint64_t)matrix->n_rows || shape[1] != (uint64_t)n_classes)
    return MST_FAIL(MST_E_ARG, "the booster does not give %lld x %d probabilities",
                    (long long)matrix->n_rows, n_classes);
  memcpy(proba, result, (size_t)matrix->n_rows * (size_t)n_classes * sizeof *proba);
  return MST_OK;
}

static mst_status dump_as(mst_xgb_booster *booster, const char *config, char **bytes,
                          size_t *n_bytes) {
  const mst__xgb_api *api;
  mst_status st = mst__xgb(&api);
  if (st) return st;
  uint64_t n = 0;
  const char *model = NULL;
  if (api->save(booster->handle, config, &n, &model))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "writing the model");
  char *copy = mst_alloc(n, 1);
  if (!copy) return MST_E_NOMEM;
  memcpy(copy, model, n);
  *bytes = copy;
  *n_bytes = n;
  return MST_OK;
}

mst_status mst_xgb_booster_dump(mst_xgb_booster *booster, char **bytes, size_t *n_bytes) {
  return dump_as(booster, "{\"format\":\"ubj\"}", bytes, n_bytes);
}

mst_status mst_xgb_booster_dump_json(mst_xgb_booster *booster, char **bytes, size_t *n_bytes) {
  return dump_as(booster, "{\"format\":\"json\"}", bytes, n_bytes);
}

mst_status mst_xgb_booster_load(const void *bytes, size_t n_bytes, mst_xgb_booster **out) {
  const mst__xgb_api *api;
  mst_status st = mst__xgb(&api);
  if (st) return st;
  mst_xgb_booster *b = mst_alloc_zero(1, sizeof *b);
  if (!b) return MST_E_NOMEM;
  if (api->create(NULL, 0, &b->handle))
    st = mst__xgb_fail(api, MST_E_ADAPTER, __func__, "making a booster");
  else if (api->load(b->handle, bytes, n_bytes))
    st = mst__xgb_fail(api, MST_E_FORMAT, __func__, "reading the model");
  if (st) mst_xgb_booster_free(b);
  else *out = b;
  return st;
}

const char *mst_xgb_booster_device(const mst_xgb_booster *booster) { return booster->device; }

mst_status mst_xgb_booster_set_attr(mst_xgb_booster *booster, const char *name, const char *value) {
  const mst__xgb_api *api;
  mst_status st = mst__xgb(&api);
  if (st) return st;
  if (api->set_attr(booster->handle, name, value))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "setting an attribute");
  return MST_OK;
}

mst_status mst_xgb_booster_get_attr(mst_xgb_booster *booster, const char *name, char **value_out) {
  const mst__xgb_api *api;
  mst_status st = mst__xgb(&api);
  if (st) return st;
  const char *value = NULL;
  int found = 0;
  if (api->get_attr(booster->handle, name, &value, &found))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "reading an attribute");
  char *copy = NULL;
  if (found) {
    const size_t n = strlen(value) + 1;
    copy = mst_alloc(n, 1);
    if (!copy) return MST_E_NOMEM;
    memcpy(copy, value, n);
  }
  *value_out = copy;
  return MST_OK;
}
