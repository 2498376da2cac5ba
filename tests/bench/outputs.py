#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""outputs.py [--count N] [--runs N] [--folder DIR] P2I: the cost of outputs that survive a power
failure. Converts a capture of N seconds with a DNS answer in each into N files (--rotate 1s) and
into one, below DIR (default: where temporary files go; a file system in memory costs nothing), with
and without --no-sync, interleaved, and prints the medians.
"""
import argparse
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def answer(number):
    """A frame with a DNS answer: host-NUMBER.example is 192.0.2.1."""
    label = b"host-%d" % number
    name = bytes([len(label)]) + label + b"\7example\0"
    dns = struct.pack(">6H", number & 0xffff, 0x8180, 1, 1, 0, 0) + name
    dns += struct.pack(">HH", 1, 1) + b"\xc0\x0c"
    dns += struct.pack(">HHIH4B", 1, 1, 60, 4, 192, 0, 2, 1)
    udp = struct.pack(">4H", 53, 40000, 8 + len(dns), 0) + dns
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       bytes((198, 51, 100, 53)), bytes((192, 0, 2, 10)))
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + head + udp


def write_capture(path, count):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for number in range(count):
            frame = answer(number)
            file.write(struct.pack("<4I", 1700000000 + number, 0, len(frame), len(frame)) + frame)


def convert(folder, command, expected):
    out = os.path.join(folder, "out")
    os.mkdir(out)
    begun = time.perf_counter()
    done = subprocess.run([*command, "-w", os.path.join(out, "out.ipfix")], check=False)
    seconds = time.perf_counter() - begun
    found = len(os.listdir(out))
    shutil.rmtree(out)
    if done.returncode != 0 or found != expected:
        sys.exit(f"status {done.returncode}, {found} files of {expected}: {' '.join(command)}")
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder")
    parser.add_argument("p2i")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        capture = os.path.join(folder, "in.pcap")
        write_capture(capture, args.count)
        plain = [os.path.abspath(args.p2i), "-q", "--threads", "1", capture]
        rotating = [*plain, "--rotate", "1s"]
        rows = {f"{args.count} files": (rotating, args.count),
                f"{args.count} files, --no-sync": ([*rotating, "--no-sync"], args.count),
                "1 file": (plain, 1),
                "1 file, --no-sync": ([*plain, "--no-sync"], 1)}
        times = {name: [] for name in rows}
        for _ in range(args.runs):
            for name, (command, expected) in rows.items():
                times[name].append(convert(folder, command, expected))
    print(f"{'':28}{'s':>9}{'ms a file':>11}")
    for name, (_, expected) in rows.items():
        seconds = statistics.median(times[name])
        print(f"{name:28}{seconds:9.3f}{1000 * seconds / expected:11.3f}")


if __name__ == "__main__":
    main()
