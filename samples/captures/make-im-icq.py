#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-im-icq.py: writes im-icq.pcap beside this script: ICQ and AIM (OSCAR).

The servers no longer exist, so this script builds the bytes, the same on each run: a login with a
roasted password; the session at the next server on port 443 with messages of each form both ways,
one split over segments, a repeated segment and two out of order; a refused login with a hash.
"""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = 0, 1
START = 1767268800  # 2026-01-01 12:00:00 UTC
MACS = (b"\x02\x00\x00\x00\x00\x0a", b"\x02\x00\x00\x00\x00\x90")
ROAST = bytes.fromhex("f32681c43986db9271a3b9e6537a957c")
SERVER_RELAY = bytes.fromhex("09461349 4c7f 11d1 8222 444553540000")
FILE_TRANSFER = bytes.fromhex("09461343 4c7f 11d1 8222 444553540000")
COOKIE = bytes(range(64)) * 2


# ---- Ethernet, IPv4, TCP --------------------------------------------------------------------

def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Capture:
    def __init__(self):
        self.data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        self.microseconds = 0

    def add(self, frame):
        self.microseconds += 21000
        seconds, rest = divmod(self.microseconds, 1000000)
        self.data += struct.pack("<IIII", START + seconds, rest, len(frame), len(frame)) + frame


class Connection:
    FIN, SYN, PSH, ACK = 1, 2, 8, 16

    def __init__(self, capture, server, ports):
        self.capture = capture
        self.hosts = (bytes([192, 0, 2, 10]), bytes([198, 51, 100, server]))
        self.ports = ports
        self.next = [5000, 700000]
        self.identification = 0
        self.sequence = [0x21, 0x6F10]  # frame numbers of each side
        self.send(CLIENT, self.SYN)
        self.send(SERVER, self.SYN | self.ACK)
        self.send(CLIENT, self.ACK)

    def segment(self, side, flags, data=b""):
        tcp = struct.pack("!HHIIBBHHH", self.ports[side], self.ports[not side], self.next[side],
                          self.next[not side] if flags & self.ACK else 0, 5 << 4, flags, 64240,
                          0, 0) + data
        pseudo = self.hosts[side] + self.hosts[not side] + struct.pack("!HH", 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        self.identification += 1
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), self.identification, 0x4000, 64, 6,
                         0) + self.hosts[side] + self.hosts[not side]
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        self.next[side] += len(data) + (1 if flags & (self.SYN | self.FIN) else 0)
        return MACS[not side] + MACS[side] + b"\x08\x00" + ip + tcp

    def send(self, side, flags, data=b""):
        self.capture.add(self.segment(side, flags, data))

    def say(self, side, *frames, cuts=(), order=None):
        """Sends frames in one segment, or cut at the offsets `cuts` and sent in `order`."""
        data = b"".join(self.flap(side, *frame) for frame in frames)
        ends = [0, *cuts, len(data)]
        segments = [self.segment(side, self.PSH | self.ACK, data[a:b])
                    for a, b in zip(ends, ends[1:])]
        for i in order or range(len(segments)):
            self.capture.add(segments[i])
        self.send(not side, self.ACK)

    def flap(self, side, channel, payload):
        self.sequence[side] += 1
        return b"*" + struct.pack("!BHH", channel, self.sequence[side], len(payload)) + payload

    def close(self, first):
        self.send(first, self.FIN | self.ACK)
        self.send(not first, self.FIN | self.ACK)
        self.send(first, self.ACK)


# ---- OSCAR ----------------------------------------------------------------------------------

def tlv(kind, value):
    return struct.pack("!HH", kind, len(value)) + value


def sign_on(*tlvs):
    return 1, b"\0\0\0\1" + b"".join(tlvs)


def sign_off(*tlvs):
    return 4, b"".join(tlvs)


def snac(family, subtype, body=b"", flags=0):
    return 2, struct.pack("!HHHI", family, subtype, flags, 0x1234) + body


KEEP_ALIVE = (5, b"")


def name(text):
    return bytes([len(text)]) + text.encode()


def user(text, nick):
    tlvs = [tlv(1, b"\0\x50"), tlv(6, b"\x10\2\0\0"), tlv(15, b"\0\0\1\x2c")]
    if nick:
        tlvs.append(tlv(0x18, nick.encode()))
    return name(text) + struct.pack("!HH", 0, len(tlvs)) + b"".join(tlvs)


def text(content, charset="ascii"):
    number = {"ascii": 0, "utf-16-be": 2, "cp1251": 3}[charset]
    content = struct.pack("!HH", number, 0) + content.encode(charset)
    return tlv(2, b"\5\1\0\1\1\1\1" + struct.pack("!H", len(content)) + content)


def sent(channel, to, *tlvs):
    return snac(4, 6, b"out-0001" + struct.pack("!H", channel) + name(to) + b"".join(tlvs))


def received(channel, sender, nick, *tlvs, flags=0):
    block = b"\0\6" + tlv(1, b"\0\4") if flags else b""
    return snac(4, 7, block + b"in--0001" + struct.pack("!H", channel) + user(sender, nick) +
                b"".join(tlvs), flags)


def old_message(kind, content):
    content = content.encode() + b"\0"
    return struct.pack("<BBH", kind, 0, len(content)) + content


def relayed(kind, content):
    head = struct.pack("<H", 10) + bytes(16) + b"\0\0\3\0\0\0\4\xff\xff"
    message = struct.pack("<BBHHH", kind, 0, 0, 1, len(content) + 1) + content.encode() + b"\0"
    extension = (struct.pack("<H", len(head)) + head + struct.pack("<HH", 14, 0xFFFF) + bytes(12) +
                 message + bytes(8))
    return tlv(5, b"\0\0out-0001" + SERVER_RELAY + tlv(10, b"\0\1") + tlv(15, b"") +
               tlv(0x2711, extension))


def file_offer(file):
    return tlv(5, b"\0\0out-0001" + FILE_TRANSFER + tlv(10, b"\0\1") +
               tlv(0x2711, b"\0\1\0\1\0\0\1\0" + file.encode() + b"\0"))


def roasted(password):
    return bytes(byte ^ ROAST[i % 16] for i, byte in enumerate(password.encode()))


# ---- sessions -------------------------------------------------------------------------------

def log_in(capture):
    talk = Connection(capture, 90, (49200, 5190))
    talk.say(SERVER, sign_on())
    talk.say(CLIENT, sign_on(tlv(1, b"100200300"), tlv(2, roasted("a paper boat, afloat")),
                             tlv(3, b"ICQ Client"), tlv(0x16, b"\1\x0a"), tlv(15, b"en")))
    talk.say(SERVER, sign_off(tlv(1, b"100200300"), tlv(5, b"198.51.100.91:443"),
                              tlv(6, COOKIE)))
    talk.close(SERVER)


def chat(capture):
    talk = Connection(capture, 91, (49201, 443))
    talk.say(SERVER, sign_on())
    talk.say(CLIENT, sign_on(tlv(6, COOKIE), tlv(3, b"ICQ Client")))
    talk.say(SERVER, snac(1, 3, b"\0\1\0\2\0\3\0\4\0\x13\0\x15"))
    talk.say(CLIENT, snac(1, 0x17, b"\0\1\0\4\0\4\0\1"), snac(1, 14), snac(4, 4))
    talk.say(SERVER, snac(1, 15, user("100200300", "Ann")))
    talk.say(CLIENT, snac(1, 2, b"\0\1\0\4\1\x10\x16\x4f"))
    talk.say(CLIENT, snac(4, 20, b"out-0001\0\1" + name("100200301") + b"\0\2"))
    talk.say(CLIENT, sent(1, "100200301", text("Good morning"), tlv(6, b"")))
    talk.say(SERVER, snac(4, 12, b"out-0001\0\1" + name("100200301")),
             received(1, "100200301", "Bob", text("Доброе утро", "utf-16-be")))
    talk.say(CLIENT, KEEP_ALIVE)
    long_text = text("a line of a long message\n" * 70)
    talk.say(CLIENT, sent(1, "100200301", long_text, tlv(3, b"")), cuts=(3, 700, 1400))
    talk.say(SERVER, received(1, "100200301", "Bob", text("да", "cp1251"), flags=0x8000))
    talk.say(CLIENT, sent(1, "100200301", text("one")), sent(1, "Old Pal", text("two")))
    talk.say(SERVER, received(1, "Old Pal", "", text("three times over")), cuts=(40, 60),
             order=(0, 2, 2, 1))
    talk.say(CLIENT, sent(2, "100200301", relayed(1, "relayed")))
    talk.say(CLIENT, sent(2, "100200301", relayed(0xE8, "")),
             sent(2, "100200301", file_offer("boat.jpg")))
    talk.say(SERVER, received(4, "100200302", "", tlv(5, struct.pack("<I", 100200302) +
                                                      old_message(1, "an old client"))),
             received(4, "100200302", "", tlv(5, struct.pack("<I", 100200302) +
                                              old_message(12, "added you"))))
    talk.say(CLIENT, sign_off())
    talk.close(CLIENT)


def log_in_by_hash(capture):
    talk = Connection(capture, 90, (49202, 5190))
    talk.say(CLIENT, sign_on())
    talk.say(SERVER, sign_on())
    talk.say(CLIENT, snac(0x17, 6, tlv(1, b"oldpal")))
    talk.say(SERVER, snac(0x17, 7, b"\0\x0a0123456789"))
    talk.say(CLIENT, snac(0x17, 2, tlv(1, b"oldpal") + tlv(0x25, b"\x5a" * 16) + tlv(3, b"AIM")))
    talk.say(SERVER, snac(0x17, 3, tlv(1, b"Old Pal") + tlv(8, b"\0\5") +
                          tlv(4, b"http://help.example/")))
    talk.close(SERVER)


def main():
    capture = Capture()
    log_in(capture)
    chat(capture)
    log_in_by_hash(capture)
    with open(os.path.join(HERE, "im-icq.pcap"), "wb") as out:
        out.write(capture.data)


main()
