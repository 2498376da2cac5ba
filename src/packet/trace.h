/* SPDX-License-Identifier: MIT */
/* Where the decoder met the headers of a frame, outermost first: for who changes frames. A caller
 * that needs no trace pays a test for each header. */
#ifndef P2I_PACKET_TRACE_H
#define P2I_PACKET_TRACE_H

#include "packet/packet.h"

enum p2i_trace_kind {
    P2I_TRACE_MAC,       /* 6 bytes */
    P2I_TRACE_IPV4,      /* a packet; `length` is that of its header */
    P2I_TRACE_IPV6,      /* the same, without extensions */
    P2I_TRACE_TCP,       /* a header with options, then the payload */
    P2I_TRACE_UDP,       /* the same without options; also of a tunnel */
    P2I_TRACE_TRANSPORT, /* what another transport protocol sends, from its header on */
    P2I_TRACE_FRAGMENT,  /* the data of a fragment */
    P2I_TRACE_JOINED,    /* a reassembled packet, from its IP header on; what follows is in it */
    P2I_TRACE_GRE,       /* a header and its contents */
    P2I_TRACE_NUMBERS,   /* of a link or tunnel header: ids, lengths, counters, no addresses */
};

/* A header. Views as of struct p2i_packet. */
struct p2i_trace_header {
    struct p2i_view bytes; /* as captured, with what belongs to it */
    uint32_t length; /* the same on the wire; IP: see above; FRAGMENT: offset of the data; JOINED:
                        size of the IP header */
    uint32_t identification; /* FRAGMENT */
    uint8_t kind;            /* enum p2i_trace_kind */
    uint8_t protocol;        /* TRANSPORT, FRAGMENT: IP protocol number */
};

enum { P2I_TRACE_MAX = 64 }; /* headers; further ones are not noted, and `full` is set */

struct p2i_trace {
    struct p2i_trace_header headers[P2I_TRACE_MAX];
    size_t count;
    bool full;
};

#endif
