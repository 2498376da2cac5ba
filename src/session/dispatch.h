/* SPDX-License-Identifier: MIT */
/* Takes decoded packets in the order of the run and distributes them to the workers. What depends
 * on the whole sequence of packets, and not on one session, is done here, once for all workers: the
 * moves of the clock, and the announcements of data connections. Belongs to one thread at a time.
 */
#ifndef P2I_SESSION_DISPATCH_H
#define P2I_SESSION_DISPATCH_H

#include "session/capture_clock.h"
#include "session/expected_sessions.h"
#include "session/session.h"

struct p2i_dispatch {
    struct p2i_capture_clock clock;
    struct p2i_expected expected;
    uint64_t announced_by; /* place of the packet that announced the session of the last packet, if
                              that has `announced` set */
    uint64_t seed;         /* of positions in the tables of all workers */
    unsigned worker_count; /* 1..P2I_SHARDS */
    unsigned shard;        /* shard of a run that is split over processes (--shard), from 0 */
    unsigned shard_count;  /* number of such shards, at most P2I_SHARDS; 0, 1: not split */
    bool flows;            /* sessions of other transports than TCP and UDP are wanted too */
    uint64_t other_shard_packets; /* belong to other shards of a split run */
};

void p2i_dispatch_init(struct p2i_dispatch *dispatch, unsigned worker_count, unsigned shard,
                       unsigned shard_count, bool flows);
void p2i_dispatch_free(struct p2i_dispatch *dispatch);

/* Starts zeroed. False: out of memory. */
bool p2i_arrivals_reserve(struct p2i_arrivals *arrivals, size_t count);
void p2i_arrivals_free(struct p2i_arrivals *arrivals);
void p2i_arrivals_clear(struct p2i_arrivals *arrivals);

/* Takes packet `number` of the run, which the caller has decoded into the next place of the list,
 * arrivals->list[arrivals->count]. Packets without an address only move the clock. */
void p2i_dispatch_packet(struct p2i_dispatch *dispatch, struct p2i_arrivals *arrivals,
                         uint64_t number);
/* Groups the arrivals by worker. To be called behind the last packet. */
void p2i_dispatch_group(const struct p2i_dispatch *dispatch, struct p2i_arrivals *arrivals);

#endif
