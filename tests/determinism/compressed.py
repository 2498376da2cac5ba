#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compressed.py LARGE SMALL FOLDER: compresses captures in ways that programs seldom do.

FOLDER gets files, and the folder `many` with 10,000 captures of one packet.
"""
import gzip
import os
import shutil
import struct
import subprocess
import sys
import zlib

HEADER = 24


def members(data, size):
    return b"".join(gzip.compress(data[at : at + size], 1) for at in range(0, len(data), size))


def bgzf(data, size=65280, lie=0):
    """BGZF: members with their size in the header, from the tenth on `lie` bytes too much."""
    parts = []
    for at in range(0, len(data), size):
        plain = gzip.compress(data[at : at + size], 1)
        claimed = len(plain) + 8 - 1 + (lie if len(parts) > 9 else 0)
        parts.append(b"\x1f\x8b\x08\4\0\0\0\0\0\xff\6\0BC\2\0" + struct.pack("<H", claimed & 0xFFFF) +
                     plain[10:])
    return b"".join(parts)


def stored(data):
    """A member whose blocks are stored: what looks like a member within it is none."""
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def packets(data):
    """The records of a pcap file."""
    order = "<" if data[:1] in b"\xd4\x4d" else ">"
    at = HEADER
    while at < len(data):
        end = at + 16 + struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at:end]
        at = end


def main():
    large, small = (open(path, "rb").read() for path in sys.argv[1:3])
    folder = sys.argv[3]

    def write(name, data):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)

    half = len(large) // 2
    first, second = gzip.compress(large[:half], 1), gzip.compress(large[half:], 1)
    damaged = bytearray(second)
    damaged[len(damaged) // 2] ^= 0x55
    broken = bytearray(large)
    broken[half : half + 4000] = b"\xff" * 4000
    write("whole.gz", gzip.compress(large, 1))
    write("members.gz", members(large, 65280))
    write("cut.gz", first + second[: len(second) // 2])
    write("damaged.gz", first + bytes(damaged))
    write("trailer.gz", first[:-8] + b"\1" * 8 + second)
    write("garbage.gz", first + second + b"garbage")
    write("padded.gz", first + bytes(5000) + second + bytes(100000))
    write("broken.gz", members(bytes(broken), 100000))
    write("bgzf.gz", bgzf(large))
    write("bgzf-cut.gz", bgzf(large)[: -len(first) // 2])
    write("bgzf-lies.gz", bgzf(large, lie=31))
    write("stored.gz", stored(large[:HEADER] + b"".join(
        struct.pack("<IIII", number, 0, 60000, 60000) + gzip.compress(large[at : at + 60000], 1).ljust(60000, b"x")
        for number, at in enumerate(range(0, 60 * 60000, 60000)))))
    write("bytes.gz", members(small[:3000], 1))
    write("empty.gz", first + gzip.compress(b"") * 3000 + second)
    if shutil.which("zstd"):
        def frames(data, size):
            return b"".join(
                subprocess.run(["zstd", "-qc"], input=data[at : at + size], stdout=subprocess.PIPE,
                               check=True).stdout
                for at in range(0, len(data), size))

        whole = frames(large, half)
        write("frames.zst", frames(large, len(large) // 9))
        write("skippable.zst", b"".join(
            struct.pack("<II", 0x184D2A50, 4) + b"pzst" + frames(large[at : at + 500000], 500000)
            for at in range(0, len(large), 500000)))
        write("cut.zst", whole[: len(whole) * 3 // 4])
        write("damaged.zst", whole[: len(whole) * 3 // 4] + b"\x55" + whole[len(whole) * 3 // 4 + 1 :])
    os.mkdir(os.path.join(folder, "many"))
    for number, packet in enumerate(packets(large)):
        if number == 10000:
            break
        write(f"many/{number:05}.gz", gzip.compress(large[:HEADER] + packet, 1))


if __name__ == "__main__":
    main()
