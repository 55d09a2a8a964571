/* doc_freq.c: how many entries each row has, in how many rows each term stands, and how often.
 * Threads count into tables of their own; the tables are added as integers, so the order does not
 * matter. */
#include <omp.h>
#include <string.h>

#include "cpu/operations.h"
#include "cpu/rows.h"
#include "misstep/alloc.h"

/* Tables over all terms are made for at most so many threads. */
enum { TABLES_MAX = 16 };

/* What one thread counts. A term is nearly always alone in its row, so the first table is all that
 * is touched then; the second one's pages may never come into being. */
typedef struct tally {
  uint32_t *doc_freq; /* [V] */
  int64_t *more;      /* [V] occurrences beyond the first of each row; NULL: see word_freq */
  uint64_t *seen;     /* [V / 64 + 1] terms of the row at hand */
  int32_t *terms;     /* the same as a list, to clear them */
} tally;

/* Add one item to the row at hand, which has n terms. Returns how many it has then. */
static int64_t add_item(tally *table, const int32_t *id, const int32_t *end, int64_t n) {
  for (; id < end; id++) {
    const int32_t t = *id;
    if (t < 0) continue;
    if (table->seen[t >> 6] >> (t & 63) & 1) {
      if (table->more) table->more[t]++;
      continue;
    }
    table->seen[t >> 6] |= (uint64_t)1 << (t & 63);
    table->terms[n++] = t;
  }
  return n;
}

/* Entries of a row. */
static int64_t count_row(const mst_rows *rows, int64_t r, tally *table) {
  const mst_sequences *grams = &rows->grams;
  int64_t first = r, last = r + 1, n = 0;
  if (rows->item) mst__row_items(rows, r, &first, &last);
  for (int64_t i = first; i < last; i++) {
    if (rows->item) mst__row_prefetch(rows, i);
    const int64_t item = rows->item ? rows->item[i] : i;
    n = add_item(table, grams->id + grams->ptr[item], grams->id + grams->ptr[item + 1], n);
  }
  for (int64_t i = 0; i < n; i++) {
    table->seen[table->terms[i] >> 6] = 0;
    if (table->doc_freq) table->doc_freq[table->terms[i]]++;
  }
  return n;
}

/* Occurrences of the terms of rows of several items: those of an item times its own. */
static mst_status word_freq(const mst_rows *rows, int64_t n_terms, int64_t *term_freq) {
  const mst_sequences *grams = &rows->grams;
  memset(term_freq, 0, (size_t)n_terms * sizeof *term_freq);
  int64_t *times = mst_alloc_zero((size_t)grams->n_items, sizeof *times);
  if (!times) return MST_E_NOMEM;
  for (int64_t r = 0; r < rows->n_rows; r++) {
    int64_t first, last;
    mst__row_items(rows, r, &first, &last);
    for (int64_t i = first; i < last; i++) times[rows->item[i]]++;
  }
  for (int64_t item = 0; item < grams->n_items; item++)
    for (int64_t i = grams->ptr[item]; i < grams->ptr[item + 1]; i++)
      if (grams->id[i] >= 0) term_freq[grams->id[i]] += times[item];
  mst_free(times);
  return MST_OK;
}

static void tallies_free(tally *tables, int n_tables) {
  for (int k = 0; tables && k < n_tables; k++) {
    mst_free(tables[k].doc_freq);
    mst_free(tables[k].more);
    mst_free(tables[k].seen);
    mst_free(tables[k].terms);
  }
  mst_free(tables);
}

/* Tables for n_tables threads; with frequencies only if they are wanted. NULL: no memory. */
static tally *tallies_create(const mst_rows *rows, int64_t n_terms, int n_tables, int frequencies) {
  const int64_t longest = mst__rows_longest(rows, n_tables);
  tally *tables = mst_alloc_zero((size_t)n_tables, sizeof *tables);
  int failed = !tables;
  for (int k = 0; !failed && k < n_tables; k++) {
    if (frequencies) {
      tables[k].doc_freq = mst_alloc_zero((size_t)n_terms, sizeof *tables[k].doc_freq);
      failed = !tables[k].doc_freq;
    }
    if (!failed && frequencies && !rows->item) {
      tables[k].more = mst_alloc_zero((size_t)n_terms, sizeof *tables[k].more);
      failed = !tables[k].more;
    }
    if (failed) continue;
    tables[k].seen = mst_alloc_zero((size_t)n_terms / 64 + 1, sizeof *tables[k].seen);
    failed = !tables[k].seen;
    if (!failed) tables[k].terms = mst_alloc((size_t)longest, sizeof *tables[k].terms);
    failed = failed || !tables[k].terms;
  }
  if (!failed) return tables;
  tallies_free(tables, n_tables);
  return NULL;
}

static void add_tables(const tally *tables, int n_tables, int64_t n_terms, int64_t *doc_freq,
                       int64_t *term_freq) {
#pragma omp parallel for schedule(static) num_threads(n_tables)
  for (int64_t t = 0; t < n_terms; t++) {
    int64_t df = 0, more = 0;
    for (int k = 0; k < n_tables; k++) {
      df += tables[k].doc_freq[t];
      if (tables[k].more) more += tables[k].more[t];
    }
    if (doc_freq) doc_freq[t] = df;
    if (term_freq) term_freq[t] = df + more;
  }
}

mst_status mst__cpu_rows_count(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                               int64_t *row_ptr, int64_t *n_entries, int64_t *doc_freq,
                               int64_t *term_freq) {
  const int frequencies = doc_freq || term_freq;
  int n_threads = mst__row_threads(backend->n_threads, rows->n_rows);
  if (n_threads > TABLES_MAX) n_threads = TABLES_MAX;
  tally *tables = tallies_create(rows, n_terms, n_threads, frequencies);
  if (!tables) return MST_E_NOMEM;
#pragma omp parallel for schedule(dynamic, 1024) num_threads(n_threads)
  for (int64_t r = 0; r < rows->n_rows; r++) {
    tally *mine = &tables[omp_get_thread_num()];
    if (frequencies)
      mst__row_prefetch_terms(rows, r, mine->doc_freq, n_terms, sizeof *mine->doc_freq);
    row_ptr[r + 1] = count_row(rows, r, mine);
  }
  row_ptr[0] = 0;
  for (int64_t r = 0; r < rows->n_rows; r++) row_ptr[r + 1] += row_ptr[r];
  if (frequencies) add_tables(tables, n_threads, n_terms, doc_freq, term_freq);
  tallies_free(tables, n_threads);
  const mst_status st = rows->item && term_freq ? word_freq(rows, n_terms, term_freq) : MST_OK;
  if (!st) *n_entries = row_ptr[rows->n_rows];
  return st;
}
