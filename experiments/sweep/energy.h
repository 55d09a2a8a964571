/* energy.h: joules of a piece of work, from the processors' own counters where Linux shows them.
 *
 * In: two readings. Out: what the packages took between them, of it the part of this process. The
 * counters are of whole processors, so the part is that of CPU time: the process' of all that was
 * busy meanwhile; what the processors take while idle is borne by those who are busy.
 */
#ifndef MISSTEP_SWEEP_ENERGY_H
#define MISSTEP_SWEEP_ENERGY_H

enum { SWEEP_PACKAGES = 16 };

/* A reading: powercap's counter of each package. */
typedef struct sweep_energy {
  int n; /* 0: there is none that can be read */
  int id[SWEEP_PACKAGES];
  double joules[SWEEP_PACKAGES], range[SWEEP_PACKAGES]; /* range: where the counter begins anew */
  double busy;                                          /* CPU seconds of the whole machine */
} sweep_energy;

/* Read $MISSTEP_POWERCAP or /sys/class/powercap: the domains intel-rapl:N (AMD's too) but the one
 * of the platform (psys), which holds the others. */
void sweep_energy_read(sweep_energy *out);

/* Joules between two readings that are so many seconds apart, of which this process had so many CPU
 * seconds. NaN: no counter, others than before, or so long apart that a counter may have gone round
 * twice (at 1,000 watts). */
double sweep_energy_between(const sweep_energy *from, const sweep_energy *to, double seconds,
                            double cpu_seconds);

/* One line for --dry-run: what is counted, or why nothing is. */
const char *sweep_energy_words(char text[256]);

#endif
