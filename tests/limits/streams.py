# SPDX-License-Identifier: MIT
"""TCP sessions and captures for the cases of this group."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import wire  # pylint: disable=wrong-import-position

SECOND = 1_000_000
CLIENT, SERVER = wire.address("192.0.2.1"), wire.address("198.51.100.1")


def capture(folder, packets, name="in.pcap"):
    path = os.path.join(folder, name)
    wire.write_pcap(path, packets)
    return path


class Stream:
    """A TCP session; `packets` are those so far."""

    def __init__(self, client=CLIENT, ports=(40000, 80), start=1000 * SECOND):
        self.ends = (client, SERVER)
        self.ports, self.time, self.packets = ports, start, []
        self.sequence = [1000, 5000]
        self.add(0, wire.SYN)
        self.add(1, wire.SYN | wire.ACK)
        self.add(0, wire.ACK)

    def add(self, side, flags, data=b"", ahead=0):
        ends = self.ends if side == 0 else self.ends[::-1]
        ports = self.ports if side == 0 else self.ports[::-1]
        self.packets.append((self.time, wire.tcp(*ends, ports, self.sequence[side] + ahead,
                                                 self.sequence[1 - side], flags, data)))
        self.time += 100
        if not ahead:
            self.sequence[side] += len(data) + (flags & wire.SYN > 0) + (flags & wire.FIN > 0)

    def say(self, side, data, most=1400):
        for at in range(0, len(data), most):
            self.add(side, wire.ACK | wire.PSH, data[at:at + most])
        return self

    def end(self):
        self.add(0, wire.FIN | wire.ACK)
        self.add(1, wire.FIN | wire.ACK)
        return self


def request(path=b"/", headers=b""):
    return b"GET " + path + b" HTTP/1.1\r\nHost: site.example\r\n" + headers + b"\r\n"


def kinds(run, kind):
    return [record for record in run.records if record["record"] == kind]
