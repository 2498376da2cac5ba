#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Converts damaged copies of captures: each must end in time, with status 0, 1 or 3, without a
report of a sanitizer, and leave a well-formed IPFIX file or none; the file and the statistics are the same
for any number of threads. Bytes are cut off and changed (--cuts, --flips), in one process for all copies
(--many), and frames are changed in each way of frames.py (--changes). The random numbers of a copy are seeded with
its name and number, so that a failure can be reproduced; failed copies are kept in the folder --keep.
"""
import argparse
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import frames

TOGETHER = 16
STATUSES = (0, 1, 3)  # done; done but damaged; not a capture (any more)
TIMEOUT_S = 30


def cut(data, chance):
    return data[:chance.randrange(len(data))]


def flip(data, chance):
    """Changes one to sixteen bytes; in one copy of four near the beginning, where the file header is."""
    damaged = bytearray(data)
    end = min(len(data), 128) if chance.random() < 0.25 else len(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8, 16))):
        at = chance.randrange(end)
        damaged[at] = chance.choice((0, 0xFF, 0x7F, 0x80, damaged[at] ^ (1 << chance.randrange(8)),
                                     chance.randrange(256)))
    return bytes(damaged)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def label(path):
    """Two captures may have one name."""
    return os.path.basename(os.path.dirname(path)) + "-" + os.path.basename(path)


class Ending:
    """The end of a run: its fault or None; its output file or None; its report."""

    def __init__(self, command, target):
        self.fault, self.report = None, ""
        try:
            run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.fault = f"no end in {TIMEOUT_S} s"
        else:
            errors = run.stderr.decode("utf-8", "replace")
            self.report = f"{run.returncode} " + re.sub(r'"arguments":\[[^]]*\],|,"seconds":[0-9.]+', "", errors)
            if run.returncode not in STATUSES or "Sanitizer" in errors or "runtime error" in errors:
                self.fault = f"status {run.returncode}: {errors[-2000:]}"
        self.data = read(target) if os.path.exists(target) else None


class Torture:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder

    def keep(self, paths):
        os.makedirs(self.args.keep, exist_ok=True)
        for path in paths:
            shutil.copy(path, self.args.keep)

    def convert(self, sources, target, numbers):
        """The fault of one of the runs, or their difference; None if there is none."""
        first = None
        for threads in numbers:
            if os.path.exists(target):
                os.unlink(target)
            ending = Ending([self.args.program, "-q", "--stats=json", "--records", "all,biflow",
                             "--order", "args", "--threads", str(threads), "-w", target, *sources],
                            target)
            first = first or ending
            fault = ending.fault
            if not fault and (ending.data, ending.report) != (first.data, first.report):
                records = "" if ending.data == first.data else "records, "
                differing = [f"{theirs} ({ours})" for theirs, ours in
                             zip(ending.report.split(","), first.report.split(",")) if theirs != ours]
                fault = f"not as with {numbers[0]}: {records}{', '.join(differing)[:500]}"
            if fault:
                self.keep(sources)
                return f"{os.path.basename(sources[0])}: {threads} threads: {fault}"
        return None

    def convert_many(self, copies):
        """The same for many (source, number of threads), in one process; statistics and messages are not
        compared."""
        if not copies:
            return None
        lines = "".join(f"{number} {source} {source}.ipfix\n" for source, number in copies)
        try:
            run = subprocess.run([self.args.many], input=lines.encode(), capture_output=True,
                                 timeout=TIMEOUT_S + len(copies))
            fault = f"status {run.returncode}: {run.stderr.decode('utf-8', 'replace')[-2000:]}"
            if run.returncode == 0 and b"runtime error" not in run.stderr:
                return None
        except subprocess.TimeoutExpired as late:
            run, fault = late, "no end"
        lines = (run.stdout or b"").decode("utf-8", "replace").splitlines()
        begun = [line.removeprefix("begins ") for line in lines if line.startswith("begins ")]
        self.keep(begun[-1:])
        return f"{begun[-1:]}, in one process: {lines[-1:]} {fault}"

    def check(self, paths):
        """The first file that is not well-formed, and the reason."""
        if not paths or subprocess.run([self.args.checker, "check", *paths], capture_output=True,
                                       stdin=subprocess.DEVNULL).returncode == 0:
            return None
        for path in paths:
            run = subprocess.run([self.args.checker, "check", path], capture_output=True,
                                 stdin=subprocess.DEVNULL)
            if run.returncode != 0:
                return path, (run.stdout + run.stderr).decode("utf-8", "replace")[-2000:]
        return None

    def bytewise(self, path):
        """(name, copy, numbers of threads): one number for each copy, in turn."""
        data = read(path)
        for sort, change, number in (("cut", cut, self.args.cuts), ("flip", flip, self.args.flips)):
            for i in range(number if data else 0):
                name = f"{sort}{i}-{label(path)}"
                yield (name, change(data, random.Random(name)),
                       self.args.threads[i % len(self.args.threads):][:1])

    def framewise(self, path):
        """(name, copy, numbers of threads): all numbers for each copy."""
        whole = frames.read(read(path))
        for change in (*frames.CHANGES.values(), frames.mixture):
            for i in range(self.args.changes if whole else 0):
                name = f"{change.__name__}{i}-{label(path)}"
                chance = random.Random(name)
                others = frames.read(read(chance.choice(self.args.captures)))
                changed = change(list(whole), others, chance)
                yield name, frames.write(changed or whole), self.args.threads

    def capture(self, path):
        """(copies made, all their faults) of one capture."""
        faults, sources, many = [], [], []
        for copies, apart in ((self.bytewise(path), False), (self.framewise(path), True)):
            for name, damaged, numbers in copies:
                source = os.path.join(self.folder, name)
                with open(source, "wb") as out:
                    out.write(damaged)
                sources.append(source)
                if apart:
                    faults.append(self.convert([source], source + ".ipfix", numbers))
                else:
                    many.append((source, numbers[0]))
        faults.append(self.convert_many(many))
        # Copies with one number of threads each are checked together.
        count = self.args.cuts + self.args.flips
        for at in range(0, count if sources else 0, TOGETHER):
            together = sources[at:min(at + TOGETHER, count)]
            faults.append(self.convert(together, together[0] + ".together", self.args.threads))
        malformed = self.check([source + ".ipfix" for source in sources
                                if os.path.exists(source + ".ipfix")])
        if malformed:
            self.keep([malformed[0].removesuffix(".ipfix")])
            faults.append(f"{os.path.basename(malformed[0])}: malformed: {malformed[1]}")
        for name in sources:
            for path in (name, name + ".ipfix", name + ".together"):
                if os.path.exists(path):
                    os.unlink(path)
        return len(sources), [fault for fault in faults if fault]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--checker", required=True)
    parser.add_argument("--many", help="tests/torture/convert_many, for --cuts and --flips")
    parser.add_argument("--threads", type=lambda text: [int(n) for n in text.split(",")],
                        default=[1, 2, 4])
    parser.add_argument("--cuts", type=int, default=12)
    parser.add_argument("--flips", type=int, default=24)
    parser.add_argument("--changes", type=int, default=1)
    parser.add_argument("--keep", default="torture-failed")
    parser.add_argument("captures", nargs="+")
    args = parser.parse_args()
    bad = False
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        torture = Torture(args, folder)
        results = pool.map(torture.capture, args.captures)
        for path, (copies, faults) in zip(args.captures, results):
            print(f"{'not ok' if faults else 'ok'} - {os.path.basename(path)}, {copies} copies")
            for fault in faults[:5]:
                print("\n".join("  | " + line for line in fault.splitlines()[:40]))
            bad = bad or bool(faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
