/* SPDX-License-Identifier: MIT */
/* The two ends of an XMPP stream, and the client's login by SASL (RFC 6120 section 6) or
 * jabber:iq:auth (XEP-0078). A login gives its record when its result comes, or when the next one
 * begins. A cut login is read as far as it goes, and its record is marked. */
#ifndef P2I_PROTOCOL_IM_XMPP_SESSION_H
#define P2I_PROTOCOL_IM_XMPP_SESSION_H

#include "protocol/im/xmpp_stanza.h"
#include "protocol/mail/text.h"

enum {
    P2I_IM_XMPP = 7,            /* IM_PROTOCOL */
    P2I_XMPP_STRING_MAX = 4096, /* limit of stored strings, in bytes */
    P2I_XMPP_UNAUTHORISED = 401,
};

struct p2i_xmpp_login;

/* Zeroed at the start. */
struct p2i_xmpp_session {
    struct p2i_xmpp_login *login; /* without a result yet; NULL none */
    struct p2i_text jid;          /* of the client, with its resource once that is known */
    struct p2i_text domain;       /* of the server */
    bool client_known;
    uint8_t client; /* enum p2i_direction */
};

/* A part of a stream, at the start of the segment. */
struct p2i_xmpp_part {
    const struct p2i_stream_segment *segment;
    enum p2i_completeness completeness;
};

enum p2i_direction p2i_xmpp_client_of(const struct p2i_parser *parser,
                                      const struct p2i_xmpp_session *session);

/* True when the addressees of the server's stanzas are still needed. */
bool p2i_xmpp_is_learning(const struct p2i_parser *parser, const struct p2i_xmpp_session *session,
                          enum p2i_direction sender);

/* Learns about the client from the server, or from a stanza of it. */
void p2i_xmpp_set_client(const struct p2i_parser *parser, struct p2i_xmpp_session *session,
                         struct p2i_view jid);
void p2i_xmpp_note_client(struct p2i_xmpp_session *session, enum p2i_direction client);

void p2i_xmpp_take_auth(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                        const struct p2i_xmpp_part *part, struct p2i_xmpp_stanza *stanza);
void p2i_xmpp_take_response(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                            const struct p2i_xmpp_part *part, struct p2i_xmpp_stanza *stanza);

/* Takes the server's answer to SASL. */
void p2i_xmpp_take_outcome(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                           const struct p2i_stream_segment *segment, uint32_t result);

/* Takes an iq with jabber:iq:auth. */
void p2i_xmpp_take_iq_login(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                            const struct p2i_xmpp_part *part, const struct p2i_xmpp_stanza *stanza);

/* Returns true when the iq answers the open login, which it ends. */
bool p2i_xmpp_take_iq_answer(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                             const struct p2i_xmpp_part *part,
                             const struct p2i_xmpp_stanza *stanza);

/* Begins a new stream of this direction: the client begins again after logging in (RFC 6120
 * section 6.4.6). */
void p2i_xmpp_begin_stream(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                           const struct p2i_stream_segment *segment,
                           const struct p2i_xmpp_stanza *stanza);

/* Ends the open login without a result and frees memory. */
void p2i_xmpp_session_end(struct p2i_parser *parser, struct p2i_xmpp_session *session);

#endif
