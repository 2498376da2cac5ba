#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""files.py: limits of ipfixtool that files of records reach. Each case is a row of src/limits.def."""
import json
import os
import struct
import sys

from cases import KIB, MIB, expect, expect_that, main, tool

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from ipfix import VARIABLE, a_set, field, message, string, template, write  # noqa: E402

PEN = 64000


def chunks(records, most):
    for at in range(0, len(records), most):
        yield b"".join(records[at:at + most])


def lines(*arguments, status=0):
    return [json.loads(line) for line in tool(*arguments, status=status).out.splitlines()]


def type_record(element, kind, name):
    return struct.pack(">IHB", PEN, element, kind) + string(name)


TYPES = a_set(3, template(400, [field(346, 4), field(303, 2), field(339, 1), field(341, VARIABLE)],
                          2))


# ---- names ----

def element_names(folder):
    """The limit counts elements of all enterprises: 65,536 of one, and one of another."""
    records = [type_record(i, 1, b"n%d" % i) for i in range(1, 32768)]
    other = [record.replace(struct.pack(">I", PEN), struct.pack(">I", PEN + 1), 1)
             for record in records]
    last = [struct.pack(">IHB", PEN + 2, i, 1) + string(b"last%d" % i) for i in (1, 2, 3, 4)]
    data = message(TYPES) + b"".join(message(a_set(400, chunk))
                                     for chunk in chunks(records + other + last, 2000))
    data += message(a_set(2, template(300, [field(1, 1, PEN), field(2, 1, PEN + 2),
                                            field(3, 1, PEN + 2)])), a_set(300, b"\1\2\3"))
    record = lines("view", "--json", "--record", "300", write(folder, data))[0]
    expect((record.get("n1"), record.get("last2"), record.get("64002/3")), (1, 2, "03"),
           "the first, and the last two: %s" % record)


def list_elements(folder):
    """More list elements than are looked for in templates that came before their type records."""
    numbers = list(range(1, 1100))
    templates = [a_set(2, template(1000 + i, [field(i, VARIABLE, PEN)])) for i in numbers]
    records = [type_record(i, 20, b"list%d" % i) for i in numbers]
    content = struct.pack(">BHH", 255, 4, 2) + b"\7"  # a list whose last element is cut
    head = b"".join(message(chunk) for chunk in chunks(templates, 500)) + message(TYPES) + \
        b"".join(message(a_set(400, chunk)) for chunk in chunks(records, 500))
    for number, known in ((1, True), (1099, False)):  # only what is known as a list is looked into
        path = write(folder, head + message(a_set(1000 + number, string(content))))
        expect(b"basicList is cut" in tool("check", path, status=1).out, known, "list %d" % number)


def capture_names(folder):
    """Names of captures with numbers above the limit, and more bytes than are kept."""
    points = a_set(3, template(401, [field(138, 8), field(319, 8), field(320, 8),
                                     field(82, VARIABLE), field(83, VARIABLE)], 1))
    plain = a_set(2, template(300, [field(138, 8), field(318, 8)]))
    def point(number, name):
        return struct.pack(">QQQ", number, 0, 0) + string(name) + string(b"")
    numbers = (1, 1 << 20, (1 << 20) + 1, 1 << 60)
    data = message(points, a_set(401, b"".join(point(number, b"c%d" % number) for number in numbers)),
                   domain=0) + message(plain)
    data += b"".join(message(a_set(300, struct.pack(">QQ", number, 6))) for number in numbers)
    found = tool("view", "--tsv", "-F", "capture", "--record", "300", write(folder, data)).out
    expect(found.split(b"\n")[1:5], [b"c1", b"c%d" % (1 << 20), b"1048577", b"%d" % (1 << 60)], "names")
    long = b"".join(message(a_set(401, point(number, bytes([97]) * 60000)), domain=0)
                    for number in range(1, 1200))
    data = message(points, domain=0) + message(plain) + long
    data += b"".join(message(a_set(300, struct.pack(">QQ", number, 6))) for number in (1, 1199))
    found = tool("view", "--tsv", "-F", "capture", "--record", "300", write(folder, data)).out
    expect([len(name) for name in found.split(b"\n")[1:3]], [60000, 4], "the first and last name")


# ---- JSON Lines ----

def json_members(folder):
    for count, status in ((65535, 0), (65536, 1)):
        text = '{"record":"x",%s}\n' % ",".join('"m%d":%d' % (i, i) for i in range(count))
        run = tool("view", "--json", write(folder, text.encode(), "in.json"), status=status)
        if status:
            run.reports("a JSON object of more than 65535 members")


# ---- merge ----

def merge_templates(folder):
    """More templates than are kept; and 64 MiB of them."""
    def many(first, count, fields):
        return b"".join(message(a_set(2, template(300 + i, [field(322, 4), field(1 + i, 1, PEN)] +
                                                  fields))) +
                        message(a_set(300 + i, bytes(5 + len(fields))))
                        for i in range(first, first + count))
    output = os.path.join(folder, "out.ipfix")
    tool("merge", "-q", "-w", output, write(folder, many(0, 16384, [])))
    # Several files, because a file has a limit of its own.
    large = [field(4, 1)] * 15000
    for files in ([many(0, 16385, [])], [many(at, 300, large) for at in range(0, 1200, 300)]):
        paths = [write(folder, data, "in%d.ipfix" % i) for i, data in enumerate(files)]
        run = tool("merge", "-q", "-w", output + "2", *paths, status=6)
        run.reports("different templates, or")
        expect_that(not os.path.exists(output + "2"), "no output")


def merge_types(folder):
    records = [type_record(i, 1, b"n%d" % i) for i in range(1, 16386)]
    data = message(TYPES) + b"".join(message(a_set(400, chunk)) for chunk in chunks(records, 2000))
    tool("merge", "-q", "-w", os.path.join(folder, "out.ipfix"), write(folder, data),
         status=6).reports("different type records")


# ---- view ----

def view_rows(folder):
    """More rows than are held, and the same with long texts."""
    plain = a_set(2, template(300, [field(8, 4), field(1, VARIABLE, PEN)]))
    for count, size in ((20500, 2), (700, 60000)):
        texts = [b"%d." % i + bytes([97]) * size for i in range(count)]
        data = message(plain) + b"".join(message(a_set(300, bytes(4) + string(text)))
                                         for text in texts)
        out = tool("view", "--width", "0", write(folder, data)).out
        found = {line.split()[-1] for line in out.splitlines() if b"0.0.0.0" in line}
        expect(found == {text.hex().encode() for text in texts}, True, "all rows are there")


def view_tables(folder):
    """More templates than tables: the rows of all are there."""
    data = b"".join(message(a_set(2, template(300 + i, [field(1 + i, 4, PEN)])),
                            a_set(300 + i, struct.pack(">I", 1000000 + i))) for i in range(4200))
    out = tool("view", write(folder, data)).out
    expect(len([line for line in out.splitlines() if line.split()[-1:] and
                line.split()[-1].startswith(b"0")]), 4200, "rows")


def view_columns(folder):
    """2,000 fields: a table has 48 columns, JSON has all members."""
    data = message(a_set(2, template(300, [field(1 + i, 1, PEN) for i in range(2000)])),
                   a_set(300, bytes(2000)))
    path = write(folder, data)
    heads = tool("view", "--width", "0", path).out.splitlines()
    expect(max(len(line.split()) for line in heads), 48, "columns")
    expect(len(lines("view", "--json", path)[0]) >= 2000, True, "members")


# ---- top and join ----

def top_key(folder):
    """Values longer than a key are cut, and counted as one."""
    plain = a_set(2, template(300, [field(1, VARIABLE, PEN)]))
    data = message(plain) + b"".join(message(a_set(300, string(bytes([97]) * 61500 + end)))
                                     for end in (b"x", b"y"))
    found = lines("top", "-F", "64000/1", "--json", write(folder, data))
    expect([row["records"] for row in found], [2], "records of each key")
    expect_that(len(found[0]["64000/1"]) <= 2 * 60 * KIB, "hexadecimal digits of the key")


def top_types(folder):
    """A field of more types than are told apart."""
    data = b"".join(message(a_set(2, template(300, [field(4, 1 + i % 8)])),
                            a_set(300, bytes(1 + i % 8))) for i in range(5000))
    found = lines("top", "-F", "protocolIdentifier", "--json", "--limit", "0", write(folder, data))
    expect(sum(row["records"] for row in found), 5000, "records")


def exchanges(count, answers=0):
    """JSON Lines of requests of DNS without replies, then of many replies of one."""
    for i in range(count):
        yield {"record": "clickstream", "TIME_STAMP": 1700000000, "IP_SOURCE": "192.0.2.1",
               "IP_DESTINATION": "198.51.100.1", "HOSTNAME": "h%d.example" % i, "PATH": "/" + "p" * 400,
               "SESSION_ID": str(1000 + i), "METHOD": 1, "HOST_TYPE": 1, "PORT_SOURCE": 4000,
               "PORT_DESTINATION": 80}
    for i in range(answers):
        yield {"record": "dns", "TIME_STAMP": 1700000000, "IP_SOURCE": "198.51.100.1",
               "IP_DESTINATION": "192.0.2.1", "PORT_SOURCE": 53, "PORT_DESTINATION": 4000,
               "SESSION_ID": "7", "TRANSPORT": 0, "DOMAIN": "site.example", "RRCLASS": 1,
               "RRTYPE": 1, "TTL": 60, "RDATA": "c0%06x" % i}


def json_file(folder, records):
    return write(folder, "".join(json.dumps(record) + "\n" for record in records).encode(),
                 "in.json")


def join_memory(folder):
    path = json_file(folder, exchanges(5000))
    run = tool("join", "--json", "--memory", "1M", path).reports("use more --memory")
    expect(len(run.out.splitlines()), 5000, "exchanges")


def join_answers(folder):
    path = json_file(folder, exchanges(0, 20000))
    rows = lines("join", "--json", path)
    most = max(len(str(row)) for row in rows)
    expect_that(64 * KIB < most < 70 * KIB, "the answers are cut at the limit: %d" % most)


def report_statistics(folder):
    path = write(folder, b'{"program":"pcap2ipfix","x":"' + bytes([97]) * (64 * MIB) + b'"}',
                 "stats.json")
    records = json_file(folder, exchanges(1))
    tool("report", "--stats", path, "-o", os.path.join(folder, "out.html"), records,
         status=1).reports("expected the statistics of")


main([element_names, list_elements, capture_names, json_members, merge_templates, merge_types,
      view_rows, view_tables, view_columns, top_key, top_types, join_memory, join_answers,
      report_statistics])
