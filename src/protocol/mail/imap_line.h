/* SPDX-License-Identifier: MIT */
/* Lines of IMAP as far as mail needs them (RFC 9051 sections 2.2 and 6). Pure functions; the
 * views they return point into the line. */
#ifndef P2I_PROTOCOL_MAIL_IMAP_LINE_H
#define P2I_PROTOCOL_MAIL_IMAP_LINE_H

#include "pcap2ipfix/view.h"

enum p2i_imap_kind {
    P2I_IMAP_PLAIN = 0, /* a command whose completion is not needed */
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

/* Reads the first line of a command. */
struct p2i_imap_command p2i_imap_read_command(struct p2i_view line);

/* True when the line ends with the announcement of a literal, "{23}", "{23+}" or "~{23}", which
 * it then removes. `*at_once`: the literal follows without the other side's consent (RFC 7888). */
bool p2i_imap_take_count(struct p2i_view *line, uint64_t *size, bool *at_once);

/* True for the status of an untagged response: "OK text", "BYE text" ... */
bool p2i_imap_is_status(struct p2i_view text);

#endif
