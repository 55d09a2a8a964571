/* terminal.h: what the program says to people: progress, notes, errors. All of it to standard
 * error; standard output carries results alone.
 */
#ifndef MISSTEP_TERMINAL_H
#define MISSTEP_TERMINAL_H

#include "misstep/status.h"

/* Hear the library's messages and progress, and SIGINT and SIGTERM: the next progress report then
 * cancels. A second signal ends the program at once. quiet: no progress, warnings stay. */
void mst_terminal_start(int quiet);

/* End the line of a progress display, if one is open. */
void mst_terminal_clear(void);

/* Say one line ("wrote model/"), unless quiet. */
void mst_terminal_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The signal that asked to stop, or 0. */
int mst_terminal_signal(void);

/* Print the last error and return the exit code for it: 1 the work failed, 2 usage, 3 bad input,
 * 130 and 143 after SIGINT and SIGTERM. */
int mst_terminal_fail(mst_status status);

/* A failure to read what the user named is bad input (exit code 3), not a failed work: MST_E_IO
 * becomes MST_E_FORMAT with the same message; everything else passes. */
mst_status mst_terminal_input(mst_status status);

/* Seconds since some fixed moment. */
double mst_terminal_now(void);

#endif
