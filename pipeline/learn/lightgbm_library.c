/* lightgbm_library.c: finds LightGBM's shared library and opens it. Nothing is linked: a missing
 * library is a message, and only to those who ask for it. */
#include "learn/lightgbm_library.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "learn/lightgbm.h"
#include "misstep/library.h"

#define IN_CLONE ".deps/lightgbm/lightgbm/lib/lib_lightgbm.so"
#define MAX_PATH 1024

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static int opened; /* under the mutex; what it guards never changes once it is set */
static mst__lgb_api api_table;
static char library_path[MAX_PATH];

/* .deps beside an ancestor of the program, or of the clone that it was built in. */
static int find_library(char path[MAX_PATH]) {
  char program[MAX_PATH];
  const char *chosen = getenv("MISSTEP_LIGHTGBM_LIB");
  if (chosen && *chosen) return snprintf(path, MAX_PATH, "%s", chosen) < MAX_PATH;
  const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  program[n > 0 ? n : 0] = 0;
  for (char *slash; (slash = strrchr(program, '/')) && slash != program;) {
    *slash = 0;
    if (snprintf(path, MAX_PATH, "%s/" IN_CLONE, program) < MAX_PATH && !access(path, F_OK))
      return 1;
  }
  return snprintf(path, MAX_PATH, "%s/" IN_CLONE, MST_CLONE) < MAX_PATH && !access(path, F_OK);
}

static const char *load_functions(void *library, mst__lgb_api *api) {
  const struct {
    void *slot;
    const char *name;
  } functions[] = {{&api->get_last_error, "LGBM_GetLastError"},
                   {&api->rows_from_csr, "LGBM_DatasetCreateFromCSR"},
                   {&api->rows_set_field, "LGBM_DatasetSetField"},
                   {&api->rows_free, "LGBM_DatasetFree"},
                   {&api->create, "LGBM_BoosterCreate"},
                   {&api->free, "LGBM_BoosterFree"},
                   {&api->add_valid, "LGBM_BoosterAddValidData"},
                   {&api->update, "LGBM_BoosterUpdateOneIter"},
                   {&api->eval, "LGBM_BoosterGetEval"},
                   {&api->save, "LGBM_BoosterSaveModelToString"},
                   {&api->load, "LGBM_BoosterLoadModelFromString"},
                   {&api->predict_csr, "LGBM_BoosterPredictForCSR"},
                   {&api->n_classes, "LGBM_BoosterGetNumClasses"},
                   {&api->n_features, "LGBM_BoosterGetNumFeature"}};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *function = mst_library_find(library, functions[i].name);
    if (!function) return functions[i].name;
    memcpy(functions[i].slot, &function, sizeof function); /* ISO C has no cast between the two */
  }
  /* Its signatures are those of 4.0, which was the first to have this. */
  return mst_library_find(library, "LGBM_DatasetSerializeReferenceToBinary")
             ? NULL
             : "LGBM_DatasetSerializeReferenceToBinary";
}

static mst_status open_library(void) {
  char path[MAX_PATH];
  if (!find_library(path))
    return MST_FAIL(MST_E_ADAPTER,
                    "LightGBM's library is missing: run ./scripts/setup --lightgbm (looked for "
                    "%s/" IN_CLONE " and the same beside the program), or name a lib_lightgbm.so "
                    "in MISSTEP_LIGHTGBM_LIB",
                    MST_CLONE);
  void *library = mst_library_open(path, 0);
  if (!library) {
    const char *why = mst_library_why();
    return MST_FAIL(MST_E_ADAPTER,
                    "LightGBM's library does not open: %s; run ./scripts/setup --lightgbm",
                    why ? why : path);
  }
  const char *missing = load_functions(library, &api_table);
  if (missing) {
    mst_library_close(library);
    return MST_FAIL(MST_E_ADAPTER, "%s has no %s: LightGBM 4.0 or newer is needed", path, missing);
  }
  memcpy(library_path, path, sizeof path);
  opened = 1;
  return MST_OK;
}

mst_status mst__lgb(const mst__lgb_api **api) {
  (void)pthread_mutex_lock(&opening);
  const mst_status st = opened ? MST_OK : open_library();
  (void)pthread_mutex_unlock(&opening);
  if (!st) *api = &api_table;
  return st;
}

mst_status mst_lgb_open(const char **path) {
  const mst__lgb_api *api;
  const mst_status st = mst__lgb(&api);
  if (!st && path) *path = library_path;
  return st;
}
