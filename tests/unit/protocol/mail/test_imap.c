/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "protocol/mail/mail.h"
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "talk.h"

static const struct p2i_protocol *const protocols[] = {&p2i_imap, &talk_secret, NULL};

#define EXPECT_ON(port, expected, ...) TALK_EXPECT(protocols, port, expected, __VA_ARGS__)
#define EXPECT(expected, ...) EXPECT_ON(143, expected, __VA_ARGS__)

#define PART(from, sender, receiver, cc, subject, servers, reply_to, code, event, attachment,      \
             part, at)                                                                             \
    "mail " from " sender=\"" sender "\" receiver=\"" receiver "\" cc=\"" cc                       \
    "\" subject=\"" subject "\" servers=\"" servers "\" reply_to=\"" reply_to                      \
    "\" result_code=" code " event=" event " attachment=" attachment " protocol=2" part " @" at    \
    "\n"
#define FULL(from, sender, receiver, cc, subject, servers, reply_to, code, event, attachment, at)  \
    PART(from, sender, receiver, cc, subject, servers, reply_to, code, event, attachment, "", at)
#define CUT(sender, receiver, subject, at)                                                         \
    PART("S", sender, receiver, "", subject, "imap.y.org", "", "0", "2", "0", " cut", at)
#define SENT_CUT(sender, receiver, subject, code, at)                                              \
    PART("C", sender, receiver, "", subject, "imap.y.org", "", code, "1", "0", " cut", at)
#define FETCHED(subject, at)                                                                       \
    FULL("S", "a@x", "b@y", "", subject, "imap.y.org", "", "0", "2", "0", at)
#define ATTACHED(subject, at)                                                                      \
    FULL("S", "a@x", "b@y", "", subject, "imap.y.org", "", "0", "2", "1", at)
#define EMPTY(code, at) FULL("S", "", "", "", "", "imap.y.org", "", code, "2", "0", at)
#define SENT(subject, code, at)                                                                    \
    FULL("C", "a@x", "b@y", "", subject, "imap.y.org", "", code, "1", "0", at)

#define GREETING DIALOG_SERVER("* OK [CAPABILITY IMAP4rev1 LITERAL+] imap.y.org ready\r\n")
#define FETCH DIALOG_CLIENT("a1 FETCH 1 BODY[]\r\n")
#define DONE DIALOG_SERVER("a1 OK done\r\n")
#define HEAD "From: a@x\r\nTo: b@y\r\n"
#define MESSAGE(subject)                                                                           \
    HEAD "Subject: " subject "\r\n\r\n* 9 FETCH (x\r\n" /* 47 + the subject                        \
                                                         */

Test(imap, session)
{
    EXPECT(FETCHED("one", "10") FETCHED("two", "10") FETCHED("three", "12"), GREETING,
           DIALOG_CLIENT("a LOGIN {3}\r\n"), DIALOG_SERVER("+ ok\r\n"),
           DIALOG_CLIENT("joe {6+}\r\nsecret\r\n"),
           DIALOG_SERVER("* CAPABILITY IMAP4rev1\r\na OK welcome\r\n"),
           DIALOG_CLIENT("b LIST \"\" *\r\n"),
           DIALOG_SERVER("* LIST () \"/\" {6}\r\n* 1 FE\r\n* LIST () \"/\" x\r\nb OK\r\n"),
           DIALOG_CLIENT("c SELECT INBOX\r\n"), DIALOG_SERVER("* 3 EXISTS\r\nc OK\r\n"),
           DIALOG_CLIENT("d UID FETCH 1:2 (FLAGS BODY.PEEK[])\r\n"),
           DIALOG_SERVER("* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[] {50}\r\n" MESSAGE(
               "one") ")\r\n* 2 FETCH (BODY[] {50}\r\n" MESSAGE("two") " UID 8)\r\nd OK done\r\n"),
           DIALOG_CLIENT("e IDLE\r\nDONE\r\nf FETCH 3 (RFC822)\r\n"),
           DIALOG_SERVER("+ idling\r\n* 2 FETCH (FLAGS ())\r\ne OK\r\n* 3 FETCH (RFC822 "
                         "{52}\r\n" MESSAGE("three") ")\r\nf OK\r\n"));
}

Test(imap, headers)
{
    EXPECT(FETCHED("one", "2") FETCHED("two", "3"), GREETING,
           DIALOG_CLIENT("a1 FETCH 1:2 (BODY[HEADER.FIELDS (FROM TO \"SUBJECT\")])\r\n"),
           DIALOG_SERVER("* 1 FETCH (BODY[HEADER.FIELDS (FROM TO \"SUBJECT\")] {34}\r\n" HEAD
                         "Subject: one\r\n)\r\n"),
           DIALOG_SERVER("* 2 FETCH (RFC822.HEADER {36}\r\n" HEAD
                         "Subject: two\r\n\r\n FLAGS ())\r\n"),
           DONE);
}

/* Several items of one message make one record. */
Test(imap, items_of_one_message)
{
    EXPECT(ATTACHED("one", "2") ATTACHED("two", "3"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[HEADER.FIELDS (FROM TO)] {22}\r\n" HEAD
                         "\r\n BODY[HEADER.FIELDS (SUBJECT)] {16}\r\nSubject: one\r\n\r\n"
                         " BODY[2.MIME] {35}\r\nContent-Disposition: attachment\r\n\r\n)\r\n"),
           DIALOG_SERVER("* 2 FETCH (RFC822.HEADER {79}\r\n" HEAD
                         "Subject: two\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                         " RFC822.TEXT {44}\r\n--b\r\nContent-Type: x/y; name=z\r\n\r\nx\r\n"
                         "--b--\r\n)\r\n"),
           DONE);
}

#define ADDRESS(name, mailbox, host) "(" name " NIL \"" mailbox "\" \"" host "\")"

Test(imap, envelopes)
{
    EXPECT(
        FULL("S", "a@x", "b@y,c@y", "d@z", "Gr\\xc3\\xbc\\x22\\x5cn", "imap.y.org", "r@x", "0", "2",
             "0", "2") FULL("S", "a@x", "b@y", "", "two (2)", "imap.y.org", "", "0", "2", "1", "3")
            FULL("S", "a@x", "e@y", "", "", "imap.y.org", "", "0", "2", "0", "4")
                FULL("S", "", "", "", "", "imap.y.org", "", "0", "2", "0", "5"),
        GREETING, DIALOG_CLIENT("a1 FETCH 1:4 FULL\r\n"),
        DIALOG_SERVER("* 1 FETCH (ENVELOPE (\"date\" \"=?utf-8?Q?Gr=C3=BC?=\\\"\\\\n\" (" ADDRESS(
            "\"A (\\\")\"", "a",
            "x") ") (" ADDRESS("NIL", "s", "x") ") (" ADDRESS("NIL", "r",
                                                              "x") ") (" ADDRESS("NIL", "b", "y")
                          ADDRESS("NIL", "c", "y") ") (" ADDRESS("NIL", "d", "z") ") NIL \"<r>\" "
                                                                                  "\"<m>\") FLAGS "
                                                                                  "())\r\n"),
        DIALOG_SERVER(
            "* 2 FETCH (BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"name\") NIL NIL \"7BIT\" "
            "3 1 NIL NIL NIL)(\"IMAGE\" \"PNG\" (\"X\" \"Y\" \"NAME\" \"a.png\") NIL NIL "
            "\"BASE64\" 9 NIL (\"inline\" NIL) NIL) \"MIXED\") ENVELOPE (NIL {7}\r\n"
            "two (2) (" ADDRESS("NIL", "a", "x") ") NIL (" ADDRESS("NIL", "a", "x") ") (" ADDRESS(
                "NIL", "b", "y") ") NIL NIL NIL NIL))\r\n"),
        DIALOG_SERVER(
            "* 3 FETCH (BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"NAME\") NIL NIL \"7BIT\" "
            "3) ENVELOPE (NIL NIL ((NIL NIL {1}\r\na {1}\r\nx)) NIL NIL ((NIL NIL "
            "\"group\" NIL)" ADDRESS("NIL", "e", "y") "(NIL NIL NIL NIL)) NIL NIL NIL NIL))\r\n"),
        DIALOG_SERVER("* 4 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n"), DONE);
}

Test(imap, envelope_and_header)
{
    EXPECT(FETCHED("one", "2") FETCHED("two", "3"), GREETING, FETCH,
           DIALOG_SERVER(
               "* 1 FETCH (ENVELOPE (NIL \"one\" (" ADDRESS("NIL", "a", "x") ") NIL NIL (" ADDRESS(
                   "NIL", "b", "y") ") NIL NIL NIL NIL) BODY[HEADER] "
                                    "{36}\r\n" HEAD "Subject: no!\r\n\r\n)\r\n"),
           DIALOG_SERVER("* 2 FETCH (BODY[HEADER] {36}\r\n" HEAD
                         "Subject: two\r\n\r\n ENVELOPE (NIL \"no\" (" ADDRESS(
                             "NIL", "c", "x") ") NIL NIL (" ADDRESS("NIL", "d",
                                                                    "y") ") NIL NIL NIL NIL))\r\n"),
           DONE);
}

/* Parts of bodies give records without content; NIL gives none. */
Test(imap, parts_of_bodies)
{
    EXPECT(EMPTY("0", "2") EMPTY("0", "3") EMPTY("0", "4"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[TEXT] {15}\r\nSubject: no\r\n\r\n)\r\n"),
           DIALOG_SERVER("* 1 FETCH (UID 3 BODY[1.2]<0> \"Subject: no\")\r\n"),
           DIALOG_SERVER("* 1 FETCH (BINARY[1] ~{3}\r\nabc)\r\n* 2 FETCH (BODY[1.2]<4> {2}\r\nxx)"
                         "\r\n* 3 FETCH (BODY[] NIL)\r\n* 4 FETCH (BINARY.SIZE[1] 3)\r\n"),
           DONE);
}

/* A large message fetched in parts gives one record. */
Test(imap, messages_in_parts)
{
    EXPECT(ATTACHED("one", "2") FETCHED("two", "7") FETCHED("three", "8"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[]<0> {27}\r\n" HEAD "Subject)\r\n"), DONE,
           DIALOG_CLIENT("a1 FETCH 1 BODY[]<27.61>\r\n"),
           DIALOG_SERVER("* 1 FETCH (BODY[]<27> {61}\r\n: one\r\nContent-Type: multipart/mixed; "
                         "boundary=b\r\n\r\n--b\r\nCont)\r\n* 1 FETCH (FLAGS ())\r\n"),
           DONE,
           DIALOG_SERVER("* 1 FETCH (BODY[]<88> {21}\r\nent-Type: x/y; name=z)\r\n"
                         "* 2 FETCH (BODY[]<0> {24}\r\n" HEAD "Subj)\r\n"
                         "* 2 FETCH (BODY[]<24> {9}\r\nect: two\r)\r\n"
                         "* 2 FETCH (BODY[]<40> {9}\r\n not this)\r\n"),
           DIALOG_SERVER("* 3 FETCH (BODY[] {52}\r\n" MESSAGE("three") ")\r\n"));
}

Test(imap, refusals)
{
    EXPECT(EMPTY("1", "2") EMPTY("1", "4") FETCHED("one", "8"), GREETING, FETCH,
           DIALOG_SERVER("a1 NO no such message\r\n"),
           DIALOG_CLIENT("a2 UID FETCH 1 (UID ENVELOPE)\r\n"), DIALOG_SERVER("a2 BAD what\r\n"),
           DIALOG_CLIENT("a3 FETCH 1 (RFC822.SIZE FLAGS)\r\n"), DIALOG_SERVER("a3 NO\r\n"), FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\na1 NO not all\r\n"));
}

Test(imap, append)
{
    EXPECT(SENT("one", "0", "1") SENT("two", "1", "3") SENT("three", "0", "7")
               SENT("four", "0", "9") SENT("five", "0", "9"),
           GREETING,
           /* waits for the server's continuation */
           DIALOG_CLIENT("a1 APPEND \"Sent\" (\\Seen) \"date\" {50}\r\n"),
           DIALOG_SERVER("+ go on\r\n"),
           DIALOG_CLIENT(MESSAGE("one") "\r\na2 APPEND Sent {50+}\r\n"),
           DIALOG_SERVER("a1 OK done\r\n"),
           /* does not wait; the mailbox is a literal too */
           DIALOG_CLIENT(MESSAGE("two") "\r\n"), DIALOG_SERVER("a2 NO full\r\n"),
           DIALOG_CLIENT("a3 APPEND {4+}\r\nSent UTF8 (~{52+}\r\n" MESSAGE("three") ")\r\n"),
           DIALOG_SERVER("a3 OK [APPENDUID 1 2] done\r\n"),
           /* two at once (RFC 3502) */
           DIALOG_CLIENT("a4 APPEND Sent {51+}\r\n" MESSAGE("four") " (\\Seen) {51+}\r\n" MESSAGE(
               "five") "\r\na5 NOOP\r\n"),
           DIALOG_SERVER("a4 OK\r\na5 OK\r\n"));
}

/* Each FETCH that is refused without a message gives a record; tags match replies to commands. */
Test(imap, refusals_among_others)
{
    EXPECT(
        FETCHED("one", "1") EMPTY("1", "3") FETCHED("two", "4"), GREETING,
        DIALOG_SERVER("* 1 FETCH (FLAGS ())\r\n* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\n"),
        DIALOG_CLIENT("a1 FETCH 1 BODY[]\r\na2 FETCH 2 BODY[]\r\na3 FETCH 3 BODY[]\r\n"),
        DIALOG_SERVER("a3 NO no\r\n"),
        DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("two") ")\r\na2 NO not all\r\n"));
    EXPECT(FETCHED("one", "3") EMPTY("1", "4") EMPTY("1", "5"), GREETING, FETCH,
           DIALOG_CLIENT("a2 FETCH 2 BODY[]\r\na3 FETCH 3 BODY[]\r\n"),
           DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\na1 OK\r\n"),
           DIALOG_SERVER("a2 NO no\r\n"), DIALOG_SERVER("a3 BAD no\r\n"));
}

/* The refusal may come during a message that does not wait for the continuation. */
Test(imap, append_refused_halfway)
{
    EXPECT(SENT("one", "1", "1") SENT("two", "0", "5"), GREETING,
           DIALOG_CLIENT("a1 APPEND Sent {50+}\r\n" HEAD), DIALOG_SERVER("a1 NO quota\r\n"),
           DIALOG_CLIENT("Subject: one\r\n\r\n* 9 FETCH (x\r\n"), DIALOG_CLIENT("\r\n"),
           DIALOG_CLIENT("a1 APPEND Sent {50+}\r\n" MESSAGE("two") "\r\n"),
           DIALOG_SERVER("a1 OK\r\n"));
    EXPECT(SENT_CUT("a@x", "b@y", "", "1", "1"), GREETING,
           DIALOG_CLIENT("a1 APPEND Sent {50+}\r\n" HEAD), DIALOG_SERVER("a1 NO quota\r\n"),
           DIALOG_SERVER_CLOSES, DIALOG_CLIENT_CLOSES);
}

/* Commands may be completed in any order. */
Test(imap, completions_out_of_order)
{
    EXPECT(SENT("two", "1", "2") SENT("one", "0", "1"), GREETING,
           DIALOG_CLIENT("a1 APPEND Sent {50+}\r\n" MESSAGE("one") "\r\n"),
           DIALOG_CLIENT("a2 APPEND Sent {50+}\r\n" MESSAGE("two") "\r\n"),
           DIALOG_SERVER("a2 NO full\r\na1 OK done\r\n"));
}

/* A refused literal is not sent. */
Test(imap, append_refused)
{
    EXPECT(FULL("C", "", "", "", "", "imap.y.org", "", "1", "1", "0", "1") FETCHED("one", "6"),
           GREETING, DIALOG_CLIENT("a1 APPEND Sent {1000}\r\n"),
           DIALOG_SERVER("a1 NO [TRYCREATE] no\r\n"), DIALOG_CLIENT("a2 LOGIN {100}\r\n"),
           DIALOG_SERVER("a2 BAD\r\n"), FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\n"));
}

#define LONG_TAG "a234567890123456789012345678901234567890"

Test(imap, long_tags)
{
    EXPECT(FULL("C", "", "", "", "", "imap.y.org", "", "1", "1", "0", "1") EMPTY("1", "4")
               FETCHED("one", "6"),
           GREETING, DIALOG_CLIENT(LONG_TAG " APPEND Sent {1000}\r\n"),
           DIALOG_SERVER(LONG_TAG " NO no\r\n"), DIALOG_CLIENT(LONG_TAG " FETCH 1 BODY[]\r\n"),
           DIALOG_SERVER(LONG_TAG " NO no\r\n"), FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\n"));
}

/* Only digits announce a literal. */
Test(imap, braces_that_announce_no_literal)
{
    EXPECT(FETCHED("one", "3"), GREETING,
           DIALOG_CLIENT("a1 LOGIN joe {99x}\r\na2 LOGIN joe {}\r\na3 LOGIN joe {+}\r\n"), FETCH,
           DIALOG_SERVER("* X {99 x}\r\n* X {-5}\r\n* {99999999999999999999}\r\n"
                         "* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\n"));
}

/* Field names may be literals. */
Test(imap, literals_in_sections)
{
    EXPECT(
        FETCHED("one", "2") FETCHED("two", "3"), GREETING, FETCH,
        DIALOG_SERVER("* 1 FETCH (BODY[HEADER.FIELDS ({4}\r\nFROM {2}\r\nTO SUBJECT)] {36}\r\n" HEAD
                      "Subject: one\r\n\r\n UID 3)\r\n"),
        DIALOG_SERVER("* 2 FETCH (BODY[HEADER.FIELDS ({4}\r\nFROM)]<0> {36}\r\n" HEAD
                      "Subject: two\r\n\r\n BODY[HEADER.FIELDS ({4}\r\nFROM)]<99> {2}\r\nxx)\r\n"),
        DONE);
}

/* RFC 3516: the whole message, decoded. */
Test(imap, binary)
{
    EXPECT(FETCHED("one", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BINARY[] ~{50}\r\n" MESSAGE("one") ")\r\n"));
}

/* Other commands and responses give no records and do not disturb the parser. */
Test(imap, other_commands_and_responses)
{
    EXPECT(
        FETCHED("one", "6") FETCHED("two", "8"), GREETING,
        DIALOG_CLIENT("a ID (\"name\" \"x {9}\")\r\nb ENABLE UTF8=ACCEPT\r\n"),
        DIALOG_SERVER("* ID NIL\r\na OK\r\n* ENABLED\r\nb OK\r\n"),
        DIALOG_CLIENT("c AUTHENTICATE PLAIN\r\n"), DIALOG_SERVER("+ \r\n"),
        DIALOG_CLIENT("AGpvZQBzZWNyZXQ=\r\n"),
        DIALOG_SERVER("c OK\r\n* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\n"),
        DIALOG_CLIENT("a IDLE\r\n"),
        DIALOG_SERVER("+ idling\r\n* 2 FETCH (PREVIEW {3}\r\na)( MODSEQ (7) X NIL BODY[TEXT] NIL "
                      "BODY[] {50}\r\n" MESSAGE("two") ")\r\n"),
        DIALOG_CLIENT("DONE\r\na LOGOUT\r\n"), DIALOG_SERVER("* BYE bye\r\na OK\r\n"));
}

#define SECRET TALK_SECRET("C", "\\x16hello", "3") TALK_SECRET("S", "\\x16hi", "4")

Test(imap, starttls)
{
    EXPECT(SECRET, GREETING, DIALOG_CLIENT(". STARTTLS\r\n"), DIALOG_SERVER(". OK begin\r\n"),
           DIALOG_CLIENT("\x16hello\n"), DIALOG_SERVER("\x16hi\n"));
    EXPECT(FETCHED("one", "4"), GREETING, DIALOG_CLIENT("a STARTTLS\r\n"),
           DIALOG_SERVER("a BAD no\r\n"), FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\n"));
}

/* RFC 4978: compressed bytes follow. */
Test(imap, compression)
{
    EXPECT("", GREETING, DIALOG_CLIENT("a COMPRESS DEFLATE\r\n"), DIALOG_SERVER("a OK\r\n"),
           DIALOG_SERVER("* 1 FETCH (BODY[] {3}\r\nabc)\r\n"));
}

Test(imap, one_side_only)
{
    EXPECT(FETCHED("one", "1") FETCHED("two", "1"), GREETING,
           DIALOG_SERVER("a OK\r\n* 1 FETCH (BODY[] {50}\r\n" MESSAGE(
               "one") ")\r\nb OK\r\n* 2 FETCH (BODY[] {50}\r\n" MESSAGE("two") ")\r\n"));
    EXPECT(FULL("C", "a@x", "b@y", "", "one", "", "", "0", "1", "0", "1"),
           DIALOG_CLIENT("a1 LOGIN {3}\r\njoe secret\r\n"),
           DIALOG_CLIENT("a1 APPEND Sent {50}\r\n" MESSAGE("one") "\r\na2 LOGOUT\r\n"));
}

Test(imap, capture_joins_late)
{
    EXPECT(FULL("S", "a@x", "b@y", "", "one", "", "", "0", "2", "0", "2"),
           DIALOG_SERVER("a7 OK done\r\n"),
           DIALOG_SERVER("more of a message\r\n * 1 FETCH (\r\n)\r\n"),
           DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\n"));
}

Test(imap, cut_messages_give_records)
{
    EXPECT(CUT("a@x", "b@y", "on", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" HEAD "Subject: on"));
    EXPECT(CUT("a@x", "b@y", "one", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one")), DIALOG_SERVER_CLOSES);
    EXPECT(CUT("", "", "", "2"), GREETING, FETCH, DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n"));
    EXPECT("", GREETING, FETCH, DIALOG_SERVER("* 1 FETCH (BODY[] {50}"));
    EXPECT(CUT("", "b@y", "", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {500}\r\nTo: b@y, c@y.or"), DIALOG_SERVER_CLOSES);
    EXPECT(SENT_CUT("a@x", "b@y", "on", "0", "1"), GREETING,
           DIALOG_CLIENT("a1 APPEND Sent {50+}\r\n" HEAD "Subject: on"));
    EXPECT(SENT_CUT("a@x", "", "", "0", "1"), GREETING,
           DIALOG_CLIENT("a1 APPEND Sent {50+}\r\nFrom: a@x\r\nTo: <b@"), DIALOG_CLIENT_CLOSES,
           DIALOG_SERVER_CLOSES);
    /* the server's continuation never comes */
    EXPECT(SENT_CUT("", "", "", "0", "1"), GREETING, DIALOG_CLIENT("a1 APPEND Sent {50}\r\n"));
    EXPECT(SENT("one", "0", "1"), GREETING,
           DIALOG_CLIENT("a1 APPEND Sent {50+}\r\n" MESSAGE("one") "\r\n"));
}

#define HALF_ENVELOPE "* 1 FETCH (ENVELOPE (NIL \"one\" (" ADDRESS("NIL", "a", "x") ") NIL NIL ("

/* The captured part of a cut response counts, but not half a name. */
Test(imap, cut_envelopes)
{
    EXPECT(CUT("a@x", "b@y", "one", "2"), GREETING, FETCH,
           DIALOG_SERVER(HALF_ENVELOPE ADDRESS("NIL", "b", "y") "(NIL NIL \"c\" \"z.or"));
    EXPECT(CUT("a@x", "", "one", "2") FETCHED("two", "4"), GREETING, FETCH,
           DIALOG_SERVER(HALF_ENVELOPE "(NIL NIL \"b"), DIALOG_SERVER_LOSES(100),
           DIALOG_SERVER("* 2 FETCH (BODY[] {50}\r\n" MESSAGE("two") ")\r\n"));
    EXPECT(CUT("", "", "Gr\\xc3\\xbc", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (ENVELOPE (NIL \"=?utf-8?q?Gr=C3=BC=C3"));
    EXPECT(CUT("", "", "a \\x22", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (ENVELOPE (NIL \"a \\\""));
    EXPECT(CUT("", "", "", "2"), GREETING, FETCH, DIALOG_SERVER("* 1 FETCH (ENVELOPE (NI"));
    EXPECT("", GREETING, FETCH, DIALOG_SERVER("* 1 FETCH (UID 3 ENVELOPE"));
    /* a name as a literal with a gap */
    EXPECT(CUT("", "", "one", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (ENVELOPE (NIL \"one\" ((NIL NIL {8}\r\nab"),
           DIALOG_SERVER_LOSES(4), DIALOG_SERVER("gh \"x\")) NIL NIL NIL NIL NIL NIL NIL))\r\n"));
    EXPECT(CUT("", "", "one", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (ENVELOPE (NIL \"one\" ((NIL NIL \"a\" {8}\r\nab"),
           DIALOG_SERVER_LOSES(6), DIALOG_SERVER(")) NIL NIL NIL NIL NIL NIL NIL))\r\n"));
}

Test(imap, gaps)
{
    /* in a message */
    EXPECT(CUT("a@x", "b@y", "one", "2") FETCHED("two", "4"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {51}\r\n" HEAD "Subject: one\r\nX: "),
           DIALOG_SERVER_LOSES(10),
           DIALOG_SERVER("xx\r\n FLAGS ())\r\n"
                         "* 2 FETCH (BODY[] {50}\r\n" MESSAGE("two") ")\r\n"));
    /* in the part of a message that is of no interest */
    EXPECT(CUT("a@x", "b@y", "one", "2") FETCHED("two", "4"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {100}\r\n" HEAD "Subject: one\r\n\r\nhello"),
           DIALOG_SERVER_LOSES(59),
           DIALOG_SERVER(")\r\n* 2 FETCH (BODY[] {50}\r\n" MESSAGE("two") ")\r\n"));
    /* the end of a message and more bytes */
    EXPECT(CUT("a@x", "b@y", "one", "2") FETCHED("two", "4"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {100}\r\n" HEAD "Subject: one\r\n"),
           DIALOG_SERVER_LOSES(157),
           DIALOG_SERVER("{20}\r\n* 2 FETCH (BODY[] {50}\r\n" MESSAGE("two") ")\r\n"));
    /* in a string, and up to its end */
    EXPECT(CUT("a@x", "b@y", "on", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (ENVELOPE (NIL {8}\r\non"), DIALOG_SERVER_LOSES(5),
           DIALOG_SERVER("e (" ADDRESS("NIL", "a", "x") ") NIL NIL (" ADDRESS(
               "NIL", "b", "y") ") NIL NIL NIL NIL))\r\n"));
    EXPECT(CUT("a@x", "b@y", "on", "2"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (ENVELOPE (NIL {8}\r\non"), DIALOG_SERVER_LOSES(6),
           DIALOG_SERVER(" (" ADDRESS("NIL", "a", "x") ") NIL NIL (" ADDRESS(
               "NIL", "b", "y") ") NIL NIL NIL NIL))\r\n"));
    /* in a line */
    EXPECT(FETCHED("two", "4"), GREETING, FETCH, DIALOG_SERVER("* 1 FETCH (BOD"),
           DIALOG_SERVER_LOSES(10),
           DIALOG_SERVER("}\r\n* 2 FETCH (BODY[] {50}\r\n" MESSAGE("two") ")\r\n"));
    /* of the client's message */
    EXPECT(SENT_CUT("a@x", "b@y", "one", "0", "1") SENT("two", "0", "7"), GREETING,
           DIALOG_CLIENT("a1 APPEND Sent {50}\r\n"), DIALOG_SERVER("+ ok\r\n"),
           DIALOG_CLIENT(HEAD "Subject: one\r\n"), DIALOG_CLIENT_LOSES(30),
           DIALOG_CLIENT("3 NOOP\r\n"), DIALOG_SERVER("a1 OK\r\n"),
           DIALOG_CLIENT("a4 APPEND Sent {50+}\r\n" MESSAGE("two") "\r\n"),
           DIALOG_SERVER("a4 OK\r\n"));
    EXPECT(SENT("one", "0", "1"), GREETING, DIALOG_CLIENT("a1 APPEND Sent {50}\r\n"),
           DIALOG_SERVER_LOSES(5), DIALOG_CLIENT(MESSAGE("one") "\r\n"));
    /* in front of a line */
    EXPECT(CUT("a@x", "b@y", "one", "2") FETCHED("two", "4"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {100}\r\n" HEAD "Subject: one\r\n"),
           DIALOG_SERVER_LOSES(157),
           DIALOG_SERVER("* 2 FETCH (BODY[] {50}\r\n" MESSAGE("two") ")\r\n"));
    EXPECT(SENT_CUT("a@x", "b@y", "", "0", "1") SENT("two", "0", "3"), GREETING,
           DIALOG_CLIENT("a1 APPEND Sent {50+}\r\n" HEAD), DIALOG_CLIENT_LOSES(100),
           DIALOG_CLIENT("a2 APPEND Sent {50+}\r\n" MESSAGE("two") "\r\n"));
    /* a part of a message that is fetched in parts */
    EXPECT(CUT("a@x", "b@y", "", "2") FETCHED("two", "5"), GREETING, FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[]<0> {20}\r\n" HEAD ")\r\n"), DIALOG_SERVER_LOSES(60),
           DIALOG_SERVER("* 1 FETCH (BODY[]<50> {10}\r\n123456789\r)\r\n"),
           DIALOG_SERVER("* 2 FETCH (BODY[] {50}\r\n" MESSAGE("two") ")\r\n"));
    /* the continuation that a literal waits for: the following bytes decide which reply it was */
    EXPECT(FULL("C", "", "", "", "", "imap.y.org", "", "0", "1", "0", "1") SENT("two", "0", "3"),
           GREETING, DIALOG_CLIENT("a1 APPEND Sent {50}\r\n"), DIALOG_SERVER_LOSES(5),
           DIALOG_CLIENT("a2 APPEND Sent {50+}\r\n" MESSAGE("two") "\r\n"));
}

/* In a decrypted capture the session goes on in plain text. */
Test(imap, decrypted_sessions)
{
    EXPECT(FETCHED("one", "6"), GREETING, DIALOG_CLIENT("a STARTTLS\r\n"),
           DIALOG_SERVER("a OK begin\r\n"), DIALOG_CLIENT("b LOGIN joe secret\r\n"),
           DIALOG_SERVER("b OK\r\n"), FETCH,
           DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\n"));
}

Test(imap, on_another_port)
{
    EXPECT_ON(7143, FETCHED("one", "2"), GREETING, FETCH,
              DIALOG_SERVER("* 1 FETCH (BODY[] {50}\r\n" MESSAGE("one") ")\r\n"));
}

Test(imap, recognition)
{
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "* OK hello\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "* PREAUTH hello\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "* P"), P2I_MATCH_MORE);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "* item\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_imap, 143, "* BYE\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "* 12 FETCH (FLAGS"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "* 12"), P2I_MATCH_MORE);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "* 12 items\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "* 123456789012"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "a1 login joe"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "a1 UID FETCH 1"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "a1 log"), P2I_MATCH_MORE);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "a1"), P2I_MATCH_MORE);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "a1 noop\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_imap, 143, "abcd noop\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_imap, 143, "a1 OK done\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_imap, 143, "DONE\r\n"), P2I_MATCH_YES);
    cr_assert_eq(talk_probe(&p2i_imap, 21, "USER login x\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_imap, 21, "530 Login incorrect\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "GET /1 select x\r\n"), P2I_MATCH_NO);
    cr_assert_eq(talk_probe(&p2i_imap, 7143, "\x16\x03\x01"), P2I_MATCH_NO);
}

/* ---- hostile ---- */

/* One line repeated many times, by the client, then by the server. */
Test(imap, floods)
{
    static const char *const texts[] = {
        "a1 APPEND x {3+}\r\nabc\r\n",
        "a1 APPEND x {3+}\r\nabc {3+}\r\nabc {3+}\r\nab",
        "a1 FETCH 1 BODY[]\r\n",
        "x",
        "* 1 FETCH (BODY[] {18446744073709551615}\r\n",
        "* 1 FETCH (BODY[] {1000000000000}\r\nSubject: a\r\n",
        "* 1 FETCH (ENVELOPE (NIL {8}\r\n",
        "((((((((((((((((((((",
        "* 1 FETCH (ENVELOPE (((((\"\"))\r\n",
        "* 1 FETCH (BODY[]<0> {1}\r\na)\r\n",
        "* 1 FETCH (BODY[HEADER.FIELDS (\"{1}\r\n",
    };
    for (size_t i = 0; i < 2 * sizeof texts / sizeof *texts; i++) {
        struct flood flood;
        flood_begin(&flood, protocols, 143);
        FLOOD_SERVER(&flood, "* OK hello\r\n");
        struct p2i_view text = p2i_view_of(texts[i / 2], strlen(texts[i / 2]));
        for (int j = 0; j < 50000; j++) {
            flood_say(&flood, (enum p2i_direction)(i % 2), text);
        }
        flood_end(&flood);
        cr_assert_lt(flood.most, 128 << 10, "text %zu", i);
    }
}

static void note_subject(struct flood *flood, const void *message)
{
    flood->note = ((const struct p2i_mail *)message)->subject.size;
}

Test(imap, long_strings_are_cut)
{
    static char block[60000];
    struct flood flood;
    memset(block, 'x', sizeof block);
    flood_begin(&flood, protocols, 143);
    flood.look = note_subject;
    FLOOD_SERVER(&flood, "* OK hello\r\n* 1 FETCH (ENVELOPE (NIL {600000}\r\n");
    for (int i = 0; i < 10; i++) {
        flood_say(&flood, P2I_FROM_RESPONDER, p2i_view_of(block, sizeof block));
    }
    FLOOD_SERVER(&flood, " NIL NIL NIL NIL NIL NIL NIL NIL))\r\n");
    cr_assert_eq(flood.records, 1);
    cr_assert_eq(flood.note, P2I_MIME_VALUE_MAX);
    flood_end(&flood);
    cr_assert_lt(flood.most, 64 << 10);
}

/* Messages without replies, each of the largest size. */
Test(imap, many_messages_of_many_commands)
{
    static char header[6 * 8200];
    char line[100];
    struct flood flood;
    size_t size = 0;
    static const char *const names[] = {"From", "To", "Cc", "Reply-To", "Subject", "Received"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size += (size_t)sprintf(header + size, "%s:", names[i]);
        memset(header + size, 'x', 8190 - strlen(names[i]));
        size += 8190 - strlen(names[i]);
        size += (size_t)sprintf(header + size, "\r\n");
    }
    flood_begin(&flood, protocols, 143);
    FLOOD_SERVER(&flood, "* OK hello\r\n");
    for (int i = 0; i < 1000; i++) {
        size_t line_size = (size_t)snprintf(line, sizeof line, "%sa%d APPEND x {%zu+}\r\n",
                                            i > 0 ? "\r\n" : "", i / 3, size);
        if (i % 3 > 0) {
            line_size = (size_t)snprintf(line, sizeof line, " {%zu+}\r\n", size);
        }
        flood_say(&flood, P2I_FROM_INITIATOR, p2i_view_of(line, line_size));
        flood_say(&flood, P2I_FROM_INITIATOR, p2i_view_of(header, size));
    }
    flood_end(&flood);
    cr_assert_eq(flood.records, 1000);
    cr_assert_lt(flood.most, 2 << 20, "%llu", (unsigned long long)flood.most);
}
