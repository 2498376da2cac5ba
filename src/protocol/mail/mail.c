/* SPDX-License-Identifier: MIT */
#include "protocol/mail/mail.h"

#include "base/ascii.h"
#include "base/hash.h"
#include "protocol/mail/address.h"
#include "protocol/mail/charsets.h"
#include "protocol/mail/probe.h"
#include "protocol/mail/words.h"
#include "protocol/message.h"

/* Slots for the hosts of a record; it has fewer hosts (RECEIVED_MAX in mime.c, and two). */
enum { HOST_SLOTS = 256 };

/* Larger numbers are rejected, so that adding a buffer size does not overflow. */
#define NUMBER_MOST (UINT64_MAX / 16 * 10 + 9)

/* ---- state shared by the parsers of a worker ---- */

static void *open_charsets(const struct p2i_parse_settings *settings)
{
    (void)settings;
    return p2i_charsets_new();
}

static void close_charsets(void *charsets)
{
    p2i_charsets_free(charsets);
}

const struct p2i_protocol_family p2i_mail_family = {open_charsets, close_charsets};

/* ---- lines ---- */

bool p2i_mail_next_line(struct p2i_mail_lines *lines, const struct p2i_stream_segment *segment,
                        size_t limit, struct p2i_mail_line *line)
{
    struct p2i_view bytes = segment->bytes;
    struct p2i_view fresh = p2i_view_from(bytes, lines->scanned);
    size_t end = lines->scanned + p2i_view_find(fresh, '\n');
    bool ends = end < bytes.size;
    if (!ends && bytes.size <= limit) {
        lines->scanned = (uint32_t)bytes.size;
        return false;
    }
    /* A long line is cut into parts at `limit`, wherever the stream was cut. */
    if (end > limit) {
        end = limit;
        ends = false;
    }
    bool has_cr = ends && end > 0 && bytes.data[end - 1] == '\r';
    line->text = p2i_view_first(bytes, has_cr ? end - 1 : end);
    line->size = ends ? end + 1 : end;
    line->begins = !lines->middle;
    line->ends = ends;
    line->bare_lf = ends && !has_cr;
    return true;
}

bool p2i_mail_take_line(struct p2i_mail_lines *lines, const struct p2i_stream_segment *segment,
                        struct p2i_mail_line *line, struct p2i_step *step)
{
    *step = p2i_keep();
    if (!lines->middle && p2i_mail_is_tls(segment->bytes)) {
        step->verdict = P2I_RESTART;
        return false;
    }
    if (!p2i_mail_next_line(lines, segment, P2I_MAIL_LINE_MAX, line)) {
        return false;
    }
    p2i_mail_line_done(lines, line);
    return true;
}

bool p2i_mail_goes_on(enum p2i_match match, const struct p2i_stream_segment *segment,
                      struct p2i_step *step)
{
    bool is_other = match == P2I_MATCH_NO || (match == P2I_MATCH_MORE && segment->full);
    *step = (struct p2i_step){.verdict = is_other ? P2I_RESTART : P2I_CONTINUE};
    return match == P2I_MATCH_YES;
}

struct p2i_stream_segment p2i_mail_drain(struct p2i_parser *parser,
                                         const struct p2i_stream_segment *segment, p2i_turn *turn)
{
    struct p2i_stream_segment rest = *segment;
    for (size_t size = 1; rest.bytes.size > 0 && size > 0;) {
        size = (size_t)turn(parser, &rest).consumed;
        rest.bytes = p2i_view_from(rest.bytes, size);
    }
    return rest;
}

struct p2i_view p2i_mail_word(struct p2i_view *rest)
{
    size_t size = 0;
    while (size < rest->size && rest->data[size] != ' ') {
        size++;
    }
    struct p2i_view word = p2i_view_of(rest->data, size);
    while (size < rest->size && rest->data[size] == ' ') {
        size++;
    }
    *rest = p2i_view_from(*rest, size);
    return word;
}

bool p2i_mail_number(struct p2i_view text, uint64_t *number)
{
    return p2i_take_decimal(text, NUMBER_MOST, number) > 0;
}

bool p2i_mail_is_command(struct p2i_view text, struct p2i_view command)
{
    return p2i_view_starts_nocase(text, command) &&
           (text.size == command.size || text.data[command.size] == ' ');
}

/* ---- commands and replies ---- */

bool p2i_mail_expect(struct p2i_mail_queue *queue, uint8_t kind, uint32_t count)
{
    if (queue->run_count > 0) {
        uint32_t *last = &queue->runs[queue->run_count - 1].count;
        if (queue->runs[queue->run_count - 1].kind == kind && *last < UINT32_MAX - count) {
            *last += count;
            return true;
        }
    }
    if (queue->run_count == P2I_MAIL_QUEUE_MAX) {
        return false;
    }
    queue->runs[queue->run_count].kind = kind;
    queue->runs[queue->run_count].count = count;
    queue->run_count++;
    return true;
}

static void drop_runs(struct p2i_mail_queue *queue, uint8_t count)
{
    queue->run_count = (uint8_t)(queue->run_count - count);
    memmove(queue->runs, queue->runs + count, queue->run_count * sizeof *queue->runs);
}

void p2i_mail_answered(struct p2i_mail_queue *queue, uint32_t count)
{
    if (queue->run_count > 0) {
        queue->runs[0].count -= count;
        if (queue->runs[0].count == 0) {
            drop_runs(queue, 1);
        }
    }
}

uint32_t p2i_mail_waiting(const struct p2i_mail_queue *queue)
{
    uint64_t count = 0;
    for (size_t i = 0; i < queue->run_count; i++) {
        count += queue->runs[i].count;
    }
    return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

bool p2i_mail_waits_for(const struct p2i_mail_queue *queue, uint8_t kind)
{
    size_t i = 0;
    while (i < queue->run_count && queue->runs[i].kind != kind) {
        i++;
    }
    return i < queue->run_count;
}

/* ---- messages ---- */

struct p2i_mail_content *p2i_mail_content_new(const struct p2i_parser *parser,
                                              const struct p2i_packet_info *info)
{
    struct p2i_mail_content *mail = p2i_pool_get(parser->pool, parser->account, sizeof *mail, NULL);
    if (mail != NULL) {
        *mail = (struct p2i_mail_content){.info = *info};
    }
    return mail;
}

void p2i_mail_content_clear(const struct p2i_parser *parser, struct p2i_mail_content *mail)
{
    p2i_mime_free(parser, &mail->mime);
    p2i_text_free(parser, &mail->sender);
    p2i_text_free(parser, &mail->receivers);
}

void p2i_mail_content_free(const struct p2i_parser *parser, struct p2i_mail_content *mail)
{
    if (mail != NULL) {
        p2i_mail_content_clear(parser, mail);
        p2i_pool_put(parser->pool, parser->account, mail, sizeof *mail);
    }
}

void p2i_mail_content_cut(const struct p2i_parser *parser, struct p2i_mail_content *mail)
{
    p2i_mime_gap(parser, &mail->mime);
    mail->cut = true;
}

static enum p2i_completeness completeness_of(const struct p2i_mail_content *mail)
{
    if (mail->cut || mail->mime.holed) {
        return P2I_CUT;
    }
    return mail->limited || mail->mime.limited ? P2I_LIMITED : P2I_WHOLE;
}

static struct p2i_text subject_of(const struct p2i_parser *parser, const struct p2i_mime *mime)
{
    struct p2i_text subject = {0};
    struct p2i_view value = p2i_view_trim(p2i_text_view(&mime->subject));
    if (mime->subject_cut) {
        p2i_mail_decode_cut(parser, &subject, value, P2I_MAIL_STRING_MAX);
    } else {
        p2i_mail_decode(parser, &subject, value, P2I_MAIL_STRING_MAX);
    }
    return subject;
}

static struct p2i_text addresses_of(const struct p2i_parser *parser, const struct p2i_text *value)
{
    struct p2i_text list = {0};
    p2i_mail_addresses(parser, &list, p2i_text_view(value), P2I_MAIL_STRING_MAX);
    return list;
}

/* A list of distinct hosts, with a hash table of their positions. */
struct hosts {
    struct p2i_text list;
    struct {
        uint32_t hash;
        uint16_t begin; /* plus one; 0: the slot is free */
    } slots[HOST_SLOTS];
};

static uint32_t hash_of(struct p2i_view host)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < host.size; i++) {
        hash = (hash ^ p2i_lower(host.data[i])) * UINT64_C(0x100000001b3);
    }
    return (uint32_t)p2i_mix(0, hash);
}

static void add_host(const struct p2i_parser *parser, struct hosts *hosts, struct p2i_view host)
{
    uint32_t hash = hash_of(host);
    size_t slot = hash % HOST_SLOTS;
    uint32_t before = hosts->list.size;
    for (; hosts->slots[slot].begin != 0; slot = (slot + 1) % HOST_SLOTS) {
        struct p2i_view known = p2i_text_view(&hosts->list);
        known = p2i_view_from(known, hosts->slots[slot].begin - 1U);
        if (hosts->slots[slot].hash == hash &&
            p2i_view_equals_nocase(p2i_view_first(known, p2i_view_find(known, ',')), host)) {
            return;
        }
    }
    p2i_text_list(parser, &hosts->list, host, P2I_MAIL_STRING_MAX);
    if (hosts->list.size > before) {
        hosts->slots[slot].hash = hash;
        hosts->slots[slot].begin = (uint16_t)(hosts->list.size - host.size + 1);
    }
}

static struct p2i_text servers_of(const struct p2i_parser *parser,
                                  const struct p2i_mail_content *mail,
                                  const struct p2i_mail_hosts *known)
{
    struct hosts hosts = {0};
    struct p2i_view by = p2i_text_view(&mail->mime.hosts);
    add_host(parser, &hosts, p2i_text_view(&known->greeting));
    add_host(parser, &hosts, p2i_text_view(&known->hello));
    while (by.size > 0) {
        struct p2i_view host = p2i_view_first(by, p2i_view_find(by, ','));
        add_host(parser, &hosts, host);
        by = p2i_view_from(by, host.size + 1);
    }
    return hosts.list;
}

void p2i_mail_content_emit(const struct p2i_parser *parser, const struct p2i_mail_content *mail,
                           const struct p2i_mail_hosts *hosts, enum p2i_direction sender,
                           enum p2i_mail_event event, enum p2i_mail_protocol protocol)
{
    const struct p2i_mime *mime = &mail->mime;
    struct p2i_text from = addresses_of(parser, &mime->from);
    struct p2i_text to = addresses_of(parser, &mime->to);
    struct p2i_text cc = addresses_of(parser, &mime->cc);
    struct p2i_text reply_to = addresses_of(parser, &mime->reply_to);
    struct p2i_text servers = servers_of(parser, mail, hosts);
    struct p2i_text subject = subject_of(parser, mime);
    struct p2i_mail message = {
        .sender = p2i_text_view(mail->has_envelope ? &mail->sender : &from),
        .receiver = p2i_text_view(mail->has_envelope ? &mail->receivers : &to),
        .cc = p2i_text_view(&cc),
        .subject = p2i_text_view(&subject),
        .servers = p2i_text_view(&servers),
        .reply_to = p2i_text_view(&reply_to),
        .result_code = mail->code,
        .event = (uint8_t)event,
        .attachment = mime->attachment,
        .protocol = (uint8_t)protocol,
    };
    p2i_emit_part(parser, P2I_RECORD_MAIL, sender, &mail->info, &message, completeness_of(mail));
    p2i_text_free(parser, &from);
    p2i_text_free(parser, &to);
    p2i_text_free(parser, &cc);
    p2i_text_free(parser, &reply_to);
    p2i_text_free(parser, &servers);
    p2i_text_free(parser, &subject);
}

size_t p2i_mail_content_read(const struct p2i_parser *parser, struct p2i_mail_content *mail,
                             struct p2i_view bytes, enum p2i_match (*is_stop)(struct p2i_view),
                             bool end_missed, bool *ended)
{
    struct p2i_mime *mime = &mail->mime;
    size_t at = 0;
    *ended = false;
    if (!mime->holed && !end_missed) {
        return p2i_mime_read(parser, mime, bytes, ended);
    }
    while (at < bytes.size && !*ended) {
        struct p2i_view rest = p2i_view_from(bytes, at);
        /* A line may begin behind a gap, and often does: whole segments are lost. */
        if ((!mime->mid_line && mime->line.size == 0) || mime->behind_gap) {
            enum p2i_match match = is_stop(rest);
            *ended = mail->stopped = match == P2I_MATCH_YES;
            if (match != P2I_MATCH_NO) {
                return at;
            }
        }
        at +=
            p2i_mime_read(parser, mime, p2i_view_first(rest, p2i_view_find(rest, '\n') + 1), ended);
    }
    return at;
}
