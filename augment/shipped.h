/* shipped.h: the rule files that are part of the program, as embed.cmake writes them. */
#ifndef MISSTEP_AUGMENT_SHIPPED_H
#define MISSTEP_AUGMENT_SHIPPED_H

#include <stdint.h>

typedef struct mst__shipped {
  const char *name; /* "elementary-maths.en"; NULL ends the table */
  const uint8_t *bytes;
  int64_t n;
} mst__shipped;

extern const mst__shipped mst__shipped_files[];

#endif
