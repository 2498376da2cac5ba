#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-subscribers.py: writes the seeds of fuzz_subscriber_file, fuzz_radius and fuzz_pppoe beside
this script."""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))


def write(target, name, data):
    os.makedirs(os.path.join(HERE, target), exist_ok=True)
    with open(os.path.join(HERE, target, name), "wb") as file:
        file.write(data)


def step(what, payload):
    return struct.pack("!BH", what, len(payload)) + payload


# ---- Files ----------------------------------------------------------------------------------

write("subscriber_file", "lines", b"""\xef\xbb\xbf# subscribers\r
192.0.2.0/24,house,7
192.0.2.1,anna
 192.0.2.2 , \xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd ,65535
2001:db8::/56,clara,,
2001:db8::5,boris@isp.example""")
write("subscriber_file", "times", b"""192.0.2.7,second,2,200,300
192.0.2.7,first,1,2026-01-01,2026-01-01T12:00:00Z
192.0.2.7,third,,2026-01-01 12:00+03:00,
192.0.2.6/31,always
0.0.0.0/0,all
::/0,all
""")
write("subscriber_file", "bad", b"192.0.2.1,anna\n192.0.2.1/33,boris\n")
write("subscriber_file", "nested", b"".join(
    b"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/%d,user%d\n" % (bits, bits) for bits in range(129)))

# ---- RADIUS ---------------------------------------------------------------------------------

NAME, ADDRESS, STATUS, SESSION, TIME, PREFIX, DELEGATED = 1, 8, 40, 44, 46, 97, 123
ASK, ACCEPT, ACCOUNT = 1, 2, 4


def attribute(kind, value):
    return bytes([kind, len(value) + 2]) + value


def packet(code, identifier, *attributes):
    data = b"".join(attributes)
    return struct.pack("!BBH", code, identifier, len(data) + 20) + bytes(16) + data


def account(status, name, *more):
    return packet(ACCOUNT, 1, attribute(STATUS, struct.pack("!I", status)),
                  attribute(NAME, name), attribute(SESSION, b"1"), *more)


FRAMED = attribute(ADDRESS, bytes([203, 0, 113, 7]))
write("radius", "access", step(0, packet(ASK, 7, attribute(NAME, b"anna")))
      + step(1, packet(ACCEPT, 7, FRAMED))
      + step(1, packet(ACCEPT, 8, attribute(NAME, b"boris"), FRAMED)))
write("radius", "accounting", step(0, account(1, b"anna", FRAMED)) + step(0x80, account(
    3, b"boris", FRAMED, attribute(TIME, struct.pack("!I", 60)))) + step(0, account(
        2, b"boris", FRAMED)))
write("radius", "prefixes", step(0, account(
    1, b"clara", attribute(PREFIX, b"\0\x40\x20\x01\r\xb8\0\0\0\1"),
    attribute(DELEGATED, b"\0\x38\x20\x01\r\xb8\0\2\0" + bytes(9)))))
write("radius", "flood", b"".join(step(0, account(
    1, b"x" * (i * 8), attribute(ADDRESS, bytes([10, 0, 0, i])))) for i in range(30)))

# ---- PPPoE ----------------------------------------------------------------------------------

LCP, PAP, CHAP, IPCP, DOWN, OTHER = 0, 1, 2, 3, 4, 8


def control(code, data=b""):
    return struct.pack("!BBH", code, 1, len(data) + 4) + data


def given(last):
    return control(2, bytes([3, 6, 203, 0, 113, last]))


write("pppoe", "pap", step(PAP, control(1, b"\4anna\6secret")) + step(IPCP | DOWN, given(7))
      + step(LCP, control(5)))
write("pppoe", "chap", step(CHAP | DOWN, control(1, b"\1\0bras"))
      + step(CHAP, control(2, b"\1\0boris")) + step(IPCP | DOWN, given(7))
      + step(IPCP | DOWN, given(8)))
write("pppoe", "two", step(PAP, control(1, b"\4anna\0")) + step(PAP | OTHER, control(1, b"\1b\0"))
      + step(IPCP | DOWN, given(7)) + step(IPCP | DOWN | OTHER, given(7))
      + step(LCP, control(6)) + step(LCP | 0x80, control(5)))
