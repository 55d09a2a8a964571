/* vectorize_cases.c: vectorize_cases CASES RESULTS: run every case of a file of JSON lines and
 * write a result line for each. The differential test compares them with scikit-learn's. */
#include <stdio.h>
#include <string.h>

#include "files/folder.h"
#include "misstep/alloc.h"
#include "vectorize_case.h"

/* Run the case on one line and append its result. */
static mst_status run_line(const char *line, size_t n, FILE *results) {
  mst_json *the_case = NULL, *result = NULL;
  char *text = NULL;
  size_t n_text = 0;
  mst_status st = mst_json_parse(line, n, &the_case);
  if (!st) st = vectorize_case(the_case, &result);
  if (!st) st = mst_json_dump(result, 0, &text, &n_text);
  if (!st && (fwrite(text, 1, n_text, results) != n_text || fputc('\n', results) == EOF))
    st = MST_FAIL(MST_E_IO, "results cannot be written");
  mst_json_free(the_case);
  mst_json_free(result);
  mst_free(text);
  return st;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    (void)fprintf(stderr, "usage: vectorize_cases CASES RESULTS\n");
    return 2;
  }
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_file_read(argv[1], (size_t)1 << 32, &bytes, &n);
  FILE *results = st ? NULL : fopen(argv[2], "w");
  if (!st && !results) st = MST_FAIL(MST_E_IO, "%s cannot be opened", argv[2]);
  for (const char *line = bytes, *end = bytes + n; !st && line < end;) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    if (!stop) stop = end;
    st = run_line(line, (size_t)(stop - line), results);
    line = stop + 1;
  }
  if (results && fclose(results) != 0 && !st) st = MST_FAIL(MST_E_IO, "results cannot be written");
  if (st) (void)fprintf(stderr, "vectorize_cases: %s\n", mst_error_last()->message);
  mst_free(bytes);
  return st ? 1 : 0;
}
