/* help.h: what misstep sweep --help prints. */
#ifndef MISSTEP_SWEEP_HELP_H
#define MISSTEP_SWEEP_HELP_H

extern const char sweep_help[];

#endif
