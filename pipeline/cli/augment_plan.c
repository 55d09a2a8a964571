/* augment_plan.c: how many copies each record gets.
 *
 * --to and --balance need counts of the whole: the file is read once before, its copies are made
 * and compared by their hashes, and plan.h decides which of them are written. Shards of a set are
 * counted one by one (--make-plan), their plans merged (--merge), and each follows (--plan).
 */
#include <stdlib.h>
#include <string.h>

#include "cli/balance.h"
#include "cli/command.h"
#include "cli/copies.h"
#include "cli/sink.h"
#include "cli/terminal.h"
#include "misstep/hash.h"
#include "misstep/log.h"

#define MAX_COPIES 1048574 /* mst_augment_record.n_copies */
#define FIRST_COPIES 64    /* counted at first: what is asked for may be out of reach */
#define MAX_PLAN_BYTES ((size_t)1 << 40)

mst_status mst_augment_columns_find(const mst_settings *s, const mst_records *records,
                                    mst_augment_columns *out) {
  static const char *const taken[] = {"parent", "copy", "rules", "edits", "check"};
  const char *text = mst_setting_text(s, "text-column"), *id = mst_setting_text(s, "id-column");
  const char *label = mst_setting_text(s, "label-column");
  const int flags = !strcmp(mst_setting_text(s, "check-action"), "flag");
  mst_augment_columns c = {-1, -1, -1};
  if (strchr(text, ','))
    return MST_FAIL(MST_E_ARG, "--text-column %s: augment writes one column, several are named",
                    text);
  for (int i = 0; i < 4 + flags; i++)
    if (mst_records_col(records, taken[i]) >= 0)
      return MST_FAIL(MST_E_FORMAT,
                      "%s: it has a column '%s' already: copies are made of originals, "
                      "not of copies",
                      mst_records_path(records), taken[i]);
  mst_status st = mst_records_find(records, text, &c.text);
  if (!st && id) st = mst_records_find(records, id, &c.id);
  c.label = mst_records_col(records, label);
  if (!st && c.label < 0 && mst_setting_given(s, "label-column"))
    st = mst_records_find(records, label, &c.label);
  if (!st) *out = c;
  return st;
}

uint64_t mst_augment_id(const mst_records *records, int64_t row, const mst_augment_columns *at) {
  const mst_slice key = mst_records_field(records, row, at->id >= 0 ? at->id : at->text);
  const uint64_t hash = mst_hash64(key.ptr, (size_t)key.len, 0);
  if (at->id >= 0 || at->label < 0) return hash;
  const mst_slice label = mst_records_field(records, row, at->label);
  return mst_hash64(label.ptr, (size_t)label.len, hash);
}

/* What two plans must have in common, and with those who follow them. */
static mst_status terms_of(const mst_settings *s, mst_buffer *out) {
  static const char *const names[] = {"seed",       "to",           "balance",    "max-copies",
                                      "rules",      "lexicon",      "edits",      "operations",
                                      "max-change", "id-column",    "protect",    "protect-top",
                                      "check",      "check-action", "text-column"};
  mst_status st = MST_OK;
  for (size_t i = 0; !st && i < sizeof names / sizeof *names; i++) {
    const char *value = mst_setting_text(s, names[i]);
    if (value) st = mst_buffer_printf(out, "--%s %s ", names[i], value);
  }
  for (size_t i = 0; i < out->size_bytes; i++)
    if (out->data[i] == '\n') out->data[i] = ',';
  return st;
}

static mst_status new_plan(const mst_settings *s, mst_plan **out) {
  mst_buffer terms;
  mst_buffer_init(&terms, 1 << 20, "the settings of a plan");
  mst_status st = terms_of(s, &terms);
  if (!st) st = mst_plan_create((mst_slice){terms.data, (int64_t)terms.size_bytes}, out);
  mst_buffer_fini(&terms);
  return st;
}

/* Count a file, with up to n copies of each record. */
static mst_status count_file(mst_augment_job *j, const char *path, int64_t n) {
  mst_plan_free(j->counts);
  j->counts = NULL;
  j->copies = (int32_t)n;
  mst_status st = new_plan(j->s, &j->counts);
  if (!st) st = mst_augment_run(j, path);
  if (!st && !mst_plan_n_records(j->counts))
    st = MST_FAIL(MST_E_FORMAT, "%s: no records after the header", path);
  return st ? st : mst_plan_sort(j->counts);
}

/* Copies wanted, all together or of each label: wanted [labels, at least 1]. */
static mst_status find_wanted(const mst_settings *s, const mst_plan *p, int64_t *wanted) {
  const char *balance = mst_setting_text(s, "balance");
  const int64_t n = mst_plan_labels(p)->n, n_records = mst_plan_n_records(p);
  int64_t target = 0;
  if (!balance) {
    const int64_t to = mst_setting_int(s, "to");
    wanted[0] = to - n_records;
    if (to >= n_records) return MST_OK;
    return MST_FAIL(MST_E_FORMAT,
                    "--to %lld: there are %lld records already, expected at least as "
                    "many",
                    (long long)to, (long long)n_records);
  }
  for (int64_t i = 0; i < n; i++) wanted[i] = mst_plan_label_count(p, i);
  const mst_status st = mst_balance_target(balance, wanted, n, &target);
  for (int64_t i = 0; !st && i < n; i++) wanted[i] = target - mst_plan_label_count(p, i);
  return st;
}

/* Copies that the record with most of them needs, if all can be made. */
static mst_status find_most(const mst_plan *p, int by_label, const int64_t *wanted, int64_t *out) {
  int64_t most = 0;
  for (int64_t i = 0; i < (by_label ? mst_plan_labels(p)->n : 1); i++) {
    const int64_t n = by_label ? mst_plan_label_count(p, i) : mst_plan_n_records(p);
    const int64_t each = wanted[i] > 0 ? (wanted[i] - 1) / n + 1 : 0;
    if (each > most) most = each;
  }
  if (most > MAX_COPIES)
    return MST_FAIL(MST_E_ARG, "%lld copies of a record, at most %d are possible", (long long)most,
                    MAX_COPIES);
  *out = most;
  return MST_OK;
}

/* Count with more and more copies of each record until there are enough, or until twice as many
 * attempts bring hardly any more. */
static mst_status count_until_enough(mst_augment_job *j, const char *path, const int64_t *wanted,
                                     int64_t most, mst_plan_outcome *out) {
  const int64_t limit = mst_setting_int(j->s, "max-copies");
  const uint64_t seed = (uint64_t)mst_setting_int(j->s, "seed");
  int64_t n = limit ? limit : most + (most > 0), before = 0;
  if (!limit && n > FIRST_COPIES) n = FIRST_COPIES;
  mst_status st = MST_OK;
  for (;; n *= 2) {
    if (n > MAX_COPIES) n = MAX_COPIES;
    st = count_file(j, path, n);
    if (!st)
      st = mst_plan_decide(j->counts, seed, j->by_label, wanted, limit ? limit : INT64_MAX, out);
    if (st || limit || out->n_planned == out->n_wanted || n == MAX_COPIES) return st;
    if (out->n_possible - before <= out->n_possible / 64) return MST_OK;
    before = out->n_possible;
  }
}

static mst_status plan_file(mst_augment_job *j, const char *path, mst_plan_outcome *out) {
  int64_t most = 0, *wanted = NULL;
  mst_status st = count_file(j, path, 0);
  if (!st) {
    wanted = mst_alloc_zero((size_t)mst_plan_labels(j->counts)->n + 1, sizeof *wanted);
    st = wanted ? find_wanted(j->s, j->counts, wanted) : MST_E_NOMEM;
  }
  if (!st) st = find_most(j->counts, j->by_label, wanted, &most);
  if (!st) st = count_until_enough(j, path, wanted, most, out);
  mst_free(wanted);
  return st;
}

static mst_status load_plan(const char *path, mst_plan **out) {
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_terminal_input(mst_file_read(path, MAX_PLAN_BYTES, &bytes, &n));
  if (!st) st = mst_plan_load(path, bytes, n, out);
  mst_free(bytes);
  return st;
}

/* --plan: what was counted before, under the same settings. */
static mst_status follow(mst_augment_job *j, mst_plan_outcome *out) {
  const int64_t limit = mst_setting_int(j->s, "max-copies");
  mst_plan *mine = NULL;
  int64_t *wanted = NULL;
  mst_status st = new_plan(j->s, &mine);
  if (!st) st = load_plan(mst_setting_text(j->s, "plan"), &j->counts);
  if (!st) st = mst_plan_merge(mine, j->counts); /* fails for other settings */
  mst_plan_free(j->counts);
  j->counts = mine;
  if (!st) st = mst_plan_sort(j->counts);
  if (!st) {
    wanted = mst_alloc_zero((size_t)mst_plan_labels(j->counts)->n + 1, sizeof *wanted);
    st = wanted ? find_wanted(j->s, j->counts, wanted) : MST_E_NOMEM;
  }
  if (!st)
    st = mst_plan_decide(j->counts, (uint64_t)mst_setting_int(j->s, "seed"), j->by_label, wanted,
                         limit ? limit : INT64_MAX, out);
  mst_free(wanted);
  return st;
}

/* Which of the options that say how many copies there are were given? */
static mst_status check_options(mst_augment_job *j, int *whole) {
  const mst_settings *s = j->s;
  const int to = mst_setting_text(s, "to") != NULL,
            balance = mst_setting_text(s, "balance") != NULL;
  *whole = to || balance;
  j->by_label = balance;
  if (to + balance + (mst_setting_given(s, "copies") > 0) > 1)
    return MST_FAIL(MST_E_ARG,
                    "--copies, --to and --balance each decide how many copies there are: "
                    "one of them is expected");
  if ((mst_setting_text(s, "plan") || mst_setting_on(s, "make-plan")) && !*whole)
    return MST_FAIL(MST_E_ARG, "--make-plan and --plan serve --to and --balance: one of them is "
                               "expected, the same for all shards");
  if ((mst_setting_text(s, "plan") || mst_setting_on(s, "make-plan")) &&
      mst_setting_text(s, "protect-top"))
    return MST_FAIL(MST_E_ARG, "--protect-top looks at one file, not at all shards: --protect "
                               "FILE is expected");
  if ((mst_setting_text(s, "plan") || mst_setting_on(s, "make-plan")) && j->checker &&
      !strcmp(mst_setting_text(s, "check"), "cross"))
    return MST_FAIL(MST_E_ARG, "--check cross trains on one file, not on all shards: --check MODEL "
                               "is expected");
  return MST_OK;
}

mst_status mst_augment_plan_make(mst_augment_job *j, const char *path, mst_plan_outcome *out) {
  int whole = 0;
  mst_status st = check_options(j, &whole);
  if (!st && whole && !mst_setting_text(j->s, "plan")) {
    if (!strcmp(path, "-"))
      return MST_FAIL(MST_E_ARG, "--to and --balance read the input twice: a FILE is expected, not "
                                 "standard input");
    st = plan_file(j, path, out);
  } else if (!st && whole) st = follow(j, out);
  j->plan = j->counts; /* from now on it is followed, and lines are written */
  j->counts = NULL;
  if (!whole) j->copies = (int32_t)mst_setting_int(j->s, "copies");
  return st;
}

static mst_status write_plan(const mst_settings *s, mst_plan *plan) {
  mst_sink sink = {0};
  mst_buffer bytes;
  mst_buffer_init(&bytes, MAX_PLAN_BYTES, "a plan");
  mst_status st = mst_plan_save(plan, &bytes);
  if (!st) st = mst_sink_open(s, &sink);
  if (!st) st = mst_write_all(sink.stream, sink.name, bytes.data, bytes.size_bytes);
  if (!st) st = mst_sink_finish(&sink);
  if (!st) mst_terminal_note("%lld records counted", (long long)mst_plan_n_records(plan));
  mst_sink_close(&sink);
  mst_buffer_fini(&bytes);
  return st;
}

mst_status mst_augment_plan_count(mst_augment_job *j, const char *path) {
  int whole = 0;
  const int64_t n = mst_setting_int(j->s, "max-copies");
  mst_status st = check_options(j, &whole);
  if (!st && !n)
    st = MST_FAIL(MST_E_ARG,
                  "--make-plan: --max-copies N is expected: how many copies of each record "
                  "are to be counted, the same for all shards");
  if (!st) st = count_file(j, path, n);
  return st ? st : write_plan(j->s, j->counts);
}

mst_status mst_augment_plans_merge(const mst_settings *s) {
  mst_plan *all = NULL;
  mst_status st = MST_OK;
  if (!s->n_positional) return MST_FAIL(MST_E_ARG, "--merge: plans are expected");
  for (int i = 0; !st && i < s->n_positional; i++) {
    mst_plan *one = NULL;
    st = load_plan(s->positional[i], &one);
    if (!st && all) {
      st = mst_plan_merge(all, one);
      mst_plan_free(one);
      if (st) st = mst_error_prefix(st, "%s", s->positional[i]);
    } else if (!st) all = one;
  }
  if (!st) st = write_plan(s, all);
  mst_plan_free(all);
  return st;
}
