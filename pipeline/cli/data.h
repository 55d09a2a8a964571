/* data.h: labelled records as the commands use them.
 *
 * In: a file and the names of its columns. Out: texts, class numbers, groups, units, parts. Next
 * stage: fitting or scoring.
 */
#ifndef MISSTEP_DATA_H
#define MISSTEP_DATA_H

#include "cli/option.h"
#include "misstep/text.h"
#include "read/records.h"
#include "read/split.h"

/* One file's records. */
typedef struct mst_data {
  mst_records *records;
  mst_strings storage; /* what text points into */
  mst_text text;       /* [D] */
  int32_t *label;      /* [D] class numbers, or NULL */
} mst_data;

/* Read options from settings. */
mst_read_options mst_setting_read(const mst_settings *s);

/* Column names from a comma-separated setting to column numbers (mst_free). MST_E_FORMAT lists the
 * columns there are. MST_E_NOMEM. */
mst_status mst_data_columns(const mst_records *records, const char *names, int32_t **cols,
                            int32_t *n);

/* Read a file and join its text columns. text_columns: comma-separated. MST_E_IO, MST_E_FORMAT (no
 * record, no such column), MST_E_LIMIT, MST_E_NOMEM. Skipped records are said. */
mst_status mst_data_read(const char *path, const mst_settings *s, const char *text_columns,
                         mst_data *out);
void mst_data_fini(mst_data *data);

/* One column as texts: rows' fields in one run. storage as in mst_records_text. */
mst_status mst_data_column(const mst_data *data, const char *name, mst_strings *storage,
                           mst_text *view);

/* Number the labels: distinct values become the classes. MST_E_FORMAT names the line of an empty
 * label. */
mst_status mst_data_label(mst_data *data, const char *column, mst_strings *names);

/* Number the labels by given classes. MST_E_FORMAT names the line of an unknown label and what is
 * known. */
mst_status mst_data_relabel(mst_data *data, const char *column, const mst_strings *names);

/* Rows of a part, copied: texts, labels, units and keys of the rows whose part[d] == which. */
typedef struct mst_part {
  int64_t n;
  int64_t *row; /* [n] numbers in the whole */
  mst_strings storage;
  mst_text text;  /* [n] */
  int32_t *label; /* [n] */
  int64_t *unit;  /* [n] or NULL */
  uint64_t *key;  /* [n] or NULL */
} mst_part;

/* MST_E_NOMEM. unit and key may be NULL. invert: take rows whose part differs. */
mst_status mst_part_take(const mst_data *data, const int64_t *unit, const uint64_t *key,
                         const int32_t *part, int32_t which, int invert, mst_part *out);
void mst_part_fini(mst_part *part);

#endif
