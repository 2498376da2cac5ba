#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ndpi.py P2I DIFFERENCES FOLDER...: the protocol that pcap2ipfix names for each session against what
nDPI finds in its packets (ndpiReader -d: no guess from the port). FOLDER/... captures, a session is
known by its addresses, ports and transport. Sessions that nDPI has no name for are not compared.
DIFFERENCES explains sessions that the two name differently; a line has, with tabs between:

  capture (a pattern; a name relative to its folder)  our name  nDPI's name  most sessions  reason

Our name is `unknown` where there is none, and `none` where there is no such session. Prints a test
for each capture: `not ok` when a difference is not explained, or has more sessions than were."""
import collections
import csv
import fnmatch
import gzip
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAMES = os.path.join(ROOT, "include", "pcap2ipfix", "protocols.def")
CAPTURE = re.compile(r"\.(pcap|pcapng|cap|ntar)(\.gz)?$")
LARGEST = 16 << 20

# nDPI's names for ours, where they are not the same but for the case.
SAME = {
    "dcerpc": "DCE_RPC",
    "dns": "DNS LLMNR MDNS AVASTSecureDNS",  # the last is DNSCrypt's first question, which is DNS
    "ftp": "FTP_CONTROL",
    "ftp-data": "FTP_DATA",
    "gtp-control": "GTP_C",
    "http": "HTTP HTTP_Connect HTTP_Proxy",
    "icmp": "ICMP ICMPV6",
    "imap": "IMAP IMAPS",  # with STARTTLS
    "netbios-dgm": "NetBIOS",
    "netbios-ns": "NetBIOS",
    "pop3": "POP3 POPS",
    "smb": "SMBv1 SMBv23",
    "smtp": "SMTP SMTPS",
    "xmpp": "Jabber",
}
WITH_PORTS = (6, 17, 132)


def key_of(transport, ends):
    """The same for both directions."""
    ends = [(str(ipaddress.ip_address(address)), int(port)) for address, port in ends]
    if transport not in WITH_PORTS:
        ends = [(address, 0) for address, _ in ends]
    return transport, *sorted(ends)


def ours(program, capture, names):
    """Names of each session; a key that came again may have several."""
    run = subprocess.run([program, "-q", "--records", "biflow", "-j", "-", capture],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    sessions = collections.defaultdict(set)
    for line in run.stdout.splitlines():
        flow = json.loads(line)
        version = "IPv6" if "sourceIPv6Address" in flow else "IPv4"
        ends = [(flow[f"{side}{version}Address"], flow[f"{side}TransportPort"])
                for side in ("source", "destination")]
        sessions[key_of(flow["protocolIdentifier"], ends)].add(
            names.get(flow["DPI_PROTOCOL"], "unknown"))
    return sessions


def theirs(capture, folder):
    table = os.path.join(folder, "ndpi.csv")
    plain = capture
    if capture.endswith(".gz"):
        plain = os.path.join(folder, "plain")
        with gzip.open(capture) as packed, open(plain, "wb") as out:
            try:
                shutil.copyfileobj(packed, out)
            except (EOFError, OSError):
                pass
    if os.path.exists(table):
        os.remove(table)
    subprocess.run(["ndpiReader", "-q", "-d", "-I", "-C", table, "-i", plain],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=False)
    sessions = collections.defaultdict(set)
    if not os.path.exists(table):
        return sessions
    with open(table, encoding="utf-8", errors="replace", newline="") as rows:
        for row in csv.reader(rows):
            if row and not row[0].startswith("#"):
                sessions[key_of(int(row[1]), [(row[5], row[6]), (row[7], row[8])])].add(row[10])
    return sessions


def agree(mine, found):
    """nDPI's "TLS.Google" is TLS to Google."""
    parts = {part for name in found for part in name.split(".")}
    lower = {part.lower() for part in parts}
    return any(name in lower or parts & set(SAME.get(name, "").split()) for name in mine)


def differences(mine, found):
    """How often each pair of names stands against each other; and how many sessions agree."""
    seen = collections.defaultdict(list)
    agreed = 0
    for key, names in found.items():
        if names <= {"Unknown"}:
            continue
        own = mine.get(key, {"none"})
        if agree(own, names):
            agreed += 1
        else:
            seen["+".join(sorted(own)), "+".join(sorted(names))].append(key)
    return agreed, seen


def read_explained(path):
    with open(path, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines
                if line.strip() and not line.startswith("#")]
    return [(row[0], row[1], row[2], int(row[3])) for row in rows]


def unexplained(explained, name, seen):
    for (own, other), keys in sorted(seen.items()):
        most = max((row[3] for row in explained
                    if row[1:3] == (own, other) and fnmatch.fnmatch(name, row[0])), default=0)
        if len(keys) > most:
            yield f"{len(keys)} sessions ({most} explained): {own}, by nDPI {other}: {keys[0]}"


def captures(folder):
    for path, _, files in os.walk(folder):
        for file in files:
            whole = os.path.join(path, file)
            if CAPTURE.search(file) and os.path.getsize(whole) <= LARGEST:
                yield whole


def main():
    program, explanations, *folders = sys.argv[1:]
    with open(NAMES, encoding="utf-8") as rows:
        names = {int(number): name for name, number in
                 re.findall(r'^PROTOCOL\(\w+, "([^"]+)", (\d+)\)', rows.read(), re.M)}
    explained = read_explained(explanations)
    failed = False
    total = 0
    with tempfile.TemporaryDirectory() as scratch:
        for folder in folders:
            for capture in sorted(captures(folder)):
                name = os.path.relpath(capture, folder)
                agreed, seen = differences(ours(program, capture, names), theirs(capture, scratch))
                total += agreed
                wrong = list(unexplained(explained, name, seen))
                failed = failed or bool(wrong)
                print(f"{'not ok' if wrong else 'ok'} - nDPI agrees: {name}")
                for line in wrong:
                    print(f"  | {line}")
    print(f"# {total} sessions have the same name")
    sys.exit(failed or total == 0)


main()
