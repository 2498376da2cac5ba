#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_lists, _manifest, _receiver, _records, _settings, and _tool: files that
programs are given, behind the byte that says how."""
import gzip
import os
import struct

FOLDER = os.path.dirname(os.path.abspath(__file__))

JSON = b"""{"record":"dns","LOGIN":"berta","RRTYPE":1,"HOST":"www.example.org","VALUE":"192.0.2.1"}
{"record":"mail","SENDER":"a@example.org","SUBJECT":"\\u0416\\ud83d\\ude00","EVENT":3,"other":[1,{"a":null}]}
{"record":"flow","sourceIPv4Address":"192.0.2.1","destinationTransportPort":53,"octetDeltaCount":1e3}
"""
LISTS = {
    "hosts": (0, b"*.example.org\nwww.example.com/path*\n# none\n"),
    "urls": (1, b"example.org/a/b\nexample.com/*\n"),
    "numbers": (2, b"http 80 # web\nunknown 65535\n"),
    "gateway": (3, b"ipfix_dev=eth0\nipfix_tcp_collectors=192.0.2.1:1500,192.0.2.2:1501\nipfix_mtu_limit = 1200\n"
                   b"ajb_save_sip_format='ts:ssid'\nnetflow=8\nnetflow_collector[1]=\"192.0.2.3:2055\" # text\n"),
    "lines": (4, b"a.pcap\n\nfolder/b c.pcap\r\n"),
    "names": (5, b"a.pcap\0\0b\nc.pcap\0"),
    "filter": (6, b"# comment\ntcp port 80 or\n host 192.0.2.1\n"),
    "statistics": (7, b'{"program":"pcap2ipfix","version":"0.1.0","arguments":["-w","a b"],"exit_status":0,'
                      b'"damage":[{"file":"a","text":"cut"}],"read_bytes":10,"frames":1,"fates":{"handled":1},'
                      b'"records":{"dns":1},"protocols":{"dns":1},"seconds":0.5,"captures":[{"path":"a.pcap",'
                      b'"format":"pcap","frames":1,"sha256":"00"}]}\n'),
}
MANIFEST = b"""{
 "made_by": "pcap2ipfix 0.1.0",
 "summary": {"combinations": 5, "covered": 5, "sessions": 0, "bytes": 8606, "bytes_of_captures": 8606},
 "settings": [{"name": "settings.yaml", "sha256": "%s"}],
 "captures": [{"name": "dns.pcap", "size": 8606, "sha256": "%s", "path": "../captures/dns.pcap",
   "sessions": ["17", "18"]}],
 "sources": [{"path": "a.pcap", "size": 1, "sha256": "%s", "damaged": true}],
 "combinations": [{"name": "dns", "file": "dns.pcap"}]
}
""" % (b"71" * 32, b"08" * 32, b"0f" * 32)
# By the order of the keys: any value may stand behind any key.
SETTINGS = [b"1", b"64M", b"all,biflow", b"true", b"{100: 1, 200: 2}", b"udp://collector.example:1500?channels=dns,meta",
            b"tls://[2001:db8::1]:4740?ca=/a%20b&name=x&insecure=1", b"out.%Y%m%d-%H%M%S.ipfix.gz",
            b"192.0.2.0/24,2001:db8::/32", b"2026-01-31T23:59:59.5Z", b"capture.pcap:-3600.25", b"1/4", b"10m",
            b"ts:ssid:%%", b"1.5", b"time, checksum"]


def write(target, name, data):
    folder = os.path.join(FOLDER, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)


def ipfix():
    """The seeds of fuzz_reader, by name."""
    folder = os.path.join(FOLDER, "reader")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        if len(data) < 4096:
            yield name, data


def zstd(data):
    """A frame with one raw block (RFC 8878)."""
    return b"\x28\xb5\x2f\xfd\x20" + bytes([len(data)]) + struct.pack("<I", len(data) << 3 | 1)[:3] + data


def main():
    for name, (number, data) in LISTS.items():
        write("lists", name, bytes([number]) + data)
    write("manifest", "corpus", MANIFEST)
    write("records", "json", JSON)
    for i, value in enumerate(SETTINGS):
        write("settings", f"value{i}", bytes([i * 7]) + value)
    files = [("json", JSON), *ipfix()]
    for name, data in files:
        write("records", name, data)
        write("receiver", name, b"\x04" + data)
    write("records", "json.gz", gzip.compress(JSON, mtime=0))
    write("records", "ipfix.zst", zstd(dict(files)["clickstream"]))
    for number in range(18):
        name, data = files[number % len(files)]
        write("tool", f"{number}-{name}", bytes([number]) + data)
        write("tool", f"{number}-json", bytes([number]) + JSON)


if __name__ == "__main__":
    main()
