/* SPDX-License-Identifier: MIT */
/* Lines of an FTP control connection (RFC 959 sections 4 and 5): commands, replies, and the host
 * name in a greeting. Pure functions; the views they return point into the line. */
#ifndef P2I_PROTOCOL_FTP_LINE_H
#define P2I_PROTOCOL_FTP_LINE_H

#include "pcap2ipfix/view.h"

/* Commands that a login needs; all others are P2I_FTP_OTHER. */
enum p2i_ftp_verb {
    P2I_FTP_OTHER = 0,
    P2I_FTP_USER,
    P2I_FTP_PASS,
    P2I_FTP_ACCT,
    P2I_FTP_AUTH_TLS, /* RFC 4217 section 4: AUTH with TLS or SSL */
    P2I_FTP_ACTIVE,   /* PORT, EPRT, LPRT: the client listens for the data connection */
    P2I_FTP_PASSIVE,  /* PASV, EPSV, LPSV: the server listens */
};

struct p2i_ftp_command {
    struct p2i_view name;     /* letters up to the first space, in any case */
    struct p2i_view argument; /* the bytes behind that space, as sent */
    enum p2i_ftp_verb verb;
    bool known; /* `name` is a command of FTP */
};

struct p2i_ftp_reply {
    struct p2i_view text; /* behind the code and the space or hyphen */
    uint16_t code;        /* 100 to 699 */
    bool more;            /* more lines follow, up to one with this code and a space */
};

/* Returns the position of the first CR or LF; the size of `bytes` when there is none. */
size_t p2i_ftp_line_end(struct p2i_view bytes);

/* Reads a command from a line without its end. TELNET commands in front of it (RFC 854; the
 * Synch before ABOR, RFC 959 section 5.2) are skipped. */
struct p2i_ftp_command p2i_ftp_read_command(struct p2i_view line);

/* Reads a reply line. Returns false when the line does not begin with a reply code. */
bool p2i_ftp_read_reply(struct p2i_view line, struct p2i_ftp_reply *reply);

/* Returns the first word of `text` that has the form of a domain name with a dot and a top level
 * of letters (RFC 1123 section 2.1), without brackets and punctuation around it. Addresses,
 * versions, mail addresses and URLs do not count. Empty when there is none. */
struct p2i_view p2i_ftp_host_name(struct p2i_view text);

#endif
