/* SPDX-License-Identifier: MIT */
/* The list of protocols, in the order in which they are asked. */
#ifndef P2I_PROTOCOL_PROTOCOLS_H
#define P2I_PROTOCOL_PROTOCOLS_H

#include "protocol/protocol.h"

extern const struct p2i_protocol p2i_http;  /* http.c: RFC 9112 */
extern const struct p2i_protocol p2i_tls;   /* tls.c: RFC 8446, 5246, 6101 */
extern const struct p2i_protocol p2i_sip;   /* sip.c: RFC 3261 */
extern const struct p2i_protocol p2i_dns;   /* dns.c: RFC 1035 */
extern const struct p2i_protocol p2i_quic;  /* quic.c: RFC 9000, 9001, 9369 */
extern const struct p2i_protocol p2i_ftp;   /* ftp.c: RFC 959, 2228, 2428, 4217 */
extern const struct p2i_protocol p2i_smtp;  /* smtp.c: RFC 5321, 3030, 2033 */
extern const struct p2i_protocol p2i_pop3;  /* pop3.c: RFC 1939, 2595 */
extern const struct p2i_protocol p2i_imap;  /* imap.c: RFC 3501, 9051 */
extern const struct p2i_protocol p2i_xmpp;  /* xmpp.c: RFC 6120 */
extern const struct p2i_protocol p2i_oscar; /* oscar.c: ICQ and AIM */

/* Asked by nobody: HTTP hands over to it. */
extern const struct p2i_protocol p2i_websocket; /* websocket.c: RFC 6455, 7692 */

/* NULL-terminated; static. */
extern const struct p2i_protocol *const p2i_protocols[];

#endif
