/* SPDX-License-Identifier: MIT */
/* Sessions that another one has announced (the data channels of FTP): known before they begin, so
 * that nothing else is looked for in them. Kept by shard, so that what is expected does not depend
 * on the number of workers. */
#ifndef P2I_SESSION_EXPECTED_H
#define P2I_SESSION_EXPECTED_H

#include "session/table.h"

enum {
    P2I_EXPECTED_MAX = 32, /* a shard; a new one takes the place of the oldest */
    P2I_EXPECTED_S = 300,  /* an announced listener waits no longer */
};

struct p2i_expected_listener {
    struct p2i_address address;
    uint32_t until_s;
    uint16_t port;
    uint8_t ip_version;
    uint8_t protocol; /* enum p2i_protocol_id of the session; 0: an empty place */
};

struct p2i_expected_shard {
    struct p2i_expected_listener listeners[P2I_EXPECTED_MAX];
    uint32_t next; /* place of the next */
};

/* Of a worker. Start with {0}. */
struct p2i_expected {
    struct p2i_expected_shard *shards; /* P2I_SHARDS; NULL until the first is announced */
};

void p2i_expected_free(struct p2i_expected *expected);
void p2i_expected_add(struct p2i_expected *expected, unsigned shard,
                      const struct p2i_expected_listener *listener);

/* What a session that begins now was announced to speak, by either of its ends; the announcement is
 * used up. P2I_ID_UNKNOWN: it was not. */
enum p2i_protocol_id p2i_expected_take(struct p2i_expected *expected, unsigned shard,
                                       const struct p2i_key *key, uint32_t now_s);

#endif
