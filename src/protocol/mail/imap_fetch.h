/* SPDX-License-Identifier: MIT */
/* FETCH responses of IMAP (RFC 3501 and RFC 9051 section 7.4.2, grammar in section 9): finds the
 * items that are messages or parts of them, and reads ENVELOPE and BODYSTRUCTURE. The owner reads
 * lines and literals. */
#ifndef P2I_PROTOCOL_MAIL_IMAP_FETCH_H
#define P2I_PROTOCOL_MAIL_IMAP_FETCH_H

#include "protocol/mail/mail.h"

/* A message fetched in parts, BODY[]<0>, BODY[]<4096> and so on, one response each. */
struct p2i_imap_partial {
    struct p2i_mail_content *mail; /* belongs to the owner; NULL: none */
    uint64_t number;               /* of the message */
    uint64_t size;                 /* bytes fetched so far */
    bool bytes_lost;               /* bytes were lost since, perhaps a part */
};

/* Use of a literal's bytes. */
enum p2i_imap_use {
    P2I_IMAP_SKIP = 0,
    P2I_IMAP_STRING,  /* p2i_imap_fetch_string(), when it is complete */
    P2I_IMAP_MESSAGE, /* content of fetch->reading */
};

/* A response as far as it has been read; zeroed at its start except for members that the owner
 * sets. */
struct p2i_imap_fetch {
    const struct p2i_packet_info *info; /* of the response; set by the owner for each call */
    struct p2i_imap_partial *partial;   /* set by the owner */
    uint64_t number;                    /* of the message; set by the owner */
    /* The message, which belongs to the owner. NULL: nothing of one so far. */
    struct p2i_mail_content *mail;
    struct p2i_mail_content *reading; /* the message that the literal belongs to */
    struct p2i_text mailbox;          /* of the current address */
    uint64_t begin;                   /* BODY[]<begin>: position of the item in the message */
    uint64_t part_size;               /* bytes of it, with is_partial */
    uint32_t depth;                   /* of parentheses */
    uint8_t item;                     /* enum in imap_fetch.c */
    uint8_t field;                    /* of ENVELOPE */
    uint8_t known_fields;             /* bits: fields that a header gave already */
    uint8_t position;                 /* in an address, or in a list of BODYSTRUCTURE */
    bool at_value;                    /* the item's name has been read */
    bool has_begin;
    bool is_partial; /* `message` has only the first part of its message */
    bool names_file; /* the string before was the name of a file's name */
    bool attachment;
    bool in_section; /* a literal was announced in "BODY[HEADER.FIELDS (" */
    bool half_name;  /* the mailbox is not whole */
    bool broken;     /* the rest cannot be parsed and is skipped */
};

/* Reads `text`: the response behind "* 1 FETCH ", or the bytes behind a literal, up to the end
 * of the line, without the announcement of a literal there. */
void p2i_imap_fetch_read(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                         struct p2i_view text);

/* The same when the rest of the response will not come: the beginning of an unfinished string
 * counts if it is text, not if it is a name. */
void p2i_imap_fetch_cut(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                        struct p2i_view text);

/* Returns the use of the literal that follows. */
enum p2i_imap_use p2i_imap_fetch_literal(const struct p2i_parser *parser,
                                         struct p2i_imap_fetch *fetch, uint64_t size);

/* Takes a quoted string, or one sent as a literal. `whole` false: only its beginning. */
void p2i_imap_fetch_string(const struct p2i_parser *parser, struct p2i_imap_fetch *fetch,
                           struct p2i_view string, bool whole);

#endif
