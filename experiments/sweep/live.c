/* live.c: the table of a running sweep. */
#include "live.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "misstep/alloc.h"
#include "report/table.h"

#define SCREEN_BYTES ((size_t)1 << 20)

enum { NARROWEST = 40, BAR = 20 };

/* "45 s", "12 min", "3 h 05 min", "2 days". */
static void write_time(double seconds, char text[32]) {
  const double minutes = seconds / 60;
  if (seconds < 100) (void)snprintf(text, 32, "%.0f s", seconds);
  else if (minutes < 100) (void)snprintf(text, 32, "%.0f min", minutes);
  else if (minutes < 48 * 60)
    (void)snprintf(text, 32, "%d h %02d min", (int)(minutes / 60), (int)minutes % 60);
  else (void)snprintf(text, 32, "%.0f days", minutes / 60 / 24);
}

static double rate_of(const sweep_live *l) { return (double)l->n_new / (l->seconds + 1e-9); }

static void write_left(const sweep_live *l, char text[64]) {
  char time[32];
  *text = 0;
  if (l->n_new <= 0 || l->progress.n_open <= 0) return;
  write_time((double)l->progress.n_open / rate_of(l), time);
  (void)snprintf(text, 64, ", %s left", time);
}

mst_status sweep_live_line(mst_buffer *to, const sweep_live *l) {
  const sweep_progress *p = &l->progress;
  char left[64];
  write_left(l, left);
  mst_status st = mst_buffer_printf(to, "cells: %lld of %lld, %.0f/h%s", (long long)p->n_done,
                                    (long long)p->n_done + p->n_open, rate_of(l) * 3600, left);
  if (!st && !isnan(p->best))
    st = mst_buffer_printf(to, ", best %s %.4f", l->run->spec->metric, p->best);
  if (!st && p->n_failed) st = mst_buffer_printf(to, ", %lld failed", (long long)p->n_failed);
  return st;
}

/* What is known of one model's cells. */
typedef struct tally {
  int64_t n, n_done, n_failed, best; /* best: a cell, or -1 */
  double value;
} tally;

static void count(const sweep_live *l, int64_t i, tally *t) {
  const sweep_entry *e = sweep_ledger_find(l->ledger, l->run->cells->cell[i].key);
  t->n++;
  if (!e) return;
  t->n_done += e->done;
  t->n_failed += !e->done;
  const int maximize = l->run->spec->maximize;
  if (isnan(e->value) || (t->best >= 0 && !(maximize ? e->value > t->value : e->value < t->value)))
    return;
  t->best = i;
  t->value = e->value;
}

static tally tally_model(const sweep_live *l, int model) {
  const sweep_cells *cells = l->run->cells;
  tally t = {.best = -1};
  for (int64_t k = 0; k < cells->n_tasks; k++) {
    if (!sweep_run_has(l->run, k)) continue;
    for (int64_t i = cells->task[k].first; i < cells->task[k].first + cells->task[k].n; i++)
      if (cells->config[cells->cell[i].config].model == model) count(l, i, &t);
  }
  return t;
}

/* Parameters that are a choice in this sweep, and that the model depends on. */
static mst_status put_choices(mst_buffer *to, const sweep_spec *spec, const sweep_config *config) {
  mst_settings s;
  mst_status st = sweep_settings_make(spec, config->model, config->choice, 0, &s);
  if (st) return st;
  for (int32_t p = 0; p < spec->n_parameters && !st; p++) {
    const sweep_parameter *parameter = &spec->parameter[p];
    if (parameter->n < 2) continue;
    if (!sweep_option_matters(config->model, &s, parameter->option->name)) continue;
    const char *value = parameter->value[sweep_spec_choice(spec, config->choice, p)];
    st = mst_buffer_printf(to, ", %s %s", parameter->name, value);
  }
  mst_settings_fini(&s);
  return st;
}

/* "rows 10000, seed 1, max_depth 4". */
static mst_status put_cell(mst_buffer *to, const sweep_live *l, int64_t i) {
  const sweep_spec *spec = l->run->spec;
  const sweep_cell *cell = &l->run->cells->cell[i];
  mst_status st = MST_OK;
  if (cell->rows >= 0 && spec->n_rows > 1)
    st = mst_buffer_printf(to, ", rows %lld", (long long)spec->rows[cell->rows]);
  if (!st && spec->n_seeds > 1)
    st = mst_buffer_printf(to, ", seed %lld", (long long)spec->seed[cell->seed]);
  return st ? st : put_choices(to, spec, &l->run->cells->config[cell->config]);
}

/* The text of line as one line of the screen, cut to its width. */
static mst_status put_line(mst_buffer *to, mst_buffer *line, int width) {
  int64_t columns;
  const size_t n = mst_display_cut((const char *)line->data, line->size_bytes, width, &columns);
  mst_status st = mst_buffer_append(to, line->data, n);
  if (!st) st = mst_buffer_append(to, "\n", 1);
  line->size_bytes = 0;
  return st;
}

static mst_status put_bar(mst_buffer *to, const sweep_progress *p) {
  const int64_t all = p->n_done + p->n_open;
  const int full = all ? (int)(BAR * p->n_done / all) : BAR;
  return mst_buffer_printf(to, "cells     [%.*s%.*s] %lld of %lld", full, "####################",
                           BAR - full, "....................", (long long)p->n_done,
                           (long long)all);
}

static mst_status put_model(mst_buffer *line, const sweep_live *l, int model, const tally *t) {
  mst_status st = mst_buffer_printf(line, "%-10s%lld of %lld", mst_learner_name(model),
                                    (long long)t->n_done, (long long)t->n);
  if (!st && t->n_failed) st = mst_buffer_printf(line, ", %lld failed", (long long)t->n_failed);
  if (!st && t->best >= 0) {
    st = mst_buffer_printf(line, "; best %.4f", t->value);
    if (!st) st = put_cell(line, l, t->best);
  }
  return st;
}

mst_status sweep_live_put(mst_buffer *to, const sweep_live *l, int width) {
  const sweep_progress *p = &l->progress;
  char left[64];
  mst_buffer line;
  mst_buffer_init(&line, SCREEN_BYTES, "a line of the terminal");
  write_left(l, left);
  mst_status st = mst_buffer_append(to, "\n", 1);
  if (!st) st = put_bar(&line, p);
  if (!st && p->n_failed) st = mst_buffer_printf(&line, ", %lld failed", (long long)p->n_failed);
  if (!st) st = put_line(to, &line, width);
  if (!st) st = mst_buffer_printf(&line, "rate      %.0f an hour%s", rate_of(l) * 3600, left);
  if (!st) st = put_line(to, &line, width);
  if (!st) st = mst_buffer_printf(&line, "best      %s ", l->run->spec->metric);
  if (!st)
    st = isnan(p->best) ? mst_buffer_printf(&line, "not yet")
                        : mst_buffer_printf(&line, "%.4f", p->best);
  if (!st) st = put_line(to, &line, width);
  for (int32_t m = 0; m < l->run->spec->n_models && !st; m++) {
    const int model = l->run->spec->model[m];
    const tally t = tally_model(l, model);
    st = put_model(&line, l, model, &t);
    if (!st) st = put_line(to, &line, width);
  }
  mst_buffer_fini(&line);
  return st;
}

mst_status sweep_live_show(const sweep_live *l, int is_last) {
  const int tty = isatty(STDERR_FILENO), n_lines = 4 + l->run->spec->n_models;
  struct winsize size = {0};
  mst_buffer text;
  mst_buffer_init(&text, SCREEN_BYTES, "a screen");
  const int fits = tty && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 &&
                   size.ws_col >= NARROWEST && size.ws_row > n_lines;
  mst_status st = tty ? mst_buffer_printf(&text, "\r\033[J") : MST_OK;
  if (!st) st = fits ? sweep_live_put(&text, l, size.ws_col) : sweep_live_line(&text, l);
  if (!st && fits && !is_last) st = mst_buffer_printf(&text, "\033[%dA", n_lines);
  if (!st && !fits && (is_last || !tty)) st = mst_buffer_printf(&text, "\n");
  if (!st) (void)fwrite(text.data, 1, text.size_bytes, stderr);
  (void)fflush(stderr);
  mst_buffer_fini(&text);
  return st;
}
