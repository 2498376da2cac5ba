/* SPDX-License-Identifier: MIT */
/* The state of an IMAP session, shared by the readers of its two directions. */
#ifndef P2I_PROTOCOL_MAIL_IMAP_SESSION_H
#define P2I_PROTOCOL_MAIL_IMAP_SESSION_H

#include "protocol/mail/imap_fetch.h"
#include "protocol/mail/imap_pending.h"

enum {
    P2I_IMAP_LINE_MAX = 32 << 10, /* of a response; ENVELOPE may be long */
};

enum p2i_imap_client_phase {
    P2I_IMAP_IN_COMMAND = 0,
    P2I_IMAP_BEHIND_COUNT, /* undecided whether the literal follows */
    P2I_IMAP_IN_LITERAL,
};

struct p2i_imap_client {
    struct p2i_mail_lines lines;
    uint64_t left; /* bytes of the literal to come */
    uint8_t phase;
    uint8_t kind; /* of the current command */
    struct p2i_imap_tag tag;
    bool mid_command;   /* behind a literal */
    bool wants_mailbox; /* the first literal of an APPEND names the mailbox */
    bool go_on;         /* the server sent "+" */
    bool behind_gap;    /* no bytes since; a line may begin here */
    bool waits;         /* bytes wait behind the announcement of a literal */
    bool word_lost;     /* the server's answer to the announced literal was lost */
};

struct p2i_imap_server {
    struct p2i_mail_lines lines;
    struct p2i_imap_fetch fetch;
    struct p2i_imap_partial partial;
    struct p2i_packet_info info; /* of the response */
    struct p2i_text string;      /* the literal being collected */
    uint64_t left;               /* bytes of the literal to come */
    uint8_t use;                 /* enum p2i_imap_use */
    bool string_cut;             /* the rest of it cannot be kept */
    bool behind_gap;             /* as in the client */
    bool in_literal;
    bool mid_response; /* behind a literal */
    bool in_fetch;
    bool greeted;
    bool ended;
};

struct p2i_imap_session {
    struct p2i_imap_client client;
    struct p2i_imap_server server;
    struct p2i_imap_work work;
    bool server_known;
    bool secured; /* STARTTLS was accepted, and no bytes since */
};

/* ---- imap.c ---- */

/* Decides whether a line begins behind the gap, which often is a lost segment. `*behind_gap` and
 * `*lines` are those of the direction. Returns false when more bytes are needed. */
bool p2i_imap_follow_again(const struct p2i_parser *parser,
                           const struct p2i_stream_segment *segment, bool *behind_gap,
                           struct p2i_mail_lines *lines);

/* ---- imap_client.c ---- */

struct p2i_step p2i_imap_client_turn(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment);

/* The announced literal will not be sent (RFC 9051 section 4.3). */
void p2i_imap_refuse_literal(struct p2i_imap_session *imap);

/* `missing` bytes of the client were lost behind segment->bytes. */
void p2i_imap_client_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         uint64_t missing);

/* The rest of the client's current message will not come. */
void p2i_imap_cut_append(struct p2i_parser *parser);

/* ---- imap_server.c ---- */

struct p2i_step p2i_imap_server_turn(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment);

/* The message fetched in parts is complete, or given up. */
void p2i_imap_finish_partial(struct p2i_parser *parser);

/* `missing` bytes of the server were lost behind segment->bytes. */
void p2i_imap_server_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         uint64_t missing);

/* The rest of the response will not come; segment->bytes are the unfinished line. */
void p2i_imap_cut_response(struct p2i_parser *parser, const struct p2i_stream_segment *segment);

#endif
