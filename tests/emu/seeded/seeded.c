/* usage: emu_seeded NAME 0|1    run one case, 1 with its defect. Status 0: right result, 3:
 * wrong, 66: a finding.
 *        emu_seeded --list      names
 */
#include "seeded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const seeded_case *const groups[] = {seeded_block_cases, seeded_memory_cases,
                                            seeded_stream_cases};

int main(int argc, char **argv) {
  const int list = argc == 2 && !strcmp(argv[1], "--list");
  for (int g = 0; g < 3; g++) {
    for (const seeded_case *c = groups[g]; c->name; c++) {
      if (list) puts(c->name);
      if (argc == 3 && !strcmp(argv[1], c->name)) return c->run(atoi(argv[2])) ? 3 : 0;
    }
  }
  if (!list) fprintf(stderr, "usage: emu_seeded NAME 0|1 | --list\n");
  return list ? 0 : 2;
}
