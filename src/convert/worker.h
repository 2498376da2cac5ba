/* SPDX-License-Identifier: MIT */
/* A worker decodes all frames and handles its own sessions. Its results are encoded records in the
 * order in which it completed them. */
#ifndef P2I_CONVERT_WORKER_H
#define P2I_CONVERT_WORKER_H

#include "base/counts.h"
#include "capture/capture.h"
#include "convert/lookups.h"
#include "convert/privacy.h"
#include "packet/packet.h"
#include "record/record.h"
#include "session/raw_packets.h"
#include "session/session.h"
#include "settings/settings.h"

/* Precedes each record in the results. */
struct p2i_result_header {
    uint64_t completed_by; /* see struct p2i_session_message */
    uint64_t order;
    uint32_t size; /* of the record that follows, bytes */
    uint32_t time_s;
    uint8_t kind;
    uint8_t ip_version;
    bool cut; /* see struct p2i_record */
};

/* Change of the number of live sessions by a packet. */
struct p2i_live_change {
    uint64_t number; /* packet number; increases from one change to the next */
    int64_t change;
};

/* Results of a worker for a block. Start zeroed. */
struct p2i_worker_results {
    struct p2i_buffer records; /* headers, each followed by its record */
    struct p2i_buffer live;    /* array of struct p2i_live_change */
};

struct p2i_worker {
    const struct p2i_settings *settings;
    const struct p2i_lookups *lookups;
    struct p2i_decoder *decoder;
    struct p2i_sessions *sessions;
    struct p2i_subscribers *subscribers;
    struct p2i_raw_settings raw;
    struct p2i_privacy *privacy; /* NULL: records are not changed */
    struct p2i_encoding encoding;
    struct p2i_encode_counts encode_counts;
    struct p2i_worker_results *results; /* destination of records at present */
    uint64_t fates[P2I_FATE_COUNT];
    uint64_t last_number; /* number of the last frame walked */
    bool out_of_memory;   /* records were lost */
};

/* False: out of memory; p2i_worker_free() must still be called. */
bool p2i_worker_init(struct p2i_worker *worker, const struct p2i_settings *settings,
                     const struct p2i_lookups *lookups, const struct p2i_privacy_rules *rules,
                     unsigned number);
void p2i_worker_free(struct p2i_worker *worker);

/* Walks a block; appends to `results`. */
void p2i_worker_walk(struct p2i_worker *worker, const struct p2i_block *block,
                     struct p2i_worker_results *results);
/* Ends all sessions; appends to `results`. */
void p2i_worker_finish(struct p2i_worker *worker, struct p2i_worker_results *results);

#endif
