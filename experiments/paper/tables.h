/* tables.h: the paper's tables, beside what the cells say.
 *
 * In: cells with metrics. Out: sheets. Next stage: files and the page.
 */
#ifndef MISSTEP_PAPER_TABLES_H
#define MISSTEP_PAPER_TABLES_H

#include "paper.h"
#include "score/student.h"
#include "sheet.h"
#include "stats.h"

enum { PAPER_SHEETS = 10 }; /* tables 1 .. 7, the sums, the leak, the comparisons */

/* Cells that differ in their seed alone. */
typedef struct paper_group {
  paper_protocol protocol;
  int size, copies, model;
} paper_group;

/* A number of a cell; label: of the classes, where it is one's. */
typedef double paper_measure(const paper_cell *cell, int label);
double paper_accuracy(const paper_cell *cell, int label);
double paper_precision(const paper_cell *cell, int label); /* macro averages */
double paper_recall(const paper_cell *cell, int label);
double paper_f1(const paper_cell *cell, int label);

/* The group's name, as links have it: "clean-30000-default". */
void paper_group_name(const paper_run *run, paper_group group, char name[SHEET_LINK]);
/* Mean and interval over the seeds that are done. why (may be NULL) receives the reason where there
 * is none. */
mst_mean paper_group_mean(const paper_run *run, paper_group group, paper_measure *measure,
                          int label, const char **why);

/* values.c: append a group's mean, "0.8937 [0.8901, 0.8973]", linked; or an empty cell. */
void paper_put(const paper_run *run, sheet *s, paper_group group, paper_measure *measure,
               int label);

/* The tables; each begins its sheet (sheet_fini). */
void paper_table1(const paper_run *run, sheet *s);
void paper_table2(const paper_run *run, sheet *s);
void paper_table3(const paper_run *run, sheet *s);
void paper_table4(const paper_run *run, sheet *s); /* latency.c */
void paper_table5(const paper_run *run, sheet *s);
void paper_table6(const paper_run *run, sheet *s);
void paper_table7(const paper_run *run, sheet *s);

/* sums.c: the arithmetic on published numbers. */
void paper_sums(const paper_run *run, sheet *s);
/* leak.c: test records seen in training, and what they are worth. */
void paper_leak(const paper_run *run, sheet *s);
/* compare.c: each model against the paper's, on the same test records. */
void paper_pairs(const paper_run *run, sheet *s);
/* The mark of a model against the paper's under a protocol: "", "*", "**", "***". */
const char *paper_pair_mark(const paper_run *run, paper_protocol protocol, int model);

/* latency.c: measure, unless DIR/latency.json has it for this model and machine. */
mst_status paper_latency_measure(const paper_run *run);

/* figures.c: DIR/figure3 and figure4 as .svg, .pdf, .png and .csv; one that cannot be drawn is
 * said. svg: their bytes for the page (mst_free), or NULL. */
mst_status paper_figures(const paper_run *run, char *svg[2]);

/* page.c: DIR/index.html, everything in one file; cells.csv. */
mst_status paper_page(const paper_run *run, const sheet *sheets, char *const svg[2]);

#endif
