/* augment_report_html.c: the report as one page that needs nothing else: no script, no link, the
 * picture inside. Every text of the user is escaped. */
#include <string.h>

#include "cli/augment_report.h"
#include "report/html.h"

static const char style[] =
    "body{font:15px/1.4 sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.2em .6em;text-align:left;vertical-align:top}"
    ".n{text-align:right}del{color:#a00}ins{color:#060;text-decoration:none}";

/* A line for each label: its share before above its share after. */
static mst_status picture(const mst_augment_report *r, mst_buffer *out) {
  enum { LINE = 44, LEFT = 260, WIDTH = 500 };
  double n = 0, m = 0, most = 0;
  for (int i = 0; i < r->n_labels; i++) {
    n += (double)r->records[i];
    m += (double)(r->records[i] + r->copies[i]);
  }
  for (int i = 0; i < r->n_labels; i++) {
    const double before = (double)r->records[i] / n;
    const double after = (double)(r->records[i] + r->copies[i]) / m;
    if (before > most) most = before;
    if (after > most) most = after;
  }
  mst_status st = mst_buffer_printf(
      out,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\" "
      "font-size=\"14\"><title>Shares of the labels before and after</title>\n",
      LEFT + WIDTH + 90, r->n_labels * LINE + 10);
  for (int i = 0; !st && i < r->n_labels; i++) {
    const double share[] = {(double)r->records[i] / n, (double)(r->records[i] + r->copies[i]) / m};
    st = mst_buffer_printf(out, "<text x=\"0\" y=\"%d\">", i * LINE + 26);
    if (!st) st = mst_html_append(out, r->label[i], strlen(r->label[i]));
    if (!st) st = mst_buffer_printf(out, "</text>\n");
    for (int k = 0; !st && k < 2; k++) {
      const int width = most > 0 ? (int)(WIDTH * share[k] / most + 0.5) : 0;
      const int y = i * LINE + 6 + 17 * k;
      st = mst_buffer_printf(out,
                             "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"15\" fill=\"%s\"/>"
                             "<text x=\"%d\" y=\"%d\" font-size=\"12\">%.1f %%</text>\n",
                             LEFT, y, width, k ? "#3a7" : "#bbb", LEFT + width + 6, y + 12,
                             100 * share[k]);
    }
  }
  return st ? st : mst_buffer_printf(out, "</svg>\n<p>Grey: before. Green: with the copies.</p>\n");
}

static mst_status cell(mst_buffer *out, int64_t value) {
  return mst_buffer_printf(out, "<td class=\"n\">%lld</td>", (long long)value);
}

static mst_status rule_row(const mst_augment_report *r, int64_t i, mst_buffer *out) {
  const mst_rule_report *rule = r->rule[i];
  const mst_slice name = mst_augmenter_rule_name(r->augmenter, (int32_t)(i - MST_REPORT_SHIFT));
  int64_t could = 0, did = 0;
  for (int k = 0; k < r->n_labels; k++) {
    could += rule->could[k];
    did += rule->did[k];
  }
  mst_status st = mst_buffer_printf(out, "<tr><td>");
  if (!st) st = mst_html_append(out, (const char *)name.ptr, (size_t)name.len);
  if (!st) st = mst_buffer_printf(out, "</td>");
  if (!st) st = cell(out, could);
  if (!st) st = cell(out, did);
  if (!st) st = cell(out, rule->n_dropped);
  if (!st && r->checker) {
    int64_t judged, flipped;
    const double rate = mst_augment_report_flips(r, i, &judged, &flipped);
    st = cell(out, judged);
    if (!st && judged) st = mst_buffer_printf(out, "<td class=\"n\">%.2f %%</td>", rate);
    else if (!st) st = mst_buffer_printf(out, "<td></td>");
  }
  if (!st) st = mst_buffer_printf(out, "<td>");
  for (int k = 0; !st && k < r->n_labels; k++) {
    if (!rule->did[k]) continue;
    st = mst_html_append(out, r->label[k], strlen(r->label[k]));
    if (!st) st = mst_buffer_printf(out, " %lld<br>", (long long)rule->did[k]);
  }
  if (!st) st = mst_buffer_printf(out, "</td><td>");
  for (int k = 0; !st && k < rule->n_examples; k++) {
    st = mst_buffer_printf(out, "<del>");
    if (!st) st = mst_html_append(out, rule->before[k], strlen(rule->before[k]));
    if (!st) st = mst_buffer_printf(out, "</del><br><ins>");
    if (!st) st = mst_html_append(out, rule->after[k], strlen(rule->after[k]));
    if (!st) st = mst_buffer_printf(out, "</ins><br>");
  }
  return st ? st : mst_buffer_printf(out, "</td></tr>\n");
}

mst_status mst_augment_report_html(const mst_augment_report *r, mst_buffer *out) {
  int64_t n_copies = 0;
  for (int i = 0; i < r->n_labels; i++) n_copies += r->copies[i];
  mst_status st = mst_buffer_printf(
      out,
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>What augmentation "
      "did</title><style>%s</style></head><body>\n<h1>What augmentation "
      "did</h1>\n<h2>Labels</h2>\n",
      style);
  if (!st && r->n_labels) st = picture(r, out);
  if (!st)
    st = mst_buffer_printf(
        out,
        "<p>%lld copies. %lld share at least 9 of 10 words with their record; %lld have the same "
        "words in another order or case, which single words as features cannot see. Distinct words "
        "and pairs of words: %lld, of which the copies brought %lld.</p>\n"
        "<h2>Rules</h2>\n<table><thead><tr><th>rule</th><th>could apply</th><th>applied</th>"
        "<th>left out</th>%s<th>applied, by label</th><th>examples</th></tr></thead><tbody>\n",
        (long long)n_copies, (long long)r->n_near, (long long)r->n_identical, (long long)r->n_grams,
        (long long)(r->n_grams - r->n_grams_before),
        r->checker ? "<th>judged</th><th>flipped</th>" : "");
  for (int64_t i = 0; !st && i < r->n_rules; i++)
    if (r->rule[i]) st = rule_row(r, i, out);
  return st ? st : mst_buffer_printf(out, "</tbody></table>\n</body></html>\n");
}
