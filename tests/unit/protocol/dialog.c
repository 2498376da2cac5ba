/* SPDX-License-Identifier: MIT */
#include "dialog.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/message.h"
#include "protocol/protocols.h"

struct play {
    char *text;
    size_t size;
    FILE *out;
};

static void put_string(FILE *out, const char *name, struct p2i_view value)
{
    fprintf(out, " %s=\"", name);
    for (size_t i = 0; i < value.size; i++) {
        uint8_t byte = value.data[i];
        if (byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\') {
            fprintf(out, "\\x%02x", byte);
        } else {
            fputc(byte, out);
        }
    }
    fputc('"', out);
}

static void put_octets(FILE *out, const char *name, struct p2i_view value)
{
    fprintf(out, " %s=", name);
    for (size_t i = 0; i < value.size; i++) {
        fprintf(out, "%02x", value.data[i]);
    }
}

#define STRING(member) put_string(out, #member, m->member)
#define OCTETS(member) put_octets(out, #member, m->member)
#define NUMBER(member) fprintf(out, " " #member "=%llu", (unsigned long long)m->member)

static void put_clickstream(FILE *out, const struct p2i_clickstream *m)
{
    STRING(host);
    STRING(path);
    STRING(referer);
    STRING(user_agent);
    STRING(cookie);
    OCTETS(cipher_suites);
    NUMBER(locked);
    NUMBER(cipher_suites_length);
    NUMBER(host_type);
    NUMBER(method);
}

static void put_http_reply(FILE *out, const struct p2i_http_reply *m)
{
    STRING(content_type);
    STRING(location);
    NUMBER(content_length);
    NUMBER(result_code);
}

static void put_ssl_reply(FILE *out, const struct p2i_ssl_reply *m)
{
    STRING(host);
    NUMBER(version);
    NUMBER(cipher_suite);
    NUMBER(compression_method);
    NUMBER(host_type);
}

static void put_dns(FILE *out, const struct p2i_dns *m)
{
    STRING(domain);
    OCTETS(rdata);
    NUMBER(ttl);
    NUMBER(rr_class);
    NUMBER(rr_type);
}

static void put_sip(FILE *out, const struct p2i_sip *m)
{
    STRING(method);
    STRING(uri);
    STRING(from);
    STRING(to);
    STRING(call_id);
    STRING(user_agent);
    STRING(content_type);
    STRING(gateways);
    NUMBER(status_code);
}

static void put_ftp(FILE *out, const struct p2i_ftp *m)
{
    STRING(server_name);
    STRING(user);
    STRING(password);
    NUMBER(result_code);
    NUMBER(mode);
}

static void put_im(FILE *out, const struct p2i_im *m)
{
    STRING(login);
    STRING(password);
    STRING(screen_name);
    STRING(uin);
    STRING(receivers);
    NUMBER(result_code);
    NUMBER(protocol);
}

static void put_mail(FILE *out, const struct p2i_mail *m)
{
    STRING(sender);
    STRING(receiver);
    STRING(cc);
    STRING(subject);
    STRING(servers);
    STRING(reply_to);
    NUMBER(result_code);
    NUMBER(event);
    NUMBER(attachment);
    NUMBER(protocol);
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    static const char *const names[] = {[P2I_RECORD_CLICKSTREAM] = "clickstream",
                                        [P2I_RECORD_HTTP_REPLY] = "http_reply",
                                        [P2I_RECORD_SSL_REPLY] = "ssl_reply",
                                        [P2I_RECORD_DNS] = "dns",
                                        [P2I_RECORD_SIP] = "sip",
                                        [P2I_RECORD_FTP] = "ftp",
                                        [P2I_RECORD_IM] = "im",
                                        [P2I_RECORD_MAIL] = "mail"};
    FILE *out = ((struct play *)context)->out;
    fprintf(out, "%s %c", names[kind], sender == P2I_FROM_INITIATOR ? 'C' : 'S');
    switch (kind) {
    case P2I_RECORD_CLICKSTREAM:
        put_clickstream(out, message);
        break;
    case P2I_RECORD_HTTP_REPLY:
        put_http_reply(out, message);
        break;
    case P2I_RECORD_SSL_REPLY:
        put_ssl_reply(out, message);
        break;
    case P2I_RECORD_DNS:
        put_dns(out, message);
        break;
    case P2I_RECORD_SIP:
        put_sip(out, message);
        break;
    case P2I_RECORD_FTP:
        put_ftp(out, message);
        break;
    case P2I_RECORD_IM:
        put_im(out, message);
        break;
    case P2I_RECORD_MAIL:
        put_mail(out, message);
        break;
    default:
        cr_assert_fail("a kind of record that the dialogue cannot show: %d", (int)kind);
    }
    static const char *const marks[] = {
        [P2I_WHOLE] = "", [P2I_CUT] = " cut", [P2I_LIMITED] = " limited"};
    fprintf(out, "%s @%llu\n", marks[completeness], (unsigned long long)info->time_ns);
}

/* A way of cutting: segments of `segment` bytes (0 whole), or step `step` in two at `at`. */
struct cut {
    size_t segment;
    size_t step;
    size_t at;
};

static void say(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                const struct dialog_step *step, size_t number, struct p2i_view bytes,
                uint64_t missing)
{
    /* A block of its own, so that a read past the end is caught, and a packet info that is gone
     * after the call. */
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    struct p2i_packet_info *info = calloc(1, sizeof *info);
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    info->time_ns = number;
    if (stream->ends.transport == P2I_OVER_TCP) {
        p2i_stream_data(stream, worker, step->from, p2i_view_of(copy, bytes.size), info);
    } else {
        p2i_stream_datagram(stream, worker, step->from, p2i_view_of(copy, bytes.size), missing,
                            info);
    }
    free(copy);
    free(info);
}

static void say_in_segments(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                            const struct dialog_step *step, size_t number, const struct cut *cut,
                            uint64_t missing)
{
    struct p2i_view rest = p2i_view_of(step->bytes, step->size);
    size_t size = cut->segment > 0 ? cut->segment : rest.size;
    if (cut->segment == 0 && cut->step == number && cut->at > 0) {
        size = cut->at;
    }
    while (rest.size > 0) {
        struct p2i_view now = p2i_view_first(rest, size);
        say(stream, worker, step, number, now, missing);
        rest = p2i_view_from(rest, now.size);
        size = cut->segment > 0 ? cut->segment : rest.size;
    }
}

/* Bytes of the datagram of step `number` that the next step cuts off. */
static uint64_t missing_of(const struct dialog *dialog, size_t number)
{
    const struct dialog_step *step = &dialog->steps[number];
    const struct dialog_step *next = step + 1;
    bool loses = dialog->ends.transport == P2I_OVER_UDP && number + 1 < dialog->step_count &&
                 next->bytes == NULL && next->from == step->from;
    return loses ? next->size : 0;
}

static char *play_cut(const struct dialog *dialog, const struct cut *cut)
{
    struct play play = {0};
    play.out = open_memstream(&play.text, &play.size);
    struct p2i_account account = {0};
    struct p2i_message_sink sink = {emit, &play};
    struct p2i_stream_worker worker;
    cr_assert(p2i_stream_worker_open(&worker,
                                     dialog->protocols != NULL ? dialog->protocols : p2i_protocols,
                                     &dialog->settings, &sink));
    struct p2i_stream stream = {0};
    uint64_t offered = 0;
    p2i_stream_start(&stream, dialog->ends, &account);
    for (size_t i = 0; i < dialog->step_count; i++) {
        const struct dialog_step *step = &dialog->steps[i];
        if (step->bytes != NULL) {
            say_in_segments(&stream, &worker, step, i, cut, missing_of(dialog, i));
            offered += step->size;
        } else if (dialog->ends.transport == P2I_OVER_UDP) {
            continue; /* passed with the datagram */
        } else if (step->size > 0) {
            p2i_stream_gap(&stream, &worker, step->from, step->size);
        } else {
            p2i_stream_close(&stream, &worker, step->from, true);
        }
    }
    p2i_stream_end(&stream, &worker);
    cr_assert_eq(account.used, 0, "memory was not given back: %llu bytes",
                 (unsigned long long)account.used);
    cr_assert_eq(offered, worker.counts.parsed_bytes + worker.counts.ignored_bytes,
                 "the byte counts do not add up: offered %llu, parsed %llu, ignored %llu",
                 (unsigned long long)offered, (unsigned long long)worker.counts.parsed_bytes,
                 (unsigned long long)worker.counts.ignored_bytes);
    p2i_stream_worker_close(&worker);
    fclose(play.out);
    return play.text;
}

char *dialog_play(const struct dialog *dialog, size_t segment)
{
    return play_cut(dialog, &(struct cut){.segment = segment});
}

static void expect_cut(const struct dialog *dialog, const struct cut *cut, const char *expected)
{
    char *text = play_cut(dialog, cut);
    cr_assert_str_eq(text, expected, "segments of %zu, step %zu cut at %zu:\n%s\ninstead of:\n%s",
                     cut->segment, cut->step, cut->at, text, expected);
    free(text);
}

void dialog_expect(const struct dialog *dialog, const char *expected)
{
    expect_cut(dialog, &(struct cut){0}, expected);
    if (dialog->ends.transport == P2I_OVER_UDP) {
        return;
    }
    for (size_t segment = 1; segment <= 3; segment++) {
        expect_cut(dialog, &(struct cut){.segment = segment}, expected);
    }
    for (size_t step = 0; step < dialog->step_count; step++) {
        size_t size = dialog->steps[step].bytes != NULL ? dialog->steps[step].size : 0;
        for (size_t at = 1; at < size; at++) {
            expect_cut(dialog, &(struct cut){.step = step, .at = at}, expected);
        }
    }
}
