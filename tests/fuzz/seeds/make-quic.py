#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-quic.py: makes the seeds of fuzz_quic, out of hellos and frames put together here."""
import os

SEALED, FROM_SERVER, CUT, OTHER_CID, OTHER_KEYS = 1, 2, 4, 8, 16
V1, V2, DRAFT_29, DRAFT_27, MVFST, Q050, T050, T051 = (n << 5 for n in range(8))


def number(value, size):
    return value.to_bytes(size, "big")


def counted(data, size):
    return number(len(data), size) + data


def varint(value):
    for log, limit in enumerate((1 << 6, 1 << 14, 1 << 30, 1 << 62)):
        if value < limit:
            size = 1 << log
            return number(value | log << (8 * size - 2), size)
    raise ValueError(value)


def client_hello(host=b"", extensions=b""):
    if host:
        extensions += b"\0\0" + counted(counted(b"\0" + counted(host, 2), 2), 2)
    suites = bytes.fromhex("0a0a130113021303")
    body = b"\x03\x03" + b"\xc1" * 32 + b"\0" + counted(suites, 2) + b"\1\0"
    return b"\1" + counted(body + counted(extensions, 2), 3)


def crypto(message, begin=0, end=None, kind=6):
    data = message[begin:end]
    return varint(kind) + varint(begin) + varint(len(data)) + data


def step(choice, data):
    return number(choice, 1) + counted(data, 2)


def google_hello(tags):
    entries, values = b"", b""
    for tag, value in tags:
        values += value
        entries += tag.ljust(4, b"\0") + len(values).to_bytes(4, "little")
    return b"CHLO" + len(tags).to_bytes(2, "little") + b"\0\0" + entries + values


HELLO = client_hello(b"example.org", b"\xfa\xfa" + counted(b"\xee" * 60, 2))
GOOGLE = google_hello([(b"PAD", b"-" * 20), (b"SNI", b"example.org"), (b"UAID", b"Chrome")])
PADDING = b"\0" * 40
ACK = bytes.fromhex("02 4099 05 02 03 00 01 02 03")
ACK_ECN = bytes.fromhex("03 09 00 00 03 01 4100 00")
HASH = b"hash1hash2ha"
CID = b"\1\2\3\4\5\6\7\10"

seeds = {
    "whole": step(SEALED | V1, crypto(HELLO) + PADDING),
    "version2": step(SEALED | V2, crypto(HELLO) + PADDING),
    "draft29": step(SEALED | DRAFT_29, crypto(HELLO) + PADDING),
    "mvfst": step(SEALED | MVFST, crypto(HELLO) + PADDING),
    "scattered": step(
        SEALED | V1,
        PADDING + crypto(HELLO, 90) + b"\1" + crypto(HELLO, 20, 50) + ACK + crypto(HELLO, 0, 30)
        + ACK_ECN + crypto(HELLO, 40, 100),
    ),
    "two-datagrams": step(SEALED | V1, crypto(HELLO, 70)) + step(SEALED | V1, crypto(HELLO, 0, 70)),
    "other-cid": step(SEALED | V1, crypto(HELLO, 0, 70))
    + step(SEALED | V1 | OTHER_CID, crypto(HELLO, 70)),
    "retry": step(SEALED | V1, crypto(HELLO, 0, 70))
    + step(FROM_SERVER, b"\xff\0\0\0\1\0\7anothertoken" + b"t" * 16)
    + step(SEALED | V1 | OTHER_CID | OTHER_KEYS, crypto(HELLO, 0, 60))
    + step(SEALED | V1 | OTHER_CID | OTHER_KEYS, crypto(HELLO, 60)),
    "cut": step(SEALED | CUT | V1, crypto(HELLO) + PADDING),
    "close": step(SEALED | V1, b"\x1c\0\0\0" + crypto(HELLO)),
    "zero-rtt": step(0, b"\xd0\0\0\0\1\x08" + CID + b"\0\x1e" + b"0" * 30)
    + step(SEALED | V1, crypto(HELLO)),
    "negotiation": step(FROM_SERVER, b"\xca\0\0\0\0\0\x08" + CID + b"\0\0\0\1")
    + step(SEALED | V1, crypto(HELLO)),
    "t051": step(SEALED | T051, crypto(HELLO, kind=8) + PADDING),
    "q050": step(SEALED | Q050, crypto(GOOGLE, kind=8) + PADDING),
    "q046": step(0, b"\xc3Q046\x50" + CID + b"\0\0\0\1" + HASH + b"\xa0\1\0\x40" + GOOGLE),
    "q043": step(0, b"\x09" + CID + b"Q043\1" + HASH + b"\xa4\1\4\0\0\x40" + GOOGLE),
    "q024": step(0, b"\x0d" + CID + b"Q024\1" + HASH + b"\1\xa0\1\x40\0" + GOOGLE),
    "short": step(0, b"\x40" + b"s" * 40),
}

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "quic")
os.makedirs(folder, exist_ok=True)
for name, data in seeds.items():
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)
