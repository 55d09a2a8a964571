/* json.h: JSON values, read with positions and written with all digits.
 *
 * In: bytes or a file. Out: a tree of values. The one place that knows the JSON library; numbers
 * are written so that reading them back gives the same bits, in the C locale.
 */
#ifndef MISSTEP_JSON_H
#define MISSTEP_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/status.h"

/* A JSON value. A tree is owned by its root: mst_json_free the root only. */
typedef struct mst_json mst_json;

typedef enum mst_json_kind {
  MST_JSON_NULL,
  MST_JSON_BOOL,
  MST_JSON_INT,
  MST_JSON_REAL,
  MST_JSON_STRING,
  MST_JSON_ARRAY,
  MST_JSON_OBJECT
} mst_json_kind;

/* Parse one value; nothing but white space may follow. Strings may hold \u0000. Duplicate keys are
 * an error. MST_E_FORMAT: "line 3, column 7: ...". MST_E_NOMEM. */
mst_status mst_json_parse(const void *bytes, size_t n_bytes, mst_json **out);
/* The same from a file; messages begin with "path:line:column: ". MST_E_IO, MST_E_FORMAT,
 * MST_E_NOMEM. */
mst_status mst_json_load(const char *path, mst_json **out);
/* Serialise. indent 0: one line; else an array of plain values stays on one line. Reals get the
 * shortest of 15 to 17 digits that reads back as the same bits. Keys keep their order of insertion.
 * *out is freed with mst_free. MST_E_NOMEM. */
mst_status mst_json_dump(const mst_json *value, int indent, char **out, size_t *n_bytes);
void mst_json_free(mst_json *root);

/* Looking at NULL (an absent member) is fine: kind NULL, number NaN, string NULL, size 0. */
mst_json_kind mst_json_kind_of(const mst_json *value);
int64_t mst_json_int(const mst_json *value);   /* a REAL is truncated; else 0 */
double mst_json_number(const mst_json *value); /* INT or REAL; else NaN */
int mst_json_bool(const mst_json *value);
/* A string's bytes (they may hold zeros; a zero follows). NULL for other kinds. n_bytes may be
 * NULL. */
const char *mst_json_string(const mst_json *value, size_t *n_bytes);
size_t mst_json_size(const mst_json *value); /* items of an array, members of an object */
const mst_json *mst_json_at(const mst_json *array, size_t i);
const mst_json *mst_json_get(const mst_json *object, const char *key); /* NULL: absent */
const char *mst_json_key(const mst_json *object, size_t i);            /* member i in order */
const mst_json *mst_json_value(const mst_json *object, size_t i);

/* Builders. A NULL result means no memory, or for text bytes that are not UTF-8 (both recorded).
 * Adding takes ownership of value even on failure, and adding NULL, or adding to NULL, returns what
 * the builder recorded (MST_E_NOMEM, MST_E_ARG), so calls nest without checks:
 *     st = mst_json_set(o, "accuracy", mst_json_new_real(0.7)); */
mst_json *mst_json_new_object(void);
mst_json *mst_json_new_array(void);
mst_json *mst_json_new_null(void);
mst_json *mst_json_new_bool(int value);
mst_json *mst_json_new_int(int64_t value);
mst_json *mst_json_new_real(double value); /* NaN and infinities become null */
mst_json *mst_json_new_string(const char *value);
mst_json *mst_json_new_bytes(const void *utf8, size_t n_bytes);
mst_status mst_json_set(mst_json *object, const char *key, mst_json *value);
mst_status mst_json_append(mst_json *array, mst_json *value);

#endif
