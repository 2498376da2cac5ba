/* SPDX-License-Identifier: MIT */
/* Cut SIP messages, and resynchronisation behind them. */
#include <stdio.h>

#include "sip_talk.h"

Test(sip_cut, head_cut_by_a_gap)
{
    EXPECT_TCP(RECORD("C", "INVITE", "sip:h", NAMES("<sip:a>", "", ""), "", "", "", "0 cut", "0")
                   ASKED("C", "x", "2"),
               DIALOG_CLIENT("INVITE sip:h SIP/2.0\r\nFrom: <sip:a>\r\nTo: <sip:b"),
               DIALOG_CLIENT_LOSES(20),
               DIALOG_CLIENT("-ID: 5\r\nContent-Length: 3\r\n\r\nabc" ASK("x")));
}

Test(sip_cut, lost_bytes_in_a_buffered_body)
{
    EXPECT_TCP(SDP_GIVES_AS(" cut", "1.1.1.1") ASKED("C", "x", "2"),
               DIALOG_CLIENT(SDP_OF("60", "c=IN IP4 1.1.1.1\r\nc=IN IP4 2.2")),
               DIALOG_CLIENT_LOSES(10), DIALOG_CLIENT("BYE sip:x SIP/2.0\r\nA" ASK("x")));
    EXPECT_TCP(SDP_GIVES_AS(" cut", "1.1.1.1") ASKED("C", "x", "3"),
               DIALOG_CLIENT(SDP_OF("60", "c=IN IP4 1.1.1.1\r\nc=IN IP4 2.2")),
               DIALOG_CLIENT_LOSES(10), DIALOG_CLIENT_LOSES(19), DIALOG_CLIENT("A" ASK("x")));
    EXPECT_TCP(SDP_GIVES_AS(" cut", "1.1.1.1") ASKED("C", "x", "2"),
               DIALOG_CLIENT(SDP_OF("60", "c=IN IP4 1.1.1.1\r\nc=IN IP4 2.2")),
               DIALOG_CLIENT_LOSES(31), DIALOG_CLIENT(ASK("x")));
    EXPECT_TCP(SDP_GIVES_AS(" cut", "1.1.1.1") ASKED("C", "x", "2"),
               DIALOG_CLIENT(SDP_OF("60", "c=IN IP4 1.1.1.1\r\nc=IN IP4 2.2")),
               DIALOG_CLIENT_LOSES(99), DIALOG_CLIENT("IP4\r\n" ASK("x")));
}

Test(sip_cut, lost_bytes_in_a_skipped_body)
{
    EXPECT_TCP(RECORD("C", "INFO", "sip:h", NO_NAMES, "", "", "", "0", "0") ASKED("C", "x", "2"),
               DIALOG_CLIENT("INFO sip:h SIP/2.0\r\nContent-Length: 60\r\n\r\n12345"),
               DIALOG_CLIENT_LOSES(35), DIALOG_CLIENT("BYE sip:no SIP/2.0\r\n" ASK("x")));
}

/* Behind a loss a first line is accepted if a header follows it. */
Test(sip_cut, resynchronises_at_the_next_message)
{
    EXPECT_TCP(ASKED("C", "1", "0")
                   RECORD("C", "NEWMETHOD", "sip:h", NAMES("", "", "2"), "", "", "", "0", "2"),
               DIALOG_CLIENT(ASK("1")), DIALOG_CLIENT_LOSES(10),
               DIALOG_CLIENT("SIP/2.0 200 OK\r\n\r\nINVITE sip:h SIP/2.0\r\n<x>\r\n"
                             "xNEWMETHOD sip:h SIP/2.1\r\nCall-ID: 0\r\n"
                             "a b sip:h SIP/2.0 \r\n\r\nVia: SIP/2.0/UDP SIP/2.0 SIP/2.\r\n"
                             "NEWMETHOD sip:h SIP/2.0\r\nCall-ID: 2\r\n\r\n"));
    EXPECT_TCP(ASKED("C", "1", "0") ASKED("C", "2", "2") ASKED("C", "3", "4")
                   ANSWERED("C", "4", "6"),
               DIALOG_CLIENT(ASK("1")), DIALOG_CLIENT_LOSES(10), DIALOG_CLIENT("</tag>" ASK("2")),
               DIALOG_CLIENT_LOSES(1), DIALOG_CLIENT("some more" ASK("3")), DIALOG_CLIENT_LOSES(5),
               DIALOG_CLIENT("S SI SIPSIP/2.0 999" ANSWER("4")));
}

Test(sip_cut, cut_at_the_end)
{
    EXPECT_TCP(
        ASKED("C", "1", "0") RECORD("C", "BYE", "sip:h", NO_NAMES, "", "", "a", "0 cut", "1"),
        DIALOG_CLIENT(ASK("1")), DIALOG_CLIENT("BYE sip:h SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nCall-"),
        DIALOG_CLIENT_CLOSES);
    EXPECT_TCP(SDP_GIVES_AS(" cut", "1.1.1.1"),
               DIALOG_CLIENT(SDP_OF("99", "c=IN IP4 1.1.1.1\r\nc=IN IP4 2")));
}

#define BYE(id, mark, at) RECORD("C", "BYE", "sip:h", NAMES("", "", id), "", "", "", "0" mark, at)

/* A cut message needs only its first line. */
Test(sip_cut, cut_behind_the_first_line)
{
    static const struct {
        const char *head;
        const char *expected;
    } cases[] = {
        {"BYE sip:h SIP/2.0\r\n", BYE("", " cut", "1")},
        {"BYE sip:h SIP/2.0\r\nCall-ID", BYE("", " cut", "1")},
        {"BYE sip:h SIP/2.0\r\nCall-ID: 12", BYE("12", " cut", "1")},
        {"BYE sip:h SIP/2.0\r\nCall-ID: 12\r\n", BYE("12", " cut", "1")},
        {"BYE sip:h SIP/2.0\r\nCall-ID: 12\r\n\r", BYE("12", " cut", "1")},
        {"BYE sip:h SIP/2.0", ""},
        {"BYE si", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[400];
        (void)snprintf(expected, sizeof expected, ASKED("C", "1", "0") "%s", cases[i].expected);
        const struct dialog_step head = {P2I_FROM_INITIATOR, cases[i].head, strlen(cases[i].head)};
        EXPECT_UDP(expected, DIALOG_CLIENT(ASK("1")), head, DIALOG_CLIENT_LOSES(20));
        EXPECT_TCP(expected, DIALOG_CLIENT(ASK("1")), head);
        EXPECT_TCP(expected, DIALOG_CLIENT(ASK("1")), head, DIALOG_CLIENT_LOSES(20));
        EXPECT_TCP(expected, DIALOG_CLIENT(ASK("1")), head, DIALOG_CLIENT_CLOSES);
    }
    EXPECT_TCP(RECORD("C", "BYE", "sip:h", NO_NAMES, "", "", "", "0", "0"),
               DIALOG_CLIENT("BYE sip:h SIP/2.0\r\n\r\n"));
}

/* A datagram that is not cut must have a header. */
Test(sip_cut, datagram_without_the_end_of_its_head)
{
    EXPECT_UDP("", DIALOG_CLIENT("BYE sip:h SIP/2.0\r\n"));
    EXPECT_UDP("", DIALOG_CLIENT("BYE sip:h SIP/2.0\r\nCall-ID"));
    EXPECT_UDP(BYE("", "", "0"), DIALOG_CLIENT("BYE sip:h SIP/2.0\r\nCall-ID:"));
    EXPECT_UDP(BYE("12", "", "0"), DIALOG_CLIENT("BYE sip:h SIP/2.0\r\nCall-ID: 12"));
    EXPECT_UDP(BYE("12 3", "", "0"), DIALOG_CLIENT("BYE sip:h SIP/2.0\r\nCall-ID: 12\r\n 3"));
    EXPECT_UDP(RECORD("C", "BYE", "sip:h", NAMES("<sip:a>", "<sip:b>", ""), "", "", "", "0", "0"),
               DIALOG_CLIENT("BYE sip:h SIP/2.0\r\nTo: <sip:b>\r\nFrom: <sip:a>"));
    EXPECT_UDP(BYE("12", "", "0"), DIALOG_CLIENT("BYE sip:h SIP/2.0\r\nCall-ID: 12\r\n"));
}

/* A message that ends before the snaplen is complete. */
Test(sip_cut, datagram_cut_behind_the_message)
{
    EXPECT_UDP(RECORD("C", "BYE", "sip:h", NO_NAMES, "", "", "", "0", "0") BYE("", " cut", "2"),
               DIALOG_CLIENT("BYE sip:h SIP/2.0\r\nl: 4\r\n\r\nbody"), DIALOG_CLIENT_LOSES(9),
               DIALOG_CLIENT("BYE sip:h SIP/2.0\r\n\r\nbody"), DIALOG_CLIENT_LOSES(9));
}

#define FOLDED_HEAD                                                                                \
    "SIP/2.0 200 OK\r\nf: <sip:a@a>\r\n ;tag=1\r\nt: \"B\"\r\n\t<sip:b@b>\r\n ;tag=2\r\n"          \
    "CSeq: 1\r\n INVITE\r\nVia: SIP/2.0/UDP\r\n h1\r\ni: id\r\n one\r\nServer: Serv\r\n er\r\n"    \
    "c: text/\r\n plain\r\nl: 0\r\n\r\n"

/* Cut at every byte: a name is complete or empty, also if it is folded; so is the method of CSeq,
 * as INVITE is not IN; other text is as long as captured. */
Test(sip_cut, names_are_whole_or_empty)
{
    static const char message[] = FOLDED_HEAD;
    const char *from_ends = strstr(message, "t: \"B\"") + 1;
    const char *to_ends = strstr(message, "CSeq") + 1;
    const char *method_ends = strstr(message, "Via") + 1;
    const char *id_begins = strstr(message, "i: id") + 4;
    const char *id_ends = strstr(message, " one") + 4;
    for (size_t size = 16; size + 1 < sizeof message; size++) {
        const char *end = message + size;
        const struct dialog_step steps[] = {{P2I_FROM_INITIATOR, message, size},
                                            DIALOG_CLIENT_LOSES(sizeof message - 1 - size)};
        struct dialog dialog = {.protocols = protocols, .steps = steps, .step_count = 2};
        char *texts[2];
        for (int transport = 0; transport < 2; transport++) {
            dialog.ends.transport = (enum p2i_transport)transport;
            texts[transport] = dialog_play(&dialog, 0);
        }
        const char *text = texts[0];
        cr_assert_str_eq(text, texts[1], "%zu", size);
        cr_assert_not_null(strstr(text, "status_code=200 cut @0"), "%zu: %s", size, text);
        cr_assert_not_null(
            strstr(text, end >= from_ends ? "from=\"<sip:a@a> ;tag=1\"" : "from=\"\""), "%zu: %s",
            size, text);
        cr_assert_not_null(
            strstr(text, end >= to_ends ? "to=\"\\x22B\\x22 <sip:b@b> ;tag=2\"" : "to=\"\""),
            "%zu: %s", size, text);
        cr_assert_not_null(strstr(text, end >= method_ends ? "method=\"INVITE\"" : "method=\"\""),
                           "%zu: %s", size, text);
        cr_assert_eq(strstr(text, "call_id=\"\"") == NULL, end >= id_begins, "%zu: %s", size, text);
        cr_assert_eq(strstr(text, "call_id=\"id one\"") != NULL, end >= id_ends, "%zu: %s", size,
                     text);
        free(texts[0]);
        free(texts[1]);
    }
}

/* Cut at every byte, over UDP, each part in a block of its own: complete values must be in the
 * record, cut names and addresses must not. */
Test(sip_cut, datagram_cut_at_every_byte)
{
    static const char message[] = INVITE;
    const char *agent_line = "User-Agent: Phone/1.0 (x)\r\n";
    const char *agent = strstr(message, agent_line) + strlen("User-Agent: ");
    const char *agent_end = strstr(message, agent_line) + strlen(agent_line) - 2;
    const char *first_header = strstr(message, "Via:");
    for (size_t size = 0; size < sizeof message; size++) {
        size_t missing = sizeof message - 1 - size;
        const struct dialog_step steps[] = {{P2I_FROM_INITIATOR, message, size},
                                            DIALOG_CLIENT_LOSES(missing)};
        struct dialog dialog = {.ends = {.transport = P2I_OVER_UDP},
                                .protocols = protocols,
                                .steps = steps,
                                .step_count = missing > 0 ? 2 : 1};
        char *text = dialog_play(&dialog, 0);
        cr_assert_eq(strlen(text) > 0, message + size >= first_header, "%zu: %s", size, text);
        cr_assert_eq(strstr(text, " cut @0") != NULL, missing > 0 && *text != 0, "%zu: %s", size,
                     text);
        cr_assert_eq(strstr(text, "user_agent=\"Phone/1.0 (x)\"") != NULL,
                     message + size >= agent_end, "%zu: %s", size, text);
        cr_assert(strstr(text, "user_agent=\"\"") != NULL || message + size > agent || *text == 0,
                  "%zu: %s", size, text);
        cr_assert_eq(strstr(text, "2001:db8::9") != NULL,
                     message + size >= strstr(message, "::9\r\n") + 5, "%zu: %s", size, text);
        free(text);
    }
}
