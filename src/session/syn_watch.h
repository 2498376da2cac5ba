/* SPDX-License-Identifier: MIT */
/* SYNs in live sessions. One begins a new session on the same ports only when it is answered, or
 * when its sender goes on from its number and the other side was never heard: anybody can send a
 * SYN (RFC 5961 section 4). Until then it is remembered here, some for each shard. */
#ifndef P2I_SESSION_SYN_WATCH_H
#define P2I_SESSION_SYN_WATCH_H

#include "packet/packet.h"
#include "session/table.h"

enum { P2I_SYN_WATCHES = 16 }; /* a shard; a new one takes the place of the oldest */

struct p2i_syn_watch {
    struct p2i_packet packet; /* without its bytes */
    uint64_t packet_number;
    uint32_t session;  /* index */
    uint32_t number;   /* sequence number behind the SYN */
    uint8_t direction; /* of its sender, in the live session */
    bool answers;      /* SYN and ACK */
    bool doubtful;     /* its checksum is wrong: it counts only if it is answered */
    bool used;
};

/* Of a worker. Start with {0}. */
struct p2i_syn_watches {
    struct p2i_syn_watch *watches; /* P2I_SYN_WATCHES for each shard; NULL until the first */
    uint8_t next[P2I_SHARDS];
};

void p2i_syn_watches_free(struct p2i_syn_watches *watches);

enum p2i_syn_verdict {
    P2I_SYN_GO_ON,   /* the segment belongs to the session */
    P2I_SYN_WATCHED, /* it is remembered, and without effect until it is answered */
    P2I_SYN_IGNORED, /* it is without effect */
    P2I_SYN_RESTART, /* the session has ended; the segment is of a new one */
};

/* Looks at segment `number`, which has a SYN or belongs to a session with syn_watched set. With
 * P2I_SYN_RESTART, a SYN that the new session begins with is in `first`, unless that is the segment
 * itself (first->used is then false). */
enum p2i_syn_verdict p2i_syn_look(struct p2i_syn_watches *watches, struct p2i_session *session,
                                  enum p2i_direction direction, const struct p2i_packet *packet,
                                  uint64_t number, struct p2i_syn_watch *first);

/* Takes a SYN that is watched for the session off the list. False: there is none. */
bool p2i_syn_forget(struct p2i_syn_watches *watches, struct p2i_session *session,
                    struct p2i_syn_watch *forgotten);

#endif
