/* SPDX-License-Identifier: MIT */
/* A record as a JSON object: {"record":"dns","TIME_STAMP":1700000000, ...}, with the names and the
 * order of the template; then "cut":true when the message is incomplete; in extended records also
 * "lost_bytes" and "cut_bytes" (of flows), "capture", "packet", "time" and "community_id". */
#ifndef P2I_RECORD_JSON_H
#define P2I_RECORD_JSON_H

#include "record/community_id.h"
#include "record/record.h"

/* Appends the object, without a line end. False: out of memory, or the record does not fit its
 * template; the buffer may have a part of it. */
bool p2i_record_append_json(struct p2i_buffer *line, const struct p2i_record *record);

/* What an extended record has beside its fields. */
struct p2i_json_extension {
    struct p2i_view capture_name; /* empty: its number stands for it */
    uint32_t capture;             /* from 1 */
    uint64_t packet;
    struct p2i_view time; /* observationTimeNanoseconds */
    struct p2i_community_flow flow;
};

/* Appends "capture", "packet", "time" and "community_id". False: out of memory. */
bool p2i_json_append_extension(struct p2i_buffer *line, const struct p2i_json_extension *extension);

#endif
