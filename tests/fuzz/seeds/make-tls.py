#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-tls.py: makes the seeds of fuzz_tls and fuzz_x509, out of hellos put together here and the
certificates of tests/unit/protocol/certificates.h."""
import os
import re

here = os.path.dirname(os.path.abspath(__file__))
header = os.path.join(here, "..", "..", "unit", "protocol", "certificates.h")
with open(header, encoding="utf-8") as file:
    certificates = {
        name: bytes(int(value, 16) for value in re.findall(r"0x(..)", body))
        for name, body in re.findall(r"certificate_(\w+)\[\] = \{(.*?)\};", file.read(), re.S)
    }

CLIENT, SERVER = 2, 3


def number(value, size):
    return value.to_bytes(size, "big")


def counted(data, size):
    return number(len(data), size) + data


def message(kind, body):
    return number(kind, 1) + counted(body, 3)


def record(payload, kind=22, fragment=1 << 14):
    parts = [payload[i : i + fragment] for i in range(0, len(payload), fragment)]
    return b"".join(number(kind, 1) + b"\x03\x03" + counted(part, 2) for part in parts)


def client_hello(host=b"", extensions=b""):
    if host:
        extensions += b"\0\0" + counted(counted(b"\0" + counted(host, 2), 2), 2)
    suites = bytes.fromhex("0a0a13011302c02f002f")
    body = b"\x03\x03" + b"\xc1" * 32 + b"\0" + counted(suites, 2) + b"\1\0"
    return message(1, body + counted(extensions, 2))


RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def server_hello(version=0x0303, random=b"\x51" * 32, supported=None):
    body = number(version, 2) + random
    body += b"\x13\x01" if version >> 8 == 0x7F else b"\0\xc0\x2f\0"
    if supported:
        body += counted(b"\0\x2b" + counted(number(supported, 2), 2), 2)
    return message(2, body)


def certificate(leaf, others=b""):
    return message(11, counted(counted(leaf, 3) + others, 3))


def step(what, data=b""):
    return number(what, 1) + counted(data, 2)


def lost(what, count):
    return number(what & 1 | 8, 1) + number(count, 2)


ccs = record(b"\1", 20)
data = record(b"ciphertext", 23)
flight = server_hello() + certificate(certificates["plain"]) + message(12, b"key") + message(14, b"")
ssl2 = bytes.fromhex("01000200060000001001008007 00c0") + b"0123456789abcdef"
ssl2_answer = b"\4\0\1\0\2" + number(len(certificates["printable"]), 2) + b"\0\3\0\2"
ssl2_answer += certificates["printable"] + b"\1\0\x80id"
hello = step(CLIENT, record(client_hello(b"www.example.org")))
unnamed = step(CLIENT, record(client_hello()))

tls = {
    "tls13": hello + step(SERVER, record(server_hello(supported=0x0304)) + ccs + data),
    "tls12": hello + step(SERVER, record(flight)),
    "unnamed": unnamed + step(SERVER, record(flight)),
    "fragments": step(CLIENT, record(client_hello(b"a.example"), fragment=9))
    + step(SERVER, record(flight, fragment=50)),
    "resumed": hello + step(SERVER, record(server_hello()) + ccs + record(b"ciphertext")),
    "retry": step(CLIENT, record(client_hello(b"a.example", b"\0\x2a\0\0")) + ccs + data)
    + step(SERVER, record(server_hello(random=RETRY, supported=0x0304)) + ccs)
    + hello
    + step(SERVER, record(server_hello(supported=0x0304))),
    "draft": hello
    + step(SERVER, record(message(6, b"\x7f\x12\0\0")))
    + hello
    + step(SERVER, record(server_hello(0x7F12))),
    "alert": step(CLIENT, record(b"\1\0", 21) + record(client_hello())) + step(SERVER, ccs),
    "ssl2": step(CLIENT, number(0x8000 | len(ssl2), 2) + ssl2)
    + step(SERVER, number(0x8000 | len(ssl2_answer), 2) + ssl2_answer),
    "gap": step(CLIENT, record(client_hello(b"a.example"))[:70])
    + lost(CLIENT, 100)
    + step(CLIENT, ccs)
    + step(SERVER, record(flight)[:300])
    + lost(SERVER, 10)
    + step(SERVER, record(flight)),
    "close": unnamed + b"\0\0\0" + step(SERVER, record(flight)[:99]) + b"\1\0\0",
}
for folder in ("tls", "x509"):
    os.makedirs(os.path.join(here, folder), exist_ok=True)
for name, steps in tls.items():
    with open(os.path.join(here, "tls", name), "wb") as file:
        file.write(b"\6" + steps)
for name, der in certificates.items():
    with open(os.path.join(here, "x509", name), "wb") as file:
        file.write(b"\x40" + der)
