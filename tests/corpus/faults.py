#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""faults.py CORPUS FOLDER: for each fault that a corpus may have, a copy of CORPUS with it in FOLDER/NAME. Prints
NAME, the exit status that verification must have, "accepted" if --update removes it, else "lasting", and what must be
said, separated by tabs."""
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


def messages(data):
    """The messages of IPFIX."""
    found = []
    while data:
        size = int.from_bytes(data[2:4], "big")
        found.append(data[:size])
        data = data[size:]
    return found


def edit_messages(function):
    return lambda data: b"".join(function(messages(data)))


def edit_blocks(function):
    """Of a pcapng file in little-endian order."""
    def changed(data):
        blocks = []
        while data:
            size = int.from_bytes(data[4:8], "little")
            blocks.append(data[:size])
            data = data[size:]
        return b"".join(function(blocks))
    return changed


def link(folder, name):
    """Replaces a file by a symbolic link to its bytes outside of the folder."""
    outside = folder.parent / f"outside-{folder.name}"
    shutil.move(folder / name, outside)
    os.symlink(outside.resolve(), folder / name)


def forget(name):
    """Removes a capture and its combinations from a manifest."""
    def changed(manifest):
        manifest["files"] = [entry for entry in manifest["files"] if entry["name"] != name]
        manifest["covered"] = {key: value for key, value in manifest["covered"].items() if value != name}
    return changed


def pipe(folder, name):
    os.remove(folder / name)
    os.mkfifo(folder / name)


def raise_number(line):
    """Another value of a number in a line of JSON."""
    record = json.loads(line)
    name = next(name for name in record if name.startswith(("TIME_STAMP", "packetDelta", "octetDelta")))
    record[name] += 1
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def faults(a, b):
    """NAME: (status, accepted, what is said, function of the folder); a and b are names of files of the corpus."""
    def on(name, function):
        return lambda folder: change(folder / name, function)

    def manifest(function):
        return on("manifest.json", edit_manifest(function))

    def entry(name, value):
        return manifest(lambda m: m["files"][0].__setitem__(name, value))

    def summary(name):
        return (1, False, f"manifest.json: the summary says {name}: ",
                manifest(lambda m: m["summary"].__setitem__(name, m["summary"][name] + 1)))
    json_file, ipfix, capture = f"{a}.jsonl", f"{a}.ipfix", f"{a}.pcapng"
    other = ": other records"
    order = ": the same records in another order"
    form = ": the same records in other bytes"
    hashed = ": not the capture of the manifest"
    irregular = ": not a regular file"
    return {
        "json-value": (1, True, json_file + other, on(json_file, edit_lines(lambda l: [raise_number(l[0])] + l[1:]))),
        "json-value-of-the-last": (1, True, json_file + other,
                                   on(json_file, edit_lines(lambda l: l[:-1] + [raise_number(l[-1])]))),
        "json-record-missing": (1, True, json_file + other, on(json_file, edit_lines(lambda l: l[1:]))),
        "json-record-more": (1, True, json_file + other, on(json_file, edit_lines(lambda l: l + [raise_number(l[0])]))),
        "json-record-twice": (1, True, json_file + other, on(json_file, edit_lines(lambda l: l[:1] + l))),
        "json-order": (1, True, json_file + order, on(json_file, edit_lines(lambda l: l[1:] + l[:1]))),
        "json-field-missing": (1, True, json_file + other,
                               on(json_file, lambda d: d.replace(b'"LOGIN":"",', b"", 1))),
        "json-blank": (1, True, json_file + form, on(json_file, lambda d: d.replace(b'":', b'": ', 1))),
        "json-broken": (1, True, json_file + ": damaged", on(json_file, lambda d: d[:len(d) // 2])),
        "json-empty": (1, True, json_file + other, on(json_file, lambda d: b"")),
        "json-removed": (1, True, json_file + ": missing", lambda f: os.remove(f / json_file)),
        "json-swapped": (1, True, json_file + other, lambda f: swap(f, json_file, f"{b}.jsonl")),
        "json-link": (1, False, json_file + irregular, lambda f: link(f, json_file)),
        "ipfix-byte": (1, True, ipfix + ": ", on(ipfix, flip(0.9))),
        "ipfix-header": (1, True, ipfix + form, on(ipfix, lambda d: d[:7] + bytes([d[7] ^ 1]) + d[8:])),
        "ipfix-records-missing": (1, True, ipfix + other, on(ipfix, edit_messages(lambda m: m[:-2] + m[-1:]))),
        "ipfix-records-twice": (1, True, ipfix + ": ", on(ipfix, edit_messages(lambda m: m[:-1] + m[-2:]))),
        "ipfix-cut": (1, True, ipfix + ": damaged", on(ipfix, lambda d: d[:-5])),
        "ipfix-removed": (1, True, ipfix + ": missing", lambda f: os.remove(f / ipfix)),
        "ipfix-swapped": (1, True, ipfix + other, lambda f: swap(f, ipfix, f"{b}.ipfix")),
        "ipfix-folder": (1, False, ipfix + irregular, lambda f: [os.remove(f / ipfix), os.mkdir(f / ipfix)]),
        "records-missing-in-both": (1, True, ipfix + other, lambda f: [
            change(f / json_file, lambda d: b""), shutil.copy(f / f"{b}.ipfix", f / ipfix)]),
        "capture-byte": (1, False, capture + hashed, on(capture, flip(0.5))),
        "capture-last-byte": (1, False, capture + hashed, on(capture, flip(0.99))),
        "capture-packet-missing": (1, False, capture + hashed, on(capture, edit_blocks(lambda p: p[:-1]))),
        "capture-packet-twice": (1, False, capture + hashed, on(capture, edit_blocks(lambda p: p + p[-1:]))),
        "capture-order": (1, False, capture + hashed, on(capture, edit_blocks(lambda p: p[:-2] + p[:-3:-1]))),
        "capture-cut": (1, False, capture + hashed, on(capture, lambda d: d[:-10])),
        "capture-empty": (1, False, capture + hashed, on(capture, lambda d: b"")),
        "capture-removed": (1, False, capture + ": missing", lambda f: os.remove(f / capture)),
        "capture-link": (1, False, capture + irregular, lambda f: link(f, capture)),
        "capture-pipe": (1, False, capture + irregular, lambda f: pipe(f, capture)),
        "captures-swapped": (1, False, capture + hashed, lambda f: swap(f, capture, f"{b}.pcapng")),
        "all-of-two-swapped": (1, False, capture + hashed, lambda f: [
            swap(f, f"{a}{e}", f"{b}{e}") for e in (".pcapng", ".ipfix", ".jsonl")]),
        "capture-more": (1, False, "another.pcapng: not in the manifest",
                         lambda f: shutil.copy(f / capture, f / "another.pcapng")),
        "file-more": (1, False, "notes.txt: not in the manifest", lambda f: (f / "notes.txt").write_text("x")),
        "folder-more": (1, False, "more: not in the manifest", lambda f: os.mkdir(f / "more")),
        "settings": (1, True, "settings.yaml: not the settings of the manifest",
                     on("settings.yaml", lambda d: d.replace(b"dns_export: answers", b"dns_export: both"))),
        "settings-comment": (1, True, "settings.yaml: not the settings of the manifest",
                             on("settings.yaml", lambda d: d + b"# nothing\n")),
        "settings-broken": (1, False, "settings.yaml: ", on("settings.yaml", lambda d: d + b"none: 1\n")),
        "settings-outside": (1, False, "settings.yaml: the setting subscribers.file names a file outside of the corpus",
                             on("settings.yaml", lambda d: d.replace(b"file: ''", b"file: /etc/passwd", 1))),
        "settings-filter": (1, False, "a corpus cannot have the setting filter",
                            on("settings.yaml", lambda d: d.replace(b"filter: ''", b"filter: host corpus.example"))),
        "settings-link": (3, False, "settings.yaml: not a regular file", lambda f: link(f, "settings.yaml")),
        "settings-removed": (3, False, "settings.yaml: cannot open", lambda f: os.remove(f / "settings.yaml")),
        "manifest-entry-missing": (1, False, "manifest.json: a combination is covered by a file",
                                   manifest(lambda m: m["files"].pop(0))),
        "manifest-all-of-an-entry-missing": (1, False, f"{a}.jsonl: not in the manifest", manifest(forget(a))),
        "manifest-entry-twice": (1, False, ": twice in the manifest", manifest(
            lambda m: m["files"].append(m["files"][0]))),
        "manifest-hash": (1, False, hashed, entry("sha256", "0" * 64)),
        "manifest-size": (1, False, hashed, entry("size", 1)),
        "manifest-name": (1, False, "manifest.json: a capture without name or size", entry("name", "../../etc/passwd")),
        "manifest-path": (1, False, ": its capture is outside of the corpus", entry("path", "../../../etc/passwd")),
        "manifest-without-name": (1, False, "manifest.json: a capture without name or size",
                                  manifest(lambda m: m["files"][0].pop("name"))),
        "manifest-settings-missing": (1, False, "settings.yaml: not in the manifest",
                                      manifest(lambda m: m["settings"].clear())),
        "manifest-session-missing": (1, False, "manifest.json: the summary says sessions: ",
                                     manifest(lambda m: m["files"][0]["sessions"].pop())),
        "manifest-combination-missing": (1, False, "manifest.json: the summary says covered: ",
                                         manifest(lambda m: m["covered"].popitem())),
        "manifest-combination-elsewhere": (1, False, "manifest.json: a combination is covered by a file", manifest(
            lambda m: m["covered"].__setitem__(next(iter(m["covered"])), "elsewhere"))),
        "manifest-combinations": summary("combinations"),
        "manifest-covered": summary("covered"),
        "manifest-sessions": summary("sessions"),
        "manifest-bytes": summary("bytes"),
        "manifest-bytes-of-captures": summary("bytes_of_captures"),
        "manifest-broken": (1, False, "manifest.json: not the manifest", on("manifest.json", lambda d: d[:-3])),
        "manifest-link": (3, False, "manifest.json: not a regular file", lambda f: link(f, "manifest.json")),
        "manifest-removed": (3, False, "manifest.json: cannot open", lambda f: os.remove(f / "manifest.json")),
    }


def main():
    corpus, folder = map(pathlib.Path, sys.argv[1:])
    by_size = sorted(corpus.glob("dns*.jsonl"), key=lambda path: path.stat().st_size)
    one, other = by_size[-1].stem, by_size[0].stem
    for name, (status, accepted, said, plant) in faults(one, other).items():
        copy = folder / name
        shutil.copytree(corpus, copy)
        plant(copy)
        print(name, status, "accepted" if accepted else "lasting", said, sep="\t")
    shutil.copytree(corpus, folder / "two")
    change(folder / "two" / f"{one}.jsonl", lambda d: b"")
    (folder / "two" / "notes.txt").write_text("x")


if __name__ == "__main__":
    main()
