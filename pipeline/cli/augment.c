/* augment.c: misstep augment: records in, records and their copies out; plans counted, merged and
 * followed. */
#include <string.h>

#include "cli/augment_report.h"
#include "cli/command.h"
#include "cli/copies.h"
#include "cli/sink.h"
#include "cli/terminal.h"
#include "misstep/log.h"

static int ends_with(const char *name, const char *end) {
  const size_t n = strlen(name), m = strlen(end);
  return n >= m && !strcmp(name + n - m, end);
}

/* --format, or what the output's or the input's name says. */
static mst_status choose_format(mst_augment_job *j, const char *input) {
  static const char *const names[] = {"csv", "tsv", "jsonl"};
  const char *format = mst_setting_text(j->s, "format"), *path = mst_setting_text(j->s, "output");
  if (format) {
    for (int i = 0; i < 3; i++)
      if (!strcmp(format, names[i])) {
        j->format = (mst_row_format)i;
        return MST_OK;
      }
    return MST_FAIL(MST_E_ARG, "--format %s: csv, tsv or jsonl is expected", format);
  }
  const char *name = path && strcmp(path, "-") != 0 ? path : input;
  const char *given = mst_setting_text(j->s, "input-format");
  const int as_given = name == input; /* then --input-format counts */
  if (ends_with(name, ".jsonl") || ends_with(name, ".ndjson") ||
      (as_given && !strcmp(given, "jsonl")))
    j->format = MST_ROW_JSONL;
  else if (ends_with(name, ".tsv") || ends_with(name, ".tab") ||
           (as_given && !strcmp(given, "tsv")))
    j->format = MST_ROW_TSV;
  return MST_OK;
}

static void say_end(const mst_augment_job *j, const mst_plan_outcome *planned, const char *path,
                    double began) {
  if (j->n_skipped)
    mst_log(MST_LOG_WARNING, "%lld records with broken UTF-8 left out, the first at line %lld",
            (long long)j->n_skipped, (long long)j->skipped_line);
  mst_augment_say(&j->tally, j->originals, path, mst_terminal_now() - began);
  if (planned) mst_augment_say_plan(planned);
  if (j->checker) mst_augment_checker_say(j->checker);
}

/* Records and copies to --output. */
static mst_status write_copies(mst_augment_job *j, const char *path, double began) {
  mst_sink sink = {0};
  mst_plan_outcome outcome = {0};
  mst_status st = choose_format(j, path);
  if (!st) st = mst_augment_plan_make(j, path, &outcome);
  if (!st && mst_setting_text(j->s, "report"))
    st = mst_augment_report_create(j->setup.augmenter, j->checker, &j->report);
  if (!st) st = mst_sink_open(j->s, &sink);
  const char *name = sink.output ? sink.name : NULL;
  j->stream = sink.stream;
  j->stream_name = sink.name;
  if (!st) st = mst_augment_run(j, path);
  if (!st && j->report) st = mst_augment_report_write(j->report, j->s);
  if (!st) st = mst_sink_finish(&sink);
  mst_sink_close(&sink);
  if (!st) say_end(j, j->plan ? &outcome : NULL, name, began);
  return st;
}

mst_status mst_command_augment(const mst_settings *s) {
  const char *path = s->n_positional ? s->positional[0] : "-";
  const double began = mst_terminal_now();
  char device[32];
  mst_augment_job j = {.s = s, .originals = mst_setting_on(s, "originals")};
  mst_status st = mst_setting_device(s, device);
  if (!st && mst_setting_on(s, "merge")) return mst_augment_plans_merge(s);
  if (!st && s->n_positional > 1)
    st = MST_FAIL(MST_E_ARG, "%s: one FILE is expected; --merge takes several plans",
                  s->positional[1]);
  if (!st && strcmp(device, "cpu") != 0) st = mst_setting_backend(s, &j.backend);
  if (!st) st = mst_augment_setup_init(s, &j.setup);
  if (!st) st = mst_augment_job_open(&j);
  const char *explain = mst_setting_text(s, "explain");
  if (!st && mst_setting_text(s, "check") && !explain)
    st = mst_augment_checker_open(s, path, j.setup.augmenter, &j.checker);
  if (!st && explain) st = mst_augment_explain_text(s, &j.setup);
  else if (!st && mst_setting_on(s, "make-plan")) st = mst_augment_plan_count(&j, path);
  else if (!st) st = write_copies(&j, path, began);
  mst_augment_job_close(&j);
  mst_backend_close(j.backend);
  return st;
}
