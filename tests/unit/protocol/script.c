/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/protocols.h"

enum { PIECES_MAX = 16, BYTES_MAX = 8192 };

struct spoken {
    size_t count;
    enum p2i_direction from[PIECES_MAX];
    size_t begin[PIECES_MAX + 1];
    uint8_t bytes[BYTES_MAX];
    bool matters[BYTES_MAX];
};

static unsigned digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = strchr(digits, c);
    cr_assert(c != '\0' && found != NULL, "'%c' is no hex digit", c);
    return (unsigned)(found - digits);
}

/* One word into `spoken`; returns what is behind it. */
static const char *read_word(struct spoken *spoken, const char *at)
{
    size_t *end = &spoken->begin[spoken->count];
    size_t begin = *end;
    bool matters = *at == '!';
    at += matters;
    if (*at == '\'') {
        for (at++; *at != '\''; at++) {
            spoken->bytes[(*end)++] = (uint8_t)*at;
        }
        at++;
    } else {
        for (; *at != '\0' && strchr(" *!", *at) == NULL; at += 2) {
            spoken->bytes[(*end)++] = (uint8_t)(digit_of(at[0]) << 4 | digit_of(at[1]));
        }
    }
    size_t size = *end - begin;
    unsigned long times = 1;
    if (*at == '*') {
        char *behind = NULL;
        times = strtoul(at + 1, &behind, 10);
        at = behind;
    }
    cr_assert(begin + size * times <= BYTES_MAX);
    for (unsigned long i = 1; i < times; i++) {
        memcpy(spoken->bytes + begin + size * i, spoken->bytes + begin, size);
    }
    *end = begin + size * times;
    memset(spoken->matters + begin, matters, size * times);
    return at;
}

static struct spoken *read_script(const char *script)
{
    struct spoken *spoken = calloc(1, sizeof *spoken);
    cr_assert(spoken != NULL);
    size_t end = 0;
    for (const char *at = script; *at != '\0';) {
        if (*at == '>' || *at == '<') {
            cr_assert(spoken->count < PIECES_MAX);
            spoken->from[spoken->count] = *at == '>' ? P2I_FROM_INITIATOR : P2I_FROM_RESPONDER;
            spoken->begin[spoken->count++] = end;
            spoken->begin[spoken->count] = end;
            at++;
        } else if (*at == ' ') {
            at++;
        } else {
            at = read_word(spoken, at);
            end = spoken->begin[spoken->count];
        }
    }
    return spoken;
}

static void emit(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                 const struct p2i_packet_info *info, const void *message,
                 enum p2i_completeness completeness)
{
    (void)completeness;
    (void)context;
    (void)kind;
    (void)sender;
    (void)info;
    (void)message;
}

/* Each segment in a block of its own, so that a read past its end is caught. */
static void give(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                 enum p2i_direction from, struct p2i_view bytes)
{
    struct p2i_packet_info info = {0};
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    cr_assert(copy != NULL);
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    if (stream->parser.ends.transport == P2I_OVER_TCP) {
        p2i_stream_data(stream, setting, from, p2i_view_of(copy, bytes.size), &info);
    } else {
        p2i_stream_datagram(stream, setting, from, p2i_view_of(copy, bytes.size), 0, &info);
    }
    free(copy);
}

/* How to cut: segment `segment` at `at`; the rest of it comes next, or is not sent at all. `every`:
 * all segments in bytes. */
struct cut {
    size_t segment;
    size_t at;
    bool drop;
    bool every;
};

static const struct cut whole = {.segment = SIZE_MAX};

static void give_segment(struct p2i_stream *stream, struct p2i_stream_setting *setting,
                         enum p2i_direction from, struct p2i_view bytes, const struct cut *cut)
{
    if (cut->every) {
        for (size_t i = 0; i < bytes.size; i++) {
            give(stream, setting, from, p2i_view_of(bytes.data + i, 1));
        }
    } else if (cut->segment != SIZE_MAX) {
        give(stream, setting, from, p2i_view_first(bytes, cut->at));
        if (!cut->drop) {
            give(stream, setting, from, p2i_view_from(bytes, cut->at));
        }
    } else {
        give(stream, setting, from, bytes);
    }
}

static enum p2i_protocol_id name_of(const struct talk *talk, const struct spoken *spoken,
                                    struct cut cut)
{
    static const struct p2i_parse_settings settings = {true, true, true, true};
    struct p2i_sink sink = {emit, NULL};
    struct p2i_account account = {0};
    struct p2i_stream_setting setting = {
        .protocols = p2i_protocols, .settings = &settings, .pool = p2i_pool_new()};
    struct p2i_ends ends = {talk->transport, {talk->port[0], talk->port[1]}};
    struct p2i_stream stream = {0};
    p2i_stream_start(&stream, &setting, ends, &sink, &account);
    for (size_t i = 0; i < spoken->count; i++) {
        struct cut here = i == cut.segment || cut.every ? cut : whole;
        size_t size = spoken->begin[i + 1] - spoken->begin[i];
        give_segment(&stream, &setting, spoken->from[i],
                     p2i_view_of(spoken->bytes + spoken->begin[i], size), &here);
    }
    enum p2i_protocol_id id = stream.id;
    p2i_stream_end(&stream, &setting);
    cr_assert_eq(account.used, 0);
    p2i_pool_free(setting.pool);
    return id;
}

static void expect_matters(const struct talk *talk, struct spoken *spoken, enum p2i_protocol_id id)
{
    for (size_t i = 0; i < spoken->begin[spoken->count]; i++) {
        if (spoken->matters[i]) {
            spoken->bytes[i] ^= 0xff;
            cr_expect_neq(name_of(talk, spoken, whole), id, "byte %zu does not matter: %s", i,
                          talk->script);
            spoken->bytes[i] ^= 0xff;
        }
    }
}

static void expect_nothing_else(const struct talk *talk, const struct spoken *spoken,
                                enum p2i_protocol_id id)
{
    bool tcp = talk->transport == P2I_OVER_TCP;
    for (size_t i = tcp ? 0 : spoken->count - 1; i < spoken->count; i++) {
        size_t size = spoken->begin[i + 1] - spoken->begin[i];
        for (size_t at = 0; at < size; at++) {
            struct cut cut = {.segment = i, .at = at, .drop = !tcp};
            enum p2i_protocol_id got = name_of(talk, spoken, cut);
            cr_expect(got == id || got == P2I_ID_UNKNOWN, "cut at %zu it is %d: %s", at, got,
                      talk->script);
        }
    }
}

void talk_expect(const struct talk *talk, enum p2i_protocol_id id)
{
    struct spoken *spoken = read_script(talk->script);
    cr_expect_eq(name_of(talk, spoken, whole), id, "it is %d: %s", name_of(talk, spoken, whole),
                 talk->script);
    if (id != P2I_ID_UNKNOWN) {
        expect_matters(talk, spoken, id);
        expect_nothing_else(talk, spoken, id);
    }
    free(spoken);
}

void talk_expect_cut(const struct talk *talk, enum p2i_protocol_id id)
{
    talk_expect(talk, id);
    struct spoken *spoken = read_script(talk->script);
    cr_expect_eq(name_of(talk, spoken, (struct cut){.every = true}), id, "in bytes: %s",
                 talk->script);
    for (size_t i = 0; i < spoken->count; i++) {
        for (size_t at = 1; at < spoken->begin[i + 1] - spoken->begin[i]; at++) {
            cr_expect_eq(name_of(talk, spoken, (struct cut){.segment = i, .at = at}), id,
                         "cut at %zu: %s", at, talk->script);
        }
    }
    free(spoken);
}
