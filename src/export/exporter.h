/* SPDX-License-Identifier: MIT */
/* Where encoded records go. One exporter is one destination; all are fed the same records in the
 * same order by one thread. */
#ifndef P2I_EXPORT_EXPORTER_H
#define P2I_EXPORT_EXPORTER_H

#include "base/error.h"
#include "export/sync.h"
#include "ipfix/message.h"
#include "record/record.h"

struct p2i_exporter;

struct p2i_exporter_methods {
    enum p2i_result (*write)(struct p2i_exporter *exporter, const struct p2i_record *record,
                             struct p2i_error *error);
    /* Completes the output (a file gets its final name). `time_s`: of the last frame, for an
     * output without records. Nothing may be written afterwards. */
    enum p2i_result (*finish)(struct p2i_exporter *exporter, uint32_t time_s,
                              struct p2i_error *error);
    /* Frees it; unfinished output leaves nothing under its final name. */
    void (*free)(struct p2i_exporter *exporter);
};

struct p2i_exporter {
    const struct p2i_exporter_methods *methods;
    uint64_t bytes_written;
    uint64_t records_written;
};

/* An IPFIX file (RFC 5655). `path` "-" is standard output; devices and FIFOs are written
 * directly; else a temporary beside it is renamed by finish(). With `must_be_new` an existing file
 * is an error (P2I_OUTPUT) and stays. `path` must live as long as the exporter and its errors, and
 * so must `sync` (NULL: nothing is synced). Also in p2i_json_file_open(). */
enum p2i_result p2i_ipfix_file_open(struct p2i_exporter **exporter, const char *path,
                                    bool must_be_new, const struct p2i_ipfix_settings *settings,
                                    struct p2i_sync *sync, struct p2i_error *error);

/* JSON Lines of the same records, decoded through the tables: {"record":"dns", "TIME_STAMP":...}
 * with the names and the order of the template. Numbers and times are numbers, 64-bit identifiers
 * (SESSION_ID) and addresses strings, octets strings of lower case hex. A record that is cut has
 * "cut":true behind its fields. */
enum p2i_result p2i_json_file_open(struct p2i_exporter **exporter, const char *path,
                                   bool must_be_new, struct p2i_sync *sync,
                                   struct p2i_error *error);

#endif
