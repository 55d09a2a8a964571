/* lightgbm_library.c: finds LightGBM's shared library and opens it. Nothing is linked: a missing
 * library is a message, and only to those who ask for it. */
#include "learn/lightgbm_library.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/folder.h"
#include "learn/lightgbm.h"
#include "misstep/library.h"

#define IN_CLONE ".deps/lightgbm/lightgbm/lib/lib_lightgbm.so"
#define MAX_PATH 1024

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static int opened; /* under the mutex; what it guards never changes once it is set */
static mst__lgb_api api_table;
static mst_lgb_info library_info;

static int find_library(char path[MAX_PATH]) {
  const char *chosen = getenv("MISSTEP_LIGHTGBM_LIB");
  if (chosen && *chosen) return snprintf(path, MAX_PATH, "%s", chosen) < MAX_PATH;
  return mst_library_in_clone(IN_CLONE, MST_CLONE, path, MAX_PATH);
}

static const char *load_functions(void *library, mst__lgb_api *api) {
  void *since_4;
  const mst_library_function functions[] = {{&api->get_last_error, "LGBM_GetLastError"},
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
                                            {&api->n_features, "LGBM_BoosterGetNumFeature"},
                                            {&api->names, "LGBM_DumpParamAliases"},
                                            /* of 4.0, whose signatures these are */
                                            {&since_4, "LGBM_DatasetSerializeReferenceToBinary"}};
  return mst_library_find_all(library, functions, sizeof functions / sizeof *functions);
}

/* A line of digits and dots in VERSION.txt. */
static int read_version(const char *library, char version[64]) {
  char path[MAX_PATH + 16];
  (void)snprintf(path, sizeof path, "%s", library);
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(path, '/');
    if (!slash) return 0;
    *slash = 0;
  }
  const size_t n = strlen(path);
  (void)snprintf(path + n, sizeof path - n, "/VERSION.txt");
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  const size_t n_read = fread(version, 1, 63, file);
  (void)fclose(file);
  version[n_read] = 0;
  version[strspn(version, "0123456789.")] = 0;
  return *version != 0;
}

static mst_status note_info(void) {
  void *function;
  char hex[65];
  memcpy(&function, &api_table.get_last_error, sizeof function);
  const char *path = mst_library_path(function);
  (void)snprintf(library_info.path, MAX_PATH, "%s", path ? path : "");
  if (!read_version(library_info.path, library_info.version)) {
    const mst_status st = mst_sha256_file(library_info.path, hex);
    if (st) return st;
    (void)snprintf(library_info.version, sizeof library_info.version, "sha256:%.16s", hex);
  }
  opened = 1;
  return MST_OK;
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
  return note_info();
}

mst_status mst__lgb(const mst__lgb_api **api) {
  (void)pthread_mutex_lock(&opening);
  const mst_status st = opened ? MST_OK : open_library();
  (void)pthread_mutex_unlock(&opening);
  if (!st) *api = &api_table;
  return st;
}

mst_status mst_lgb_open(mst_lgb_info *info) {
  const mst__lgb_api *api;
  const mst_status st = mst__lgb(&api);
  if (!st && info) *info = library_info;
  return st;
}
