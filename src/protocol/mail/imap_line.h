/* SPDX-License-Identifier: MIT */
/* What lines of IMAP say as far as it matters to mail (RFC 9051 sections 2.2 and 6). Pure
 * functions; the views they give lie in the line. */
#ifndef P2I_PROTOCOL_MAIL_IMAP_LINE_H
#define P2I_PROTOCOL_MAIL_IMAP_LINE_H

#include "base/view.h"

enum p2i_imap_kind {
    P2I_IMAP_PLAIN = 0, /* a command whose completion does not matter */
    P2I_IMAP_APPEND,
    P2I_IMAP_FETCH, /* of (a part of) a message, or its ENVELOPE */
    P2I_IMAP_STARTTLS,
    P2I_IMAP_COMPRESS,
};

struct p2i_imap_command {
    struct p2i_view tag;
    enum p2i_imap_kind kind;
    bool wants_mailbox; /* of APPEND: the first literal is the mailbox's name */
};

/* The first line of a command. */
struct p2i_imap_command p2i_imap_read_command(struct p2i_view line);

/* Does the line end with the announcement of a literal: "{23}", "{23+}", "~{23}"? Takes it off.
 * `*at_once`: it follows without the other side's word (RFC 7888). */
bool p2i_imap_take_count(struct p2i_view *line, uint64_t *size, bool *at_once);

/* The status of an untagged response: "OK text", "BYE text" ... */
bool p2i_imap_is_status(struct p2i_view text);

#endif
