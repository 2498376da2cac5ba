#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""captures.py NAME...: captures that are made to cost much. Each is a test: the instructions of a conversion
are at most so many for each byte that is read and for each byte of records that is written. The floods of
tests/bench/floods.py, and those below."""
import itertools
import os
import random
import re
import struct
import sys

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "bench"), os.path.join(TESTS, "limits")]
import floods  # noqa: E402
import wire  # noqa: E402
from cases import P2I, PLAIN, Run, Wrong, convert, expect, expect_that, main, MIB  # noqa: E402

SIZE = 200_000
# Instructions. A conversion of usual traffic takes about 4 for each byte, and 60 for each byte of its
# records; a packet of few bytes takes 60 for each of them.
FOR_A_BYTE, FOR_A_BYTE_OF_RECORDS = 80, 60


# ---- floods ----

def name_of(byte):
    return b"".join(bytes([size]) + byte * size for size in (63, 63, 63, 61)) + b"\0"


def answers(name, count, record):
    return struct.pack("!HHHHHH", 1, 0x8180, 1, count, 0, 0) + name + b"\0\1\0\1" + record * count


# Records of 12 bytes whose names have 1,000 characters as text.
LARGE_ANSWERS = answers(name_of(b"\1"), 5000, b"\xc0\x0c\0\xff\0\1\0\0\0\x3c\0\0")


def dns_jumbo(_):
    """UDP in IPv4 whose lengths are 0, with more than fits into a datagram."""
    datagram = struct.pack("!HHHH", 53, 40000, 0, 0) + \
        answers(name_of(b"\1"), 6000, b"\xc0\x0c\0\xff\0\1\0\0\0\x3c\0\0")
    for number in itertools.count():
        packet = wire.ipv4(floods.SERVER, wire.address("10.0.0.1", number), wire.UDP, b"")
        yield packet[:2] + b"\0\0" + packet[4:10] + b"\0\0" + packet[12:] + datagram


def ipv6(source, destination, body):
    return struct.pack("!IHBB", 0x60000000, len(body), wire.TCP, 64) + source + destination + body


def attribute(kind, value):
    return bytes([kind, 2 + len(value)]) + value


def accounting(number, *attributes):
    """An Accounting-Request (RFC 2866)."""
    body = b"".join(attributes)
    return wire.udp(floods.CLIENT, floods.SERVER, (1813, 1813),
                    struct.pack("!BBH", 4, number & 255, 20 + len(body)) + bytes(16) + body)


ACCOUNTED = attribute(1, b"user") + attribute(40, struct.pack("!I", 1))


def radius_lengths(_):
    """Prefixes of all lengths, then records of hosts for which each length is looked up."""
    host = bytes.fromhex("20010db8000000000000000000000001")
    for length in range(1, 129):
        prefix = b"\x20\1" + bytes([length]) + bytes(13)
        yield accounting(length, ACCOUNTED, attribute(97, bytes([0, length]) + prefix))
    data, sequence = b"GET / HTTP/1.1\n\n" * 85, 1
    while True:
        segment = struct.pack("!HHIIBBHHH", 1000, 80, sequence, 1, 5 << 4, wire.ACK, 65535, 0, 0)
        yield ipv6(host, host[:15] + b"\2", segment + data)
        sequence += len(data)


def quic_short(chance):
    """Each datagram has another connection id, and is smaller than an Initial may be."""
    for number in itertools.count():
        packet = b"\xc3\0\0\0\1\x08" + chance.randbytes(8) + b"\0\0\x40\x18" + chance.randbytes(24)
        yield wire.udp(wire.address("10.0.0.1", number // 16), floods.SERVER, (50000, 443), packet)


def sip_waiting(_):
    """A server that sends single bytes while the line of a client is not complete."""
    session = floods.Session(5060)
    yield from session.begin()
    yield from session.send(0, b"OPTIONS sip:a SIP/2.0\r\nVia: a\r\n\r\n")
    session.next[0] += 5000
    yield from session.send(0, b"q q" * 70, 3)
    yield from session.send(0, b"\n" + b"ABCDEFGHI " * 390 + b"ACK sip:x SIP/2.0\nxxxx")
    while True:
        yield from session.send(1, b"x")


def dns_waiting(_):
    """The same while a message of DNS is not complete."""
    session = floods.Session(53)
    yield from session.begin()
    yield from session.send(0, b"\xff\xff" + struct.pack("!HHHHHH", 1, 0x0100, 1, 0xFFFF, 0, 0) +
                            b"\1a\0\0\1\0\1" + b"\1b\0\0\1\0\1\0\0\0\0\0\0" * 4900)
    while True:
        yield from session.send(1, b"x")


FLOODS = floods.PARSERS | floods.PACKETS | {
    "dns-escaped": lambda _: floods.datagrams(53, answers(name_of(b"\1"), 90,
                                                          b"\xc0\x0c\0\xff\0\1\0\0\0\x3c\0\0")),
    "dns-tcp-escaped": floods.same(53, [], 1, floods.prefixed(LARGE_ANSWERS)),
    "dns-jumbo": dns_jumbo,
    "dns-waiting": dns_waiting,
    "sip-waiting": sip_waiting,
    "quic-short": quic_short,
    "radius-lengths": radius_lengths,
}
# By default those of attacks that once cost a hundred times as much, one of each kind.
DEFAULT = ["http-waiting", "http-trickle", "sip-waiting", "dns-waiting", "dns-names", "dns-tcp-escaped",
           "dns-escaped", "dns-jumbo", "xmpp-auth", "radius-lengths", "quic-ids", "quic-short",
           "mime-charsets", "smtp-lines", "http-fields", "holes", "websocket"]


def make(folder, name, size):
    path = os.path.join(folder, name + ".pcap")
    total, packets = 24, []
    for packet in FLOODS[name](random.Random(name)):
        packets.append((1_700_000_000_000_000 + 10 * len(packets), packet))
        total += 16 + len(packet)
        if total >= size:
            break
    wire.write_pcap(path, packets)
    return path


# ---- instructions ----

def instructions(folder, capture):
    """Of a conversion, and the bytes of its records."""
    output = os.path.join(folder, "out.ipfix")
    run = Run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
               PLAIN or P2I, "-q", "--no-sync", "--threads", "1", "-w", output, capture])
    expect(run.status, 0, "exit status (%s)" % run.err[-300:])
    found = re.search(r"I\s+refs:\s+([\d,]+)", run.err)
    if not found:
        raise Wrong("no count in %r" % run.err[-300:])
    return int(found[1].replace(",", "")), os.path.getsize(output)


BASE = None


def flood(name):
    """The case of a flood."""
    def case(folder):
        global BASE  # pylint: disable=global-statement
        if BASE is None:
            empty = os.path.join(folder, "empty.pcap")
            wire.write_pcap(empty, [])
            BASE = instructions(folder, empty)
        capture = make(folder, name, SIZE)
        count, written = instructions(folder, capture)
        count, written = count - BASE[0], written - BASE[1]
        read = os.path.getsize(capture)
        most = FOR_A_BYTE * read + FOR_A_BYTE_OF_RECORDS * written
        expect_that(count <= most, "%d instructions for %d bytes and %d of records: %.2f of the limit" %
                    (count, read, written, count / most))
        if os.environ.get("SHOW"):
            print("# %-20s %6.1f a byte, %6.2f written, %4.2f of the limit" %
                  (name, count / read, written / read, count / most))
    case.__name__ = "instructions: " + name
    return case


# ---- memory and records ----

def dns_records(folder):
    """Names and data of a message grow to sixteen times its size, and the record at the limit is marked."""
    run = convert(folder, make(folder, "dns-tcp-escaped", 700_000), memory=16 * MIB)
    messages = run.stats["messages_cut"]["dns"]
    expect_that(messages > 0, "no message reached the limit")
    text = sum(len(record["DOMAIN"]) for record in run.records if record["record"] == "dns")
    expect_that(text <= 17 * 700_000, "names of %d bytes" % text)


def dns_burst(folder):
    """Messages of 64 KiB, all of whose records are ready at once, in the memory of the run."""
    packets = [(1_700_000_000_000_000 + number, wire.udp(
        floods.SERVER, wire.address("10.0.0.1", number), (53, 40000), LARGE_ANSWERS))
        for number in range(120)]
    path = os.path.join(folder, "burst.pcap")
    wire.write_pcap(path, packets)
    convert(folder, path, memory=64 * MIB)


def radius_refused(folder):
    """Prefixes of further lengths are counted."""
    run = convert(folder, make(folder, "radius-lengths", 60_000))
    expect(run.stats["refused_bindings"], 128 - 8, "refused bindings")


if __name__ == "__main__":
    names = sys.argv[1:] if len(sys.argv) > 1 else DEFAULT
    names = list(FLOODS) if names == ["all"] else [] if names == ["none"] else names
    main([flood(name) for name in names] +
         [dns_records, dns_burst, radius_refused])
