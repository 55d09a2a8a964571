/* effect_sets.c: what the effect of copies is measured on, and how copies are made. */
#include "effect.h"

enum { ALL_ROWS = EFFECT_SIZES - 1, ROWS_2000 = 1 };

const effect_set effect_sets[EFFECT_SETS] = {
    {"maths-errors", "maths-errors.csv", "student_step,teacher_note", "problem_id",
     "elementary-maths.en", 1, ALL_ROWS}, /* some 800 */
    {"mwp-korean", "mwp-korean.csv", "text", "", "elementary-maths.ko", 0, ROWS_2000},
    {"banking77", "banking77-train.csv,banking77-test.csv", "text", "", "elementary-maths.en", 1,
     ROWS_2000},
    {"generated", NULL, "text", "", "elementary-maths.en", 1, ROWS_2000},
    {"arxiv-titles", "arxiv-titles.csv.gz", "text", "", "elementary-maths.en", 1, ROWS_2000}};
const int64_t effect_rows[EFFECT_SIZES] = {500, 2000, 8000, 0};

#define SINGLE(operation)                                                                          \
  {operation, EFFECT_COPIES, operation, 0}, {                                                      \
    "duplicates for " operation, EFFECT_DUPLICATES, operation, 0                                   \
  }

const effect_arm effect_arms[EFFECT_ARMS] = {
    {"none", EFFECT_WITHOUT, NULL, 0},
    {"rules", EFFECT_COPIES, NULL, 0},
    {"duplicates for rules", EFFECT_DUPLICATES, NULL, 0},
    {"weights for rules", EFFECT_WEIGHTS, NULL, 0},
    {"rules and WordNet", EFFECT_COPIES, NULL, 1},
    {"duplicates for rules and WordNet", EFFECT_DUPLICATES, NULL, 1},
    {"weights for rules and WordNet", EFFECT_WEIGHTS, NULL, 1},
    {"rules before the division", EFFECT_LEAKY, NULL, 0},
    SINGLE("synonym"),
    SINGLE("paraphrase"),
    SINGLE("contraction"),
    SINGLE("number-words"),
    SINGLE("units"),
    SINGLE("insertion"),
    SINGLE("deletion"),
    SINGLE("swap"),
    SINGLE("spelling"),
    SINGLE("keyboard"),
    SINGLE("split"),
    SINGLE("merge")};
