/* augment_tally.c: copies made and not made, and what is said about them at the end. */
#include "cli/copies.h"
#include "cli/terminal.h"
#include "misstep/log.h"

/* Was the order of words all that changed? */
static int is_reordered(const mst_edits *e, const mst_copy *copy, const mst_augmenter *a) {
  const mst_slice swap = {(const uint8_t *)"swap", 4};
  for (int32_t i = 0; i < copy->n_edits; i++)
    if (mst_slice_compare(mst_augmenter_rule_name(a, e->edit[copy->first_edit + i].rule), swap))
      return 0;
  return 1;
}

void mst_augment_count(mst_augment_tally *t, const mst_edits *e, const mst_augmenter *augmenter) {
  t->n_copies += e->n_copies;
  t->n_wanted += e->n_wanted;
  t->n_without += e->n_without;
  t->n_duplicates += e->n_duplicates;
  t->n_unsafe += e->n_unsafe;
  for (int64_t i = 0; i < e->n_copies; i++)
    t->n_reordered += is_reordered(e, &e->copy[i], augmenter);
}

void mst_augment_say(const mst_augment_tally *t, int originals, const char *output,
                     double seconds) {
  const double n_out = (double)(t->n_records * originals + t->n_written);
  mst_terminal_note("%lld records, %lld copies in %.2f s (%.0f records/s)%s%s",
                    (long long)t->n_records, (long long)t->n_written, seconds,
                    seconds > 0 ? n_out / seconds : 0.0, output ? ": " : "", output ? output : "");
  if (t->n_copies + t->n_flipped < t->n_wanted && !t->is_planned)
    mst_log(MST_LOG_WARNING,
            "%lld of %lld copies could not be made: %lld without anything that "
            "applies, %lld equal to their record or another copy, %lld would have changed maths",
            (long long)(t->n_wanted - t->n_copies - t->n_flipped), (long long)t->n_wanted,
            (long long)t->n_without, (long long)t->n_duplicates, (long long)t->n_unsafe);
  if (t->n_reordered)
    mst_log(MST_LOG_WARNING,
            "%.1f %% of the copies differ from their record in the order of words "
            "only",
            100.0 * (double)t->n_reordered / (double)t->n_copies);
}

void mst_augment_say_plan(const mst_plan_outcome *o) {
  if (o->n_planned < o->n_wanted)
    mst_log(MST_LOG_WARNING,
            "%lld copies fewer than asked for: %lld of %lld; the rules cannot make more different "
            "ones (%lld more read like a record or another copy)",
            (long long)(o->n_wanted - o->n_planned), (long long)o->n_planned,
            (long long)o->n_wanted, (long long)o->n_doubles);
  if (o->n_twins)
    mst_log(MST_LOG_WARNING,
            "%lld records are there more than once (the same text and label, or the same id) and "
            "get no copies; --id-column can tell them apart",
            (long long)o->n_twins);
}
