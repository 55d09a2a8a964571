/* liblinear.c: our matrix as LIBLINEAR's rows, one training per class and fit, its model as our
 * arrays. The rows are shared by all trainings; a training differs in which rows it takes and in
 * their signs. */
#include "learn/liblinear.h"

#include <linear.h>
#include <math.h>
#include <omp.h>

#include "misstep/alloc.h"
#include "misstep/log.h"

typedef struct feature_node node;

/* All that the trainings share. Problem number = fit * n_classes + class. */
typedef struct fit_job {
  const mst_csr *x;
  const mst_logistic_block *block; /* not NULL: the nodes are one fit's and made anew for each */
  int solver;                      /* LIBLINEAR's L2R_... */
  int32_t n_fits;
  const int32_t *label, *fold;
  int32_t n_classes;
  int64_t n_problems;
  double c, bias, eps;
  const double *weight; /* [2] of the two classes; NULL: no weights */
  node *nodes;          /* all rows: entries, the bias node if any, an end node */
  node **rows;          /* [D] into nodes */
  float *coef, *intercept, *decision;
  double *objective;
  int64_t n_done;
  int cancelled;
} fit_job;

/* What a thread works with: the rows of its present training. */
typedef struct fit_worker {
  node **rows;  /* [D] */
  double *sign; /* [D] */
} fit_worker;

static void quiet(const char *line) { (void)line; }

mst_logistic_options mst_liblinear_options_default(void) {
  mst_logistic_options options = mst_logistic_options_default();
  options.eps = 0.01;
  return options;
}

int mst_liblinear_version(void) { return liblinear_version; }

static mst_status check_rows(const mst_logistic_problem *problem) {
  const mst_csr *x = problem->x;
  const int32_t *label = problem->label, *fold = problem->fold;
  const int32_t n_classes = problem->n_classes, n_folds = problem->n_folds;
  const float *val = x->val;
  for (int64_t d = 0; d < x->n_rows; d++) {
    if (label[d] < 0 || label[d] >= n_classes || (fold && (fold[d] < 0 || fold[d] >= n_folds)))
      return MST_FAIL(MST_E_ARG, "row %lld: label %d of %d classes, fold %d of %d", (long long)d,
                      label[d], n_classes, fold ? fold[d] : 0, n_folds);
    for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++)
      if (!isfinite(val[e]))
        return MST_FAIL(MST_E_ARG, "row %lld: term %d has no finite value", (long long)d,
                        x->col[e]);
  }
  return MST_OK;
}

/* The value of an entry in row d under a fit; 0 where the fit did not choose its column. */
static double value_in_fit(const fit_job *job, int32_t fit, int64_t d, int64_t e) {
  const mst_logistic_block *block = job->block;
  const double value = ((const float *)job->x->val)[e];
  const int32_t col = job->x->col[e];
  if (!block || col < block->first) return value;
  const int64_t disputed = col - block->first_disputed;
  if (disputed >= 0 && !block->chosen[disputed * job->n_fits + fit]) return 0;
  return value * block->scale[d * job->n_fits + fit];
}

static void fill_rows(fit_job *job, int32_t fit) {
  const mst_csr *x = job->x;
  node *to = job->nodes;
  for (int64_t d = 0; d < x->n_rows; d++) {
    job->rows[d] = to;
    for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++) {
      *to = (node){.index = x->col[e] + 1, .value = value_in_fit(job, fit, d, e)};
      to += to->value != 0;
    }
    if (job->bias >= 0) *to++ = (node){.index = (int)x->n_cols + 1, .value = job->bias};
    *to++ = (node){.index = -1};
  }
}

/* w.(x_d, bias), the entries from left to right, then the bias. */
static double row_margin(const node *row, const double *w, double sign) {
  double z = 0;
  for (; row->index > 0; row++) z += row->value * (sign * w[row->index - 1]);
  return z;
}

static double objective_of(const fit_job *job, int32_t k, const double *w, int n_weights,
                           double sign) {
  double norm = 0, loss = 0;
  for (int t = 0; t < n_weights; t++) norm += w[t] * w[t];
  for (int64_t d = 0; d < job->x->n_rows; d++) {
    const double z = row_margin(job->rows[d], w, sign), u = job->label[d] == k ? z : -z;
    const double weight = job->weight ? job->weight[job->label[d]] : 1;
    if (job->solver == L2R_L2LOSS_SVC) loss += weight * (u < 1 ? (1 - u) * (1 - u) : 0);
    else loss += weight * (u > 0 ? log1p(exp(-u)) : log1p(exp(u)) - u);
  }
  return 0.5 * norm + job->c * loss;
}

/* Write what is wanted of problem (fit, k). LIBLINEAR's weights speak for the class of the first
 * row that it saw: sign turns them towards class k. */
static void store(const fit_job *job, int32_t fit, int32_t k, const struct model *model) {
  const int64_t n_terms = job->x->n_cols;
  const double sign = model->label[0] == 1 ? 1 : -1;
  if (fit == 0) {
    for (int64_t t = 0; t < n_terms; t++)
      job->coef[t * job->n_classes + k] = (float)(sign * model->w[t]);
    job->intercept[k] = job->bias >= 0 ? (float)(sign * job->bias * model->w[n_terms]) : 0;
    if (job->objective)
      job->objective[k] = objective_of(job, k, model->w, (int)n_terms + (job->bias >= 0), sign);
  }
  if (!job->decision) return;
  for (int64_t d = 0; d < job->x->n_rows; d++)
    if ((job->fold ? job->fold[d] + 1 : 0) == fit)
      job->decision[d * job->n_classes + k] = (float)row_margin(job->rows[d], model->w, sign);
}

/* A fit without rows: all weights are zero. */
static void store_nothing(const fit_job *job, int32_t fit, int32_t k) {
  for (int64_t d = 0; job->decision && d < job->x->n_rows; d++)
    if (job->fold[d] + 1 == fit) job->decision[d * job->n_classes + k] = 0;
}

static void train_one(const fit_job *job, const fit_worker *worker, int64_t number) {
  const int32_t fit = (int32_t)(number / job->n_classes), k = (int32_t)(number % job->n_classes);
  struct problem problem = {.n = (int)job->x->n_cols + (job->bias >= 0),
                            .bias = job->bias,
                            .x = worker->rows,
                            .y = worker->sign};
  for (int64_t d = 0; d < job->x->n_rows; d++) {
    if (fit && job->fold[d] + 1 == fit) continue;
    worker->rows[problem.l] = job->rows[d];
    worker->sign[problem.l++] = job->label[d] == k ? 1 : -1;
  }
  if (problem.l == 0) {
    store_nothing(job, fit, k);
    return;
  }
  int sides[2] = {1, -1};
  double weights[2] = {1, 1};
  struct parameter parameter = {.solver_type = job->solver, .eps = job->eps, .C = job->c};
  if (job->weight) {
    weights[0] = job->weight[k];
    weights[1] = job->weight[1 - k];
    parameter.nr_weight = 2;
    parameter.weight_label = sides;
    parameter.weight = weights;
  }
  struct model *model = train(&problem, &parameter);
  store(job, fit, k, model);
  free_and_destroy_model(&model);
}

/* Only the calling thread may ask the callback, so only it learns of a wish to stop. */
static void report(fit_job *job) {
  int64_t n_done;
#pragma omp atomic read
  n_done = job->n_done;
  if (!mst_progress("linear fits", n_done, job->n_problems, "LIBLINEAR")) return;
#pragma omp atomic write
  job->cancelled = 1;
}

static void train_range(fit_job *job, const fit_worker *workers, int n_workers, int64_t first,
                        int64_t end) {
#pragma omp parallel for num_threads(n_workers) schedule(dynamic, 1)
  for (int64_t number = first; number < end; number++) {
    const int me = omp_get_thread_num();
    int cancelled;
    if (me == 0) report(job);
#pragma omp atomic read
    cancelled = job->cancelled;
    if (cancelled) continue;
    train_one(job, &workers[me], number);
#pragma omp atomic
    job->n_done++;
  }
}

static void train_all(fit_job *job, const fit_worker *workers, int n_workers) {
  const int64_t step = job->block ? job->n_classes : job->n_problems;
  for (int64_t first = 0; first < job->n_problems; first += step) {
    fill_rows(job, (int32_t)(first / job->n_classes));
    train_range(job, workers, n_workers, first, first + step);
  }
}

static mst_status run(fit_job *job, int n_threads) {
  const int n_workers = job->n_problems < n_threads ? (int)job->n_problems : n_threads;
  const size_t n_rows = (size_t)job->x->n_rows;
  fit_worker *workers = mst_alloc_zero((size_t)n_workers, sizeof *workers);
  mst_status st = workers ? MST_OK : MST_E_NOMEM;
  for (int w = 0; !st && w < n_workers; w++) {
    workers[w].rows = mst_alloc(n_rows, sizeof *workers[w].rows);
    if (workers[w].rows) workers[w].sign = mst_alloc(n_rows, sizeof *workers[w].sign);
    if (!workers[w].sign) st = MST_E_NOMEM;
  }
  if (!st) {
    set_print_string_function(quiet);
    train_all(job, workers, n_workers);
    if (job->cancelled) st = MST_E_CANCELLED; /* recorded by mst_progress on this thread */
  }
  for (int w = 0; workers && w < n_workers; w++) {
    mst_free(workers[w].rows);
    mst_free(workers[w].sign);
  }
  mst_free(workers);
  return st;
}

/* The weights of the two classes, where that is what the rows' are. */
static mst_status take_weights(const mst_logistic_problem *p, double weight[2]) {
  weight[0] = weight[1] = 0;
  for (int64_t d = 0; d < p->x->n_rows; d++) {
    const double here = (double)p->weight[d];
    double *kept = &weight[p->label[d] != 0];
    if (!(here > 0) || !isfinite(here))
      return MST_FAIL(MST_E_ARG, "row %lld: weight %g, expected above 0", (long long)d, here);
    if (p->n_classes != 2 || (*kept > 0 && *kept != here))
      return MST_FAIL(MST_E_ARG, "LIBLINEAR weighs the two sides of a problem, not rows: weights "
                                 "need two classes; use --linear-solver wide or multinomial");
    *kept = here;
  }
  return MST_OK;
}

static mst_status check(const mst_logistic_problem *p, const mst_logistic_options *o, int solver) {
  const mst_csr *x = p->x;
  if (x->n_rows < 1 || p->n_classes < 2 || p->n_folds < 0 || (p->fold == NULL) != (p->n_folds == 0))
    return MST_FAIL(MST_E_ARG, "LIBLINEAR on %lld rows, %d classes, %d folds", (long long)x->n_rows,
                    p->n_classes, p->n_folds);
  if (x->n_rows > INT32_MAX - 1 || x->n_cols > INT32_MAX - 1)
    return MST_FAIL(MST_E_ARG, "LIBLINEAR counts rows and terms in 31 bits: %lld x %lld",
                    (long long)x->n_rows, (long long)x->n_cols);
  if (!(o->c > 0) || !(o->eps > 0) || !isfinite(o->c) || !isfinite(o->bias) || o->n_threads < 1)
    return MST_FAIL(MST_E_ARG, "LIBLINEAR with C %g, bias %g, eps %g, %d threads", o->c, o->bias,
                    o->eps, o->n_threads);
  const struct parameter parameter = {.solver_type = solver, .eps = o->eps, .C = o->c};
  const struct problem problem = {.n = (int)x->n_cols, .bias = o->bias};
  const char *words = check_parameter(&problem, &parameter);
  if (words) return MST_FAIL(MST_E_ADAPTER, "LIBLINEAR: %s", words);
  const mst_status st = mst_logistic_block_check(p);
  return st ? st : check_rows(p);
}

static mst_status solve(int solver, const mst_logistic_problem *problem,
                        const mst_logistic_options *options, const mst_logistic_result *result) {
  const mst_csr *x = problem->x;
  if (!x || !problem->label || !options || !result->coef || !result->intercept ||
      x->dtype != MST_FLOAT32)
    return MST_FAIL(MST_E_ARG, "LIBLINEAR needs a float32 matrix, labels and outputs");
  double weight[2];
  mst_status st = check(problem, options, solver);
  if (!st && problem->weight) st = take_weights(problem, weight);
  if (st) return st;
  fit_job job = {.x = x,
                 .block = problem->block,
                 .solver = solver,
                 .n_fits = 1 + problem->n_folds,
                 .label = problem->label,
                 .fold = problem->fold,
                 .n_classes = problem->n_classes,
                 .n_problems = (int64_t)problem->n_classes * (1 + problem->n_folds),
                 .c = options->c,
                 .bias = options->bias < 0 ? -1 : options->bias,
                 .eps = options->eps,
                 .weight = problem->weight ? weight : NULL,
                 .coef = result->coef,
                 .intercept = result->intercept,
                 .decision = result->decision,
                 .objective = result->objective};
  const size_t n_nodes = (size_t)x->row_ptr[x->n_rows] + 2 * (size_t)x->n_rows;
  job.nodes = mst_alloc(n_nodes, sizeof *job.nodes);
  if (job.nodes) job.rows = mst_alloc((size_t)x->n_rows, sizeof(node *));
  if (!job.rows) st = MST_E_NOMEM;
  if (!st) st = run(&job, options->n_threads);
  mst_free(job.rows);
  mst_free(job.nodes);
  return st;
}

mst_status mst_liblinear_fit(const mst_logistic_problem *problem,
                             const mst_logistic_options *options,
                             const mst_logistic_result *result) {
  return solve(L2R_LR, problem, options, result);
}

mst_status mst_liblinear_svm(const mst_logistic_problem *problem,
                             const mst_logistic_options *options,
                             const mst_logistic_result *result) {
  return solve(L2R_L2LOSS_SVC, problem, options, result);
}
