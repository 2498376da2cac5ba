#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ageing.py P2I IPFIXTOOL CAPTURE...: a UDP collector that expires templates gets every
record, from pcap2ipfix -e and from ipfixtool send. Prints a line for each test.

Collectors expire templates by the export time of messages (RFC 7011 section 8.4), not by their own
clock, because a replay has another speed. This one drops a template that is older than its data by more than
LIFETIME, and a template with a later time than its data.
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

P2I, IPFIXTOOL = sys.argv[1:3]
LIFETIME = 1800
RECEIVE_BUFFER = 8 << 20
SILENCE = 1.0  # after the exporter's end


class Collector:
    """Counts the records that a datagram's templates describe, and those that it has to skip."""

    def __init__(self):
        self.templates = {}
        self.records = self.sets_old = self.sets_early = self.sets_unknown = 0
        self.expected = {}
        self.gaps = 0

    def message(self, data):
        version, length, export, sequence, domain = struct.unpack_from(">HHIII", data)
        if version != 10 or length != len(data):
            raise ValueError(f"version {version}, length {length} of {len(data)}")
        self.gaps += self.expected.get(domain, 0) != sequence
        found, at = 0, 16
        while at < length:
            number, size = struct.unpack_from(">HH", data, at)
            body = data[at + 4:at + size]
            if number in (2, 3):
                self.define(domain, export, body, number == 3)
            else:
                found += self.count(domain, export, number, body)
            at += size
        self.expected[domain] = (sequence + found) & 0xffffffff

    def define(self, domain, export, body, options):
        at = 0
        while len(body) - at >= 4:
            number, count = struct.unpack_from(">HH", body, at)
            at += 6 if options else 4
            lengths = []
            for _ in range(count):
                element, size = struct.unpack_from(">HH", body, at)
                at += 8 if element & 0x8000 else 4
                lengths.append(size)
            self.templates[domain, number] = (export, lengths)

    def count(self, domain, export, number, body):
        stamp, lengths = self.templates.get((domain, number), (None, ()))
        if stamp is None:
            self.sets_unknown += 1
            return 0
        found, at, least = 0, 0, sum(1 if size == 65535 else size for size in lengths)
        while len(body) - at >= least:
            for size in lengths:
                if size == 65535:
                    size = body[at]
                    at += 1
                    if size == 255:
                        size, = struct.unpack_from(">H", body, at)
                        at += 2
                at += size
            found += 1
        # The sequence number counts the records that were sent, also those that cannot be read.
        if stamp > export:
            self.sets_early += 1
        elif export - stamp > LIFETIME:
            self.sets_old += 1
        else:
            self.records += found
        return found


def receive(listener, collector, done):
    while True:
        try:
            collector.message(listener.recv(65535))
        except TimeoutError:
            if done.is_set():
                return


def collect(*command):
    """The result of the collector, for the command with its URL appended."""
    collector, done = Collector(), threading.Event()
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(SILENCE)
        thread = threading.Thread(target=receive, args=(listener, collector, done))
        thread.start()
        url = f"udp://127.0.0.1:{listener.getsockname()[1]}"
        status = subprocess.run([*command, url], stderr=subprocess.DEVNULL,
                                stdin=subprocess.DEVNULL, check=False).returncode
        done.set()
        thread.join()
    return collector, status


def judge(name, wanted, collector, failed):
    good = not failed and collector.records == wanted and collector.gaps == 0
    print(f"{'ok' if good else 'not ok'} - a collector that ages templates: {name}")
    if not good:
        print(f"  | {'failed; ' if failed else ''}{collector.records} records of {wanted}; data "
              f"sets whose template is too old {collector.sets_old}, later {collector.sets_early}, unknown "
              f"{collector.sets_unknown}; gaps in the sequence {collector.gaps}")
    return good


def main():
    convert = [P2I, "-q", "--records", "all", *sys.argv[3:]]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "all.ipfix")
        # Damaged captures and unknown formats are tested elsewhere.
        usual = subprocess.run([*convert, "--no-element-types", "-w", path], check=False,
                               stderr=subprocess.DEVNULL).returncode
        counted = subprocess.run([IPFIXTOOL, "check", path], capture_output=True, text=True,
                                 check=True).stdout
        wanted = int(counted.split(" records")[0].split()[-1])
        live, live_status = collect(*convert, "-e")
        sent, sent_status = collect(IPFIXTOOL, "send", "-q", path)
        good = [judge("pcap2ipfix -e", wanted, live, live_status != usual),
                judge("ipfixtool send", wanted, sent, sent_status != 0)]
    return 0 if all(good) and wanted > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
