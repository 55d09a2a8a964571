/* page.c: the paper that all pictures are drawn on: size, margins, texts, fonts, files.
 *
 * Margins are computed from the texts: gnuplot's own guess cuts long names off. A length is a point
 * in all formats, so a figure has the same proportions on a screen and in print.
 */
#include <stdio.h>
#include <string.h>

#include "files/folder.h"
#include "files/number.h"
#include "internal.h"
#include "report/gnuplot.h"
#include "report/table.h"

#define PNG_SCALE 2.5 /* pixels a point */

mst_status plot__page_put(mst_buffer *script, const plot_page *p, plot_format format) {
  mst_status st = MST_OK;
  if (format == PLOT_SVG)
    st = mst_buffer_printf(script,
                           "set terminal svg size %.0f,%.0f dynamic noenhanced font "
                           "'Liberation Sans,%g' background '#ffffff'\n"
                           "set pointsize 0.6\nset key spacing 0.8\n",
                           p->width, p->height, PLOT_FONT);
  else if (format == PLOT_PDF)
    st = mst_buffer_printf(script,
                           "set terminal pdfcairo size %.4fin,%.4fin noenhanced font "
                           "'Liberation Sans,%g' fontscale 0.75 background '#ffffff'\n"
                           "set pointsize 0.6\nset key spacing 1.05\n",
                           p->width / 72, p->height / 72, PLOT_FONT);
  else
    st = mst_buffer_printf(script,
                           "set terminal pngcairo size %.0f,%.0f noenhanced font "
                           "'Liberation Sans,%g' fontscale %g linewidth %g pointscale %g "
                           "background '#ffffff'\nset pointsize 0.85\nset key spacing 1.05\n",
                           p->width * PNG_SCALE, p->height * PNG_SCALE, PLOT_FONT,
                           PNG_SCALE * 72 / 96, PNG_SCALE, PNG_SCALE * 0.6);
  if (st) return st;
  return mst_buffer_printf(script,
                           "set encoding utf8\nset lmargin at screen %.6f\n"
                           "set rmargin at screen %.6f\nset bmargin at screen %.6f\n"
                           "set tmargin at screen %.6f\n",
                           p->left / p->width, 1 - p->right / p->width, p->bottom / p->height,
                           1 - p->top / p->height);
}

mst_status plot__text_put(mst_buffer *script, const char *text, int64_t columns) {
  int64_t width = 0;
  const size_t n = mst_display_cut(text, strlen(text), columns, &width);
  mst_buffer cut;
  mst_buffer_init(&cut, PLOT_SCRIPT_BYTES, "a text of a figure");
  mst_status st = mst_buffer_append(&cut, text, n);
  if (!st && text[n]) st = mst_buffer_append(&cut, "\xe2\x80\xa6", 3); /* an ellipsis */
  if (!st) st = mst_gnuplot_quote(script, (const char *)cut.data, cut.size_bytes);
  mst_buffer_fini(&cut);
  return st;
}

mst_status plot__tick_put(mst_buffer *script, const char *text, int64_t columns) {
  mst_buffer doubled;
  mst_status st = MST_OK;
  mst_buffer_init(&doubled, PLOT_SCRIPT_BYTES, "a text of a figure");
  for (const char *at = text; *at && !st; at++)
    st = mst_buffer_append(&doubled, *at == '%' ? "%%" : at, *at == '%' ? 2 : 1);
  if (!st) st = mst_buffer_append(&doubled, "", 1);
  if (!st) st = plot__text_put(script, (const char *)doubled.data, columns);
  mst_buffer_fini(&doubled);
  return st;
}

int64_t plot__columns(const char *text, int64_t most) {
  int64_t width = 0;
  const size_t n = mst_display_cut(text, strlen(text), most, &width);
  return width + (text[n] != 0);
}

mst_status plot__number_put(mst_buffer *to, double value) {
  char text[MST__REAL_BYTES];
  mst__real_text(text, value, 12);
  return mst_buffer_printf(to, "%s", text);
}

static mst_status put_label(mst_buffer *script, const char *text, double x, double y,
                            const char *how) {
  mst_status st = mst_buffer_printf(script, "set label ");
  if (!st) st = plot__text_put(script, text, 160);
  return st ? st : mst_buffer_printf(script, " at screen %.6f,%.6f %s\n", x, y, how);
}

mst_status plot__titles_put(mst_buffer *script, const plot_page *p, const char *title,
                            const char *x_title, const char *y_title) {
  const double middle_x = (p->left + p->width - p->right) / 2 / p->width,
               middle_y = (p->bottom + p->height - p->top) / 2 / p->height;
  mst_status st = MST_OK;
  if (title)
    st = put_label(script, title, 0.5, 1 - 14 / p->height, "center font ',12' tc rgb '#222222'");
  if (!st && x_title)
    st = put_label(script, x_title, middle_x, p->x_title / p->height, "center tc rgb '#222222'");
  if (!st && y_title)
    st = put_label(script, y_title, p->y_title / p->width, middle_y,
                   "center rotate by 90 tc rgb '#222222'");
  return st;
}

mst_status plot__note_put(mst_buffer *script, const plot_page *p, const char *note) {
  if (!note) return MST_OK;
  return put_label(script, note, 0.5, 8 / p->height, "center font ',7.5' tc rgb '#555555'");
}

mst_status plot__text_check(const char *text, plot_format format) {
  if (!text || format == PLOT_SVG || mst_gnuplot_can_write(text, strlen(text))) return MST_OK;
  return MST_FAIL(MST_E_UNSUPPORTED,
                  "no figure: no font of this machine has the characters of '%.100s' (apt-get "
                  "install fonts-noto-cjk; an .svg needs none)",
                  text);
}

/* Cairo writes the time of day into a PDF: the same figure would be other bytes every second. The
 * length must stay, offsets in the file count on it. */
static void undate(char *pdf, size_t n) {
  static const char key[] = "/CreationDate (D:", fixed[] = "19700101000000Z)";
  char *at = memmem(pdf, n, key, sizeof key - 1);
  if (!at) return;
  at += sizeof key - 1;
  char *end = memchr(at, ')', n - (size_t)(at - pdf));
  if (!end || (size_t)(end + 1 - at) < sizeof fixed - 1) return;
  memset(at, ' ', (size_t)(end + 1 - at));
  memcpy(at, fixed, sizeof fixed - 1);
}

mst_status plot__run(const mst_buffer *script, plot_format format, char **out, size_t *n) {
  const mst_status st = mst_gnuplot_run((const char *)script->data, script->size_bytes, out, n);
  if (!st && format == PLOT_PDF) undate(*out, *n);
  return st;
}

mst_status plot_format_of(const char *path, plot_format *out) {
  static const char *const endings[] = {".svg", ".pdf", ".png"};
  const char *ending = strrchr(path, '.');
  for (int i = 0; ending && i < 3; i++) {
    if (strcmp(ending, endings[i]) != 0) continue;
    *out = (plot_format)i;
    return MST_OK;
  }
  return MST_FAIL(MST_E_ARG, "%s: a figure's name ends in .svg, .pdf or .png", path);
}

mst_status plot__save(const char *path, const char *picture, size_t n, const char *csv) {
  char beside[4096];
  const char *ending = strrchr(path, '.');
  const size_t stem = ending ? (size_t)(ending - path) : strlen(path);
  if (stem + 5 > sizeof beside) return MST_FAIL(MST_E_ARG, "%.60s...: too long a name", path);
  memcpy(beside, path, stem);
  memcpy(beside + stem, ".csv", 5);
  mst_status st = mst_file_write(beside, 1, csv, strlen(csv));
  return st ? st : mst_file_write(path, 1, picture, n);
}
