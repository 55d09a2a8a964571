/* compare.c: models against the paper's on the same test records: McNemar and the bootstrap. */
#include "tables.h"

enum { LARGEST = PAPER_SIZES - 1 };

/* Compare with the paper's model at seed 0. 0: one of the two is not there. */
static int compare(const paper_run *run, paper_protocol protocol, int model, paper_paired *out) {
  const paper_cell *a = paper_cell_find(run, protocol, LARGEST, 0, model, 0);
  const paper_cell *b = paper_cell_find(run, protocol, LARGEST, 0, PAPER_MODEL_XGBOOST, 0);
  if (model == PAPER_MODEL_XGBOOST || !a || !b || !a->done || !b->done) return 0;
  *out = paper_compare(a->part->label, a->predicted, b->predicted, a->part->n_test);
  return 1;
}

/* All comparisons under a protocol; p corrected for their number. */
static void compare_all(const paper_run *run, paper_protocol protocol,
                        paper_paired pair[PAPER_MODELS], int there[PAPER_MODELS]) {
  double p[PAPER_MODELS];
  int n = 0;
  for (int m = 0; m < PAPER_MODELS; m++) {
    there[m] = compare(run, protocol, m, &pair[m]);
    if (there[m]) p[n++] = pair[m].p;
  }
  paper_holm(p, n);
  n = 0;
  for (int m = 0; m < PAPER_MODELS; m++)
    if (there[m]) pair[m].p = p[n++];
}

const char *paper_pair_mark(const paper_run *run, paper_protocol protocol, int model) {
  paper_paired pair[PAPER_MODELS];
  int there[PAPER_MODELS];
  compare_all(run, protocol, pair, there);
  return there[model] ? paper_mark(pair[model].p) : "";
}

static void put_pair(const paper_run *run, sheet *s, paper_protocol protocol, int model,
                     const paper_paired *p) {
  char link[SHEET_LINK];
  paper_group_name(run, (paper_group){protocol, LARGEST, 0, model}, link);
  sheet_text(s, "%s", paper_models[model].name);
  sheet_text(s, "%s", protocol == PAPER_CLEAN ? "clean" : "paper");
  sheet_link(s, link, "%+.4f [%+.4f, %+.4f]", p->difference, p->low, p->high);
  sheet_link(s, link, "%lld", (long long)p->only_first);
  sheet_link(s, link, "%lld", (long long)p->only_second);
  if (p->p < 1e-4) sheet_link(s, link, "< 0.0001");
  else sheet_link(s, link, "%.4f", p->p);
}

void paper_pairs(const paper_run *run, sheet *s) {
  static const char *const columns[] = {"model",
                                        "protocol",
                                        "difference of accuracy [95 % bootstrap]",
                                        "only this right",
                                        "only XGBoost right",
                                        "p (McNemar, Holm)",
                                        NULL};
  sheet_init(s, "pairs", "llrrrr", columns,
             "Each model against TF-IDF + XGBoost (preset paper), the same test records");
  for (int protocol = 0; protocol < PAPER_PROTOCOLS; protocol++) {
    paper_paired pair[PAPER_MODELS];
    int there[PAPER_MODELS];
    compare_all(run, (paper_protocol)protocol, pair, there);
    for (int m = 0; m < PAPER_MODELS; m++)
      if (there[m]) put_pair(run, s, (paper_protocol)protocol, m, &pair[m]);
  }
  sheet_note(s, "Seed 0, %lld records. The bootstrap draws test records 1,000 times.",
             (long long)run->set.n);
}
