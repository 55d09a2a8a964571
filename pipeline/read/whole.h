/* whole.h: reading with chosen cuts, for tests: small chunks put every edge inside some record. */
#ifndef MISSTEP_READ_WHOLE_H
#define MISSTEP_READ_WHOLE_H

#include "read/records.h"

/* mst_records_read with chunks of about chunk_bytes (>= 1). The result does not depend on it. */
mst_status mst__records_read_by(const char *path, const mst_read_options *options,
                                int64_t chunk_bytes, mst_records **out);
/* mst_reader_open with a buffer that begins with block_bytes (>= 1). */
mst_status mst__reader_open_by(const char *path, const mst_read_options *options,
                               int64_t block_bytes, mst_reader **out);
#endif
