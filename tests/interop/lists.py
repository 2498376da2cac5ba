#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lists.py IPFIXTOOL: structured data (RFC 6313) of other exporters, as yaf 2 and 3 write it,
through ipfixtool merge, send and listen: every list in the output can be read. Prints a line for
each test.

The files are generated here, and read by a separate reader, which stops at anything unreadable.
"""
import collections
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time

IPFIXTOOL = sys.argv[1]
CERT, EXAMPLE = 6871, 32473
VARIABLE = 65535
BASIC, SUB, MULTI = "basic", "sub", "multi"
LISTS = {(0, 291): BASIC, (0, 292): SUB, (0, 293): MULTI, (CERT, 425): SUB, (CERT, 426): SUB,
         (CERT, 428): SUB, (CERT, 431): SUB, (CERT, 432): SUB, (EXAMPLE, 1): SUB,
         (EXAMPLE, 2): MULTI, (EXAMPLE, 9): SUB}
LISTS.update({(CERT, number): BASIC for number in (338, 339, 345, 389)})
START = 1700000000


class Refused(Exception):
    """A failed expectation."""


def expect(truth, text):
    if not truth:
        raise Refused(text)


# Writing.

def variable(data):
    head = bytes([len(data)]) if len(data) < 255 else b"\xff" + struct.pack(">H", len(data))
    return head + data


class Exporter:
    """Messages of one domain; a template is known by its name, and has a chosen id."""

    def __init__(self, domain=0, seed=1):
        self.domain, self.sequence, self.out = domain, 0, b""
        self.templates = {}
        self.random = random.Random(seed)

    def message(self, sets, records, time_s=START):
        self.out += struct.pack(">HHIII", 10, 16 + len(sets), time_s, self.sequence, self.domain)
        self.out += sets
        self.sequence += records

    def define(self, name, number, *fields, scope=0):
        """Fields are (pen, id, length)."""
        self.templates[name] = (number, fields)
        body = struct.pack(">HH", number, len(fields))
        body += struct.pack(">H", scope) if scope else b""
        for pen, element, length in fields:
            body += struct.pack(">HH", element | (0x8000 if pen else 0), length)
            body += struct.pack(">I", pen) if pen else b""
        self.message(struct.pack(">HH", 3 if scope else 2, 4 + len(body)) + body, 0)

    def record(self, name, values):
        out = b""
        for (_, _, length), value in zip(self.templates[name][1], values, strict=True):
            out += variable(value) if length == VARIABLE else value
            expect(length in (VARIABLE, len(value)), f"{name}: {value} for {length} bytes")
        return out

    def data(self, name, *records, time_s=START):
        body = b"".join(self.record(name, values) for values in records)
        number = self.templates[name][0]
        self.message(struct.pack(">HH", number, 4 + len(body)) + body, len(records), time_s)

    def basic(self, pen, element, length, items):
        head = struct.pack(">BHH", 3, element | (0x8000 if pen else 0), length)
        head += struct.pack(">I", pen) if pen else b""
        return head + b"".join(variable(item) if length == VARIABLE else item for item in items)

    def sub(self, name, *records):
        return struct.pack(">BH", 3, self.templates[name][0]) + \
            b"".join(self.record(name, values) for values in records)

    def multi(self, *blocks):
        out = b"\x04"
        for name, *records in blocks:
            body = b"".join(self.record(name, values) for values in records)
            out += struct.pack(">HH", self.templates[name][0], 4 + len(body)) + body
        return out

    def word(self, least=1, most=40):
        return bytes(self.random.choice(b"abcdefghijklmnopqrstuvwxyz")
                     for _ in range(self.random.randint(least, most)))

    def words(self):
        return [self.word() for _ in range(self.random.randint(0, 4))]

    def flow_key(self, number):
        start = (START + number // 7) * 1000
        return [struct.pack(">Q", start), struct.pack(">Q", start + 9), self.random.randbytes(4),
                self.random.randbytes(4), struct.pack(">H", self.random.randint(1024, 65535)),
                b"\0\x50", b"\6", b"\0\x50"]


FLOW = [(0, 152, 8), (0, 153, 8), (0, 8, 4), (0, 12, 4), (0, 7, 2), (0, 11, 2), (0, 4, 1),
        (CERT, 33, 2)]


def type_records(exporter):
    """Type records (RFC 5610) for the lists of EXAMPLE."""
    exporter.define("type", 0xD006, (0, 346, 4), (0, 303, 2), (0, 339, 1), (0, 341, VARIABLE),
                    scope=2)
    for number, kind, name in ((1, 21, b"exampleList"), (2, 22, b"exampleMultiList")):
        exporter.data("type", [struct.pack(">I", EXAMPLE), struct.pack(">H", number), bytes([kind]),
                               name])


def define_dpi(exporter, first, lists):
    """Templates of HTTP, TLS with certificates and DNS with resource records, from this id on. `lists`
    are the elements of their lists."""
    exporter.define("http", first,
                    *[(*lists[name], VARIABLE) for name in ("server", "agent", "host")])
    exporter.define("tls", first + 1, (*lists["cipher"], VARIABLE), (CERT, 186, 1),
                    (*lists["certificates"], VARIABLE))
    exporter.define("certificate", first + 2, (*lists["issuer"], VARIABLE),
                    (*lists["extension"], VARIABLE), (CERT, 189, 1))
    exporter.define("object", first + 3, (CERT, 246, VARIABLE), (CERT, 245, 1))
    exporter.define("dns", first + 4, (*lists["answers"], VARIABLE))
    exporter.define("answer", first + 5, (*lists["detail"], VARIABLE), (CERT, 179, VARIABLE),
                    (CERT, 175, 2))
    exporter.define("a", first + 6, (CERT, 302, 4))
    exporter.define("mx", first + 7, (CERT, 182, VARIABLE), (CERT, 181, 2))


def dpi(exporter):
    """The name of a template and a record of it."""
    choice = exporter.random.random()

    def objects():
        return exporter.sub("object", *[[exporter.word(), b"\x06"] for _ in exporter.words()])

    def strings(element):
        return exporter.basic(CERT, element, VARIABLE, exporter.words())
    if choice < 0.3:
        return "http", [strings(110), strings(111), strings(117)]
    if choice < 0.6:
        ciphers = [exporter.random.randbytes(4) for _ in exporter.words()]
        chain = [[objects(), objects(), b"\2"] for _ in exporter.words()]
        return "tls", [exporter.basic(CERT, 185, 4, ciphers), b"\3",
                       exporter.sub("certificate", *chain)]

    def detail():
        if exporter.random.random() < 0.5:
            return exporter.sub("a", [exporter.random.randbytes(4)])
        return exporter.sub("mx", [exporter.word(), b"\0\x0a"])
    return "dns", [exporter.sub("answer", *[[detail(), exporter.word(), b"\0\1"]
                                            for _ in exporter.words()])]


PLAIN = {name: (0, 291) for name in ("server", "agent", "host", "cipher")} | \
    {name: (0, 292) for name in ("certificates", "issuer", "extension", "answers", "detail")}
NAMED = {"server": (CERT, 338), "agent": (CERT, 339), "host": (CERT, 345), "cipher": (CERT, 389),
         "certificates": (CERT, 425), "issuer": (CERT, 426), "extension": (CERT, 428),
         "answers": (CERT, 431), "detail": (0, 292)}


def like_yaf2(domain=0, seed=2, first=0xC600, count=60):
    """DPI in a subTemplateMultiList of the flow."""
    exporter = Exporter(domain, seed)
    exporter.define("flow", 0xB800, *FLOW, (0, 293, VARIABLE))
    define_dpi(exporter, first, PLAIN)
    for number in range(count):
        blocks = [dpi(exporter) for _ in range(exporter.random.randint(0, 2))]
        exporter.data("flow", [*exporter.flow_key(number), exporter.multi(*blocks)])
    return exporter


def like_yaf3(domain=0, seed=3, first=0xC600, count=60):
    """DPI in yafDPIList, in named lists; no type records."""
    exporter = Exporter(domain, seed)
    exporter.define("flow", 0xB801, *FLOW, (CERT, 432, VARIABLE))
    define_dpi(exporter, first, NAMED)
    for number in range(count):
        name, values = dpi(exporter)
        exporter.data("flow", [*exporter.flow_key(number), exporter.sub(name, values)])
    return exporter


def with_types(domain=0, seed=4, count=40):
    """Lists of an enterprise that are known by type records, with template ids that yaf uses otherwise;
    lists in a basicList; empty lists."""
    exporter = Exporter(domain, seed)
    type_records(exporter)
    exporter.define("flow", 0xC600, *FLOW, (EXAMPLE, 1, VARIABLE), (EXAMPLE, 2, VARIABLE),
                    (0, 291, VARIABLE))
    exporter.define("pair", 0xC601, (EXAMPLE, 20, 2), (0, 82, VARIABLE))
    exporter.define("tree", 0xC602, (0, 292, VARIABLE), (EXAMPLE, 21, 1))
    for number in range(count):
        pairs = exporter.sub("pair", *[[b"\0\1", word] for word in exporter.words()])
        tree = exporter.sub("tree", [pairs, b"\7"], [struct.pack(">BH", 255, 0), b"\x08"])
        both = exporter.multi(("pair", [b"\0\2", exporter.word()]), ("tree", [tree, b"\0"]))
        exporter.data("flow", [*exporter.flow_key(number), tree, both,
                               exporter.basic(0, 292, VARIABLE, [pairs, tree])])
    return exporter


def of_unknown_lists(domain=0, seed=5, count=20):
    """An element that is not known to be a list."""
    exporter = Exporter(domain, seed)
    exporter.define("flow", 0x2000, *FLOW, (EXAMPLE, 9, VARIABLE))
    exporter.define("word", 0x2001, (0, 82, VARIABLE))
    for number in range(count):
        exporter.data("flow", [*exporter.flow_key(number), exporter.sub("word", [exporter.word()])])
    return exporter


def long_lists(domain=0, seed=6):
    """Longer than a datagram should be."""
    exporter = Exporter(domain, seed)
    exporter.define("flow", 0xB800, *FLOW, (0, 293, VARIABLE))
    define_dpi(exporter, 0xC600, PLAIN)
    for number, size in enumerate((1300, 2000, 9000, 40000)):
        hosts = exporter.basic(CERT, 117, VARIABLE,
                               [exporter.word(200, 200) for _ in range(size // 203)])
        none = exporter.basic(CERT, 110, VARIABLE, [])
        exporter.data("flow", [*exporter.flow_key(number),
                               exporter.multi(("http", [hosts, none, none]))])
    return exporter


# Reading.

class Walker:
    """Every data record of a file, with its lists decoded and without template ids."""

    def __init__(self, data):
        self.templates, self.records, self.lists = {}, collections.Counter(), 0
        self.expected = {}
        while data:
            version, length, _, sequence, self.domain = struct.unpack_from(">HHIII", data)
            expect(version == 10 and 16 <= length <= len(data), "a message is cut")
            expect(self.expected.get(self.domain, 0) == sequence, "sequence")
            self.found = 0
            self.sets(data[16:length])
            self.expected[self.domain] = sequence + self.found
            data = data[length:]

    def sets(self, data):
        while data:
            number, length = struct.unpack_from(">HH", data)
            expect(4 <= length <= len(data), "a set is cut")
            if number in (2, 3):
                self.define(data[4:length], number == 3)
            else:
                options = self.template(number)[1]
                for record in self.rows(number, data[4:length]):
                    self.found += 1
                    if not options:
                        self.records[record] += 1
            data = data[length:]

    def define(self, data, options):
        while len(data) >= 4:
            number, count = struct.unpack_from(">HH", data)
            data = data[6 if options else 4:]
            fields = []
            for _ in range(count):
                element, length = struct.unpack_from(">HH", data)
                pen = struct.unpack_from(">I", data, 4)[0] if element & 0x8000 else 0
                fields.append((pen, element & 0x7fff, length))
                data = data[8 if element & 0x8000 else 4:]
            self.templates[self.domain, number] = (tuple(fields), options)

    def template(self, number):
        expect((self.domain, number) in self.templates, f"template {number} is not defined")
        return self.templates[self.domain, number]

    def rows(self, number, data):
        rows = []
        while data:
            values = []
            for pen, element, length in self.template(number)[0]:
                value, data = self.take(data, length)
                values.append((pen, element, self.value(pen, element, value)))
            rows.append(tuple(values))
        return tuple(rows)

    @staticmethod
    def take(data, length):
        if length == VARIABLE:
            length, data = data[0], data[1:]
            if length == 255:
                length, data = struct.unpack_from(">H", data)[0], data[2:]
        expect(length <= len(data), "a value is cut")
        return data[:length], data[length:]

    def value(self, pen, element, data):
        kind = LISTS.get((pen, element))
        if kind is None:
            return data
        self.lists += 1
        return kind, data[0], getattr(self, kind)(data[1:])

    def sub(self, data):
        number, = struct.unpack_from(">H", data)
        if len(data) == 2:
            return ()
        return self.template(number)[0], self.rows(number, data[2:])

    def multi(self, data):
        blocks = []
        while data:
            number, length = struct.unpack_from(">HH", data)
            expect(4 <= length <= len(data), "a block is cut")
            blocks.append((self.template(number)[0], self.rows(number, data[4:length])))
            data = data[length:]
        return tuple(blocks)

    def basic(self, data):
        element, length = struct.unpack_from(">HH", data)
        pen = struct.unpack_from(">I", data, 4)[0] if element & 0x8000 else 0
        data = data[8 if element & 0x8000 else 4:]
        items = []
        while data:
            item, data = self.take(data, length)
            items.append(self.value(pen, element & 0x7fff, item))
        return pen, element & 0x7fff, tuple(items)


def walk(path):
    with open(path, "rb") as file:
        return Walker(file.read())


# Tests.

class Bench:
    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, exporter):
        self.count += 1
        path = self.path(f"in{self.count}.ipfix")
        with open(path, "wb") as file:
            file.write(exporter.out)
        return path

    def run(self, *arguments, statuses=(0,)):
        done = subprocess.run([IPFIXTOOL, *arguments], capture_output=True, text=True, check=False,
                              timeout=120)
        expect(done.returncode in statuses and "runtime error" not in done.stderr,
               f"{arguments[0]}: status {done.returncode}: {done.stderr[-2000:]}")
        return done

    def merge(self, *paths, statuses=(0,)):
        out = self.path("out.ipfix")
        self.messages = self.run("merge", "-w", out, *paths, statuses=statuses).stderr
        return out

    def deliver(self, transport, *paths, statuses=(0,), options=()):
        """Sends each file as a separate exporter to one collector."""
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        with socket.socket(type=kind) as probe:
            probe.bind(("127.0.0.1", 0))
            url = f"{transport}://127.0.0.1:{probe.getsockname()[1]}"
        out = self.path("out.ipfix")
        with subprocess.Popen([IPFIXTOOL, "listen", "--idle", "2", *options, "-w", out, url],
                              stderr=subprocess.PIPE, text=True) as listener:
            output = listener.stderr.readline()
            while "listening" not in output:
                expect(listener.poll() is None, f"listen: {output}")
                time.sleep(0.01)
            for path in paths:
                self.run("send", "-q", "--retry", "5", path, url, statuses=(0, 1))
            self.messages = output + listener.stderr.read()
        status = listener.returncode
        expect(status in statuses, f"listen: status {status}: {self.messages}")
        return out

    def same(self, out, *paths):
        wanted = collections.Counter()
        lists = 0
        for path in paths:
            read = walk(path)
            wanted += read.records
            lists += read.lists
        found = walk(out)
        expect(found.lists == lists and lists > 0, f"{found.lists} lists of {lists}")
        differ = sum((wanted - found.records).values())
        expect(found.records == wanted, f"{differ} records differ of {sum(wanted.values())}")
        self.run("check", out)


def everybody(bench):
    makers = [like_yaf2(), like_yaf3(), with_types(), of_unknown_lists(),
              like_yaf3(seed=31, first=0xC5FD), like_yaf2(seed=21, first=0xC605),
              like_yaf2(domain=7, seed=22)]
    return [bench.write(exporter) for exporter in makers]


def files_of_yaf_2_merge(bench):
    path = bench.write(like_yaf2())
    bench.same(bench.merge(path), path)


def files_of_yaf_3_merge(bench):
    path = bench.write(like_yaf3())
    bench.same(bench.merge(path), path)


def colliding_template_ids_are_rewritten_in_lists(bench):
    paths = everybody(bench)
    bench.same(bench.merge(*paths), *paths)
    bench.same(bench.merge(*reversed(paths)), *paths)


def merging_a_merged_file_changes_nothing(bench):
    once = bench.path("once.ipfix")
    os.rename(bench.merge(*everybody(bench)), once)
    again = bench.merge(once)
    with open(once, "rb") as first, open(again, "rb") as second:
        expect(first.read() == second.read(), "merged again it differs")


def unique_ignores_template_ids(bench):
    path = bench.write(like_yaf2())
    expect(walk(bench.merge("--unique", path, path)).records == walk(path).records, "duplicates are left")


def exporters_over_tcp(bench):
    paths = everybody(bench)
    bench.same(bench.deliver("tcp", *paths), *paths)


def exporters_over_udp(bench):
    paths = everybody(bench)
    bench.same(bench.deliver("udp", *paths), *paths)


def lists_longer_than_a_datagram(bench):
    path = bench.write(long_lists())
    bench.same(bench.deliver("udp", path), path)


def a_list_without_its_template_stays_unread(bench):
    exporter = Exporter()
    exporter.define("flow", 0xB800, *FLOW, (0, 292, VARIABLE))
    exporter.define("word", 0x2001, (0, 82, VARIABLE))
    lost = struct.pack(">BH", 3, 0x2002) + b"\4lost"
    exporter.data("flow", [*exporter.flow_key(1), lost])
    other = Exporter(seed=9)
    other.define("flow", 0x2002, *FLOW)
    other.data("flow", other.flow_key(0))
    paths = [bench.write(exporter), bench.write(other)]
    for out in (bench.merge(*paths, statuses=(1,)),
                bench.deliver("tcp", *reversed(paths), statuses=(1,))):
        expect("1 list in a record could not be read" in bench.messages, bench.messages)
        with open(out, "rb") as file:
            # Otherwise it would be read as a list of flows.
            expect(b"\3\0\0\4lost" in file.read(), "the list has the template of another")
    # No other exporter uses that id.
    with open(bench.merge(paths[0], statuses=(1,)), "rb") as file:
        expect(lost in file.read(), "the id has changed")


def too_deeply_nested_lists(bench):
    exporter = Exporter()
    exporter.define("flow", 0xB800, *FLOW, (0, 292, VARIABLE))
    exporter.define("nest", 0x2001, (0, 292, VARIABLE))
    value = exporter.sub("nest")
    depth = 0
    for depth in range(16):
        exporter.data("flow", [*exporter.flow_key(depth), value])
        value = exporter.sub("nest", [value])
    good = bench.write(exporter)
    bench.same(bench.merge(good), good)
    while len(value) < 60000:
        value = exporter.sub("nest", [value])
    exporter.data("flow", [*exporter.flow_key(depth), value])
    deep = bench.write(exporter)
    bench.merge(deep, statuses=(1,))
    bench.deliver("tcp", deep, statuses=(1,))
    output = bench.run("check", deep, statuses=(1,)).stdout
    expect("lists within more than 16 lists" in output and "1 defect" in output, output)


def damaged_lists_do_not_affect_other_records(bench):
    for seed in range(40):
        dice = random.Random(seed)
        exporter = dice.choice((like_yaf2, like_yaf3, with_types))(count=12)
        # Damages data after the headers of messages and sets; other tests damage the headers.
        out = bytearray(exporter.out)
        at = 0
        while at < len(out):
            size = struct.unpack_from(">H", out, at + 2)[0]
            if struct.unpack_from(">H", out, at + 16)[0] > 3 and dice.random() < 0.7:
                for _ in range(dice.randint(1, 4)):
                    place = at + dice.randrange(20 + (size - 20) // 2, size)
                    out[place] = dice.choice((0, 1, 255, dice.randrange(256)))
            at += size
        exporter.out = bytes(out)
        path = bench.write(exporter)
        checked = bench.run("check", path, statuses=(0, 1))
        bench.run("merge", "-w", bench.path("out.ipfix"), path, statuses=(0, 1))
        if seed < 6:
            bench.deliver("tcp", path, statuses=(0, 1))
            bench.deliver("udp", path, statuses=(0, 1))
        expect("defect" in checked.stdout, checked.stdout)


def main():
    tests = [files_of_yaf_2_merge, files_of_yaf_3_merge, colliding_template_ids_are_rewritten_in_lists,
             merging_a_merged_file_changes_nothing, unique_ignores_template_ids,
             exporters_over_tcp, exporters_over_udp, lists_longer_than_a_datagram,
             a_list_without_its_template_stays_unread, too_deeply_nested_lists,
             damaged_lists_do_not_affect_other_records]
    failed = False
    for test in tests:
        name = "lists: " + test.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(Bench(folder))
                print(f"ok - {name}", flush=True)
            except (Refused, OSError, subprocess.TimeoutExpired, struct.error, IndexError) as error:
                failed = True
                print(f"not ok - {name}\n  | {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
