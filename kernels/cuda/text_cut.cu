/* text_cut.cu: where the pieces of a text begin.
 *
 * Every byte decides alone whether a piece begins at it: where the class of its code point differs
 * from that of the byte before, or a document begins. Whether U+0020 is a lone space (a flag of the
 * piece before it, not a piece) depends on its two neighbours only. So the cut is parallel by
 * bytes: loads are whole and in order, and one document of a gigabyte costs what a million short
 * ones do. (A thread or a warp per document reads the same bytes in strides and waits for the
 * longest document; there is no length of text at which it does less.)
 *
 * text_cut_kernel      thread per 8 bytes, block 256: per byte 1 (text) + 1/8 (documents) read, 2/8
 *                 written; class table (64 KiB, cached) and ranges for what is not ASCII. A warp is
 *                 a strip of 256 bytes; neighbours' bytes come by shuffles.
 */
#include "cuda/intern.cuh"

#include "base/unicode.h"

enum { BLOCK = 256, GROUP = 8, WARP = 32, WARPS = BLOCK / WARP };

static_assert(GROUP * WARP == MST__STRIP, "a warp cuts one strip");

/* How code points are classified; ascii: bit c of words says that c is a word character. */
typedef struct classes {
  uint64_t words[2], spaces[2];
  const uint8_t *bmp;
  const mst__class_range *range;
  int n_ranges;
} classes;

__device__ static int class_of_ascii(const classes &c, uint32_t b) {
  if (c.words[b >> 6] >> (b & 63) & 1) return MST_PIECE_WORD;
  return c.spaces[b >> 6] >> (b & 63) & 1 ? MST_PIECE_SPACE : MST_PIECE_OTHER;
}

__device__ static int class_in_ranges(const classes &c, int32_t cp) {
  int low = 0, high = c.n_ranges;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (c.range[middle].last < cp) low = middle + 1;
    else high = middle;
  }
  return low < c.n_ranges && c.range[low].first <= cp ? c.range[low].kind : MST_PIECE_OTHER;
}

/* Class of the code point whose bytes are the lowest of quad, the first lowest. */
__device__ static int class_of(const classes &c, uint32_t quad) {
  if ((quad & 0x80) == 0) return class_of_ascii(c, quad & 0x7f);
  const uint8_t bytes[4] = {(uint8_t)quad, (uint8_t)(quad >> 8), (uint8_t)(quad >> 16),
                            (uint8_t)(quad >> 24)};
  int n;
  const int32_t cp = mst_body_decode(bytes, bytes + 4, &n);
  return cp < 0x10000 ? c.bmp[cp] : class_in_ranges(c, cp);
}

__device__ static int is_inside(uint64_t byte) { return (byte & 0xc0) == 0x80; }

/* 8 bytes of the text, what lies around them, and where documents begin. */
typedef struct window {
  uint64_t before, here, after;
  uint32_t docs; /* bit k: a document begins at byte k, 0 <= k <= 8 */
} window;

/* Bytes k .. k+3 of a window, 0 <= k <= 8. */
__device__ static uint32_t quad_at(const window &w, int k) {
  if (k == 0) return (uint32_t)w.here;
  if (k == GROUP) return (uint32_t)w.after;
  return (uint32_t)(w.here >> 8 * k | w.after << (64 - 8 * k));
}

/* Class of the code point that the byte before the window belongs to. */
__device__ static int class_before(const classes &c, const window &w) {
  int k = 1;
  while (k < 4 && is_inside(w.before >> (64 - 8 * k))) k++;
  return class_of(c, (uint32_t)(w.before >> (64 - 8 * k) | w.here << 8 * k));
}

/* Load a thread's window; before and after come from the neighbours. All lanes of a warp. */
__device__ static window load(const uint64_t *text, const uint8_t *docs, int64_t g,
                              int64_t n_groups) {
  const int lane = (int)(threadIdx.x % WARP);
  window w;
  w.here = text[g];
  w.docs = docs[g];
  w.before = __shfl_up_sync(~0u, w.here, 1);
  w.after = __shfl_down_sync(~0u, w.here, 1);
  uint32_t next = __shfl_down_sync(~0u, w.docs, 1);
  if (lane == 0) w.before = g ? text[g - 1] : 0;
  if (lane == WARP - 1) {
    w.after = g + 1 < n_groups ? text[g + 1] : 0;
    next = g + 1 < n_groups ? docs[g + 1] : 0;
  }
  w.docs |= (next & 1) << GROUP;
  return w;
}

/* Bits of the pieces that begin in a window (low byte) and of all borders (next byte). n: bytes of
 * the text from the window's first on, at most 9 that matter. */
__device__ static uint32_t cut_window(const classes &c, const window &w, int64_t n) {
  uint32_t begin = 0, border = 0;
  int last = class_before(c, w), kind = is_inside(w.here) ? last : class_of(c, quad_at(w, 0));
#pragma unroll
  for (int k = 0; k < GROUP; k++) {
    const uint32_t quad = quad_at(w, k), doc = w.docs >> k & 1, doc_next = w.docs >> (k + 1) & 1;
    const uint32_t follows = quad_at(w, k + 1);
    const int next = is_inside(follows) ? kind : class_of(c, follows);
    const int starts = doc || kind != last;
    const int lone =
        starts && !doc && (quad & 0xff) == ' ' && (doc_next || next != MST_PIECE_SPACE);
    if (k < n) begin |= (uint32_t)(starts && !lone) << k;
    if (k < n) border |= (uint32_t)starts << k;
    if (k == n) border |= 1u << k;
    last = kind;
    kind = next;
  }
  return begin | border << 8;
}

__global__ void __launch_bounds__(BLOCK)
    text_cut_kernel(const __grid_constant__ classes c, const uint64_t *text, int64_t n_bytes,
                    int64_t n_strips, const uint8_t *docs, uint8_t *begin, uint8_t *border,
                    int32_t *strip_count) {
  const int64_t strip = (int64_t)blockIdx.x * WARPS + threadIdx.x / WARP;
  const int lane = (int)(threadIdx.x % WARP);
  if (strip >= n_strips) return;
  const int64_t g = strip * WARP + lane;
  const window w = load(text, docs, g, n_strips * WARP);
  const uint32_t bits = cut_window(c, w, n_bytes - g * GROUP);
  begin[g] = (uint8_t)bits;
  border[g] = (uint8_t)(bits >> 8);
  int n = __popc(bits & 0xff);
  for (int step = WARP / 2; step; step /= 2) n += __shfl_down_sync(~0u, n, step);
  if (lane == 0) strip_count[strip] = n;
}

static classes classes_of(const mst_backend *backend) {
  const mst__cuda_state *s = mst__cuda(backend);
  const uint8_t *bmp = mst__unicode_bmp();
  classes c = {};
  for (int b = 0; b < 128; b++) {
    if (bmp[b] == MST_PIECE_WORD) c.words[b >> 6] |= (uint64_t)1 << (b & 63);
    if (bmp[b] == MST_PIECE_SPACE) c.spaces[b >> 6] |= (uint64_t)1 << (b & 63);
  }
  c.bmp = s->d_bmp;
  c.range = s->d_ranges;
  c.n_ranges = s->n_ranges;
  return c;
}

mst_status mst__cuda_text_cut(mst_backend *backend, const mst__cuda_cut *cut,
                              const uint32_t *d_docs, uint32_t *d_begin, uint32_t *d_border,
                              int32_t *d_strip_count) {
  return MST_LAUNCH(backend, text_cut_kernel, mst__cuda_blocks(cut->n_strips, WARPS), BLOCK,
                    classes_of(backend), reinterpret_cast<const uint64_t *>(cut->d_bytes),
                    cut->n_bytes, cut->n_strips, reinterpret_cast<const uint8_t *>(d_docs),
                    reinterpret_cast<uint8_t *>(d_begin), reinterpret_cast<uint8_t *>(d_border),
                    d_strip_count);
}
