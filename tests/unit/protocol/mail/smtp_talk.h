/* SPDX-License-Identifier: MIT */
/* SMTP dialogues and their expected messages. */
#ifndef TEST_SMTP_TALK_H
#define TEST_SMTP_TALK_H

#include "protocol/protocols.h"
#include "talk.h"

static const struct p2i_protocol *const smtp_protocols[] = {&p2i_smtp, &talk_secret, NULL};

#define EXPECT_ON(port, expected, ...) TALK_EXPECT(smtp_protocols, port, expected, __VA_ARGS__)
#define EXPECT(expected, ...) EXPECT_ON(25, expected, __VA_ARGS__)

#define SENT_PART(sender, receiver, subject, servers, code, part, at)                              \
    "mail C sender=\"" sender "\" receiver=\"" receiver "\" cc=\"\" subject=\"" subject            \
    "\" servers=\"" servers "\" reply_to=\"\" result_code=" code                                   \
    " event=1 attachment=0 protocol=0" part " @" at "\n"
#define SENT(sender, receiver, subject, servers, code, at)                                         \
    SENT_PART(sender, receiver, subject, servers, code, "", at)
#define CUT(sender, receiver, subject, servers, code, at)                                          \
    SENT_PART(sender, receiver, subject, servers, code, " cut", at)
#define MAIL_TO(receiver, subject, code, at)                                                       \
    SENT("a@x.org", receiver, subject, "mx.y.org,pc", code, at)
#define MAIL(subject, code, at) MAIL_TO("b@y.org", subject, code, at)
#define MAIL_CUT(subject, code, at) CUT("a@x.org", "b@y.org", subject, "mx.y.org,pc", code, at)

#define GREETING DIALOG_SERVER("220 mx.y.org ESMTP\r\n")
#define HELLO DIALOG_CLIENT("EHLO pc\r\n")
#define WELCOME DIALOG_SERVER("250-mx.y.org\r\n250-PIPELINING\r\n250 HELP\r\n")
#define OK DIALOG_SERVER("250 ok\r\n")
#define OPENING GREETING, HELLO, WELCOME
#define FROM_A "MAIL FROM:<a@x.org>\r\n"
#define TO_B "RCPT TO:<b@y.org>\r\n"
#define TO_C "RCPT TO:<c@y.org>\r\n"
#define ENVELOPE DIALOG_CLIENT(FROM_A), OK, DIALOG_CLIENT(TO_B), OK
#define REFUSED(code) DIALOG_SERVER(code " no\r\n")
#define QUIT DIALOG_CLIENT("QUIT\r\n"), DIALOG_SERVER("221 bye\r\n")
#define GO_ON DIALOG_SERVER("354 go on\r\n")
#define TEXT(subject) "Subject: " subject "\r\n\r\nhello\r\n.\r\n"
#define CHUNK(subject) "BDAT 16 LAST\r\nSubject: " subject "\r\n\r\n"

#endif
