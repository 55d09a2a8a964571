/* pattern.h: token_pattern, a regular expression that means what it means to Python's re. Internal.
 *
 * In: a pattern of Python. Out: the tokens that re.findall would return. The work is PCRE2's; the
 * differences are bridged by rewriting the pattern (pattern.c lists them).
 */
#ifndef MISSTEP_BASE_PATTERN_H
#define MISSTEP_BASE_PATTERN_H

#include <stdint.h>

#include "misstep/status.h"
#include "misstep/text.h"

/* A compiled pattern: read only, threads share it. */
typedef struct mst__pattern mst__pattern;

/* Compile. MST_E_ARG: it does not compile, or has more than one group. MST_E_NOMEM. */
mst_status mst__pattern_create(const char *source, mst__pattern **out);
void mst__pattern_free(mst__pattern *pattern);

/* One thread's scratch for any pattern, made by the first mst__pattern_next. */
void mst__match_free(void *match);

/* Where a search stands. Start it as {0}. */
typedef struct mst__search {
  int64_t at;    /* next search begins here */
  int was_empty; /* the last match was empty: the next one must not be, at the same place */
  int done;      /* there are no more matches */
} mst__search;

/* Find the next match in text, as findall does: the group's text if there is a group ("" when it
 * took no part), else the whole match; empty matches count.
 *   match  the thread's scratch; *match is NULL at first
 *   token  receives the text unless search->done is set; it points into text
 * MST_E_NOMEM, MST_E_ADAPTER: PCRE2 gave up (its own words). */
mst_status mst__pattern_next(const mst__pattern *pattern, mst_slice text, void **match,
                             mst__search *search, mst_slice *token);

#endif
