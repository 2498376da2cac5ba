/* SPDX-License-Identifier: MIT */
/* Reads the parts of a QUIC datagram that are not encrypted: long headers (RFC 8999 5.1, RFC
 * 9000 17.2, RFC 9369 3.2). Pure functions; views live as long as the datagram. */
#ifndef P2I_PROTOCOL_QUIC_PACKET_H
#define P2I_PROTOCOL_QUIC_PACKET_H

#include "pcap2ipfix/cursor.h"

/* Versions that protect their Initial packets in the same way. */
enum p2i_quic_family {
    P2I_QUIC_UNKNOWN,
    P2I_QUIC_DRAFT_21, /* and 22 */
    P2I_QUIC_DRAFT_23, /* to 28 */
    P2I_QUIC_DRAFT_29, /* to 32 */
    P2I_QUIC_V1,       /* RFC 9001; drafts 33 and 34 */
    P2I_QUIC_V2,       /* RFC 9369 */
    P2I_QUIC_Q050,     /* Google's, with its own handshake */
    P2I_QUIC_T050,     /* the same with TLS */
    P2I_QUIC_T051,
};
enum { P2I_QUIC_FAMILIES = P2I_QUIC_T051 + 1 };

enum p2i_quic_type {
    P2I_QUIC_INITIAL,
    P2I_QUIC_ZERO_RTT,
    P2I_QUIC_HANDSHAKE,
    P2I_QUIC_RETRY,
};

enum { P2I_QUIC_CID_MAX = 20 }; /* RFC 9000 17.2 */

/* A packet with a long header. */
struct p2i_quic_packet {
    struct p2i_view bytes;       /* from its first byte on, without the packets behind it */
    struct p2i_view destination; /* connection id */
    size_t number_at;            /* offset of the packet number; not for Retry */
    uint32_t version;
    enum p2i_quic_family family;
    enum p2i_quic_type type;
    uint64_t length; /* bytes from number_at on, according to the header */
    bool cut;        /* the datagram ends before the packet does */
};

enum p2i_quic_family p2i_quic_family_of(uint32_t version);

/* True when the bytes begin with a long header of a known version. */
bool p2i_quic_is_long(struct p2i_view bytes);

/* Takes the next packet off the rest of a datagram (RFC 9000 12.2). False: no packet with a long
 * header of a known version follows. */
bool p2i_quic_packet_next(struct p2i_view *datagram, struct p2i_quic_packet *packet);

/* A variable-length integer (RFC 9000 16). */
uint64_t p2i_quic_varint(struct p2i_cursor *cursor);

/* The same for the length of the bytes that follow; limited to one more than are left. */
size_t p2i_quic_length(struct p2i_cursor *cursor);

#endif
