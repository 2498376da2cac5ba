/* SPDX-License-Identifier: MIT */
/* Whether a file is what its options (RFC 5655 section 8.1) say that it is. */
#ifndef P2I_IPFIX_FILE_CHECK_H
#define P2I_IPFIX_FILE_CHECK_H

#include "ipfix/defects.h"
#include "ipfix/file_options.h"

/* What a record of options says, and where. */
struct p2i_file_claim {
    struct p2i_time_span span;
    uint64_t offset;
};

/* Start with {0}. */
struct p2i_file_check {
    struct p2i_time_span window, exports; /* as found */
    struct p2i_file_claim window_claim, exports_claim;
};

/* Whether a record describes the file or the message that it is in, by its scope: elsewhere it
 * would be wrong. */
bool p2i_describes_its_file(const struct p2i_read_record *record);

void p2i_file_check_message(struct p2i_file_check *check, uint32_t export_time_s);
/* `message` is the whole message that the record is in. Tells a checksum that is wrong. */
void p2i_file_check_record(struct p2i_file_check *check, const struct p2i_read_record *record,
                           struct p2i_view message, struct p2i_defects *defects);
/* At the end of the file: tells claims that do not hold. */
void p2i_file_check_end(const struct p2i_file_check *check, struct p2i_defects *defects);

#endif
