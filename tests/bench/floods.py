#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""floods.py make FOLDER SIZE [NAME...]: writes captures that cost much for their size, NAME.pcap each.
floods.py run P2I MIX CAPTURE...: prints what captures cost beside the mix. README.md says more.
"""
import itertools
import json
import os
import random
import struct
import subprocess
import sys

import measure

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import wire  # noqa: E402

CLIENT, SERVER = wire.address("10.0.0.1"), wire.address("192.0.2.1")
SEGMENT = 1400


class Session:
    """The packets of a TCP session, as pieces of a capture are asked for."""

    def __init__(self, port, number=0):
        self.addresses = wire.address("10.0.0.1", number // 20000), SERVER
        self.ports = 40000 + number % 20000, port
        self.next = [1000, 5000]

    def packet(self, side, flags, data=b"", ahead=0):
        """A segment that begins `ahead` of the next byte of a side."""
        return wire.tcp(self.addresses[side], self.addresses[1 - side],
                        (self.ports[side], self.ports[1 - side]), self.next[side] + ahead,
                        self.next[1 - side], flags, data)

    def begin(self):
        yield self.packet(0, wire.SYN)
        self.next[0] += 1
        yield self.packet(1, wire.SYN | wire.ACK)
        self.next[1] += 1
        yield self.packet(0, wire.ACK)

    def send(self, side, data, size=SEGMENT):
        for at in range(0, len(data), size):
            part = data[at:at + size]
            yield self.packet(side, wire.ACK, part)
            self.next[side] += len(part)


def talk(port, turns, side, data, size=SEGMENT):
    """A session: turns of client and server, (side, bytes) each, then one side sends `data` again and
    again in segments of `size`."""
    session = Session(port)
    yield from session.begin()
    for turn in turns:
        yield from session.send(*turn)
    data *= max(1, 20 * SEGMENT // len(data))
    while True:
        yield from session.send(side, data, size)


def turns(*lines):
    """Turns of a line each; the first letter tells who sends, client or server."""
    return [("CS".index(line[0]), line[1:].encode() + b"\r\n") for line in lines]


SMTP = turns("S220 a ESMTP", "CEHLO a", "S250 a")
MAIL = SMTP + turns("CMAIL FROM:<a@b>", "S250 a", "CRCPT TO:<a@b>", "S250 a", "CDATA", "S354 a")
POP3 = turns("S+OK POP3 ready", "CUSER a", "S+OK", "CPASS b", "S+OK")
IMAP = turns("S* OK IMAP4rev1", "Ca LOGIN a b", "Sa OK", "Ca SELECT INBOX", "Sa OK")
FTP = turns("S220 FTP ready")
XMPP = [(side, b"<?xml version='1.0'?><stream:stream to='x.y' xmlns='jabber:client' "
         b"xmlns:stream='http://etherx.jabber.org/streams'>") for side in (0, 1)]
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHARSETS = b"".join(b" =?x-%d?q?a?=\r\n" % i for i in range(1000))
PARTS = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (i, i + 1)
                 for i in range(16))
SIP = b"ACK sip:a SIP/2.0\r\nCall-ID:a\r\nCSeq:1 ACK\r\n\r\n"
QUESTION = struct.pack("!HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\0\0\1\0\1"
ANSWERED = (struct.pack("!HHHHHH", 1, 0x8180, 1, 80, 0, 0) + b"\0\0\1\0\1" +
            b"\0\0\1\0\1\0\0\0\x3c\0\4\1\2\3\4" * 80)
LONG_NAME = b"".join(b"\x3d" + b"n" * 61 for _ in range(4)) + b"\0"
LONG_ANSWERED = (struct.pack("!HHHHHH", 1, 0x8180, 1, 80, 0, 0) + LONG_NAME + b"\0\1\0\1" +
                 b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\1\2\3\4" * 80)


def prefixed(message):
    """RFC 1035 section 4.2.2."""
    return struct.pack("!H", len(message)) + message


def hello():
    """RFC 8446 section 4.1.2, with the server_name extension alone, in a record."""
    names = struct.pack("!HBH", 4, 0, 1) + b"a"
    body = (b"\3\3" + bytes(32) + b"\0\0\2\x13\1\1\0" +
            struct.pack("!HHH", len(names) + 4, 0, len(names)) + names)
    return b"\x16\3\1" + struct.pack("!HHH", len(body) + 4, 0x100, len(body)) + body


def tls_hellos(_):
    for number in itertools.count():
        session = Session(443, number)
        yield from session.begin()
        yield from session.send(0, hello())


def one_byte_records(_):
    """A hello of 60,000 bytes in records of one byte."""
    body = b"\3\3" + bytes(33) + struct.pack("!H", 60000) + b"\x13\1" * 30000 + b"\1\0\0\0"
    message = b"\1" + struct.pack("!I", len(body))[1:] + body
    return talk(443, [], 0, b"".join(b"\x16\3\1\0\1%c" % byte for byte in message))


def quic(chance, same_id):
    """Datagrams of 26 Initial packets that cannot be decrypted."""
    for number in itertools.count():
        first = chance.randbytes(8)
        packets = [b"\xc3\0\0\0\1\x08" + (first if same_id else chance.randbytes(8)) +
                   b"\0\0\x40\x18" + chance.randbytes(24) for _ in range(26)]
        yield wire.udp(wire.address("10.0.0.1", number), SERVER, (50000, 443), b"".join(packets))


def datagrams(port, data):
    """Each to the same port from the next address."""
    for number in itertools.count():
        yield wire.udp(wire.address("10.0.0.1", number & 0xFFFF), SERVER, (50000, port), data)


def web_socket(_):
    upgrade = turns("CGET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
                    "SHTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\n")
    return talk(80, upgrade, 1, b"\x81\1x")


def waiting(_):
    """A server that sends single bytes while a client's bytes behind a loss wait for their line to end."""
    session = Session(80)
    yield from session.begin()
    yield from session.send(0, GET)
    session.next[0] += 5000
    yield from session.send(0, b"q q" * 70, 3)
    yield from session.send(0, b"\n" + b"ABCDEFGHIJKLMN " * 520 + b"GET HTTP/1.1\nxxxx")
    while True:
        yield from session.send(1, b"x")


def trickle(_):
    """Heads behind a loss, with a long line in front and a field that comes byte by byte."""
    session = Session(80)
    yield from session.begin()
    yield from session.send(0, GET)
    session.next[0] += 5000
    yield from session.send(0, b"q q" * 70, 3)
    while True:
        yield from session.send(0, b"\n" + b"ABCDEFGHIJKLMN " * 265 + b"GET HTTP/1.1\n")
        yield from session.send(0, b"x" * 60, 1)


def random_syn(chance):
    """Each from an address and port of its own."""
    while True:
        yield wire.tcp(chance.randbytes(4), SERVER, (chance.randrange(65536), 80), 1, 0, wire.SYN)


def random_udp(chance):
    while True:
        yield wire.udp(chance.randbytes(4), SERVER, (chance.randrange(65536), 9999), b"\x99\x88\x77")


def fragments(_):
    """Last fragments of datagrams that have no others."""
    for number in itertools.count():
        packet = wire.ipv4(wire.address("10.0.0.1", number), SERVER, wire.UDP, bytes(8))
        head = packet[:4] + struct.pack("!HH", number & 0xFFFF, 1) + packet[8:10] + b"\0\0" + packet[12:20]
        yield head[:10] + struct.pack("!H", wire.checksum(head)) + head[12:] + packet[20:]


def holes(_):
    """Bytes with a hole between any two, which longer segments then overlap."""
    session = Session(80)
    yield from session.begin()
    yield from session.send(0, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        for at in range(63):
            yield session.packet(0, wire.ACK, b"x", 10 + 2 * at)
        for at in range(63):
            yield session.packet(0, wire.ACK, b"x" * 126, 11)
        session.next[0] += 1000


def backwards(_):
    """Segments of one byte, 64 at a time from the last to the first."""
    session = Session(80)
    yield from session.begin()
    yield from session.send(0, GET)
    while True:
        for at in range(63, -1, -1):
            yield session.packet(1, wire.ACK, b"x", at)
        session.next[1] += 64


def same(*arguments):
    return lambda _: talk(*arguments)


# Floods by what they cost: of parsers, at most five times the mix or as much a record; of packets and
# sessions, at most twice.
PARSERS = {
    "smtp-lines": same(25, MAIL, 0, b"a\r\n"),
    "smtp-header": same(25, MAIL, 0, b"a:\r\n"),
    "smtp-noop": same(25, SMTP, 0, b"NOOP\r\n"),
    "smtp-replies": same(25, SMTP, 1, b"250\r\n"),
    "smtp-mails": same(25, SMTP, 0, b"MAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\n\r\n.\r\n"),
    "pop3-lines": same(110, POP3 + turns("CRETR 1", "S+OK"), 1, b"a\r\n"),
    "pop3-replies": same(110, POP3, 1, b"+OK\r\n"),
    "pop3-commands": same(110, POP3, 0, b"NOOP\r\n"),
    "imap-lines": same(143, IMAP, 1, b"* a\r\n"),
    "imap-commands": same(143, IMAP, 0, b"a NOOP\r\n"),
    "imap-literals": same(143, IMAP + turns("Ca FETCH 1:* BODY[]"), 1,
                          b"* 1 FETCH (BODY[] {8}\r\na: b\r\n\r\n)\r\n"),
    "mime-charsets": same(25, MAIL, 0, b"Subject:\r\n" + CHARSETS),
    "mime-dashes": same(25, MAIL + [(0, b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + PARTS)],
                        0, b"--\r\n"),
    "mime-parts": same(25, MAIL + [(0, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n")], 0,
                       b"--b\r\n\r\na\r\n"),
    "mime-messages": same(25, MAIL + [(0, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n")], 0,
                          b"--b\nContent-Type:message/rfc822\n\nTo:a\nTo:b\nSubject:=?utf-8?q?a?=\n"),
    "ftp-commands": same(21, FTP, 0, b"RETR a\r\n"),
    "ftp-replies": same(21, FTP, 1, b"226 a\r\n"),
    "ftp-users": same(21, FTP, 0, b"USER a\r\n"),
    "http-requests": same(80, [], 0, b"GET / HTTP/1.1\n\n"),
    "http-responses": same(80, [(0, GET)], 1, b"HTTP/1.1 200\n\n"),
    "http-fields": same(80, [], 0, b"GET / HTTP/1.1\n" + b"a:\n" * 20000 + b"\n"),
    "http-cookies": same(80, [], 0, b"GET / HTTP/1.1\n" + b"Host:a\n" * 9000 + b"\n"),
    "http-endless": same(80, [(0, b"GET / HTTP/1.1\n")], 0, b"a:\n"),
    "http-chunks": same(80, [(0, GET), (1, ANSWER)], 1, b"1\na\n"),
    "http-bytes": same(80, [], 0, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1),
    "http-waiting": waiting,
    "http-trickle": trickle,
    "websocket": web_socket,
    "tls-hellos": tls_hellos,
    "tls-bytes": one_byte_records,
    "quic-ids": lambda chance: quic(chance, False),
    "quic-same-id": lambda chance: quic(chance, True),
    "dns-tcp": same(53, [], 0, prefixed(QUESTION)),
    "dns-tcp-answers": same(53, [], 1, prefixed(ANSWERED)),
    "dns-tcp-names": same(53, [], 1, prefixed(LONG_ANSWERED)),
    "dns-names": lambda _: datagrams(53, LONG_ANSWERED),
    "sip-tcp": same(5060, [], 0, SIP),
    "sip-udp": lambda _: datagrams(5060, SIP),
    "xmpp-auth": same(5222, XMPP[:1], 0, b"<auth/>"),
    "xmpp-success": same(5222, XMPP, 1, b"<success/>"),
    "xmpp-messages": same(5222, XMPP, 0, b"<message><body>a</body></message>"),
    "xmpp-presence": same(5222, XMPP, 0, b"<a/>"),
    "xmpp-space": same(5222, XMPP, 0, b" \n"),
}
PACKETS = {
    "syn": random_syn,
    "udp": random_udp,
    "fragments": fragments,
    "holes": holes,
    "backwards": backwards,
}


def make(folder, size, names):
    for name, flood in (PARSERS | PACKETS).items():
        if not names or name in names:
            total, packets = 24, []
            for packet in flood(random.Random(name)):
                packets.append((1_700_000_000_000_000 + 10 * len(packets), packet))
                total += 16 + len(packet)
                if total >= size:
                    break
            wire.write_pcap(os.path.join(folder, name + ".pcap"), packets)


def cost(p2i, capture, runs):
    """The least processor time of runs, packets and records."""
    options = ["-q", "--no-sync", "--threads", "1", "-w", "/dev/null"]
    done = subprocess.run([p2i, *options, "--stats=json", capture], capture_output=True, text=True,
                          check=False)
    line = next(x for x in (done.stdout + done.stderr).splitlines() if x.startswith("{"))
    found = json.loads(line)
    seconds = min(measure.run([p2i, *options, capture])["cpu"] for _ in range(runs))
    return seconds, found["frames"], sum(found["records"].values())


def main(_, verb, first, *rest):
    if verb == "make":
        make(first, int(rest[0]), rest[1:])
        return
    mix = None
    print(f"{'':18}{'MB':>6}{'packets':>9}{'records':>9}{'cpu s':>8}{'ms/MB':>7}{'x mix':>7}"
          f"{'ns/packet':>11}{'ns/record':>11}")
    for capture in rest:
        size = os.path.getsize(capture) / 1e6
        seconds, packets, records = cost(first, capture, 5)
        rate = seconds / size
        mix = mix or rate
        print(f"{os.path.basename(capture).removesuffix('.pcap'):18}{size:6.1f}{packets:9}{records:9}"
              f"{seconds:8.3f}{1e3 * rate:7.2f}{rate / mix:7.1f}{1e9 * seconds / packets:11.0f}"
              f"{1e9 * seconds / max(records, 1):11.0f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv)
