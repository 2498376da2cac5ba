#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""blocks.py make|check FILE: makes a pcapng capture with blocks of all kinds, or checks what was extracted of it:
packets 2 and 3, the second of which is in a big-endian section with times in units of its own.

blocks.py frames PCAP NUMBER... PCAPNG: checks that these packets of a little-endian pcap file were extracted, and no others,
with their times, in nanoseconds then."""
import socket
import struct
import sys

SECTION, INTERFACE, SIMPLE, NAMES, STATISTICS, PACKET, SECRETS, CUSTOM = 0x0a0d0d0a, 1, 3, 4, 5, 6, 10, 0xbad


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def section(order):
    return block(order, SECTION, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, 4711) + option(order, 3, b"Testix"))


def interface(order, link_type, *options):
    return block(order, INTERFACE, struct.pack(order + "HHI", link_type, 0, 0) + b"".join(options) + b"\0\0\0\0")


def packet(order, identifier, ticks, frame, *options):
    head = struct.pack(order + "IIIII", identifier, ticks >> 32, ticks & 0xffffffff, len(frame), len(frame) + 9)
    return block(order, PACKET, head + frame + b"\0" * (-len(frame) % 4) + b"".join(options))


def dns(number):
    """A query in Ethernet, IPv4 and UDP, between other hosts for each number."""
    query = struct.pack("!HHHHHH", number, 0x100, 1, 0, 0, 0) + b"\7example\3org\0\0\1\0\1"
    udp = struct.pack("!HHHH", 4000 + number, 53, 8 + len(query), 0) + query
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                     socket.inet_aton("192.0.2.1"), socket.inet_aton(f"192.0.2.{10 + number}"))
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + udp


def make():
    little, big = "<", ">"
    secrets = struct.pack(little + "II", 0x544c534b, 8) + b"KEYS4711"
    resolution = option(big, 9, b"\x8a")  # 1/1024 s
    return b"".join([
        section(little), interface(little, 1, option(little, 2, b"lan")), interface(little, 101),
        block(little, SECRETS, secrets), block(little, NAMES, b"\0\0\0\0"),
        packet(little, 0, 1_000_000_000_000_000, dns(1)),
        packet(little, 0, 1_000_000_000_000_001, dns(2), option(little, 2, b"\1\0\0\0"), option(little, 1, b"mine"),
               b"\0\0\0\0"),
        block(little, STATISTICS, struct.pack(little + "III", 0, 0, 0)),
        section(big), interface(big, 1, resolution, option(big, 14, struct.pack(">q", 1000))),
        packet(big, 0, 1_000_000_000 * 1024 + 512, dns(3)),
        block(big, CUSTOM, struct.pack(big + "I", 8057) + b"text"),
    ])


def blocks(data):
    order, at = "<", 0
    while at < len(data):
        if data[at:at + 4] == b"\n\r\r\n":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, size = struct.unpack_from(order + "II", data, at)
        assert struct.unpack_from(order + "I", data, at + size - 4)[0] == size
        yield order, kind, data[at + 8:at + size - 4]
        at += size


def check(data):
    found = list(blocks(data))
    kinds = [(order, kind) for order, kind, _ in found]
    assert kinds == [("<", SECTION), ("<", INTERFACE), ("<", INTERFACE), ("<", SECRETS), ("<", PACKET),
                     ("<", STATISTICS), (">", SECTION), (">", INTERFACE), (">", PACKET)], kinds
    bodies = [body for _, _, body in found]
    original = {body for _, _, body in blocks(make())}
    for index in (1, 2, 3, 5, 7):
        assert bodies[index] in original, found[index]
    assert b"Testix" in bodies[0] and struct.unpack_from("<q", bodies[0], 8)[0] == -1
    first = packet("<", 0, 1_000_000_000_000_001, dns(2), option("<", 2, b"\1\0\0\0"), option("<", 1, b"mine"))
    assert bodies[4].startswith(first[8:-4]), bodies[4]
    assert b", packet 2 of blocks.pcapng" in bodies[4][len(first) - 12:]
    second = packet(">", 0, 1_000_000_000 * 1024 + 512, dns(3))
    assert bodies[8].startswith(second[8:-4]), bodies[8]
    assert b", packet 3 of blocks.pcapng" in bodies[8]


def check_frames(pcap, numbers, pcapng):
    with open(pcap, "rb") as file:
        data = file.read()
    wanted, at = [], 24
    while at < len(data):
        seconds, microseconds, size, original = struct.unpack_from("<IIII", data, at)
        ticks = (seconds * 1_000_000 + microseconds) * 1000
        wanted.append((ticks, original, data[at + 16:at + 16 + size]))
        at += 16 + size
    found = []
    with open(pcapng, "rb") as file:
        for order, kind, body in blocks(file.read()):
            if kind == PACKET:
                _, high, low, size, original = struct.unpack_from(order + "IIIII", body)
                found.append((high << 32 | low, original, body[20:20 + size]))
    assert found == [wanted[number - 1] for number in numbers], found


if __name__ == "__main__":
    if sys.argv[1] == "frames":
        check_frames(sys.argv[2], [int(number) for number in sys.argv[3:-1]], sys.argv[-1])
        sys.exit(0)
    with open(sys.argv[2], "wb" if sys.argv[1] == "make" else "rb") as file:
        if sys.argv[1] == "make":
            file.write(make())
        else:
            check(file.read())
