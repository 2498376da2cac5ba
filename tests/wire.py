# SPDX-License-Identifier: MIT
"""Packets and captures for tests that make their own input."""
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP = 6, 17
CLIENT_MAC, SERVER_MAC = b"\x02\0\0\0\0\x0a", b"\x02\0\0\0\0\x90"


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return bytes(int(part) for part in text.split("."))


def host(network, number):
    """The IPv4 address `number` places behind the one given."""
    return struct.pack("!I", struct.unpack("!I", network)[0] + number)


def ethernet(packet):
    return SERVER_MAC + CLIENT_MAC + b"\x08\x00" + packet


def ipv4(source, destination, transport, body):
    head = struct.pack("!BBHIBBH4s4s", 0x45, 0, 20 + len(body), 0, 64, transport, 0, source,
                       destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def with_checksum(source, destination, transport, head, data, at):
    """The checksum of a TCP or UDP header stands in it at byte `at`."""
    pseudo = source + destination + struct.pack("!HH", transport, len(head) + len(data))
    value = struct.pack("!H", checksum(pseudo + head + data) or 0xFFFF)
    return head[:at] + value + head[at + 2:] + data


def udp(source, destination, source_port, destination_port, data=b""):
    """A frame."""
    head = struct.pack("!HHHH", source_port, destination_port, 8 + len(data), 0)
    return ethernet(ipv4(source, destination, UDP,
                         with_checksum(source, destination, UDP, head, data, 6)))


def tcp(source, destination, source_port, destination_port, sequence, acknowledgement, flags,
        data=b""):
    """A frame."""
    head = struct.pack("!HHIIBBHHH", source_port, destination_port, sequence & 0xFFFFFFFF,
                       acknowledgement & 0xFFFFFFFF, 5 << 4, flags, 65535, 0, 0)
    return ethernet(ipv4(source, destination, TCP,
                         with_checksum(source, destination, TCP, head, data, 16)))


def pcap(frames):
    """A capture of Ethernet frames, given as (time in microseconds, bytes)."""
    records = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
    for microseconds, frame in frames:
        seconds, rest = divmod(microseconds, 1000000)
        records.append(struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame)
    return b"".join(records)
