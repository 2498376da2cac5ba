#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sends signals to the programs at random moments. After SIGINT and SIGTERM the files are complete and valid up to
then, or not there, and no temporary file remains; after SIGKILL no incomplete file has its final name, and a run that
follows does all. A reader of standard output that goes away ends a program by SIGPIPE, without a file.

    signals.py --build DIR [--runs N]
"""

import argparse
import glob
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import failing_runs
from failing_runs import CAPTURES

MANY = [f"i/{name}" for name in CAPTURES] * 4
COMMANDS = [
    ("IPFIX and JSON", ["pcap2ipfix", "-q", "--threads", "1", *MANY, "-w", "a.ipfix", "-j", "a.jsonl.gz",
                        "--stats-file", "s.json"]),
    ("2 threads", ["pcap2ipfix", "-q", "--threads", "2", "--records", "all", *MANY, "-w", "a.ipfix"]),
    ("rotation", ["pcap2ipfix", "-q", "--threads", "1", "--rotate", "64K", *MANY, "-w", "%F-%H.ipfix"]),
    ("DNS log", ["pcap2ipfix", "-q", *MANY, "-j", "a.jsonl", "--dns-log", "."]),
    ("ipfixtool merge", ["ipfixtool", "merge", "-q", *["i/mixed.ipfix"] * 20, "-w", "a.ipfix"]),
    ("ipfixtool corpus", ["ipfixtool", "corpus", "-q", "i/services.pcap", "i/imap.pcap", "-o", "c"]),
    ("ipfixtool extract", ["ipfixtool", "extract", "-q", *MANY[:len(CAPTURES)], "-f", "HOSTNAME contains a", "-w", "a.pcapng"]),
    ("ipfixtool report", ["ipfixtool", "report", *["i/mixed.ipfix"] * 8, "-o", "a.html"]),
]


class Place:
    """A folder for the runs of one command."""

    def __init__(self, scratch, inputs, build, words):
        self.path, self.inputs, self.build = os.path.join(scratch, "run"), inputs, build
        self.command = [os.path.join(build, words[0]), *words[1:]]
        self.valid = failing_runs.Run("signals", "-").valid

    def start(self, clear=True):
        if clear:
            shutil.rmtree(self.path, ignore_errors=True)
            os.makedirs(os.path.join(self.path, "tmp"))
            os.symlink(self.inputs, os.path.join(self.path, "i"))
        with open(os.path.join(self.path, "tmp", "err"), "wb") as err:
            return subprocess.Popen(self.command, cwd=self.path, stdout=subprocess.DEVNULL, stderr=err,
                                    env=dict(os.environ, TMPDIR=os.path.join(self.path, "tmp")))

    def files(self):
        """The files, but for temporary ones, and the temporary ones."""
        found = [os.path.relpath(path, self.path)
                 for path in glob.glob(os.path.join(self.path, "**"), recursive=True, include_hidden=True)
                 if os.path.isfile(path)]
        found = [path for path in found if path != "tmp/err" and not path.startswith("i/")]
        hidden = [path for path in found if os.path.basename(path).startswith(".") or path.startswith("tmp/")]
        return [path for path in found if path not in hidden], hidden

    def contents(self):
        """What a complete run leaves."""
        result = {}
        for path in self.files()[0]:
            if not path.endswith(".json"):  # statistics and manifests have times
                with open(os.path.join(self.path, path), "rb") as file:
                    result[path] = file.read()
        return result

    def judge(self, number, status, whole):
        """What is wrong, or None."""
        files, hidden = self.files()
        with open(os.path.join(self.path, "tmp", "err"), encoding="utf-8", errors="replace") as file:
            err = file.read()
        if "Sanitizer" in err or status not in (0, -number) and not 1 <= status <= 6:
            return f"status {status}\n{err}"
        if hidden and number != signal.SIGKILL:
            return f"status {status}: a temporary file remains: {hidden}"
        contents = self.contents()
        if status == 0 and contents != whole:
            return "status 0, but the outputs differ"
        for path in files:
            complete = contents.get(path) == whole.get(path)
            if not complete and (number == signal.SIGKILL or not self.valid(os.path.join(self.path, path), self.build)):
                return f"status {status}: {path} is incomplete"
        return None


def torture(place, runs, generator):
    """Runs a command until a signal comes. What is wrong, or None."""
    begun = time.monotonic()
    if place.start().wait() != 0:
        return "the command fails without a signal"
    most = time.monotonic() - begun
    whole = place.contents()
    for run in range(runs):
        number = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[run % 3]
        process = place.start()
        time.sleep(generator.uniform(0, most))
        process.send_signal(number)
        status = process.wait()
        wrong = place.judge(number, status, whole)
        if wrong is None and number == signal.SIGKILL and run % 12 == 0 and "--dns-log" not in place.command:
            if "corpus" in place.command:
                shutil.rmtree(os.path.join(place.path, "c"), ignore_errors=True)
            if place.start(clear=False).wait() != 0 or place.contents() != whole:
                wrong = "the run after SIGKILL"
        if wrong is not None:
            return f"{number.name}: {wrong}"
    return None


def closed_pipe(place, words):
    """Standard output is closed by its reader."""
    place.command = [os.path.join(place.build, words[0]), *words[1:]]
    process = place.start()
    process.wait()
    place.start().wait()
    with open(os.path.join(place.path, "tmp", "err"), "wb") as err, subprocess.Popen(
            place.command, cwd=place.path, stdout=subprocess.PIPE, stderr=err, preexec_fn=lambda: signal.signal(
                signal.SIGPIPE, signal.SIG_DFL)) as process:
        process.stdout.read(1)
        process.stdout.close()
        status = process.wait()
    with open(os.path.join(place.path, "tmp", "err"), encoding="utf-8") as file:
        err = file.read()
    return None if status == -signal.SIGPIPE and err == "" else f"status {status}\n{err}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--runs", type=int, default=48)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    generator = random.Random(options.seed)
    failed = False
    with tempfile.TemporaryDirectory(prefix="torture") as scratch:
        inputs = os.path.join(scratch, "inputs")
        os.makedirs(inputs)
        failing_runs.make_inputs(inputs, build)
        results = []
        for name, words in COMMANDS:
            place = Place(scratch, inputs, build, words)
            results.append((f"signals: {name}", torture(place, options.runs // len(COMMANDS), generator)))
        for words in (["pcap2ipfix", "-q", *MANY, "-j", "-"], ["ipfixtool", "view", "-j", *["i/mixed.ipfix"] * 8]):
            name = " ".join(words[:2]) if words[0] == "ipfixtool" else words[0]
            results.append((f"SIGPIPE: {name}", closed_pipe(Place(scratch, inputs, build, words), words)))
        for name, wrong in results:
            failed = failed or wrong is not None
            print(f"ok - {name}" if wrong is None else f"not ok - {name} (--seed {options.seed})\n  | " +
                  wrong.replace("\n", "\n  | "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
