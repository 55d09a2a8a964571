/* look.c: the command lines of what looks at a sweep. */
#include "look.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"
#include "export.h"
#include "misstep/alloc.h"
#include "show.h"

typedef enum verb { STATUS, RESULTS, BEST, PLOT, LABELS, EXPORT, N_VERBS } verb;
static const char *const verbs[] = {"status", "results", "best", "plot", "labels-needed", "export"};

const char sweep_look_help[] =
    "misstep sweep status|results|best DIR [--format text|csv|json|latex|markdown] [--top N]\n"
    "misstep sweep plot DIR [--kind curve|pareto|surface|importance] [OPTIONS] [-o FILE]\n"
    "misstep sweep labels-needed DIR --f1 SCORE [--class NAME] [OPTIONS] [-o FILE]\n"
    "misstep sweep export DIR --format csv|json|latex|markdown|sqlite|mlflow|html [-o PATH]\n"
    "\n"
    "All of them also while the sweep runs, from any machine that sees DIR. A FILE ends in .svg,\n"
    ".pdf or .png (gnuplot draws it); its data are written beside it as .csv.\n"
    "\n"
    "plot\n"
    "  --kind KIND       curve: y over x, a line or bars for each value of --by (the default)\n"
    "                    pareto: seconds against y, and the frontier\n"
    "                    surface: y over x and by, a heat map\n"
    "                    importance: what share of the variance of y a parameter makes up\n"
    "  --x COLUMN        rows, or any parameter or column (rows)\n"
    "  --y COLUMN        a column of numbers (the sweep's metric)\n"
    "  --by COLUMN       what the series are (model)\n"
    "  --where NAME=VALUE  only those cells; may be repeated\n"
    "  --others WHAT     of cells that differ in other parameters: best configuration at each\n"
    "                    point by the sweep's metric, or mean of all (best)\n"
    "  --scale SCALE     of x: linear, log or auto (auto: log where x spans a factor of 5)\n"
    "  --title TEXT      above the figure\n"
    "  -o FILE           (KIND.svg)\n"
    "Intervals are Student's t, 95 %, over seeds; the folds of a seed are averaged before.\n"
    "\n"
    "labels-needed\n"
    "  --f1 SCORE        how many training labels a class needs for it, by its learning curve\n"
    "  --class NAME      only that class; may be repeated\n"
    "  --format FORMAT   of the table (text)\n"
    "The curve 1 - F1 = c + a n^-b is fitted to the means over seeds of one configuration, that\n"
    "with the best metric on the most rows (c only with four sizes or more); the interval is a\n"
    "bootstrap over seeds. Where the data do not say, the table says why.\n"
    "\n"
    "export\n"
    "  --format FORMAT   csv, json, latex (booktabs), markdown; sqlite: tables cells and sweep;\n"
    "                    mlflow: a folder mlruns that MLflow reads; html: one file to look at "
    "(csv)\n"
    "  --prices FILE     JSON: {\"dollars_per_cpu_hour\": 0.04, \"hosts\": {\"NAME\": 0.05}};\n"
    "                    adds the column dollars\n"
    "  -o PATH           (standard output; of sqlite, mlflow and html: results.sqlite, mlruns,\n"
    "                    results.html)\n"
    "\n"
    "Examples\n"
    "  misstep sweep plot sizes --x rows --y macro_f1 --by model -o curve.pdf\n"
    "  misstep sweep plot sizes --x max_depth --where model=xgboost --where rows=10000\n"
    "  misstep sweep plot sizes --kind surface --x rows --by max_depth --where model=xgboost\n"
    "  misstep sweep labels-needed sizes --f1 0.8 --where model=linear -o labels.svg\n"
    "  misstep sweep export sizes --format html -o sizes.html\n";

/* A command line. */
typedef struct command {
  sweep_look look;
  const char *format; /* NULL: the command's own */
  const char *kind;
  int64_t top;
  char picture[64]; /* where nobody names the file */
} command;

int sweep_look_knows(const char *word) {
  for (int v = 0; v < N_VERBS; v++)
    if (strcmp(word, verbs[v]) == 0) return 1;
  return 0;
}

static int usage(const char *what, const char *word) {
  (void)fprintf(stderr, "misstep: sweep: %s%s; misstep sweep status --help explains\n", what, word);
  return 2;
}

/* The place of a word in a list, or -1. */
static int place_of(const char *word, const char *const *words, int n) {
  for (int i = 0; i < n; i++)
    if (strcmp(word, words[i]) == 0) return i;
  return -1;
}

/* One of the options that are kept as they are. Nonzero: it was one. */
static int parse_text(command *c, const char *name, const char *value) {
  sweep_question *q = &c->look.question;
  const struct {
    const char *name;
    const char **at;
  } texts[] = {{"-o", &c->look.out},
               {"--output", &c->look.out},
               {"--x", &q->x},
               {"--y", &q->y},
               {"--by", &q->by},
               {"--title", &c->look.title},
               {"--prices", &c->look.prices},
               {"--kind", &c->kind},
               {"--format", &c->format}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (strcmp(name, texts[i].name) == 0) return (*texts[i].at = value)[0] != 0;
  return 0;
}

/* Nonzero: known, and the value is fine. */
static int parse_option(command *c, const char *name, const char *value) {
  static const char *const others[] = {"best", "mean"}, *const scales[] = {"auto", "linear", "log"};
  sweep_question *q = &c->look.question;
  char *end = NULL;
  if (parse_text(c, name, value)) return 1;
  if (strcmp(name, "--where") == 0 && q->n_where < SWEEP_WHERES) {
    q->where[q->n_where++] = value;
    return 1;
  }
  if (strcmp(name, "--class") == 0 && c->look.n_classes < SWEEP_WHERES) {
    c->look.class_name[c->look.n_classes++] = value;
    return 1;
  }
  if (strcmp(name, "--others") == 0) return (q->others = place_of(value, others, 2)) >= 0;
  if (strcmp(name, "--scale") == 0) return (c->look.scale = place_of(value, scales, 3)) >= 0;
  errno = 0;
  if (strcmp(name, "--f1") == 0) {
    c->look.f1 = strtod(value, &end);
    return end != value && !*end && c->look.f1 > 0 && c->look.f1 < 1;
  }
  if (strcmp(name, "--top") != 0) return 0;
  c->top = strtoll(value, &end, 10);
  return end != value && !*end && !errno && c->top >= 1;
}

/* 0, or the exit code of a usage error. */
static int parse(int argc, char **argv, command *c) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--quiet") == 0 || strcmp(argv[i], "-q") == 0) continue;
    if (argv[i][0] == '-' && argv[i][1]) {
      if (i + 1 == argc || !parse_option(c, argv[i], argv[i + 1]))
        return usage("unknown option or bad value: ", argv[i]);
      i++;
    } else if (!c->look.dir) c->look.dir = argv[i];
    else return usage("unexpected argument ", argv[i]);
  }
  return c->look.dir ? 0 : usage("which folder? misstep sweep ", argv[0]);
}

static int table_format(const char *word, mst_table_format *out) {
  static const char *const names[] = {"text", "csv", "json", "markdown", "latex"};
  static const mst_table_format formats[] = {MST_TABLE_TEXT, MST_TABLE_CSV, MST_TABLE_JSON,
                                             MST_TABLE_MARKDOWN, MST_TABLE_LATEX};
  const int i = place_of(word, names, 5);
  if (i >= 0) *out = formats[i];
  return i >= 0;
}

static mst_status plot(const sweep_view *v, command *c, int *code) {
  static const char *const kinds[] = {"curve", "pareto", "surface", "importance"};
  sweep_look *look = &c->look;
  const int kind = place_of(c->kind ? c->kind : "curve", kinds, 4);
  if (kind < 0) {
    *code = usage("no such kind of plot: ", c->kind);
    return MST_OK;
  }
  if (!look->question.x) look->question.x = "rows";
  if (!look->question.y) look->question.y = v->metric;
  if (!look->question.by && kind < 2) look->question.by = "model";
  (void)snprintf(c->picture, sizeof c->picture, "%s.svg", kinds[kind]);
  if (!look->out) look->out = c->picture;
  plot_format format;
  mst_status st = plot_format_of(look->out, &format); /* before any work */
  if (st) return st;
  return kind == 0   ? sweep_plot_curve(v, look)
         : kind == 1 ? sweep_plot_pareto(v, look)
         : kind == 2 ? sweep_plot_surface(v, look)
                     : sweep_plot_importance(v, look);
}

static mst_status with_view(command *c, verb what, int *code) {
  sweep_view v;
  mst_status st = sweep_view_init(c->look.dir, 1, &v);
  if (st) return st;
  if (what == PLOT) st = plot(&v, c, code);
  else if (what == LABELS) st = sweep_labels_needed(&v, &c->look);
  else st = sweep_export(&v, &c->look, c->format ? c->format : "csv");
  sweep_view_fini(&v);
  return st;
}

int sweep_look_main(int argc, char **argv) {
  command c = {.top = 10};
  int code = 0;
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      (void)fputs(sweep_look_help, stdout);
      return 0;
    }
  code = parse(argc, argv, &c);
  if (code) return code;
  const verb what = (verb)place_of(argv[0], verbs, N_VERBS);
  if (c.format && what != EXPORT && !table_format(c.format, &c.look.format))
    return usage("no such format: ", c.format);
  if (what == LABELS && !(c.look.f1 > 0)) return usage("which score? ", "--f1 SCORE");
  const mst_status st = what == STATUS ? sweep_show_status(c.look.dir, c.look.format)
                        : what == RESULTS
                            ? sweep_show_results(c.look.dir, c.look.format, c.look.out)
                        : what == BEST ? sweep_show_best(c.look.dir, c.look.format, c.top)
                                       : with_view(&c, what, &code);
  return st ? mst_terminal_fail(st) : code;
}
