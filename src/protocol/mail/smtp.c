/* SPDX-License-Identifier: MIT */
/* SMTP and LMTP over TCP (RFC 5321, RFC 2033) with pipelining (RFC 2920), BDAT (RFC 3030), BURL
 * (RFC 4468) and STARTTLS (RFC 3207). Emits a mail message for each message that is sent, and for
 * each transaction that is refused, given up or cut off after a recipient was tried. The record
 * waits for the reply that ends the transaction. Its sender is the client, its packet info that
 * of the first byte of MAIL FROM.
 *
 * The client's bytes decide where a message ends. The server's reply to DATA decides whether the
 * bytes behind it are a message; if no reply is seen, their form does. */
#include "base/ascii.h"
#include "protocol/mail/probe.h"
#include "protocol/mail/smtp_line.h"
#include "protocol/mail/smtp_session.h"
#include "protocol/protocols.h"

static struct p2i_step turn(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    if (smtp->secured) {
        struct p2i_step step;
        enum p2i_match match = segment->direction == smtp->server
                                   ? p2i_smtp_is_reply(segment->bytes)
                                   : p2i_smtp_is_line(segment->bytes);
        if (!p2i_mail_goes_on(match, segment, &step)) {
            return step;
        }
        smtp->secured = false;
    }
    return segment->direction == smtp->server ? p2i_smtp_server_turn(parser, segment)
                                              : p2i_smtp_client_turn(parser, segment);
}

static struct p2i_step data(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    if (!smtp->server_known) {
        bool digit = p2i_is_digit(segment->bytes.data[0]);
        smtp->server =
            (uint8_t)p2i_mail_server(&parser->ends, P2I_MAIL_SMTP, segment->direction, digit);
        smtp->work.client = (uint8_t)!smtp->server;
        smtp->server_known = true;
        /* The capture may begin in the middle of the session. */
        smtp->commands_lost = true;
        smtp->work.missed = true;
    }
    return p2i_turns(parser, segment, turn);
}

static void gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                uint64_t missing)
{
    struct p2i_smtp_session *smtp = parser->state;
    smtp->client_waits = false;
    if (!smtp->server_known) {
        return; /* this direction began in the middle, as assumed anyway */
    }
    if (segment->direction == smtp->server) {
        smtp->work.replies_lost = true;
        smtp->unplaced_count = 0;
        p2i_mail_lines_reset(&smtp->lines[segment->direction]);
    } else {
        p2i_smtp_client_gap(parser, segment, missing);
    }
}

/* Replies no longer wait for the end of a message. */
static void server_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    smtp->server_ended = true;
    (void)p2i_mail_drain(parser, segment, p2i_smtp_server_turn);
    p2i_smtp_place_replies(parser);
    smtp->work.left = smtp->work.left || segment->ended;
    p2i_mail_lines_reset(&smtp->lines[segment->direction]);
}

static void at_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    if (smtp->server_known && !smtp->secured) {
        if (segment->direction == smtp->server) {
            server_close(parser, segment);
        } else {
            p2i_smtp_client_close(parser, segment);
        }
    }
}

static void at_end(struct p2i_parser *parser)
{
    struct p2i_smtp_session *smtp = parser->state;
    p2i_smtp_place_replies(parser);
    if (smtp->chunk_refused > 0 && smtp->work.now != NULL) {
        if (smtp->phase == P2I_SMTP_IN_CHUNK) {
            p2i_mail_content_cut(parser, &smtp->work.now->mail);
        }
        p2i_smtp_refuse_chunk(parser, &smtp->work, smtp->chunk_refused);
    }
    p2i_smtp_free_work(parser, &smtp->work);
}

const struct p2i_protocol p2i_smtp = {
    .id = P2I_ID_SMTP,
    .state_size = sizeof(struct p2i_smtp_session),
    .over = {[P2I_OVER_TCP] = true},
    .family = &p2i_mail_family,
    .probe = p2i_smtp_probe,
    .data = data,
    .gap = gap,
    .close = at_close,
    .free = at_end,
};
