/* SPDX-License-Identifier: MIT */
/* SMTP and LMTP over TCP (RFC 5321, RFC 2033) with pipelining (RFC 2920), BDAT (RFC 3030) and
 * STARTTLS (RFC 3207): a mail message for each message that is sent, and for each transaction that
 * is refused or cut off. The record waits for the reply to the end of the message. Its sender is
 * the client, its origin the first byte of MAIL FROM.
 *
 * A message ends where the client says so. Whether the client's bytes behind DATA are a message at
 * all, the server's reply tells; where no reply is to be seen, what they look like. */
#include "protocol/mail.h"
#include "protocol/mail_address.h"
#include "protocol/mail_probe.h"
#include "protocol/protocols.h"
#include "protocol/smtp_line.h"

enum {
    LETTERS_MAX = 16, /* messages that wait for replies */
};

enum phase {
    IN_COMMANDS = 0,
    BEHIND_DATA, /* is it a message that follows? */
    IN_CONTENT,
    IN_CHUNK, /* of BDAT */
};

/* What a reply answers. */
enum expected {
    NOTHING = 0,
    ANYTHING, /* a command whose reply does not matter */
    MAIL,
    RCPT,
    DATA,
    CHUNK,   /* BDAT that is not the last */
    CONTENT, /* the end of a message */
    RESET,   /* a command that ended a transaction */
    STARTTLS,
};

struct smtp {
    struct p2i_mail_lines lines[2];
    struct p2i_mail_queue queue;
    struct p2i_mail_hosts hosts;
    struct p2i_letter *letters; /* the oldest first; the newest may still be added to */
    uint64_t chunk_left;        /* bytes of this BDAT to come */
    uint8_t letter_count;
    uint8_t phase;  /* of the client */
    uint8_t server; /* enum p2i_direction */
    bool server_known;
    bool lmtp;
    bool greeted;
    bool last_chunk;
    bool bare_lf;       /* the client's lines end without CR */
    bool client_waits;  /* there are bytes behind DATA */
    bool go_on;         /* DATA was answered with 354 */
    bool commands_lost; /* until the client is followed again */
    bool replies_lost;  /* until the server is followed again */
    bool server_ended;  /* no more replies will come */
};

static struct p2i_step consume(uint64_t size)
{
    return (struct p2i_step){.consumed = size};
}

static enum p2i_direction client_of(const struct smtp *smtp)
{
    return smtp->server == P2I_FROM_RESPONDER ? P2I_FROM_INITIATOR : P2I_FROM_RESPONDER;
}

/* ---- transactions ---- */

static void emit(const struct p2i_parser *parser, const struct p2i_letter *letter)
{
    const struct smtp *smtp = parser->state;
    p2i_letter_emit(parser, letter, &smtp->hosts, client_of(smtp), P2I_MAIL_SENT, P2I_MAIL_SMTP);
}

/* The oldest transaction is over: a message was sent, something refused, or `cut` short. */
static void finish_oldest(struct p2i_parser *parser, bool cut)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter = smtp->letters;
    if (letter == NULL) {
        return;
    }
    if (letter->has_content || letter->code != 0 || cut) {
        p2i_mime_end(parser, &letter->mime);
        emit(parser, letter);
    }
    smtp->letters = letter->next;
    smtp->letter_count--;
    p2i_letter_free(parser, letter);
}

static struct p2i_letter *newest(const struct smtp *smtp)
{
    struct p2i_letter *letter = smtp->letters;
    while (letter != NULL && letter->next != NULL) {
        letter = letter->next;
    }
    return letter;
}

/* The transaction that is under way; NULL when none is. */
static struct p2i_letter *current(const struct smtp *smtp)
{
    struct p2i_letter *letter = newest(smtp);
    return letter != NULL && !letter->ended ? letter : NULL;
}

static struct p2i_letter *begin_letter(struct p2i_parser *parser, const struct p2i_origin *origin)
{
    struct smtp *smtp = parser->state;
    if (smtp->letter_count == LETTERS_MAX) {
        smtp->replies_lost = true; /* as good as */
        finish_oldest(parser, false);
    }
    struct p2i_letter *letter = p2i_letter_new(parser, origin);
    struct p2i_letter *last = newest(smtp);
    if (letter != NULL) {
        *(last != NULL ? &last->next : &smtp->letters) = letter;
        smtp->letter_count++;
    }
    return letter;
}

/* The transaction that is under way, or a new one, whose beginning was missed. */
static struct p2i_letter *current_or_new(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct p2i_letter *letter = current(parser->state);
    return letter != NULL ? letter : begin_letter(parser, p2i_origin_at(piece, 0));
}

/* The client waits for the reply to one more command. */
static void expect(struct smtp *smtp, enum expected kind, uint32_t count)
{
    if (!p2i_mail_expect(&smtp->queue, (uint8_t)kind, count)) {
        /* More than can be remembered: as if replies had been lost. */
        p2i_mail_forget_older(&smtp->queue);
        smtp->replies_lost = true;
        (void)p2i_mail_expect(&smtp->queue, (uint8_t)kind, count);
    }
}

/* A command ends the transaction that is under way, if there is one. */
static void expect_reset(struct smtp *smtp)
{
    struct p2i_letter *letter = current(smtp);
    if (letter != NULL) {
        letter->ended = true;
    }
    expect(smtp, letter != NULL ? RESET : ANYTHING, 1);
}

static void content_answered(struct p2i_parser *parser, uint32_t code)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter = smtp->letters;
    if (letter == NULL) {
        return;
    }
    /* LMTP: the worst of the replies. */
    letter->code = letter->concluded && letter->code > code ? letter->code : code;
    letter->concluded = true;
    if (p2i_mail_expected(&smtp->queue) != CONTENT || letter->accepted <= 1 || !smtp->lmtp) {
        finish_oldest(parser, false);
    } else {
        letter->accepted--;
    }
}

/* The message has been sent. */
static void end_content(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter = current(smtp);
    smtp->phase = IN_COMMANDS;
    if (letter == NULL) {
        return;
    }
    p2i_mime_end(parser, &letter->mime);
    letter->ended = true;
    if (smtp->server_ended || (piece->direction != smtp->server && !piece->peer_seen)) {
        /* No replies are to be seen: there is nothing to wait for. */
        while (smtp->letters != NULL) {
            finish_oldest(parser, false);
        }
        return;
    }
    /* LMTP answers once for each recipient that it accepted (RFC 2033 section 4.2). */
    expect(smtp, CONTENT, smtp->lmtp && letter->accepted > 1 ? letter->accepted : 1);
}

static void begin_content(struct p2i_parser *parser, const struct p2i_piece *piece, bool dotted)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter = current_or_new(parser, piece);
    if (letter != NULL) {
        letter->has_content = true;
        letter->code = 0;
        letter->mime.dotted = dotted;
        letter->mime.bare_lf = smtp->bare_lf;
    }
    smtp->phase = dotted ? IN_CONTENT : IN_CHUNK;
    smtp->go_on = false;
    p2i_mail_lines_reset(&smtp->lines[client_of(smtp)]);
}

/* ---- the client's commands ---- */

static void take_hello(struct p2i_parser *parser, struct p2i_view name, bool lmtp)
{
    struct smtp *smtp = parser->state;
    expect_reset(smtp);
    smtp->lmtp = lmtp;
    smtp->hosts.hello.size = 0;
    p2i_text_add(parser, &smtp->hosts.hello, p2i_mail_host(name), P2I_MAIL_STRING_MAX);
}

static void take_mail(struct p2i_parser *parser, const struct p2i_piece *piece,
                      struct p2i_view path)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter = current(smtp);
    if (letter != NULL) {
        letter->ended = true;
    }
    letter = begin_letter(parser, p2i_origin_at(piece, 0));
    if (letter != NULL) {
        letter->has_envelope = true;
        p2i_text_add(parser, &letter->sender, p2i_mail_path(path), P2I_MAIL_STRING_MAX);
    }
    expect(smtp, MAIL, 1);
}

static void take_rcpt(struct p2i_parser *parser, const struct p2i_piece *piece,
                      struct p2i_view path)
{
    struct p2i_letter *letter = current_or_new(parser, piece);
    if (letter != NULL) {
        letter->has_envelope = true;
        p2i_text_list(parser, &letter->receivers, p2i_mail_path(path), P2I_MAIL_RECEIVERS_MAX);
    }
    expect(parser->state, RCPT, 1);
}

static void end_chunk(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    smtp->phase = IN_COMMANDS;
    if (smtp->last_chunk) {
        end_content(parser, piece);
    }
}

/* BDAT SP size [SP LAST] (RFC 3030 section 2). */
static void take_bdat(struct p2i_parser *parser, const struct p2i_piece *piece,
                      struct p2i_view arguments)
{
    struct smtp *smtp = parser->state;
    uint64_t size = 0;
    if (!p2i_mail_number(p2i_mail_word(&arguments), &size)) {
        expect(smtp, ANYTHING, 1);
        return;
    }
    begin_content(parser, piece, false);
    smtp->chunk_left = size;
    smtp->last_chunk = p2i_mail_is_command(arguments, P2I_VIEW("LAST"));
    if (!smtp->last_chunk) {
        expect(smtp, CHUNK, 1);
    }
    if (size == 0) {
        end_chunk(parser, piece);
    }
}

static void take_command(struct p2i_parser *parser, const struct p2i_piece *piece,
                         struct p2i_view line)
{
    struct smtp *smtp = parser->state;
    struct p2i_view arguments;
    enum p2i_smtp_verb verb = p2i_smtp_command(line, &arguments);
    switch (verb) {
    case P2I_SMTP_HELLO:
    case P2I_SMTP_LHLO:
        take_hello(parser, arguments, verb == P2I_SMTP_LHLO);
        break;
    case P2I_SMTP_MAIL:
        take_mail(parser, piece, arguments);
        break;
    case P2I_SMTP_RCPT:
        take_rcpt(parser, piece, arguments);
        break;
    case P2I_SMTP_DATA:
        expect(smtp, DATA, 1);
        smtp->phase = BEHIND_DATA;
        break;
    case P2I_SMTP_BDAT:
        take_bdat(parser, piece, arguments);
        break;
    case P2I_SMTP_RSET:
    case P2I_SMTP_QUIT:
        expect_reset(smtp);
        break;
    case P2I_SMTP_STARTTLS:
        expect(smtp, STARTTLS, 1);
        break;
    case P2I_SMTP_OTHER:
        expect(smtp, ANYTHING, 1);
        break;
    }
}

static struct p2i_step in_commands(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    struct p2i_mail_lines *lines = &smtp->lines[piece->direction];
    struct p2i_mail_line line;
    if (!lines->middle && p2i_mail_is_tls(piece->bytes)) {
        return (struct p2i_step){.verdict = P2I_ANEW};
    }
    if (!p2i_mail_next_line(lines, piece, P2I_MAIL_LINE_MAX, &line)) {
        return consume(0);
    }
    p2i_mail_line_done(lines, &line);
    if (!line.begins) {
        return consume(line.size);
    }
    smtp->bare_lf = line.bare_lf;
    if (smtp->commands_lost) {
        /* Who knows what this is a part of. */
        if (p2i_smtp_is_strong(piece->bytes) != P2I_MATCH_YES) {
            return consume(line.size);
        }
        smtp->commands_lost = false;
        smtp->queue.run_count = 0;
    }
    take_command(parser, piece, line.text);
    return consume(line.size);
}

/* A message follows if the server has said so; where it is not heard, if what follows does not
 * look like a command. */
static struct p2i_step behind_data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    bool deaf = !piece->peer_seen || piece->full || smtp->replies_lost || smtp->server_ended;
    if (smtp->go_on) {
        begin_content(parser, piece, true);
    } else if (deaf) {
        enum p2i_match match = p2i_smtp_is_strong(piece->bytes);
        if (match == P2I_MATCH_NO) {
            begin_content(parser, piece, true);
        } else if (match == P2I_MATCH_YES) {
            smtp->phase = IN_COMMANDS;
        }
    }
    smtp->client_waits = smtp->phase == BEHIND_DATA;
    return consume(0);
}

static struct p2i_step in_content(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter = current(smtp);
    bool ended = false;
    if (letter == NULL) {
        smtp->phase = IN_COMMANDS;
        smtp->commands_lost = true;
        return consume(0);
    }
    size_t size = p2i_letter_read(parser, letter, piece->bytes, p2i_smtp_is_strong, &ended);
    if (ended) {
        end_content(parser, piece);
    }
    return consume(size);
}

static struct p2i_step in_chunk(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter = current(smtp);
    struct p2i_view content = p2i_view_first(
        piece->bytes, smtp->chunk_left < SIZE_MAX ? (size_t)smtp->chunk_left : SIZE_MAX);
    uint64_t size = content.size;
    if (letter != NULL) {
        (void)p2i_mime_read(parser, &letter->mime, content, NULL);
    }
    if (letter == NULL || p2i_mime_idle(&letter->mime)) {
        size = smtp->chunk_left; /* nobody needs to see the rest */
    }
    smtp->chunk_left -= size;
    if (smtp->chunk_left == 0) {
        end_chunk(parser, piece);
    }
    return consume(size);
}

static struct p2i_step from_client(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    struct p2i_step step;
    uint8_t before;
    smtp->client_waits = false;
    do {
        before = smtp->phase;
        switch ((enum phase)before) {
        case IN_COMMANDS:
            step = in_commands(parser, piece);
            break;
        case BEHIND_DATA:
            step = behind_data(parser, piece);
            break;
        case IN_CONTENT:
            step = in_content(parser, piece);
            break;
        case IN_CHUNK:
            step = in_chunk(parser, piece);
            break;
        }
    } while (step.consumed == 0 && step.verdict == P2I_CONTINUE && smtp->phase != before);
    return step;
}

/* ---- the server's replies ---- */

/* A command of the oldest transaction was refused, perhaps. What follows from an earlier refusal
 * (no valid recipients) is not what refused the transaction. */
static void refuse(struct smtp *smtp, uint32_t code)
{
    struct p2i_letter *letter = smtp->letters;
    if (letter != NULL && code >= 400 && (letter->code == 0 || letter->accepted > 0)) {
        letter->code = code;
    }
}

/* All transactions before the one whose MAIL FROM has just been answered are over. */
static void mail_answered(struct p2i_parser *parser, uint32_t code)
{
    struct smtp *smtp = parser->state;
    while (smtp->letters != NULL && smtp->letters->answered) {
        finish_oldest(parser, false);
    }
    if (smtp->letters != NULL) {
        smtp->letters->answered = true;
        refuse(smtp, code);
    }
}

static void data_answered(struct smtp *smtp, uint32_t code)
{
    refuse(smtp, code);
    if (code == 354) {
        smtp->go_on = smtp->phase == BEHIND_DATA;
        return;
    }
    if (smtp->phase == BEHIND_DATA || smtp->phase == IN_CONTENT) {
        /* What looked like a message was none. */
        struct p2i_letter *letter = current(smtp);
        smtp->phase = IN_COMMANDS;
        if (letter != NULL) {
            letter->has_content = false;
        }
    }
}

/* What a final reply means to the command that it answers. */
static void take_answer(struct p2i_parser *parser, enum expected kind, uint32_t code)
{
    struct smtp *smtp = parser->state;
    switch (kind) {
    case MAIL:
        mail_answered(parser, code);
        break;
    case RCPT:
        if (smtp->letters != NULL && code < 300) {
            smtp->letters->accepted++;
        } else if (smtp->letters != NULL && smtp->letters->code == 0) {
            refuse(smtp, code);
        }
        break;
    case CHUNK:
        refuse(smtp, code);
        break;
    case DATA:
        data_answered(smtp, code);
        break;
    case CONTENT:
        content_answered(parser, code);
        break;
    case RESET:
        finish_oldest(parser, false);
        break;
    case NOTHING:
    case ANYTHING:
    case STARTTLS:
        break;
    }
}

/* Finds out again which command a reply answers, behind replies that were lost. */
static void follow_again(struct p2i_parser *parser, uint32_t code)
{
    struct smtp *smtp = parser->state;
    smtp->replies_lost = false;
    while (smtp->letter_count > 1) {
        finish_oldest(parser, false);
    }
    if (code != 354) {
        p2i_mail_forget_older(&smtp->queue);
        return;
    }
    while (smtp->queue.run_count > 0 && p2i_mail_expected(&smtp->queue) != DATA) {
        p2i_mail_answered(&smtp->queue);
    }
}

/* A reply in the middle of a message: either its end was not seen as such, or the server has had
 * enough of it. */
static void interrupted(struct p2i_parser *parser, const struct p2i_piece *piece, uint32_t code)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter = current(smtp);
    if (letter != NULL && (letter->mime.holed || letter->mime.loose_end)) {
        smtp->commands_lost = letter->mime.holed;
        end_content(parser, piece);
        p2i_mail_answered(&smtp->queue);
        content_answered(parser, code);
    } else {
        refuse(smtp, code);
    }
}

static struct p2i_step take_reply(struct p2i_parser *parser, const struct p2i_piece *piece,
                                  uint32_t code, size_t size)
{
    struct smtp *smtp = parser->state;
    if (smtp->replies_lost) {
        follow_again(parser, code);
    }
    enum expected kind = (enum expected)p2i_mail_expected(&smtp->queue);
    if (kind == NOTHING) {
        if (code == 354 && smtp->phase == IN_COMMANDS && smtp->commands_lost) {
            smtp->commands_lost = false;
            smtp->phase = BEHIND_DATA;
            smtp->go_on = true;
        } else if (smtp->phase == IN_CONTENT && code != 354) {
            interrupted(parser, piece, code);
        }
        return consume(size);
    }
    if (kind == DATA && code < 300) {
        return consume(size); /* the reply to a command that was not seen */
    }
    p2i_mail_answered(&smtp->queue);
    if (kind == STARTTLS && code == 220) {
        return (struct p2i_step){.consumed = size, .verdict = P2I_ANEW};
    }
    take_answer(parser, kind, code);
    return consume(size);
}

/* What is said behind the word to go on answers a message that has not been read yet, all of it
 * (where its end may have been missed, the reply is what tells that it has ended); what is said
 * behind a refusal answers what the client has sent instead. */
static bool must_wait(const struct smtp *smtp, const struct p2i_piece *piece)
{
    const struct p2i_letter *letter = current(smtp);
    bool end_missed = letter != NULL && (letter->mime.holed || letter->mime.loose_end);
    bool in_message = (smtp->phase == BEHIND_DATA && smtp->go_on) || smtp->phase == IN_CONTENT;
    bool behind = smtp->client_waits && smtp->phase == IN_COMMANDS;
    return (behind || (in_message && !end_missed)) && !piece->full && !smtp->server_ended &&
           p2i_mail_expected(&smtp->queue) == NOTHING;
}

static struct p2i_step from_server(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    struct p2i_mail_lines *lines = &smtp->lines[piece->direction];
    struct p2i_mail_line line;
    if (must_wait(smtp, piece)) {
        return consume(0);
    }
    if (!lines->middle && p2i_mail_is_tls(piece->bytes)) {
        return (struct p2i_step){.verdict = P2I_ANEW};
    }
    if (!p2i_mail_next_line(lines, piece, P2I_MAIL_LINE_MAX, &line)) {
        return consume(0);
    }
    p2i_mail_line_done(lines, &line);
    uint32_t code = 0;
    bool more = false;
    if (!line.begins || !p2i_smtp_reply(line.text, &code, &more)) {
        return consume(line.size);
    }
    if (code == 220 && !smtp->greeted && p2i_mail_expected(&smtp->queue) != STARTTLS) {
        struct p2i_view host = p2i_smtp_greeting_host(p2i_view_from(line.text, 4));
        p2i_text_list_once(parser, &smtp->hosts.greeting, host, P2I_MAIL_STRING_MAX);
        smtp->greeted = !more;
        return consume(line.size);
    }
    smtp->greeted = true;
    return more ? consume(line.size) : take_reply(parser, piece, code, line.size);
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    if (!smtp->server_known) {
        bool digit = piece->bytes.data[0] >= '0' && piece->bytes.data[0] <= '9';
        smtp->server =
            (uint8_t)p2i_mail_server(&parser->ends, P2I_MAIL_SMTP, piece->direction, digit);
        smtp->server_known = true;
        /* What comes first need not be the beginning. */
        smtp->commands_lost = true;
    }
    return piece->direction == smtp->server ? from_server(parser, piece)
                                            : from_client(parser, piece);
}

/* ---- what cannot be seen ---- */

static void client_gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    struct smtp *smtp = parser->state;
    if (smtp->phase == BEHIND_DATA) {
        /* What is lost is the beginning of a message, or else an unlikely command. */
        begin_content(parser, piece, true);
        (void)in_content(parser, piece);
    }
    struct p2i_letter *letter = current(smtp);
    if (smtp->phase != IN_COMMANDS && letter != NULL) {
        p2i_mime_gap(parser, &letter->mime);
    }
    if (smtp->phase == IN_CHUNK && missing <= smtp->chunk_left) {
        smtp->chunk_left -= missing;
    } else if (smtp->phase != IN_CONTENT) {
        smtp->phase = IN_COMMANDS;
        smtp->commands_lost = true;
    }
}

static void gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    struct smtp *smtp = parser->state;
    p2i_mail_lines_reset(&smtp->lines[piece->direction]);
    smtp->client_waits = false;
    if (!smtp->server_known) {
        return; /* this direction began in the middle, which is what is assumed anyway */
    }
    if (piece->direction == smtp->server) {
        smtp->replies_lost = true;
    } else {
        client_gap(parser, piece, missing);
    }
}

static void at_close(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    struct p2i_piece rest = *piece;
    if (smtp->server_known && piece->direction == smtp->server) {
        /* Replies that waited for the end of a message do so no longer. */
        smtp->server_ended = true;
        for (size_t size = 1; rest.bytes.size > 0 && size > 0;) {
            size = (size_t)from_server(parser, &rest).consumed;
            rest.bytes = p2i_view_from(rest.bytes, size);
        }
    } else if (smtp->phase == BEHIND_DATA && piece->bytes.size > 0 &&
               p2i_smtp_is_strong(piece->bytes) == P2I_MATCH_NO) {
        /* A message that did not wait for the server's word. */
        begin_content(parser, piece, true);
        (void)in_content(parser, piece);
    }
    p2i_mail_lines_reset(&smtp->lines[piece->direction]);
}

static void at_end(struct p2i_parser *parser)
{
    struct smtp *smtp = parser->state;
    while (smtp->letters != NULL) {
        finish_oldest(parser, !smtp->letters->ended);
    }
    p2i_text_free(parser, &smtp->hosts.greeting);
    p2i_text_free(parser, &smtp->hosts.hello);
}

const struct p2i_protocol p2i_smtp = {
    .name = "smtp",
    .state_size = sizeof(struct smtp),
    .over = {[P2I_OVER_TCP] = true},
    .probe = p2i_smtp_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
};
