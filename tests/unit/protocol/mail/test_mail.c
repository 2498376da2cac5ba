/* SPDX-License-Identifier: MIT */
/* Helpers shared by the mail parsers: encoded words, addresses, hosts, lines, queues. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/mail/address.h"
#include "protocol/mail/charsets.h"
#include "protocol/mail/mail.h"
#include "protocol/mail/words.h"

struct bench {
    struct p2i_parser parser;
    struct p2i_account account;
    struct p2i_text out;
};

static void begin(struct bench *bench)
{
    *bench = (struct bench){0};
    bench->parser.pool = p2i_pool_new();
    bench->parser.account = &bench->account;
}

static void finish(struct bench *bench)
{
    p2i_text_free(&bench->parser, &bench->out);
    cr_assert_eq(bench->account.used, 0);
    p2i_pool_free(bench->parser.pool);
}

static void expect_text(struct bench *bench, struct p2i_view in, const char *expected)
{
    struct p2i_view out = p2i_text_view(&bench->out);
    cr_assert(p2i_view_equals(out, p2i_view_of(expected, strlen(expected))),
              "%.*s gives %.*s instead of %s", (int)in.size, (const char *)in.data, (int)out.size,
              (const char *)out.data, expected);
    bench->out.size = 0;
}

/* The value lies in a block of exactly its size, so that the sanitizer catches a read past its end;
 * also cut at every byte. */
typedef void function(const struct p2i_parser *parser, struct p2i_text *out, struct p2i_view value,
                      size_t limit);

static void expect(function *under_test, const char *in, const char *expected)
{
    struct bench bench;
    begin(&bench);
    for (size_t size = strlen(in) + 1; size > 0; size--) {
        uint8_t *copy = malloc(size);
        memcpy(copy, in, size - 1);
        under_test(&bench.parser, &bench.out, p2i_view_of(copy, size - 1), 4096);
        if (size == strlen(in) + 1) {
            expect_text(&bench, p2i_view_of(in, size - 1), expected);
        }
        bench.out.size = 0;
        free(copy);
    }
    finish(&bench);
}

/* ---- encoded words ---- */

static void decoded(const char *in, const char *expected)
{
    expect(p2i_mail_decode, in, expected);
}

Test(mail, encoded_words)
{
    decoded("", "");
    decoded("plain = ? =? text?=", "plain = ? =? text?=");
    decoded("=?utf-8?Q?a_b=20=C3=BC=3f?=", "a b \xc3\xbc?");
    decoded("=?UTF-8?b?w7xi?= c", "\xc3\xbc"
                                  "b c");
    decoded("Re: =?iso-8859-1?q?=FC?=, x", "Re: \xc3\xbc, x");
    decoded("=?utf-8*de?Q?a?=", "a");
    decoded("=?us-ascii?Q?a?=b", "ab");
    /* broken ones stay */
    decoded("=?utf-8?X?a?=", "=?utf-8?X?a?=");
    decoded("=?utf-8?Q?a", "=?utf-8?Q?a");
    decoded("=?utf-8?Q?a?", "=?utf-8?Q?a?");
    decoded("=??Q?a?=", "=??Q?a?=");
    decoded("=?=?utf-8?Q?a?=", "=?a");
    decoded("=?utf-8?Q?=zz=4?=", "=zz=4");
    decoded("=?utf-8?B?YQ?=", "a");
    decoded("=?utf-8?B?Y*Q=\n=?=", "a");
    decoded("=?utf-8?Q?\?=", "");
    decoded("=?utf-8?Q?two words?=", "two words");
}

Test(mail, adjacent_encoded_words)
{
    decoded("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab");
    decoded("=?utf-8?Q?a?=\t  =?iso-8859-1?Q?=fc?=  c", "a\xc3\xbc  c");
    decoded("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab");
    decoded("=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c");
    /* a character in two words */
    decoded("=?utf-8?Q?=c3?= =?UTF-8?Q?=bc?=", "\xc3\xbc");
    decoded("=?gb2312?B?1g==?= =?gb2312?B?0A==?=", "\xe4\xb8\xad");
    decoded("=?utf-8?Q?a?= ", "a ");
}

Test(mail, charsets)
{
    decoded("=?koi8-r?B?0NLJ18XU?=", "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82");
    decoded("=?windows-1251?Q?=EF=F0?=", "\xd0\xbf\xd1\x80");
    decoded("=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac");
    decoded("=?Shift_JIS?B?k/qWew==?=", "\xe6\x97\xa5\xe6\x9c\xac");
    decoded("=?big5?B?pKQ=?=", "\xe4\xb8\xad");
    decoded("=?ks_c_5601-1987?B?x9E=?=", "\xed\x95\x9c");
    /* GBK and GB18030 labelled as GB2312 */
    decoded("=?gb2312?B?yOnAqKiu?=", "\xe4\xb9\xb3\xe6\x8b\xac\xc3\xb3");
    /* bytes that are not of the charset */
    decoded("=?euc-jp?Q?a=ffb?=", "a\xff"
                                  "b");
    decoded("=?utf-7?Q?+AOk-x?=", "\xc3\xa9x");
    /* an unknown charset, or a name that iconv must not be given */
    decoded("a =?x-nobody?Q?a?= =?x-nobody?Q?b?= c", "a =?x-nobody?Q?a?= =?x-nobody?Q?b?= c");
    decoded("=?../../x?Q?a?=", "=?../../x?Q?a?=");
    decoded("=?utf-16//x?Q?a?=", "=?utf-16//x?Q?a?=");
    decoded("=?INTERNAL?Q?abcd?=", "=?INTERNAL?Q?abcd?=");
    decoded("=?aaaaaaaaaabbbbbbbbbbccccccccccddddddddddX?Q?a?=",
            "=?aaaaaaaaaabbbbbbbbbbccccccccccddddddddddX?Q?a?=");
}

/* A letter that the converter holds back for an accent is not lost at the end of a word. */
Test(mail, charsets_that_hold_a_letter_back)
{
    decoded("=?windows-1258?Q?abc?=", "abc");
    decoded("=?tcvn?Q?abc?= d", "abc d");
    decoded("=?windows-1258?Q?a=ec?= =?big5?B?pKQ=?=", "\xc3\xa1\xe4\xb8\xad");
    decoded("=?utf-7?Q?a+AOk?=", "a\xc3\xa9");
    decoded("=?euc-jp?Q?a=a4?=", "a\xa4");
}

Test(mail, names_of_charsets)
{
    decoded("=?UTF8?Q?=C3=BC?=", "\xc3\xbc");
    decoded("=?latin1?Q?=FC?=", "\xc3\xbc");
    decoded("=?ISO_8859-1:1987?Q?=FC?=", "\xc3\xbc");
    decoded("=?CSISOLATIN1?Q?=FC?=", "\xc3\xbc");
    /* names with characters that iconv ignores would be endless aliases of one charset */
    decoded("=?latin+1?Q?=FC?=", "=?latin+1?Q?=FC?=");
    decoded("=?latin,1?Q?=FC?=", "=?latin,1?Q?=FC?=");
}

/* A converter that stays open gives the same result, whatever state the last value left. */
Test(mail, charsets_stay_open)
{
    struct p2i_charsets *charsets = p2i_charsets_new();
    struct p2i_charset charset = {0};
    for (int i = 0; i < 3; i++) {
        iconv_t before = charset.to_utf8;
        cr_assert(p2i_charset_open(charsets, P2I_VIEW("ISO-2022-JP"), &charset));
        cr_assert(charset.kept);
        cr_assert(i == 0 || charset.to_utf8 == before);
        char text[] = "\x1b$BF|K\\"; /* not switched back */
        char out[16];
        char *in = text;
        char *at = out;
        size_t left = sizeof text - 1;
        size_t room = sizeof out;
        cr_assert_eq(iconv(charset.to_utf8, &in, &left, &at, &room), 0);
        cr_assert_eq(memcmp(out, "\xe6\x97\xa5\xe6\x9c\xac", 6), 0);
        p2i_charset_close(&charset);
    }
    cr_assert_not(p2i_charset_open(charsets, P2I_VIEW("x-nobody"), &charset));
    cr_assert(p2i_charset_open(NULL, P2I_VIEW("KOI8-R"), &charset));
    cr_assert_not(charset.kept);
    p2i_charset_close(&charset);
    p2i_charsets_free(charsets);
    p2i_charsets_free(NULL);
}

Test(mail, many_bytes_outside_the_charset)
{
    struct bench bench;
    begin(&bench);
    char text[1000] = "=?euc-jp?Q?";
    memset(text + 11, 0xff, sizeof text - 11);
    memcpy(text + sizeof text - 5, "=a4?=", 5);
    p2i_mail_decode(&bench.parser, &bench.out, p2i_view_of(text, sizeof text), 4096);
    cr_assert_eq(bench.out.size, sizeof text - 16 + 1);
    cr_assert_eq(bench.out.data[bench.out.size - 1], 0xa4);
    cr_assert_eq(bench.out.data[bench.out.size - 2], 0xff);
    finish(&bench);
}

Test(mail, many_encoded_words)
{
    struct bench bench;
    begin(&bench);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (int i = 0; i < 100; i++) {
        fprintf(out, "=?iso-8859-%d?Q?=e1?= ", 1 + i % 2);
    }
    fclose(out);
    p2i_mail_decode(&bench.parser, &bench.out, p2i_view_of(text, size), 100);
    cr_assert_eq(bench.out.size, 100);
    free(text);
    finish(&bench);
}

static void decoded_cut(const char *in, const char *expected)
{
    expect(p2i_mail_decode_cut, in, expected);
}

/* A cut value ends with a whole character, and a cut word is decoded as far as possible. */
Test(mail, cut_values)
{
    decoded_cut("one", "one");
    decoded_cut("Gr=?utf-8?q?=C3=BC=C3=9F?=", "Gr\xc3\xbc\xc3\x9f");
    decoded_cut("Gr=?utf-8?q?=C3=BC=C3=9F?", "Gr\xc3\xbc\xc3\x9f");
    decoded_cut("Gr=?utf-8?q?=C3=BC=C3=9F", "Gr\xc3\xbc\xc3\x9f");
    decoded_cut("Gr=?utf-8?q?=C3=BC=C3=9", "Gr\xc3\xbc");
    decoded_cut("Gr=?utf-8?q?=C3=BC=C3=", "Gr\xc3\xbc");
    decoded_cut("Gr=?utf-8?q?=C3=BC=C3", "Gr\xc3\xbc");
    decoded_cut("Gr=?utf-8?q?=C3=", "Gr");
    decoded_cut("Gr=?utf-8?q?", "Gr");
    decoded_cut("Gr=?utf-8?q", "Gr=?utf-8?q");
    decoded_cut("Gr=?", "Gr=?");
    decoded_cut("=?utf-8?q?a?= =?utf-8?b?YmN", "abc");
    decoded_cut("=?utf-8?b?8J+YgA", "\xf0\x9f\x98\x80");
    decoded_cut("=?utf-8?b?8J+Yg", "");
    decoded_cut("=?iso-8859-1?q?Gr=FC=DF", "Gr\xc3\xbc\xc3\x9f");
    decoded_cut("=?utf-8?x?abc", "=?utf-8?x?abc");
    decoded_cut("=?utf-8?q?a?b", "=?utf-8?q?a?b");
    decoded_cut("a\xe2\x82", "a");
    decoded_cut("a\xe2\x82\xac", "a\xe2\x82\xac");
}

/* ---- addresses ---- */

static void listed(const char *in, const char *expected)
{
    expect(p2i_mail_addresses, in, expected);
}

Test(mail, addresses)
{
    listed("", "");
    listed("a@x", "a@x");
    listed(" A B <a@x> , b@y (B), c@z", "a@x,b@y,c@z");
    listed("\"a, <b>\" <a@x>,\"c@d\" <b@y>", "a@x,b@y");
    listed("=?utf-8?Q?a,b?= <a@x>", "a@x");
    listed("<@r1,@r2:a@x>", "a@x");
    listed("friends: a@x, B <b@y>;, c@z", "a@x,b@y,c@z");
    listed("undisclosed-recipients:;", "");
    listed("(only (a \\) comment)) a@x (more", "a@x");
    listed("\"a b\"@x, a@[IPv6:::1]", "\"a b\"@x,a@[IPv6:::1]");
    listed("root, some body, \"name\"", "root");
    listed("a@x b@y", "a@x");
    listed("<>, < a@x >", "a@x");
    listed("a@x (c) <b@y", "b@y");
    listed(",,;;::", "");
    listed("\xd0\xbf@\xd1\x80", "\xd0\xbf@\xd1\x80");
}

Test(mail, address_lists_are_cut_between_addresses)
{
    struct bench bench;
    begin(&bench);
    struct p2i_view list = P2I_VIEW("abc@x,def@y,g@z");
    p2i_mail_addresses(&bench.parser, &bench.out, list, 10);
    expect_text(&bench, list, "abc@x,g@z");
    finish(&bench);
}

static void whole(const char *in, const char *expected)
{
    struct p2i_view out = p2i_mail_whole_addresses(p2i_view_of(in, strlen(in)));
    cr_assert(p2i_view_equals(out, p2i_view_of(expected, strlen(expected))), "%s gives %.*s", in,
              (int)out.size, (const char *)out.data);
}

Test(mail, whole_addresses_of_a_cut_list)
{
    whole("", "");
    whole("a@x", "");
    whole("a@x,", "a@x,");
    whole("a@x, b@y", "a@x,");
    whole("A <a@x>", "A <a@x>");
    whole("A <a@x> (A", "A <a@x>");
    whole("a@x <b@y", "");
    whole("a@x, \"B, C", "a@x,");
    whole("a@x, (b, c", "a@x,");
    whole("<\"a>b\"@x", "");
    whole("<\"a>b\"@x>", "<\"a>b\"@x>");
    whole("all: a@x; b", "all: a@x;");
    whole("a@[1.2,3", "");
    cr_assert_eq(p2i_mail_whole_words(P2I_VIEW("from a by b")).size, 10);
    cr_assert_eq(p2i_mail_whole_words(P2I_VIEW("by b ")).size, 5);
    cr_assert_eq(p2i_mail_whole_words(P2I_VIEW("by")).size, 0);
}

static void path(const char *in, const char *expected)
{
    struct p2i_view out = p2i_mail_path(p2i_view_of(in, strlen(in)));
    cr_assert(p2i_view_equals(out, p2i_view_of(expected, strlen(expected))), "%s gives %.*s", in,
              (int)out.size, (const char *)out.data);
}

Test(mail, paths)
{
    path("<a@x>", "a@x");
    path(" <a@x> SIZE=3", "a@x");
    path("<@r:a@x>", "a@x");
    path("<\"a>b\"@x>", "\"a>b\"@x");
    path("<>", "");
    path("", "");
    path("a@x SIZE=3", "a@x");
    path("<a@x", "a@x");
    path("<\"a", "\"a");
    path("@r", "");
}

Test(mail, paths_that_end)
{
    cr_assert(p2i_mail_path_ends(P2I_VIEW("<a@x>")));
    cr_assert(p2i_mail_path_ends(P2I_VIEW(" <> SI")));
    cr_assert(p2i_mail_path_ends(P2I_VIEW("a@x ")));
    cr_assert_not(p2i_mail_path_ends(P2I_VIEW("a@x")));
    cr_assert_not(p2i_mail_path_ends(P2I_VIEW(" <a@x")));
    cr_assert_not(p2i_mail_path_ends(P2I_VIEW("<\"a>b\"@x")));
    cr_assert_not(p2i_mail_path_ends(P2I_VIEW(" ")));
}

/* ---- hosts ---- */

static void by(const char *in, const char *expected)
{
    struct p2i_view out = p2i_mail_received_by(p2i_view_of(in, strlen(in)));
    cr_assert(p2i_view_equals(out, p2i_view_of(expected, strlen(expected))), "%s gives %.*s", in,
              (int)out.size, (const char *)out.data);
}

Test(mail, received)
{
    by("from a (b by c) by d.e (f) with g; by h", "d.e");
    by(" by a.b; date", "a.b");
    by("from a\tBY\t[10.0.0.1]", "[10.0.0.1]");
    by("from a by b(c)", "b");
    by("(qmail 1 invoked by uid 2); date", "");
    by("from a; by b", "");
    by("from a by", "");
    by("from a by (c) d", "d");
    by("by ,", "");
    by("", "");
}

static void greets(const char *in, const char *expected)
{
    struct p2i_view out = p2i_mail_greeting_host(p2i_view_of(in, strlen(in)));
    cr_assert(p2i_view_equals(out, p2i_view_of(expected, strlen(expected))), "%s gives %.*s", in,
              (int)out.size, (const char *)out.data);
}

Test(mail, hosts_in_greetings)
{
    greets(" POP3 server ready <1896.697170952@dbc.mtview.ca.us>", "dbc.mtview.ca.us");
    greets(" mail.example.org Cyrus IMAP 2.4.17 server ready", "mail.example.org");
    greets(" Dovecot ready.", "");
    greets(" IMAP4rev1 server version 5.5.2650.23 (umr-mail02) ready", "");
    greets(" v1.0rc .org a. . a.b", "");
    greets("", "");
}

/* ---- words and numbers ---- */

Test(mail, words_and_numbers)
{
    struct p2i_view rest = P2I_VIEW("one  two");
    cr_assert(p2i_view_equals(p2i_mail_word(&rest), P2I_VIEW("one")));
    cr_assert(p2i_view_equals(p2i_mail_word(&rest), P2I_VIEW("two")));
    cr_assert_eq(p2i_mail_word(&rest).size, 0);
    uint64_t number = 0;
    cr_assert(p2i_mail_number(P2I_VIEW("0123x"), &number));
    cr_assert_eq(number, 123);
    cr_assert(p2i_mail_number(P2I_VIEW("4294967296"), &number));
    cr_assert_eq(number, UINT64_C(4294967296));
    cr_assert_not(p2i_mail_number(P2I_VIEW("99999999999999999999"), &number));
    cr_assert_not(p2i_mail_number(P2I_VIEW("x"), &number));
    cr_assert_not(p2i_mail_number(P2I_VIEW(""), &number));
    cr_assert(p2i_mail_is_command(P2I_VIEW("quit"), P2I_VIEW("QUIT")));
    cr_assert(p2i_mail_is_command(P2I_VIEW("OK x"), P2I_VIEW("OK")));
    cr_assert_not(p2i_mail_is_command(P2I_VIEW("OKx"), P2I_VIEW("OK")));
    cr_assert_not(p2i_mail_is_command(P2I_VIEW("O"), P2I_VIEW("OK")));
}

/* ---- lines ---- */

/* Shows the lines of "text": a line of at most `limit` bytes as begin-end, a segment of a longer
 * one as begin. */
static void expect_lines(const char *text, size_t limit, const char *expected)
{
    size_t size = strlen(text);
    for (size_t step = 1; step <= size; step++) {
        struct p2i_mail_lines lines = {0};
        char shown[200];
        size_t length = 0;
        size_t from = 0;
        size_t to = step;
        while (from < size) {
            struct p2i_stream_segment segment = {.bytes = p2i_view_of(text + from, to - from)};
            struct p2i_mail_line line;
            if (segment.bytes.size > 0 && p2i_mail_next_line(&lines, &segment, limit, &line)) {
                length += (size_t)snprintf(shown + length, sizeof shown - length, "%s%.*s%s%s",
                                           line.begins ? "[" : "", (int)line.text.size,
                                           (const char *)line.text.data, line.bare_lf ? "!" : "",
                                           line.ends ? "]" : "|");
                p2i_mail_line_done(&lines, &line);
                from += line.size;
            } else if (to == size) {
                break;
            } else {
                to = to + step < size ? to + step : size;
            }
        }
        cr_assert_str_eq(length > 0 ? shown : "", expected, "in segments of %zu", step);
    }
}

Test(mail, lines)
{
    expect_lines("one\r\ntwo\n\r\n\nthree", 100, "[one][two!][][!]");
    expect_lines("abcdefgh\r\nabcde\r\nabcdef\r\nabcd\r\n", 6, "[abcdef|gh][abcde][abcdef|][abcd]");
    expect_lines("aaaaaaaaa", 3, "[aaa|aaa|");
}

/* ---- queues ---- */

Test(mail, queues)
{
    struct p2i_mail_queue queue = {0};
    cr_assert_eq(p2i_mail_expected(&queue), 0);
    p2i_mail_answered(&queue, 1);
    for (uint32_t i = 0; i < 1000000; i++) {
        cr_assert(p2i_mail_expect(&queue, 7, 1));
    }
    cr_assert(p2i_mail_expect(&queue, 8, 2));
    cr_assert_eq(queue.run_count, 2);
    for (uint32_t i = 0; i < 1000; i++) {
        cr_assert_eq(p2i_mail_expected(&queue), 7);
        p2i_mail_answered(&queue, 1);
    }
    p2i_mail_answered(&queue, 998000);
    cr_assert_eq(p2i_mail_expected(&queue), 7);
    p2i_mail_answered(&queue, 1000);
    cr_assert_eq(p2i_mail_expected(&queue), 8);
    for (uint8_t i = 1; i < P2I_MAIL_QUEUE_MAX; i++) {
        cr_assert(p2i_mail_expect(&queue, i % 2, 1));
    }
    cr_assert(p2i_mail_expect(&queue, 1, 1));
    cr_assert_not(p2i_mail_expect(&queue, 2, 1));
    cr_assert_eq(p2i_mail_newest(&queue), 1);
    cr_assert_eq(p2i_mail_waiting(&queue), 2 + P2I_MAIL_QUEUE_MAX);
    cr_assert(p2i_mail_waits_for(&queue, 0));
    cr_assert_not(p2i_mail_waits_for(&queue, 2));
    for (uint32_t i = 0; i < 2 + P2I_MAIL_QUEUE_MAX; i++) {
        p2i_mail_answered(&queue, 1);
    }
    cr_assert_eq(p2i_mail_expected(&queue), 0);
    cr_assert_eq(p2i_mail_newest(&queue), 0);
    cr_assert_eq(p2i_mail_waiting(&queue), 0);
}
