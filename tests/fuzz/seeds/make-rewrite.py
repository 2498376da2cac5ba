#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-rewrite.py SAMPLES: writes the seeds of fuzz_rewrite to rewrite/ beside this script: the first frames of
sample captures (pcap, Ethernet), and payloads of each protocol for its writer."""
import pathlib
import struct
import sys

# Places of the writers in fuzz_rewrite.c, the captures that their payload is taken from, and the port.
WRITERS = {"http": (0, "http-keepalive", 80), "sip": (1, "sip-udp", 5060), "ftp": (2, "ftp-passive", 21),
           "smtp": (3, "smtp", 25), "pop3": (4, "pop3", 110), "imap": (5, "imap", 143), "xmpp": (6, "xmpp", 5222),
           "oscar": (7, "im-icq", 5190), "tls": (8, "https-tls12", 443), "websocket": (9, "im-zello", 80),
           "dns-stream": (10, "dns-tcp", 53), "dns": (11, "dns-udp", 53), "radius": (12, "subscribers-radius", 1813)}
FRAMES = ["ftp-active", "http-vlan", "subscribers-pppoe", "visit-any"]


def frames(path):
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def payload(frame, port):
    """Of TCP or UDP over IPv4 over Ethernet, one way of a service."""
    if frame[12:14] != b"\x08\x00" or frame[23] not in (6, 17):
        return b""
    at = 14 + (frame[14] & 15) * 4
    end = 14 + struct.unpack_from(">H", frame, 16)[0]
    if port not in struct.unpack_from(">HH", frame, at):
        return b""
    return frame[at + (8 if frame[23] == 17 else (frame[at + 12] >> 4) * 4):end]


def main():
    samples = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(__file__).parent / "rewrite"
    folder.mkdir(exist_ok=True)
    for name, (number, capture, port) in WRITERS.items():
        parts = [part for part in (payload(frame, port) for frame in frames(samples / (capture + ".pcap"))) if part]
        parts = parts[:1] if name == "dns" else parts[:12]
        (folder / name).write_bytes(bytes([number]) + b"".join(parts)[:4096])
    for name in FRAMES:
        packed = b"".join(struct.pack(">H", len(frame)) + frame
                          for frame in list(frames(samples / (name + ".pcap")))[:30])
        (folder / ("frames-" + name)).write_bytes(bytes([129 if name == "visit-any" else 128]) + packed)


if __name__ == "__main__":
    main()
