/* SPDX-License-Identifier: MIT */
/* Output files of a run, which share one p2i_sync. One thread. */
#ifndef P2I_EXPORT_OUTPUT_FILE_H
#define P2I_EXPORT_OUTPUT_FILE_H

#include <stdbool.h>

#include "export/sync.h"
#include "pcap2ipfix/output_file.h"

/* How the files of a run are written. */
struct p2i_output_rules {
    bool must_be_new;      /* as P2I_OUTPUT_NEW */
    struct p2i_sync *sync; /* of the run, must outlive the files; NULL: nothing is synced */
    struct p2i_output_mode mode;
};

/* Opens an output like p2i_output_file_open(), by the rules, which are copied; NULL: {0}. Results
 * as p2i_output_file_open(). */
enum p2i_result p2i_output_file_open_by(struct p2i_output_file **file, const char *path,
                                        const struct p2i_output_rules *rules,
                                        struct p2i_error *error);

#endif
