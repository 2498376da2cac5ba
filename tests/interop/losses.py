#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""losses.py IPFIXTOOL: ipfixtool listen reports records that do not arrive or cannot be read, with -v
at once, and always at the end; check, merge and send report the same messages in a file. Prints a line for
each test.
"""
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

IPFIXTOOL = sys.argv[1]


class Refused(Exception):
    """A failed expectation."""


def expect(truth, text):
    if not truth:
        raise Refused(text)


def a_set(number, body):
    return struct.pack(">HH", number, 4 + len(body)) + body


TEMPLATE = a_set(2, struct.pack(">HHHHHH", 300, 2, 8, 4, 150, 4))


def data(count=1, number=300):
    return a_set(number, struct.pack(">4BI", 10, 0, 0, 1, 1700000000) * count)


def message(sequence, *sets, domain=1):
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), 1700000000, sequence, domain) + body


# What exporters send, one tuple each; the records that arrive; the loss messages, line by line.
NO_TEMPLATE = [(message(0, data(3)), message(3, TEMPLATE, data(2)))]
MISSING = [(message(0, TEMPLATE, data()), message(5, data()), message(6, data(2)),
            message(10, data()))]
LATE = [(message(0, TEMPLATE, data()), message(3, data()), message(1, data(2)), message(4, data()))]
MIDWAY = [(message(50, TEMPLATE, data()), message(51, data()))]
MIDWAY_LATER = [(message(50, data(4)), message(54, TEMPLATE, data()))]
NEVER = [(message(50, data(4)), message(54, TEMPLATE, data(), data(1, 301)))]
CUT = [(message(0, TEMPLATE, data()), message(1, struct.pack(">HH", 300, 99)))]
SETS = "{} could not be read: no template for it, or damaged"
RECORDS = "{} missing, by the sequence numbers"


class Listener:
    def __init__(self, folder, transport, *options):
        self.kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        with socket.socket(type=self.kind) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.output, self.log_path = os.path.join(folder, "out.ipfix"), os.path.join(folder, "log")
        with open(self.log_path, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [IPFIXTOOL, "listen", *options, "-w", self.output,
                 f"{transport}://127.0.0.1:{self.port}"], stderr=log)
        self.await_text("listening")

    def messages(self):
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    def await_text(self, text):
        for _ in range(400):
            if text in self.messages():
                return
            time.sleep(0.05)
        raise Refused(f"no message '{text}': {self.messages()}")

    def send(self, *messages):
        with socket.socket(type=self.kind) as peer:
            peer.connect(("127.0.0.1", self.port))
            for one in messages:
                peer.sendall(one)
            if self.kind == socket.SOCK_STREAM:
                peer.shutdown(socket.SHUT_WR)
                peer.recv(1)

    def finish(self, status, records, *losses):
        # A datagram has arrived when send() returns, but may not have been read yet.
        time.sleep(0.3)
        self.process.send_signal(signal.SIGTERM)
        found = self.process.wait(30)
        lines = [line.removeprefix("ipfixtool: ") for line in self.messages().splitlines()]
        expect(found == status, f"status {found}: {lines}")
        end = [line for line in lines if "could not be read" in line or "by the sequence" in line]
        expect(end == list(losses), f"reported {end}, not {list(losses)}")
        expect(any(line == f"{records} record{'s'[records == 1:]} received" for line in lines), f"{lines}")


def listen(transport, exporters, status, records, *losses):
    with tempfile.TemporaryDirectory() as folder:
        listener = Listener(folder, transport)
        for messages in exporters:
            listener.send(*messages)
        listener.finish(status, records, *losses)


def over(exporters, status, records, *losses):
    for transport in ("tcp", "udp"):
        listen(transport, exporters, status, records, *losses)


def nothing_is_lost():
    over([(message(0, TEMPLATE, data()), message(1, data(5)))], 0, 6)


def data_without_a_template():
    over(NO_TEMPLATE, 1, 2, SETS.format("1 data set"))


def missing_sequence_numbers():
    over(MISSING, 1, 5, RECORDS.format("6 records"))


def reordered_datagrams():
    over(LATE, 0, 5)


def joined_midway():
    over(MIDWAY, 0, 2)
    over(MIDWAY_LATER, 1, 1, SETS.format("1 data set"))


def sets_with_false_lengths():
    over(CUT, 1, 1, SETS.format("1 data set"))


def several_exporters_together():
    over([*NO_TEMPLATE, *MISSING, *NO_TEMPLATE, *CUT], 1, 10, SETS.format("3 data sets"),
         RECORDS.format("6 records"))


def losses_are_reported_at_once_with_v():
    with tempfile.TemporaryDirectory() as folder:
        listener = Listener(folder, "udp", "-v")
        listener.send(*MIDWAY[0])
        listener.await_text("joined midway: it begins with sequence number 50 (domain 1)")
        listener.send(*MISSING[0])
        listener.await_text("sequence number 5 where 1 is due (domain 1)")
        listener.send(*NO_TEMPLATE[0])
        listener.await_text("data set of template 300, which is not defined")
        listener.finish(1, 9, SETS.format("1 data set"), RECORDS.format("6 records"))


def losses_are_reported_with_q():
    with tempfile.TemporaryDirectory() as folder:
        listener = Listener(folder, "tcp")
        listener.send(*MISSING[0])
        listener.process.send_signal(signal.SIGTERM)
        expect(listener.process.wait(30) == 1, "status")
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [IPFIXTOOL, "listen", "-q", "--once", "-w", f"{folder}/out",
                   f"tcp://127.0.0.1:{port}"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            for _ in range(200):
                try:
                    with socket.create_connection(("127.0.0.1", port)) as peer:
                        peer.sendall(b"".join(MISSING[0]))
                    break
                except ConnectionError:
                    time.sleep(0.05)
            messages = process.stderr.read()
        expect(process.returncode == 1 and "6 records missing" in messages, messages)


def run(*arguments):
    done = subprocess.run([IPFIXTOOL, *arguments], capture_output=True, text=True, check=False,
                          timeout=60)
    return done.returncode, done.stdout + done.stderr


def in_files():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "in.ipfix")

        def write(exporters):
            with open(path, "wb") as file:
                file.write(b"".join(exporters[0]))
        for exporters, status, text in (
                (MIDWAY, 0, "2 records, 0 defects, 1 note"),
                (MIDWAY_LATER, 0, "note: data set of template 300, which has not come yet"),
                (NEVER, 1, "template 301 is missing: its data sets cannot be read (domain 1)"),
                (NO_TEMPLATE, 1, "1 defect\n"), (MISSING, 1, "2 defects\n"),
                (LATE, 1, "2 defects\n")):
            write(exporters)
            found, messages = run("check", path)
            expect(found == status and text in messages, f"check: {found}: {messages}")
        for exporters, status, text in ((NO_TEMPLATE, 1, SETS.format("in.ipfix: 1 data set")),
                                        (MISSING, 0, ""), (MIDWAY, 0, "")):
            write(exporters)
            out = os.path.join(folder, "out.ipfix")
            found, messages = run("merge", "-w", out, path)
            expect(found == status and text in messages, f"merge: {found}: {messages}")
            with tempfile.TemporaryDirectory() as other:
                listener = Listener(other, "tcp")
                found, messages = run("send", path, f"tcp://127.0.0.1:{listener.port}")
                expect(found == status and text in messages, f"send: {found}: {messages}")
                listener.process.kill()
                listener.process.wait()


def main():
    failed = False
    for test in (nothing_is_lost, data_without_a_template, missing_sequence_numbers,
                 reordered_datagrams, joined_midway, sets_with_false_lengths,
                 several_exporters_together, losses_are_reported_at_once_with_v, losses_are_reported_with_q, in_files):
        name = "losses: " + test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok - {name}", flush=True)
        except (Refused, OSError, subprocess.TimeoutExpired) as error:
            failed = True
            print(f"not ok - {name}\n  | {error!r}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
