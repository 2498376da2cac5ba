/* SPDX-License-Identifier: MIT */
/* Copies the packets of chosen sessions out of captures, as pcapng with a manifest:
 *
 *     const char *paths[] = {"monday.pcap"};
 *     uint64_t session = 1234567890;
 *     struct p2i_extract_settings settings = {.struct_size = sizeof settings,
 *                                             .paths = paths, .path_count = 1,
 *                                             .sessions = &session, .session_count = 1,
 *                                             .related = true, .output = "case.pcapng"};
 *     struct p2i_extract_counts counts = {.struct_size = sizeof counts};
 *     enum p2i_result result = p2i_extract(&settings, &counts, &error);
 *
 * The captures are read several times: to find the sessions, unless all are named, to list their
 * packets, which may come before anything shows that they belong to them, and to copy these. So a
 * capture cannot be a pipe.
 * Memory depends on what is chosen, and not on the captures. */
#ifndef PCAP2IPFIX_EXTRACT_H
#define PCAP2IPFIX_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap2ipfix/engine.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A packet of a capture. Never changes. */
struct p2i_extract_packet {
    uint64_t packet;  /* its number in the capture, from 1 */
    uint32_t capture; /* index of the path, from 0 */
};

struct p2i_record_filter;

/* What is extracted: the sessions of `sessions`, of `packets`, and of the records that match
 * `filter`. Everything is borrowed for the call; what is 0 or NULL is left out. */
struct p2i_extract_settings {
    size_t struct_size; /* sizeof(struct p2i_extract_settings), set by the caller */
    /* How the captures are converted; NULL: the defaults. Outputs, records and what changes records
     * (anonymise, passwords) are not used. Of packets that a filter, from or to leave out nothing
     * is extracted. */
    const struct p2i_settings *settings;
    const char *const *paths; /* of the captures, all different; NULL: those of the settings */
    size_t path_count;
    const uint64_t *sessions; /* SESSION_IDs */
    size_t session_count;
    const struct p2i_extract_packet *packets;
    size_t packet_count;
    struct p2i_record_filter *filter; /* of the records of the captures, of all kinds; or else of
                                         those of these files, IPFIX or JSON Lines: */
    const char *const *record_files;  /* without a filter: all their records. Extended records lead
                                         by capture and packet, others by SESSION_ID */
    size_t record_file_count;
    bool related; /* also the control packets that explain the sessions: RADIUS and PPPoE, from
                     which their LOGIN comes, and FTP */
    /* Of one capture: the file to write. Of several: each capture gets a file of its own, whose
     * name has that of the capture before the ending: out.pcapng becomes out-monday.pcapng. The
     * manifest is at `output` with ".json" behind it. */
    const char *output;
    /* For the manifest; what is 0 or NULL is left out. */
    const char *const *arguments; /* the command line */
    size_t argument_count;
    const char *const *filter_texts; /* of the filter */
    size_t filter_text_count;
    const char *config_file; /* from which the settings come */
    uint64_t time_ns;        /* of the run, Unix time */
    /* A capture is damaged, or something that was asked for is not there. The error lives for the
     * call. */
    void (*log)(void *context, enum p2i_log_level level, const struct p2i_error *error);
    /* True: stop, and write nothing. */
    bool (*is_stopped)(void *context);
    void *context; /* first argument of the functions */
};

/* What was extracted. */
struct p2i_extract_counts {
    size_t struct_size; /* sizeof(struct p2i_extract_counts), set by the caller */
    uint64_t sessions;  /* that were chosen and found */
    uint64_t related;   /* sessions that came along */
    uint64_t packets;   /* frames written, with: */
    uint64_t control_packets;
    uint64_t files;   /* captures written, without the manifest */
    uint64_t missing; /* sessions and packets that were asked for by number and are not there */
};

/* P2I_OK, also where captures are damaged: the manifest says so, as the log callback; P2I_END: it
 * was stopped; P2I_USAGE: a path is not a regular file, or given twice, or nothing is asked for, or
 * the settings are wrong; P2I_INPUT: no capture could be read, or a file of records cannot be
 * opened; P2I_DAMAGED: a file of records is damaged, or has none with a SESSION_ID; P2I_OUTPUT: a
 * file could not be written; P2I_INTERNAL: out of memory. After an error the files that were
 * complete stay.
 *
 * A capture without a chosen packet gets no file, and one of an earlier extraction is removed. */
enum p2i_result p2i_extract(const struct p2i_extract_settings *settings,
                            struct p2i_extract_counts *counts, struct p2i_error *error);

/* What a manifest names. */
struct p2i_extract_check {
    size_t struct_size; /* sizeof(struct p2i_extract_check), set by the caller */
    uint64_t inputs;    /* captures, records and configurations, */
    uint64_t outputs;   /* and captures that were written: 0: nothing was extracted */
    uint64_t different; /* of all these: not as they were */
    uint64_t unhashed;  /* without a hash, so that they cannot be verified */
};

/* Hashes the captures and files that a manifest names again: at the paths that it has, else beside
 * it. `differs` is called for each one that is not as it was, with a reason; `check` may be NULL.
 * P2I_OK: all are as they were; P2I_DAMAGED: some are not; P2I_INPUT: the manifest cannot be read;
 * P2I_USAGE: it is none, or the library was built without OpenSSL; P2I_INTERNAL: out of memory. */
enum p2i_result
p2i_extract_verify(const char *manifest,
                   void (*differs)(void *context, const char *file, const char *reason),
                   void *context, struct p2i_extract_check *check, struct p2i_error *error);

#ifdef __cplusplus
}
#endif
#endif
