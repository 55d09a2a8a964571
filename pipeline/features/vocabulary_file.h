/* vocabulary_file.h: a vocabulary file in memory. Internal. */
#ifndef MISSTEP_VOCABULARY_FILE_H
#define MISSTEP_VOCABULARY_FILE_H

#include "features/internal.h"
#include "files/json.h"

typedef struct mst__vocabulary {
  mst_json *header; /* the first line; "documents" is n_docs */
  int64_t n_docs;
  mst_strings terms;
  int64_t *doc_freq, *term_freq; /* [terms.n] */
} mst__vocabulary;

void mst__vocabulary_fini(mst__vocabulary *vocabulary);

/* Read and check a file. MST_E_FORMAT ("path:line: ..."), MST_E_IO, MST_E_NOMEM. */
mst_status mst__vocabulary_read(const char *path, mst__vocabulary *out);

/* Names of what the first line says beside format, version and documents; ends with NULL. */
extern const char *const mst__vocabulary_options[];

/* The first line for these options. NULL: no memory. */
mst_json *mst__vocabulary_header(const mst_vectorizer_options *options, int64_t n_docs);

/* Set the options that a first line has. Strings are borrowed from it; *stop_list is the caller's.
 * MST_E_FORMAT names the option. MST_E_NOMEM. */
mst_status mst__vocabulary_apply(const mst_json *header, mst_vectorizer_options *options,
                                 mst_strings *stop_list);

#endif
