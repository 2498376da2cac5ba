#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""captures.py: limits of pcap2ipfix that a capture reaches: reading, memory, packets, sessions and
records. Each case is a row of src/limits.def."""
import json
import os
import struct

from cases import KIB, MIB, P2I, Run, convert, expect, expect_that, main
from streams import CLIENT, SECOND, SERVER, Stream, capture, kinds, request, wire


# ---- captures ----

def long_frame(folder):
    path = capture(folder, Stream().say(0, request()).end().packets)
    with open(path, "ab") as file:
        file.write(struct.pack("<IIII", 1001, 0, 16 * MIB + 1, 16 * MIB + 1) + bytes(100))
    run = convert(folder, path, status=1)
    run.reports("expected a captured length of at most")
    expect(len(kinds(run, "clickstream")), 1, "requests before it")


def block(kind, body):
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


SECTION = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
INTERFACE = block(1, struct.pack("<HHI", wire.RAW_IP, 0, 65535))


def enhanced(interface, microseconds, packet):
    padded = packet + bytes(-len(packet) % 4)
    return block(6, struct.pack("<IIIII", interface, microseconds >> 32, microseconds & 0xFFFFFFFF,
                                len(packet), len(packet)) + padded)


def interfaces(folder):
    """65,536 interfaces in a section, and one more."""
    packets = Stream().say(0, request()).end().packets
    blocks = b"".join(enhanced(65535, *packet) for packet in packets)
    path = os.path.join(folder, "in.pcapng")
    with open(path, "wb") as file:
        file.write(SECTION + 65536 * INTERFACE + blocks)
    expect(len(kinds(convert(folder, path), "clickstream")), 1, "requests of the last interface")
    with open(path, "ab") as file:
        file.write(INTERFACE)
    run = convert(folder, path, status=1).reports("at most 65536 interfaces in a section")
    expect(len(kinds(run, "clickstream")), 1, "requests before the one that is too many")


def sections(folder):
    """A million sections, each with an interface and every thousandth with a packet."""
    datagram = wire.udp(CLIENT, SERVER, (4000, 4001), b"?")
    thousand = 999 * (SECTION + INTERFACE) + SECTION + INTERFACE + enhanced(0, SECOND, datagram)
    path = os.path.join(folder, "in.pcapng")
    with open(path, "wb") as file:
        for _ in range(1000):
            file.write(thousand)
    expect(convert(folder, path).stats["frames"], 1000, "frames")


# ---- memory ----

def fragment(source, number, offset, more, data):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), number,
                       (more << 13) | (offset // 8), 64, wire.UDP, 0, source, SERVER)
    return head[:10] + struct.pack("!H", wire.checksum(head)) + head[12:] + data


def fragments(folder):
    """First fragments of packets that never become complete."""
    packets = [(1000 * SECOND + i, fragment(wire.address("10.0.0.0", i >> 8), i & 255, 0, 1,
                                            bytes(1400))) for i in range(20000)]
    run = convert(folder, capture(folder, packets), memory=32 * MIB)
    expect(run.stats["dropped_fragments"], 20000, "dropped fragments")


def radius(name, address, number):
    attributes = struct.pack("!BBI", 40, 6, 1)  # Acct-Status-Type: Start
    attributes += struct.pack("!BB", 1, 2 + len(name)) + name + b"\x08\x06" + address
    attributes += struct.pack("!BB", 44, 10) + b"%08x" % number
    return struct.pack("!BBH", 4, number & 255, 20 + len(attributes)) + bytes(16) + attributes


def radius_names(folder):
    """More names than the sixteenth of the memory holds: the oldest are forgotten."""
    packets = []
    for i in range(60000):
        name = b"user%d" % i + bytes([97]) * 200
        packets.append((1000 * SECOND + i, wire.udp(SERVER, wire.address("203.0.113.1"), (1900, 1813),
                                                    radius(name, wire.address("10.0.0.0", i), i))))
    for i in (0, 59999):
        stream = Stream(wire.address("10.0.0.0", i), (40000 + i % 2, 80), 1001 * SECOND)
        packets += stream.say(0, request()).end().packets
    run = convert(folder, capture(folder, packets), memory=16 * MIB, records="clickstream")
    logins = {record["LOGIN"][:9] for record in run.records}
    expect(logins, {"", "user59999"}, "logins of the first and last address")


def sessions(folder):
    """Requests that never end: each session holds its bytes."""
    packets = []
    head = request()[:-2] + b"X: " + bytes([120]) * 1200
    for i in range(30000):
        client, ports = wire.address("10.0.0.0", i), (40000, 80)
        packets.append((1000 * SECOND + i, wire.tcp(client, SERVER, ports, 0, 0, wire.SYN)))
        packets.append((1000 * SECOND + i, wire.tcp(client, SERVER, ports, 1, 1, wire.ACK, head)))
    run = convert(folder, capture(folder, packets), memory=16 * MIB, records="clickstream")
    expect_that(run.stats["evicted_sessions"] > 1000, "evicted sessions")
    expect(len(run.records), 30000, "records of all requests")
    expect(run.stats["messages_cut"]["clickstream"], 30000, "cut messages")


# ---- packets and sessions ----

def tunnels(folder):
    for depth, fate in ((8, "handled"), (9, "tunnels_too_deep"), (500, "tunnels_too_deep")):
        packet = wire.udp(CLIENT, SERVER, (4000, 4001), b"?")
        for _ in range(depth):
            packet = wire.ipv4(CLIENT, SERVER, 4, packet)
        run = convert(folder, capture(folder, [(SECOND, packet)]))
        expect(run.stats["fates"][fate], 1, "%d tunnels: %s" % (depth, fate))


def out_of_order_bytes(folder):
    """A hole in front of 256 KiB. Without SYNs the window is not known to be smaller."""
    for size, gaps in ((255 * KIB, 0), (257 * KIB, 1)):
        stream = Stream().say(0, request())
        del stream.packets[:3]
        stream.sequence[0] += 1
        stream.say(0, bytes(size), 32 * KIB)
        stream.sequence[0] -= 1 + size
        stream.say(0, b"!")  # in time only if they are still held
        run = convert(folder, capture(folder, stream.packets))
        expect(run.stats["gaps"], gaps, "gaps in front of %d bytes" % size)
        expect(run.stats["lost_bytes"], gaps, "lost bytes")


def out_of_order_segments(folder):
    for count, gaps in ((64, 0), (65, 1)):
        stream = Stream().say(0, request())
        for i in range(count):
            stream.add(0, wire.ACK, b"!", ahead=1 + 2 * i)
        stream.say(0, bytes(2 * count))
        run = convert(folder, capture(folder, stream.packets))
        expect(run.stats["gaps"] > 0, gaps > 0, "gaps with %d segments" % count)


def syns(folder):
    """A forged SYN in each of 3,000 live sessions, more than are remembered."""
    streams = [Stream(wire.address("10.0.0.0", i), (40000, 80)) for i in range(3000)]
    packets = [packet for stream in streams for packet in stream.packets]
    for i, stream in enumerate(streams):
        packets.append((1001 * SECOND + i, wire.tcp(stream.ends[0], SERVER, stream.ports,
                                                    0x70000000, 0, wire.SYN)))
    for stream in streams:
        stream.packets = []
        stream.time = 1002 * SECOND
        packets += stream.say(0, request()).packets
    run = convert(folder, capture(folder, packets), records="clickstream,biflow")
    expect(run.stats["unanswered_syns"], 3000, "SYNs without an answer")
    expect(len(kinds(run, "clickstream")), 3000, "requests")
    flows = kinds(run, "biflow")
    expect(sum(flow["packetDeltaCount"] for flow in flows) +
           sum(flow["reversePacketDeltaCount"] for flow in flows), len(packets), "packets of flows")


def padding(folder):
    """Six zeros may be padding of a frame, seven are payload."""
    for size, zeros in ((6, 6), (7, 0)):
        stream = Stream()
        stream.add(0, wire.ACK, bytes(size))
        stream.sequence[0] -= size
        stream.add(0, wire.ACK)
        stream.say(0, request())
        run = convert(folder, capture(folder, stream.packets))
        expect(run.stats["padding_bytes"], zeros, "padding of %d bytes" % size)


def long_head(folder):
    stream = Stream().say(0, request(headers=b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000)
                                                      for i in range(70))))
    stream.say(0, request(b"/next")).end()
    run = convert(folder, capture(folder, stream.packets))
    expect(run.stats["messages_cut"]["clickstream"], 1, "cut messages")
    expect([record["PATH"] for record in kinds(run, "clickstream")], ["/", "/next"], "requests")


# ---- records ----

def long_string(folder):
    stream = Stream().say(0, request(b"/" + b"a" * 5000)).end()
    run = convert(folder, capture(folder, stream.packets), records="clickstream")
    expect(run.stats["strings_cut"], 1, "cut strings")
    expect(len(run.records[0]["PATH"]), 4096, "bytes of the path")


def explain_groups(folder):
    """More sessions that are alike in nothing than there are groups."""
    packets = []
    for i in range(70000):
        data = struct.pack("!I", i * 2654435761 & 0xFFFFFFFF) + bytes([i & 255, 200, 201, 202])
        client = wire.address("10.0.0.0", i)
        packets.append((1000 * SECOND + i, wire.udp(client, SERVER, (4000, 30000), data)))
        packets.append((1000 * SECOND + i, wire.udp(client, SERVER, (4000, 30000), data)))
    path = capture(folder, packets)
    run = Run([P2I, "-q", "--explain=json", path])
    expect(run.status, 0, "exit status")
    reasons = {reason["reason"]: reason for reason in json.loads(run.out)["reasons"]}
    expect(reasons["not recognised"]["sessions_not_grouped"], 70000 - 65536, "not grouped")


main([long_frame, interfaces, sections, fragments, radius_names, sessions, tunnels,
      out_of_order_bytes, out_of_order_segments, syns, padding, long_head, long_string,
      explain_groups])
