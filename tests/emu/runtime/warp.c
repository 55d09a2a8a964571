/* Warp operations: lanes named in a mask meet, exchange values, and learn of each other's memory
 * accesses.
 */
#include "emu.h"

static u32 lane_of(const emu_thread *thread) { return thread->lin & 31; }

/* Raise what every lane of `got` knows of the others: all accesses before the new clock. */
static void learn(emu_block *block, emu_warp_state *warp, emu_thread *lanes, u32 got) {
  u32 row[32];
  emu_tick(block);
  for (u32 i = 0; i < 32; i++) {
    if (got >> i & 1) lanes[i].clock = block->clock;
  }
  if (got == warp->alive) {
    warp->all_known = block->clock;
    warp->known_valid = 0;
    return;
  }
  for (u32 j = 0; j < 32; j++) {
    row[j] = got >> j & 1 ? block->clock : warp->all_known;
    for (u32 i = 0; i < 32; i++) {
      if ((got & warp->known_valid) >> i & 1 && warp->known[i][j] > row[j])
        row[j] = warp->known[i][j];
    }
  }
  for (u32 i = 0; i < 32; i++) {
    if (got >> i & 1) memcpy(warp->known[i], row, sizeof row);
  }
  warp->known_valid |= got;
}

static u64 join(u32 operation, u64 a, u64 b) {
  switch (operation) {
  case EMU_REDUCE_ADD: return (u32)(a + b);
  case EMU_REDUCE_MIN: return (s64)a < (s64)b ? a : b;
  case EMU_REDUCE_MAX: return (s64)a > (s64)b ? a : b;
  case EMU_REDUCE_AND: return a & b;
  case EMU_REDUCE_OR: return a | b;
  case EMU_REDUCE_XOR: return a ^ b;
  default: return a;
  }
}

static u64 shuffled(emu_thread *lanes, u32 lane, u32 got, u32 line) {
  const u32 from = lanes[lane].from;
  if (got >> from & 1) return lanes[from].value;
  emu_report("shuffle", line, 0, 0,
             "lane %u reads the value of lane %u, which does not take part (mask %08x)", lane, from,
             got);
  return 0xdeadbeef;
}

/* Results of an operation whose lanes have all arrived. */
static void exchange(emu_thread *lanes, u32 got, u32 operation, u32 line) {
  const u32 first = (u32)__builtin_ctz(got);
  u32 ballot = 0, same = 1;
  u64 reduced = lanes[first].value;
  for (u32 i = 0; i < 32; i++) {
    if (!(got >> i & 1)) continue;
    ballot |= (u32)(lanes[i].value & 1) << i;
    same &= lanes[i].value == lanes[first].value;
    if (i != first) reduced = join(operation, reduced, lanes[i].value);
  }
  for (u32 i = 0; i < 32; i++) {
    if (!(got >> i & 1)) continue;
    u64 result = reduced;
    switch (operation) {
    case EMU_BALLOT: result = ballot; break;
    case EMU_ANY: result = ballot != 0; break;
    case EMU_ALL: result = ballot == got; break;
    case EMU_UNI: result = ballot == got || ballot == 0; break;
    case EMU_MATCH_ALL: result = same ? got : 0; break;
    case EMU_SHUFFLE: result = shuffled(lanes, i, got, line); break;
    case EMU_MATCH_ANY:
      result = 0;
      for (u32 j = 0; j < 32; j++)
        result |= (u64)((got >> j & 1) && lanes[j].value == lanes[i].value) << j;
      break;
    default: break;
    }
    lanes[i].result = result;
  }
}

u64 emu_warp(u32 operation, u32 mask, u64 value, u32 from, u32 line) {
  emu_thread *me = emu_self;
  emu_block *block = me->block;
  emu_warp_state *warp = &block->warps[me->lin >> 5];
  emu_thread *lanes = &block->threads[me->lin & ~31u];
  me->operation = operation;
  me->mask = mask;
  me->value = value;
  me->from = from;
  me->line = line;
  me->state = EMU_AT_WARP;
  if (!(mask >> lane_of(me) & 1))
    emu_die(line, "warp operation: the lane is not in its own mask %08x", mask);
  if (mask & ~warp->alive) {
    emu_die(line,
            "warp operation: mask %08x names lanes that have ended or never were (alive: %08x)",
            mask, warp->alive);
  }
  warp->waiting |= 1u << lane_of(me);
  bool all = !(mask & ~warp->waiting);
  for (u32 i = 0; all && i < 32; i++) {
    if (mask >> i & 1) all = lanes[i].mask == mask && lanes[i].operation == operation;
  }
  if (all) {
    exchange(lanes, mask, operation, line);
    learn(block, warp, lanes, mask);
    warp->waiting &= ~mask;
    for (u32 i = 32; i-- > 0;) {
      if (mask >> i & 1) emu_ready_first(&lanes[i]);
    }
  }
  emu_block_thread();
  return me->result;
}

void emu_warp_sync(u32 mask, u32 line) { emu_warp(EMU_SYNC, mask, 0, 0, line); }

void emu_warp_lane_ended(emu_thread *thread) {
  emu_block *block = thread->block;
  emu_warp_state *warp = &block->warps[thread->lin >> 5];
  const emu_thread *lanes = &block->threads[thread->lin & ~31u];
  warp->alive &= ~(1u << lane_of(thread));
  for (u32 i = 0; warp->waiting && i < 32; i++) {
    if (warp->waiting >> i & 1 && lanes[i].mask >> lane_of(thread) & 1) {
      emu_die(lanes[i].line,
              "warp operation: lane %u waits with mask %08x, but lane %u ended without reaching it",
              i, lanes[i].mask, lane_of(thread));
    }
  }
}

/* Lane that shfl reads, as the PTX manual computes it; *in is its predicate. */
u32 emu_shuffle_source(char mode, u32 b, u32 c, bool *in) {
  const int lane = (int)(emu_self->lin & 31), value = (int)(b & 31);
  const int segment = (int)(c >> 8 & 31), clamp = (int)(c & 31);
  const int most = (lane & segment) | (clamp & ~segment), least = lane & segment;
  int from = mode == 'u'   ? lane - value
             : mode == 'd' ? lane + value
             : mode == 'b' ? lane ^ value
                           : least | (value & ~segment);
  *in = mode == 'u' ? from >= most : from <= most;
  if (!*in) from = lane;
  return (u32)from;
}
