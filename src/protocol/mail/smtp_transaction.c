/* SPDX-License-Identifier: MIT */
#include "protocol/mail/smtp_transaction.h"

enum {
    SPANS_MAX = 16, /* most spans whose commands wait for replies */
};

/* Precedes each recipient in the list. */
enum mark {
    UNANSWERED = '?',
    ACCEPTED = '+',
    REFUSED = '-',
};

static void free_span(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                      struct p2i_smtp_span *span)
{
    if (span != NULL) {
        p2i_mail_content_clear(parser, &span->mail);
        p2i_text_free(parser, &span->name);
        p2i_text_free(parser, &span->recipients);
        p2i_pool_put(parser->pool, parser->account, span, sizeof *span);
        work->span_count--;
    }
}

static void free_waiting(const struct p2i_parser *parser, struct p2i_smtp_work *work)
{
    while (work->waiting != NULL) {
        struct p2i_smtp_span *span = work->waiting;
        work->waiting = span->next;
        free_span(parser, work, span);
    }
}

/* ---- records ---- */

/* Returns true if the span's transaction gives a record. Content that the server takes is a message
 * even if the capture has no accepted MAIL before it. */
static bool is_transaction(const struct p2i_smtp_span *span)
{
    bool has_content = span->mail.has_content;
    bool taken = span->asked || (span->mail.code >= 200 && span->mail.code < 300);
    if (span->begun_by == P2I_SMTP_FOR_MAIL) {
        return span->tried > 0 || has_content;
    }
    if (span->missed) {
        return span->tried > span->refused || has_content;
    }
    return has_content && taken;
}

/* Lists the recipients that were accepted or not answered; all of them if all were refused. */
static void list_receivers(struct p2i_smtp_span *span)
{
    struct p2i_view rest = p2i_text_view(&span->recipients);
    uint8_t *out = span->recipients.data; /* in place: the list is never longer than its source */
    size_t size = 0;
    while (rest.size > 0) {
        struct p2i_view item = p2i_view_first(rest, p2i_view_find(rest, '\n'));
        struct p2i_view address = p2i_view_from(item, 1);
        bool is_refused = item.data[0] == REFUSED && span->refused < span->tried;
        if (address.size > 0 && !is_refused) {
            if (size > 0) {
                out[size++] = ',';
            }
            memmove(out + size, address.data, address.size);
            size += address.size;
        }
        rest = p2i_view_from(rest, item.size + 1);
    }
    span->mail.receivers = span->recipients;
    span->mail.receivers.size = (uint32_t)size;
    span->recipients = (struct p2i_text){0};
}

/* Emits the record with mail.code, if the span gives one. */
static void give(const struct p2i_parser *parser, const struct p2i_smtp_work *work,
                 struct p2i_smtp_span *span)
{
    if (!span->over && is_transaction(span)) {
        p2i_mime_end(parser, &span->mail.mime);
        list_receivers(span);
        p2i_mail_content_emit(parser, &span->mail, &work->hosts, (enum p2i_direction)work->client,
                              P2I_MAIL_SENT, P2I_MAIL_SMTP);
    }
    span->over = true;
}

/* Sets the code when the content has no answer: if all recipients were refused, it is that of the
 * refusal. */
static void set_code(const struct p2i_smtp_work *work, struct p2i_smtp_span *span)
{
    bool all_refused = span->tried > 0 && span->refused == span->tried && !work->hanging_up;
    span->mail.code = all_refused ? span->rcpt_code : span->data_code;
}

/* ---- client ---- */

struct p2i_smtp_span *p2i_smtp_newest(const struct p2i_smtp_work *work)
{
    struct p2i_smtp_span *span = work->waiting != NULL ? work->waiting : work->now;
    while (span != NULL && span->next != NULL) {
        span = span->next;
    }
    return span;
}

static void append(struct p2i_smtp_work *work, struct p2i_smtp_span *span)
{
    struct p2i_smtp_span **end = &work->waiting;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = span;
}

static struct p2i_smtp_span *new_span(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                      enum p2i_smtp_expected kind,
                                      const struct p2i_packet_info *info)
{
    while (work->span_count >= SPANS_MAX && work->queue.run_count > 0) {
        work->replies_lost = true; /* replies can no longer be assigned */
        (void)p2i_smtp_answer(parser, work, 0);
    }
    struct p2i_smtp_span *span = p2i_pool_get(parser->pool, parser->account, sizeof *span, NULL);
    if (span != NULL) {
        *span = (struct p2i_smtp_span){.mail.info = *info, .begun_by = (uint8_t)kind};
        work->span_count++;
    }
    return span;
}

struct p2i_smtp_span *p2i_smtp_current(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                       const struct p2i_packet_info *info)
{
    struct p2i_smtp_span *newest = p2i_smtp_newest(work);
    if (newest != NULL && !newest->ended) {
        if (newest->begun_by != P2I_SMTP_FOR_MAIL && newest->tried == 0 &&
            !newest->mail.has_content) {
            newest->mail.info = *info;
        }
        return newest;
    }
    enum p2i_smtp_expected kind = newest != NULL ? P2I_SMTP_FOR_CONTENT : P2I_SMTP_FOR_NOTHING;
    struct p2i_smtp_span *span = new_span(parser, work, kind, info);
    if (span == NULL) {
        return NULL;
    }
    span->missed = work->missed;
    span->mail.cut = work->missed;
    if (kind == P2I_SMTP_FOR_CONTENT) {
        append(work, span);
    } else {
        work->now = span;
    }
    return span;
}

struct p2i_smtp_span *p2i_smtp_begin(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                     enum p2i_smtp_expected kind,
                                     const struct p2i_packet_info *info)
{
    struct p2i_smtp_span *span = new_span(parser, work, kind, info);
    p2i_smtp_expect(parser, work, span != NULL ? kind : P2I_SMTP_FOR_ANYTHING);
    if (span != NULL) {
        append(work, span);
    }
    work->missed = false;
    return span;
}

/* Returns false if the address does not fit into the list. */
static bool list(const struct p2i_parser *parser, struct p2i_smtp_span *span,
                 struct p2i_view address)
{
    struct p2i_text *text = &span->recipients;
    size_t before = text->size;
    size_t size = before + address.size + 2;
    if (span->listed < span->tried || size - span->listed - 2 > P2I_MAIL_RECEIVERS_MAX) {
        return false;
    }
    const uint8_t mark = UNANSWERED;
    p2i_text_add(parser, text, p2i_view_of(&mark, 1), size);
    p2i_text_add(parser, text, address, size);
    p2i_text_add(parser, text, P2I_VIEW("\n"), size);
    if (text->size < size) {
        text->size = (uint32_t)before; /* out of memory */
        return false;
    }
    span->listed++;
    return true;
}

void p2i_smtp_try(const struct p2i_parser *parser, struct p2i_smtp_span *span,
                  struct p2i_view address)
{
    if (!list(parser, span, address)) {
        span->mail.limited = true;
    }
    span->tried += span->tried < UINT32_MAX;
    span->mail.has_envelope = true;
}

void p2i_smtp_expect(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                     enum p2i_smtp_expected kind)
{
    if (!p2i_mail_expect(&work->queue, (uint8_t)kind, 1)) {
        /* The queue is full: continues as if replies had been lost. */
        p2i_smtp_settle(parser, work, 0);
        work->replies_lost = true;
        (void)p2i_mail_expect(&work->queue, (uint8_t)kind, 1);
    }
}

void p2i_smtp_miss(const struct p2i_parser *parser, struct p2i_smtp_work *work)
{
    struct p2i_smtp_span *newest = p2i_smtp_newest(work);
    work->missed = true;
    if (newest == NULL || newest->ended) {
        return;
    }
    if (newest->over && newest == work->now) {
        work->now = NULL;
        free_span(parser, work, newest);
        return;
    }
    newest->mail.cut = true;
    newest->missed = newest->begun_by != P2I_SMTP_FOR_MAIL;
}

/* ---- server ---- */

static void rcpt_answered(struct p2i_smtp_span *span, uint32_t code)
{
    if (span == NULL) {
        return;
    }
    bool is_refused = code >= 400;
    if (is_refused) {
        span->rcpt_code = span->refused == 0 ? code : span->rcpt_code;
        span->refused += span->refused < UINT32_MAX;
    }
    if (span->answered < span->recipients.size) {
        struct p2i_view rest = p2i_view_from(p2i_text_view(&span->recipients), span->answered);
        span->recipients.data[span->answered] = is_refused  ? REFUSED
                                                : code == 0 ? UNANSWERED
                                                            : ACCEPTED;
        span->answered += (uint32_t)p2i_view_find(rest, '\n') + 1;
    }
}

static void data_answered(struct p2i_smtp_span *span, uint32_t code)
{
    if (span != NULL) {
        span->asked = span->asked || code == 354;
        span->data_code = code >= 400 ? code : span->data_code;
    }
}

void p2i_smtp_refuse_chunk(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                           uint32_t code)
{
    if (work->now != NULL) {
        work->now->mail.code = code;
        give(parser, work, work->now);
    }
}

static void chunk_answered(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                           uint32_t code)
{
    if (code >= 400) {
        p2i_smtp_refuse_chunk(parser, work, code);
    } else if (work->now != NULL) {
        work->now->asked = work->now->asked || code > 0;
    }
}

/* Frees the current span; commands behind the content belong to no transaction until one begins. */
static void pass_content(const struct p2i_parser *parser, struct p2i_smtp_work *work)
{
    struct p2i_smtp_span *next = work->waiting;
    free_span(parser, work, work->now);
    work->now = NULL;
    if (next != NULL && next->begun_by == P2I_SMTP_FOR_CONTENT) {
        work->waiting = next->next;
        next->next = NULL;
        work->now = next;
    }
}

/* LMTP answers once for each accepted recipient (RFC 2033 section 4.2); the worst answer counts. */
static void content_answered(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                             uint32_t code)
{
    struct p2i_smtp_span *span = work->now;
    if (span != NULL) {
        bool keep = span->deliveries > 0 && span->mail.code > code;
        span->mail.code = keep ? span->mail.code : code;
        span->deliveries++;
        if (work->lmtp && code > 0 && !span->over &&
            span->deliveries < span->tried - span->refused) {
            return;
        }
        if (!span->ended && !span->over) {
            p2i_mail_content_cut(parser, &span->mail);
        }
        give(parser, work, span);
    }
    p2i_mail_answered(&work->queue, 1);
    pass_content(parser, work);
}

/* Joins the content of a refused span to the transaction before it. */
static void move_content(const struct p2i_parser *parser, struct p2i_smtp_span *from,
                         struct p2i_smtp_span *to)
{
    if (!from->mail.has_content) {
        return;
    }
    if (to->mail.has_content) {
        p2i_mime_end(parser, &to->mail.mime);
        to->mail.limited = true; /* the second beginning of a message is dropped */
    } else {
        p2i_mime_free(parser, &to->mail.mime);
        to->mail.mime = from->mail.mime;
        from->mail.mime = (struct p2i_mime){0};
        to->mail.has_content = true;
    }
    to->ended = from->ended;
}

static void refuse_span(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                        struct p2i_smtp_span *span)
{
    struct p2i_smtp_span *now = work->now;
    span->begun_by = P2I_SMTP_FOR_NOTHING;
    p2i_text_free(parser, &span->mail.sender);
    p2i_text_free(parser, &span->name);
    if (now == NULL) {
        work->now = span;
        return;
    }
    for (struct p2i_view rest = p2i_text_view(&span->recipients); rest.size > 0;) {
        struct p2i_view item = p2i_view_first(rest, p2i_view_find(rest, '\n'));
        p2i_smtp_try(parser, now, p2i_view_from(item, 1));
        rest = p2i_view_from(rest, item.size + 1);
    }
    now->tried += span->tried - span->listed;
    now->missed = now->missed || span->missed;
    now->mail.cut = now->mail.cut || span->mail.cut;
    now->mail.limited = now->mail.limited || span->mail.limited;
    move_content(parser, span, now);
    free_span(parser, work, span);
}

/* Returns true if the span has nothing to remember. */
static bool is_blank(const struct p2i_smtp_work *work, const struct p2i_smtp_span *span)
{
    return work->waiting == NULL && span->begun_by != P2I_SMTP_FOR_MAIL && span->tried == 0 &&
           !span->mail.has_content && !span->missed;
}

static void accept_span(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                        struct p2i_smtp_span *span)
{
    struct p2i_smtp_span *now = work->now;
    if (now != NULL) {
        set_code(work, now);
        give(parser, work, now);
        free_span(parser, work, now);
    }
    work->now = span;
    if (span->begun_by == P2I_SMTP_FOR_HELLO) {
        p2i_text_free(parser, &work->hosts.hello);
        work->hosts.hello = span->name;
        work->lmtp = span->lmtp;
        span->name = (struct p2i_text){0};
    }
    if (is_blank(work, span)) {
        work->now = NULL;
        free_span(parser, work, span);
    }
}

/* Handles the answer to a command that begins a span. */
static void span_answered(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                          uint32_t code)
{
    struct p2i_smtp_span *span = work->waiting;
    if (span == NULL) {
        return;
    }
    work->waiting = span->next;
    span->next = NULL;
    if (code < 400) {
        accept_span(parser, work, span);
    } else {
        refuse_span(parser, work, span);
    }
}

enum p2i_smtp_expected p2i_smtp_answer(const struct p2i_parser *parser, struct p2i_smtp_work *work,
                                       uint32_t code)
{
    enum p2i_smtp_expected kind = (enum p2i_smtp_expected)p2i_mail_expected(&work->queue);
    if (kind == P2I_SMTP_FOR_CONTENT) {
        content_answered(parser, work, code);
        return kind;
    }
    p2i_mail_answered(&work->queue, 1);
    switch (kind) {
    case P2I_SMTP_FOR_RCPT:
        rcpt_answered(work->now, code);
        break;
    case P2I_SMTP_FOR_DATA:
        data_answered(work->now, code);
        break;
    case P2I_SMTP_FOR_CHUNK:
        chunk_answered(parser, work, code);
        break;
    case P2I_SMTP_FOR_MAIL:
    case P2I_SMTP_FOR_HELLO:
    case P2I_SMTP_FOR_RESET:
    case P2I_SMTP_FOR_STARTTLS:
        span_answered(parser, work, code);
        break;
    default:
        break;
    }
    return kind;
}

void p2i_smtp_settle(const struct p2i_parser *parser, struct p2i_smtp_work *work, uint32_t rest)
{
    struct p2i_mail_queue *queue = &work->queue;
    for (uint32_t left = p2i_mail_waiting(queue); left > rest;) {
        uint32_t count = 1;
        if (p2i_mail_expected(queue) == P2I_SMTP_FOR_ANYTHING) {
            /* Replies to these change nothing: all at once. */
            count = queue->runs[0].count < left - rest ? queue->runs[0].count : left - rest;
            p2i_mail_answered(queue, count);
        } else {
            (void)p2i_smtp_answer(parser, work, 0);
        }
        left -= count;
    }
}

void p2i_smtp_forget(const struct p2i_parser *parser, struct p2i_smtp_work *work)
{
    free_waiting(parser, work);
    free_span(parser, work, work->now);
    work->now = NULL;
    work->queue.run_count = 0;
    p2i_text_free(parser, &work->hosts.hello);
}

/* Ends the current transaction before its end was seen. */
static void end_last(const struct p2i_parser *parser, struct p2i_smtp_work *work)
{
    struct p2i_smtp_span *span = work->now;
    set_code(work, span);
    if (span->mail.has_content && !span->ended && !span->over) {
        p2i_mail_content_cut(parser, &span->mail);
    } else if (!work->left && !work->hanging_up) {
        span->mail.cut = true;
    }
    give(parser, work, span);
    free_span(parser, work, span);
    work->now = NULL;
}

void p2i_smtp_free_work(const struct p2i_parser *parser, struct p2i_smtp_work *work)
{
    if (work->hanging_up) {
        free_waiting(parser, work); /* the server has accepted none of them */
        work->queue.run_count = 0;
    }
    p2i_smtp_settle(parser, work, 0);
    if (work->now != NULL) {
        end_last(parser, work);
    }
    free_waiting(parser, work);
    p2i_text_free(parser, &work->hosts.greeting);
    p2i_text_free(parser, &work->hosts.hello);
}
