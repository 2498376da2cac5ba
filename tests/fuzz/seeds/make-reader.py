#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_reader: small IPFIX files, each with something else in it."""
import os
import struct

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reader")
PEN = 43823


def message(sequence, *sets, domain=1):
    body = b"".join(struct.pack(">HH", number, len(data) + 4) + data for number, data in sets)
    return struct.pack(">HHIII", 10, 16 + len(body), 1700000000, sequence, domain) + body


def field(pen, element, length):
    if pen == 0:
        return struct.pack(">HH", element, length)
    return struct.pack(">HHI", element | 0x8000, length, pen)


def template(number, *fields):
    return struct.pack(">HH", number, len(fields)) + b"".join(field(*f) for f in fields)


def options_template(number, scope, *fields):
    plain = template(number, *fields)
    return plain[:4] + struct.pack(">H", scope) + plain[4:]


def string(data):
    return bytes([len(data)]) + data


CLICKSTREAM = template(257, (PEN, 1001, 4), (PEN, 1002, 65535), (PEN, 1003, 4), (PEN, 1004, 4),
                       (PEN, 1005, 65535), (PEN, 1006, 65535))
TYPES = options_template(300, 2, (0, 346, 4), (0, 303, 2), (0, 339, 1), (0, 341, 65535))


def click(host):
    return (struct.pack(">I", 1700000000) + string(b"joe") + b"\x0a\0\0\1" + b"\xc0\0\2\1" +
            string(host) + string(b"/"))


SEEDS = {
    "clickstream": message(0, (2, CLICKSTREAM), (257, click(b"example.org") + click(b"b.example"))) +
                   message(2, (257, click(b"c.example"))),
    "types": message(0, (3, TYPES), (300, struct.pack(">IHB", 6871, 40, 4) + string(b"appLabel")),
                     (2, template(258, (6871, 40, 2), (29305, 85, 8), (0, 85, 4))),
                     (258, struct.pack(">HQI", 80, 5, 6) + b"\0\0")),
    "withdraw": message(0, (2, CLICKSTREAM), (2, struct.pack(">HH", 257, 0)),
                        (2, CLICKSTREAM + struct.pack(">HH", 2, 0)), (257, click(b"x"))),
    "lists": message(0, (2, template(256, (0, 291, 65535), (0, 292, 65535), (0, 293, 7))),
                     (256, string(b"\x03\0\x04\0\1\6\x11") + b"\xff\0\3\xff\1\x2c" +
                      b"\1\1\x2c\0\4\0\0")),
    "long": message(0, (2, template(256, (0, 82, 65535), (0, 276, 1))),
                    (256, b"\xff" + struct.pack(">H", 300) + b"a" * 300 + b"\1")),
    "empty_record": message(0, (2, template(256, (0, 210, 0))), (256, b"\0" * 8), (7, b"abcd")),
    "many_domains": b"".join(message(0, (2, template(256, (0, 4, 1))), (256, b"\x11\x06"), domain=i)
                             for i in range(5)),
}

for name, data in SEEDS.items():
    with open(os.path.join(FOLDER, name), "wb") as seed:
        seed.write(data)
