#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-oscar.py: writes the seeds of fuzz_oscar beside this script."""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = 0, 1
ALONE, GREETED = b"\0", b"\1"
ROAST = bytes.fromhex("f32681c43986db9271a3b9e6537a957c")
RELAY = bytes.fromhex("094613494c7f11d1822244455354") + bytes(2)


def say(side, data, size=255):
    """Steps that say `data` in pieces of `size`."""
    out = b""
    for at in range(0, len(data), size):
        piece = data[at:at + size]
        out += bytes([side, len(piece)]) + piece
    return out


def lose(side, count):
    return bytes([4 | side, count])


def close(side):
    return bytes([6 | side, 0])


def tlv(kind, value):
    return struct.pack("!HH", kind, len(value)) + value


def flap(channel, payload, sequence=1):
    return b"*" + struct.pack("!BHH", channel, sequence, len(payload)) + payload


def snac(family, subtype, body, flags=0):
    return flap(2, struct.pack("!HHHI", family, subtype, flags, 1) + body)


def name(text):
    return bytes([len(text)]) + text


def user(text, *tlvs):
    return name(text) + struct.pack("!HH", 0, len(tlvs)) + b"".join(tlvs)


def text(content, charset=0):
    return tlv(2, b"\5\1\0\1\1\1\1" + struct.pack("!HHH", len(content) + 4, charset, 0) + content)


def sent(channel, to, *tlvs):
    return snac(4, 6, b"cookie00" + struct.pack("!H", channel) + name(to) + b"".join(tlvs))


def received(channel, sender, *tlvs):
    return snac(4, 7, b"cookie01" + struct.pack("!H", channel) +
                user(sender, tlv(1, b"\0\x50"), tlv(0x18, b"Nick")) + b"".join(tlvs))


def rendezvous(message, capability=RELAY, kind=0):
    head = b"\x0a\0" + bytes(16) + b"\0\0\3\0\0\0\4\xff\xff"
    data = b"\x1b\0" + head + b"\x0e\0\xff\xff" + bytes(12) + message
    return tlv(5, struct.pack("!H", kind) + b"cookie00" + capability + tlv(10, b"\0\1") +
               tlv(0x2711, data))


def roasted(password):
    return bytes(byte ^ ROAST[i % 16] for i, byte in enumerate(password))


HELLO = flap(1, b"\0\0\0\1")
LOGIN = flap(1, b"\0\0\0\1" + tlv(1, b"1234") + tlv(2, roasted(b"secret")) + tlv(3, b"client"))
WELCOME = flap(4, tlv(1, b"1234") + tlv(5, b"192.0.2.1:5190") + tlv(6, b"cookie"))

SEEDS = {
    "login": ALONE + say(SERVER, HELLO) + say(CLIENT, LOGIN) + say(SERVER, WELCOME) +
             close(SERVER) + close(CLIENT),
    "refused": GREETED + say(CLIENT, LOGIN) + say(SERVER, flap(4, tlv(1, b"1234") +
                                                               tlv(8, b"\0\5"))),
    "hash": GREETED + say(CLIENT, snac(0x17, 2, tlv(1, b"a@b.example") + tlv(0x25, b"h" * 16))) +
            say(SERVER, snac(0x17, 3, tlv(1, b"1234") + tlv(6, b"cookie"))),
    "hash-error": GREETED + say(CLIENT, snac(0x17, 2, tlv(1, b"jdoe"))) +
                  say(SERVER, snac(0x17, 1, b"\0\5")),
    "messages": GREETED + say(CLIENT, flap(1, b"\0\0\0\1" + tlv(6, b"cookie"))) +
                say(SERVER, snac(1, 15, user(b"1234", tlv(0x18, b"Me")))) +
                say(CLIENT, sent(1, b"77", text(b"hi"), tlv(6, b""))) +
                say(SERVER, received(1, b"77", text("да".encode("utf-16-be"), 2))),
    "relayed": GREETED + say(CLIENT, sent(2, b"77", rendezvous(b"\1\0\0\0\1\0\3\0hi\0"))) +
               say(CLIENT, sent(2, b"77", rendezvous(b"\3\0"))) +
               say(SERVER, received(4, b"77", tlv(5, b"\7\0\0\0\1\0\3\0hi\0"))),
    "flags": GREETED + say(SERVER, snac(4, 7, b"\0\6" + tlv(1, b"\0\1") + b"cookie01\0\1" +
                                        user(b"77") + text(b"x"), 0x8000)),
    "many": GREETED + say(CLIENT, flap(5, b"") + snac(3, 4, name(b"7")) + flap(3, b"x") +
                          sent(1, b"7", text(b"a")) + sent(1, b"8", text(b"b"))),
    "lost": GREETED + say(CLIENT, LOGIN[:20]) + lose(CLIENT, 40) + say(CLIENT, b"*\2\0*\4" +
                                                                       sent(1, b"7", text(b"x"))) +
            lose(SERVER, 1) + say(SERVER, b"junk" + WELCOME),
    "middle": ALONE + say(CLIENT, flap(5, b"") + sent(1, b"7", text(b"x"))) + say(SERVER, WELCOME),
    "bytes": ALONE + say(SERVER, HELLO, 1) + say(CLIENT, LOGIN, 1) + say(SERVER, WELCOME, 1),
    "long": GREETED + say(CLIENT, b"*\2\0\1\x40\0\0\4\0\6") + bytes([CLIENT | 3 << 3, 255]) +
            b"\0" * 2040 + say(CLIENT, sent(1, b"7", text(b"x"))),
    "typing": GREETED + say(CLIENT, snac(4, 20, b"cookie00\0\1" + name(b"7") + b"\0\2")),
    "other": ALONE + say(SERVER, b"* OK ready\r\n") + say(CLIENT, b"*3\r\n$3\r\nSET\r\n"),
}

os.makedirs(os.path.join(HERE, "oscar"), exist_ok=True)
for seed, data in SEEDS.items():
    with open(os.path.join(HERE, "oscar", seed), "wb") as out:
        out.write(data)
