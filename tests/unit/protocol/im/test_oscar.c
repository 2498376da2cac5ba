/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "oscar_talk.h"
#include "protocol/im/oscar_flap.h"
#include "protocol/message.h"
#include "protocol/protocols.h"

static const struct p2i_protocol *const protocols[] = {&p2i_oscar, NULL};

/* ---- logins ---- */

Test(oscar, roasted_password)
{
    EXPECT(LOGIN("1234", "secret", "1234", "0", "1"), SERVER(HELLO), CLIENT(login(T(ROASTED))),
           SERVER(WELCOME));
}

Test(oscar, login_refused)
{
    EXPECT(LOGIN("1234", "secret", "1234", "5", "1"), SERVER(HELLO), CLIENT(login(T(ROASTED))),
           SERVER(flap(4, 9, JOIN(tlv(1, T("1234")), tlv(8, T("\0\5")), tlv(4, T("http://x"))))));
    EXPECT(LOGIN("1234", "secret", "1234", "24", "0"), CLIENT(login(T(ROASTED))),
           SERVER(flap(4, 9, tlv(8, T("\0\x18")))));
}

/* The XOR string has 16 bytes; a password may be longer, and in any character set. */
Test(oscar, passwords)
{
    EXPECT(LOGIN("1234", "secretsecretsecretsecret", "1234", "0", "0"),
           CLIENT(login(T("\x80\x43\xe2\xb6\x5c\xf2\xa8\xf7\x12\xd1\xdc\x92\x20\x1f\xf6\x0e\x96\x52"
                          "\xf2\xa1\x5a\xf4\xbe\xe6"))),
           SERVER(WELCOME));
    EXPECT(LOGIN("1234", "\\xef\\xe0", "1234", "0", "0"), CLIENT(login(T("\x1c\xc6"))),
           SERVER(WELCOME));
    EXPECT(LOGIN("1234", "as typed", "1234", "0", "0"), CLIENT(login(T("as typed"))),
           SERVER(WELCOME));
    EXPECT(LOGIN("1234", "", "1234", "0", "0"), CLIENT(login(T(""))), SERVER(WELCOME));
}

Test(oscar, hashed_password)
{
    struct p2i_view hash = tlv(0x25, repeat('h', 16));
    EXPECT(RECORD("C", "jdoe", "", "J Doe", "", "", "0", "2"), CLIENT(HELLO), SERVER(HELLO),
           CLIENT(JOIN(snac(0x170006, tlv(1, T("jdoe"))),
                       snac(0x170002, JOIN(tlv(1, T("jdoe")), hash)))),
           SERVER(snac(0x170007, JOIN(number(2, 5), T("12345")))),
           SERVER(snac(0x170003, JOIN(tlv(1, T("J Doe")), tlv(5, T("192.0.2.1")), COOKIE))));
    EXPECT(LOGIN("jdoe", "", "", "5", "0"), CLIENT(snac(0x170002, JOIN(tlv(1, T("jdoe")), hash))),
           SERVER(snac(0x170003, JOIN(tlv(1, T("jdoe")), tlv(8, T("\0\5"))))));
    EXPECT(LOGIN("jdoe", "", "", "13", "0"), CLIENT(snac(0x170002, tlv(1, T("jdoe")))),
           SERVER(snac(0x170001, T("\0\x0d"))));
}

/* The server's answer has the number that belongs to an e-mail address. */
Test(oscar, login_by_address)
{
    EXPECT(RECORD("C", "a@mail.example", "", "1234", "1234", "", "0", "0")
               SENT("1234", "1234", "77", "2"),
           CLIENT(snac(0x170002, tlv(1, T("a@mail.example")))),
           SERVER(snac(0x170003, JOIN(tlv(1, T("1234")), COOKIE))),
           CLIENT(sent(1, T("77"), text(T("hi")))));
}

Test(oscar, cookie_is_not_a_login)
{
    EXPECT(NOTHING, SERVER(HELLO), CLIENT(sign_on(JOIN(COOKIE, tlv(1, T("1234"))))),
           SERVER(snac(0x10003, T("\0\1\0\4"))), SERVER(flap(4, 9, tlv(9, T("\0\1")))));
}

Test(oscar, login_without_answer)
{
    EXPECT(LOGIN("1234", "secret", "1234", "0", "0"), CLIENT(login(T(ROASTED))));
    EXPECT(LOGIN("1234", "secret", "1234", "0", "0") SENT("1234", "1234", "77", "2"),
           CLIENT(login(T(ROASTED))), DIALOG_SERVER_CLOSES,
           CLIENT(sent(1, T("77"), text(T("hi")))));
    EXPECT(LOGIN("1234", "secret", "1234", "0", "0") LOGIN("1234", "other", "1234", "5", "1"),
           CLIENT(login(T(ROASTED))), CLIENT(login(T("\x9c\x52\xe9\xa1\x4b"))),
           SERVER(flap(4, 9, tlv(8, T("\0\5")))));
    EXPECT(LOGIN("1234", "secret", "1234", "24", "0"), CLIENT(login(T(ROASTED))),
           DIALOG_CLIENT_CLOSES, SERVER(flap(4, 9, tlv(8, T("\0\x18")))));
    EXPECT(LOGIN("1234", "secret", "1234", "5", "0"), CLIENT(login(T(ROASTED))),
           DIALOG_SERVER_LOSES(10), SERVER(flap(4, 9, JOIN(tlv(1, T("1234")), tlv(8, T("\0\5"))))));
}

Test(oscar, answer_without_login)
{
    EXPECT(LOGIN("1234", "", "1234", "0", "0"), SERVER(WELCOME));
    EXPECT(LOGIN("1234", "", "1234", "0", "1"), SERVER(HELLO), SERVER(WELCOME), SERVER(WELCOME));
    EXPECT(LOGIN("jdoe", "", "", "5", "0"),
           SERVER(snac(0x170003, JOIN(tlv(1, T("jdoe")), tlv(8, T("\0\5"))))));
    EXPECT(NOTHING, SERVER(HELLO), SERVER(flap(4, 9, tlv(1, T("1234")))));
    /* A sign-off of the client is not an answer. */
    EXPECT(LOGIN("1234", "secret", "1234", "5", "0"), CLIENT(login(T(ROASTED))),
           CLIENT(flap(4, 9, tlv(8, T("\0\7")))), SERVER(flap(4, 9, tlv(8, T("\0\5")))));
}

/* ---- messages ---- */

Test(oscar, sent_and_received)
{
    EXPECT(RECORD("C", "1234", "", "Bob", "1234", "77", "0", "2")
               RECORD("S", "jdoe", "", "Jack", "", "1234", "0", "3"),
           CLIENT(sign_on(COOKIE)),
           SERVER(snac(0x1000f, JOIN(user(T("1234"), T("Bob")), user(T("1234"), T(""))))),
           CLIENT(sent(1, T("77"), text(T("hi")))),
           SERVER(snac(0x40007,
                       JOIN(T("cookie01\0\1"), user(T("jdoe"), T("Jack")), text(T("hello"))))));
}

Test(oscar, own_name_from_login_or_unknown)
{
    EXPECT(LOGIN("1234", "secret", "1234", "0", "0") SENT("1234", "1234", "j doe", "2")
               RECEIVED("j doe", "", "1234", "3"),
           CLIENT(login(T(ROASTED))), SERVER(WELCOME), CLIENT(sent(1, T("j doe"), text(T("hi")))),
           SERVER(received(1, T("j doe"), text(T("yes")))));
    EXPECT(SENT("", "", "77", "1") RECEIVED("77", "77", "", "2"), CLIENT(sign_on(COOKIE)),
           CLIENT(sent(1, T("77"), text(T("hi")))), SERVER(received(1, T("77"), text(T("yes")))));
}

/* After a login to another account the old nick is not used. */
Test(oscar, own_nick_belongs_to_the_account)
{
    EXPECT(LOGIN("1234", "secret", "1234", "0", "1") SENT("1234", "1234", "77", "3"),
           SERVER(snac(0x1000f, user(T("99"), T("Bob")))), CLIENT(login(T(ROASTED))),
           SERVER(WELCOME), CLIENT(sent(1, T("77"), text(T("hi")))));
}

/* Several text fragments in several character sets are one message; other fragments are not
 * text. */
Test(oscar, fragments)
{
    struct p2i_view unicode = T("\1\1\0\10\0\2\0\0\4\x1f\4\x40");
    EXPECT(SENT("", "", "7", "0"),
           CLIENT(sent(1, T("7"),
                       tlv(2, JOIN(T("\5\1\0\1\6"), unicode, unicode, T("\1\1\0\5\0\0\0\0x"))))));
    EXPECT(SENT("", "", "7", "0"),
           CLIENT(sent(1, T("7"), JOIN(tlv(3, T("")), text(T("")), tlv(6, T(""))))));
    EXPECT(NOTHING, CLIENT(sent(1, T("7"), tlv(2, T("\5\1\0\1\6")))));
    EXPECT(NOTHING, CLIENT(sent(1, T("7"), tlv(2, T("\1\1\0\3\0\0\0")))));
    EXPECT(NOTHING, CLIENT(sent(1, T("7"), tlv(2, T("")))));
    EXPECT(NOTHING, CLIENT(sent(1, T("7"), tlv(5, T("\1\1\0\5\0\0\0\0x")))));
    /* TLV 2 among those of the user is not text. */
    EXPECT(NOTHING, CLIENT(HELLO), SERVER(received(1, T("7"), tlv(3, T("")))));
}

Test(oscar, relayed_messages)
{
    struct p2i_view relay = T(RELAY);
    struct p2i_view plugin = T(NO_PLUGIN);
    struct p2i_view plain = T("\1\0\0\0\1\0\3\0hi\0\0\0\0\0\xff\xff\xff\0");
    EXPECT(SENT("", "", "7", "0") RECEIVED("7", "7", "", "1"),
           CLIENT(sent(2, T("7"), rendezvous(0, relay, plugin, plain))),
           SERVER(received(2, T("7"), rendezvous(0, relay, plugin, plain))));
    EXPECT(NOTHING, CLIENT(sent(2, T("7"), rendezvous(1, relay, plugin, plain))));
    EXPECT(NOTHING, CLIENT(sent(2, T("7"), rendezvous(0, T(FILES), plugin, plain))));
    EXPECT(NOTHING, CLIENT(sent(2, T("7"), rendezvous(0, relay, T(RELAY), plain))));
    EXPECT(NOTHING, CLIENT(sent(2, T("7"), rendezvous(0, relay, plugin, T("\3\0")))));
    EXPECT(NOTHING, CLIENT(sent(2, T("7"), rendezvous(0, relay, plugin, T("\xe7\3")))));
    EXPECT(NOTHING, CLIENT(sent(2, T("7"), rendezvous(0, relay, plugin, T("")))));
    EXPECT(NOTHING, CLIENT(sent(2, T("7"), text(T("hi")))));
}

Test(oscar, old_messages)
{
    EXPECT(SENT("", "", "7", "0") RECEIVED("7", "7", "", "1"),
           CLIENT(sent(4, T("7"), tlv(5, T("\7\0\0\0\1\0\3\0hi\0")))),
           SERVER(received(4, T("7"), tlv(5, T("\7\0\0\0\1\0\3\0hi\0")))));
    EXPECT(NOTHING, CLIENT(sent(4, T("7"), tlv(5, T("\7\0\0\0\4\0\3\0hi\0")))));
    EXPECT(NOTHING, CLIENT(sent(4, T("7"), tlv(5, T("\7\0\0\0")))));
    EXPECT(NOTHING, CLIENT(sent(3, T("7"), JOIN(text(T("hi")), tlv(5, T("\7\0\0\0\1"))))));
}

Test(oscar, typing_and_other_snacs_give_no_message)
{
    struct p2i_view body = JOIN(T("cookie00\0\1"), name(T("7")), text(T("hi")));
    EXPECT(NOTHING, CLIENT(snac(0x40014, JOIN(T("cookie00\0\1"), name(T("7")), T("\0\2")))),
           SERVER(snac(0x4000c, body)), CLIENT(snac(0x4000b, body)), CLIENT(snac(0xe0006, body)));
}

/* ---- frames ---- */

Test(oscar, flag_adds_a_leading_block)
{
    struct p2i_view body = JOIN(T("cookie00\0\1"), name(T("7")), text(T("hi")));
    EXPECT(SENT("", "", "7", "0"),
           CLIENT(flap(2, 1, JOIN(T("\0\4\0\6\x80\0\0\0\0\1\0\6"), tlv(1, T("\0\2")), body))));
    EXPECT(NOTHING, CLIENT(flap(2, 1, JOIN(T("\0\4\0\6\x80\0\0\0\0\1\xff\xff"), body))));
}

Test(oscar, segment_with_many_frames)
{
    EXPECT(LOGIN("1234", "secret", "1234", "0", "1") SENT("1234", "1234", "7", "3")
               SENT("1234", "1234", "8", "3") SENT("1234", "1234", "9", "4"),
           SERVER(HELLO), CLIENT(JOIN(login(T(ROASTED)), flap(5, 8, T("")))), SERVER(WELCOME),
           CLIENT(JOIN(snac(0x30004, name(T("7"))), flap(5, 8, T("")), flap(3, 9, T("xyz")),
                       flap(2, 9, T("")), sent(1, T("7"), text(T("*"))),
                       sent(1, T("8"), text(T("b"))))),
           CLIENT(sent(1, T("9"), text(T("c")))));
}

/* Frames of up to 64 KiB: those without interest are skipped unread. */
Test(oscar, largest_frames)
{
    struct p2i_view tlvs = JOIN(tlv(9, repeat('x', 65000)), text(T("")));
    size_t rest = 0xffff - 10 - 12 - tlvs.size - 4;
    const struct dialog_step steps[] = {
        CLIENT(HELLO),
        CLIENT(snac(0x10008, repeat('*', 0xffff - 10))),
        CLIENT(sent(1, T("7"), JOIN(tlvs, tlv(6, repeat('*', rest))))),
        CLIENT(sent(1, T("8"), text(T("hi")))),
    };
    static const size_t segments[] = {0, 1, 7, 1460, 65536, 65538, 65541};
    struct dialog dialog = oscar_dialog_of(steps, sizeof steps / sizeof *steps);
    cr_assert_eq(steps[2].size, 65541);
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        char *text = dialog_play(&dialog, segments[i]);
        /* The last bytes of the largest frame are not read. */
        cr_expect_str_eq(
            text, RECORD_OF("C", "", "", "", "", "7", "0", " limited", "2") SENT("", "", "8", "3"),
            "%zu: %s", segments[i], text);
        free(text);
    }
}

/* The beginning of a name would be another account's. */
Test(oscar, names_over_the_limit_are_dropped)
{
    struct p2i_view long_name = repeat('n', 300);
    const struct dialog_step steps[] = {
        CLIENT(sign_on(JOIN(tlv(1, long_name), tlv(2, repeat(0xff, 300))))),
        SERVER(flap(4, 9, JOIN(tlv(1, long_name), COOKIE))),
        CLIENT(sent(1, repeat('r', 255), text(T("hi")))),
    };
    struct dialog dialog = oscar_dialog_of(steps, sizeof steps / sizeof *steps);
    char *out = dialog_play(&dialog, 0);
    cr_expect_not_null(strstr(out, "login=\"\" password=\"\\x0c\\xd9~;"), "%s", out);
    cr_expect_not_null(strstr(out, "result_code=0 protocol=0 limited @0\n"), "%s", out);
    cr_expect_not_null(strstr(out, "receivers=\"rrr"), "%s", out);
    cr_expect_null(strstr(out, "nnn"), "%s", out);
    free(out);
}

/* ---- wrong lengths and losses ---- */

Test(oscar, wrong_lengths)
{
    /* The receiver's name, a TLV or a fragment extends past the end of the frame. */
    EXPECT(SENT("", "", "8", "0"), CLIENT(JOIN(snac(0x40006, T("cookie00\0\1\xff"
                                                               "7")),
                                               sent(1, T("8"), text(T("x"))))));
    EXPECT(SENT("", "", "8", "0"),
           CLIENT(JOIN(sent(1, T("7"), T("\0\6\xff\xff\0\2\0\0")), sent(1, T("8"), text(T("x"))))));
    EXPECT(SENT("", "", "7", "0") SENT("", "", "8", "0"),
           CLIENT(JOIN(sent(1, T("7"), T("\0\2\xff\xff\1\1\xff\xff\0\0\0\0x")),
                       sent(1, T("8"), text(T("x"))))));
    EXPECT(NOTHING, CLIENT(sent(1, T("7"), tlv(2, T("\5\1\xff\xff\1\1\0\5\0\0\0\0x")))));
    /* The user's TLV count is too high. */
    EXPECT(NOTHING, SERVER(snac(0x40007, JOIN(T("cookie01\0\1"), name(T("7")), T("\0\0\0\x3"),
                                              text(T("x")), tlv(1, T(""))))));
}

static struct p2i_view padded(size_t size, struct p2i_view frame)
{
    return JOIN(repeat('x', size), frame);
}

/* Behind a loss the next frame is found by its form. */
Test(oscar, next_frame_found_after_a_loss)
{
    struct p2i_view message = sent(1, T("7"), text(T("x")));
    struct p2i_view stars =
        T("***\2\0\1\0\x20\0\0\0\0\0\0\0\0\0\0*\1\0\0\0\4\0\0\0\2*\4\0\0\0\2xx");
    EXPECT(SENT("", "", "7", "2"), CLIENT(HELLO), DIALOG_CLIENT_LOSES(9), CLIENT(message));
    EXPECT(SENT("", "", "7", "2"), CLIENT(HELLO), DIALOG_CLIENT_LOSES(9),
           CLIENT(padded(50, message)));
    EXPECT(SENT("", "", "7", "2"), CLIENT(HELLO), DIALOG_CLIENT_LOSES(9),
           CLIENT(JOIN(stars, message)));
    EXPECT(SENT("", "", "7", "2"), CLIENT(HELLO), DIALOG_CLIENT_LOSES(9),
           CLIENT(JOIN(flap(5, 0xffff, T("")), flap(5, 0, T("")), message)));
    EXPECT(SENT("", "", "7", "3"), CLIENT(HELLO),
           CLIENT(p2i_view_first(snac(0x10002, repeat('x', 90)), 40)), DIALOG_CLIENT_LOSES(300),
           CLIENT(padded(3, message)));
    EXPECT(LOGIN("1234", "secret", "1234", "0", "3"), CLIENT(HELLO), SERVER(HELLO),
           DIALOG_CLIENT_LOSES(9), CLIENT(padded(9, login(T(ROASTED)))));
}

/* A loss inside a skipped frame changes nothing. */
Test(oscar, loss_inside_a_skipped_frame)
{
    struct p2i_view frame = snac(0x10002, repeat('x', 90));
    EXPECT(SENT("", "", "7", "3"), CLIENT(HELLO), CLIENT(p2i_view_first(frame, 40)),
           DIALOG_CLIENT_LOSES(50),
           CLIENT(JOIN(p2i_view_from(frame, 90), sent(1, T("7"), text(T("x"))))));
}

Test(oscar, wrong_bytes_between_frames)
{
    EXPECT(SENT("", "", "7", "1") SENT("", "", "8", "1"), CLIENT(HELLO),
           CLIENT(JOIN(sent(1, T("7"), text(T("x"))), T("garbage*\3\0\1\xff\xff*\6and more"),
                       sent(1, T("8"), text(T("x"))))));
}

/* ---- recognition ---- */

Test(oscar, capture_joins_late)
{
    struct p2i_view message = sent(1, T("7"), text(T("x")));
    EXPECT(SENT("", "", "7", "0"), CLIENT(message));
    EXPECT(SENT("", "", "7", "1"), CLIENT(flap(5, 7, T(""))), CLIENT(message));
    EXPECT(RECEIVED("7", "7", "", "0") SENT("", "", "7", "1"),
           SERVER(received(1, T("7"), text(T("x")))), CLIENT(message));
    const struct dialog_step late[] = {CLIENT(T("nothing known")), SERVER(message)};
    struct dialog dialog = oscar_dialog_of(late, 2);
    char *out = dialog_play(&dialog, 0);
    cr_expect_str_eq(out, RECORD("S", "", "", "", "", "7", "0", "1"), "%s", out);
    free(out);
}

Test(oscar, any_port)
{
    static const uint16_t ports[] = {443, 5190, 53, 80, 143, 21, 33000};
    const struct dialog_step steps[] = {
        SERVER(HELLO),
        CLIENT(login(T(ROASTED))),
        SERVER(WELCOME),
        CLIENT(sent(1, T("7"), text(T("x")))),
    };
    const struct dialog_step middle[] = {SERVER(received(1, T("7"), text(T("x"))))};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        struct dialog dialog = oscar_dialog_of(steps, 4);
        dialog.protocols = NULL;
        dialog.ends.port[1] = ports[i];
        dialog_expect(&dialog,
                      LOGIN("1234", "secret", "1234", "0", "1") SENT("1234", "1234", "7", "3"));
        dialog.steps = middle;
        dialog.step_count = 1;
        dialog_expect(&dialog, RECEIVED("7", "7", "", "0"));
    }
}

static enum p2i_match probe(struct p2i_view bytes)
{
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 5190}};
    return p2i_oscar.probe(&ends, P2I_FROM_INITIATOR, bytes);
}

Test(oscar, other_protocols)
{
    const struct p2i_view others[] = {
        T("* OK [CAPABILITY IMAP4rev1] ready\r\n"),
        T("*3\r\n$3\r\nSET\r\n"),
        T("\x16\3\1\2\0\1\0"),
        T("GET / HTTP/1.1\r\n"),
        T("*\1\0\1\0\4\0\0\0\2"),
        T("*\1\0\1\0\3\0\0\0\1"),
        /* DNS over TCP: responses of 0x2a01 and 0x2a02 bytes without a question */
        T("*\1\x12\x34\x84\0\0\0\0\1\0\0\0\0\0\0"),
        T("*\2\x12\x34\x84\0\0\1\0\1\0\0\0\0\7example"),
        T("*\2\0\1\0\x0a\0\x19\0\1\0\0\0\0\0\1"), /* no such family */
        T("*\2\0\1\0\x0a\0\4\0\0\0\0\0\0\0\1"),
        T("*\2\0\1\0\x0a\0\4\1\6\0\0\0\0\0\1"), /* no such subtype */
        T("*\2\0\1\0\x0a\0\4\0\6\0\2\0\0\0\1"), /* no such flag */
        T("*\2\0\1\0\x09\0\4\0\6\0\0\0\0\0"),
        T("*\3\0\1\0\0*\2\0\2\0\0"),
        T("*\4\0\1\0\4\0\2\0\0"),
        T("*\4\0\1\0\4\0\1\0\1"),
        T("*\5\0\1\0\0"),
        T("*\5\0\1\0\0*\6\0\2\0\0"),
        T("*\5\0\1\0\1x*\1\0\1\0\4\0\0\0\1"),
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        cr_expect_eq(probe(others[i]), P2I_MATCH_NO, "%zu", i);
    }
    cr_expect_eq(probe(T("*\1\0\1\0\4\0\0\0")), P2I_MATCH_MORE);
    cr_expect_eq(probe(T("*\1\0\1\0\4\0\0\0\1")), P2I_MATCH_YES);
    cr_expect_eq(probe(T("*\2\0\1\0\x0a\0\4\0\6\0\0\0\0\0\1")), P2I_MATCH_YES);
    cr_expect_eq(probe(T("*\4\0\1\0\4\0\1\0\0")), P2I_MATCH_YES);
    cr_expect_eq(probe(T("*\5\0\1\0\0*\1\0\1\0\4\0\0\0\1")), P2I_MATCH_YES);
    cr_expect_eq(probe(T("*\5\0\1\0\0*\1\0\1")), P2I_MATCH_MORE);
}

/* ---- bounds ---- */

static void count(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                  const struct p2i_packet_info *info, const void *message,
                  enum p2i_completeness completeness)
{
    (void)completeness;
    (void)kind;
    (void)sender;
    (void)info;
    (void)message;
    (*(uint64_t *)context)++;
}

Test(oscar, memory_is_bounded)
{
    struct p2i_account account = {0};
    uint64_t records = 0;
    struct p2i_message_sink sink = {count, &records};
    struct p2i_parse_settings settings = {0};
    struct p2i_stream_worker worker;
    cr_assert(p2i_stream_worker_open(&worker, protocols, &settings, &sink));
    struct p2i_stream stream = {0};
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 5190}};
    struct p2i_packet_info info = {0};
    struct p2i_view bytes = JOIN(sign_on(JOIN(tlv(1, repeat('n', 999)), tlv(2, repeat(1, 999)))),
                                 snac(0x1000f, user(repeat('n', 255), repeat('k', 999))),
                                 sent(1, T("7"), text(T("x"))));
    p2i_stream_start(&stream, ends, &account);
    for (int round = 0; round < 20000; round++) {
        p2i_stream_data(&stream, &worker, P2I_FROM_INITIATOR, bytes, &info);
    }
    cr_expect_lt(account.used, 4096, "%llu", (unsigned long long)account.used);
    p2i_stream_end(&stream, &worker);
    cr_expect_eq(account.used, 0);
    cr_expect_eq(records, 40000);
    p2i_stream_worker_close(&worker);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Behind a loss the segment in which a frame began is unknown if the search took several. */
static void strip_infos(char *text)
{
    for (char *at = strchr(text, '@'); at != NULL; at = strchr(at, '@')) {
        size_t size = strcspn(at, "\n");
        memmove(at, at + size, strlen(at + size) + 1);
    }
}

/* Parts of frames in any order, with losses: segment borders make no difference. */
Test(oscar, garbage)
{
    const struct p2i_view words[] = {
        HELLO,
        login(T(ROASTED)),
        WELCOME,
        sent(1, T("7"), text(T("x"))),
        received(1, T("8"), text(T("y"))),
        flap(5, 1, T("")),
        flap(5, 2, T("")),
        flap(4, 1, tlv(8, T("\0\1"))),
        snac(0x10002, repeat('*', 20)),
        T("*"),
        T("*\2"),
        T("x"),
        T("*\2\0\1\0\x30"),
        T("\0\4\0\6\0\0\0\0\0\1"),
        T("*\4\0\1\0\x20"),
        tlv(1, T("abcd")),
        T("*\1\0\1\1\0"),
    };
    uint32_t seed = 1;
    for (int round = 0; round < 1000; round++) {
        struct dialog_step steps[24] = {CLIENT(HELLO), SERVER(HELLO)};
        for (int i = 2; i < 24; i++) {
            enum p2i_direction from = (enum p2i_direction)(next_random(&seed) % 2);
            struct p2i_view word = words[next_random(&seed) % (sizeof words / sizeof *words)];
            steps[i] = sends(from, word);
            if (next_random(&seed) % 8 == 0) {
                steps[i] = (struct dialog_step){from, NULL, 1 + next_random(&seed) % 40};
            }
        }
        struct dialog dialog = oscar_dialog_of(steps, 24);
        char *whole = dialog_play(&dialog, 0);
        char *segments = dialog_play(&dialog, 1 + next_random(&seed) % 9);
        strip_infos(whole);
        strip_infos(segments);
        cr_assert_str_eq(whole, segments, "round %d:\n%s\ninstead of\n%s", round, segments, whole);
        free(whole);
        free(segments);
    }
}
