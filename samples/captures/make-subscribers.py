#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-subscribers.py: writes subscribers-radius.pcap and subscribers-pppoe.pcap beside this script.

HTTP requests, with the RADIUS and PPPoE traffic that names their subscribers. The script builds the
bytes, the same on each run.

RADIUS: an Access-Request whose Access-Accept assigns an address without a name; Accounting with
Start, Stop, a late Stop of a subscriber that no longer has the address, and an Interim-Update with
IPv6 prefixes. PPPoE: a session with PAP, which LCP terminates; one with CHAP behind a VLAN tag,
which uses IPv6 too.
"""
import ipaddress
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
START = 1767268800  # 2026-01-01 12:00:00 UTC
WEB = "198.51.100.80"
WEB6 = "2001:db8:ffff::80"


# ---- Ethernet, IP, UDP, TCP -----------------------------------------------------------------

def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac(last):
    return bytes([2, 0, 0, 0, 0, last])


def packed(address):
    return ipaddress.ip_address(address).packed


def ip(source, destination, protocol, payload):
    """An IP packet with the checksum of its TCP or UDP."""
    source, destination = packed(source), packed(destination)
    at = 16 if protocol == 6 else 6
    pseudo = source + destination + struct.pack("!II", len(payload), protocol)
    payload = payload[:at] + struct.pack("!H", checksum(pseudo + payload)) + payload[at + 2:]
    if len(source) == 16:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + source + destination \
            + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0)
    head += source + destination
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp(source, destination, ports, data):
    return ip(source, destination, 17, struct.pack("!HHHH", *ports, 8 + len(data), 0) + data)


class Capture:
    def __init__(self):
        self.data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        self.microseconds = 0

    def add(self, frame):
        self.microseconds += 250000
        seconds, rest = divmod(self.microseconds, 1000000)
        self.data += struct.pack("<IIII", START + seconds, rest, len(frame), len(frame)) + frame

    def write(self, name):
        with open(os.path.join(HERE, name), "wb") as file:
            file.write(self.data)


def plain(source, destination, packet):
    """An Ethernet frame with the packet, without tags or tunnels."""
    kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
    return mac(destination) + mac(source) + kind + packet


FIN, SYN, PSH, ACK = 1, 2, 8, 16


def browse(send, client, server, port, path):
    """Sends a connection with one request by send(from_client, packet)."""
    ends, ports, following = (client, server), (port, 80), [1000, 9000]

    def segment(side, flags, data=b""):
        head = struct.pack("!HHIIBBHHH", ports[side], ports[not side], following[side],
                           following[not side] if flags & ACK else 0, 5 << 4, flags, 64240, 0, 0)
        following[side] += len(data) + (1 if flags & (SYN | FIN) else 0)
        send(side == 0, ip(ends[side], ends[not side], 6, head + data))

    segment(0, SYN)
    segment(1, SYN | ACK)
    segment(0, ACK)
    segment(0, PSH | ACK, b"GET %s HTTP/1.1\r\nHost: www.example\r\n\r\n" % path)
    segment(1, PSH | ACK, b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                          b"Content-Length: 3\r\n\r\nok\n")
    segment(0, FIN | ACK)
    segment(1, FIN | ACK)
    segment(0, ACK)


# ---- RADIUS ---------------------------------------------------------------------------------

ACCESS_REQUEST, ACCESS_ACCEPT, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE = 1, 2, 4, 5
USER_NAME, FRAMED_IP, SESSION_TIME = 1, 8, 46
STATUS, SESSION_ID, FRAMED_IPV6, DELEGATED_IPV6 = 40, 44, 97, 123
BEGIN, STOP, INTERIM = 1, 2, 3
NAS, RADIUS = "192.0.2.1", "192.0.2.2"


def attribute(kind, value):
    return bytes([kind, 2 + len(value)]) + value


def number(kind, value):
    return attribute(kind, struct.pack("!I", value))


def prefix(kind, text):
    network = ipaddress.ip_network(text)
    used = network.network_address.packed[:(network.prefixlen + 7) // 8]
    return attribute(kind, bytes([0, network.prefixlen]) + used)


def radius(capture, code, identifier, *attributes):
    """Adds a request of the NAS or an answer of the RADIUS server."""
    data = b"".join(attributes)
    data = struct.pack("!BBH", code, identifier, 20 + len(data)) + bytes(range(16)) + data
    port = 1812 if code in (ACCESS_REQUEST, ACCESS_ACCEPT) else 1813
    if code in (ACCESS_REQUEST, ACCOUNTING_REQUEST):
        capture.add(plain(1, 2, udp(NAS, RADIUS, (40000, port), data)))
    else:
        capture.add(plain(2, 1, udp(RADIUS, NAS, (port, 40000), data)))


def account(capture, identifier, status, user, session, *attributes):
    radius(capture, ACCOUNTING_REQUEST, identifier, number(STATUS, status),
           attribute(USER_NAME, user), attribute(SESSION_ID, session), *attributes)
    radius(capture, ACCOUNTING_RESPONSE, identifier)


def make_radius():
    capture = Capture()
    ports = iter(range(50000, 60000))

    def visit(client, path):
        server = WEB6 if ":" in client else WEB
        browse(lambda out, packet: capture.add(plain(*((3, 4) if out else (4, 3)), packet)),
               client, server, next(ports), path)

    shared = attribute(FRAMED_IP, packed("203.0.113.7"))
    visit("203.0.113.7", b"/nobody")
    radius(capture, ACCESS_REQUEST, 1, attribute(USER_NAME, b"anna"))
    radius(capture, ACCESS_ACCEPT, 1, shared)
    visit("203.0.113.7", b"/anna/accepted")
    account(capture, 2, BEGIN, b"anna", b"0001", shared)
    visit("203.0.113.7", b"/anna/started")
    account(capture, 3, STOP, b"anna", b"0001", shared)
    visit("203.0.113.7", b"/nobody/stopped")
    account(capture, 4, BEGIN, b"boris@isp.example", b"0002", shared)
    account(capture, 5, STOP, b"anna", b"0001", shared)
    visit("203.0.113.7", b"/boris")
    account(capture, 6, INTERIM, b"clara", b"0003", number(SESSION_TIME, 3600),
            prefix(FRAMED_IPV6, "2001:db8:1::/64"), prefix(DELEGATED_IPV6, "2001:db8:2::/56"))
    visit("2001:db8:1::10", b"/clara/framed")
    visit("2001:db8:2:ff::10", b"/clara/delegated")
    visit("2001:db8:2:100::10", b"/nobody/ipv6")
    capture.write("subscribers-radius.pcap")


# ---- PPPoE ----------------------------------------------------------------------------------

LCP, PAP, CHAP, IPCP, IPV4, IPV6 = 0xC021, 0xC023, 0xC223, 0x8021, 0x0021, 0x0057
CONFIGURE_REQUEST, CONFIGURE_ACK, TERMINATE_REQUEST, TERMINATE_ACK = 1, 2, 5, 6
CONCENTRATOR, GATEWAY = 9, "192.0.2.254"


class Session:
    """A subscriber's session with the concentrator."""

    def __init__(self, capture, number, client, tag=b""):
        self.capture, self.number, self.client, self.tag = capture, number, client, tag

    def send(self, out, protocol, payload):
        ends = mac(CONCENTRATOR) + mac(self.client) if out else mac(self.client) + mac(CONCENTRATOR)
        data = struct.pack("!H", protocol) + payload
        self.capture.add(ends + self.tag + struct.pack("!HBBHH", 0x8864, 0x11, 0, self.number,
                                                       len(data)) + data)

    def control(self, out, protocol, code, identifier, data=b""):
        self.send(out, protocol, struct.pack("!BBH", code, identifier, 4 + len(data)) + data)

    def configure(self, protocol, client, concentrator):
        """Each side requests its options and the other acknowledges them."""
        self.control(True, protocol, CONFIGURE_REQUEST, 1, client)
        self.control(False, protocol, CONFIGURE_REQUEST, 1, concentrator)
        self.control(True, protocol, CONFIGURE_ACK, 1, concentrator)
        self.control(False, protocol, CONFIGURE_ACK, 1, client)

    def address(self, text):
        self.configure(IPCP, b"\x03\x06" + packed(text), b"\x03\x06" + packed(GATEWAY))

    def visit(self, client, port, path):
        browse(lambda out, packet: self.send(out, IPV6 if packet[0] >> 4 == 6 else IPV4, packet),
               client, WEB6 if ":" in client else WEB, port, path)


def make_pppoe():
    capture = Capture()
    dora = Session(capture, 17, 5)
    dora.configure(LCP, b"\x01\x04\x05\xd4", b"\x01\x04\x05\xd4\x03\x04\xc0\x23")
    dora.control(True, PAP, 1, 1, b"\x04dora\x06secret")
    dora.control(False, PAP, 2, 1, b"\x00")
    dora.address("203.0.113.20")
    dora.visit("203.0.113.20", 50000, b"/dora")

    emil = Session(capture, 17, 6, tag=b"\x81\x00\x00\x64")
    emil.configure(LCP, b"\x01\x04\x05\xd4", b"\x01\x04\x05\xd4\x03\x05\xc2\x23\x05")
    emil.control(False, CHAP, 1, 7, b"\x10" + bytes(16) + b"bras")
    emil.control(True, CHAP, 2, 7, b"\x10" + bytes(range(16)) + b"emil@isp.example")
    emil.control(False, CHAP, 3, 7, b"welcome")
    emil.address("203.0.113.21")
    emil.visit("203.0.113.21", 50001, b"/emil")
    emil.visit("2001:db8:3::1", 50002, b"/emil/ipv6")
    # Behind the concentrator, without PPPoE, the address still has its subscriber.
    browse(lambda out, packet: capture.add(plain(*((9, 4) if out else (4, 9)), packet)),
           "203.0.113.21", WEB, 50003, b"/emil/upstream")

    dora.control(True, LCP, TERMINATE_REQUEST, 9)
    dora.control(False, LCP, TERMINATE_ACK, 9)
    browse(lambda out, packet: capture.add(plain(*((9, 4) if out else (4, 9)), packet)),
           "203.0.113.20", WEB, 50004, b"/nobody")
    capture.write("subscribers-pppoe.pcap")


make_radius()
make_pppoe()
