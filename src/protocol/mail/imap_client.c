/* SPDX-License-Identifier: MIT */
/* The client's side of IMAP: commands and their literals. */
#include "protocol/mail/imap_session.h"
#include "protocol/mail/probe.h"

static void begin_command(struct p2i_parser *parser, struct p2i_view line)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_command command = p2i_imap_read_command(line);
    imap->client.kind = (uint8_t)command.kind;
    imap->client.tag = p2i_imap_tag_of(command.tag);
    imap->client.wants_mailbox = command.wants_mailbox;
    if (command.kind != P2I_IMAP_PLAIN) {
        p2i_imap_wait(parser, &imap->work, &imap->client.tag, command.kind);
    }
}

/* The command is complete. If no server is seen, no reply will come. */
static void end_command(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_imap_session *imap = parser->state;
    imap->client.mid_command = false;
    if (imap->client.kind == P2I_IMAP_APPEND && (!segment->peer_seen || imap->server.ended)) {
        p2i_imap_finish_append(parser, &imap->work);
    }
}

static struct p2i_step in_command(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_client *client = &imap->client;
    struct p2i_mail_line line;
    if (!p2i_imap_follow_again(parser, segment, &client->behind_gap, &client->lines)) {
        return p2i_keep();
    }
    if (!client->lines.middle && !client->mid_command && p2i_mail_is_tls(segment->bytes)) {
        return (struct p2i_step){.verdict = P2I_RESTART};
    }
    if (!p2i_mail_next_line(&client->lines, segment, P2I_IMAP_LINE_MAX, &line)) {
        return p2i_keep();
    }
    p2i_mail_line_done(&client->lines, &line);
    if (line.begins && !client->mid_command) {
        begin_command(parser, line.text);
    }
    uint64_t size = 0;
    bool at_once = false;
    if (!line.ends) {
        return p2i_consume(line.size);
    }
    if (!p2i_imap_take_count(&line.text, &size, &at_once)) {
        end_command(parser, segment);
        return p2i_consume(line.size);
    }
    imap->work.reading = NULL;
    if (client->kind == P2I_IMAP_APPEND && !client->wants_mailbox) {
        p2i_imap_append(parser, &imap->work, p2i_packet_info_at(segment, 0));
    }
    client->wants_mailbox = false;
    client->mid_command = true;
    client->left = size;
    client->go_on = at_once;
    client->word_lost = false;
    client->phase = P2I_IMAP_BEHIND_COUNT;
    return p2i_consume(line.size);
}

void p2i_imap_refuse_literal(struct p2i_imap_session *imap)
{
    imap->client.phase = P2I_IMAP_IN_COMMAND;
    imap->client.mid_command = false;
    imap->work.reading = NULL;
}

/* A literal follows at once, or after the server's consent. If the server is not seen, it
 * follows unless the bytes are a command. */
static struct p2i_step behind_count(struct p2i_parser *parser,
                                    const struct p2i_stream_segment *segment)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_client *client = &imap->client;
    bool unheard = !segment->peer_seen || segment->full || imap->server.ended || client->word_lost;
    if (client->go_on || client->left == 0) {
        client->phase = P2I_IMAP_IN_LITERAL;
    } else if (unheard) {
        enum p2i_match match = p2i_imap_probe(&parser->ends, segment->direction, segment->bytes);
        if (match == P2I_MATCH_YES && segment->bytes.data[0] != '*') {
            p2i_imap_refuse_literal(imap);
        } else if (match != P2I_MATCH_MORE || segment->full) {
            client->phase = P2I_IMAP_IN_LITERAL;
        }
    }
    client->waits = client->phase == P2I_IMAP_BEHIND_COUNT;
    return p2i_keep();
}

/* The literal is complete. */
static void end_client_literal(struct p2i_parser *parser)
{
    struct p2i_imap_session *imap = parser->state;
    imap->client.phase = P2I_IMAP_IN_COMMAND;
    p2i_imap_appended(parser, &imap->work);
}

static struct p2i_step in_literal(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_client *client = &imap->client;
    struct p2i_mail_content *mail = imap->work.reading;
    struct p2i_view content = p2i_view_first(
        segment->bytes, client->left < segment->bytes.size ? (size_t)client->left : SIZE_MAX);
    if (mail != NULL) {
        (void)p2i_mime_read(parser, &mail->mime, content, NULL);
    }
    client->left -= content.size;
    if (client->left == 0) {
        end_client_literal(parser);
    }
    return p2i_consume(content.size);
}

struct p2i_step p2i_imap_client_turn(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment)
{
    static p2i_turn *const turns[] = {
        [P2I_IMAP_IN_COMMAND] = in_command,
        [P2I_IMAP_BEHIND_COUNT] = behind_count,
        [P2I_IMAP_IN_LITERAL] = in_literal,
    };
    struct p2i_imap_client *client = &((struct p2i_imap_session *)parser->state)->client;
    client->waits = false;
    return p2i_mail_phase_turn(parser, segment, turns, &client->phase);
}

/* ---- lost bytes and the end ---- */

void p2i_imap_cut_append(struct p2i_parser *parser)
{
    struct p2i_imap_session *imap = parser->state;
    if (imap->work.reading != NULL) {
        p2i_mail_content_cut(parser, imap->work.reading);
    }
    p2i_imap_appended(parser, &imap->work);
}

void p2i_imap_client_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         uint64_t missing)
{
    struct p2i_imap_session *imap = parser->state;
    struct p2i_imap_client *client = &imap->client;
    missing += segment->bytes.size; /* bytes that waited for the server's consent are lost too */
    if (client->phase != P2I_IMAP_IN_COMMAND && missing <= client->left) {
        client->phase = P2I_IMAP_IN_LITERAL;
        client->left -= missing;
        if (imap->work.reading != NULL) {
            p2i_mail_content_cut(parser, imap->work.reading);
        }
        if (client->left == 0) {
            end_client_literal(parser);
        }
        return;
    }
    p2i_imap_cut_append(parser);
    client->phase = P2I_IMAP_IN_COMMAND;
    client->kind = P2I_IMAP_PLAIN;
    client->mid_command = false;
    client->lines.middle = true; /* the rest of a line is not a command */
    client->behind_gap = true;
}
