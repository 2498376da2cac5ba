/* SPDX-License-Identifier: MIT */
/* Commands of an IMAP session that are not completed yet, and the messages of APPEND commands
 * among them. A completion names its command by tag (RFC 9051 section 2.2.1). */
#ifndef P2I_PROTOCOL_MAIL_IMAP_PENDING_H
#define P2I_PROTOCOL_MAIL_IMAP_PENDING_H

#include "protocol/mail/imap_line.h"
#include "protocol/mail/mail.h"

enum {
    P2I_IMAP_TAG_MAX = 32,     /* bytes of a tag; longer tags are compared by their beginning */
    P2I_IMAP_PENDING_MAX = 16, /* pending commands */
    P2I_IMAP_MAILS_MAX = 16,   /* messages of all pending commands */
};

struct p2i_imap_tag {
    uint8_t size;
    uint8_t bytes[P2I_IMAP_TAG_MAX];
};

static inline struct p2i_imap_tag p2i_imap_tag_of(struct p2i_view text)
{
    struct p2i_imap_tag tag = {0};
    text = p2i_view_first(text, P2I_IMAP_TAG_MAX);
    tag.size = (uint8_t)text.size;
    if (text.size > 0) {
        memcpy(tag.bytes, text.data, text.size);
    }
    return tag;
}

static inline bool p2i_imap_same_tag(const struct p2i_imap_tag *a, const struct p2i_imap_tag *b)
{
    return p2i_view_equals(p2i_view_of(a->bytes, a->size), p2i_view_of(b->bytes, b->size));
}

struct p2i_imap_pending {
    struct p2i_mail_content *mails; /* of APPEND, the oldest first */
    uint8_t kind;                   /* enum p2i_imap_kind */
    uint8_t code;                   /* of RESULT_CODE */
    bool complete;                  /* the completion came in the middle of a message of APPEND */
    struct p2i_imap_tag tag;
};

/* Starts zeroed; ends with p2i_imap_end_work(). */
struct p2i_imap_work {
    struct p2i_imap_pending pending[P2I_IMAP_PENDING_MAX]; /* the oldest first */
    struct p2i_mail_hosts hosts;
    struct p2i_mail_content *reading; /* of the newest APPEND, whose literal is being read */
    uint8_t pending_count;
    uint8_t mail_count;
    uint8_t server; /* enum p2i_direction */
    bool delivered; /* a message was fetched since the last completed FETCH */
};

/* Emits the mail's record and frees the mail. NULL is fine. */
void p2i_imap_finish_mail(const struct p2i_parser *parser, const struct p2i_imap_work *work,
                          struct p2i_mail_content *mail, enum p2i_mail_event event);

/* Adds a pending command. When there are too many, the oldest is dropped. */
void p2i_imap_wait(const struct p2i_parser *parser, struct p2i_imap_work *work,
                   const struct p2i_imap_tag *tag, enum p2i_imap_kind kind);

/* Adds a message, work->reading, to the newest APPEND. */
void p2i_imap_append(const struct p2i_parser *parser, struct p2i_imap_work *work,
                     const struct p2i_packet_info *info);

/* Emits the messages of the newest APPEND: no completion will come. */
void p2i_imap_finish_append(const struct p2i_parser *parser, struct p2i_imap_work *work);

/* The current message of APPEND is complete, or no more of it will come. */
void p2i_imap_appended(const struct p2i_parser *parser, struct p2i_imap_work *work);

/* Completes the command with this tag and emits the messages that it appends, as soon as each is
 * complete. Returns its kind; P2I_IMAP_PLAIN when none is pending. */
enum p2i_imap_kind p2i_imap_complete(const struct p2i_parser *parser, struct p2i_imap_work *work,
                                     const struct p2i_imap_tag *tag, bool refused,
                                     const struct p2i_packet_info *info);

/* Emits all pending messages. */
void p2i_imap_end_work(const struct p2i_parser *parser, struct p2i_imap_work *work);

#endif
