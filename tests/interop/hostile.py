#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hostile.py IPFIXTOOL: hostile exporters; ipfixtool listen must still accept the records of valid
exporters, before and after them. Prints a line for each test.

A case is a function that gets a Listener. The output must have the records of the valid exporters.
"""
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

IPFIXTOOL = sys.argv[1]
SOURCES = 512  # that it has at a time
MEMORY_KB = 1500000
GOOD = 7


class Refused(Exception):
    """A failed expectation."""


def expect(truth, text):
    if not truth:
        raise Refused(text)


def a_set(number, body):
    return struct.pack(">HH", number, 4 + len(body)) + body


def template(number, *fields):
    body = struct.pack(">HH", number, len(fields))
    return a_set(2, body + b"".join(struct.pack(">HH", *field) for field in fields))


def message(sets, domain=1, length=None):
    length = 16 + len(sets) if length is None else length
    return struct.pack(">HHIII", 10, length, 1700000000, 0, domain) + sets


PLAIN = message(template(300, (8, 4)) + a_set(300, b"\x0a\0\0\1"))


class Listener:
    def __init__(self, folder, transport="tcp", options=(), files=None):
        self.output = os.path.join(folder, "out.ipfix")
        self.log_path = os.path.join(folder, "log")
        self.kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        with socket.socket(type=self.kind) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) \
            if files else None
        with open(self.log_path, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [IPFIXTOOL, "listen", "-w", self.output, *options,
                 f"{transport}://127.0.0.1:{self.port}"], stderr=log, preexec_fn=limit)
        for _ in range(200):
            if "listening" in self.messages():
                return
            time.sleep(0.05)
        raise Refused("the program does not listen")

    def messages(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def connect(self):
        peer = socket.socket(type=self.kind)
        peer.settimeout(600)
        peer.connect(("127.0.0.1", self.port))
        return peer

    def send(self, *parts):
        """Sends as a new exporter, which may be disconnected before it is done."""
        peer = self.connect()
        try:
            for part in parts:
                peer.sendall(part)
            if self.kind == socket.SOCK_STREAM:
                peer.shutdown(socket.SHUT_WR)
                peer.recv(1)
        except OSError:  # also when it was thrown out before the shutdown
            pass
        peer.close()

    def processor_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def memory_kb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(next(line for line in status if line.startswith("VmRSS")).split()[1])

    def finish(self):
        expect(self.process.poll() is None, f"it has ended: {self.messages()[-400:]}")
        expect(self.memory_kb() < MEMORY_KB, f"{self.memory_kb()} KiB")
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        expect(status in (0, 1), f"status {status}: {self.messages()[-400:]}")
        done = subprocess.run([IPFIXTOOL, "view", "--json", self.output], check=False,
                              stdout=subprocess.PIPE, timeout=600)
        good = done.stdout.count(b"10.0.0.1")
        expect(good >= GOOD, f"{good} good records of {GOOD}: {self.messages()[-400:]}")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def the_longest_record(listener):
    listener.send(message(template(400, (82, 65535))),
                  message(a_set(400, b"\xff" + struct.pack(">H", 65512) + b"x" * 65512)))


def too_many_templates(listener):
    listener.send(*(message(template(300, (82, 4), (i % 32000 + 1, 2), (i // 32000 + 1, 2)) +
                            a_set(300, b"12345678")) for i in range(70000)))
    expect("too many templates" in listener.messages(), "no message")


def one_template_repeated(listener):
    listener.send(*[message(template(300, (82, 4)) + a_set(300, b"same")) * 1000] * 100)
    expect(listener.processor_s() < 20, "it is slower with each")


def too_many_domains(listener):
    for _ in range(3):
        listener.send(*(message(template(300, (82, 4)) + a_set(300, b"same"), domain)
                        for domain in range(10000)))


def false_lengths(listener):
    for length in (0, 15, 16, 17, 65535):
        listener.send(message(b"", length=length))
    listener.send(b"\0")
    listener.send(os.urandom(100000))
    listener.send(message(a_set(2, struct.pack(">HH", 300, 65535) + b"\0\x08\0\4" * 16000)))
    listener.send(message(a_set(2, struct.pack(">HH", 300, 0))))
    expect("not IPFIX" in listener.messages(), "no message")


def idle_connections(listener):
    """More connections than it accepts, with half a message or without data."""
    peers = []
    for i in range(2 * SOURCES):
        peers.append(listener.connect())
        try:
            peers[-1].sendall(PLAIN[:i % 20])
        except ConnectionError:
            pass
    listener.send(PLAIN)
    for peer in peers:
        peer.close()
    expect("too many connections" in listener.messages(), "no message")


def no_file_descriptors_left(listener):
    peers = [listener.connect() for _ in range(60)]
    time.sleep(1)
    before = listener.processor_s()
    time.sleep(1)
    expect(listener.processor_s() - before < 0.5, "it does nothing, and that busily")
    for peer in peers:
        peer.close()


def too_many_exporters(listener):
    """Each datagram comes from another source."""
    for _ in range(2 * SOURCES):
        listener.send(PLAIN[:30])
    expect(listener.messages().count("not IPFIX") <= 2 * SOURCES, "too many messages")


def an_exporter_that_sends_garbage(listener):
    listener.send(*[b"garbage"] * 300)
    time.sleep(0.3)
    expect(listener.messages().count("not IPFIX") == 1, "more than one message")


def unfinished_tls_handshakes(listener):
    """TLS. No valid exporter connects here; the program must end at SIGTERM."""
    peers = [listener.connect() for _ in range(SOURCES + 40)]
    for peer in peers:
        try:
            peer.sendall(b"\x16\x03\x01\x02\x00")
        except ConnectionError:
            pass
    time.sleep(0.5)
    for peer in peers:
        peer.close()


TCP = [the_longest_record, too_many_templates, one_template_repeated,
       too_many_domains, false_lengths, idle_connections]


def run(case, transport="tcp", **arguments):
    name = "hostile: " + case.__name__.replace("_", " ")
    with tempfile.TemporaryDirectory() as folder:
        listener = None
        try:
            listener = Listener(folder, transport, **arguments)
            listener.send(PLAIN)
            case(listener)
            for _ in range(GOOD - 1):
                listener.send(PLAIN)
            time.sleep(0.3)
            listener.finish()
        except (Refused, OSError, subprocess.TimeoutExpired) as error:
            print(f"not ok - {name}\n  | {error!r}")
            return False
        finally:
            if listener is not None:
                listener.stop()
    print(f"ok - {name}")
    return True


def run_tls():
    global GOOD
    with tempfile.TemporaryDirectory() as folder:
        key, cert = os.path.join(folder, "key"), os.path.join(folder, "cert")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", key, "-out", cert],
                       check=True, stderr=subprocess.DEVNULL)
        GOOD = 0
        return run(unfinished_tls_handshakes, "tls", options=["--cert", cert, "--key", key])


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(
        resource.RLIMIT_NOFILE)[1]))
    results = [run(case) for case in TCP]
    results.append(run(no_file_descriptors_left, files=40))
    results.append(run(too_many_exporters, "udp"))
    results.append(run(an_exporter_that_sends_garbage, "udp"))
    results.append(run_tls())
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
