/* page.c: index.html: every table, both figures, what does not add up, and every cell behind the
 * numbers, in one file that needs nothing else. cells.csv lists the same cells. */
#include <stdio.h>
#include <string.h>

#include "tables.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
    "<title>The paper, regenerated</title>\n<style>\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0 auto;"
    "max-width:76rem;padding:1rem 1.5rem}\n"
    "h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:2px solid #0072b2}h3{margin:1.6rem 0 "
    ".4rem}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.86rem}\n"
    "th,td{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}\n"
    "thead th{border-top:2px solid #333;border-bottom:1px solid #333}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".absent{color:#777;font-style:italic;font-size:.78rem;max-width:14rem}\n"
    ".note{color:#555;font-size:.82rem;margin:.2rem 0}.data{background:#fff4d6;padding:.6rem "
    "1rem}\n"
    "a{color:#005a8c;text-decoration:none}a:hover{text-decoration:underline}\n"
    "code{font-size:.78rem;white-space:pre-wrap;word-break:break-all}\n"
    "details:target,details:target summary{background:#fff4d6}figure{margin:1rem 0}\n"
    "svg{max-width:100%;height:auto}nav a{margin-right:1rem}\n</style>\n</head>\n<body>\n";

static const char paper_line[] =
    "Park, Oh, Park: Automated Classification Model for Elementary Mathematics Diagnostic "
    "Assessment Data Based on TF-IDF and XGBoost. Appl. Sci. 2025, 15, 3764.";

static mst_status put(mst_buffer *to, const char *text) {
  return mst_buffer_append(to, text, strlen(text));
}

static mst_status put_head(const paper_run *run, mst_buffer *to) {
  mst_status st = put(to, head);
  if (!st) st = put(to, "<h1>The paper, regenerated</h1>\n<p>");
  if (!st) st = html_text(to, paper_line);
  if (!st) st = put(to, "</p>\n<p class=\"data\">Reproduced on ");
  if (!st) st = html_text(to, run->set.source);
  if (!st)
    st = mst_buffer_printf(to, ": %lld records, SHA-256 <code>%s</code>; ", (long long)run->set.n,
                           run->set.hash);
  if (!st) st = html_text(to, run->options->with_lightgbm);
  if (!st && run->set.is_synthetic)
    st = put(to,
             ". A grammar makes them: <b>they are synthetic</b>, and figures on them say nothing "
             "about pupils. The paper's own records are private");
  if (!st && run->options->quick) st = put(to, ". <b>--quick</b>: a tenth of the paper's sizes");
  if (!st)
    st = put(to,
             ".</p>\n<p><b>Published</b>: as printed. <b>Paper protocol</b>: copies first, then a "
             "random split, as the paper describes. <b>Clean protocol</b>: one test part, equal "
             "texts and groups never divided, copies in training only. A number leads to its "
             "cells: key, seed, data, and the command that repeats it. An empty cell says why it "
             "is empty.</p>\n");
  return st ? st
            : put(to,
                  "<nav><a href=\"#tables\">Tables</a> <a href=\"#figures\">Figures</a> <a "
                  "href=\"#doubts\">What does not add up</a> <a href=\"#cells\">Cells</a></nav>\n");
}

/* Behind the next place where gnuplot gives or uses an id, or NULL. */
static const char *next_id(const char *svg) {
  static const char *const mark[] = {" id=\"", " id='", "href=\"#", "href='#", "url(#"};
  const char *first = NULL;
  for (int i = 0; i < 5; i++) {
    const char *at = strstr(svg, mark[i]);
    if (at) at += strlen(mark[i]);
    if (at && (!first || at < first)) first = at;
  }
  return first;
}

/* gnuplot's SVG from its first tag on: what stands before is for files of their own. Its ids are
 * made different, since two pictures stand in one page. */
static mst_status put_svg(mst_buffer *to, const char *svg, int number) {
  const char *at = svg ? strstr(svg, "<svg") : NULL;
  if (!at) return put(to, "<p class=\"absent\">Not drawn: gnuplot is missing.</p>\n");
  mst_status st = put(to, "<figure>");
  for (const char *id = next_id(at); id && !st; id = next_id(at)) {
    st = mst_buffer_append(to, at, (size_t)(id - at));
    if (!st) st = mst_buffer_printf(to, "f%d", number);
    at = id;
  }
  if (!st) st = put(to, at);
  return st ? st : put(to, "</figure>\n");
}

static mst_status put_cell(const paper_run *run, const paper_cell *c, mst_buffer *to) {
  mst_buffer command;
  mst_buffer_init(&command, 1 << 16, "a command");
  mst_status st = paper_cell_command(run->options, c, &command);
  if (!st) st = mst_buffer_append(&command, "", 1);
  if (!st)
    st = mst_buffer_printf(to,
                           "<tr id=\"%s\"><td><code>%s</code></td><td class=\"n\">%d</td><td "
                           "class=\"n\">%.4f</td><td class=\"n\">%lld / %lld</td><td "
                           "class=\"n\">%.1f</td><td><code>%.12s</code><br/><code>%.12s</code></td>"
                           "<td><code>",
                           c->key, c->key, c->seed, c->metrics.accuracy.value,
                           (long long)c->part->n_train, (long long)c->part->n_test, c->seconds,
                           c->part->train_hash, c->part->test_hash);
  if (!st) st = html_text(to, (const char *)command.data);
  mst_buffer_fini(&command);
  return st ? st : put(to, "</code></td></tr>\n");
}

/* The cells of a group; nothing where none is done. */
static mst_status put_group(const paper_run *run, const paper_cell *first, mst_buffer *to) {
  const paper_group g = {first->protocol, first->size, first->copies, first->model};
  char name[SHEET_LINK];
  int n = 0;
  mst_status st = MST_OK;
  paper_group_name(run, g, name);
  for (int32_t seed = 0; seed < run->options->n_seeds && !st; seed++) {
    const paper_cell *c = paper_cell_find(run, g.protocol, g.size, g.copies, g.model, seed);
    if (!c || !c->done) continue;
    if (!n++)
      st = mst_buffer_printf(to,
                             "<details id=\"%s\"><summary>%s</summary>\n<div class=\"wide\"><table>"
                             "<thead><tr><th>key</th><th class=\"n\">seed</th><th "
                             "class=\"n\">accuracy</th><th class=\"n\">trained / tested</th><th "
                             "class=\"n\">seconds</th><th>data (training, test)</th><th>to repeat "
                             "it, in this folder</th></tr></thead>\n<tbody>\n",
                             name, name);
    if (!st) st = put_cell(run, c, to);
  }
  return st || !n ? st : put(to, "</tbody></table></div></details>\n");
}

static mst_status put_cells(const paper_run *run, mst_buffer *to) {
  mst_status st =
      put(to, "<h2 id=\"cells\">Cells</h2>\n<p>One model on one part of the data with one "
              "seed. The predictions lie in <code>predictions/KEY.npy</code>, the ledger "
              "in <code>ledger/</code>. Hashes are the first digits of SHA-256; cells.csv "
              "has them whole.</p>\n");
  for (int64_t i = 0; i < run->n_cells && !st; i++)
    if (run->cell[i].seed == 0) st = put_group(run, &run->cell[i], to);
  return st;
}

/* A number leads to a closed fold: open it. Without scripts the folds are opened by hand. */
static const char script[] =
    "<script>\nfunction show(){var d=document.getElementById(location.hash.slice(1));"
    "if(d?d.open===false:false){d.open=true;d.scrollIntoView();}}\n"
    "window.addEventListener(\"hashchange\",show);show();\n</script>\n</body>\n</html>\n";

static mst_status write_cells(const paper_run *run) {
  static const char *const columns[] = {"key",       "protocol", "rows",     "copies",  "model",
                                        "seed",      "accuracy", "macro_f1", "n_train", "n_test",
                                        "seconds",   "data",     "train",    "test",    "command",
                                        "why_empty", NULL};
  mst_table *table = NULL;
  char *text = NULL;
  mst_status st = mst_table_create(NULL, "llrrlrrrrrrlllll", columns, &table);
  for (int64_t i = 0; i < run->n_cells && !st; i++) {
    const paper_cell *c = &run->cell[i];
    mst_buffer command;
    mst_buffer_init(&command, 1 << 16, "a command");
    if (*c->key) st = paper_cell_command(run->options, c, &command);
    if (!st) st = mst_buffer_append(&command, "", 1);
    if (!st) st = mst_table_cell(table, "%s", c->key);
    if (!st) st = mst_table_cell(table, "%s", c->protocol == PAPER_CLEAN ? "clean" : "paper");
    if (!st) st = mst_table_cell(table, "%lld", (long long)run->set.rows[c->size]);
    if (!st) st = mst_table_cell(table, "%d", c->copies);
    if (!st) st = mst_table_cell(table, "%s", paper_models[c->model].id);
    if (!st) st = mst_table_cell(table, "%d", c->seed);
    if (!st) st = mst_table_cell(table, c->done ? "%.6f" : "", c->metrics.accuracy.value);
    if (!st) st = mst_table_cell(table, c->done ? "%.6f" : "", c->metrics.macro_f1.value);
    if (!st) st = mst_table_cell(table, "%lld", (long long)c->part->n_train);
    if (!st) st = mst_table_cell(table, "%lld", (long long)c->part->n_test);
    if (!st) st = mst_table_cell(table, c->done ? "%.3f" : "", c->seconds);
    if (!st) st = mst_table_cell(table, "%s", run->set.hash);
    if (!st) st = mst_table_cell(table, "%s", c->part->train_hash);
    if (!st) st = mst_table_cell(table, "%s", c->part->test_hash);
    if (!st) st = mst_table_cell(table, "%s", (const char *)command.data);
    if (!st)
      st = mst_table_cell(table, "%s", c->done ? "" : *c->error ? c->error : "not computed yet");
    mst_buffer_fini(&command);
  }
  if (!st) st = mst_table_render(table, MST_TABLE_CSV, &text);
  if (!st) st = sheet_file(run->options->dir, "cells.csv", text, strlen(text));
  mst_free(text);
  mst_table_free(table);
  return st;
}

mst_status paper_page(const paper_run *run, const sheet *sheets, char *const svg[2]) {
  mst_buffer to;
  mst_buffer_init(&to, (size_t)1 << 28, "the page");
  mst_status st = put_head(run, &to);
  if (!st) st = put(&to, "<h2 id=\"tables\">Tables</h2>\n");
  for (int i = 0; i < 7 && !st; i++) st = sheet_html(&sheets[i], &to);
  if (!st) st = sheet_html(&sheets[9], &to);
  if (!st) st = put(&to, "<h2 id=\"figures\">Figures</h2>\n");
  for (int i = 0; i < 2 && !st; i++) st = put_svg(&to, svg[i], i + 3);
  if (!st) st = put(&to, "<h2 id=\"doubts\">What does not add up</h2>\n");
  if (!st) st = sheet_html(&sheets[7], &to);
  if (!st) st = sheet_html(&sheets[8], &to);
  if (!st) st = put_cells(run, &to);
  if (!st) st = put(&to, script);
  if (!st) st = sheet_file(run->options->dir, "index.html", to.data, to.size_bytes);
  mst_buffer_fini(&to);
  return st ? st : write_cells(run);
}
