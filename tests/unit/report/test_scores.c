/* The tables of scores, the figure and the model card. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "misstep/rng.h"
#include "report/card.h"
#include "report/confusion.h"
#include "report/gnuplot.h"
#include "report/scores.h"

#define MAX_CLASSES 130

static uint8_t name_bytes[MAX_CLASSES * 64];
static int64_t name_start[MAX_CLASSES + 1];
static mst_strings names;

/* Scores of 20 rows a class with C classes called format % number. */
static void make(const char *format, int32_t n_classes, mst_metrics *m) {
  const int64_t n_rows = 20 * n_classes;
  int32_t *label = mst_alloc((size_t)n_rows, sizeof *label);
  float *proba = mst_alloc((size_t)(n_rows * n_classes), sizeof *proba);
  for (int64_t d = 0; d < n_rows; d++) {
    label[d] = (int32_t)(d % n_classes);
    for (int32_t c = 0; c < n_classes; c++)
      proba[d * n_classes + c] =
          (float)mst_rng_unit(5, MST_RNG_GENERATE, (uint64_t)d, 0, (uint64_t)c) / (float)n_classes +
          (c == label[d] ? 0.4f / (float)n_classes : 0);
  }
  assert_int_equal(mst_metrics_compute(label, proba, n_rows, n_classes, 20, 0, 1, m), MST_OK);
  for (int32_t c = 0; c < n_classes; c++) {
    char name[64];
    const int n = snprintf(name, sizeof name, format, c);
    memcpy(name_bytes + name_start[c], name, (size_t)n);
    name_start[c + 1] = name_start[c] + n;
  }
  names = (mst_strings){n_classes, name_bytes, name_start};
  mst_free(label);
  mst_free(proba);
}

/* The table that a successful call left in *t, as text; the table is freed. */
static char *render(mst_status st, mst_table **t, mst_table_format format) {
  static char *text;
  assert_int_equal(st, MST_OK);
  assert_int_equal(mst_table_render(*t, format, &text), MST_OK);
  mst_table_free(*t);
  return text;
}

static int n_lines(const char *text) {
  int n = 0;
  for (; *text; text++) n += *text == '\n';
  return n;
}

static void overall_and_classes(void **state) {
  (void)state;
  mst_metrics m;
  mst_table *t = NULL;
  make("class %d", 9, &m);
  char *text = render(mst_scores_overall(&m, &t), &t, MST_TABLE_CSV);
  char want[128];
  (void)snprintf(want, sizeof want, "metric,value,low,high\naccuracy,%.4f,%.4f,%.4f\n",
                 m.accuracy.value, m.accuracy.low, m.accuracy.high);
  assert_memory_equal(text, want, strlen(want));
  assert_non_null(strstr(text, "MAP@3"));
  mst_free(text);
  text = render(mst_scores_overall(&m, &t), &t, MST_TABLE_TEXT);
  assert_non_null(strstr(text, "95 % bootstrap interval over 180 test rows"));
  mst_free(text);
  text = render(mst_scores_per_class(&m, &names, &t), &t, MST_TABLE_CSV);
  assert_int_equal(n_lines(text), 10);
  (void)snprintf(want, sizeof want, "\nclass 8,%.4f,%.4f,%.4f,20\n", m.per_class[8].precision,
                 m.per_class[8].recall, m.per_class[8].f1);
  assert_non_null(strstr(text, want));
  mst_free(text);
  mst_metrics_fini(&m);
}

static void confusions(void **state) {
  (void)state;
  mst_metrics m;
  mst_table *t = NULL;
  char want[128];
  make("c%d", 3, &m);
  char *text = render(mst_scores_confusion(&m, &names, &t), &t, MST_TABLE_CSV);
  (void)snprintf(want, sizeof want, "true \\ predicted,c0,c1,c2\nc0,%d,%d,%d\n",
                 (int)m.confusion[0], (int)m.confusion[1], (int)m.confusion[2]);
  assert_memory_equal(text, want, strlen(want));
  mst_free(text);
  text = render(mst_scores_overall(&m, &t), &t, MST_TABLE_CSV);
  assert_null(strstr(text, "MAP@3")); /* says nothing about three classes */
  mst_free(text);
  mst_metrics_fini(&m);
  make("a label that is wider %d", 15, &m);
  text = render(mst_scores_confusion(&m, &names, &t), &t, MST_TABLE_CSV);
  assert_non_null(strstr(text, "predicted,1,2,3"));
  assert_non_null(strstr(text, "\n15 a label that is wider 14,"));
  mst_free(text);
  mst_metrics_fini(&m);
}

/* The list above 15 classes falls in counts and holds no cell twice. */
static void many_classes_give_a_list(void **state) {
  (void)state;
  mst_metrics m;
  mst_table *t = NULL;
  make("c%d", 16, &m);
  char *text = render(mst_scores_confusion(&m, &names, &t), &t, MST_TABLE_CSV);
  assert_int_equal(n_lines(text), 21);
  int64_t before = INT64_MAX, cell_before = -1;
  const char *line = strchr(text, '\n') + 1;
  for (int i = 0; i < 20; i++, line = strchr(line, '\n') + 1) {
    int a, b, n;
    double share;
    assert_int_equal(sscanf(line, "c%d,c%d,%d,%lf", &a, &b, &n, &share), 4);
    const int64_t cell = a * 16 + b;
    assert_int_equal(m.confusion[cell], n);
    assert_true(a != b && fabs(share - n / 20.0) < 1e-9);
    assert_true(n < before || (n == before && cell > cell_before));
    before = n;
    cell_before = cell;
  }
  int64_t larger = 0; /* cells that should have come before the last */
  for (int64_t i = 0; i < 256; i++)
    larger += i / 16 != i % 16 &&
              (m.confusion[i] > before || (m.confusion[i] == before && i <= cell_before));
  assert_int_equal(larger, 20);
  mst_free(text);
  mst_metrics_fini(&m);
}

static void the_fit(void **state) {
  (void)state;
  const mst_fit_report fit = {.n_rows = 24000,
                              .n_selected = 2000,
                              .n_rounds = 40,
                              .best_round = 39,
                              .validation_mlogloss = NAN,
                              .seconds_boosting = 1.5,
                              .device = "cpu"};
  mst_table *t = NULL;
  char *text = render(mst_scores_fit(&fit, 9, 6000, &t), &t, MST_TABLE_CSV);
  assert_string_equal(text, "what,value\ntraining rows,24000\ntest rows,6000\nclasses,9\n"
                            "terms selected,2000\nboosting rounds,40\ndevice,cpu\n"
                            "seconds for tokens,0.00\nseconds for features,0.00\n"
                            "seconds for the linear part,0.00\nseconds for boosting,1.50\n");
  mst_free(text);
}

/* The figure. */

static int has_gnuplot(void) { return system("gnuplot --version >/dev/null 2>&1") == 0; }

static int contains(const char *bytes, size_t n, const char *what) {
  return memmem(bytes, n, what, strlen(what)) != NULL;
}

static void a_figure_is_drawn(void **state) {
  (void)state;
  if (!has_gnuplot()) skip();
  static const int32_t sizes[] = {1, 3, 15, 16, 77, 125};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    mst_metrics m;
    mst_figure f;
    make("<class> %d", sizes[i], &m);
    if (mst_confusion_draw(&m, &names, "A title", &f)) fail_msg("%s", mst_error_last()->message);
    assert_memory_equal(f.png, "\x89PNG\r\n\x1a\n", 8);
    assert_memory_equal(f.svg, "<?xml", 5);
    assert_true(contains(f.svg, f.n_svg_bytes, "</svg>"));
    assert_true(contains(f.svg, f.n_svg_bytes, "A title"));
    assert_true(contains(f.svg, f.n_svg_bytes, "predicted class"));
    assert_int_equal(contains(f.svg, f.n_svg_bytes, "&lt;class> 0"), sizes[i] <= 120);
    mst_figure_fini(&f);
    mst_metrics_fini(&m);
  }
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

/* Names are data: nothing in them is run, formatted or set in italics. */
static void names_are_only_names(void **state) {
  (void)state;
  if (!has_gnuplot()) skip();
  mst_metrics m;
  mst_figure f;
  make("`touch pwned` ' \" 5%% %%d a_b^c @x {%d}", 2, &m);
  if (mst_confusion_draw(&m, &names, "it's `touch pwned` a_b", &f))
    fail_msg("%s", mst_error_last()->message);
  assert_int_equal(access("pwned", F_OK), -1);
  assert_true(contains(f.svg, f.n_svg_bytes, "it's `touch pwned` a_b") ||
              contains(f.svg, f.n_svg_bytes, "it&#39;s `touch pwned` a_b"));
  assert_true(contains(f.svg, f.n_svg_bytes, "5% %d a_b^c"));
  mst_figure_fini(&f);
  mst_metrics_fini(&m);
}

/* A folder with a program called gnuplot is the whole PATH. */
static void a_gnuplot_that_fails_is_quoted(void **state) {
  (void)state;
  char folder[] = "/tmp/misstep-path-XXXXXX", path[64], old[4096];
  assert_non_null(mkdtemp(folder));
  (void)snprintf(old, sizeof old, "%s", getenv("PATH"));
  assert_int_equal(setenv("PATH", folder, 1), 0);
  mst_metrics m;
  mst_figure f = {.n_svg_bytes = 7};
  make("c%d", 2, &m);
  assert_int_equal(mst_confusion_draw(&m, &names, NULL, &f), MST_E_UNSUPPORTED);
  assert_non_null(strstr(mst_error_last()->message, "apt-get install gnuplot-nox"));
  (void)snprintf(path, sizeof path, "%s/gnuplot", folder);
  FILE *file = fopen(path, "w");
  assert_true(fputs("#!/bin/sh\necho first >&2\necho 'no such terminal' >&2\nexit 3\n", file) >= 0);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(chmod(path, 0755), 0);
  assert_int_equal(mst_confusion_draw(&m, &names, NULL, &f), MST_E_ADAPTER);
  assert_string_equal(mst_error_last()->message, "gnuplot failed (3): no such terminal");
  file = fopen(path, "w");
  assert_true(fputs("#!/bin/sh\nexit 0\n", file) >= 0);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(mst_confusion_draw(&m, &names, NULL, &f), MST_E_ADAPTER);
  assert_string_equal(mst_error_last()->message, "gnuplot drew nothing");
  assert_int_equal(setenv("PATH", old, 1), 0);
  assert_int_equal(f.n_svg_bytes, 7);
  mst_metrics_fini(&m);
  (void)unlink(path);
  (void)rmdir(folder);
}

/* A character that no font has (a private one) makes numbers of the names. */
static void names_without_a_font_become_numbers(void **state) {
  (void)state;
  if (!has_gnuplot()) skip();
  mst_metrics m;
  mst_figure f;
  make("\xf4\x8f\xbf\xbd %d", 3, &m);
  if (mst_confusion_draw(&m, &names, "\xf4\x8f\xbf\xbd", &f))
    fail_msg("%s", mst_error_last()->message);
  assert_int_equal(f.is_numbered, 1);
  assert_true(contains(f.svg, f.n_svg_bytes, "class 3"));
  mst_figure_fini(&f);
  mst_metrics_fini(&m);
}

/* The card. */

static void the_card(void **state) {
  (void)state;
  mst_metrics m;
  make("c%d", 4, &m);
  mst_json *metrics = mst_metrics_json(&m, &names), *facts = mst_json_new_object();
  assert_int_equal(mst_json_set(facts, "training rows", mst_json_new_int(24000)), MST_OK);
  assert_int_equal(mst_json_set(facts, "file", mst_json_new_string("a|b`c.csv")), MST_OK);
  const mst_card card = {"Model of x.csv", facts, NULL, metrics, "import numpy\n"};
  char *text = NULL, want[128];
  size_t n = 0;
  assert_int_equal(mst_card_write(&card, &text, &n), MST_OK);
  assert_int_equal(n, strlen(text));
  assert_memory_equal(text, "# Model of x.csv\n", 17);
  assert_non_null(strstr(text, "| training rows | 24000 |\n"));
  assert_non_null(strstr(text, "| file | a b c.csv |\n"));
  (void)snprintf(want, sizeof want, "| accuracy | %.4f | %.4f to %.4f |\n", m.accuracy.value,
                 m.accuracy.low, m.accuracy.high);
  assert_non_null(strstr(text, want));
  assert_non_null(strstr(text, "```python\nimport numpy\n```\n"));
  assert_null(strstr(text, "## Options"));
  mst_free(text);
  const mst_card bare = {0};
  assert_int_equal(mst_card_write(&bare, &text, NULL), MST_OK);
  mst_free(text);
  mst_json_free(metrics);
  mst_json_free(facts);
  mst_metrics_fini(&m);
}

static mst_status call(void *payload) {
  const mst_metrics *m = payload;
  mst_table *t = NULL;
  mst_status st = mst_scores_overall(m, &t);
  mst_table_free(t);
  t = NULL;
  if (!st) st = mst_scores_per_class(m, &names, &t);
  mst_table_free(t);
  t = NULL;
  if (!st) st = mst_scores_confusion(m, &names, &t);
  mst_table_free(t);
  char *text = NULL;
  const mst_card bare = {0};
  if (!st) st = mst_card_write(&bare, &text, NULL);
  mst_free(text);
  return st;
}

static mst_status figure_call(void *payload) {
  mst_figure f = {.n_svg_bytes = 7};
  const mst_status st = mst_confusion_draw(payload, &names, NULL, &f);
  if (st) assert_int_equal(f.n_svg_bytes, 7);
  else mst_figure_fini(&f);
  return st;
}

static void no_memory_at_any_point(void **state) {
  (void)state;
  mst_metrics m;
  make("c%d", 4, &m);
  assert_true(fail_every_alloc(call, &m) > 10);
  if (has_gnuplot()) assert_true(fail_every_alloc(figure_call, &m) >= 4);
  mst_metrics_fini(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(overall_and_classes),
      cmocka_unit_test(confusions),
      cmocka_unit_test(many_classes_give_a_list),
      cmocka_unit_test(the_fit),
      cmocka_unit_test(a_figure_is_drawn),
      cmocka_unit_test(names_are_only_names),
      cmocka_unit_test(a_gnuplot_that_fails_is_quoted),
      cmocka_unit_test(names_without_a_font_become_numbers),
      cmocka_unit_test(the_card),
      cmocka_unit_test(no_memory_at_any_point),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
