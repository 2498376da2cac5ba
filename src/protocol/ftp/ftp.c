/* SPDX-License-Identifier: MIT */
/* The control connection of FTP: RFC 959, with RFC 2228 and 4217 (AUTH), 2428 (EPRT, EPSV) and
 * 1639 (LPRT, LPSV). Emits a message for each login.
 *
 * A command counts when its reply accepts it; without a visible reply it is taken as accepted.
 * Replies whose code fits only one kind of command keep the command queue in step when bytes were
 * lost. A reply to an unseen command counts only where the client cannot be seen. */
#include "base/ascii.h"
#include "protocol/ftp/pending.h"
#include "protocol/ftp/probe.h"
#include "protocol/protocols.h"

enum { LINE_MAX_SIZE = 8192 }; /* the rest of a longer line is ignored */

struct ftp {
    struct p2i_ftp_logins logins;
    struct p2i_ftp_pending pending;
    struct p2i_packet_info reply_info; /* of the current reply */
    uint16_t inside;                   /* code of the current multi-line reply; 0 none */
    bool client_known;                 /* `logins.client` is right */
    bool client_spoke;                 /* a command was seen */
    bool greeted;                      /* the greeting is over */
    bool secured;                      /* the server has agreed to TLS */
    bool mid_line[2];                  /* in a line that is too long */
    bool lost[2]; /* bytes were lost and no command of the client was seen since */
};

/* A line without its end. */
struct line {
    struct p2i_view text;
    size_t at; /* in the segment */
    enum p2i_completeness completeness;
};

/* ---- commands ---- */

/* Drops all commands but the `newest`: their replies were lost. */
static void forget_pending_but(struct p2i_parser *parser, uint8_t newest)
{
    struct ftp *ftp = parser->state;
    struct p2i_ftp_login *login;
    while (ftp->pending.count > newest) {
        (void)p2i_ftp_pending_take(&ftp->pending, &ftp->logins, &login);
    }
}

static void take_command(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         const struct line *line)
{
    struct ftp *ftp = parser->state;
    struct p2i_ftp_command command = p2i_ftp_read_command(line->text);
    const struct p2i_packet_info *info = p2i_packet_info_at(segment, line->at);
    struct p2i_ftp_pending_command sent = {.verb = (uint8_t)command.verb};
    if (command.name.size == 0) {
        return;
    }
    ftp->client_spoke = true;
    ftp->lost[ftp->logins.client] = false;
    switch (command.verb) {
    case P2I_FTP_USER:
        if (!segment->peer_seen) {
            p2i_ftp_emit_all(parser, &ftp->logins, true); /* their replies will not be seen */
        }
        p2i_ftp_take_user(parser, &ftp->logins, info, command.argument, line->completeness);
        break;
    case P2I_FTP_PASS:
        p2i_ftp_take_password(parser, &ftp->logins, info, command.argument, line->completeness);
        break;
    case P2I_FTP_ACTIVE:
        p2i_ftp_ask_mode(&ftp->logins, P2I_FTP_ACTIVE_MODE);
        break;
    case P2I_FTP_PASSIVE:
        p2i_ftp_ask_mode(&ftp->logins, P2I_FTP_PASSIVE_MODE);
        break;
    case P2I_FTP_ACCT:
    case P2I_FTP_AUTH_TLS:
    case P2I_FTP_OTHER:
        break;
    }
    forget_pending_but(parser, P2I_FTP_PENDING_MAX - 1);
    p2i_ftp_pending_add(&ftp->pending, &ftp->logins, &sent);
    p2i_ftp_emit_complete(parser, &ftp->logins);
}

/* ---- replies ---- */

/* A reply to a command that was not seen. */
static void take_unasked(struct p2i_parser *parser, unsigned code)
{
    struct ftp *ftp = parser->state;
    struct p2i_ftp_login *login = p2i_ftp_open_login(&ftp->logins);
    if (code == 234) {
        ftp->secured = true;
    } else if (code == 331 || (login == NULL && p2i_ftp_is_reply_to_login(code))) {
        login = p2i_ftp_begin_unseen(parser, &ftp->logins, &ftp->reply_info);
    }
    if (login != NULL && (code == 230 || code == 232 || code >= 400)) {
        p2i_ftp_answer_login(parser, &ftp->logins, login, P2I_FTP_OTHER, code);
    }
}

static void take_answer(struct p2i_parser *parser, unsigned code)
{
    struct ftp *ftp = parser->state;
    struct p2i_ftp_login *login;
    bool done = code < 300;
    bool passive = code >= 227 && code <= 229;
    if (passive) {
        p2i_ftp_agree_mode(&ftp->logins, P2I_FTP_PASSIVE_MODE);
    }
    uint8_t unanswered = p2i_ftp_pending_find(&ftp->pending, code);
    if (unanswered == ftp->pending.count) {
        if (!ftp->client_spoke || ftp->lost[ftp->logins.client]) {
            take_unasked(parser, code);
        }
        return;
    }
    forget_pending_but(parser, (uint8_t)(ftp->pending.count - unanswered));
    struct p2i_ftp_pending_command command =
        p2i_ftp_pending_take(&ftp->pending, &ftp->logins, &login);
    enum p2i_ftp_verb verb = (enum p2i_ftp_verb)command.verb;
    if (login != NULL) {
        p2i_ftp_answer_login(parser, &ftp->logins, login, verb, code);
    } else if (verb == P2I_FTP_ACTIVE && done) {
        p2i_ftp_agree_mode(&ftp->logins, P2I_FTP_ACTIVE_MODE);
    } else if (verb == P2I_FTP_ACTIVE || (verb == P2I_FTP_PASSIVE && !passive)) {
        p2i_ftp_refuse_mode(&ftp->logins, p2i_ftp_pending_mode(&ftp->pending));
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
        struct p2i_ftp_login *login = p2i_ftp_open_login(&ftp->logins);
        if (login != NULL && code == NOT_AVAILABLE) {
            login->result = NOT_AVAILABLE;
        }
        p2i_ftp_pending_clear(&ftp->pending, &ftp->logins);
        p2i_ftp_emit_all(parser, &ftp->logins, false);
        return;
    }
    take_answer(parser, code);
    p2i_ftp_emit_complete(parser, &ftp->logins);
}

/* The last word of a cut line may be half a name, which would be another name. */
static struct p2i_view without_cut_word(const struct line *line)
{
    struct p2i_view text = line->text;
    while (line->completeness != P2I_WHOLE && text.size > 0 && text.data[text.size - 1] > ' ') {
        text.size--;
    }
    return text;
}

static void take_reply_line(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                            const struct line *line)
{
    struct ftp *ftp = parser->state;
    struct p2i_ftp_reply reply = {0};
    bool has_code = p2i_ftp_read_reply(line->text, &reply);
    if (ftp->inside == 0) {
        if (!has_code) {
            return;
        }
        ftp->reply_info = *p2i_packet_info_at(segment, line->at);
        ftp->inside = reply.code;
    }
    if (!ftp->greeted && ftp->inside == 220 && ftp->logins.server_name.size == 0) {
        struct p2i_view text = without_cut_word(line);
        p2i_ftp_set_text(parser, &ftp->logins.server_name,
                         p2i_ftp_host_name(p2i_view_from(text, has_code ? 4 : 0)));
    }
    /* RFC 959 section 4.2: only a line with the same code and a space ends it. */
    if (has_code && !reply.more && reply.code == ftp->inside) {
        ftp->inside = 0;
        take_reply(parser, reply.code);
    }
}

/* ---- the stream ---- */

static void take_line(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                      const struct line *line)
{
    const struct ftp *ftp = parser->state;
    if (segment->direction == ftp->logins.client) {
        take_command(parser, segment, line);
    } else {
        take_reply_line(parser, segment, line);
    }
}

/* Returns the bytes of the line end at `end`: CR, LF or CR LF; 0 when it is missing or
 * undecided. */
static size_t line_end_size(struct p2i_view bytes, size_t end)
{
    struct p2i_view rest = p2i_view_from(bytes, end);
    if (rest.size == 0 || (rest.data[0] == '\r' && rest.size == 1)) {
        return 0;
    }
    return rest.data[0] == '\r' && rest.data[1] == '\n' ? 2 : 1;
}

/* Returns the bytes of empty lines at the start, which neither side acts on. */
static size_t empty_lines_size(struct p2i_view bytes)
{
    size_t size = 0;
    while (size < bytes.size && (bytes.data[size] == '\r' || bytes.data[size] == '\n')) {
        size++;
    }
    return size;
}

/* Takes the line that begins at `at` and returns its size including its end; 0 when it is
 * incomplete. The first part of a line that is too long is taken, the rest skipped. */
static size_t next_line(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                        size_t at)
{
    struct ftp *ftp = parser->state;
    bool *mid_line = &ftp->mid_line[segment->direction];
    struct p2i_view rest = p2i_view_from(segment->bytes, at);
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
        struct line line = {p2i_view_first(rest, end), at, too_long ? P2I_LIMITED : P2I_WHOLE};
        take_line(parser, segment, &line);
    }
    *mid_line = end_size == 0;
    return end + end_size;
}

enum course {
    GO_ON,
    WAIT,  /* the other direction will decide */
    LEAVE, /* the bytes that follow are not FTP */
};

/* A line cannot begin with the first byte of a TLS handshake nor, behind AUTH, with that of an
 * SSL 2.0 hello. A client that sends EHLO speaks SMTP. */
static enum course course_at(const struct ftp *ftp, const struct p2i_stream_segment *segment,
                             size_t at)
{
    enum { TLS_HANDSHAKE = 0x16, SSL2_HELLO = 0x80 };
    struct p2i_view rest = p2i_view_from(segment->bytes, at);
    bool client = segment->direction == ftp->logins.client;
    if (ftp->secured) {
        return LEAVE;
    }
    if (ftp->mid_line[segment->direction]) {
        return GO_ON;
    }
    bool may_be_hello = rest.data[0] == TLS_HANDSHAKE || rest.data[0] == SSL2_HELLO;
    bool asked = may_be_hello && p2i_ftp_pending_has(&ftp->pending, P2I_FTP_AUTH_TLS);
    if (rest.data[0] == TLS_HANDSHAKE || asked) {
        return client && asked && segment->peer_seen && !segment->full ? WAIT : LEAVE;
    }
    bool smtp = client && !ftp->client_spoke &&
                (p2i_view_starts_nocase(rest, P2I_VIEW("EHLO ")) ||
                 p2i_view_starts_nocase(rest, P2I_VIEW("HELO ")));
    return smtp ? LEAVE : GO_ON;
}

static void learn_client(struct ftp *ftp, const struct p2i_stream_segment *segment)
{
    if (!ftp->client_known) {
        bool digit = p2i_is_digit(segment->bytes.data[0]);
        ftp->logins.client = (uint8_t)(digit ? !segment->direction : segment->direction);
        ftp->client_known = true;
        ftp->greeted = ftp->lost[!ftp->logins.client];
    }
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct ftp *ftp = parser->state;
    enum course course = GO_ON;
    size_t at = 0;
    size_t size = 1;
    learn_client(ftp, segment);
    while (at < segment->bytes.size && size > 0) {
        course = course_at(ftp, segment, at);
        if (course != GO_ON) {
            break;
        }
        size = next_line(parser, segment, at);
        at += size;
    }
    bool leave = course == LEAVE || ftp->secured;
    if (leave) {
        p2i_ftp_emit_all(parser, &ftp->logins, false);
    }
    return (struct p2i_step){.consumed = at, .verdict = leave ? P2I_RESTART : P2I_CONTINUE};
}

/* Takes the unfinished line: no more of it will come. */
static void cut_line(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                     enum p2i_completeness completeness)
{
    struct ftp *ftp = parser->state;
    if (ftp->client_known && segment->bytes.size > 0 && course_at(ftp, segment, 0) == GO_ON) {
        struct p2i_view text = p2i_view_first(segment->bytes, p2i_ftp_line_end(segment->bytes));
        bool ends = text.size < segment->bytes.size;
        take_line(parser, segment, &(struct line){text, 0, ends ? P2I_WHOLE : completeness});
    }
    ftp->mid_line[segment->direction] = false;
}

static void gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing)
{
    struct ftp *ftp = parser->state;
    (void)missing;
    cut_line(parser, segment, P2I_CUT);
    ftp->lost[segment->direction] = true;
    if (!ftp->client_known) {
        return;
    }
    if (segment->direction == ftp->logins.client) {
        p2i_ftp_miss_lines(&ftp->logins);
        return;
    }
    /* Most clients wait for a reply before the next command, so the next reply answers the
     * newest. */
    ftp->greeted = true;
    ftp->inside = 0;
    p2i_ftp_miss_replies(&ftp->logins);
    forget_pending_but(parser, 1);
    p2i_ftp_emit_complete(parser, &ftp->logins);
}

static void at_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct ftp *ftp = parser->state;
    cut_line(parser, segment, segment->ended ? P2I_WHOLE : P2I_CUT);
    ftp->logins.ended[segment->direction] = segment->ended;
    if (ftp->client_known && segment->direction != ftp->logins.client && ftp->inside != 0) {
        take_reply(parser, ftp->inside); /* its last line is missing, its code is not */
        ftp->inside = 0;
    }
}

static void at_end(struct p2i_parser *parser)
{
    struct ftp *ftp = parser->state;
    p2i_ftp_emit_all(parser, &ftp->logins, true);
    p2i_ftp_set_text(parser, &ftp->logins.server_name, (struct p2i_view){0});
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
