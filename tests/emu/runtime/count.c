/* Counters of what kernels do (MST_EMU_COUNT=FILE): one JSON object per kernel, written when the
 * process ends.
 *
 * Lanes do not run in lockstep here, so a "warp access" is put together afterwards: the accesses
 * that the lanes of one warp make from the same instruction at the same turn (the n-th execution
 * by each lane). Its sectors are the distinct aligned 32-byte pieces it touches, which is what a
 * GPU moves; its lanes, against 32 a warp access, are the measure of divergence. Both tables
 * below forget old entries, so with very long loops sectors are counted a little too high, never
 * too low. Exact in order; approximate under a random schedule.
 */
#include "emu.h"

#include <stdio.h>
#include <stdlib.h>

#define N_TURNS (1u << 18)
#define N_GROUPS (1u << 16)
#define MAX_SECTORS 64

typedef struct {
  const emu_kernel *kernel;
  u64 launches, blocks, threads, barriers;
  u64 loads, load_bytes, load_sectors, stores, store_bytes, store_sectors, atomics;
  u64 shared_loads, shared_stores, shared_atomics;
  u64 warp_accesses, lanes;
} counters;

typedef struct {
  u64 key;
  u32 turns;
} turn_entry;

typedef struct {
  u64 key;
  u32 n;
  u64 sectors[MAX_SECTORS];
} group_entry;

bool emu_counting;
static counters *all, *now;
static size_t n_all;
static turn_entry *turns;
static group_entry *groups;

static u64 mix(u64 key) {
  key *= 0x9E3779B97F4A7C15u;
  return key ^ key >> 29;
}

/* How often this thread has been at this instruction before. */
static u32 turn_of(const emu_thread *me, u32 line) {
  const u64 key = (u64)me->block->serial << 34 | (u64)me->lin << 24 | line;
  turn_entry *entry = &turns[mix(key) % N_TURNS];
  if (entry->key != key) *entry = (turn_entry){.key = key};
  return entry->turns++;
}

/* New sectors that this access adds to its warp access. */
static u64 new_sectors(u64 address, u32 size, u32 line) {
  const emu_thread *me = emu_self;
  const u64 turn = turn_of(me, line);
  const u64 key =
      mix((u64)me->block->serial << 29 | (u64)(me->lin >> 5) << 24 | line) + turn * 2 + 1;
  group_entry *group = &groups[mix(key) % N_GROUPS];
  u64 added = 0;
  if (group->key != key) {
    group->key = key;
    group->n = 0;
    now->warp_accesses++;
  }
  for (u64 sector = address / 32; sector <= (address + size - 1) / 32; sector++) {
    bool seen = false;
    for (u32 i = 0; i < group->n && !seen; i++) seen = group->sectors[i] == sector;
    if (seen) continue;
    added++;
    if (group->n < MAX_SECTORS) group->sectors[group->n++] = sector;
  }
  return added;
}

void emu_count_access(u64 address, u32 size, u32 line, bool is_store, bool is_atomic) {
  if (address - emu_arena < EMU_PINNED_AT) {
    *(is_atomic ? &now->shared_atomics : is_store ? &now->shared_stores : &now->shared_loads) += 1;
    return;
  }
  const u64 sectors = new_sectors(address, size, line);
  now->lanes++;
  if (is_atomic) {
    now->atomics++;
    now->load_sectors += sectors;
    now->store_sectors += sectors;
  } else if (is_store) {
    now->stores++;
    now->store_bytes += size;
    now->store_sectors += sectors;
  } else {
    now->loads++;
    now->load_bytes += size;
    now->load_sectors += sectors;
  }
}

void emu_count_launch(void) {
  if (!turns) {
    turns = calloc(N_TURNS, sizeof *turns);
    groups = calloc(N_GROUPS, sizeof *groups);
    if (!turns || !groups) emu_die(0, "out of memory");
  }
  now = NULL;
  for (size_t i = 0; i < n_all && !now; i++) {
    if (!strcmp(all[i].kernel->name, emu_launch_now.kernel->name)) now = &all[i];
  }
  if (!now) {
    all = realloc(all, (n_all + 1) * sizeof *all);
    if (!all) emu_die(0, "out of memory");
    now = &all[n_all++];
    *now = (counters){.kernel = emu_launch_now.kernel};
  }
  now->launches++;
  now->blocks += emu_launch_now.n_blocks;
  now->threads += emu_launch_now.n_blocks * emu_launch_now.n_threads;
}

void emu_count_barrier(void) { now->barriers++; }

static void write_one(FILE *file, const counters *c, bool last) {
  const struct {
    const char *name;
    u64 value;
  } fields[] = {{"launches", c->launches},
                {"blocks", c->blocks},
                {"threads", c->threads},
                {"thread_barriers", c->barriers},
                {"global_loads", c->loads},
                {"global_load_bytes", c->load_bytes},
                {"global_load_sector_bytes", 32 * c->load_sectors},
                {"global_stores", c->stores},
                {"global_store_bytes", c->store_bytes},
                {"global_store_sector_bytes", 32 * c->store_sectors},
                {"global_atomics", c->atomics},
                {"shared_loads", c->shared_loads},
                {"shared_stores", c->shared_stores},
                {"shared_atomics", c->shared_atomics},
                {"warp_accesses", c->warp_accesses},
                {"lane_accesses", c->lanes}};
  fprintf(file, "  {\"kernel\": \"%s\"", emu_readable(c->kernel->name));
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    fprintf(file, ", \"%s\": %llu", fields[i].name, (unsigned long long)fields[i].value);
  }
  fprintf(file, "}%s\n", last ? "" : ",");
}

void emu_count_at_exit(void) {
  const char *name = emu_get_settings()->count;
  if (!name) return;
  FILE *file = fopen(name, "w");
  if (!file) {
    emu_report_host("count", "cannot write %s", name);
    return;
  }
  fprintf(file, "[\n");
  for (size_t i = 0; i < n_all; i++) write_one(file, &all[i], i + 1 == n_all);
  fprintf(file, "]\n");
  if (fclose(file) != 0) emu_report_host("count", "cannot write %s", name);
}
