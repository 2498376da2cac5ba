#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The comparisons of tests/interop/collectors. The first argument selects one; fails with the differences.

port                        prints a port that is free
syntax TABLES DIR           the registries in DIR parse and have the elements of TABLES (JSON)
nfacctd JSONL OUT COLUMNS   OUT, of nfacctd, has the values of JSONL in these columns, and its sums
nfdump JSONL OUT            OUT, of nfdump -I, has the sums of the flows of JSONL
hosts JSONL OUT             OUT has the most requested hosts of JSONL, with counts
names IPFIXTOOL IPFIX OUT  OUT has the counts of methods and record types by name
requests JSONL OUT         OUT has each request with its reply
visits BY DISTINCT JSONL OUT  OUT has the values of BY with their visits and distinct values
sums JSONL OUT              OUT: bytes of flows, highest session id, time of the first DNS record
"""
import collections
import csv
import datetime
import json
import re
import socket
import subprocess
import sys
import xml.etree.ElementTree

OURS, REVERSE = 43823, 29305


def records(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: found {found}, wanted {wanted}")


def port():
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram, socket.socket() as stream:
            datagram.bind(("127.0.0.1", 0))
            number = datagram.getsockname()[1]
            try:
                stream.bind(("127.0.0.1", number))
            except OSError:
                continue
            print(number)
            return


def text(folder, name):
    with open(f"{folder}/{name}", encoding="utf-8") as file:
        return file.read()


def graylog(folder, name):
    found = json.loads(text(folder, name))
    return {(found["enterprise_number"], e["element_id"]) for e in found["information_elements"]}


def primitives(folder, name):
    found = re.findall(r"^name=\w+ field_type=(\d+):(\d+) len=\w+ semantics=\w+$",
                       text(folder, name), re.MULTILINE)
    same(f"{name}: no more than 63 primitives", len(found) <= 63, True)
    return {(int(pen), int(number)) for pen, number in found}


def yaml_elements(folder):
    """Pairs of Logstash and goflow2; None without the YAML module."""
    try:
        import yaml
    except ImportError:
        return None
    logstash = yaml.safe_load(text(folder, "logstash.yaml"))
    goflow2 = yaml.safe_load(text(folder, "goflow2.yaml"))
    columns = {column["name"]: column["index"] for column in goflow2["formatter"]["protobuf"]}
    same("goflow2: numbers differ", len(set(columns.values())), len(columns))
    mapping = goflow2["ipfix"]["mapping"]
    same("goflow2: destinations", {field["destination"] for field in mapping}, set(columns))
    same("goflow2: fields", set(columns) <= set(goflow2["formatter"]["fields"]), True)
    same("goflow2: renderers", set(goflow2["formatter"]["render"]) <= set(columns), True)
    return ({(pen, number) for pen, elements in logstash.items() for number in elements},
            {(field["pen"], field["field"]) for field in mapping if "pen" in field})


def syntax(tables, folder):
    with open(tables, encoding="utf-8") as file:
        fields = [field for template in json.load(file) for field in template["fields"]]
    used = {(field["pen"], field["id"]) for field in fields}
    # Only IPv6 templates of dns have 1103 and 1104, or all with ipv6_elements: distinct.
    ours = {pair for pair in used if pair[0] == OURS}
    both = {pair for pair in used if pair[0] in (OURS, REVERSE)}
    enterprise = {pair for pair in used if pair[0] != 0}
    same("Graylog", graylog(folder, "graylog.json"), ours)
    same("Graylog, reverse", graylog(folder, "graylog-reverse.json"), both - ours)
    same("pmacct", primitives(folder, "pmacct.lst") | primitives(folder, "pmacct-meta.lst"), both)
    rows = csv.reader(line for line in text(folder, "telegraf.csv").splitlines() if line[0] != "#")
    same("Telegraf", {tuple(map(int, row[0].split("."))) for row in rows}, enterprise)
    same("python3-ipfix", {(int(pen), int(number)) for pen, number in re.findall(
        r"^\w+\((\d+)/(\d+)\)<\w+>\[\d+\]$", text(folder, "python-ipfix.iespec"), re.M)}, used)
    libfds = xml.etree.ElementTree.fromstring(text(folder, "libfds.xml"))
    same("libfds", {(int(libfds.find("scope/pen").text), int(number.text))
                    for number in libfds.findall("element/id")}, ours)
    cert = xml.etree.ElementTree.fromstring(text(folder, "cert.xml"))
    space = {"i": "http://www.iana.org/assignments", "c": "http://www.cert.org/ipfix"}
    same("CERT", {(int(row.find("c:enterpriseId", space).text),
                   int(row.find("i:elementId", space).text))
                  for row in cert.iterfind(".//i:record", space)}, ours)
    pairs = yaml_elements(folder)
    if pairs is not None:
        same("Logstash", pairs[0], ours)
        same("goflow2", pairs[1], enterprise)


def plain(value):
    """A value in a form that is the same for nfacctd and JSON Lines."""
    value = str(value)
    if re.fullmatch(r"[0-9A-F]{2}(-[0-9A-F]{2})*", value):
        value = value.replace("-", "").lower()
    return "" if value == "0" else value


def nfacctd(lines, out, columns):
    names = columns.split(",")
    wanted = records(lines)
    found = records(out)
    same("values", {tuple(plain(row[name.lower()]) for name in names) for row in found},
         {tuple(plain(row.get(name, "")) for name in names) for row in wanted})
    for name, total in ("octetDeltaCount", "bytes"), ("packetDeltaCount", "packets"):
        same(total, sum(row.get(total, 0) for row in found),
             sum(row.get(name, 0) for row in wanted))


def nfdump(lines, out):
    found = dict(re.findall(r"^(Flows|Packets|Bytes): (\d+)", text(".", out), re.MULTILINE))
    wanted = records(lines)
    same("flows", int(found["Flows"]), len(wanted))
    same("packets", int(found["Packets"]), sum(row["packetDeltaCount"] for row in wanted))
    same("bytes", int(found["Bytes"]), sum(row["octetDeltaCount"] for row in wanted))


def hosts(lines, out):
    names = collections.Counter(row["HOSTNAME"] for row in records(lines)
                                if row["record"] == "clickstream" and row["HOSTNAME"])
    wanted = sorted(names.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
    found = [line.split("\t")[:2] for line in text(".", out).splitlines()]
    same("hosts", [(name, int(count)) for name, count in found], wanted)


def requests(lines, out):
    sessions = collections.defaultdict(lambda: {"clickstream": [], "http_reply": []})
    for row in records(lines):
        if row["record"] == "http_reply" or row["record"] == "clickstream" and row["METHOD"]:
            sessions[row["SESSION_ID"]][row["record"]].append(row)
    wanted = []
    for session, both in sessions.items():
        for all_rows in both.values():
            all_rows.sort(key=lambda row: row["TIME_STAMP"])
        none = {"RESULT_CODE": 0, "CONTENT_TYPE": ""}
        for n, row in enumerate(both["clickstream"]):
            reply = both["http_reply"][n] if n < len(both["http_reply"]) else none
            wanted.append([session, str(n + 1), row["IP_SOURCE"], str(row["METHOD"]), row["HOSTNAME"], row["PATH"],
                           str(reply["RESULT_CODE"]), reply["CONTENT_TYPE"]])
    same("requests", sorted(line.split("\t") for line in text(".", out).splitlines()), sorted(wanted))


def visits(by, distinct, lines, out):
    found = collections.defaultdict(list)
    for row in records(lines):
        if row["record"] == "clickstream" and (by != "HOSTNAME" or row["HOSTNAME"]):
            found[row[by]].append(row[distinct])
    wanted = sorted(([name, str(len(all_of)), str(len(set(all_of)))] for name, all_of in found.items()),
                    key=lambda row: (-int(row[1]), row[0]))
    same("visits", [line.split("\t") for line in text(".", out).splitlines()], wanted)


def names(tool, file, out):
    # The numbers of the names, by the tool itself.
    counts = collections.Counter()
    for kind, field, only in (("clickstream", "METHOD", ("GET", "POST")), ("dns", "RRTYPE", None)):
        for name in only or ("A", "AAAA", "CNAME", "PTR", "MX", "TXT", "SOA", "NS", "SRV", "HTTPS", "OPT", "ANY"):
            counts[name] += int(subprocess.run([tool, "view", "--json", "-r", kind, "-f", f"{field} == {name}", file],
                                               check=True, capture_output=True, text=True).stdout.count("\n"))
    found = {line.split("\t")[0]: int(line.split("\t")[1]) for line in text(".", out).splitlines()}
    same("names", {name: found.get(name, 0) for name in counts}, dict(counts))


def sums(lines, out):
    flows = [row for row in records(lines) if row["record"] == "flow"]
    first = min(row["TIME_STAMP"] for row in records(lines) if row["record"] == "dns")
    time = datetime.datetime.fromtimestamp(first, datetime.timezone.utc)
    same("sums", text(".", out).strip().split("\t"), [
        str(sum(row["octetDeltaCount"] for row in flows)),
        str(max(int(row["SESSION_ID"]) for row in flows)), time.strftime("%Y-%m-%d %H:%M:%S")])


if __name__ == "__main__":
    {"port": port, "syntax": syntax, "nfacctd": nfacctd, "nfdump": nfdump, "hosts": hosts,
     "names": names, "requests": requests, "sums": sums, "visits": visits}[sys.argv[1]](*sys.argv[2:])
