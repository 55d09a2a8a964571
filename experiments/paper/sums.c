/* sums.c: what does not add up in the paper, computed from its own numbers. */
#include <stdio.h>

#include "tables.h"

static void put(sheet *s, const char *where, const char *says) {
  sheet_text(s, "%s", where);
  sheet_text(s, "%s", says);
}

static void put_totals(sheet *s) {
  const long long total = (long long)paper_total(), printed = (long long)paper_printed.total;
  put(s, "Table 1: counts", "total 30,000");
  sheet_text(s, "they sum to %lld, %lld fewer", total, printed - total);
  put(s, "Table 1: shares", "shares of all records");
  sheet_text(s, "they sum to %.2f %%; %lld of %lld is %.2f %%", paper_share_sum(), total, printed,
             100 * (double)total / (double)printed);
  int64_t least = total, most = 0;
  for (int i = 0; i < PAPER_LABELS; i++) {
    if (paper_labels[i].count < least) least = paper_labels[i].count;
    if (paper_labels[i].count > most) most = paper_labels[i].count;
  }
  put(s, "Section 3.3 and Table 1", "augmentation raises rare labels until they are balanced");
  sheet_text(s, "after it the counts run from %lld to %lld: 1 to %.0f", (long long)most,
             (long long)least, (double)most / (double)least);
  put(s, "Table 2: caption", "test data instances, all of them");
  sheet_text(s, "20 %% are held out: %.0f of %lld, %.0f of %lld", .2 * (double)printed, printed,
             .2 * (double)total, total);
}

static void put_accuracy(sheet *s) {
  int below = 0;
  for (int i = 0; i < PAPER_LABELS; i++) below += paper_labels[i].f1 <= paper_printed.f1_in_text;
  put(s, "Tables 2, 5, 6, 7 and the abstract", "accuracy 91.75 % and 98.85 %");
  sheet_text(
      s, "Table 2 weighted by Table 1 gives %.2f %%: Table 5's %.2f, not the abstract's %.2f",
      paper_weighted_accuracy(), paper_printed.accuracy_percent, paper_printed.abstract_percent);
  put(s, "Text, Table 2", "over 95 % for Concept Deficiency");
  sheet_text(s, "Table 2 has %.1f %%", paper_labels[0].accuracy);
  put(s, "Text, Table 3", "F1 above 0.90 across all labels");
  sheet_text(s, "%d of %d labels are not above %.2f; the lowest has %.2f", below, PAPER_LABELS,
             paper_printed.f1_in_text, paper_labels[PAPER_LABELS - 1].f1);
  put(s, "Tables 2 and 3", "accuracy of a label, and its recall");
  sheet_text(s, "the share of a label's records that were found is both: %.1f %% and %.2f for %s",
             paper_labels[1].accuracy, paper_labels[1].recall, paper_labels[1].name);
}

static void put_models(sheet *s) {
  const paper_four *x = &paper_peers[PAPER_PEERS - 1].scores;
  put(s, "Tables 6 and 7: recall", ".9654, in the text .9854");
  sheet_text(s,
             "precision %.4f and recall %.4f give F1 %.4f; with %.4f it is %.4f, and %.4f is "
             "printed: %.4f is the odd one",
             x->precision, x->recall, paper_harmonic(x->precision, x->recall),
             paper_printed.recall_in_text,
             paper_harmonic(x->precision, paper_printed.recall_in_text), x->f1, x->recall);
  char below[200] = "";
  size_t used = 0;
  for (int i = 0; i < PAPER_PEERS; i++)
    if (paper_peers[i].scores.accuracy < 1.0 / PAPER_LABELS)
      used += (size_t)snprintf(below + used, sizeof below - used, "%s%s %.4f", used ? ", " : "",
                               paper_peers[i].name, paper_peers[i].scores.accuracy);
  put(s, "Table 6: baselines", "their accuracy");
  sheet_text(s,
             "%s: below chance (1 of %d: %.2f; the largest label alone: %.3f): a broken "
             "pipeline",
             below, PAPER_LABELS, 1.0 / PAPER_LABELS, paper_majority());
}

static void put_rest(sheet *s) {
  put(s, "Table 4", "1.3 s a record on average, 45 records a minute");
  sheet_text(s, "60 / %.0f is %.2f s: nothing ran beside anything else; training is included",
             paper_printed.per_minute, 60 / paper_printed.per_minute);
  put(s, "Table 7: sizes", "5,000 to 30,000 compared");
  sheet_text(s,
             "each has a test part of its own: %.0f to %.0f records; the sizes are not compared "
             "on the same ones",
             .2 * (double)paper_sizes[0].rows, .2 * (double)paper_sizes[PAPER_SIZES - 1].rows);
  put(s, "Sections 3.3 and 4", "records are augmented, then split");
  sheet_text(s, "copies of tested records are trained on; how much that is worth: table below");
  put(s, "Section 3.4", "multi:softmax with eval_metric logloss");
  sheet_text(s, "XGBoost refuses logloss for nine classes; the preset takes mlogloss");
  put(s, "Section 2.1", "IDF = log(N / (1 + df))");
  sheet_text(s, "0 at df = N - 1 and negative at df = N; the preset leaves out terms of weight 0");
}

void paper_sums(const paper_run *run, sheet *s) {
  static const char *const columns[] = {"where", "the paper says", "its own numbers say", NULL};
  (void)run;
  sheet_init(s, "sums", "lll", columns, "What does not add up, computed from the printed numbers");
  put_totals(s);
  put_accuracy(s);
  put_models(s);
  put_rest(s);
}
