#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-dns.py: writes the seeds of fuzz_dns into dns/ beside it. The first byte of a seed is the
choice of fuzz_dns.c: 1 TCP, 2 port 53, 4 port 5353, 8 in two pieces, 16 a gap, 32 a short one, 64 a
datagram that is cut."""
import os
import struct

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dns")
UDP, TCP, P53, P5353, TWO, GAP, SHORT, CUT = 0, 1, 2, 4, 8, 16, 32, 64
EXAMPLE = b"\7example\3org\0"
POINTER = b"\xc0\x0c"
ORG = b"\xc0\x14"


def header(flags=0x8180, questions=1, answers=0, authority=0, additional=0):
    return struct.pack(">6H", 0x1234, flags, questions, answers, authority, additional)


def question(kind=1, name=EXAMPLE, cls=1):
    return name + struct.pack(">2H", kind, cls)


def record(kind, data, name=POINTER, cls=1):
    return question(kind, name, cls) + struct.pack(">IH", 300, len(data)) + data


def response(*records, **more):
    return header(answers=len(records), **more) + question() + b"".join(records)


def framed(*messages):
    return b"".join(struct.pack(">H", len(m)) + m for m in messages)


def write(name, choice, data):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(bytes([choice]) + data)


TYPES = {
    "ns": (2, ORG), "cname": (5, b"\3www" + POINTER),
    "soa": (6, ORG + POINTER + bytes(range(20))), "ptr": (12, POINTER), "minfo": (14, ORG + ORG),
    "mx": (15, b"\0\12" + POINTER), "rp": (17, POINTER + b"\0"),
    "sig": (24, bytes(18) + ORG + b"signature"), "px": (26, b"\0\1" + ORG + POINTER),
    "nxt": (30, ORG + b"map"), "srv": (33, b"\0\1\0\2\0\5" + POINTER),
    "naptr": (35, b"\0\1\0\2\1s\7SIP+D2U\0" + ORG), "dname": (39, ORG),
    "nsec": (47, ORG + b"\0\1\x40"), "txt": (16, b"\5hello\2\xff\0"), "a": (1, b"\xc0\0\2\1"),
    "aaaa": (28, bytes(range(16))), "https": (65, b"\0\1\0\0\1\0\3\2h2"),
}


def main():
    os.makedirs(folder, exist_ok=True)
    address = record(*TYPES["a"])
    for name, (kind, data) in TYPES.items():
        write("type-" + name, UDP | P53, response(record(kind, data), address))
    query = header(0x0100) + question()
    write("udp-query", UDP | P53, query)
    write("udp-query-anywhere", UDP, query)
    write("udp-response-anywhere", UDP, response(address))
    write("udp-empty", UDP | P53, header() + question())
    write("udp-formerr", UDP | P53, header(0x8181, 0))
    write("udp-two-pieces", UDP | P53 | TWO, response(address))
    write("edns", UDP | P53, header(0x0120, additional=1) + question()
          + b"\0" + struct.pack(">2HIH", 41, 1232, 0, 0))
    write("update", UDP | P53, header(0x2800) + question(6))
    write("mdns", UDP | P5353, header(0x8400, 0, 1)
          + record(12, b"\3dev" + POINTER, b"\5_http\4_tcp\5local\0", 0x8001))
    write("mdns-queries", UDP | P5353, header(0, 3) + question(12) + question(1, b"\1b" + POINTER)
          + question(28, POINTER))
    write("counts-lie", UDP | P53, header(answers=65535) + question() + address)
    write("loop-self", UDP | P53, response(address, record(2, b"\xc0\x39")))
    write("loop-label", UDP | P53, response(record(1, b"", b"\1a\xc0\x1d")))
    write("forward", UDP | P53, response(record(1, b"", b"\xc0\x30"), address))
    chain = b"".join(struct.pack(">H", 0xc000 | (12 if i == 0 else 39 + 2 * i)) for i in range(40))
    write("chain", UDP | P53, response(record(16, chain), record(1, b"", b"\xc0\x77")))
    long_name = (b"\x3f" + b"x" * 63) * 3 + b"\x3d" + b"\xff" * 61 + b"\0"
    write("name-255", UDP | P53, response(record(1, b"abcd", long_name)))
    write("name-too-long", UDP | P53, response(record(1, b"abcd", b"\1a" + long_name)))
    write("tcp", TCP | P53, framed(query, response(address, address)))
    write("tcp-anywhere", TCP | TWO, framed(response(address), response(address)))
    write("tcp-gap", TCP | P53 | TWO | GAP, framed(response(*[address] * 5)) * 2)
    write("tcp-bad-between", TCP | P53, framed(query, b"", b"short", b"\xff" * 20, query))
    write("tcp-cut", TCP | P53, framed(response(address, address))[:-9])
    write("tcp-large-nsec", TCP | P53, framed(response(record(47, POINTER + bytes(2000)))))
    write("tcp-transfer", TCP | P53 | TWO | GAP,
          framed(header(questions=0, answers=1) + record(1, b"abcd", EXAMPLE)) * 3)
    fwd = b"\3fwd\7example\0"
    write("forward-name", UDP | P53, response(record(1, b"abcd", b"\1w\xc0\x3d"),
                                              record(2, b"\xc0\x3d"), record(1, b"abcd", fwd)))
    write("bad-owners", UDP | P53, response(record(1, b"abcd", b"\xc0\x00"), address,
                                            record(1, b"abcd", b"\xff\xff"), address))
    write("udp-cut", UDP | P53 | CUT, response(address, address)[:-7])
    write("udp-cut-question", UDP | P53 | CUT, response(address)[:31])
    write("tcp-short-gap", TCP | P53 | TWO | GAP | SHORT, framed(response(*[address] * 5)) * 2)
    write("tcp-lost-framing", TCP | P53 | TWO | GAP,
          framed(response(*[address] * 5)) + bytes(range(200)) + framed(query, response(address)) * 2)


if __name__ == "__main__":
    main()
