#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-mmdb.py OUT PREFIX=NUMBER...: a MaxMind database (format 2.0) that gives prefixes their AS
numbers. IPv4 prefixes lie at ::/96 of the IPv6 tree."""
import ipaddress
import struct
import sys


def control(kind, size):
    """Control byte of a value; kinds above 7 are extended."""
    if kind > 7:
        return bytes([size, kind - 7])
    return bytes([kind << 5 | size])


def text(value):
    raw = value.encode()
    return control(2, len(raw)) + raw


def number(kind, value):
    raw = value.to_bytes(8, "big").lstrip(b"\0")
    return control(kind, len(raw)) + raw


def mapping(pairs):
    return control(7, len(pairs)) + b"".join(text(name) + value for name, value in pairs)


def main():
    out, entries = sys.argv[1], sys.argv[2:]
    nodes = [[None, None]]
    data = b""
    for entry in entries:
        prefix, value = entry.split("=")
        network = ipaddress.ip_network(prefix)
        bits = format(int(network.network_address), "0128b")
        length = network.prefixlen + (96 if network.version == 4 else 0)
        at = 0
        for bit in map(int, bits[: length - 1]):
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][int(bits[length - 1])] = ("data", len(data))
        data += mapping([("autonomous_system_number", number(6, int(value)))])
    tree = b""
    for node in nodes:
        for record in node:
            if record is None:
                value = len(nodes)
            elif isinstance(record, tuple):
                value = len(nodes) + 16 + record[1]
            else:
                value = record
            tree += struct.pack(">I", value)
    metadata = mapping([
        ("node_count", number(6, len(nodes))),
        ("record_size", number(5, 32)),
        ("ip_version", number(5, 6)),
        ("database_type", text("ASN")),
        ("languages", control(11, 0)),
        ("binary_format_major_version", number(5, 2)),
        ("binary_format_minor_version", number(5, 0)),
        ("build_epoch", number(9, 1)),
        ("description", mapping([])),
    ])
    with open(out, "wb") as file:
        file.write(tree + b"\0" * 16 + data + b"\xab\xcd\xefMaxMind.com" + metadata)


main()
