/* vocabulary.h: vocabularies as files of exact counts, so that a fit can be spread over machines.
 *
 * In: an unpruned fit of each shard. Out: one JSON-lines file each; merged, byte for byte the file
 * of the whole. Next stage: a vectorizer, with the cuts applied to the merged counts.
 *
 * Line 1 is an object: format, version, documents, and the options that decide what a term is
 * (analyzer, lowercase, strip_accents, token_pattern, stop_words, ngram_range). Every further line
 * is ["term", documents that hold it, occurrences], in code-point order.
 */
#ifndef MISSTEP_VOCABULARY_H
#define MISSTEP_VOCABULARY_H

#include <stdint.h>

#include "features/vectorizer.h"

/* Write a vectorizer's counts to a file (whole or not at all).
 * MST_E_ARG: path exists without force; the fit was pruned (min_df, max_df, max_features), so that
 * its counts could not be merged. MST_E_IO, MST_E_NOMEM. */
mst_status mst_vocabulary_save(const mst_vectorizer *v, const char *path, int force);

/* Add up n_paths >= 1 files into one: documents and frequencies are summed. The order of the files
 * does not matter.
 * MST_E_FORMAT: a file is damaged ("path:line: ..."), or options differ (the message names the
 * option and both values). MST_E_ARG: path exists without force. MST_E_IO, MST_E_NOMEM. Exact. */
mst_status mst_vocabulary_merge(const char *const *paths, int32_t n_paths, const char *path,
                                int force);

/* Make a vectorizer of a file: what a term is comes from the file; cuts (over its documents), tf,
 * idf, norm, binary and dtype come from options. Equal to fitting the whole with both.
 * MST_E_FORMAT: damaged. MST_E_ARG: cuts that leave nothing. MST_E_IO, MST_E_NOMEM. */
mst_status mst_vocabulary_vectorizer(const char *path, const mst_vectorizer_options *options,
                                     mst_vectorizer **out);

#endif
