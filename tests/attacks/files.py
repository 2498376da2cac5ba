#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""files.py: files of records that are made to cost much."""
import os
import re
import struct
import sys

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "limits")]
from cases import IPFIXTOOL, MIB, Run, Skip, Wrong, expect, expect_that, main, tool  # noqa: E402
from ipfix import VARIABLE, a_set, field, message, string, template, write  # noqa: E402

MASK = (1 << 64) - 1


def empty_fields(folder):
    """A record of one byte would have 15,000 values."""
    wide = template(256, [field(82, 0)] * 15_000 + [field(4, 1)])
    path = write(folder, message(a_set(2, wide)) + message(a_set(256, b"\6" * 60_000)))
    run = tool("view", "--json", path)
    expect(run.out, b"", "records")
    expect_that(b"15000 fields of 0 bytes" in tool("check", path, status=1).out, "it is not reported")
    most = template(256, [field(82, 0)] * 64 + [field(4, 1)])
    path = write(folder, message(a_set(2, most)) + message(a_set(256, b"\6")))
    expect(tool("view", "--json", path).out.count(b"\n"), 1, "records")


def without_secret(word):
    """The hash of src/base/hash.h from 0."""
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & MASK
    word = (word ^ word >> 27) * 0x94D049BB133111EB & MASK
    return ((word ^ word >> 31) + 0x9E3779B97F4A7C15) & MASK


def instructions(*arguments):
    if os.environ.get("WITHOUT_VALGRIND"):
        raise Skip("valgrind or the release build is missing")
    run = Run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
               os.environ.get("TOOL_PLAIN") or IPFIXTOOL, *arguments])
    found = re.search(r"I\s+refs:\s+([\d,]+)", run.err)
    if not found:
        raise Wrong("no count in %r" % run.err[-300:])
    return int(found[1].replace(",", ""))


def named_elements(folder, name, elements):
    """A file that names elements, and has templates of the one that came first."""
    parts = [message(a_set(3, template(256, [field(303, 2), field(346, 4), field(341, VARIABLE)], 1)))]
    for at in range(0, len(elements), 4000):
        parts.append(message(a_set(256, b"".join(
            struct.pack(">HI", number, pen) + string(b"x") for pen, number in elements[at:at + 4000]))))
    pen, number = elements[0]
    for turn in range(4):
        parts.append(message(a_set(2, template(300 + turn, [field(number, 4, pen)] * 8000))))
    return write(folder, b"".join(parts), name)


def element_hashes(folder):
    """Elements that share a place where no secret is in the hash cost no more than others."""
    chosen = []
    pen = 100_000
    while len(chosen) < 400:
        pen += 1
        chosen += [(pen, number) for number in range(1, 2000)
                   if without_secret(pen << 16 | number) & 4095 == 0]
    others = [(100_000 + index, 1 + index % 1000) for index in range(len(chosen))]
    first = instructions("check", named_elements(folder, "chosen", chosen))
    second = instructions("check", named_elements(folder, "others", others))
    expect_that(first < 1.2 * second, "%d instructions instead of %d" % (first, second))


def many_templates(folder):
    """Templates of many domains stay within their limit."""
    parts = []
    for domain in range(600):
        sets = b"".join(template(256 * high, [field(4, 1)]) for high in range(1, 256))
        parts.append(message(a_set(2, sets), domain=domain))
    path = write(folder, b"".join(parts))
    plain = os.environ.get("TOOL_PLAIN")
    run = Run([plain or IPFIXTOOL, "check", path])
    if plain:
        expect_that(run.rss_bytes < 90 * MIB, "%d MiB of memory" % (run.rss_bytes // MIB))
    expect_that(b"too many templates" in run.out, "it is not reported")


if __name__ == "__main__":
    main([empty_fields, element_hashes, many_templates])
