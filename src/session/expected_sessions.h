/* SPDX-License-Identifier: MIT */
/* Sessions that another one has announced (data connections, say): what they are called when no
 * parser takes what they begin with. An announcement is a hint of somebody who may lie: it holds
 * only for sessions with one of the two who talked about it, and only on ports that data channels
 * use. Kept by shard, so that what is expected does not depend on the number of workers. */
#ifndef P2I_SESSION_EXPECTED_SESSIONS_H
#define P2I_SESSION_EXPECTED_SESSIONS_H

#include "session/table.h"

enum {
    P2I_EXPECTED_MAX = 32,   /* a shard */
    P2I_EXPECTED_OF_TWO = 8, /* by the same two addresses */
    P2I_EXPECTED_S = 300,    /* an announced listener waits no longer */
};

struct p2i_expected_listener {
    struct p2i_address address;
    struct p2i_address ends[2]; /* of the session that announced it, in the order of its key: one of
                                   them has to be the other end */
    uint64_t announcers;        /* hash of the two; this and what follows is set by add */
    uint64_t number;
    uint32_t since_s; /* when it was announced; so is this */
    uint32_t scope;
    uint16_t port;
    uint8_t ip_version;
    uint8_t protocol; /* enum p2i_protocol_id of the session */
};

struct p2i_expected_shard {
    struct p2i_expected_listener listeners[P2I_EXPECTED_MAX];
    uint64_t ports[4];  /* bit by the lowest 8 bits of their ports: no other is asked for */
    uint32_t used;      /* of these, from the first on */
    uint64_t announced; /* so far */
};

/* Of a worker. Start with {0}. */
struct p2i_expected {
    struct p2i_expected_shard *shards; /* P2I_SHARDS; NULL until the first is announced */
};

void p2i_expected_free(struct p2i_expected *expected);

/* A listener on a port that no data channel uses is not taken. `now_s`: seconds that only go on,
 * modulo 2^32. */
void p2i_expected_add(struct p2i_expected *expected, unsigned shard,
                      const struct p2i_expected_listener *announced, uint32_t now_s);

/* What a session that begins now was announced to speak, by either of its ends; the announcement is
 * used up. P2I_ID_UNKNOWN: it was not. */
enum p2i_protocol_id p2i_expected_take(struct p2i_expected *expected, unsigned shard,
                                       const struct p2i_key *key, uint32_t now_s);

#endif
