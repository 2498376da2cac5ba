#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""faults.py [--full] [--table FILE] P2I IPFIXTOOL CAPTURE...: converts the captures to collectors that fail in every way,
and checks that each record arrives, and that duplicates are counted. Prints a line for each test.
--full stalls for 30 s; the table has the records sent, received, duplicated and lost for each fault.

A case is a function that gets a Run. The collector is a thread; it keeps the bytes of each connection
as one transport session, which ipfixtool reads afterwards.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

REPEATS = 25
EXIT_COLLECTOR = 5


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--table")
    parser.add_argument("p2i")
    parser.add_argument("ipfixtool")
    parser.add_argument("captures", nargs="+")
    return parser.parse_args()


ARGUMENTS = arguments()
P2I, IPFIXTOOL, CAPTURES = ARGUMENTS.p2i, ARGUMENTS.ipfixtool, ARGUMENTS.captures
STALL_S = 30 if ARGUMENTS.full else 4


class Refused(Exception):
    """A failed expectation."""


def expect(truth, text):
    if not truth:
        raise Refused(text)


class Run:
    """One conversion, its folder and its collector."""

    def __init__(self, folder):
        self.folder = folder
        self.sessions = []
        self.listener = None
        self.errors = []
        self.threads = []
        self.counts = None  # sent, received, of these twice, lost
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def path(self, name):
        return os.path.join(self.folder, name)

    # The collector.

    def listen(self, buffer=None):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if buffer is not None:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen()
        self.listener.settimeout(600)

    def refuse(self):
        """Stops listening."""
        self.listener.close()

    def accept(self, context=None):
        connection = self.listener.accept()[0]
        connection.settimeout(600)
        if context is not None:
            connection = context.wrap_socket(connection, server_side=True)
        self.sessions.append(bytearray())
        return connection

    def read(self, connection, size):
        """Reads at most `size` bytes into the session; false at the end."""
        got = connection.recv(size)
        self.sessions[-1] += got
        return bool(got)

    def read_exactly(self, connection, size):
        while size > 0:
            got = connection.recv(size)
            if not got:
                return False
            self.sessions[-1] += got
            size -= len(got)
        return True

    def read_message(self, connection):
        start = len(self.sessions[-1])
        if not self.read_exactly(connection, 16):
            return False
        size = struct.unpack_from(">H", self.sessions[-1], start + 2)[0]
        return self.read_exactly(connection, size - 16)

    def read_all(self, connection):
        while self.read(connection, 65536):
            pass
        connection.close()

    @staticmethod
    def reset(connection):
        """Resets the connection, as the system does for a program that is killed with unread bytes."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def start(self, script):
        def work():
            try:
                script()
            except Exception as error:  # reported by the test
                self.errors.append(repr(error))

        thread = threading.Thread(target=work, daemon=True)
        self.threads.append(thread)
        thread.start()

    # The exporter.

    def convert(self, url=None, options=(), captures=None, timeout=6000):
        """Writes the same records to a file; gives the exit status and the collector's stats."""
        url = url or f"tcp://127.0.0.1:{self.port}"
        captures = captures or CAPTURES * REPEATS
        done = subprocess.run(
            [P2I, "-q", "--order", "args", "--stats=json", "-w", self.path("ref.ipfix"),
             "-e", url, "--spool", self.folder, *options, *captures],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, check=False)
        lines = done.stderr.decode().splitlines()
        expect(lines and lines[-1].startswith("{"), f"status {done.returncode}: {lines[-20:]}")
        return done.returncode, json.loads(lines[-1])["collectors"][0], "\n".join(lines[:-1])

    def join(self):
        for thread in self.threads:
            thread.join(60)
            expect(not thread.is_alive(), "the collector does not end")
        expect(not self.errors, f"the collector failed: {self.errors}")

    # The received records.

    def records(self, path):
        done = subprocess.run([IPFIXTOOL, "view", "--json", path], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=6000, check=False)
        expect(done.returncode in (0, 1), f"view: {done.stderr.decode()}")
        return collections.Counter(done.stdout.decode().splitlines())

    def arrived(self):
        """The records of all sessions; the complete messages of each must be in order."""
        found = collections.Counter()
        for number, session in enumerate(self.sessions):
            end = 0
            while end + 16 <= len(session):
                size = struct.unpack_from(">H", session, end + 2)[0]
                if end + size > len(session):
                    break
                end += size
            path = self.path(f"session{number}.ipfix")
            with open(path, "wb") as file:
                file.write(session[:end])
            if end > 0:
                check = subprocess.run([IPFIXTOOL, "check", path], stdout=subprocess.PIPE,
                                       timeout=6000, check=False)
                expect(check.returncode == 0, f"session {number}: {check.stdout.decode()[:500]}")
                found += self.records(path)
        return found

    def expect_all(self, found, resent):
        """No record is lost, and no more records are duplicates than the statistics count."""
        wanted = self.records(self.path("ref.ipfix"))
        expect(sum(wanted.values()) > 100, "there are no records")
        lost = wanted - found
        more = found - wanted
        self.counts = (sum(wanted.values()), sum(found.values()), sum(more.values()),
                       sum(lost.values()))
        expect(not lost, f"{sum(lost.values())} of {sum(wanted.values())} records lost")
        expect(sum(more.values()) <= resent,
               f"{sum(more.values())} records twice, {resent} counted")
        expect(not set(found) - set(wanted), "records that were never written")

    def expect_spool(self, stats):
        """The rest is spooled, and another collector gets it by ipfixtool send."""
        expect(stats["records_spooled"] > 0 and os.path.exists(stats["spool"]), f"stats: {stats}")
        self.listen()
        self.start(lambda: self.read_all(self.accept()))
        sent = subprocess.run([IPFIXTOOL, "send", "-q", stats["spool"],
                               f"tcp://127.0.0.1:{self.port}"], timeout=600, check=False)
        expect(sent.returncode == 0, f"send: status {sent.returncode}")
        self.join()


def collector_without_faults(run):
    run.listen()
    run.start(lambda: run.read_all(run.accept()))
    status, stats, _ = run.convert()
    run.join()
    expect(status == 0 and stats["records_resent"] == 0 and stats["connections"] == 1, f"{stats}")
    run.expect_all(run.arrived(), 0)


def killed_and_restarted(run):
    def script():
        connection = run.accept()
        run.read_exactly(connection, 300000)
        run.refuse()
        run.reset(connection)
        time.sleep(1.5)
        run.listen()
        run.read_all(run.accept())

    run.listen()
    run.start(script)
    status, stats, _ = run.convert()
    run.join()
    expect(status == 0 and stats["connections"] == 2, f"status {status}, {stats}")
    run.expect_all(run.arrived(), stats["records_resent"])


def killed_many_times(run):
    def script():
        for _ in range(5):
            connection = run.accept()
            run.read_exactly(connection, 123457)
            run.reset(connection)
        run.read_all(run.accept())

    run.listen(buffer=4096)
    run.start(script)
    status, stats, _ = run.convert()
    run.join()
    expect(status == 0 and stats["connections"] == 6, f"status {status}, {stats}")
    run.expect_all(run.arrived(), stats["records_resent"])


def stalled(run):
    def script():
        connection = run.accept()
        run.read_exactly(connection, 100000)
        time.sleep(STALL_S)
        run.read_all(connection)

    run.listen(buffer=4096)
    run.start(script)
    status, stats, _ = run.convert()
    run.join()
    expect(status == 0 and stats["records_resent"] == 0, f"status {status}, {stats}")
    run.expect_all(run.arrived(), 0)


def stalled_then_killed(run):
    def script():
        connection = run.accept()
        time.sleep(2)
        run.reset(connection)
        run.read_all(run.accept())

    run.listen()
    run.start(script)
    status, stats, _ = run.convert()
    run.join()
    expect(status == 0 and stats["connections"] == 2, f"status {status}, {stats}")
    run.expect_all(run.arrived(), stats["records_resent"])


def refusing_then_accepting(run):
    def script():
        time.sleep(2.5)
        run.listen()
        run.read_all(run.accept())

    run.start(script)
    status, stats, _ = run.convert()
    run.join()
    expect(status == 0 and stats["records_resent"] == 0, f"status {status}, {stats}")
    run.expect_all(run.arrived(), 0)


def closing_after_each_message(run, context=None, url=None):
    over = threading.Event()

    def script():
        while not over.is_set():
            try:
                connection = run.accept(context)
            except OSError:
                return
            run.read_message(connection)
            connection.close()

    run.listen()
    run.start(script)
    status, stats, _ = run.convert(url=url, captures=CAPTURES * 3)
    over.set()
    run.listener.shutdown(socket.SHUT_RDWR)
    run.join()
    expect(status == 0 and stats["connections"] > 3, f"status {status}, {stats}")
    run.expect_all(run.arrived(), stats["records_resent"])


def closing_the_first_connections_at_once(run):
    def script():
        for _ in range(2):
            run.accept().close()
        run.read_all(run.accept())

    run.listen()
    run.start(script)
    status, stats, _ = run.convert()
    run.join()
    expect(status == 0, f"status {status}, {stats}")
    run.expect_all(run.arrived(), stats["records_resent"])


def smallest_window(run):
    def script():
        connection = run.accept()
        while run.read(connection, 1):
            pass
        connection.close()

    run.listen(buffer=1)
    run.start(script)
    status, stats, _ = run.convert(captures=CAPTURES)
    run.join()
    expect(status == 0 and stats["records_resent"] == 0, f"status {status}, {stats}")
    run.expect_all(run.arrived(), 0)


def refused_until_the_end(run):
    status, stats, log = run.convert(options=["--retry", "2"])
    expect(status == EXIT_COLLECTOR and "spool" in log, f"status {status}, {log}")
    expect(stats["records_spooled"] == stats["records"], f"{stats}")
    run.expect_spool(stats)
    run.expect_all(run.arrived(), 0)
    # The next spool does not replace it.
    run.refuse()
    status, again, _ = run.convert(options=["--retry", "1"], captures=CAPTURES)
    expect(status == EXIT_COLLECTOR and again["spool"] != stats["spool"], f"{again}")


def one_of_two_collectors_is_unreachable(run):
    """The reachable collector gets all records, and those of the other are spooled."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = probe.getsockname()[1]
    run.listen()
    run.start(lambda: run.read_all(run.accept()))
    status, stats, _ = run.convert(options=["--retry", "2", "-e", f"tcp://127.0.0.1:{dead}"])
    run.join()
    expect(status == EXIT_COLLECTOR and stats["records_resent"] == 0, f"{status}, {stats}")
    run.expect_all(run.arrived(), 0)
    name = run.path(f"127.0.0.1_{dead}.spool.ipfix")
    expect(run.records(name) == run.records(run.path("ref.ipfix")), "records are missing in the spool file")


def gone_until_the_end(run):
    def script():
        connection = run.accept()
        run.read_exactly(connection, 200000)
        run.refuse()
        run.reset(connection)

    run.listen(buffer=4096)
    run.start(script)
    status, stats, _ = run.convert(options=["--retry", "2"])
    run.join()
    expect(status == EXIT_COLLECTOR and 0 < stats["records_spooled"] <= stats["records"],
           f"status {status}, {stats}")
    run.expect_spool(stats)
    run.expect_all(run.arrived(), stats["records"])


def never_reading(run):
    def script():
        connection = run.accept()
        time.sleep(5)
        run.reset(connection)
        run.refuse()

    run.listen(buffer=4096)
    run.start(script)
    status, stats, log = run.convert(options=["--retry", "2"])
    run.join()
    expect(status == EXIT_COLLECTOR and stats["records_spooled"] == stats["records"],
           f"status {status}, {stats}, {log}")
    run.expect_spool(stats)
    run.expect_all(run.arrived(), 0)


def unknown_host(run):
    status, stats, log = run.convert(url=f"tcp://collector.invalid:{run.port}",
                                      options=["--retry", "2"])
    expect(status == EXIT_COLLECTOR and "collector.invalid" in log, f"status {status}, {log}")
    run.expect_spool(stats)
    run.expect_all(run.arrived(), 0)


def unknown_host_over_udp(run):
    status, stats, log = run.convert(url=f"udp://collector.invalid:{run.port}",
                                      options=["--retry", "2"], captures=CAPTURES)
    expect(status == EXIT_COLLECTOR, f"status {status}, {log}")
    expect(stats["records_spooled"] == stats["records"], f"{stats}")


def no_listener_over_udp(run):
    status, stats, log = run.convert(url=f"udp://127.0.0.1:{run.port}", captures=CAPTURES)
    expect(status == EXIT_COLLECTOR and "port unreachable" in log, f"status {status}, {log}")
    expect(stats["refused"] > 0, f"{stats}")


def silent_host(run):
    """A listener with a full queue does not answer: connecting has a time-out."""
    run.listen()
    run.listener.listen(0)
    held = [socket.socket() for _ in range(4)]
    for one in held:
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", run.port))
    status, stats, log = run.convert(options=["--retry", "3"], captures=CAPTURES)
    expect(status == EXIT_COLLECTOR and stats["records_spooled"] == stats["records"],
           f"status {status}, {log}")
    for one in held:
        one.close()


def certificate(folder, name, issuer=None):
    """A key and a certificate for the host `name`, signed by `issuer` or itself."""
    base = os.path.join(folder, name)
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-keyout", base + ".key", "-out", base + ".pem", "-days", "2",
               "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    if issuer is not None:
        command += ["-CA", issuer + ".pem", "-CAkey", issuer + ".key"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return base


def server_context(base, clients_by=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(base + ".pem", base + ".key")
    if clients_by is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients_by + ".pem")
    return context


def tls_without_faults(run, parameters="", clients_by=None):
    base = certificate(run.folder, "localhost")
    context = server_context(base, clients_by)
    run.listen()
    run.start(lambda: run.read_all(run.accept(context)))
    status, stats, log = run.convert(
        url=f"tls://localhost:{run.port}?ca={base}.pem{parameters}")
    run.join()
    expect(status == 0 and stats["connections"] == 1, f"status {status}, {log}")
    run.expect_all(run.arrived(), 0)


def tls_client_certificate(run):
    client = certificate(run.folder, "client")
    tls_without_faults(run, f"&cert={client}.pem&key={client}.key", client)


def tls_client_certificate_missing(run):
    base = certificate(run.folder, "localhost")
    tls_refused(run, server_context(base, base), f"tls://localhost:{run.port}?ca={base}.pem",
                "certificate")


def tls_killed_and_restarted(run):
    base = certificate(run.folder, "localhost")
    context = server_context(base)

    def script():
        connection = run.accept(context)
        run.read_exactly(connection, 300000)
        run.refuse()
        run.reset(connection)
        time.sleep(1.5)
        run.listen()
        run.read_all(run.accept(context))

    run.listen()
    run.start(script)
    status, stats, _ = run.convert(url=f"tls://localhost:{run.port}?ca={base}.pem")
    run.join()
    expect(status == 0 and stats["connections"] == 2, f"status {status}, {stats}")
    run.expect_all(run.arrived(), stats["records_resent"])


def tls_closing_after_each_message(run):
    base = certificate(run.folder, "localhost")
    closing_after_each_message(run, server_context(base),
                               f"tls://localhost:{run.port}?ca={base}.pem")


def tls_refused(run, context, url, word):
    """The exporter must not send a byte of a record to a collector that it does not trust."""
    def script():
        try:
            connection = run.accept(context)
            expect(not run.read(connection, 1), "the exporter has sent something")
        except (ssl.SSLError, OSError):
            pass

    run.listen()
    run.start(script)
    status, stats, log = run.convert(url=url, options=["--retry", "3"])
    run.join()
    run.refuse()
    expect(status == EXIT_COLLECTOR and word in log, f"status {status}, {log}")
    expect(stats["records_spooled"] == stats["records"], f"{stats}")
    run.expect_spool(stats)
    run.expect_all(run.arrived(), 0)


def tls_unknown_authority(run):
    context = server_context(certificate(run.folder, "localhost"))
    tls_refused(run, context, f"tls://localhost:{run.port}", "self-signed")


def tls_wrong_name(run):
    base = certificate(run.folder, "other.example")
    tls_refused(run, server_context(base), f"tls://localhost:{run.port}?ca={base}.pem",
                "mismatch")


def tls_name_given(run):
    base = certificate(run.folder, "other.example")
    context = server_context(base)
    run.listen()
    run.start(lambda: run.read_all(run.accept(context)))
    status, _, log = run.convert(
        url=f"tls://127.0.0.1:{run.port}?ca={base}.pem&name=other.example", captures=CAPTURES)
    run.join()
    expect(status == 0, f"status {status}, {log}")
    run.expect_all(run.arrived(), 0)


def tls_insecure(run):
    context = server_context(certificate(run.folder, "other.example"))
    run.listen()
    run.start(lambda: run.read_all(run.accept(context)))
    status, _, log = run.convert(url=f"tls://localhost:{run.port}?insecure=1", captures=CAPTURES)
    run.join()
    expect(status == 0, f"status {status}, {log}")
    run.expect_all(run.arrived(), 0)


def tls_to_a_collector_without_tls(run):
    """The answer is not TLS."""
    def script():
        connection = run.listener.accept()[0]
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        time.sleep(0.5)
        run.refuse()
        connection.close()

    run.listen()
    run.start(script)
    status, stats, log = run.convert(url=f"tls://localhost:{run.port}?insecure=1",
                                      options=["--retry", "2"], captures=CAPTURES)
    run.join()
    expect(status == EXIT_COLLECTOR, f"status {status}, {log}")
    expect(stats["records_spooled"] == stats["records"], f"{stats}")


CASES = [
    collector_without_faults, killed_and_restarted, killed_many_times, stalled, stalled_then_killed,
    refusing_then_accepting, closing_after_each_message, closing_the_first_connections_at_once,
    smallest_window, refused_until_the_end, one_of_two_collectors_is_unreachable, gone_until_the_end, never_reading, unknown_host,
    unknown_host_over_udp, no_listener_over_udp, silent_host, tls_without_faults,
    tls_client_certificate, tls_client_certificate_missing, tls_killed_and_restarted, tls_closing_after_each_message,
    tls_unknown_authority, tls_wrong_name, tls_name_given, tls_insecure, tls_to_a_collector_without_tls,
]


def run_case(case):
    name = "faults: " + case.__name__.replace("_", " ")
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder)
        try:
            case(run)
        except (Refused, subprocess.TimeoutExpired, OSError) as error:
            text = str(error)[-1000:].replace("\n", "\n  | ")
            return f"not ok - {name}\n  | {text}", run.counts
    return f"ok - {name}", run.counts


def write_table(path, cases, results):
    with open(path, "w", encoding="utf-8") as table:
        table.write(f"{'fault':40}{'sent':>8}{'received':>10}{'duplicates':>12}{'lost':>6}\n")
        for case, (_, counts) in zip(cases, results):
            if counts is not None:
                name = case.__name__.replace("_", " ")
                table.write(f"{name:40}{counts[0]:8}{counts[1]:10}{counts[2]:12}{counts[3]:6}\n")


def main():
    wanted = os.environ.get("FAULTS", "").split()
    cases = [case for case in CASES if not wanted or case.__name__ in wanted]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(run_case, cases))
    print("\n".join(text for text, _ in results))
    if ARGUMENTS.table:
        write_table(ARGUMENTS.table, cases, results)
    sys.exit(any(text.startswith("not ok") for text, _ in results))


if __name__ == "__main__":
    main()
