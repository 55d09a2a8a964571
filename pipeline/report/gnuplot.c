/* gnuplot.c: scripts for gnuplot, and what it can write with the fonts of this machine. */
#include "report/gnuplot.h"

#include <stdio.h>

#include "report/process.h"

mst_status mst_gnuplot_run(const char *script, size_t n, char **out, size_t *n_out) {
  static char name[] = "gnuplot", defaults[] = "-d";
  char *argv[] = {name, defaults, NULL}, *picture = NULL;
  size_t n_picture = 0;
  const mst_status st = mst_process_run(argv, script, n, &picture, &n_picture);
  if (st == MST_E_UNSUPPORTED)
    return MST_FAIL(st, "no figure: gnuplot is not installed (apt-get install gnuplot-nox "
                        "fonts-liberation2)");
  if (st) return st;
  if (!n_picture) {
    mst_free(picture);
    return MST_FAIL(MST_E_ADAPTER, "gnuplot drew nothing");
  }
  *out = picture;
  *n_out = n_picture;
  return MST_OK;
}

mst_status mst_gnuplot_quote(mst_buffer *script, const char *text, size_t n) {
  mst_status st = mst_buffer_append(script, "'", 1);
  for (size_t i = 0; i < n && !st; i++) {
    const unsigned char byte = (unsigned char)text[i];
    if (byte == '\'') st = mst_buffer_append(script, "''", 2);
    else st = mst_buffer_append(script, byte < 0x20 ? " " : &text[i], 1);
  }
  return st ? st : mst_buffer_append(script, "'", 1);
}

/* Whether fontconfig knows a font with this character. Where it cannot be asked: no. */
static int has_font(uint32_t character) {
  static char name[] = "fc-list";
  char pattern[32], *argv[] = {name, pattern, NULL}, *fonts = NULL;
  size_t n = 0;
  (void)snprintf(pattern, sizeof pattern, ":charset=%x", character);
  if (mst_process_run(argv, "", 0, &fonts, &n)) return 0;
  mst_free(fonts);
  return n > 0;
}

int mst_gnuplot_can_write(const char *utf8, size_t n) {
  uint32_t asked = 0; /* 4,096 characters a bit: one of each stands for its script */
  for (size_t i = 0; i < n;) {
    const unsigned char byte = (unsigned char)utf8[i++];
    const int more = byte < 0xC0 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    uint32_t c = more ? byte & (0x3Fu >> more) : byte;
    for (int k = 0; k < more && i < n; k++) c = c << 6 | ((unsigned char)utf8[i++] & 0x3F);
    const uint32_t bit = 1u << (c >> 12 & 31);
    if (c < 0x0590 || asked & bit) continue; /* Latin, Greek and Cyrillic are in every font */
    asked |= bit;
    if (!has_font(c)) return 0;
  }
  return 1;
}
