/* export_sqlite.c: a database of two tables: sweep, what sweep.json says, and cells, one row each.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "export.h"
#include "files/folder.h"
#include "misstep/alloc.h"

static mst_status fail(sqlite3 *db, const char *path) {
  return MST_FAIL(MST_E_ADAPTER, "%s: SQLite: %s", path, sqlite3_errmsg(db));
}

static mst_status run(sqlite3 *db, const char *path, const char *sql) {
  return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? MST_OK : fail(db, path);
}

/* "name": in double quotes, a quote within doubled. */
static mst_status put_name(mst_buffer *sql, const char *name) {
  mst_status st = mst_buffer_append(sql, "\"", 1);
  for (; *name && !st; name++) st = mst_buffer_printf(sql, *name == '"' ? "\"\"" : "%c", *name);
  return st ? st : mst_buffer_append(sql, "\"", 1);
}

static mst_status create_cells(sqlite3 *db, const char *path, const sweep_view *v) {
  mst_buffer sql;
  mst_buffer_init(&sql, (size_t)1 << 24, "an SQL statement");
  mst_status st = mst_buffer_printf(&sql, "CREATE TABLE cells (key TEXT PRIMARY KEY, state TEXT");
  for (int c = 0; c < v->n_columns && !st; c++) {
    st = mst_buffer_printf(&sql, ", ");
    if (!st) st = put_name(&sql, v->column[c]);
  }
  if (!st) st = mst_buffer_printf(&sql, ", dollars)");
  if (!st) st = mst_buffer_append(&sql, "", 1);
  if (!st) st = run(db, path, (const char *)sql.data);
  mst_buffer_fini(&sql);
  return st;
}

static int bind(sqlite3_stmt *s, int place, const mst_json *value) {
  size_t n = 0;
  const char *text = mst_json_string(value, &n);
  switch (mst_json_kind_of(value)) {
  case MST_JSON_STRING:
    return sqlite3_bind_text64(s, place, text, n, SQLITE_TRANSIENT, SQLITE_UTF8);
  case MST_JSON_INT: return sqlite3_bind_int64(s, place, mst_json_int(value));
  case MST_JSON_BOOL: return sqlite3_bind_int64(s, place, mst_json_bool(value));
  case MST_JSON_REAL: return sqlite3_bind_double(s, place, mst_json_number(value));
  default: return sqlite3_bind_null(s, place);
  }
}

static mst_status insert_cell(sqlite3 *db, const char *path, sqlite3_stmt *s, const sweep_view *v,
                              const sweep_prices *prices, int64_t i) {
  int rc = bind(s, 1, mst_json_get(v->line[i], "key"));
  if (!rc) rc = bind(s, 2, mst_json_get(v->line[i], "state"));
  for (int c = 0; c < v->n_columns && !rc; c++) rc = bind(s, c + 3, sweep_view_at(v, i, c));
  /* NaN becomes NULL. */
  if (!rc) rc = sqlite3_bind_double(s, v->n_columns + 3, sweep_prices_of(prices, v, i));
  if (!rc && sqlite3_step(s) != SQLITE_DONE) rc = SQLITE_ERROR;
  return rc || sqlite3_reset(s) ? fail(db, path) : MST_OK;
}

static mst_status insert_cells(sqlite3 *db, const char *path, const sweep_view *v,
                               const sweep_prices *prices) {
  mst_buffer sql;
  sqlite3_stmt *s = NULL;
  mst_buffer_init(&sql, (size_t)1 << 24, "an SQL statement");
  mst_status st = mst_buffer_printf(&sql, "INSERT INTO cells VALUES (?, ?, ?");
  for (int c = 0; c < v->n_columns && !st; c++) st = mst_buffer_printf(&sql, ", ?");
  if (!st) st = mst_buffer_printf(&sql, ")");
  if (!st && sqlite3_prepare_v2(db, (const char *)sql.data, (int)sql.size_bytes, &s, NULL))
    st = fail(db, path);
  for (int64_t i = 0; i < v->n && !st; i++) st = insert_cell(db, path, s, v, prices, i);
  (void)sqlite3_finalize(s);
  mst_buffer_fini(&sql);
  return st;
}

/* What sweep.json says: a row each, lists as JSON. */
static mst_status insert_about(sqlite3 *db, const char *path, const sweep_view *v) {
  sqlite3_stmt *s = NULL;
  mst_status st = run(db, path, "CREATE TABLE sweep (name TEXT PRIMARY KEY, value TEXT)");
  if (!st && sqlite3_prepare_v2(db, "INSERT INTO sweep VALUES (?, ?)", -1, &s, NULL))
    st = fail(db, path);
  for (size_t i = 0; i < mst_json_size(v->about) && !st; i++) {
    char *text = NULL;
    st = sweep_value_text(mst_json_value(v->about, i), &text);
    if (st) break;
    int rc = sqlite3_bind_text(s, 1, mst_json_key(v->about, i), -1, SQLITE_TRANSIENT);
    if (!rc) rc = sqlite3_bind_text(s, 2, text, -1, SQLITE_TRANSIENT);
    if (rc || sqlite3_step(s) != SQLITE_DONE || sqlite3_reset(s)) st = fail(db, path);
    mst_free(text);
  }
  (void)sqlite3_finalize(s);
  return st;
}

mst_status sweep_export_sqlite(const sweep_view *v, const sweep_prices *prices, const char *path) {
  mst_output *out = NULL;
  sqlite3 *db = NULL;
  mst_status st = mst_output_open(path, 0, 1, &out);
  if (!st && sqlite3_open(mst_output_path(out), &db)) st = fail(db, path);
  /* The file is new, and renamed when it is whole: a journal would only lie beside it. */
  if (!st) st = run(db, path, "PRAGMA journal_mode = OFF; BEGIN");
  if (!st) st = insert_about(db, path, v);
  if (!st) st = create_cells(db, path, v);
  if (!st) st = insert_cells(db, path, v, prices);
  if (!st) st = run(db, path, "COMMIT");
  if (sqlite3_close(db) && !st) st = fail(db, path);
  if (!st) st = mst_output_commit(out);
  mst_output_close(out);
  return st;
}
