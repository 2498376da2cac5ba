#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_mime, fuzz_smtp, fuzz_pop3 and fuzz_imap beside this script."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = 0, 1

HEAD = b"Received: from a by b.example (c); now\r\nFrom: A <a@x.org>\r\nTo: b@y.org,\r\n c@y.org\r\n" \
    b"Cc: all: \"d, e\" <d@z.org>;\r\nReply-To: r@x.org\r\n" \
    b"Subject: =?iso-8859-1?Q?=FC?= =?gb2312?B?1tA=?= x\r\n"
PLAIN = HEAD + b"\r\nhello\r\n..\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n--=_1\r\n" \
    b"Content-Type: multipart/alternative; boundary*0=a; boundary*1=b\r\n\r\n--ab\r\n\r\ntext\r\n" \
    b"--ab--\r\n--=_1\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx\r\n--=_1\r\n" \
    b"Content-Disposition: attachment; filename*0*=utf-8''a\r\n\r\nxyz\r\n--=_1--\r\n"


def say(side, data):
    out = b""
    for at in range(0, len(data), 255):
        piece = data[at:at + 255]
        out += bytes([side, len(piece)]) + piece
    return out


def lose(side, count):
    return bytes([4 | side, count])


def close(side):
    return bytes([6 | side, 0])


def talk(*turns):
    """Turns of the server and the client, the server first."""
    return b"".join(say(SERVER if i % 2 == 0 else CLIENT, turn) for i, turn in enumerate(turns))


OPENING = (b"220 mx.y.org ESMTP\r\n", b"EHLO pc\r\n", b"250-mx.y.org\r\n250 PIPELINING\r\n",
           b"MAIL FROM:<a@x.org> SIZE=9\r\nRCPT TO:<b@y.org>\r\nRCPT TO:<c@y.org>\r\nDATA\r\n",
           b"250 ok\r\n250 ok\r\n550 no\r\n354 go on\r\n")
SMTP = {
    "message": talk(*OPENING, MIXED + b".\r\n", b"250 queued\r\n", b"QUIT\r\n", b"221 bye\r\n"),
    "refused": talk(*OPENING[:4], b"553 no\r\n503 no\r\n503 no\r\n503 no\r\n", b"RSET\r\n", b"250 ok\r\n"),
    "chunks": talk(*OPENING[:3], b"MAIL FROM:<a@x.org>\r\nRCPT TO:<b@y.org>\r\nBDAT 9\r\nSubject: "
                   b"BDAT 7 LAST\r\nx\r\n\r\nyz", b"250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n"),
    "lmtp": talk(b"220 mx LMTP\r\n", b"LHLO pc\r\n", b"250 mx\r\n", OPENING[3], b"250 ok\r\n" * 3 +
                 b"354 go on\r\n", PLAIN + b".\r\n", b"250 ok\r\n452 full\r\n", b"QUIT\r\n"),
    "starttls": talk(*OPENING[:3], b"STARTTLS\r\n", b"220 go ahead\r\n", b"\x16\x03\x01\0\x05hello"),
    "gap": talk(*OPENING, PLAIN[:90]) + lose(CLIENT, 40) + talk(b"250 queued\r\n", OPENING[3]) +
    lose(SERVER, 8) + say(SERVER, b"354 go on\r\n") + say(CLIENT, PLAIN + b".\r\n") + close(SERVER),
    "auth": talk(*OPENING[:3], b"AUTH LOGIN\r\n", b"334 VXNlcg==\r\n", b"DATA\r\n", b"235 welcome\r\n",
                 b"MAIL FROM:<>\r\nBURL imap://y.org/x LAST\r\n", b"250 ok\r\n503 no\r\n"),
    "lmtp-chunks": talk(b"220 mx LMTP\r\n", b"LHLO pc\r\n", b"250 mx\r\n", OPENING[3][:-6] +
                        b"BDAT 9 LAST\r\nTo: a@b\r\n", b"250 ok\r\n" * 5),
    "nested": talk(*OPENING[:3], b"MAIL FROM:<a@x.org>\r\nMAIL FROM:<b@x.org>\r\nRCPT TO:<c@y.org>\r\nEHLO\r\n"
                   b"RSET x\r\nRCPT TO:<d@y.org>\r\nBDAT 5 X\r\nBDAT -5\r\nDATA\r\n", b"250 ok\r\n503 no\r\n250 ok\r\n"
                   b"501 no\r\n501 no\r\n450 no\r\n501 no\r\n501 no\r\n354 go\r\n", PLAIN + b".\r\n", b"250 ok\r\n"),
    "chunk-refused": talk(*OPENING[:3], b"MAIL FROM:<a@x.org>\r\nRCPT TO:<b@y.org>\r\n", b"250 ok\r\n250 ok\r\n",
                          b"BDAT 70\r\n", b"554 no\r\n", b"RSET\r\n", b"250 ok\r\n",
                          b"MAIL FROM:<a@x.org>\r\nRCPT TO:<b@y.org>\r\nBDAT 15\r\nMAIL FROM:<c>\r\nBDAT 9 LAST\r\n",
                          b"250 ok\r\n250 ok\r\n552 no\r\n552 no\r\n", b"Subject: x"),
    "hang-up": talk(*OPENING, PLAIN + b".\r\n" + OPENING[3], b"250 ok\r\n250 ok\r\n421 no\r\n") + close(SERVER),
    "decrypted": talk(*OPENING[:3], b"STARTTLS\r\n", b"220 go\r\n", b"EHLO b\r\n" + OPENING[3], b"250 b\r\n",
                      b"", OPENING[4], PLAIN + b".\r\n"),
    "lost-replies": talk(*OPENING[:4]) + lose(SERVER, 9) + say(SERVER, b"550 no\r\n354 go on\r\n") +
    talk(b"", PLAIN + b".\r\n", b"250 ok\r\n", b"MAIL FROM:<a@x.org>\r\nRCPT TO:<b@y"),
    "one-sided": say(CLIENT, b"EHLO pc\r\n" + OPENING[3] + PLAIN + b".\r\n" + OPENING[3] + b"RSET\r\n"),
}
POP3 = {
    "session": talk(b"+OK ready <1.2@pop.y.org>\r\n", b"CAPA\r\nAUTH PLAIN\r\n", b"+OK\r\nTOP\r\n.\r\n+ \r\n",
                    b"AGEAYg==\r\nLIST\r\nUIDL 1\r\nRETR 1\r\nTOP 2 0\r\n",
                    b"+OK\r\n+OK\r\n1 9\r\n.\r\n+OK 1 x\r\n+OK\r\n" + MIXED + b".\r\n-ERR no\r\n"),
    "server": say(SERVER, b"+OK hi\r\n+OK\r\n1 9\r\n.\r\n+OK\r\n" + PLAIN + b".\r\n-ERR\r\n+OK\r\n"),
    "pipelined": talk(b"+OK hi\r\n", b"AUTH LOGIN\r\n", b"+ x\r\n", b"RETR\r\n", b"+OK\r\n",
                      b"RETR 1\r\nDELE 1\r\n" * 40, (b"+OK\r\n" + PLAIN + b".\r\n+OK\r\n") * 2),
    "no-dot": talk(b"+OK hi\r\n", b"LIST\r\nUIDL\r\n", b"+OK\r\n1 9\r\n+OK\r\n1 x\r\n", b"RETR 1\r\n", b"+OK\r\n" + PLAIN,
                   b"RETR 2\r\n", b"+OK\r\n" + PLAIN + b".\r\n"),
    "decrypted": talk(b"+OK hi\r\n", b"STLS\r\n", b"+OK\r\n", b"RETR 1\r\n", b"+OK\r\n" + PLAIN + b".\r\n"),
    "stls": talk(b"+OK hi\r\n", b"STLS\r\n", b"+OK begin\r\n", b"\x16\x03\x01\0\x05hello"),
    "gap": talk(b"+OK hi\r\n", b"RETR 1\r\n", b"+OK\r\n" + PLAIN[:90]) + lose(SERVER, 40) +
    talk(b"text\r\n.\r\n", b"RETR 2\r\nNOOP\r\n") + lose(SERVER, 9) + say(SERVER, b"+OK\r\n" + PLAIN) +
    close(CLIENT),
}
ENVELOPE = b"(\"date\" \"=?utf-8?Q?=C3=BC?=\" ((\"A \\\"B\" NIL \"a\" \"x.org\")) NIL NIL " \
    b"((NIL NIL {1}\r\nb \"y.org\")(NIL NIL \"g\" NIL)) NIL NIL NIL NIL)"
STRUCTURE = b"((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"x\") NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" " \
    b"(\"NAME\" \"a\") NIL NIL \"BASE64\" 9 NIL (\"attachment\" NIL)) \"MIXED\")"


def literal(data):
    return b"{%d}\r\n" % len(data) + data


IMAP = {
    "fetch": talk(b"* OK imap.y.org ready\r\n", b"a LOGIN {1}\r\n", b"+ ok\r\n", b"x {1+}\r\ny\r\n",
                  b"a OK\r\n", b"b FETCH 1:3 (FLAGS BODY[])\r\n",
                  b"* 1 FETCH (FLAGS (\\Seen) BODY[] " + literal(MIXED) + b")\r\n* 2 FETCH "
                  b"(BODY[HEADER.FIELDS (TO)] " + literal(HEAD) + b" BODY[TEXT] {2}\r\nhi)\r\nb OK\r\n"),
    "envelope": talk(b"* PREAUTH hi\r\n", b"a FETCH 1 FULL\r\n",
                     b"* 1 FETCH (ENVELOPE " + ENVELOPE + b" BODYSTRUCTURE " + STRUCTURE + b")\r\na NO\r\n"),
    "parts": talk(b"* OK hi\r\n", b"a FETCH 1 BODY[]<0.40>\r\n", b"* 1 FETCH (BODY[]<0> " +
                  literal(MIXED[:40]) + b")\r\n* 1 FETCH (BODY[]<40> " + literal(MIXED[40:]) + b")\r\na OK\r\n"),
    "append": talk(b"* OK hi\r\n", b"a APPEND x {%d}\r\n" % len(PLAIN), b"+ ok\r\n", PLAIN +
                   b" (\\Seen) {3+}\r\nabc\r\nb APPEND {1+}\r\nx {9}\r\n", b"a OK\r\nb NO no\r\n"),
    "sections": talk(b"* OK hi\r\n", b"a FETCH 1 (BODY[HEADER.FIELDS ({2}\r\n", b"+ ok\r\n", b"To)] BINARY[])\r\n",
                     b"* 1 FETCH (BODY[HEADER.FIELDS ({2}\r\nTo)]<0> " + literal(HEAD) + b" BINARY[] ~" +
                     literal(PLAIN) + b")\r\na OK\r\n"),
    "refused": talk(b"* OK hi\r\n", b"a FETCH 1 BODY[]\r\nb FETCH 2 BODY[]\r\n", b"* 1 FETCH (BODY[] " + literal(PLAIN) +
                    b")\r\na OK\r\nb NO no\r\n", b"c APPEND x {%d+}\r\n" % len(PLAIN) + PLAIN[:50], b"c NO no\r\n",
                    PLAIN[50:] + b"\r\nd APPEND x {9}\r\n", b"d BAD no\r\n") + lose(SERVER, 9) + say(CLIENT, b"e NOOP\r\n"),
    "cut": talk(b"* OK hi\r\n", b"a FETCH 1 FULL\r\n", b"* 1 FETCH (ENVELOPE " + ENVELOPE[:70]) + lose(SERVER, 90) +
    say(SERVER, b"* 2 FETCH (ENVELOPE (NIL {8}\r\nab") + lose(SERVER, 4) + say(SERVER, b"gh NIL))\r\n"),
    "starttls": talk(b"* OK hi\r\n", b"a STARTTLS\r\n", b"a OK begin\r\n", b"\x16\x03\x01\0\x05hello"),
    "gap": talk(b"* OK hi\r\n", b"a FETCH 1 BODY[]\r\n", b"* 1 FETCH (BODY[] {900}\r\n" + PLAIN[:90]) +
    lose(SERVER, 200) + say(SERVER, MIXED) + lose(SERVER, 255) + lose(CLIENT, 9) +
    say(SERVER, b"x\r\n* 2 FETCH (RFC822 " + literal(PLAIN) + b")\r\n") + close(SERVER),
}
MIME = {
    "dotted": b"\x19" + MIXED.replace(b"--=", b".--=") + b"\r\n..\r\n.\n.\r\n",
    "charsets": b"\x40Subject: =?windows-1258?Q?a=ec?= =?iso-2022-jp?B?GyRCRnw=?= =?euc-jp?Q?=ff=ff?=\r\n",
    "plain": b"\x41" + PLAIN + b".\r\n",
    "mixed": b"\x18" + MIXED,
    "gap": b"\x0c" + MIXED,
    "bare": b"\x23" + MIXED.replace(b"\r", b"") + b".\n",
    "long": b"\x00Subject: " + b"=?utf-8?Q?a?= " * 400 + b"\r\nTo: " + b"\"x\" <a@b>, " * 400 + b"\r\n",
}

PIECES = b"\2"  # of three bytes
for folder, seeds in (("smtp", SMTP), ("pop3", POP3), ("imap", IMAP), ("mime", MIME)):
    os.makedirs(os.path.join(HERE, folder), exist_ok=True)
    for name, data in seeds.items():
        if folder != "mime":
            data = PIECES + data
        with open(os.path.join(HERE, folder, name), "wb") as out:
            out.write(data)
