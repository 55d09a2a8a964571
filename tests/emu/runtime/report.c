/* What the checker finds: one paragraph on stderr each, and exit status EMU_EXIT when the process
 * ends.
 */
#include "emu.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_REPORTS 20

static u32 n_reports;
static struct {
  const char *kind, *kernel;
  u32 line;
} seen[MAX_REPORTS];

/* Source place of a PTX line. */
const char *emu_place(const emu_module *module, u32 line, char *out, size_t size) {
  u32 low = 0, high = module ? module->n_places : 0;
  while (low < high) {
    const u32 middle = (low + high) / 2;
    if (module->places[middle][0] <= line) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (!low) {
    snprintf(out, size, "PTX line %u", line);
    return out;
  }
  const unsigned *place = module->places[low - 1];
  const int n = snprintf(out, size, "%s:%u (PTX line %u)", module->files[place[1]], place[2], line);
  if (place[4] && n > 0 && (size_t)n < size) {
    snprintf(out + n, size - (size_t)n, ", inlined at %s:%u", module->files[place[3]], place[4]);
  }
  return out;
}

/* C++ ABI: the readable form of a mangled name, allocated; NULL if it is none. */
char *__cxa_demangle(const char *name, char *buffer, size_t *bytes, int *status);

const char *emu_readable(const char *name) {
  int status;
  char *text = __cxa_demangle(name, NULL, NULL, &status);
  return text ? text : name; /* never freed: reports are few */
}

static void print_where(u32 line) {
  char place[512];
  const emu_kernel *kernel = emu_launch_now.kernel;
  if (!emu_self || !kernel) return;
  fprintf(stderr, "  kernel %s\n  at %s\n  block (%u,%u,%u) thread (%u,%u,%u)\n",
          emu_readable(kernel->name), emu_place(kernel->module, line, place, sizeof place),
          emu_self->block->index[0], emu_self->block->index[1], emu_self->block->index[2],
          emu_self->tid[0], emu_self->tid[1], emu_self->tid[2]);
}

static void print_shared(u64 offset) {
  const emu_kernel *kernel = emu_launch_now.kernel;
  const u64 dynamic = kernel->module->dynamic_shared;
  const emu_span *best = NULL;
  if (offset >= dynamic) {
    fprintf(stderr, "  byte %llu of dynamic shared memory (%u bytes)\n",
            (unsigned long long)(offset - dynamic), emu_launch_now.dynamic_bytes);
    return;
  }
  for (u32 i = 0; i < kernel->n_shared; i++) {
    if (kernel->shared[i].offset <= offset && (!best || kernel->shared[i].offset > best->offset)) {
      best = &kernel->shared[i];
    }
  }
  if (best) {
    fprintf(stderr, "  byte %llu of shared %s (%u bytes)\n",
            (unsigned long long)(offset - best->offset), emu_readable(best->name), best->size);
  }
}

static void print_address(u64 address) {
  if (!address) return;
  fprintf(stderr, "  address 0x%llx\n", (unsigned long long)address);
  if (!emu_arena || !emu_in_arena(address)) return;
  if (address - emu_arena < EMU_PINNED_AT) {
    if (emu_self) print_shared((address - emu_arena) % EMU_WINDOW);
    return;
  }
  const emu_allocation *a = emu_memory_find(address);
  if (!a) return;
  fprintf(stderr, "  byte %llu of allocation %u: %llu bytes of %s%s\n",
          (unsigned long long)(address - a->address), a->number, (unsigned long long)a->size,
          a->name, a->freed ? ", freed" : "");
}

static void finish(void) {
  fflush(stdout);
  fprintf(stderr, "emu: %u finding%s\n", n_reports, n_reports == 1 ? "" : "s");
  fflush(NULL);
  _exit(EMU_EXIT);
}

static bool is_new(const char *kind, u32 line) {
  const char *kernel = emu_self && emu_launch_now.kernel ? emu_launch_now.kernel->name : NULL;
  for (u32 i = 0; line && i < n_reports; i++) {
    if (seen[i].kind == kind && seen[i].line == line && seen[i].kernel == kernel) return false;
  }
  seen[n_reports].kind = kind;
  seen[n_reports].line = line;
  seen[n_reports++].kernel = kernel;
  return true;
}

/* One finding in the kernel that runs. The same kind at the same line is told once. */
void emu_report(const char *kind, u32 line, u64 address, u32 size, const char *format, ...) {
  va_list arguments;
  (void)size;
  if (!is_new(kind, line)) return;
  fprintf(stderr, "emu: %s: ", kind);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\n");
  print_where(line);
  print_address(address);
  if (n_reports == MAX_REPORTS) finish();
}

/* One finding in the host's calls. */
void emu_report_host(const char *kind, const char *format, ...) {
  va_list arguments;
  is_new(kind, 0);
  fprintf(stderr, "emu: %s: ", kind);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\n");
  if (n_reports == MAX_REPORTS) finish();
}

/* A finding after which nothing sensible can go on. */
_Noreturn void emu_die(u32 line, const char *format, ...) {
  va_list arguments;
  fprintf(stderr, "emu: ");
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\n");
  print_where(line);
  n_reports++;
  finish();
  abort();
}

static void report_leaks(void) {
  const emu_allocation *a;
  u64 bytes = 0, count = 0;
  if (!emu_get_settings()->leaks || emu_is_lost()) return;
  for (size_t i = 0; (a = emu_memory_at(i)) != NULL; i++) {
    if (a->freed) continue;
    if (count++ < 3) {
      emu_report_host("leak", "allocation %u: %llu bytes of %s were never freed", a->number,
                      (unsigned long long)a->size, a->name);
    }
    bytes += a->size;
  }
  emu_object_at_exit();
  if (count > 3)
    emu_report_host("leak", "%llu allocations in all, %llu bytes", (unsigned long long)count,
                    (unsigned long long)bytes);
}

static void at_exit(void) {
  emu_self = NULL;
  emu_stream_at_exit();
  emu_error_at_exit();
  emu_count_at_exit();
  report_leaks();
  if (n_reports) finish();
}

/* The host touched the range of device addresses, or a fiber ran over its stack. */
static void fault(int number, siginfo_t *info, void *context) {
  static const char overflow[] = "emu: stack overflow of a device thread (or another fault)\n";
  static const char device[] = "emu: host code touched device memory\n";
  const u64 address = (u64)(uintptr_t)info->si_addr;
  (void)context;
  if (emu_arena && emu_in_arena(address)) {
    const char *text =
        emu_is_device(address) ? device : "emu: host code touched pinned memory in use\n";
    if (write(2, text, strlen(text)) < 0) _exit(EMU_EXIT);
    print_address(address);
    _exit(EMU_EXIT);
  }
  if (emu_self && write(2, overflow, sizeof overflow - 1) >= 0) {
    print_where(0);
    _exit(EMU_EXIT);
  }
  signal(number, SIG_DFL);
}

__attribute__((constructor)) static void install(void) {
  static unsigned char alternative[65536];
  const stack_t stack = {.ss_sp = alternative, .ss_size = sizeof alternative};
  struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaltstack(&stack, NULL);
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  atexit(at_exit);
}
