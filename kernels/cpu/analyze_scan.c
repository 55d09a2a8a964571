/* analyze_scan.c: one text, preprocessed and cut into an analyzer's units. */
#include "cpu/analyze.h"
#include "misstep/maths.h"

/* Maximal runs of word characters, two or more of them: (?u)\b\w\w+\b. */
static mst_status scan_word(const mst__analysis *a, mst__worker *w, const uint8_t *p,
                            const uint8_t *end) {
  while (p < end) {
    int n;
    const int k = mst__class_at(a->bmp, p, end, &n);
    const uint8_t *q = mst__class_end(a->bmp, k, p + n, end);
    if (k == MST_PIECE_WORD && q - p > n) {
      const mst_status st = mst__worker_emit(w, p, q - p, end - p);
      if (st) return st;
    }
    p = q;
  }
  return MST_OK;
}

/* Code points; two or more white-space characters in a row are one space, one stays itself. */
static mst_status scan_char(const mst__analysis *a, mst__worker *w, const uint8_t *p,
                            const uint8_t *end) {
  while (p < end) {
    int n;
    const int space = mst__class_at(a->bmp, p, end, &n) == MST_PIECE_SPACE;
    const uint8_t *q = space ? mst__class_end(a->bmp, MST_PIECE_SPACE, p + n, end) : p + n;
    const int collapse = q > p + n;
    const mst_status st = collapse ? mst__worker_emit(w, (const uint8_t *)" ", 1, 1)
                                   : mst__worker_emit(w, p, q - p, end - p);
    if (st) return st;
    p = q;
  }
  return MST_OK;
}

/* str.split(): what white space separates. */
static mst_status scan_char_wb(const mst__analysis *a, mst__worker *w, const uint8_t *p,
                               const uint8_t *end) {
  const uint8_t *word = p;
  while (p < end) {
    int n;
    const int space = mst__class_at(a->bmp, p, end, &n) == MST_PIECE_SPACE;
    if (space && p > word) {
      const mst_status st = mst__worker_emit(w, word, p - word, end - word);
      if (st) return st;
    }
    p += n;
    if (space) word = p;
  }
  return p > word ? mst__worker_emit(w, word, p - word, end - word) : MST_OK;
}

static mst_status scan_pattern(const mst__analysis *a, mst__worker *w, const uint8_t *p,
                               const uint8_t *end) {
  const mst_slice text = {p, end - p};
  mst__search search = {0};
  for (;;) {
    mst_slice token;
    mst_status st = mst__pattern_next(a->pattern, text, &w->match, &search, &token);
    if (st || search.done) return st;
    st = mst__worker_emit(w, token.ptr, token.len, end - token.ptr);
    if (st) return st;
  }
}

static mst_status emit_maths(void *payload, mst_maths_kind kind, mst_slice token,
                             mst_slice source) {
  (void)kind;
  (void)source;
  return mst__worker_emit(payload, token.ptr, token.len, token.len);
}

mst_status mst__analyze_text(const mst__analysis *a, mst__worker *w, const uint8_t *text,
                             int64_t len) {
  w->changed.size_bytes = 0;
  const mst_status st =
      mst__preprocess(text, len, a->options.lowercase, a->options.strip_accents, &w->changed);
  if (st) return st;
  /* an empty buffer may have no memory; the scanners want a pointer they can add to */
  const uint8_t *p = w->changed.data ? w->changed.data : (const uint8_t *)"";
  const uint8_t *end = p + w->changed.size_bytes;
  if (a->pattern) return scan_pattern(a, w, p, end);
  switch (a->options.analyzer) {
  case MST_ANALYZER_WORD: return scan_word(a, w, p, end);
  case MST_ANALYZER_CHAR: return scan_char(a, w, p, end);
  case MST_ANALYZER_CHAR_WB: return scan_char_wb(a, w, p, end);
  case MST_ANALYZER_MATHS: return mst_maths_scan((mst_slice){p, end - p}, emit_maths, w);
  }
  return MST_FAIL(MST_E_ARG, "no analyzer has the number %d", (int)a->options.analyzer);
}

mst_status mst__analyze_document(const mst__analysis *a, mst__worker *w, int64_t d) {
  const int64_t len = mst_pieces_write(a->pieces, d, NULL, 0);
  w->text.size_bytes = 0;
  uint8_t *to = mst_buffer_reserve(&w->text, (size_t)len);
  if (!to) return mst_error_last()->status;
  (void)mst_pieces_write(a->pieces, d, to, len);
  return mst__analyze_text(a, w, to, len);
}
