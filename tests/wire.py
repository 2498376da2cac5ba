# SPDX-License-Identifier: MIT
"""Packets and captures for tests that make their own input."""
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP = 6, 17
RAW_IP = 101  # link type: packets begin with the IP header


def checksum(data):
    """The Internet checksum (RFC 1071): modulo 65535, with all ones for a multiple of it."""
    total = int.from_bytes(data + bytes(len(data) % 2), "big")
    return ~(total % 0xFFFF or (0xFFFF if total else 0)) & 0xFFFF


def address(text, number=0):
    """The IPv4 address `number` above the one in `text`."""
    first = bytes(int(part) for part in text.split("."))
    return (int.from_bytes(first, "big") + number).to_bytes(4, "big")


def ipv4(source, destination, transport, body):
    head = struct.pack("!BBHIBBH4s4s", 0x45, 0, 20 + len(body), 0, 64, transport, 0, source,
                       destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def transport_checksum(source, destination, transport, segment):
    pseudo = source + destination + struct.pack("!HH", transport, len(segment))
    return struct.pack("!H", checksum(pseudo + segment) or 0xFFFF)


def udp(source, destination, ports, data=b""):
    """A packet; ports are those of source and destination."""
    datagram = struct.pack("!HHHH", *ports, 8 + len(data), 0) + data
    value = transport_checksum(source, destination, UDP, datagram)
    return ipv4(source, destination, UDP, datagram[:6] + value + data)


def tcp(source, destination, ports, sequence, acknowledgement, flags, data=b""):
    """A packet; ports are those of source and destination."""
    segment = struct.pack("!HHIIBBHHH", *ports, sequence & 0xFFFFFFFF,
                          acknowledgement & 0xFFFFFFFF, 5 << 4, flags, 65535, 0, 0) + data
    value = transport_checksum(source, destination, TCP, segment)
    return ipv4(source, destination, TCP, segment[:16] + value + segment[18:])


def write_pcap(path, packets):
    """A capture of packets, given as (time in microseconds, bytes)."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RAW_IP))
        for microseconds, packet in packets:
            seconds, rest = divmod(microseconds, 1_000_000)
            out.write(struct.pack("<IIII", seconds, rest, len(packet), len(packet)) + packet)
