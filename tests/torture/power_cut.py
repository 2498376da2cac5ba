#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Cuts the power after each write, sync, rename and so on of runs (see the journal of fail.c), where the disk has
of each file only what was synced: a file under its final name is complete, and when the program has ended with
success all its names are on the disk.

    power_cut.py --build DIR
"""

import argparse
import os
import sys
import tempfile

import failing_runs
from failures import Runner
from failing_runs import RUNS


class File:
    def __init__(self):
        self.size = self.synced = 0


class Disk:
    """What the program has done, and what of it a power cut leaves in the worst case: names as the directory has
    them, bytes as they were synced."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {}        # by name
        self.open = {}         # by descriptor: a File, or the path of a folder
        self.named = set()     # names that their folder has not been synced for

    def path(self, word):
        """As seen from the folder."""
        return os.path.relpath(os.path.join(self.folder, word), self.folder)

    def step(self, line):
        words = line.split("\t")
        if words[0] == "open":
            path = self.path(words[3])
            if words[2] == "1":
                if path not in self.files:
                    self.named.add(path)
                self.files.setdefault(path, File())
            self.open[words[1]] = self.files.get(path, path)
        elif words[0] == "write" and isinstance(self.open.get(words[1]), File):
            self.open[words[1]].size += int(words[2])
        elif words[0] == "sync":
            target = self.open.get(words[1])
            if isinstance(target, File):
                target.synced = target.size
            else:
                self.named = {name for name in self.named if (os.path.dirname(name) or ".") != target}
        elif words[0] in ("rename", "link"):
            old, new = (self.path(word) for word in words[1:])
            self.files[new] = self.files.pop(old) if words[0] == "rename" else self.files[old]
            self.named.discard(old)
            self.named.add(new)
        elif words[0] == "unlink":
            self.files.pop(self.path(words[1]), None)
            self.named.discard(self.path(words[1]))
        elif words[0] == "close":
            self.open.pop(words[1], None)

    def incomplete(self):
        """Final names whose file has lost bytes."""
        return sorted(name for name, file in self.files.items() if is_final(name) and file.size > file.synced)

    def unnamed(self):
        return sorted(name for name in self.named if is_final(name))


def is_final(name):
    return not os.path.basename(name).startswith(".") and not name.startswith(("tmp/", "../"))


def check(run, build, scratch):
    """The number of cuts, and what is wrong or None."""
    runner = Runner(build, run, os.path.join(scratch, "run"), os.path.join(scratch, "inputs"))
    wrong = runner.rehearse()
    if wrong is not None:
        return 0, wrong
    disk = Disk(os.path.realpath(runner.folder.path))
    lines = runner.folder.read("journal").decode().splitlines()
    for number, line in enumerate(lines, 1):
        disk.step(line)
        if disk.incomplete():
            return number, f"a power cut after '{line}' leaves {disk.incomplete()} incomplete"
    if disk.unnamed():
        return len(lines), f"a power cut after the end may lose the names of {disk.unnamed()}"
    return len(lines), None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    failed = False
    with tempfile.TemporaryDirectory(prefix="torture") as scratch:
        os.makedirs(os.path.join(scratch, "inputs"))
        failing_runs.make_inputs(os.path.join(scratch, "inputs"), options.build)
        for run in RUNS:
            if options.only not in ("", run.name) or not run.writes:
                continue
            cuts, wrong = check(run, options.build, scratch)
            print(f"ok - power cut: {run.name}, {cuts} moments" if wrong is None else
                  f"not ok - power cut: {run.name}\n  | {wrong}")
            failed = failed or wrong is not None
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
