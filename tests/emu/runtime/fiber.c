/* Switching between fibers: six callee-saved registers and the stack pointer (x86-64); ucontext
 * elsewhere.
 */
#include "emu.h"

#if defined(__x86_64__)

__asm__(".text\n"
        ".globl emu_fiber_switch\n"
        ".type emu_fiber_switch,@function\n"
        "emu_fiber_switch:\n"
        "  pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15\n"
        "  movq %rsp,(%rdi)\n"
        "  movq %rsi,%rsp\n"
        "  popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp\n"
        "  ret\n"
        ".size emu_fiber_switch,.-emu_fiber_switch\n");

void *emu_fiber_prepare(unsigned char *stack, size_t bytes, void (*entry)(void)) {
  void **top = (void **)(void *)(stack + bytes - 64);
  *--top = NULL; /* no caller: entry never returns */
  *--top = (void *)(uintptr_t)entry;
  for (int i = 0; i < 6; i++) *--top = NULL;
  return top;
}

#else
#include <stdlib.h>
#include <ucontext.h>

/* The saved "stack pointer" is the address of a ucontext_t of this fiber. */
void emu_fiber_switch(void **save, void *to) {
  ucontext_t *here = calloc(1, sizeof *here);
  *save = here;
  swapcontext(here, to);
  free(here);
}

void *emu_fiber_prepare(unsigned char *stack, size_t bytes, void (*entry)(void)) {
  stack += 4096; /* the lowest page catches overflows */
  bytes -= 4096;
  ucontext_t *context = (ucontext_t *)(void *)stack;
  getcontext(context);
  context->uc_stack.ss_sp = stack + sizeof *context;
  context->uc_stack.ss_size = bytes - sizeof *context;
  makecontext(context, entry, 0);
  return context;
}
#endif
