/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ftp_talk.h"

struct bytes {
    char *data;
    size_t size;
};

static void add(struct bytes *bytes, const char *data, size_t size)
{
    bytes->data = realloc(bytes->data, bytes->size + size + 1);
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static void add_many(struct bytes *bytes, char byte, size_t count)
{
    bytes->data = realloc(bytes->data, bytes->size + count + 1);
    memset(bytes->data + bytes->size, byte, count);
    bytes->size += count;
}

#define ADD(bytes, literal) add(bytes, "" literal, sizeof(literal) - 1)

static void expect_segments(const struct dialog_step *steps, size_t count, const char *expected)
{
    static const size_t segments[] = {0, 1, 1460, 8191, 8192, 8193};
    struct dialog dialog = ftp_dialog(21, steps, count);
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        char *text = dialog_play(&dialog, segments[i]);
        cr_expect_str_eq(text, expected, "segments of %zu:\n%s", segments[i], text);
        free(text);
    }
}

Test(ftp_hostile, long_command)
{
    struct bytes retr = {0};
    ADD(&retr, "RETR ");
    add_many(&retr, 'A', 200000);
    ADD(&retr, "\r\nUSER a\r\n");
    const struct dialog_step steps[] = {
        GREETING,
        {P2I_FROM_INITIATOR, retr.data, retr.size},
        SERVER("550 x\r\n331 x\r\n"),
        CLIENT("PASS b\r\n"),
        SERVER("230 x\r\n"),
    };
    expect_segments(steps, sizeof steps / sizeof *steps, LOGIN("a", "b", "230", "255", "1"));
    free(retr.data);
}

Test(ftp_hostile, long_user_is_cut)
{
    struct bytes user = {0};
    struct bytes expected = {0};
    ADD(&user, "USER ");
    add_many(&user, 'A', 60000);
    ADD(&user, "\x16\r\nPASS b\r\n");
    ADD(&expected, "ftp C server_name=\"\" user=\"");
    add_many(&expected, 'A', 8192 - 5);
    ADD(&expected, "\" password=\"b\" result_code=230 mode=255 limited @1\n");
    expected.data[expected.size] = '\0';
    const struct dialog_step steps[] = {
        GREETING,
        {P2I_FROM_INITIATOR, user.data, user.size},
        SERVER("331 x\r\n230 x\r\n"),
    };
    expect_segments(steps, sizeof steps / sizeof *steps, expected.data);
    free(user.data);
    free(expected.data);
}

Test(ftp_hostile, long_greeting)
{
    struct bytes greeting = {0};
    for (int i = 0; i < 3000; i++) {
        ADD(&greeting, "220-blah blah blah\r\n");
    }
    ADD(&greeting, "220-");
    add_many(&greeting, 'x', 100000);
    ADD(&greeting, "\r\n220 a.example\r\n");
    const struct dialog_step steps[] = {
        {P2I_FROM_RESPONDER, greeting.data, greeting.size},
        CLIENT("USER a\r\n"),
        SERVER("230 x\r\n"),
    };
    expect_segments(steps, sizeof steps / sizeof *steps,
                    LOGIN_OF("C", "a.example", "a", "", "230", "255", "1"));
    free(greeting.data);
}

/* More commands and logins than the queue holds. */
Test(ftp_hostile, many_unanswered)
{
    struct bytes flood = {0};
    for (int i = 0; i < 100; i++) {
        ADD(&flood, "NOOP\r\n");
    }
    ADD(&flood, "USER a\r\nPASS b\r\n");
    const struct dialog_step steps[] = {
        GREETING,
        {P2I_FROM_INITIATOR, flood.data, flood.size},
        SERVER("331 x\r\n230 x\r\n"),
    };
    expect_segments(steps, sizeof steps / sizeof *steps, LOGIN("a", "b", "230", "255", "1"));
    free(flood.data);
}

/* The first two are emitted before their replies, which belong to no other command. */
Test(ftp_hostile, many_logins_unanswered)
{
    EXPECT(LOGIN("1", "", "0", "255 limited", "1") LOGIN("2", "", "0", "255 limited", "1")
               LOGIN("3", "", "230", "255", "1") LOGIN("4", "", "0", "255 cut", "1")
                   LOGIN("5", "", "0", "255 cut", "1") LOGIN("6", "", "0", "255 cut", "1"),
           GREETING, CLIENT("USER 1\r\nUSER 2\r\nUSER 3\r\nUSER 4\r\nUSER 5\r\nUSER 6\r\n"),
           SERVER("230 x\r\n230 x\r\n230 x\r\n"));
}

Test(ftp_hostile, million_commands)
{
    static const char *const texts[][2] = {
        {"USER someone\r\nPASS secret\r\n", "331 x\r\n530 x\r\n"},
        {"USER someone\r\nNOOP\r\n", ""},
        {"", "331 x\r\n530 x\r\n"},
        {"PASS secret\r\nSTAT\r\n", "230 x\r\n230 x\r\n211-x\r\n"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct flood flood;
        flood_begin(&flood, ftp_protocols, 21);
        for (int round = 0; round < 500000; round++) {
            for (int side = 0; side < 2; side++) {
                flood_say(&flood, (enum p2i_direction)side,
                          p2i_view_of(texts[i][side], strlen(texts[i][side])));
            }
        }
        flood_end(&flood);
        cr_expect_lt(flood.most, 4096, "%zu: %llu", i, (unsigned long long)flood.most);
        cr_expect_geq(flood.records, i == 3 ? 1U : 500000U, "%zu: %zu", i, flood.records);
    }
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void play_garbage(const char *const *words, size_t word_count, bool same)
{
    uint32_t seed = 1;
    for (int round = 0; round < 500; round++) {
        struct bytes bytes[4] = {0};
        for (int i = 0; i < 4; i++) {
            add(&bytes[i], "220 x\r\n", i == 0 ? 7 : 0);
        }
        for (int i = 0; i < 60; i++) {
            const char *word = words[next_random(&seed) % word_count];
            add(&bytes[next_random(&seed) % 4], word, strlen(word));
        }
        const struct dialog_step steps[] = {
            {P2I_FROM_RESPONDER, bytes[0].data, bytes[0].size},
            {P2I_FROM_INITIATOR, bytes[1].data, bytes[1].size},
            {P2I_FROM_RESPONDER, bytes[2].data, bytes[2].size},
            {(enum p2i_direction)(next_random(&seed) % 2), NULL, 1 + next_random(&seed) % 7},
            {P2I_FROM_INITIATOR, bytes[3].data, bytes[3].size},
        };
        struct dialog dialog = ftp_dialog(21, steps, sizeof steps / sizeof *steps);
        char *whole = dialog_play(&dialog, 0);
        char *segments = dialog_play(&dialog, 1 + next_random(&seed) % 9);
        cr_assert(!same || strcmp(segments, whole) == 0, "round %d:\n%s\ninstead of\n%s", round,
                  segments, whole);
        free(whole);
        free(segments);
        for (int i = 0; i < 4; i++) {
            free(bytes[i].data);
        }
    }
}

#define GARBAGE                                                                                    \
    "USER ", "PASS ", "a", "\r\n", "\n", "\r", "220 ", "220-", "230 x\r\n", "331 x\r\n", "530 ",   \
        "PASV\r\n", "PORT 1,1\r\n", "227 x\r\n", "AUTH TLS\r\n", "\xff", "\xfd", "QUIT\r\n",       \
        "221 x\r\n", "421 x\r\n", "ACCT x\r\n", "a.example", " ", "-", "USER b\r\n", "PASS c\r\n", \
        "200 x\r\n", "0", "501 x\r\n", "503 x\r\n", "USER\r\n", "PASS\r\n", "PORT 1,1,1,1,4,1\r\n"

/* While the text is FTP, segment borders make no difference. */
Test(ftp_hostile, garbage_that_stays_ftp)
{
    static const char *const words[] = {GARBAGE};
    play_garbage(words, sizeof words / sizeof *words, true);
}

Test(ftp_hostile, garbage)
{
    static const char *const words[] = {GARBAGE, "\x16", "\x80", "234 x\r\n", "EHLO "};
    play_garbage(words, sizeof words / sizeof *words, false);
}
