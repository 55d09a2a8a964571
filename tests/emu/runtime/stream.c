/* Streams: each is a queue; MST_EMU_ASYNC says when its operations run.
 *
 * now     at the call (default)
 * late    when the API forces them: a synchronisation of the stream, of an event or of the device,
 *         a blocking copy. A device synchronisation runs the stream with the youngest head first.
 * random  at every call some ready operations of random streams run.
 *
 * Order inside a stream is the order of the calls. The default stream waits for all older work of
 * blocking streams and they wait for its older work; cudaStreamWaitEvent waits for the record
 * that was the last one at its call. Nothing else orders two streams: that is why a missing wait
 * shows.
 */
#include "api.h"

#include <stdlib.h>
#include <time.h>

static struct CUstream_st default_streams[64]; /* one a device */
static cudaStream_t all_streams;               /* every stream ever made, youngest first */
static u64 sequence;
static int n_streams;

cudaStream_t emu_stream(cudaStream_t stream) {
  if (stream == NULL || stream == cudaStreamLegacy || stream == cudaStreamPerThread) {
    cudaStream_t s = &default_streams[emu_current_device()];
    s->device = emu_current_device();
    return s;
  }
  for (cudaStream_t s = all_streams; s; s = s->next) {
    if (s == stream) {
      if (!s->destroyed) return s;
      emu_report_host("stream", "stream %d is used after cudaStreamDestroy", s->number);
      return NULL;
    }
  }
  return NULL;
}

static bool is_default(const struct CUstream_st *s) {
  return s >= default_streams && s < default_streams + 64;
}

/* Whether the stream has run everything up to a sequence number. */
bool emu_stream_idle(cudaStream_t stream, u64 until) {
  return !stream->first || stream->first->sequence > until;
}

/* A stream whose head must run before the head of `stream` may; NULL: it may run. */
static cudaStream_t blocker(cudaStream_t stream) {
  const emu_operation *head = stream->first;
  if (head->kind == OP_WAIT && head->after && !emu_stream_idle(head->after, head->target))
    return head->after;
  if (is_default(stream)) {
    for (cudaStream_t s = all_streams; s; s = s->next) {
      if (s->device == stream->device && !s->non_blocking && !emu_stream_idle(s, head->sequence))
        return s;
    }
  } else if (!stream->non_blocking &&
             !emu_stream_idle(&default_streams[stream->device], head->sequence)) {
    return &default_streams[stream->device];
  }
  return NULL;
}

static void run_head(cudaStream_t stream) {
  emu_operation *head = stream->first;
  stream->first = head->next;
  if (!stream->first) stream->last = NULL;
  emu_execute(head);
  stream->done = head->sequence;
  free(head->data);
  free(head);
}

static void run_until(cudaStream_t stream, u64 until) {
  while (!emu_stream_idle(stream, until)) {
    cudaStream_t other = blocker(stream);
    if (other) {
      run_until(other, stream->first->kind == OP_WAIT && other == stream->first->after
                           ? stream->first->target
                           : stream->first->sequence);
    } else {
      run_head(stream);
    }
  }
}

static cudaError_t answer(void) { return emu_is_lost() ? emu_device_ready() : cudaSuccess; }

cudaError_t emu_stream_finish(cudaStream_t stream) {
  run_until(stream, ~(u64)0);
  return answer();
}

static cudaStream_t pending(int device, bool youngest) {
  cudaStream_t best = NULL;
  u32 n = 0;
  for (int i = 0; i < 64; i++) {
    cudaStream_t s = &default_streams[i];
    if (s->first && (device < 0 || s->device == device) && !blocker(s)) best = s, n++;
  }
  for (cudaStream_t s = all_streams; s; s = s->next) {
    if (!s->first || (device >= 0 && s->device != device) || blocker(s)) continue;
    n++;
    if (!best || (youngest ? s->first->sequence > best->first->sequence : emu_random() % n == 0))
      best = s;
  }
  return best;
}

/* Everything of one device (or of all: -1). */
cudaError_t emu_finish_all(int device) {
  for (;;) {
    cudaStream_t s = pending(device, emu_get_settings()->async != EMU_RANDOM);
    if (!s && device >= 0) s = pending(-1, true); /* waits for work of another device */
    bool left = false;
    for (int i = 0; i < 64; i++)
      left |= default_streams[i].first && (device < 0 || default_streams[i].device == device);
    for (cudaStream_t t = all_streams; t; t = t->next)
      left |= t->first && (device < 0 || t->device == device);
    if (!left || !s) return answer();
    run_head(s);
  }
}

/* Random progress, at every call of the API. */
void emu_stream_step(void) {
  if (emu_get_settings()->async != EMU_RANDOM) return;
  while (emu_random() % 3 == 0) {
    cudaStream_t s = pending(-1, false);
    if (!s) return;
    run_head(s);
  }
}

cudaError_t emu_enqueue(cudaStream_t stream, emu_operation operation) {
  emu_operation *copy = malloc(sizeof *copy);
  if (!copy) emu_die(0, "out of memory");
  *copy = operation;
  copy->sequence = ++sequence;
  copy->device = stream->device;
  copy->next = NULL;
  if (operation.kind == OP_RECORD) {
    operation.event->stream = stream;
    operation.event->sequence = copy->sequence;
  }
  if (stream->last) {
    stream->last->next = copy;
  } else {
    stream->first = copy;
  }
  stream->last = copy;
  if (emu_get_settings()->async == EMU_NOW) run_until(stream, ~(u64)0);
  emu_stream_step();
  return answer();
}

static cudaError_t create(cudaStream_t *out, unsigned flags) {
  cudaStream_t s = calloc(1, sizeof *s);
  if (!s) emu_die(0, "out of memory");
  s->device = emu_current_device();
  s->number = ++n_streams;
  s->non_blocking = (flags & cudaStreamNonBlocking) != 0;
  s->next = all_streams;
  *out = all_streams = s;
  return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *out) {
  EMU_ENTER();
  return create(out, 0);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned flags) {
  EMU_ENTER();
  return create(out, flags);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t *out, unsigned flags, int priority) {
  EMU_ENTER();
  (void)priority;
  return create(out, flags);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  EMU_ENTER();
  cudaStream_t s = emu_stream(stream);
  if (!s || is_default(s)) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  s->destroyed = 1; /* its pending work still runs */
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  EMU_ENTER();
  cudaStream_t s = emu_stream(stream);
  if (!s) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  return emu_error(emu_stream_finish(s), __func__);
}

/* A query lets one operation run, so that polling ends. */
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  EMU_ENTER();
  cudaStream_t s = emu_stream(stream);
  if (!s) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  if (!s->first) return cudaSuccess;
  run_until(s, s->first->sequence);
  return s->first ? cudaErrorNotReady : cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void) {
  EMU_ENTER();
  return emu_error(emu_finish_all(emu_current_device()), __func__);
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  EMU_ENTER();
  cudaStream_t s = emu_stream(stream);
  (void)flags;
  if (!s || !event || event->destroyed) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  if (!event->stream || event->stream == s) return cudaSuccess;
  return emu_error(
      emu_enqueue(
          s, (emu_operation){.kind = OP_WAIT, .after = event->stream, .target = event->sequence}),
      __func__);
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t call, void *payload) {
  EMU_ENTER();
  cudaStream_t s = emu_stream(stream);
  if (!s) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  return emu_error(
      emu_enqueue(s, (emu_operation){.kind = OP_CALL, .call = call, .payload = payload}), __func__);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *out, unsigned flags) {
  EMU_ENTER();
  (void)flags;
  *out = emu_object_new(sizeof **out, "event");
  (*out)->device = emu_current_device();
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *out) { return cudaEventCreateWithFlags(out, 0); }

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  EMU_ENTER();
  if (!event || event->destroyed) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  event->destroyed = 1;
  emu_object_end(event);
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  EMU_ENTER();
  cudaStream_t s = emu_stream(stream);
  if (!s || !event || event->destroyed) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  return emu_error(emu_enqueue(s, (emu_operation){.kind = OP_RECORD, .event = event}), __func__);
}

cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
  (void)flags;
  return cudaEventRecord(event, stream);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  EMU_ENTER();
  if (!event || event->destroyed) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  if (event->stream) run_until(event->stream, event->sequence);
  return emu_error(answer(), __func__);
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  EMU_ENTER();
  if (!event || event->destroyed) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  if (!event->stream || emu_stream_idle(event->stream, event->sequence)) return cudaSuccess;
  run_until(event->stream, event->stream->first->sequence);
  return cudaErrorNotReady;
}

cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t start, cudaEvent_t end) {
  EMU_ENTER();
  if (!start || !end || !start->stream || !end->stream)
    return emu_error(cudaErrorInvalidResourceHandle, __func__);
  if (!emu_stream_idle(start->stream, start->sequence) ||
      !emu_stream_idle(end->stream, end->sequence)) {
    return emu_error(cudaErrorNotReady, __func__);
  }
  *ms = (float)((end->seconds - start->seconds) * 1e3);
  return cudaSuccess;
}

void emu_stream_at_exit(void) {
  for (cudaStream_t s = all_streams; s; s = s->next) {
    if (s->first && !emu_is_lost()) {
      emu_report_host("unfinished",
                      "the process ends while stream %d still has work that nobody waited for",
                      s->number);
    } else if (!s->destroyed && emu_get_settings()->leaks && !emu_is_lost()) {
      emu_report_host("leak", "stream %d was never destroyed", s->number);
    }
  }
}
