/* SPDX-License-Identifier: MIT */
/* RADIUS packets of a few clients. Bits of a step: 1 a response, 2 to 8 the client, 0x80 time goes
 * back. */
#include "bindings_driver.h"
#include "enrich/radius.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void give(struct p2i_bindings *bindings, uint8_t what, struct p2i_packet *packet)
{
    enum { CLIENT = 40000, SERVER = 1812 };
    uint16_t client = (uint16_t)(CLIENT + (what >> 1 & 7));
    bool answer = (what & 1) != 0;
    packet->ip_version = 4;
    packet->source_port = answer ? SERVER : client;
    packet->destination_port = answer ? client : SERVER;
    p2i_radius_take(bindings, NULL, packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_bindings(data, size, P2I_BOUND_RADIUS, give);
    return 0;
}
