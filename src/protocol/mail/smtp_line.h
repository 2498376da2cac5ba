/* SPDX-License-Identifier: MIT */
/* Lines of SMTP and LMTP (RFC 5321 sections 4.1 and 4.2). */
#ifndef P2I_PROTOCOL_MAIL_SMTP_LINE_H
#define P2I_PROTOCOL_MAIL_SMTP_LINE_H

#include "protocol/protocol.h"

enum p2i_smtp_verb {
    P2I_SMTP_OTHER = 0,
    P2I_SMTP_HELLO, /* EHLO, HELO */
    P2I_SMTP_LHLO,
    P2I_SMTP_MAIL,
    P2I_SMTP_RCPT,
    P2I_SMTP_DATA,
    P2I_SMTP_BDAT,
    P2I_SMTP_RSET,
    P2I_SMTP_QUIT,
    P2I_SMTP_STARTTLS,
    P2I_SMTP_AUTH,
    P2I_SMTP_BURL,
};

/* Reads the command of a line and its arguments: for MAIL FROM and RCPT TO the bytes behind the
 * colon. */
enum p2i_smtp_verb p2i_smtp_command(struct p2i_view line, struct p2i_view *arguments);

/* Tells whether a line, as far as it is there, looks like a command for sending a message and
 * not like a line of a message. */
enum p2i_match p2i_smtp_is_strong(struct p2i_view bytes);

/* The same for a line that a client may send where the server wants no chunk, or where TLS was
 * to begin. */
enum p2i_match p2i_smtp_is_line(struct p2i_view bytes);

/* Reads the arguments of BDAT: a size and perhaps LAST (RFC 3030 section 2). Returns false when
 * they are malformed: no chunk follows. */
bool p2i_smtp_chunk(struct p2i_view arguments, uint64_t *size, bool *is_last);

/* Reads "250 text" or "250-text": the code, and whether more lines of the reply follow. Returns
 * false when it is no reply. */
bool p2i_smtp_reply(struct p2i_view line, uint32_t *code, bool *more);

/* Tells whether these bytes begin with a reply. */
enum p2i_match p2i_smtp_is_reply(struct p2i_view bytes);

/* Returns the host in "220 host ESMTP ...", where `text` begins behind the code; empty when the
 * server does not name itself. It points into `text`. */
struct p2i_view p2i_smtp_greeting_host(struct p2i_view text);

#endif
