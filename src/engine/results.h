/* SPDX-License-Identifier: MIT */
/* Results on their way from the first two stations to the third: encoded records, and facts of
 * sessions and packets, each behind a header, in the order in which they were completed. */
#ifndef P2I_ENGINE_RESULTS_H
#define P2I_ENGINE_RESULTS_H

#include "packet/feature_set.h"
#include "pcap2ipfix/address.h"
#include "pcap2ipfix/engine.h"
#include "record/record.h"

enum p2i_result_kind {
    P2I_RESULT_RECORD,  /* the encoded record follows */
    P2I_RESULT_SESSION, /* struct p2i_session_result */
    P2I_RESULT_PACKET,  /* struct p2i_packet_facts */
    P2I_RESULT_FRAMES,  /* places (uint64_t) of the other frames of the packet that completed it */
    P2I_RESULT_CONTROL, /* struct p2i_control_result */
};

/* Precedes each item in the results. */
struct p2i_result_header {
    uint64_t completed_by; /* see struct p2i_session_message */
    uint64_t order;
    uint64_t session, packet; /* of a record, as the next one: see struct p2i_record */
    uint32_t capture;
    uint32_t size; /* of the item that follows, bytes */
    uint32_t time_s;
    uint8_t what; /* enum p2i_result_kind */
    uint8_t kind;
    uint8_t ip_version;
    bool cut; /* see struct p2i_record, as for the next ones */
    uint8_t end_reason;
    uint8_t transport;
    uint16_t port[2];
    uint64_t time_ns;
    uint64_t lost_bytes, cut_bytes;
};

/* A session that begins or ends. */
struct p2i_session_result {
    struct p2i_session_facts facts; /* whose pointers are to these: */
    struct p2i_address address[2];
    struct p2i_features features; /* valid at its end, as the next one */
    uint8_t first_bytes[2][16];
};

/* A control packet. */
struct p2i_control_result {
    struct p2i_control_facts facts; /* whose address and MAC addresses are these: */
    struct p2i_address address;
    uint8_t mac[2][6];
};

/* Change of the number of live sessions by a packet. */
struct p2i_live_change {
    uint64_t number; /* packet number; increases from one change to the next */
    int64_t change;
};

/* Results of a worker for a block, or of the first station. Start zeroed. */
struct p2i_worker_results {
    struct p2i_buffer records; /* headers, each followed by its item */
    struct p2i_buffer live;    /* array of struct p2i_live_change */
};

/* What the results have beside records. */
struct p2i_wanted {
    bool sessions, packets, controls;
};

/* Appends an item. False: out of memory. */
bool p2i_results_add(struct p2i_worker_results *results, enum p2i_result_kind what,
                     uint64_t completed_by, uint64_t order, const void *item, size_t size);

void p2i_worker_results_free(struct p2i_worker_results *results);

#endif
