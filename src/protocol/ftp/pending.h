/* SPDX-License-Identifier: MIT */
/* Commands of an FTP client without a reply yet. Replies come in the order of the commands, one
 * for each besides preliminary ones (RFC 959 section 5.4); clients may send several commands at
 * once. */
#ifndef P2I_PROTOCOL_FTP_PENDING_H
#define P2I_PROTOCOL_FTP_PENDING_H

#include "protocol/ftp/login.h"

enum { P2I_FTP_PENDING_MAX = 32 };

struct p2i_ftp_pending_command {
    uint8_t verb; /* enum p2i_ftp_verb */
};

struct p2i_ftp_pending {
    struct p2i_ftp_pending_command commands[P2I_FTP_PENDING_MAX]; /* oldest first */
    uint8_t count;
};

/* Appends a command; there must be room. A command of a login belongs to one of the newest
 * logins. */
void p2i_ftp_pending_add(struct p2i_ftp_pending *pending, struct p2i_ftp_logins *logins,
                         const struct p2i_ftp_pending_command *command);

/* Removes and returns the oldest command; *login becomes its login (NULL: none). */
struct p2i_ftp_pending_command p2i_ftp_pending_take(struct p2i_ftp_pending *pending,
                                                    struct p2i_ftp_logins *logins,
                                                    struct p2i_ftp_login **login);

/* Forgets all commands: they will not be answered. */
void p2i_ftp_pending_clear(struct p2i_ftp_pending *pending, struct p2i_ftp_logins *logins);

bool p2i_ftp_pending_has(const struct p2i_ftp_pending *pending, enum p2i_ftp_verb verb);

/* The mode that the oldest command for a data connection asks for. */
enum p2i_ftp_mode p2i_ftp_pending_mode(const struct p2i_ftp_pending *pending);

/* True when the code can answer only a command of a login (RFC 959 section 5.4, RFC 2228 section
 * 5.1). */
bool p2i_ftp_is_reply_to_login(unsigned code);

/* Returns the number of commands in front of the one that `code` answers, whose replies were
 * lost; `count` when it answers none. */
uint8_t p2i_ftp_pending_find(const struct p2i_ftp_pending *pending, unsigned code);

#endif
