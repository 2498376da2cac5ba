/* SPDX-License-Identifier: MIT */
/* Who is at the ends of an XMPP stream, and how the client logs in: by SASL (RFC 6120 section 6) or
 * jabber:iq:auth (XEP-0078). A login gives its record when its result comes, or when the next one
 * begins; what of it is cut is read as far as it goes, and marks it. */
#ifndef P2I_PROTOCOL_IM_XMPP_SESSION_H
#define P2I_PROTOCOL_IM_XMPP_SESSION_H

#include "protocol/im/xmpp_stanza.h"
#include "protocol/mail/text.h"

enum {
    P2I_IM_XMPP = 7,            /* IM_PROTOCOL */
    P2I_XMPP_STRING_MAX = 4096, /* bytes of a string that is kept */
    P2I_XMPP_UNAUTHORISED = 401,
};

struct p2i_xmpp_login;

/* Zeroed at the start. */
struct p2i_xmpp_session {
    struct p2i_xmpp_login *login; /* that waits for its result; NULL none */
    struct p2i_text jid;          /* of the client, with its resource once that is known */
    struct p2i_text domain;       /* of the server */
    bool client_known;
    uint8_t client; /* enum p2i_direction */
};

/* One part of a stream, which the segment begins with. */
struct p2i_xmpp_part {
    const struct p2i_stream_segment *segment;
    enum p2i_completeness completeness;
};

enum p2i_direction p2i_xmpp_client_of(const struct p2i_parser *parser,
                                      const struct p2i_xmpp_session *session);

/* Is it worth reading whom the server addresses? */
bool p2i_xmpp_is_learning(const struct p2i_parser *parser, const struct p2i_xmpp_session *session,
                          enum p2i_direction sender);

/* What the server or a stanza of its says about the client. */
void p2i_xmpp_set_client(const struct p2i_parser *parser, struct p2i_xmpp_session *session,
                         struct p2i_view jid);
void p2i_xmpp_note_client(struct p2i_xmpp_session *session, enum p2i_direction client);

void p2i_xmpp_take_auth(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                        const struct p2i_xmpp_part *part, struct p2i_xmpp_stanza *stanza);
void p2i_xmpp_take_response(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                            const struct p2i_xmpp_part *part, struct p2i_xmpp_stanza *stanza);

/* The server's answer to SASL. */
void p2i_xmpp_take_outcome(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                           const struct p2i_stream_segment *segment, uint32_t result);

/* An iq with jabber:iq:auth. */
void p2i_xmpp_take_iq_login(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                            const struct p2i_xmpp_part *part, const struct p2i_xmpp_stanza *stanza);

/* True when the iq answers the login that waits, which it ends. */
bool p2i_xmpp_take_iq_answer(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                             const struct p2i_xmpp_part *part,
                             const struct p2i_xmpp_stanza *stanza);

/* A new stream of this direction's: the client begins again when it is logged in (RFC 6120 section
 * 6.4.6). */
void p2i_xmpp_begin_stream(struct p2i_parser *parser, struct p2i_xmpp_session *session,
                           const struct p2i_stream_segment *segment,
                           const struct p2i_xmpp_stanza *stanza);

/* The login that waits has no result; gives memory back. */
void p2i_xmpp_session_end(struct p2i_parser *parser, struct p2i_xmpp_session *session);

#endif
