/* fuzz_jsonl.c: JSON lines and fastText lines made of any bytes. */
#include "fuzz_records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const mst_file_format formats[] = {MST_FILE_JSONL, MST_FILE_FASTTEXT};
  return fuzz_records(data, size, formats);
}
