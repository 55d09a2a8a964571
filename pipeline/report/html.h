/* html.h: text of the user inside a page. */
#ifndef MISSTEP_HTML_H
#define MISSTEP_HTML_H

#include "misstep/alloc.h"

/* Append n bytes of UTF-8 as text or as the value of an attribute: & < > " become entities, control
 * characters, which HTML does not allow, spaces. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_html_append(mst_buffer *out, const char *text, size_t n);

#endif
