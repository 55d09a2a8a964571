/* backend_stages.c: the stages of tokens.h, matches.h, choices.h, splices.h, counts.h and
 * logistic.h: each checks its arguments here, once for every backend, and the backend does the
 * work. */
#include "backend_table.h"
#include "misstep/alloc.h"

static mst_status missing(const char *function, const char *what) {
  return mst_failure(mst_error_set(MST_E_ARG, function, "%s: %s is missing", function, what));
}

#define REQUIRE(pointer)                                                                           \
  if (!(pointer)) return missing(__func__, #pointer)

static mst_status check_lengths(int32_t n_min, int32_t n_max) {
  if (n_min >= 1 && n_min <= n_max && n_max <= MST_NGRAM_LIMIT) return MST_OK;
  return MST_FAIL(MST_E_ARG, "n-grams of %d to %d: 1 to %d is expected", n_min, n_max,
                  MST_NGRAM_LIMIT);
}

mst_status mst_pieces_create(mst_backend *backend, const mst_text *text, mst_pieces **out) {
  REQUIRE(backend);
  REQUIRE(text);
  REQUIRE(out);
  mst_pieces *pieces = mst_alloc_zero(1, sizeof *pieces);
  if (!pieces) return MST_E_NOMEM;
  const mst_status st = mst__on(backend)->pieces_create(backend, text, pieces);
  if (st) mst_free(pieces);
  else *out = pieces;
  return st;
}

mst_status mst_tokens_create(mst_backend *backend, const mst_pieces *pieces,
                             const mst_token_options *options, mst_tokens **out) {
  REQUIRE(backend);
  REQUIRE(pieces);
  REQUIRE(options);
  REQUIRE(out);
  if (options->token_pattern && options->analyzer != MST_ANALYZER_WORD)
    return MST_FAIL(MST_E_ARG, "token_pattern belongs to the word analyzer");
  mst_tokens *tokens = mst_alloc_zero(1, sizeof *tokens);
  if (!tokens) return MST_E_NOMEM;
  const mst_status st = mst__on(backend)->tokens_create(backend, pieces, options, tokens);
  if (st) mst_free(tokens);
  else *out = tokens;
  return st;
}

mst_status mst_matches_find(mst_backend *backend, const mst_matches *matches,
                            mst_match_lists *out) {
  REQUIRE(backend);
  REQUIRE(matches);
  REQUIRE(out);
  if (matches->n_nodes < 1 || matches->n_edges < 1 || matches->n_edges & (matches->n_edges - 1))
    return MST_FAIL(MST_E_ARG, "%lld nodes, %lld edges: a root and a power of 2 are expected",
                    (long long)matches->n_nodes, (long long)matches->n_edges);
  return mst__on(backend)->matches_find(backend, matches, out);
}

void mst_match_lists_fini(mst_match_lists *lists) {
  mst_free(lists->match_ptr);
  mst_free(lists->match);
  mst_free(lists->capture_ptr);
  mst_free(lists->capture);
  *lists = (mst_match_lists){0};
}

/* Do all kinds have candidates, and fit the arrays? */
static mst_status check_program(const mst_choice_program *p) {
  if (p->n_kinds >= 0 && p->n_kinds <= MST_CHOICE_KINDS && p->n_ruled == p->n_kinds &&
      p->n_steps >= 1 && p->n_steps <= MST_CHOICE_STEPS && p->min >= 0 && p->min <= p->max &&
      p->max <= MST_CHOICE_LIMIT)
    return MST_OK;
  return MST_FAIL(MST_E_ARG,
                  "%d kinds, %d of them with candidates, %d steps, %d to %d choices: at most %d "
                  "kinds, all with candidates, 1 to %d steps, at most %d choices are expected",
                  p->n_kinds, p->n_ruled, p->n_steps, p->min, p->max, MST_CHOICE_KINDS,
                  MST_CHOICE_STEPS, MST_CHOICE_LIMIT);
}

mst_status mst_choices_draw(mst_backend *backend, const mst_choices *choices, uint8_t *n_made,
                            mst_choice *made) {
  REQUIRE(backend);
  REQUIRE(choices);
  REQUIRE(n_made);
  REQUIRE(made);
  const mst_status st = check_program(&choices->program);
  return st ? st : mst__on(backend)->choices_draw(backend, choices, n_made, made);
}

mst_status mst_splices_apply(mst_backend *backend, const mst_splices *splices, mst_pieces *out) {
  REQUIRE(backend);
  REQUIRE(splices);
  REQUIRE(out);
  return mst__on(backend)->splices_apply(backend, splices, out);
}

mst_status mst_pieces_used(mst_backend *backend, const mst_pieces *pieces, uint8_t *used) {
  REQUIRE(backend);
  REQUIRE(pieces);
  REQUIRE(used);
  return mst__on(backend)->pieces_used(backend, pieces, used);
}

mst_status mst_pieces_renumber(mst_backend *backend, mst_pieces *pieces, const uint32_t *number) {
  REQUIRE(backend);
  REQUIRE(pieces);
  REQUIRE(number);
  return mst__on(backend)->pieces_renumber(backend, pieces, number);
}

mst_status mst_items_take(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                          int64_t n_rows, const uint8_t *drop, mst_sequences *out) {
  REQUIRE(backend);
  REQUIRE(tokens);
  REQUIRE(out);
  if (!rows) n_rows = tokens->n_docs;
  return mst__on(backend)->items_take(backend, tokens, rows, n_rows, drop, out);
}

mst_status mst_items_words(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                           int64_t n_rows, mst_sequences *out, mst_strings *spelling) {
  REQUIRE(backend);
  REQUIRE(tokens);
  REQUIRE(out);
  REQUIRE(spelling);
  if (!rows) n_rows = tokens->n_docs;
  return mst__on(backend)->items_words(backend, tokens, rows, n_rows, out, spelling);
}

void mst_items_free(mst_backend *backend, mst_sequences *items) {
  mst_backend_free(backend, (void *)items->ptr);
  mst_backend_free(backend, (void *)items->id);
  *items = (mst_sequences){0};
}

mst_status mst_items_copy(mst_backend *backend, const mst_sequences *items, mst_grams *grams) {
  REQUIRE(backend);
  REQUIRE(items);
  REQUIRE(grams);
  return mst__on(backend)->items_copy(backend, items, grams);
}

mst_status mst_ngrams_rank(mst_backend *backend, const mst_sequences *items, int32_t n_min,
                           int32_t n_max, int whole, mst_grams *grams, mst_gram_table *table) {
  REQUIRE(backend);
  REQUIRE(items);
  REQUIRE(grams);
  REQUIRE(table);
  const mst_status st = check_lengths(n_min, n_max);
  return st ? st : mst__on(backend)->ngrams_rank(backend, items, n_min, n_max, whole, grams, table);
}

mst_status mst_ngrams_find(mst_backend *backend, const mst_sequences *items,
                           const mst_gram_tree *tree, const int32_t *unit_map, int32_t n_min,
                           int32_t n_max, int whole, mst_grams *grams) {
  REQUIRE(backend);
  REQUIRE(items);
  REQUIRE(tree);
  REQUIRE(unit_map);
  REQUIRE(grams);
  const mst_status st = check_lengths(n_min, n_max);
  return st ? st
            : mst__on(backend)->ngrams_find(backend, items, tree, unit_map, n_min, n_max, whole,
                                            grams);
}

mst_status mst_grams_remap(mst_backend *backend, mst_grams *grams, const int32_t *map,
                           int64_t n_terms) {
  REQUIRE(backend);
  REQUIRE(grams);
  REQUIRE(map);
  return mst__on(backend)->grams_remap(backend, grams, map, n_terms);
}

mst_status mst_rows_longest(mst_backend *backend, const mst_rows *rows, int64_t *longest) {
  REQUIRE(backend);
  REQUIRE(rows);
  REQUIRE(longest);
  return mst__on(backend)->rows_longest(backend, rows, longest);
}

mst_status mst_rows_count(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                          int64_t *row_ptr, int64_t *n_entries, int64_t *doc_freq,
                          int64_t *term_freq) {
  REQUIRE(backend);
  REQUIRE(rows);
  REQUIRE(row_ptr);
  REQUIRE(n_entries);
  if (rows->n_rows > UINT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^32-1 rows at once");
  return mst__on(backend)->rows_count(backend, rows, n_terms, row_ptr, n_entries, doc_freq,
                                      term_freq);
}

mst_status mst_rows_fill(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                         int64_t n_entries, const mst_weighing *weighing, mst_csr *counts,
                         mst_csr *x) {
  REQUIRE(backend);
  REQUIRE(rows);
  REQUIRE(weighing);
  if (!counts && !x) return MST_FAIL(MST_E_ARG, "neither counts nor weights are wanted");
  return mst__on(backend)->rows_fill(backend, rows, n_terms, n_entries, weighing, counts, x);
}

mst_status mst_counts_weigh(mst_backend *backend, const mst_csr *counts,
                            const mst_weighing *weighing, mst_dtype dtype, mst_csr *x) {
  REQUIRE(backend);
  REQUIRE(counts);
  REQUIRE(weighing);
  REQUIRE(x);
  return mst__on(backend)->counts_weigh(backend, counts, weighing, dtype, x);
}

mst_status mst_counts_by_class(mst_backend *backend, const mst_csr *counts, const int32_t *label,
                               int32_t n_classes, int64_t *observed, int64_t *rows_of) {
  REQUIRE(backend);
  REQUIRE(counts);
  REQUIRE(observed);
  REQUIRE(rows_of);
  return mst__on(backend)->counts_by_class(backend, counts, label, n_classes, observed, rows_of);
}

mst_status mst_logistic_fit_on(mst_backend *backend, const mst_logistic_problem *problem,
                               const mst_logistic_options *options,
                               const mst_logistic_result *result, char *device) {
  REQUIRE(backend);
  REQUIRE(device);
  const mst_status st = mst_logistic_check(problem, options, result);
  return st ? st : mst__on(backend)->logistic_fit(backend, problem, options, result, device);
}
