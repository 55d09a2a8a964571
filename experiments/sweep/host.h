/* host.h: who a process is, so that others can tell whether it is still there: its machine, its
 * number, and when it began (numbers are given out again).
 */
#ifndef MISSTEP_SWEEP_HOST_H
#define MISSTEP_SWEEP_HOST_H

enum { SWEEP_HOST_NAME = 160 };

/* "HOST-PID-START" of this process. */
void sweep_host_name(char name[SWEEP_HOST_NAME]);

/* Nonzero when name begins with such a name of this machine (this boot) whose process has ended. A
 * process of another machine cannot be asked: 0. */
int sweep_host_is_dead(const char *name);

#endif
