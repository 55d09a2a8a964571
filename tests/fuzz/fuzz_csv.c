/* fuzz_csv.c: delimited files made of any bytes. */
#include "fuzz_records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const mst_file_format formats[] = {MST_FILE_CSV, MST_FILE_TSV};
  return fuzz_records(data, size, formats);
}
