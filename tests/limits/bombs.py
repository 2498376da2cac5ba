#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bombs.py: compressed captures that are small and become large, or need much memory."""
import os
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
# pylint: disable=wrong-import-position
import wire
from cases import IPFIXTOOL, MIB, Run, Skip, convert, expect, expect_that, main

HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, wire.RAW_IP)
ZEROS = 48 * MIB  # records without a byte, 16 bytes each


def compress(folder, program, *options, head=HEAD, zeros=ZEROS):
    """A compressed capture of a header and zeros."""
    if shutil.which(program) is None:
        raise Skip("no " + program)
    path = os.path.join(folder, "bomb.pcap." + program)
    with open(path, "wb") as out, subprocess.Popen([program, *options, "-c"], stdin=subprocess.PIPE,
                                                   stdout=out) as child:
        child.stdin.write(head)
        for _ in range(zeros // MIB):
            child.stdin.write(bytes(MIB))
    expect_that(os.path.getsize(path) < zeros // 200 + 4096, "a bomb is small")
    return path


def bomb(folder, program, *options):
    run = convert(folder, compress(folder, program, *options), memory=16 * MIB)
    expect(run.stats["frames"], ZEROS // 16, "frames")


def gzip(folder):
    bomb(folder, "gzip", "-9")


def zstd(folder):
    bomb(folder, "zstd", "-3")


def xz(folder):
    bomb(folder, "xz", "-0")


def bzip2(folder):
    bomb(folder, "bzip2", "-9")


def lz4(folder):
    bomb(folder, "lz4", "-9", "-B4")


def zstd_window(folder):
    """A window of 128 MiB, and one of 64 MiB for which the budget has no room."""
    path = compress(folder, "zstd", "--ultra", "--long=27", zeros=2 * MIB)
    with open(path, "r+b") as file:  # the window descriptor behind the magic number (RFC 8878)
        head = bytearray(file.read(6))
        expect(head[4] & 0x20, 0, "a window descriptor")
        head[5] = (27 - 10) << 3
        file.seek(0)
        file.write(head)
        file.flush()
        convert(folder, path, status=3, memory=1024 * MIB).reports("MiB are allowed")
        head[5] = (26 - 10) << 3
        file.seek(0)
        file.write(head)
        file.flush()
    convert(folder, path, status=3, memory=64 * MIB).reports("MiB for windows are")
    convert(folder, path, memory=1024 * MIB)


def xz_dictionary(folder):
    """A dictionary of 1.5 GiB, by the header of the first block (its CRC is made right)."""
    run = convert(folder, compress(folder, "xz", "-9e", "--lzma2=dict=1536MiB", zeros=2 * MIB),
                  status=3, memory=64 * MIB)
    run.reports("needs a window of")


def no_capture(folder):
    """Zeros alone are refused by their beginning."""
    path = compress(folder, "gzip", "-9", head=b"")
    convert(folder, path, status=3, memory=16 * MIB).reports("not a capture")


def gzip_twice(folder):
    """A bomb in a bomb: compressed twice is no capture."""
    path = compress(folder, "gzip", "-9")
    with open(path + ".gz", "wb") as out:
        subprocess.run(["gzip", "-9", "-c", path], stdout=out, check=True)
    convert(folder, path + ".gz", status=3, memory=16 * MIB)


def files_of_records(folder):
    """IPFIX files that become large: a message of no record, again and again."""
    message = struct.pack(">HHIII", 10, 16, 1700000000, 0, 1)
    for program in ("gzip", "zstd"):
        if shutil.which(program) is None:
            continue
        path = os.path.join(folder, "bomb.ipfix." + program)
        with open(path, "wb") as out:
            subprocess.run([program, "-c"], input=message * (MIB * 16 // len(message)), stdout=out,
                           check=True)
        run = Run([IPFIXTOOL, "view", "--json", path])
        expect((run.status, run.out), (0, b""), "records of %s" % program)


main([gzip, zstd, xz, bzip2, lz4, zstd_window, xz_dictionary, no_capture, gzip_twice,
      files_of_records])
