/* number.c: snprintf writes the locale's decimal point; files have a dot. */
#include "files/number.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_point(char *text) {
  const char *point = localeconv()->decimal_point;
  char *at = strstr(text, point);
  if (!at) return;
  const size_t n = strlen(point);
  *at = '.';
  memmove(at + 1, at + n, strlen(at + n) + 1);
}

void mst__real_text(char text[MST__REAL_BYTES], double value, int digits) {
  (void)snprintf(text, MST__REAL_BYTES, "%.*g", digits, value);
  put_point(text);
}

void mst__real_shortest(char text[MST__REAL_BYTES], double value) {
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(text, MST__REAL_BYTES, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  put_point(text);
}
