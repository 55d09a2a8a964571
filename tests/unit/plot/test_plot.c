/* Figures: what is refused, what is drawn, that the same data are the same bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "files/folder.h"
#include "plot/plot.h"

#define KOREAN "\xed\x95\x9c\xea\xb8\x80" /* two syllables, hangul */

static const plot_point xgboost[] = {{5000, 0.80, 0.78, 0.82, NULL},
                                     {10000, 0.85, 0.84, 0.86, NULL},
                                     {15000, 0.88, NAN, NAN, NULL},
                                     {30000, 0.91, 0.905, 0.915, "best"}},
                        linear[] = {{5000, 0.78, 0.77, 0.79, NULL},
                                    {30000, 0.88, 0.87, 0.89, NULL}};
static const plot_series two[] = {{"a_b {x} 100% 'q' `date`", PLOT_LINE, xgboost, 4},
                                  {KOREAN, PLOT_LINE, linear, 2}};
static const char *const groups[] = {"first", "100 %", KOREAN};

static plot_figure learning_curve(void) {
  return (plot_figure){.title = "Learning curve",
                       .x_title = "rows",
                       .y_title = "macro_f1",
                       .note = "mean over 5 seeds",
                       .series = two,
                       .n_series = 2,
                       .log_x = 1};
}

static void need_gnuplot(void) {
  if (system("gnuplot --version > /dev/null 2>&1") != 0) skip();
}

static void test_empty(void **state) {
  (void)state;
  char *out = (char *)1;
  size_t n = 7;
  const plot_series none = {"none", PLOT_LINE, NULL, 0};
  assert_int_equal(plot_figure_draw(&(plot_figure){0}, PLOT_SVG, &out, &n), MST_E_ARG);
  assert_int_equal(
      plot_figure_draw(&(plot_figure){.series = &none, .n_series = 1}, PLOT_SVG, &out, &n),
      MST_E_ARG);
  assert_int_equal(plot_map_draw(&(plot_map){0}, PLOT_SVG, &out, &n), MST_E_ARG);
  assert_ptr_equal(out, (char *)1);
  assert_int_equal(n, 7);
  assert_int_equal(plot_figure_csv(&(plot_figure){0}, &out), MST_OK);
  assert_string_equal(out, "series,x,y,low,high,label\n");
  mst_free(out);
}

static void refuse_point(plot_point p, int log_x, int32_t n_ticks, const char *words) {
  char *out = NULL;
  size_t n;
  const plot_series s = {"s", PLOT_LINE, &p, 1};
  const plot_figure f = {
      .series = &s, .n_series = 1, .log_x = log_x, .tick = groups, .n_ticks = n_ticks};
  assert_int_equal(plot_figure_draw(&f, PLOT_SVG, &out, &n), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, words));
  assert_null(out);
}

static void test_refused(void **state) {
  (void)state;
  plot_format format;
  refuse_point((plot_point){NAN, 1, NAN, NAN, NULL}, 0, 0, "x is not a finite");
  refuse_point((plot_point){1, INFINITY, NAN, NAN, NULL}, 0, 0, "y is not a finite");
  refuse_point((plot_point){1, 1, 0, NAN, NULL}, 0, 0, "high is not a finite");
  refuse_point((plot_point){1, 1, 2, 0, NULL}, 0, 0, "low 2 is above high 0");
  refuse_point((plot_point){0, 1, NAN, NAN, NULL}, 1, 0, "needs more than 0");
  refuse_point((plot_point){9, 1, NAN, NAN, NULL}, 0, 3, "no group 9 of 3");
  assert_int_equal(plot_format_of("a.jpg", &format), MST_E_ARG);
  assert_int_equal(plot_format_of("svg", &format), MST_E_ARG);
  assert_int_equal(plot_format_of("a.b/c.pdf", &format), MST_OK);
  assert_int_equal(format, PLOT_PDF);
  plot_series many[PLOT_MOST_SERIES + 1];
  for (int i = 0; i <= PLOT_MOST_SERIES; i++) many[i] = two[0];
  char *out;
  size_t n;
  assert_int_equal(
      plot_figure_draw(&(plot_figure){.series = many, .n_series = 17}, PLOT_SVG, &out, &n),
      MST_E_ARG);
}

static void test_same_bytes(void **state) {
  (void)state;
  need_gnuplot();
  static const char *const begin[] = {"<?xml", "%PDF-", "\x89PNG"};
  const plot_figure f = learning_curve();
  for (int format = 0; format < 3; format++) {
    char *a = NULL, *b = NULL;
    size_t n_a = 0, n_b = 0;
    const time_t started = time(NULL);
    assert_int_equal(plot_figure_draw(&f, (plot_format)format, &a, &n_a), MST_OK);
    assert_memory_equal(a, begin[format], 4);
    while (time(NULL) == started) (void)usleep(10000); /* a date would differ */
    assert_int_equal(plot_figure_draw(&f, (plot_format)format, &b, &n_b), MST_OK);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a);
    mst_free(a);
    mst_free(b);
  }
}

/* Is a number among the ticks of an SVG? */
static int has_tick(const plot_figure *f, const char *number) {
  char *svg = NULL, text[64];
  size_t n = 0;
  assert_int_equal(plot_figure_draw(f, PLOT_SVG, &svg, &n), MST_OK);
  (void)snprintf(text, sizeof text, "<text>%s%s</text>", *number == '-' ? "" : " ", number);
  const int found = strstr(svg, text) != NULL;
  mst_free(svg);
  return found;
}

/* An interval that is wider than shares can be ends with them, and so does the axis; the data
 * beside the figure have it whole. */
static void test_ends_with_what_y_can_be(void **state) {
  (void)state;
  need_gnuplot();
  static const plot_point wide[] = {{1, 0.5, -0.3, 1.3, NULL}, {2, 0.6, 0.5, 0.7, NULL}};
  const plot_series lines = {"s", PLOT_LINE, wide, 2}, bars = {"s", PLOT_BARS, wide, 2};
  plot_figure f = {.series = &lines, .n_series = 1};
  assert_true(has_tick(&f, "1.2") && has_tick(&f, "-0.2"));
  f.y_most = 1;
  assert_true(has_tick(&f, "1") && has_tick(&f, "0"));
  assert_false(has_tick(&f, "1.2") || has_tick(&f, "-0.2") || has_tick(&f, "1.1"));
  f.y_most = INFINITY;
  assert_true(has_tick(&f, "1.2"));
  assert_false(has_tick(&f, "-0.2"));
  f = (plot_figure){.series = &bars, .n_series = 1, .tick = groups, .n_ticks = 3, .y_most = 1};
  assert_true(has_tick(&f, "1") && has_tick(&f, "0"));
  assert_false(has_tick(&f, "1.2") || has_tick(&f, "-0.2"));
  char *csv = NULL;
  assert_int_equal(plot_figure_csv(&f, &csv), MST_OK);
  assert_non_null(strstr(csv, "-0.3,1.3"));
  mst_free(csv);
}

/* The axis is no longer than the data: nothing of 0 in a figure of .80 to .92. */
static void test_fits_the_data(void **state) {
  (void)state;
  need_gnuplot();
  plot_figure f = learning_curve();
  f.y_most = 1;
  assert_true(has_tick(&f, "0.8") && has_tick(&f, "0.9"));
  assert_false(has_tick(&f, "0.7") || has_tick(&f, "1") || has_tick(&f, "0"));
  const plot_point one = {5, 0.5, NAN, NAN, NULL};
  const plot_series alone = {"s", PLOT_POINTS, &one, 1};
  assert_true(has_tick(&(plot_figure){.series = &alone, .n_series = 1, .y_most = 1}, "0.5"));
}

/* Texts reach the picture as they are: no mark-up, no command, Korean too. */
static void test_texts(void **state) {
  (void)state;
  need_gnuplot();
  char *svg = NULL;
  size_t n = 0;
  const plot_figure f = learning_curve();
  assert_int_equal(plot_figure_draw(&f, PLOT_SVG, &svg, &n), MST_OK);
  assert_non_null(strstr(svg, "a_b {x} 100% 'q' `date`"));
  assert_non_null(strstr(svg, KOREAN));
  assert_non_null(strstr(svg, "macro_f1"));
  assert_non_null(strstr(svg, ">15000<"));
  assert_non_null(strstr(svg, "best"));
  mst_free(svg);
}

static void test_every_style(void **state) {
  (void)state;
  need_gnuplot();
  static const plot_point bars[] = {{0, 0.5, 0.4, 0.6, "0.50"}, {2, 0.7, NAN, NAN, "0.70"}},
                          band[] = {{0, NAN, 0.3, 0.4, NULL}, {2, NAN, 0.35, 0.5, NULL}};
  static const plot_series all[] = {{"empty", PLOT_BARS, NULL, 0}, {"bars", PLOT_BARS, bars, 2},
                                    {"more", PLOT_BARS, bars, 1},  {"points", PLOT_POINTS, bars, 2},
                                    {"band", PLOT_BAND, band, 2},  {NULL, PLOT_CURVE, bars, 2}};
  const plot_figure f = {.series = all, .n_series = 6, .tick = groups, .n_ticks = 3};
  char *svg = NULL;
  size_t n = 0;
  assert_int_equal(plot_figure_draw(&f, PLOT_SVG, &svg, &n), MST_OK);
  assert_non_null(strstr(svg, ">100 %<"));
  assert_non_null(strstr(svg, ">bars<"));
  assert_null(strstr(svg, ">empty<"));
  mst_free(svg);
}

static void test_csv(void **state) {
  (void)state;
  const plot_figure f = learning_curve();
  char *csv = NULL;
  assert_int_equal(plot_figure_csv(&f, &csv), MST_OK);
  assert_string_equal(csv, "series,x,y,low,high,label\n"
                           "a_b {x} 100% 'q' `date`,5000,0.8,0.78,0.82,\n"
                           "a_b {x} 100% 'q' `date`,10000,0.85,0.84,0.86,\n"
                           "a_b {x} 100% 'q' `date`,15000,0.88,,,\n"
                           "a_b {x} 100% 'q' `date`,30000,0.91,0.905,0.915,best\n" KOREAN
                           ",5000,0.78,0.77,0.79,\n" KOREAN ",30000,0.88,0.87,0.89,\n");
  mst_free(csv);
}

static const double values[] = {0.5, 0.6, NAN, 0.7, 0.8, 0.9};
static const char *const sizes[] = {"eda", "none, really"};

static plot_map surface(void) {
  return (plot_map){.x_title = "rows",
                    .y_title = "augment",
                    .value_title = "macro_f1",
                    .x = groups,
                    .y = sizes,
                    .n_x = 3,
                    .n_y = 2,
                    .value = values};
}

static void test_map(void **state) {
  (void)state;
  char *csv = NULL, *svg = NULL;
  size_t n = 0;
  const plot_map m = surface();
  assert_int_equal(plot_map_csv(&m, &csv), MST_OK);
  assert_string_equal(csv, "rows,augment,macro_f1\nfirst,eda,0.5\n100 %,eda,0.6\n" KOREAN
                           ",eda,\nfirst,\"none, really\",0.7\n100 %,\"none, really\",0.8\n" KOREAN
                           ",\"none, really\",0.9\n");
  mst_free(csv);
  need_gnuplot();
  assert_int_equal(plot_map_draw(&m, PLOT_SVG, &svg, &n), MST_OK);
  assert_non_null(strstr(svg, ">0.6<"));
  assert_non_null(strstr(svg, ">none, really<"));
  mst_free(svg);
  const double one = 0.25;
  const plot_map single = {.x = groups, .y = sizes, .n_x = 1, .n_y = 1, .value = &one};
  assert_int_equal(plot_map_draw(&single, PLOT_PNG, &svg, &n), MST_OK);
  mst_free(svg);
}

static void test_save(void **state) {
  (void)state;
  need_gnuplot();
  char dir[] = "/tmp/plot-XXXXXX", path[64], beside[64], *bytes = NULL;
  size_t n = 0;
  assert_non_null(mkdtemp(dir));
  (void)snprintf(path, sizeof path, "%s/f.png", dir);
  (void)snprintf(beside, sizeof beside, "%s/f.csv", dir);
  const plot_figure f = learning_curve();
  const plot_map m = surface();
  assert_int_equal(plot_figure_save(&f, path), MST_OK);
  assert_int_equal(plot_map_save(&m, path), MST_OK); /* replaces */
  assert_int_equal(mst_file_read(beside, 1 << 20, &bytes, &n), MST_OK);
  assert_memory_equal(bytes, "rows,augment", 12);
  mst_free(bytes);
  assert_int_equal(plot_figure_save(&f, "/nowhere/f.svg"), MST_E_IO);
  assert_int_equal(plot_figure_save(&f, "f.gif"), MST_E_ARG);
  assert_int_equal(unlink(path) + unlink(beside) + rmdir(dir), 0);
}

static void test_no_gnuplot(void **state) {
  (void)state;
  char *svg = NULL, *path = strdup(getenv("PATH"));
  size_t n = 0;
  const plot_figure f = learning_curve();
  assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
  assert_int_equal(plot_figure_draw(&f, PLOT_SVG, &svg, &n), MST_E_UNSUPPORTED);
  assert_non_null(strstr(mst_error_last()->message, "apt-get install gnuplot"));
  /* Without fontconfig nobody can say that there is a font: refused, not drawn as boxes. */
  assert_int_equal(plot_figure_draw(&f, PLOT_PNG, &svg, &n), MST_E_UNSUPPORTED);
  assert_non_null(strstr(mst_error_last()->message, "an .svg needs none"));
  assert_null(svg);
  assert_int_equal(setenv("PATH", path, 1), 0);
  free(path);
}

static mst_status draw_both(void *payload) {
  (void)payload;
  char *svg = NULL, *map = NULL, *csv = NULL;
  size_t n = 0;
  const plot_figure f = learning_curve();
  const plot_map m = surface();
  mst_status st = plot_figure_draw(&f, PLOT_SVG, &svg, &n);
  if (!st) st = plot_map_draw(&m, PLOT_SVG, &map, &n);
  if (!st) st = plot_map_csv(&m, &csv);
  mst_free(svg);
  mst_free(map);
  mst_free(csv);
  return st;
}

static void test_no_memory(void **state) {
  (void)state;
  need_gnuplot();
  assert_true(fail_every_alloc(draw_both, NULL) > 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),         cmocka_unit_test(test_refused),
      cmocka_unit_test(test_same_bytes),    cmocka_unit_test(test_ends_with_what_y_can_be),
      cmocka_unit_test(test_fits_the_data), cmocka_unit_test(test_texts),
      cmocka_unit_test(test_every_style),   cmocka_unit_test(test_csv),
      cmocka_unit_test(test_map),           cmocka_unit_test(test_save),
      cmocka_unit_test(test_no_gnuplot),    cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
