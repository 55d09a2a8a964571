/* families_frequent.c: families of the two most frequent labels: errors of calculation and of
 * concept. Weights are relative within a label. */
#include "generate/grammar.h"

#define NUMERIC                                                                                    \
  (TOPIC(FRACTIONS) | TOPIC(DECIMALS) | TOPIC(MONEY) | TOPIC(PLACE_VALUE) | TOPIC(EQUATIONS) |     \
   TOPIC(PERCENT) | TOPIC(AVERAGES) | TOPIC(AREA) | TOPIC(TIME) | TOPIC(SPEED))
#define FIGURES (TOPIC(AREA) | TOPIC(PERIMETER) | TOPIC(VOLUME) | TOPIC(ANGLES))

static const mst__family families[] = {
    {CALCULATION, NO_LABEL, NOUN, 10, 1, NUMERIC,
     "[calculation|computation|arithmetic] [error|mistake|slip] in {operation}"},
    {CALCULATION, NO_LABEL, NOUN, 6, 1, 0,
     "[careless|small|simple] [calculation|arithmetic] [error|mistake] [while|when] {doing} {m} "
     "and "
     "{n}"},
    {CALCULATION, NO_LABEL, VERB, 10, 1, 0, "[wrote|computed|calculated] {bad}"},
    {CALCULATION, NO_LABEL, VERB, 6, 1, NUMERIC, "{did} {m} and {n} {wrongly}[| in {expression}]"},
    {CALCULATION, NO_LABEL, VERB, 6, 1, TOPIC(PLACE_VALUE) | TOPIC(DECIMALS) | TOPIC(MONEY),
     "forgot to [carry|borrow] the {n}[| when {doing} {h} and {m}]"},
    {CALCULATION, NO_LABEL, VERB, 5, 1, 0,
     "chose the right operation [but|and then] {did} {wrongly}[: {bad}|]"},
    {CALCULATION, NO_LABEL, VERB, 5, 1, TOPIC(FRACTIONS),
     "found the common denominator but {did} the numerators {wrongly}"},
    {CALCULATION, NO_LABEL, VERB, 4, 1, TOPIC(GRAPHS),
     "read the {chart} correctly but {did} the values {wrongly}"},
    {CALCULATION, NO_LABEL, VERB, 4, 1, TOPIC(LENGTH) | TOPIC(TIME),
     "converted {conversion} correctly, then {did} {m} and {n} {wrongly}"},
    {CALCULATION, NO_LABEL, NOUN, 5, 1, 0,
     "[wrong|incorrect] [sum|difference|product|quotient][| of {m} and {n}], {bad}"},
    {CALCULATION, NO_LABEL, VERB, 4, 1, TOPIC(DECIMALS) | TOPIC(MONEY),
     "[put|placed] the decimal point {wrongly} in the result, {dec} [for|instead of] {dec}"},
    {CALCULATION, NO_LABEL, VERB, 4, 1, TOPIC(EQUATIONS) | TOPIC(RATIO),
     "set up {expression} correctly but made a mistake in {operation}"},
    {CALCULATION, NO_LABEL, VERB, 3, 1, 0,
     "recalled the times table {wrongly}, {n} x {n} [given as|taken as] {m}"},
    {CALCULATION, NO_LABEL, VERB, 3, 1, TOPIC(EQUATIONS),
     "flipped the sign correctly but {did} {m} by {n} {wrongly}"},
    {CALCULATION, NO_LABEL, VERB, 4, 1, NUMERIC,
     "[added|multiplied] before [rounding|simplifying] and got the {operation} {wrong}, {bad}"},
    {CALCULATION, NO_LABEL, VERB, 3, 1, FIGURES,
     "used the right formula[| for {topic}] but {did} {wrongly}"},

    {CONCEPT, NO_LABEL, VERB, 8, 1, 0,
     "[does not understand|does not know|has not understood|is unsure about] [the concept of|the "
     "idea of|the meaning of] [the {object}|{topic}]"},
    {CONCEPT, NO_LABEL, NOUN, 6, 1, 0,
     "[lack|gap] in [the concept of|understanding of|knowledge of] {topic}"},
    {CONCEPT, NO_LABEL, VERB, 6, 1, FIGURES | TOPIC(FRACTIONS) | TOPIC(RATIO) | TOPIC(AVERAGES),
     "[confuses|mixes up|mixed up] {mixup}"},
    {CONCEPT, NO_LABEL, VERB, 5, 1, TOPIC(FRACTIONS),
     "thinks {frac} is [larger|smaller|greater] than {frac} because the denominator is larger"},
    {CONCEPT, NO_LABEL, VERB, 5, 1, TOPIC(FRACTIONS),
     "{did} numerators and denominators separately in {frac} [+|-] {frac}"},
    {CONCEPT, NO_LABEL, VERB, 4, 1, TOPIC(DECIMALS),
     "believes {dec} is [greater|less] than {dec} because it has more digits"},
    {CONCEPT, NO_LABEL, VERB, 4, 1, FIGURES,
     "used the [formula|rule] of {topic} for [a|another] [figure|shape] where it does not hold"},
    {CONCEPT, NO_LABEL, VERB, 4, 1, 0,
     "cannot explain why [{skill}|{expression}] [works|is used][| here]"},
    {CONCEPT, NO_LABEL, NOUN, 4, 1, 0,
     "[wrong|incorrect|missing] [definition|concept|notion] of the {object}"},
    {CONCEPT, NO_LABEL, VERB, 4, 1, TOPIC(EQUATIONS),
     "treats the equal sign as a sign for the answer, not as balance, in {expression}"},
    {CONCEPT, NO_LABEL, VERB, 4, 1, TOPIC(PERCENT) | TOPIC(RATIO),
     "does not see that {m} % [is|means] {m} out of 100"},
    {CONCEPT, NO_LABEL, VERB, 3, 1, TOPIC(GRAPHS) | TOPIC(AVERAGES),
     "does not know what [the mean|the average|a scale] [means|stands for]"},
    {CONCEPT, NO_LABEL, VERB, 3, 1, TOPIC(LENGTH) | TOPIC(AREA),
     "does not understand that cm measures length and cm^2 measures area"},
    {CONCEPT, NO_LABEL, VERB, 4, 1, 0,
     "knows the steps of {skill} but not [what they mean|why they work|the concept behind them]"},
    {CONCEPT, NO_LABEL, VERB, 3, 1, TOPIC(PLACE_VALUE), "thinks the {object} of {t} is worth {n}"},
    {CONCEPT, NO_LABEL, VERB, 3, 1, 0,
     "chose {operation} because [the numbers are large|the word more appears], not from the "
     "meaning"},
};

const mst__family_list mst__families_frequent = {families,
                                                 (int32_t)(sizeof families / sizeof *families)};
