# SPDX-License-Identifier: MIT
"""The runs whose calls fail (failures.py): command lines, their inputs, and the other ends of connections."""

import errno
import glob
import os
import re
import shlex
import shutil
import socket
import subprocess
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CAPTURES = ("http-pieces.pcap", "dns-udp.pcap", "smtp.pcap", "xmpp.pcap", "quic.pcap", "ftp-active.pcap",
            "dns-udp-nano.pcap.gz", "http-vlan.pcap", "https-tls13.pcapng", "sip-udp.pcap", "imap.pcap",
            "services.pcap", "subscribers-radius.pcap", "im-icq.pcap", "http-chunked.pcapng")


class Run:
    """A command line. FILE i/NAME is an input; `replaced` are outputs, which may exist before."""

    def __init__(self, name, arguments, replaced=(), statuses=(0,), **rest):
        words = name.split()
        self.name = name
        self.program = "ipfixtool" if words[0] == "ipfixtool" else "pcap2ipfix"
        self.arguments = shlex.split(arguments)
        # The sandbox has tests of its own, and the sanitizers need files that it may deny.
        verb = 1 if self.program == "ipfixtool" else 0
        if self.arguments[verb:] and "fields" not in self.arguments:
            self.arguments.insert(verb, "--no-sandbox")
        self.replaced = replaced
        self.statuses = statuses
        self.input = rest.get("input")
        self.prepare = rest.get("prepare")
        self.peer = rest.get("peer")
        # Failures that were handled wrongly: kind, mode, error, a function that makes the call.
        self.points = rest.get("points", ())
        self.spools = rest.get("spools", False)
        self.normal = rest.get("normal", lambda name, content: content)
        self.keeps = rest.get("keeps", False)  # after a failure the outputs have what came before it
        # Whether it makes files.
        self.repeats = rest.get("repeats", bool(replaced))  # a second run replaces what the first left
        self.writes = bool(replaced) or self.spools or rest.get("writes", False)
        self.catches = self.program == "pcap2ipfix" or words[1] in ("listen", "send", "extract", "corpus", "diff", "join")
        self.reports = rest.get("reports", ())  # outputs that are complete after a failure too

    def partial(self, code, message):
        """Whether the message says what is missing, where the status is the same as without a failure."""
        return code != 0 and message.strip() != ""

    def valid(self, path, build):
        """Whether a file can be read to its end."""
        if ".ipfix" in os.path.basename(path):
            command = [os.path.join(build, "ipfixtool"), "check", "-q", path]
        elif path.endswith(".gz"):
            command = ["gzip", "-t", path]
        elif path.endswith(".zst"):
            command = ["zstd", "-q", "-t", path]
        elif path.endswith(".json"):
            command = ["python3", "-m", "json.tool", path]
        else:
            with open(path, "rb") as file:
                return file.read()[-1:] in (b"", b"\n")
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0

    def lost(self, runner):
        """Which records are neither sent nor spooled, or None."""
        paths = glob.glob(os.path.join(runner.folder.path, "*spool*.ipfix"))
        received = runner.folder.path + "-received.ipfix"
        if os.path.exists(received) and os.path.getsize(received) > 0:
            paths.append(received)
        tool = os.path.join(runner.build, "ipfixtool")
        have = records(tool, paths)
        want = records(tool, [os.path.join(runner.folder.inputs, self.input_records())])
        missing = want - have
        return f"{len(missing)} of {len(want)} records are neither sent nor spooled" if missing else None

    def input_records(self):
        return "mixed.ipfix" if "mixed.ipfix" in " ".join(self.arguments) else "small.ipfix"


def records(tool, paths):
    if not paths:
        return set()
    text = subprocess.run([tool, "view", "-j", *paths], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout
    return set(text.splitlines())


class Collector:
    """Takes what is sent, into the file received.ipfix."""

    def __init__(self, folder):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.path = folder.path + "-received.ipfix"
        self.connections = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.take(connection)

    def take(self, connection):
        bytes_ = b""
        try:
            while part := connection.recv(1 << 20):
                bytes_ += part
        except OSError:
            pass
        connection.close()
        self.connections.append(bytes_)

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.thread.join(10)
        self.listener.close()
        with open(self.path, "wb") as file:
            for bytes_ in self.connections:
                file.write(whole_messages(bytes_))


def whole_messages(bytes_):
    at = 0
    while at + 16 <= len(bytes_) and 16 <= int.from_bytes(bytes_[at + 2:at + 4], "big") <= len(bytes_) - at:
        at += int.from_bytes(bytes_[at + 2:at + 4], "big")
    return bytes_[:at]


class Absent:
    """A port at which nobody listens."""

    def __init__(self, _folder):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def stop(self):
        self.socket.close()


class Datagrams:
    """Takes what is sent over UDP."""

    def __init__(self, _folder):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def stop(self):
        self.socket.close()


class Exporter:
    """Sends a file to the program, which listens."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.over = threading.Event()
        with open(os.path.join(folder.inputs, "small.ipfix"), "rb") as file:
            self.bytes = file.read()
        self.thread = threading.Thread(target=self.send, daemon=True)
        self.thread.start()

    def send(self):
        while not self.over.wait(0.01):
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as connection:
                    connection.sendall(self.bytes)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(4096):
                        pass
                return
            except OSError:
                pass

    def stop(self):
        self.over.set()
        self.thread.join(10)


def make_inputs(folder, build):
    """Captures, and files made of them."""
    program, tool = (os.path.join(build, name) for name in ("pcap2ipfix", "ipfixtool"))
    for name in CAPTURES:
        shutil.copy(os.path.join(ROOT, "samples/captures", name), folder)

    def make(*arguments):
        subprocess.run(arguments, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    make(program, "-q", "http-pieces.pcap", "-w", "small.ipfix", "-j", "small.jsonl")
    make(program, "-q", "dns-udp.pcap", "-w", "dns.ipfix", "--file-options", "all")
    make(program, "-q", *CAPTURES, "-w", "mixed.ipfix", "-j", "mixed.jsonl", "--records", "all")
    make(program, "-q", "http-pieces.pcap", "-w", "x.ipfix.gz", "--stats-file", "stats.json")
    make("zstd", "-q", "http-pieces.pcap", "-o", "zstd.pcap.zst")
    make("xz", "-k", "http-pieces.pcap")
    make("bzip2", "-k", "http-pieces.pcap")
    make("lz4", "-q", "http-pieces.pcap", "http-pieces.pcap.lz4")
    with open(os.path.join(folder, "list"), "w", encoding="ascii") as file:
        file.write("i/http-pieces.pcap\ni/dns-udp.pcap\n")
    with open(os.path.join(folder, "key"), "wb") as file:
        file.write(bytes(range(32)))
    with open(os.path.join(folder, "logins"), "w", encoding="ascii") as file:
        file.write("192.0.2.0/24,someone,5\n2001:db8::/32,other\n10.0.0.0/8,third\n")
    with open(os.path.join(folder, "settings.yaml"), "w", encoding="ascii") as file:
        file.write("records: clickstream,dns\nraw: {bytes: 128}\nsubscribers: {file: i/logins}\nanonymise: i/key\n")
    make(tool, "corpus", "-q", "http-pieces.pcap", "dns-udp.pcap", "-o", "corpus")


def without_time(name, content):
    """The manifest of an extract has the time of its making."""
    return re.sub(rb'"time": ?"[^"]*"', b"", content) if name.endswith(".json") else content


def without_seconds(name, content):
    """Statistics have the time that the run took."""
    if name.endswith((".json", "err")):
        content = re.sub(rb'"(seconds|[a-z_]*_per_second|cpu_seconds|peak_memory)":[0-9.e+-]+', b"", content)
    return content


def with_corpus(path):
    shutil.copytree(os.path.join(path, "i", "corpus"), os.path.join(path, "corpus"))


HTTP = "i/http-pieces.pcap"
MANY = " ".join("i/" + name for name in CAPTURES)

RUNS = [
    Run("IPFIX", f"-q --threads 1 {HTTP} -w a.ipfix", ("a.ipfix",),
        points=[("alloc", "once", errno.ENOMEM, "p2i_session_table_add"), ("alloc", "once", errno.ENOMEM, "p2i_expiry_all")]),
    Run("IPFIX, 2 threads", f"-q --threads 2 {HTTP} i/dns-udp.pcap -w a.ipfix", ("a.ipfix",)),
    Run("all protocols", f"-q --threads 1 --records all --file-options all {MANY} -w a.ipfix", ("a.ipfix",),
        points=[("alloc", "once", errno.ENOMEM, "p2i_bindings_set"), ("alloc", "once", errno.ENOMEM, "p2i_quic_open"), ("alloc", "once", errno.ENOMEM, "p2i_xmpp_read"), ("alloc", "once", errno.ENOMEM, "p2i_quic_client_keys")]),
    Run("all protocols, 2 threads", f"-q --threads 2 --records all {MANY} -w a.ipfix", ("a.ipfix",)),
    Run("JSON", f"-q --threads 1 --extended {HTTP} -j a.jsonl", ("a.jsonl",)),
    Run("standard output", f"-q --threads 1 {HTTP} -w -"),
    Run("standard output, JSON", f"-q --threads 1 {HTTP} -j -"),
    Run("standard input", "-q --threads 1 - -w a.ipfix", ("a.ipfix",), input="http-pieces.pcap"),
    Run("DNS log", "-q --threads 1 i/dns-udp.pcap --dns-log . -j a.jsonl", ("a.jsonl",),
        repeats=False),
    Run("rotation", f"-q --threads 1 --rotate 64K --rotate 1h {HTTP} i/dns-udp.pcap -w %F-%H.ipfix -j n.jsonl", writes=True,
        keeps=True),
    Run("each", f"-q --threads 1 --each {HTTP} i/dns-udp.pcap -w d -j d", prepare=lambda path: os.mkdir(path + "/d"),
        writes=True),
    Run("gzip", f"-q --threads 1 {HTTP} -w a.ipfix.gz -j a.jsonl.gz", ("a.ipfix.gz", "a.jsonl.gz")),
    Run("zstd", f"-q --threads 1 {HTTP} -w a.ipfix.zst -j a.jsonl.zst", ("a.ipfix.zst", "a.jsonl.zst")),
    Run("compressed captures", "-q --threads 1 --order args i/dns-udp-nano.pcap.gz i/zstd.pcap.zst "
        "i/http-pieces.pcap.xz i/http-pieces.pcap.bz2 i/http-pieces.pcap.lz4 -w a.ipfix", ("a.ipfix",),
        points=[("alloc", "once", errno.ENOMEM, "p2i_decompress_some")]),
    Run("compressed captures, 3 threads", "-q --threads 3 --order args i/dns-udp-nano.pcap.gz i/zstd.pcap.zst "
        "i/http-pieces.pcap.xz i/http-pieces.pcap.bz2 i/http-pieces.pcap.lz4 -w a.ipfix", ("a.ipfix",)),
    Run("anonymise", f"-q --threads 1 --redact --anonymise i/key {HTTP} i/imap.pcap -w a.ipfix", ("a.ipfix",)),
    Run("list", "-q --threads 1 --list i/list -w a.ipfix", ("a.ipfix",),
        points=[("alloc", "once", errno.ENOMEM, "p2i_inputs_add_list")]),
    Run("folders", "-q --threads 1 -R --include *.pcap i/ -w a.ipfix", ("a.ipfix",),
        points=[("alloc", "once", errno.ENOMEM, "p2i_inputs_walk")]),
    Run("settings", f"-q --threads 1 -c i/settings.yaml {HTTP} -w a.ipfix", ("a.ipfix",)),
    Run("print settings", "-c i/settings.yaml --print-config",
        points=[("alloc", "once", errno.ENOMEM, "p2i_yaml_print_word"), ("alloc", "once", errno.ENOMEM, "p2i_yaml_print_text"), ("alloc", "once", errno.ENOMEM, "p2i_yaml_open_map")]),
    Run("help", "--help"),
    Run("version", "--version"),
    Run("subscribers", f"-q --threads 1 --subscribers i/logins i/subscribers-radius.pcap {HTTP} -w a.ipfix",
        ("a.ipfix",)),
    Run("filter", f"-q --threads 1 -f tcp --from 2000-01-01 {HTTP} -w a.ipfix", ("a.ipfix",)),
    Run("explain", f"-q --threads 1 --explain {HTTP} i/services.pcap",
        points=[("alloc", "once", errno.ENOMEM, "p2i_statistics_new")]),
    Run("explain, JSON", f"-q --threads 1 --explain=json {HTTP} i/services.pcap",
        points=[("alloc", "from", errno.ENOMEM, "p2i_statistics_add_capture")]),
    Run("statistics", f"-q --threads 1 {HTTP} -w a.ipfix --stats-file s.json", ("a.ipfix", "s.json"),
        normal=without_seconds, reports=("s.json",)),
    Run("spool", f"-q --threads 1 {HTTP} -e tcp://127.0.0.1:PORT --retry 1 --export-time capture", statuses=(5,),
        peer=Absent, spools=True, normal=lambda name, content: content),
    Run("collector", f"-q --threads 1 {HTTP} -e tcp://127.0.0.1:PORT --retry 1", peer=Collector, spools=True),
    Run("ipfixtool view", "view i/mixed.ipfix",
        points=[("alloc", "once", errno.ENOMEM, "p2i_templates_domain"), ("alloc", "once", errno.ENOMEM, "p2i_templates_read"), ("alloc", "from", errno.ENOMEM, "p2i_templates_read")]),
    Run("ipfixtool view, vertical", "view --vertical i/small.ipfix"),
    Run("ipfixtool view, JSON", "view -j i/mixed.ipfix"),
    Run("ipfixtool view, CSV", "view --csv -r clickstream i/mixed.ipfix"),
    Run("ipfixtool view, SQL", "view --sql i/small.ipfix i/dns.ipfix"),
    Run("ipfixtool view, filter", "view -f 'HOSTNAME contains a' -F time,client,HOSTNAME --tz Europe/Berlin i/small.ipfix",
        points=[("alloc", "once", errno.ENOMEM, "p2i_filter_option_add"), ("alloc", "once", errno.ENOMEM, "p2i_columns_add"), ("alloc", "once", errno.ENOMEM, "p2i_form_option")]),
    Run("ipfixtool view, JSON Lines", "view i/small.jsonl", statuses=(0, 1, 2, 3)),
    Run("ipfixtool view, gzip", "view -j i/x.ipfix.gz"),
    Run("ipfixtool check", "check i/mixed.ipfix i/x.ipfix.gz",
        points=[("alloc", "once", errno.ENOMEM, "p2i_templates_domain")]),
    Run("ipfixtool fields", "fields"),
    Run("ipfixtool fields, JSON", "fields -f json"),
    Run("ipfixtool fields, ClickHouse", "fields -f clickhouse"),
    Run("ipfixtool listen", "listen -q --once --idle 1 -w a.ipfix tcp://127.0.0.1:PORT", ("a.ipfix",), peer=Exporter,
        keeps=True,
        points=[("receive", "once", errno.ECONNRESET, "p2i_receiver_session_read")]),
    Run("ipfixtool listen, JSON", "listen -q --once --idle 1 -j a.jsonl tcp://127.0.0.1:PORT", ("a.jsonl",),
        peer=Exporter, keeps=True),
    Run("ipfixtool send", "send -q --retry 1 i/small.ipfix tcp://127.0.0.1:PORT", peer=Collector, spools=True,
        points=[("alloc", "once", errno.ENOMEM, "p2i_statistics_new")]),
    Run("ipfixtool send, spooled", "send -q --retry 1 i/small.ipfix tcp://127.0.0.1:PORT", peer=Absent, spools=True,
        statuses=(5,)),
    Run("ipfixtool send, UDP", "send -q i/small.ipfix udp://127.0.0.1:PORT", peer=Datagrams),
    Run("ipfixtool merge", "merge -q i/small.ipfix i/dns.ipfix i/mixed.ipfix -w a.ipfix", ("a.ipfix",),
        points=[("alloc", "once", errno.ENOMEM, "p2i_templates_domain")]),
    Run("ipfixtool merge, temporary files", "merge -q -u -m 1M i/small.ipfix i/dns.ipfix i/mixed.ipfix -w a.ipfix",
        ("a.ipfix",)),
    Run("ipfixtool merge, standard output", "merge -q i/small.ipfix i/dns.ipfix -w -"),
    Run("ipfixtool diff", "diff i/small.ipfix i/mixed.ipfix", statuses=(1,),
        points=[("alloc", "from", errno.ENOMEM, "p2i_append"), ("alloc", "once", errno.ENOMEM, "p2i_buffer_stream")]),
    Run("ipfixtool diff, JSON", "diff -j i/mixed.ipfix i/mixed.jsonl", statuses=(0, 1)),
    Run("ipfixtool diff, temporary files", "diff -m 1M i/mixed.jsonl i/mixed.ipfix", statuses=(0, 1)),
    Run("ipfixtool corpus", f"corpus -q {HTTP} i/dns-udp.pcap -o c", writes=True),
    Run("ipfixtool corpus, anonymise", f"corpus -q --anonymise i/key {HTTP} i/imap.pcap -o c", writes=True),
    Run("ipfixtool corpus, whole", f"corpus -q --whole {HTTP} i/dns-udp.pcap -o c", writes=True),
    Run("ipfixtool corpus, verify", "corpus --verify corpus", prepare=with_corpus),
    Run("ipfixtool extract", f"extract -q -t 1 {HTTP} -f 'HOSTNAME contains a' -w a.pcapng", ("a.pcapng", "a.pcapng.json"),
        normal=without_time),
    Run("ipfixtool extract, gzip", f"extract -q -t 1 {HTTP} i/dns-udp.pcap -i i/small.ipfix -f port=80 -w a.pcapng.gz", writes=True,
        normal=without_time),
    Run("ipfixtool top", "top i/mixed.ipfix -F client,port -d HOSTNAME -e 1h"),
    Run("ipfixtool top, little memory", "top -m 1M -j i/mixed.ipfix -F HOSTNAME -n 0"),
    Run("ipfixtool join", "join i/mixed.ipfix"),
    Run("ipfixtool join, JSON", "join -j i/mixed.ipfix"),
    Run("ipfixtool report", "report i/mixed.ipfix --stats i/stats.json -o r.html", ("r.html",)),
]
