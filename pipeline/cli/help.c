/* help.c: --help, made from the table of options, so it cannot miss one. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

#define LABEL_WIDTH 34

static void print_option(const mst_option *o, unsigned command) {
  char label[128];
  const char *dash = o->kind == OPT_SWITCH ? "[no-]" : "";
  char letter[8] = "";
  if (o->letter) (void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
  (void)snprintf(label, sizeof label, "  %s--%s%s%s%s", letter, dash, o->name, o->values ? " " : "",
                 o->values ? o->values : "");
  const char *fallback =
      command == CMD_TRAIN && o->train_fallback ? o->train_fallback : o->fallback;
  const int on_own_line = strlen(label) >= LABEL_WIDTH;
  (void)printf("%-*s%s", on_own_line ? 0 : LABEL_WIDTH, label, on_own_line ? "\n" : "");
  if (on_own_line) (void)printf("%*s", LABEL_WIDTH, "");
  (void)printf("%s", o->help);
  if (fallback && o->kind != OPT_FLAG) {
    if (o->kind == OPT_SWITCH)
      (void)printf(" (default %s)", strcmp(fallback, "true") == 0 ? "on" : "off");
    else (void)printf(" (default %s)", fallback);
  }
  (void)putchar('\n');
}

void mst_help_command(const mst_command *c) {
  (void)printf("misstep %s: %s\n\nusage: misstep %s %s\n\nexamples:\n%s", c->name, c->summary,
               c->name, c->usage, c->examples);
  const char *group = "";
  for (int i = 0; i < mst_n_options; i++) {
    const mst_option *o = &mst_options[i];
    if (!(o->commands & c->bit)) continue;
    if (strcmp(group, o->group) != 0) (void)printf("\n%s\n", o->group);
    group = o->group;
    print_option(o, c->bit);
  }
}

void mst_help_overview(void) {
  (void)printf(
      "misstep: which kind of mistake does a text describe? TF-IDF and XGBoost for labelled "
      "short texts.\n\nusage: misstep COMMAND [OPTIONS] ...\n\n");
  for (int i = 0; i < mst_n_commands; i++)
    (void)printf("  %-11s %s\n", mst_commands[i].name, mst_commands[i].summary);
  (void)printf("  %-11s %s\n", "sweep", "many models from one spec: resumable, on all cores");
  (void)printf("  %-11s %s\n", "paper",
               "the paper's tables and figures, published beside reproduced");
  (void)printf("  %-11s %s\n", "bench",
               "measure against scikit-learn, pandas and XGBoost's Python package");
  (void)printf("\nfirst steps:\n"
               "  misstep generate -n 30000 --seed 7 -o statements.csv\n"
               "  misstep train statements.csv -o model/\n"
               "  misstep predict model/ new.csv -o predictions.csv\n"
               "\nmisstep COMMAND --help explains a command and its options, with examples.\n"
               "exit codes: 0 ok; 1 the work failed; 2 usage; 3 bad input; 130, 143 stopped by "
               "Ctrl-C, TERM\n");
}
