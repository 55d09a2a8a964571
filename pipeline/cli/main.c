/* main.c: the program misstep: finds the command, reads its settings, runs it, returns its exit
 * code. "misstep bench" and other programs beside it are started as git starts its own. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "files/folder.h"
#include "learn/crew.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

const mst_command mst_commands[] = {
    {"info", CMD_INFO, mst_command_info, 0, 0, "[OPTIONS]",
     "versions, devices, libraries found and missing, and what each lack costs",
     "  misstep info\n  misstep info --format json\n"},
    {"generate", CMD_GENERATE, mst_command_generate, 0, 0, "[-n N] [--seed N] -o FILE",
     "synthetic statements about mistakes in elementary mathematics, nine labels",
     "  misstep generate -n 30000 --seed 7 -o statements.csv\n"
     "  misstep generate -n 1000 --first 30000 --seed 7 -o more.csv    # the next 1,000 of the "
     "same set\n"},
    {"augment", CMD_AUGMENT, mst_command_augment, 0, 1000000, "[FILE] [-o FILE] [OPTIONS]",
     "copies of records by synonym and paraphrase rules that leave the mathematics alone",
     "  misstep augment train.csv -o more.csv --to 30000 --seed 7\n"
     "  misstep augment train.csv -o even.csv --balance max\n"
     "  misstep augment --rules elementary-maths --rules my.rules --copies 2 < in.csv > out.csv\n"
     "  misstep augment --explain 'Calculation error in subtraction, missing 2 steps'\n"},
    {"rules", CMD_RULES, mst_command_rules, 1, 1000, "check FILE... | list | show NAME",
     "check rule files for misstep augment; list and show those that are built in",
     "  misstep rules check my.rules\n  misstep rules list\n"
     "  misstep rules show elementary-maths.en > my.rules\n"},
    {"train", CMD_TRAIN, mst_command_train, 1, 1, "FILE -o MODEL [OPTIONS]",
     "the main job: read, split, vectorise, train, evaluate, save, report",
     "  misstep train statements.csv -o model/\n"
     "  misstep train train.csv --test test.csv -o model/ --text-column student_step,teacher_note "
     "\\\n"
     "      --group-column problem_id\n"
     "  misstep train statements.csv -o paper-model/ --preset paper\n"
     "  misstep train statements.csv -o model/ --folds 5 --seed 3\n"
     "  misstep train statements.csv -o again/ --config model/manifest.json\n"},
    {"split", CMD_SPLIT, mst_command_split, 1, 1, "FILE -o FILE [OPTIONS]",
     "write who trains and who tests, as misstep train would decide",
     "  misstep split statements.csv -o split.csv          # a column split; or fold, with --folds "
     "5\n"
     "  misstep split statements.csv -o train.csv --part train\n"
     "  misstep split statements.csv -o test.csv --part test\n"},
    {"predict", CMD_PREDICT, mst_command_predict, 2, 2, "MODEL FILE [-o FILE] [OPTIONS]",
     "labels and probabilities for new texts",
     "  misstep predict model/ new.csv -o predictions.csv\n"
     "  misstep predict model/ new.csv --top 3 --keep-columns student_id,item\n"
     "  zcat big.jsonl.gz | misstep predict model/ - --input-format jsonl --format jsonl > "
     "out.jsonl\n"},
    {"evaluate", CMD_EVALUATE, mst_command_evaluate, 1, 2,
     "MODEL FILE [OPTIONS] | --predictions FILE FILE [OPTIONS]",
     "per-class and overall figures of a model, or of predictions, on labelled texts",
     "  misstep evaluate model/ labelled.csv\n"
     "  misstep evaluate --predictions theirs.csv labelled.csv --id-column id\n"
     "  misstep evaluate model/ labelled.csv --format json -o metrics.json\n"},
    {"vectorize", CMD_VECTORIZE, mst_command_vectorize, 1, 1, "FILE -o X.npz [OPTIONS]",
     "a TF-IDF matrix for scipy.sparse.load_npz, or svmlight text, equal to scikit-learn's",
     "  misstep vectorize statements.csv -o X.npz --terms terms.json\n"
     "  misstep vectorize statements.csv -o X.svm --ngram-range 1,2 --min-df 2\n"
     "  misstep vectorize new.csv -o N.npz --vocabulary all.voc\n"},
    {"vocabulary", CMD_VOCABULARY, mst_command_vocabulary, 1, 1000000,
     "FILE -o FILE.voc | --merge FILE.voc ... -o FILE.voc",
     "document frequencies of a corpus; those of shards add up to those of the whole",
     "  misstep vocabulary a.csv -o a.voc\n"
     "  misstep vocabulary --merge a.voc b.voc -o all.voc\n"},
};
const int mst_n_commands = (int)(sizeof mst_commands / sizeof mst_commands[0]);

/* Replace this process by misstep-NAME from our own folder. Returns only when there is none. */
static void try_program(const char *name, char **argv) {
  char path[4096];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n <= 0 || strchr(name, '/')) return;
  path[n] = 0;
  const size_t used = strlen(path);
  if (used + 1 + strlen(name) + 1 > sizeof path) return;
  (void)snprintf(path + used, sizeof path - used, "-%s", name);
  (void)execv(path, argv);
}

static int usage_error(const char *command, const char *message) {
  (void)fprintf(stderr, "misstep: %s\ntry: misstep %s%s--help\n", message, command,
                *command ? " " : "");
  return 2;
}

static int check_positional(const mst_command *c, const mst_settings *s) {
  char message[512];
  if (s->n_positional >= c->min_positional && s->n_positional <= c->max_positional) return 0;
  if (s->n_positional > c->max_positional)
    (void)snprintf(message, sizeof message, "%s: unexpected argument '%s'; usage: misstep %s %s",
                   c->name, s->positional[c->max_positional], c->name, c->usage);
  else
    (void)snprintf(message, sizeof message, "%s: something is missing; usage: misstep %s %s",
                   c->name, c->name, c->usage);
  return usage_error(c->name, message);
}

static int run_command(const mst_command *c, int argc, char **argv) {
  mst_settings s;
  int code = 0;
  mst_status st = mst_settings_init(&s, c->bit);
  if (!st) st = mst_settings_parse(&s, argc, argv);
  if (!st && mst_setting_on(&s, "help")) {
    mst_help_command(c);
    goto done;
  }
  if (!st) code = check_positional(c, &s);
  if (code) goto done;
  if (!st) {
    mst_terminal_start(mst_setting_on(&s, "quiet"));
    st = c->run(&s);
    mst_terminal_clear();
  }
  if (!st && fflush(stdout) != 0) st = MST_FAIL(MST_E_IO, "standard output: %s", strerror(errno));
  if (st) code = mst_terminal_fail(st);
  mst_output_abandon_all();
done:
  mst_settings_fini(&s);
  return code;
}

static void hear_worker(mst_log_level level, const char *message, void *payload) {
  (void)payload;
  (void)fprintf(stderr, "%s%s\n", level == MST_LOG_WARNING ? "warning: " : "", message);
}

/* A process of train --workers; what it says is read by the one that started it. */
static int worker(char **argv) {
  mst_log_set(hear_worker, NULL);
  if (!mst_crew_work(argv[0], argv[1], argv[2])) return 0;
  (void)fprintf(stderr, "%s\n", mst_error_last()->message);
  _exit(1); /* XGBoost's own way out would wait for the other workers */
}

int main(int argc, char **argv) {
  mst_alloc_keep_freed();
  const char *name = argc > 1 ? argv[1] : "--help";
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
      (strcmp(name, "help") == 0 && argc == 2)) {
    mst_help_overview();
    return argc > 1 ? 0 : 2;
  }
  if (strcmp(name, "--version") == 0) {
    (void)printf("misstep %s\n", MISSTEP_VERSION);
    return 0;
  }
  if (strcmp(name, MST_CREW_COMMAND) == 0 && argc == 5) return worker(argv + 2);
  const int wants_help = strcmp(name, "help") == 0;
  if (wants_help) name = argv[2];
  for (int i = 0; i < mst_n_commands; i++) {
    if (strcmp(mst_commands[i].name, name) != 0) continue;
    if (!wants_help) return run_command(&mst_commands[i], argc - 2, argv + 2);
    mst_help_command(&mst_commands[i]);
    return 0;
  }
  try_program(name, argv + 1);
  char message[256];
  (void)snprintf(message, sizeof message, "'%.64s' is not a command", name);
  return usage_error("", message);
}
