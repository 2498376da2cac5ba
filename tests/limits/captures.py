#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""captures.py: limits of pcap2ipfix that a capture reaches. Each case is a row of src/limits.def."""
import json
import os
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
# pylint: disable=wrong-import-position
import wire
from cases import KIB, MIB, P2I, Run, convert, expect, expect_that, main

SECOND = 1_000_000
CLIENT, SERVER = wire.address("192.0.2.1"), wire.address("198.51.100.1")


def capture(folder, packets, name="in.pcap"):
    path = os.path.join(folder, name)
    wire.write_pcap(path, packets)
    return path


class Stream:
    """A TCP session; `packets` are those so far."""

    def __init__(self, client=CLIENT, ports=(40000, 80), start=1000 * SECOND):
        self.ends = (client, SERVER)
        self.ports, self.time, self.packets = ports, start, []
        self.sequence = [1000, 5000]
        self.add(0, wire.SYN)
        self.add(1, wire.SYN | wire.ACK)
        self.add(0, wire.ACK)

    def add(self, side, flags, data=b"", ahead=0):
        ends = self.ends if side == 0 else self.ends[::-1]
        ports = self.ports if side == 0 else self.ports[::-1]
        self.packets.append((self.time, wire.tcp(*ends, ports, self.sequence[side] + ahead,
                                                 self.sequence[1 - side], flags, data)))
        self.time += 100
        if not ahead:
            self.sequence[side] += len(data) + (flags & wire.SYN > 0) + (flags & wire.FIN > 0)

    def say(self, side, data, most=1400):
        for at in range(0, len(data), most):
            self.add(side, wire.ACK | wire.PSH, data[at:at + most])
        return self

    def end(self):
        self.add(0, wire.FIN | wire.ACK)
        self.add(1, wire.FIN | wire.ACK)
        return self


def request(path=b"/", headers=b""):
    return b"GET " + path + b" HTTP/1.1\r\nHost: site.example\r\n" + headers + b"\r\n"


def kinds(run, kind):
    return [record for record in run.records if record["record"] == kind]


# ---- captures ----

def long_frame(folder):
    path = capture(folder, Stream().say(0, request()).end().packets)
    with open(path, "ab") as file:
        file.write(struct.pack("<IIII", 1001, 0, 16 * MIB + 1, 16 * MIB + 1) + bytes(100))
    run = convert(folder, path, status=1)
    run.reports("expected a captured length of at most")
    expect(len(kinds(run, "clickstream")), 1, "requests before it")


def block(kind, body):
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


SECTION = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
INTERFACE = block(1, struct.pack("<HHI", wire.RAW_IP, 0, 65535))


def enhanced(interface, microseconds, packet):
    padded = packet + bytes(-len(packet) % 4)
    return block(6, struct.pack("<IIIII", interface, microseconds >> 32, microseconds & 0xFFFFFFFF,
                                len(packet), len(packet)) + padded)


def interfaces(folder):
    """65,536 interfaces in a section, and one more."""
    packets = Stream().say(0, request()).end().packets
    blocks = b"".join(enhanced(65535, *packet) for packet in packets)
    path = os.path.join(folder, "in.pcapng")
    with open(path, "wb") as file:
        file.write(SECTION + 65536 * INTERFACE + blocks)
    expect(len(kinds(convert(folder, path), "clickstream")), 1, "requests of the last interface")
    with open(path, "ab") as file:
        file.write(INTERFACE)
    run = convert(folder, path, status=1).reports("at most 65536 interfaces in a section")
    expect(len(kinds(run, "clickstream")), 1, "requests before the one that is too many")


def sections(folder):
    """A million sections, each with an interface and every thousandth with a packet."""
    datagram = wire.udp(CLIENT, SERVER, (4000, 4001), b"?")
    thousand = 999 * (SECTION + INTERFACE) + SECTION + INTERFACE + enhanced(0, SECOND, datagram)
    path = os.path.join(folder, "in.pcapng")
    with open(path, "wb") as file:
        for _ in range(1000):
            file.write(thousand)
    expect(convert(folder, path).stats["frames"], 1000, "frames")


# ---- memory ----

def fragment(source, number, offset, more, data):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), number,
                       (more << 13) | (offset // 8), 64, wire.UDP, 0, source, SERVER)
    return head[:10] + struct.pack("!H", wire.checksum(head)) + head[12:] + data


def fragments(folder):
    """First fragments of packets that never become complete."""
    packets = [(1000 * SECOND + i, fragment(wire.address("10.0.0.0", i >> 8), i & 255, 0, 1,
                                            bytes(1400))) for i in range(20000)]
    run = convert(folder, capture(folder, packets), memory=32 * MIB)
    expect(run.stats["dropped_fragments"], 20000, "dropped fragments")


def radius(name, address, number):
    attributes = struct.pack("!BBI", 40, 6, 1)  # Acct-Status-Type: Start
    attributes += struct.pack("!BB", 1, 2 + len(name)) + name + b"\x08\x06" + address
    attributes += struct.pack("!BB", 44, 10) + b"%08x" % number
    return struct.pack("!BBH", 4, number & 255, 20 + len(attributes)) + bytes(16) + attributes


def radius_names(folder):
    """More names than the sixteenth of the memory holds: the oldest are forgotten."""
    packets = []
    for i in range(60000):
        name = b"user%d" % i + bytes([97]) * 200
        packets.append((1000 * SECOND + i, wire.udp(SERVER, wire.address("203.0.113.1"), (1900, 1813),
                                                    radius(name, wire.address("10.0.0.0", i), i))))
    for i in (0, 59999):
        stream = Stream(wire.address("10.0.0.0", i), (40000 + i % 2, 80), 1001 * SECOND)
        packets += stream.say(0, request()).end().packets
    run = convert(folder, capture(folder, packets), memory=16 * MIB, records="clickstream")
    logins = {record["LOGIN"][:9] for record in run.records}
    expect(logins, {"", "user59999"}, "logins of the first and last address")


def sessions(folder):
    """Requests that never end: each session holds its bytes."""
    packets = []
    head = request()[:-2] + b"X: " + bytes([120]) * 1200
    for i in range(30000):
        client, ports = wire.address("10.0.0.0", i), (40000, 80)
        packets.append((1000 * SECOND + i, wire.tcp(client, SERVER, ports, 0, 0, wire.SYN)))
        packets.append((1000 * SECOND + i, wire.tcp(client, SERVER, ports, 1, 1, wire.ACK, head)))
    run = convert(folder, capture(folder, packets), memory=16 * MIB, records="clickstream")
    expect_that(run.stats["evicted_sessions"] > 1000, "evicted sessions")
    expect(len(run.records), 30000, "records of all requests")
    expect(run.stats["messages_cut"]["clickstream"], 30000, "cut messages")


# ---- packets and sessions ----

def tunnels(folder):
    for depth, fate in ((8, "handled"), (9, "tunnels_too_deep"), (500, "tunnels_too_deep")):
        packet = wire.udp(CLIENT, SERVER, (4000, 4001), b"?")
        for _ in range(depth):
            packet = wire.ipv4(CLIENT, SERVER, 4, packet)
        run = convert(folder, capture(folder, [(SECOND, packet)]))
        expect(run.stats["fates"][fate], 1, "%d tunnels: %s" % (depth, fate))


def out_of_order_bytes(folder):
    """A hole in front of 256 KiB. Without SYNs the window is not known to be smaller."""
    for size, gaps in ((255 * KIB, 0), (257 * KIB, 1)):
        stream = Stream().say(0, request())
        del stream.packets[:3]
        stream.sequence[0] += 1
        stream.say(0, bytes(size), 32 * KIB)
        stream.sequence[0] -= 1 + size
        stream.say(0, b"!")  # in time only if they are still held
        run = convert(folder, capture(folder, stream.packets))
        expect(run.stats["gaps"], gaps, "gaps in front of %d bytes" % size)
        expect(run.stats["lost_bytes"], gaps, "lost bytes")


def out_of_order_segments(folder):
    for count, gaps in ((64, 0), (65, 1)):
        stream = Stream().say(0, request())
        for i in range(count):
            stream.add(0, wire.ACK, b"!", ahead=1 + 2 * i)
        stream.say(0, bytes(2 * count))
        run = convert(folder, capture(folder, stream.packets))
        expect(run.stats["gaps"] > 0, gaps > 0, "gaps with %d segments" % count)


def long_head(folder):
    stream = Stream().say(0, request(headers=b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000)
                                                      for i in range(70))))
    stream.say(0, request(b"/next")).end()
    run = convert(folder, capture(folder, stream.packets))
    expect(run.stats["messages_cut"]["clickstream"], 1, "cut messages")
    expect([record["PATH"] for record in kinds(run, "clickstream")], ["/", "/next"], "requests")


# ---- protocols ----

def frame(data, first=0xC1, mask=b""):
    size = len(data)
    bit = 0x80 if mask else 0
    head = bytes([first, bit | size]) if size < 126 else \
        struct.pack("!BBH", first, bit | 126, size) if size < 65536 else \
        struct.pack("!BBQ", first, bit | 127, size)
    return head + (mask + bytes(b ^ mask[i & 3] for i, b in enumerate(data)) if mask else data)


def deflated(packer, data):
    return (packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def deflate_bomb(folder):
    """64 MiB in one compressed message of a WebSocket; the next one is not inflated."""
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\n" \
        b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
    logon = b'{"command":"logon","seq":1,"username":"alice","password":"x","channel":"c"}'
    message = b'{"command":"on_text_message","channel":"c","from":"bob","message_id":5,"text":"hello"}'
    for size, messages in ((1000, 1), (64 * MIB, 0)):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        stream = Stream()
        stream.say(0, request(headers=upgrade + b"Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"
                              b"Sec-WebSocket-Version: 13\r\n"))
        stream.say(1, b"HTTP/1.1 101 Switching Protocols\r\n" + upgrade + b"\r\n")
        stream.say(0, frame(logon, 0x81, b"mask"))
        stream.say(1, frame(b'{"success":true,"seq":1}', 0x81))
        stream.say(1, frame(deflated(packer, bytes(size))))
        stream.say(1, frame(deflated(packer, message)))
        run = convert(folder, capture(folder, stream.end().packets), memory=16 * MIB)
        expect(sum("bob" in str(record) for record in kinds(run, "im")), messages,
               "messages behind one of %d bytes" % size)


def dns_pointers(folder):
    """A name of 32 pointers, and of 33."""
    for jumps, answers in ((32, 1), (33, 0)):
        question = b"\4site\7example\0" + struct.pack("!HH", 1, 1)
        head = struct.pack("!HHHHHH", 7, 0x8180, 1, 2, 0, 0)
        plain = b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, 2 * jumps)
        at = len(head) + len(question) + len(plain)
        # The data of the first answer are pointers, each to the one before.
        chain = b"\xc0\x0c" + b"".join(struct.pack("!H", 0xC000 | (at + 2 * i))
                                       for i in range(jumps - 1))
        name = struct.pack("!H", 0xC000 | (at + 2 * (jumps - 2)))
        last = name + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 9])
        message = head + question + plain + chain + last
        run = convert(folder, capture(folder, [(SECOND, wire.udp(SERVER, CLIENT, (53, 4000),
                                                                 message))]), records="dns")
        expect(sum(record["RDATA"] == "c0000209" for record in run.records), answers,
               "answers by %d pointers" % jumps)


def dns_loops(folder):
    """Pointers to themselves and to one another: each message ends, whatever it has."""
    packets = []
    for i in range(2000):
        at = 12 + 2 * (i % 7)
        message = struct.pack("!HHHHHH", i, 0x8180, 0, 9, 0, 0) + \
            b"".join(struct.pack("!H", 0xC000 | (12 + 2 * (j * i % 30))) for j in range(30)) + \
            struct.pack("!H", 0xC000 | at)
        packets.append((SECOND + i, wire.udp(SERVER, CLIENT, (53, 1024 + i), message)))
    run = convert(folder, capture(folder, packets))
    expect(run.stats["fates"]["handled"], 2000, "handled frames")


def mail(depth):
    body = b"From: a@x.example\r\nTo: b@y.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
    for i in range(depth):
        body += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i)
    return body + b"Content-Type: application/zip\r\nContent-Disposition: attachment; " \
        b"filename=deep.zip\r\n\r\nUEsD\r\n" + \
        b"".join(b"--b%d--\r\n" % i for i in reversed(range(depth)))


def mime_depth(folder):
    """An attachment in 16 multiparts, in 17, and in 5,000."""
    for depth, attachments in ((16, 1), (17, 0), (5000, 0)):
        stream = Stream(ports=(40000, 25))
        stream.say(1, b"220 mx.example ESMTP\r\n")
        for line, reply in ((b"EHLO x.example\r\n", b"250 mx.example\r\n"),
                            (b"MAIL FROM:<a@x.example>\r\n", b"250 ok\r\n"),
                            (b"RCPT TO:<b@y.example>\r\n", b"250 ok\r\n"),
                            (b"DATA\r\n", b"354 go\r\n"),
                            (mail(depth) + b".\r\n", b"250 queued\r\n")):
            stream.say(0, line).say(1, reply)
        run = convert(folder, capture(folder, stream.end().packets), records="mail")
        expect(len(run.records), 1, "mails")
        expect(run.records[0]["ATTACHMENT"], attachments, "attachments %d deep" % depth)


def xml_bomb(folder):
    """A stream of XMPP with entities of entities, a billion in all, and elements 100,000 deep."""
    entities = b"<!DOCTYPE s [<!ENTITY a0 'lol'>" + b"".join(
        b"<!ENTITY a%d '%s'>" % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10)) + b"]>"
    stanza = b"<message from='a@x.example' to='b@y.example' type='chat'><body>%s</body></message>"
    opening = b"<stream:stream xmlns='jabber:client' to='x.example' version='1.0' " \
        b"xmlns:stream='http://etherx.jabber.org/streams'>"
    for before, text in ((entities, b"&a9;"), (b"", b"<b>" * 100000)):
        stream = Stream(ports=(40000, 5222))
        stream.say(0, b"<?xml version='1.0'?>" + before + opening + stanza % text)
        run = convert(folder, capture(folder, stream.end().packets), memory=16 * MIB)
        expect_that(len(run.lines) < 20 * KIB, "the records are short")


# ---- records ----

def long_string(folder):
    stream = Stream().say(0, request(b"/" + b"a" * 5000)).end()
    run = convert(folder, capture(folder, stream.packets), records="clickstream")
    expect(run.stats["strings_cut"], 1, "cut strings")
    expect(len(run.records[0]["PATH"]), 4096, "bytes of the path")


def explain_groups(folder):
    """More sessions that are alike in nothing than there are groups."""
    packets = []
    for i in range(70000):
        data = struct.pack("!I", i * 2654435761 & 0xFFFFFFFF) + bytes([i & 255, 200, 201, 202])
        client = wire.address("10.0.0.0", i)
        packets.append((1000 * SECOND + i, wire.udp(client, SERVER, (4000, 30000), data)))
        packets.append((1000 * SECOND + i, wire.udp(client, SERVER, (4000, 30000), data)))
    path = capture(folder, packets)
    run = Run([P2I, "-q", "--explain=json", path])
    expect(run.status, 0, "exit status")
    reasons = {reason["reason"]: reason for reason in json.loads(run.out)["reasons"]}
    expect(reasons["not recognised"]["sessions_not_grouped"], 70000 - 65536, "not grouped")


main([long_frame, interfaces, sections, fragments, radius_names, sessions, tunnels,
      out_of_order_bytes, out_of_order_segments, long_head, deflate_bomb, dns_pointers, dns_loops,
      mime_depth, xml_bomb, long_string, explain_groups])
