/* Device memory: one reserved range of addresses, handed out from the bottom up and never twice.
 *
 * A device address is no host address: the range is mapped without access, the bytes lie at
 * another place, so a host that follows a device pointer faults (and api_fault in report.c says
 * so). Pinned host memory is the exception: the same pages are mapped at both places. Beside the
 * bytes lie a state for each (EMU_ABSENT, EMU_UNSET, EMU_SET) and a record of accesses for each
 * 4-byte word (check.c). Freed memory goes back to the system but its addresses stay absent for
 * ever: every later use is found.
 */
#include "emu.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNMENT 256
#define GAP 512 /* absent bytes behind every allocation, at least */
#define PAGE 4096

u64 emu_arena;
unsigned char *emu_bytes, *emu_states;
emu_record *emu_records;

/* Allocations of one region in the order of their addresses. */
typedef struct {
  emu_allocation **items;
  size_t n, capacity;
  u64 next, end; /* offsets in the arena: of the next one, of the region's end */
} region;

static region pinned = {.next = EMU_PINNED_AT, .end = EMU_GLOBAL_AT};
static region variables = {.next = EMU_GLOBAL_AT, .end = EMU_DEVICE_AT};
static region devices[EMU_DEVICES], registered;
static u32 n_allocations;

static void *reserve(size_t bytes, int protection) {
  void *p = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) emu_die(0, "cannot reserve %zu GiB of addresses", bytes >> 30);
  return p;
}

void emu_memory_init(void) {
  if (emu_arena) return;
  unsigned char *device = reserve(EMU_ARENA, PROT_NONE);
  emu_bytes = reserve(EMU_ARENA, PROT_READ | PROT_WRITE);
  emu_states = reserve(EMU_ARENA, PROT_READ | PROT_WRITE);
  emu_records = reserve(EMU_ARENA / 4 * sizeof *emu_records, PROT_READ | PROT_WRITE);
  const int file = memfd_create("emu-pinned", MFD_CLOEXEC);
  const size_t bytes = EMU_GLOBAL_AT - EMU_PINNED_AT;
  if (file < 0 || ftruncate(file, (off_t)bytes) != 0) emu_die(0, "cannot make pinned memory");
  for (int i = 0; i < 2; i++) {
    void *p = mmap((i ? emu_bytes : device) + EMU_PINNED_AT, bytes, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_FIXED | MAP_NORESERVE, file, 0);
    if (p == MAP_FAILED) emu_die(0, "cannot map pinned memory");
  }
  close(file);
  for (u64 i = 0; i < EMU_DEVICES; i++) {
    devices[i].next = EMU_DEVICE_AT + i * EMU_DEVICE_BYTES;
    devices[i].end = devices[i].next + EMU_DEVICE_BYTES;
  }
  emu_arena = (u64)(uintptr_t)device;
}

unsigned char *emu_host(u64 address) {
  return emu_in_arena(address) ? emu_bytes + (address - emu_arena)
                               : (unsigned char *)(uintptr_t)address;
}

void emu_mark(u64 address, u64 size, int state) {
  if (emu_in_arena(address)) memset(emu_states + (address - emu_arena), state, size);
}

static emu_allocation *append(region *list, u64 address, u64 size, emu_kind kind,
                              const char *name) {
  if (list->n == list->capacity) {
    list->capacity = list->capacity ? 2 * list->capacity : 64;
    list->items = realloc(list->items, list->capacity * sizeof *list->items);
    if (!list->items) emu_die(0, "out of memory");
  }
  emu_allocation *a = calloc(1, sizeof *a);
  if (!a) emu_die(0, "out of memory");
  *a = (emu_allocation){
      .address = address, .size = size, .kind = kind, .number = ++n_allocations, .name = name};
  return list->items[list->n++] = a;
}

u64 emu_memory_new(u64 size, emu_kind kind, int device, const char *name) {
  region *list = kind == EMU_PINNED     ? &pinned
                 : kind == EMU_VARIABLE ? &variables
                                        : &devices[device];
  const u64 alignment = kind == EMU_PINNED ? PAGE : ALIGNMENT;
  const u64 room = (size + GAP + alignment - 1) / alignment * alignment;
  emu_memory_init();
  if (room > list->end - list->next) emu_die(0, "no addresses left: none is used twice");
  const u64 address = emu_arena + list->next;
  list->next += room;
  append(list, address, size, kind, name)->device = device;
  memset(emu_host(address), 0xCD, size);
  emu_mark(address, size, kind == EMU_PINNED ? EMU_SET : EMU_UNSET);
  return address;
}

static void give_back(void *begin, u64 bytes) {
  const uintptr_t first = ((uintptr_t)begin + PAGE - 1) / PAGE * PAGE,
                  last = ((uintptr_t)begin + bytes) / PAGE * PAGE;
  if (last > first) madvise((void *)first, last - first, MADV_DONTNEED);
}

void emu_memory_free(emu_allocation *a) {
  const u64 offset = a->address - emu_arena;
  a->freed = 1;
  emu_mark(a->address, a->size, EMU_ABSENT);
  memset(emu_host(a->address), 0xDD, a->size < PAGE ? a->size : PAGE);
  if (a->kind == EMU_PINNED) {
    madvise(emu_bytes + offset, a->size / PAGE * PAGE, MADV_REMOVE);
  } else {
    give_back(emu_bytes + offset, a->size);
  }
  give_back(emu_states + offset, a->size);
  give_back(emu_records + offset / 4, a->size / 4 * sizeof *emu_records);
}

/* Last allocation at or before the address. */
static emu_allocation *below(const region *list, u64 address) {
  size_t low = 0, high = list->n;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (list->items[middle]->address <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low ? list->items[low - 1] : NULL;
}

emu_allocation *emu_memory_find(u64 address) {
  if (!emu_arena || !emu_in_arena(address)) return NULL;
  const u64 offset = address - emu_arena;
  if (offset < EMU_GLOBAL_AT) return below(&pinned, address);
  if (offset < EMU_DEVICE_AT) return below(&variables, address);
  return below(&devices[(offset - EMU_DEVICE_AT) / EMU_DEVICE_BYTES], address);
}

emu_allocation *emu_memory_at(size_t i) {
  if (i < pinned.n) return pinned.items[i];
  i -= pinned.n;
  for (int d = 0; d < EMU_DEVICES; d++) {
    if (i < devices[d].n) return devices[d].items[i];
    i -= devices[d].n;
  }
  return NULL;
}

void emu_memory_register(u64 address, u64 size) {
  append(&registered, address, size, EMU_REGISTERED, "cudaHostRegister");
}

emu_allocation *emu_memory_registered(u64 address, u64 size) {
  for (size_t i = 0; i < registered.n; i++) {
    emu_allocation *a = registered.items[i];
    if (!a->freed && address - a->address < a->size && size <= a->size - (address - a->address))
      return a;
  }
  return NULL;
}

int emu_memory_unregister(u64 address) {
  for (size_t i = 0; i < registered.n; i++) {
    if (!registered.items[i]->freed && registered.items[i]->address == address) {
      registered.items[i]->freed = 1;
      return 1;
    }
  }
  return 0;
}

/* Handles that the library gave out; their memory stays: a later use is an error, no crash. */
static struct {
  void *object;
  const char *kind; /* NULL: destroyed */
} * objects;
static size_t n_objects, object_capacity;

void *emu_object_new(size_t bytes, const char *kind) {
  if (n_objects == object_capacity) {
    object_capacity = object_capacity ? 2 * object_capacity : 64;
    objects = realloc(objects, object_capacity * sizeof *objects);
  }
  void *object = calloc(1, bytes);
  if (!objects || !object) emu_die(0, "out of memory");
  objects[n_objects].object = object;
  objects[n_objects++].kind = kind;
  return object;
}

bool emu_object_end(const void *object) {
  for (size_t i = n_objects; i-- > 0;) {
    if (objects[i].object != object) continue;
    const bool alive = objects[i].kind != NULL;
    objects[i].kind = NULL;
    return alive;
  }
  return false;
}

void emu_object_at_exit(void) {
  for (size_t i = 0; i < n_objects; i++) {
    if (objects[i].kind) emu_report_host("leak", "a %s was never destroyed", objects[i].kind);
  }
}
