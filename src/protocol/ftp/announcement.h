/* SPDX-License-Identifier: MIT */
/* Announcements of FTP data connections, read from single packets of a control connection: a
 * payload that begins with PORT, EPRT or LPRT, or with a reply 227, 228 or 229, and has a whole
 * line. Only a hint: the command may be refused, or the packet may lie. Pure functions. */
#ifndef P2I_PROTOCOL_FTP_ANNOUNCEMENT_H
#define P2I_PROTOCOL_FTP_ANNOUNCEMENT_H

#include "protocol/ftp/listener.h"

/* False for nearly all payloads that are none. */
static inline bool p2i_ftp_may_be_announcement(struct p2i_view payload)
{
    enum { LEAST = 8, MOST = 512 };
    if (payload.size < LEAST || payload.size > MOST) {
        return false;
    }
    const uint8_t *bytes = payload.data;
    return (bytes[0] == '2' && bytes[1] == '2') || ((bytes[3] | 0x20) == 't' && bytes[4] == ' ');
}

/* The listener is the sender of the packet, unless the line names another address. False: no well-
 * formed announcement. */
bool p2i_ftp_read_announcement(struct p2i_view payload, struct p2i_ftp_listener *listener);

#endif
