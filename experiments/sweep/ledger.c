/* ledger.c: reading the lines of all workers; only what is new since the last time. */
#include "ledger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digits.h"
#include "host.h"
#include "misstep/hash.h"
#include "misstep/log.h"

/* One worker's file and how far it has been read. */
typedef struct ledger_file {
  char *name;
  int64_t offset, n_lines;
  int torn; /* bytes stand behind the last whole line */
} ledger_file;

struct sweep_ledger {
  char dir[4096];
  char metric[48]; /* "name": as a line has it, or "" */
  int with_lines;
  ledger_file *file;
  int32_t n_files;
  sweep_entry *entry;
  int64_t n, room;
  int64_t *slot; /* [n_slots] hash table of entry numbers, -1: free */
  int64_t n_slots;
  double cost, memory;
};

mst_status sweep_ledger_open(const char *dir, const char *metric, int with_lines,
                             sweep_ledger **out) {
  if (strlen(dir) > 3800) return MST_FAIL(MST_E_ARG, "%.60s...: the path is too long", dir);
  sweep_ledger *l = mst_alloc_zero(1, sizeof *l);
  if (!l) return MST_E_NOMEM;
  (void)snprintf(l->dir, sizeof l->dir, "%s", dir);
  if (metric) (void)snprintf(l->metric, sizeof l->metric, "\"%.40s\":", metric);
  l->with_lines = with_lines;
  *out = l;
  return MST_OK;
}

void sweep_ledger_close(sweep_ledger *l) {
  if (!l) return;
  for (int32_t i = 0; i < l->n_files; i++) mst_free(l->file[i].name);
  for (int64_t i = 0; i < l->n; i++) mst_json_free(l->entry[i].line);
  mst_free(l->file);
  mst_free(l->entry);
  mst_free(l->slot);
  mst_free(l);
}

/* Slot of a key: where it is, or where it would go. */
static int64_t slot_of(const sweep_ledger *l, const char *key) {
  int64_t at = (int64_t)(mst_hash64(key, strlen(key), 0) % (uint64_t)l->n_slots);
  while (l->slot[at] >= 0 && strcmp(l->entry[l->slot[at]].key, key) != 0)
    at = (at + 1) % l->n_slots;
  return at;
}

const sweep_entry *sweep_ledger_find(const sweep_ledger *l, const char *key) {
  if (!l->n_slots) return NULL;
  const int64_t i = l->slot[slot_of(l, key)];
  return i < 0 ? NULL : &l->entry[i];
}

double sweep_ledger_cost(const sweep_ledger *l) { return l->cost; }
int64_t sweep_ledger_memory(const sweep_ledger *l) { return (int64_t)l->memory; }

int64_t sweep_ledger_n(const sweep_ledger *l) { return l->n; }
const sweep_entry *sweep_ledger_at(const sweep_ledger *l, int64_t i) { return &l->entry[i]; }

static mst_status grow(sweep_ledger *l) {
  const int64_t room = l->room ? 2 * l->room : 1024;
  sweep_entry *entry = mst_realloc(l->entry, (size_t)room, sizeof *entry);
  if (!entry) return MST_E_NOMEM;
  l->entry = entry;
  int64_t *slot = mst_alloc((size_t)room * 2, sizeof *slot);
  if (!slot) return MST_E_NOMEM;
  mst_free(l->slot);
  l->slot = slot;
  l->n_slots = 2 * room;
  l->room = room;
  memset(slot, 0xff, (size_t)l->n_slots * sizeof *slot);
  for (int64_t i = 0; i < l->n; i++) slot[slot_of(l, l->entry[i].key)] = i;
  return MST_OK;
}

/* The entry of a key, made where there is none. NULL: no memory. */
static sweep_entry *entry_of(sweep_ledger *l, const char *key) {
  if (l->n == l->room && grow(l)) return NULL;
  const int64_t at = slot_of(l, key);
  if (l->slot[at] < 0) {
    l->slot[at] = l->n;
    l->entry[l->n] = (sweep_entry){.value = NAN};
    memcpy(l->entry[l->n++].key, key, SWEEP_KEY);
  }
  return &l->entry[l->slot[at]];
}

/* The number behind "name": in a line, or NaN. The bytes end with a brace. */
static double value_of(const char *name, const char *cell, size_t n) {
  const char *at = *name ? memmem(cell, n, name, strlen(name)) : NULL;
  char number[32];
  if (!at) return NAN;
  at += strlen(name);
  const size_t left = (size_t)(cell + n - at);
  (void)snprintf(number, sizeof number, "%.*s", (int)(left < 31 ? left : 31), at);
  char *end = NULL;
  const double value = strtod(number, &end);
  return end == number ? NAN : value;
}

/* Take one cell in. Its hash says that we wrote it, so key and state stand where we put them and
 * need no parser: ten thousand lines are read in a moment. A cell that two nodes finished counts
 * once: the first result stays. */
static mst_status take(sweep_ledger *l, const char *cell, size_t n) {
  static const char key_head[] = "{\"key\":\"", state_head[] = "\",\"state\":\"";
  const size_t at_key = sizeof key_head - 1, at_state = at_key + SWEEP_KEY - 1;
  char key[SWEEP_KEY];
  if (n < at_state + sizeof state_head + 4 || memcmp(cell, key_head, at_key) != 0 ||
      memcmp(cell + at_state, state_head, sizeof state_head - 1) != 0)
    return MST_FAIL(MST_E_FORMAT, "no key or no state");
  memcpy(key, cell + at_key, SWEEP_KEY - 1);
  key[SWEEP_KEY - 1] = 0;
  sweep_entry *e = entry_of(l, key);
  if (!e) return MST_E_NOMEM;
  const int done = memcmp(cell + at_state + sizeof state_head - 1, "done", 4) == 0;
  const int news = !e->done;
  const double cost = value_of("\"cost\":", cell, n);
  const double memory = value_of("\"memory\":", cell, n);
  if (cost > 0) l->cost += cost;
  if (memory > l->memory) l->memory = memory;
  e->n_failed += !done;
  e->done = e->done || done;
  if (!news) return MST_OK;
  if (done) e->value = value_of(l->metric, cell, n);
  if (!l->with_lines) return MST_OK;
  mst_json_free(e->line);
  e->line = NULL;
  return mst_json_parse(cell, n, &e->line);
}

/* A line without its newline, {"n":BYTES,"h":"16 hex digits","cell":{...}}, to its cell. */
static mst_status check_line(const char *line, size_t n, const char **cell, size_t *n_cell) {
  static const char middle[] = "\"cell\":";
  unsigned long long length = 0, hash = 0;
  char head[80];
  const char *at = head;
  (void)snprintf(head, sizeof head, "%.*s", (int)(n < 79 ? n : 79), line);
  if (!sweep_word(&at, "{\"n\":") || !sweep_digits(&at, 10, SIZE_MAX, &length) ||
      !sweep_word(&at, ",\"h\":\"") || !sweep_digits(&at, 16, UINT64_MAX, &hash) ||
      !sweep_word(&at, "\","))
    return MST_FAIL(MST_E_FORMAT, "no line of a ledger");
  const size_t used = (size_t)(at - head), from = used + sizeof middle - 1;
  if (length > n || n != from + length + 1 || memcmp(line + used, middle, sizeof middle - 1) != 0)
    return MST_FAIL(MST_E_FORMAT, "its length is not the one it says");
  if (mst_hash64(line + from, length, 0) != hash)
    return MST_FAIL(MST_E_FORMAT, "its hash is not the one it says");
  *cell = line + from;
  *n_cell = length;
  return MST_OK;
}

static mst_status read_lines(sweep_ledger *l, ledger_file *f, const char *bytes, int64_t n) {
  int64_t at = 0;
  while (at < n) {
    const char *end = memchr(bytes + at, '\n', (size_t)(n - at));
    const char *cell = NULL;
    size_t n_cell = 0;
    if (!end) break;
    mst_status st = check_line(bytes + at, (size_t)(end - bytes - at), &cell, &n_cell);
    if (!st) st = take(l, cell, n_cell);
    if (st == MST_E_FORMAT && end + 1 == bytes + n) break; /* the last: torn by a lost machine */
    if (st == MST_E_FORMAT)
      return MST_FAIL(st,
                      "%s/ledger/%s:%lld: damaged: %s; remove the line to compute its cell again",
                      l->dir, f->name, (long long)f->n_lines + 1, mst_error_last()->message);
    if (st) return st;
    f->n_lines++;
    at = end + 1 - bytes;
  }
  f->offset += at;
  f->torn = at < n;
  return MST_OK;
}

static mst_status read_file(sweep_ledger *l, ledger_file *f) {
  char path[4400];
  struct stat info;
  (void)snprintf(path, sizeof path, "%s/ledger/%s", l->dir, f->name);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || fstat(file, &info)) {
    if (file >= 0) (void)close(file);
    return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  }
  const int64_t n = info.st_size - f->offset;
  f->torn = 0;
  mst_status st = MST_OK;
  char *bytes = n > 0 ? mst_alloc((size_t)n, 1) : NULL;
  if (n > 0 && !bytes) st = MST_E_NOMEM;
  int64_t got = 0;
  while (!st && got < n) {
    const ssize_t more = pread(file, bytes + got, (size_t)(n - got), f->offset + got);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
    if (more <= 0) break;
    got += more;
  }
  if (!st && got > 0) st = read_lines(l, f, bytes, got);
  mst_free(bytes);
  (void)close(file);
  return st;
}

static mst_status add_file(sweep_ledger *l, const char *name) {
  for (int32_t i = 0; i < l->n_files; i++)
    if (strcmp(l->file[i].name, name) == 0) return MST_OK;
  ledger_file *file = mst_realloc(l->file, (size_t)l->n_files + 1, sizeof *file);
  if (!file) return MST_E_NOMEM;
  l->file = file;
  file[l->n_files] = (ledger_file){.name = mst_alloc(strlen(name) + 1, 1)};
  if (!file[l->n_files].name) return MST_E_NOMEM;
  memcpy(file[l->n_files++].name, name, strlen(name) + 1);
  return MST_OK;
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const ledger_file *)a)->name, ((const ledger_file *)b)->name);
}

mst_status sweep_ledger_read(sweep_ledger *l) {
  char path[4200];
  (void)snprintf(path, sizeof path, "%s/ledger", l->dir);
  DIR *folder = opendir(path);
  if (!folder) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  mst_status st = MST_OK;
  for (struct dirent *e; !st && (e = readdir(folder));) {
    const size_t n = strlen(e->d_name);
    if (n > 6 && strcmp(e->d_name + n - 6, ".jsonl") == 0) st = add_file(l, e->d_name);
  }
  (void)closedir(folder);
  if (!st && l->n_files) qsort(l->file, (size_t)l->n_files, sizeof *l->file, by_name);
  for (int32_t i = 0; !st && i < l->n_files; i++) st = read_file(l, &l->file[i]);
  return st;
}

mst_status sweep_ledger_repair(sweep_ledger *l) {
  char path[4400];
  for (int32_t i = 0; i < l->n_files; i++) {
    const ledger_file *f = &l->file[i];
    if (!f->torn) continue;
    const int dead = sweep_host_is_dead(f->name);
    (void)snprintf(path, sizeof path, "%s/ledger/%s", l->dir, f->name);
    if (dead && truncate(path, f->offset))
      return MST_FAIL(MST_E_IO, "%s: its torn last line cannot be cut off: %s", path,
                      strerror(errno));
    mst_log(MST_LOG_WARNING, "%s: the last line is torn, its writer died or is at it: %s", path,
            dead ? "cut off; its cells are computed again" : "not counted");
  }
  return MST_OK;
}
