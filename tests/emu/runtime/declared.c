/* The one list of kernels that are excused from a check, by name and with the reason. None is ours.
 *
 * EMU_BLOCKS_TALK: blocks of a launch are meant to talk to each other. The checker cannot see the
 * order that fences and flags give to two blocks: races *between* blocks are excused.
 * EMU_STALE_SHARED: reads shared memory that no thread has written, and does not use the value.
 * Everything else (races inside a block, bounds, unset global memory) is still checked. Names are
 * parts of the mangled name.
 */
#include "emu.h"

static const struct {
  emu_excuse excuse;
  const char *part, *why;
} declared[] = {
    {EMU_BLOCKS_TALK, "DeviceRadixSortOnesweepKernel",
     "decoupled look-back: counts are published in volatile words"},
    {EMU_BLOCKS_TALK, "DeviceScanKernel", "decoupled look-back over tile states"},
    {EMU_BLOCKS_TALK, "DeviceReduceByKeyKernel", "decoupled look-back over tile states"},
    {EMU_BLOCKS_TALK, "DeviceRleSweepKernel", "decoupled look-back over tile states"},
    {EMU_BLOCKS_TALK, "DeviceSelectSweepKernel", "decoupled look-back over tile states"},
    {EMU_BLOCKS_TALK, "DeviceCompactInitKernel", "writes tile states"},
    {EMU_STALE_SHARED, "DeviceMergeSortBlockSortKernel",
     "the last tile: a thread loads both heads before it asks which list has ended"},
    {EMU_STALE_SHARED, "DeviceMergeSortMergeKernel",
     "the last tile: a thread loads both heads before it asks which list has ended"},
};

bool emu_declared(emu_excuse excuse, const char *kernel) {
  for (size_t i = 0; i < sizeof declared / sizeof *declared; i++) {
    if (declared[i].excuse == excuse && strstr(kernel, declared[i].part)) return true;
  }
  return false;
}
