/* SPDX-License-Identifier: MIT */
/* Mail transactions of an SMTP or LMTP session (RFC 5321 section 3.3): the messages under way, and
 * what the server's replies, which come in the order of the commands, do to them. */
#ifndef P2I_PROTOCOL_SMTP_TRANSACTION_H
#define P2I_PROTOCOL_SMTP_TRANSACTION_H

#include "protocol/mail.h"

/* What a reply answers. */
enum p2i_smtp_expected {
    P2I_SMTP_FOR_NOTHING = 0,
    P2I_SMTP_FOR_ANYTHING, /* a command whose reply does not matter */
    P2I_SMTP_FOR_MAIL,
    P2I_SMTP_FOR_RCPT,
    P2I_SMTP_FOR_DATA,
    P2I_SMTP_FOR_CHUNK,   /* BDAT that is not the last */
    P2I_SMTP_FOR_CONTENT, /* the end of a message */
    P2I_SMTP_FOR_RESET,   /* a command that ended a transaction */
    P2I_SMTP_FOR_STARTTLS,
    P2I_SMTP_FOR_AUTH,
};

/* Starts zeroed; ends with p2i_smtp_free_work(). */
struct p2i_smtp_work {
    struct p2i_mail_queue queue; /* of enum p2i_smtp_expected */
    struct p2i_mail_hosts hosts;
    struct p2i_letter *letters; /* the oldest first; the newest may still be added to */
    uint8_t letter_count;
    uint8_t client; /* enum p2i_direction */
    bool lmtp;
    bool replies_lost; /* until the server is followed again */
};

/* The transaction that is under way; NULL when none is. */
struct p2i_letter *p2i_smtp_current(const struct p2i_smtp_work *work);

/* A new transaction; the one under way is over. NULL: memory is out. */
struct p2i_letter *p2i_smtp_begin(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                  const struct p2i_origin *origin);

/* The one under way, or a new one, whose beginning was missed. */
struct p2i_letter *p2i_smtp_current_or_new(const struct p2i_parser *parser,
                                           struct p2i_smtp_work *work,
                                           const struct p2i_origin *origin);

/* The client waits for the reply to one more command. */
void p2i_smtp_expect(struct p2i_smtp_work *work, enum p2i_smtp_expected kind);

/* It has sent a command that ends the transaction under way, if there is one. */
void p2i_smtp_reset(struct p2i_smtp_work *work);

/* The content of the message under way is complete. `deaf`: no reply will be seen. */
void p2i_smtp_sent(const struct p2i_parser *parser, struct p2i_smtp_work *work, bool deaf);

/* What the oldest command, taken off the queue, is answered. The content's end stays on the queue
 * until LMTP has answered for each recipient. */
enum p2i_smtp_expected p2i_smtp_answer(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                       uint32_t code);

/* The message under way was refused, perhaps. */
void p2i_smtp_refuse(struct p2i_smtp_work *work, uint32_t code);

/* Finds out again which command a reply answers, behind replies that were lost. */
void p2i_smtp_follow_again(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                           uint32_t code);

/* Emits what is waiting. */
void p2i_smtp_free_work(const struct p2i_parser *parser, struct p2i_smtp_work *work);

#endif
