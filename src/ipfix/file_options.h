/* SPDX-License-Identifier: MIT */
/* Options records of IPFIX files (RFC 5655 section 8.1), with their options templates; those of the
 * captures of extended records go to collectors too. Because they describe the file as a whole, all
 * but the checksum have observation domain 0 (RFC 7011 section 3.1). One thread. */
#ifndef P2I_IPFIX_FILE_OPTIONS_H
#define P2I_IPFIX_FILE_OPTIONS_H

#include "ipfix/checksum.h"
#include "ipfix/message.h"
#include "pcap2ipfix/reader.h"

enum {
    P2I_WINDOW_TEMPLATE_ID = P2I_CHECKSUM_TEMPLATE_ID + 1,
    P2I_SESSION_TEMPLATE_ID,
    P2I_CAPTURES_TEMPLATE_ID,
    P2I_OBSERVATION_POINTS_TEMPLATE_ID,
};

/* Elements of IANA's registry (RFC 5655 section 8.2). */
enum {
    P2I_ELEMENT_MAX_EXPORT_SECONDS = 260,
    P2I_ELEMENT_MAX_FLOW_END_SECONDS = 261,
    P2I_ELEMENT_MIN_EXPORT_SECONDS = 264,
    P2I_ELEMENT_MIN_FLOW_START_SECONDS = 265,
    P2I_ELEMENT_SESSION_SCOPE = 267,
};

/* The first and the last of some times, in Unix seconds. Start with {0}. */
struct p2i_time_span {
    bool known;
    uint32_t first_s, last_s;
};
/* Extends the span so that it has both times. */
void p2i_span_add(struct p2i_time_span *span, uint32_t first_s, uint32_t last_s);

/* Facts about a whole file. */
struct p2i_file_facts {
    struct p2i_time_span window;  /* times of the packets that the records describe */
    struct p2i_time_span exports; /* export times of the messages */
};

/* Extends the window by the times of a record, rounded outward to full seconds (RFC 5655 section
 * 8.2). */
void p2i_window_add(struct p2i_time_span *window, const struct p2i_record *record);

/* Adds the options records of the captures: for extended records one for each observation point,
 * which holds for any file that its records come to. `time_s` is their export time. Errors: those
 * of p2i_messages_define() and p2i_messages_add_raw(). */
enum p2i_result p2i_put_captures(struct p2i_messages *messages,
                                 const struct p2i_ipfix_settings *settings, uint32_t time_s,
                                 struct p2i_error *error);

/* Places of values in such a record. */
enum {
    P2I_POINT_NUMBER = 0,
    P2I_POINT_NAME = 3,
    P2I_POINT_HASH = 4, /* empty: not known */
};

/* True for the record of an observation point of extended records. */
bool p2i_is_observation_point(const struct p2i_read_record *record);

/* Adds the options records that settings->file_options selects, except the checksum, and those of
 * the captures of extended records. `time_s` and errors as above. */
enum p2i_result p2i_put_file_options(struct p2i_messages *messages,
                                     const struct p2i_ipfix_settings *settings,
                                     const struct p2i_file_facts *facts, uint32_t time_s,
                                     struct p2i_error *error);

#endif
