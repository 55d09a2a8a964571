/* logistic.c: the wide problem cut into panels, the panels shared out to threads. No number depends
 * on which thread had which panel, nor on a panel's width, so none depends on the number of
 * threads. */
#include "misstep/logistic.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>

#include "misstep/alloc.h"
#include "misstep/log.h"
#include "panel.h"

/* Passes before the first check, and between checks: a check costs about half a pass. */
enum { FIRST_CHECK = 6, CHECK_EVERY = 2 };

mst_logistic_options mst_logistic_options_default(void) {
  return (mst_logistic_options){.c = 5, .bias = 1, .eps = 1e-4, .max_iter = 200, .n_threads = 1};
}

/* Where the results go, and how far the threads are. */
typedef struct fit_job {
  const mst__logistic *problem;
  int32_t max_iter;
  float *coef, *intercept, *decision;
  double *objective;
  int n_lanes, n_workers;
  int64_t n_columns, n_panels;
  int64_t next;    /* panel that nobody has taken yet */
  int64_t n_done;  /* columns finished */
  int64_t n_short; /* columns that ran out of passes */
  int cancelled;   /* the calling thread's progress callback said so */
} fit_job;

static mst_status check_options(const mst_logistic_options *o, int32_t n_classes) {
  if (!(o->c > 0) || !isfinite(o->c) || !isfinite(o->bias))
    return MST_FAIL(MST_E_ARG,
                    "logistic regression needs C above 0 and a finite bias, not %g and %g", o->c,
                    o->bias);
  if (!(o->eps > 0) || o->max_iter < 1 || o->n_threads < 1)
    return MST_FAIL(MST_E_ARG, "logistic regression with eps %g, %d passes, %d threads", o->eps,
                    o->max_iter, o->n_threads);
  if (o->loss == MST_LOSS_MULTINOMIAL && n_classes > MST__CLASSES_MAX)
    return MST_FAIL(MST_E_ARG, "a multinomial regression of %d classes, at most %d are possible",
                    n_classes, MST__CLASSES_MAX);
  return MST_OK;
}

static mst_status check_rows(const mst_logistic_problem *problem) {
  const mst_csr *x = problem->x;
  const int32_t *label = problem->label, *fold = problem->fold;
  const int32_t n_classes = problem->n_classes, n_folds = problem->n_folds;
  const float *val = x->val, *weight = problem->weight;
  for (int64_t d = 0; d < x->n_rows; d++) {
    if (label[d] < 0 || label[d] >= n_classes)
      return MST_FAIL(MST_E_ARG, "row %lld: label %d, expected 0 to %d", (long long)d, label[d],
                      n_classes - 1);
    if (fold && (fold[d] < 0 || fold[d] >= n_folds))
      return MST_FAIL(MST_E_ARG, "row %lld: fold %d, expected 0 to %d", (long long)d, fold[d],
                      n_folds - 1);
    if (weight && !(weight[d] > 0 && isfinite(weight[d])))
      return MST_FAIL(MST_E_ARG, "row %lld: weight %g, expected above 0", (long long)d,
                      (double)weight[d]);
    for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++)
      if (!isfinite(val[e]))
        return MST_FAIL(MST_E_ARG, "row %lld: term %d has no finite value", (long long)d,
                        x->col[e]);
  }
  return MST_OK;
}

/* Widest panels that still give every thread one, 8 columns at least; or all classes. */
static int panel_lanes(const mst__logistic *p, int n_threads) {
  const int64_t n_columns = (int64_t)p->n_classes * p->n_fits;
  if (p->multinomial) return (p->n_classes + 7) / 8 * 8;
  int n_lanes = MST__PANEL_MAX;
  while (n_lanes > 8 && (n_columns + n_lanes - 1) / n_lanes < n_threads) n_lanes /= 2;
  return n_lanes;
}

static void store_decision(const fit_job *job, const mst__panel *panel, int64_t d) {
  const mst__logistic *p = job->problem;
  const mst_csr *x = p->x;
  const float *val = x->val, *bias = panel->weight + x->n_cols * panel->n_lanes;
  const int32_t held = p->fold ? p->fold[d] : -1;
  for (int lane = 0; lane < panel->n_lanes; lane++) {
    if (panel->class_of[lane] < 0 || panel->held[lane] != held) continue;
    const double scale = p->own ? p->own[d * p->n_fits + held + 1].scale : 1;
    double z = (double)p->bias * bias[lane];
    for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++)
      z += (double)val[e] * (x->col[e] < p->first_own ? 1 : scale) *
           panel->weight[(int64_t)x->col[e] * panel->n_lanes + lane];
    job->decision[d * p->n_classes + panel->class_of[lane]] = (float)z;
  }
}

static void store(const fit_job *job, const mst__panel *panel) {
  const mst__logistic *p = job->problem;
  const int64_t n_terms = p->x->n_cols;
  for (int lane = 0; lane < panel->n_lanes; lane++) {
    const int32_t k = panel->class_of[lane];
    if (k < 0 || panel->held[lane] >= 0) continue;
    for (int64_t t = 0; t < n_terms; t++)
      job->coef[t * p->n_classes + k] = panel->weight[t * panel->n_lanes + lane];
    job->intercept[k] = p->bias * panel->weight[n_terms * panel->n_lanes + lane];
    if (job->objective) job->objective[k] = panel->objective[lane];
  }
  if (!job->decision) return;
  for (int64_t d = 0; d < p->x->n_rows; d++) store_decision(job, panel, d);
}

/* Tell the callback; only the calling thread may, so only it learns of a wish to stop. */
static void report(fit_job *job, const mst__panel *panel) {
  int64_t n_done;
#pragma omp atomic read
  n_done = job->n_done;
  char detail[32];
  (void)snprintf(detail, sizeof detail, "pass %lld", (long long)panel->pass);
  if (!mst_progress("linear fits", n_done, job->n_columns, detail)) return;
#pragma omp atomic write
  job->cancelled = 1;
}

/* Fit the panel's columns. Stops early, with nothing stored, when cancelled. */
static void solve(fit_job *job, mst__panel *panel, int64_t number, int is_caller) {
  mst__panel_start(panel, job->problem, number);
  int n_used = 0;
  for (int lane = 0; lane < panel->n_lanes; lane++) n_used += panel->class_of[lane] >= 0;
  int n_alive = n_used;
  while (n_alive && panel->pass < job->max_iter) {
    int cancelled;
    if (is_caller) report(job, panel);
#pragma omp atomic read
    cancelled = job->cancelled;
    if (cancelled) return;
    mst__panel_pass(panel, job->problem);
    const int64_t since = panel->pass - FIRST_CHECK;
    if ((since >= 0 && since % CHECK_EVERY == 0) || panel->pass == job->max_iter)
      n_alive = mst__panel_check(panel, job->problem);
  }
  store(job, panel);
#pragma omp atomic
  job->n_done += n_used;
#pragma omp atomic
  job->n_short += n_alive;
}

static void solve_all(fit_job *job, mst__panel *panels) {
  job->next = job->n_workers;
#pragma omp parallel num_threads(job->n_workers)
  {
    /* A team can be smaller than asked for: whoever is there takes the first panels too. */
    const int me = omp_get_thread_num(), n_here = omp_get_num_threads();
    for (int64_t number = me; number < job->n_workers; number += n_here)
      solve(job, &panels[me], number, me == 0);
    for (;;) {
      int64_t number;
#pragma omp atomic capture
      number = job->next++;
      if (number >= job->n_panels) break;
      solve(job, &panels[me], number, me == 0);
    }
  }
}

static mst_status square_rows(const mst_csr *x, double bias, mst__logistic *wide) {
  const float *val = x->val;
  float *square = mst_alloc((size_t)x->n_rows, sizeof *square);
  if (!square) return MST_E_NOMEM;
  for (int64_t d = 0; d < x->n_rows; d++) {
    double sum = bias * bias;
    for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++) sum += (double)val[e] * val[e];
    square[d] = (float)sum;
  }
  wide->square = square;
  return MST_OK;
}

static float square_of_fit(const mst__logistic *p, int64_t d, int32_t fit, double scale) {
  const mst_csr *x = p->x;
  const float *val = x->val;
  double sum = (double)p->bias * p->bias, own = 0;
  for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++) {
    const double square = (double)val[e] * val[e];
    const int64_t disputed = (int64_t)x->col[e] - p->first_disputed;
    if (x->col[e] < p->first_own) sum += square;
    else if (disputed < 0 || p->chosen[disputed * p->n_fits + fit]) own += square;
  }
  return (float)(sum + scale * scale * own);
}

/* What each fit makes of each row. */
static mst_status describe_rows(const mst_logistic_block *block, int n_threads,
                                mst__logistic *wide) {
  const int32_t n_fits = wide->n_fits;
  mst__row_of_fit *own = mst_alloc((size_t)(wide->x->n_rows * n_fits), sizeof *own);
  if (!own) return MST_E_NOMEM;
  wide->first_own = block->first;
  wide->first_disputed = block->first_disputed;
  wide->chosen = block->chosen;
#pragma omp parallel for num_threads(n_threads) schedule(static)
  for (int64_t d = 0; d < wide->x->n_rows; d++)
    for (int32_t f = 0; f < n_fits; f++) {
      const float scale = block->scale[d * n_fits + f];
      own[d * n_fits + f] = (mst__row_of_fit){scale, square_of_fit(wide, d, f, scale)};
    }
  wide->own = own;
  return MST_OK;
}

mst_status mst_logistic_block_check(const mst_logistic_problem *problem) {
  const mst_logistic_block *block = problem->block;
  if (!block) return MST_OK;
  const int64_t n_terms = problem->x->n_cols, n_fits = 1 + problem->n_folds;
  if (block->first < 0 || block->first_disputed < block->first || block->first_disputed > n_terms ||
      !block->scale || (!block->chosen && block->first_disputed < n_terms))
    return MST_FAIL(MST_E_ARG,
                    "logistic regression: a block at column %lld, disputed from %lld, "
                    "of %lld columns",
                    (long long)block->first, (long long)block->first_disputed, (long long)n_terms);
  for (int64_t i = 0; i < problem->x->n_rows * n_fits; i++)
    if (!isfinite(block->scale[i]))
      return MST_FAIL(MST_E_ARG, "row %lld: no finite scale in fit %lld", (long long)(i / n_fits),
                      (long long)(i % n_fits));
  return MST_OK;
}

static mst_status fit(fit_job *job) {
  mst__panel *panels = mst_alloc_zero((size_t)job->n_workers, sizeof *panels);
  mst_status st = panels ? MST_OK : MST_E_NOMEM;
  for (int w = 0; !st && w < job->n_workers; w++)
    st = mst__panel_init(&panels[w], job->problem, job->n_lanes);
  if (!st) {
    solve_all(job, panels);
    if (job->cancelled) st = MST_E_CANCELLED; /* recorded by mst_progress on this thread */
  }
  for (int w = 0; panels && w < job->n_workers; w++) mst__panel_fini(&panels[w]);
  mst_free(panels);
  return st;
}

mst_status mst_logistic_check(const mst_logistic_problem *problem,
                              const mst_logistic_options *options,
                              const mst_logistic_result *result) {
  const mst_csr *x = problem->x;
  if (!x || !problem->label || !options || !result->coef || !result->intercept ||
      x->dtype != MST_FLOAT32)
    return MST_FAIL(MST_E_ARG, "logistic regression needs a float32 matrix, labels and outputs");
  if (x->n_rows < 1 || problem->n_classes < 2 || problem->n_folds < 0 ||
      (problem->fold == NULL) != (problem->n_folds == 0))
    return MST_FAIL(MST_E_ARG, "logistic regression on %lld rows, %d classes, %d folds",
                    (long long)x->n_rows, problem->n_classes, problem->n_folds);
  mst_status st = check_options(options, problem->n_classes);
  if (!st) st = check_rows(problem);
  return st ? st : mst_logistic_block_check(problem);
}

mst_status mst_logistic_fit(const mst_logistic_problem *problem,
                            const mst_logistic_options *options,
                            const mst_logistic_result *result) {
  const mst_csr *x = problem->x;
  mst_status st = mst_logistic_check(problem, options, result);
  if (st) return st;
  const double bias = options->bias < 0 ? 0 : options->bias;
  mst__logistic wide = {.x = x,
                        .label = problem->label,
                        .fold = problem->fold,
                        .weight = problem->weight,
                        .first_own = x->n_cols,
                        .first_disputed = x->n_cols,
                        .n_classes = problem->n_classes,
                        .n_fits = 1 + problem->n_folds,
                        .multinomial = options->loss == MST_LOSS_MULTINOMIAL,
                        .c = (float)options->c,
                        .bias = (float)bias,
                        .eps = options->eps};
  st = problem->block ? describe_rows(problem->block, options->n_threads, &wide)
                      : square_rows(x, bias, &wide);
  if (st) return st;
  fit_job job = {.problem = &wide,
                 .max_iter = options->max_iter,
                 .coef = result->coef,
                 .intercept = result->intercept,
                 .decision = result->decision,
                 .objective = result->objective};
  job.n_columns = (int64_t)wide.n_classes * wide.n_fits;
  job.n_lanes = panel_lanes(&wide, options->n_threads);
  job.n_panels = wide.multinomial ? wide.n_fits : (job.n_columns + job.n_lanes - 1) / job.n_lanes;
  job.n_workers = job.n_panels < options->n_threads ? (int)job.n_panels : options->n_threads;
  st = fit(&job);
  if (!st && job.n_short)
    mst_log(MST_LOG_WARNING, "linear fits: %lld of %lld had not reached eps %g after %d passes",
            (long long)job.n_short, (long long)job.n_columns, options->eps, options->max_iter);
  mst_free((float *)wide.square);
  mst_free((mst__row_of_fit *)wide.own);
  return st;
}
