/* predictions.c: from labelled records and anybody's predictions to class numbers and probabilities
 * row by row. What does not match is an error: a shifted file would only look like a bad model. */
#include "cli/predictions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/data.h"
#include "cli/settings_internal.h"
#include "cli/terminal.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

#define SUM_TOLERANCE 1e-3 /* probabilities rounded to four digits, or computed in half precision */

/* What is known on the way. */
typedef struct job {
  mst_records *truth, *made; /* labelled records; predictions */
  int32_t truth_col, made_col;
  int32_t truth_id, made_id; /* -1: matched by row number */
  int32_t *class_col;        /* [n_class_cols] columns of made with probabilities */
  int32_t n_class_cols;
  int64_t *row; /* [D] record of made for each labelled record */
  mst_predictions g;
} job;

/* A record's file and line, in a complaint. */
#define AT(records, d) mst_records_path(records), (long long)mst_records_line(records, d)
/* A field, cut, in a complaint. */
#define CUT(f) (f).len < 80 ? (int)(f).len : 80, (const char *)(f).ptr

static mst_status read_file(const mst_settings *s, const char *path, mst_records **out) {
  const mst_read_options options = mst_setting_read(s);
  int64_t line = 0;
  mst_status st = mst_terminal_input(mst_records_read(path, &options, out));
  if (st) return st;
  const int64_t skipped = mst_records_n_skipped(*out, &line);
  if (skipped && !mst_setting_text(s, "id-column"))
    return MST_FAIL(MST_E_FORMAT,
                    "%s:%lld: a record left out for its broken UTF-8; row numbers no longer match: "
                    "--id-column NAME is needed",
                    path, (long long)line);
  if (mst_records_n_rows(*out) == 0)
    return MST_FAIL(MST_E_FORMAT, "%s: no records after the header", path);
  return MST_OK;
}

/* label_K or probability_K, as misstep predict --top writes them. */
static int is_ranked(const char *name) {
  const char *digits = strncmp(name, "label_", 6) == 0          ? name + 6
                       : strncmp(name, "probability_", 12) == 0 ? name + 12
                                                                : "";
  return *digits && digits[strspn(digits, "0123456789")] == 0;
}

/* The columns right of the prediction that may hold probabilities. */
static mst_status find_class_columns(job *j) {
  const int32_t n = mst_records_n_cols(j->made);
  if (!(j->class_col = mst_alloc((size_t)n, sizeof *j->class_col))) return MST_E_NOMEM;
  for (int32_t c = j->made_col + 1; c < n; c++) {
    const char *name = mst_records_col_name(j->made, c);
    if (*name && c != j->made_id && strcmp(name, "line") != 0 && strcmp(name, "probability") != 0 &&
        !is_ranked(name))
      j->class_col[j->n_class_cols++] = c;
  }
  return MST_OK;
}

static mst_status find_columns(const mst_settings *s, job *j) {
  const char *id = mst_setting_text(s, "id-column");
  j->truth_id = j->made_id = -1;
  mst_status st = mst_records_find(j->truth, mst_setting_text(s, "label-column"), &j->truth_col);
  if (!st && id) st = mst_records_find(j->truth, id, &j->truth_id);
  if (!st && id) st = mst_records_find(j->made, id, &j->made_id);
  if (st) return st;
  j->made_col = mst_records_col(j->made, "prediction");
  if (j->made_col < 0) j->made_col = mst_records_col(j->made, "label");
  if (j->made_col < 0)
    return MST_FAIL(MST_E_FORMAT,
                    "%s: the predicted label is expected in column prediction or label",
                    mst_records_path(j->made));
  return find_class_columns(j);
}

static mst_status match_rows(job *j) {
  const int64_t n = mst_records_n_rows(j->truth), n_made = mst_records_n_rows(j->made);
  if (n != n_made)
    return MST_FAIL(MST_E_FORMAT,
                    "%s: %lld predictions for the %lld records of %s; one each is "
                    "expected, in the same order, or --id-column NAME",
                    mst_records_path(j->made), (long long)n_made, (long long)n,
                    mst_records_path(j->truth));
  for (int64_t d = 0; d < n; d++) j->row[d] = d;
  return MST_OK;
}

/* Number the distinct values of a column of each file in one numbering: records of truth, then of
 * made, then the names of the first n_extra columns that may hold probabilities. */
static mst_status number_column(const job *j, int32_t truth_col, int32_t made_col, int32_t n_extra,
                                mst_categories *out) {
  const int64_t n = mst_records_n_rows(j->truth), n_made = mst_records_n_rows(j->made);
  const int64_t total = n + n_made + n_extra;
  mst_buffer bytes;
  mst_buffer_init(&bytes, (size_t)1 << 40, "labels or identifiers");
  int64_t *start = mst_alloc_zero((size_t)total + 1, sizeof *start);
  mst_status st = start ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < total; i++) {
    mst_slice f;
    if (i < n) f = mst_records_field(j->truth, i, truth_col);
    else if (i < n + n_made) f = mst_records_field(j->made, i - n, made_col);
    else {
      const char *name = mst_records_col_name(j->made, j->class_col[i - n - n_made]);
      f = (mst_slice){(const uint8_t *)name, (int64_t)strlen(name)};
    }
    if (f.len == 0) {
      const mst_records *r = i < n ? j->truth : j->made;
      st = MST_FAIL(MST_E_FORMAT, "%s:%lld: empty %s", AT(r, i < n ? i : i - n),
                    mst_records_col_name(r, i < n ? truth_col : made_col));
    }
    if (!st) st = mst_buffer_append(&bytes, f.ptr, (size_t)f.len);
    start[i + 1] = (int64_t)bytes.size_bytes;
  }
  const mst_text view = {total, (const uint8_t *)bytes.data, start};
  if (!st) st = mst_categories_init(&view, out);
  mst_buffer_fini(&bytes);
  mst_free(start);
  return st;
}

/* seen[i]: the record that has identifier i, or -1. */
static mst_status see(const mst_records *records, int32_t col, const int32_t *id, int64_t *seen) {
  for (int64_t d = 0; d < mst_records_n_rows(records); d++) {
    const mst_slice f = mst_records_field(records, d, col);
    if (seen[id[d]] >= 0)
      return MST_FAIL(MST_E_FORMAT, "%s:%lld: %s '%.*s' is there twice, first at line %lld",
                      AT(records, d), mst_records_col_name(records, col), CUT(f),
                      (long long)mst_records_line(records, seen[id[d]]));
    seen[id[d]] = d;
  }
  return MST_OK;
}

/* The first record whose identifier the other file lacks is an error. */
static mst_status all_in(const mst_records *records, int32_t col, const int32_t *id,
                         const int64_t *other, const char *other_path) {
  for (int64_t d = 0; d < mst_records_n_rows(records); d++) {
    const mst_slice f = mst_records_field(records, d, col);
    if (other[id[d]] < 0)
      return MST_FAIL(MST_E_FORMAT, "%s:%lld: %s '%.*s' is not in %s", AT(records, d),
                      mst_records_col_name(records, col), CUT(f), other_path);
  }
  return MST_OK;
}

static mst_status match_ids(job *j) {
  const int64_t n = mst_records_n_rows(j->truth);
  mst_categories ids = {0};
  int64_t *in_truth = NULL, *in_made = NULL;
  mst_status st = number_column(j, j->truth_id, j->made_id, 0, &ids);
  if (st) return st;
  in_truth = mst_alloc((size_t)ids.name.n, sizeof *in_truth);
  in_made = mst_alloc((size_t)ids.name.n, sizeof *in_made);
  if (!in_truth || !in_made) st = MST_E_NOMEM;
  for (int64_t i = 0; !st && i < ids.name.n; i++) in_truth[i] = in_made[i] = -1;
  if (!st) st = see(j->truth, j->truth_id, ids.id, in_truth);
  if (!st) st = see(j->made, j->made_id, ids.id + n, in_made);
  if (!st) st = all_in(j->truth, j->truth_id, ids.id, in_made, mst_records_path(j->made));
  if (!st) st = all_in(j->made, j->made_id, ids.id + n, in_truth, mst_records_path(j->truth));
  for (int64_t d = 0; !st && d < n; d++) j->row[d] = in_made[ids.id[d]];
  mst_free(in_truth);
  mst_free(in_made);
  mst_categories_fini(&ids);
  return st;
}

/* Do the columns hold probabilities, and if so, has each class one? Else they are the user's own:
 * n_class_cols becomes 0. */
static mst_status check_class_columns(job *j, const mst_categories *classes, int64_t n_labels) {
  int32_t n_known = 0;
  uint8_t *is_label = mst_alloc_zero((size_t)classes->name.n, 1);
  uint8_t *has_col = mst_alloc_zero((size_t)classes->name.n, 1);
  mst_status st = is_label && has_col ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < n_labels; i++) is_label[classes->id[i]] = 1;
  for (int32_t k = 0; !st && k < j->n_class_cols; k++) {
    n_known += is_label[classes->id[n_labels + k]];
    has_col[classes->id[n_labels + k]] = 1;
  }
  for (int64_t c = 0; !st && n_known && c < classes->name.n; c++) {
    const mst_slice name = mst_strings_at(&classes->name, c);
    if (!has_col[c])
      st = MST_FAIL(MST_E_FORMAT,
                    "%s:1: other labels have a column of probabilities, '%.*s' has "
                    "none; one is expected (0 where the model does not know it)",
                    mst_records_path(j->made), CUT(name));
  }
  mst_free(is_label);
  mst_free(has_col);
  if (!st && !n_known) j->n_class_cols = 0;
  return st;
}

static mst_status number_classes(job *j) {
  const int64_t n = mst_records_n_rows(j->truth), n_candidates = j->n_class_cols;
  mst_categories classes = {0};
  mst_status st = number_column(j, j->truth_col, j->made_col, j->n_class_cols, &classes);
  if (!st && n_candidates) st = check_class_columns(j, &classes, 2 * n);
  if (!st && n_candidates && !j->n_class_cols) { /* they were not classes: number without them */
    mst_categories_fini(&classes);
    st = number_column(j, j->truth_col, j->made_col, 0, &classes);
  }
  if (st) {
    mst_categories_fini(&classes);
    return st;
  }
  j->g.names = classes.name;
  j->g.number = classes.id;
  /* The columns were numbered last; predictions come in the order of their file. */
  int32_t *columns = mst_alloc((size_t)j->n_class_cols, sizeof *columns);
  int32_t *made = mst_alloc((size_t)n, sizeof *made);
  if (!columns || !made) st = MST_E_NOMEM;
  for (int32_t k = 0; !st && k < j->n_class_cols; k++)
    columns[classes.id[2 * n + k]] = j->class_col[k];
  for (int64_t d = 0; !st && d < n; d++) made[d] = classes.id[n + j->row[d]];
  if (!st) memcpy(classes.id + n, made, (size_t)n * sizeof *made);
  if (!st) memcpy(j->class_col, columns, (size_t)j->n_class_cols * sizeof *columns);
  mst_free(columns);
  mst_free(made);
  return st;
}

static mst_status read_probability(const job *j, int64_t row, int32_t col, float *out) {
  char text[64];
  double value = 0;
  const mst_slice f = mst_records_field(j->made, row, col);
  const int fits = f.len > 0 && f.len < (int64_t)sizeof text;
  (void)snprintf(text, sizeof text, "%.*s", fits ? (int)f.len : 0, (const char *)f.ptr);
  if (!fits || !mst__read_real(text, &value) || value < 0 || value > 1)
    return MST_FAIL(MST_E_FORMAT,
                    "%s:%lld: column '%s': a probability from 0 to 1 is expected, "
                    "not '%.*s'",
                    AT(j->made, row), mst_records_col_name(j->made, col), CUT(f));
  *out = (float)value;
  return MST_OK;
}

static mst_status read_probabilities(job *j) {
  const int64_t n = mst_records_n_rows(j->truth), n_classes = j->n_class_cols;
  int64_t n_others = 0;
  if (!n_classes) return MST_OK;
  if (!(j->g.proba = mst_alloc((size_t)n, (size_t)n_classes * sizeof *j->g.proba)))
    return MST_E_NOMEM;
  for (int64_t d = 0; d < n; d++) {
    float *p = j->g.proba + d * n_classes, most = 0;
    double sum = 0;
    for (int32_t c = 0; c < n_classes; c++) {
      const mst_status st = read_probability(j, j->row[d], j->class_col[c], &p[c]);
      if (st) return st;
      sum += p[c];
      if (p[c] > most) most = p[c];
    }
    if (fabs(sum - 1) > SUM_TOLERANCE)
      return MST_FAIL(MST_E_FORMAT, "%s:%lld: the probabilities add up to %.6g, 1 is expected",
                      AT(j->made, j->row[d]), sum);
    n_others += p[j->g.number[n + d]] < most;
  }
  if (n_others)
    mst_log(MST_LOG_WARNING,
            "%lld predictions are not the label of highest probability; accuracy, precision, "
            "recall and F1 follow the predictions",
            (long long)n_others);
  return MST_OK;
}

mst_status mst_predictions_read(const mst_settings *s, const char *labelled, mst_predictions *out) {
  job j = {0};
  mst_status st = read_file(s, labelled, &j.truth);
  if (!st) st = read_file(s, mst_setting_text(s, "predictions"), &j.made);
  if (!st) st = find_columns(s, &j);
  const int64_t n = st ? 0 : mst_records_n_rows(j.truth);
  if (!st && !(j.row = mst_alloc((size_t)n, sizeof *j.row))) st = MST_E_NOMEM;
  if (!st) st = j.truth_id < 0 ? match_rows(&j) : match_ids(&j);
  if (!st) st = number_classes(&j);
  if (!st) st = read_probabilities(&j);
  mst_free(j.row);
  mst_free(j.class_col);
  mst_records_free(j.truth);
  mst_records_free(j.made);
  if (st) mst_predictions_fini(&j.g);
  else {
    j.g.answers =
        (mst_answers){j.g.number, j.g.number + n, j.g.proba, n, (int32_t)j.g.names.n, NULL};
    *out = j.g;
  }
  return st;
}

void mst_predictions_fini(mst_predictions *p) {
  mst_strings_fini(&p->names);
  mst_free(p->number);
  mst_free(p->proba);
  *p = (mst_predictions){0};
}
