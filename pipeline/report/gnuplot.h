/* gnuplot.h: run a gnuplot script, take what it draws.
 *
 * In: a script without "set output". Out: the bytes of the picture. Next stage: files of the model
 * folder, the paper's figures.
 */
#ifndef MISSTEP_GNUPLOT_H
#define MISSTEP_GNUPLOT_H

#include <stddef.h>

#include "misstep/alloc.h"
#include "misstep/status.h"

/* Run the script (the user's own gnuplot settings are not read) and return what it drew (*out by
 * mst_free). MST_E_UNSUPPORTED: gnuplot is not installed; the message says how to get it. Else as
 * mst_process_run; MST_E_ADAPTER also when it drew nothing. */
mst_status mst_gnuplot_run(const char *script, size_t n, char **out, size_t *n_out);

/* Append text as a quoted gnuplot string. Single quotes: in double ones gnuplot would run what
 * stands between backquotes. Control characters become spaces. MST_E_NOMEM. */
mst_status mst_gnuplot_quote(mst_buffer *script, const char *text, size_t n);

/* Whether the machine's fonts can write the text; one character of each script is asked for. Where
 * they cannot, gnuplot's cairo terminals cover the whole picture with one huge box. */
int mst_gnuplot_can_write(const char *utf8, size_t n);

#endif
