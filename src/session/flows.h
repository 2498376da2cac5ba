/* SPDX-License-Identifier: MIT */
/* What flow records count, kept beside the sessions of a worker: nothing of it exists unless flow
 * records are wanted. */
#ifndef P2I_SESSION_FLOWS_H
#define P2I_SESSION_FLOWS_H

#include "session/table.h"

struct p2i_flow_half {
    uint64_t octets; /* of the IP packets, by their headers */
    uint64_t packets;
    uint64_t start_ns, end_ns;
    uint32_t interface_id; /* of the first packet, as the two below */
    uint16_t icmp;         /* type and code */
    uint8_t class_of_service;
};

/* Of a session since it began, or since its last flow record. Two cache lines. */
struct p2i_flow_counts {
    struct p2i_flow_half half[2]; /* by enum p2i_direction */
    uint8_t *host;                /* FLOW_HOST; from the pool; stays for later records */
    size_t host_size;
};

struct p2i_flows {
    uint32_t kinds;    /* bits of P2I_RECORD_FLOW and P2I_RECORD_BIFLOW; 0: none are wanted */
    uint32_t idle_s;   /* a longer silence ends a record, not its session */
    uint32_t active_s; /* so does a longer time since its first packet; 0 off */
    struct p2i_flow_counts **slabs;
    uint32_t slab_count;
};

void p2i_flows_free(struct p2i_flows *flows);

/* Zeroed counts for a new session. False: out of memory. */
bool p2i_flows_begin(struct p2i_flows *flows, uint32_t session_index);
/* The counts of a session; they stay in their place. */
struct p2i_flow_counts *p2i_flows_at(const struct p2i_flows *flows, uint32_t session_index);

void p2i_flows_prefetch(const struct p2i_flows *flows, uint32_t session_index);

/* Does a packet at `time_ns` begin a new record? One with an odd stamp has a record of its own. */
bool p2i_flow_is_over(const struct p2i_flows *flows, const struct p2i_flow_counts *counts,
                      uint64_t time_ns);
void p2i_flow_add(struct p2i_flow_counts *counts, enum p2i_direction direction,
                  const struct p2i_packet *packet);

/* Emits the records for what was counted, and counts from zero. */
void p2i_flow_emit(const struct p2i_flows *flows, struct p2i_flow_counts *counts,
                   const struct p2i_session *session, const struct p2i_sink *sink);

#endif
