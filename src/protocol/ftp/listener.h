/* SPDX-License-Identifier: MIT */
/* The address and port that an FTP data connection will be opened to: the arguments of PORT (RFC
 * 959 section 4.1.2), LPRT (RFC 1639) and EPRT (RFC 2428), and the replies to PASV, LPSV and EPSV.
 * Pure functions. */
#ifndef P2I_PROTOCOL_FTP_LISTENER_H
#define P2I_PROTOCOL_FTP_LISTENER_H

#include "pcap2ipfix/view.h"

struct p2i_ftp_listener {
    uint8_t address[16];
    uint8_t address_size; /* 4 or 16; 0: the address of the host that announces it */
    uint16_t port;        /* never 0 */
};

/* Reads the argument of the client's command `name`. Returns false when it announces no well-
 * formed address. */
bool p2i_ftp_read_active(struct p2i_view name, struct p2i_view argument,
                         struct p2i_ftp_listener *listener);

/* Reads the server's reply with this code; `text` begins behind the code. Returns false when it
 * announces no well-formed address. */
bool p2i_ftp_read_passive(unsigned code, struct p2i_view text, struct p2i_ftp_listener *listener);

#endif
