/* SPDX-License-Identifier: MIT */
#include "rewrite/rewrite_pcapng.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* A capture of one packet with a payload of its own, names, comments and blocks that stay out. */
struct capture {
    uint8_t bytes[1024];
    size_t size;
    bool big;
};

static void put(struct capture *of, const void *data, size_t size)
{
    memcpy(of->bytes + of->size, data, size);
    of->size += size;
}

static void put_number(struct capture *of, uint32_t number, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        of->bytes[of->size++] = (uint8_t)(number >> 8 * (of->big ? size - 1 - i : i));
    }
}

static void put_option(struct capture *of, uint16_t code, const char *text)
{
    put_number(of, code, 2);
    put_number(of, (uint32_t)strlen(text), 2);
    put(of, text, strlen(text));
    put(of, "\0\0\0", (4 - strlen(text) % 4) % 4);
}

/* Begins a block; its lengths are set by end_block(). */
static size_t begin_block(struct capture *of, uint32_t type)
{
    size_t begin = of->size;
    put_number(of, type, 4);
    put_number(of, 0, 4);
    return begin;
}

static void end_block(struct capture *of, size_t begin)
{
    size_t end = of->size + 4;
    put_number(of, (uint32_t)(end - begin), 4);
    memcpy(of->bytes + begin + 4, of->bytes + end - 4, 4);
}

static struct capture make_capture(bool big)
{
    static const uint8_t frame[] = {
        2,  0,  0,  0,  0, 1,  2, 0, 0,   0,   0,   2,   8,   0, /* Ethernet */
        69, 0,  0,  36, 0, 0,  0, 0, 64,  17,  0,   0,   192, 0,   2,   1,  192, 0, 2, 2, /* IPv4 */
        48, 57, 48, 58, 0, 16, 0, 0, 'p', 'a', 'y', 'l', 'o', 'a', 'd', '!'};
    struct capture of = {.big = big};
    size_t block = begin_block(&of, 0x0a0d0d0a);
    put_number(&of, 0x1a2b3c4d, 4);
    put_number(&of, 1, 2);
    put_number(&of, 0, 2);
    put(&of, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    put_option(&of, 3, "secret host");
    put_number(&of, 0, 4);
    end_block(&of, block);
    block = begin_block(&of, 1);
    put_number(&of, 1, 2);
    put_number(&of, 0, 2);
    put_number(&of, 65535, 4);
    put_option(&of, 2, "secret interface");
    put_option(&of, 9, "\x09");
    put_option(&of, 9, "\x09 and a secret behind it");
    put_number(&of, 0, 4);
    end_block(&of, block);
    block = begin_block(&of, 4); /* names of hosts */
    put(&of, "secret name of host!", 20);
    end_block(&of, block);
    block = begin_block(&of, 6);
    put_number(&of, 0, 4);
    put_number(&of, 0, 4);
    put_number(&of, 1000, 4);
    put_number(&of, sizeof frame, 4);
    put_number(&of, sizeof frame, 4);
    put(&of, frame, sizeof frame);
    put(&of, "\0\0", (4 - sizeof frame % 4) % 4);
    put_option(&of, 1, "secret comment");
    put_option(&of, 2, "\x01\x02\x03\x04");
    put_option(&of, 2, "secret flags");
    put_number(&of, 0, 4);
    end_block(&of, block);
    return of;
}

static struct p2i_settings *make_settings(void)
{
    struct p2i_error error;
    struct p2i_settings *settings = p2i_settings_new();
    cr_assert_not_null(settings);
    cr_assert_eq(p2i_settings_set(settings, "keep_passwords", "false", &error), P2I_OK);
    return settings;
}

static bool has(const struct p2i_buffer *of, const char *text)
{
    return memmem(of->data, of->size, text, strlen(text)) != NULL;
}

Test(rewrite_pcapng, only_what_packets_need_stays)
{
    for (int big = 0; big < 2; big++) {
        struct capture capture = make_capture(big == 1);
        struct p2i_settings *settings = make_settings();
        struct p2i_buffer out = {0};
        struct p2i_error error;
        cr_assert_eq(
            p2i_rewrite_pcapng(p2i_view_of(capture.bytes, capture.size), settings, &out, &error),
            P2I_OK);
        cr_expect(!has(&out, "secret"));
        cr_expect(has(&out, "payload!")); /* no password: only these are redacted */
        cr_expect(has(&out, "\x01\x02\x03\x04"));
        cr_expect_eq(out.size % 4, 0);
        p2i_buffer_free(&out);
        p2i_settings_free(settings);
    }
}

/* Cut or changed anywhere: what comes out is whole, or nothing. */
Test(rewrite_pcapng, cut_and_changed_at_every_byte)
{
    struct p2i_settings *settings = make_settings();
    struct capture capture = make_capture(false);
    for (size_t i = 0; i < 2 * capture.size; i++) {
        size_t size = i < capture.size ? i : capture.size;
        uint8_t *copy = malloc(size + 1);
        struct p2i_buffer out = {0};
        struct p2i_error error;
        cr_assert_not_null(copy);
        memcpy(copy, capture.bytes, size);
        if (i >= capture.size) {
            copy[i - capture.size] ^= 0xff;
        }
        enum p2i_result result =
            p2i_rewrite_pcapng(p2i_view_of(copy, size), settings, &out, &error);
        cr_expect(result == P2I_OK || (result == P2I_DAMAGED && out.size == 0), "%zu", i);
        p2i_buffer_free(&out);
        free(copy);
    }
    p2i_settings_free(settings);
}
