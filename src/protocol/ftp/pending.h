/* SPDX-License-Identifier: MIT */
/* Commands of an FTP client that wait for their reply. Replies come in the order of the commands,
 * one for each beside preliminary ones (RFC 959 section 5.4); clients send several at once. */
#ifndef P2I_PROTOCOL_FTP_PENDING_H
#define P2I_PROTOCOL_FTP_PENDING_H

#include "protocol/ftp/listener.h"
#include "protocol/ftp/login.h"

enum { P2I_FTP_PENDING_MAX = 32 };

struct p2i_ftp_pending_command {
    struct p2i_ftp_listener listener; /* what it announces, if it is accepted; port 0: nothing */
    uint8_t verb;                     /* enum p2i_ftp_verb */
};

struct p2i_ftp_pending {
    struct p2i_ftp_pending_command commands[P2I_FTP_PENDING_MAX]; /* oldest first */
    uint8_t count;
};

/* There must be room. A command of a login is one of the newest. */
void p2i_ftp_pending_add(struct p2i_ftp_pending *pending, struct p2i_ftp_logins *logins,
                         const struct p2i_ftp_pending_command *command);

/* Takes the oldest out; *login is whose it is (NULL: of none). */
struct p2i_ftp_pending_command p2i_ftp_pending_take(struct p2i_ftp_pending *pending,
                                                    struct p2i_ftp_logins *logins,
                                                    struct p2i_ftp_login **login);

/* They are not answered any more. */
void p2i_ftp_pending_clear(struct p2i_ftp_pending *pending, struct p2i_ftp_logins *logins);

bool p2i_ftp_pending_has(const struct p2i_ftp_pending *pending, enum p2i_ftp_verb verb);

/* What the oldest of them that asks for a data connection asks for. */
enum p2i_ftp_mode p2i_ftp_pending_mode(const struct p2i_ftp_pending *pending);

/* The code answers a command of a login and no other (RFC 959 section 5.4, RFC 2228 section 5.1).
 */
bool p2i_ftp_is_reply_to_login(unsigned code);

/* How many stand before the one that is answered with `code`, because their replies were lost;
 * `count` when none is. */
uint8_t p2i_ftp_pending_find(const struct p2i_ftp_pending *pending, unsigned code);

#endif
