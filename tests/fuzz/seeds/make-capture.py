#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-capture.py: writes the seeds of fuzz_capture, small captures of every form that is read,
into capture/ beside it."""

import bz2
import gzip
import lzma
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


def xxh32_of_few(data):
    """XXH32 with seed 0, of fewer than 4 bytes."""
    mask = 0xFFFFFFFF
    value = 374761393 + len(data) & mask
    for byte in data:
        value = value + byte * 374761393 & mask
        value = (value << 11 | value >> 21) & mask
        value = value * 2654435761 & mask
    for shift, factor in ((15, 2246822519), (13, 3266489917)):
        value = (value ^ value >> shift) * factor & mask
    return value ^ value >> 16


def lz4(data):
    """A frame of one block that is stored."""
    descriptor = bytes([0x60, 0x40])
    check = bytes([xxh32_of_few(descriptor) >> 8 & 0xFF])
    return (struct.pack("<I", 0x184D2204) + descriptor + check
            + struct.pack("<I", len(data) | 1 << 31) + data + bytes(4))


def xz(data):
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 4096}]
    return lzma.compress(data, check=lzma.CHECK_CRC32, filters=filters)


def snoop(datalink=4, sizes=(43, 0, 20), front=b""):
    data = b"snoop\0\0\0" + struct.pack(">II", 2, datalink)
    for number, size in enumerate(sizes):
        packet = front + FRAME[:size]
        padded = packet + bytes(-len(packet) % 4)
        data += struct.pack(">IIIIII", len(front) + 43, len(packet), 24 + len(padded), 0,
                            1700000000 + number, number) + padded
    return data


def erf(kind, number=0, payload=FRAME, front=b"\0\0", extensions=0, time=1700000000):
    head = b"".join(bytes([5 | (0x80 if i + 1 < extensions else 0)]) + bytes(7)
                    for i in range(extensions))
    body = head + front + payload
    body += bytes(-len(body) % 8)
    return (struct.pack("<II", number << 24, time + number if time else 0)
            + struct.pack(">BBHHH", kind | (0x80 if extensions else 0), 4, 16 + len(body), 0,
                          len(payload)) + body)


def erf_kinds():
    hdlc = b"\x0f\0\x08\0" + FRAME[14:]
    aal5 = bytes(4) + b"\xaa\xaa\3\0\0\0\x08\0" + FRAME[14:]
    return (erf(27, payload=bytes(24), front=b"", time=0) + erf(2) + erf(20, 1, extensions=2)
            + erf(1, 2, hdlc, b"") + erf(5, 3, b"\xff\3\0\x21" + FRAME[14:], bytes(4))
            + erf(4, 4, aal5, b"") + erf(9, 5, aal5, bytes(4)) + erf(48, 0, bytes(8), b"", time=0)
            + erf(22, 6, FRAME[14:], b"") + erf(3, 7, bytes(52), b"") + erf(99, 8, b"1234", b"")
            + erf(2, 9))


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
        "ethernet.snoop": snoop(),
        "cut.snoop": snoop()[:-3],
        "atm.snoop": snoop(18, (40, 0), b"\x82\0\0\x20") + snoop(18, (43,), bytes([1]))[16:],
        "ethernet.erf": b"".join(erf(2, number) for number in range(8)),
        "kinds.erf": erf_kinds(),
        "damaged.erf": erf_kinds() + b"garbage" * 9 + b"".join(erf(11, n) for n in range(4)),
        "cut.erf": b"".join(erf(2, number) for number in range(4))[:-9],
        "record.pcap": pcap("<", network=197)[:40] + erf(2, extensions=1)[:43],
        "members.pcap.gz.twice": gzip.compress(gzip.compress(pcap("<"), mtime=0), mtime=0),
        "streams.pcap.xz": xz(pcap("<")[:70]) + xz(pcap("<")[70:]),
        "streams.pcapng.bz2": bz2.compress(both[:100], 1) + bz2.compress(both[100:], 1),
        "frames.pcap.lz4": lz4(pcap("<")[:70]) + lz4(pcap("<")[70:]),
        "skippable.pcap.lz4": struct.pack("<II", 0x184D2A51, 3) + b"abc" + lz4(pcap("<")),
        "window.pcap.zst": struct.pack("<IBB", 0xFD2FB528, 0, 31 << 3)
        + struct.pack("<I", len(pcap("<")) << 3 | 1)[:3] + pcap("<"),
    }
    for name, data in seeds.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
