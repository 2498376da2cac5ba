/* SPDX-License-Identifier: MIT */
/* SMTP commands and their replies: a command takes effect when its reply accepts it. */
#include <criterion/criterion.h>

#include "smtp_talk.h"

Test(smtp_replies, refusals)
{
    EXPECT(MAIL_TO("b@y.org,c@y.org", "", "550", "7") MAIL_TO("b@y.org", "", "452", "13")
               MAIL_TO("c@y.org", "two", "250", "20"),
           OPENING,
           /* the sender is refused: no transaction has begun */
           DIALOG_CLIENT(FROM_A), DIALOG_SERVER("553 no\r\n"), DIALOG_CLIENT("RSET\r\n"), OK,
           /* all recipients are refused */
           DIALOG_CLIENT(FROM_A TO_B "RCPT TO:<c@y.org>\r\nDATA\r\n"),
           DIALOG_SERVER("250 ok\r\n550 no\r\n551 no\r\n"), DIALOG_SERVER("503 no recipients\r\n"),
           DIALOG_CLIENT("EHLO pc\r\n"), OK, OK,
           /* the message is refused */
           DIALOG_CLIENT(FROM_A TO_B), OK, OK, DIALOG_CLIENT("DATA\r\n"),
           DIALOG_SERVER("452 full\r\n"), DIALOG_CLIENT("RSET\r\n"), OK,
           /* one recipient of two is refused */
           DIALOG_CLIENT(FROM_A TO_B "RCPT TO:<c@y.org>\r\n"), OK, DIALOG_SERVER("550 no\r\n"), OK,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("two")), OK);
}

/* A transaction with a recipient gives a record however it ends; MAIL alone gives none. */
Test(smtp_replies, abandoned_transactions)
{
    EXPECT(MAIL("", "0", "3") MAIL("", "0", "9"), OPENING, ENVELOPE, DIALOG_CLIENT("RSET\r\n"), OK,
           ENVELOPE, DIALOG_CLIENT("QUIT\r\n"), DIALOG_SERVER("221 bye\r\n"));
    EXPECT(MAIL("", "0", "3") MAIL("one", "250", "7"), OPENING, ENVELOPE, ENVELOPE,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("one")), OK, DIALOG_CLIENT(FROM_A),
           OK, DIALOG_CLIENT("RSET\r\n"), OK, DIALOG_CLIENT(FROM_A), OK);
    EXPECT(MAIL("", "0", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("EHLO other\r\n"), OK,
           DIALOG_CLIENT("QUIT\r\n"), DIALOG_SERVER("221 bye\r\n"));
    /* QUIT has no answer, or is missing itself */
    EXPECT(MAIL("", "0", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("QUIT\r\n"));
    EXPECT(MAIL("", "0", "3"), OPENING, ENVELOPE, DIALOG_CLIENT_CLOSES);
    /* after a chunk */
    EXPECT(MAIL("one", "0", "3"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 16\r\nSubject: one\r\n\r\n"), OK, DIALOG_CLIENT("RSET\r\n"), OK);
}

/* Chunks may be sent before the commands are answered; a refused one ends the transaction. */
Test(smtp_replies, refused_chunks)
{
    EXPECT(MAIL("two", "503", "5") MAIL_TO("c@y.org", "six", "452", "7") MAIL("ten", "552", "9"),
           OPENING,
           /* the sender is refused */
           DIALOG_CLIENT(FROM_A TO_B CHUNK("one")),
           DIALOG_SERVER("553 no\r\n503 no sender\r\n503 no sender\r\n"),
           /* all recipients are refused */
           DIALOG_CLIENT(FROM_A TO_B CHUNK("two")),
           DIALOG_SERVER("250 ok\r\n550 no\r\n503 no recipients\r\n"),
           /* one recipient is refused, then the message */
           DIALOG_CLIENT(FROM_A TO_B "RCPT TO:<c@y.org>\r\n" CHUNK("six")),
           DIALOG_SERVER("250 ok\r\n550 no\r\n250 ok\r\n452 full\r\n"),
           /* a chunk is refused */
           DIALOG_CLIENT(FROM_A TO_B "BDAT 9\r\nSubject: BDAT 7\r\nten\r\n\r\nBDAT 0 LAST\r\n"),
           DIALOG_SERVER("250 ok\r\n250 ok\r\n552 large\r\n503 no\r\n503 no\r\n"));
}

Test(smtp_replies, data_refused_and_repeated)
{
    EXPECT(MAIL("one", "554", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"),
           DIALOG_SERVER("452 wait\r\n"), DIALOG_CLIENT("NOOP\r\n"), OK, DIALOG_CLIENT("DATA\r\n"),
           GO_ON, DIALOG_CLIENT(TEXT("one")), DIALOG_SERVER("554 spam\r\n"));
}

Test(smtp_replies, mail_refused)
{
    /* nested: the first transaction goes on (RFC 5321 section 4.1.4) */
    EXPECT(MAIL("one", "250", "3"), OPENING, DIALOG_CLIENT(FROM_A), OK,
           DIALOG_CLIENT("MAIL FROM:<c@x.org>\r\n"), REFUSED("503"), DIALOG_CLIENT(TO_B), OK,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("one")), OK);
    EXPECT(MAIL_TO("b@y.org,c@y.org", "one", "250", "3"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B "MAIL FROM:<c@x.org>\r\n" TO_C "DATA\r\n"),
           DIALOG_SERVER("250 ok\r\n250 ok\r\n503 nested\r\n250 ok\r\n354 go on\r\n"),
           DIALOG_CLIENT(TEXT("one")), OK);
    /* twice in a row, with and without pipelining */
    EXPECT(MAIL("one", "250", "7"), OPENING, DIALOG_CLIENT("MAIL FROM:<c@x.org>\r\n"),
           REFUSED("550"), DIALOG_CLIENT("MAIL FROM:<d@x.org>\r\n"), REFUSED("550"), ENVELOPE,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("one")), OK);
    EXPECT(MAIL("one", "250", "3"), OPENING,
           DIALOG_CLIENT("MAIL FROM:<c@x.org>\r\n" TO_C "MAIL FROM:<d@x.org>\r\n" TO_C FROM_A TO_B
                         "DATA\r\n"),
           DIALOG_SERVER("550 no\r\n503 no\r\n550 no\r\n503 no\r\n250 ok\r\n250 ok\r\n"), GO_ON,
           DIALOG_CLIENT(TEXT("one")), OK);
    EXPECT(MAIL("one", "250", "3"), OPENING, ENVELOPE, DIALOG_CLIENT(FROM_A), REFUSED("503"),
           DIALOG_CLIENT(FROM_A), REFUSED("503"), DIALOG_CLIENT(CHUNK("one")), OK);
    /* the client sends the rest nevertheless */
    EXPECT("", OPENING, DIALOG_CLIENT(FROM_A TO_B CHUNK("one") "QUIT\r\n"),
           DIALOG_SERVER("550 no\r\n503 no\r\n503 no\r\n221 bye\r\n"));
    EXPECT("", OPENING, DIALOG_CLIENT(FROM_A TO_B "DATA\r\n"),
           DIALOG_SERVER("550 no\r\n503 no\r\n503 no\r\n"), QUIT);
}

Test(smtp_replies, commands_without_mail)
{
    EXPECT(MAIL("one", "250", "5") MAIL("two", "554", "13"), OPENING, DIALOG_CLIENT(TO_C),
           REFUSED("503"), ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("one")),
           OK, ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("two")),
           REFUSED("554"));
    EXPECT("", OPENING, DIALOG_CLIENT("DATA\r\n"), REFUSED("503"), DIALOG_CLIENT(TO_C CHUNK("one")),
           REFUSED("503"), REFUSED("503"), QUIT);
    /* but content after an accepted DATA is a message */
    EXPECT(SENT("", "", "one", "mx.y.org,pc", "250", "5"), OPENING, DIALOG_CLIENT("DATA\r\n"),
           GO_ON, DIALOG_CLIENT(TEXT("one")), OK);
}

Test(smtp_replies, hello_refused)
{
    EXPECT(MAIL("one", "250", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("EHLO\r\n"), REFUSED("501"),
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("one")), OK);
    EXPECT(MAIL("one", "250", "3"), GREETING, DIALOG_CLIENT("EHLO other\r\n"), REFUSED("502"),
           DIALOG_CLIENT("HELO pc\r\n" FROM_A TO_B CHUNK("one")), OK, OK, OK, OK);
}

Test(smtp_replies, reset_and_quit_refused)
{
    EXPECT(MAIL_TO("b@y.org,c@y.org", "one", "250", "3"), OPENING, ENVELOPE,
           DIALOG_CLIENT("RSET now\r\n" TO_C), REFUSED("501"), OK, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT(TEXT("one")), OK);
    EXPECT(MAIL("one", "250", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("QUIT now\r\n"),
           REFUSED("501"), DIALOG_CLIENT(CHUNK("one")), OK);
    /* with a chunk on each side */
    EXPECT(MAIL("one", "250", "3"), OPENING, ENVELOPE,
           DIALOG_CLIENT("RSET now\r\n" CHUNK("one") FROM_A), REFUSED("501"), OK, OK);
}

Test(smtp_replies, recipients_refused)
{
    EXPECT(MAIL_TO("c@y.org", "one", "250", "3"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B TO_C "DATA\r\n"),
           DIALOG_SERVER("250 ok\r\n550 no\r\n250 ok\r\n354 go on\r\n"), DIALOG_CLIENT(TEXT("one")),
           OK);
    /* all of them are refused */
    EXPECT(MAIL_TO("b@y.org,c@y.org", "", "550", "3"), OPENING, DIALOG_CLIENT(FROM_A), OK,
           DIALOG_CLIENT(TO_B), REFUSED("550"), DIALOG_CLIENT(TO_C), REFUSED("551"),
           DIALOG_CLIENT("DATA\r\n"), REFUSED("554"), QUIT);
    EXPECT(MAIL_TO("b@y.org,c@y.org", "", "554", "3"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B TO_C "DATA\r\n"),
           DIALOG_SERVER("250 ok\r\n550 no\r\n551 no\r\n354 go on\r\n"), DIALOG_CLIENT(".\r\n"),
           REFUSED("554"));
    /* some of many, one after the other */
    EXPECT(MAIL_TO("b@y.org,d@y.org", "", "0", "3"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B TO_C "RCPT TO:<d@y.org>\r\n" TO_C), OK, OK, REFUSED("550"), OK,
           REFUSED("450"), DIALOG_CLIENT("RSET\r\n"), OK);
}

/* An unexpected 354 reply hides no commands. */
Test(smtp_replies, unexpected_continuation)
{
    EXPECT(MAIL("one", "250", "4"), OPENING, GO_ON, DIALOG_CLIENT(FROM_A TO_B CHUNK("one")), OK, OK,
           OK);
    EXPECT(MAIL("one", "250", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA now\r\n"), GO_ON,
           DIALOG_CLIENT(TEXT("one")), OK);
}

/* Commands without replies are taken as accepted. */
Test(smtp_replies, missing_replies)
{
    EXPECT(MAIL_TO("c@y.org,d@y.org", "one", "0", "3"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B TO_C "RCPT TO:<d@y.org>\r\n" CHUNK("one")), OK,
           REFUSED("550"));
}

/* ---- BDAT ---- */

/* The bytes of a chunk are not commands, whatever its reply. */
Test(smtp_replies, chunks_with_commands_in_them)
{
    EXPECT(MAIL("", "552", "3") MAIL("two", "250", "9"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 38\r\nMAIL FROM:<c@x.org>\r\nRCPT TO:<d@y.o>\r\n"), REFUSED("552"),
           DIALOG_CLIENT(FROM_A TO_B CHUNK("two")), OK, OK, OK);
    EXPECT(MAIL("", "552", "3"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 38 LAST\r\nMAIL FROM:<c@x.org>\r\nRCPT TO:<"), REFUSED("552"),
           DIALOG_CLIENT("d@y.o>\r\n"), DIALOG_CLIENT("RSET\r\n"), OK);
    EXPECT(MAIL("", "250", "3"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 27 LAST\r\nEHLO other\r\nRSET\r\nQUIT\r\n\r\n."), OK);
}

/* If the refusal comes first, the following bytes decide whether the chunk was sent. */
Test(smtp_replies, chunks_refused_before_they_are_sent)
{
    EXPECT(MAIL("", "554", "3") MAIL("two", "250", "11"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 70\r\n"), REFUSED("554"), DIALOG_CLIENT("RSET\r\n"), OK, ENVELOPE,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("two")), OK);
    EXPECT(MAIL("", "554", "3") MAIL("two", "250", "9"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 70 LAST\r\n"), REFUSED("554"),
           DIALOG_CLIENT("MAIL FROM:<a@x.org>\r\n" TO_B CHUNK("two")), OK, OK, OK);
    EXPECT(MAIL("one", "554", "3") MAIL("two", "250", "10"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 16 LAST\r\n"), REFUSED("554"), DIALOG_CLIENT("Subject: one\r\n\r\n"),
           DIALOG_CLIENT(FROM_A TO_B CHUNK("two")), OK, OK, OK);
    EXPECT(MAIL("", "554", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("BDAT 70 LAST\r\n"),
           REFUSED("554"), QUIT);
    EXPECT(MAIL("", "554", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("BDAT 70 LAST\r\n"),
           REFUSED("554"));
    /* MAIL without a recipient gives no record */
    EXPECT("", OPENING, DIALOG_CLIENT(FROM_A), OK, DIALOG_CLIENT("BDAT 70 LAST\r\n"),
           REFUSED("503"), DIALOG_CLIENT("RSET\r\n"), OK);
    /* a chunk whose rest never comes */
    EXPECT(MAIL_CUT("one", "554", "3"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 70 LAST\r\nSubject: one\r\n"), REFUSED("554"), DIALOG_CLIENT_CLOSES,
           DIALOG_SERVER_CLOSES);
    EXPECT(MAIL_CUT("one", "0", "3"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 70 LAST\r\nSubject: one\r\n"));
}

#define NO_CHUNK(line)                                                                             \
    EXPECT(MAIL("one", "250", "3"), OPENING, DIALOG_CLIENT(line "\r\n" FROM_A TO_B "DATA\r\n"),    \
           DIALOG_SERVER("501 what\r\n250 ok\r\n250 ok\r\n354 go on\r\n"),                         \
           DIALOG_CLIENT(TEXT("one")), OK)

Test(smtp_replies, malformed_chunks)
{
    NO_CHUNK("BDAT 5 X");
    NO_CHUNK("BDAT -5");
    NO_CHUNK("BDAT -5 LAST");
    NO_CHUNK("BDAT");
    NO_CHUNK("BDAT LAST");
    NO_CHUNK("BDAT 5LAST");
    NO_CHUNK("BDAT 0x10");
    NO_CHUNK("BDAT 5 LAST LAST");
    NO_CHUNK("BDAT 99999999999999999999");
    EXPECT(MAIL("one", "250", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("BDAT -5\r\n"), REFUSED("501"),
           DIALOG_CLIENT("bdat 16  last \r\nSubject: one\r\n\r\n"), OK);
}

/* ---- LMTP ---- */

Test(smtp_replies, lmtp_refusals)
{
    EXPECT_ON(24, MAIL_TO("b@y.org", "", "503", "3") MAIL("two", "250", "7"),
              DIALOG_SERVER("220 mx.y.org LMTP\r\n"), DIALOG_CLIENT("LHLO pc\r\n"), WELCOME,
              DIALOG_CLIENT(FROM_A TO_B "BDAT 0 LAST\r\n"),
              DIALOG_SERVER("250 ok\r\n550 no\r\n503 no\r\n"), DIALOG_CLIENT("NOOP\r\n"), OK,
              DIALOG_CLIENT(FROM_A TO_B CHUNK("two")), OK, OK, OK);
    EXPECT_ON(24, MAIL_TO("b@y.org,c@y.org", "one", "552", "3") MAIL("two", "250", "5"),
              DIALOG_SERVER("220 mx.y.org LMTP\r\n"), DIALOG_CLIENT("LHLO pc\r\n"), WELCOME,
              DIALOG_CLIENT(FROM_A FROM_A TO_B TO_C CHUNK("one")),
              DIALOG_SERVER("250 ok\r\n503 no\r\n250 ok\r\n250 ok\r\n552 full\r\n250 ok\r\n"),
              DIALOG_CLIENT(FROM_A TO_B CHUNK("two")), OK, OK, OK);
}

/* ---- 421 ---- */

/* The server hangs up (RFC 5321 section 3.8): it has accepted nothing that it has not answered. */
Test(smtp_replies, server_hangs_up)
{
    EXPECT(MAIL("", "421", "3"), OPENING, ENVELOPE, DIALOG_SERVER("421 timeout\r\n"),
           DIALOG_SERVER_CLOSES, DIALOG_CLIENT_CLOSES);
    EXPECT(MAIL("", "421", "3"), OPENING, DIALOG_CLIENT(FROM_A TO_B TO_C "DATA\r\n"),
           DIALOG_SERVER("250 ok\r\n250 ok\r\n421 load\r\n"), DIALOG_SERVER_CLOSES);
    EXPECT("", OPENING, DIALOG_CLIENT(FROM_A TO_B TO_C CHUNK("one")), DIALOG_SERVER("421 load\r\n"),
           DIALOG_SERVER_CLOSES);
    EXPECT(MAIL("one", "421", "3"), OPENING, ENVELOPE, DIALOG_CLIENT(CHUNK("one")),
           DIALOG_SERVER("421 load\r\n"), DIALOG_SERVER_CLOSES);
    EXPECT(MAIL("one", "421", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT(TEXT("one") FROM_A TO_B), DIALOG_SERVER("421 load\r\n"));
    EXPECT(MAIL("", "421", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("RSET\r\n"),
           DIALOG_SERVER("421 load\r\n"));
    EXPECT(MAIL("", "421", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("BDAT 70\r\n"),
           DIALOG_SERVER("421 load\r\n"));
    /* or it only announces it */
    EXPECT(MAIL_TO("c@y.org", "one", "250", "3"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B TO_C "DATA\r\n"),
           DIALOG_SERVER("250 ok\r\n421 later\r\n250 ok\r\n354 go on\r\n"),
           DIALOG_CLIENT(TEXT("one")), OK);
}

/* ---- STARTTLS ---- */

/* In a decrypted capture the session goes on in plain text; the client repeats EHLO (RFC 3207
 * section 4.2). */
Test(smtp_replies, decrypted_sessions)
{
    EXPECT(SENT("a@x.org", "b@y.org", "one", "mx.y.org,other", "250", "7"), OPENING,
           DIALOG_CLIENT("STARTTLS\r\n"), DIALOG_SERVER("220 go\r\n"),
           DIALOG_CLIENT("EHLO other\r\n"), OK, DIALOG_CLIENT(FROM_A TO_B CHUNK("one")), OK, OK,
           OK);
    EXPECT(SENT("a@x.org", "b@y.org", "one", "mx.y.org", "250", "5"), OPENING,
           DIALOG_CLIENT("STARTTLS\r\n"), DIALOG_SERVER("220 go\r\n"),
           DIALOG_CLIENT(FROM_A TO_B CHUNK("one")), OK, OK, OK);
    /* the earlier transaction does not continue; commands sent ahead do not count */
    EXPECT(MAIL("", "0", "3") SENT("a@x.org", "b@y.org", "one", "mx.y.org,other", "250", "9"),
           OPENING, ENVELOPE, DIALOG_CLIENT("STARTTLS\r\n" FROM_A TO_B),
           DIALOG_SERVER("220 go\r\n"), DIALOG_CLIENT("EHLO other\r\n" FROM_A TO_B CHUNK("one")),
           OK, OK, OK, OK);
    /* only the server's side is captured */
    EXPECT(TALK_SECRET("S", "\\x16hi", "5"), OPENING, DIALOG_CLIENT("STARTTLS\r\n"),
           DIALOG_SERVER("220 go\r\n"), DIALOG_SERVER("\x16hi\n"));
}
