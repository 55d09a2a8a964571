/* vectorize_case.h: one vectorizer run described in JSON, and its result in JSON: what the golden
 * and the differential tests exchange with scikit-learn.
 *
 * A case: {"options": {...}, "fit": [texts], "transform": [texts], "threads": 2}. Options have
 * scikit-learn's names and values; what is absent has its default. A result: {"terms", "df", "tf",
 * "idf", "fit": matrix, "transform": matrix} with matrix = {"indptr", "indices", "counts", "data"},
 * or {"error": "MST_E_ARG", "message": "..."}.
 */
#ifndef MISSTEP_VECTORIZE_CASE_H
#define MISSTEP_VECTORIZE_CASE_H

#include "features/vectorizer.h"
#include "files/json.h"

/* Run a case; *result is freed by the caller. Fails only if the case itself makes no sense: an
 * error of the vectorizer is a result. */
mst_status vectorize_case(const mst_json *the_case, mst_json **result);

/* The vectorizer's options of a case; strings are borrowed from it, *stop_list is the caller's. */
mst_status vectorize_case_options(const mst_json *options, mst_vectorizer_options *out,
                                  mst_strings *stop_list);

/* A JSON array of strings, owned by the caller. */
mst_status vectorize_case_strings(const mst_json *array, mst_strings *out);

#endif
