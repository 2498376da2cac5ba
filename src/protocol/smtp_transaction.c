/* SPDX-License-Identifier: MIT */
#include "protocol/smtp_transaction.h"

enum {
    LETTERS_MAX = 16, /* messages that wait for replies */
};

/* The oldest transaction is over: a message was sent, something refused, or `cut` short. */
static void finish_oldest(const struct p2i_parser *parser, struct p2i_smtp_work *work, bool cut)
{
    struct p2i_letter *letter = work->letters;
    if (letter == NULL) {
        return;
    }
    if (letter->has_content || letter->code != 0 || cut) {
        p2i_mime_end(parser, &letter->mime);
        p2i_letter_emit(parser, letter, &work->hosts, (enum p2i_direction)work->client,
                        P2I_MAIL_SENT, P2I_MAIL_SMTP);
    }
    work->letters = letter->next;
    work->letter_count--;
    p2i_letter_free(parser, letter);
}

static struct p2i_letter *newest(const struct p2i_smtp_work *work)
{
    struct p2i_letter *letter = work->letters;
    while (letter != NULL && letter->next != NULL) {
        letter = letter->next;
    }
    return letter;
}

struct p2i_letter *p2i_smtp_current(const struct p2i_smtp_work *work)
{
    struct p2i_letter *letter = newest(work);
    return letter != NULL && !letter->ended ? letter : NULL;
}

struct p2i_letter *p2i_smtp_begin(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                  const struct p2i_origin *origin)
{
    struct p2i_letter *last = newest(work);
    if (last != NULL) {
        last->ended = true;
    }
    if (work->letter_count == LETTERS_MAX) {
        work->replies_lost = true; /* as good as */
        finish_oldest(parser, work, false);
    }
    struct p2i_letter *letter = p2i_letter_new(parser, origin);
    if (letter != NULL) {
        *(last != NULL ? &last->next : &work->letters) = letter;
        work->letter_count++;
    }
    return letter;
}

struct p2i_letter *p2i_smtp_current_or_new(const struct p2i_parser *parser,
                                           struct p2i_smtp_work *work,
                                           const struct p2i_origin *origin)
{
    struct p2i_letter *letter = p2i_smtp_current(work);
    return letter != NULL ? letter : p2i_smtp_begin(parser, work, origin);
}

/* ---- commands ---- */

void p2i_smtp_expect(struct p2i_smtp_work *work, enum p2i_smtp_expected kind)
{
    if (!p2i_mail_expect(&work->queue, (uint8_t)kind, 1)) {
        /* More than can be remembered: as if replies had been lost. */
        p2i_mail_forget_older(&work->queue);
        work->replies_lost = true;
        (void)p2i_mail_expect(&work->queue, (uint8_t)kind, 1);
    }
}

void p2i_smtp_reset(struct p2i_smtp_work *work)
{
    struct p2i_letter *letter = p2i_smtp_current(work);
    if (letter != NULL) {
        letter->ended = true;
    }
    p2i_smtp_expect(work, letter != NULL ? P2I_SMTP_FOR_RESET : P2I_SMTP_FOR_ANYTHING);
}

void p2i_smtp_sent(const struct p2i_parser *parser, struct p2i_smtp_work *work, bool deaf)
{
    struct p2i_letter *letter = p2i_smtp_current(work);
    if (letter == NULL) {
        return;
    }
    p2i_mime_end(parser, &letter->mime);
    letter->ended = true;
    if (!deaf) {
        p2i_smtp_expect(work, P2I_SMTP_FOR_CONTENT);
        return;
    }
    while (work->letters != NULL) {
        finish_oldest(parser, work, false);
    }
}

/* ---- replies ---- */

/* What follows from an earlier refusal (no valid recipients) is not what refused a transaction. */
void p2i_smtp_refuse(struct p2i_smtp_work *work, uint32_t code)
{
    struct p2i_letter *letter = work->letters;
    if (letter == NULL || code < 400) {
        return;
    }
    if (letter->code == 0 || (letter->accepted > 0 && !letter->refused)) {
        letter->code = code;
    }
    letter->refused = true;
}

/* All transactions before the one whose MAIL FROM has just been answered are over. */
static void mail_answered(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                          uint32_t code)
{
    while (work->letters != NULL && work->letters->answered) {
        finish_oldest(parser, work, false);
    }
    if (work->letters != NULL) {
        work->letters->answered = true;
        p2i_smtp_refuse(work, code);
    }
}

static void rcpt_answered(struct p2i_smtp_work *work, uint32_t code)
{
    struct p2i_letter *letter = work->letters;
    if (letter == NULL) {
        return;
    }
    if (code < 300) {
        letter->accepted++;
    } else if (letter->code == 0 && code >= 400) {
        letter->code = code;
    }
}

/* LMTP answers once for each recipient that it accepted (RFC 2033 section 4.2); the worst counts.
 */
static void content_answered(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                             uint32_t code)
{
    struct p2i_letter *letter = work->letters;
    if (letter != NULL) {
        bool was_refused = letter->refused || letter->accepted == 0;
        bool keep = letter->concluded ? letter->code > code
                                      : was_refused && letter->code >= 400 && code >= 400;
        letter->code = keep ? letter->code : code;
        letter->concluded = true;
        if (work->lmtp && letter->accepted > 1) {
            letter->accepted--;
            return;
        }
    }
    p2i_mail_answered(&work->queue);
    finish_oldest(parser, work, false);
}

enum p2i_smtp_expected p2i_smtp_answer(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                       uint32_t code)
{
    enum p2i_smtp_expected kind = (enum p2i_smtp_expected)p2i_mail_expected(&work->queue);
    if (kind == P2I_SMTP_FOR_CONTENT) {
        content_answered(parser, work, code);
        return kind;
    }
    p2i_mail_answered(&work->queue);
    switch (kind) {
    case P2I_SMTP_FOR_MAIL:
        mail_answered(parser, work, code);
        break;
    case P2I_SMTP_FOR_RCPT:
        rcpt_answered(work, code);
        break;
    case P2I_SMTP_FOR_CHUNK:
    case P2I_SMTP_FOR_DATA:
        p2i_smtp_refuse(work, code);
        break;
    case P2I_SMTP_FOR_RESET:
        finish_oldest(parser, work, false);
        break;
    default:
        break;
    }
    return kind;
}

void p2i_smtp_follow_again(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                           uint32_t code)
{
    work->replies_lost = false;
    while (work->letter_count > 1) {
        finish_oldest(parser, work, false);
    }
    if (code != 354) {
        p2i_mail_forget_older(&work->queue);
        return;
    }
    while (work->queue.run_count > 0 && p2i_mail_expected(&work->queue) != P2I_SMTP_FOR_DATA) {
        p2i_mail_answered(&work->queue);
    }
}

void p2i_smtp_free_work(const struct p2i_parser *parser, struct p2i_smtp_work *work)
{
    while (work->letters != NULL) {
        finish_oldest(parser, work, !work->letters->ended);
    }
    p2i_text_free(parser, &work->hosts.greeting);
    p2i_text_free(parser, &work->hosts.hello);
}
