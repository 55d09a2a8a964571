/* match.cu: finds the matches of documents, as cpu/match.c does.
 *
 * match_count_kernel, match_write_kernel  block 128, 4 to a multiprocessor (left to itself the
 *                compiler spills); a thread a document; per unit some 24 read and its type, 32; per
 *                edge that is followed 16 of its node and 8 of the table; the places to go back to,
 *                16 bytes each, are a thread's local memory. The second one walks again, and writes
 *                48 a match and 12 a capture
 * To the device the trie (16 a node, 32 a pattern, 12 an edge), 32 a distinct piece, 24 a unit and
 * a token, and the texts; to the host the matches. Launches: 2 and two scans.
 */
#include "cuda/counts.cuh"

#include "body/match.h"

enum { MATCH_BLOCK = 128 };

/* Document d, to be searched. */
__device__ static inline mst_body_matching matching(const mst_matches *s, int64_t d) {
  mst_body_matching m;
  m.s = s;
  m.text = s->text + s->text_start[d];
  m.unit = s->unit + s->unit_ptr[d];
  m.n_units = (int32_t)(s->unit_ptr[d + 1] - s->unit_ptr[d]);
  m.token = s->token + s->token_ptr[d];
  m.label = s->label[d];
  m.any_label = s->any_label[d];
  m.match = NULL;
  m.capture = NULL;
  m.room = m.capture_room = 0;
  return m;
}

__global__ void __launch_bounds__(MATCH_BLOCK, 4)
    match_count_kernel(const __grid_constant__ mst_matches s, int64_t *n_matches,
                       int64_t *n_captures) {
  const int64_t d = (int64_t)blockIdx.x * MATCH_BLOCK + threadIdx.x;
  if (d >= s.n_docs) return;
  mst_body_matching m = matching(&s, d);
  mst_body_match_all(&m);
  n_matches[d] = m.n;
  n_captures[d] = m.n_captures;
}

__global__ void __launch_bounds__(MATCH_BLOCK, 4)
    match_write_kernel(const __grid_constant__ mst_matches s, const int64_t *match_ptr,
                       const int64_t *capture_ptr, mst_match *match, mst_capture *capture) {
  const int64_t d = (int64_t)blockIdx.x * MATCH_BLOCK + threadIdx.x;
  if (d >= s.n_docs) return;
  mst_body_matching m = matching(&s, d);
  m.match = match + match_ptr[d];
  m.room = match_ptr[d + 1] - match_ptr[d];
  m.capture = capture + capture_ptr[d];
  m.capture_room = capture_ptr[d + 1] - capture_ptr[d];
  mst_body_match_all(&m);
}

/* The arrays of matches on the device. */
typedef struct match_arrays {
  mst__cuda_scratch<mst_match_node> node;
  mst__cuda_scratch<mst_match_wild> wild;
  mst__cuda_scratch<mst_match_entry> entry;
  mst__cuda_scratch<mst_match_rule> rule;
  mst__cuda_scratch<uint64_t> edge_key, label;
  mst__cuda_scratch<int32_t> edge_child;
  mst__cuda_scratch<int64_t> suffix_start, text_start, unit_ptr, token_ptr;
  mst__cuda_scratch<uint8_t> suffix, text, any_label;
  mst__cuda_scratch<mst_match_type> type;
  mst__cuda_scratch<mst_match_lexical> lexical;
  mst__cuda_scratch<mst_match_lex> lex;
  mst__cuda_scratch<mst_match_unit> unit;
  mst__cuda_scratch<mst_match_token> token;

  explicit match_arrays(mst_backend *backend)
      : node(backend), wild(backend), entry(backend), rule(backend), edge_key(backend),
        label(backend), edge_child(backend), suffix_start(backend), text_start(backend),
        unit_ptr(backend), token_ptr(backend), suffix(backend), text(backend), any_label(backend),
        type(backend), lexical(backend), lex(backend), unit(backend), token(backend) {}
} match_arrays;

/* Send an array; *to becomes the device's. */
template <typename T>
static mst_status send(mst__cuda_scratch<T> *scratch, const T *host, int64_t n, const T **to) {
  MST_TRY(mst__cuda_send_array(scratch, host, n));
  *to = scratch->ptr;
  return MST_OK;
}

static mst_status send_rules(const mst_matches *s, match_arrays *a, mst_matches *to) {
  MST_TRY(send(&a->node, s->node, s->n_nodes, &to->node));
  MST_TRY(send(&a->wild, s->wild, s->n_wilds, &to->wild));
  MST_TRY(send(&a->entry, s->entry, s->n_entries, &to->entry));
  MST_TRY(send(&a->rule, s->rule, s->n_rules, &to->rule));
  MST_TRY(send(&a->edge_key, s->edge_key, s->n_edges, &to->edge_key));
  MST_TRY(send(&a->edge_child, s->edge_child, s->n_edges, &to->edge_child));
  MST_TRY(send(&a->suffix_start, s->suffix_start, s->n_suffixes + 1, &to->suffix_start));
  MST_TRY(send(&a->suffix, s->suffix, s->suffix_start[s->n_suffixes], &to->suffix));
  MST_TRY(send(&a->type, s->type, s->n_types, &to->type));
  if (!s->lexical) return MST_OK;
  MST_TRY(send(&a->lexical, s->lexical, s->n_types, &to->lexical));
  return send(&a->lex, s->lex, s->n_lex, &to->lex);
}

static mst_status send_documents(const mst_matches *s, match_arrays *a, mst_matches *to) {
  const int64_t n = s->n_docs;
  MST_TRY(send(&a->text, s->text, s->text_start[n], &to->text));
  MST_TRY(send(&a->text_start, s->text_start, n + 1, &to->text_start));
  MST_TRY(send(&a->unit_ptr, s->unit_ptr, n + 1, &to->unit_ptr));
  MST_TRY(send(&a->unit, s->unit, s->unit_ptr[n], &to->unit));
  MST_TRY(send(&a->token_ptr, s->token_ptr, n + 1, &to->token_ptr));
  MST_TRY(send(&a->token, s->token, s->token_ptr[n], &to->token));
  MST_TRY(send(&a->label, s->label, n, &to->label));
  return send(&a->any_label, s->any_label, n, &to->any_label);
}

/* Count, write, bring to the host. */
static mst_status find(mst_backend *backend, const mst_matches *s, mst_match_lists *out) {
  mst__cuda_scratch<int64_t> match_ptr(backend), capture_ptr(backend);
  mst__cuda_scratch<mst_match> match(backend);
  mst__cuda_scratch<mst_capture> capture(backend);
  const int64_t n = s->n_docs, n_blocks = mst__cuda_blocks(n, MATCH_BLOCK);
  int64_t n_matches = 0, n_captures = 0;
  MST_TRY(match_ptr.alloc(n + 1));
  MST_TRY(capture_ptr.alloc(n + 1));
  MST_TRY(MST_LAUNCH(backend, match_count_kernel, n_blocks, MATCH_BLOCK, *s, match_ptr.ptr,
                     capture_ptr.ptr));
  MST_TRY(mst__cuda_sum_up(backend, match_ptr.ptr, n, &n_matches));
  MST_TRY(mst__cuda_sum_up(backend, capture_ptr.ptr, n, &n_captures));
  MST_TRY(match.alloc(n_matches));
  MST_TRY(capture.alloc(n_captures));
  MST_TRY(MST_LAUNCH(backend, match_write_kernel, n_blocks, MATCH_BLOCK, *s, match_ptr.ptr,
                     capture_ptr.ptr, match.ptr, capture.ptr));
  MST_TRY(mst__cuda_fetch_array(backend, match_ptr.ptr, n + 1, &out->match_ptr));
  MST_TRY(mst__cuda_fetch_array(backend, match.ptr, n_matches, &out->match));
  MST_TRY(mst__cuda_fetch_array(backend, capture_ptr.ptr, n + 1, &out->capture_ptr));
  return mst__cuda_fetch_array(backend, capture.ptr, n_captures, &out->capture);
}

mst_status mst__cuda_matches_find(mst_backend *backend, const mst_matches *matches,
                                  mst_match_lists *out) {
  match_arrays a(backend);
  mst_matches s = *matches;
  mst_match_lists lists = {matches->n_docs, NULL, NULL, NULL, NULL};
  MST_TRY(send_rules(matches, &a, &s));
  MST_TRY(send_documents(matches, &a, &s));
  const mst_status st = find(backend, &s, &lists);
  if (st) mst_match_lists_fini(&lists);
  else *out = lists;
  return st;
}
