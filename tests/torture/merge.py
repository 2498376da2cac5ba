#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Merges damaged copies of IPFIX files: ipfixtool must end with status 0 to 2, without a report of a
sanitizer, and write a well-formed file or none."""
import os
import random
import subprocess
import sys
import tempfile

COPIES = 60


def damage(data, chance):
    copy = bytearray(data)
    if chance.random() < 0.3:
        return bytes(copy[:chance.randrange(len(copy))])
    for _ in range(chance.choice((1, 2, 8))):
        copy[chance.randrange(len(copy))] = chance.choice((0, 255, chance.randrange(256)))
    return bytes(copy)


def main():
    program, tool, captures = sys.argv[1], sys.argv[2], sys.argv[3:]
    failed = False
    for capture in captures:
        chance = random.Random(capture)
        with tempfile.TemporaryDirectory() as folder:
            source, copy, out = (os.path.join(folder, name) for name in ("source", "copy", "out"))
            subprocess.run([program, "-q", "--records", "all", "--file-options", "all", "-w", source,
                            capture], check=True)
            data = open(source, "rb").read()
            bad = None
            for number in range(COPIES):
                with open(copy, "wb") as file:
                    file.write(damage(data, chance))
                if os.path.exists(out):
                    os.unlink(out)
                run = subprocess.run([tool, "merge", "--unique", copy, source, "-w", out],
                                     capture_output=True, text=True, errors="replace", timeout=600)
                if run.returncode not in (0, 1, 2) or "runtime error" in run.stderr or \
                        "Sanitizer" in run.stderr:
                    bad = f"copy {number}: status {run.returncode}: {run.stderr[-500:]}"
                elif os.path.exists(out) != (run.returncode != 2):
                    bad = f"copy {number}: status {run.returncode}, file {os.path.exists(out)}"
                elif run.returncode != 2:
                    # Strings of a damaged copy may no longer be UTF-8.
                    check = subprocess.run([tool, "check", out], capture_output=True, text=True)
                    wrong = [line for line in check.stdout.splitlines()
                             if ": byte " in line and "not UTF-8" not in line]
                    bad = f"copy {number}: {wrong[0]}" if wrong else bad
                if bad:
                    break
        print(f"{'not ok' if bad else 'ok'} - merge of damaged copies: {os.path.basename(capture)}")
        if bad:
            print(f"  | {bad}")
            failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
