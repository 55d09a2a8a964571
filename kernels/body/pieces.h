/* pieces.h: what kind of character an ASCII byte is, as Python's str says.
 */
#ifndef MISSTEP_BODY_PIECES_H
#define MISSTEP_BODY_PIECES_H

#include "misstep/host_device.h"

/* Is c one of A-Z a-z 0-9 _ ? */
MST_HD static inline int mst_body_ascii_word(int c) {
  return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Is c white space to str.isspace(): 09-0D, 1C-1F, 20? */
MST_HD static inline int mst_body_ascii_space(int c) {
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20);
}

#endif
