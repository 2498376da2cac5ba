#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""dialogs.py OUT: writes a capture of dialogs that writers do not expect: unlisted words, wrong syntax, missing
bytes, texts where none should be. Each text that has to go has "leak" in it, each password "hushhush"; those of
users, hosts and mail too."""
import base64
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from wire import ACK, FIN, PSH, SYN, address, tcp, udp, write_pcap  # noqa: E402

CLIENT, SERVER = address("10.1.2.3"), address("192.0.2.9")
UP, DOWN, LOST = "up", "down", "lost"
packets = []


def add(packet):
    packets.append((1_700_000_000_000_000 + 1000 * len(packets), packet))


def session(port, *messages):
    """TCP: (direction, bytes) in turn; LOST is a message of the server that is not in the capture."""
    sequence = {UP: 1000, DOWN: 5000}
    client = 40000 + len(packets)

    def send(way, flags, data=b"", lost=False):
        ends = (CLIENT, SERVER) if way == UP else (SERVER, CLIENT)
        ports = (client, port) if way == UP else (port, client)
        other = DOWN if way == UP else UP
        if not lost:
            add(tcp(*ends, ports, sequence[way], sequence[other] if flags & ACK else 0, flags, data))
        sequence[way] += len(data) + bool(flags & (SYN | FIN))

    send(UP, SYN)
    send(DOWN, SYN | ACK)
    send(UP, ACK)
    for way, data in messages:
        for at in range(0, len(data), 1400):
            send(DOWN if way == LOST else way, PSH | ACK, data[at:at + 1400], way == LOST)
    send(UP, FIN | ACK)
    send(DOWN, FIN | ACK)
    send(UP, ACK)


def frame(text, masked=True, first=0x81):
    """A WebSocket frame."""
    key = b"\x11\x22\x33\x44"
    head = bytes([first, (0x80 if masked else 0) | min(len(text), 126)])
    head += struct.pack("!H", len(text)) if len(text) > 125 else b""
    return head + key + bytes(c ^ key[i % 4] for i, c in enumerate(text)) if masked else head + text


def http():
    session(80,
            (UP, b"GET /leak/?pin:48151&leak HTTP/1.1\r\nHost: leak.example:8080\r\nAuthorization: hushhush.token\r\n"
             b"Via: http/1.1 leak (leak/9.1)\r\nX-Leak: 5\r\nMeet leak at 10:30\r\nConnection: leak, close\r\n"
             b"Accept-Encoding: leak\r\nCookie: card:16234\r\n\r\n"),
            (DOWN, b"HTTP/1.1 200 leak\r\nContent-Type: leak/leak; leak=leak; charset=leak\r\nMIME-Version: 1.0 "
             b"(leak)\r\nContent-Disposition: attachment filename=leak.pdf\r\nContent-Length: 4\r\n\r\nleak"),
            (UP, b"LEAK / HTTP/1.1\r\nTransfer-Encoding: leak, chunked\r\n\r\n4;leak=leak\r\nleak\r\n0\r\n\r\n"),
            (UP, b"leak GET /leak HTTP/1.1 leak\r\nleak: leak\r\n\r\n"))
    session(80,
            (UP, b"GET /chat HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"),
            (DOWN, b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
            (UP, frame(b"a leak that is no JSON") + frame(b'{"command":"logon","seq":1,"username":"leak","password":'
                                                          b'"hushhush","channel":"leak","leak":"leak"}')),
            (DOWN, frame(b'{"type":"leak","command":"leak","mail.leak@a.example":1,"phone":4915112345678,leak}', False)
             + frame(b"first leak,", False, 0x01) + frame(b"a ping of leak", False, 0x89)
             + frame(b" last leak", False, 0x80)))


def sip():
    head = b"Via: SIP/2.0/LEAK leak\r\nFrom: <tel:54321>;tag=leak\r\nTo: <tel:12345>\r\nCall-ID: leak@10.1.2.3\r\n"
    body = b"v=leak\r\nm=leak leak leak\r\na=fmtp:leak\r\na=rtpmap:0 LEAK/8000\r\nb=leak\r\nt=leak leak\r\n"
    add(udp(CLIENT, SERVER, (5060, 5060),
            b"INVITE tel:12345 SIP/2.0\r\n" + head + b"CSeq: 1 LEAK\r\nContent-Type: application/sdp\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body) + body))
    add(udp(CLIENT, SERVER, (5060, 5060), b"LEAK sip:leak@a.example SIP/2.0\r\n" + head + b"CSeq: 2 LEAK\r\n"
            b"Content-Length: 0\r\n\r\n"))


def ftp():
    session(21, (DOWN, b"220 ftp leak\r\n"), (UP, b"USER leak\r\n"), (DOWN, b"331 leak\r\n"),
            (UP, b"PASS hushhush\r\n"), (DOWN, b"230 leak\r\n"), (UP, b"EPSV leak\r\n"),
            (DOWN, b"229 Extended leak (|||leak|)\r\n"), (UP, b"TYPE leak\r\n"), (UP, b"PORT leak\r\n"),
            (UP, b"EPRT |leak|leak|leak|\r\n"), (UP, b"PASV\r\n"),
            (DOWN, b"227 Passive leak (198, 51, 100, 78, 4, 5) leak\r\n"), (UP, b"XLEA leak\r\n"),
            (UP, b"AUTH leak\r\n"), (UP, b"QUIT\r\n"), (DOWN, b"221 leak\r\n"))


def smtp():
    session(25, (DOWN, b"220 leak ESMTP\r\n"), (UP, b"EHLO leak\r\n"), (DOWN, b"250-leak\r\n250 AUTH LEAK\r\n"),
            (UP, b"AUTH LEAK hushhush\r\n"), (DOWN, b"535 leak\r\n"),
            (UP, b"MAIL FROM:<leak@a.example> LEAK=leak SIZE=leak\r\n"), (DOWN, b"250 ok\r\n"),
            (UP, b"RCPT TO leak@a.example\r\n"), (DOWN, b"501 leak\r\n"), (UP, b"RCPT TO:<leak@a.example>\r\n"),
            (DOWN, b"250 ok\r\n"), (UP, b"DATA\r\n"), (DOWN, b"354 go\r\n"),
            (UP, b">From leak@a.example Thu Jan  1 10:00:00 2026\r\nMeet leak at 10:30\r\nSubject: =?leak?q?leak?=\r\n"
             b"Content-Type: multipart/leak; boundary=x; leak\r\nX-Leak: x\r\nMIME-Version: 1.0 (leak)\r\n\r\n"
             b"--x leak\r\nContent-Leak: leak\r\n\r\nleak\r\n--x--\r\n.\r\n"),
            (DOWN, b"250 leak\r\n"), (UP, b"BDAT 4 leak\r\nleakQUIT leak\r\n"), (DOWN, b"221 leak\r\n"))


def pop3():
    session(110, (DOWN, b"+OK leak\r\n"), (UP, b"USER leak\r\n"), (DOWN, b"+OKleak\r\n"), (UP, b"PASS hushhush\r\n"),
            (DOWN, b"+OK\r\n"), (UP, b"LIST leak\r\n"), (DOWN, b"-ERRleak leak\r\n"), (UP, b"RETR 1\r\n"),
            (DOWN, b"+OK\r\nSubject: leak\r\n\r\nleak\r\n"), (LOST, b"leak\r\n" * 20000),
            (DOWN, b"LIST of passwords: leak\r\nleak\r\n.\r\n"), (UP, b"QUIT leak\r\n"), (DOWN, b"+OK\r\n"))


def imap():
    body = b"Please fetch the leak.\r\nAnd the other leak\r\n"
    session(143, (DOWN, b"* OK [CAPABILITY IMAP4rev1 LEAK=LEAK] leak\r\n"), (UP, b"a1 LOGIN leak hushhush\r\n"),
            (DOWN, b"a1 OK [REFERRAL imap://leak@leak/] leak\r\n"), (UP, b"a2 SELECT leak\r\n"),
            (DOWN, b"* 3 EXISTS\r\n* FLAGS (\\Seen leak \\Leak)\r\na2 OK [LEAK leak] leak\r\n"),
            (UP, b"a3 SORT (DATE leak) UTF-8 SUBJECT leak\r\n"), (DOWN, b"* SORT 1 2 leak\r\na3 OK leak\r\n"),
            (UP, b"a4 SETACL INBOX leak lrs\r\n"), (DOWN, b"* QUOTAROOT INBOX user.leak\r\na4 OK leak\r\n"),
            (UP, b"a5 LEAK leak (leak) {leak}\r\n"), (DOWN, b"a5 BAD leak\r\n"), (UP, b"a6 FETCH 1 BODY[TEXT]\r\n"),
            (DOWN, b"* 1 FETCH (BODY[TEXT] {%d}\r\n%s)\r\na6 OK leak\r\n" % (len(body), body)),
            (UP, b"a7 FETCH 2 BODY[TEXT]\r\n"), (LOST, b"* 2 FETCH (BODY[TEXT] {%d}\r\n" % len(body)),
            (DOWN, body + b")\r\na7 OK leak\r\n"), (UP, b"a8 AUTHENTICATE LEAK hushhush\r\n"),
            (UP, b"a9 LOGOUT leak\r\n"), (DOWN, b"* BYE leak\r\na9 OK leak\r\n"))


def xmpp():
    token = base64.b64encode(b"n,a=leak@a.example,\x01host=leak\x01port=5222\x01auth=Bearer hushhush\x01\x01")
    head = (b"<?xml version='1.0' leak='leak'?><stream:stream %s='a.example' xmlns='jabber:client' "
            b"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>")
    session(5222, (UP, head % b"to"),
            (DOWN, head % b"from" + b"<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
             b"<mechanism>PLAIN</mechanism><mechanism>LEAK</mechanism></mechanisms></stream:features>"),
            (UP, b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='OAUTHBEARER'>" + token + b"</auth>"),
            (DOWN, b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
            (UP, b"<message to='leak@a.example' type='leak' leak='leak'><body><![CDATA[a leak]]></body><!-- leak -->"
             b"<leak xmlns='leak:leak'>&leak;</leak><?leak leak?></message>"),
            (UP, b"<iq type='set' id='1'><query xmlns='jabber:iq:auth'><username>leak</username><password><![CDATA["
             b"hushhush]]></password><resource>leak</resource></query></iq>"),
            (DOWN, b"<message to='leak@a.example' type='chat' xmlns:leak='urn:xmpp:leak'><body>leak</body></message>"))


def main():
    for dialog in (http, sip, ftp, smtp, pop3, imap, xmpp):
        dialog()
    write_pcap(sys.argv[1], packets)


if __name__ == "__main__":
    main()
