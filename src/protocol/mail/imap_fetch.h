/* SPDX-License-Identifier: MIT */
/* FETCH responses of IMAP (RFC 3501 and RFC 9051 section 7.4.2, grammar in section 9): which of
 * their items are (parts of) a message, and what ENVELOPE and BODYSTRUCTURE say. The owner reads
 * lines and literals. */
#ifndef P2I_PROTOCOL_MAIL_IMAP_FETCH_H
#define P2I_PROTOCOL_MAIL_IMAP_FETCH_H

#include "protocol/mail/mail.h"

/* A message that is fetched in parts, BODY[]<0>, BODY[]<4096> and so on, one response each. */
struct p2i_imap_partial {
    struct p2i_mail_content *mail; /* NULL: there is none. The owner's */
    uint64_t number;               /* of the message */
    uint64_t size;                 /* bytes fetched so far */
    bool bytes_lost;               /* since: a part may have been among them */
};

/* What is done with the bytes of a literal. */
enum p2i_imap_use {
    P2I_IMAP_SKIP = 0,
    P2I_IMAP_STRING,  /* p2i_imap_fetch_string(), when it is complete */
    P2I_IMAP_MESSAGE, /* content of fetch->reading */
};

/* One response as far as it has been read; zeroed at its start but for what the owner sets. */
struct p2i_imap_fetch {
    const struct p2i_packet_info *info; /* of the response; set by the owner for each call */
    struct p2i_imap_partial *partial;   /* set by the owner */
    uint64_t number;                    /* of the message; set by the owner */
    struct p2i_mail_content *mail;      /* the message; NULL: nothing of one so far. The owner's */
    struct p2i_mail_content *reading;   /* the one that the literal belongs to */
    struct p2i_text mailbox;            /* of the address that is being read */
    uint64_t begin;                     /* BODY[]<begin>: where in the message the item begins */
    uint64_t part_size;                 /* bytes of it, with is_partial */
    uint32_t depth;                     /* of parentheses */
    uint8_t item;                       /* enum in imap_fetch.c */
    uint8_t field;                      /* of ENVELOPE */
    uint8_t known_fields;               /* bits: that a header gave already */
    uint8_t position;                   /* in an address, or in a list of BODYSTRUCTURE */
    bool at_value;                      /* the name of the item has been read */
    bool has_begin;
    bool is_partial; /* the mail has only the first part of its message */
    bool names_file; /* the string before was the name of a file's name */
    bool attachment;
    bool in_section; /* a literal was announced in "BODY[HEADER.FIELDS (" */
    bool half_name;  /* the mailbox is not whole */
    bool broken;     /* what cannot be understood is not read on */
};

/* `text` is the response behind "* 1 FETCH ", or what follows a literal, up to the line's end,
 * without the announcement of a literal there. */
void p2i_imap_fetch_read(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                         struct p2i_view text);

/* The same where the rest of the response will not come: of a string that has no end the beginning
 * is taken if it is a text, and not if it is a name. */
void p2i_imap_fetch_cut(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                        struct p2i_view text);

/* A literal follows. */
enum p2i_imap_use p2i_imap_fetch_literal(const struct p2i_parser *parser,
                                         struct p2i_imap_fetch *fetch, uint64_t size);

/* A string in quotes, or one that was sent as a literal. `whole` false: it is the beginning of it.
 */
void p2i_imap_fetch_string(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                           struct p2i_view string, bool whole);

#endif
