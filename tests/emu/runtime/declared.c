/* The one list of kernels in which blocks of a launch are meant to talk to each other.
 *
 * The checker cannot see the order that fences and flags give to two blocks. A kernel of this
 * list is excused from races *between* blocks; everything else (races inside a block, bounds,
 * uninitialised reads) is still checked. Names are parts of the mangled name.
 */
#include "emu.h"

static const struct {
  const char *part, *why;
} declared[] = {
    {"DeviceRadixSortOnesweepKernel",
     "decoupled look-back: counts are published in volatile words"},
    {"DeviceScanKernel", "decoupled look-back over tile states"},
    {"DeviceReduceByKeyKernel", "decoupled look-back over tile states"},
    {"DeviceRleSweepKernel", "decoupled look-back over tile states"},
    {"DeviceSelectSweepKernel", "decoupled look-back over tile states"},
    {"DeviceCompactInitKernel", "writes tile states"},
};

bool emu_declared(const char *kernel) {
  for (size_t i = 0; i < sizeof declared / sizeof *declared; i++) {
    if (strstr(kernel, declared[i].part)) return true;
  }
  return false;
}
