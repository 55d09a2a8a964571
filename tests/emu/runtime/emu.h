/* Inside the runtime: memory, reports, fibers, scheduling. The CUDA API files (api_*.c) sit on
 * top of it.
 *
 * One operating-system thread at a time is inside the emulator (emu_enter takes a lock), so its
 * state is global.
 */
#ifndef EMU_H
#define EMU_H

#include <stddef.h>

#include "emu_ptx.h"

/* memory.c: one arena of device addresses, and beside it a state for every byte and a record for
 * every word.
 */

#define EMU_SLOTS 8 /* blocks in flight at most, each with a 4 GiB window of shared memory */
#define EMU_WINDOW ((u64)1 << 32)
#define EMU_PINNED_AT ((u64)32 << 30) /* offset in the arena of pinned host memory ... */
#define EMU_GLOBAL_AT                                                                              \
  ((u64)64 << 30) /* ... of __device__ and __constant__ variables (one copy for all devices) */
#define EMU_DEVICE_AT ((u64)96 << 30)   /* ... and of each device's memory */
#define EMU_DEVICE_BYTES ((u64)1 << 40) /* addresses, never used twice */
#define EMU_DEVICES 4
#define EMU_ARENA (EMU_DEVICE_AT + EMU_DEVICES * EMU_DEVICE_BYTES)

enum {
  EMU_ABSENT = 0,
  EMU_UNSET = 1,
  EMU_SET = 2
}; /* state of a byte: no allocation, never written, written */

/* The last write and the last read of one 4-byte word; bits in check.c. */
typedef struct {
  u64 write, read;
} emu_record;

typedef enum { EMU_DEVICE, EMU_PINNED, EMU_VARIABLE, EMU_REGISTERED } emu_kind;

/* One allocation; freed ones stay in the list so that a report can name them. */
typedef struct {
  u64 address, size;
  emu_kind kind;
  int device, freed;
  u32 number;       /* the how manieth of the process */
  const char *name; /* the API call, or the variable */
} emu_allocation;

extern u64 emu_arena;            /* device address of the arena */
extern unsigned char *emu_bytes; /* host address of the arena's bytes */
extern unsigned char *emu_states;
extern emu_record *emu_records;

void emu_memory_init(void);
u64 emu_memory_new(u64 size, emu_kind kind, int device, const char *name);
void emu_memory_free(emu_allocation *allocation);
emu_allocation *emu_memory_find(u64 address); /* live or freed; NULL: none ever */
emu_allocation *emu_memory_at(size_t i); /* i-th one that a caller should free; NULL at the end */
void *emu_object_new(size_t bytes, const char *kind); /* a handle for the caller, zeroed */
bool emu_object_end(const void *object);              /* false: not alive */
void emu_object_at_exit(void);
void emu_memory_register(u64 address, u64 size);
int emu_memory_unregister(u64 address);
emu_allocation *emu_memory_registered(u64 address, u64 size);
unsigned char *
emu_host(u64 address); /* where the bytes of an arena address are; others are host addresses */
static inline bool emu_in_arena(u64 address) { return address - emu_arena < EMU_ARENA; }
/* Device memory, or a __device__ variable: what the host must not touch. */
static inline bool emu_is_device(u64 address) {
  return address - emu_arena - EMU_GLOBAL_AT < EMU_ARENA - EMU_GLOBAL_AT;
}

/* report.c: findings go to stderr; the process then ends with status 66. */

#define EMU_EXIT 66
void emu_report(const char *kind, u32 line, u64 address, u32 size, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void emu_report_host(const char *kind, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void emu_die(u32 line, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *emu_place(const emu_module *module, u32 line, char *out, size_t size);
const char *emu_readable(const char *mangled);
/* What a kernel can be excused from (declared.c). */
typedef enum { EMU_BLOCKS_TALK, EMU_STALE_SHARED } emu_excuse;
bool emu_declared(emu_excuse excuse, const char *kernel);

/* sched.c, fiber.c */

void emu_run_launch(void);
emu_block *
emu_block_of(u32 serial); /* block of the launch that has this serial, or NULL when it has ended */
u32 emu_linear_of(u32 serial);
void emu_ready(emu_thread *thread);
void emu_ready_first(emu_thread *thread);
void emu_block_thread(
    void); /* the running thread waits: others run until somebody calls emu_ready for it */
void emu_tick(emu_block *block);
u64 emu_random(void);
void emu_warp_lane_ended(emu_thread *thread);
bool emu_on_stack(u64 address, const emu_thread *thread);
bool emu_on_any_stack(u64 address);
void emu_fiber_switch(void **save, void *to);
void *emu_fiber_prepare(unsigned char *stack, size_t bytes, void (*entry)(void));

enum { EMU_NEW, EMU_READY, EMU_AT_WARP, EMU_AT_BARRIER, EMU_AT_NAMED, EMU_ENDED };

/* Called once when the process ends: unfinished streams, unseen errors. */
void emu_stream_at_exit(void);
bool emu_is_lost(void);
void emu_error_at_exit(void);

/* check.c */
void emu_check_launch(void);
void emu_check_block(emu_block *block);
void emu_check_end(u32 slots);
void emu_mark(u64 address, u64 size, int state);

/* count.c */
extern bool emu_counting;
void emu_count_access(u64 address, u32 size, u32 line, bool is_store, bool is_atomic);
void emu_count_launch(void);
void emu_count_barrier(void);
void emu_count_at_exit(void);

/* settings.c: the environment, read once */
typedef struct {
  bool random; /* MST_EMU_SCHEDULE=random:SEED */
  u64 seed;
  u32 preempt; /* MST_EMU_PREEMPT=N: yield before one access in N */
  u64 steps;   /* MST_EMU_STEPS: loop turns without any thread ending or a barrier opening */
  enum { EMU_NOW, EMU_LATE, EMU_RANDOM } async; /* MST_EMU_ASYNC=now|late|random:SEED */
  int devices, driver;                          /* MST_EMU_DEVICES, MST_EMU_DRIVER */
  u64 memory, lose;  /* MST_EMU_MEMORY bytes a device; MST_EMU_LOSE: 0 never */
  bool leaks;        /* MST_EMU_LEAKS=0 switches the report of leaks off */
  const char *count; /* MST_EMU_COUNT=FILE */
} emu_settings;
const emu_settings *emu_get_settings(void);

#endif
