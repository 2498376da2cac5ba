/* SPDX-License-Identifier: MIT */
/* The protocols that the program recognises, including those without records of their own, with the
 * numbers that stand for them in records. New protocols come at the end. Everything returned is
 * static. */
#ifndef PCAP2IPFIX_PROTOCOLS_H
#define PCAP2IPFIX_PROTOCOLS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum p2i_protocol_id {
    P2I_ID_UNKNOWN = 0,
#define PROTOCOL(id, name, number) P2I_ID_##id,
#include "pcap2ipfix/protocols.def"
#undef PROTOCOL
};

/* The name and number of a protocol in records. META_PROTO is the id itself. New members come at
 * the end. */
struct p2i_protocol_facts {
    const char *name;
    uint16_t number; /* DPI_PROTOCOL, VDPI_PROTO: the IANA port, else 49152..65534; 65535 unknown */
};

/* NULL: there is no such protocol, so that a loop from 0 ends behind the last one. */
const struct p2i_protocol_facts *p2i_protocol_facts(enum p2i_protocol_id id);

#ifdef __cplusplus
}
#endif
#endif
