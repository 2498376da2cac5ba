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
#include "protocol/mail_address.h"
#include "protocol/mail_probe.h"
#include "protocol/protocols.h"

enum {
    LINE_MAX = 32 << 10, /* of a response; ENVELOPE may be long */
    TAG_MAX = 32,
    PENDING_MAX = 16, /* commands whose completion matters */
};

enum kind {
    PLAIN = 0, /* a command whose completion does not matter */
    APPEND,
    FETCH,
    STARTTLS,
    COMPRESS,
};

/* A command that has not been completed. */
struct pending {
    struct p2i_letter *letters; /* of APPEND, the oldest first */
    uint8_t kind;
    uint8_t tag_size;
    uint8_t tag[TAG_MAX];
    bool delivered; /* FETCH: there was a message */
};

enum client_phase {
    IN_COMMAND = 0,
    BEHIND_COUNT, /* does the literal follow? */
    IN_LITERAL,
};

struct client {
    struct p2i_mail_lines lines;
    struct p2i_letter *letter; /* that the literal is */
    uint64_t left;             /* bytes of the literal to come */
    uint8_t phase;
    uint8_t kind; /* of the command that is being read */
    uint8_t tag_size;
    uint8_t tag[TAG_MAX];
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
    struct p2i_mail_hosts hosts;
    struct pending pending[PENDING_MAX];
    uint8_t pending_count;
    uint8_t server_side; /* enum p2i_direction */
    bool server_known;
};

static struct p2i_step consume(uint64_t size)
{
    return (struct p2i_step){.consumed = size};
}

/* ---- records ---- */

/* The letter's record; the letter is freed. NULL is fine. */
static void finish_letter(struct p2i_parser *parser, struct p2i_letter *letter,
                          enum p2i_mail_event event)
{
    const struct imap *imap = parser->state;
    bool is_server = (imap->server_side == P2I_FROM_RESPONDER) == (event == P2I_MAIL_RECEIVED);
    if (letter != NULL) {
        p2i_mime_end(parser, &letter->mime);
        p2i_letter_emit(parser, letter, &imap->hosts,
                        is_server ? P2I_FROM_RESPONDER : P2I_FROM_INITIATOR, event, P2I_MAIL_IMAP);
        p2i_letter_free(parser, letter);
    }
}

/* The message that was fetched in parts is complete, or given up. */
static void finish_partial(struct p2i_parser *parser)
{
    struct p2i_imap_partial *partial = &((struct imap *)parser->state)->server.partial;
    struct p2i_letter *letter = partial->letter;
    *partial = (struct p2i_imap_partial){0};
    finish_letter(parser, letter, P2I_MAIL_RECEIVED);
}

/* ---- commands that wait ---- */

static void finish_letters(struct p2i_parser *parser, struct pending *pending, uint32_t code)
{
    struct imap *imap = parser->state;
    while (pending->letters != NULL) {
        struct p2i_letter *letter = pending->letters;
        pending->letters = letter->next;
        letter->code = code;
        if (imap->client.letter == letter) {
            imap->client.letter = NULL;
        }
        finish_letter(parser, letter, P2I_MAIL_SENT);
    }
}

static void remove_pending(struct imap *imap, size_t index)
{
    struct pending *pending = &imap->pending[index];
    imap->pending_count--;
    memmove(pending, pending + 1, (imap->pending_count - index) * sizeof *pending);
}

static void add_pending(struct p2i_parser *parser, struct p2i_view tag, enum kind kind)
{
    struct imap *imap = parser->state;
    if (kind == PLAIN || tag.size > TAG_MAX) {
        return;
    }
    if (imap->pending_count == PENDING_MAX) {
        finish_letters(parser, &imap->pending[0], 0);
        remove_pending(imap, 0);
    }
    struct pending *pending = &imap->pending[imap->pending_count++];
    *pending = (struct pending){.kind = (uint8_t)kind, .tag_size = (uint8_t)tag.size};
    memcpy(pending->tag, tag.data, tag.size);
}

/* Index of the command with this tag; pending_count when there is none. */
static size_t find_pending(const struct imap *imap, struct p2i_view tag)
{
    size_t index = 0;
    while (index < imap->pending_count &&
           !p2i_view_equals(tag,
                            p2i_view_of(imap->pending[index].tag, imap->pending[index].tag_size))) {
        index++;
    }
    return index;
}

/* ---- the client ---- */

/* Does a FETCH ask for (a part of) a message or its ENVELOPE? */
static bool asks_for_mail(struct p2i_view items)
{
    static const char *const words[] = {"ENVELOPE",    "RFC822)", "RFC822 ", "RFC822.HEADER",
                                        "RFC822.TEXT", "ALL",     "FULL",    NULL};
    if (p2i_view_find(items, '[') < items.size) {
        return true;
    }
    if (p2i_view_equals_nocase(p2i_view_trim(items), P2I_VIEW("RFC822"))) {
        return true;
    }
    for (size_t at = 0; at < items.size; at++) {
        if (p2i_mail_match(p2i_view_from(items, at), words) == P2I_MATCH_YES) {
            return true;
        }
    }
    return false;
}

static enum kind kind_of_command(struct p2i_view verb, struct p2i_view arguments)
{
    if (p2i_view_equals_nocase(verb, P2I_VIEW("UID"))) {
        verb = p2i_mail_word(&arguments);
    }
    if (p2i_view_equals_nocase(verb, P2I_VIEW("FETCH"))) {
        (void)p2i_mail_word(&arguments);
        return asks_for_mail(arguments) ? FETCH : PLAIN;
    }
    if (p2i_view_equals_nocase(verb, P2I_VIEW("APPEND"))) {
        return APPEND;
    }
    if (p2i_view_equals_nocase(verb, P2I_VIEW("STARTTLS"))) {
        return STARTTLS;
    }
    return p2i_view_equals_nocase(verb, P2I_VIEW("COMPRESS")) ? COMPRESS : PLAIN;
}

/* Does the line end with the announcement of a literal: "{23}", "{23+}", "~{23}"? Takes it off. */
static bool take_count(struct p2i_view *line, uint64_t *size, bool *at_once)
{
    if (line->size < 3 || line->data[line->size - 1] != '}') {
        return false;
    }
    size_t open = line->size - 2;
    while (open > 0 && line->data[open] != '{' && line->size - open < 24) {
        open--;
    }
    struct p2i_view count = p2i_view_first(p2i_view_from(*line, open + 1), line->size - open - 2);
    *at_once = count.size > 0 && (count.data[count.size - 1] == '+');
    if (line->data[open] != '{' || !p2i_mail_number(count, size)) {
        return false;
    }
    bool is_binary = open > 0 && line->data[open - 1] == '~';
    *line = p2i_view_first(*line, is_binary ? open - 1 : open);
    return true;
}

static void begin_command(struct p2i_parser *parser, struct p2i_view line)
{
    struct imap *imap = parser->state;
    struct p2i_view rest = line;
    struct p2i_view tag = p2i_mail_word(&rest);
    struct p2i_view verb = p2i_mail_word(&rest);
    enum kind kind = kind_of_command(verb, rest);
    tag = p2i_view_first(tag, TAG_MAX);
    imap->client.kind = (uint8_t)kind;
    imap->client.tag_size = (uint8_t)tag.size;
    if (tag.size > 0) {
        memcpy(imap->client.tag, tag.data, tag.size);
    }
    imap->client.wants_mailbox =
        kind == APPEND && rest.size > 0 && (rest.data[0] == '{' || rest.data[0] == '~');
    add_pending(parser, tag, kind);
}

/* The newest APPEND. */
static struct pending *appending(struct imap *imap)
{
    for (size_t i = imap->pending_count; i > 0; i--) {
        if (imap->pending[i - 1].kind == APPEND) {
            return &imap->pending[i - 1];
        }
    }
    return NULL;
}

/* The literal that follows is a message. */
static void begin_append(struct p2i_parser *parser, const struct p2i_origin *origin)
{
    struct imap *imap = parser->state;
    struct pending *pending = appending(imap);
    struct p2i_letter *letter = pending != NULL ? p2i_letter_new(parser, origin) : NULL;
    if (letter == NULL) {
        return;
    }
    /* Of very many in one command not all are kept until its end. */
    size_t count = 0;
    struct p2i_letter **last = &pending->letters;
    while (*last != NULL) {
        last = &(*last)->next;
        count++;
    }
    *last = letter;
    if (count >= PENDING_MAX) {
        struct p2i_letter *first = pending->letters;
        pending->letters = first->next;
        finish_letter(parser, first, P2I_MAIL_SENT);
    }
    imap->client.letter = letter;
}

/* The command is complete. Where no server is to be seen, nothing will be said about it. */
static void end_command(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct imap *imap = parser->state;
    imap->client.mid_command = false;
    struct pending *pending = appending(imap);
    if (pending != NULL && (!piece->peer_seen || imap->server.ended)) {
        finish_letters(parser, pending, 0);
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
    if (!take_count(&line.text, &size, &at_once)) {
        end_command(parser, piece);
        return consume(line.size);
    }
    client->letter = NULL;
    if (client->kind == APPEND && !client->wants_mailbox) {
        begin_append(parser, p2i_origin_at(piece, 0));
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
    struct client *client = &((struct imap *)parser->state)->client;
    struct p2i_letter *letter = client->letter;
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
        client->letter = NULL;
    }
    return consume(size);
}

static struct p2i_step from_client(struct p2i_parser *parser, const struct p2i_piece *piece)
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
    p2i_text_add(parser, &imap->hosts.greeting, p2i_mail_greeting_host(text), P2I_MAIL_STRING_MAX);
}

/* A FETCH was refused and nothing has come. */
static void refuse_fetch(struct p2i_parser *parser, const struct p2i_origin *origin)
{
    struct p2i_letter *letter = p2i_letter_new(parser, origin);
    if (letter != NULL) {
        letter->code = 1;
        finish_letter(parser, letter, P2I_MAIL_RECEIVED);
    }
}

/* "tag OK text": the command with this tag is complete. */
static enum p2i_verdict take_completion(struct p2i_parser *parser, const struct p2i_piece *piece,
                                        struct p2i_view tag, struct p2i_view status)
{
    struct imap *imap = parser->state;
    bool well = p2i_mail_is_command(status, P2I_VIEW("OK"));
    bool refused =
        p2i_mail_is_command(status, P2I_VIEW("NO")) || p2i_mail_is_command(status, P2I_VIEW("BAD"));
    struct client *client = &imap->client;
    if (refused && client->phase == BEHIND_COUNT &&
        p2i_view_equals(tag, p2i_view_of(client->tag, client->tag_size))) {
        /* The literal is not wanted, so it is not sent (RFC 3501 section 4.3). */
        client->phase = IN_COMMAND;
        client->mid_command = false;
    }
    size_t index = find_pending(imap, tag);
    if (index == imap->pending_count || (!well && !refused)) {
        return P2I_CONTINUE;
    }
    struct pending pending = imap->pending[index];
    remove_pending(imap, index);
    if (refused && pending.kind == FETCH && !pending.delivered) {
        refuse_fetch(parser, p2i_origin_at(piece, 0));
    }
    finish_letters(parser, &pending, refused ? 1 : 0);
    if (pending.kind == STARTTLS && well) {
        return P2I_ANEW;
    }
    return pending.kind == COMPRESS && well ? P2I_FINISHED : P2I_CONTINUE;
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
    for (size_t i = 0; i < imap->pending_count; i++) {
        imap->pending[i].delivered = true;
    }
    letter->mime.attachment = letter->mime.attachment || fetch->attachment;
    finish_partial(parser);
    if (fetch->is_partial && !p2i_mime_idle(&letter->mime)) {
        server->partial.letter = letter;
        server->partial.number = fetch->number;
        server->partial.size = fetch->part_size;
    } else {
        finish_letter(parser, letter, P2I_MAIL_RECEIVED);
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

static bool is_status(struct p2i_view text)
{
    static const char *const words[] = {"OK ", "NO ", "BAD ", "BYE ", "PREAUTH ", NULL};
    return p2i_mail_match(text, words) == P2I_MATCH_YES;
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
    bool has_literal = ends && take_count(&text, &size, &at_once);
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
    if (is_status(rest)) {
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

static struct p2i_step in_server_literal(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct server *server = &((struct imap *)parser->state)->server;
    struct p2i_imap_fetch *fetch = &server->fetch;
    struct p2i_view content = p2i_view_first(
        piece->bytes, server->left < piece->bytes.size ? (size_t)server->left : SIZE_MAX);
    uint64_t size = content.size;
    if (server->use == P2I_IMAP_STRING) {
        p2i_text_add(parser, &server->string, content, P2I_MIME_VALUE_MAX);
    } else if (server->use == P2I_IMAP_MESSAGE) {
        (void)p2i_mime_read(parser, &fetch->reading->mime, content, NULL);
    }
    if (server->use == P2I_IMAP_SKIP ||
        (server->use == P2I_IMAP_MESSAGE && p2i_mime_idle(&fetch->reading->mime))) {
        size = server->left; /* nobody needs to see the rest */
    }
    server->left -= size;
    if (server->left == 0) {
        server->in_literal = false;
        if (server->use == P2I_IMAP_STRING) {
            p2i_imap_fetch_string(parser, fetch, p2i_text_view(&server->string));
        }
    }
    return consume(size);
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct imap *imap = parser->state;
    if (!imap->server_known) {
        bool looks_so = piece->bytes.data[0] == '*' || piece->bytes.data[0] == '+';
        imap->server_side =
            (uint8_t)p2i_mail_server(&parser->ends, P2I_MAIL_IMAP, piece->direction, looks_so);
        imap->server_known = true;
    }
    if (piece->direction != imap->server_side) {
        return from_client(parser, piece);
    }
    return imap->server.in_literal ? in_server_literal(parser, piece) : in_responses(parser, piece);
}

/* ---- what cannot be seen ---- */

static void client_gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    struct client *client = &((struct imap *)parser->state)->client;
    missing += piece->bytes.size; /* what waited for the server's word is lost too */
    if (client->phase != IN_COMMAND && missing <= client->left) {
        client->phase = IN_LITERAL;
        client->left -= missing;
        if (client->letter != NULL) {
            p2i_mime_gap(parser, &client->letter->mime);
        }
        return;
    }
    client->phase = IN_COMMAND;
    client->letter = NULL;
    client->kind = PLAIN;
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
        server->in_literal = server->left > 0;
        if (server->use == P2I_IMAP_MESSAGE) {
            p2i_mime_gap(parser, &server->fetch.reading->mime);
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
    if (piece->direction == imap->server_side) {
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
    if (imap->server_known && piece->direction == imap->server_side) {
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
    while (imap->pending_count > 0) {
        finish_letters(parser, &imap->pending[0], 0);
        remove_pending(imap, 0);
    }
    p2i_text_free(parser, &imap->server.string);
    p2i_text_free(parser, &imap->hosts.greeting);
}

const struct p2i_protocol p2i_imap = {
    .name = "imap",
    .state_size = sizeof(struct imap),
    .over = {[P2I_OVER_TCP] = true},
    .probe = p2i_imap_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
};
