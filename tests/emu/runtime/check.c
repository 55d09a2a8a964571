/* The checker: every access of a kernel to global or shared memory comes through here.
 *
 * State of bytes: an access to an absent byte is out of bounds (or a use after free), a read of
 * an unset one is uninitialised. Races: each 4-byte word remembers its last write and last read
 * as one u64:
 *
 *     bits 40-63 serial number of the block   17-39 the thread's clock   7-16 thread in the block
 *     bits 5-6   who else read: 0 nobody, 1 its warp, 2 its block, 3 other blocks
 *     bit  4     strong (atomic, volatile, relaxed ...)                  0-3  bytes of the word
 *
 * A block's clock ticks at each of its synchronisations; a thread's clock is the tick of its last
 * one. An earlier access of another thread happened before this one if its clock is lower than
 * what this thread knows of that thread: the tick of the last block barrier, or of the last
 * common warp operation (warp.c). Accesses of two blocks of one launch are never ordered. Two
 * accesses that are not ordered race if one writes and not both are strong. What one record per
 * word forgets (all but the last reader, a neighbour byte's writer) can hide a race.
 */
#include "emu.h"

#include <sys/mman.h>

#define CLOCK_MAX 0x7fffffu
#define SERIAL_MAX 0xffffffu
#define STRONG 16u

typedef enum { LOAD, STORE, LOAD_STRONG, STORE_STRONG, ATOMIC } access_kind;

static unsigned char scratch[16];
static const char *const verbs[] = {"read", "write", "read", "write", "atomic operation"};

static u32 serial_of(u64 record) { return (u32)(record >> 40); }
static u32 clock_of(u64 record) { return (u32)(record >> 17) & CLOCK_MAX; }
static u32 lin_of(u64 record) { return (u32)(record >> 7) & 1023; }
static u32 others_of(u64 record) { return (u32)(record >> 5) & 3; }

static inline u64 stamp(const emu_thread *me) {
  return (u64)me->block->serial << 40 | (u64)me->clock << 17 | (u64)me->lin << 7;
}

/* Up to which clock (not included) this thread knows what another one of its block did. */
static u32 known(const emu_thread *me, u32 lin) {
  const emu_block *block = me->block;
  const emu_warp_state *warp = &block->warps[me->lin >> 5];
  const u32 lane = me->lin & 31;
  u32 clock = block->base;
  if (lin >> 5 != me->lin >> 5) return clock;
  if (warp->all_known > clock) clock = warp->all_known;
  if (warp->known_valid >> lane & 1 && warp->known[lane][lin & 31] > clock)
    clock = warp->known[lane][lin & 31];
  return clock;
}

/* Whether a recorded access happened before what `me` does now. */
static bool ordered(u64 record, const emu_thread *me, bool shared) {
  const u32 serial = serial_of(record), lin = lin_of(record);
  if (serial != me->block->serial) return shared || serial < emu_launch_now.first_serial;
  if (me->clock >= CLOCK_MAX) return true;
  if (others_of(record) == 3) return false;
  if (others_of(record) == 2) return clock_of(record) < me->block->base;
  if (clock_of(record) < known(me, lin)) return true;
  return lin == me->lin && others_of(record) == 0;
}

static void race(const char *what, u64 record, u64 address, u32 size, u32 line) {
  const u32 serial = serial_of(record), block = emu_linear_of(serial);
  const bool other_block = serial != emu_self->block->serial;
  if (other_block && emu_declared(EMU_BLOCKS_TALK, emu_launch_now.kernel->name)) return;
  emu_report("race", line, address, size, "%s thread %u of block %u%s, not ordered by a barrier",
             what, lin_of(record), block, other_block ? " (another block)" : "");
}

static const char *const conflict[5] = {
    "read of what was written by", "second write after", "strong read of a plain write by",
    "strong write after a plain write by", "atomic operation after a plain write by"};

static u64 merged_read(u64 old, u64 mine, const emu_thread *me, bool shared, u64 bytes,
                       u64 strong) {
  if (!old || ordered(old, me, shared)) return mine | bytes | strong;
  u32 others = others_of(old), relation = 0;
  if (serial_of(old) != me->block->serial) {
    relation = 3;
  } else if (lin_of(old) != me->lin) {
    relation = lin_of(old) >> 5 == me->lin >> 5 ? 1 : 2;
  }
  if (relation > others) others = relation;
  return mine | others << 5 | (strong & old) | bytes | (old & 15);
}

static inline void check_word(emu_record *word, u64 bytes, access_kind kind, bool shared,
                              u64 address, u32 size, u32 line) {
  const emu_thread *me = emu_self;
  const u64 mine = stamp(me), strong = kind >= LOAD_STRONG ? STRONG : 0, write = word->write,
            read = word->read;
  const bool reads = kind == LOAD || kind == LOAD_STRONG;
  if ((write & bytes) && (write ^ mine) >> 7 && !(strong && write & STRONG) &&
      !ordered(write, me, shared)) {
    const char *what = write & STRONG ? (reads ? "plain read of a value set atomically by"
                                               : "plain write after an atomic operation by")
                                      : conflict[kind];
    race(what, write, address, size, line);
  }
  if (reads) {
    if ((read & ~(u64)127) == mine && (read & bytes) == bytes && (strong || !(read & STRONG)))
      return;
    word->read = (read ^ mine) >> 7 ? merged_read(read, mine, me, shared, bytes, strong)
                                    : (read & ~(strong ? 0 : (u64)STRONG)) | bytes;
    return;
  }
  if ((read & bytes) && ((read ^ mine) >> 7 || others_of(read)) && !(strong && read & STRONG) &&
      !ordered(read, me, shared)) {
    race(strong ? "atomic operation after a plain read by" : "write after a read by", read, address,
         size, line);
  }
  word->write = (write ^ mine) >> 7 ? mine | bytes | strong
                                    : (write & (strong ? ~(u64)0 : ~(u64)STRONG)) | bytes;
}

/* Addresses outside of the arena, misaligned ones. */
static __attribute__((noinline)) unsigned char *unusual(u64 address, u32 size, u32 line,
                                                        access_kind kind) {
  const u64 params = (u64)(uintptr_t)emu_launch_now.params;
  if (address & (size - 1)) {
    emu_report("misaligned", line, address, size,
               "%s of %u bytes at an address that is no multiple of %u", verbs[kind], size, size);
  } else if (emu_on_stack(address, emu_self) || (kind == LOAD && address - params < 4096) ||
             emu_memory_registered(address, size)) {
    return (unsigned char *)(uintptr_t)address;
  } else if (emu_on_any_stack(address)) {
    emu_report("bounds", line, address, size, "%s of another thread's local memory", verbs[kind]);
  } else if (address < 65536) {
    emu_report("bounds", line, address, size, "%s through a null pointer", verbs[kind]);
  } else {
    emu_report("host pointer", line, address, size, "%s of %u bytes of host memory", verbs[kind],
               size);
  }
  return scratch;
}

static __attribute__((noinline)) void other_device(u64 address, u32 size, u32 line,
                                                   access_kind kind) {
  emu_report("other device", line, address, size,
             "%s of memory of device %u by a kernel on device %d", verbs[kind],
             (u32)((address - emu_arena - EMU_DEVICE_AT) / EMU_DEVICE_BYTES),
             emu_launch_now.device);
}

/* Bytes of which not all are set. Returns whether the access may happen. */
static __attribute__((noinline)) bool check_states(unsigned char *states, u64 address, u32 size,
                                                   u32 line, access_kind kind) {
  bool unset = false;
  for (u32 i = 0; i < size; i++) {
    if (states[i] == EMU_ABSENT) {
      const emu_allocation *a = emu_memory_find(address + i);
      const bool freed = a && a->freed && address + i - a->address < a->size;
      emu_report(freed ? "use after free" : "bounds", line, address, size,
                 "%s of %u bytes, byte %u %s", verbs[kind], size, i,
                 freed ? "freed before" : "in no allocation");
      return false;
    }
    unset |= states[i] == EMU_UNSET;
  }
  if (kind == STORE || kind == STORE_STRONG) {
    memset(states, EMU_SET, size);
  } else if (unset && address - emu_arena < EMU_PINNED_AT &&
             emu_declared(EMU_STALE_SHARED, emu_launch_now.kernel->name)) {
    return true; /* still unset: any other reader is told */
  } else if (unset) {
    emu_report("uninitialised", line, address, size, "%s of %u bytes that nobody has written",
               verbs[kind], size);
    memset(states, EMU_SET, size);
  }
  return true;
}

static inline __attribute__((always_inline)) unsigned char *
access_memory(u64 address, u32 size, u32 line, access_kind kind) {
  static const u64 all_set = 0x0202020202020202u;
  static u32 preempt = ~0u;
  if (preempt) {
    if (preempt == ~0u) preempt = emu_get_settings()->preempt;
    if (preempt && emu_random() % preempt == 0) emu_yield();
  }
  const u64 offset = address - emu_arena;
  if (offset >= EMU_ARENA - 16 || address & (size - 1)) return unusual(address, size, line, kind);
  const bool shared = offset < EMU_PINNED_AT;
  if (offset >= EMU_DEVICE_AT &&
      offset - EMU_DEVICE_AT - (u64)emu_launch_now.device * EMU_DEVICE_BYTES >= EMU_DEVICE_BYTES) {
    other_device(address, size, line, kind);
  }
  unsigned char *states = emu_states + offset;
  if (memcmp(states, &all_set, size < 8 ? size : 8) ||
      (size == 16 && memcmp(states + 8, &all_set, 8))) {
    if (!check_states(states, address, size, line, kind)) return scratch;
  }
  emu_record *word = emu_records + (offset >> 2);
  if (size < 4) {
    check_word(word, (((u64)1 << size) - 1) << (offset & 3), kind, shared, address, size, line);
  } else {
    for (u32 i = 0; i < size / 4; i++) check_word(word + i, 15, kind, shared, address, size, line);
  }
  if (emu_counting) {
    emu_count_access(address, size, line, kind == STORE || kind == STORE_STRONG, kind == ATOMIC);
  }
  if (kind == LOAD_STRONG || kind == ATOMIC) {
    /* This is how a thread waits for another one: the other must get its turn. */
    if ((++emu_self->spins & (kind == ATOMIC ? 255 : 15)) == 0) emu_yield();
  }
  return emu_bytes + offset;
}

#define BY_SIZE(name, kind)                                                                        \
  unsigned char *name(u64 address, u32 size, u32 line) {                                           \
    switch (size) {                                                                                \
    case 1: return access_memory(address, 1, line, kind);                                          \
    case 2: return access_memory(address, 2, line, kind);                                          \
    case 4: return access_memory(address, 4, line, kind);                                          \
    case 8: return access_memory(address, 8, line, kind);                                          \
    default: return access_memory(address, 16, line, kind);                                        \
    }                                                                                              \
  }
BY_SIZE(emu_load, LOAD)
BY_SIZE(emu_store, STORE)
BY_SIZE(emu_load_strong, LOAD_STRONG)
BY_SIZE(emu_store_strong, STORE_STRONG)
BY_SIZE(emu_atomic, ATOMIC)

unsigned char *emu_local(u64 address, u32 size, u32 line, u64 begin, u64 bytes) {
  if (bytes ? address - begin > bytes - size || bytes < size : !emu_on_stack(address, emu_self)) {
    emu_report("bounds", line, address, size,
               "access of %u bytes outside of the thread's local arrays", size);
    return scratch;
  }
  return (unsigned char *)(uintptr_t)address;
}

bool emu_is_space(u64 address, char space) {
  const bool shared = address - emu_arena < EMU_PINNED_AT, local = emu_on_any_stack(address);
  return space == 's' ? shared : space == 'l' ? local : space == 'g' ? !shared && !local : false;
}

/* Room for the serial numbers of a launch; when they run out, all records are forgotten. */
void emu_check_launch(void) {
  static u32 next = 1;
  if (emu_launch_now.n_blocks > SERIAL_MAX - 1) {
    emu_die(0, "a grid of %llu blocks: at most %u are emulated",
            (unsigned long long)emu_launch_now.n_blocks, SERIAL_MAX - 1);
  }
  if (emu_launch_now.n_blocks > SERIAL_MAX - next) {
    madvise(emu_records, EMU_ARENA / 4 * sizeof *emu_records, MADV_DONTNEED);
    next = 1;
  }
  emu_launch_now.first_serial = next;
  next += (u32)emu_launch_now.n_blocks;
}

static void mark_shared(u64 base, int state) {
  const emu_kernel *kernel = emu_launch_now.kernel;
  for (u32 i = 0; i < kernel->n_shared; i++) {
    emu_mark(base + kernel->shared[i].offset, kernel->shared[i].size, state);
    memset(emu_host(base + kernel->shared[i].offset), 0xC7, kernel->shared[i].size);
  }
  const u64 dynamic = base + kernel->module->dynamic_shared;
  emu_mark(dynamic, emu_launch_now.dynamic_bytes, state);
  memset(emu_host(dynamic), 0xC7, emu_launch_now.dynamic_bytes);
}

/* After a launch no shared memory exists: the next kernel may have less of it. */
void emu_check_end(u32 slots) {
  for (u64 slot = 0; slot < slots; slot++) mark_shared(emu_arena + slot * EMU_WINDOW, EMU_ABSENT);
}

/* Shared memory of a new block: only the kernel's variables and the dynamic part exist, nothing
 * is set.
 */
void emu_check_block(emu_block *block) { mark_shared(block->shared_base, EMU_UNSET); }
