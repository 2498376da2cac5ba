/* SPDX-License-Identifier: MIT */
/* Fuzzes bindings. The input is a sequence of steps: a byte that selects what happens, a length of
 * two bytes in network order, and the payload of a packet. All bindings are looked up between the
 * steps. */
#ifndef P2I_FUZZ_BINDINGS_DRIVER_H
#define P2I_FUZZ_BINDINGS_DRIVER_H

#include <stdlib.h>

#include "pcap2ipfix/cursor.h"
#include "enrich/bindings.h"
#include "packet/packet.h"

enum { BINDINGS_MEMORY = 4096 }; /* small, so that the limit is reached */

static inline void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

static inline void check_binding(const struct p2i_binding *binding, uint64_t time_ns)
{
    if (binding != NULL) {
        require(binding->from_ns <= time_ns && time_ns < binding->until_ns);
        require(binding->login_size > 0);
        require(binding->older == NULL || binding->older->until_ns <= binding->from_ns ||
                binding->older->until_ns <= binding->older->from_ns);
    }
}

/* Looks up addresses that the payload may have named. */
static inline void ask_bindings(const struct p2i_bindings *bindings, enum p2i_bound kind,
                                struct p2i_view payload, uint64_t time_ns)
{
    for (size_t at = 0; at + 4 <= payload.size && at < 256; at++) {
        struct p2i_address address = {0};
        memcpy(address.bytes, payload.data + at, 4);
        check_binding(p2i_bindings_find_address(bindings, kind, &address, 4, time_ns), time_ns);
        struct p2i_view rest = p2i_view_first(p2i_view_from(payload, at), sizeof address.bytes);
        memcpy(address.bytes, rest.data, rest.size);
        check_binding(p2i_bindings_find_address(bindings, kind, &address, 6, time_ns), time_ns);
    }
}

/* `give` gets the selector of a step and a packet that has only time and payload. */
static inline void run_bindings(const uint8_t *data, size_t size, enum p2i_bound kind,
                                void (*give)(struct p2i_bindings *, uint8_t, struct p2i_packet *))
{
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(data, size));
    struct p2i_bindings *bindings = p2i_bindings_new(BINDINGS_MEMORY);
    struct p2i_packet packet = {0};
    while (bindings != NULL && !cursor.failed && cursor.rest.size > 0) {
        uint8_t what = p2i_u8(&cursor);
        struct p2i_view taken = p2i_take(&cursor, p2i_be16(&cursor));
        /* In a heap block of its own size, so that a read past it is detected. */
        uint8_t *block = malloc(taken.size > 0 ? taken.size : 1);
        require(block != NULL);
        if (taken.size > 0) {
            memcpy(block, taken.data, taken.size);
        }
        packet.payload = p2i_view_of(block, taken.size);
        /* Time may also go back. */
        packet.time_ns += (what & 0x80) != 0 ? UINT64_C(0) - 500000000 : UINT64_C(1000000000);
        packet.time_ns = packet.time_ns > UINT64_MAX / 2 ? 0 : packet.time_ns;
        give(bindings, what, &packet);
        ask_bindings(bindings, kind, packet.payload, packet.time_ns);
        free(block);
    }
    p2i_bindings_free(bindings);
}

#endif
