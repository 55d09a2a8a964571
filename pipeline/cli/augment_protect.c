/* augment_protect.c: --protect and --protect-top: what no edit may touch, as settings of a rule
 * file. */
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/copies.h"
#include "cli/terminal.h"
#include "features/select.h"
#include "features/vectorizer.h"
#include "files/folder.h"

enum { MAX_FILE_BYTES = 1 << 24 };

static mst_status add_line(mst_buffer *out, const char *setting, mst_slice value, int quoted) {
  mst_status st = mst_buffer_printf(out, "%s: %s", setting, quoted ? "\"" : "");
  for (int64_t i = 0; !st && i < value.len; i++) {
    if (quoted && (value.ptr[i] == '"' || value.ptr[i] == '\\'))
      st = mst_buffer_append(out, "\\", 1);
    if (!st) st = mst_buffer_append(out, value.ptr + i, 1);
  }
  return st ? st : mst_buffer_append(out, quoted ? "\"\n" : "\n", quoted ? 2 : 1);
}

/* A file: a phrase a line; empty lines and # comments mean nothing. */
static mst_status add_file(mst_buffer *out, const char *path) {
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_terminal_input(mst_file_read(path, MAX_FILE_BYTES, &bytes, &n));
  for (const char *p = bytes; !st && p < bytes + n;) {
    const size_t line = strcspn(p, "\r\n");
    if (line && *p != '#')
      st = add_line(out, "protect", (mst_slice){(const uint8_t *)p, (int64_t)line}, 1);
    p += line + 1;
  }
  mst_free(bytes);
  return st;
}

mst_status mst_augment_protect(const char *list, mst_rules_builder *builder) {
  mst_buffer rules;
  mst_status st = MST_OK;
  mst_buffer_init(&rules, (size_t)1 << 28, "what is protected");
  while (!st && list && *list) {
    const size_t n = strcspn(list, "\n");
    const mst_slice value = {(const uint8_t *)list, (int64_t)n};
    char *path = mst_alloc(n + 1, 1);
    if (path) {
      memcpy(path, list, n);
      path[n] = 0;
      st = access(path, F_OK) == 0 ? add_file(&rules, path)
                                   : add_line(&rules, "protect-pattern", value, 0);
    } else st = MST_E_NOMEM;
    mst_free(path);
    list += n + (list[n] == '\n');
  }
  if (!st && rules.size_bytes)
    st = mst_rules_builder_add(builder, "--protect", rules.data, (int64_t)rules.size_bytes);
  mst_buffer_fini(&rules);
  return st;
}

/* The terms of the highest chi-squared. */
static mst_status add_top(const mst_settings *s, const mst_data *data, int32_t n_classes, int64_t k,
                          mst_rules_builder *builder) {
  mst_vectorizer_options options = mst_vectorizer_options_default();
  mst_backend *backend = NULL;
  mst_corpus *corpus = NULL;
  mst_vectorizer *v = NULL;
  mst_csr counts = {0};
  mst_buffer rules;
  int64_t n = 0;
  int32_t *ids = NULL;
  double *score = NULL;
  mst_buffer_init(&rules, (size_t)1 << 28, "what is protected");
  mst_status st = mst_backend_open("cpu", mst_setting_threads(s), &backend);
  if (!st) st = mst_corpus_create(backend, &data->text, &corpus);
  if (!st) st = mst_vectorizer_fit(&options, corpus, NULL, 0, &v, &counts, NULL);
  if (!st) {
    score = mst_alloc((size_t)counts.n_cols, sizeof *score);
    ids = mst_alloc((size_t)counts.n_cols, sizeof *ids);
    st = score && ids ? MST_OK : MST_E_NOMEM;
  }
  if (!st) st = mst_select_chi2(backend, &counts, data->label, n_classes, score);
  if (!st) st = mst_select_top(score, counts.n_cols, k, ids, &n);
  for (int64_t i = 0; !st && i < n; i++)
    st = add_line(&rules, "protect", mst_strings_at(mst_vectorizer_terms(v), ids[i]), 1);
  if (!st)
    st = mst_rules_builder_add(builder, "--protect-top", rules.data, (int64_t)rules.size_bytes);
  mst_free(score);
  mst_free(ids);
  mst_buffer_fini(&rules);
  mst_csr_fini(&counts);
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
  mst_backend_close(backend);
  return st;
}

mst_status mst_augment_protect_top(const mst_settings *s, const char *path, int64_t k,
                                   mst_rules_builder *builder) {
  mst_data data = {0};
  mst_strings names = {0};
  if (!path || strcmp(path, "-") == 0)
    return MST_FAIL(MST_E_ARG, "--protect-top reads the input twice: a FILE is expected, not "
                               "standard input");
  mst_status st = mst_data_read(path, s, mst_setting_text(s, "text-column"), &data);
  if (!st) st = mst_data_label(&data, mst_setting_text(s, "label-column"), &names);
  if (!st) st = add_top(s, &data, (int32_t)names.n, k, builder);
  mst_strings_fini(&names);
  mst_data_fini(&data);
  return st;
}
