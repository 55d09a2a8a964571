/* spec_read.h: what the files that read a spec share.
 *
 * In: a value in the spec's tree. Out: its checked number or text, or a message with its place.
 * Private to the spec*.c files.
 */
#ifndef MISSTEP_SWEEP_SPEC_READ_H
#define MISSTEP_SWEEP_SPEC_READ_H

#include "spec.h"

/* Is word one of a NULL-terminated list? */
int sweep_is_in(const char *const *words, const char *word);
/* Say that a word is none of a list; what: "key", "model". MST_E_FORMAT. */
mst_status sweep_unknown(const sweep_spec *spec, const sweep_yaml *at, const char *what,
                         const char *const *words);
/* Check the keys of a map. MST_E_FORMAT. */
mst_status sweep_keys_of(const sweep_spec *spec, const sweep_yaml *map, const char *const *words);
/* Is the value a text that is not empty? what: "a file". MST_E_FORMAT. */
mst_status sweep_text_of(const sweep_spec *spec, const sweep_yaml *at, const char *what);
/* Which of a list a text is. MST_E_FORMAT. */
mst_status sweep_word_of(const sweep_spec *spec, const sweep_yaml *at, const char *what,
                         const char *const *words, int *out);
/* One of a list or a list of them, none twice: places in words, in the spec's order.
 *   out  [number of words] written */
mst_status sweep_words_of(const sweep_spec *spec, const sweep_yaml *at, const char *what,
                          const char *const *words, int *out, int32_t *n_out);
/* A whole number of low .. high; one number or a list of them, none twice (mst_free).
 * MST_E_FORMAT, MST_E_NOMEM. */
mst_status sweep_number_of(const sweep_spec *spec, const sweep_yaml *at, int64_t low, int64_t high,
                           int64_t *out);
mst_status sweep_numbers_of(const sweep_spec *spec, const sweep_yaml *at, int64_t low, int64_t high,
                            int64_t **out, int32_t *n_out);
/* A number above 0. MST_E_FORMAT. */
mst_status sweep_positive_of(const sweep_spec *spec, const sweep_yaml *at, double *out);

/* spec_search.c: method, run_cap, draw_seed. */
mst_status sweep_spec_method(sweep_spec *spec, const sweep_yaml *root);
/* ... and early_terminate, resource, budget, when all else is known. */
mst_status sweep_spec_ends(sweep_spec *spec, const sweep_yaml *root);
/* spec_parameters.c: the parameters of the spec, and those that "augment" says.
 *   at       the value of "parameters", or NULL
 *   augment  the value of "augment", or NULL */
mst_status sweep_spec_parameters(sweep_spec *spec, const sweep_yaml *at, const sweep_yaml *augment);

/* Add a parameter that the spec does not list: an option's name, and its one value. Room for one is
 * there. MST_E_NOMEM. */
mst_status sweep_spec_imply(sweep_spec *spec, const char *option, int64_t value);

#endif
