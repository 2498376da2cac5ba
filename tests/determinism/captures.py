#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""captures.py KIND FILE [SEED]: a capture that tries time or memory.

idle     100,000 SSH sessions that fall silent after their greeting, then 1,000 HTTP requests, each in
         two parts two seconds apart
odd      the traffic of some hosts, with stamps that are wrong: alone, in rows, steps in both directions
names    RADIUS names the subscriber at 10.0.0.1 in a packet with the last stamp there is, that at 10.0.0.2
         in one with the first; then each asks for a name
sparse   a day of short sessions of the same addresses and ports, an hour apart; in the second hour one
         packet of another address has the last stamp there is
"""
import random
import struct
import sys

START = 1_700_000_000
ACK, SYN, PSH = 0x10, 0x02, 0x08
CLIENT, SERVER = 0x0A000000, 0xC0000201


class Capture:
    """A classic pcap file of raw IPv4 packets."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))

    def packet(self, stamp, source, destination, protocol, body):
        size = 20 + len(body)
        self.file.write(struct.pack("<IIII", stamp & 0xFFFFFFFF, 0, size, size) +
                        struct.pack(">BBHHHBBHII", 0x45, 0, size, 0, 0, 64, protocol, 0, source,
                                    destination) + body)

    def tcp(self, stamp, source, ports, sequence, acknowledgement, flags, payload=b""):
        ends = (source, SERVER) if ports[0] != 22 else (SERVER, source)
        self.packet(stamp, *ends, 6,
                    struct.pack(">HHIIBBHHH", *ports, sequence & 0xFFFFFFFF,
                                acknowledgement & 0xFFFFFFFF, 0x50, flags, 65535, 0, 0) + payload)

    def udp(self, stamp, source, ports, payload):
        self.packet(stamp, source, SERVER, 17,
                    struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload)


def dns_query(name, number):
    labels = b"".join(bytes([len(label)]) + label for label in name.split(b"."))
    return struct.pack(">HHHHHH", number & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"


def idle(capture, _):
    for i in range(100_000):
        stamp, client, ports = START + i // 1000, CLIENT + i, (1024 + i % 60_000, 22)
        capture.tcp(stamp, client, ports, 1000, 0, SYN)
        capture.tcp(stamp, client, ports[::-1], 5000, 1001, SYN | ACK)
        capture.tcp(stamp, client, ports[::-1], 5001, 1001, ACK | PSH, b"SSH-2.0-OpenSSH_9.2\r\n")
    requests, apart = 1_000, 20
    for i in range(requests + apart):
        stamp = START + 130 + i // 10
        first = b"GET /%d HTTP/1.1\r\nHost: www.exam"
        if i < requests:
            capture.tcp(stamp, CLIENT - 1 - i, (40_000, 80), 1, 0, ACK | PSH, first % i)
        if i >= apart:
            capture.tcp(stamp, CLIENT - 1 - i + apart, (40_000, 80),
                        1 + len(first % (i - apart)), 0, ACK | PSH, b"ple\r\n\r\n")


def odd_stamp(chance, stamp):
    return chance.choice((0, 1, 2**31, 2**32 - 1, stamp + 86_400, stamp - 86_400,
                          stamp + chance.randrange(301, 4000), stamp - chance.randrange(301, 4000),
                          stamp + chance.randrange(-250, 250)))


def odd(capture, seed):
    chance = random.Random(seed)
    stamp, due = START, {}
    odd_left, wrong = 0, 0
    for i in range(60_000):
        if chance.random() < 0.1:
            stamp += chance.randrange(4)
        if chance.random() < 0.0005:
            stamp = odd_stamp(chance, stamp)
        if odd_left == 0 and chance.random() < 0.02:
            odd_left, wrong = chance.choice((1, 1, 1, 2, 3)), odd_stamp(chance, stamp)
        at = wrong if odd_left else stamp
        odd_left -= odd_left > 0
        host = chance.randrange(400)
        if host % 3 == 0:
            capture.udp(at, CLIENT + host, (5000, 53), dns_query(b"h%d.example" % host, i))
        else:
            request = b"GET /%d HTTP/1.1\r\nHost: h%d.example\r\n\r\n" % (i, host)
            half = chance.randrange(1, len(request))
            sequence = due.get(host, 100)
            ports = (6000, 80)
            capture.tcp(at, CLIENT + host, ports, sequence, 0, ACK, request[:half])
            capture.tcp(stamp, CLIENT + host, ports, sequence + half, 0, ACK, request[half:])
            due[host] = sequence + len(request)


def names(capture, _):
    for host, (wrong, user) in enumerate(((2**32 - 1, b"anna"), (0, b"boris")), 1):
        capture.udp(START, CLIENT + 9, (5000, 53), dns_query(b"first.example", 1))
        attributes = (struct.pack(">BBI", 40, 6, 1) + bytes([1, 2 + len(user)]) + user +
                      struct.pack(">BBI", 8, 6, CLIENT + host))
        capture.udp(wrong, CLIENT + 9, (40_000, 1813),
                    struct.pack(">BBH16x", 4, 1, 20 + len(attributes)) + attributes)
        capture.udp(START + 1, CLIENT + host, (5000, 53), dns_query(b"second.example", 2))


def sparse(capture, _):
    for hour in range(24):
        if hour == 2:
            capture.udp(2**32 - 1, CLIENT + 1, (5000, 53), dns_query(b"odd.example", 0))
        for second in range(3):
            stamp = START + hour * 3600 + second
            capture.udp(stamp, CLIENT, (5000, 53), dns_query(b"u%d.example" % hour, second))
            capture.tcp(stamp, CLIENT, (6000, 80), 1000 + 23 * second, 0, ACK,
                        b"GET /%d%02d HTTP/1.1\r\n\r\n\r\n" % (second, hour))


def main():
    kinds = {"idle": idle, "names": names, "odd": odd, "sparse": sparse}
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    capture = Capture(sys.argv[2])
    kinds[sys.argv[1]](capture, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    capture.file.close()


main()
