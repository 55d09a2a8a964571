/* problem.c: from an offset in the bytes to "path:line:column: what was found". */
#include <stdarg.h>
#include <stdio.h>

#include "read/internal.h"
#include "read/scan.h"

mst__end mst__problem_set(mst__problem *problem, mst_status status, int64_t at, const char *format,
                          ...) {
  problem->status = status;
  problem->at = at;
  va_list args;
  va_start(args, format);
  (void)vsnprintf(problem->text, sizeof problem->text, format, args);
  va_end(args);
  return MST__END_PROBLEM;
}

int mst__cr_ends_line(mst_file_format format) {
  return format == MST_FILE_CSV || format == MST_FILE_TSV;
}

int64_t mst__count_lines(const mst__source *source, int64_t from, int64_t to, int cr_ends_line) {
  int64_t count = 0;
  uint8_t pad[64];
  for (int64_t pos = from; pos < to; pos += 64) {
    const uint8_t *b = mst__block64(source->bytes, to, pos, pad);
    count += __builtin_popcountll(mst__mask_of(b, '\n'));
    if (!cr_ends_line) continue;
    for (uint64_t cr = mst__mask_of(b, '\r'); cr; cr &= cr - 1) {
      const int64_t next = pos + __builtin_ctzll(cr) + 1;
      count += next >= source->n || source->bytes[next] != '\n';
    }
  }
  return count;
}

mst_status mst__problem_raise(const mst__problem *problem, const mst__layout *layout,
                              const mst__source *source, mst__cursor record) {
  const int cr = mst__cr_ends_line(layout->format);
  const uint8_t *b = source->bytes;
  const int64_t line = record.line + mst__count_lines(source, record.pos, problem->at, cr);
  int64_t start = problem->at;
  while (start > record.pos && b[start - 1] != '\n' && !(cr && b[start - 1] == '\r')) start--;
  const int64_t column = problem->at - start + 1;
  return mst_error_set(problem->status, __func__, "%s:%lld:%lld: %s", layout->path, (long long)line,
                       (long long)column, problem->text);
}
