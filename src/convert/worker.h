/* SPDX-License-Identifier: MIT */
/* A worker walks all frames and handles the sessions that are its own; what it finds becomes
 * encoded records, in the order in which it finds them. */
#ifndef P2I_CONVERT_WORKER_H
#define P2I_CONVERT_WORKER_H

#include "capture/capture.h"
#include "convert/lookups.h"
#include "convert/privacy.h"
#include "packet/packet.h"
#include "pcap2ipfix/convert.h"
#include "record/record.h"
#include "session/raw_packets.h"
#include "session/session.h"

/* In front of each record of a result. */
struct p2i_result_header {
    uint64_t completed_by; /* see struct p2i_session_message */
    uint64_t order;
    uint32_t size; /* of the record's bytes behind this */
    uint32_t time_s;
    uint8_t kind;
    uint8_t ip_version;
    bool cut; /* see struct p2i_record */
};

/* How the number of live sessions is another after a packet. */
struct p2i_live_change {
    uint64_t number; /* of the packet; rises from one change to the next */
    int64_t change;
};

/* What a worker found in a block. Start with {0}. */
struct p2i_worker_results {
    struct p2i_buffer records; /* heads and records */
    struct p2i_buffer live;    /* struct p2i_live_change */
};

struct p2i_worker {
    const struct p2i_settings *settings;
    const struct p2i_lookups *lookups;
    struct p2i_decoder *decoder;
    struct p2i_sessions *sessions;
    struct p2i_subscribers *subscribers;
    struct p2i_raw_settings raw;
    struct p2i_privacy *privacy; /* NULL: records stay as they are */
    struct p2i_encoding encoding;
    struct p2i_encode_counts encode_counts;
    struct p2i_worker_results *results; /* where they go at present */
    uint64_t fates[P2I_FATE_COUNT];
    uint64_t last_number; /* of the last frame walked */
    bool out_of_memory;   /* a record was lost */
};

/* False: out of memory; p2i_worker_free() is allowed. */
bool p2i_worker_init(struct p2i_worker *worker, const struct p2i_settings *settings,
                     const struct p2i_lookups *lookups, const struct p2i_privacy_rules *rules,
                     unsigned number);
void p2i_worker_free(struct p2i_worker *worker);

/* Walks a block; what is found is appended to `results`. */
void p2i_worker_walk(struct p2i_worker *worker, const struct p2i_block *block,
                     struct p2i_worker_results *results);
/* Ends all sessions. */
void p2i_worker_finish(struct p2i_worker *worker, struct p2i_worker_results *results);

#endif
