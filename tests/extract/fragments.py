#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fragments.py FILE: makes a capture in which packets 2, 5 and 6 are the fragments of a DNS response in a GRE tunnel, the
last one first; the other packets are of others, 4 is a fragment whose packet is never whole."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import wire  # noqa: E402

GRE = 47
OUTER = wire.address("203.0.113.1"), wire.address("203.0.113.2")


def fragments(packet, identification, size):
    """An IPv4 packet in pieces of `size` bytes of its body."""
    body = packet[20:]
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        more = 0x2000 if at + size < len(body) else 0
        head = packet[:2] + struct.pack("!HHH", 20 + len(piece), identification, more | at // 8) + packet[8:10]
        head += b"\0\0" + packet[12:20]
        yield head[:10] + struct.pack("!H", wire.checksum(head)) + head[12:] + piece


def tunneled(packet):
    return wire.ipv4(*OUTER, GRE, b"\0\0\x08\0" + packet)


def response(number):
    name = b"\7example\3org\0"
    record = b"\xc0\x0c\0\x10\0\1\0\0\0\x3c" + struct.pack("!H", 101) + b"\x64" + b"t" * 100
    message = struct.pack("!HHHHHH", number, 0x8180, 1, 1, 0, 0) + name + b"\0\x10\0\1" + record
    return wire.udp(wire.address("192.0.2.53"), wire.address("198.51.100.0", number), (53, 4000 + number), message)


def main():
    first, second, third = fragments(response(1), 7, 56)
    lonely, *_ = fragments(response(3), 8, 56)
    packets = [response(2), tunneled(third), response(4), tunneled(lonely), tunneled(first), tunneled(second), response(2)]
    wire.write_pcap(sys.argv[1], [(1_700_000_000_000_000 + 1000 * i, packet) for i, packet in enumerate(packets)])


main()
