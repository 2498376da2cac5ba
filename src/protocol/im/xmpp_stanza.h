/* SPDX-License-Identifier: MIT */
/* One part of an XMPP stream, parsed with Expat. Each part is a document of its own here, so
 * that no state of its parser outlives a call; the declarations of the stream's head are assumed:
 * "stream" for streams, no prefix for stanzas (RFC 6120 section 4.8.5). */
#ifndef P2I_PROTOCOL_IM_XMPP_STANZA_H
#define P2I_PROTOCOL_IM_XMPP_STANZA_H

#include "protocol/protocol.h"

enum p2i_xmpp_kind {
    P2I_XMPP_ELSE = 0,
    P2I_XMPP_STREAM, /* the head of a stream */
    P2I_XMPP_MESSAGE,
    P2I_XMPP_PRESENCE,
    P2I_XMPP_IQ,
    P2I_XMPP_AUTH,       /* SASL */
    P2I_XMPP_RESPONSE,   /* SASL */
    P2I_XMPP_SUCCESS,    /* SASL */
    P2I_XMPP_FAILURE,    /* SASL */
    P2I_XMPP_PROCEED,    /* TLS begins */
    P2I_XMPP_COMPRESSED, /* compression begins */
};

/* Views live until p2i_xmpp_stanza_free(); missing values are empty. Names are whole or empty: a
 * name in a text counts when its element has ended. */
struct p2i_xmpp_stanza {
    enum p2i_xmpp_kind kind;
    bool whole;    /* well-formed to its end; otherwise the members come from the bytes before the
                      error or cut */
    bool has_body; /* of a message */
    bool binds;    /* an iq about binding a resource */
    bool logs_in;  /* an iq with a jabber:iq:auth query */
    uint32_t code; /* of an error */
    struct p2i_view from, to, id, type, mechanism; /* attributes of the outermost element */
    struct p2i_view username, password, resource;  /* of jabber:iq:auth */
    struct p2i_view jid;                           /* of a bind */
    uint8_t *text;                                 /* of AUTH and RESPONSE; may be written to */
    size_t text_size;
    uint8_t *memory;
    size_t memory_size;
};

/* The parser of Expat that all sessions of a worker use: open() and close() of the protocol's
 * family. */
void *p2i_xmpp_open_reader(const struct p2i_parse_settings *settings);
void p2i_xmpp_close_reader(void *reader);

/* Parses `bytes`, which p2i_xmpp_scan() found to be a part or the beginning of one. Returns
 * false when nothing can be read. */
bool p2i_xmpp_read(const struct p2i_parser *parser, struct p2i_view bytes,
                   struct p2i_xmpp_stanza *stanza);

void p2i_xmpp_stanza_free(const struct p2i_parser *parser, struct p2i_xmpp_stanza *stanza);

#endif
