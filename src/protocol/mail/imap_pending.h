/* SPDX-License-Identifier: MIT */
/* Commands of an IMAP session that have not been completed, and the messages of those that append
 * some. Tags tell which command a completion is of (RFC 9051 section 2.2.1). */
#ifndef P2I_PROTOCOL_MAIL_IMAP_PENDING_H
#define P2I_PROTOCOL_MAIL_IMAP_PENDING_H

#include "protocol/mail/imap_line.h"
#include "protocol/mail/mail.h"

enum {
    P2I_IMAP_TAG_MAX = 32,     /* bytes of a tag; what is longer is told by its beginning */
    P2I_IMAP_PENDING_MAX = 16, /* commands whose completion matters */
    P2I_IMAP_MAILS_MAX = 16,   /* messages of all of them */
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
    struct p2i_mail_content *reading; /* of the newest APPEND; its literal is being read */
    uint8_t pending_count;
    uint8_t mail_count;
    uint8_t server; /* enum p2i_direction */
    bool delivered; /* a message was fetched since the last FETCH was complete */
};

/* The mail's record; the mail is freed. NULL is fine. */
void p2i_imap_finish_mail(const struct p2i_parser *parser, const struct p2i_imap_work *work,
                          struct p2i_mail_content *mail, enum p2i_mail_event event);

/* A command whose completion is waited for. Too many: the oldest is not any more. */
void p2i_imap_wait(const struct p2i_parser *parser, struct p2i_imap_work *work,
                   const struct p2i_imap_tag *tag, enum p2i_imap_kind kind);

/* The newest APPEND has one more message, work->reading. */
void p2i_imap_append(const struct p2i_parser *parser, struct p2i_imap_work *work,
                     const struct p2i_packet_info *info);

/* Its messages will not be heard of again. */
void p2i_imap_finish_append(const struct p2i_parser *parser, struct p2i_imap_work *work);

/* The message that is being read, of APPEND, is there as far as it will be. */
void p2i_imap_appended(const struct p2i_parser *parser, struct p2i_imap_work *work);

/* The command with this tag is complete; what it appends has its record then, or when all of it has
 * come. Returns its kind; P2I_IMAP_PLAIN where none waits. */
enum p2i_imap_kind p2i_imap_complete(const struct p2i_parser *parser, struct p2i_imap_work *work,
                                     const struct p2i_imap_tag *tag, bool refused,
                                     const struct p2i_packet_info *info);

/* Emits what is waiting. */
void p2i_imap_end_work(const struct p2i_parser *parser, struct p2i_imap_work *work);

#endif
