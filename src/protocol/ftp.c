/* SPDX-License-Identifier: MIT */
/* The control connection of FTP: RFC 959, with RFC 2228 and 4217 (AUTH), 2428 (EPRT, EPSV) and
 * 1639 (LPRT, LPSV). A message for each login.
 *
 * Replies come in the order of the commands, one for each beside preliminary ones (RFC 959 section
 * 5.4), so that commands waiting for theirs stand in a queue: clients send several at once. Codes
 * that can answer one kind of command alone keep the queue right where bytes were lost. What was
 * not asked for as far as can be seen counts only where the client cannot be seen.
 *
 * Who announces that they wait for a data connection is expected to get one, whatever the other
 * side says to it: the answer may be lost, and a refused PORT is a port that nobody opens. */
#include "protocol/ftp_line.h"
#include "protocol/ftp_listener.h"
#include "protocol/ftp_probe.h"
#include "protocol/message.h"
#include "protocol/protocols.h"

enum {
    LINE_MAX_SIZE = 8192, /* what exceeds it is not looked at */
    LOGINS_MAX = 4,       /* logins sent before the first was answered */
    WAITING_MAX = 32,     /* commands that wait for a reply */
};

enum mode { ACTIVE = 0, PASSIVE = 1, NO_MODE = 255 };

/* Bytes of the pool. */
struct text {
    uint8_t *bytes;
    size_t size;
};

struct login {
    struct p2i_origin origin; /* of USER, or of the first that was seen of it */
    struct text user;
    struct text password;
    uint16_t result; /* the final reply; 0: none yet */
    uint8_t waiting; /* commands of this login in the queue */
    uint8_t asked;   /* enum mode: of the first command for a data connection */
    uint8_t agreed;  /* of the first that the server agreed to */
    bool has_user;   /* the command was seen */
    bool has_password;
};

struct ftp {
    struct login logins[LOGINS_MAX]; /* oldest first */
    struct p2i_origin reply_origin;  /* of the reply that is being read */
    struct text server_name;
    uint8_t waiting[WAITING_MAX]; /* enum p2i_ftp_verb; oldest first */
    uint8_t waiting_count;
    uint8_t orphan_count; /* of the queue's oldest USER, PASS, ACCT: their login has gone */
    uint8_t login_count;
    uint16_t inside;   /* code of the reply of several lines that is being read; 0 none */
    uint8_t client;    /* enum p2i_direction */
    bool client_known; /* `client` is right */
    bool client_spoke; /* a command was seen */
    bool greeted;      /* the greeting is over */
    bool secured;      /* the server has agreed to TLS */
    bool mid_line[2];  /* in a line that is too long */
    bool lost[2];      /* bytes were lost and, of the client, no command was seen since */
};

/* ---- records ---- */

static void drop_text(struct p2i_parser *parser, struct text *text)
{
    p2i_pool_put(parser->pool, parser->account, text->bytes, text->size);
    *text = (struct text){0};
}

static void set_text(struct p2i_parser *parser, struct text *text, struct p2i_view value)
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

static struct p2i_view view_of_text(const struct text *text)
{
    return p2i_view_of(text->bytes, text->size);
}

/* A login of which nothing but the request for a password was seen gives no message. */
static void emit_oldest(struct p2i_parser *parser)
{
    struct ftp *ftp = parser->state;
    struct login *login = &ftp->logins[0];
    struct p2i_ftp message = {
        .server_name = view_of_text(&ftp->server_name),
        .user = view_of_text(&login->user),
        .password = view_of_text(&login->password),
        .result_code = login->result,
        .mode = login->agreed != NO_MODE ? login->agreed : login->asked,
    };
    if (login->has_user || login->has_password || login->result != 0) {
        p2i_emit(parser, P2I_RECORD_FTP, (enum p2i_direction)ftp->client, &login->origin, &message);
    }
    drop_text(parser, &login->user);
    drop_text(parser, &login->password);
    ftp->orphan_count = (uint8_t)(ftp->orphan_count + login->waiting);
    ftp->login_count--;
    memmove(&ftp->logins[0], &ftp->logins[1], ftp->login_count * sizeof *login);
}

static void emit_all(struct p2i_parser *parser)
{
    const struct ftp *ftp = parser->state;
    while (ftp->login_count > 0) {
        emit_oldest(parser);
    }
}

/* Emits the logins of which nothing more is to come. */
static void emit_complete(struct p2i_parser *parser)
{
    const struct ftp *ftp = parser->state;
    const struct login *oldest = &ftp->logins[0];
    while (ftp->login_count > 0 && ((oldest->result != 0 && oldest->agreed != NO_MODE) ||
                                    (ftp->login_count > 1 && oldest->waiting == 0))) {
        emit_oldest(parser);
    }
}

/* ---- logins ---- */

static struct login *newest_login(struct ftp *ftp)
{
    return ftp->login_count > 0 ? &ftp->logins[ftp->login_count - 1] : NULL;
}

static struct login *begin_login(struct p2i_parser *parser, const struct p2i_origin *origin)
{
    struct ftp *ftp = parser->state;
    if (ftp->login_count == LOGINS_MAX) {
        emit_oldest(parser);
    }
    struct login *login = &ftp->logins[ftp->login_count++];
    *login = (struct login){.origin = *origin, .asked = NO_MODE, .agreed = NO_MODE};
    return login;
}

/* The oldest that has no result; NULL if all have one. */
static struct login *open_login(struct ftp *ftp)
{
    for (uint8_t i = 0; i < ftp->login_count; i++) {
        if (ftp->logins[i].result == 0) {
            return &ftp->logins[i];
        }
    }
    return NULL;
}

static void agree(struct ftp *ftp, enum mode mode)
{
    for (uint8_t i = 0; i < ftp->login_count; i++) {
        struct login *login = &ftp->logins[i];
        if (login->agreed == NO_MODE && login->asked != NO_MODE) {
            login->agreed = (uint8_t)mode;
            return;
        }
    }
    struct login *newest = newest_login(ftp);
    if (newest != NULL && newest->agreed == NO_MODE) {
        newest->agreed = (uint8_t)mode;
    }
}

/* ---- commands that wait for a reply ---- */

static bool is_of_login(enum p2i_ftp_verb verb)
{
    return verb == P2I_FTP_USER || verb == P2I_FTP_PASS || verb == P2I_FTP_ACCT;
}

/* Takes the oldest command out of the queue; *login is whose it is (NULL: of none). */
static enum p2i_ftp_verb take_waiting(struct ftp *ftp, struct login **login)
{
    enum p2i_ftp_verb verb = (enum p2i_ftp_verb)ftp->waiting[0];
    ftp->waiting_count--;
    memmove(&ftp->waiting[0], &ftp->waiting[1], ftp->waiting_count);
    *login = NULL;
    if (!is_of_login(verb)) {
        return verb;
    }
    if (ftp->orphan_count > 0) {
        ftp->orphan_count--;
        return verb;
    }
    for (uint8_t i = 0; i < ftp->login_count; i++) {
        if (ftp->logins[i].waiting > 0) {
            *login = &ftp->logins[i];
            ftp->logins[i].waiting--;
            break;
        }
    }
    return verb;
}

static void forget_waiting_but(struct ftp *ftp, uint8_t newest)
{
    struct login *login;
    while (ftp->waiting_count > newest) {
        (void)take_waiting(ftp, &login);
    }
}

static void wait_for_reply(struct ftp *ftp, enum p2i_ftp_verb verb)
{
    forget_waiting_but(ftp, WAITING_MAX - 1);
    if (is_of_login(verb)) {
        struct login *login = newest_login(ftp);
        if (login == NULL) {
            verb = P2I_FTP_OTHER;
        } else {
            login->waiting++;
        }
    }
    ftp->waiting[ftp->waiting_count++] = (uint8_t)verb;
}

static bool is_waiting(const struct ftp *ftp, enum p2i_ftp_verb verb)
{
    return memchr(ftp->waiting, (int)verb, ftp->waiting_count) != NULL;
}

/* The code answers a command of a login and no other (RFC 959 section 5.4, RFC 2228 section 5.1).
 */
static bool is_reply_to_login(unsigned code)
{
    return code == 230 || code == 232 || code == 331 || code == 332 || code == 336;
}

static bool suits(enum p2i_ftp_verb verb, unsigned code)
{
    if (is_reply_to_login(code)) {
        return is_of_login(verb) && (code != 331 || verb == P2I_FTP_USER);
    }
    /* 202: superfluous. Other positive replies are late ones to something else. */
    return !is_of_login(verb) || code == 202 || code >= 300;
}

/* Takes the command that is answered with `code` out of the queue, and those before it whose
 * replies were lost. False: none is. */
static bool take_answered(struct ftp *ftp, unsigned code, enum p2i_ftp_verb *verb,
                          struct login **login)
{
    uint8_t skipped = 0;
    while (skipped < ftp->waiting_count && !suits((enum p2i_ftp_verb)ftp->waiting[skipped], code)) {
        if (!is_reply_to_login(code)) {
            return false;
        }
        skipped++;
    }
    if (skipped == ftp->waiting_count) {
        return false;
    }
    forget_waiting_but(ftp, (uint8_t)(ftp->waiting_count - skipped));
    *verb = take_waiting(ftp, login);
    return true;
}

/* ---- data connections ---- */

/* `line` announced it, and has its end: no digit of the port is missing. */
static void expect(const struct p2i_parser *parser, const struct p2i_piece *piece, size_t at,
                   struct p2i_view line, const struct p2i_ftp_listener *where)
{
    struct p2i_expectation expected = {
        .protocol = P2I_ID_FTP_DATA,
        .listener = piece->direction,
        .address = p2i_view_of(where->address, where->address_size),
        .port = where->port,
    };
    if (at + line.size < piece->bytes.size) {
        p2i_expect(parser, &expected);
    }
}

/* ---- commands ---- */

static void take_command(struct p2i_parser *parser, const struct p2i_piece *piece, size_t at,
                         struct p2i_view line)
{
    struct ftp *ftp = parser->state;
    struct p2i_ftp_command command = p2i_ftp_read_command(line);
    const struct p2i_origin *origin = p2i_origin_at(piece, at);
    struct login *login = newest_login(ftp);
    struct p2i_ftp_listener where;
    if (command.name.size == 0) {
        return;
    }
    ftp->client_spoke = true;
    ftp->lost[ftp->client] = false;
    switch (command.verb) {
    case P2I_FTP_USER:
        if (!piece->peer_seen) {
            emit_all(parser); /* their replies will not be seen */
        }
        login = begin_login(parser, origin);
        set_text(parser, &login->user, command.argument);
        login->has_user = true;
        break;
    case P2I_FTP_PASS:
        if (login == NULL || login->has_password) {
            login = begin_login(parser, origin);
        }
        set_text(parser, &login->password, command.argument);
        login->has_password = true;
        break;
    case P2I_FTP_ACTIVE:
    case P2I_FTP_PASSIVE:
        if (login != NULL && login->asked == NO_MODE) {
            login->asked = command.verb == P2I_FTP_ACTIVE ? ACTIVE : PASSIVE;
        }
        if (p2i_ftp_read_active(command.name, command.argument, &where)) {
            expect(parser, piece, at, line, &where);
        }
        break;
    case P2I_FTP_ACCT:
    case P2I_FTP_AUTH_TLS:
    case P2I_FTP_OTHER:
        break;
    }
    wait_for_reply(ftp, command.verb);
    emit_complete(parser);
}

/* ---- replies ---- */

/* A reply to a command that was not seen. */
static void take_unasked(struct p2i_parser *parser, unsigned code)
{
    struct ftp *ftp = parser->state;
    struct login *login = open_login(ftp);
    if (code == 234) {
        ftp->secured = true;
    } else if (code == 331 || (login == NULL && is_reply_to_login(code))) {
        login = begin_login(parser, &ftp->reply_origin);
    }
    if (login != NULL && (code == 230 || code == 232 || code >= 400)) {
        login->result = (uint16_t)code;
    }
}

static void take_answer(struct p2i_parser *parser, unsigned code)
{
    struct ftp *ftp = parser->state;
    enum p2i_ftp_verb verb;
    struct login *login;
    if (code >= 227 && code <= 229) {
        agree(ftp, PASSIVE);
    }
    if (!take_answered(ftp, code, &verb, &login)) {
        if (!ftp->client_spoke || ftp->lost[ftp->client]) {
            take_unasked(parser, code);
        }
        return;
    }
    bool done = code < 300;
    if (login != NULL && login->result == 0 && (done || code >= 400)) {
        login->result = (uint16_t)code;
    } else if (verb == P2I_FTP_ACTIVE && done) {
        agree(ftp, ACTIVE);
    } else if (verb == P2I_FTP_AUTH_TLS && code == 234) {
        ftp->secured = true;
    }
}

/* A reply is complete. */
static void take_reply(struct p2i_parser *parser, unsigned code)
{
    enum { SERVICE_READY = 220, CLOSING = 221, NOT_AVAILABLE = 421 };
    struct ftp *ftp = parser->state;
    if (code < 200) {
        return; /* preliminary */
    }
    bool greeting = !ftp->greeted && code == SERVICE_READY;
    ftp->greeted = true;
    if (greeting) {
        return;
    }
    if (code == CLOSING || code == NOT_AVAILABLE) {
        struct login *login = open_login(ftp);
        if (login != NULL && code == NOT_AVAILABLE) {
            login->result = NOT_AVAILABLE;
        }
        forget_waiting_but(ftp, 0);
        emit_all(parser);
        return;
    }
    take_answer(parser, code);
    emit_complete(parser);
}

/* A line of the greeting. */
static void find_server_name(struct p2i_parser *parser, struct p2i_view text)
{
    struct ftp *ftp = parser->state;
    if (ftp->server_name.size == 0) {
        set_text(parser, &ftp->server_name, p2i_ftp_host_name(text));
    }
}

static void take_reply_line(struct p2i_parser *parser, const struct p2i_piece *piece, size_t at,
                            struct p2i_view line)
{
    struct ftp *ftp = parser->state;
    struct p2i_ftp_reply reply = {.text = line};
    struct p2i_ftp_listener where;
    bool has_code = p2i_ftp_read_reply(line, &reply);
    if (ftp->inside == 0) {
        if (!has_code) {
            return;
        }
        ftp->reply_origin = *p2i_origin_at(piece, at);
        ftp->inside = reply.code;
    }
    if (!ftp->greeted && ftp->inside == 220) {
        find_server_name(parser, reply.text);
    }
    /* RFC 959 section 4.2: only a line with the same code and a space ends it. */
    if (has_code && !reply.more && reply.code == ftp->inside) {
        ftp->inside = 0;
        if (p2i_ftp_read_passive(reply.code, reply.text, &where)) {
            expect(parser, piece, at, line, &where);
        }
        take_reply(parser, reply.code);
    }
}

/* ---- the stream ---- */

static void take_line(struct p2i_parser *parser, const struct p2i_piece *piece, size_t at,
                      struct p2i_view line)
{
    const struct ftp *ftp = parser->state;
    if (piece->direction == ftp->client) {
        take_command(parser, piece, at, line);
    } else {
        take_reply_line(parser, piece, at, line);
    }
}

/* Bytes of the line end at `end`: CR, LF or CR LF; 0: it is not there, or not to be told yet. */
static size_t line_end_size(struct p2i_view bytes, size_t end)
{
    struct p2i_view rest = p2i_view_from(bytes, end);
    if (rest.size == 0 || (rest.data[0] == '\r' && rest.size == 1)) {
        return 0;
    }
    return rest.data[0] == '\r' && rest.data[1] == '\n' ? 2 : 1;
}

/* Bytes of the empty lines at the start; they say nothing to either side. */
static size_t empty_lines_size(struct p2i_view bytes)
{
    size_t size = 0;
    while (size < bytes.size && (bytes.data[size] == '\r' || bytes.data[size] == '\n')) {
        size++;
    }
    return size;
}

/* Takes the line that begins at `at` and returns its size with its end; 0: it is not complete. Of a
 * line that is too long the first part is taken and the rest passed over. */
static size_t next_line(struct p2i_parser *parser, const struct p2i_piece *piece, size_t at)
{
    struct ftp *ftp = parser->state;
    bool *mid_line = &ftp->mid_line[piece->direction];
    struct p2i_view rest = p2i_view_from(piece->bytes, at);
    size_t empty = *mid_line ? 0 : empty_lines_size(rest);
    if (empty > 0) {
        return empty;
    }
    size_t end = p2i_ftp_line_end(p2i_view_first(rest, LINE_MAX_SIZE));
    bool too_long = end == LINE_MAX_SIZE;
    size_t end_size = too_long ? 0 : line_end_size(rest, end);
    if (end_size == 0 && !too_long && !*mid_line) {
        return 0;
    }
    if (!*mid_line) {
        take_line(parser, piece, at, p2i_view_first(rest, end));
    }
    *mid_line = end_size == 0;
    return end + end_size;
}

enum course {
    GO_ON,
    WAIT,  /* what this is the other direction will tell */
    LEAVE, /* what follows is no FTP */
};

/* A line cannot begin with the first byte of a TLS handshake, nor, behind AUTH, with that of an SSL
 * 2.0 hello; and a client that says EHLO has been taken for the wrong one. */
static enum course course_at(const struct ftp *ftp, const struct p2i_piece *piece, size_t at)
{
    enum { TLS_HANDSHAKE = 0x16, SSL2_HELLO = 0x80 };
    struct p2i_view rest = p2i_view_from(piece->bytes, at);
    bool client = piece->direction == ftp->client;
    if (ftp->secured) {
        return LEAVE;
    }
    if (ftp->mid_line[piece->direction]) {
        return GO_ON;
    }
    bool may_be_hello = rest.data[0] == TLS_HANDSHAKE || rest.data[0] == SSL2_HELLO;
    bool asked = may_be_hello && is_waiting(ftp, P2I_FTP_AUTH_TLS);
    if (rest.data[0] == TLS_HANDSHAKE || asked) {
        return client && asked && piece->peer_seen && !piece->full ? WAIT : LEAVE;
    }
    bool smtp = client && !ftp->client_spoke &&
                (p2i_view_starts_nocase(rest, P2I_VIEW("EHLO ")) ||
                 p2i_view_starts_nocase(rest, P2I_VIEW("HELO ")));
    return smtp ? LEAVE : GO_ON;
}

static void learn_client(struct ftp *ftp, const struct p2i_piece *piece)
{
    if (!ftp->client_known) {
        bool digit = piece->bytes.data[0] >= '0' && piece->bytes.data[0] <= '9';
        ftp->client = (uint8_t)(digit ? !piece->direction : piece->direction);
        ftp->client_known = true;
        ftp->greeted = ftp->lost[!ftp->client];
    }
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct ftp *ftp = parser->state;
    enum course course = GO_ON;
    size_t at = 0;
    size_t size = 1;
    learn_client(ftp, piece);
    while (at < piece->bytes.size && size > 0) {
        course = course_at(ftp, piece, at);
        if (course != GO_ON) {
            break;
        }
        size = next_line(parser, piece, at);
        at += size;
    }
    bool leave = course == LEAVE || ftp->secured;
    return (struct p2i_step){.consumed = at, .verdict = leave ? P2I_ANEW : P2I_CONTINUE};
}

/* What is held of a line is all that is known of it. */
static void cut_line(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct ftp *ftp = parser->state;
    if (ftp->client_known && piece->bytes.size > 0 && course_at(ftp, piece, 0) == GO_ON) {
        take_line(parser, piece, 0, p2i_view_first(piece->bytes, p2i_ftp_line_end(piece->bytes)));
    }
    ftp->mid_line[piece->direction] = false;
}

static void gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    struct ftp *ftp = parser->state;
    (void)missing;
    cut_line(parser, piece);
    ftp->lost[piece->direction] = true;
    if (ftp->client_known && piece->direction != ftp->client) {
        /* Clients mostly wait for a reply before the next command, so that the next reply is that
         * to the newest. */
        ftp->greeted = true;
        ftp->inside = 0;
        forget_waiting_but(ftp, 1);
        emit_complete(parser);
    }
}

static void at_close(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    cut_line(parser, piece);
}

static void at_end(struct p2i_parser *parser)
{
    struct ftp *ftp = parser->state;
    emit_all(parser);
    drop_text(parser, &ftp->server_name);
}

const struct p2i_protocol p2i_ftp = {
    .id = P2I_ID_FTP,
    .state_size = sizeof(struct ftp),
    .over = {[P2I_OVER_TCP] = true},
    .urgent_inline = true,
    .probe = p2i_ftp_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
};
