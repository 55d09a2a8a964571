/* pattern.c: Python's regular expressions by PCRE2. The only file that sees its header.
 *
 * Rewritten before compiling: \s and \S (Python's white space: 1c..1f belong to it, U+180E does
 * not), \Z (the very end), \v (vertical tab), \uXXXX and \UXXXXXXXX, {,n}, '[' inside a class, the
 * flag u. With the flag a, \w \d \s \b are those of ASCII. \w, \d and \b agree as they are.
 * Left alone: what Python rejects and PCRE2 takes (\p{..}, \K, \h and so on) works as in PCRE2, and
 * (?i) knows the case pairs of PCRE2's Unicode.
 */
#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "misstep/alloc.h"

struct mst__pattern {
  pcre2_general_context *memory; /* PCRE2 allocates through alloc.h */
  pcre2_code *code;
  uint32_t n_groups; /* 0 or 1 */
  int refused;       /* an allocation failed while compiling */
};

static void *pcre_alloc(size_t size, void *payload) {
  int *refused = payload;
  void *block = mst_alloc(size, 1);
  if (!block && refused) __atomic_store_n(refused, 1, __ATOMIC_RELAXED); /* any thread */
  return block;
}

static void pcre_free(void *block, void *payload) {
  (void)payload;
  mst_free(block);
}

#define SPACE                                                                                      \
  "\\x09-\\x0d\\x1c-\\x20\\x85\\xa0\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}"                 \
  "\\x{202f}\\x{205f}\\x{3000}"
#define NOT_SPACE                                                                                  \
  "\\x00-\\x08\\x0e-\\x1b\\x21-\\x84\\x86-\\x9f\\xa1-\\x{167f}\\x{1681}-\\x{1fff}"                 \
  "\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"                   \
  "\\x{3001}-\\x{d7ff}\\x{e000}-\\x{10ffff}"

typedef struct rewrite {
  const char *p; /* rest of the source */
  mst_buffer out;
  int in_class; /* inside [...] */
  int ascii;    /* flag a was given */
  mst_status st;
} rewrite;

static void put(rewrite *r, const char *s, size_t n) {
  if (!r->st) r->st = mst_buffer_append(&r->out, s, n);
}

static void put_text(rewrite *r, const char *s) { put(r, s, strlen(s)); }

static size_t hex_digits(const char *p) { return strspn(p, "0123456789abcdefABCDEF"); }

/* \s or \S: spelled out, because PCRE2's own differs. */
static void put_space(rewrite *r, int negated) {
  if (r->ascii) {
    put_text(r, negated ? "\\S" : "\\s");
    return;
  }
  if (!r->in_class) put_text(r, "[");
  put_text(r, negated ? NOT_SPACE : SPACE);
  if (!r->in_class) put_text(r, "]");
}

/* An escape: r->p is at the backslash. */
static void rewrite_escape(rewrite *r) {
  const char c = r->p[1];
  const size_t width = c == 'u' ? 4 : 8;
  if (c == '\0') {
    put_text(r, "\\");
    r->p += 1;
  } else if (c == 's' || c == 'S') {
    put_space(r, c == 'S');
    r->p += 2;
  } else if (c == 'Z' && !r->in_class) {
    put_text(r, "\\z");
    r->p += 2;
  } else if (c == 'v') {
    put_text(r, "\\x0b");
    r->p += 2;
  } else if ((c == 'u' || c == 'U') && hex_digits(r->p + 2) >= width) {
    put_text(r, "\\x{");
    put(r, r->p + 2, width);
    put_text(r, "}");
    r->p += 2 + width;
  } else {
    put(r, r->p, 2);
    r->p += 2;
  }
}

/* "(?aimsux)" or "(?aimsux-ims:" at r->p: write it without a and u. 0: it is something else. */
static int rewrite_flags(rewrite *r) {
  const size_t n = strspn(r->p + 2, "aimsuxL-");
  const char close = r->p[2 + n];
  if (!n || (close != ')' && close != ':')) return 0;
  put_text(r, "(?");
  for (size_t i = 0; i < n; i++) {
    if (r->p[2 + i] == 'a') r->ascii = 1;
    else if (r->p[2 + i] != 'u') put(r, r->p + 2 + i, 1);
  }
  put(r, &close, 1);
  r->p += 3 + n;
  return 1;
}

static void rewrite_class_start(rewrite *r) {
  r->in_class = 1;
  const size_t n = r->p[1] == '^' ? 2 : 1;
  put(r, r->p, n);
  r->p += n;
  if (*r->p == ']') { /* first of its class: literal */
    put_text(r, "\\]");
    r->p++;
  }
}

static void rewrite_one(rewrite *r) {
  if (*r->p == '\\') {
    rewrite_escape(r);
    return;
  }
  if (r->in_class) {
    if (*r->p == '[') put_text(r, "\\");
    if (*r->p == ']') r->in_class = 0;
  } else if (*r->p == '[') {
    rewrite_class_start(r);
    return;
  } else if (r->p[0] == '(' && r->p[1] == '?' && rewrite_flags(r)) {
    return;
  } else if (r->p[0] == '{' && r->p[1] == ',' && r->p[2] >= '0' && r->p[2] <= '9') {
    put_text(r, "{0");
    r->p++;
  }
  put(r, r->p++, 1);
}

/* Python's pattern in PCRE2's words. */
static mst_status rewrite_pattern(const char *source, rewrite *r) {
  *r = (rewrite){.p = source};
  mst_buffer_init(&r->out, SIZE_MAX / 4, "token_pattern");
  while (*r->p && !r->st) rewrite_one(r);
  return r->st;
}

static mst_status compile(mst__pattern *pattern, const char *source, const rewrite *r) {
  pcre2_compile_context *context = pcre2_compile_context_create(pattern->memory);
  if (!context) return MST_E_NOMEM;
  (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
  int error;
  PCRE2_SIZE offset;
  const uint32_t options = PCRE2_UTF | (r->ascii ? 0 : PCRE2_UCP);
  const uint8_t *bytes = r->out.data ? r->out.data : (const uint8_t *)"";
  pattern->code = pcre2_compile(bytes, r->out.size_bytes, options, &error, &offset, context);
  pcre2_compile_context_free(context);
  if (!pattern->code && pattern->refused) return MST_E_NOMEM;
  if (!pattern->code) {
    uint8_t words[256] = "";
    (void)pcre2_get_error_message(error, words, sizeof words);
    return MST_FAIL(MST_E_ARG, "token_pattern '%.400s': %s, near offset %zu", source, words,
                    (size_t)offset);
  }
  /* a system without executable memory is only slower; one without memory is an error */
  (void)pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
  if (pattern->refused) return MST_E_NOMEM;
  (void)pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &pattern->n_groups);
  if (pattern->n_groups > 1)
    return MST_FAIL(MST_E_ARG, "token_pattern '%.400s' has %u groups; at most one is allowed",
                    source, pattern->n_groups);
  return MST_OK;
}

mst_status mst__pattern_create(const char *source, mst__pattern **out) {
  mst__pattern *pattern = mst_alloc_zero(1, sizeof *pattern);
  if (!pattern) return MST_E_NOMEM;
  rewrite r;
  mst_status st = rewrite_pattern(source, &r);
  if (st) goto done;
  pattern->memory = pcre2_general_context_create(pcre_alloc, pcre_free, &pattern->refused);
  st = pattern->memory ? compile(pattern, source, &r) : MST_E_NOMEM;
  if (st) goto done;
  *out = pattern;
  pattern = NULL;
done:
  mst_buffer_fini(&r.out);
  mst__pattern_free(pattern);
  return st;
}

void mst__pattern_free(mst__pattern *pattern) {
  if (!pattern) return;
  pcre2_code_free(pattern->code);
  pcre2_general_context_free(pattern->memory);
  mst_free(pattern);
}

void mst__match_free(void *match) { pcre2_match_data_free(match); }

/* Match once; when the compiled code runs out of its small stack, the interpreter takes over. */
static int match_once(const mst__pattern *pattern, mst_slice text, const mst__search *search,
                      pcre2_match_data *data) {
  const uint32_t options =
      PCRE2_NO_UTF_CHECK | (search->was_empty ? (uint32_t)PCRE2_NOTEMPTY_ATSTART : 0);
  const uint8_t *bytes = text.ptr ? text.ptr : (const uint8_t *)"";
  const int n =
      pcre2_match(pattern->code, bytes, (size_t)text.len, (size_t)search->at, options, data, NULL);
  if (n != PCRE2_ERROR_JIT_STACKLIMIT) return n;
  return pcre2_match(pattern->code, bytes, (size_t)text.len, (size_t)search->at,
                     options | PCRE2_NO_JIT, data, NULL);
}

mst_status mst__pattern_next(const mst__pattern *pattern, mst_slice text, void **match,
                             mst__search *search, mst_slice *token) {
  if (!*match) *match = pcre2_match_data_create_from_pattern(pattern->code, NULL);
  if (!*match) return MST_E_NOMEM;
  const int n = match_once(pattern, text, search, *match);
  if (n == PCRE2_ERROR_NOMATCH) {
    search->done = 1;
    return MST_OK;
  }
  if (n == PCRE2_ERROR_NOMEMORY) return MST_FAIL(MST_E_NOMEM, "no memory to match token_pattern");
  if (n < 0) {
    uint8_t words[256] = "";
    (void)pcre2_get_error_message(n, words, sizeof words);
    return MST_FAIL(MST_E_ADAPTER, "token_pattern: %s", words);
  }
  const PCRE2_SIZE *at = pcre2_get_ovector_pointer(*match);
  const int group = pattern->n_groups == 1;
  const PCRE2_SIZE *span = group ? at + 2 : at;
  const int took_part = n > group && span[0] != PCRE2_UNSET;
  *token = (mst_slice){text.ptr, 0};
  if (took_part) *token = (mst_slice){text.ptr + span[0], (int64_t)(span[1] - span[0])};
  search->was_empty = at[0] == at[1];
  search->at = (int64_t)at[1];
  return MST_OK;
}
