/* SPDX-License-Identifier: MIT */
/* Lines of an FTP control connection (RFC 959 sections 4 and 5): commands, replies, and the host
 * name in a greeting. Pure functions; the views they give lie in the line. */
#ifndef P2I_PROTOCOL_FTP_LINE_H
#define P2I_PROTOCOL_FTP_LINE_H

#include "base/view.h"

/* Commands as far as they matter to a login. */
enum p2i_ftp_verb {
    P2I_FTP_OTHER = 0,
    P2I_FTP_USER,
    P2I_FTP_PASS,
    P2I_FTP_ACCT,
    P2I_FTP_AUTH_TLS, /* RFC 4217 section 4: AUTH with TLS or SSL */
    P2I_FTP_ACTIVE,   /* PORT, EPRT, LPRT: the client waits for the data connection */
    P2I_FTP_PASSIVE,  /* PASV, EPSV, LPSV: the server does */
};

struct p2i_ftp_command {
    struct p2i_view name;     /* letters up to the first space, in any case */
    struct p2i_view argument; /* what follows that space, as sent */
    enum p2i_ftp_verb verb;
    bool known; /* `name` is a command of FTP */
};

struct p2i_ftp_reply {
    struct p2i_view text; /* behind the code and the space or hyphen */
    uint16_t code;        /* 100 to 699 */
    bool more;            /* the reply goes on until a line with this code and a space */
};

/* Where the first line of `bytes` ends: at its first CR or LF; `size` of the view if it does not.
 */
size_t p2i_ftp_line_end(struct p2i_view bytes);

/* `line` without its end. TELNET commands in front of it (RFC 854; the Synch before ABOR, RFC 959
 * section 5.2) are stepped over. */
struct p2i_ftp_command p2i_ftp_read_command(struct p2i_view line);

/* False: the line does not begin with a reply code. */
bool p2i_ftp_read_reply(struct p2i_view line, struct p2i_ftp_reply *reply);

/* The first word of `text` that has the form of a domain name with a dot and a top level of letters
 * (RFC 1123 section 2.1), brackets and punctuation around it taken off: not an address, a version,
 * a mail address or a URL. Empty if there is none. */
struct p2i_view p2i_ftp_host_name(struct p2i_view text);

#endif
