/* families_shared.c: statements that honestly fit two labels. The share is P(first label | family)
 * before label noise; the weight is relative to the other shared families. */
#include "generate/grammar.h"

static const mst__family families[] = {
    {CALCULATION, CONCEPT, NOUN, 10, 0.60, 0, "[wrong|incorrect] [answer|result] in {topic}"},
    {CALCULATION, CONCEPT, NOUN, 8, 0.50, TOPIC(FRACTIONS) | TOPIC(DECIMALS),
     "[error|mistake] with the {object} when {doing}"},
    {CALCULATION, CONCEPT, VERB, 6, 0.55, 0,
     "is not secure in {operation}, [gave {bad}|{expression} came out wrong]"},
    {CONCEPT, COMPREHENSION, VERB, 8, 0.60, 0,
     "did not know [which operation to use|how to begin|what to do with the numbers]"},
    {CONCEPT, COMPREHENSION, VERB, 6, 0.50, 0,
     "does not understand [the problem on {topic}|the words used in {topic}]"},
    {CALCULATION, PROCESS, VERB, 6, 0.65, 0,
     "[lost|dropped] a [number|digit|term] between two [lines|steps]"},
    {CALCULATION, PROCESS, NOUN, 5, 0.55, 0, "[error|mistake] in {step} of the {operation}"},
    {CONCEPT, PROCESS, VERB, 4, 0.60, 0, "does not know how to go on after {step}"},
    {CALCULATION, UNIT, VERB, 4, 0.55, TOPIC(LENGTH) | TOPIC(TIME) | TOPIC(VOLUME),
     "is off by a factor of [10|100|1000|60], {magnitudes}"},
    {CONCEPT, UNIT, VERB, 3, 0.60, TOPIC(AREA) | TOPIC(VOLUME),
     "wrote [cm|m] [instead of|for] [cm^2|m^2|cm^3] in the answer {answer}"},
    {COMPREHENSION, CONDITION, VERB, 2, 0.65, 0,
     "[read only part of|did not use all numbers of] the [problem|question]"},
    {INEQUALITY, COMPREHENSION, VERB, 2, 0.50, 0,
     "[read|took] \"[more than {n}|less than {n}|at most {n}|at least {n}]\" the wrong way round"},
    {INEQUALITY, CONCEPT, VERB, 2, 0.55, TOPIC(EQUATIONS) | TOPIC(DECIMALS),
     "does not understand [what|the meaning of] {sign} in {inequality}"},
    {GRAPH, COMPREHENSION, VERB, 2, 0.50, TOPIC(GRAPHS),
     "[took|used] the wrong [bar|line|column] for {asked}"},
    {GRAPH, CALCULATION, NOUN, 2, 0.45, TOPIC(GRAPHS),
     "[wrong|incorrect] [difference|total] of two [bars|values] of the {chart}"},
    {OTHER, COMPREHENSION, VERB, 1, 0.50, 0,
     "wrote numbers [that do not belong to the problem|from a different question]"},
};

const mst__family_list mst__families_shared = {families,
                                               (int32_t)(sizeof families / sizeof *families)};
