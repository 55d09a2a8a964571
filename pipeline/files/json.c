/* json.c: JSON over jansson. Parsing and the tree are the library's; writing is done here, because
 * its printer has no shortest digits (0.7 becomes 0.69999999999999996) and puts every item of an
 * array on a line of its own (a 77-class confusion matrix would be 5,929 lines). */
#include "files/json.h"

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "files/folder.h"
#include "files/number.h"
#include "misstep/alloc.h"

/* Ceiling for a JSON file and for serialised text. */
#define LIMIT_BYTES ((size_t)1 << 34)

/* Set by the allocator below: jansson reports some failures of memory as broken syntax, and drops a
 * character of a long string without a word when its buffer cannot grow. */
static _Thread_local int out_of_memory;

/* Nonzero inside jansson's parser, which can write beyond its buffer once an allocation has failed:
 * a test's failing allocator stops at its door. */
static _Thread_local int parsing;

static void *library_alloc(size_t n) {
  void *block = parsing ? mst_alloc_for_library(n) : mst_alloc(n, 1);
  if (!block) out_of_memory = 1;
  return block;
}

static void set_up(void) { json_set_alloc_funcs(library_alloc, mst_free); }

static void start(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  (void)pthread_once(&once, set_up);
  out_of_memory = 0;
}

static json_t *tree(const mst_json *value) { return (json_t *)(uintptr_t)value; }

/* Parse; on MST_E_FORMAT *where holds the position and the library's words. */
static mst_status parse(const void *bytes, size_t n_bytes, json_error_t *where, mst_json **out) {
  start();
  parsing = 1;
  json_t *root = json_loadb(n_bytes ? bytes : "", n_bytes,
                            JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, where);
  parsing = 0;
  if (out_of_memory) {
    json_decref(root);
    return MST_E_NOMEM;
  }
  if (!root) return MST_E_FORMAT;
  *out = (mst_json *)root;
  return MST_OK;
}

mst_status mst_json_parse(const void *bytes, size_t n_bytes, mst_json **out) {
  json_error_t where;
  mst_status st = parse(bytes, n_bytes, &where, out);
  if (st != MST_E_FORMAT) return st;
  return MST_FAIL(st, "line %d, column %d: %s", where.line, where.column, where.text);
}

mst_status mst_json_load(const char *path, mst_json **out) {
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_file_read(path, LIMIT_BYTES, &bytes, &n);
  if (st) return st;
  json_error_t where;
  st = parse(bytes, n, &where, out);
  if (st == MST_E_FORMAT)
    st = MST_FAIL(st, "%s:%d:%d: %s", path, where.line, where.column, where.text);
  else if (st) st = mst_error_prefix(st, "%s", path);
  mst_free(bytes);
  return st;
}

void mst_json_free(mst_json *root) { json_decref(tree(root)); }

/* A real keeps its point, so that it stays a real. */
static mst_status write_real(mst_buffer *to, double value) {
  char text[MST__REAL_BYTES];
  mst__real_shortest(text, value);
  const size_t n = strlen(text);
  if (!strpbrk(text, ".e")) (void)snprintf(text + n, sizeof text - n, ".0");
  return mst_buffer_append(to, text, strlen(text));
}

/* The letter of a two-character escape, or 0. */
static char short_escape(char c) {
  static const char bytes[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *at = c ? strchr(bytes, c) : NULL;
  if (!at) return '\0';
  return letters[at - bytes];
}

static mst_status write_string(mst_buffer *to, const char *text, size_t n) {
  mst_status st = mst_buffer_append(to, "\"", 1);
  size_t done = 0;
  for (size_t i = 0; i < n && !st; i++) {
    const char escape = short_escape(text[i]);
    const unsigned char byte = (unsigned char)text[i];
    if (!escape && byte >= 0x20) continue;
    st = mst_buffer_append(to, text + done, i - done);
    if (!st && escape) st = mst_buffer_append(to, (char[]){'\\', escape}, 2);
    else if (!st) st = mst_buffer_printf(to, "\\u%04x", byte);
    done = i + 1;
  }
  if (!st) st = mst_buffer_append(to, text + done, n - done);
  return st ? st : mst_buffer_append(to, "\"", 1);
}

static mst_status write_value(mst_buffer *to, json_t *value, int indent, int depth);

/* A line break and the indentation of depth; one line: nothing. */
static mst_status write_break(mst_buffer *to, int indent, int depth) {
  return indent ? mst_buffer_printf(to, "\n%*s", indent * depth, "") : MST_OK;
}

static mst_status write_object(mst_buffer *to, json_t *object, int indent, int depth) {
  mst_status st = mst_buffer_append(to, "{", 1);
  int first = 1;
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value) {
    if (!st && !first) st = mst_buffer_append(to, ",", 1);
    if (!st) st = write_break(to, indent, depth + 1);
    if (!st) st = write_string(to, key, strlen(key));
    if (!st) st = mst_buffer_append(to, ": ", indent ? 2 : 1);
    if (!st) st = write_value(to, value, indent, depth + 1);
    if (st) return st;
    first = 0;
  }
  if (!st && !first) st = write_break(to, indent, depth);
  return st ? st : mst_buffer_append(to, "}", 1);
}

/* An array of plain values stays on one line, one that holds arrays or objects gets a line an
 * item. */
static mst_status write_array(mst_buffer *to, json_t *array, int indent, int depth) {
  mst_status st = mst_buffer_append(to, "[", 1);
  const size_t n = json_array_size(array);
  int nested = 0;
  for (size_t i = 0; i < n && !nested; i++) {
    json_t *item = json_array_get(array, i);
    nested = json_is_array(item) || json_is_object(item);
  }
  for (size_t i = 0; i < n && !st; i++) {
    if (i) st = mst_buffer_append(to, ", ", indent && !nested ? 2 : 1);
    if (!st && nested) st = write_break(to, indent, depth + 1);
    if (!st) st = write_value(to, json_array_get(array, i), indent, depth + 1);
  }
  if (!st && nested) st = write_break(to, indent, depth);
  return st ? st : mst_buffer_append(to, "]", 1);
}

static mst_status write_value(mst_buffer *to, json_t *value, int indent, int depth) {
  switch (json_typeof(value)) {
  case JSON_OBJECT: return write_object(to, value, indent, depth);
  case JSON_ARRAY: return write_array(to, value, indent, depth);
  case JSON_STRING: return write_string(to, json_string_value(value), json_string_length(value));
  case JSON_INTEGER:
    return mst_buffer_printf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
  case JSON_REAL: return write_real(to, json_real_value(value));
  case JSON_TRUE: return mst_buffer_append(to, "true", 4);
  case JSON_FALSE: return mst_buffer_append(to, "false", 5);
  case JSON_NULL: return mst_buffer_append(to, "null", 4);
  }
  return MST_FAIL(MST_E_ARG, "a value of no known kind");
}

mst_status mst_json_dump(const mst_json *value, int indent, char **out, size_t *n_bytes) {
  mst_buffer to;
  mst_buffer_init(&to, LIMIT_BYTES, "a JSON text");
  start();
  mst_status st = write_value(&to, tree(value), indent, 0);
  if (!st && indent) st = mst_buffer_append(&to, "\n", 1);
  if (!st) st = mst_buffer_append(&to, "", 1);
  if (st) mst_buffer_fini(&to);
  if (st) return st;
  *out = (char *)to.data;
  if (n_bytes) *n_bytes = to.size_bytes - 1;
  return MST_OK;
}

/* Looking. */

mst_json_kind mst_json_kind_of(const mst_json *value) {
  if (!value) return MST_JSON_NULL;
  switch (json_typeof(tree(value))) {
  case JSON_OBJECT: return MST_JSON_OBJECT;
  case JSON_ARRAY: return MST_JSON_ARRAY;
  case JSON_STRING: return MST_JSON_STRING;
  case JSON_INTEGER: return MST_JSON_INT;
  case JSON_REAL: return MST_JSON_REAL;
  case JSON_TRUE:
  case JSON_FALSE: return MST_JSON_BOOL;
  case JSON_NULL: break;
  }
  return MST_JSON_NULL;
}

int64_t mst_json_int(const mst_json *value) {
  if (!json_is_real(tree(value))) return (int64_t)json_integer_value(tree(value));
  const double real = json_real_value(tree(value));
  return real >= -0x1p63 && real < 0x1p63 ? (int64_t)real : 0;
}

double mst_json_number(const mst_json *value) {
  return json_is_number(tree(value)) ? json_number_value(tree(value)) : NAN;
}

int mst_json_bool(const mst_json *value) { return json_is_true(tree(value)); }

const char *mst_json_string(const mst_json *value, size_t *n_bytes) {
  if (n_bytes) *n_bytes = json_string_length(tree(value));
  return json_string_value(tree(value));
}

size_t mst_json_size(const mst_json *value) {
  json_t *t = tree(value);
  return json_is_array(t) ? json_array_size(t) : json_object_size(t);
}

const mst_json *mst_json_at(const mst_json *array, size_t i) {
  return (const mst_json *)json_array_get(tree(array), i);
}

const mst_json *mst_json_get(const mst_json *object, const char *key) {
  return (const mst_json *)json_object_get(tree(object), key);
}

static void *member(const mst_json *object, size_t i) {
  void *at = json_object_iter(tree(object));
  while (at && i--) at = json_object_iter_next(tree(object), at);
  return at;
}

const char *mst_json_key(const mst_json *object, size_t i) {
  void *at = member(object, i);
  return at ? json_object_iter_key(at) : NULL;
}

const mst_json *mst_json_value(const mst_json *object, size_t i) {
  void *at = member(object, i);
  return at ? (const mst_json *)json_object_iter_value(at) : NULL;
}

/* Building. */

/* What a builder returns; what is refused for another reason than memory is not UTF-8. */
static mst_json *built(json_t *value) {
  if (!value && !out_of_memory) (void)MST_FAIL(MST_E_ARG, "text that is not UTF-8");
  return (mst_json *)value;
}

mst_json *mst_json_new_object(void) { return start(), built(json_object()); }
mst_json *mst_json_new_array(void) { return start(), built(json_array()); }
mst_json *mst_json_new_null(void) { return start(), built(json_null()); }
mst_json *mst_json_new_bool(int value) { return start(), built(json_boolean(value)); }
mst_json *mst_json_new_int(int64_t value) { return start(), built(json_integer(value)); }

mst_json *mst_json_new_real(double value) {
  start();
  return built(isfinite(value) ? json_real(value) : json_null());
}

mst_json *mst_json_new_string(const char *value) {
  return mst_json_new_bytes(value, strlen(value));
}

mst_json *mst_json_new_bytes(const void *utf8, size_t n_bytes) {
  start();
  return built(json_stringn(n_bytes ? utf8 : "", n_bytes));
}

/* The status of an addition; what is missing was refused by its builder, which recorded why. */
static mst_status added(const void *parent, const void *value, int rc) {
  if (!parent || !value) {
    const mst_status st = mst_error_last()->status;
    return st ? st : MST_FAIL(MST_E_NOMEM, "no memory for a JSON value");
  }
  if (!rc) return MST_OK;
  return out_of_memory ? MST_E_NOMEM : MST_FAIL(MST_E_ARG, "a key that is not UTF-8");
}

mst_status mst_json_set(mst_json *object, const char *key, mst_json *value) {
  start();
  return added(object, value, json_object_set_new(tree(object), key, tree(value)));
}

mst_status mst_json_append(mst_json *array, mst_json *value) {
  start();
  return added(array, value, json_array_append_new(tree(array), tree(value)));
}
