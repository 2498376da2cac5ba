/* SPDX-License-Identifier: MIT */
/* Finds the ends of the parts of an XMPP stream: a stanza, the head of the stream, a
 * declaration. It uses the marks of XML alone, byte by byte, and continues where it stopped, so
 * that a part may come in any number of segments and need not be kept. A document type with its
 * entities, which RFC 6120 section 11.1 forbids, is no part of a stream here. */
#ifndef P2I_PROTOCOL_IM_XMPP_SCAN_H
#define P2I_PROTOCOL_IM_XMPP_SCAN_H

#include "pcap2ipfix/view.h"

enum p2i_xmpp_seen {
    P2I_XMPP_MORE,   /* all bytes were looked at, and the part goes on */
    P2I_XMPP_OPENED, /* the start tag of its outermost element has ended; call again */
    P2I_XMPP_ENDED,  /* so has the part */
    P2I_XMPP_BROKEN, /* the next byte can't be there */
};

/* Starts zeroed, at a '<'; so does the next part. */
struct p2i_xmpp_scan {
    uint32_t depth; /* open elements */
    uint8_t place;
    uint8_t mark; /* quote of a value; the character that ends a section, but for '>' */
    uint8_t wanted, count;
};

/* Scans `bytes`, which follow those of the last call, and sets the number scanned in `*used`. */
enum p2i_xmpp_seen p2i_xmpp_scan(struct p2i_xmpp_scan *scan, struct p2i_view bytes, size_t *used);

#endif
