/* families_contrast.c: statements in which only the order of the words tells the label: one thing
 * was done well, another badly, and both labels' families use the same words. A bag of words cannot
 * tell them apart; pairs of words help in part. {own} is a phrase of the family's label, {other}
 * one of another label. */
#include "generate/grammar.h"

#define WELL "[well|correctly|as it should be|without error]"
#define BADLY "[badly|wrongly|incorrectly|with an error]"
#define FIRST_WELL "{other} " WELL "[, but| but|, yet|; then] {own} " BADLY
#define FIRST_BADLY "{own} " BADLY "[, though {pupil}| although {pupil}|; still] {other} " WELL
#define NOT_BUT "not that {pupil} {other}, but that {pupil} {own}, [costs the mark|is the problem]"
#define BUT_NOT "that {pupil} {own}, not that {pupil} {other}, [costs the mark|is the problem]"

/* Two families a label: with and without a turn after "but". */
#define CONTRAST(label, weight)                                                                    \
  {label, NO_LABEL, VERB, weight, 1, 0, "[" FIRST_WELL "|" FIRST_BADLY "]"}, {                     \
    label, NO_LABEL, NOUN, (weight) / 4.0, 1, 0, "[" NOT_BUT "|" BUT_NOT "]"                       \
  }

static const mst__family families[] = {
    CONTRAST(CALCULATION, 20), CONTRAST(CONCEPT, 16),  CONTRAST(COMPREHENSION, 12),
    CONTRAST(PROCESS, 10),     CONTRAST(UNIT, 8),      CONTRAST(INEQUALITY, 7),
    CONTRAST(GRAPH, 6),        CONTRAST(CONDITION, 5), CONTRAST(OTHER, 3),
};

const mst__family_list mst__families_contrast = {families,
                                                 (int32_t)(sizeof families / sizeof *families)};
