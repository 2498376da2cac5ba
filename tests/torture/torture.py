#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Converts damaged copies of captures: each must end in time, with status 0, 1 or 3, without a word
of a sanitizer, and leave a well-formed IPFIX file or none. Copies are made by a generator seeded with
their name and number, so a failure can be had again; what failed is kept in the folder --keep.
"""
import argparse
import concurrent.futures
import os
import random
import subprocess
import sys
import tempfile

STATUSES = (0, 1, 3)  # done; done but damaged; not a capture (any more)
TIMEOUT_S = 30


def cut(data, chance):
    return data[:chance.randrange(len(data))]


def flip(data, chance):
    """One to sixteen bytes changed, one copy in four near its head, where the file's own header is."""
    damaged = bytearray(data)
    end = min(len(data), 128) if chance.random() < 0.25 else len(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8, 16))):
        at = chance.randrange(end)
        damaged[at] = chance.choice((0, 0xFF, 0x7F, 0x80, damaged[at] ^ (1 << chance.randrange(8)),
                                     chance.randrange(256)))
    return bytes(damaged)


def fault_of(command):
    """What is wrong with how the command ended, or None."""
    try:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return f"no end in {TIMEOUT_S} s"
    errors = run.stderr.decode("utf-8", "replace")
    if run.returncode not in STATUSES or "Sanitizer" in errors or "runtime error" in errors:
        return f"status {run.returncode}: {errors[-2000:]}"
    return None


class Torture:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder

    def keep(self, name, data):
        os.makedirs(self.args.keep, exist_ok=True)
        with open(os.path.join(self.args.keep, name), "wb") as out:
            out.write(data)

    def convert(self, name, data, threads):
        """(fault or None, path of the IPFIX file or None)"""
        source = os.path.join(self.folder, name)
        target = source + ".ipfix"
        with open(source, "wb") as out:
            out.write(data)
        fault = fault_of([self.args.program, "-q", "--threads", str(threads), "-w", target, source])
        os.unlink(source)
        if fault:
            self.keep(name, data)
        return fault, target if os.path.exists(target) else None

    def check(self, paths):
        """The first of the files that is not well-formed, and why."""
        if not paths or subprocess.run([self.args.checker, "check", *paths], capture_output=True,
                                       stdin=subprocess.DEVNULL).returncode == 0:
            return None
        for path in paths:
            run = subprocess.run([self.args.checker, "check", path], capture_output=True,
                                 stdin=subprocess.DEVNULL)
            if run.returncode != 0:
                return path, (run.stdout + run.stderr).decode("utf-8", "replace")[-2000:]
        return None

    def capture(self, path):
        """Every fault found with copies of one capture."""
        with open(path, "rb") as file:
            data = file.read()
        # Two captures may have one name.
        base = os.path.basename(os.path.dirname(path)) + "-" + os.path.basename(path)
        faults, made = [], {}
        if not data:
            return faults
        for sort, change, number in (("cut", cut, self.args.cuts), ("flip", flip, self.args.flips)):
            for i in range(number):
                name = f"{sort}{i}-{base}"
                damaged = change(data, random.Random(name))
                fault, target = self.convert(name, damaged, 1 + i % 2)
                if fault:
                    faults.append(f"{name}: {fault}")
                if target:
                    made[target] = (name, damaged)
        malformed = self.check(list(made))
        if malformed:
            name, damaged = made[malformed[0]]
            self.keep(name, damaged)
            faults.append(f"{name}: malformed output: {malformed[1]}")
        for target in made:
            os.unlink(target)
        return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--checker", required=True)
    parser.add_argument("--cuts", type=int, default=12)
    parser.add_argument("--flips", type=int, default=24)
    parser.add_argument("--keep", default="torture-failed")
    parser.add_argument("captures", nargs="+")
    args = parser.parse_args()
    bad = False
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        torture = Torture(args, folder)
        results = pool.map(torture.capture, args.captures)
        for path, faults in zip(args.captures, results):
            copies = args.cuts + args.flips
            print(f"{'not ok' if faults else 'ok'} - {os.path.basename(path)}, {copies} copies")
            for fault in faults[:5]:
                print("\n".join("  | " + line for line in fault.splitlines()[:40]))
            bad = bad or bool(faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
