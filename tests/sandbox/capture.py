#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""capture.py NAME FILE: a capture of one HTTP request whose path tells tests/sandbox/attempt.c what to try."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import wire  # noqa: E402


def main():
    name, path = sys.argv[1:]
    client, server = wire.address("192.0.2.10"), wire.address("198.51.100.80")
    there, back = (40000, 80), (80, 40000)
    request = b"GET /ATTEMPT:%s. HTTP/1.1\r\nHost: shop.example\r\n\r\n" % name.encode()
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    packets = [
        wire.tcp(client, server, there, 100, 0, wire.SYN),
        wire.tcp(server, client, back, 500, 101, wire.SYN | wire.ACK),
        wire.tcp(client, server, there, 101, 501, wire.ACK | wire.PSH, request),
        wire.tcp(server, client, back, 501, 101 + len(request), wire.ACK | wire.PSH, reply),
        wire.tcp(client, server, there, 101 + len(request), 501 + len(reply), wire.FIN | wire.ACK),
        wire.tcp(server, client, back, 501 + len(reply), 102 + len(request), wire.FIN | wire.ACK),
    ]
    wire.write_pcap(path, [(1_700_000_000_000_000 + i, packet) for i, packet in enumerate(packets)])


if __name__ == "__main__":
    main()
