/* tables.c: Tables 1, 2, 3, 5, 6 and 7. */
#include "tables.h"

#include <stdio.h>
#include <string.h>

enum { LARGEST = PAPER_SIZES - 1 };

static const paper_group as_paper = {PAPER_LEAKY, LARGEST, 0, PAPER_MODEL_XGBOOST};
static const paper_group as_clean = {PAPER_CLEAN, LARGEST, 0, PAPER_MODEL_XGBOOST};
static const paper_group as_default = {PAPER_CLEAN, LARGEST, 0, PAPER_MODEL_DEFAULT};

/* Seeds of which anything is finished. */
static int seeds_done(const paper_run *run) {
  int n = 0;
  for (int32_t seed = 0; seed < run->options->n_seeds; seed++) {
    int done = 0;
    for (int64_t i = 0; i < run->n_cells; i++)
      done |= run->cell[i].seed == seed && run->cell[i].done;
    n += done;
  }
  return n;
}

/* What every table says below itself. */
static void put_source(const paper_run *run, sheet *s) {
  const int n = seeds_done(run);
  sheet_note(s, "Reproduced on %s: %lld records%s.", run->set.source, (long long)run->set.n,
             run->options->quick ? "; --quick: a tenth of the paper's" : "");
  sheet_note(s,
             n > 1
                 ? "Mean over %d seeds [95 %% interval, Student's t over seeds, cut at 0 and 1]%s."
                 : "%d seed: no interval%s.",
             n, n < run->options->n_seeds ? "; not all cells are computed yet" : "");
}

/* Row i of a table by label: its name; the class in the data, and the paper's row or NULL. */
static const paper_label *label_row(const paper_run *run, int i, sheet *s, int *class_number) {
  if (run->set.matches) {
    *class_number = run->set.published[i];
    sheet_text(s, "%s", paper_labels[i].name);
    return &paper_labels[i];
  }
  const mst_slice name = mst_strings_at(&run->set.names, i);
  *class_number = i;
  sheet_text(s, "%.*s", name.len < 120 ? (int)name.len : 120, (const char *)name.ptr);
  return NULL;
}

static const char other_labels[] = "the data's labels are not the paper's nine";

static void put_published(sheet *s, const paper_label *l, int digits, double value) {
  if (l) sheet_text(s, "%.*f", digits, value);
  else sheet_absent(s, other_labels);
}

static void put_count(sheet *s, const paper_part *part, const char *why, int label) {
  if (!part->count) {
    sheet_absent(s, *part->problem ? part->problem : why);
    sheet_absent(s, *part->problem ? part->problem : why);
    return;
  }
  const double all = (double)(part->n_train + part->n_test);
  sheet_text(s, "%lld", (long long)part->count[label]);
  sheet_text(s, "%.2f", 100 * (double)part->count[label] / all);
}

void paper_table1(const paper_run *run, sheet *s) {
  static const char *const columns[] = {"label",          "published",         "%, as printed",
                                        "% of the sum",   "paper protocol",    "paper protocol, %",
                                        "clean protocol", "clean protocol, %", NULL};
  const paper_part *leaky = &run->part[PAPER_LEAKY][LARGEST][0];
  const paper_part *clean = &run->part[PAPER_CLEAN][LARGEST][0];
  sheet_init(s, "table1", "lrrrrrrr", columns, "Table 1. Records by label");
  for (int i = 0; i < (int)run->set.names.n; i++) {
    int c = 0;
    const paper_label *l = label_row(run, i, s, &c);
    if (l) sheet_text(s, "%lld", (long long)l->count);
    else sheet_absent(s, other_labels);
    put_published(s, l, 2, l ? l->share : 0);
    put_published(s, l, 2, l ? 100 * (double)l->count / (double)paper_total() : 0);
    put_count(s, leaky, "not asked for (--protocol)", c);
    put_count(s, clean, "not asked for (--protocol)", c);
  }
  sheet_text(s, "Total");
  sheet_text(s, "%lld (printed: %lld)", (long long)paper_total(), (long long)paper_printed.total);
  sheet_text(s, "%.2f", paper_share_sum());
  sheet_text(s, "100.00");
  for (int i = 0; i < 2; i++) {
    const paper_part *p = i ? clean : leaky;
    if (p->count) sheet_text(s, "%lld", (long long)p->n_train + p->n_test);
    else sheet_absent(s, "not asked for (--protocol)");
    if (p->count) sheet_text(s, "100.00");
    else sheet_absent(s, "not asked for (--protocol)");
  }
  put_source(run, s);
  sheet_note(s,
             "Paper protocol: half of the records and copies of them, seed 0. Clean: the records "
             "themselves; copies would be made in training only.");
}

static double one_vs_rest(const paper_cell *c, int label) {
  const mst_metrics *m = &c->metrics;
  int64_t wrong = 0;
  for (int32_t k = 0; k < m->n_classes; k++) {
    if (k == label) continue;
    wrong += m->confusion[label * m->n_classes + k] + m->confusion[k * m->n_classes + label];
  }
  return 1 - (double)wrong / (double)m->n_rows;
}

void paper_table2(const paper_run *run, sheet *s) {
  static const char *const columns[] = {"label",
                                        "published",
                                        "paper protocol: recall",
                                        "paper protocol: one-vs-rest",
                                        "clean: recall",
                                        "clean: one-vs-rest",
                                        "clean, default: recall",
                                        NULL};
  sheet_init(s, "table2", "lrrrrrr", columns, "Table 2. Accuracy by label");
  for (int i = 0; i < (int)run->set.names.n; i++) {
    int c = 0;
    const paper_label *l = label_row(run, i, s, &c);
    put_published(s, l, 4, l ? l->accuracy / 100 : 0);
    paper_put(run, s, as_paper, paper_recall, c);
    paper_put(run, s, as_paper, one_vs_rest, c);
    paper_put(run, s, as_clean, paper_recall, c);
    paper_put(run, s, as_clean, one_vs_rest, c);
    paper_put(run, s, as_default, paper_recall, c);
  }
  put_source(run, s);
  sheet_note(s, "The accuracy of one label is ambiguous: the share of its records that were found "
                "is its recall, which Table 3 prints with other values; one-vs-rest counts all "
                "records as right that are neither missed nor taken for it.");
}

void paper_table3(const paper_run *run, sheet *s) {
  static const char *const columns[] = {"label",
                                        "measure",
                                        "published",
                                        "reproduced (paper protocol)",
                                        "clean protocol",
                                        "clean, misstep default",
                                        NULL};
  static paper_measure *const measure[] = {paper_precision, paper_recall, paper_f1};
  static const char *const name[] = {"precision", "recall", "F1"};
  sheet_init(s, "table3", "llrrrr", columns, "Table 3. Precision, recall and F1 by label");
  for (int i = 0; i < 3 * (int)run->set.names.n; i++) {
    int c = 0;
    const int k = i % 3;
    const paper_label *l = label_row(run, i / 3, s, &c);
    sheet_text(s, "%s", name[k]);
    put_published(s, l, 2, !l ? 0 : k == 0 ? l->precision : k == 1 ? l->recall : l->f1);
    paper_put(run, s, as_paper, measure[k], c);
    paper_put(run, s, as_clean, measure[k], c);
    paper_put(run, s, as_default, measure[k], c);
  }
  put_source(run, s);
}

static double weighted_f1(const paper_cell *c, int label) {
  (void)label;
  return c->metrics.weighted_f1.value;
}

void paper_table5(const paper_run *run, sheet *s) {
  static const char *const columns[] = {"measure",
                                        "published",
                                        "reproduced (paper protocol)",
                                        "clean protocol",
                                        "clean, misstep default",
                                        NULL};
  static paper_measure *const measure[] = {paper_accuracy, paper_f1, weighted_f1};
  static const char *const name[] = {"accuracy", "F1 (macro)", "F1 (weighted)"};
  sheet_init(s, "table5", "lrrrr", columns, "Table 5. Summary");
  for (int k = 0; k < 3; k++) {
    sheet_text(s, "%s", name[k]);
    if (k == 0) sheet_text(s, "%.4f", paper_printed.accuracy_percent / 100);
    else if (k == 1) sheet_text(s, "%.2f", paper_printed.f1);
    else sheet_absent(s, "the paper does not say which average its F1 is; it stands with macro");
    paper_put(run, s, as_paper, measure[k], -1);
    paper_put(run, s, as_clean, measure[k], -1);
    paper_put(run, s, as_default, measure[k], -1);
  }
  put_source(run, s);
}

static double four_at(const paper_four *f, int k) {
  const double all[] = {f->accuracy, f->precision, f->recall, f->f1};
  return all[k];
}

static paper_measure *const four_measure[] = {paper_accuracy, paper_precision, paper_recall,
                                              paper_f1};
static const char *const four_name[] = {"accuracy", "precision", "recall", "F1"};

/* A number of Table 6, with the mark of the comparison at the accuracy. */
static void put_marked(const paper_run *run, sheet *s, paper_group g, int k) {
  paper_put(run, s, g, four_measure[k], -1);
  if (k || s->failed) return;
  sheet_cell *c = &s->cell[s->n - 1];
  const size_t used = strlen(c->text);
  if (!c->absent)
    (void)snprintf(c->text + used, sizeof c->text - used, "%s",
                   paper_pair_mark(run, g.protocol, g.model));
}

void paper_table6(const paper_run *run, sheet *s) {
  static const char *const columns[] = {
      "model", "measure", "published", "reproduced (paper protocol)", "clean protocol", NULL};
  sheet_init(s, "table6", "llrrr", columns, "Table 6. Models");
  for (int i = 0; i < 4 * PAPER_MODELS; i++) {
    const int m = i / 4, k = i % 4, peer = paper_models[m].peer;
    sheet_text(s, "%s", paper_models[m].name);
    sheet_text(s, "%s", four_name[k]);
    if (peer >= 0) sheet_text(s, "%.4f", four_at(&paper_peers[peer].scores, k));
    else sheet_absent(s, "not in the paper");
    for (int protocol = 0; protocol < PAPER_PROTOCOLS; protocol++)
      put_marked(run, s, (paper_group){(paper_protocol)protocol, LARGEST, 0, m}, k);
  }
  put_source(run, s);
  sheet_note(s,
             "Precision, recall and F1 are macro averages. Marks at the accuracy: it differs from "
             "TF-IDF + XGBoost (preset paper) on the test records of seed 0 by McNemar's exact "
             "test, Holm-corrected: * p < .05, ** p < .01, *** p < .001.");
}

void paper_table7(const paper_run *run, sheet *s) {
  static const char *const columns[] = {"records",
                                        "measure",
                                        "published",
                                        "reproduced (paper protocol)",
                                        "clean protocol",
                                        "clean, misstep default",
                                        "clean, logistic regression",
                                        NULL};
  const int models[] = {PAPER_MODEL_XGBOOST, PAPER_MODEL_XGBOOST, PAPER_MODEL_DEFAULT, 2};
  sheet_init(s, "table7", "llrrrrr", columns, "Table 7. Sizes");
  for (int i = 0; i < 4 * (PAPER_SIZES + 1); i++) {
    const int size = i / 4, k = i % 4, copies = size == PAPER_SIZES;
    const int at = copies ? PAPER_SIZES - 2 : size;
    sheet_text(s, copies ? "%lld, training part doubled by copies" : "%lld",
               (long long)run->set.rows[at]);
    sheet_text(s, "%s", four_name[k]);
    if (copies) sheet_absent(s, "not in the paper");
    else sheet_text(s, "%.4f", four_at(&paper_sizes[size].scores, k));
    for (int c = 0; c < 4; c++) {
      const paper_protocol protocol = c ? PAPER_CLEAN : PAPER_LEAKY;
      const paper_group g = {protocol, at, copies, models[c]};
      if (copies && !c) sheet_absent(s, "it is the row of the largest size");
      else paper_put(run, s, g, four_measure[k], -1);
    }
  }
  put_source(run, s);
  sheet_note(s,
             "Published: 5,000, 10,000, 15,000 and 30,000 records. Sizes count test records. Paper "
             "protocol: each size has a test part of its own, and the largest is made of copies. "
             "Clean: one test part, nested training parts.");
}
