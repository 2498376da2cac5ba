/* SPDX-License-Identifier: MIT */
/* Sessions announced in other sessions, such as data connections. A session that no parser
 * recognises gets the announced protocol. Announcements may be forged, so they only hold for
 * sessions with one of the two announcing hosts, and for ports that data connections use. They are
 * kept by shard, so that the result does not depend on the number of workers. */
#ifndef P2I_SESSION_EXPECTED_SESSIONS_H
#define P2I_SESSION_EXPECTED_SESSIONS_H

#include "session/table.h"

enum {
    P2I_EXPECTED_MAX = 32,   /* listeners a shard */
    P2I_EXPECTED_OF_TWO = 8, /* listeners a pair of addresses */
    P2I_EXPECTED_S = 300,    /* lifetime of an announcement */
};

struct p2i_expected_listener {
    struct p2i_address address;
    struct p2i_address ends[2]; /* the two ends of the announcing session; one of them must be the
                                   other end of the announced one */
    uint64_t announcers;        /* hash of `ends`; set by p2i_expected_add(), as are the next two */
    uint64_t number;
    uint32_t since_s; /* when it was announced */
    uint32_t scope;
    uint16_t port;
    uint8_t ip_version;
    uint8_t protocol; /* enum p2i_protocol_id */
};

struct p2i_expected_shard {
    struct p2i_expected_listener listeners[P2I_EXPECTED_MAX];
    uint64_t ports[4];  /* bitmap of announced ports modulo 256: a quick test for most sessions */
    uint32_t used;      /* listeners in use, from the first on */
    uint64_t announced; /* number of announcements so far */
};

/* State of a worker. Start zeroed. */
struct p2i_expected {
    struct p2i_expected_shard *shards; /* P2I_SHARDS elements; NULL: nothing was announced yet */
};

void p2i_expected_free(struct p2i_expected *expected);

/* Adds a listener, unless its port cannot be that of a data connection. `now_s`: seconds that never
 * go back, modulo 2^32. */
void p2i_expected_add(struct p2i_expected *expected, unsigned shard,
                      const struct p2i_expected_listener *announced, uint32_t now_s);

/* Returns the protocol that was announced for a new session, and removes the announcement.
 * P2I_ID_UNKNOWN: none was. */
enum p2i_protocol_id p2i_expected_take(struct p2i_expected *expected, unsigned shard,
                                       const struct p2i_session_key *key, uint32_t now_s);

#endif
