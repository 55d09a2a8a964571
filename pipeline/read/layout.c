/* layout.c: what a file's name and its first lines tell: format and columns. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "read/internal.h"

mst_read_options mst_read_options_default(void) {
  return (mst_read_options){.format = MST_FILE_AUTO,
                            .decode = MST_DECODE_STRICT,
                            .max_field_bytes = 16 << 20,
                            .n_threads = 1};
}

static int ends_with(const char *name, size_t n, const char *end) {
  const size_t m = strlen(end);
  return n > m && !strncasecmp(name + n - m, end, m);
}

static mst_file_format format_by_name(const char *path) {
  static const struct {
    const char *end;
    mst_file_format format;
  } known[] = {{".csv", MST_FILE_CSV},      {".tsv", MST_FILE_TSV},      {".tab", MST_FILE_TSV},
               {".jsonl", MST_FILE_JSONL},  {".ndjson", MST_FILE_JSONL}, {".json", MST_FILE_JSONL},
               {".txt", MST_FILE_FASTTEXT}, {".ft", MST_FILE_FASTTEXT}};
  size_t n = strlen(path);
  if (ends_with(path, n, ".gz")) n -= 3;
  else if (ends_with(path, n, ".zst")) n -= 4;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (ends_with(path, n, known[i].end)) return known[i].format;
  return MST_FILE_CSV;
}

static char *copy_text(const char *text) {
  const size_t n_bytes = strlen(text) + 1;
  char *copy = mst_alloc(n_bytes, 1);
  return copy ? memcpy(copy, text, n_bytes) : NULL;
}

mst_status mst__layout_init(mst__layout *layout, const char *path,
                            const mst_read_options *options) {
  if (options->max_field_bytes < 1 || options->n_threads < 1)
    return MST_FAIL(MST_E_ARG, "%s: max_field_bytes %lld and %d threads, expected at least 1", path,
                    (long long)options->max_field_bytes, options->n_threads);
  *layout = (mst__layout){.format = options->format, .options = *options};
  if (options->format == MST_FILE_AUTO) layout->format = format_by_name(path);
  layout->path = copy_text(strcmp(path, "-") ? path : "standard input");
  return layout->path ? MST_OK : MST_E_NOMEM;
}

void mst__layout_fini(mst__layout *layout) {
  if (layout->name) mst_free(layout->name[0]);
  mst_free(layout->name);
  mst_free(layout->path);
  *layout = (mst__layout){0};
}

/* Names as zero-terminated strings in one run of bytes. */
static mst_status copy_names(const mst_slice *name, int64_t n, char ***out) {
  int64_t n_bytes = 0;
  for (int64_t i = 0; i < n; i++) n_bytes += name[i].len + 1;
  char **copy = mst_alloc((size_t)n, sizeof *copy);
  char *to = mst_alloc((size_t)n_bytes, 1);
  if (!copy || !to) {
    mst_free(copy);
    mst_free(to);
    return MST_E_NOMEM;
  }
  for (int64_t i = 0; i < n; i++) {
    memcpy(to, name[i].ptr, (size_t)name[i].len);
    to[name[i].len] = 0;
    copy[i] = to;
    to += name[i].len + 1;
  }
  *out = copy;
  return MST_OK;
}

mst_status mst__layout_copy(mst__layout *layout, const mst__layout *from) {
  mst_slice *name = mst_alloc((size_t)from->n_cols, sizeof *name);
  char *path = copy_text(from->path);
  char **names = NULL;
  mst_status st = name && path ? MST_OK : MST_E_NOMEM;
  if (!st) {
    for (int32_t i = 0; i < from->n_cols; i++)
      name[i] = (mst_slice){(const uint8_t *)from->name[i], (int64_t)strlen(from->name[i])};
    st = copy_names(name, from->n_cols, &names);
  }
  mst_free(name);
  if (st) {
    mst_free(path);
    return st;
  }
  *layout = *from;
  layout->path = path;
  layout->name = names;
  return MST_OK;
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

mst__end mst__layout_set_names(mst__layout *layout, const mst_slice *name, int64_t n,
                               mst__problem *problem) {
  if (n < 1 || n > INT32_MAX)
    return mst__problem_set(problem, MST_E_FORMAT, problem->at, "%lld columns", (long long)n);
  char **names = NULL;
  if (copy_names(name, n, &names)) return MST__END_NOMEM;
  char **sorted = mst_alloc((size_t)n, sizeof *sorted);
  mst__end code = sorted ? MST__END_STOP : MST__END_NOMEM;
  if (sorted) {
    memcpy(sorted, names, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, compare_names);
    for (int64_t i = 1; !code && i < n; i++)
      if (!strcmp(sorted[i - 1], sorted[i]))
        code = mst__problem_set(problem, MST_E_FORMAT, problem->at,
                                "two columns are called \"%.100s\", expected distinct names",
                                sorted[i]);
  }
  mst_free(sorted);
  if (code) {
    mst_free(names[0]);
    mst_free(names);
    return code;
  }
  layout->name = names;
  layout->n_cols = (int32_t)n;
  return code;
}

mst__parse_fn *mst__parser(mst_file_format format) {
  return format == MST_FILE_JSONL      ? mst__jsonl_parse
         : format == MST_FILE_FASTTEXT ? mst__fasttext_parse
                                       : mst__csv_parse;
}

mst_status mst__header_read(mst__layout *layout, const mst__source *source, mst__cursor *cursor,
                            int *more) {
  const uint8_t *b = source->bytes;
  *more = source->n < 3 && !source->final;
  if (*more) return MST_OK;
  if (source->n >= 2 && b[0] + b[1] == 0xFF + 0xFE && (b[0] == 0xFF || b[0] == 0xFE))
    return MST_FAIL(MST_E_FORMAT, "%s:1:1: a UTF-16 byte order mark, expected UTF-8", layout->path);
  *cursor = (mst__cursor){source->n >= 3 && !memcmp(b, "\xEF\xBB\xBF", 3) ? 3 : 0, 1};
  mst__header_fn *header = layout->format == MST_FILE_JSONL      ? mst__jsonl_header
                           : layout->format == MST_FILE_FASTTEXT ? mst__fasttext_header
                                                                 : mst__csv_header;
  mst__problem problem = {0};
  switch (header(layout, source, cursor, &problem)) {
  case MST__END_MORE: *more = 1; return MST_OK;
  case MST__END_NOMEM: return MST_FAIL(MST_E_NOMEM, "%s: no memory for the header", layout->path);
  case MST__END_PROBLEM: return mst__problem_raise(&problem, layout, source, *cursor);
  case MST__END_FULL:
    return MST_FAIL(MST_E_FORMAT, "%s: the file is empty, expected %s", layout->path,
                    mst__cr_ends_line(layout->format) ? "a header line" : "records");
  case MST__END_STOP: break;
  }
  return MST_OK;
}
