/* set.c: the data that the paper is regenerated on. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/data.h"
#include "cli/terminal.h"
#include "files/folder.h"
#include "misstep/hash.h"
#include "paper.h"
#include "sweep/part.h"

enum { FULL = 30000, QUICK = 3000, LEAST = 30 /* records a class, on average */ };

/* The synthetic set in the paper's proportions. */
static mst_status generate(const paper_options *o, const char *path, char relative[64]) {
  char number[16];
  (void)snprintf(number, sizeof number, "%d", o->quick ? QUICK : FULL);
  (void)snprintf(relative, 64, "data/synthetic-%s.csv", number);
  if (access(path, R_OK) == 0) return MST_OK;
  const char *const argv[] = {o->program, "generate", "-n", number,    "--seed", "7",
                              "-o",       relative,   "-f", "--quiet", NULL};
  return paper_child(o->dir, argv, "work/generate.log");
}

static mst_status find_file(const paper_options *o, paper_set *s, char path[8300]) {
  char relative[64];
  const int64_t n = o->quick ? QUICK : FULL;
  s->is_synthetic = o->data == NULL;
  if (o->data) {
    (void)snprintf(path, 8300, "%s", o->data);
    (void)snprintf(s->path, sizeof s->path, "%s", o->data);
    (void)snprintf(s->source, sizeof s->source, "%s", o->data);
    return MST_OK;
  }
  (void)snprintf(path, 8300, "%s/data/synthetic-%lld.csv", o->dir, (long long)n);
  (void)snprintf(s->source, sizeof s->source,
                 "SYNTHETIC statements (misstep generate -n %lld --seed 7)", (long long)n);
  const mst_status st = generate(o, path, relative);
  (void)snprintf(s->path, sizeof s->path, "%s", relative);
  return st;
}

/* Records that an experiment leaves out, where a file has more than the paper's 30,000. */
static mst_status cut(const paper_options *o, mst_records *records, const int32_t *label,
                      int32_t n_classes) {
  const int64_t n = mst_records_n_rows(records), most = o->quick ? QUICK : FULL;
  if (n <= most) return MST_OK;
  int64_t *row = mst_alloc((size_t)n, sizeof *row), kept = 0;
  int32_t *part = mst_alloc_zero((size_t)n, sizeof *part);
  uint64_t *key = mst_alloc((size_t)n, sizeof *key);
  mst_status st = row && part && key ? MST_OK : MST_E_NOMEM;
  for (int64_t d = 0; d < n && !st; d++) {
    row[d] = d;
    key[d] = mst_hash64(&d, sizeof d, 0);
  }
  const mst_split_records all = {row, key, label, n, n_classes};
  if (!st) st = sweep_subset(&all, 0, 0, most, part);
  for (int64_t d = 0; d < n && !st; d++)
    if (part[d] == 0) row[kept++] = d;
  if (!st) mst_records_keep(records, row, kept);
  mst_free(row);
  mst_free(part);
  mst_free(key);
  return st;
}

static mst_status column(const mst_records *records, const char *names, mst_strings *storage,
                         mst_text *view) {
  int32_t *cols = NULL, n = 0;
  mst_status st = mst_data_columns(records, names, &cols, &n);
  if (!st) st = mst_records_text(records, cols, n, 1, storage, view);
  mst_free(cols);
  return st;
}

static mst_status number_labels(const mst_records *records, const char *name, mst_categories *out) {
  mst_strings storage = {0};
  mst_text view;
  mst_status st = column(records, name, &storage, &view);
  if (!st) st = mst_categories_init(&view, out);
  if (!st && out->name.n && mst_strings_at(&out->name, 0).len == 0) {
    mst_categories_fini(out);
    st = MST_FAIL(MST_E_FORMAT, "%s: a record has an empty %s", mst_records_path(records), name);
  }
  mst_strings_fini(&storage);
  return st;
}

static mst_status find_units(const paper_options *o, const mst_records *records, paper_set *s) {
  mst_categories group = {0};
  int64_t n_units = 0;
  mst_status st = MST_OK;
  s->group = mst_alloc((size_t)s->n, sizeof *s->group);
  s->alone = mst_alloc((size_t)s->n, sizeof *s->alone);
  s->group_key = mst_alloc((size_t)s->n, sizeof *s->group_key);
  s->alone_key = mst_alloc((size_t)s->n, sizeof *s->alone_key);
  if (!s->group || !s->alone || !s->group_key || !s->alone_key) return MST_E_NOMEM;
  if (o->group_column) st = number_labels(records, o->group_column, &group);
  if (!st)
    st = mst_split_units(&s->text, o->group_column ? &group : NULL, 1, s->group, s->group_key,
                         &n_units);
  mst_categories_fini(&group);
  for (int64_t d = 0; d < s->n && !st; d++) {
    s->alone[d] = d;
    s->alone_key[d] = mst_hash64(&d, sizeof d, 1);
  }
  return st;
}

static void match_labels(paper_set *s) {
  s->matches = s->names.n == PAPER_LABELS;
  for (int64_t c = 0; c < s->names.n && s->matches; c++) {
    const mst_slice name = mst_strings_at(&s->names, c);
    const int i = paper_label_find((const char *)name.ptr, name.len);
    if (i < 0) s->matches = 0;
    else s->published[i] = (int)c;
  }
}

static void set_tag(const paper_options *o, paper_set *s) {
  char all[1024];
  const int n = snprintf(all, sizeof all, "%s\n%s\n%s\n%s\n%lld", s->hash, o->text_column,
                         o->label_column, o->group_column ? o->group_column : "", (long long)s->n);
  const size_t used = (size_t)n < sizeof all ? (size_t)n : sizeof all - 1;
  (void)snprintf(s->tag, sizeof s->tag, "%08x", (unsigned)(mst_hash64(all, used, 0) >> 32));
}

static void set_sizes(paper_set *s) {
  for (int i = 0; i < PAPER_SIZES; i++)
    s->rows[i] = s->n * paper_sizes[i].rows / paper_sizes[PAPER_SIZES - 1].rows;
}

mst_status paper_set_read(const paper_options *o, paper_set *out) {
  const mst_read_options reading = mst_read_options_default();
  mst_records *records = NULL;
  mst_categories labels = {0};
  paper_set s = {0};
  char path[8300];
  mst_status st = find_file(o, &s, path);
  if (!st) st = mst_terminal_input(mst_records_read(path, &reading, &records));
  if (!st) st = mst_sha256_file(path, s.hash);
  if (!st) st = number_labels(records, o->label_column, &labels);
  if (!st) st = cut(o, records, labels.id, (int32_t)labels.name.n);
  mst_categories_fini(&labels);
  if (!st) st = number_labels(records, o->label_column, &labels);
  if (!st) st = column(records, o->text_column, &s.storage, &s.text);
  s.n = st ? 0 : s.text.n_docs;
  s.names = labels.name;
  s.label = labels.id;
  if (!st && (s.names.n < 2 || s.n < LEAST * s.names.n))
    st = MST_FAIL(MST_E_FORMAT,
                  "%s: %lld records of %lld classes: at least %d a class and two "
                  "classes are needed",
                  path, (long long)s.n, (long long)s.names.n, LEAST);
  if (!st) st = find_units(o, records, &s);
  mst_records_free(records);
  match_labels(&s);
  set_sizes(&s);
  set_tag(o, &s);
  if (st) paper_set_fini(&s);
  else *out = s;
  return st;
}

void paper_set_fini(paper_set *s) {
  mst_strings_fini(&s->storage);
  mst_strings_fini(&s->names);
  mst_free(s->label);
  mst_free(s->group);
  mst_free(s->group_key);
  mst_free(s->alone);
  mst_free(s->alone_key);
  *s = (paper_set){0};
}
