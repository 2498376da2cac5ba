#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_stream and fuzz_session beside this script."""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = 0, 1

REQUEST = b"GET /a HTTP/1.1\r\nHost: www.example\r\nCookie: a=1\r\n\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
CONNECT = b"CONNECT www.example:443 HTTP/1.1\r\nHost: www.example:443\r\n\r\n"
HELLO_BODY = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x04\x13\x01\x13\x02" + b"\x01\0" + \
    b"\0\x14" + b"\0\0\0\x10\0\x0e\0\0\x0bwww.example"
HELLO = b"\x16\x03\x01" + struct.pack(">H", len(HELLO_BODY) + 4) + \
    b"\x01\0" + struct.pack(">H", len(HELLO_BODY)) + HELLO_BODY
QUERY = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\0\0\x01\0\x01"
ANSWER = b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0\x03www\x07example\0\0\x01\0\x01" \
    b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01"


def say(side, data, size=255):
    """Steps of fuzz_stream that say `data` in pieces."""
    out = b""
    for at in range(0, len(data), size):
        piece = data[at:at + size]
        out += bytes([2 | side, len(piece)]) + piece
    return out


def lose(side, root):
    return bytes([8 | side, root])


def close(side):
    return bytes([side, 0])


def packet(side, flags, sequence, data=b"", udp=False, more=0):
    """A packet of fuzz_session."""
    return bytes([0x10 | side | (2 if udp else 0), flags]) + \
        struct.pack(">HHBB", sequence, 0, len(data), more) + data


STREAM = {
    "http": b"\0" + say(CLIENT, REQUEST) + say(SERVER, REPLY) + say(CLIENT, REQUEST, 7) +
            say(SERVER, CHUNKED, 3) + close(CLIENT) + close(SERVER),
    "http-gap": b"\0" + say(CLIENT, REQUEST[:30]) + lose(CLIENT, 9) + say(CLIENT, REQUEST) +
                say(SERVER, REPLY[:-3]) + lose(SERVER, 1) + say(SERVER, b"lo" + REPLY),
    "connect-tls": b"\4" + say(CLIENT, CONNECT) + say(SERVER, b"HTTP/1.1 200 OK\r\n\r\n") +
                   say(CLIENT, HELLO, 11),
    "tls": b"\1" + say(CLIENT, HELLO) + close(SERVER),
    "dns-tcp": b"\2" + say(CLIENT, struct.pack(">H", len(QUERY)) + QUERY, 5) +
               say(SERVER, struct.pack(">H", len(ANSWER)) + ANSWER),
    "dns-udp": b"\x0a" + say(CLIENT, QUERY) + say(SERVER, ANSWER),
}

SESSION = {
    "in-order": packet(0, 2, 99) + packet(1, 18, 499) + packet(0, 24, 100, REQUEST) +
                packet(1, 24, 500, REPLY) + packet(0, 17, 100 + len(REQUEST)),
    "disorder": packet(0, 2, 99) + packet(0, 24, 120, REQUEST[20:]) +
                packet(0, 24, 110, REQUEST[10:30]) + packet(0, 24, 100, REQUEST[:15]),
    "cut": packet(0, 24, 100, REQUEST[:30], more=2) + packet(0, 24, 230, REQUEST, more=0xf0),
    "reuse": packet(0, 2, 99) + packet(0, 24, 100, REQUEST) + packet(0, 2, 7000) +
             packet(0, 24, 7001, REQUEST) + packet(1, 4, 1),
    "datagrams": packet(0, 0, 0, QUERY, udp=True) + packet(1, 0, 0, ANSWER, udp=True),
}

for folder, seeds in (("stream", STREAM), ("session", SESSION)):
    os.makedirs(os.path.join(HERE, folder), exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(HERE, folder, name), "wb") as out:
            out.write(data)
