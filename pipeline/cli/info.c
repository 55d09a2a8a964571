/* info.c: misstep info: what this installation can do, and what each lack costs. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "learn/liblinear.h"
#include "learn/lightgbm.h"
#include "learn/xgboost.h"
#include "misstep/backend.h"

static mst_status row(mst_table *table, const char *what, const char *found, const char *cost) {
  mst_status st = mst_table_cell(table, "%s", what);
  if (!st) st = mst_table_cell(table, "%s", found);
  return st ? st : mst_table_cell(table, "%s", cost);
}

/* Is a program on PATH. */
static int is_installed(const char *program) {
  char path[4096];
  for (const char *p = getenv("PATH"); p && *p;) {
    const size_t n = strcspn(p, ":");
    (void)snprintf(path, sizeof path, "%.*s/%s", (int)n, p, program);
    if (access(path, X_OK) == 0) return 1;
    p += n + (p[n] == ':');
  }
  return 0;
}

static mst_status xgboost_row(mst_table *table) {
  mst_xgb_info info;
  char found[1200];
  if (mst_xgb_open(&info))
    return row(table, "XGBoost", "missing",
               "no training or prediction with trees: run ./scripts/setup");
  (void)snprintf(found, sizeof found, "%d.%d.%d%s, %s", info.version[0], info.version[1],
                 info.version[2], info.has_cuda ? " (CUDA build)" : " (CPU build)", info.path);
  const char *cost = info.version[0] < 2 ? "old: ignores the device in silence; run ./scripts/setup"
                     : info.has_cuda     ? ""
                                     : "no trees on a GPU: --device cuda needs a CUDA build of it";
  return row(table, "XGBoost", found, cost);
}

static mst_status lightgbm_row(mst_table *table) {
  mst_lgb_info info;
  char found[1200];
  if (!mst_lgb_open(&info)) {
    (void)snprintf(found, sizeof found, "%s, %s", info.version, info.path);
    return row(table, "LightGBM", found, "");
  }
  return row(table, "LightGBM", "missing", "no --learner lightgbm: run ./scripts/setup --lightgbm");
}

/* A row for every GPU, or why there is none. */
static mst_status gpu_rows(mst_table *table) {
  char what[32], line[256];
  mst_status st = MST_OK;
  for (int n = 0; !st; n++) {
    if (mst_backend_describe(n, line, sizeof line))
      return row(table, "GPU", "none", mst_error_last()->message);
    if (!line[0]) break;
    (void)snprintf(what, sizeof what, "cuda:%d", n);
    st = row(table, what, line, "");
  }
  return st;
}

/* The library that only linear fits on a GPU need. */
static mst_status sparse_row(mst_table *table) {
  if (!mst_backend_open_sparse()) return row(table, "cuSPARSE", "found", "");
  return row(table, "cuSPARSE", "missing",
             "no linear fit on a GPU: install it with CUDA or by pip (nvidia-cusparse), or name it "
             "by MISSTEP_CUSPARSE_LIB; --linear-solver liblinear is the host's");
}

mst_status mst_command_info(const mst_settings *s) {
  static const char *const columns[] = {"what", "found", "what its lack costs", NULL};
  char text[128], device[32];
  mst_table_format format;
  mst_table *table = NULL;
  mst_status st = mst_setting_table_format(s, &format);
  if (!st) st = mst_setting_device(s, device);
  if (!st) st = mst_table_create("misstep " MISSTEP_VERSION, "lll", columns, &table);
  (void)snprintf(text, sizeof text, "%d of %ld", omp_get_num_procs(),
                 sysconf(_SC_NPROCESSORS_ONLN));
  if (!st) st = row(table, "cores", text, "");
  (void)snprintf(text, sizeof text, "%.1f GiB",
                 (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 1073741824.0);
  if (!st) st = row(table, "memory", text, "");
  if (!st) st = row(table, "device (auto)", device, "");
  if (!st)
    st = row(table, "CUDA kernels", mst_backend_has_cuda() ? "built in" : "not built in",
             mst_backend_has_cuda() ? "" : "text is vectorised on the CPU; results are the same");
  if (!st && mst_backend_has_cuda()) st = gpu_rows(table);
  if (!st && mst_backend_has_cuda()) st = sparse_row(table);
  if (!st) st = xgboost_row(table);
  if (!st) st = lightgbm_row(table);
  (void)snprintf(text, sizeof text, "%d.%02d", mst_liblinear_version() / 100,
                 mst_liblinear_version() % 100);
  if (!st) st = row(table, "LIBLINEAR", text, "");
  const int plots = is_installed("gnuplot");
  if (!st)
    st = row(table, "gnuplot", plots ? "found" : "missing",
             plots ? "" : "no figures in model folders: apt-get install gnuplot-nox");
  if (!st) st = mst_print_table(table, format);
  mst_table_free(table);
  return st;
}
