#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""captures.py KIND FILE [SEED]: a generated capture, for cases that no sample has.

replies  3,000 HTTP replies without a length, whose connections never end: all their records come at the
         end of the capture, more than 1 MiB for each of 8 workers
flows    100,000 UDP sessions of one packet: all their flow records come at the end too
left     requests of some clients, each on a separate connection ...
right    ... and of other clients in the same seconds
waves    100 sessions at a time, five times; each wave ends before the next begins
idle     100,000 SSH sessions that fall silent after their greeting, then 1,000 HTTP requests, each in
         two parts two seconds apart
odd      the traffic of some hosts with wrong timestamps: single ones, several in a row, steps both ways
names    RADIUS names the subscriber at 10.0.0.1 in a packet with the largest timestamp, that at 10.0.0.2 in
         one with the smallest; then each sends a DNS query
logins   RADIUS names the subscribers at 20,000 addresses, some of them twice, more than 1 MiB of memory for
         names holds; between these packets, and after them, the addresses send DNS queries
pieces   requests in IP fragments, the last fragments first, those of many sessions mixed
sparse   a day of short sessions of the same addresses and ports, an hour apart; in the second hour one
         packet of another address has the largest timestamp
"""
import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import wire
from wire import ACK, FIN, PSH, SYN

SECOND = 1_000_000
START = 1_700_000_000
SERVER = wire.address("192.0.2.1")


def client(number):
    return wire.address("10.0.0.0", number)


def up(number, ports, *rest):
    return wire.tcp(client(number), SERVER, ports, *rest)


def down(number, ports, *rest):
    """A segment of the server; ports are those of client and server, as in up()."""
    return wire.tcp(SERVER, client(number), ports[::-1], *rest)


def datagram(number, ports, data):
    return wire.udp(client(number), SERVER, ports, data)


def replies(_):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: " + b"a" * 3900 + b"\r\n\r\nx"
    for i in range(3000):
        yield START * SECOND + i, down(i, (1024 + i, 80), 1, 1, ACK, head)


def flows(_):
    for i in range(100_000):
        yield START * SECOND + i, datagram(i, (1024 + i % 60_000, 999), b"x")


def visits(clients, begin):
    """Ten requests a second, with a datagram before each."""
    for i in range(200):
        at, number, ports = begin + i * SECOND // 10, clients + i % 50, (40_000 + i, 80)
        yield at, datagram(number, (40_000 + i, 999), b"x")
        yield at + 100, up(number, ports, 1, 0, SYN)
        yield at + 200, down(number, ports, 1, 2, SYN | ACK)
        yield at + 300, up(number, ports, 2, 2, ACK,
                           b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % i)
        yield at + 70_000, down(number, ports, 2, 100, ACK | FIN,
                                b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def left(_):
    return sorted(visits(0, START * SECOND))


def right(_):
    return sorted(visits(1000, START * SECOND + 3_050_000))


def waves(_):
    for wave in range(5):
        for i in range(100):
            at = (START + 200 * wave) * SECOND + i
            yield at, datagram(1000 * wave + i, (40_000, 999), b"x")


def dns_query(name, number):
    labels = b"".join(bytes([len(label)]) + label for label in name.split(b"."))
    return struct.pack(">HHHHHH", number & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"


def idle(_):
    for i in range(100_000):
        at, ports = (START + i // 1000) * SECOND, (1024 + i % 60_000, 22)
        yield at, up(i, ports, 1000, 0, SYN)
        yield at, down(i, ports, 5000, 1001, SYN | ACK)
        yield at, down(i, ports, 5001, 1001, ACK | PSH, b"SSH-2.0-OpenSSH_9.2\r\n")
    requests, apart = 1_000, 20
    for i in range(requests + apart):
        at = (START + 130 + i // 10) * SECOND
        first = b"GET /%d HTTP/1.1\r\nHost: www.exam"
        if i < requests:
            yield at, up(-1 - i, (40_000, 80), 1, 0, ACK | PSH, first % i)
        if i >= apart:
            yield at, up(-1 - i + apart, (40_000, 80), 1 + len(first % (i - apart)), 0, ACK | PSH,
                         b"ple\r\n\r\n")


def odd_stamp(chance, stamp):
    return chance.choice((0, 1, 2**31, 2**32 - 1, stamp + 86_400, stamp - 86_400,
                          stamp + chance.randrange(301, 4000), stamp - chance.randrange(301, 4000),
                          stamp + chance.randrange(-250, 250)))


def odd(seed):
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
        # A pcap file has 32 bits for the seconds.
        right_at = stamp % 2**32 * SECOND
        at = wrong % 2**32 * SECOND if odd_left else right_at
        odd_left -= odd_left > 0
        host = chance.randrange(400)
        if host % 3 == 0:
            yield at, datagram(host, (5000, 53), dns_query(b"h%d.example" % host, i))
        else:
            request = b"GET /%d HTTP/1.1\r\nHost: h%d.example\r\n\r\n" % (i, host)
            half = chance.randrange(1, len(request))
            sequence = due.get(host, 100)
            yield at, up(host, (6000, 80), sequence, 0, ACK, request[:half])
            yield right_at, up(host, (6000, 80), sequence + half, 0, ACK, request[half:])
            due[host] = sequence + len(request)


def accounting_request(attributes):
    """A RADIUS Accounting-Request."""
    return struct.pack(">BBH16x", 4, 1, 20 + len(attributes)) + attributes


def accounting(host, user, status):
    """A packet that begins (status 1) or ends (2) the binding of the user to the host's address."""
    attributes = (struct.pack(">BB4s", 8, 6, client(host)) + struct.pack(">BBI", 40, 6, status) +
                  bytes([1, 2 + len(user)]) + user)
    return datagram(9, (40_000, 1813), accounting_request(attributes))


def names(_):
    for host, (wrong, user) in enumerate(((2**32 - 1, b"anna"), (0, b"boris")), 1):
        yield START * SECOND, datagram(9, (5000, 53), dns_query(b"first.example", 1))
        yield wrong * SECOND, accounting(host, user, 1)
        yield (START + 1) * SECOND, datagram(host, (5000, 53), dns_query(b"second.example", 2))


def logins(seed):
    chance = random.Random(seed)
    order = list(range(100, 20_100))
    chance.shuffle(order)
    for i in range(40_000):
        at = START * SECOND + i * 5000
        if i < 30_000:
            host = order[i % 20_000] if i % 7 else order[max(0, i - 900) % 20_000]
            yield at, accounting(host, b"user%d" % i, 2 if chance.random() < 0.1 else 1)
        # An address that was bound lately, or may have been forgotten, or is bound next.
        host = order[(i + 2 - int(chance.expovariate(1 / 3000))) % 20_000]
        yield at + 1, datagram(host, (5000 + i % 3, 53), dns_query(b"h%d.example" % host, i))


def sparse(_):
    for hour in range(24):
        if hour == 2:
            yield (2**32 - 1) * SECOND, datagram(1, (5000, 53), dns_query(b"odd.example", 0))
        for second in range(3):
            at = (START + hour * 3600 + second) * SECOND
            yield at, datagram(0, (5000, 53), dns_query(b"u%d.example" % hour, second))
            yield at, up(0, (6000, 80), 1000 + 23 * second, 0, ACK,
                         b"GET /%d%02d HTTP/1.1\r\n\r\n\r\n" % (second, hour))


def fragments(packet, number, size):
    """The fragments of an IPv4 packet, of at most `size` bytes of payload, which is a multiple of 8."""
    body = packet[20:]
    for at in range(0, len(body), size):
        more = at + size < len(body)
        head = (packet[:2] + struct.pack("!HHH", 20 + len(body[at:at + size]), number,
                                         at // 8 | more << 13) +
                packet[8:10] + bytes(2) + packet[12:20])
        yield head[:10] + struct.pack("!H", wire.checksum(head)) + head[12:] + body[at:at + size]


def pieces(_):
    for i in range(0, 400, 20):
        at, fragmented = (START + i // 20) * SECOND, []
        for host in range(i, i + 20):
            ports = (40_000 + host, 8080)
            yield at, up(host % 50, ports, 1, 0, SYN)
            yield at, down(host % 50, ports, 1, 2, SYN | ACK)
            request = up(host % 50, ports, 2, 2, ACK | PSH,
                         b"GET /%d HTTP/1.1\r\nHost: pieces.example\r\n\r\n" % host)
            fragmented.append(list(fragments(request, host, 24)))
        while any(fragmented):
            for each in fragmented:
                if each:
                    yield at + 1, each.pop()


def main():
    kinds = (replies, flows, left, right, waves, idle, odd, names, logins, pieces, sparse)
    kind = {kind.__name__: kind for kind in kinds}.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if kind is None or len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    wire.write_pcap(sys.argv[2], kind(int(sys.argv[3]) if len(sys.argv) > 3 else 1))


main()
