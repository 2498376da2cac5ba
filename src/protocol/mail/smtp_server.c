/* SPDX-License-Identifier: MIT */
/* The server's side of SMTP. Replies come in the order of the commands; each is passed to its
 * command. */
#include "protocol/mail/smtp_line.h"
#include "protocol/mail/smtp_session.h"

enum {
    GO_AHEAD = 354,
    HANGS_UP = 421,
};

/* The content is no message, or is not wanted. */
static void drop_content(struct p2i_parser *parser)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span = smtp->work.now;
    smtp->phase = P2I_SMTP_IN_COMMANDS;
    if (span != NULL) {
        p2i_mime_free(parser, &span->mail.mime);
        span->mail.mime = (struct p2i_mime){0};
        span->mail.has_content = false;
    }
}

static void data_answered(struct p2i_parser *parser, uint32_t code)
{
    struct p2i_smtp_session *smtp = parser->state;
    bool in_content = smtp->phase == P2I_SMTP_IN_CONTENT;
    if (code == GO_AHEAD) {
        smtp->go_on = smtp->phase == P2I_SMTP_BEHIND_DATA;
    } else if (in_content) {
        drop_content(parser); /* the assumed message was none */
    } else if (smtp->phase == P2I_SMTP_BEHIND_DATA) {
        smtp->phase = P2I_SMTP_IN_COMMANDS;
    }
}

/* 421 announces that the server closes the connection, whatever the command. If it continues,
 * 421 was an ordinary refusal. */
static void note_hanging_up(struct p2i_smtp_work *work, uint32_t code)
{
    bool was = work->hanging_up;
    work->hanging_up = code == HANGS_UP;
    if (work->now != NULL && work->hanging_up) {
        work->now->data_code = code;
    } else if (work->now != NULL && was) {
        work->now->data_code = 0;
    }
}

/* Takes the reply to the oldest command; there is one. */
static void take_answer(struct p2i_parser *parser, uint32_t code)
{
    struct p2i_smtp_session *smtp = parser->state;
    note_hanging_up(&smtp->work, 0);
    switch (p2i_smtp_answer(parser, &smtp->work, code)) {
    case P2I_SMTP_FOR_DATA:
        data_answered(parser, code);
        break;
    case P2I_SMTP_FOR_AUTH:
        smtp->challenged = code == 334;
        break;
    case P2I_SMTP_FOR_STARTTLS:
        if (code == 220) {
            p2i_smtp_forget(parser, &smtp->work);
            smtp->secured = true;
        }
        break;
    default:
        break;
    }
    note_hanging_up(&smtp->work, code);
}

/* ---- replies behind a loss ---- */

void p2i_smtp_place_replies(struct p2i_parser *parser)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_work *work = &smtp->work;
    uint8_t count = smtp->unplaced_count;
    if (count == 0) {
        return;
    }
    /* DATA has no such reply: its own is still to come. */
    bool waits =
        p2i_mail_newest(&work->queue) == P2I_SMTP_FOR_DATA && smtp->unplaced[count - 1] < 300;
    smtp->unplaced_count = 0;
    work->replies_lost = waits;
    p2i_smtp_settle(parser, work, count + (waits ? 1U : 0U));
    uint32_t waiting = p2i_mail_waiting(&work->queue) - (waits ? 1U : 0U);
    for (size_t i = count > waiting ? count - waiting : 0; i < count; i++) {
        take_answer(parser, smtp->unplaced[i]);
    }
}

/* Behind a loss a reply may answer any of the commands that wait; which one is known when as many
 * replies have come, when the client goes on, or by the content of the reply. True: it has been put
 * aside. */
static bool put_aside(struct p2i_parser *parser, uint32_t code)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_work *work = &smtp->work;
    uint32_t waiting = p2i_mail_waiting(&work->queue);
    uint8_t newest = p2i_mail_newest(&work->queue);
    bool is_newest = (newest == P2I_SMTP_FOR_STARTTLS && code == 220) ||
                     (newest == P2I_SMTP_FOR_AUTH && code == 334) ||
                     (newest == P2I_SMTP_FOR_DATA && code == GO_AHEAD);
    if (waiting <= 1 || (is_newest && smtp->unplaced_count == 0)) {
        p2i_smtp_settle(parser, work, 1);
        work->replies_lost = false;
        return false;
    }
    if (smtp->unplaced_count == P2I_SMTP_UNPLACED_MAX) {
        memmove(smtp->unplaced, smtp->unplaced + 1, sizeof smtp->unplaced - sizeof *smtp->unplaced);
        smtp->unplaced_count--;
    }
    smtp->unplaced[smtp->unplaced_count++] = (uint16_t)code;
    if (is_newest || smtp->unplaced_count == waiting) {
        p2i_smtp_place_replies(parser);
    }
    return true;
}

/* ---- replies ---- */

/* A reply in the middle of a message: either its end was not seen as such, or the server has had
 * enough of it. */
static void interrupted(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                        uint32_t code)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_smtp_span *span = p2i_smtp_newest(&smtp->work);
    if (span != NULL && (span->mail.mime.holed || span->mail.mime.loose_end)) {
        smtp->commands_lost = span->mail.mime.holed;
        smtp->work.missed = smtp->work.missed || smtp->commands_lost;
        p2i_smtp_expect(parser, &smtp->work, P2I_SMTP_FOR_CONTENT);
        p2i_smtp_end_content(parser, segment);
        take_answer(parser, code);
    } else if (smtp->work.now != NULL && code >= 400) {
        smtp->work.now->data_code = code;
    }
}

/* A reply to an unseen command. */
static void take_unasked(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                         uint32_t code)
{
    struct p2i_smtp_session *smtp = parser->state;
    if (code == GO_AHEAD) {
        if (smtp->phase == P2I_SMTP_IN_COMMANDS) {
            smtp->commands_lost = false;
            smtp->phase = P2I_SMTP_BEHIND_DATA;
            smtp->go_on = true;
            smtp->data_missed = true;
        }
    } else if (smtp->phase == P2I_SMTP_IN_CONTENT) {
        interrupted(parser, segment, code);
    }
    note_hanging_up(&smtp->work, code);
}

/* The reply to a chunk of which not all has been seen. True: it has been dealt with, or, with
 * nothing consumed, has to wait. */
static bool chunk_interrupted(struct p2i_parser *parser, const struct p2i_stream_segment *segment,
                              uint32_t code, size_t size, struct p2i_step *step)
{
    struct p2i_smtp_session *smtp = parser->state;
    if (smtp->phase != P2I_SMTP_IN_CHUNK || p2i_mail_waiting(&smtp->work.queue) != 1) {
        return false;
    }
    if (code < 400) {
        *step = p2i_keep();
        return !segment->full && !smtp->server_ended;
    }
    p2i_mail_answered(&smtp->work.queue, 1);
    smtp->chunk_refused = code;
    smtp->phase = smtp->chunk_left == smtp->chunk_size ? P2I_SMTP_BEHIND_BDAT : P2I_SMTP_IN_CHUNK;
    note_hanging_up(&smtp->work, code);
    *step = p2i_consume(size);
    return true;
}

static struct p2i_step take_reply(struct p2i_parser *parser,
                                  const struct p2i_stream_segment *segment, uint32_t code,
                                  size_t size)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_mail_queue *queue = &smtp->work.queue;
    struct p2i_step step;
    if (chunk_interrupted(parser, segment, code, size, &step)) {
        return step;
    }
    if (smtp->work.replies_lost && put_aside(parser, code)) {
        return p2i_consume(size);
    }
    while (code == GO_AHEAD && p2i_mail_waits_for(queue, P2I_SMTP_FOR_DATA) &&
           p2i_mail_expected(queue) != P2I_SMTP_FOR_DATA) {
        (void)p2i_smtp_answer(parser, &smtp->work, 0); /* it answers nothing else */
    }
    uint8_t expected = p2i_mail_expected(queue);
    if (expected == P2I_SMTP_FOR_NOTHING) {
        take_unasked(parser, segment, code);
    } else if (expected != P2I_SMTP_FOR_DATA || code >= 300) {
        take_answer(parser, code);
    } /* else it is the reply to a command that was not seen */
    return p2i_consume(size);
}

/* A reply behind the word to go on answers a whole message that has not been read yet; where its
 * end may have been missed, only the reply shows that it has ended. A reply behind a refusal
 * answers the bytes that the client sent instead. */
static bool must_wait(const struct p2i_smtp_session *smtp, const struct p2i_stream_segment *segment)
{
    const struct p2i_smtp_span *span = p2i_smtp_newest(&smtp->work);
    bool end_missed = span != NULL && (span->mail.mime.holed || span->mail.mime.loose_end);
    bool in_message =
        (smtp->phase == P2I_SMTP_BEHIND_DATA && smtp->go_on) || smtp->phase == P2I_SMTP_IN_CONTENT;
    bool behind = smtp->client_waits && smtp->phase == P2I_SMTP_IN_COMMANDS;
    return (behind || (in_message && !end_missed)) && !segment->full && !smtp->server_ended &&
           p2i_mail_expected(&smtp->work.queue) == P2I_SMTP_FOR_NOTHING;
}

/* "220 host ESMTP ...", of one line or several. */
static void take_greeting(struct p2i_parser *parser, const struct p2i_mail_line *line, bool more)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_view host = p2i_smtp_greeting_host(p2i_view_from(line->text, 4));
    if (smtp->work.hosts.greeting.size == 0 && line->ends) {
        p2i_text_add(parser, &smtp->work.hosts.greeting, host, P2I_MAIL_STRING_MAX);
    }
    smtp->greeted = !more;
}

struct p2i_step p2i_smtp_server_turn(struct p2i_parser *parser,
                                     const struct p2i_stream_segment *segment)
{
    struct p2i_smtp_session *smtp = parser->state;
    struct p2i_mail_line line;
    struct p2i_step step;
    if (must_wait(smtp, segment)) {
        return p2i_keep();
    }
    if (!p2i_mail_take_line(&smtp->lines[segment->direction], segment, &line, &step)) {
        return step;
    }
    uint32_t code = 0;
    bool more = false;
    if (!line.begins || !p2i_smtp_reply(line.text, &code, &more)) {
        return p2i_consume(line.size);
    }
    if (code == 220 && !smtp->greeted &&
        p2i_mail_expected(&smtp->work.queue) != P2I_SMTP_FOR_STARTTLS) {
        take_greeting(parser, &line, more);
        return p2i_consume(line.size);
    }
    smtp->greeted = true;
    return more ? p2i_consume(line.size) : take_reply(parser, segment, code, line.size);
}
