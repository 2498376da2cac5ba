/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "protocol/mail/mail.h"
#include "protocol/message.h"
#include "smtp_talk.h"

Test(smtp, message_with_all_fields)
{
    EXPECT(
        "mail C sender=\"bounce@lists.example.org\" receiver=\"joe@y.org,jane@z.org\" "
        "cc=\"carl@z.org,dora@z.org\" subject=\"Gr\\xc3\\xbc\\xc3\\x9fe\" "
        "servers=\"mx.y.org,[10.0.0.7],relay.example.org,inner.example.org\" "
        "reply_to=\"answers@example.org\" result_code=250 event=1 attachment=1 protocol=0 @3\n",
        DIALOG_SERVER("220-mx.y.org ESMTP Postfix\r\n220 no spam please\r\n"),
        DIALOG_CLIENT("EHLO [10.0.0.7]\r\n"), WELCOME,
        DIALOG_CLIENT("MAIL FROM:<bounce@lists.example.org> SIZE=999 BODY=8BITMIME\r\n"), OK,
        DIALOG_CLIENT("rcpt to: <@relay.example.org:joe@y.org>\r\n"), OK,
        DIALOG_CLIENT("RCPT TO:jane@z.org NOTIFY=NEVER\r\n"), OK, DIALOG_CLIENT("DATA\r\n"), GO_ON,
        DIALOG_CLIENT("Received: from pc (pc [10.0.0.7])\r\n\tby relay.example.org (Postfix)"
                      " with ESMTP id 1; now\r\n"
                      "Received: from local by inner.example.org; before\r\n"
                      "From: \"A, B\" <ab@example.org>\r\nTo: all:joe@y.org;\r\n"
                      "Cc: carl@z.org (Carl),\r\n Dora <dora@z.org>\r\n"
                      "Reply-To: <answers@example.org>\r\n"
                      "Subject: =?iso-8859-1?Q?Gr=FC?= =?iso-8859-1?B?32U=?=\r\n"
                      "Content-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n"
                      "--=_1\r\n\r\n..text\r\n--=_1\r\n"
                      "Content-Disposition: attachment;\r\n filename*0*=utf-8''a;\r\n"
                      " filename*1=b.txt\r\n\r\nXYZ\r\n--=_1--\r\n.\r\n"),
        DIALOG_SERVER("250 queued\r\n"), DIALOG_CLIENT("QUIT\r\n"), DIALOG_SERVER("221 bye\r\n"));
}

Test(smtp, several_messages)
{
    EXPECT(MAIL("one", "250", "3") MAIL("two", "451", "11"), OPENING, ENVELOPE,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("one")), OK, ENVELOPE,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("two")),
           DIALOG_SERVER("451-try\r\n451 later\r\n"));
}

/* RFC 2920: several commands at once, also behind the end of a message. */
Test(smtp, pipelining)
{
    EXPECT(MAIL("one", "250", "3") MAIL("two", "554", "6"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B "DATA\r\n"),
           DIALOG_SERVER("250 ok\r\n250 ok\r\n354 go on\r\n"), DIALOG_CLIENT(TEXT("one")),
           DIALOG_CLIENT("RSET\r\n" FROM_A TO_B "DATA\r\n"),
           DIALOG_SERVER("250 queued\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n"),
           DIALOG_CLIENT(TEXT("two") "QUIT\r\n"), DIALOG_SERVER("554 no\r\n221 bye\r\n"));
}

/* The client does not wait for the reply to DATA. */
Test(smtp, content_before_the_reply_to_data)
{
    EXPECT(MAIL("one", "250", "3"), OPENING, DIALOG_CLIENT(FROM_A TO_B "DATA\r\n" TEXT("one")),
           DIALOG_SERVER("250 ok\r\n250 ok\r\n354 go on\r\n250 queued\r\n"));
}

/* RFC 3030; a chunk may end anywhere. */
Test(smtp, chunks)
{
    EXPECT(
        MAIL("one two", "250", "3") MAIL("three", "250", "9"), OPENING, ENVELOPE,
        DIALOG_CLIENT("BDAT 12\r\nSubject: oneBDAT 8\r\n two\r\n\r\nBDAT 3 LAST\r\n.\r\n"),
        DIALOG_SERVER("250 ok\r\n250 ok\r\n250 queued\r\n"),
        DIALOG_CLIENT(FROM_A TO_B "BDAT 16\r\nSubject: three\r\nBDAT 0 LAST\r\n" FROM_A "RSET\r\n"),
        DIALOG_SERVER("250 1\r\n250 2\r\n250 3\r\n250 4\r\n250 5\r\n250 6\r\n"));
}

/* RFC 4468: the message is on an IMAP server. */
Test(smtp, messages_by_reference)
{
    EXPECT(
        MAIL("", "250", "3") MAIL("one", "554", "5"), OPENING,
        DIALOG_CLIENT(FROM_A TO_B "BURL imap://u@y.org/Sent;uid=1;urlauth=x LAST\r\n"),
        DIALOG_SERVER("250 ok\r\n250 ok\r\n250 queued\r\n"),
        DIALOG_CLIENT(FROM_A TO_B "BDAT 16\r\nSubject: one\r\n\r\nburl imap://u@y.org/x last\r\n"),
        DIALOG_SERVER("250 ok\r\n250 ok\r\n250 ok\r\n554 no\r\n"));
}

/* RFC 2033: one reply for each accepted recipient. */
Test(smtp, lmtp)
{
    EXPECT_ON(24, MAIL_TO("b@y.org,d@y.org", "one", "452", "3") MAIL("two", "250", "10"),
              DIALOG_SERVER("220 mx.y.org LMTP\r\n"), DIALOG_CLIENT("LHLO pc\r\n"), WELCOME,
              DIALOG_CLIENT(FROM_A TO_B "RCPT TO:<c@y.org>\r\nRCPT TO:<d@y.org>\r\nDATA\r\n"),
              DIALOG_SERVER("250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n354 go on\r\n"),
              DIALOG_CLIENT(TEXT("one")), DIALOG_SERVER("250 delivered\r\n"),
              DIALOG_SERVER("452 full\r\n"), DIALOG_CLIENT("NOOP\r\n"), OK,
              DIALOG_CLIENT(FROM_A TO_B "DATA\r\n"),
              DIALOG_SERVER("250 ok\r\n250 ok\r\n354 go on\r\n"), DIALOG_CLIENT(TEXT("two")), OK);
}

/* The replies to the recipients may come when the message has been sent. */
Test(smtp, lmtp_with_chunks)
{
    EXPECT_ON(24,
              SENT("a@x.org", "b@y.org,c@y.org", "one", "mx.y.org,pc", "552", "3")
                  MAIL("two", "250", "5"),
              DIALOG_SERVER("220 mx.y.org LMTP\r\n"), DIALOG_CLIENT("LHLO pc\r\n"), WELCOME,
              DIALOG_CLIENT(FROM_A TO_B "RCPT TO:<c@y.org>\r\n" CHUNK("one")),
              DIALOG_SERVER("250 ok\r\n250 ok\r\n250 ok\r\n250 delivered\r\n552 full\r\n"),
              DIALOG_CLIENT(FROM_A TO_B CHUNK("two") "QUIT\r\n"),
              DIALOG_SERVER("250 ok\r\n250 ok\r\n250 delivered\r\n221 bye\r\n"));
}

/* Base64 can look like a command. */
Test(smtp, authentication_that_looks_like_commands)
{
    EXPECT(MAIL("one", "250", "9"), OPENING, DIALOG_CLIENT("AUTH LOGIN\r\n"),
           DIALOG_SERVER("334 VXNlcm5hbWU6\r\n"), DIALOG_CLIENT("STARTTLS\r\n"),
           DIALOG_SERVER("334 UGFzc3dvcmQ6\r\n"), DIALOG_CLIENT("DATA\r\n"),
           DIALOG_SERVER("235 welcome\r\n"), ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT(TEXT("one")), OK);
}

Test(smtp, greetings_of_several_lines)
{
    EXPECT(MAIL("", "553", "3"),
           DIALOG_SERVER("220-*****\r\n220-mx.y.org ESMTP\r\n220 b.c ESMTP\r\n"), HELLO, WELCOME,
           DIALOG_CLIENT(FROM_A), OK, DIALOG_CLIENT(TO_B), DIALOG_SERVER("553 no\r\n"),
           DIALOG_CLIENT("QUIT\r\n"));
}

Test(smtp, authentication_is_skipped)
{
    EXPECT(MAIL("one", "250", "9"), OPENING, DIALOG_CLIENT("AUTH LOGIN\r\n"),
           DIALOG_SERVER("334 VXNlcm5hbWU6\r\n"), DIALOG_CLIENT("am9l\r\n"),
           DIALOG_SERVER("334 UGFzc3dvcmQ6\r\n"), DIALOG_CLIENT("cXVpdA==\r\n"),
           DIALOG_SERVER("235 welcome\r\n"), ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT(TEXT("one")), OK);
}

Test(smtp, starttls)
{
    EXPECT(TALK_SECRET("C", "\\x16hello", "5") TALK_SECRET("S", "\\x16hi", "6"), OPENING,
           DIALOG_CLIENT("STARTTLS\r\n"), DIALOG_SERVER("220 go ahead\r\n"),
           DIALOG_CLIENT("\x16hello\n"), DIALOG_SERVER("\x16hi\n"));
    EXPECT(MAIL("one", "250", "5"), OPENING, DIALOG_CLIENT("STARTTLS\r\n"),
           DIALOG_SERVER("454 not now\r\n"), ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT(TEXT("one")), OK);
}

/* Only the client's side is captured, so that no reply says which commands were accepted. */
Test(smtp, client_only)
{
    EXPECT(SENT("a@x.org", "b@y.org", "one", "pc", "0", "1")
               SENT("a@x.org", "b@y.org", "two", "pc", "0", "4") TALK_SECRET("C", "\\x16tls", "6"),
           DIALOG_CLIENT("EHLO pc\r\n"), DIALOG_CLIENT(FROM_A TO_B), DIALOG_CLIENT("DATA\r\n"),
           DIALOG_CLIENT(TEXT("one")), DIALOG_CLIENT(FROM_A TO_B "DATA\r\n" TEXT("two")),
           DIALOG_CLIENT(FROM_A "DATA\r\nRSET\r\nSTARTTLS\r\n"), DIALOG_CLIENT("\x16tls\n"));
    EXPECT("", OPENING, DIALOG_SERVER("250 ok\r\n354 go on\r\n250 queued\r\n221 bye\r\n"));
}

/* Only CRLF.CRLF ends a message (RFC 5321 section 4.1.1.4), unless the sender uses no CR at all;
 * another end counts if the server's reply confirms it. */
Test(smtp, final_dot)
{
    EXPECT(MAIL("one", "250", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT("Subject: one\r\n\r\na\n.\nMAIL FROM:<c@z.org>\r\n.\n\r\n..\r\n.\r\n"),
           OK);
    EXPECT(MAIL("one", "250", "1") MAIL("two", "250", "3"), GREETING,
           DIALOG_CLIENT("EHLO pc\nMAIL FROM:<a@x.org>\nRCPT TO:<b@y.org>\nDATA\n"
                         "Subject: one\n\ntext\n.\n"),
           DIALOG_SERVER("250 hi\n250 ok\n250 ok\n354 go on\n250 queued\n"),
           DIALOG_CLIENT(FROM_A TO_B "DATA\n" TEXT("two")),
           DIALOG_SERVER("250 ok\n250 ok\n354 go on\n250 queued\n"));
    EXPECT(MAIL("one", "250", "3") MAIL("two", "250", "11"), OPENING, ENVELOPE,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT("Subject: one\r\n\r\ntext\n.\r\n"), OK,
           DIALOG_CLIENT(FROM_A), OK, DIALOG_CLIENT(TO_B), OK, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT(TEXT("two")), OK);
}

Test(smtp, paths)
{
    EXPECT(SENT("", "\\x22a b\\x22@y.org,postmaster", "", "pc", "0", "1"),
           DIALOG_CLIENT("HELO pc\r\n"),
           DIALOG_CLIENT("mail from:<>\r\nRCPT TO:<\"a b\"@y.org> X=<z>\r\n"
                         "RCPT TO: < postmaster >\r\nDATA\r\n\r\n.\r\n"));
}

Test(smtp, greeting_from_the_initiator)
{
    EXPECT_ON(7025,
              "mail S sender=\"a@x.org\" receiver=\"b@y.org\" cc=\"\" subject=\"one\" "
              "servers=\"mx.y.org,pc\" reply_to=\"\" result_code=250 event=1 attachment=0 "
              "protocol=0 @1\n",
              DIALOG_CLIENT("220 mx.y.org ESMTP\r\n"),
              DIALOG_SERVER("HELO pc\r\n" FROM_A TO_B "DATA\r\n" TEXT("one")),
              DIALOG_CLIENT("250 hi\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 queued\r\n"));
}

/* ---- recognition ---- */

Test(smtp, recognition)
{
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "220 x ESMTP Exim\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "220-x\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_smtp, 21, "220 ftp.example.org FTP server\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_smtp, 25, "220 ftp.example.org FTP server\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "220 x"), P2I_MATCH_MORE);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "22"), P2I_MATCH_MORE);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "22x"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "250 ok\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_smtp, 587, "250 ok\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "ehlo x"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "LHL"), P2I_MATCH_MORE);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "HELP\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "Mail From:<"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_smtp, 7025, "QUIT\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_smtp, 2525, "QUIT\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_smtp, 25, "\x16\x03\x01"), P2I_MATCH_NO);
}

/* ---- hostile ---- */

static void note_receivers(struct flood *flood, const void *message)
{
    flood->note = ((const struct p2i_mail *)message)->receiver.size;
}

Test(smtp, million_recipients)
{
    struct flood flood;
    flood_begin(&flood, smtp_protocols, 25);
    flood.look = note_receivers;
    FLOOD_CLIENT(&flood, "EHLO pc\r\nMAIL FROM:<a@x.org>\r\n");
    for (int i = 0; i < 1000000; i++) {
        FLOOD_CLIENT(&flood, "RCPT TO:<recipient@example.org>\r\n");
    }
    FLOOD_CLIENT(&flood, "DATA\r\nSubject: x\r\n\r\n.\r\n");
    flood_end(&flood);
    cr_assert_eq(flood.records, 1);
    cr_assert_gt(flood.note, P2I_MAIL_RECEIVERS_MAX - 100);
    cr_assert_leq(flood.note, P2I_MAIL_RECEIVERS_MAX);
    cr_assert_lt(flood.most, 256 << 10);
}

Test(smtp, messages_without_replies)
{
    struct flood flood;
    flood_begin(&flood, smtp_protocols, 25);
    FLOOD_SERVER(&flood, "220 mx.y.org ESMTP\r\n");
    for (int i = 0; i < 10000; i++) {
        FLOOD_CLIENT(
            &flood,
            "MAIL FROM:<a@x.org>\r\nRCPT TO:<b@y.org>\r\nBDAT 15 LAST\r\nSubject: one\r\n\r");
    }
    flood_end(&flood);
    cr_assert_eq(flood.records, 10000);
    cr_assert_lt(flood.most, 64 << 10);
}

Test(smtp, endless_lines)
{
    static char block[60000];
    struct flood flood;
    memset(block, 'x', sizeof block);
    flood_begin(&flood, smtp_protocols, 25);
    FLOOD_SERVER(&flood, "220 mx.y.org ESMTP\r\n250 ");
    FLOOD_CLIENT(&flood, "EHLO ");
    for (int i = 0; i < 100; i++) {
        flood_say(&flood, P2I_FROM_INITIATOR, p2i_view_of(block, sizeof block));
        flood_say(&flood, P2I_FROM_RESPONDER, p2i_view_of(block, sizeof block));
    }
    FLOOD_CLIENT(&flood, "\r\nMAIL FROM:<a@x.org>\r\nDATA\r\n");
    FLOOD_SERVER(&flood, "\r\n250 ok\r\n354 go on\r\n");
    FLOOD_CLIENT(&flood, "Subject: ");
    for (int i = 0; i < 100; i++) {
        flood_say(&flood, P2I_FROM_INITIATOR, p2i_view_of(block, sizeof block));
    }
    FLOOD_CLIENT(&flood, "\r\n\r\n.\r\n");
    FLOOD_SERVER(&flood, "250 ok\r\n");
    cr_assert_eq(flood.records, 1);
    flood_end(&flood);
    cr_assert_lt(flood.most, 512 << 10);
}

/* Messages without replies, each of the largest size. */
Test(smtp, large_messages_without_replies)
{
    static char header[8200];
    static const char *const names[] = {"From", "To", "Cc", "Reply-To", "Subject", "Received"};
    struct flood flood;
    flood_begin(&flood, smtp_protocols, 25);
    FLOOD_SERVER(&flood, "220 mx.y.org ESMTP\r\n");
    for (int i = 0; i < 100; i++) {
        FLOOD_CLIENT(&flood, "MAIL FROM:<a@x.org>\r\n");
        for (int j = 0; j < 3000; j++) {
            FLOOD_CLIENT(&flood, "RCPT TO:<recipient@example.org>\r\n");
        }
        FLOOD_CLIENT(&flood, "BDAT 49200 LAST\r\n");
        for (size_t j = 0; j < sizeof names / sizeof *names; j++) {
            memset(header, 'x', sizeof header);
            memcpy(header, names[j], strlen(names[j]));
            header[strlen(names[j])] = ':';
            header[sizeof header - 1] = '\n';
            flood_say(&flood, P2I_FROM_INITIATOR, p2i_view_of(header, sizeof header));
        }
    }
    flood_end(&flood);
    cr_assert_eq(flood.records, 100);
    cr_assert_lt(flood.most, 4 << 20, "%llu", (unsigned long long)flood.most);
}
