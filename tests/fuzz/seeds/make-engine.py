#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_engine beside this script, from frames of the sample captures."""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, "../../../samples/captures")
ETHERNET, RAW, ANY, FLUSH = 0, 1, 6, 7
SAME, ON, BACK, SET = 0, 1, 2, 3


def frames(name, first, last):
    """The frames of a little-endian pcap file, numbered from 0."""
    with open(os.path.join(CAPTURES, name), "rb") as file:
        data = file.read()
    at = 24
    found = []
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        found.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return found[first:last]


def feed(data, link=ETHERNET, capture=0, time=SAME, by=b"", cut=0):
    """A call of p2i_engine_feed(); `by` belongs to the change of time."""
    return bytes([link | time << 3 | capture << 5]) + by + \
        struct.pack(">HB", len(data), cut) + data


def packets(*arguments, **options):
    """Calls for frames of a capture."""
    return b"".join(feed(frame, **options) for frame in frames(*arguments))


flush = bytes([FLUSH])
SEEDS = {
    "dns": b"\0\0" + packets("dns-udp.pcap", 0, 12) + flush + packets("dns-udp.pcap", 12, 16),
    "http": b"\2\0" + packets("http-pieces.pcap", 0, 30),
    "http-threads": b"\3\0" + packets("http-pipelined.pcap", 0, 10) + flush +
                    packets("http-pipelined.pcap", 10, 18, capture=3),
    "tls-stop": b"\2\5" + packets("https-no-sni.pcap", 0, 8),
    "stop-threads": b"\3\11" + packets("smtp-bdat.pcap", 0, 20),
    "filter": b"\4\0" + packets("dns-tcp.pcap", 0, 10) + packets("dns-udp.pcap", 0, 4),
    "time": b"\2\0" + packets("ftp-refused.pcap", 0, 6) +
            packets("ftp-refused.pcap", 6, 9, time=ON, by=b"\xff") +
            packets("ftp-refused.pcap", 9, 12, time=BACK, by=b"\x60") +
            packets("ftp-refused.pcap", 12, 15, time=SET, by=b"\xff" * 8) +
            packets("ftp-refused.pcap", 15, 18, time=SET, by=bytes(8)),
    "links": b"\2\0" + b"".join(feed(frame[14:], link=RAW) for frame in frames("sip-udp.pcap", 0, 3)) +
             feed(b"", cut=9) + feed(b"\0\1\2\3", link=ANY, by=b"\xff\xff", time=SAME) +
             packets("http-snaplen.pcap", 0, 8, cut=200),
}

os.makedirs(os.path.join(HERE, "engine"), exist_ok=True)
for seed, content in SEEDS.items():
    with open(os.path.join(HERE, "engine", seed), "wb") as out:
        out.write(content)
