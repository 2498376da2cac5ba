#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""others.py P2I IPFIXTOOL CAPTURE...: interoperation with exporters and readers of other projects. TAP.

Records of all kinds, extended ones too, are read by tshark and ipfixDump without a warning. What softflowd, the
nfprobe plugin of pmacct and python3-ipfix export is read by ipfixtool with the values that tshark reads, and the
flows of the first two are those of pcap2ipfix.
"""
import collections
import ipaddress
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

P2I, IPFIXTOOL, *CAPTURES = sys.argv[1:]
KEEPALIVE = next(path for path in CAPTURES if path.endswith("http-keepalive.pcap"))
IPV6 = next(path for path in CAPTURES if path.endswith("dns-udp-ipv6.pcapng"))
FIELDS = ("sourceIPv4Address sourceIPv6Address destinationIPv4Address destinationIPv6Address sourceTransportPort "
          "destinationTransportPort protocolIdentifier octetDeltaCount packetDeltaCount").split()
failed = False


def test(name, good, why=""):
    global failed
    failed |= not good
    print(f"ok - {name}" if good else f"not ok - {name}\n  | {why}", flush=True)


def skip(name, why):
    print(f"ok - {name} # SKIP {why}")


def run(*command, **more):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, check=False, text=True, errors="replace", **more)


def all_kinds(folder):
    path = os.path.join(folder, "all.ipfix")
    run(P2I, "-q", "--no-sync", "--extended", "--records", "all,biflow", "-w", path, *CAPTURES)
    records = len(run(IPFIXTOOL, "view", "--json", path).stdout.splitlines())
    if shutil.which("tshark"):
        shown = run("tshark", "-n", "-V", "-r", path)
        types = len(re.findall(r"^ +Information Element Data Type:", shown.stdout, re.M))
        flows = len(re.findall(r"^ +Flow \d+", shown.stdout, re.M))
        bad = [line for line in shown.stdout.splitlines() if
               re.search(r"malformed|expert info|no template found", line, re.I)]
        test("all kinds, extended: tshark reads all records", flows - types >= records > 1000,
             f"{flows} - {types}, {records}")
        test("all kinds, extended: tshark finds nothing malformed", not bad, bad[:3])
    else:
        skip("all kinds, extended: tshark", "not installed")
    if shutil.which("ipfixDump"):
        dump = run("ipfixDump", "--in", path, "--rfc5610", "--data")
        bad = [line for line in dump.stderr.splitlines() if
               not re.search(r"Illegal length 16 for information element IP_(SOURCE|DESTINATION)", line)]
        found = len(re.findall(r"^--- data record", dump.stdout, re.M))
        test("all kinds, extended: ipfixDump --rfc5610 reads all records", found >= records, f"{found}, {records}")
        test("all kinds, extended: ipfixDump knows all names",
             not re.search("alien|unknown", dump.stdout, re.I) and "observationTimeNanoseconds" in dump.stdout)
        test("all kinds, extended: ipfixDump has no warning", not bad, bad[:3])
    else:
        skip("all kinds, extended: ipfixDump", "not installed")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


def received(folder, name, idle, command):
    """What ipfixtool listen has written of an exporter, silent for so many seconds; `command` is made from the port."""
    port, path = free_port(), os.path.join(folder, name)
    listener = subprocess.Popen([IPFIXTOOL, "listen", "--idle", str(idle), "-w", path, f"udp://127.0.0.1:{port}"],
                                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    listener.stderr.readline()  # listening
    run(*command(port))
    listener.communicate(timeout=120)
    return path


def keys(path):
    """The flows of a file, as ipfixtool reads them."""
    found = collections.Counter()
    for line in run(IPFIXTOOL, "view", "--json", path).stdout.splitlines():
        record = json.loads(line)
        if record.get("protocolIdentifier") in (6, 17):  # ports of others are types of ICMP, or none
            found[tuple(str(record.get(field, "")) for field in FIELDS)] += 1
    return found


def keys_of_tshark(path):
    """The same, as tshark reads them."""
    found = collections.Counter()
    for layer in re.split(r"^ +Flow \d+", run("tshark", "-n", "-V", "-r", path).stdout, flags=re.M)[1:]:
        names = {"SrcAddr": 0, "DstAddr": 2, "SrcPort": 4, "DstPort": 5, "Protocol": 6, "Octets": 7, "Packets": 8}
        values = [""] * len(FIELDS)
        for name, value in re.findall(r"^ +(\w+): (.*)$", layer, re.M):
            if name in names:
                at = names[name] + (name.endswith("Addr") and ":" in value)
                values[at] = re.search(r"\((\d+)\)$", value).group(1) if name == "Protocol" else value
        if values[6] in ("6", "17"):
            found[tuple(values)] += 1
    return found


def exporter(folder, name, idle, capture, command):
    path = received(folder, name.split()[0] + ".ipfix", idle, command)
    got = keys(path)
    test(f"{name}: ipfixtool check finds no defect", " 0 defects" in run(IPFIXTOOL, "check", path).stdout)
    if shutil.which("tshark"):
        test(f"{name}: ipfixtool reads what tshark reads", got == keys_of_tshark(path) and got,
             f"{got}\n  | {keys_of_tshark(path)}")
    own = os.path.join(folder, "own.ipfix")
    run(P2I, "-q", "--no-sync", "--records", "flow", "-w", own, capture)
    test(f"{name}: the flows are those of pcap2ipfix", got == keys(own) and got, f"{got}\n  | {keys(own)}")


def others(folder):
    for name, capture in (("IPv4", KEEPALIVE), ("IPv6", IPV6)):
        if shutil.which("softflowd"):
            exporter(folder, f"softflowd {name}", 2, capture, lambda port: (
                "softflowd", "-d", "-v", "10", "-T", "full", "-n", f"127.0.0.1:{port}", "-r", capture))
        else:
            skip(f"softflowd {name}", "not installed")
        if shutil.which("pmacctd"):
            def nfprobe(port):
                conf = os.path.join(folder, "pmacctd.conf")
                with open(conf, "w", encoding="ascii") as file:
                    file.write(f"daemonize: false\npcap_savefile: {capture}\npcap_savefile_wait: 0\n"
                               "aggregate: src_host, dst_host, src_port, dst_port, proto, tos\nplugins: nfprobe\n"
                               f"nfprobe_receiver: 127.0.0.1:{port}\nnfprobe_version: 10\n"
                               "nfprobe_timeouts: tcp=1:maxlife=2:expint=1:general=1\n")
                return "timeout", "30", "pmacctd", "-f", conf
            exporter(folder, f"nfprobe {name}", 6, capture, nfprobe)
        else:
            skip(f"nfprobe {name}", "not installed")


WRITER = """
import datetime, ipaddress, sys
import ipfix.ie, ipfix.template, ipfix.writer
ipfix.ie.use_iana_default()
ipfix.ie.use_5103_default()
names = sys.argv[2].split()
with open(sys.argv[1], "wb") as stream:
    writer = ipfix.writer.MessageStreamWriter(stream, 9000)
    writer.set_domain(7)
    writer.add_template(ipfix.template.for_specs(300, *names))
    writer.set_export_template(300)
    for i in range(2000):
        values = (ipaddress.ip_address(0xc0000200 + i % 256), ipaddress.ip_address((0x20010db8 << 96) + i), i % 65536,
                  443, 6, i * 1000003, i, "n\\u00e4me %d" % i * (i % 40), bytes([i % 256]) * (i % 300))
        writer.export_namedict(dict(zip(names, values)))
    writer.flush()
"""


def python_ipfix(folder):
    names = ("sourceIPv4Address destinationIPv6Address sourceTransportPort destinationTransportPort "
             "protocolIdentifier octetDeltaCount packetDeltaCount interfaceName ipPayloadPacketSection")
    path = os.path.join(folder, "python.ipfix")
    if run("/usr/bin/python3", "-c", "import ipfix").returncode != 0:
        skip("python3-ipfix", "not installed")
        return
    made = run("/usr/bin/python3", "-c", WRITER, path, names)
    test("python3-ipfix writes", made.returncode == 0, made.stderr[-300:])
    test("python3-ipfix: ipfixtool check finds no defect", " 0 defects" in run(IPFIXTOOL, "check", path).stdout)
    records = [json.loads(line) for line in run(IPFIXTOOL, "view", "--json", path).stdout.splitlines()]
    wanted = [[str(ipaddress.ip_address(0xc0000200 + i % 256)), str(ipaddress.ip_address((0x20010db8 << 96) + i)),
               i, 443, 6, i * 1000003, i, f"n\u00e4me {i}" * (i % 40), (bytes([i % 256]) * (i % 300)).hex()]
              for i in range(2000)]
    got = [[record[name] for name in names.split()] for record in records]
    test("python3-ipfix: ipfixtool reads what was written", got == wanted,
         next(((one, two) for one, two in zip(got, wanted) if one != two), len(got)))


def main():
    with tempfile.TemporaryDirectory() as folder:
        all_kinds(folder)
        others(folder)
        python_ipfix(folder)
    sys.exit(failed)


main()
