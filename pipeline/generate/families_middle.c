/* families_middle.c: families of the labels of middle frequency: comprehension of the problem, the
 * process of the solution, units. They borrow the words of the frequent labels on purpose. */
#include "generate/grammar.h"

#define MEASURES                                                                                   \
  (TOPIC(LENGTH) | TOPIC(TIME) | TOPIC(SPEED) | TOPIC(AREA) | TOPIC(VOLUME) | TOPIC(PERIMETER))

static const mst__family families[] = {
    {COMPREHENSION, NO_LABEL, VERB, 8, 1, 0,
     "[misread|misunderstood] [the question|the problem|the task][|: found {sought}|, looked for "
     "{asked}]"},
    {COMPREHENSION, NO_LABEL, VERB, 7, 1, 0,
     "[found|gave|calculated|computed] {sought} [instead of|and not] {asked}"},
    {COMPREHENSION, NO_LABEL, VERB, 6, 1, 0,
     "[took|read] \"[more than|twice as many as|less than]\" as \"[as many as|half as many as|left "
     "over]\""},
    {COMPREHENSION, NO_LABEL, VERB, 5, 1, 0,
     "[used|chose|picked] {operations} is [asked for|needed] in the [story|text|problem]"},
    {COMPREHENSION, NO_LABEL, NOUN, 5, 1, 0,
     "[poor|weak|wrong] [understanding|reading] of the [word problem|question|story problem]"},
    {COMPREHENSION, NO_LABEL, VERB, 4, 1, 0,
     "[counted|gave] {person}'s {things} [but the question asks|although the question was] about "
     "{person}'s"},
    {COMPREHENSION, NO_LABEL, VERB, 4, 1, TOPIC(EQUATIONS) | TOPIC(RATIO) | TOPIC(PERCENT),
     "could not turn the [sentence|text|story] into [an equation|{expression}]"},
    {COMPREHENSION, NO_LABEL, VERB, 3, 1, TOPIC(GRAPHS),
     "read the {chart} well but answered a different question, {asked}"},
    {COMPREHENSION, NO_LABEL, VERB, 4, 1, 0,
     "answered with [{answer}|a number] that the question [already gives|does not ask for]"},
    {COMPREHENSION, NO_LABEL, VERB, 3, 1, TOPIC(TIME) | TOPIC(SPEED),
     "gave the [starting|arrival] time where the question asks for the [duration|distance]"},
    {COMPREHENSION, NO_LABEL, VERB, 3, 1, 0,
     "does not understand what [{asked}|\"{asked}\"] [asks|means] in the problem"},

    {PROCESS, NO_LABEL, VERB, 7, 1, 0,
     "[added|subtracted] before [multiplying|dividing] in {n} + {n} x {m}"},
    {PROCESS, NO_LABEL, VERB, 6, 1, 0,
     "[skipped|left out|missed] {step} of the [solution|method], [{skill}|{doing} by {n}]"},
    {PROCESS, NO_LABEL, NOUN, 5, 1, 0,
     "[error|mistake|break] in the [solution process|order of the steps|order of operations]"},
    {PROCESS, NO_LABEL, VERB, 5, 1, 0,
     "[stopped|gave up] after {step}, the [rest|remaining {operation}] is missing"},
    {PROCESS, NO_LABEL, VERB, 4, 1, TOPIC(FRACTIONS),
     "multiplied before finding the common denominator and [repeated|lost] a step"},
    {PROCESS, NO_LABEL, VERB, 4, 1, TOPIC(EQUATIONS), "{did} only one side of {expression} by {n}"},
    {PROCESS, NO_LABEL, VERB, 4, 1, 0,
     "did the steps in the wrong order: {doing} [first|before {skill}]"},
    {PROCESS, NO_LABEL, VERB, 3, 1, 0,
     "wrote {good} = {m} in one chain, [running the steps together|misusing the equal sign]"},
    {PROCESS, NO_LABEL, VERB, 3, 1, 0,
     "used a number from an earlier line in {step}, [{good} is right|so the rest does not fit]"},
    {PROCESS, NO_LABEL, VERB, 3, 1, MEASURES,
     "converted after {doing} [although|where] {skill} comes first"},

    {UNIT, NO_LABEL, VERB, 8, 1, MEASURES,
     "[did not convert|forgot to convert|failed to convert] {conversion}[| before {doing}]"},
    {UNIT, NO_LABEL, NOUN, 6, 1, MEASURES,
     "[error|mistake] in [converting|the conversion of|changing] {conversion}"},
    {UNIT, NO_LABEL, VERB, 5, 1, MEASURES, "[used|wrote|thinks|took] {falsehood}"},
    {UNIT, NO_LABEL, VERB, 5, 1, MEASURES,
     "[added|subtracted] {quantity} and {quantity} without the same unit"},
    {UNIT, NO_LABEL, VERB, 4, 1, MEASURES,
     "[multiplied|divided] by {factors} when changing {conversion}"},
    {UNIT, NO_LABEL, VERB, 3, 1, MEASURES, "gave the answer [in|with the unit] {units}"},
    {UNIT, NO_LABEL, VERB, 3, 1, MEASURES,
     "converted {conversion} in the wrong direction[|, {quantity}]"},
    {UNIT, NO_LABEL, VERB, 3, 1, TOPIC(MONEY) | TOPIC(LENGTH),
     "mixed [cents and dollars|grams and kilograms|litres and millilitres] in {expression}"},
};

const mst__family_list mst__families_middle = {families,
                                               (int32_t)(sizeof families / sizeof *families)};
