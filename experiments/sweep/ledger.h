/* ledger.h: what is finished, as lines that are only ever appended.
 *
 * In: the results of cells, one file per worker in DIR/ledger. Out: the state of every cell;
 * reading all files is merging them. A line is {"n":BYTES,"h":"XXH3","cell":{...}}: its length and
 * hash say whether it is whole. Next stage: tables.
 */
#ifndef MISSTEP_SWEEP_LEDGER_H
#define MISSTEP_SWEEP_LEDGER_H

#include <stdint.h>

#include "cells.h"
#include "files/json.h"
#include "misstep/alloc.h"

/* What the ledgers say of one key. */
typedef struct sweep_entry {
  char key[SWEEP_KEY];
  uint8_t done;
  int32_t n_failed; /* attempts */
  double value;     /* of the metric; NaN: not done, or no metric asked for */
  mst_json *line;   /* the result, or the last failure; NULL without with_lines */
} sweep_entry;

typedef struct sweep_ledger sweep_ledger;

/* Begin to read the ledgers of DIR; nothing is read yet.
 *   metric      whose value every entry is to have, or NULL
 *   with_lines  keep the lines, for tables */
mst_status sweep_ledger_open(const char *dir, const char *metric, int with_lines,
                             sweep_ledger **out);
void sweep_ledger_close(sweep_ledger *ledger);

/* Read what has been appended since the last call, all files. A last line that is not whole is left
 * alone: its writer may be at it. MST_E_FORMAT: a damaged line before the last, "FILE:LINE: ...".
 * MST_E_IO, MST_E_NOMEM. */
mst_status sweep_ledger_read(sweep_ledger *ledger);

/* Cut off last lines that writers of this machine left torn when they died, and say so through
 * mst_log; those of other machines are only said. MST_E_IO. */
mst_status sweep_ledger_repair(sweep_ledger *ledger);

/* The entry of a key, or NULL; all entries in order of first appearance. */
const sweep_entry *sweep_ledger_find(const sweep_ledger *ledger, const char *key);
/* Seconds of computing of all attempts, workers together, as the lines say. */
double sweep_ledger_cost(const sweep_ledger *ledger);
/* The most memory of a worker that finished a cell, in bytes; 0: none did. */
int64_t sweep_ledger_memory(const sweep_ledger *ledger);
int64_t sweep_ledger_n(const sweep_ledger *ledger);
const sweep_entry *sweep_ledger_at(const sweep_ledger *ledger, int64_t i);

/* A file of this process' own, made on the first line: DIR/ledger/HOST-PID-START.jsonl. */
typedef struct sweep_writer {
  char path[4300];
  int file; /* -1: not made yet */
} sweep_writer;

mst_status sweep_writer_init(const char *dir, sweep_writer *out);
/* Append lines (made by sweep_line_append) in one write and sync them. After a failure the file is
 * as it was. MST_E_IO with the system's words. */
mst_status sweep_writer_append(sweep_writer *writer, const mst_buffer *lines);
void sweep_writer_close(sweep_writer *writer);

/* Append one result as a line to a buffer. MST_E_NOMEM. */
mst_status sweep_line_append(mst_buffer *lines, const mst_json *cell);

#endif
