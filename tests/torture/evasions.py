#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""evasions.py PROGRAM: captures in which one side, or a third party, tries to evade the converter.

Each case is an HTTP session with a forged request (/fake) and a genuine one (/real) in conflict. EVASION in the
manual says for each which of them counts, LIMITS by which rule, and the counter that shows it. Every case runs with
1 and 3 threads. TAP.
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from wire import ACK, FIN, RST, SYN, address, ipv4, tcp, udp, write_pcap  # noqa: E402

URG = 32
CLIENT, SERVER, PORTS = address("10.0.0.1"), address("192.0.2.1"), (40000, 80)
REAL = b"GET /real HTTP/1.1\r\nHost: real.example\r\n\r\n"
FAKE = b"GET /fake HTTP/1.1\r\nHost: fake.example\r\n\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Talk:
    """The packets of a session; sequence numbers follow the bytes unless they are given."""

    def __init__(self, handshake=True):
        self.packets = []
        self.next = {True: 1000, False: 5000}
        if handshake:
            self.send(True, b"", SYN, acknowledge=False)
            self.send(False, b"", SYN)
            self.send(True, b"")

    def add(self, packet):
        self.packets.append((1700000000_000000 + 1000 * len(self.packets), packet))

    def send(self, up, data, flags=0, at=None, spoil=None, acknowledge=True):
        ends = (CLIENT, SERVER) if up else (SERVER, CLIENT)
        ports = PORTS if up else PORTS[::-1]
        sequence = self.next[up] if at is None else at
        packet = bytearray(tcp(*ends, ports, sequence, self.next[not up] if acknowledge else 0,
                               flags | (ACK if acknowledge else 0), data))
        if spoil:
            spoil(packet)
        self.add(bytes(packet))
        if at is None:
            self.next[up] += len(data) + (1 if flags & (SYN | FIN) else 0)

    def up(self, data, flags=0, **more):
        self.send(True, data, flags, **more)

    def down(self, data, flags=0, **more):
        self.send(False, data, flags, **more)


def wrong_tcp(packet):
    packet[36] ^= 0x5A


def wrong_ip(packet):
    packet[10] ^= 0x5A


def urgent(pointer):
    def spoil(packet):
        packet[33] |= URG
        packet[38:40] = pointer.to_bytes(2, "big")
        packet[36:38] = b"\0\0"  # left to the network card
    return spoil


CASES = []


def case(records, counters=None):
    def add(build):
        CASES.append((build.__name__.replace("_", " "), build, records, counters or {}))
        return build
    return add


REQUEST = [("/real", "real.example")]
NEAR, FAR = 2000, 0x10000000


@case(REQUEST, {"doubtful_segments": 1, "doubtful_taken": 0})
def a_wrong_tcp_checksum_after_correct_ones(talk):
    talk.up(FAKE, at=talk.next[True], spoil=wrong_tcp)
    talk.up(REAL)


@case(REQUEST, {"doubtful_segments": 1, "doubtful_taken": 0})
def a_wrong_ip_checksum(talk):
    talk.up(FAKE, at=talk.next[True], spoil=wrong_ip)
    talk.up(REAL)


@case([("/fake", "fake.example")])
def two_valid_copies(talk):
    # Its time to live may have been too short; a capture does not show that.
    talk.up(FAKE, at=talk.next[True])
    talk.up(REAL)


@case(REQUEST * 2, {"out_of_window_ends": 1})
def a_reset_out_of_the_window(talk):
    talk.up(REAL)
    talk.down(b"", RST, at=talk.next[False] + FAR)
    talk.up(REAL)


@case(REQUEST)
def a_reset_in_the_window_whose_sender_continues(talk):
    talk.up(REAL[:20])
    talk.up(b"", RST, at=talk.next[True])
    talk.up(REAL[20:])


@case(REQUEST * 2, {"unanswered_syns": 1, "tcp_sessions": 1})
def an_unanswered_syn_ahead(talk):
    talk.up(b"", SYN, at=talk.next[True] + FAR, acknowledge=False)
    talk.up(REAL)
    talk.up(REAL)


@case(REQUEST * 2, {"unanswered_syns": 1, "tcp_sessions": 1})
def an_unanswered_syn_behind(talk):
    talk.up(b"", SYN, at=talk.next[True] - FAR, acknowledge=False)
    talk.up(REAL)
    talk.up(REAL)


@case(REQUEST)
def payload_of_a_syn_that_was_not_accepted(talk):
    talk.packets.clear()
    talk.up(FAKE, SYN, at=999, acknowledge=False)
    talk.down(b"", SYN, at=4999)
    talk.next = {True: 1000, False: 5000}
    talk.up(REAL)


@case(REQUEST, {"out_of_window_ends": 1})
def a_fin_out_of_the_window(talk):
    talk.up(b"", FIN, at=talk.next[True] + FAR)
    talk.up(REAL)


@case(REQUEST)
def a_fin_ahead_in_the_window(talk):
    talk.up(b"", FIN, at=talk.next[True] + NEAR)
    talk.up(REAL)


@case(REQUEST)
def data_behind_a_fin(talk):
    # A side that continues to send has not sent the FIN.
    talk.up(b"", FIN, at=talk.next[True])
    talk.up(REAL)


@case(REQUEST * 2, {"out_of_window_segments": 65, "gaps": 0})
def segments_out_of_the_window(talk):
    for i in range(65):
        talk.up(b"\x80", at=talk.next[True] + FAR + 2 * i)
    talk.up(REAL)
    talk.up(REAL)


@case(REQUEST, {"out_of_window_segments": 9, "gaps": 0})
def acknowledged_segments_out_of_the_window(talk):
    for i in range(8):
        talk.up(b"\x80", at=talk.next[True] + FAR + 2 * i)
    forged = tcp(SERVER, CLIENT, PORTS[::-1], talk.next[False], talk.next[True] + FAR + 1, ACK)
    talk.add(forged)
    talk.up(b"\x80", at=talk.next[True] + FAR + 20)
    talk.up(REAL)


@case([("/real", "fake.example")])
def two_copies_out_of_order(talk):
    talk.up(FAKE[10:], at=talk.next[True] + 10)
    talk.up(REAL[10:], at=talk.next[True] + 10)
    talk.up(REAL[:12], at=talk.next[True])


@case(REQUEST)
def bytes_in_order_against_held_bytes(talk):
    talk.up(FAKE[10:], at=talk.next[True] + 10)
    talk.up(REAL)


@case(REQUEST, {"urgent_bytes": 1})
def an_urgent_byte(talk):
    talk.up(REAL[:7])
    talk.up(b"X", spoil=urgent(1))
    talk.up(REAL[7:])


@case(REQUEST)
def a_byte_that_a_longer_segment_replaces(talk):
    talk.up(b"X", at=talk.next[True])
    talk.up(REAL)


@case(REQUEST)
def zeros_that_are_padding(talk):
    talk.up(b"\0\0", at=talk.next[True])
    talk.up(b"", at=talk.next[True])
    talk.up(REAL)


@case(REQUEST)
def a_second_answer_to_the_syn(talk):
    talk.packets.clear()
    talk.up(b"", SYN, at=999, acknowledge=False)
    talk.down(b"", SYN, at=4999 + FAR)
    talk.down(b"", SYN, at=4999)
    talk.next = {True: 1000, False: 5000}
    talk.up(b"")
    talk.up(REAL)


@case([], {"overlapping_fragments": 1})
def fragments_that_contradict_each_other(talk):
    def fragment(data, place, more):
        packet = bytearray(ipv4(CLIENT, SERVER, 6, data))
        packet[6:8] = (place // 8 | (0x2000 if more else 0)).to_bytes(2, "big")
        packet[10:12] = b"\0\0"
        return bytes(packet)
    true = tcp(CLIENT, SERVER, PORTS, talk.next[True], 5001, ACK, REAL)[20:]
    false = tcp(CLIENT, SERVER, PORTS, talk.next[True], 5001, ACK, FAKE)[20:]
    talk.add(fragment(false[24:], 24, False))
    talk.add(fragment(true[24:], 24, False))
    talk.add(fragment(true[:24], 0, True))


# What is not covered.
@case([])
def bytes_before_the_request(talk):
    talk.up(b"\x01\x02 ignored by a lenient server\r\n" + REAL)


@case([("/real", "bank.example")])
def a_name_that_is_not_of_the_server(talk):
    talk.up(REAL.replace(b"real.example", b"bank.example"))


@case([])
def a_tunnel_in_a_protocol_of_its_own(talk):
    inner = tcp(CLIENT, SERVER, PORTS, 1, 1, ACK, REAL)
    talk.packets.clear()
    talk.add(udp(CLIENT, SERVER, (9999, 9999), b"own" + inner))


@case([])
def tunnels_in_nine_tunnels(talk):
    packet = tcp(CLIENT, SERVER, PORTS, 1000, 1, ACK, REAL)
    for _ in range(9):
        packet = ipv4(CLIENT, SERVER, 4, packet)
    talk.packets.clear()
    talk.add(packet)


@case([("/real", "real.example")])
def a_request_under_another_name(talk):
    # The server may take the address from X-Original-URL instead.
    talk.up(REAL[:-2] + b"X-Original-URL: /other\r\n\r\n")


def run(program, path, threads):
    done = subprocess.run([program, "-q", "--threads", str(threads), "--stats=json", "-j", "-", path],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600, check=False)
    records = [json.loads(line) for line in done.stdout.decode().splitlines()]
    found = [(record["PATH"], record["HOSTNAME"]) for record in records
             if record["record"] == "clickstream"]
    return done.returncode, found, json.loads(done.stderr.decode().splitlines()[-1])


def judge(program, path, records, counters, threads):
    status, found, statistics = run(program, path, threads)
    if status != 0 or found != records:
        return f"status {status}, {found} instead of {records}"
    for name, value in counters.items():
        if statistics[name] != value:
            return f"{name} is {statistics[name]} instead of {value}"
    return None


def unlike_the_manual():
    """What only the tests or only EVASION in the manual have."""
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    with open(os.path.join(root, "man", "pcap2ipfix.1.in"), encoding="utf-8") as manual:
        section = manual.read().split(".Sh EVASION\n")[1].split("\n.Sh ")[0]
    described = [line[4:].lower() for line in section.splitlines() if line.startswith(".It ")]
    tested = [name for name, *_ in CASES]
    return sorted(set(described) ^ set(tested)) or (["two of one name"] if len(described) != len(tested) else [])


def main():
    program = sys.argv[1]
    failed = bool(unlike_the_manual())
    print(f"not ok - the manual has these cases\n  | {unlike_the_manual()}" if failed
          else "ok - the manual has these cases")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "case.pcap")
        for name, build, records, counters in CASES:
            talk = Talk()
            build(talk)
            write_pcap(path, talk.packets)
            wrong = [judge(program, path, records, counters, threads) for threads in (1, 3)]
            wrong = [text for text in wrong if text]
            print(f"not ok - {name}\n  | {wrong[0]}" if wrong else f"ok - {name}")
            failed |= bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
