/* SPDX-License-Identifier: MIT */
/* A destination of encoded records. All exporters of a run get the same records in the same order,
 * from one thread. */
#ifndef P2I_EXPORT_EXPORTER_H
#define P2I_EXPORT_EXPORTER_H

#include "export/output_file.h"
#include "ipfix/relay.h"
#include "pcap2ipfix/error.h"
#include "record/record.h"

struct p2i_exporter;

struct p2i_exporter_methods {
    /* Writes a record, which lives for the call. P2I_OUTPUT, P2I_INTERNAL: the output is lost. */
    enum p2i_result (*write)(struct p2i_exporter *exporter, const struct p2i_record *record,
                             struct p2i_error *error);
    /* Completes the output: a file gets its final name. `time_s` is the time of the last frame, for
     * an output without records. Nothing may be written afterwards. */
    enum p2i_result (*finish)(struct p2i_exporter *exporter, uint32_t time_s,
                              struct p2i_error *error);
    /* Frees the exporter; an unfinished output leaves nothing under its final name. */
    void (*free)(struct p2i_exporter *exporter);
    /* Writes a record of a reader, in place of write(). NULL: the output has records of ours only.
     */
    enum p2i_result (*relay)(struct p2i_exporter *exporter, struct p2i_relay *relay,
                             const struct p2i_raw_record *record, struct p2i_error *error);
};

struct p2i_exporter {
    const struct p2i_exporter_methods *methods;
    uint64_t bytes_written;
    uint64_t records_written;
};

/* Opens an IPFIX file (RFC 5655). `path` "-" is standard output; devices and FIFOs are written
 * directly; any other file is a temporary until finish() renames it. `rules` NULL: those of
 * p2i_output_file_open_by(). `path` must outlive the exporter and its errors. P2I_OK; P2I_USAGE:
 * see p2i_compressor_new(); P2I_OUTPUT: cannot be created; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_ipfix_file_open(struct p2i_exporter **exporter, const char *path,
                                    const struct p2i_output_rules *rules,
                                    const struct p2i_ipfix_settings *settings,
                                    struct p2i_error *error);

/* Opens a file of JSON Lines, under the same rules. Records are decoded through the tables:
 * {"record":"dns","TIME_STAMP":...} with the names and the order of the template. Numbers and times
 * are numbers; 64-bit identifiers (SESSION_ID) and addresses are strings; octets are strings of
 * lower-case hex. A record that is cut has "cut":true behind its fields. */
enum p2i_result p2i_json_file_open(struct p2i_exporter **exporter, const char *path,
                                   const struct p2i_output_rules *rules, struct p2i_error *error);

#endif
