/* SPDX-License-Identifier: MIT */
/* PPP control frames of a few PPPoE sessions. Bits of a step: 3 the protocol, 4 from the
 * concentrator, 0x18 the session, 0x20 without addresses, 0x80 time goes back. */
#include "bindings_driver.h"
#include "enrich/pppoe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void give(struct p2i_bindings *bindings, uint8_t what, struct p2i_packet *packet)
{
    static const uint16_t protocols[] = {0xc021, 0xc023, 0xc223, 0x8021};
    static const uint8_t client[6] = {2, 0, 0, 0, 0, 5};
    static const uint8_t server[6] = {2, 0, 0, 0, 0, 9};
    bool down = (what & 4) != 0;
    bool bare = (what & 0x20) != 0;
    packet->ppp_control = protocols[what & 3];
    packet->scope = 1 + (what >> 3 & 3);
    packet->source_mac = bare ? NULL : down ? server : client;
    packet->destination_mac = bare ? NULL : down ? client : server;
    p2i_pppoe_take(bindings, packet);
    struct p2i_binding_key key = {.words = {packet->scope}, .kind = P2I_BOUND_PPPOE_SESSION};
    check_binding(p2i_bindings_find(bindings, &key, UINT64_MAX, packet->time_ns), packet->time_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_bindings(data, size, P2I_BOUND_PPPOE, give);
    return 0;
}
