/* SPDX-License-Identifier: MIT */
#include "protocol/ftp/login.h"

#include "protocol/message.h"

/* Reasons to emit a login. */
enum ending {
    IT_IS_OVER,
    NO_MORE_SEEN, /* the capture or the connection ends */
    NO_ROOM,
};

static void drop_text(struct p2i_parser *parser, struct p2i_ftp_text *text)
{
    p2i_pool_put(parser->pool, parser->account, text->bytes, text->size);
    *text = (struct p2i_ftp_text){0};
}

void p2i_ftp_set_text(struct p2i_parser *parser, struct p2i_ftp_text *text, struct p2i_view value)
{
    drop_text(parser, text);
    if (value.size == 0) {
        return;
    }
    text->bytes = p2i_pool_get(parser->pool, parser->account, value.size, NULL);
    if (text->bytes != NULL) {
        memcpy(text->bytes, value.data, value.size);
        text->size = value.size;
    }
}

static struct p2i_view view_of_text(const struct p2i_ftp_text *text)
{
    return p2i_view_of(text->bytes, text->size);
}

/* ---- records ---- */

/* True when the capture lost the final reply, or the command that would have caused it. */
static bool reply_is_missing(const struct p2i_ftp_logins *logins, const struct p2i_ftp_login *login,
                             enum ending ending)
{
    if (login->reply_missed || ending != NO_MORE_SEEN) {
        return login->reply_missed;
    }
    bool server_ended = logins->ended[!logins->client];
    return !server_ended && (login->waiting > 0 || !logins->ended[logins->client]);
}

static enum p2i_completeness completeness_of(const struct p2i_ftp_logins *logins,
                                             const struct p2i_ftp_login *login, enum ending ending)
{
    bool answered = login->result != 0 || login->refusal != 0;
    if (login->cut || login->lines_missed ||
        (!answered && reply_is_missing(logins, login, ending))) {
        return P2I_CUT;
    }
    bool early = ending == NO_ROOM && !answered && login->waiting > 0;
    return login->limited || early ? P2I_LIMITED : P2I_WHOLE;
}

/* True when only the request for a password was seen, or a USER without a name was refused. */
static bool says_nothing(const struct p2i_ftp_login *login)
{
    if (login->result == 0 && login->refusal != 0) {
        return login->user.size == 0 && login->password.size == 0;
    }
    return !login->has_user && !login->has_password && login->result == 0;
}

static void remove_login(struct p2i_parser *parser, struct p2i_ftp_logins *logins, size_t place)
{
    struct p2i_ftp_login *login = &logins->login[place];
    drop_text(parser, &login->user);
    drop_text(parser, &login->password);
    logins->count--;
    memmove(login, login + 1, (logins->count - place) * sizeof *login);
}

static void emit_oldest(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                        enum ending ending)
{
    const struct p2i_ftp_login *login = &logins->login[0];
    struct p2i_ftp message = {
        .server_name = view_of_text(&logins->server_name),
        .user = view_of_text(&login->user),
        .password = view_of_text(&login->password),
        .result_code = login->result != 0 ? login->result : login->refusal,
        .mode = login->agreed != P2I_FTP_NO_MODE ? login->agreed : login->asked,
    };
    if (!says_nothing(login)) {
        p2i_emit_part(parser, P2I_RECORD_FTP, (enum p2i_direction)logins->client, &login->info,
                      &message, completeness_of(logins, login, ending));
    }
    logins->orphan_count = (uint8_t)(logins->orphan_count + login->waiting);
    remove_login(parser, logins, 0);
}

void p2i_ftp_emit_all(struct p2i_parser *parser, struct p2i_ftp_logins *logins, bool unfinished)
{
    while (logins->count > 0) {
        emit_oldest(parser, logins, unfinished ? NO_MORE_SEEN : IT_IS_OVER);
    }
}

/* A newer login replaces the oldest once the server has accepted its USER. */
void p2i_ftp_emit_complete(struct p2i_parser *parser, struct p2i_ftp_logins *logins)
{
    const struct p2i_ftp_login *oldest = &logins->login[0];
    while (logins->count > 0 &&
           ((oldest->result != 0 && oldest->agreed != P2I_FTP_NO_MODE) ||
            (logins->count > 1 && oldest->waiting == 0 && logins->login[1].settled))) {
        emit_oldest(parser, logins, IT_IS_OVER);
    }
}

/* ---- commands ---- */

struct p2i_ftp_login *p2i_ftp_newest_login(struct p2i_ftp_logins *logins)
{
    return logins->count > 0 ? &logins->login[logins->count - 1] : NULL;
}

struct p2i_ftp_login *p2i_ftp_open_login(struct p2i_ftp_logins *logins)
{
    for (uint8_t i = 0; i < logins->count; i++) {
        if (logins->login[i].result == 0) {
            return &logins->login[i];
        }
    }
    return NULL;
}

static struct p2i_ftp_login *begin_login(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                                         const struct p2i_packet_info *info)
{
    if (logins->count == P2I_FTP_LOGINS_MAX) {
        emit_oldest(parser, logins, NO_ROOM);
    }
    struct p2i_ftp_login *login = &logins->login[logins->count++];
    *login =
        (struct p2i_ftp_login){.info = *info, .asked = P2I_FTP_NO_MODE, .agreed = P2I_FTP_NO_MODE};
    return login;
}

static void note_line(struct p2i_ftp_login *login, enum p2i_completeness completeness)
{
    login->cut = login->cut || completeness == P2I_CUT;
    login->limited = login->limited || completeness == P2I_LIMITED;
}

/* A name whose end was not captured would be another name, so it is left out. */
void p2i_ftp_take_user(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                       const struct p2i_packet_info *info, struct p2i_view name,
                       enum p2i_completeness completeness)
{
    struct p2i_ftp_login *login = begin_login(parser, logins, info);
    note_line(login, completeness);
    logins->user_seen = true;
    logins->lines_missed = false;
    if (completeness != P2I_CUT) {
        p2i_ftp_set_text(parser, &login->user, name);
        login->has_user = true;
    }
}

/* Without USER this is another attempt if there was one before; else USER was not captured. */
void p2i_ftp_take_password(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                           const struct p2i_packet_info *info, struct p2i_view password,
                           enum p2i_completeness completeness)
{
    struct p2i_ftp_login *login = p2i_ftp_newest_login(logins);
    if (login == NULL || login->has_password) {
        login = begin_login(parser, logins, info);
        login->settled = true;
        login->cut = !logins->user_seen || logins->lines_missed;
        logins->lines_missed = false;
    }
    note_line(login, completeness);
    p2i_ftp_set_text(parser, &login->password, password);
    login->has_password = true;
}

struct p2i_ftp_login *p2i_ftp_begin_unseen(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                                           const struct p2i_packet_info *info)
{
    struct p2i_ftp_login *login = begin_login(parser, logins, info);
    login->settled = login->cut = true;
    return login;
}

/* ---- replies ---- */

static bool lets_in(unsigned code)
{
    return code == 230 || code == 232;
}

/* RFC 959 section 4.2.1: the server did not understand the command, or does not take it now. */
static bool refuses_command(unsigned code)
{
    return code >= 500 && code <= 504;
}

/* Commands sent for the login at `from` belong to the one before. */
static void join_to_previous(struct p2i_parser *parser, struct p2i_ftp_logins *logins, size_t from)
{
    struct p2i_ftp_login *login = &logins->login[from];
    struct p2i_ftp_login *previous = login - 1;
    previous->waiting = (uint8_t)(previous->waiting + login->waiting);
    if (login->has_password) {
        drop_text(parser, &previous->password);
        previous->password = login->password;
        login->password = (struct p2i_ftp_text){0};
        previous->has_password = true;
        previous->cut = previous->cut || login->cut;
        previous->limited = previous->limited || login->limited;
    }
    if (previous->agreed == P2I_FTP_NO_MODE) {
        previous->agreed = login->agreed;
    }
    if (previous->asked == P2I_FTP_NO_MODE) {
        previous->asked = login->asked;
    }
    previous->lines_missed = previous->lines_missed || login->lines_missed;
    previous->reply_missed = previous->reply_missed || login->reply_missed;
    remove_login(parser, logins, from);
}

/* USER began no login: the one before goes on. Returns false when there is none, so that this
 * was a failed login. */
static bool take_user_back(struct p2i_parser *parser, struct p2i_ftp_logins *logins, size_t place)
{
    if (place == 0) {
        if (logins->in_effect) {
            logins->orphan_count = (uint8_t)(logins->orphan_count + logins->login[0].waiting);
            remove_login(parser, logins, 0);
        }
        return logins->in_effect;
    }
    uint16_t previous = logins->login[place - 1].result;
    if (previous != 0 && !lets_in(previous)) {
        return false;
    }
    join_to_previous(parser, logins, place);
    return true;
}

/* A password that the server did not take as a command may come again, and has perhaps. */
static void refuse(struct p2i_parser *parser, struct p2i_ftp_logins *logins, size_t place,
                   enum p2i_ftp_verb verb, unsigned code)
{
    struct p2i_ftp_login *login = &logins->login[place];
    if (verb == P2I_FTP_USER && take_user_back(parser, logins, place)) {
        return;
    }
    login->refusal = login->refusal == 0 ? (uint16_t)code : login->refusal;
    if (verb == P2I_FTP_PASS) {
        login->has_password = false;
        bool again = place + 1U < logins->count && login[1].settled && !login[1].has_user;
        if (again && login->result == 0) {
            join_to_previous(parser, logins, place + 1);
        }
    }
}

void p2i_ftp_answer_login(struct p2i_parser *parser, struct p2i_ftp_logins *logins,
                          struct p2i_ftp_login *login, enum p2i_ftp_verb verb, unsigned code)
{
    if (refuses_command(code)) {
        refuse(parser, logins, (size_t)(login - logins->login), verb, code);
        return;
    }
    if (code >= 300 && code < 400) {
        logins->in_effect = logins->in_effect && verb != P2I_FTP_USER;
        return;
    }
    logins->in_effect = logins->in_effect || lets_in(code);
    if (login->result == 0) {
        login->result = (uint16_t)code;
        /* A final reply to USER: no password was asked for, so none is missing. */
        login->lines_missed = login->lines_missed && verb != P2I_FTP_USER;
        if (!login->has_password) {
            drop_text(parser, &login->password); /* it was refused, this is about another */
        }
    }
}

void p2i_ftp_ask_mode(struct p2i_ftp_logins *logins, enum p2i_ftp_mode mode)
{
    struct p2i_ftp_login *login = p2i_ftp_newest_login(logins);
    if (login != NULL && login->asked == P2I_FTP_NO_MODE) {
        login->asked = (uint8_t)mode;
    }
}

/* The oldest login with an unanswered command. */
static struct p2i_ftp_login *asking_login(struct p2i_ftp_logins *logins)
{
    for (uint8_t i = 0; i < logins->count; i++) {
        struct p2i_ftp_login *login = &logins->login[i];
        if (login->agreed == P2I_FTP_NO_MODE && login->asked != P2I_FTP_NO_MODE) {
            return login;
        }
    }
    return NULL;
}

void p2i_ftp_agree_mode(struct p2i_ftp_logins *logins, enum p2i_ftp_mode mode)
{
    struct p2i_ftp_login *login = asking_login(logins);
    login = login != NULL ? login : p2i_ftp_newest_login(logins);
    if (login != NULL && login->agreed == P2I_FTP_NO_MODE) {
        login->agreed = (uint8_t)mode;
    }
}

void p2i_ftp_refuse_mode(struct p2i_ftp_logins *logins, enum p2i_ftp_mode next)
{
    struct p2i_ftp_login *login = asking_login(logins);
    if (login != NULL) {
        login->asked = (uint8_t)next;
    }
}

/* ---- what is missing ---- */

void p2i_ftp_miss_lines(struct p2i_ftp_logins *logins)
{
    struct p2i_ftp_login *login = p2i_ftp_newest_login(logins);
    logins->lines_missed = true;
    if (login != NULL && login->result == 0 && !login->has_password) {
        login->lines_missed = true;
    }
}

void p2i_ftp_miss_replies(struct p2i_ftp_logins *logins)
{
    for (uint8_t i = 0; i < logins->count; i++) {
        struct p2i_ftp_login *login = &logins->login[i];
        login->reply_missed = login->reply_missed || login->waiting > 0;
    }
}
