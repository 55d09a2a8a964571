/* option_table.c: the options themselves. Order is the order of --help. */
#include "cli/option.h"

#include <stddef.h>

#define INPUT "Input"
#define SPLIT "Split"
#define FEATURES "Features of the trees (scikit-learn's names and meanings)"
#define LINEAR "Features and fit of the linear part"
#define MODEL "Model"
#define COMMON "Common"
#define OUTPUT "Output"
#define SYNTHETIC "Synthetic data"
#define AUGMENT "Copies"
#define TRAINED (CMD_TRAIN)
#define COPIED (CMD_AUGMENT | CMD_TRAIN)
#define DIVIDED (CMD_TRAIN | CMD_SPLIT)

/* A table: an option in one line or two. */
/* clang-format off */

/* The vectoriser's options stand twice: for the trees (and for vectorize) as they are, for the
 * linear part with "linear-" in front and defaults of its own. D: plain default, T: train's
 * default. */
#define VECTORIZER(P, CMDS, GROUP, NGRAMS, NGRAMS_T, MINDF, MINDF_T, SUBLINEAR, NORM, NORM_T)     \
  {P "analyzer", 0, OPT_CHOICE, CMDS, "word|char|char_wb|maths", "word", NULL, 0, 0, GROUP,       \
   "what a term is made of"},                                                                     \
  {P "ngram-range", 0, OPT_RANGE, CMDS, "MIN,MAX", NGRAMS, NGRAMS_T, 1, 16, GROUP,                \
   "lengths of n-grams"},                                                                         \
  {P "lowercase", 0, OPT_SWITCH, CMDS, NULL, "true", NULL, 0, 0, GROUP,                           \
   "lower-case first, as Python does"},                                                           \
  {P "strip-accents", 0, OPT_CHOICE, CMDS, "none|ascii|unicode", "none", NULL, 0, 0, GROUP,       \
   "remove accents (ascii turns 1/2 signs into 12: mind numbers)"},                               \
  {P "token-pattern", 0, OPT_TEXT, CMDS, "REGEX", NULL, NULL, 1, 0, GROUP,                        \
   "PCRE2, at most one group; default (?u)\\b\\w\\w+\\b"},                                        \
  {P "stop-words", 0, OPT_TEXT, CMDS, "none|english|FILE", "none", NULL, 1, 0, GROUP,             \
   "words left out before n-grams are made; FILE has one a line"},                                \
  {P "min-df", 0, OPT_DF, CMDS, "N|SHARE", MINDF, MINDF_T, 0, 0, GROUP,                           \
   "fewest documents a term must be in: 2, or a share such as 0.01"},                             \
  {P "max-df", 0, OPT_DF, CMDS, "N|SHARE", "1.0", NULL, 0, 0, GROUP,                              \
   "most documents a term may be in"},                                                            \
  {P "max-features", 0, OPT_INT, CMDS, "N", "0", NULL, 0, 2147483647, GROUP,                      \
   "keep the N most frequent terms, ties by code point; 0: all"},                                 \
  {P "binary", 0, OPT_FLAG, CMDS, NULL, "false", NULL, 0, 0, GROUP,                               \
   "count a term once a document"},                                                               \
  {P "sublinear-tf", 0, OPT_SWITCH, CMDS, NULL, SUBLINEAR, NULL, 0, 0, GROUP,                     \
   "1 + ln(count) for the count"},                                                                \
  {P "relative-tf", 0, OPT_SWITCH, CMDS, NULL, "false", NULL, 0, 0, GROUP,                        \
   "count / counts of the document (the paper's TF)"},                                            \
  {P "use-idf", 0, OPT_SWITCH, CMDS, NULL, "true", NULL, 0, 0, GROUP,                             \
   "weigh by inverse document frequency"},                                                        \
  {P "smooth-idf", 0, OPT_SWITCH, CMDS, NULL, "true", NULL, 0, 0, GROUP,                          \
   "ln((1+D)/(1+df)) + 1, else ln(D/df) + 1"},                                                    \
  {P "paper-idf", 0, OPT_SWITCH, CMDS, NULL, "false", NULL, 0, 0, GROUP,                          \
   "ln(D/(1+df)) (the paper's IDF)"},                                                             \
  {P "norm", 0, OPT_CHOICE, CMDS, "l2|l1|none", NORM, NORM_T, 0, 0, GROUP,                        \
   "scale rows to length 1"}

const mst_option mst_options[] = {
    {"text-column", 0, OPT_TEXT, CMD_READ, "NAME[,NAME]", "text", NULL, 1, 0, INPUT,
     "column(s) with the text; several are joined by a space"},
    {"label-column", 0, OPT_TEXT, DIVIDED | CMD_EVALUATE | CMD_VECTORIZE | CMD_AUGMENT, "NAME",
     "label", NULL, 1, 0, INPUT, "column with the class"},
    {"group-column", 0, OPT_TEXT, DIVIDED, "NAME", NULL, NULL, 1, 0, INPUT,
     "records of one group (problem, pupil) are never divided"},
    {"input-format", 0, OPT_CHOICE, CMD_READ, "auto|csv|tsv|jsonl|fasttext", "auto", NULL, 0, 0,
     INPUT, "auto: by the file's name; standard input is csv"},
    {"decode-errors", 0, OPT_CHOICE, CMD_READ, "strict|replace|skip", "strict", NULL, 0, 0, INPUT,
     "what to do with broken UTF-8"},
    {"max-field-bytes", 0, OPT_INT, CMD_READ, "N", "16777216", NULL, 1, 1e12, INPUT,
     "longest field that is believed"},
    {"keep-columns", 0, OPT_TEXT, CMD_PREDICT, "NAME[,NAME]", NULL, NULL, 1, 0, INPUT,
     "columns of the input to copy to the output"},

    {"predictions", 0, OPT_TEXT, CMD_EVALUATE, "FILE", NULL, NULL, 1, 0, INPUT,
     "score these instead of a model: column prediction (or label), and to its right, if you have "
     "them, probabilities: a column for each label"},
    {"id-column", 0, OPT_TEXT, COPIED | CMD_EVALUATE, "NAME", NULL, NULL, 1, 0, INPUT,
     "column that identifies a record; otherwise a hash of its text and label does, and for "
     "--predictions its row number"},

    {"augment", 0, OPT_TEXT, TRAINED, "none|duplicates|weights|NAME|FILE", "none", NULL, 1, 0,
     AUGMENT,
     "copies of training records by these rules, never of test records; duplicates: the records "
     "themselves instead, as often as the rules would copy each, for comparison; weights: those "
     "duplicates as weights of rows"},
    {"copies", 0, OPT_INT, COPIED, "N", "1", "0", 0, 1000000, AUGMENT,
     "copies of each record; train, 0: 1, or with --balance what that needs"},
    {"to", 0, OPT_INT, CMD_AUGMENT, "N", NULL, NULL, 1, 1e15, AUGMENT,
     "records in the result, spread evenly over those there are"},
    {"balance", 0, OPT_TEXT, COPIED, "max|median|N|SHARE", NULL, NULL, 1, 0, AUGMENT,
     "raise each label to the largest, the median, N records, or a share of the largest (0.5)"},
    {"max-copies", 0, OPT_INT, COPIED, "N", "0", NULL, 0, 1000000, AUGMENT,
     "most copies of a record with --to and --balance; 0: any number"},
    {"make-plan", 0, OPT_FLAG, CMD_AUGMENT, NULL, "false", NULL, 0, 0, AUGMENT,
     "with --to or --balance, and --max-copies: write a plan of one shard instead of its copies"},
    {"plan", 0, OPT_TEXT, CMD_AUGMENT, "FILE", NULL, NULL, 1, 0, AUGMENT,
     "follow this plan of all shards: together they give what the whole file would"},
    {"rules", 0, OPT_LIST, COPIED, "NAME|FILE", NULL, NULL, 1, 0, AUGMENT,
     "rules: a set of misstep rules list, or a file; may be repeated; default elementary-maths"},
    {"lexicon", 0, OPT_LIST, COPIED, "wordnet|PATH", NULL, NULL, 1, 0, AUGMENT,
     "synonyms beside the rules: WordNet, PPDB's text format, a .rules file; may be repeated"},
    {"operations", 0, OPT_TEXT, COPIED, "STEPS", NULL, NULL, 1, 0, AUGMENT,
     "what edits, as in rule files; default one-of(synonym, paraphrase, lexicon)"},
    {"edits", 0, OPT_TEXT, COPIED, "MIN..MAX", NULL, NULL, 1, 0, AUGMENT,
     "edits of a copy; default 1..3, or what the rules say"},
    {"max-change", 0, OPT_REAL, COPIED, "SHARE", NULL, NULL, 0.001, 1, AUGMENT,
     "share of the words that may change; default 0.5, or what the rules say"},
    {"rules-hash", 0, OPT_TEXT, TRAINED, "SHA256", NULL, NULL, 1, 0, AUGMENT,
     "stop if the rules are others than in the run that is repeated (a manifest has it)"},
    {"protect", 0, OPT_LIST, CMD_AUGMENT, "REGEX|FILE", NULL, NULL, 1, 0, AUGMENT,
     "what no edit may touch: an expression, or a file of phrases; may be repeated"},
    {"protect-top", 0, OPT_INT, CMD_AUGMENT, "N", NULL, NULL, 1, 100000, AUGMENT,
     "protect the N words that tell the labels apart (chi-squared on the file)"},
    {"check", 0, OPT_TEXT, CMD_AUGMENT, "MODEL|cross", NULL, NULL, 1, 0, AUGMENT,
     "drop copies whose label this model no longer believes; says how often each rule does that; "
     "cross: linear models of the file, each trained without the fifth that it judges"},
    {"check-action", 0, OPT_CHOICE, CMD_AUGMENT, "drop|flag", "drop", NULL, 0, 0, AUGMENT,
     "flag: keep those copies and say in a column check: flips, holds, or nothing where the model "
     "gets the record wrong"},
    {"report", 0, OPT_TEXT, CMD_AUGMENT, "FOLDER", NULL, NULL, 1, 0, AUGMENT,
     "say what each rule did: report.txt, report.json, report.html"},
    {"originals", 0, OPT_SWITCH, CMD_AUGMENT, NULL, "true", NULL, 0, 0, AUGMENT,
     "write the records themselves before their copies"},
    {"explain", 0, OPT_TEXT, CMD_AUGMENT, "TEXT", NULL, NULL, 1, 0, AUGMENT,
     "say what could be written in this text instead of reading records"},

    {"test", 0, OPT_TEXT, TRAINED, "FILE", NULL, NULL, 1, 0, SPLIT,
     "test records; otherwise a part is split off"},
    {"test-size", 0, OPT_REAL, DIVIDED, "SHARE", "0.2", NULL, 0.000001, 0.999999, SPLIT,
     "share of each class that is held out: by group, equal texts never on both sides"},
    {"split-column", 0, OPT_TEXT, TRAINED, "NAME", NULL, NULL, 1, 0, SPLIT,
     "column that says train or test"},
    {"folds", 0, OPT_INT, DIVIDED, "K", "0", NULL, 0, 1000, SPLIT,
     "train: cross-validate on K folds, then fit on everything; split: say each record's fold"},
    {"part", 0, OPT_CHOICE, CMD_SPLIT, "both|train|test", "both", NULL, 0, 0, SPLIT,
     "write the records of one part alone"},
    {"fold-column", 0, OPT_TEXT, TRAINED, "NAME", NULL, NULL, 1, 0, SPLIT,
     "column with given folds"},
    {"bootstrap", 0, OPT_INT, CMD_TRAIN | CMD_EVALUATE, "N", "1000", NULL, 0, 1000000, SPLIT,
     "samples for the 95 % intervals; 0: none"},

    {"preset", 0, OPT_CHOICE, TRAINED, "default|paper|notebook", "default", NULL, 0, 0, MODEL,
     "paper: its TF and IDF and settings; notebook: scikit-learn's TF-IDF with the same settings"},
    {"learner", 0, OPT_CHOICE, TRAINED, "xgboost|lightgbm|linear|svm|nb|majority", "xgboost", NULL,
     0, 0, MODEL,
     "what decides: boosted trees, XGBoost's or LightGBM's (scripts/setup --lightgbm; trained on "
     "the CPU); logistic regression; linear support vector machines (no "
     "probabilities); complement naive Bayes on the words of the "
     "linear part, counted; the most frequent label"},
    {"class-weight", 0, OPT_TEXT, TRAINED, "none|balanced|FILE", "none", NULL, 1, 0, MODEL,
     "what an error in a class costs, in fitting alone: balanced: rows / (classes * rows of the "
     "class), as scikit-learn; FILE: columns label and weight, labels left out weigh 1"},
    {"select", 0, OPT_SELECT, TRAINED, "chi2:K|none", "chi2:2000", NULL, 0, 0, MODEL,
     "terms that the trees see, chosen on the training part"},
    {"margin", 0, OPT_CHOICE, TRAINED, "linear|raw|none", "linear", NULL, 0, 0, MODEL,
     "boost from the cross-fitted margins of a linear model; linear: logarithms of its "
     "probabilities, raw: its decision values"},
    {"n-estimators", 0, OPT_INT, TRAINED, "N", "0", NULL, 0, 100000, MODEL,
     "boosting rounds; 0: 100, or 40 above 20 classes"},
    {"learning-rate", 0, OPT_REAL, TRAINED, "X", "0.1", NULL, 1e-9, 1, MODEL,
     "shrinkage of each tree"},
    {"max-depth", 0, OPT_INT, TRAINED, "N", "4", NULL, 0, 64, MODEL, "depth of a tree"},
    {"subsample", 0, OPT_REAL, TRAINED, "X", "0.8", NULL, 1e-9, 1, MODEL, "share of rows a round"},
    {"colsample-bytree", 0, OPT_REAL, TRAINED, "X", "0.8", NULL, 1e-9, 1, MODEL,
     "share of terms a tree"},
    {"max-bin", 0, OPT_INT, TRAINED, "N", "256", NULL, 2, 65536, MODEL, "histogram bins a term"},
    {"early-stopping", 0, OPT_INT, TRAINED, "N", "0", NULL, 0, 100000, MODEL,
     "stop after N rounds without a better log loss on a validation part; 0: never"},
    {"validation-size", 0, OPT_REAL, TRAINED, "SHARE", "0.1", NULL, 0.000001, 0.999999, MODEL,
     "share of the training part for early stopping"},
    {"workers", 0, OPT_INT, TRAINED, "N", "1", NULL, 1, 1024, MODEL,
     "boost in N processes, each with a share of the rows; under srun with N tasks one on each"},
    {"xgb", 0, OPT_LIST, TRAINED, "NAME=VALUE", NULL, NULL, 0, 0, MODEL,
     "anything else that XGBoost knows; may be repeated"},
    {"lightgbm", 0, OPT_LIST, TRAINED, "NAME=VALUE", NULL, NULL, 0, 0, MODEL,
     "anything else that LightGBM knows, for --learner lightgbm; may be repeated"},

    VECTORIZER("", CMD_FEATURES, FEATURES, "1,1", NULL, "1", "2", "false", "l2", "none"),
    {"dtype", 0, OPT_CHOICE, CMD_VECTORIZE, "float32|float64", "float64", NULL, 0, 0, FEATURES,
     "type of the values"},
    {"vocabulary", 0, OPT_TEXT, CMD_VECTORIZE, "FILE", NULL, NULL, 1, 0, FEATURES,
     "use this vocabulary (misstep vocabulary) instead of fitting one"},
    {"merge", 0, OPT_FLAG, CMD_VOCABULARY | CMD_AUGMENT, NULL, "false", NULL, 0, 0, INPUT,
     "the files are vocabularies (augment: plans), in any order: add their counts"},

    VECTORIZER("linear-", TRAINED, LINEAR, "1,2", NULL, "auto", NULL, "true", "l2", NULL),
    {"linear-char-ngram-range", 0, OPT_RANGE, TRAINED, "MIN,MAX", "2,4", NULL, 1, 16, LINEAR,
     "lengths of the character n-grams inside words that stand beside the words"},
    {"linear-char-features", 0, OPT_INT, TRAINED, "K", "auto", NULL, 0, 2147483647, LINEAR,
     "how many of them, by chi-squared on the training part of each fit; 0: none; "
     "auto: 10000, below 5,000 training rows 2000"},
    {"linear-solver", 0, OPT_CHOICE, TRAINED, "wide|liblinear|multinomial", "wide", NULL, 0, 0,
     LINEAR, "wide: a class against the rest, all classes and folds as one problem; liblinear: "
     "one by one; multinomial: all classes of a fold together, softmax for their probabilities"},
    {"linear-c", 0, OPT_REAL, TRAINED, "X", "auto", NULL, 1e-9, 1e9, LINEAR,
     "cost of an error; auto: 5, beside character n-grams 3; multinomial 2; svm 0.5"},
    {"linear-eps", 0, OPT_REAL, TRAINED, "X", "0", NULL, 0, 1, LINEAR,
     "when to stop, 0: the solver's default; wide, multinomial: relative duality gap, default "
     "1e-4, 1e-3 beside character n-grams; "
     "liblinear: its own eps, default 0.01"},
    {"nb-alpha", 0, OPT_REAL, TRAINED, "X", "1", NULL, 1e-9, 1e9, LINEAR,
     "naive Bayes: added to every count"},
    {"linear-folds", 0, OPT_INT, TRAINED, "K", "5", NULL, 2, 100, LINEAR, "folds of the cross-fit"},

    {"count", 'n', OPT_INT, CMD_GENERATE, "N", "30000", NULL, 0, 1e12, SYNTHETIC,
     "records to make"},
    {"first", 0, OPT_INT, CMD_GENERATE, "N", "0", NULL, 0, 1e15, SYNTHETIC,
     "number of the first record: shards join to the whole"},

    {"noise", 0, OPT_REAL, CMD_GENERATE, "SHARE", "0.03", NULL, 0, 0.5, SYNTHETIC,
     "share of labels that are not the text's"},
    {"ambiguity", 0, OPT_REAL, CMD_GENERATE, "SHARE", "0.08", NULL, 0, 0.25, SYNTHETIC,
     "share of texts that two labels share"},
    {"typos", 0, OPT_REAL, CMD_GENERATE, "SHARE", "0.01", NULL, 0, 1, SYNTHETIC,
     "share of words with a typing error"},
    {"header", 0, OPT_SWITCH, CMD_GENERATE, NULL, "true", NULL, 0, 0, SYNTHETIC,
     "name the columns in the first line"},

    {"output", 'o', OPT_TEXT, CMD_ALL & ~CMD_INFO & ~CMD_RULES, "PATH", NULL, NULL, 1, 0, OUTPUT,
     "where the result goes"},
    {"terms", 0, OPT_TEXT, CMD_VECTORIZE, "FILE", NULL, NULL, 1, 0, OUTPUT,
     "also write the terms, a JSON list in column order"},
    {"top", 0, OPT_INT, CMD_PREDICT, "N", "1", NULL, 1, 1000000, OUTPUT, "the N likeliest labels"},
    {"probabilities", 0, OPT_FLAG, CMD_PREDICT, NULL, "false", NULL, 0, 0, OUTPUT,
     "one column for each class"},
    {"force", 'f', OPT_FLAG, CMD_ALL & ~CMD_INFO & ~CMD_RULES, NULL, "false", NULL, 0, 0, OUTPUT,
     "replace an existing result"},
    {"format", 0, OPT_TEXT, CMD_ALL, "FORMAT", NULL, NULL, 1, 0, OUTPUT,
     "tables: text, json, csv, markdown or latex; predict: csv or jsonl; "
     "augment: csv, tsv or jsonl; split: csv"},

    {"threads", 0, OPT_INT, CMD_ALL, "N", "0", NULL, 0, 4096, COMMON, "0: all cores"},
    {"device", 0, OPT_TEXT, CMD_ALL, "auto|cpu|cuda[:N]", "auto", NULL, 1, 0, COMMON,
     "where to work (cuda: all GPUs); never changed silently"},
    {"seed", 0, OPT_INT, CMD_GENERATE | DIVIDED | CMD_EVALUATE | CMD_AUGMENT, "N", "0", NULL, 0,
      9007199254740992.0, COMMON, "all randomness follows from it"},
    {"config", 0, OPT_TEXT, CMD_ALL, "FILE", NULL, NULL, 1, 0, COMMON,
     "options from a JSON file, or a model's manifest.json"},
    {"quiet", 'q', OPT_FLAG, CMD_ALL, NULL, "false", NULL, 0, 0, COMMON, "no progress"},
    {"help", 'h', OPT_FLAG, CMD_ALL, NULL, "false", NULL, 0, 0, COMMON, "this text"},
};
/* clang-format on */

const int mst_n_options = (int)(sizeof mst_options / sizeof mst_options[0]);
