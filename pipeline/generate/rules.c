/* rules.c: the shared parts of speech: rules that patterns name as {name}, the frames around a
 * family's statement, and remarks on what was right. All labels use all of them. */
#include "generate/grammar.h"

const mst__rule mst__rules[] = {
    {"operation", "[addition|subtraction|multiplication|division]"},
    {"doing", "[adding|subtracting|multiplying|dividing]"},
    {"did", "[added|subtracted|multiplied|divided]"},
    {"pupil", "[the student|the student|the pupil|this student|this pupil|our student]"},
    {"wrong", "[wrong|incorrect|not right|mistaken]"},
    {"wrongly", "[incorrectly|wrongly|with an error]"},
    {"count", "[2|3|4|two|three|four|some|a few]"},
    {"step", "[step {steps}|the last step|the first step|one step|the second line]"},
    {"place", "[question {question}|problem {question}|item {question}|exercise {question}]"},
    {"things", "[apples|pencils|books|stickers|marbles|tickets|eggs|cards|coins|oranges|seats]"},
    {"person", "[Mina|Jun|Sora|Tom|Anna|Leo|Yuna|Ben|Hana|Max|Ella|Daniel]"},
    {"sign", "[<|>|<=|>=]"},
    {"inequality", "[{n}x {sign} {m}|x + {n} {sign} {m}|x {sign} {n}|{n}x - {n} {sign} {m}]"},
    {"signs", "[< for >|> for <|<= for <|< for <=|>= for >|> for >=|<= for >=|>= for <=|= for <=]"},
    {"units", /* what stands, what should */
     "[cm [for|instead of] [m|mm|km]|m [for|instead of] [cm|km]|g [for|instead of] kg|kg for g|mL "
     "[for|instead of] L|minutes [for|instead of] [hours|seconds]|hours for minutes|m^2 for cm^2]"},
    {"operations",
     "[addition where subtraction|subtraction where addition|addition where multiplication|"
     "multiplication where division|division where multiplication|multiplication where addition|"
     "division where subtraction]"},
    {"factors", "[10 instead of 100|100 instead of 10|1000 instead of 100|100 instead of 60|60 "
                "instead of 3600|100 instead of 10000|10 instead of 1000]"},
    {"quantity", "[{m} cm|{dec} m|{n} km|{h} g|{dec} kg|{h} mL|{n} L|{m} minutes|{n} hours]"},
    {"magnitudes",
     "[{m} cm instead of {n} m|{h} g instead of {n} kg|{dec} L instead of {m} mL|{m} minutes for "
     "{n} hours|{dec} m for {m} cm|{h} m instead of {dec} km|{n} hours instead of {h} seconds]"},
    {"conversion",
     "[cm to m|m to cm|m to km|km to m|mm to cm|g to kg|kg to g|mL to L|L to mL|minutes to hours|"
     "hours to minutes|seconds to minutes|cm^2 to m^2|days to hours]"},
    {"falsehood", /* about units */
     "[1 m = 10 cm|1 km = 100 m|1 hour = 100 minutes|1 kg = 100 g|1 m^2 = 100 cm^2|1 L = 100 mL|"
     "1 cm = 100 mm|1 minute = 100 seconds|1 day = 12 hours]"},
    {"chart", "[bar graph|line graph|pie chart|graph|pictograph|diagram|histogram]"},
    {"axis", "[x-axis|y-axis|vertical axis|horizontal axis]"},
    {"condition",
     "[x is a whole number|the total is at most {m}|only even numbers count|each box holds {n}|"
     "the answer is greater than {n}|every pupil gets at least {n}|{person} has {n} more {things}|"
     "the sides are equal|x is less than {m}|no {things} are left over|the price includes {n} %]"},
    {"asked",
     "[how many more|how many in total|the difference|the total|what is left|how much each one "
     "gets|"
     "the price of one|the length of one side|how many are needed|the number of {things}]"},
    {"sought", /* never what {asked} says */
     "[how many fewer|the sum of both|the part of {person}|the price of all|the length of all "
     "sides|"
     "half of it|the larger number|the smaller number|how much is missing|the number of pupils]"},
    {"mixup", /* two notions that pupils take for each other */
     "[area [with|and] perimeter|perimeter [with|and] area|numerator [with|and] denominator|"
     "factors [with|and] multiples|radius [with|and] diameter|ratio [with|and] difference|"
     "mean [with|and] total|tenths [with|and] tens|volume [with|and] surface]"},
};
const int32_t mst__n_rules = (int32_t)(sizeof mst__rules / sizeof *mst__rules);

/* What may follow any statement. */
#define TAIL                                                                                       \
  "[||||||| in {place}| in {place}|, missing {count} steps| ({expression})|, answer {answer}|"     \
  ", got {answer} instead of {answer}| when working on {topic}| ({topic})|; {remark}|; {remark}|"  \
  "; otherwise {remark}| at {step}|, should review {topic}|; needs practice in {skill}|"           \
  " with {person}'s {things}]"

#define END "[|||||.|.|.|.|!]"

const char *const mst__frames[2] = {
    [VERB] = "[{body}|{body}|{body}|{body}|{pupil} {body}|{pupil} {body}|{pupil} {body}|"
             "in {place} {pupil} {body}|{topic}: {body}|{place}: {body}|again {body}|"
             "{remark}, but {body}]" TAIL END,
    [NOUN] = "[{body}|{body}|{body}|{body}|{place}: {body}|{topic}: {body}|main problem: {body}|"
             "{pupil} shows {body}|the work shows {body}|again {body}|mostly {body}|"
             "{remark}, but {body}]" TAIL END,
};

/* Acts that belong to a label; they share verbs, so that no verb gives the label away. */
const char *const mst__acts[MST_GENERATE_N_LABELS] = {
    [CONCEPT] = "[explained|used|described] the [idea|meaning] of [the {object}|{topic}]",
    [CALCULATION] = "[added|multiplied|subtracted|worked out|wrote] the [numbers|values|result]",
    [COMPREHENSION] = "[read|understood|explained] the [question|text|task]",
    [PROCESS] = "[ordered|wrote|followed|explained] the [steps|lines of the solution|solution]",
    [UNIT] = "[converted|changed|wrote] the [units|quantities|unit of the result]",
    [INEQUALITY] = "[used|wrote|turned|changed] the [inequality|inequality sign|sign {sign}]",
    [GRAPH] = "[read|used|explained] the [{chart}|{axis}|scale|values of the {chart}]",
    [CONDITION] = "[used|read|changed] the [condition|second condition|information in the text]",
    [OTHER] = "[copied|wrote|changed] the [numbers of the question|date|sheet]",
};

/* A remark is made about a label that is not the text's own, so its words say what is NOT wrong. */
const char *const mst__remarks[MST_GENERATE_N_LABELS] = {
    [CONCEPT] = "[the concept is understood|the idea of {topic} is clear|knows {skill}]",
    [CALCULATION] = "[the calculation is correct|no calculation error|{good} is right|"
                    "the {operation} is correct]",
    [COMPREHENSION] = "[the question was understood|read the problem correctly|"
                      "knew what was asked]",
    [PROCESS] = "[the steps are in order|the method is right|the solution process is complete]",
    [UNIT] = "[the units are right|the conversion is correct|{conversion} was done correctly]",
    [INEQUALITY] = "[the inequality is set up well|the sign {sign} is used correctly]",
    [GRAPH] = "[the {chart} was read correctly|the values of the {chart} are right]",
    [CONDITION] = "[all conditions were used|no condition was left out]",
    [OTHER] = "[the work is neat|the handwriting is fine|worked alone]",
};
