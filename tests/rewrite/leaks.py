#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""leaks.py ORIGINAL REWRITTEN [TEXTS]: what of a capture is left in the rewritten one. Fails for any 8 bytes of a
text of a record (TEXTS: one a line, hexadecimal), for any address, and for 8 bytes of printable payload that have
a word which no protocol needs. Captures are pcap."""
import pathlib
import re
import struct
import sys

RUN = 8
# Words that writers keep: methods, header fields, commands, media types, names of elements ...
KEPT = set(pathlib.Path(__file__).with_name("kept-words").read_text(encoding="ascii").split())


def frames(path):
    data = pathlib.Path(path).read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def payload(frame):
    """Behind the headers of IP and TCP or UDP over Ethernet; else the frame."""
    at = 12
    while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    kind, at = frame[at:at + 2], at + 2
    if kind == b"\x08\x00" and len(frame) > at + 20:
        protocol, at = frame[at + 9], at + (frame[at] & 15) * 4
    elif kind == b"\x86\xdd" and len(frame) > at + 40:
        protocol, at = frame[at + 6], at + 40
    else:
        return frame
    if protocol == 6 and len(frame) > at + 12:
        return frame[at + (frame[at + 12] >> 4) * 4:]
    return frame[at + 8:] if protocol == 17 else frame


def runs(frame):
    """The places and windows of 8 printable bytes."""
    for match in re.finditer(rb"[\x20-\x7e\r\n\t]{8,}", frame):
        text = match.group()
        for at in range(len(text) - RUN + 1):
            yield match.start() + at, text[at:at + RUN]


def addresses(capture):
    """Of IP headers behind Ethernet, whatever tags are between, in binary and in text."""
    found = set()
    for frame in capture:
        at = 12
        while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
            at += 4
        if frame[at:at + 2] == b"\x08\x00":
            found |= {frame[at + 14:at + 18], frame[at + 18:at + 22]}
        elif frame[at:at + 2] == b"\x86\xdd":
            found |= {frame[at + 10:at + 26], frame[at + 26:at + 42]}
    found -= {bytes(4), b"\xff" * 4}
    texts = {".".join(map(str, one)).encode() for one in found if len(one) == 4}
    return {one for one in found if len(one) in (4, 16)} | {one for one in texts if len(one) >= RUN}


def words_left(original, rewritten):
    """Words of at least 4 letters in what both have."""
    there = {text for frame in original for _, text in runs(payload(frame))}
    for frame in map(payload, rewritten):
        end = 0
        for at, text in runs(frame):
            if text not in there or at < end:
                continue
            end = at + RUN
            while frame[end - RUN + 1:end + 1] in there:
                end += 1
            left = frame[at:end]
            for word in re.finditer(rb"[A-Za-z]{4,}", left):
                text = word.group().lower().decode()
                known = text in KEPT or text.endswith("downgrd")  # RFC 8446 section 4.1.3
                cut = word.end() == len(left) and any(kept.startswith(text) for kept in KEPT)
                if not known and not cut:
                    yield word.group(), left


def main():
    original, rewritten = list(frames(sys.argv[1])), list(frames(sys.argv[2]))
    failed = [len(one) for one in original] != [len(one) for one in rewritten]
    if failed:
        print("frames have other sizes")
    everything = b"\n".join(rewritten)
    if len(sys.argv) > 3:
        for line in pathlib.Path(sys.argv[3]).read_text(encoding="ascii").split():
            text = bytes.fromhex(line)
            for at in range(len(text) - RUN + 1):
                part = text[at:at + RUN]
                words = re.findall(rb"[a-z]{4,}|[0-9]{6,}", part.lower())
                if part in everything and any(word.decode() not in KEPT for word in words):
                    print("of a record:", part, "in", text)
                    failed = True
    for address in addresses(original):
        if address in everything:
            print("address:", address)
            failed = True
    for word, left in words_left(original, rewritten):
        print("word:", word.decode(), "in", left)
        failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
