/* published.c: the numbers as the paper prints them, and sums over them. */
#include "published.h"

#include <string.h>

const paper_label paper_labels[PAPER_LABELS] = {
    {"Concept Deficiency", 7996, 26.65, 92.5, .93, .92, .92},
    {"Calculation Error", 10001, 33.34, 95.0, .96, .94, .95},
    {"Problem Comprehension Deficiency", 5002, 16.67, 90.0, .91, .89, .90},
    {"Error in the Solution Process", 2389, 7.96, 88.5, .90, .87, .88},
    {"Unit Conversion Error", 1597, 5.32, 87.0, .88, .86, .87},
    {"Inequality Usage Error", 800, 2.67, 86.0, .87, .85, .86},
    {"Graph Interpretation Error", 601, 2.00, 85.5, .86, .84, .85},
    {"Condition Omission", 402, 1.34, 83.0, .85, .82, .83},
    {"Other", 212, 0.71, 80.0, .82, .78, .80},
};

const paper_peer paper_peers[PAPER_PEERS] = {
    {"Logistic regression", {.9677, .9652, .9635, .9643}},
    {"SVM", {.9656, .9621, .9603, .9612}},
    {"LightGBM", {.0038, .0030, .0025, .0027}},
    {"BERT", {.0, .0, .0, .0}},
    {"DistilBERT", {.0017, .0015, .0013, .0014}},
    {"TF-IDF + XGBoost", {.9885, .9867, .9654, .9860}},
};

const paper_size paper_sizes[PAPER_SIZES] = {
    {5000, {.9450, .9423, .9201, .9311}},
    {10000, {.9655, .9630, .9456, .9542}},
    {15000, {.9770, .9750, .9600, .9674}},
    {30000, {.9885, .9867, .9654, .9860}},
};

const struct paper_printed paper_printed = {.total = 30000,
                                            .average = 1.3,
                                            .longest = 2.8,
                                            .shortest = 1.0,
                                            .per_minute = 45,
                                            .accuracy_percent = 91.75,
                                            .f1 = .87,
                                            .abstract_percent = 98.85,
                                            .recall_in_text = .9854,
                                            .concept_in_text = 95,
                                            .f1_in_text = .90};

int64_t paper_total(void) {
  int64_t sum = 0;
  for (int i = 0; i < PAPER_LABELS; i++) sum += paper_labels[i].count;
  return sum;
}

double paper_share_sum(void) {
  double sum = 0;
  for (int i = 0; i < PAPER_LABELS; i++) sum += paper_labels[i].share;
  return sum;
}

double paper_weighted_accuracy(void) {
  double sum = 0;
  for (int i = 0; i < PAPER_LABELS; i++)
    sum += (double)paper_labels[i].count * paper_labels[i].accuracy;
  return sum / (double)paper_total();
}

double paper_majority(void) {
  int64_t most = 0;
  for (int i = 0; i < PAPER_LABELS; i++)
    if (paper_labels[i].count > most) most = paper_labels[i].count;
  return (double)most / (double)paper_total();
}

double paper_harmonic(double precision, double recall) {
  const double sum = precision + recall;
  return sum > 0 ? 2 * precision * recall / sum : 0;
}

int paper_label_find(const char *name, int64_t n) {
  for (int i = 0; i < PAPER_LABELS; i++)
    if ((int64_t)strlen(paper_labels[i].name) == n &&
        memcmp(name, paper_labels[i].name, (size_t)n) == 0)
      return i;
  return -1;
}
