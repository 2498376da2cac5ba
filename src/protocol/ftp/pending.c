/* SPDX-License-Identifier: MIT */
#include "protocol/ftp/pending.h"

static bool is_of_login(enum p2i_ftp_verb verb)
{
    return verb == P2I_FTP_USER || verb == P2I_FTP_PASS || verb == P2I_FTP_ACCT;
}

void p2i_ftp_pending_add(struct p2i_ftp_pending *pending, struct p2i_ftp_logins *logins,
                         const struct p2i_ftp_pending_command *command)
{
    struct p2i_ftp_pending_command *last = &pending->commands[pending->count++];
    *last = *command;
    if (is_of_login((enum p2i_ftp_verb)command->verb)) {
        struct p2i_ftp_login *login = p2i_ftp_newest_login(logins);
        if (login == NULL) {
            last->verb = P2I_FTP_OTHER;
        } else {
            login->waiting++;
        }
    }
}

struct p2i_ftp_pending_command p2i_ftp_pending_take(struct p2i_ftp_pending *pending,
                                                    struct p2i_ftp_logins *logins,
                                                    struct p2i_ftp_login **login)
{
    struct p2i_ftp_pending_command command = pending->commands[0];
    pending->count--;
    memmove(&pending->commands[0], &pending->commands[1],
            pending->count * sizeof pending->commands[0]);
    *login = NULL;
    if (!is_of_login((enum p2i_ftp_verb)command.verb)) {
        return command;
    }
    if (logins->orphan_count > 0) {
        logins->orphan_count--;
        return command;
    }
    for (uint8_t i = 0; i < logins->count; i++) {
        if (logins->login[i].waiting > 0) {
            *login = &logins->login[i];
            (*login)->waiting--;
            (*login)->settled = (*login)->settled || command.verb == P2I_FTP_USER;
            break;
        }
    }
    return command;
}

void p2i_ftp_pending_clear(struct p2i_ftp_pending *pending, struct p2i_ftp_logins *logins)
{
    struct p2i_ftp_login *login;
    while (pending->count > 0) {
        (void)p2i_ftp_pending_take(pending, logins, &login);
    }
}

bool p2i_ftp_pending_has(const struct p2i_ftp_pending *pending, enum p2i_ftp_verb verb)
{
    uint8_t at = 0;
    while (at < pending->count && pending->commands[at].verb != verb) {
        at++;
    }
    return at < pending->count;
}

enum p2i_ftp_mode p2i_ftp_pending_mode(const struct p2i_ftp_pending *pending)
{
    for (uint8_t i = 0; i < pending->count; i++) {
        if (pending->commands[i].verb == P2I_FTP_ACTIVE) {
            return P2I_FTP_ACTIVE_MODE;
        }
        if (pending->commands[i].verb == P2I_FTP_PASSIVE) {
            return P2I_FTP_PASSIVE_MODE;
        }
    }
    return P2I_FTP_NO_MODE;
}

bool p2i_ftp_is_reply_to_login(unsigned code)
{
    return code == 230 || code == 232 || code == 331 || code == 332 || code == 336;
}

static bool suits(enum p2i_ftp_verb verb, unsigned code)
{
    if (p2i_ftp_is_reply_to_login(code)) {
        return is_of_login(verb) && (code != 331 || verb == P2I_FTP_USER);
    }
    /* 202: superfluous. Other positive replies are late ones to something else. */
    return !is_of_login(verb) || code == 202 || code >= 300;
}

uint8_t p2i_ftp_pending_find(const struct p2i_ftp_pending *pending, unsigned code)
{
    uint8_t at = 0;
    while (at < pending->count && !suits((enum p2i_ftp_verb)pending->commands[at].verb, code)) {
        if (!p2i_ftp_is_reply_to_login(code)) {
            return pending->count;
        }
        at++;
    }
    return at;
}
