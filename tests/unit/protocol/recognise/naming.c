/* SPDX-License-Identifier: MIT */
#include "naming.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/protocols.h"
#include "protocol/stream.h"

enum { CLIENT_PORT = 50000, BYTES_MAX = 2048 };

struct sample {
    uint8_t data[BYTES_MAX];
    size_t size;
};

static void add(struct sample *sample, unsigned byte)
{
    cr_assert_lt(sample->size, BYTES_MAX);
    sample->data[sample->size++] = (uint8_t)byte;
}

static unsigned hex_digit(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *found = strchr(digits, digit);
    cr_assert(digit != '\0' && found != NULL, "'%c' is no hexadecimal digit", digit);
    return (unsigned)(found - digits);
}

static struct sample read_sample(const char *text)
{
    struct sample sample = {0};
    while (*text != '\0') {
        if (*text == ' ') {
            text++;
        } else if (*text == '\'') {
            for (text++; *text != '\''; text++) {
                add(&sample, (uint8_t)*text);
            }
            text++;
        } else if (*text == '*') {
            char *end;
            unsigned long times = strtoul(text + 1, &end, 10);
            while (times-- > 1) {
                add(&sample, sample.data[sample.size - 1]);
            }
            text = end;
        } else {
            add(&sample, hex_digit(text[0]) << 4 | hex_digit(text[1]));
            text += 2;
        }
    }
    return sample;
}

static struct p2i_ends ends_of(const struct naming *naming)
{
    return (struct p2i_ends){naming->transport, {CLIENT_PORT, naming->server_port}};
}

/* The answer for the first `size` bytes, which lie in a heap block of their own. */
static enum p2i_match ask(const struct naming *naming, const struct sample *sample, size_t size,
                          uint8_t *id)
{
    uint8_t *block = malloc(size > 0 ? size : 1);
    cr_assert_not_null(block);
    memcpy(block, sample->data, size);
    struct p2i_ends ends = ends_of(naming);
    uint64_t note = 0;
    const struct p2i_recogniser *found = NULL;
    enum p2i_match match =
        p2i_recognise(&ends, naming->from, p2i_view_of(block, size), &note, &found);
    *id = match == P2I_MATCH_YES ? found->id : P2I_ID_UNKNOWN;
    free(block);
    return match;
}

static void ignore(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
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

/* What the stream layer says when the bytes come in segments of `first`, `then`, `then` ... */
static uint8_t play(const struct naming *naming, const struct sample *sample, size_t first,
                    size_t then)
{
    struct p2i_parse_settings settings = {.dns_answers = true};
    struct p2i_stream_setting setting = {
        .protocols = p2i_protocols, .settings = &settings, .pool = p2i_pool_new()};
    struct p2i_account account = {0};
    struct p2i_sink sink = {.emit = ignore};
    struct p2i_stream stream = {0};
    struct p2i_packet_info info = {0};
    p2i_stream_start(&stream, &setting, ends_of(naming), &sink, &account);
    for (size_t at = 0, size = first; at < sample->size; at += size, size = then) {
        size = size < sample->size - at ? size : sample->size - at;
        struct p2i_view segment = p2i_view_of(sample->data + at, size);
        if (naming->transport == P2I_OVER_TCP) {
            p2i_stream_data(&stream, &setting, naming->from, segment, &info);
        } else {
            p2i_stream_datagram(&stream, &setting, naming->from, segment, 0, &info);
        }
    }
    p2i_stream_end(&stream, &setting);
    uint8_t id = stream.id;
    cr_assert_eq(account.used, 0);
    p2i_pool_free(setting.pool);
    return id;
}

static void expect_everywhere(const struct naming *naming, const struct sample *sample)
{
    size_t size = sample->size;
    uint8_t whole = play(naming, sample, size, size);
    cr_expect_eq(whole, naming->id, "%s: the stream says %u, not %u", naming->bytes, whole,
                 (unsigned)naming->id);
    if (naming->transport == P2I_OVER_UDP) {
        return;
    }
    cr_expect_eq(play(naming, sample, 1, 1), naming->id, "%s byte by byte", naming->bytes);
    for (size_t cut = 1; cut < size && cut < 70; cut++) {
        cr_expect_eq(play(naming, sample, cut, size), naming->id, "%s cut at %zu", naming->bytes,
                     cut);
    }
}

/* MORE and then the name, for ever. */
static void expect_growing(const struct naming *naming, const struct sample *sample)
{
    enum p2i_match before = P2I_MATCH_MORE;
    uint8_t id = P2I_ID_UNKNOWN;
    for (size_t size = naming->transport == P2I_OVER_TCP ? 1 : 0; size <= sample->size; size++) {
        enum p2i_match match = ask(naming, sample, size, &id);
        if (naming->transport == P2I_OVER_UDP) {
            cr_expect_neq(match, P2I_MATCH_MORE, "%s cut to %zu", naming->bytes, size);
            continue;
        }
        cr_expect_geq(match, before, "%s: the first %zu bytes give %d", naming->bytes, size,
                      (int)match);
        cr_expect(match != P2I_MATCH_MORE || size < P2I_RECOGNISE_BYTES, "%s", naming->bytes);
        before = match;
    }
    cr_expect_eq(id, naming->id, "%s is %u, not %u", naming->bytes, id, (unsigned)naming->id);
}

static void expect_matter(const struct naming *naming, const struct sample *sample)
{
    const char *places = naming->matter != NULL ? naming->matter : "";
    for (char *end; *places != '\0'; places = end) {
        size_t place = strtoul(places, &end, 10);
        cr_assert(end != places && place < sample->size, "%s: %s", naming->bytes, places);
        struct sample other = *sample;
        other.data[place] = (uint8_t)~other.data[place];
        uint8_t id;
        (void)ask(naming, &other, other.size, &id);
        cr_expect_neq(id, naming->id, "%s: byte %zu does not matter", naming->bytes, place);
    }
}

void naming_expect(const struct naming *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sample sample = read_sample(cases[i].bytes);
        expect_growing(&cases[i], &sample);
        expect_everywhere(&cases[i], &sample);
        expect_matter(&cases[i], &sample);
    }
}

void naming_refuse(const struct naming *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sample sample = read_sample(cases[i].bytes);
        size_t size = cases[i].transport == P2I_OVER_TCP ? 1 : sample.size;
        for (; size <= sample.size; size++) {
            uint8_t id;
            cr_expect_neq(ask(&cases[i], &sample, size, &id), P2I_MATCH_YES,
                          "%s cut to %zu is taken for %u", cases[i].bytes, size, id);
        }
        uint8_t whole = play(&cases[i], &sample, sample.size, sample.size);
        cr_expect_eq(whole, cases[i].id, "%s: the stream says %u", cases[i].bytes, whole);
    }
}
