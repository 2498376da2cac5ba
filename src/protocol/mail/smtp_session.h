/* SPDX-License-Identifier: MIT */
/* The state of an SMTP session, shared by the readers of its two directions. */
#ifndef P2I_PROTOCOL_MAIL_SMTP_SESSION_H
#define P2I_PROTOCOL_MAIL_SMTP_SESSION_H

#include "protocol/mail/smtp_transaction.h"

enum {
    P2I_SMTP_UNPLACED_MAX = 32, /* replies kept behind a loss until their commands are known */
};

enum p2i_smtp_phase {
    P2I_SMTP_IN_COMMANDS = 0,
    P2I_SMTP_BEHIND_DATA, /* undecided whether a message follows */
    P2I_SMTP_IN_CONTENT,
    P2I_SMTP_BEHIND_BDAT, /* refused before its chunk: undecided whether the chunk follows */
    P2I_SMTP_IN_CHUNK,
};

struct p2i_smtp_session {
    struct p2i_mail_lines lines[2];
    struct p2i_smtp_work work;
    uint64_t chunk_size;    /* bytes of this BDAT */
    uint64_t chunk_left;    /* of these, the ones not seen yet */
    uint32_t chunk_refused; /* code of a refusal that came before its end; 0: none */
    uint16_t unplaced[P2I_SMTP_UNPLACED_MAX]; /* codes of replies */
    uint8_t unplaced_count;
    uint8_t phase;  /* enum p2i_smtp_phase, of the client */
    uint8_t server; /* enum p2i_direction */
    bool server_known;
    bool greeted;
    bool last_chunk;
    bool had_content;   /* there were chunks before this one */
    bool bare_lf;       /* the client's lines end without CR */
    bool client_waits;  /* bytes wait behind DATA */
    bool go_on;         /* DATA was answered with 354 */
    bool data_missed;   /* there was a 354, but no DATA */
    bool challenged;    /* the client's next line answers a 334 to AUTH */
    bool commands_lost; /* commands were lost, and the parser has not resynchronised */
    bool server_ended;  /* no more replies will come */
    bool secured;       /* STARTTLS was accepted, and no bytes since */
};

/* ---- smtp_client.c ---- */

struct p2i_step p2i_smtp_client_turn(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment);

/* The message, or its last chunk, has been sent. */
void p2i_smtp_end_content(struct p2i_parser *parser, const struct p2i_stream_segment *segment);

/* `missing` bytes of the client were lost behind segment->bytes. */
void p2i_smtp_client_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         uint64_t missing);

/* The client's direction has ended; segment->bytes are its unfinished rest. */
void p2i_smtp_client_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment);

/* ---- smtp_server.c ---- */

struct p2i_step p2i_smtp_server_turn(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment);

/* The client sends more: the replies kept behind a loss answered its newest commands. */
void p2i_smtp_place_replies(struct p2i_parser *parser);

#endif
