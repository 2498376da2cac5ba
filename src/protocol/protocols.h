/* SPDX-License-Identifier: MIT */
/* All protocols that are parsed, and the facts about single protocols that other rooms ask for. */
#ifndef P2I_PROTOCOL_PROTOCOLS_H
#define P2I_PROTOCOL_PROTOCOLS_H

#include "protocol/protocol.h"

extern const struct p2i_protocol p2i_http;  /* RFC 9112 */
extern const struct p2i_protocol p2i_tls;   /* RFC 8446, 5246, 6101 */
extern const struct p2i_protocol p2i_sip;   /* RFC 3261 */
extern const struct p2i_protocol p2i_dns;   /* RFC 1035 */
extern const struct p2i_protocol p2i_quic;  /* RFC 9000, 9001, 9369 */
extern const struct p2i_protocol p2i_ftp;   /* RFC 959, 2228, 2428, 4217 */
extern const struct p2i_protocol p2i_smtp;  /* RFC 5321, 3030, 2033 */
extern const struct p2i_protocol p2i_pop3;  /* RFC 1939, 2595 */
extern const struct p2i_protocol p2i_imap;  /* RFC 3501, 9051 */
extern const struct p2i_protocol p2i_xmpp;  /* RFC 6120 */
extern const struct p2i_protocol p2i_oscar; /* ICQ and AIM */

/* Never probed: HTTP hands over to it. */
extern const struct p2i_protocol p2i_websocket; /* RFC 6455, 7692 */

/* In the order in which they are probed; NULL-terminated; static. */
extern const struct p2i_protocol *const p2i_protocols[];

/* Settings of parsers; one object for a run. */
struct p2i_parse_settings {
    bool dns_queries;         /* a record for each query */
    bool dns_answers;         /* records for responses */
    bool dns_empty_responses; /* a record for a response without an answer */
    bool multicast_dns;       /* mDNS and LLMNR too */
};

/* Does a parser read this protocol, so that it may give records? `id` is an enum p2i_protocol_id.
 */
bool p2i_is_parsed(uint8_t id);
/* Is the protocol encrypted, so that nothing in it can be read? */
bool p2i_is_encrypted(uint8_t id);

/* Is the urgent byte of TCP part of the stream, in a session that no parser reads? `id` is an enum
 * p2i_protocol_id, P2I_ID_UNKNOWN included. */
bool p2i_keeps_urgent(uint8_t id, const struct p2i_ends *ends);

/* May an announced session (protocol/ftp/announcement.h) use this port at the end that did not
 * announce one? The connecting host chooses it; services below 1024 open no session for a transfer,
 * except from the port that the standard names (RFC 959 section 3.2). */
static inline bool p2i_may_connect_from(uint16_t port)
{
    enum { FTP_DATA = 20, RESERVED = 1024 };
    return port == FTP_DATA || port >= RESERVED;
}

/* May a session between these ports announce another one, or be announced? */
static inline bool p2i_may_announce(const uint16_t port[2])
{
    enum { FTP = 21 };
    uint16_t low = port[0] < port[1] ? port[0] : port[1];
    return low == FTP || p2i_may_connect_from(low);
}

#endif
