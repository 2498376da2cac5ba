/* SPDX-License-Identifier: MIT */
/* The server's side of IMAP: responses; those to FETCH contain messages. */
#include "base/ascii.h"
#include "protocol/mail/address.h"
#include "protocol/mail/imap_session.h"
#include "protocol/mail/probe.h"

void p2i_imap_finish_partial(struct p2i_parser *parser)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_mail_content *mail = imap->server.partial.mail;
    imap->server.partial = (struct p2i_imap_partial){0};
    p2i_imap_finish_mail(parser, &imap->work, mail, P2I_MAIL_RECEIVED);
}

/* "* OK [CODE data] text" */
static void take_greeting(struct p2i_parser *parser, struct p2i_view text)
{
    struct p2i_imap_session *imap = parser->state;
    if (text.size > 0 && text.data[0] == '[') {
        text = p2i_view_from(text, p2i_view_find(text, ']') + 1);
    }
    imap->server.greeted = true;
    p2i_text_add(parser, &imap->work.hosts.greeting, p2i_mail_greeting_host(text),
                 P2I_MAIL_STRING_MAX);
}

/* "tag OK text": the command with this tag is complete. */
static enum p2i_verdict take_completion(struct p2i_parser *parser,
                                        const struct p2i_stream_segment *segment,
                                        struct p2i_view text, struct p2i_view status)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_client *client = &imap->client;
    struct p2i_imap_tag tag = p2i_imap_tag_of(text);
    bool well = p2i_mail_is_command(status, P2I_VIEW("OK"));
    bool refused =
        p2i_mail_is_command(status, P2I_VIEW("NO")) || p2i_mail_is_command(status, P2I_VIEW("BAD"));
    if (!well && !refused) {
        return P2I_CONTINUE;
    }
    if (refused && client->phase == P2I_IMAP_BEHIND_COUNT &&
        p2i_imap_same_tag(&tag, &client->tag)) {
        p2i_imap_refuse_literal(imap);
    }
    enum p2i_imap_kind kind =
        p2i_imap_complete(parser, &imap->work, &tag, refused, p2i_packet_info_at(segment, 0));
    imap->secured = kind == P2I_IMAP_STARTTLS && well;
    return kind == P2I_IMAP_COMPRESS && well ? P2I_FINISHED : P2I_CONTINUE;
}

/* The response is complete. */
static void end_response(struct p2i_parser *parser)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_server *server = &imap->server;
    struct p2i_imap_fetch *fetch = &server->fetch;
    struct p2i_mail_content *mail = fetch->mail;
    server->mid_response = false;
    if (!server->in_fetch) {
        return;
    }
    server->in_fetch = false;
    p2i_text_free(parser, &fetch->mailbox);
    imap->work.delivered = imap->work.delivered || mail != NULL || fetch->reading != NULL;
    if (mail == NULL) {
        return;
    }
    mail->mime.attachment = mail->mime.attachment || fetch->attachment;
    p2i_imap_finish_partial(parser);
    if (fetch->is_partial && !p2i_mime_idle(&mail->mime)) {
        server->partial.mail = mail;
        server->partial.number = fetch->number;
        server->partial.size = fetch->part_size;
        server->partial.bytes_lost = false;
    } else {
        p2i_imap_finish_mail(parser, &imap->work, mail, P2I_MAIL_RECEIVED);
    }
}

/* "* 23 FETCH (...": takes the text in front of the parenthesis. */
static bool take_fetch(struct p2i_imap_server *server, struct p2i_view *text)
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

/* Returns the use of a literal that was just announced. */
static void begin_literal(struct p2i_parser *parser, uint64_t size)
{
    struct p2i_imap_server *server = &((struct p2i_imap_session *)parser->state)->server;
    server->mid_response = true;
    server->in_literal = size > 0;
    server->left = size;
    server->use = P2I_IMAP_SKIP;
    server->string_cut = false;
    server->string.size = 0;
    if (server->in_fetch) {
        server->use = (uint8_t)p2i_imap_fetch_literal(parser, &server->fetch, size);
    }
    if (size == 0 && server->use == P2I_IMAP_STRING) {
        p2i_imap_fetch_string(parser, &server->fetch, (struct p2i_view){0}, true);
    }
}

/* `cut`: more of the line is there, but will not be read. */
static void read_response(struct p2i_parser *parser, struct p2i_view text, bool cut)
{
    struct p2i_imap_server *server = &((struct p2i_imap_session *)parser->state)->server;
    server->fetch.info = &server->info;
    server->fetch.partial = &server->partial;
    if (cut) {
        p2i_imap_fetch_cut(parser, &server->fetch, text);
    } else {
        p2i_imap_fetch_read(parser, &server->fetch, text);
    }
}

/* A line, or the bytes behind a literal up to the end of the line, of an untagged response. */
static void take_untagged(struct p2i_parser *parser, struct p2i_view text, bool ends)
{
    struct p2i_imap_server *server = &((struct p2i_imap_session *)parser->state)->server;
    uint64_t size = 0;
    bool at_once = false;
    bool has_literal = ends && p2i_imap_take_count(&text, &size, &at_once);
    if (server->in_fetch) {
        read_response(parser, text, !ends);
    }
    if (has_literal) {
        begin_literal(parser, size);
    } else if (ends) {
        end_response(parser);
    }
}

/* The first part of a line that begins a response. */
static enum p2i_verdict begin_response(struct p2i_parser *parser,
                                       const struct p2i_stream_segment *segment,
                                       struct p2i_view text, bool ends)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_server *server = &imap->server;
    struct p2i_view rest = text;
    struct p2i_view tag = p2i_mail_word(&rest);
    bool greeted = server->greeted;
    server->greeted = true;
    if (p2i_view_equals(tag, P2I_VIEW("+"))) {
        imap->client.go_on = imap->client.phase == P2I_IMAP_BEHIND_COUNT;
        return P2I_CONTINUE;
    }
    if (!p2i_view_equals(tag, P2I_VIEW("*"))) {
        return take_completion(parser, segment, tag, rest);
    }
    if (p2i_imap_is_status(rest)) {
        if (!greeted) {
            (void)p2i_mail_word(&rest);
            take_greeting(parser, rest);
        }
        return P2I_CONTINUE;
    }
    bool fetches = rest.size > 0 && p2i_is_digit(rest.data[0]) && take_fetch(server, &rest);
    if (!fetches && ends && text.data[text.size - 1] != '}') {
        return P2I_CONTINUE; /* whole, and of no interest */
    }
    server->info = *p2i_packet_info_at(segment, 0);
    server->mid_response = true;
    take_untagged(parser, rest, ends);
    return P2I_CONTINUE;
}

static struct p2i_step in_responses(struct p2i_parser *parser,
                                    const struct p2i_stream_segment *segment)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_server *server = &imap->server;
    struct p2i_mail_line line;
    struct p2i_step step = {0};
    if (!p2i_imap_follow_again(parser, segment, &server->behind_gap, &server->lines)) {
        return step;
    }
    if (!server->lines.middle && !server->mid_response && p2i_mail_is_tls(segment->bytes)) {
        return (struct p2i_step){.verdict = P2I_RESTART};
    }
    if (!p2i_mail_next_line(&server->lines, segment, P2I_IMAP_LINE_MAX, &line)) {
        return step;
    }
    p2i_mail_line_done(&server->lines, &line);
    step.consumed = line.size;
    if (line.begins && !server->mid_response) {
        step.verdict = begin_response(parser, segment, line.text, line.ends);
    } else if (server->mid_response) {
        take_untagged(parser, line.text, line.ends);
    }
    if (!line.ends) {
        server->fetch.broken = true; /* a cut line is not continued */
        if (server->in_fetch && server->fetch.mail != NULL) {
            server->fetch.mail->limited = true;
        }
    }
    return step;
}

/* The literal is complete, or its rest is lost. */
static void end_literal(struct p2i_parser *parser)
{
    struct p2i_imap_server *server = &((struct p2i_imap_session *)parser->state)->server;
    server->in_literal = false;
    if (server->use == P2I_IMAP_STRING) {
        p2i_imap_fetch_string(parser, &server->fetch, p2i_text_view(&server->string),
                              !server->string_cut);
    }
}

static void add_to_string(struct p2i_parser *parser, struct p2i_view content)
{
    struct p2i_imap_server *server = &((struct p2i_imap_session *)parser->state)->server;
    if (server->string_cut) {
        return;
    }
    p2i_text_add(parser, &server->string, content, P2I_MIME_VALUE_MAX);
    server->string_cut = content.size < server->left && server->string.size == P2I_MIME_VALUE_MAX;
    if (server->string_cut && server->fetch.mail != NULL) {
        server->fetch.mail->limited = true;
    }
}

static struct p2i_step in_server_literal(struct p2i_parser *parser,
                                         const struct p2i_stream_segment *segment)
{
    struct p2i_imap_server *server = &((struct p2i_imap_session *)parser->state)->server;
    struct p2i_view content = p2i_view_first(
        segment->bytes, server->left < segment->bytes.size ? (size_t)server->left : SIZE_MAX);
    if (server->use == P2I_IMAP_STRING) {
        add_to_string(parser, content);
    } else if (server->use == P2I_IMAP_MESSAGE) {
        (void)p2i_mime_read(parser, &server->fetch.reading->mime, content, NULL);
    }
    server->left -= content.size;
    if (server->left == 0) {
        end_literal(parser);
    }
    return p2i_consume(content.size);
}

struct p2i_step p2i_imap_server_turn(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment)
{
    const struct p2i_imap_session *imap = parser->state;
    const struct p2i_imap_client *client = &imap->client;
    if (client->waits && client->phase == P2I_IMAP_IN_COMMAND && !segment->full &&
        !imap->server.ended) {
        /* Replies behind a refused literal answer the bytes that the client sent instead. */
        return p2i_keep();
    }
    return imap->server.in_literal ? in_server_literal(parser, segment)
                                   : in_responses(parser, segment);
}

/* ---- lost bytes and the end ---- */

static void mark_cut(struct p2i_parser *parser, struct p2i_imap_fetch *fetch, bool in_message)
{
    if (in_message) {
        p2i_mail_content_cut(parser, fetch->reading);
    } else if (fetch->reading != NULL) {
        fetch->reading->cut = true;
    }
    if (fetch->mail != NULL) {
        fetch->mail->cut = true;
    }
}

void p2i_imap_cut_response(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_imap_server *server = &((struct p2i_imap_session *)parser->state)->server;
    struct p2i_view text = segment->bytes;
    bool in_message = server->in_literal && server->use == P2I_IMAP_MESSAGE;
    if (server->in_literal) {
        server->string_cut = true;
        end_literal(parser);
    } else if (text.size > 0 && !server->lines.middle) {
        if (!server->mid_response && p2i_view_starts(text, P2I_VIEW("* "))) {
            text = p2i_view_from(text, 2);
            server->info = *p2i_packet_info_at(segment, 0);
            (void)take_fetch(server, &text);
        }
        if (server->in_fetch) {
            read_response(parser, text, true);
        }
    }
    if (server->in_fetch) {
        mark_cut(parser, &server->fetch, in_message);
    }
    end_response(parser);
}

void p2i_imap_server_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         uint64_t missing)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_server *server = &imap->server;
    imap->client.word_lost = imap->client.phase == P2I_IMAP_BEHIND_COUNT;
    if (server->in_literal && missing <= server->left) {
        server->left -= missing;
        server->string_cut = true;
        mark_cut(parser, &server->fetch, server->use == P2I_IMAP_MESSAGE);
        if (server->left == 0) {
            end_literal(parser);
        }
        return;
    }
    p2i_imap_cut_response(parser, segment);
    server->partial.bytes_lost = true;
    server->lines.middle = true;
    server->behind_gap = true;
}
