/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/protocols.h"

#include <stddef.h>

#include "base/counts.h"

const struct p2i_protocol_facts *p2i_protocol_facts(enum p2i_protocol_id id)
{
    static const struct p2i_protocol_facts facts[P2I_PROTOCOL_COUNT] = {
        [P2I_ID_UNKNOWN] = {"unknown", UINT16_MAX},
#define PROTOCOL(id, name, number) [P2I_ID_##id] = {name, number},
#include "pcap2ipfix/protocols.def"
#undef PROTOCOL
    };
    return (unsigned)id < P2I_PROTOCOL_COUNT ? &facts[id] : NULL;
}
