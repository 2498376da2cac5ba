/* SPDX-License-Identifier: MIT */
/* SMTP and LMTP over TCP (RFC 5321, RFC 2033) with pipelining (RFC 2920), BDAT (RFC 3030), BURL
 * (RFC 4468) and STARTTLS (RFC 3207): a mail message for each message that is sent, and for each
 * transaction that is refused or cut off. The record waits for the reply to the end of the message.
 * Its sender is the client, its origin the first byte of MAIL FROM.
 *
 * A message ends where the client says so. Whether the client's bytes behind DATA are a message at
 * all, the server's reply tells; where no reply is to be seen, what they look like. */
#include "protocol/mail_address.h"
#include "protocol/mail_probe.h"
#include "protocol/protocols.h"
#include "protocol/smtp_line.h"
#include "protocol/smtp_transaction.h"

enum phase {
    IN_COMMANDS = 0,
    BEHIND_DATA, /* is it a message that follows? */
    IN_CONTENT,
    IN_CHUNK, /* of BDAT */
};

struct smtp {
    struct p2i_mail_lines lines[2];
    struct p2i_smtp_work work;
    uint64_t chunk_left; /* bytes of this BDAT to come */
    uint8_t phase;       /* of the client */
    uint8_t server;      /* enum p2i_direction */
    bool server_known;
    bool greeted;
    bool last_chunk;
    bool bare_lf;       /* the client's lines end without CR */
    bool client_waits;  /* there are bytes behind DATA */
    bool go_on;         /* DATA was answered with 354 */
    bool challenged;    /* the client's next line answers a 334 to AUTH */
    bool commands_lost; /* until the client is followed again */
    bool server_ended;  /* no more replies will come */
};

static struct p2i_step consume(uint64_t size)
{
    return (struct p2i_step){.consumed = size};
}

/* ---- messages ---- */

/* The message has been sent. */
static void end_content(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    bool deaf = smtp->server_ended || (piece->direction != smtp->server && !piece->peer_seen);
    smtp->phase = IN_COMMANDS;
    p2i_smtp_sent(parser, &smtp->work, deaf);
}

static void begin_content(struct p2i_parser *parser, const struct p2i_piece *piece, bool dotted)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter =
        p2i_smtp_current_or_new(parser, &smtp->work, p2i_origin_at(piece, 0));
    if (letter != NULL) {
        letter->has_content = true;
        /* What was refused so far does not matter any more, but of chunks one may have been. */
        letter->refused = letter->refused && !dotted;
        letter->code = letter->refused ? letter->code : 0;
        letter->mime.dotted = dotted;
        letter->mime.bare_lf = smtp->bare_lf;
    }
    smtp->phase = dotted ? IN_CONTENT : IN_CHUNK;
    smtp->go_on = false;
    p2i_mail_lines_reset(&smtp->lines[!smtp->server]);
}

/* ---- the client's commands ---- */

static void take_hello(struct p2i_parser *parser, struct p2i_view name, bool lmtp)
{
    struct p2i_smtp_work *work = &((struct smtp *)parser->state)->work;
    p2i_smtp_reset(work);
    work->lmtp = lmtp;
    work->hosts.hello.size = 0;
    p2i_text_add(parser, &work->hosts.hello, p2i_mail_host(name), P2I_MAIL_STRING_MAX);
}

static void take_mail(struct p2i_parser *parser, const struct p2i_piece *piece,
                      struct p2i_view path)
{
    struct p2i_smtp_work *work = &((struct smtp *)parser->state)->work;
    struct p2i_letter *letter = p2i_smtp_begin(parser, work, p2i_origin_at(piece, 0));
    if (letter != NULL) {
        letter->has_envelope = true;
        p2i_text_add(parser, &letter->sender, p2i_mail_path(path), P2I_MAIL_STRING_MAX);
    }
    p2i_smtp_expect(work, P2I_SMTP_FOR_MAIL);
}

static void take_rcpt(struct p2i_parser *parser, const struct p2i_piece *piece,
                      struct p2i_view path)
{
    struct p2i_smtp_work *work = &((struct smtp *)parser->state)->work;
    struct p2i_letter *letter = p2i_smtp_current_or_new(parser, work, p2i_origin_at(piece, 0));
    if (letter != NULL) {
        letter->has_envelope = true;
        p2i_text_list(parser, &letter->receivers, p2i_mail_path(path), P2I_MAIL_RECEIVERS_MAX);
    }
    p2i_smtp_expect(work, P2I_SMTP_FOR_RCPT);
}

static void end_chunk(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    smtp->phase = IN_COMMANDS;
    if (smtp->last_chunk) {
        end_content(parser, piece);
    }
}

/* BDAT SP size [SP LAST] (RFC 3030 section 2); BURL SP url [SP LAST] (RFC 4468 section 3.1), of
 * which nothing is seen here. */
static void take_chunk(struct p2i_parser *parser, const struct p2i_piece *piece, bool is_url,
                       struct p2i_view arguments)
{
    struct smtp *smtp = parser->state;
    uint64_t size = 0;
    struct p2i_view first = p2i_mail_word(&arguments);
    if (!is_url && !p2i_mail_number(first, &size)) {
        p2i_smtp_expect(&smtp->work, P2I_SMTP_FOR_ANYTHING);
        return;
    }
    begin_content(parser, piece, false);
    smtp->chunk_left = size;
    smtp->last_chunk = p2i_mail_is_command(arguments, P2I_VIEW("LAST"));
    if (!smtp->last_chunk) {
        p2i_smtp_expect(&smtp->work, P2I_SMTP_FOR_CHUNK);
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
        p2i_smtp_expect(&smtp->work, P2I_SMTP_FOR_DATA);
        smtp->phase = BEHIND_DATA;
        break;
    case P2I_SMTP_BDAT:
    case P2I_SMTP_BURL:
        take_chunk(parser, piece, verb == P2I_SMTP_BURL, arguments);
        break;
    case P2I_SMTP_RSET:
    case P2I_SMTP_QUIT:
        p2i_smtp_reset(&smtp->work);
        break;
    case P2I_SMTP_STARTTLS:
        p2i_smtp_expect(&smtp->work, P2I_SMTP_FOR_STARTTLS);
        break;
    case P2I_SMTP_AUTH:
        p2i_smtp_expect(&smtp->work, P2I_SMTP_FOR_AUTH);
        break;
    case P2I_SMTP_OTHER:
        p2i_smtp_expect(&smtp->work, P2I_SMTP_FOR_ANYTHING);
        break;
    }
}

static struct p2i_step in_commands(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    struct p2i_mail_line line;
    struct p2i_step step;
    if (!p2i_mail_take_line(&smtp->lines[piece->direction], piece, &line, &step)) {
        return step;
    }
    if (!line.begins) {
        return consume(line.size);
    }
    smtp->bare_lf = line.bare_lf;
    if (smtp->challenged) {
        /* Base64 can look like a command (RFC 4954 section 4). */
        smtp->challenged = false;
        p2i_smtp_expect(&smtp->work, P2I_SMTP_FOR_AUTH);
        return consume(line.size);
    }
    if (smtp->commands_lost) {
        /* Who knows what this is a part of. */
        if (p2i_smtp_is_strong(piece->bytes) != P2I_MATCH_YES) {
            return consume(line.size);
        }
        smtp->commands_lost = false;
        smtp->work.queue.run_count = 0;
    }
    take_command(parser, piece, line.text);
    return consume(line.size);
}

/* A message follows if the server has said so; where it is not heard, if what follows does not
 * look like a command. */
static struct p2i_step behind_data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    /* What waited when replies were lost waits on, until more comes. */
    bool is_fresh = piece->fresh < piece->bytes.size;
    bool deaf = !piece->peer_seen || piece->full || smtp->server_ended ||
                (smtp->work.replies_lost && is_fresh);
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
    struct p2i_letter *letter = p2i_smtp_current(&smtp->work);
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
    struct p2i_letter *letter = p2i_smtp_current(&smtp->work);
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

static struct p2i_step client_turn(struct p2i_parser *parser, const struct p2i_piece *piece)
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

static void data_answered(struct smtp *smtp, uint32_t code)
{
    if (code == 354) {
        smtp->go_on = smtp->phase == BEHIND_DATA;
        return;
    }
    if (smtp->phase == BEHIND_DATA || smtp->phase == IN_CONTENT) {
        /* What looked like a message was none. */
        struct p2i_letter *letter = p2i_smtp_current(&smtp->work);
        smtp->phase = IN_COMMANDS;
        if (letter != NULL) {
            letter->has_content = false;
        }
    }
}

/* A reply in the middle of a message: either its end was not seen as such, or the server has had
 * enough of it. */
static void interrupted(struct p2i_parser *parser, const struct p2i_piece *piece, uint32_t code)
{
    struct smtp *smtp = parser->state;
    struct p2i_letter *letter = p2i_smtp_current(&smtp->work);
    if (letter != NULL && (letter->mime.holed || letter->mime.loose_end)) {
        smtp->commands_lost = letter->mime.holed;
        end_content(parser, piece);
        (void)p2i_smtp_answer(parser, &smtp->work, code);
    } else {
        p2i_smtp_refuse(&smtp->work, code);
    }
}

/* A reply to nothing that was seen. */
static void take_unasked(struct p2i_parser *parser, const struct p2i_piece *piece, uint32_t code)
{
    struct smtp *smtp = parser->state;
    if (code == 354 && smtp->phase == IN_COMMANDS && smtp->commands_lost) {
        smtp->commands_lost = false;
        smtp->phase = BEHIND_DATA;
        smtp->go_on = true;
    } else if (smtp->phase == IN_CONTENT && code != 354) {
        interrupted(parser, piece, code);
    }
}

static struct p2i_step take_reply(struct p2i_parser *parser, const struct p2i_piece *piece,
                                  uint32_t code, size_t size)
{
    struct smtp *smtp = parser->state;
    if (smtp->work.replies_lost) {
        p2i_smtp_follow_again(parser, &smtp->work, code);
    }
    uint8_t expected = p2i_mail_expected(&smtp->work.queue);
    if (expected == P2I_SMTP_FOR_NOTHING) {
        take_unasked(parser, piece, code);
        return consume(size);
    }
    if (expected == P2I_SMTP_FOR_DATA && code < 300) {
        return consume(size); /* the reply to a command that was not seen */
    }
    switch (p2i_smtp_answer(parser, &smtp->work, code)) {
    case P2I_SMTP_FOR_DATA:
        data_answered(smtp, code);
        break;
    case P2I_SMTP_FOR_AUTH:
        smtp->challenged = code == 334;
        break;
    case P2I_SMTP_FOR_STARTTLS:
        if (code == 220) {
            return (struct p2i_step){.consumed = size, .verdict = P2I_ANEW};
        }
        break;
    default:
        break;
    }
    return consume(size);
}

/* What is said behind the word to go on answers a message that has not been read yet, all of it
 * (where its end may have been missed, the reply is what tells that it has ended); what is said
 * behind a refusal answers what the client has sent instead. */
static bool must_wait(const struct smtp *smtp, const struct p2i_piece *piece)
{
    const struct p2i_letter *letter = p2i_smtp_current(&smtp->work);
    bool end_missed = letter != NULL && (letter->mime.holed || letter->mime.loose_end);
    bool in_message = (smtp->phase == BEHIND_DATA && smtp->go_on) || smtp->phase == IN_CONTENT;
    bool behind = smtp->client_waits && smtp->phase == IN_COMMANDS;
    return (behind || (in_message && !end_missed)) && !piece->full && !smtp->server_ended &&
           p2i_mail_expected(&smtp->work.queue) == P2I_SMTP_FOR_NOTHING;
}

static struct p2i_step server_turn(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct smtp *smtp = parser->state;
    struct p2i_mail_line line;
    struct p2i_step step;
    if (must_wait(smtp, piece)) {
        return consume(0);
    }
    if (!p2i_mail_take_line(&smtp->lines[piece->direction], piece, &line, &step)) {
        return step;
    }
    uint32_t code = 0;
    bool more = false;
    if (!line.begins || !p2i_smtp_reply(line.text, &code, &more)) {
        return consume(line.size);
    }
    if (code == 220 && !smtp->greeted &&
        p2i_mail_expected(&smtp->work.queue) != P2I_SMTP_FOR_STARTTLS) {
        struct p2i_view host = p2i_smtp_greeting_host(p2i_view_from(line.text, 4));
        if (smtp->work.hosts.greeting.size == 0) {
            p2i_text_add(parser, &smtp->work.hosts.greeting, host, P2I_MAIL_STRING_MAX);
        }
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
        smtp->work.client = (uint8_t)!smtp->server;
        smtp->server_known = true;
        /* What comes first need not be the beginning. */
        smtp->commands_lost = true;
    }
    return p2i_mail_turns(parser, piece,
                          piece->direction == smtp->server ? server_turn : client_turn);
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
    struct p2i_letter *letter = p2i_smtp_current(&smtp->work);
    if (smtp->phase != IN_COMMANDS && letter != NULL) {
        p2i_mime_gap(parser, &letter->mime);
    }
    smtp->challenged = false;
    if (smtp->phase == IN_CHUNK) {
        smtp->commands_lost = missing > smtp->chunk_left;
        smtp->chunk_left -= missing < smtp->chunk_left ? missing : smtp->chunk_left;
        if (smtp->chunk_left == 0) {
            end_chunk(parser, piece);
        }
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
        smtp->work.replies_lost = true;
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
            size = (size_t)server_turn(parser, &rest).consumed;
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
    p2i_smtp_free_work(parser, &smtp->work);
}

const struct p2i_protocol p2i_smtp = {
    .id = P2I_ID_SMTP,
    .state_size = sizeof(struct smtp),
    .over = {[P2I_OVER_TCP] = true},
    .probe = p2i_smtp_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
};
