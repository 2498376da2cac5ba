/* SPDX-License-Identifier: MIT */
/* SYNs in live sessions. Anybody can forge a SYN (RFC 5961 section 4), so it begins a new session
 * on the same ports only when it is answered, or when its sender continues from its number and the
 * other side was never captured. Until then it is watched; each shard can watch a few. */
#ifndef P2I_SESSION_SYN_WATCH_H
#define P2I_SESSION_SYN_WATCH_H

#include "packet/packet.h"
#include "session/table.h"

enum { P2I_SYN_WATCHES = 16 }; /* per shard; a new SYN replaces the oldest */

struct p2i_syn_watch {
    struct p2i_packet packet; /* without views */
    uint64_t packet_number;
    uint32_t session;  /* index of the live session */
    uint32_t number;   /* sequence number behind the SYN */
    uint8_t direction; /* sender in the live session (enum p2i_direction) */
    bool answers;      /* it is a SYN-ACK */
    bool doubtful;     /* wrong checksum: counts only when answered */
    bool used;
};

/* State of a worker. Start zeroed. */
struct p2i_syn_watches {
    struct p2i_syn_watch *watches; /* P2I_SYN_WATCHES for each shard; NULL: none yet */
    uint8_t next[P2I_SHARDS];
    bool out_of_memory; /* a SYN was not watched */
};

void p2i_syn_watches_free(struct p2i_syn_watches *watches);

enum p2i_syn_verdict {
    P2I_SYN_GO_ON,   /* the segment belongs to the session */
    P2I_SYN_WATCHED, /* remembered; no effect until it is answered */
    P2I_SYN_IGNORED, /* no effect */
    P2I_SYN_RESTART, /* the session has ended; the segment belongs to a new one */
};

/* Examines segment `number`, which is a SYN or belongs to a session with syn_watched set. With
 * P2I_SYN_RESTART, *other is the SYN that begins the new session; other->used is false when the
 * segment itself begins it. With P2I_SYN_WATCHED, *other is the SYN, perhaps of another session,
 * that is forgotten for this one; other->used is false when there is none. */
enum p2i_syn_verdict p2i_syn_look(struct p2i_syn_watches *watches, struct p2i_session *session,
                                  enum p2i_direction direction, const struct p2i_packet *packet,
                                  uint64_t number, struct p2i_syn_watch *other);

/* Takes one watched SYN of the session off the list. False: no more. */
bool p2i_syn_forget(struct p2i_syn_watches *watches, struct p2i_session *session,
                    struct p2i_syn_watch *forgotten);

#endif
