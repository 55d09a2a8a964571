/* augment_report.c: counts what rules could do and did, and writes the folder. */
#include "cli/augment_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"
#include "files/folder.h"
#include "misstep/hash.h"

/* A copy is near its record when they share this part of the words of both. */
static const double near_share = 0.9;

mst_status mst_augment_report_create(const mst_augmenter *augmenter,
                                     const mst_augment_checker *checker, mst_augment_report **out) {
  mst_augment_report *r = mst_alloc_zero(1, sizeof *r);
  if (!r) return MST_E_NOMEM;
  r->augmenter = augmenter;
  r->checker = checker;
  *out = r;
  return MST_OK;
}

void mst_augment_report_free(mst_augment_report *r) {
  if (!r) return;
  for (int64_t i = 0; i < r->n_rules; i++) {
    for (int k = 0; r->rule[i] && k < MST_REPORT_EXAMPLES; k++) {
      mst_free(r->rule[i]->before[k]);
      mst_free(r->rule[i]->after[k]);
    }
    mst_free(r->rule[i]);
  }
  for (int i = 0; i < MST_REPORT_LABELS; i++) mst_free(r->label[i]);
  mst_free(r->rule);
  mst_free(r->gram);
  mst_free(r->own);
  mst_free(r->other);
  mst_free(r->text);
  mst_free(r);
}

static mst_status copy_text(mst_slice s, char **out) {
  char *text = mst_alloc((size_t)s.len + 1, 1);
  if (!text) return MST_E_NOMEM;
  if (s.len) memcpy(text, s.ptr, (size_t)s.len);
  text[s.len] = 0;
  mst_free(*out);
  *out = text;
  return MST_OK;
}

static mst_status rule_of(mst_augment_report *r, int32_t code, mst_rule_report **out) {
  const int64_t at = (int64_t)code + MST_REPORT_SHIFT;
  if (at >= r->n_rules) {
    const int64_t n = 2 * at + 64;
    mst_rule_report **rule = mst_realloc(r->rule, (size_t)n, sizeof *rule);
    if (!rule) return MST_E_NOMEM;
    memset(rule + r->n_rules, 0, (size_t)(n - r->n_rules) * sizeof *rule);
    r->rule = rule;
    r->n_rules = n;
  }
  if (!r->rule[at]) r->rule[at] = mst_alloc_zero(1, sizeof **r->rule);
  *out = r->rule[at];
  return *out ? MST_OK : MST_E_NOMEM;
}

static mst_status label_of(mst_augment_report *r, mst_slice name, int *out) {
  int i = 0;
  while (i < r->n_labels && (strlen(r->label[i]) != (size_t)name.len ||
                             (name.len && memcmp(r->label[i], name.ptr, (size_t)name.len) != 0)))
    i++;
  *out = i < MST_REPORT_LABELS ? i : MST_REPORT_LABELS - 1;
  if (i < r->n_labels || r->n_labels == MST_REPORT_LABELS) return MST_OK;
  const char rest[] = "(all other labels)";
  const int last = r->n_labels == MST_REPORT_LABELS - 1;
  const mst_slice all = {(const uint8_t *)rest, sizeof rest - 1};
  const mst_status st = copy_text(last ? all : name, &r->label[r->n_labels]);
  r->n_labels += !st;
  return st;
}

static mst_status grow_set(mst_augment_report *r) {
  const int64_t old = r->gram ? r->gram_mask + 1 : 0, n = old ? 2 * old : 1 << 16;
  uint64_t *grown = mst_alloc_zero((size_t)n, sizeof *grown);
  if (!grown) return MST_E_NOMEM;
  for (int64_t i = 0; i < old; i++) {
    uint64_t at = r->gram[i] >> 1;
    if (!r->gram[i]) continue;
    while (grown[at & (uint64_t)(n - 1)]) at++;
    grown[at & (uint64_t)(n - 1)] = r->gram[i];
  }
  mst_free(r->gram);
  r->gram = grown;
  r->gram_mask = n - 1;
  return MST_OK;
}

/* Add a word or pair to the set; its lowest bit says whether a record holds it. */
static mst_status add_gram(mst_augment_report *r, uint64_t hash, int of_record) {
  if (!r->gram || 2 * r->n_grams > r->gram_mask) {
    const mst_status st = grow_set(r);
    if (st) return st;
  }
  const uint64_t mask = (uint64_t)r->gram_mask, key = (hash | 2) & ~(uint64_t)1;
  uint64_t at = key >> 1;
  while (r->gram[at & mask] && (r->gram[at & mask] & ~(uint64_t)1) != key) at++;
  uint64_t *gram = &r->gram[at & mask];
  r->n_grams += !*gram;
  r->n_grams_before += of_record && !(*gram & 1);
  *gram |= key | (uint64_t)of_record;
  return MST_OK;
}

static int is_word_byte(uint8_t c) {
  return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int compare_hashes(const void *x, const void *y) {
  const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
  return a < b ? -1 : a > b;
}

/* A text's words as sorted hashes, letters of ASCII in lower case; words and pairs join the set. */
static mst_status words_of(mst_augment_report *r, mst_slice s, int of_record, uint64_t **words,
                           int64_t *capacity, int64_t *n) {
  mst_status st = MST_OK;
  uint64_t before = 0;
  *n = 0;
  for (int64_t i = 0; !st && i < s.len;) {
    uint64_t hash = 0;
    const int64_t begin = i;
    for (; i < s.len && is_word_byte(s.ptr[i]); i++) {
      const uint8_t upper = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z';
      const uint8_t c = (uint8_t)(s.ptr[i] + 32 * upper);
      hash = mst_hash64(&c, 1, hash + 1);
    }
    if (i == begin) {
      i++;
      continue;
    }
    if (*n == *capacity) {
      uint64_t *grown = mst_realloc(*words, (size_t)(2 * *capacity + 64), sizeof *grown);
      if (!grown) return MST_E_NOMEM;
      *words = grown;
      *capacity = 2 * *capacity + 64;
    }
    (*words)[(*n)++] = hash;
    st = add_gram(r, hash, of_record);
    if (!st && *n > 1) st = add_gram(r, hash ^ (before * 0x9e3779b97f4a7c15u), of_record);
    before = hash;
  }
  if (*n) qsort(*words, (size_t)*n, sizeof **words, compare_hashes);
  return st;
}

static mst_status count_place(void *payload, const mst_applicable *a) {
  mst_augment_report *r = payload;
  mst_rule_report *rule = NULL;
  const mst_status st = rule_of(r, a->rule, &rule);
  if (!st) rule->could[r->at]++;
  return st;
}

mst_status mst_augment_report_record(mst_augment_report *r, const mst_augment_batch *batch,
                                     int64_t doc, mst_slice text, mst_slice label, int32_t number) {
  mst_status st = label_of(r, label, &r->at);
  if (!st) st = copy_text(text, &r->text);
  if (!st) st = mst_augment_explain(batch, doc, number, count_place, r);
  if (!st) st = words_of(r, text, 1, &r->own, &r->own_capacity, &r->n_own);
  if (!st) r->records[r->at]++;
  return st;
}

static mst_status count_edit(mst_augment_report *r, int32_t code, mst_slice text, int kept) {
  mst_rule_report *rule = NULL;
  mst_status st = rule_of(r, code, &rule);
  if (st) return st;
  rule->did[r->at] += kept;
  rule->n_dropped += !kept;
  const int k = rule->n_examples;
  if (!kept || k == MST_REPORT_EXAMPLES) return MST_OK;
  if (k && !strcmp(rule->before[k - 1], r->text)) return MST_OK;
  st = copy_text((mst_slice){(const uint8_t *)r->text, (int64_t)strlen(r->text)}, &rule->before[k]);
  if (!st) st = copy_text(text, &rule->after[k]);
  rule->n_examples += !st;
  return st;
}

mst_status mst_augment_report_copy(mst_augment_report *r, const mst_edits *edits,
                                   const mst_copy *copy, mst_slice text, int kept) {
  mst_status st = MST_OK;
  for (int32_t i = 0; !st && i < copy->n_edits; i++)
    st = count_edit(r, edits->edit[copy->first_edit + i].rule, text, kept);
  if (st || !kept) return st;
  int64_t n = 0, same = 0;
  st = words_of(r, text, 0, &r->other, &r->other_capacity, &n);
  for (int64_t i = 0, k = 0; !st && i < n && k < r->n_own;) {
    if (r->other[i] == r->own[k]) {
      same++;
      i++;
      k++;
    } else if (r->other[i] < r->own[k]) i++;
    else k++;
  }
  const int64_t all = n + r->n_own - same;
  r->n_identical += !st && same == all;
  r->n_near += !st && (double)same >= near_share * (double)all;
  r->copies[r->at]++;
  return st;
}
mst_slice mst_augment_report_name(const mst_augment_report *r, int64_t at) {
  return mst_augmenter_rule_name(r->augmenter, (int32_t)(at - MST_REPORT_SHIFT));
}

double mst_augment_report_flips(const mst_augment_report *r, int64_t at, int64_t *judged,
                                int64_t *flipped) {
  mst_augment_checker_rate(r->checker, (int32_t)(at - MST_REPORT_SHIFT), judged, flipped);
  return *judged ? 100.0 * (double)*flipped / (double)*judged : NAN;
}

mst_status mst_augment_report_write(mst_augment_report *r, const mst_settings *s) {
  mst_output *output = NULL;
  mst_buffer text, html;
  char *labels = NULL, *rules = NULL, *json = NULL;
  size_t n = 0;
  mst_buffer_init(&text, (size_t)1 << 32, "a report");
  mst_buffer_init(&html, (size_t)1 << 32, "a report");
  mst_status st = mst_augment_report_labels(r, &labels);
  if (!st) st = mst_augment_report_rules(r, &rules);
  if (!st) st = mst_buffer_printf(&text, "%s\n%s", labels, rules);
  if (!st) st = mst_augment_report_json(r, &json, &n);
  if (!st) st = mst_augment_report_html(r, &html);
  if (!st)
    st = mst_output_open(mst_setting_text(s, "report"), 1, mst_setting_on(s, "force"), &output);
  if (!st) st = mst_output_write(output, "report.txt", text.data, text.size_bytes);
  if (!st) st = mst_output_write(output, "report.json", json, n);
  if (!st) st = mst_output_write(output, "manifest.json", json, n); /* --force may replace it */
  if (!st) st = mst_output_write(output, "report.html", html.data, html.size_bytes);
  if (!st) st = mst_output_commit(output);
  if (!st) mst_terminal_note("report: %s", mst_setting_text(s, "report"));
  mst_output_close(output);
  mst_free(labels);
  mst_free(rules);
  mst_free(json);
  mst_buffer_fini(&text);
  mst_buffer_fini(&html);
  return st;
}
