/* jsonl.c: one JSON object per line; strings, numbers and booleans become fields. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "files/json.h"
#include "read/internal.h"

/* Bytes of the first n characters of a valid line. */
static int64_t bytes_of(mst_slice line, int64_t n) {
  int64_t i = 0;
  for (; i < line.len && n > 0; n--)
    for (i++; i < line.len && (line.ptr[i] & 0xC0) == 0x80;) i++;
  return i;
}

/* The last message begins "line 1, column 7: ": keep the column, which counts characters; the
 * caller knows the line. */
static mst__end json_problem(mst_slice line, int64_t pos, mst__problem *problem) {
  const mst_error *error = mst_error_last();
  if (error->status == MST_E_NOMEM) return MST__END_NOMEM;
  static const char begin[] = "line 1, column ";
  const char *words = error->message;
  long column = 0;
  if (strncmp(words, begin, strlen(begin)) == 0) {
    char *end;
    column = strtol(words + strlen(begin), &end, 10);
    words = end + strspn(end, ": ");
  }
  return mst__problem_set(problem, MST_E_FORMAT, pos + bytes_of(line, column - 1),
                          "%.180s, expected a JSON object in the line", words);
}

/* Parse one line into an object. */
static mst__end object_of(mst_slice line, int64_t pos, mst_json **out, mst__problem *problem) {
  mst_json *value = NULL;
  if (mst_json_parse(line.ptr, (size_t)line.len, &value)) return json_problem(line, pos, problem);
  if (mst_json_kind_of(value) == MST_JSON_OBJECT) {
    *out = value;
    return MST__END_STOP;
  }
  mst_json_free(value);
  return mst__problem_set(problem, MST_E_FORMAT, pos,
                          "not a JSON object, expected {\"column\": value, ...}");
}

static mst__end keep(mst__arena *arena, const void *bytes, size_t n, mst_slice *field) {
  uint8_t *copy = mst__arena_take(arena, (int64_t)n);
  if (!copy) return MST__END_NOMEM;
  if (n) memcpy(copy, bytes, n);
  *field = (mst_slice){copy, (int64_t)n};
  return MST__END_STOP;
}

static mst__end number_field(const mst_json *value, mst__arena *arena, mst_slice *field) {
  char *text = NULL;
  size_t n = 0;
  if (mst_json_dump(value, 0, &text, &n)) return MST__END_NOMEM;
  const mst__end code = keep(arena, text, n, field);
  mst_free(text);
  return code;
}

/* One value as a field; NULL (absent) and null are empty. */
static mst__end value_field(const mst_json *value, mst__arena *arena, const char *key, int64_t pos,
                            mst_slice *field, mst__problem *problem) {
  size_t n = 0;
  const char *text = NULL;
  switch (value ? mst_json_kind_of(value) : MST_JSON_NULL) {
  case MST_JSON_NULL: return keep(arena, "", 0, field);
  case MST_JSON_BOOL:
    text = mst_json_bool(value) ? "true" : "false";
    return keep(arena, text, strlen(text), field);
  case MST_JSON_INT:
  case MST_JSON_REAL: return number_field(value, arena, field);
  case MST_JSON_STRING: text = mst_json_string(value, &n); break;
  case MST_JSON_ARRAY:
  case MST_JSON_OBJECT:
    return mst__problem_set(problem, MST_E_FORMAT, pos,
                            "a nested value for \"%.100s\", expected a string, a number or null",
                            key);
  }
  assert(text);
  if (memchr(text, 0, n + 1) != text + n)
    return mst__problem_set(problem, MST_E_FORMAT, pos,
                            "a NUL character in \"%.100s\", expected text", key);
  return keep(arena, text, n, field);
}

/* The object at the cursor, or NULL for an empty line or one to be skipped. *end: its line end. */
static mst__end next_object(const mst__layout *layout, const mst__source *source, int64_t pos,
                            mst__arena *arena, mst_json **object, int64_t *end, int *skip,
                            mst__problem *problem) {
  *object = NULL;
  mst_slice line = {0};
  mst__end code = mst__line_find(layout, source, pos, end, problem);
  if (!code) code = mst__line_text(layout, source, pos, *end, arena, &line, skip, problem);
  if (code || *skip) return code;
  int64_t blank = 0;
  while (blank < line.len && strchr(" \t\r", line.ptr[blank])) blank++;
  if (blank == line.len) return MST__END_STOP;
  code = object_of(line, pos, object, problem);
  if (code == MST__END_PROBLEM) return mst__line_problem(source, pos, *end, line, problem);
  return code;
}

static mst__end object_row(const mst__layout *layout, const mst_json *object, int64_t pos,
                           mst__rows *rows, mst__problem *problem) {
  mst_slice *field = rows->field + rows->n * layout->n_cols;
  mst__end code = MST__END_STOP;
  for (int32_t i = 0; !code && i < layout->n_cols; i++)
    code = value_field(mst_json_get(object, layout->name[i]), &rows->arena, layout->name[i], pos,
                       field + i, problem);
  return code;
}

mst__end mst__jsonl_parse(const mst__layout *layout, const mst__source *source, mst__cursor *cursor,
                          int64_t stop, mst__rows *rows, mst__problem *problem) {
  while (cursor->pos <= stop && cursor->pos < source->n) {
    if (rows->n == rows->capacity) return MST__END_FULL;
    int64_t end = 0;
    int skip = 0;
    mst_json *object;
    mst__end code =
        next_object(layout, source, cursor->pos, &rows->arena, &object, &end, &skip, problem);
    if (!code && object) {
      code = object_row(layout, object, cursor->pos, rows, problem);
      if (!code) rows->line[rows->n++] = cursor->line;
    }
    mst_json_free(object);
    if (code) return code;
    if (skip && !rows->n_skipped++) rows->first_skipped_line = cursor->line;
    cursor->pos = end + (end < source->n);
    cursor->line++;
  }
  return MST__END_STOP;
}

static mst__end keys_of(mst__layout *layout, const mst_json *object, mst__problem *problem) {
  const size_t n = mst_json_size(object);
  mst_slice *name = mst_alloc(n, sizeof *name);
  if (!name) return MST__END_NOMEM;
  for (size_t i = 0; i < n; i++) {
    const char *key = mst_json_key(object, i);
    name[i] = (mst_slice){(const uint8_t *)key, (int64_t)strlen(key)};
  }
  const mst__end code = mst__layout_set_names(layout, name, (int64_t)n, problem);
  mst_free(name);
  return code;
}

mst__end mst__jsonl_header(mst__layout *layout, const mst__source *source, mst__cursor *cursor,
                           mst__problem *problem) {
  mst__arena arena = {0};
  mst_json *object = NULL;
  mst__cursor at = *cursor;
  mst__end code = MST__END_STOP;
  while (!code && !object && at.pos < source->n) {
    int64_t end = 0;
    int skip = 0;
    code = next_object(layout, source, at.pos, &arena, &object, &end, &skip, problem);
    if (!code && !object) at = (mst__cursor){end + (end < source->n), at.line + 1};
  }
  problem->at = code ? problem->at : at.pos;
  if (!code && object) code = keys_of(layout, object, problem);
  else if (!code) code = source->final ? MST__END_FULL : MST__END_MORE;
  mst_json_free(object);
  mst__arena_fini(&arena);
  return code;
}
