/* SPDX-License-Identifier: MIT */
/* Reads Google's QUIC before the IETF's ("QUIC Wire Layout Specification", "QUIC Crypto"), Q024
 * to Q046 and Q050: its own handshake, with the client's hello in the clear. Pure functions;
 * views live as long as the bytes. */
#ifndef P2I_PROTOCOL_QUIC_GOOGLE_H
#define P2I_PROTOCOL_QUIC_GOOGLE_H

#include "pcap2ipfix/view.h"

struct p2i_google_hello {
    struct p2i_view host;       /* SNI; empty when there is none */
    struct p2i_view user_agent; /* UAID */
};

/* True for a packet that names its version, Q024 to Q043 or Q046. */
bool p2i_google_is_packet(struct p2i_view datagram);

/* Size of its header, with the hash that protects it, as far as it is there. */
size_t p2i_google_header_size(struct p2i_view datagram);

/* The bytes of a stream in the first frame of such a packet; empty: it has none. */
struct p2i_view p2i_google_stream(struct p2i_view datagram);

/* True when the bytes begin a hello ("CHLO"). */
bool p2i_google_is_hello(struct p2i_view message);

/* Size of a hello; SIZE_MAX: not known yet. */
size_t p2i_google_hello_size(struct p2i_view message);

/* Reads a hello. A cut one (not `whole`) gives the fields before the cut: the name whole or not
 * at all, the agent as far as it goes. False: less than the header before its table, or the
 * table of a whole hello does not fit into it. */
bool p2i_google_hello_read(struct p2i_view message, bool whole, struct p2i_google_hello *hello);

#endif
