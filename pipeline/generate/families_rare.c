/* families_rare.c: families of the four rare labels: inequalities, graphs, conditions, other. */
#include "generate/grammar.h"

#define ALGEBRA (TOPIC(EQUATIONS) | TOPIC(RATIO) | TOPIC(PLACE_VALUE) | TOPIC(DECIMALS))
#define CHARTS (TOPIC(GRAPHS) | TOPIC(AVERAGES) | TOPIC(SPEED) | TOPIC(PERCENT))

static const mst__family families[] = {
    {INEQUALITY, NO_LABEL, VERB, 6, 1, ALGEBRA,
     "forgot to [flip|reverse|turn] the sign when [dividing|multiplying] by a negative number"},
    {INEQUALITY, NO_LABEL, VERB, 6, 1, ALGEBRA, "[used|wrote|chose] {signs}[| in {inequality}]"},
    {INEQUALITY, NO_LABEL, VERB, 5, 1, ALGEBRA,
     "[wrote|read] [\"less than\" as >|\"more than\" as <|\"at most\" as <|\"at least\" as >|"
     "\"at least\" as <=|\"at most\" as >=]"},
    {INEQUALITY, NO_LABEL, NOUN, 4, 1, ALGEBRA,
     "[wrong|incorrect] [use of the inequality|inequality sign][| in {inequality}]"},
    {INEQUALITY, NO_LABEL, VERB, 3, 1, ALGEBRA,
     "[left out|included] the [end point|boundary] {n} of {inequality}"},
    {INEQUALITY, NO_LABEL, VERB, 3, 1, ALGEBRA,
     "solved {inequality} as [an equation|if it were an equation], x = {n}"},
    {INEQUALITY, NO_LABEL, VERB, 3, 1, ALGEBRA,
     "marked the wrong side of the number line for {inequality}"},

    {GRAPH, NO_LABEL, VERB, 6, 1, CHARTS,
     "[misread|read wrongly] the [scale|{axis}|legend] of the {chart}"},
    {GRAPH, NO_LABEL, VERB, 5, 1, CHARTS,
     "read {m} [instead of|and not] {m} [from|off] the {chart}"},
    {GRAPH, NO_LABEL, VERB, 4, 1, CHARTS,
     "[confused|mixed up|swapped] the x-axis [and|with] the y-axis of the {chart}"},
    {GRAPH, NO_LABEL, NOUN, 4, 1, CHARTS,
     "[error|mistake] in [reading|interpreting|the interpretation of] the {chart}"},
    {GRAPH, NO_LABEL, VERB, 3, 1, CHARTS,
     "counted the [bars|points|lines] of the {chart} instead of [reading|adding] their values"},
    {GRAPH, NO_LABEL, VERB, 3, 1, CHARTS,
     "thinks a [steeper|higher] line [means|shows] a [longer time|larger total]"},

    {CONDITION, NO_LABEL, VERB, 6, 1, 0,
     "[ignored|left out|did not use|overlooked] the condition that {condition}"},
    {CONDITION, NO_LABEL, VERB, 4, 1, 0, "[forgot|did not check] that {condition}"},
    {CONDITION, NO_LABEL, NOUN, 4, 1, 0,
     "[omission of|missing] [a condition|one condition|a given condition] [of the problem|in the "
     "question]"},
    {CONDITION, NO_LABEL, VERB, 3, 1, 0,
     "solved the problem without the [given|second|extra] [condition|information] ({condition})"},
    {CONDITION, NO_LABEL, VERB, 2, 1, 0, "gave [{answer}|an answer] although {condition}"},

    {OTHER, NO_LABEL, VERB, 4, 1, 0,
     "[left|handed in] [the page|the answer|{place}] [blank|empty|unfinished]"},
    {OTHER, NO_LABEL, NOUN, 3, 1, 0,
     "[unreadable|illegible|unclear] [handwriting|answer|work], [cannot be judged|no error to "
     "name]"},
    {OTHER, NO_LABEL, VERB, 3, 1, 0,
     "copied the [answer|solution] [of a neighbour|from the board] without [any steps|own work]"},
    {OTHER, NO_LABEL, VERB, 2, 1, 0,
     "gave only the answer {answer}, so the [mistake|error] cannot be [found|named]"},
    {OTHER, NO_LABEL, VERB, 2, 1, 0,
     "[copied|wrote down] the number {m} from the question wrongly, as {m}"},
    {OTHER, NO_LABEL, VERB, 2, 1, 0,
     "was [absent|ill|late] [for|during] the [lesson|unit] on {topic}"},
};

const mst__family_list mst__families_rare = {families,
                                             (int32_t)(sizeof families / sizeof *families)};
