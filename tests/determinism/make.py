#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make.py FOLDER: writes the captures that tests/determinism/run makes for itself, the same on each
run."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import wire

START = 1767268800 * 1000000  # 2026-01-01 12:00:00 UTC
CLIENTS, SERVER = wire.address("10.0.0.1"), wire.address("192.0.2.1")


def replies():
    """HTTP replies without a length, whose connections never end: all records come at the end of the
    capture, more than 1 MiB for each of 8 workers."""
    for i in range(3000):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: " + b"a" * 3900 + b"\r\n\r\nx"
        yield START + i, wire.tcp(SERVER, wire.host(CLIENTS, i), 80, 1024 + i, 1, 1, wire.ACK, head)


def flows():
    """UDP sessions of a packet each: flow records come at the end, likewise."""
    for i in range(100000):
        yield START + i, wire.udp(wire.host(CLIENTS, i), SERVER, 1024 + i % 60000, 999, b"x")


def visits(clients, start):
    """Requests, each on a connection of its own, ten a second, with a datagram before each."""
    for i in range(200):
        at, client = START + start + i * 100000, wire.host(clients, i % 50)
        port = 40000 + i
        yield at, wire.udp(client, SERVER, port, 999, b"x")
        yield at + 100, wire.tcp(client, SERVER, port, 80, 1, 0, wire.SYN)
        yield at + 200, wire.tcp(SERVER, client, 80, port, 1, 2, wire.SYN | wire.ACK)
        yield at + 300, wire.tcp(client, SERVER, port, 80, 2, 2, wire.ACK,
                                 b"GET /%d HTTP/1.1\r\nHost: shop.example\r\n\r\n" % i)
        yield at + 70000, wire.tcp(SERVER, client, 80, port, 2, 100, wire.ACK | wire.FIN,
                                   b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def left():
    """Two captures of the same seconds, of different clients."""
    return sorted(visits(CLIENTS, 0))


def right():
    return sorted(visits(wire.host(CLIENTS, 1000), 3050000))


def waves():
    """100 sessions at a time, five times, each over before the next begin."""
    for wave in range(5):
        for i in range(100):
            client = wire.host(CLIENTS, 1000 * wave + i)
            yield START + 200000000 * wave + i, wire.udp(client, SERVER, 40000, 999, b"x")


def main():
    for make in (replies, flows, left, right, waves):
        with open(os.path.join(sys.argv[1], make.__name__ + ".pcap"), "wb") as out:
            out.write(wire.pcap(make()))


if __name__ == "__main__":
    main()
