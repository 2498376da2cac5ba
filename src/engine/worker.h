/* SPDX-License-Identifier: MIT */
/* The second station: a worker handles the packets of its own sessions. Its results are encoded
 * records in the order in which it completed them. */
#ifndef P2I_ENGINE_WORKER_H
#define P2I_ENGINE_WORKER_H

#include "base/counts.h"
#include "engine/decode_block.h"
#include "engine/lookups.h"
#include "engine/privacy.h"
#include "pcap2ipfix/engine.h"
#include "record/record.h"
#include "session/raw_packets.h"
#include "session/session.h"
#include "settings/settings.h"

enum p2i_result_kind {
    P2I_RESULT_RECORD,  /* the encoded record follows */
    P2I_RESULT_SESSION, /* struct p2i_session_result */
    P2I_RESULT_PACKET,  /* struct p2i_packet_facts */
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
    bool cut; /* see struct p2i_record */
};

/* A session that begins or ends. */
struct p2i_session_result {
    struct p2i_session_facts facts; /* whose pointers are to these: */
    struct p2i_address address[2];
    struct p2i_features features; /* valid at its end, as the next one */
    uint8_t first_bytes[2][16];
};

/* Change of the number of live sessions by a packet. */
struct p2i_live_change {
    uint64_t number; /* packet number; increases from one change to the next */
    int64_t change;
};

/* Results of a worker for a block. Start zeroed. */
struct p2i_worker_results {
    struct p2i_buffer records; /* headers, each followed by its item */
    struct p2i_buffer live;    /* array of struct p2i_live_change */
};

void p2i_worker_results_free(struct p2i_worker_results *results);

struct p2i_worker {
    const struct p2i_settings *settings;
    const struct p2i_lookups *lookups;
    struct p2i_sessions *sessions;
    struct p2i_subscribers *subscribers;
    struct p2i_raw_settings raw;
    struct p2i_privacy *privacy; /* NULL: records are not changed */
    struct p2i_encoding encoding;
    struct p2i_encode_counts encode_counts;
    struct p2i_worker_results *results; /* destination of records at present */
    unsigned number;                    /* of this worker, from 0 */
    bool out_of_memory;                 /* records were lost */
};

/* What a worker's results have beside records. */
struct p2i_wanted {
    bool sessions, packets;
};

/* `bindings` may be NULL: none. False: out of memory; p2i_worker_free() must still be called. */
bool p2i_worker_init(struct p2i_worker *worker, const struct p2i_settings *settings,
                     const struct p2i_lookups *lookups, const struct p2i_bindings *bindings,
                     const struct p2i_privacy_rules *rules, const struct p2i_wanted *wanted,
                     unsigned number);
void p2i_worker_free(struct p2i_worker *worker);

/* Handles the worker's packets of a block; appends to `results`. */
void p2i_worker_handle(struct p2i_worker *worker, const struct p2i_decoded_block *decoded,
                       struct p2i_worker_results *results);
/* Ends all sessions behind packet `last_number`; appends to `results`. */
void p2i_worker_finish(struct p2i_worker *worker, uint64_t last_number,
                       struct p2i_worker_results *results);

#endif
