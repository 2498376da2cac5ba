/* SPDX-License-Identifier: MIT */
/* Recognition of SMTP, POP3 and IMAP. */
#ifndef P2I_PROTOCOL_MAIL_PROBE_H
#define P2I_PROTOCOL_MAIL_PROBE_H

#include "protocol/mail/mail.h"

/* As in struct p2i_protocol. */
enum p2i_match p2i_smtp_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes);
enum p2i_match p2i_pop3_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes);
enum p2i_match p2i_imap_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes);

/* Returns the direction of the server: the side with the protocol's port; otherwise `speaker` if
 * its bytes look like a server's (`looks_so`), or the other side. */
enum p2i_direction p2i_mail_server(const struct p2i_ends *ends, enum p2i_mail_protocol protocol,
                                   enum p2i_direction speaker, bool looks_so);

/* Compares `bytes` with texts (NULL-terminated), ignoring case. MORE: they may become one. */
enum p2i_match p2i_mail_match(struct p2i_view bytes, const char *const *texts);

/* True when this begins a TLS record (RFC 8446 section 5.1), which no line of text does. */
static inline bool p2i_mail_is_tls(struct p2i_view bytes)
{
    return bytes.data[0] == 0x16;
}

#endif
