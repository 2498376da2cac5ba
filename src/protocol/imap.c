/* SPDX-License-Identifier: MIT */
/* IMAP4rev1 and rev2 over TCP (RFC 3501, RFC 9051) with literals of all sorts (RFC 7888, RFC 3516),
 * MULTIAPPEND (RFC 3502) and STARTTLS: a mail message for each FETCH response that has a message, a
 * part of one or its ENVELOPE, for each message of APPEND, and for each FETCH that is refused. Its
 * sender is who sends the message, its origin the first byte of the response, or of the line of
 * APPEND that announces the message.
 *
 * A message that is fetched in parts (BODY[]<0>, BODY[]<4096> ...) gives one record, when the next
 * one begins. */
#include "protocol/imap_fetch.h"
#include "protocol/imap_pending.h"
#include "protocol/mail_address.h"
#include "protocol/mail_probe.h"
#include "protocol/protocols.h"

enum {
    LINE_MAX = 32 << 10, /* of a response; ENVELOPE may be long */
};

enum client_phase {
    IN_COMMAND = 0,
    BEHIND_COUNT, /* does the literal follow? */
    IN_LITERAL,
};

struct client {
    struct p2i_mail_lines lines;
    uint64_t left; /* bytes of the literal to come */
    uint8_t phase;
    uint8_t kind; /* of the command that is being read */
    struct p2i_imap_tag tag;
    bool mid_command;   /* what follows a literal */
    bool wants_mailbox; /* the first literal of an APPEND names the mailbox */
    bool go_on;         /* the server has said "+" */
};

struct server {
    struct p2i_mail_lines lines;
    struct p2i_imap_fetch fetch;
    struct p2i_imap_partial partial;
    struct p2i_origin origin; /* of the response */
    struct p2i_text string;   /* a literal that is gathered */
    uint64_t left;            /* bytes of the literal to come */
    uint8_t use;              /* enum p2i_imap_use */
    bool in_literal;
    bool mid_response; /* what follows a literal */
    bool in_fetch;
    bool greeted;
    bool ended;
};

struct imap {
    struct client client;
    struct server server;
    struct p2i_imap_work work;
    bool server_known;
};

static struct p2i_step consume(uint64_t size)
{
    return (struct p2i_step){.consumed = size};
}

/* The message that was fetched in parts is complete, or given up. */
static void finish_partial(struct p2i_parser *parser)
{
    struct imap *imap = parser->state;
    struct p2i_letter *letter = imap->server.partial.letter;
    imap->server.partial = (struct p2i_imap_partial){0};
    p2i_imap_finish_letter(parser, &imap->work, letter, P2I_MAIL_RECEIVED);
}

/* ---- the client ---- */

static void begin_command(struct p2i_parser *parser, struct p2i_view line)
{
    struct imap *imap = parser->state;
    struct p2i_imap_command command = p2i_imap_read_command(line);
    imap->client.kind = (uint8_t)command.kind;
    imap->client.tag = p2i_imap_tag_of(command.tag);
    imap->client.wants_mailbox = command.wants_mailbox;
    if (command.kind != P2I_IMAP_PLAIN) {
        p2i_imap_wait(parser, &imap->work, &imap->client.tag, command.kind);
    }
}

/* The command is complete. Where no server is to be seen, nothing will be said about it. */
static void end_command(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct imap *imap = parser->state;
    imap->client.mid_command = false;
    if (imap->client.kind == P2I_IMAP_APPEND && (!piece->peer_seen || imap->server.ended)) {
        p2i_imap_finish_append(parser, &imap->work);
    }
}

static struct p2i_step in_command(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct imap *imap = parser->state;
    struct client *client = &imap->client;
    struct p2i_mail_line line;
    if (!client->lines.middle && !client->mid_command && p2i_mail_is_tls(piece->bytes)) {
        return (struct p2i_step){.verdict = P2I_ANEW};
    }
    if (!p2i_mail_next_line(&client->lines, piece, LINE_MAX, &line)) {
        return consume(0);
    }
    p2i_mail_line_done(&client->lines, &line);
    if (line.begins && !client->mid_command) {
        begin_command(parser, line.text);
    }
    uint64_t size = 0;
    bool at_once = false;
    if (!line.ends) {
        return consume(line.size);
    }
    if (!p2i_imap_take_count(&line.text, &size, &at_once)) {
        end_command(parser, piece);
        return consume(line.size);
    }
    imap->work.reading = NULL;
    if (client->kind == P2I_IMAP_APPEND && !client->wants_mailbox) {
        p2i_imap_append(parser, &imap->work, p2i_origin_at(piece, 0));
    }
    client->wants_mailbox = false;
    client->mid_command = true;
    client->left = size;
    client->go_on = at_once;
    client->phase = BEHIND_COUNT;
    return consume(line.size);
}

/* A literal follows at once or when the server has said so; where it is not heard, it follows. */
static struct p2i_step behind_count(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct imap *imap = parser->state;
    if (imap->client.go_on || !piece->peer_seen || piece->full || imap->server.ended) {
        imap->client.phase = IN_LITERAL;
    }
    return consume(0);
}

static struct p2i_step in_literal(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct imap *imap = parser->state;
    struct client *client = &imap->client;
    struct p2i_letter *letter = imap->work.reading;
    struct p2i_view content = p2i_view_first(
        piece->bytes, client->left < piece->bytes.size ? (size_t)client->left : SIZE_MAX);
    uint64_t size = content.size;
    if (letter != NULL) {
        (void)p2i_mime_read(parser, &letter->mime, content, NULL);
    }
    if (letter == NULL || p2i_mime_idle(&letter->mime)) {
        size = client->left; /* nobody needs to see the rest */
    }
    client->left -= size;
    if (client->left == 0) {
        client->phase = IN_COMMAND;
        imap->work.reading = NULL;
    }
    return consume(size);
}

static struct p2i_step client_turn(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct client *client = &((struct imap *)parser->state)->client;
    struct p2i_step step;
    uint8_t before;
    do {
        before = client->phase;
        switch ((enum client_phase)before) {
        case IN_COMMAND:
            step = in_command(parser, piece);
            break;
        case BEHIND_COUNT:
            step = behind_count(parser, piece);
            break;
        case IN_LITERAL:
            step = in_literal(parser, piece);
            break;
        }
    } while (step.consumed == 0 && step.verdict == P2I_CONTINUE && client->phase != before);
    return step;
}

/* ---- the server ---- */

/* "* OK [CODE data] text" */
static void take_greeting(struct p2i_parser *parser, struct p2i_view text)
{
    struct imap *imap = parser->state;
    if (text.size > 0 && text.data[0] == '[') {
        text = p2i_view_from(text, p2i_view_find(text, ']') + 1);
    }
    imap->server.greeted = true;
    p2i_text_add(parser, &imap->work.hosts.greeting, p2i_mail_greeting_host(text),
                 P2I_MAIL_STRING_MAX);
}

/* "tag OK text": the command with this tag is complete. */
static enum p2i_verdict take_completion(struct p2i_parser *parser, const struct p2i_piece *piece,
                                        struct p2i_view text, struct p2i_view status)
{
    struct imap *imap = parser->state;
    struct client *client = &imap->client;
    struct p2i_imap_tag tag = p2i_imap_tag_of(text);
    bool well = p2i_mail_is_command(status, P2I_VIEW("OK"));
    bool refused =
        p2i_mail_is_command(status, P2I_VIEW("NO")) || p2i_mail_is_command(status, P2I_VIEW("BAD"));
    if (!well && !refused) {
        return P2I_CONTINUE;
    }
    if (refused && client->phase == BEHIND_COUNT && p2i_imap_same_tag(&tag, &client->tag)) {
        /* The literal is not wanted, so it is not sent (RFC 3501 section 4.3). */
        client->phase = IN_COMMAND;
        client->mid_command = false;
    }
    enum p2i_imap_kind kind =
        p2i_imap_complete(parser, &imap->work, &tag, refused, p2i_origin_at(piece, 0));
    if (kind == P2I_IMAP_STARTTLS && well) {
        return P2I_ANEW;
    }
    return kind == P2I_IMAP_COMPRESS && well ? P2I_FINISHED : P2I_CONTINUE;
}

/* The response is complete, or no more of it will come. */
static void end_response(struct p2i_parser *parser)
{
    struct imap *imap = parser->state;
    struct server *server = &imap->server;
    struct p2i_imap_fetch *fetch = &server->fetch;
    struct p2i_letter *letter = fetch->letter;
    server->mid_response = false;
    if (!server->in_fetch) {
        return;
    }
    server->in_fetch = false;
    p2i_text_free(parser, &fetch->mailbox);
    if (letter == NULL) {
        return;
    }
    p2i_imap_delivered(&imap->work);
    letter->mime.attachment = letter->mime.attachment || fetch->attachment;
    finish_partial(parser);
    if (fetch->is_partial && !p2i_mime_idle(&letter->mime)) {
        server->partial.letter = letter;
        server->partial.number = fetch->number;
        server->partial.size = fetch->part_size;
    } else {
        p2i_imap_finish_letter(parser, &imap->work, letter, P2I_MAIL_RECEIVED);
    }
}

/* "* 23 FETCH (...": takes what is in front of the parenthesis. */
static bool take_fetch(struct server *server, struct p2i_view *text)
{
    struct p2i_view rest = *text;
    uint64_t number = 0;
    if (!p2i_mail_number(p2i_mail_word(&rest), &number) ||
        !p2i_view_equals_nocase(p2i_mail_word(&rest), P2I_VIEW("FETCH"))) {
        return false;
    }
    *text = rest;
    server->fetch = (struct p2i_imap_fetch){.number = number};
    server->in_fetch = true;
    return true;
}

/* What a literal that has just been announced is for. */
static void begin_literal(struct p2i_parser *parser, uint64_t size)
{
    struct server *server = &((struct imap *)parser->state)->server;
    server->mid_response = true;
    server->in_literal = size > 0;
    server->left = size;
    server->use = P2I_IMAP_SKIP;
    server->string.size = 0;
    if (server->in_fetch) {
        server->use = (uint8_t)p2i_imap_fetch_literal(parser, &server->fetch, size);
    }
    if (size == 0 && server->use == P2I_IMAP_STRING) {
        p2i_imap_fetch_string(parser, &server->fetch, (struct p2i_view){0});
    }
}

/* A line, or what is behind a literal up to the line's end, of an untagged response. */
static void take_untagged(struct p2i_parser *parser, struct p2i_view text, bool ends)
{
    struct server *server = &((struct imap *)parser->state)->server;
    uint64_t size = 0;
    bool at_once = false;
    bool has_literal = ends && p2i_imap_take_count(&text, &size, &at_once);
    if (server->in_fetch) {
        server->fetch.origin = &server->origin;
        server->fetch.partial = &server->partial;
        p2i_imap_fetch_read(parser, &server->fetch, text);
    }
    if (has_literal) {
        begin_literal(parser, size);
    } else if (ends) {
        end_response(parser);
    }
}

/* The first piece of a line that begins a response. */
static enum p2i_verdict begin_response(struct p2i_parser *parser, const struct p2i_piece *piece,
                                       struct p2i_view text, bool ends)
{
    struct imap *imap = parser->state;
    struct server *server = &imap->server;
    struct p2i_view rest = text;
    struct p2i_view tag = p2i_mail_word(&rest);
    bool greeted = server->greeted;
    server->greeted = true;
    if (p2i_view_equals(tag, P2I_VIEW("+"))) {
        imap->client.go_on = imap->client.phase == BEHIND_COUNT;
        return P2I_CONTINUE;
    }
    if (!p2i_view_equals(tag, P2I_VIEW("*"))) {
        return take_completion(parser, piece, tag, rest);
    }
    if (p2i_imap_is_status(rest)) {
        if (!greeted) {
            (void)p2i_mail_word(&rest);
            take_greeting(parser, rest);
        }
        return P2I_CONTINUE;
    }
    server->origin = *p2i_origin_at(piece, 0);
    server->mid_response = true;
    (void)take_fetch(server, &rest);
    take_untagged(parser, rest, ends);
    return P2I_CONTINUE;
}

static struct p2i_step in_responses(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct imap *imap = parser->state;
    struct server *server = &imap->server;
    struct p2i_mail_line line;
    struct p2i_step step = {0};
    if (!server->lines.middle && !server->mid_response && p2i_mail_is_tls(piece->bytes)) {
        return (struct p2i_step){.verdict = P2I_ANEW};
    }
    if (!p2i_mail_next_line(&server->lines, piece, LINE_MAX, &line)) {
        return step;
    }
    p2i_mail_line_done(&server->lines, &line);
    step.consumed = line.size;
    if (line.begins && !server->mid_response) {
        step.verdict = begin_response(parser, piece, line.text, line.ends);
    } else if (server->mid_response) {
        take_untagged(parser, line.text, line.ends);
    }
    if (!line.ends) {
        server->fetch.broken = true; /* a line cut anywhere is not read on */
    }
    return step;
}

/* All of the literal is there, or lost. */
static void end_literal(struct p2i_parser *parser)
{
    struct server *server = &((struct imap *)parser->state)->server;
    server->in_literal = false;
    if (server->use == P2I_IMAP_STRING) {
        p2i_imap_fetch_string(parser, &server->fetch, p2i_text_view(&server->string));
    }
}

/* Does nobody need to see more of the literal? */
static bool has_enough(const struct server *server)
{
    switch ((enum p2i_imap_use)server->use) {
    case P2I_IMAP_STRING:
        return server->string.size == P2I_MIME_VALUE_MAX;
    case P2I_IMAP_MESSAGE:
        return p2i_mime_idle(&server->fetch.reading->mime);
    case P2I_IMAP_SKIP:
        break;
    }
    return true;
}

static struct p2i_step in_server_literal(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct server *server = &((struct imap *)parser->state)->server;
    struct p2i_view content = p2i_view_first(
        piece->bytes, server->left < piece->bytes.size ? (size_t)server->left : SIZE_MAX);
    if (server->use == P2I_IMAP_STRING) {
        p2i_text_add(parser, &server->string, content, P2I_MIME_VALUE_MAX);
    } else if (server->use == P2I_IMAP_MESSAGE) {
        (void)p2i_mime_read(parser, &server->fetch.reading->mime, content, NULL);
    }
    uint64_t size = has_enough(server) ? server->left : content.size;
    server->left -= size;
    if (server->left == 0) {
        end_literal(parser);
    }
    return consume(size);
}

static struct p2i_step server_turn(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    const struct imap *imap = parser->state;
    return imap->server.in_literal ? in_server_literal(parser, piece) : in_responses(parser, piece);
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct imap *imap = parser->state;
    if (!imap->server_known) {
        bool looks_so = piece->bytes.data[0] == '*' || piece->bytes.data[0] == '+';
        imap->work.server =
            (uint8_t)p2i_mail_server(&parser->ends, P2I_MAIL_IMAP, piece->direction, looks_so);
        imap->server_known = true;
    }
    return p2i_mail_turns(parser, piece,
                          piece->direction == imap->work.server ? server_turn : client_turn);
}

/* ---- what cannot be seen ---- */

static void client_gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    struct imap *imap = parser->state;
    struct client *client = &imap->client;
    missing += piece->bytes.size; /* what waited for the server's word is lost too */
    if (client->phase != IN_COMMAND && missing <= client->left) {
        client->phase = IN_LITERAL;
        client->left -= missing;
        if (imap->work.reading != NULL) {
            p2i_mime_gap(parser, &imap->work.reading->mime);
        }
        return;
    }
    client->phase = IN_COMMAND;
    imap->work.reading = NULL;
    client->kind = P2I_IMAP_PLAIN;
    client->mid_command = false;
    client->lines.middle = true; /* the rest of a line is no command */
}

static void server_gap(struct p2i_parser *parser, uint64_t missing)
{
    struct imap *imap = parser->state;
    struct server *server = &imap->server;
    imap->client.go_on = imap->client.phase == BEHIND_COUNT; /* the word may have been lost */
    if (server->in_literal && missing <= server->left) {
        server->left -= missing;
        if (server->use == P2I_IMAP_MESSAGE) {
            p2i_mime_gap(parser, &server->fetch.reading->mime);
        }
        if (server->left == 0) {
            end_literal(parser);
        }
        return;
    }
    server->in_literal = false;
    end_response(parser);
    server->lines.middle = true;
}

static void gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    struct imap *imap = parser->state;
    if (!imap->server_known) {
        return; /* this direction began in the middle; its first whole line will tell */
    }
    if (piece->direction == imap->work.server) {
        p2i_mail_lines_reset(&imap->server.lines);
        server_gap(parser, missing);
    } else {
        p2i_mail_lines_reset(&imap->client.lines);
        client_gap(parser, piece, missing);
    }
}

static void at_close(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct imap *imap = parser->state;
    if (imap->server_known && piece->direction == imap->work.server) {
        imap->server.in_literal = false;
        imap->server.ended = true;
        end_response(parser);
    }
}

static void at_end(struct p2i_parser *parser)
{
    struct imap *imap = parser->state;
    end_response(parser);
    finish_partial(parser);
    p2i_imap_end_work(parser, &imap->work);
    p2i_text_free(parser, &imap->server.string);
}

const struct p2i_protocol p2i_imap = {
    .id = P2I_ID_IMAP,
    .state_size = sizeof(struct imap),
    .over = {[P2I_OVER_TCP] = true},
    .probe = p2i_imap_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
};
