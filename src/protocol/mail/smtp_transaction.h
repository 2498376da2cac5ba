/* SPDX-License-Identifier: MIT */
/* Mail transactions of an SMTP or LMTP session (RFC 5321 section 3.3), driven by the server's
 * replies, which come in the order of the commands.
 *
 * Commands are grouped in spans. A span begins with a command that may end one transaction or
 * begin another (MAIL, EHLO, RSET, QUIT, STARTTLS), or behind the end of a message. If the server
 * accepts that command, the transaction before is over and the span counts; if it refuses it, the
 * rest of the span belongs to the transaction before. A command that is never answered counts as
 * accepted. */
#ifndef P2I_PROTOCOL_MAIL_SMTP_TRANSACTION_H
#define P2I_PROTOCOL_MAIL_SMTP_TRANSACTION_H

#include "protocol/mail/mail.h"

/* Kinds of commands that a reply may answer. */
enum p2i_smtp_expected {
    P2I_SMTP_FOR_NOTHING = 0,
    P2I_SMTP_FOR_ANYTHING, /* a command whose reply is not needed */
    P2I_SMTP_FOR_RCPT,
    P2I_SMTP_FOR_DATA,
    P2I_SMTP_FOR_CHUNK,   /* BDAT that is not the last */
    P2I_SMTP_FOR_CONTENT, /* the end of a message, or the last BDAT */
    P2I_SMTP_FOR_AUTH,
    /* Each of these begins a span. */
    P2I_SMTP_FOR_MAIL,
    P2I_SMTP_FOR_HELLO,
    P2I_SMTP_FOR_RESET, /* RSET, QUIT */
    P2I_SMTP_FOR_STARTTLS,
};

/* A span. `sender` and `receivers` of its mail are the envelope. */
struct p2i_smtp_span {
    struct p2i_mail_content mail;
    struct p2i_smtp_span *next;
    struct p2i_text name;       /* of HELLO: the client's name */
    struct p2i_text recipients; /* for each recipient tried: a mark, the address, a line feed */
    uint32_t answered;          /* bytes of `recipients` that are answered */
    uint32_t tried;
    uint32_t listed; /* of those */
    uint32_t refused;
    uint32_t deliveries; /* replies to the content so far; LMTP gives one for each recipient */
    uint32_t rcpt_code;  /* code that refused the first recipient */
    uint32_t data_code;  /* code that refused DATA, or with which the server closed */
    uint8_t begun_by;    /* enum p2i_smtp_expected; FOR_CONTENT: the end of a message; FOR_NOTHING:
                            no command, or one that was refused */
    bool lmtp;           /* of HELLO: it is LHLO */
    bool missed;         /* it may belong to a transaction whose beginning was not seen */
    bool asked;          /* the server wants the content */
    bool ended;          /* the content is complete */
    bool over;           /* its record was emitted */
};

/* Starts zeroed; ends with p2i_smtp_free_work(). */
struct p2i_smtp_work {
    struct p2i_mail_queue queue; /* of enum p2i_smtp_expected */
    struct p2i_mail_hosts hosts;
    struct p2i_smtp_span *now; /* the span that the last reply belongs to; NULL: none to remember */
    struct p2i_smtp_span *waiting; /* spans whose first command has no reply yet, in order */
    uint8_t span_count;            /* of both */
    uint8_t client;                /* enum p2i_direction */
    bool lmtp;
    bool missed;       /* the next commands may belong to a transaction that began unseen */
    bool replies_lost; /* replies were lost, and the parser has not resynchronised */
    bool hanging_up;   /* the last reply was 421: it is the last of all (RFC 5321 section 3.8) */
    bool left;         /* one side has ended the connection */
};

/* ---- lines of the client ---- */

/* Returns the span that commands are added to; NULL when there is none. */
struct p2i_smtp_span *p2i_smtp_newest(const struct p2i_smtp_work *work);

/* Returns that span, or a new one. `info`: packet info of a command of the transaction. NULL:
 * out of memory. */
struct p2i_smtp_span *p2i_smtp_current(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                       const struct p2i_packet_info *info);

/* Begins a span with its first command. Returns NULL when out of memory. */
struct p2i_smtp_span *p2i_smtp_begin(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                     enum p2i_smtp_expected kind,
                                     const struct p2i_packet_info *info);

/* Adds a recipient; `address` empty: unknown. */
void p2i_smtp_try(const struct p2i_parser *parser, struct p2i_smtp_span *span,
                  struct p2i_view address);

/* Adds any other command: one more reply is expected. */
void p2i_smtp_expect(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                     enum p2i_smtp_expected kind);

/* Notes that bytes of the client were lost. */
void p2i_smtp_miss(const struct p2i_parser *parser, struct p2i_smtp_work *work);

/* ---- lines of the server ---- */

/* Takes the reply to the oldest command, removes that command from the queue and returns it. The
 * end of a message stays in the queue until LMTP has answered for each recipient. Code 0: the reply
 * was not seen. */
enum p2i_smtp_expected p2i_smtp_answer(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                       uint32_t code);

/* Gives up all commands but the newest `rest`: their replies will not be seen. */
void p2i_smtp_settle(const struct p2i_parser *parser, struct p2i_smtp_work *work, uint32_t rest);

/* A chunk was refused, which ends the transaction. */
void p2i_smtp_refuse_chunk(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                           uint32_t code);

/* The connection is secured: earlier commands do not count (RFC 3207 section 4.2). */
void p2i_smtp_forget(const struct p2i_parser *parser, struct p2i_smtp_work *work);

/* Emits the records of all open transactions. */
void p2i_smtp_free_work(const struct p2i_parser *parser, struct p2i_smtp_work *work);

#endif
