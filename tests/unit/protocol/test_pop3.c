/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "dialog.h"
#include "protocol/mail.h"
#include "protocol/message.h"

/* What is found behind STLS: 0x16, a name and a line end give a reply with that location. */
static enum p2i_match secret_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                                   struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.data[0] == 0x16 ? P2I_MATCH_YES : P2I_MATCH_NO;
}

static struct p2i_step secret_data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    size_t end = p2i_view_find(piece->bytes, '\n');
    if (end == piece->bytes.size) {
        return (struct p2i_step){0};
    }
    struct p2i_http_reply message = {.location =
                                         p2i_view_from(p2i_view_first(piece->bytes, end), 1)};
    p2i_emit(parser, P2I_RECORD_HTTP_REPLY, piece->direction, p2i_origin_at(piece, 0), &message);
    return (struct p2i_step){.consumed = end + 1};
}

static const struct p2i_protocol secret = {
    .over = {[P2I_OVER_TCP] = true},
    .probe = secret_probe,
    .data = secret_data,
};

static const struct p2i_protocol *const protocols[] = {&secret, &p2i_pop3, NULL};

static struct dialog dialog_of(const struct dialog_step *steps, size_t count, uint16_t port)
{
    return (struct dialog){
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, port}},
        .protocols = protocols,
        .steps = steps,
        .step_count = count,
    };
}

#define EXPECT_ON(port, expected, ...)                                                             \
    do {                                                                                           \
        const struct dialog_step steps[] = {__VA_ARGS__};                                          \
        struct dialog dialog = dialog_of(steps, sizeof steps / sizeof *steps, port);               \
        dialog_expect(&dialog, expected);                                                          \
    } while (0)
#define EXPECT(expected, ...) EXPECT_ON(110, expected, __VA_ARGS__)

#define FETCHED(sender, receiver, subject, servers, code, attachment, at)                          \
    "mail S sender=\"" sender "\" receiver=\"" receiver "\" cc=\"\" subject=\"" subject            \
    "\" servers=\"" servers "\" reply_to=\"\" result_code=" code " event=2 attachment=" attachment \
    " protocol=1 @" at "\n"
#define MAIL(subject, at) FETCHED("a@x.org", "b@y.org", subject, "pop.y.org", "0", "0", at)
#define NAMELESS(subject, at) FETCHED("a@x.org", "b@y.org", subject, "", "0", "0", at)
#define TEXT(subject)                                                                              \
    "From: A <a@x.org>\r\nTo: b@y.org\r\nSubject: " subject "\r\n\r\nhello\r\n..\r\n+OK "          \
    "no\r\n.\r\n"

#define GREETING DIALOG_SERVER("+OK POP3 ready <1.2@pop.y.org>\r\n")
#define OK DIALOG_SERVER("+OK\r\n")

Test(pop3, a_session)
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

Test(pop3, stls)
{
    EXPECT("http_reply C content_type=\"\" location=\"hello\" content_length=0 result_code=0 @3\n"
           "http_reply S content_type=\"\" location=\"hi\" content_length=0 result_code=0 @4\n",
           GREETING, DIALOG_CLIENT("STLS\r\n"), DIALOG_SERVER("+OK begin\r\n"),
           DIALOG_CLIENT("\x16hello\n"), DIALOG_SERVER("\x16hi\n"));
    EXPECT(MAIL("one", "4"), GREETING, DIALOG_CLIENT("STLS\r\n"), DIALOG_SERVER("-ERR not now\r\n"),
           DIALOG_CLIENT("RETR 1\r\n"), DIALOG_SERVER("+OK\r\n" TEXT("one")));
}

/* What has more than one line is seen from the lines. */
Test(pop3, only_the_server_is_seen)
{
    EXPECT(MAIL("one", "3") MAIL("two", "4"), GREETING,
           DIALOG_SERVER("+OK name\r\n+OK welcome\r\n+OK 2 320\r\n"),
           DIALOG_SERVER("+OK\r\n1 120\r\n2 200\r\n.\r\n-ERR what\r\n"),
           DIALOG_SERVER("+OK 120 octets\r\n" TEXT("one")), DIALOG_SERVER("+OK\r\n" TEXT("two")),
           DIALOG_SERVER("+OK bye\r\n"));
    EXPECT("", DIALOG_CLIENT("USER joe\r\nPASS x\r\nRETR 1\r\n"));
}

Test(pop3, joined_in_the_middle)
{
    EXPECT(NAMELESS("one", "1"), DIALOG_CLIENT("RETR 1\r\n"), DIALOG_SERVER("+OK\r\n" TEXT("one")));
    EXPECT(NAMELESS("one", "0"), DIALOG_SERVER("+OK 120 octets\r\n" TEXT("one")));
}

Test(pop3, what_is_cut_off_is_told)
{
    EXPECT(MAIL("on", "2"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\nFrom: a@x.org\r\nTo: b@y.org\r\nSubject: on"));
    EXPECT(FETCHED("", "", "", "pop.y.org", "0", "0", "2"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           OK);
}

Test(pop3, gaps)
{
    /* in a message */
    EXPECT(MAIL("one", "2") MAIL("two", "6"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
           DIALOG_SERVER("+OK\r\nFrom: a@x.org\r\nTo: b@y.org\r\nSubject: one\r\n\r\ntext"),
           DIALOG_SERVER_LOSES(100), DIALOG_SERVER("text\r\n.\r\n"), DIALOG_CLIENT("RETR 2\r\n"),
           DIALOG_SERVER("+OK\r\n" TEXT("two")));
    /* its end and some replies, too */
    EXPECT(MAIL("one", "2") MAIL("two", "5"), GREETING, DIALOG_CLIENT("RETR 1\r\n"),
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

static enum p2i_match probe(uint16_t port, const char *text)
{
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, port}};
    return p2i_pop3.probe(&ends, P2I_FROM_RESPONDER, p2i_view_of(text, strlen(text)));
}

Test(pop3, recognition)
{
    cr_assert_eq(probe(7110, "+OK hello\r\n"), P2I_MATCH_YES);
    cr_assert_eq(probe(7110, "+OK\r\n"), P2I_MATCH_YES);
    cr_assert_eq(probe(7110, "+OKx"), P2I_MATCH_NO);
    cr_assert_eq(probe(7110, "+O"), P2I_MATCH_MORE);
    cr_assert_eq(probe(7110, "-ERR x\r\n"), P2I_MATCH_NO);
    cr_assert_eq(probe(110, "-ERR x\r\n"), P2I_MATCH_YES);
    cr_assert_eq(probe(7110, "CAPA\r\n"), P2I_MATCH_YES);
    cr_assert_eq(probe(7110, "apop joe"), P2I_MATCH_YES);
    cr_assert_eq(probe(21, "USER joe\r\n"), P2I_MATCH_NO);
    cr_assert_eq(probe(110, "USER joe\r\n"), P2I_MATCH_YES);
    cr_assert_eq(probe(110, "US"), P2I_MATCH_MORE);
}

/* ---- hostile ---- */

static void ignore(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                   const struct p2i_origin *origin, const void *message)
{
    (void)kind;
    (void)sender;
    (void)origin;
    (void)message;
    ++*(size_t *)context;
}

/* Lines without ends, commands without replies, messages without ends. */
Test(pop3, floods)
{
    static const char *const texts[] = {"RETR 1\r\n",     "x",        "+OK\r\n",
                                        "Subject: a\r\n", "NOOP\r\n", "+OK\r\nTo: b@y.org\r\n\r\n",
                                        "--\r\n",         "1 2\r\n"};
    static const struct p2i_origin origin;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t records = 0;
        struct p2i_account account = {0};
        struct p2i_parse_settings settings = {0};
        struct p2i_sink sink = {ignore, &records};
        struct p2i_stream_setting setting = {
            .protocols = protocols, .settings = &settings, .pool = p2i_pool_new()};
        struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 110}};
        struct p2i_stream stream = {0};
        p2i_stream_start(&stream, &setting, ends, &sink, &account);
        p2i_stream_data(&stream, &setting, P2I_FROM_RESPONDER, P2I_VIEW("+OK hello\r\n"), &origin);
        struct p2i_view text = p2i_view_of(texts[i], strlen(texts[i]));
        for (int j = 0; j < 100000; j++) {
            p2i_stream_data(&stream, &setting, (enum p2i_direction)(j % 3 > 0), text, &origin);
            cr_assert_lt(account.used, 96 << 10);
        }
        p2i_stream_end(&stream, &setting);
        cr_assert_eq(account.used, 0);
        p2i_pool_free(setting.pool);
    }
}
