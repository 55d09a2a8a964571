/* internal.h: what the files of pipeline/generate share beside grammar and model. */
#ifndef MISSTEP_GENERATE_INTERNAL_H
#define MISSTEP_GENERATE_INTERNAL_H

#include "generate/generate.h"

/* The most probable label given the family. */
int32_t mst__generator_best(const mst_generator *generator, int32_t family);

#endif
