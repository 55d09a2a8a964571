/* fuzz_text.h: any bytes as documents, and the backends that must agree on them: the CPU, and what
 * MST_FUZZ_DEVICE names (emulated or real), if it is set.
 */
#ifndef MISSTEP_FUZZ_TEXT_H
#define MISSTEP_FUZZ_TEXT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "misstep/backend.h"
#include "misstep/text.h"

static inline void fuzz_demand(int truth) {
  if (!truth) abort();
}

/* Length of the valid UTF-8 sequence at p, or 0. */
static inline size_t fuzz_utf8_length(const uint8_t *p, size_t n) {
  const int lead = p[0];
  if (lead < 0x80) return 1;
  const size_t len = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (!len || n < len) return 0;
  for (size_t i = 1; i < len; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  const int second = p[1];
  const int bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                  (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return bad ? 0 : len;
}

/* Bytes to valid text: what is broken becomes '?', a newline ends a document. */
static inline int64_t fuzz_make_text(const uint8_t *data, size_t n, uint8_t *bytes,
                                     int64_t *start) {
  int64_t n_docs = 0, to = 0;
  start[0] = 0;
  for (size_t i = 0; i < n;) {
    const size_t len = fuzz_utf8_length(data + i, n - i);
    if (data[i] == '\n') start[++n_docs] = to;
    else if (len) memcpy(bytes + to, data + i, len);
    else bytes[to] = '?';
    if (data[i] != '\n') to += len ? (int64_t)len : 1;
    i += len ? len : 1;
  }
  start[++n_docs] = to;
  return n_docs;
}

/* Documents of an input; freed by fuzz_text_free. */
static inline mst_text fuzz_text(const uint8_t *data, size_t size) {
  uint8_t *bytes = malloc(size + 1);
  int64_t *start = malloc((size + 2) * sizeof *start);
  fuzz_demand(bytes && start);
  const int64_t n_docs = fuzz_make_text(data, size, bytes, start);
  return (mst_text){n_docs, bytes, start};
}

static inline void fuzz_text_free(const mst_text *text) {
  free((void *)(uintptr_t)text->bytes);
  free((void *)(uintptr_t)text->start);
}

static mst_backend *fuzz_the_device;
static inline void fuzz_device_close(void) { mst_backend_close(fuzz_the_device); }

/* The device to compare with, opened once; NULL: there is none. */
static inline mst_backend *fuzz_device(void) {
  const char *name = getenv("MST_FUZZ_DEVICE");
  if (!name || fuzz_the_device) return fuzz_the_device;
  fuzz_demand(mst_backend_open(name, 1, &fuzz_the_device) == MST_OK);
  (void)atexit(fuzz_device_close);
  return fuzz_the_device;
}

#endif
