/* log.h: what the library says while it works: messages and progress, both to a callback.
 *
 * The library is silent by default and prints nothing itself; the command line sets the callbacks.
 */
#ifndef MISSTEP_LOG_H
#define MISSTEP_LOG_H

#include <stdint.h>

#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mst_log_level { MST_LOG_INFO, MST_LOG_WARNING } mst_log_level;

typedef void mst_log_fn(mst_log_level level, const char *message, void *payload);

/* Set who hears messages; NULL silences. Call before threads start. */
void mst_log_set(mst_log_fn *log, void *payload);

/* Send one line to the callback. Call from the thread that was asked to work, not from workers. */
void mst_log(mst_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Called now and then by long work. stage: "reading", "linear fits", ... (static string).
 * total < 0: unknown. detail: "" or a short note such as "mlogloss 0.91". Non-zero cancels. */
typedef int mst_progress_fn(const char *stage, int64_t done, int64_t total, const char *detail,
                            void *payload);

/* Set who hears progress; NULL silences. Call before threads start. */
void mst_progress_set(mst_progress_fn *progress, void *payload);

/* Report progress. MST_E_CANCELLED when the callback asked to stop, else MST_OK.
 * Call from the thread that was asked to work, not from workers. */
mst_status mst_progress(const char *stage, int64_t done, int64_t total, const char *detail);

#ifdef __cplusplus
}
#endif
#endif
