/* tree.c: libyaml's document to a tree of our own. */
#include "tree.h"

#include <string.h>
#include <yaml.h>

#include "files/folder.h"
#include "misstep/alloc.h"

enum { DEEPEST = 16, MOST_VALUES = 1000000 };
#define MOST_BYTES ((size_t)64 << 20)

/* What the walk over a document carries. */
typedef struct walk {
  const char *path;
  yaml_document_t *document;
  int n_values;
} walk;

static mst_status convert(walk *w, int id, int depth, sweep_yaml *out);

static mst_status fail(const walk *w, const sweep_yaml *at, const char *what) {
  return MST_FAIL(MST_E_FORMAT, "%s:%d:%d: %s", w->path, at->line, at->column, what);
}

static mst_status convert_text(const walk *w, const yaml_node_t *node, sweep_yaml *out) {
  const size_t n = node->data.scalar.length;
  if (memchr(node->data.scalar.value, 0, n)) return fail(w, out, "a text with a zero byte");
  out->text = mst_alloc(n + 1, 1);
  if (!out->text) return MST_E_NOMEM;
  memcpy(out->text, node->data.scalar.value, n + 1);
  out->quoted = node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  return MST_OK;
}

static mst_status add(walk *w, sweep_yaml *out, int id, int depth) {
  const mst_status st = convert(w, id, depth + 1, &out->child[out->n]);
  out->n++; /* also after a failure: what it holds is freed with the rest */
  return st;
}

static mst_status convert_map(walk *w, const yaml_node_t *node, int depth, sweep_yaml *out) {
  const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
  mst_status st = MST_OK;
  for (; !st && pair < node->data.mapping.pairs.top; pair++) {
    st = add(w, out, pair->key, depth);
    const sweep_yaml *key = &out->child[out->n - 1];
    if (!st && key->kind != SWEEP_TEXT) st = fail(w, key, "a key must be a text");
    for (int i = 0; !st && i + 1 < out->n; i += 2)
      if (strcmp(out->child[i].text, key->text) == 0)
        st = MST_FAIL(MST_E_FORMAT, "%s:%d:%d: '%.60s' stands twice, first in line %d", w->path,
                      key->line, key->column, key->text, out->child[i].line);
    if (!st) st = add(w, out, pair->value, depth);
  }
  return st;
}

static mst_status convert(walk *w, int id, int depth, sweep_yaml *out) {
  const yaml_node_t *node = yaml_document_get_node(w->document, id);
  *out = (sweep_yaml){.line = (int)node->start_mark.line + 1,
                      .column = (int)node->start_mark.column + 1};
  if (depth > DEEPEST) return fail(w, out, "nested more than 16 levels deep");
  if (++w->n_values > MOST_VALUES) /* aliases of aliases grow without end */
    return MST_FAIL(MST_E_LIMIT, "%s: more than a million values", w->path);
  if (node->type == YAML_SCALAR_NODE) return convert_text(w, node, out);
  const int is_map = node->type == YAML_MAPPING_NODE;
  out->kind = is_map ? SWEEP_MAP : SWEEP_LIST;
  const size_t n = is_map
                       ? 2 * (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start)
                       : (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
  out->child = mst_alloc_zero(n ? n : 1, sizeof *out->child);
  if (!out->child) return MST_E_NOMEM;
  if (is_map) return convert_map(w, node, depth, out);
  mst_status st = MST_OK;
  for (size_t i = 0; !st && i < n; i++) st = add(w, out, node->data.sequence.items.start[i], depth);
  return st;
}

static mst_status parse_failure(const yaml_parser_t *parser, const char *path) {
  if (parser->error == YAML_MEMORY_ERROR) return MST_FAIL(MST_E_NOMEM, "%s", path);
  return MST_FAIL(MST_E_FORMAT, "%s:%zu:%zu: %s%s%s", path, parser->problem_mark.line + 1,
                  parser->problem_mark.column + 1, parser->context ? parser->context : "",
                  parser->context ? ": " : "", parser->problem ? parser->problem : "not YAML");
}

static mst_status first_document(yaml_parser_t *parser, const char *path, sweep_yaml *out) {
  yaml_document_t document, second;
  if (!yaml_parser_load(parser, &document)) return parse_failure(parser, path);
  walk w = {path, &document, 0};
  mst_status st = MST_OK;
  if (!yaml_document_get_root_node(&document)) st = MST_FAIL(MST_E_FORMAT, "%s: empty", path);
  else st = convert(&w, 1, 0, out);
  yaml_document_delete(&document);
  if (st) return st;
  if (!yaml_parser_load(parser, &second)) return parse_failure(parser, path);
  if (yaml_document_get_root_node(&second))
    st = MST_FAIL(MST_E_FORMAT, "%s:%zu:1: a second document; one is expected", path,
                  second.start_mark.line + 1);
  yaml_document_delete(&second);
  return st;
}

mst_status sweep_yaml_load(const char *path, sweep_yaml *out) {
  char *bytes = NULL;
  size_t n = 0;
  yaml_parser_t parser;
  sweep_yaml root = {0};
  mst_status st = mst_file_read(path, MOST_BYTES, &bytes, &n);
  if (st) return st;
  if (!yaml_parser_initialize(&parser)) {
    mst_free(bytes);
    return MST_FAIL(MST_E_NOMEM, "a YAML parser");
  }
  yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, n);
  st = first_document(&parser, path, &root);
  yaml_parser_delete(&parser);
  mst_free(bytes);
  if (st) sweep_yaml_fini(&root);
  else *out = root;
  return st;
}

void sweep_yaml_fini(sweep_yaml *value) {
  for (int i = 0; i < value->n; i++) sweep_yaml_fini(&value->child[i]);
  mst_free(value->child);
  mst_free(value->text);
  *value = (sweep_yaml){0};
}

const sweep_yaml *sweep_yaml_get(const sweep_yaml *map, const char *key) {
  for (int i = 0; i + 1 < map->n; i += 2)
    if (strcmp(map->child[i].text, key) == 0) return &map->child[i + 1];
  return NULL;
}
