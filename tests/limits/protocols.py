#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""protocols.py: limits of the parsers. Each case is a row of src/limits.def."""
import json
import struct
import zlib

from cases import KIB, MIB, convert, expect, expect_that, main
from streams import CLIENT, SECOND, SERVER, Stream, capture, kinds, request, wire


# ---- HTTP ----

def head_queue(folder):
    """Answers to HEAD have no body: of 64 requests this is known, of one more it is not."""
    for count, replies in ((64, 65), (65, 65)):
        stream = Stream()
        stream.say(0, b"HEAD / HTTP/1.1\r\nHost: site.example\r\n\r\n" * count + request())
        reply = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
        stream.say(1, reply % 10000 * count + reply % 0 + bytes(1 if count == 64 else 0))
        run = convert(folder, capture(folder, stream.end().packets))
        expect(len(kinds(run, "http_reply")), replies, "replies to %d" % count)


def http_method(folder):
    for size, requests in ((32, 2), (33, 1)):
        stream = Stream().say(0, request())
        stream.say(0, b"M" * size + request(b"/next")[3:])
        run = convert(folder, capture(folder, stream.end().packets))
        expect(len(kinds(run, "clickstream")), requests, "requests, method of %d bytes" % size)


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


# ---- TLS ----

def tls_hello(folder):
    """A hello of 128 KiB gives a record of its first 64 KiB, a longer one is none."""
    name = b"site.example"
    names = struct.pack("!HBH", len(name) + 3, 0, len(name)) + name
    extensions = struct.pack("!HH", 0, len(names)) + names
    body = b"\3\3" + bytes(range(32)) + b"\0" + b"\0\2\x13\1" + b"\1\0" + \
        struct.pack("!H", len(extensions)) + extensions
    for size, hellos in ((128 * KIB, 1), (128 * KIB + 1, 0)):
        hello = b"\1" + size.to_bytes(3, "big") + body + bytes(size - len(body))
        records = b"".join(b"\x16\3\1" + struct.pack("!H", len(hello[at:at + 16384])) +
                           hello[at:at + 16384] for at in range(0, len(hello), 16384))
        run = convert(folder, capture(folder, Stream(ports=(40000, 443)).say(0, records).packets))
        expect([record["HOSTNAME"] for record in kinds(run, "clickstream")],
               ["site.example"] * hellos, "hellos of %d bytes" % size)
        expect(run.stats["messages_cut"]["clickstream"], hellos, "cut hellos")


# ---- DNS ----

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


def dns_questions(folder):
    for count, ignored in ((255, False), (256, True)):
        message = struct.pack("!HHHHHH", 7, 0x0100, count, 0, 0, 0) + \
            (b"\4site\7example\0" + struct.pack("!HH", 1, 1)) * count
        run = convert(folder, capture(folder, [(SECOND, wire.udp(CLIENT, SERVER, (4000, 53),
                                                                 message))]))
        expect(run.stats["ignored_bytes"] > 0, ignored, "ignored with %d questions" % count)


# ---- RADIUS ----

def accounting(attributes, size=None):
    """An Accounting-Request that starts a session of boris."""
    attributes = b"\x28\6\0\0\0\1" + b"\1\7boris" + b"\x2c\x0aabcdefgh" + attributes
    size = 20 + len(attributes) if size is None else size
    return struct.pack("!BBH", 4, 1, size) + bytes(16) + attributes


def logins(folder, packets, addresses):
    """LOGIN of a request of each address, after the packets."""
    packets = [(1000 * SECOND + i, wire.udp(SERVER, CLIENT, (1900, 1813), packet))
               for i, packet in enumerate(packets)]
    for address in addresses:
        packets += Stream(address, start=1001 * SECOND).say(0, request()).end().packets
    run = convert(folder, capture(folder, packets), records="clickstream")
    return [record["LOGIN"] for record in run.records]


def radius_prefixes(folder):
    """Framed-IP-Address is an attribute that may come often: eight are bound."""
    addresses = [wire.address("10.0.0.1", i) for i in range(9)]
    packet = accounting(b"".join(b"\x08\x06" + address for address in addresses))
    expect(logins(folder, [packet], addresses), ["boris"] * 8 + [""], "logins of nine addresses")


def radius_size(folder):
    address = wire.address("10.0.0.1")
    for size, login in ((4096, "boris"), (4097, "")):
        left = size - 20 - len(accounting(b"")) + 20 - 6
        fill = b""
        while left > 0:
            part = left if left <= 255 else 255 if left - 255 >= 2 else 253
            fill += bytes([26, part]) + bytes(part - 2)
            left -= part
        packet = accounting(b"\x08\x06" + address + fill)
        expect(len(packet), size, "size")
        expect(logins(folder, [packet], [address]), [login], "login by %d bytes" % size)


# ---- mail and messengers ----

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


main([head_queue, http_method, deflate_bomb, tls_hello, dns_pointers, dns_loops, dns_questions,
      radius_prefixes, radius_size, mime_depth, xml_bomb])
