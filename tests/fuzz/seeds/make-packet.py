#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-packet.py: makes the seeds of fuzz_packet: a link type, then frames behind their lengths."""
import os

here = os.path.dirname(os.path.abspath(__file__))


def number(value, size=2):
    return value.to_bytes(size, "big")


def tcp(payload=b"GET / HTTP/1.1\r\n\r\n"):
    return number(40000) + number(80) + number(1, 4) + number(2, 4) + b"\x50\x18" + bytes(6) + payload


def udp(payload, port=53, source=50000):
    return number(source) + number(port) + number(8 + len(payload)) + b"\0\0" + payload


def ipv4(payload, protocol=6, net=1, fragment=0):
    return (
        b"\x45\0" + number(20 + len(payload)) + b"\0\1" + number(fragment) + b"\x40"
        + number(protocol, 1) + b"\0\0" + bytes([10, 0, net, 1, 10, 0, net, 2]) + payload
    )


def ipv6(payload, following=6, net=1):
    prefix = b"\x20\1\x0d\xb8" + bytes(9) + number(net, 1) + b"\0"
    return (
        b"\x60\0\0\0" + number(len(payload)) + number(following, 1) + b"\x40"
        + prefix + b"\1" + prefix + b"\2" + payload
    )


def ethernet(payload, kind=0x0800):
    return b"\2\0\0\0\0\2\2\0\0\0\0\1" + number(kind) + payload


def tag(payload, kind=0x0800, vlan=5):
    return number(vlan) + number(kind) + payload


def snap(payload, kind=0x0800):
    return b"\xaa\xaa\3\0\0\0" + number(kind) + payload


def wireless(payload):
    return b"\x88\1\0\0" + b"\2\0\0\0\0\1\2\0\0\0\0\2\2\0\0\0\0\3" + b"\0\0\0\0" + snap(payload)


def pppoe(payload):
    return b"\x11\0\0\7" + number(len(payload)) + payload


def fragments4(payload, protocol, step):
    for at in range(0, len(payload), step):
        more = 0x2000 if at + step < len(payload) else 0
        yield ipv4(payload[at : at + step], protocol, fragment=more | at // 8)


def fragments6(payload, protocol, step):
    for at in range(0, len(payload), step):
        more = 1 if at + step < len(payload) else 0
        header = number(protocol, 1) + b"\0" + number(at | more) + number(9, 4)
        yield ipv6(header + payload[at : at + step], 44)


inner = ethernet(ipv4(tcp()))
vxlan = udp(b"\x08\0\0\0\0\0\x09\0" + inner, 4789)
geneve = udp(b"\x01\0\x65\x58\0\0\x09\0\1\1\0\0" + inner, 6081)
gtp = udp(b"\x34\xff" + number(len(ipv4(tcp())) + 8) + number(7, 4) + b"\0\1\0\x85\1\1\1\0" + ipv4(tcp()), 2152)
gtp_0 = udp(b"\x1e\xff" + number(len(ipv4(tcp()))) + bytes(16) + ipv4(tcp()), 3386)
l2tp = udp(b"\x02\2\0\1\0\1\0\0\xff\3\0\x21" + ipv4(tcp()), 1701)
chain = b"\x3c\0" + bytes(6) + b"\x2b\0" + bytes(6) + b"\x33\0" + bytes(6) + b"\x06\1" + bytes(10) + tcp()
long = udp(bytes(range(256)) * 2)

seeds = {
    "ethernet": (1, [inner, ethernet(ipv6(tcp()), 0x86DD), ethernet(tag(tag(ipv4(tcp()), vlan=6), 0x8100), 0x88A8)]),
    "llc": (1, [ethernet(snap(ipv4(tcp())), 70), ethernet(snap(tag(ipv4(tcp())), 0x8100), 70)]),
    "mpls": (1, [ethernet(b"\0\1\0\x40\0\2\1\x40" + ipv4(tcp()), 0x8847),
                 ethernet(b"\0\2\1\x40\0\0\0\1" + inner, 0x8847), ethernet(b"\0\2\1\x40" + inner, 0x8848)]),
    "pppoe": (1, [ethernet(pppoe(b"\0\x21" + ipv4(tcp())), 0x8864), ethernet(pppoe(b"\x57" + ipv6(tcp())), 0x8864)]),
    "ppp": (9, [b"\xff\3\0\x21" + ipv4(tcp()), b"\x57" + ipv6(tcp()), b"\x0f\0\x08\0" + ipv4(tcp())]),
    "ppp_ether": (51, [pppoe(b"\0\x21" + ipv4(tcp()))]),
    "c_hdlc": (104, [b"\x0f\0\x08\0" + ipv4(tcp())]),
    "sll": (113, [b"\0\4\0\1\0\6\2\0\0\0\0\1\0\0\x08\0" + ipv4(tcp())]),
    "sll2": (276, [b"\x08\0\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0" + ipv4(tcp())]),
    "null": (0, [b"\2\0\0\0" + ipv4(tcp()), b"\0\0\0\x1e" + ipv6(tcp())]),
    "raw": (101, [ipv4(tcp()), ipv6(udp(b"x"), 17), ipv6(chain, 0), ipv4(b"\x06\1" + bytes(10) + tcp(), 51)]),
    "frame_relay": (107, [b"\x18\x41\3\xcc" + ipv4(tcp()), b"\x18\x41\3\0\x80\0\0\0\x08\0" + ipv4(tcp()),
                          b"\x18\x41\3\0\x80\0\x80\xc2\0\7" + inner, b"\x18\x41\x08\0" + ipv4(tcp())]),
    "fddi": (10, [b"\x54" + bytes(12) + snap(ipv4(tcp()))]),
    "token_ring": (6, [b"\x10\x40" + bytes(6) + b"\x80" + bytes(5) + b"\6\0\0\0\0\0" + snap(ipv4(tcp()))]),
    "slip": (8, [bytes(16) + ipv4(tcp())]),
    "enc": (109, [b"\2\0\0\0" + bytes(8) + ipv4(tcp())]),
    "pflog": (117, [b"\x3d\2" + bytes(62) + ipv4(tcp())]),
    "nflog": (239, [b"\2\0\0\0" + b"\6\0\n\0\1\1\0\0" + bytes([len(ipv4(tcp())) + 4, 0]) + b"\x09\0" + ipv4(tcp())]),
    "pktap": (258, [b"\x10\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0" + inner]),
    "wireless": (105, [wireless(ipv4(tcp()))]),
    "radiotap": (127, [b"\0\0\x11\0\3\0\0\0" + bytes(8) + b"\x10" + wireless(ipv4(tcp()))]),
    "ppi": (192, [b"\0\0\x08\0\x69\0\0\0" + wireless(ipv4(tcp())), b"\0\0\x08\0\1\0\0\0" + inner]),
    "prism": (119, [bytes(144) + wireless(ipv4(tcp()))]),
    "avs": (163, [b"\x80\x21\x10\1" + number(64, 4) + bytes(56) + wireless(ipv4(tcp()))]),
    "tunnels": (101, [ipv4(ipv4(tcp()), 4, 2), ipv4(ipv6(tcp()), 41, 2), ipv6(ipv4(tcp()), 4, 2)]),
    "udp_tunnels": (101, [ipv4(it, 17, 2) for it in (vxlan, geneve, gtp, gtp_0, l2tp)]),
    "gre": (101, [ipv4(it, 47, 2) for it in (
        b"\xb0\0\x08\0" + bytes(12) + ipv4(tcp()),
        b"\xc0\0\x08\0" + bytes(4) + b"\x08\0\0\2\1\1\0\0\0\0" + ipv4(tcp()),
        b"\0\0\x65\x58" + inner,
        b"\0\0\x88\x47\0\2\1\x40" + ipv4(tcp()),
        b"\x30\x81\x88\x0b" + number(len(ipv4(tcp())) + 1) + bytes(10) + b"\x21" + ipv4(tcp()),
        b"\x10\0\x88\xbe" + bytes(4) + b"\x10" + bytes(7) + inner,
        b"\x10\0\x22\xeb" + bytes(4) + b"\x20" + bytes(10) + b"\1" + bytes(8) + inner,
        b"\0\0\x88\x3e\0\0\0\0" + ipv4(tcp()),
        b"\0\0\x82\0" + wireless(ipv4(tcp())))]),
    "etherip": (101, [ipv4(b"\x30\0" + inner, 97, 2), ipv4(b"\0\2\1\x40" + ipv4(tcp()), 137, 2)]),
    "deep": (101, [ipv4(ipv4(ipv4(ipv4(ipv4(ipv4(ipv4(ipv4(ipv4(ipv4(tcp()), 4), 4), 4), 4), 4), 4), 4), 4), 4)]),
    "fragments4": (101, list(fragments4(long, 17, 200))),
    "fragments6": (101, list(fragments6(long, 17, 200))[::-1]),
    "fragments_tunnel": (101, list(fragments4(b"\0\0\x08\0" + ipv4(tcp()), 47, 24))),
    "fragments_overlap": (101, [ipv4(long[:64], 17, fragment=0x2000), ipv4(bytes(64), 17, fragment=0x2004),
                                ipv4(long[72:128], 17, fragment=9)]),
}

folder = os.path.join(here, "packet")
os.makedirs(folder, exist_ok=True)
for name, (link_type, frames) in seeds.items():
    with open(os.path.join(folder, name), "wb") as file:
        file.write(number(link_type) + b"".join(number(len(it)) + it for it in frames))
