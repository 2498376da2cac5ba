#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-capture.py: writes the seeds of fuzz_capture, small captures of every form that is read,
into capture/ beside it."""

import gzip
import pathlib
import struct

FRAME = bytes.fromhex(
    "020000000001020000000002" "0800"
    "4500001d00000000401100000a0000010a000002" "0035003500090000" "ff")


def pcap(order, magic=0xA1B2C3D4, version=(2, 4), network=1, extra=b"", sizes=(43, 0, 20)):
    data = struct.pack(order + "IHHiIII", magic, *version, 0, 0, 65535, network)
    for number, size in enumerate(sizes):
        data += struct.pack(order + "IIII", 1700000000 + number, number, size, 43) + extra
        data += FRAME[:size]
    return data


def block(order, kind, body, pad=True):
    body += bytes(-len(body) % 4 if pad else 0)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def section(order):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(order, link_type=1, snaplen=0, options=b""):
    return block(order, 1, struct.pack(order + "HHI", link_type, 0, snaplen) + options)


def packet(order, number, ticks, size=43):
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, size, 43)
    return block(order, 6, head + FRAME[:size] + bytes(-size % 4) + option(order, 2, b"\1\0\0\0"))


def pcapng(order):
    ticks = 1700000000 * 10**6
    options = option(order, 2, b"eth0") + option(order, 9, b"\x9e")
    options += option(order, 14, struct.pack(order + "q", 5)) + option(order, 0, b"")
    return (section(order) + interface(order) + interface(order, 101, 30, options)
            + packet(order, 0, ticks) + packet(order, 1, 1700000000 << 30, 20)
            + block(order, 3, struct.pack(order + "I", 43) + FRAME)
            + block(order, 2, struct.pack(order + "HHIIII", 0, 1, ticks >> 32,
                                          ticks & 0xFFFFFFFF, 43, 43) + FRAME)
            + block(order, 4, b"\0\0\0\0") + block(order, 5, bytes(12))
            + block(order, 10, b"TLSK\3\0\0\0abc") + block(order, 0xBAD, b"\0\0\0\x01x"))


def zstd(data):
    """A frame of one raw block (RFC 8878 section 3.1.1), for up to 255 bytes."""
    header = struct.pack("<IBB", 0xFD2FB528, 0x20, len(data))
    return header + struct.pack("<I", len(data) << 3 | 1)[:3] + data


def main():
    folder = pathlib.Path(__file__).parent / "capture"
    folder.mkdir(exist_ok=True)
    both = pcapng("<") + pcapng(">")
    seeds = {
        "micro-little.pcap": pcap("<"),
        "micro-big.pcap": pcap(">"),
        "nano-little.pcap": pcap("<", magic=0xA1B23C4D, network=101),
        "patched.pcap": pcap("<", magic=0xA1B2CD34, extra=bytes(8)),
        "old-lengths.pcap": pcap("<", version=(2, 3)),
        "cut.pcap": pcap("<")[:-1],
        "long.pcap": pcap("<") + struct.pack("<IIII", 0, 0, 1 << 31, 60),
        "header.pcap": pcap("<", sizes=()),
        "times-go-back.pcap": pcap("<") + pcap("<")[24:],
        "little.pcapng": pcapng("<"),
        "big.pcapng": pcapng(">"),
        "sections.pcapng": both,
        "cut.pcapng": both[:-3],
        "no-interface.pcapng": section("<") + packet("<", 3, 7) + interface("<")
        + packet("<", 0, 9),
        "uncounted-padding.pcapng": section("<") + interface("<")
        + struct.pack("<II", 6, 75) + packet("<", 0, 9)[8:71] + b"\0" + struct.pack("<I", 75),
        "members.pcap.gz": gzip.compress(pcap("<")[:50], mtime=0)
        + gzip.compress(pcap("<")[50:], mtime=0),
        "cut.pcapng.gz": gzip.compress(both, mtime=0)[:-10],
        "frames.pcap.zst": zstd(pcap("<")[:70]) + zstd(pcap("<")[70:]),
        "text": b"time,source,destination\n",
        "snoop": b"snoop\0\0\0\0\0\0\2\0\0\0\4",
    }
    for name, data in seeds.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
