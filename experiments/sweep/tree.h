/* tree.h: a YAML document as a tree that knows where everything stands.
 *
 * In: a file. Out: scalars, lists and maps with line and column, for messages that lead to the
 * place. The one part that knows libyaml. Next stage: the spec.
 */
#ifndef MISSTEP_SWEEP_YAML_H
#define MISSTEP_SWEEP_YAML_H

#include "misstep/status.h"

typedef enum sweep_yaml_kind { SWEEP_TEXT, SWEEP_LIST, SWEEP_MAP } sweep_yaml_kind;

/* A value. Of a map, child 2i is the key (a text) and child 2i+1 its value. */
typedef struct sweep_yaml {
  sweep_yaml_kind kind;
  char *text;       /* of SWEEP_TEXT, zero-terminated */
  int quoted;       /* "1" is a text, 1 a number */
  int line, column; /* from 1 */
  int n;            /* children */
  struct sweep_yaml *child;
} sweep_yaml;

/* Read the one document of a file. Everything that is not a plain document (a second document, a
 * key that stands twice, a key that is no text, text with a zero byte) is
 * "file:line:column: ...".
 * MST_E_IO, MST_E_FORMAT, MST_E_LIMIT (a million values, 64 MiB), MST_E_NOMEM. */
mst_status sweep_yaml_load(const char *path, sweep_yaml *out);
void sweep_yaml_fini(sweep_yaml *value);

/* The value of a key, or NULL. */
const sweep_yaml *sweep_yaml_get(const sweep_yaml *map, const char *key);

#endif
