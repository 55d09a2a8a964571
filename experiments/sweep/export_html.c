/* export_html.c: one page with everything in it: a table that sorts, a filter, a picture whose axes
 * can be chosen. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "export.h"
#include "files/folder.h"
#include "misstep/alloc.h"
#include "page.h"
#include "report/html.h"

#define PAGE_BYTES ((size_t)1 << 30)

static mst_status put(mst_buffer *to, const char *text) {
  return mst_buffer_append(to, text, strlen(text));
}

static mst_status put_escaped(mst_buffer *to, const char *text) {
  return mst_html_append(to, text, strlen(text));
}

static mst_status put_fact(mst_buffer *to, const char *name, const char *value) {
  mst_status st = mst_buffer_printf(to, "<dt>%s</dt><dd>", name);
  if (!st) st = put_escaped(to, value);
  return st ? st : put(to, "</dd>\n");
}

static mst_status put_head(mst_buffer *to, const sweep_view *v) {
  static const char *const facts[] = {"data", "data_sha256", "versions", "device"};
  char state[160];
  mst_status st = put(to, sweep_page_style);
  if (!st) st = put(to, "<title>");
  if (!st) st = put_escaped(to, v->dir);
  if (!st) st = put(to, "</title>\n</head>\n<body>\n<h1>Sweep ");
  if (!st) st = put_escaped(to, v->dir);
  if (!st) st = put(to, "</h1>\n<dl>\n");
  (void)snprintf(state, sizeof state, "%lld, of which %lld done, %lld failed, %lld open",
                 (long long)v->n_cells, (long long)v->n_done, (long long)v->n_failed,
                 (long long)(v->n_cells - v->n_done - v->n_failed));
  if (!st) st = put_fact(to, "cells", state);
  if (!st) st = put_fact(to, "metric", v->metric);
  for (int i = 0; i < 4 && !st; i++) {
    const char *value = mst_json_string(mst_json_get(v->about, facts[i]), NULL);
    if (value) st = put_fact(to, facts[i], value);
  }
  if (st) return st;
  return put(to, "</dl>\n<div class=\"tools\" hidden>\n<div class=\"bar\">\n"
                 "<label>x <select id=\"x\"></select></label>\n"
                 "<label>y <select id=\"y\"></select></label>\n"
                 "<label>by <select id=\"by\"></select></label>\n"
                 "<label>find <input id=\"find\" type=\"search\" "
                 "placeholder=\"model=linear rows=10000\"></label>\n"
                 "<span id=\"count\"></span>\n</div>\n<figure>\n<svg id=\"plot\" "
                 "viewBox=\"0 0 900 400\" role=\"img\" aria-label=\"cells\"></svg>\n"
                 "<figcaption class=\"keys\" id=\"keys\"></figcaption>\n</figure>\n</div>\n");
}

static mst_status put_heading(mst_buffer *to, const char *name, int is_text) {
  mst_status st =
      mst_buffer_printf(to, "<th scope=\"col\"%s><button>", is_text ? " class=\"text\"" : "");
  if (!st) st = put_escaped(to, name);
  return st ? st : put(to, "</button></th>");
}

static mst_status put_row(mst_buffer *to, const sweep_view *v, const sweep_prices *prices,
                          int64_t i) {
  mst_status st = put(to, "<tr>");
  for (int c = 0; c < v->n_columns && !st; c++) {
    char *text = NULL;
    st = sweep_view_text(v, i, c, &text);
    if (!st) st = put(to, sweep_view_is_text(v, c) ? "<td class=\"text\">" : "<td>");
    if (!st) st = put_escaped(to, text);
    if (!st) st = put(to, "</td>");
    mst_free(text);
  }
  const double dollars = sweep_prices_of(prices, v, i);
  if (!st && prices->file && isnan(dollars)) st = put(to, "<td></td>");
  else if (!st && prices->file) st = mst_buffer_printf(to, "<td>%.9f</td>", dollars);
  return st ? st : put(to, "</tr>\n");
}

static mst_status put_table(mst_buffer *to, const sweep_view *v, const sweep_prices *prices) {
  mst_status st = put(to, "<div class=\"scroll\">\n<table id=\"cells\" data-metric=\"");
  if (!st) st = put_escaped(to, v->metric);
  if (!st) st = put(to, "\">\n<thead><tr>");
  for (int c = 0; c < v->n_columns && !st; c++)
    st = put_heading(to, v->column[c], sweep_view_is_text(v, c));
  if (!st && prices->file) st = put_heading(to, "dollars", 0);
  if (!st) st = put(to, "</tr></thead>\n<tbody>\n");
  for (int64_t i = 0; i < v->n && !st; i++) st = put_row(to, v, prices, i);
  return st ? st : put(to, "</tbody>\n</table>\n</div>\n");
}

mst_status sweep_export_html(const sweep_view *v, const sweep_prices *prices, const char *path) {
  mst_buffer page;
  mst_buffer_init(&page, PAGE_BYTES, "a page");
  mst_status st = put_head(&page, v);
  if (!st) st = put_table(&page, v, prices);
  if (!st) st = put(&page, sweep_page_script);
  if (!st) st = mst_file_write(path, 1, page.data, page.size_bytes);
  mst_buffer_fini(&page);
  return st;
}
