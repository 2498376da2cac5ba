# SPDX-License-Identifier: MIT
"""IPFIX messages for tests that make their own input."""
import os
import struct

VARIABLE = 65535


def a_set(number, body):
    return struct.pack(">HH", number, 4 + len(body)) + body


def field(element, length, pen=0):
    return struct.pack(">HHI", element | 0x8000, length, pen) if pen else \
        struct.pack(">HH", element, length)


def template(number, fields, scopes=0):
    """A template record, or an options template record; with its set's number."""
    head = struct.pack(">HHH", number, len(fields), scopes) if scopes else \
        struct.pack(">HH", number, len(fields))
    return head + b"".join(fields)


def message(*sets, domain=1):
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), 1700000000, 0, domain) + body


def string(data):
    return (bytes([len(data)]) if len(data) < 255 else struct.pack(">BH", 255, len(data))) + data


def write(folder, data, name="in.ipfix"):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path
