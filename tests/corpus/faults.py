#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""faults.py CORPUS FOLDER: for each fault that a corpus may have, a copy of CORPUS with it in FOLDER/NAME. Prints
NAME, the exit status that verification must have, and "records" if --update repairs it, else "lasting"."""
import json
import os
import pathlib
import shutil
import sys


def read(path):
    return path.read_bytes()


def change(path, function):
    path.write_bytes(function(read(path)))


def flip(at):
    """Changes one bit of the byte at `at`, a share of the file."""
    def changed(data):
        place = int(len(data) * at)
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]
    return changed


def edit_lines(function):
    return lambda data: b"".join(function(data.splitlines(keepends=True)))


def edit_manifest(function):
    def changed(data):
        manifest = json.loads(data)
        function(manifest)
        return json.dumps(manifest).encode()
    return changed


def swap(folder, one, other):
    os.rename(folder / one, folder / "swapped")
    os.rename(folder / other, folder / one)
    os.rename(folder / "swapped", folder / other)


def last_message_off(data):
    """IPFIX without its last message."""
    at = 0
    while at + int.from_bytes(data[at + 2:at + 4], "big") < len(data):
        at += int.from_bytes(data[at + 2:at + 4], "big")
    return data[:at]


def raise_number(line):
    """Another value of a number in a line of JSON."""
    record = json.loads(line)
    name = next(name for name in record if name.startswith(("TIME_STAMP", "packetDelta", "octetDelta")))
    record[name] += 1
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def faults(a, b):
    """NAME: (status, repairable, function of the folder); a and b are names of files of the corpus."""
    def on(name, function):
        return lambda folder: change(folder / name, function)

    def entry(name, value):
        return on("manifest.json", edit_manifest(lambda m: m["files"][0].__setitem__(name, value)))
    return {
        "json-value": (1, True, on(f"{a}.jsonl", edit_lines(lambda l: [raise_number(l[0])] + l[1:]))),
        "json-value-of-the-last": (1, True, on(f"{a}.jsonl", edit_lines(lambda l: l[:-1] + [raise_number(l[-1])]))),
        "json-record-missing": (1, True, on(f"{a}.jsonl", edit_lines(lambda l: l[1:]))),
        "json-record-more": (1, True, on(f"{a}.jsonl", edit_lines(lambda l: l + [raise_number(l[0])]))),
        "json-record-twice": (1, True, on(f"{a}.jsonl", edit_lines(lambda l: l[:1] + l))),
        "json-order": (1, True, on(f"{a}.jsonl", edit_lines(lambda l: l[1:] + l[:1]))),
        "json-field-missing": (1, True, on(f"{a}.jsonl", lambda d: d.replace(b'"LOGIN":"",', b"", 1))),
        "json-blank": (1, True, on(f"{a}.jsonl", lambda d: d.replace(b'":', b'": ', 1))),
        "json-broken": (1, True, on(f"{a}.jsonl", lambda d: d[:len(d) // 2])),
        "json-empty": (1, True, on(f"{a}.jsonl", lambda d: b"")),
        "json-removed": (1, True, lambda f: os.remove(f / f"{a}.jsonl")),
        "json-swapped": (1, True, lambda f: swap(f, f"{a}.jsonl", f"{b}.jsonl")),
        "ipfix-byte": (1, True, on(f"{a}.ipfix", flip(0.9))),
        "ipfix-header": (1, True, on(f"{a}.ipfix", lambda d: d[:7] + bytes([d[7] ^ 1]) + d[8:])),
        "ipfix-message-missing": (1, True, on(f"{a}.ipfix", last_message_off)),
        "ipfix-cut": (1, True, on(f"{a}.ipfix", lambda d: d[:-5])),
        "ipfix-removed": (1, True, lambda f: os.remove(f / f"{a}.ipfix")),
        "ipfix-swapped": (1, True, lambda f: swap(f, f"{a}.ipfix", f"{b}.ipfix")),
        "records-missing-in-both": (1, True, lambda f: [
            change(f / f"{a}.jsonl", lambda d: b""), shutil.copy(f / f"{b}.ipfix", f / f"{a}.ipfix")]),
        "capture-byte": (1, False, on(f"{a}.pcapng", flip(0.5))),
        "capture-last-byte": (1, False, on(f"{a}.pcapng", flip(0.99))),
        "capture-cut": (1, False, on(f"{a}.pcapng", lambda d: d[:-10])),
        "capture-empty": (1, False, on(f"{a}.pcapng", lambda d: b"")),
        "capture-removed": (1, False, lambda f: os.remove(f / f"{a}.pcapng")),
        "captures-swapped": (1, False, lambda f: swap(f, f"{a}.pcapng", f"{b}.pcapng")),
        "all-of-two-swapped": (1, False, lambda f: [
            swap(f, f"{a}{e}", f"{b}{e}") for e in (".pcapng", ".ipfix", ".jsonl")]),
        "capture-more": (1, False, lambda f: shutil.copy(f / f"{a}.pcapng", f / "another.pcapng")),
        "settings": (1, True, on("settings.yaml", lambda d: d + b"\nhttp_parse_reply: 0\ndns_export: both\n"
                                 if b"dns_export" not in d else d.replace(b"dns_export: answers", b"dns_export: both"))),
        "manifest-entry-missing": (1, False, on("manifest.json", edit_manifest(lambda m: m["files"].pop(0)))),
        "manifest-entry-twice": (1, False, on("manifest.json", edit_manifest(
            lambda m: m["files"].append(m["files"][0])))),
        "manifest-hash": (1, False, entry("sha256", "0" * 64)),
        "manifest-size": (1, False, entry("size", 1)),
        "manifest-name": (1, False, entry("name", "../../etc/passwd")),
        "manifest-without-name": (1, False, on("manifest.json", edit_manifest(lambda m: m["files"][0].pop("name")))),
        "manifest-broken": (1, False, on("manifest.json", lambda d: d[:-3])),
        "manifest-removed": (3, False, lambda f: os.remove(f / "manifest.json")),
        "settings-removed": (3, False, lambda f: os.remove(f / "settings.yaml")),
    }


def main():
    corpus, folder = map(pathlib.Path, sys.argv[1:])
    by_size = sorted(corpus.glob("dns*.jsonl"), key=lambda path: path.stat().st_size)
    one, other = by_size[-1].stem, by_size[0].stem
    for name, (status, repairable, plant) in faults(one, other).items():
        copy = folder / name
        shutil.copytree(corpus, copy)
        plant(copy)
        print(name, status, "records" if repairable else "lasting")


if __name__ == "__main__":
    main()
