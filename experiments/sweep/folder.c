/* folder.c: sweep.json, written once, by whoever comes first. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/terminal.h"
#include "files/folder.h"
#include "folder.h"
#include "misstep/alloc.h"
#include "rung.h"

#define FORMAT "misstep-sweep"

static mst_status make_folder(const char *dir, const char *name) {
  char path[4400];
  (void)snprintf(path, sizeof path, "%.3900s%s%s", dir, *name ? "/" : "", name);
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return MST_OK;
  return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
}

static mst_status add_classes(const mst_strings *names, mst_json *o) {
  mst_json *array = mst_json_new_array();
  mst_status st = array ? MST_OK : MST_E_NOMEM;
  for (int64_t c = 0; !st && names && c < names->n; c++) {
    const mst_slice name = mst_strings_at(names, c);
    st = mst_json_append(array, mst_json_new_bytes(name.ptr, (size_t)name.len));
  }
  if (!st) return mst_json_set(o, "classes", array);
  mst_json_free(array);
  return st;
}

static mst_status describe(const sweep_spec *spec, const sweep_ground *ground,
                           const sweep_cells *cells, mst_json **out) {
  mst_json *o = mst_json_new_object(), *names = mst_json_new_array();
  mst_status st = names ? MST_OK : MST_E_NOMEM;
  if (!st && sweep_spec_names_protocol(spec))
    st = mst_json_append(names, mst_json_new_string("protocol"));
  for (int32_t p = 0; !st && p < spec->n_parameters; p++)
    st = mst_json_append(names, mst_json_new_string(spec->parameter[p].name));
  if (!st) st = mst_json_set(o, "format", mst_json_new_string(FORMAT));
  if (!st) st = mst_json_set(o, "versions", mst_json_new_string(ground->versions));
  if (!st) st = mst_json_set(o, "device", mst_json_new_string(ground->device));
  if (!st) st = mst_json_set(o, "data", mst_json_new_string(spec->data));
  if (!st) st = mst_json_set(o, "data_sha256", mst_json_new_string(ground->data));
  if (!st) st = mst_json_set(o, "cells_hash", mst_json_new_string(cells->hash));
  if (!st)
    st = mst_json_set(o, "cells",
                      mst_json_new_int(sweep_rungs_expect(spec, cells, ground->n_folds, NULL)));
  if (!st) st = mst_json_set(o, "trainings", mst_json_new_int(cells->n_tasks));
  if (!st) st = mst_json_set(o, "metric", mst_json_new_string(spec->metric));
  if (!st) st = mst_json_set(o, "maximize", mst_json_new_bool(spec->maximize));
  if (!st) st = add_classes(ground->names, o);
  if (st) mst_json_free(names);
  else st = mst_json_set(o, "parameters", names);
  if (st) mst_json_free(o);
  else *out = o;
  return st;
}

mst_status sweep_folder_load(const char *dir, mst_json **out) {
  char path[4400];
  mst_json *o = NULL;
  (void)snprintf(path, sizeof path, "%.3900s/sweep.json", dir);
  mst_status st = mst_terminal_input(mst_json_load(path, &o));
  if (st) return st;
  const char *format = mst_json_string(mst_json_get(o, "format"), NULL);
  if (!format || strcmp(format, FORMAT) != 0) {
    mst_json_free(o);
    return MST_FAIL(MST_E_FORMAT, "%s: not a sweep's folder", dir);
  }
  *out = o;
  return MST_OK;
}

static mst_status check_same(const char *dir, const mst_json *mine, const mst_json *theirs) {
  static const struct {
    const char *key, *what;
  } parts[] = {{"versions", "was begun with"},
               {"data_sha256", "is of data with SHA-256"},
               {"device", "computes on"},
               {"cells_hash", "is of another spec, whose cells have the hash"}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    const char *a = mst_json_string(mst_json_get(mine, parts[i].key), NULL);
    const char *b = mst_json_string(mst_json_get(theirs, parts[i].key), NULL);
    if (!b || strcmp(a, b) != 0)
      return MST_FAIL(MST_E_ARG, "%s %s %s, this one has %s; use another folder (-o DIR)", dir,
                      parts[i].what, b ? b : "nothing", a);
  }
  return MST_OK;
}

static mst_status write_new(const char *dir, const mst_json *o) {
  char path[4400], *text = NULL;
  size_t n = 0;
  (void)snprintf(path, sizeof path, "%.3900s/sweep.json", dir);
  mst_status st = mst_json_dump(o, 2, &text, &n);
  if (!st) st = mst_file_write(path, 0, text, n);
  mst_free(text);
  return st;
}

static int is_there(const char *dir) {
  char path[4400];
  struct stat info;
  (void)snprintf(path, sizeof path, "%.3900s/sweep.json", dir);
  return stat(path, &info) == 0;
}

mst_status sweep_folder_open(const char *dir, const sweep_spec *spec, const sweep_ground *ground,
                             const sweep_cells *cells) {
  mst_json *mine = NULL, *theirs = NULL;
  mst_status st = make_folder(dir, "");
  if (!st) st = describe(spec, ground, cells, &mine);
  if (!st && !is_there(dir)) {
    st = write_new(dir, mine);
    if (st && is_there(dir)) st = MST_OK; /* another was quicker: it must be the same */
  }
  if (!st) st = sweep_folder_load(dir, &theirs);
  if (!st) st = check_same(dir, mine, theirs);
  if (!st) st = make_folder(dir, "ledger");
  if (!st) st = make_folder(dir, "lease");
  mst_json_free(mine);
  mst_json_free(theirs);
  return st;
}
