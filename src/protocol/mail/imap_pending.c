/* SPDX-License-Identifier: MIT */
#include "protocol/mail/imap_pending.h"

void p2i_imap_finish_mail(const struct p2i_parser *parser, const struct p2i_imap_work *work,
                          struct p2i_mail_content *mail, enum p2i_mail_event event)
{
    bool from_server = event == P2I_MAIL_RECEIVED;
    if (mail != NULL) {
        p2i_mime_end(parser, &mail->mime);
        p2i_mail_content_emit(parser, mail, &work->hosts,
                              (enum p2i_direction)(from_server ? work->server : !work->server),
                              event, P2I_MAIL_IMAP);
        p2i_mail_content_free(parser, mail);
    }
}

static void finish_first(const struct p2i_parser *parser, struct p2i_imap_work *work,
                         struct p2i_imap_pending *pending)
{
    struct p2i_mail_content *mail = pending->mails;
    pending->mails = mail->next;
    mail->code = pending->code;
    if (work->reading == mail) {
        work->reading = NULL;
    }
    work->mail_count--;
    p2i_imap_finish_mail(parser, work, mail, P2I_MAIL_SENT);
}

static void finish_mails(const struct p2i_parser *parser, struct p2i_imap_work *work,
                         struct p2i_imap_pending *pending)
{
    while (pending->mails != NULL) {
        finish_first(parser, work, pending);
    }
}

static void remove_pending(struct p2i_imap_work *work, size_t index)
{
    struct p2i_imap_pending *pending = &work->pending[index];
    work->pending_count--;
    memmove(pending, pending + 1, (work->pending_count - index) * sizeof *pending);
}

static bool waits_for_fetch(const struct p2i_imap_work *work)
{
    size_t i = 0;
    while (i < work->pending_count && work->pending[i].kind != P2I_IMAP_FETCH) {
        i++;
    }
    return i < work->pending_count;
}

void p2i_imap_wait(const struct p2i_parser *parser, struct p2i_imap_work *work,
                   const struct p2i_imap_tag *tag, enum p2i_imap_kind kind)
{
    if (work->pending_count == P2I_IMAP_PENDING_MAX) {
        finish_mails(parser, work, &work->pending[0]);
        remove_pending(work, 0);
    }
    work->delivered = work->delivered && waits_for_fetch(work);
    work->pending[work->pending_count++] =
        (struct p2i_imap_pending){.kind = (uint8_t)kind, .tag = *tag};
}

/* ---- APPEND ---- */

static struct p2i_imap_pending *newest_append(struct p2i_imap_work *work)
{
    for (size_t i = work->pending_count; i > 0; i--) {
        if (work->pending[i - 1].kind == P2I_IMAP_APPEND) {
            return &work->pending[i - 1];
        }
    }
    return NULL;
}

/* Emits the oldest message before its answer: the number of buffered messages is limited. */
static void finish_oldest_mail(const struct p2i_parser *parser, struct p2i_imap_work *work)
{
    for (size_t i = 0; i < work->pending_count; i++) {
        if (work->pending[i].mails != NULL) {
            finish_first(parser, work, &work->pending[i]);
            return;
        }
    }
}

void p2i_imap_append(const struct p2i_parser *parser, struct p2i_imap_work *work,
                     const struct p2i_packet_info *info)
{
    struct p2i_imap_pending *pending = newest_append(work);
    if (work->mail_count == P2I_IMAP_MAILS_MAX) {
        finish_oldest_mail(parser, work);
    }
    work->reading = pending != NULL ? p2i_mail_content_new(parser, info) : NULL;
    if (work->reading == NULL) {
        return;
    }
    struct p2i_mail_content **last = &pending->mails;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = work->reading;
    work->mail_count++;
}

void p2i_imap_finish_append(const struct p2i_parser *parser, struct p2i_imap_work *work)
{
    struct p2i_imap_pending *pending = newest_append(work);
    if (pending != NULL) {
        finish_mails(parser, work, pending);
    }
}

void p2i_imap_appended(const struct p2i_parser *parser, struct p2i_imap_work *work)
{
    struct p2i_imap_pending *pending = newest_append(work);
    work->reading = NULL;
    if (pending != NULL && pending->complete) {
        finish_mails(parser, work, pending);
        remove_pending(work, (size_t)(pending - work->pending));
    }
}

/* ---- completion ---- */

/* Emits a message for a FETCH that was refused without content. */
static void refuse_fetch(const struct p2i_parser *parser, const struct p2i_imap_work *work,
                         const struct p2i_packet_info *info)
{
    struct p2i_mail_content *mail = p2i_mail_content_new(parser, info);
    if (mail != NULL) {
        mail->code = 1;
        p2i_imap_finish_mail(parser, work, mail, P2I_MAIL_RECEIVED);
    }
}

enum p2i_imap_kind p2i_imap_complete(const struct p2i_parser *parser, struct p2i_imap_work *work,
                                     const struct p2i_imap_tag *tag, bool refused,
                                     const struct p2i_packet_info *info)
{
    size_t index = 0;
    while (index < work->pending_count &&
           (work->pending[index].complete || !p2i_imap_same_tag(tag, &work->pending[index].tag))) {
        index++;
    }
    if (index == work->pending_count) {
        return P2I_IMAP_PLAIN;
    }
    struct p2i_imap_pending *pending = &work->pending[index];
    enum p2i_imap_kind kind = (enum p2i_imap_kind)pending->kind;
    pending->code = refused ? 1 : 0;
    if (work->reading != NULL && pending == newest_append(work)) {
        pending->complete = true;
        return kind;
    }
    if (kind == P2I_IMAP_FETCH) {
        if (refused && !work->delivered) {
            refuse_fetch(parser, work, info);
        }
        work->delivered = false;
    }
    finish_mails(parser, work, pending);
    remove_pending(work, index);
    return kind;
}

void p2i_imap_end_work(const struct p2i_parser *parser, struct p2i_imap_work *work)
{
    for (size_t i = 0; i < work->pending_count; i++) {
        finish_mails(parser, work, &work->pending[i]);
    }
    work->pending_count = 0;
    p2i_text_free(parser, &work->hosts.greeting);
}
