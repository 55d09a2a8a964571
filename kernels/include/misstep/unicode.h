/* unicode.h: text in another case, as Python's str sees it.
 *
 * In: UTF-8. Out: UTF-8. For stages outside the tokenizer: the reader compares texts with it.
 */
#ifndef MISSTEP_UNICODE_H
#define MISSTEP_UNICODE_H

#include <stdint.h>

#include "misstep/alloc.h"
#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Append text in lower case (Python's str.lower()) to out.
 *   text  len bytes of valid UTF-8
 * MST_E_NOMEM, MST_E_LIMIT (out's ceiling). */
mst_status mst_unicode_lower(const uint8_t *text, int64_t len, mst_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
