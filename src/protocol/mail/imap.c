/* SPDX-License-Identifier: MIT */
/* IMAP4rev1 and rev2 over TCP (RFC 3501, RFC 9051) with literals of all sorts (RFC 7888, RFC
 * 3516), MULTIAPPEND (RFC 3502) and STARTTLS. Emits a mail message for each FETCH response that
 * contains a message, a part of one or its ENVELOPE, for each message of APPEND, and for each
 * FETCH that is refused. Its sender is the side that sends the message; its packet info is that
 * of the first byte of the response, or of the APPEND line that announces the message.
 *
 * A message fetched in parts (BODY[]<0>, BODY[]<4096> ...) gives one record, when the next
 * message begins. */
#include "protocol/mail/imap_session.h"
#include "protocol/mail/probe.h"
#include "protocol/protocols.h"

bool p2i_imap_follow_again(const struct p2i_parser *parser,
                           const struct p2i_stream_segment *segment, bool *behind_gap,
                           struct p2i_mail_lines *lines)
{
    if (*behind_gap) {
        enum p2i_match match = p2i_imap_probe(&parser->ends, segment->direction, segment->bytes);
        if (match == P2I_MATCH_MORE && !segment->full) {
            return false;
        }
        *behind_gap = false;
        lines->middle = match != P2I_MATCH_YES;
    }
    return true;
}

static struct p2i_step turn(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_imap_session *imap = parser->state;
    if (imap->secured) {
        struct p2i_step step;
        enum p2i_match match = p2i_imap_probe(&parser->ends, segment->direction, segment->bytes);
        if (!p2i_mail_goes_on(match, segment, &step)) {
            return step;
        }
        imap->secured = false;
    }
    return segment->direction == imap->work.server ? p2i_imap_server_turn(parser, segment)
                                                   : p2i_imap_client_turn(parser, segment);
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_imap_session *imap = parser->state;
    if (!imap->server_known) {
        bool looks_so = segment->bytes.data[0] == '*' || segment->bytes.data[0] == '+';
        imap->work.server =
            (uint8_t)p2i_mail_server(&parser->ends, P2I_MAIL_IMAP, segment->direction, looks_so);
        imap->server_known = true;
    }
    return p2i_turns(parser, segment, turn);
}

static void gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing)
{
    struct p2i_imap_session *imap = parser->state;
    if (!imap->server_known) {
        return; /* this direction began in the middle; its first whole line will decide */
    }
    bool from_server = segment->direction == imap->work.server;
    struct p2i_mail_lines *lines = from_server ? &imap->server.lines : &imap->client.lines;
    bool middle = lines->middle;
    p2i_mail_lines_reset(lines);
    lines->middle = middle;
    if (from_server) {
        p2i_imap_server_gap(parser, segment, missing);
    } else {
        p2i_imap_client_gap(parser, segment, missing);
    }
}

/* Responses no longer wait for the client. */
static void server_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_imap_session *imap = parser->state;
    imap->server.ended = true;
    struct p2i_stream_segment rest = p2i_mail_drain(parser, segment, p2i_imap_server_turn);
    p2i_imap_cut_response(parser, &rest);
}

static void at_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_imap_session *imap = parser->state;
    if (!imap->server_known || imap->secured) {
        return;
    }
    if (segment->direction == imap->work.server) {
        server_close(parser, segment);
    } else {
        imap->client.waits = false;
        if (imap->client.phase != P2I_IMAP_IN_COMMAND) {
            p2i_imap_cut_append(parser);
            imap->client.phase = P2I_IMAP_IN_COMMAND;
        }
    }
}

static void at_end(struct p2i_parser *parser)
{
    static const struct p2i_packet_info nowhere;
    struct p2i_imap_session *imap = parser->state;
    p2i_imap_cut_response(parser, &(struct p2i_stream_segment){.info = &nowhere, .last = &nowhere});
    p2i_imap_finish_partial(parser);
    if (imap->work.reading != NULL) {
        p2i_mail_content_cut(parser, imap->work.reading);
    }
    p2i_imap_end_work(parser, &imap->work);
    p2i_text_free(parser, &imap->server.string);
}

const struct p2i_protocol p2i_imap = {
    .id = P2I_ID_IMAP,
    .state_size = sizeof(struct p2i_imap_session),
    .over = {[P2I_OVER_TCP] = true},
    .family = &p2i_mail_family,
    .probe = p2i_imap_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
};
