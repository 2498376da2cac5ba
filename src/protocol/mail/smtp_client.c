/* SPDX-License-Identifier: MIT */
/* The client's side of SMTP: commands, messages behind DATA, chunks behind BDAT. */
#include "protocol/mail/address.h"
#include "protocol/mail/smtp_line.h"
#include "protocol/mail/smtp_session.h"

/* ---- content ---- */

void p2i_smtp_end_content(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span = p2i_smtp_newest(&smtp->work);
    bool from_client = segment->direction != smtp->server;
    smtp->phase = P2I_SMTP_IN_COMMANDS;
    if (span != NULL) {
        p2i_mime_end(parser, &span->mail.mime);
        span->ended = true;
    }
    if (smtp->server_ended || (from_client && !segment->peer_seen)) {
        p2i_smtp_settle(parser, &smtp->work, 0); /* no replies will be seen */
    }
}

static void begin_content(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                          bool dotted)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span =
        p2i_smtp_current(parser, &smtp->work, p2i_packet_info_at(segment, 0));
    if (span != NULL) {
        span->mail.has_content = true;
        span->mail.mime.dotted = dotted;
        span->mail.mime.bare_lf = smtp->bare_lf;
        span->asked = span->asked || smtp->go_on;
    }
    smtp->phase = dotted ? P2I_SMTP_IN_CONTENT : P2I_SMTP_IN_CHUNK;
    smtp->go_on = false;
    p2i_mail_lines_reset(&smtp->lines[!smtp->server]);
}

/* ---- commands ---- */

static void take_hello(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                       struct p2i_view name, bool lmtp)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span =
        p2i_smtp_begin(parser, &smtp->work, P2I_SMTP_FOR_HELLO, p2i_packet_info_at(segment, 0));
    if (span != NULL) {
        span->lmtp = lmtp;
        p2i_text_add(parser, &span->name, p2i_mail_host(name), P2I_MAIL_STRING_MAX);
    }
}

/* Returns the address of MAIL or RCPT; empty when the line is `cut` inside it. */
static struct p2i_view address_of(struct p2i_smtp_span *span, struct p2i_view path, bool cut)
{
    if (cut && !p2i_mail_path_ends(path)) {
        span->mail.limited = true;
        return (struct p2i_view){0};
    }
    return p2i_mail_path(path);
}

static void take_mail(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                      struct p2i_view path, bool cut)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span =
        p2i_smtp_begin(parser, &smtp->work, P2I_SMTP_FOR_MAIL, p2i_packet_info_at(segment, 0));
    if (span != NULL) {
        span->mail.has_envelope = true;
        p2i_text_add(parser, &span->mail.sender, address_of(span, path, cut), P2I_MAIL_STRING_MAX);
    }
}

static void take_rcpt(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                      struct p2i_view path, bool cut)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span =
        p2i_smtp_current(parser, &smtp->work, p2i_packet_info_at(segment, 0));
    if (span != NULL) {
        p2i_smtp_try(parser, span, address_of(span, path, cut));
    }
    p2i_smtp_expect(parser, &smtp->work, P2I_SMTP_FOR_RCPT);
}

/* The chunk is complete, or was not `sent`. */
static void end_chunk(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                      bool sent)
{
    struct p2i_smtp_session *smtp = parser->state;
    smtp->phase = P2I_SMTP_IN_COMMANDS;
    if (smtp->chunk_refused > 0) {
        if (!sent && smtp->work.now != NULL) {
            smtp->work.now->mail.has_content = smtp->had_content;
        }
        p2i_smtp_refuse_chunk(parser, &smtp->work, smtp->chunk_refused);
        smtp->chunk_refused = 0;
    } else if (smtp->last_chunk) {
        p2i_smtp_end_content(parser, segment);
    }
}

/* BDAT SP size [SP LAST] (RFC 3030 section 2); BURL SP url [SP LAST] (RFC 4468 section 3.1),
 * whose content is elsewhere. */
static void take_chunk(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                       bool is_url, struct p2i_view arguments)
{
    struct p2i_smtp_session *smtp = parser->state;
    uint64_t size = 0;
    bool is_last = false;
    if (is_url) {
        (void)p2i_mail_word(&arguments);
        is_last = p2i_mail_is_command(arguments, P2I_VIEW("LAST"));
    } else if (!p2i_smtp_chunk(arguments, &size, &is_last)) {
        p2i_smtp_expect(parser, &smtp->work, P2I_SMTP_FOR_ANYTHING);
        return;
    }
    struct p2i_smtp_span *span = p2i_smtp_newest(&smtp->work);
    smtp->had_content = span != NULL && span->mail.has_content;
    begin_content(parser, segment, false);
    p2i_smtp_expect(parser, &smtp->work, is_last ? P2I_SMTP_FOR_CONTENT : P2I_SMTP_FOR_CHUNK);
    smtp->chunk_size = size;
    smtp->chunk_left = size;
    smtp->last_chunk = is_last;
    smtp->chunk_refused = 0;
    if (size == 0) {
        end_chunk(parser, segment, true);
    }
}

/* `cut`: the end of the line is not there. */
static void take_command(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         struct p2i_view line, bool cut)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_work *work = &smtp->work;
    struct p2i_view arguments;
    enum p2i_smtp_verb verb = p2i_smtp_command(line, &arguments);
    switch (verb) {
    case P2I_SMTP_HELLO:
    case P2I_SMTP_LHLO:
        take_hello(parser, segment, cut ? (struct p2i_view){0} : arguments, verb == P2I_SMTP_LHLO);
        break;
    case P2I_SMTP_MAIL:
        take_mail(parser, segment, arguments, cut);
        break;
    case P2I_SMTP_RCPT:
        take_rcpt(parser, segment, arguments, cut);
        break;
    case P2I_SMTP_DATA:
        p2i_smtp_expect(parser, work, P2I_SMTP_FOR_DATA);
        smtp->phase = P2I_SMTP_BEHIND_DATA;
        smtp->data_missed = false;
        break;
    case P2I_SMTP_BDAT:
    case P2I_SMTP_BURL:
        take_chunk(parser, segment, verb == P2I_SMTP_BURL, arguments);
        break;
    case P2I_SMTP_RSET:
    case P2I_SMTP_QUIT:
        (void)p2i_smtp_begin(parser, work, P2I_SMTP_FOR_RESET, p2i_packet_info_at(segment, 0));
        break;
    case P2I_SMTP_STARTTLS:
        (void)p2i_smtp_begin(parser, work, P2I_SMTP_FOR_STARTTLS, p2i_packet_info_at(segment, 0));
        break;
    case P2I_SMTP_AUTH:
        p2i_smtp_expect(parser, work, P2I_SMTP_FOR_AUTH);
        break;
    case P2I_SMTP_OTHER:
        p2i_smtp_expect(parser, work, P2I_SMTP_FOR_ANYTHING);
        break;
    }
}

/* Resynchronises with the client. Returns false while the bytes are undecided. */
static bool follow_again(struct p2i_parser *parser, struct p2i_view bytes)
{
    struct p2i_smtp_session *smtp = parser->state;
    if (smtp->commands_lost) {
        if (p2i_smtp_is_strong(bytes) != P2I_MATCH_YES) {
            return false;
        }
        smtp->commands_lost = false;
        p2i_smtp_settle(parser, &smtp->work, 0);
    }
    return true;
}

/* If no more of an incomplete command line will come, MAIL and RCPT still count. */
static void take_cut_command(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_view ignored;
    if (segment->bytes.size == 0 || smtp->lines[segment->direction].middle || smtp->challenged ||
        smtp->secured) {
        return;
    }
    enum p2i_smtp_verb verb = p2i_smtp_command(segment->bytes, &ignored);
    if ((verb != P2I_SMTP_MAIL && verb != P2I_SMTP_RCPT) || !follow_again(parser, segment->bytes)) {
        return;
    }
    p2i_smtp_place_replies(parser);
    take_command(parser, segment, segment->bytes, true);
    struct p2i_smtp_span *span = p2i_smtp_newest(&smtp->work);
    if (span != NULL) {
        span->mail.cut = true;
    }
}

static struct p2i_step in_commands(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_mail_line line;
    struct p2i_step step;
    if (!p2i_mail_take_line(&smtp->lines[segment->direction], segment, &line, &step)) {
        return step;
    }
    if (!line.begins) {
        return p2i_consume(line.size);
    }
    if (smtp->unplaced_count > 0) {
        p2i_smtp_place_replies(parser);
    }
    smtp->bare_lf = line.bare_lf;
    if (smtp->challenged) {
        /* Base64 can look like a command (RFC 4954 section 4). */
        smtp->challenged = false;
        p2i_smtp_expect(parser, &smtp->work, P2I_SMTP_FOR_AUTH);
        return p2i_consume(line.size);
    }
    if (follow_again(parser, segment->bytes)) {
        take_command(parser, segment, line.text, !line.ends);
    }
    return p2i_consume(line.size);
}

/* A message follows if the server agreed; if the server is not seen, unless the bytes look like
 * a command. */
static struct p2i_step behind_data(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    /* Bytes that waited when replies were lost still wait, until more come. */
    bool is_fresh = segment->fresh < segment->bytes.size;
    if (smtp->work.replies_lost && is_fresh) {
        p2i_smtp_place_replies(parser);
        if (smtp->phase != P2I_SMTP_BEHIND_DATA) {
            return p2i_keep();
        }
    }
    bool deaf = !segment->peer_seen || segment->full || smtp->server_ended ||
                (smtp->work.replies_lost && is_fresh);
    if (smtp->go_on && !smtp->data_missed) {
        begin_content(parser, segment, true);
    } else if (deaf || smtp->go_on) {
        enum p2i_match match = p2i_smtp_is_strong(segment->bytes);
        if (match == P2I_MATCH_NO) {
            begin_content(parser, segment, true);
        } else if (match == P2I_MATCH_YES) {
            smtp->phase = P2I_SMTP_IN_COMMANDS;
            smtp->go_on = false;
        }
    }
    smtp->client_waits = smtp->phase == P2I_SMTP_BEHIND_DATA;
    return p2i_keep();
}

static struct p2i_step in_content(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span = p2i_smtp_newest(&smtp->work);
    bool ended = false;
    if (span == NULL || !span->mail.has_content || span->ended) {
        smtp->phase = P2I_SMTP_IN_COMMANDS;
        smtp->commands_lost = true;
        return p2i_keep();
    }
    size_t size = p2i_mail_content_read(parser, &span->mail, segment->bytes, p2i_smtp_is_strong,
                                        false, &ended);
    if (ended) {
        p2i_smtp_expect(parser, &smtp->work, P2I_SMTP_FOR_CONTENT);
        p2i_smtp_end_content(parser, segment);
    }
    return p2i_consume(size);
}

/* The server refused the chunk before any of it was sent. Only a command shows that it was not
 * sent at all. */
static struct p2i_step behind_bdat(struct p2i_parser *parser,
                                   const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    enum p2i_match match = p2i_smtp_is_line(segment->bytes);
    if (match == P2I_MATCH_YES) {
        end_chunk(parser, segment, false);
    } else if (match == P2I_MATCH_NO || segment->full) {
        smtp->phase = P2I_SMTP_IN_CHUNK;
    }
    return p2i_keep();
}

static struct p2i_step in_chunk(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span = p2i_smtp_newest(&smtp->work);
    struct p2i_view content = p2i_view_first(
        segment->bytes, smtp->chunk_left < SIZE_MAX ? (size_t)smtp->chunk_left : SIZE_MAX);
    if (span != NULL && !span->over) {
        (void)p2i_mime_read(parser, &span->mail.mime, content, NULL);
    }
    smtp->chunk_left -= content.size;
    if (smtp->chunk_left == 0) {
        end_chunk(parser, segment, true);
    }
    return p2i_consume(content.size);
}

struct p2i_step p2i_smtp_client_turn(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment)
{
    static p2i_turn *const turns[] = {
        [P2I_SMTP_IN_COMMANDS] = in_commands, [P2I_SMTP_BEHIND_DATA] = behind_data,
        [P2I_SMTP_IN_CONTENT] = in_content,   [P2I_SMTP_BEHIND_BDAT] = behind_bdat,
        [P2I_SMTP_IN_CHUNK] = in_chunk,
    };
    struct p2i_smtp_session *smtp = parser->state;
    smtp->client_waits = false;
    return p2i_mail_phase_turn(parser, segment, turns, &smtp->phase);
}

/* ---- lost bytes and the end ---- */

static void gap_in_chunk(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         uint64_t missing)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span = p2i_smtp_newest(&smtp->work);
    missing += segment->bytes.size; /* they could still be a command */
    if (span != NULL && !span->over) {
        p2i_mail_content_cut(parser, &span->mail);
    }
    smtp->commands_lost = missing > smtp->chunk_left;
    smtp->chunk_left -= missing < smtp->chunk_left ? missing : smtp->chunk_left;
    if (smtp->chunk_left == 0) {
        end_chunk(parser, segment, true);
    }
    if (smtp->commands_lost) {
        p2i_smtp_miss(parser, &smtp->work);
    }
}

void p2i_smtp_client_gap(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         uint64_t missing)
{
    struct p2i_smtp_session *smtp = parser->state;
    if (smtp->phase == P2I_SMTP_BEHIND_DATA) {
        /* The lost bytes are the beginning of a message; a command is unlikely. */
        begin_content(parser, segment, true);
        (void)in_content(parser, segment);
    }
    if (smtp->phase == P2I_SMTP_IN_CHUNK || smtp->phase == P2I_SMTP_BEHIND_BDAT) {
        gap_in_chunk(parser, segment, missing);
    } else if (smtp->phase == P2I_SMTP_IN_CONTENT) {
        struct p2i_smtp_span *span = p2i_smtp_newest(&smtp->work);
        if (span != NULL) {
            p2i_mail_content_cut(parser, &span->mail);
        }
    } else {
        take_cut_command(parser, segment);
        smtp->phase = P2I_SMTP_IN_COMMANDS;
        smtp->commands_lost = true;
        p2i_smtp_miss(parser, &smtp->work);
    }
    smtp->challenged = false;
    p2i_mail_lines_reset(&smtp->lines[segment->direction]);
}

void p2i_smtp_client_close(struct p2i_parser *parser, const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    bool message_waits = smtp->phase == P2I_SMTP_BEHIND_DATA && segment->bytes.size > 0 &&
                         p2i_smtp_is_strong(segment->bytes) == P2I_MATCH_NO;
    if (message_waits) {
        /* The message did not wait for the server's reply. */
        begin_content(parser, segment, true);
        (void)in_content(parser, segment);
    } else if (smtp->phase == P2I_SMTP_IN_COMMANDS) {
        take_cut_command(parser, segment);
    } else if (smtp->phase == P2I_SMTP_BEHIND_BDAT) {
        end_chunk(parser, segment, false);
    }
    smtp->work.left = smtp->work.left || segment->ended;
    p2i_mail_lines_reset(&smtp->lines[segment->direction]);
}
