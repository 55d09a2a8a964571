/* upload.cuh: large arrays on their way to the device while it works. Internal.
 *
 * Bytes go through two pinned blocks on state->copy: while one is being sent, the host fills the
 * other. Next stage: whatever waits on the stream for `arrived`.
 */
#ifndef MISSTEP_CUDA_UPLOAD_CUH
#define MISSTEP_CUDA_UPLOAD_CUH

#include "cuda/device.cuh"

typedef struct mst__cuda_upload {
  mst_backend *backend;
  uint8_t *block[2];   /* pinned; NULL before the first use */
  cudaEvent_t sent[2]; /* what is in the block has left it */
  cudaEvent_t ordered; /* one stream's place that the other waits for */
  size_t n_bytes;      /* of a block */
  int next;            /* block to fill next */

  explicit mst__cuda_upload(mst_backend *backend)
      : backend(backend), block(), sent(), ordered(NULL), n_bytes(0), next(0) {}
  mst__cuda_upload(const mst__cuda_upload &) = delete;
  mst__cuda_upload &operator=(const mst__cuda_upload &) = delete;
  ~mst__cuda_upload();
} mst__cuda_upload;

/* Make the blocks; no upload of this object is larger than most_bytes. MST_E_NOMEM,
 * MST_E_DEVICE. */
mst_status mst__cuda_upload_open(mst__cuda_upload *u, int64_t most_bytes);

/* What is sent from now on may overwrite what the work put on the stream so far still reads:
 * sending waits for that work, and for none that is put there later. MST_E_DEVICE. */
mst_status mst__cuda_upload_begin(mst__cuda_upload *u);

/* Send n_bytes to d_to. Returns when the bytes at `from` have been read. MST_E_DEVICE. */
mst_status mst__cuda_upload_send(mst__cuda_upload *u, uint8_t *d_to, const uint8_t *from,
                                 int64_t n_bytes);

/* Let what is put on the stream from now on wait for all that was sent. MST_E_DEVICE. */
mst_status mst__cuda_upload_wait(mst__cuda_upload *u);

#endif
