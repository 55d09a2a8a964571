/* What translated kernels and the runtime share: the running thread, checked memory, barriers,
 * module tables.
 *
 * A CUDA thread is a fiber; emu_self is the one that runs. Device addresses lie in one arena
 * (memory.c) and are not host addresses: every access asks the checker (check.c), which answers
 * with the host address of the bytes.
 */
#ifndef EMU_PTX_H
#define EMU_PTX_H

#include "emu_arith.h"

#define EMU_WARP 32

typedef struct emu_block emu_block;
typedef struct emu_module emu_module;

/* One CUDA thread; what a switch and a warp operation touch fills its first cache line. */
typedef struct {
  _Alignas(64) void *stack_pointer; /* where it stopped; meaningless while it runs */
  emu_block *block;
  u64 value, result;
  u32 mask, operation, from;
  u32 clock; /* the block's clock at this thread's last synchronisation: stamps its accesses */
  u32 lin;   /* place in the block: x fastest */
  u32 line;  /* PTX line where it waits */
  u32 state;
  unsigned char *stack; /* lowest address; NULL before the first and after the last turn */
  u32 tid[3];           /* x, y, z */
  u32 spins;            /* strong reads and atomics so far: it must let others run now and then */
} emu_thread;

/* A warp's waiting lanes and what its lanes know of each other's progress. */
typedef struct {
  u32 alive, waiting;
  u32 all_known;     /* every lane knows every other lane's accesses before this clock */
  u32 known[32][32]; /* [lane][other]: the same after partial synchronisations ... */
  u32 known_valid;   /* ... for the lanes of this mask */
} emu_warp_state;

/* One block in flight. */
struct emu_block {
  u64 shared_base; /* device address of its shared window (4 GiB) */
  u32 index[3];
  u32 serial; /* number of this block since the process began: stamps accesses */
  u32 linear; /* index as one number, x fastest */
  u32 n_threads, n_alive;
  u32 clock, base; /* ticks at every synchronisation; base: its value at the last block barrier */
  u32 bar_arrived, bar_line;
  int bar_kind, bar_value;
  struct {
    u32 arrived, need;
  } named[16];
  emu_warp_state warps[32];
  emu_thread threads[1024];
};

typedef struct {
  u32 offset, size;
  const char *name;
} emu_span;

/* A kernel of a module. */
typedef struct {
  const char *name;
  void (*run)(unsigned char *params);
  const emu_span *params;
  u32 n_params;
  const emu_span *shared; /* static shared variables: offset in the window, size, name */
  u32 n_shared, shared_bytes, max_threads;
  const emu_module *module;
} emu_kernel;

typedef struct {
  u32 offset;
  const u64 *target;
  s64 addend;
} emu_move;

/* A __device__ or __constant__ variable: *address is set when the module is registered. */
typedef struct {
  const char *name;
  u64 *address;
  u64 size;
  u32 align;
  const void *image; /* NULL: zeros */
  int is_constant;
  const emu_move *moves;
  u32 n_moves;
} emu_variable;

struct emu_module {
  const char *name;
  const emu_kernel *kernels;
  u32 n_kernels;
  const emu_variable *variables;
  u32 n_variables;
  const unsigned (*places)[5]; /* PTX line, file, line, and where that was inlined (0: nowhere) */
  u32 n_places;
  const char *const *files;
  u32 architecture;   /* 90 for sm_90 */
  u32 dynamic_shared; /* offset of dynamic shared memory in the window */
};

/* The launch that runs. */
typedef struct {
  const emu_kernel *kernel;
  u32 grid[3], block[3];
  u32 n_threads, dynamic_bytes;
  u64 n_blocks;
  u32 first_serial;
  int device;
  unsigned char *params;
} emu_launch_state;

extern emu_thread *emu_self;
extern emu_launch_state emu_launch_now;

void **emu_register(const emu_module *module);

/* Host address of `size` bytes at a device address, after checks. size 1 2 4 8 16, line of the
 * PTX. strong: volatile, relaxed, acquire, release; atomic: read and written at once. After a
 * report the address is that of scratch bytes, so that the run goes on.
 */
unsigned char *emu_load(u64 address, u32 size, u32 line);
unsigned char *emu_store(u64 address, u32 size, u32 line);
unsigned char *emu_load_strong(u64 address, u32 size, u32 line);
unsigned char *emu_store_strong(u64 address, u32 size, u32 line);
unsigned char *emu_atomic(u64 address, u32 size, u32 line);
unsigned char *emu_local(u64 address, u32 size, u32 line, u64 begin, u64 bytes);
bool emu_is_space(u64 address, char space);

enum {
  EMU_SYNC,
  EMU_BALLOT,
  EMU_ANY,
  EMU_ALL,
  EMU_UNI,
  EMU_SHUFFLE,
  EMU_MATCH_ANY,
  EMU_MATCH_ALL,
  EMU_REDUCE_ADD,
  EMU_REDUCE_MIN,
  EMU_REDUCE_MAX,
  EMU_REDUCE_AND,
  EMU_REDUCE_OR,
  EMU_REDUCE_XOR
};
u64 emu_warp(u32 operation, u32 mask, u64 value, u32 from, u32 line);
void emu_warp_sync(u32 mask, u32 line);
u32 emu_shuffle_source(char mode, u32 b, u32 c, bool *in);
u32 emu_barrier(int kind, u32 value, u32 line); /* kind: 0 sync, 1 count, 2 and, 3 or */
void emu_named_barrier(u32 id, u32 count, int arrive, u32 line);
void emu_yield(void);
void emu_turn_slow(u32 line);
u64 emu_clock(void);
u32 emu_multiprocessor(void);
_Noreturn void emu_trap(u32 line);
void emu_vprintf(unsigned char *result, unsigned char *format, unsigned char *arguments, u32 line);
_Noreturn void emu_assertfail(unsigned char *result, unsigned char *message, unsigned char *file,
                              unsigned char *line, unsigned char *function, unsigned char *size,
                              u32 ptx_line);

/* One turn of a loop: an endless one must be noticed. */
extern u64 emu_turns_left;
static inline void emu_turn(u32 line) {
  if (--emu_turns_left == 0) emu_turn_slow(line);
}

#endif
