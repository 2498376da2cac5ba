/* SPDX-License-Identifier: MIT */
/* Incomplete captures of mail. */
#include <criterion/criterion.h>

#include "protocol/mail/mail.h"
#include "protocol/message.h"
#include "smtp_talk.h"

static void note_sender(struct flood *flood, const void *message)
{
    flood->note = ((const struct p2i_mail *)message)->sender.size;
}

Test(smtp_cut, cut_messages_give_records)
{
    EXPECT(MAIL_CUT("", "0", "3"), OPENING, ENVELOPE);
    EXPECT("", OPENING, DIALOG_CLIENT(FROM_A), OK);
    EXPECT(MAIL_CUT("on", "0", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT("Subject: on"));
    EXPECT(MAIL_CUT("one", "0", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT("Subject: one\r\n\r\nhello\r\n"), DIALOG_CLIENT_CLOSES,
           DIALOG_SERVER_CLOSES);
    EXPECT(MAIL_CUT("one", "421", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT("Subject: one\r\n\r\nhel"), DIALOG_SERVER("421 enough\r\n"),
           DIALOG_SERVER_CLOSES);
    /* A message with its end is complete even if the reply is missing. */
    EXPECT(MAIL("one", "0", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT(TEXT("one")));
}

/* Names are complete or absent: half a name would be another one. */
Test(smtp_cut, cut_lines)
{
    EXPECT(CUT("a@x.org", "", "", "mx.y.org,pc", "0", "3"), OPENING, DIALOG_CLIENT(FROM_A), OK,
           DIALOG_CLIENT("RCPT TO:<b@y"));
    EXPECT(MAIL_CUT("", "0", "3"), OPENING, DIALOG_CLIENT(FROM_A), OK,
           DIALOG_CLIENT("RCPT TO:<b@y.org>"));
    EXPECT(MAIL_CUT("", "0", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("RCPT TO:<c@y"),
           DIALOG_CLIENT_CLOSES);
    EXPECT(CUT("", "b@y.org", "", "mx.y.org,pc", "0", "3"), OPENING,
           DIALOG_CLIENT("MAIL FROM:<a@x"), DIALOG_CLIENT_LOSES(6), OK, DIALOG_CLIENT(TO_B), OK,
           DIALOG_CLIENT("QUIT\r\n"), DIALOG_SERVER("221 bye\r\n"));
    EXPECT(CUT("a@x.org", "", "", "mx.y.org,pc", "550", "3"), OPENING, DIALOG_CLIENT(FROM_A), OK,
           DIALOG_CLIENT("RCPT TO:<b@y"), DIALOG_CLIENT_LOSES(7), OK, DIALOG_CLIENT(TO_C),
           DIALOG_SERVER("550 no\r\n"), DIALOG_CLIENT("DATA\r\n"), DIALOG_SERVER("550 no\r\n"),
           DIALOG_CLIENT("RSET\r\n"), OK);
}

#define CUT_HEADER(text) OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(text)

Test(smtp_cut, cut_headers)
{
    EXPECT("mail C sender=\"a@x.org\" receiver=\"b@y.org\" cc=\"c@z.org\" subject=\"\" "
           "servers=\"mx.y.org,pc,relay.x.org\" reply_to=\"\" result_code=0 event=1 "
           "attachment=0 protocol=0 cut @3\n",
           CUT_HEADER("Received: by relay.x.org\r\nCc: c@z.org, D <d@z.or"));
    EXPECT(MAIL_CUT("", "0", "3"), CUT_HEADER("Received: from a by relay.x.or"));
    EXPECT(MAIL_CUT("", "0", "3"), CUT_HEADER("Reply-To: a@x.or"));
    EXPECT(MAIL_CUT("Gr\\xc3\\xbc", "0", "3"), CUT_HEADER("Subject: =?utf-8?q?Gr=C3=BC=C3=9"));
    EXPECT(MAIL_CUT("Gr\\xc3\\xbc", "0", "3"), CUT_HEADER("Subject: =?utf-8?B?R3LDvM"));
    EXPECT(MAIL_CUT("Gr", "0", "3"), CUT_HEADER("Subject: Gr\xc3"));
    EXPECT(MAIL_CUT("one", "250", "3"), CUT_HEADER("Subject: one\r"), DIALOG_CLIENT_LOSES(20),
           DIALOG_CLIENT("text\r\n.\r\n"), OK);
}

/* The end of a chunk, and more, may be lost. */
Test(smtp_cut, gaps_over_the_end_of_a_chunk)
{
    EXPECT(MAIL_CUT("one", "250", "3") MAIL("two", "250", "10"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 30 LAST\r\nSubject: one\r\nX: "), DIALOG_CLIENT_LOSES(13), OK,
           DIALOG_CLIENT(FROM_A TO_B CHUNK("two")),
           DIALOG_SERVER("250 ok\r\n250 ok\r\n250 queued\r\n"));
    EXPECT(MAIL_CUT("one", "250", "3") MAIL("two", "250", "10"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 30 LAST\r\nSubject: one\r\nX: "), DIALOG_CLIENT_LOSES(17), OK,
           DIALOG_CLIENT("OP\r\n" FROM_A TO_B CHUNK("two")),
           DIALOG_SERVER("250 ok\r\n250 ok\r\n250 queued\r\n"));
    EXPECT(CUT("", "", "one", "mx.y.org,pc", "250", "4"), OPENING, DIALOG_CLIENT_LOSES(44),
           DIALOG_CLIENT(CHUNK("one")), DIALOG_SERVER("250 queued\r\n"));
}

/* Losing bytes of a chunk's body does no harm. */
Test(smtp_cut, gap_in_a_chunk)
{
    EXPECT(MAIL_CUT("one", "250", "3"), OPENING, ENVELOPE,
           DIALOG_CLIENT("BDAT 35 LAST\r\nSubject: one\r\n\r\n0123"), DIALOG_CLIENT_LOSES(10),
           DIALOG_CLIENT("45QUIT\r\n"), DIALOG_SERVER("250 queued\r\n221 bye\r\n"));
}

/* If the envelope was not captured, the record has the addresses of the header. */
Test(smtp_cut, capture_joins_late)
{
    EXPECT(CUT("c@x.org", "d@y.org", "one", "", "250", "3")
               SENT("a@x.org", "b@y.org", "two", "", "250", "5"),
           DIALOG_SERVER("250 ok\r\n"), DIALOG_CLIENT("a line of something\r\nDATA\r\n"),
           DIALOG_SERVER("354 go on\r\n"),
           DIALOG_CLIENT("From: C <c@x.org>\r\nTo: d@y.org\r\n" TEXT("one")), OK,
           DIALOG_CLIENT(FROM_A TO_B "DATA\r\n" TEXT("two")),
           DIALOG_SERVER("250 ok\r\n250 ok\r\n354 go on\r\n250 queued\r\n"));
    /* in front of a message */
    EXPECT(CUT("", "", "one", "", "250", "1"), DIALOG_SERVER("354 go on\r\n"),
           DIALOG_CLIENT(TEXT("one")), DIALOG_SERVER("250 queued\r\n"));
    /* in a message: its rest gives nothing */
    EXPECT(SENT("a@x.org", "b@y.org", "two", "", "250", "4"), DIALOG_SERVER("250 ok\r\n"),
           DIALOG_CLIENT("text\r\nSubject: no\r\nquit smoking\r\n.\r\n"),
           DIALOG_SERVER("250 queued\r\n"), DIALOG_SERVER("250 ok\r\n"),
           DIALOG_CLIENT(FROM_A TO_B "DATA\r\n" TEXT("two")),
           DIALOG_SERVER("250 ok\r\n250 ok\r\n354 go on\r\n250 queued\r\n"));
}

Test(smtp_cut, gaps_of_the_client)
{
    /* in a message */
    EXPECT(MAIL_CUT("one", "250", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"), GO_ON,
           DIALOG_CLIENT("Subject: one\r\nX: "), DIALOG_CLIENT_LOSES(50),
           DIALOG_CLIENT("text\r\n\r\ntext\r\n.\r\n"), OK);
    /* the end of a message and the first commands of the next */
    EXPECT(MAIL_CUT("one", "250", "3") MAIL("two", "250", "12"), OPENING, ENVELOPE,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT("Subject: one\r\n\r\ntext\r\n"),
           DIALOG_CLIENT_LOSES(50), OK, DIALOG_CLIENT(FROM_A TO_B "DATA\r\n"), OK, OK, GO_ON,
           DIALOG_CLIENT(TEXT("two")), OK);
    EXPECT(CUT("a@x.org", "b@y.org", "one", "pc", "0", "1")
               SENT("a@x.org", "b@y.org", "two", "pc", "0", "4"),
           DIALOG_CLIENT("EHLO pc\r\n"), DIALOG_CLIENT(FROM_A TO_B "DATA\r\nSubject: one\r\n"),
           DIALOG_CLIENT("\r\ntext"), DIALOG_CLIENT_LOSES(5),
           DIALOG_CLIENT("tail\r\n" FROM_A TO_B "DATA\r\n" TEXT("two")));
    /* the commands before a message */
    EXPECT(CUT("", "b@y.org", "one", "mx.y.org,pc", "250", "5"), OPENING, DIALOG_CLIENT_LOSES(20),
           OK, DIALOG_CLIENT(TO_B), OK, DIALOG_CLIENT_LOSES(6), GO_ON, DIALOG_CLIENT(TEXT("one")),
           OK);
    /* the beginning of a message */
    EXPECT(MAIL_CUT("one", "250", "3"), OPENING, ENVELOPE, DIALOG_CLIENT("DATA\r\n"),
           DIALOG_CLIENT_LOSES(20), GO_ON, DIALOG_CLIENT("le: x\r\nSubject: one\r\n\r\ntext\r\n"),
           DIALOG_CLIENT(".\r\n"), OK);
}

Test(smtp_cut, gaps_of_the_server)
{
    EXPECT(MAIL("one", "0", "3") MAIL("two", "250", "11"), OPENING, ENVELOPE,
           DIALOG_CLIENT("DATA\r\n"), DIALOG_SERVER_LOSES(12), DIALOG_CLIENT(TEXT("one")),
           DIALOG_SERVER_LOSES(8), DIALOG_CLIENT(FROM_A), OK, DIALOG_CLIENT(TO_B), OK,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT(TEXT("two")), OK);
    /* replies to the first commands of a batch */
    EXPECT(MAIL("one", "250", "3"), OPENING, DIALOG_CLIENT(FROM_A TO_B "DATA\r\n"),
           DIALOG_SERVER_LOSES(9), DIALOG_SERVER("50 ok\r\n354 go on\r\n"),
           DIALOG_CLIENT(TEXT("one")), OK);
}

/* Several replies are lost: the last captured one answers the last command. */
Test(smtp_cut, gaps_among_replies_to_a_batch)
{
    EXPECT(MAIL_TO("c@y.org", "one", "250", "3"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B TO_C "DATA\r\n"), DIALOG_SERVER_LOSES(8),
           DIALOG_SERVER("550 no\r\n250 ok\r\n354 go on\r\n"), DIALOG_CLIENT(TEXT("one")), OK);
    EXPECT(MAIL_TO("b@y.org", "", "452", "3") MAIL("two", "250", "6"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B TO_C "DATA\r\n"), DIALOG_SERVER_LOSES(16),
           DIALOG_SERVER("550 no\r\n452 no\r\n"), DIALOG_CLIENT(FROM_A TO_B CHUNK("two")), OK, OK,
           OK);
    EXPECT(MAIL_TO("b@y.org,c@y.org", "", "0", "3"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B TO_C "RSET\r\n"), DIALOG_SERVER_LOSES(9), OK, OK, QUIT);
    /* only the end of one reply is lost */
    EXPECT(MAIL_TO("c@y.org", "", "0", "3"), OPENING, DIALOG_CLIENT(FROM_A TO_B TO_C "RSET\r\n"),
           DIALOG_SERVER_LOSES(5), DIALOG_SERVER("k\r\n550 no\r\n250 ok\r\n250 ok\r\n"), QUIT);
    /* later commands are matched as before */
    EXPECT(MAIL("one", "0", "3") MAIL("two", "554", "6"), OPENING,
           DIALOG_CLIENT(FROM_A TO_B CHUNK("one") "NOOP\r\n"), DIALOG_SERVER_LOSES(32), OK,
           DIALOG_CLIENT(FROM_A TO_B CHUNK("two")), OK, OK, REFUSED("554"));
    /* two losses */
    EXPECT(MAIL("one", "250", "3"), OPENING, DIALOG_CLIENT(FROM_A TO_B "DATA\r\n"),
           DIALOG_SERVER_LOSES(3), DIALOG_SERVER("ok\r\n250 ok\r\n"), DIALOG_SERVER_LOSES(5), GO_ON,
           DIALOG_CLIENT(TEXT("one")), OK);
}

/* The second message behind the gap is found and is complete. */
Test(smtp_cut, gaps_from_message_to_message)
{
    EXPECT(MAIL_CUT("one", "0", "3") MAIL("two", "250", "13"), OPENING, ENVELOPE,
           DIALOG_CLIENT("DATA\r\n"), GO_ON, DIALOG_CLIENT("Subject: one\r\n\r\nhel"),
           DIALOG_CLIENT_LOSES(100), DIALOG_SERVER_LOSES(40), DIALOG_CLIENT("lo\r\n"),
           DIALOG_CLIENT(FROM_A TO_B "DATA\r\n"), OK, OK, GO_ON, DIALOG_CLIENT(TEXT("two")), OK);
    EXPECT(MAIL_CUT("", "0", "3") MAIL("two", "250", "8"), OPENING, ENVELOPE,
           DIALOG_CLIENT_LOSES(6), DIALOG_CLIENT(FROM_A TO_B CHUNK("two")), OK, OK, OK);
}

/* Values longer than the parser's limits. */
Test(smtp_cut, limits)
{
    static char address[P2I_MAIL_LINE_MAX + 100];
    static const char begin[] = "MAIL FROM:<";
    struct flood flood;
    flood_begin(&flood, smtp_protocols, 25);
    flood.look = note_sender;
    memset(address, 'x', sizeof address);
    memcpy(address, begin, sizeof begin - 1);
    memcpy(address + sizeof address - 3, ">\r\n", 3);
    FLOOD_CLIENT(&flood, "EHLO pc\r\n");
    flood_say(&flood, P2I_FROM_INITIATOR, p2i_view_of(address, sizeof address));
    FLOOD_CLIENT(&flood, TO_B "DATA\r\n" TEXT("one"));
    flood_end(&flood);
    cr_assert_eq(flood.records, 1);
    cr_assert_eq(flood.note, 0);
}
