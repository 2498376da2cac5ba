/* SPDX-License-Identifier: MIT */
#include "session/expected.h"

#include <stdlib.h>

void p2i_expected_free(struct p2i_expected *expected)
{
    free(expected->shards);
    expected->shards = NULL;
}

void p2i_expected_add(struct p2i_expected *expected, unsigned shard,
                      const struct p2i_expected_listener *listener)
{
    if (expected->shards == NULL) {
        expected->shards = calloc(P2I_SHARDS, sizeof *expected->shards);
    }
    if (expected->shards != NULL) {
        struct p2i_expected_shard *of = &expected->shards[shard];
        of->listeners[of->next++ % P2I_EXPECTED_MAX] = *listener;
    }
}

static bool is_end_of(const struct p2i_expected_listener *listener, const struct p2i_key *key)
{
    for (unsigned end = 0; end < 2; end++) {
        if (listener->port == key->port[end] &&
            listener->address.words[0] == key->end[end].words[0] &&
            listener->address.words[1] == key->end[end].words[1]) {
            return listener->ip_version == key->ip_version;
        }
    }
    return false;
}

enum p2i_protocol_id p2i_expected_take(struct p2i_expected *expected, unsigned shard,
                                       const struct p2i_key *key, uint32_t now_s)
{
    if (expected->shards == NULL || key->transport != P2I_PROTO_TCP) {
        return P2I_ID_UNKNOWN;
    }
    for (unsigned i = 0; i < P2I_EXPECTED_MAX; i++) {
        struct p2i_expected_listener *listener = &expected->shards[shard].listeners[i];
        if (listener->protocol != P2I_ID_UNKNOWN && listener->until_s >= now_s &&
            is_end_of(listener, key)) {
            enum p2i_protocol_id protocol = (enum p2i_protocol_id)listener->protocol;
            listener->protocol = P2I_ID_UNKNOWN;
            return protocol;
        }
    }
    return P2I_ID_UNKNOWN;
}
