/* Runs a launch: its blocks in groups, their threads as fibers, block barriers.
 *
 * In order: one block at a time, threads by number, each until it must wait. Random: up to
 * EMU_SLOTS blocks in flight, started in shuffled order inside their group, the next thread drawn
 * from all that can run. A group ends before the next begins, as on a device that is that small;
 * a block that waits for an earlier one (CUB's look-back) therefore always gets its answer.
 *
 * A thread that has not started has no stack. A fiber whose thread ends takes the next new thread
 * over, so kernels without barriers run all their threads on one warm stack.
 */
#include "emu.h"

#include <stdlib.h>
#include <sys/mman.h>

#define STACK_BYTES ((size_t)128 << 10)
#define N_STACKS (EMU_SLOTS * 1024)
#define RING (2 * N_STACKS)

emu_thread *emu_self;
emu_launch_state emu_launch_now;
u64 emu_turns_left;

static emu_block blocks[EMU_SLOTS];
static u32 serial_of_slot[EMU_SLOTS], *linear_of_order;
static emu_thread *ring[RING];
static u32 ring_head, ring_tail;
static unsigned char *stacks, *guarded_end, *free_stacks[N_STACKS];
static u32 n_free_stacks;
static void *main_stack_pointer;
static u64 alive_threads;

u64 emu_random(void) {
  static u64 state;
  if (!state) state = emu_get_settings()->seed * 0x9E3779B97F4A7C15u + 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state >> 11;
}

void emu_ready(emu_thread *thread) {
  if (thread->state != EMU_NEW) thread->state = EMU_READY;
  ring[ring_tail++ % RING] = thread;
}

/* Before all others: a warp goes on while its stacks are warm. */
void emu_ready_first(emu_thread *thread) {
  thread->state = EMU_READY;
  ring[--ring_head % RING] = thread;
}

static emu_thread *pick(void) {
  if (ring_head == ring_tail) return NULL;
  if (emu_get_settings()->random) {
    const u32 other = ring_head + (u32)(emu_random() % (ring_tail - ring_head));
    emu_thread *swap = ring[ring_head % RING];
    ring[ring_head % RING] = ring[other % RING];
    ring[other % RING] = swap;
  }
  return ring[ring_head++ % RING];
}

static void progress(void) { emu_turns_left = emu_get_settings()->steps; }

static unsigned char *take_stack(void) {
  if (!stacks) {
    stacks = mmap(NULL, N_STACKS * STACK_BYTES, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks == MAP_FAILED) emu_die(0, "no room for the stacks of %d threads", N_STACKS);
    for (u32 i = N_STACKS; i-- > 0;) free_stacks[n_free_stacks++] = stacks + i * STACK_BYTES;
  }
  unsigned char *stack = free_stacks[--n_free_stacks];
  if (stack >=
      guarded_end) { /* first use, in ascending order: its lowest page catches an overflow */
    mprotect(stack, 4096, PROT_NONE);
    guarded_end = stack + STACK_BYTES;
  }
  return stack;
}

bool emu_on_any_stack(u64 address) {
  return stacks && address - (u64)(uintptr_t)stacks < N_STACKS * STACK_BYTES;
}

bool emu_on_stack(u64 address, const emu_thread *thread) {
  return address - (u64)(uintptr_t)thread->stack < STACK_BYTES;
}

static void thread_ended(emu_thread *thread) {
  emu_block *block = thread->block;
  thread->state = EMU_ENDED;
  alive_threads--;
  block->n_alive--;
  progress();
  if (block->bar_arrived) {
    emu_die(block->bar_line,
            "barrier: %u threads wait at it while thread %u ends without reaching it",
            block->bar_arrived, thread->lin);
  }
  emu_warp_lane_ended(thread);
}

/* Body of every fiber. */
static void fiber_main(void) {
  for (;;) {
    emu_launch_now.kernel->run(emu_launch_now.params);
    thread_ended(emu_self);
    emu_thread *next = pick();
    if (next && next->state == EMU_NEW) {
      next->stack = emu_self->stack;
      next->state = EMU_READY;
      emu_self = next;
      continue;
    }
    void *unused;
    free_stacks[n_free_stacks++] = emu_self->stack;
    if (next) emu_self = next;
    emu_fiber_switch(&unused, next ? next->stack_pointer : main_stack_pointer);
  }
}

static void switch_to(emu_thread *next, void **save) {
  if (next->state == EMU_NEW) {
    next->stack = take_stack();
    /* Staggered: equal distances between stacks would fall into the same cache sets. */
    next->stack_pointer =
        emu_fiber_prepare(next->stack, STACK_BYTES - (next->lin * 5 % 64) * 64, fiber_main);
    next->state = EMU_READY;
  }
  emu_self = next;
  emu_fiber_switch(save, next->stack_pointer);
}

void emu_block_thread(void) {
  emu_thread *me = emu_self, *next = pick();
  if (next == me) return;
  if (next) {
    switch_to(next, &me->stack_pointer);
  } else {
    emu_fiber_switch(&me->stack_pointer, main_stack_pointer);
  }
}

void emu_yield(void) {
  if (ring_head == ring_tail) return;
  emu_ready(emu_self);
  emu_block_thread();
}

void emu_turn_slow(u32 line) {
  emu_die(line,
          "endless loop: %llu loop turns without any thread ending or any barrier opening "
          "(MST_EMU_STEPS)",
          (unsigned long long)emu_get_settings()->steps);
}

void emu_tick(emu_block *block) { block->clock++; }

static void open_barrier(emu_block *block, u32 state, u32 id) {
  emu_tick(block);
  block->base = block->clock;
  progress();
  for (u32 i = 0; i < block->n_threads; i++) {
    emu_thread *thread = &block->threads[i];
    if (state != EMU_AT_NAMED) thread->clock = block->clock;
    if (thread->state != state || (state == EMU_AT_NAMED && thread->from != id)) continue;
    thread->clock = block->clock;
    thread->result = (u64)(u32)block->bar_value;
    emu_ready(thread);
  }
}

u32 emu_barrier(int kind, u32 value, u32 line) {
  emu_thread *me = emu_self;
  emu_block *block = me->block;
  if (!block->bar_arrived) {
    block->bar_kind = kind;
    block->bar_line = line;
    block->bar_value = kind == 2;
  } else if (block->bar_line != line) {
    char other[256];
    emu_die(line,
            "barrier: thread %u is at this one while %u threads of its block wait at another (%s)",
            me->lin, block->bar_arrived,
            emu_place(emu_launch_now.kernel->module, block->bar_line, other, sizeof other));
  }
  if (block->n_alive < block->n_threads) {
    emu_die(line, "barrier: thread %u waits at it, but %u of the block's %u threads have ended",
            me->lin, block->n_threads - block->n_alive, block->n_threads);
  }
  if (kind == 1) block->bar_value += value != 0;
  if (kind == 2) block->bar_value &= value != 0;
  if (kind == 3) block->bar_value |= value != 0;
  if (emu_counting) emu_count_barrier();
  me->line = line;
  me->state = EMU_AT_BARRIER;
  if (++block->bar_arrived == block->n_alive) {
    block->bar_arrived = 0;
    open_barrier(block, EMU_AT_BARRIER, 0);
  }
  emu_block_thread();
  return (u32)me->result;
}

void emu_named_barrier(u32 id, u32 count, int arrive, u32 line) {
  emu_thread *me = emu_self;
  emu_block *block = me->block;
  if (id > 15) emu_die(line, "barrier: number %u, there are 16", id);
  const u32 need = count ? count : block->n_threads;
  if (!block->named[id].arrived) block->named[id].need = need;
  if (block->named[id].need != need)
    emu_die(line, "barrier %u: different numbers of threads expected", id);
  me->line = line;
  me->from = id;
  if (!arrive) me->state = EMU_AT_NAMED;
  if (++block->named[id].arrived == need) {
    block->named[id].arrived = 0;
    open_barrier(block, EMU_AT_NAMED, id);
  }
  if (!arrive) emu_block_thread();
}

u32 emu_linear_of(u32 serial) { return linear_of_order[serial - emu_launch_now.first_serial]; }

static void start_block(u32 slot, u32 serial, u32 linear) {
  emu_block *block = &blocks[slot];
  const u32 *grid = emu_launch_now.grid, *size = emu_launch_now.block, n = emu_launch_now.n_threads;
  block->shared_base = emu_arena + slot * EMU_WINDOW;
  block->serial = serial;
  block->linear = linear;
  block->bar_arrived = 0;
  memset(block->named, 0, sizeof block->named);
  block->index[0] = linear % grid[0];
  block->index[1] = linear / grid[0] % grid[1];
  block->index[2] = linear / grid[0] / grid[1];
  block->n_threads = block->n_alive = n;
  block->clock = block->base = 1;
  serial_of_slot[slot] = serial;
  alive_threads += n;
  for (u32 w = 0; w * 32 < n; w++) {
    emu_warp_state *warp = &block->warps[w];
    warp->alive = n - w * 32 >= 32 ? ~0u : (1u << (n - w * 32)) - 1;
    warp->waiting = warp->all_known = warp->known_valid = 0;
  }
  emu_check_block(block);
  u32 x = 0, y = 0, z = 0;
  for (u32 i = 0; i < n; i++) {
    block->threads[i] =
        (emu_thread){.block = block, .lin = i, .tid = {x, y, z}, .clock = 1, .state = EMU_NEW};
    if (++x == size[0]) {
      x = 0;
      if (++y == size[1]) {
        y = 0;
        z++;
      }
    }
    emu_ready(&block->threads[i]);
  }
}

static const char *const waits[] = {"", "", "a warp operation", "a barrier", "a named barrier"};

static _Noreturn void deadlock(u32 n_slots) {
  u32 shown = 0, line = 0;
  for (u32 s = 0; s < n_slots; s++) {
    for (u32 i = 0; i < blocks[s].n_threads && shown < 8; i++) {
      const emu_thread *thread = &blocks[s].threads[i];
      char place[256];
      if (thread->state < EMU_AT_WARP || thread->state > EMU_AT_NAMED) continue;
      if (shown++ == 0) emu_self = &blocks[s].threads[i], line = thread->line;
      emu_report_host("deadlock", "thread %u of block %u waits at %s (mask %08x), %s", thread->lin,
                      blocks[s].linear, waits[thread->state], thread->mask,
                      emu_place(emu_launch_now.kernel->module, thread->line, place, sizeof place));
    }
  }
  emu_die(line, "deadlock: no thread can run, %llu wait", (unsigned long long)alive_threads);
}

static u32 group_size(void) {
  const u32 fits = 4096 / emu_launch_now.n_threads;
  if (!emu_get_settings()->random) return 1;
  return fits < 2 ? 2 : fits > EMU_SLOTS ? EMU_SLOTS : fits;
}

/* The launch in emu_launch_now, to its end. */
void emu_run_launch(void) {
  const u32 group = group_size();
  static u64 capacity;
  if (capacity < emu_launch_now.n_blocks) {
    capacity = emu_launch_now.n_blocks;
    linear_of_order = realloc(linear_of_order, capacity * sizeof *linear_of_order);
  }
  progress();
  for (u64 first = 0; first < emu_launch_now.n_blocks; first += group) {
    const u32 n =
        (u32)(emu_launch_now.n_blocks - first < group ? emu_launch_now.n_blocks - first : group);
    for (u32 i = 0; i < n; i++) linear_of_order[first + i] = (u32)first + i;
    for (u32 i = n; i-- > 1;) {
      const u64 a = first + i, b = first + emu_random() % (i + 1);
      const u32 swap = linear_of_order[a];
      linear_of_order[a] = linear_of_order[b];
      linear_of_order[b] = swap;
    }
    ring_head = ring_tail = 0;
    for (u32 i = 0; i < n; i++)
      start_block(i, emu_launch_now.first_serial + (u32)first + i, linear_of_order[first + i]);
    while (alive_threads) {
      emu_thread *next = pick();
      if (!next) deadlock(n);
      switch_to(next, &main_stack_pointer);
    }
  }
  emu_check_end(group);
  emu_self = NULL;
}
