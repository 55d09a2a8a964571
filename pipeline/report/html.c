/* html.c: escaping. */
#include "report/html.h"

static const char *entity_of(unsigned char c) {
  switch (c) {
  case '&': return "&amp;";
  case '<': return "&lt;";
  case '>': return "&gt;";
  case '"': return "&quot;";
  default: return c < 0x20 || c == 0x7f ? " " : NULL;
  }
}

mst_status mst_html_append(mst_buffer *out, const char *text, size_t n) {
  mst_status st = MST_OK;
  for (size_t i = 0; !st && i < n; i++) {
    const char *entity = entity_of((unsigned char)text[i]);
    st = entity ? mst_buffer_printf(out, "%s", entity) : mst_buffer_append(out, text + i, 1);
  }
  return st;
}
