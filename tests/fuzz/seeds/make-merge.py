#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_merge: files for `ipfixtool merge`, behind a byte that says where one ends
and the next begins. Uses the files of make-reader.py."""
import os
import struct

FOLDER = os.path.dirname(os.path.abspath(__file__))
PEN = 43823


def message(sequence, *sets, domain=1):
    body = b"".join(struct.pack(">HH", number, len(data) + 4) + data for number, data in sets)
    return struct.pack(">HHIII", 10, 16 + len(body), 1700000000, sequence, domain) + body


def template(number, *fields):
    return struct.pack(">HH", number, len(fields)) + b"".join(
        struct.pack(">HH", *field) for field in fields)


OURS = struct.pack(">HHHHIHHI", 257, 2, 0x8000 | 1001, 4, PEN, 0x8000 | 2000, 8, PEN)
FLOW = template(256, (150, 4), (151, 4))
OTHER = template(256, (152, 8), (4, 1))
TYPE = struct.pack(">HHHHHHHHH", 300, 3, 2, 346, 4, 303, 2, 341, 65535)
first = message(0, (2, OURS), (257, struct.pack(">IQIQIQ", 9, 1, 8, 2, 8, 2)))
second = message(0, (2, FLOW), (256, struct.pack(">IIII", 1, 7, 2, 8)))
third = message(0, (2, OTHER), (256, struct.pack(">QB", 8000, 6)),
                (3, TYPE), (300, struct.pack(">IH", 6871, 40) + b"\x08appLabel"))
SEEDS = {
    "ours_and_another": bytes([len(first) * 255 // len(first + second) + 1]) + first + second,
    "same_id": b"\x7e" + second + third + second,
    "two_domains": b"\x7f" + first + first[:12] + b"\0\0\0\7" + first[16:],
}
for name in os.listdir(os.path.join(FOLDER, "reader")):
    with open(os.path.join(FOLDER, "reader", name), "rb") as file:
        SEEDS["reader_" + name] = b"\xff" + file.read()
os.makedirs(os.path.join(FOLDER, "merge"), exist_ok=True)
for name, data in SEEDS.items():
    with open(os.path.join(FOLDER, "merge", name), "wb") as seed:
        seed.write(data)
