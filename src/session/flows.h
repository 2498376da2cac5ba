/* SPDX-License-Identifier: MIT */
/* Counters of flow records. They exist only when flow records are wanted, and are stored apart from
 * the sessions, by session index. */
#ifndef P2I_SESSION_FLOWS_H
#define P2I_SESSION_FLOWS_H

#include "session/by_index.h"
#include "session/table.h"

struct p2i_flow_half {
    uint64_t octets; /* by IP total length */
    uint64_t packets;
    uint64_t start_ns, end_ns;
    uint64_t number : 40; /* of the first packet in its capture; so are the next four */
    uint64_t capture : 24;
    uint32_t interface_id;
    uint16_t icmp; /* type * 256 + code */
    uint8_t class_of_service;
};

/* Counters since the session began, or since its last flow record. Two cache lines. */
struct p2i_flow_counts {
    struct p2i_flow_half half[2]; /* by enum p2i_direction */
    uint8_t *host;                /* FLOW_HOST; allocated from the pool; kept for later records */
    size_t host_size;
    uint64_t lost_bytes, cut_bytes; /* see struct p2i_flow */
};

struct p2i_flows {
    uint32_t kinds;    /* bits of P2I_RECORD_FLOW and P2I_RECORD_BIFLOW; 0: no flow records */
    uint32_t idle_s;   /* idle time that ends a record (not the session) */
    uint32_t active_s; /* maximum duration of a record; 0: none */
    struct p2i_by_index counts; /* struct p2i_flow_counts */
};

void p2i_flows_free(struct p2i_flows *flows);

/* Zeroes the counters of a new session. False: out of memory. */
bool p2i_flows_begin(struct p2i_flows *flows, uint32_t session_index);
/* Counters of a session; the pointer is valid as long as the session. */
struct p2i_flow_counts *p2i_flows_at(const struct p2i_flows *flows, uint32_t session_index);

void p2i_flows_prefetch(const struct p2i_flows *flows, uint32_t session_index);

/* Why a packet at `time_ns` belongs to a new record (enum p2i_flow_end); 0: it does not. A packet
 * with an odd stamp gets a record of its own. */
uint8_t p2i_flow_over(const struct p2i_flows *flows, const struct p2i_flow_counts *counts,
                      uint64_t time_ns);
void p2i_flow_add(struct p2i_flow_counts *counts, enum p2i_direction direction,
                  const struct p2i_packet *packet);

/* Emits the records of a session, if it has packets, and resets its counters. `end`: enum
 * p2i_flow_end. */
void p2i_flow_emit(const struct p2i_flows *flows, struct p2i_flow_counts *counts,
                   const struct p2i_session *session, uint8_t end,
                   const struct p2i_message_sink *sink);

#endif
