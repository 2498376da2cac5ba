/* SPDX-License-Identifier: MIT */
/* Output files of a run, which share one p2i_sync. One thread. */
#ifndef P2I_EXPORT_OUTPUT_FILE_H
#define P2I_EXPORT_OUTPUT_FILE_H

#include <stdbool.h>

#include "export/sync.h"
#include "pcap2ipfix/output_file.h"

/* Opens an output like p2i_output_file_open(), `must_be_new` as with P2I_OUTPUT_NEW. It is synced
 * with `sync` (NULL: nothing is), which must outlive the file. Results as p2i_output_file_open().
 */
enum p2i_result p2i_output_file_open_synced(struct p2i_output_file **file, const char *path,
                                            bool must_be_new, struct p2i_sync *sync,
                                            struct p2i_error *error);

#endif
