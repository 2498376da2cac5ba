/* SPDX-License-Identifier: MIT */
/* The second station: a worker handles the packets of its own sessions. Its results are encoded
 * records in the order in which it completed them. */
#ifndef P2I_ENGINE_WORKER_H
#define P2I_ENGINE_WORKER_H

#include "base/counts.h"
#include "engine/decode_block.h"
#include "engine/lookups.h"
#include "engine/privacy.h"
#include "engine/results.h"
#include "session/raw_packets.h"
#include "session/session.h"
#include "settings/settings.h"

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
    bool out_of_memory;                 /* records were lost or cut */
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
