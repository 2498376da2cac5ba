/* SPDX-License-Identifier: MIT */
/* Fuzzes bindings. The input is a sequence of steps: a byte that selects what happens, a length of
 * two bytes in network order, and the payload of a packet. All bindings are looked up between the
 * steps, and once more behind the next step, which must not change what the packets before it
 * bound. Bit 0x40 of a step: nothing is released behind it. */
#ifndef P2I_FUZZ_BINDINGS_DRIVER_H
#define P2I_FUZZ_BINDINGS_DRIVER_H

#include <stdlib.h>

#include "base/hash.h"
#include "enrich/bindings.h"
#include "packet/packet.h"
#include "pcap2ipfix/cursor.h"

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
    }
}

/* A hash of the binding. */
static inline uint64_t digest_of(const struct p2i_binding *binding, uint64_t time_ns)
{
    check_binding(binding, time_ns);
    if (binding == NULL) {
        return 0;
    }
    uint64_t hash = p2i_mix(binding->from_ns, binding->until_ns);
    return p2i_mix(hash, p2i_hash_bytes(p2i_binding_login(binding)));
}

/* A step, and what was found behind it. */
struct step {
    uint8_t *block; /* NULL: none */
    struct p2i_packet packet;
    uint64_t number;
    uint64_t digest;
};

/* Looks up addresses that the payload may have named, by what the packets up to this one bound. */
static inline uint64_t ask_bindings(const struct p2i_bindings *bindings, enum p2i_bound kind,
                                    const struct step *step)
{
    struct p2i_view payload = step->packet.payload;
    uint64_t time_ns = step->packet.time_ns;
    uint64_t before = step->number + 1;
    uint64_t digest = 0;
    for (size_t at = 0; at + 4 <= payload.size && at < 256; at++) {
        struct p2i_address address = {0};
        memcpy(address.bytes, payload.data + at, 4);
        const struct p2i_binding *found =
            p2i_bindings_find_address(bindings, kind, &address, 4, before, time_ns);
        digest = p2i_mix(digest, digest_of(found, time_ns));
        struct p2i_view rest = p2i_view_first(p2i_view_from(payload, at), sizeof address.bytes);
        memcpy(address.bytes, rest.data, rest.size);
        found = p2i_bindings_find_address(bindings, kind, &address, 6, before, time_ns);
        digest = p2i_mix(digest, digest_of(found, time_ns));
    }
    return digest;
}

/* Reads the next step, into a heap block of its own size, so that a read past it is detected. */
static inline uint8_t next_step(struct p2i_cursor *cursor, struct step *step)
{
    uint8_t what = p2i_u8(cursor);
    struct p2i_view taken = p2i_take(cursor, p2i_be16(cursor));
    struct p2i_packet *packet = &step->packet;
    step->block = malloc(taken.size > 0 ? taken.size : 1);
    require(step->block != NULL);
    if (taken.size > 0) {
        memcpy(step->block, taken.data, taken.size);
    }
    packet->payload = p2i_view_of(step->block, taken.size);
    /* Time may also go back. */
    packet->time_ns += (what & 0x80) != 0 ? UINT64_C(0) - 500000000 : UINT64_C(1000000000);
    packet->time_ns = packet->time_ns > UINT64_MAX / 2 ? 0 : packet->time_ns;
    step->number++;
    return what;
}

/* `give` gets the selector of a step and a packet that has only time and payload. */
static inline void run_bindings(const uint8_t *data, size_t size, enum p2i_bound kind,
                                void (*give)(struct p2i_bindings *, uint8_t, struct p2i_packet *))
{
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(data, size));
    struct p2i_bindings *bindings = p2i_bindings_new(BINDINGS_MEMORY);
    struct step step = {0};
    struct step before = {0};
    while (bindings != NULL && !cursor.failed && cursor.rest.size > 0) {
        uint8_t what = next_step(&cursor, &step);
        p2i_bindings_begin_packet(bindings, step.number);
        give(bindings, what, &step.packet);
        require(before.block == NULL || ask_bindings(bindings, kind, &before) == before.digest);
        step.digest = ask_bindings(bindings, kind, &step);
        if ((what & 0x40) == 0) {
            p2i_bindings_release(bindings, step.number, step.number);
        }
        free(before.block);
        before = step;
    }
    free(before.block);
    p2i_bindings_free(bindings);
}

#endif
