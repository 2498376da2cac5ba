/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "protocol/mail/mail.h"
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "talk.h"

static const struct p2i_protocol *const protocols[] = {&p2i_pop3, &talk_secret, NULL};

#define EXPECT_ON(port, expected, ...) TALK_EXPECT(protocols, port, expected, __VA_ARGS__)
#define EXPECT(expected, ...) EXPECT_ON(110, expected, __VA_ARGS__)

#define FETCHED_PART(sender, receiver, subject, servers, code, attachment, part, at)               \
    "mail S sender=\"" sender "\" receiver=\"" receiver "\" cc=\"\" subject=\"" subject            \
    "\" servers=\"" servers "\" reply_to=\"\" result_code=" code " event=2 attachment=" attachment \
    " protocol=1" part " @" at "\n"
#define FETCHED(sender, receiver, subject, servers, code, attachment, at)                          \
    FETCHED_PART(sender, receiver, subject, servers, code, attachment, "", at)
#define CUT(sender, receiver, subject, at)                                                         \
    FETCHED_PART(sender, receiver, subject, "pop.y.org", "0", "0", " cut", at)
#define MAIL_CUT(subject, at) CUT("a@x.org", "b@y.org", subject, at)
#define REFUSED_MAIL(at) FETCHED("", "", "", "pop.y.org", "1", "0", at)
#define MAIL(subject, at) FETCHED("a@x.org", "b@y.org", subject, "pop.y.org", "0", "0", at)
#define NAMELESS(subject, at) FETCHED("a@x.org", "b@y.org", subject, "", "0", "0", at)
#define TEXT(subject)                                                                              \
    "From: A <a@x.org>\r\nTo: b@y.org\r\nSubject: " subject "\r\n\r\nhello\r\n..\r\n+OK "          \
    "no\r\n.\r\n"

#define GREETING DIALOG_SERVER("+OK POP3 ready <1.2@pop.y.org>\r\n")
#define OK DIALOG_SERVER("+OK\r\n")
#define ERR DIALOG_SERVER("-ERR no\r\n")
#define HEAD "From: a@x.org\r\nTo: b@y.org\r\n"

Test(pop3, session)
{
    EXPECT(MAIL("one", "11") FETCHED("c@x.org", "d@y.org,e@y.org", "gr\\xc3\\xbcn",
                                     "pop.y.org,relay.x.org", "0", "1", "13")
               FETCHED("", "", "", "pop.y.org", "1", "0", "15"),
           GREETING, DIALOG_CLIENT("CAPA\r\n"), DIALOG_SERVER("+OK\r\nTOP\r\nUSER\r\n+OK\r\n.\r\n"),
           DIALOG_CLIENT("USER joe\r\n"), OK, DIALOG_CLIENT("PASS secret\r\n"), OK,
           DIALOG_CLIENT("LIST\r\n"), DIALOG_SERVER("+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n"),
           DIALOG_CLIENT("list 1\r\nRETR 1\r\n"), DIALOG_SERVER("+OK 1 120\r\n"),
           DIALOG_SERVER("+OK 120 octets\r\n" TEXT("one")), DIALOG_CLIENT("top 2 0\r\n"),
           DIALOG_SERVER("+OK\r\nReceived: from x by relay.x.org; now\r\nFrom: c@x.org\r\n"
                         "To: d@y.org,\r\n e@y.org\r\nSubject: =?utf-8?B?Z3LDvG4=?=\r\n"
                         "Content-Type: application/pdf; name=a\r\n\r\n.\r\n"),
           DIALOG_CLIENT("RETR 3\r\n"), DIALOG_SERVER("-ERR no such message\r\n"),
           DIALOG_CLIENT("DELE 1\r\nQUIT\r\n"), OK, OK);
}

Test(pop3, pipelining)
{
    EXPECT(MAIL("one", "2") MAIL("two", "2"), GREETING,
           DIALOG_CLIENT("UIDL\r\nRETR 1\r\nNOOP\r\nTOP 2 10\r\nUIDL 2\r\n"),
           DIALOG_SERVER("+OK\r\n1 a\r\n.\r\n+OK\r\n" TEXT("one") "+OK\r\n+OK\r\n" TEXT(
               "two") "+OK 2 x\r\n"));
}

Test(pop3, authentication)
{
    EXPECT(MAIL("one", "9"), GREETING, DIALOG_CLIENT("AUTH\r\n"),
           DIALOG_SERVER("+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n"), DIALOG_CLIENT("AUTH PLAIN\r\n"),
           DIALOG_SERVER("+ \r\n"), DIALOG_CLIENT("AGpvZQBzZWNyZXQ=\r\n"),
           DIALOG_SERVER("+OK welcome\r\n"), DIALOG_CLIENT("APOP joe 1234\r\nRETR 1\r\n"), OK,
           DIALOG_SERVER("+OK\r\n" TEXT("one")));
}

/* Base64 can look like a command. */
Test(pop3, authentication_that_looks_like_commands)
{
    EXPECT(MAIL("one", "9"), GREETING, DIALOG_CLIENT("AUTH LOGIN\r\n"),
           DIALOG_SERVER("+ VXNlcg==\r\n"), DIALOG_CLIENT("RETR\r\n"),
           DIALOG_SERVER("+ UGFzcw==\r\n"), DIALOG_CLIENT("LIST\r\n"), DIALOG_SERVER("-ERR no\r\n"),
           DIALOG_CLIENT("APOP a b\r\nRETR 1\r\n"), OK, DIALOG_SERVER("+OK\r\n" TEXT("one")));
    EXPECT(MAIL("one", "8"), GREETING, DIALOG_CLIENT("AUTH LOGIN\r\n"),
           DIALOG_SERVER("+ VXNlcg==\r\n"), DIALOG_CLIENT("RETR\r\n"),
           DIALOG_SERVER("+ UGFzcw==\r\n"), DIALOG_CLIENT("RETR\r\n"),
           DIALOG_SERVER("+OK welcome\r\n"), DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("one")));
}

/* Listing lines that look like other replies. */
Test(pop3, listings)
{
    EXPECT(MAIL("one", "2"), GREETING, DIALOG_CLIENT("CAPA\r\nLIST\r\nRETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n\r\n\n..\r\n.x\r\n+OKx\r\n-ER\r\n\n. \r\nabc\r\n.\r\n"
                         "+OK\r\n.\r\n+OK\r\n" TEXT("one")));
    EXPECT(MAIL("one", "4"), GREETING, DIALOG_CLIENT("CAPA\r\n"),
           DIALOG_SERVER("+OK\r\n+OK\r\n-ERR\r\n.\r\n"), DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("one")));
}

/* The reply to the next command ends a listing without its dot. */
Test(pop3, listings_without_a_dot)
{
    EXPECT(MAIL("one", "4") REFUSED_MAIL("6"), GREETING, DIALOG_CLIENT("LIST\r\n"),
           DIALOG_SERVER("+OK 2 messages\r\n"), DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("one")), DIALOG_CLIENT("RETR 2\r\n"), ERR);
    EXPECT(MAIL("one", "2") MAIL("two", "6"), GREETING, DIALOG_CLIENT("LIST\r\nUIDL\r\nRETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n1 120\r\n+OK\r\n1 a\r\n2 b\r\n+OK\r\n" TEXT("one")),
           DIALOG_CLIENT("CAPA\r\n"), DIALOG_SERVER("+OK\r\nTOP\r\n"), DIALOG_CLIENT("TOP 2 0\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("two")));
    EXPECT(REFUSED_MAIL("4"), GREETING, DIALOG_CLIENT("UIDL\r\n"), OK, DIALOG_CLIENT("RETR 1\r\n"),
           ERR);
    /* only the server is seen */
    EXPECT(MAIL("one", "2"), GREETING, DIALOG_SERVER("+OK\r\n1 120\r\n2 200\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("one")));
}

/* The same for a message, if the client's next command has been answered. */
Test(pop3, messages_without_a_dot)
{
    EXPECT(MAIL("one", "2") MAIL("two", "4"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n" HEAD "Subject: one\r\n\r\n+OK hello\r\n"),
           DIALOG_CLIENT("RETR 2\r\n"), DIALOG_SERVER("+OK\r\n" TEXT("two")));
}

Test(pop3, refusals)
{
    EXPECT(REFUSED_MAIL("3") REFUSED_MAIL("5") MAIL("one", "6"), GREETING,
           DIALOG_CLIENT("USER joe\r\nLIST\r\nRETR 1\r\n"), DIALOG_SERVER("-ERR no\r\n-ERR no\r\n"),
           DIALOG_SERVER("-ERR no\r\n"), DIALOG_CLIENT("UIDL\r\nTOP 1 0\r\nCAPA\r\nRETR 2\r\n"),
           DIALOG_SERVER("-ERR no\r\n-ERR no\r\n-ERR no\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("one")));
}

Test(pop3, stls)
{
    EXPECT(TALK_SECRET("C", "\\x16hello", "3") TALK_SECRET("S", "\\x16hi", "4"), GREETING,
           DIALOG_CLIENT("STLS\r\n"), DIALOG_SERVER("+OK begin\r\n"), DIALOG_CLIENT("\x16hello\n"),
           DIALOG_SERVER("\x16hi\n"));
    EXPECT(MAIL("one", "4"), GREETING, DIALOG_CLIENT("STLS\r\n"), DIALOG_SERVER("-ERR not now\r\n"),
           DIALOG_CLIENT("RETR 1\r\n"), DIALOG_SERVER("+OK\r\n" TEXT("one")));
}

/* Without the commands, the lines show which replies have several lines. */
Test(pop3, server_only)
{
    EXPECT(MAIL("one", "3") MAIL("two", "4"), GREETING,
           DIALOG_SERVER("+OK name\r\n+OK welcome\r\n+OK 2 320\r\n"),
           DIALOG_SERVER("+OK\r\n1 120\r\n2 200\r\n.\r\n-ERR what\r\n"),
           DIALOG_SERVER("+OK 120 octets\r\n" TEXT("one")), DIALOG_SERVER("+OK\r\n" TEXT("two")),
           DIALOG_SERVER("+OK bye\r\n"));
    EXPECT("", DIALOG_CLIENT("USER joe\r\nPASS x\r\nRETR 1\r\n"));
}

Test(pop3, capture_joins_late)
{
    EXPECT(NAMELESS("one", "1"), DIALOG_CLIENT("RETR 1\r\n"), DIALOG_SERVER("+OK\r\n" TEXT("one")));
    EXPECT(NAMELESS("one", "0"), DIALOG_SERVER("+OK 120 octets\r\n" TEXT("one")));
}

Test(pop3, cut_messages_give_records)
{
    EXPECT(MAIL_CUT("on", "2"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n" HEAD "Subject: on"));
    EXPECT(CUT("", "", "", "2"), GREETING, DIALOG_CLIENT("RETR 1\r\n"), OK);
    EXPECT(MAIL_CUT("one", "2"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n" HEAD "Subject: one\r\n\r\nhello\r\n"), DIALOG_SERVER_CLOSES);
    /* names are complete or absent */
    EXPECT(CUT("", "b@y.org", "", "2"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\nTo: b@y.org, c@y.or"), DIALOG_SERVER_LOSES(9),
           DIALOG_SERVER("org\r\n\r\n.\r\n"));
    EXPECT(CUT("", "", "", "2"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\nFrom: A <a@x.or"));
    /* the command is not captured */
    EXPECT(CUT("", "", "on", "1"), GREETING, DIALOG_SERVER("+OK\r\nSubject: on"));
    EXPECT("", GREETING, DIALOG_SERVER("+OK\r\nSubje"));
}

Test(pop3, gaps)
{
    /* in a message */
    EXPECT(MAIL_CUT("one", "2") MAIL("two", "6"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\nFrom: a@x.org\r\nTo: b@y.org\r\nSubject: one\r\n\r\ntext"),
           DIALOG_SERVER_LOSES(100), DIALOG_SERVER("text\r\n.\r\n"), DIALOG_CLIENT("RETR 2\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("two")));
    /* also its end and some replies */
    EXPECT(MAIL_CUT("one", "2") MAIL("two", "5"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\nFrom: a@x.org\r\nTo: b@y.org\r\nSubject: one\r\n\r\ntext"),
           DIALOG_SERVER_LOSES(100), DIALOG_CLIENT("NOOP\r\nRETR 2\r\n"),
           DIALOG_SERVER("\n+OK\r\n" TEXT("two")));
    /* a reply */
    EXPECT(MAIL("two", "4"), GREETING, DIALOG_CLIENT("LIST\r\nRETR 1\r\n"),
           DIALOG_SERVER_LOSES(100), DIALOG_CLIENT("RETR 2\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("two")));
    EXPECT(MAIL("two", "5"), GREETING, DIALOG_CLIENT("LIST\r\n"), DIALOG_SERVER("+OK\r\n1 23"),
           DIALOG_SERVER_LOSES(100), DIALOG_CLIENT("RETR 2\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("two")));
    /* a command */
    EXPECT(MAIL("one", "2") MAIL("two", "4"), GREETING, DIALOG_CLIENT_LOSES(8),
           DIALOG_SERVER("+OK\r\n" TEXT("one")), DIALOG_CLIENT("RETR 2\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("two")));
    EXPECT(MAIL("one", "3") MAIL("two", "5"), GREETING, DIALOG_CLIENT_LOSES(3),
           DIALOG_CLIENT("R 1\r\n"), DIALOG_SERVER("+OK\r\n" TEXT("one")),
           DIALOG_CLIENT("RETR 2\r\n"), DIALOG_SERVER("+OK\r\n" TEXT("two")));
    /* the end of a message, with more messages under way */
    EXPECT(MAIL_CUT("one", "2") MAIL("two", "4") MAIL("six", "4"), GREETING,
           DIALOG_CLIENT("RETR 1\r\nRETR 2\r\nRETR 3\r\nQUIT\r\n"),
           DIALOG_SERVER("+OK\r\n" HEAD "Subject: one\r\n\r\ntext"), DIALOG_SERVER_LOSES(100),
           DIALOG_SERVER("\n+OK\r\n" TEXT("two") "+OK\r\n" TEXT("six") "+OK bye\r\n"));
    EXPECT(MAIL_CUT("one", "2") MAIL("two", "5"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n" HEAD "Subject: one\r\n"), DIALOG_SERVER_LOSES(100),
           DIALOG_CLIENT("RETR 2\r\n"), DIALOG_SERVER("+OK\r\n" TEXT("two")));
    /* behind a reply whose command was not captured */
    EXPECT(CUT("", "", "on", "1") MAIL("two", "4"), GREETING, DIALOG_SERVER("+OK\r\nSubject: on"),
           DIALOG_SERVER_LOSES(100), DIALOG_SERVER("\r\n.\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("two")));
}

/* In a decrypted capture the session goes on in plain text. */
Test(pop3, decrypted_sessions)
{
    EXPECT(MAIL("one", "6"), GREETING, DIALOG_CLIENT("STLS\r\n"), OK, DIALOG_CLIENT("CAPA\r\n"),
           DIALOG_SERVER("+OK\r\nTOP\r\n.\r\n"), DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("one")));
}

Test(pop3, bare_line_ends)
{
    EXPECT(NAMELESS("one", "2"), DIALOG_SERVER("+OK hi\n"), DIALOG_CLIENT("RETR 1\n"),
           DIALOG_SERVER("+OK\nFrom: a@x.org\nTo: b@y.org\nSubject: one\n\ntext\n.\n+OK\n"));
}

Test(pop3, on_another_port)
{
    EXPECT_ON(7110, MAIL("one", "2"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
              DIALOG_SERVER("+OK\r\n" TEXT("one")));
}

Test(pop3, recognition)
{
    cr_assert_eq(talk_probe(&p2i_pop3, 7110, "+OK hello\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_pop3, 7110, "+OK\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_pop3, 7110, "+OKx"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_pop3, 7110, "+O"), P2I_MATCH_MORE);
    cr_assert_eq(talk_probe(&p2i_pop3, 7110, "-ERR x\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_pop3, 110, "-ERR x\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_pop3, 7110, "CAPA\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_pop3, 7110, "apop joe"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_pop3, 21, "USER joe\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_pop3, 110, "USER joe\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_pop3, 110, "US"), P2I_MATCH_MORE);
}

/* ---- hostile ---- */

/* Endless lines, commands without replies, endless messages. */
Test(pop3, floods)
{
    static const char *const texts[] = {"RETR 1\r\n",     "x",        "+OK\r\n",
                                        "Subject: a\r\n", "NOOP\r\n", "+OK\r\nTo: b@y.org\r\n\r\n",
                                        "--\r\n",         "1 2\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct flood flood;
        flood_begin(&flood, protocols, 110);
        FLOOD_SERVER(&flood, "+OK hello\r\n");
        struct p2i_view text = p2i_view_of(texts[i], strlen(texts[i]));
        for (int j = 0; j < 100000; j++) {
            flood_say(&flood, (enum p2i_direction)(j % 3 > 0), text);
        }
        flood_end(&flood);
        cr_assert_lt(flood.most, 96 << 10, "text %zu", i);
    }
}

/* More pipelined commands than the queue holds. */
Test(pop3, pipelining_over_the_limit)
{
    struct flood flood;
    flood_begin(&flood, protocols, 110);
    FLOOD_SERVER(&flood, "+OK hello\r\n");
    for (int i = 0; i < 1000; i++) {
        FLOOD_CLIENT(&flood, "RETR 1\r\nDELE 1\r\n");
    }
    for (int i = 0; i < 1000; i++) {
        FLOOD_SERVER(&flood, "+OK\r\n" TEXT("one") "+OK\r\n");
    }
    cr_assert_eq(flood.records, 1000);
    flood_end(&flood);
}
