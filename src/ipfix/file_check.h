/* SPDX-License-Identifier: MIT */
/* Compares a file with its own options records (RFC 5655 section 8.1). One thread. */
#ifndef P2I_IPFIX_FILE_CHECK_H
#define P2I_IPFIX_FILE_CHECK_H

#include "ipfix/defects.h"
#include "ipfix/file_options.h"

/* The content of an options record, and its offset. */
struct p2i_file_claim {
    struct p2i_time_span span;
    uint64_t offset;
};

/* Start with {0}. */
struct p2i_file_check {
    struct p2i_time_span window, exports; /* found in the records and messages */
    struct p2i_file_claim window_claim, exports_claim;
    bool unverified; /* MD5 is missing, and a note said so */
};

/* Call for each message. */
void p2i_file_check_message(struct p2i_file_check *check, uint32_t export_time_s);
/* Call for each record; `message` is the whole message with it. Reports a wrong checksum. */
void p2i_file_check_record(struct p2i_file_check *check, const struct p2i_read_record *record,
                           struct p2i_view message, struct p2i_defects *defects);
/* Call at the end of the file: reports options that contradict the records. */
void p2i_file_check_end(const struct p2i_file_check *check, struct p2i_defects *defects);

#endif
