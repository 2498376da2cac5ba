/* SPDX-License-Identifier: MIT */
/* Options of IPFIX files (RFC 5655 section 8.1), each an options template and its records. They
 * describe the file and nothing in it; all but the checksum are of observation domain 0, which
 * stands for none in particular (RFC 7011 section 3.1). */
#ifndef P2I_IPFIX_FILE_OPTIONS_H
#define P2I_IPFIX_FILE_OPTIONS_H

#include "base/view.h"
#include "ipfix/checksum.h"
#include "ipfix/message.h"

enum {
    P2I_WINDOW_TEMPLATE_ID = P2I_CHECKSUM_TEMPLATE_ID + 1,
    P2I_SESSION_TEMPLATE_ID,
    P2I_CAPTURES_TEMPLATE_ID,
};

/* IANA's elements of RFC 5655 section 8.2. */
enum {
    P2I_ELEMENT_MAX_EXPORT_SECONDS = 260,
    P2I_ELEMENT_MAX_FLOW_END_SECONDS = 261,
    P2I_ELEMENT_MIN_EXPORT_SECONDS = 264,
    P2I_ELEMENT_MIN_FLOW_START_SECONDS = 265,
    P2I_ELEMENT_SESSION_SCOPE = 267,
};

/* Least and largest of some times. Start with {0}. */
struct p2i_time_span {
    bool known;
    uint32_t first_s, last_s;
};
void p2i_span_add(struct p2i_time_span *span, uint32_t first_s, uint32_t last_s);

/* What the records of a file say together. */
struct p2i_file_facts {
    struct p2i_time_span window; /* of the packets that the records tell of */
    struct p2i_time_span exports;
};

/* Adds the times of a record to the window: full seconds that it lies in (RFC 5655 section 8.2). */
void p2i_window_add(struct p2i_time_span *window, const struct p2i_record *record);

/* Adds what settings->file_options want, but for the checksum. */
enum p2i_result p2i_put_file_options(struct p2i_messages *messages,
                                     const struct p2i_ipfix_settings *settings,
                                     const struct p2i_file_facts *facts, uint32_t time_s,
                                     struct p2i_error *error);

#endif
