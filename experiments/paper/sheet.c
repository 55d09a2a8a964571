/* sheet.c: one table in four formats. */
#include "sheet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "files/folder.h"
#include "report/html.h"

void sheet_init(sheet *s, const char *name, const char *align, const char *const *columns,
                const char *title_format, ...) {
  va_list args;
  *s = (sheet){.name = name, .align = align, .column = columns, .n_columns = (int)strlen(align)};
  va_start(args, title_format);
  (void)vsnprintf(s->title, sizeof s->title, title_format, args);
  va_end(args);
}

void sheet_fini(sheet *s) {
  mst_free(s->cell);
  s->cell = NULL;
}

static sheet_cell *next(sheet *s) {
  if (s->failed) return NULL;
  if (s->n == s->room) {
    const int64_t room = s->room ? 2 * s->room : 64;
    sheet_cell *cell = mst_realloc(s->cell, (size_t)room, sizeof *cell);
    if (!cell) s->failed = MST_E_NOMEM;
    if (!cell) return NULL;
    s->cell = cell;
    s->room = room;
  }
  s->cell[s->n] = (sheet_cell){.absent = 0};
  return &s->cell[s->n++];
}

void sheet_text(sheet *s, const char *format, ...) {
  va_list args;
  sheet_cell *c = next(s);
  if (!c) return;
  va_start(args, format);
  (void)vsnprintf(c->text, sizeof c->text, format, args);
  va_end(args);
}

void sheet_link(sheet *s, const char *link, const char *format, ...) {
  va_list args;
  sheet_cell *c = next(s);
  if (!c) return;
  va_start(args, format);
  (void)vsnprintf(c->text, sizeof c->text, format, args);
  va_end(args);
  (void)snprintf(c->link, sizeof c->link, "%s", link);
}

void sheet_absent(sheet *s, const char *reason) {
  sheet_cell *c = next(s);
  if (!c) return;
  (void)snprintf(c->text, sizeof c->text, "%.*s", SHEET_TEXT - 1, reason);
  c->absent = 1;
}

void sheet_note(sheet *s, const char *format, ...) {
  va_list args;
  if (s->n_notes == 8) return;
  va_start(args, format);
  (void)vsnprintf(s->note[s->n_notes], sizeof s->note[0], format, args);
  va_end(args);
  s->n_notes++;
}

/* Is it the first empty cell of its reason, and the first of its reason under its row's name? */
static int is_first(const sheet *s, int64_t i, int64_t from) {
  const char *name = s->cell[i / s->n_columns * s->n_columns].text;
  if (!s->cell[i].absent) return 0;
  for (int64_t k = from; k < i; k++) {
    const char *other = s->cell[k / s->n_columns * s->n_columns].text;
    if (s->cell[k].absent && strcmp(s->cell[k].text, s->cell[i].text) == 0 &&
        (from == 0 || strcmp(other, name) == 0))
      return 0;
  }
  return 1;
}

/* The reasons of empty cells, each once with its rows: in the cells they would stretch the
 * columns. */
static mst_status put_reasons(const sheet *s, mst_table *table) {
  mst_status st = MST_OK;
  for (int64_t i = 0; i < s->n && !st; i++) {
    char rows[800];
    size_t used = 0;
    if (!is_first(s, i, 0)) continue;
    for (int64_t k = i; k < s->n && used + SHEET_TEXT + 2 < sizeof rows; k++)
      if (strcmp(s->cell[k].text, s->cell[i].text) == 0 && (k == i || is_first(s, k, i)))
        used += (size_t)snprintf(rows + used, sizeof rows - used, "%s%s", used ? ", " : "",
                                 s->cell[k / s->n_columns * s->n_columns].text);
    st = mst_table_note(table, "Empty (%s): %s", rows, s->cell[i].text);
  }
  return st;
}

/* The groups of cells behind a row, each once. */
static mst_status put_links(const sheet *s, int64_t row, mst_table *table) {
  char all[1024] = "";
  size_t used = 0;
  for (int64_t i = row; i < row + s->n_columns && i < s->n; i++) {
    const char *link = s->cell[i].link;
    int seen = !*link;
    for (int64_t k = row; k < i && !seen; k++) seen = strcmp(s->cell[k].link, link) == 0;
    if (seen || used + SHEET_LINK + 2 > sizeof all) continue;
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", used ? " " : "", link);
  }
  return mst_table_cell(table, "%s", all);
}

static mst_status fill(const sheet *s, int with_links, mst_table *table) {
  mst_status st = MST_OK;
  for (int64_t i = 0; i < s->n && !st; i++) {
    st = mst_table_cell(table, "%s", s->cell[i].absent ? "" : s->cell[i].text);
    if (!st && with_links && (i + 1) % s->n_columns == 0)
      st = put_links(s, i + 1 - s->n_columns, table);
  }
  for (int i = 0; i < s->n_notes && !st; i++) st = mst_table_note(table, "%s", s->note[i]);
  return st ? st : put_reasons(s, table);
}

mst_status sheet_file(const char *dir, const char *name, const void *bytes, size_t n) {
  char path[4400];
  (void)snprintf(path, sizeof path, "%s/%s", dir, name);
  return mst_file_write(path, 1, bytes, n);
}

static mst_status write_as(const sheet *s, const char *dir, mst_table_format format,
                           const char *ending) {
  const char *column[17];
  char align[18], name[64], *text = NULL;
  mst_table *table = NULL;
  const int with_links = format == MST_TABLE_CSV;
  int n = 0;
  for (; n < s->n_columns && n < 15; n++) column[n] = s->column[n];
  (void)snprintf(align, sizeof align, "%s%s", s->align, with_links ? "l" : "");
  if (with_links) column[n++] = "cells";
  column[n] = NULL;
  mst_status st = mst_table_create(s->title, align, column, &table);
  if (!st) st = fill(s, with_links, table);
  if (!st) st = mst_table_render(table, format, &text);
  (void)snprintf(name, sizeof name, "%s%s", s->name, ending);
  if (!st) st = sheet_file(dir, name, text, strlen(text));
  mst_free(text);
  mst_table_free(table);
  return st;
}

mst_status sheet_write(const sheet *s, const char *dir) {
  mst_status st = s->failed;
  if (!st) st = write_as(s, dir, MST_TABLE_LATEX, ".tex");
  if (!st) st = write_as(s, dir, MST_TABLE_CSV, ".csv");
  return st ? st : write_as(s, dir, MST_TABLE_MARKDOWN, ".md");
}

mst_status html_text(mst_buffer *to, const char *text) {
  return mst_html_append(to, text, strlen(text));
}

static mst_status html_cell(const sheet *s, int64_t i, mst_buffer *to) {
  const sheet_cell *c = &s->cell[i];
  const int is_text = s->align[i % s->n_columns] == 'l';
  mst_status st = mst_buffer_printf(to, "<td%s>",
                                    c->absent ? " class=\"absent\""
                                    : is_text ? ""
                                              : " class=\"n\"");
  if (!st && *c->link) st = mst_buffer_printf(to, "<a href=\"#%s\">", c->link);
  if (!st) st = html_text(to, c->text);
  if (!st && *c->link) st = mst_buffer_printf(to, "</a>");
  return st ? st : mst_buffer_printf(to, "</td>");
}

mst_status sheet_html(const sheet *s, mst_buffer *to) {
  mst_status st = s->failed;
  if (!st) st = mst_buffer_printf(to, "<section id=\"%s\">\n<h3>", s->name);
  if (!st) st = html_text(to, s->title);
  if (!st) st = mst_buffer_printf(to, "</h3>\n<div class=\"wide\"><table>\n<thead><tr>");
  for (int c = 0; c < s->n_columns && !st; c++) {
    st = mst_buffer_printf(to, "<th%s>", s->align[c] == 'l' ? "" : " class=\"n\"");
    if (!st) st = html_text(to, s->column[c]);
    if (!st) st = mst_buffer_printf(to, "</th>");
  }
  if (!st) st = mst_buffer_printf(to, "</tr></thead>\n<tbody>\n");
  for (int64_t i = 0; i < s->n && !st; i++) {
    if (i % s->n_columns == 0) st = mst_buffer_printf(to, "<tr>");
    if (!st) st = html_cell(s, i, to);
    if (!st && (i + 1) % s->n_columns == 0) st = mst_buffer_printf(to, "</tr>\n");
  }
  if (!st) st = mst_buffer_printf(to, "</tbody></table></div>\n");
  for (int i = 0; i < s->n_notes && !st; i++) {
    st = mst_buffer_printf(to, "<p class=\"note\">");
    if (!st) st = html_text(to, s->note[i]);
    if (!st) st = mst_buffer_printf(to, "</p>\n");
  }
  return st ? st : mst_buffer_printf(to, "</section>\n");
}
