/* augment_rows.c: lines with provenance: the input's columns, then parent, copy, rules, edits, and
 * check where copies are flagged. */
#include <string.h>

#include "cli/copies.h"

enum { N_PROVENANCE = 5 };
static const char *const provenance[N_PROVENANCE] = {"parent", "copy", "rules", "edits", "check"};

static mst_slice slice_of(const char *text) {
  return (mst_slice){(const uint8_t *)text, (int64_t)strlen(text)};
}

/* A field between delimiters, quoted where RFC 4180 asks for it. */
static mst_status put_field(mst_buffer *out, mst_slice f, uint8_t delimiter) {
  int64_t n_quotes = 0;
  int special = 0; /* two sums without branches: compilers make vectors of this loop */
  for (int64_t i = 0; i < f.len; i++) {
    const uint8_t c = f.ptr[i];
    n_quotes += c == '"';
    special += (c == delimiter) | (c == '\n') | (c == '\r');
  }
  const int quote = special || n_quotes;
  uint8_t *to = mst_buffer_reserve(out, (size_t)(f.len + n_quotes + 2));
  if (!to) return mst_error_last()->status;
  if (!quote) {
    if (f.len) memcpy(to, f.ptr, (size_t)f.len);
    out->size_bytes += (size_t)f.len;
    return MST_OK;
  }
  *to++ = '"';
  for (int64_t i = 0; i < f.len; i++) {
    if (f.ptr[i] == '"') *to++ = '"';
    *to++ = f.ptr[i];
  }
  *to = '"';
  out->size_bytes += (size_t)(f.len + n_quotes + 2);
  return MST_OK;
}

/* A JSON string. */
static mst_status put_string(mst_buffer *out, mst_slice s) {
  static const char digits[] = "0123456789abcdef";
  uint8_t *to = mst_buffer_reserve(out, (size_t)s.len * 6 + 2);
  if (!to) return mst_error_last()->status;
  const uint8_t *begin = to;
  *to++ = '"';
  for (int64_t i = 0; i < s.len; i++) {
    const uint8_t c = s.ptr[i];
    if (c >= 0x20 && c != '"' && c != '\\') {
      *to++ = c;
      continue;
    }
    *to++ = '\\';
    if (c == '"' || c == '\\') *to++ = c;
    else if (c == '\n') *to++ = 'n';
    else {
      memcpy(to, "u00", 3);
      to[3] = (uint8_t)digits[c >> 4];
      to[4] = (uint8_t)digits[c & 15];
      to += 5;
    }
  }
  *to++ = '"';
  out->size_bytes += (size_t)(to - begin);
  return MST_OK;
}

mst_status mst_augment_header(mst_row_format format, const mst_records *records, int has_verdict,
                              mst_buffer *out) {
  const uint8_t delimiter = format == MST_ROW_TSV ? '\t' : ',';
  const int n = N_PROVENANCE - !has_verdict;
  mst_status st = MST_OK;
  if (format == MST_ROW_JSONL) return MST_OK;
  for (int32_t c = 0; !st && c < mst_records_n_cols(records); c++) {
    st = put_field(out, slice_of(mst_records_col_name(records, c)), delimiter);
    if (!st) st = mst_buffer_append(out, &delimiter, 1);
  }
  for (int k = 0; !st && k < n; k++) {
    st = put_field(out, slice_of(provenance[k]), delimiter);
    if (!st) st = mst_buffer_append(out, k < n - 1 ? (const void *)&delimiter : "\n", 1);
  }
  return st;
}

static mst_slice field_of(const mst_augment_row *r, int32_t c) {
  return c == r->text_col ? r->text : mst_records_field(r->records, r->row, c);
}

static mst_status delimited_line(uint8_t delimiter, const mst_augment_row *r, mst_slice copy,
                                 mst_buffer *out) {
  const mst_slice own[N_PROVENANCE] = {r->parent, copy, r->rules, r->edits, r->verdict};
  const int n = N_PROVENANCE - !r->has_verdict;
  mst_status st = MST_OK;
  for (int32_t c = 0; !st && c < mst_records_n_cols(r->records); c++) {
    st = put_field(out, field_of(r, c), delimiter);
    if (!st) st = mst_buffer_append(out, &delimiter, 1);
  }
  for (int k = 0; !st && k < n; k++) {
    st = put_field(out, own[k], delimiter);
    if (!st) st = mst_buffer_append(out, k < n - 1 ? (const void *)&delimiter : "\n", 1);
  }
  return st;
}

static mst_status put_member(mst_buffer *out, const char *begin, mst_slice name, mst_slice value) {
  mst_status st = mst_buffer_append(out, begin, strlen(begin));
  if (!st) st = put_string(out, name);
  if (!st) st = mst_buffer_append(out, ": ", 2);
  return st ? st : put_string(out, value);
}

static mst_status json_line(const mst_augment_row *r, mst_slice copy, mst_buffer *out) {
  mst_status st = MST_OK;
  for (int32_t c = 0; !st && c < mst_records_n_cols(r->records); c++)
    st = put_member(out, c ? ", " : "{", slice_of(mst_records_col_name(r->records, c)),
                    field_of(r, c));
  if (!st) st = put_member(out, ", ", slice_of("parent"), r->parent);
  if (!st) st = mst_buffer_append(out, ", \"copy\": ", 10);
  if (!st) st = mst_buffer_append(out, copy.ptr, (size_t)copy.len);
  if (!st) st = put_member(out, ", ", slice_of("rules"), r->rules);
  if (!st) st = put_member(out, ", ", slice_of("edits"), r->edits);
  if (!st && r->has_verdict) st = put_member(out, ", ", slice_of("check"), r->verdict);
  return st ? st : mst_buffer_append(out, "}\n", 2);
}

/* The digits of a number >= 0, at the end of room. */
static mst_slice digits_of(int64_t number, uint8_t room[20]) {
  uint8_t *p = room + 20;
  do {
    *--p = (uint8_t)('0' + number % 10);
    number /= 10;
  } while (number);
  return (mst_slice){p, room + 20 - p};
}

mst_status mst_augment_number(int64_t number, mst_buffer *out) {
  uint8_t room[20];
  const mst_slice digits = digits_of(number, room);
  return mst_buffer_append(out, digits.ptr, (size_t)digits.len);
}

mst_status mst_augment_line(mst_row_format format, const mst_augment_row *row, mst_buffer *out) {
  uint8_t room[20];
  const mst_slice copy = digits_of(row->copy, room);
  if (format == MST_ROW_JSONL) return json_line(row, copy, out);
  return delimited_line(format == MST_ROW_TSV ? '\t' : ',', row, copy, out);
}

mst_status mst_augment_describe(const mst_augment_batch *batch, const mst_augmenter *augmenter,
                                const mst_edits *edits, const mst_copy *copy, mst_buffer *rules,
                                mst_buffer *changes) {
  const mst_pieces *p = mst_augment_batch_pieces(batch);
  int64_t piece = p->doc_ptr[copy->doc], byte = 0;
  mst_status st = MST_OK;
  rules->size_bytes = changes->size_bytes = 0;
  for (int32_t e = 0; !st && e < copy->n_edits; e++) {
    const mst_edit *edit = &edits->edit[copy->first_edit + e];
    const int64_t first = p->doc_ptr[copy->doc] + edit->pos;
    int64_t begin = byte, end = byte;
    for (; piece < first + edit->len; piece++) {
      const uint32_t id = p->entry[piece] >> 1;
      if (piece == first) begin = byte;
      end = byte + p->types.start[id + 1] - p->types.start[id];
      byte = end + (p->entry[piece] & 1);
    }
    const mst_slice name = mst_augmenter_rule_name(augmenter, edit->rule);
    if (e) st = mst_buffer_append(rules, ";", 1);
    if (!st) st = mst_buffer_append(rules, name.ptr, (size_t)name.len);
    if (!st && e) st = mst_buffer_append(changes, "|", 1);
    if (!st) st = mst_augment_number(begin, changes);
    if (!st) st = mst_buffer_append(changes, "+", 1);
    if (!st) st = mst_augment_number(end - begin, changes);
    if (!st) st = mst_buffer_append(changes, ">", 1);
    if (!st) st = mst_augment_write_edit(batch, edits, edit, changes);
  }
  return st;
}
