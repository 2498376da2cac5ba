/* SPDX-License-Identifier: MIT */
/* Announcements of FTP data connections, read from single packets of a control connection: a line
 * PORT, EPRT or LPRT, or a reply 227, 228 or 229, that is whole in the packet. Only a hint: the
 * command may be refused, or the packet may lie. Pure functions. */
#ifndef P2I_PROTOCOL_FTP_ANNOUNCEMENT_H
#define P2I_PROTOCOL_FTP_ANNOUNCEMENT_H

#include "protocol/ftp/listener.h"

/* False for most payloads without one: it begins with a letter or a positive reply. */
static inline bool p2i_ftp_may_announce(struct p2i_view payload)
{
    enum { LEAST = 8, MOST = 512 };
    if (payload.size < LEAST || payload.size > MOST) {
        return false;
    }
    unsigned first = payload.data[0];
    return first == '2' || ((first | 0x20U) >= 'a' && (first | 0x20U) <= 'z');
}

/* Reads the last announcement in the payload. The listener is the sender of the packet, unless the
 * line names another address. False: no well-formed announcement. */
bool p2i_ftp_read_announcement(struct p2i_view payload, struct p2i_ftp_listener *listener);

#endif
