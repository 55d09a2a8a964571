/* upload.cu: the two pinned blocks. */
#include "cuda/upload.cuh"

#include <string.h>

enum { MOST_BLOCK_BYTES = 1 << 23, FEWEST_BLOCK_BYTES = 1 << 10 };

mst__cuda_upload::~mst__cuda_upload() {
  if (n_bytes) (void)cudaStreamSynchronize(mst__cuda(backend)->copy);
  for (int i = 0; i < 2; i++) {
    if (block[i]) (void)cudaFreeHost(block[i]);
    if (sent[i]) (void)cudaEventDestroy(sent[i]);
  }
  if (ordered) (void)cudaEventDestroy(ordered);
}

mst_status mst__cuda_upload_open(mst__cuda_upload *u, int64_t most_bytes) {
  u->n_bytes = FEWEST_BLOCK_BYTES;
  while ((int64_t)u->n_bytes < most_bytes && u->n_bytes < MOST_BLOCK_BYTES) u->n_bytes *= 2;
  MST_TRY(MST_CUDA(cudaEventCreateWithFlags(&u->ordered, cudaEventDisableTiming)));
  for (int i = 0; i < 2; i++) {
    MST_TRY(MST_CUDA(cudaMallocHost(&u->block[i], u->n_bytes)));
    MST_TRY(MST_CUDA(cudaEventCreateWithFlags(&u->sent[i], cudaEventDisableTiming)));
  }
  return MST_OK;
}

mst_status mst__cuda_upload_begin(mst__cuda_upload *u) {
  const mst__cuda_state *s = mst__cuda(u->backend);
  MST_TRY(MST_CUDA(cudaEventRecord(u->ordered, s->stream)));
  return MST_CUDA(cudaStreamWaitEvent(s->copy, u->ordered, 0));
}

mst_status mst__cuda_upload_send(mst__cuda_upload *u, uint8_t *d_to, const uint8_t *from,
                                 int64_t n_bytes) {
  const cudaStream_t copy = mst__cuda(u->backend)->copy;
  for (int64_t done = 0; done < n_bytes;) {
    const int64_t n = min(n_bytes - done, (int64_t)u->n_bytes);
    const int i = u->next;
    MST_TRY(MST_CUDA(cudaEventSynchronize(u->sent[i]))); /* at once, if never recorded */
    memcpy(u->block[i], from + done, (size_t)n);
    MST_TRY(MST_CUDA(
        cudaMemcpyAsync(d_to + done, u->block[i], (size_t)n, cudaMemcpyHostToDevice, copy)));
    MST_TRY(MST_CUDA(cudaEventRecord(u->sent[i], copy)));
    u->next = !i;
    done += n;
  }
  return MST_OK;
}

mst_status mst__cuda_upload_wait(mst__cuda_upload *u) {
  const mst__cuda_state *s = mst__cuda(u->backend);
  MST_TRY(MST_CUDA(cudaEventRecord(u->ordered, s->copy)));
  return MST_CUDA(cudaStreamWaitEvent(s->stream, u->ordered, 0));
}
