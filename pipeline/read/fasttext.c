/* fasttext.c: lines of "__label__x text": the columns label and text. */
#include <string.h>

#include "read/internal.h"

static const char prefix[] = "__label__";
enum { PREFIX_LEN = sizeof prefix - 1 };

mst__end mst__line_find(const mst__layout *layout, const mst__source *source, int64_t pos,
                        int64_t *end, mst__problem *problem) {
  const uint8_t *from = source->bytes + pos;
  const int64_t n = source->n - pos;
  const uint8_t *newline = n ? memchr(from, '\n', (size_t)n) : NULL;
  const int64_t len = newline ? newline - from : n;
  if (len > layout->options.max_field_bytes)
    return mst__problem_set(problem, MST_E_LIMIT, pos,
                            "a line of more than %lld bytes (--max-field-bytes)",
                            (long long)layout->options.max_field_bytes);
  *end = pos + len;
  return newline || source->final ? MST__END_STOP : MST__END_MORE;
}

mst__end mst__line_text(const mst__layout *layout, const mst__source *source, int64_t pos,
                        int64_t end, mst__arena *arena, mst_slice *line, int *skip,
                        mst__problem *problem) {
  int repair = 0;
  const mst__end code = mst__record_check(layout, source, pos, end, &repair, skip, problem);
  *line = (mst_slice){source->bytes + pos, end - pos};
  if (line->len && line->ptr[line->len - 1] == '\r') line->len--;
  if (code || !repair) return code;
  *line = mst__utf8_repair(*line, arena);
  return line->ptr ? MST__END_STOP : MST__END_NOMEM;
}

mst__end mst__line_problem(const mst__source *source, int64_t pos, int64_t end, mst_slice line,
                           mst__problem *problem) {
  const mst_slice text = {source->bytes + pos, end - pos};
  if (line.ptr != text.ptr) problem->at = pos + mst__utf8_before_repair(text, problem->at - pos);
  return MST__END_PROBLEM;
}

static int is_blank(uint8_t c) { return c == ' ' || c == '\t'; }

/* Offset of a second label in the text, or -1. fastText takes any word with the prefix for one. */
static int64_t second_label(mst_slice text) {
  for (int64_t i = 0; i + PREFIX_LEN <= text.len;) {
    const uint8_t *hit = memmem(text.ptr + i, (size_t)(text.len - i), prefix, PREFIX_LEN);
    if (!hit) return -1;
    const int64_t at = hit - text.ptr;
    if (!at || is_blank(text.ptr[at - 1])) return at;
    i = at + 1;
  }
  return -1;
}

static mst__end split_line(mst_slice line, int64_t pos, mst_slice *field, mst__problem *problem) {
  if (line.len < PREFIX_LEN || memcmp(line.ptr, prefix, PREFIX_LEN) != 0)
    return mst__problem_set(problem, MST_E_FORMAT, pos,
                            "no label, expected a line that begins with __label__");
  int64_t i = PREFIX_LEN;
  while (i < line.len && !is_blank(line.ptr[i])) i++;
  if (i == PREFIX_LEN)
    return mst__problem_set(problem, MST_E_FORMAT, pos, "an empty label after __label__");
  field[0] = (mst_slice){line.ptr + PREFIX_LEN, i - PREFIX_LEN};
  while (i < line.len && is_blank(line.ptr[i])) i++;
  field[1] = (mst_slice){line.ptr + i, line.len - i};
  const int64_t second = second_label(field[1]);
  if (second < 0) return MST__END_STOP;
  return mst__problem_set(problem, MST_E_FORMAT, pos + i + second,
                          "a second label, expected exactly one in a line");
}

mst__end mst__fasttext_parse(const mst__layout *layout, const mst__source *source,
                             mst__cursor *cursor, int64_t stop, mst__rows *rows,
                             mst__problem *problem) {
  while (cursor->pos <= stop && cursor->pos < source->n) {
    if (rows->n == rows->capacity) return MST__END_FULL;
    int64_t end = 0;
    int skip = 0;
    mst_slice line = {0};
    mst__end code = mst__line_find(layout, source, cursor->pos, &end, problem);
    if (!code)
      code = mst__line_text(layout, source, cursor->pos, end, &rows->arena, &line, &skip, problem);
    if (!code && !skip && line.len) {
      code = split_line(line, cursor->pos, rows->field + 2 * rows->n, problem);
      if (code) return mst__line_problem(source, cursor->pos, end, line, problem);
      rows->line[rows->n++] = cursor->line;
    }
    if (code) return code;
    if (skip && !rows->n_skipped++) rows->first_skipped_line = cursor->line;
    cursor->pos = end + (end < source->n);
    cursor->line++;
  }
  return MST__END_STOP;
}

mst__end mst__fasttext_header(mst__layout *layout, const mst__source *source, mst__cursor *cursor,
                              mst__problem *problem) {
  if (cursor->pos == source->n) return source->final ? MST__END_FULL : MST__END_MORE;
  static const mst_slice name[] = {{(const uint8_t *)"label", 5}, {(const uint8_t *)"text", 4}};
  return mst__layout_set_names(layout, name, 2, problem);
}
