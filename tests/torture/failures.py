#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs pcap2ipfix and ipfixtool with calls that fail: each allocation, read, write, rename, fsync, thread and so on
in turn (see fail.c), or a spread of them. After each run:

- it did not crash, hang, leak, or upset a sanitizer;
- status 0: all outputs are what they are without a failure; any other status: there is a message;
- under a final name is the complete file, or what was there before, or nothing;
- no temporary file remains;
- what was not sent is in the spool file.

    failures.py --build DIR [--points N | --full] [--jobs N] [--only REGEX] [--table FILE]
"""

import argparse
import bisect
import collections
import errno
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import failing_runs
from failing_runs import RUNS

# What fails together, how, and with which error. Error 0: fewer bytes than asked for.
WAYS = [
    ("alloc", "once", errno.ENOMEM), ("alloc", "from", errno.ENOMEM),
    ("map", "once", errno.ENOMEM), ("map", "from", errno.ENOMEM),
    ("open", "once", errno.EMFILE), ("open", "from", errno.EMFILE), ("open", "once", errno.EACCES),
    ("read", "once", errno.EIO), ("read", "from", errno.EIO), ("read", "every", errno.EINTR), ("read", "from", 0),
    ("write", "once", errno.ENOSPC), ("write", "from", errno.ENOSPC), ("write", "once", errno.EIO),
    ("write", "every", errno.EINTR), ("write", "from", 0), ("write", "once", errno.EAGAIN),
    ("close", "once", errno.EIO), ("sync", "once", errno.EIO), ("sync", "from", errno.ENOSPC),
    ("name", "once", errno.EIO), ("name", "from", errno.ENOSPC), ("name", "once", errno.EPERM),
    ("remove", "once", errno.EIO), ("folder", "once", errno.ENOSPC), ("size", "once", errno.EIO),
    ("mode", "once", errno.EPERM), ("mode", "from", errno.EPERM), ("stat", "once", errno.EIO), ("stat", "from", errno.ENOMEM), ("seek", "once", errno.EIO),
    ("socket", "once", errno.EMFILE), ("connect", "once", errno.ETIMEDOUT), ("connect", "every", errno.EINTR),
    ("send", "once", errno.ECONNRESET), ("send", "from", errno.EPIPE), ("send", "every", errno.EINTR),
    ("send", "from", 0), ("send", "once", errno.EAGAIN), ("send", "once", errno.ENOBUFS),
    ("receive", "once", errno.ECONNRESET), ("receive", "every", errno.EINTR), ("receive", "from", 0),
    ("poll", "every", errno.EINTR), ("poll", "once", errno.ENOMEM),
    ("thread", "once", errno.EAGAIN), ("thread", "from", errno.EAGAIN), ("lock", "once", errno.ENOMEM),
    ("open", "kill", 0), ("write", "kill", 0), ("sync", "kill", 0), ("name", "kill", 0), ("close", "kill", 0),
    ("open", "term", 0), ("read", "term", 0), ("write", "term", 0), ("sync", "term", 0), ("name", "term", 0),
    ("poll", "term", 0), ("send", "term", 0),
    ("resolve", "once", 0), ("random", "once", errno.ENOSYS), ("random", "from", errno.ENOSYS),
]
# Ways that must not change anything: the call is repeated.
HARMLESS = {(kind, error) for kind, mode, error in WAYS if error in (0, errno.EINTR) and mode in ("from", "every")}
HARMLESS.add(("write", errno.EAGAIN))
HARMLESS.add(("send", errno.EAGAIN))

SANITIZER_STATUS = {97: "undefined behaviour", 98: "leak", 99: "address sanitizer", 77: "the test itself"}
CONTROL = {"out", "err", "in", "calls", "journal", "place", "places", "tmp"}


class Server:
    """One program that forks a process for each run."""

    def __init__(self, program):
        environment = dict(
            os.environ, TMPDIR="tmp", TZ="UTC", LC_ALL="C.UTF-8", ASAN_OPTIONS="exitcode=99:detect_leaks=1",
            LSAN_OPTIONS="exitcode=98", UBSAN_OPTIONS="halt_on_error=1:exitcode=97:print_stacktrace=1")
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)

    def run(self, folder, way, nth, arguments):
        """The wait status, how many calls failed, and how many there were of each kind."""
        kind, mode, error = way
        line = [folder, kind, mode, str(nth), str(error)] + arguments
        self.process.stdin.write("\t".join(line) + "\n")
        self.process.stdin.flush()
        words = self.process.stdout.readline().split()
        if len(words) < 2:
            raise SystemExit(f"the server ended: {line}")
        counts = dict(word.split("=") for word in words[2:])
        return int(words[0]), int(words[1]), {kind: int(count) for kind, count in counts.items()}


class Folder:
    """The working directory of the runs of one scenario."""

    def __init__(self, path, run, inputs):
        self.path, self.scenario, self.inputs = path, run, inputs

    def clear(self, earlier):
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(os.path.join(self.path, "tmp"))
        os.symlink(self.inputs, os.path.join(self.path, "i"))
        if self.scenario.prepare is not None:
            self.scenario.prepare(self.path)
        if self.scenario.input is not None:
            shutil.copy(os.path.join(self.inputs, self.scenario.input), os.path.join(self.path, "in"))
        for name in self.scenario.replaced if earlier else []:
            with open(os.path.join(self.path, name), "wb") as file:
                file.write(b"earlier")

    def read(self, name):
        with open(os.path.join(self.path, name), "rb") as file:
            return file.read()

    def files(self):
        found = {}
        for place, folders, names in os.walk(self.path):
            if place == self.path:
                folders[:] = [name for name in folders if name != "i"]
                names = [name for name in names if name not in CONTROL]
            for name in names:
                path = os.path.join(place, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, self.path)] = self.scenario.normal(name, file.read())
        return found


def is_temporary(name):
    return os.path.basename(name).startswith(".") or name.startswith("tmp/")


def describe(status):
    if os.WIFSIGNALED(status):
        return f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
    code = os.WEXITSTATUS(status)
    return SANITIZER_STATUS.get(code, f"status {code}")


class Runner:
    """Runs the points of one scenario, and judges each."""

    def __init__(self, build, run, scratch, inputs):
        self.scenario, self.build = run, build
        self.server = Server(os.path.join(build, f"tests/torture/{run.program}_failing"))
        self.folder = Folder(os.path.join(scratch, "run"), run, inputs)
        self.arguments = [run.program] + run.arguments
        self.symbols = symbols(self.server.process.args[0])
        self.counts, self.calls, self.status = {}, {}, 0
        self.wanted, self.wanted_out, self.wanted_status = {}, b"", 0

    def start(self, way, nth, earlier):
        self.folder.clear(earlier)
        arguments = self.arguments
        peer = None
        if self.scenario.peer is not None:
            peer = self.scenario.peer(self.folder)
            arguments = [word.replace("PORT", str(peer.port)) for word in arguments]
        result = self.server.run(self.folder.path, way, nth, arguments)
        if peer is not None:
            peer.stop()
        return result

    def rehearse(self):
        """A run without a failure, which says what there is to fail and what the outputs are."""
        status, _, self.counts = self.start(("-", "once", 0), 0, False)
        self.wanted_status = status
        code = os.WEXITSTATUS(status)
        if os.WIFSIGNALED(status) or code not in self.scenario.statuses:
            return f"without a failure: {describe(status)}: {self.folder.read('err').decode(errors='replace')}"
        self.wanted = self.folder.files()
        self.wanted_out = self.scenario.normal("out", self.folder.read("out"))
        chains = {}
        for part in self.folder.read("places").decode().split("\n\n"):
            number, _, place = part.strip().partition("\n")
            chains[number] = tuple(callers(place, self.symbols))
        for line in self.folder.read("calls").decode().splitlines():
            kind, *places = line.split()
            self.calls[kind] = [chains.get(place, ()) for place in places]
        return None

    def point_at(self, kind, function):
        """The number of the first call that comes from a function; None: there is none."""
        for number, chain in enumerate(self.calls.get(kind, []), 1):
            if function in chain:
                return number
        return None

    def points(self, way, limit):
        """The numbers of the calls to fail: all, or the first from each place and others at random."""
        kind, mode, _ = way
        count = self.counts.get(kind, 0)
        if mode == "every":
            return [nth for nth in (2, 3) if nth <= count]
        if mode == "from" and way[2] == 0:
            return [1] if count else []
        if limit is None or count <= limit:
            return list(range(1, count + 1))
        first = {}
        for number, chain in enumerate(self.calls[kind], 1):
            first.setdefault(chain[1:4], number)
        chosen = sorted(first.values())
        generator = random.Random(f"{self.scenario.name} {way}")
        if len(chosen) > limit:
            return sorted(generator.sample(chosen, limit))
        rest = sorted(set(range(1, count + 1)) - set(chosen))
        return sorted(chosen + generator.sample(rest, min(len(rest), limit - len(chosen))))

    def all_points(self, limit):
        """Pairs of a way to fail and the number of a call. Of allocations there are more; those that were handled
        wrongly once are always among them."""
        found = []
        for way in WAYS:
            found += [(way, nth) for nth in self.points(way, 2 * limit if limit and way[0] == "alloc" else limit)]
        for kind, mode, error, function in self.scenario.points:
            nth = self.point_at(kind, function)
            if nth is not None:
                found.append(((kind, mode, error), nth))
        return found

    def judge(self, way, nth, earlier, status, failed):
        """What is wrong, or None."""
        kind, mode, error = way
        if mode in ("kill", "term"):
            return self.judge_signal(way, earlier, status)
        message = self.folder.read("err").decode(errors="replace")
        if os.WIFSIGNALED(status) or os.WEXITSTATUS(status) in SANITIZER_STATUS or "Sanitizer" in message:
            return describe(status) + "\n" + message
        code = os.WEXITSTATUS(status)
        files = self.folder.files()
        if kind not in ("remove", "-"):
            for name in files:
                if is_temporary(name):
                    return f"status {code}: a temporary file remains: {name}\n{message}"
        if status == self.wanted_status:
            out = self.scenario.normal("out", self.folder.read("out"))
            different = {name for name in self.wanted.keys() | files.keys() if self.wanted.get(name) != files.get(name)}
            if kind == "remove":
                different = {name for name in different if not is_temporary(name)}
            if self.scenario.spools and different:
                return self.judge_spool(code, message)
            if (different or out != self.wanted_out) and not self.is_excused(way):
                if self.scenario.partial(code, message):
                    return self.judge_files(code, files, earlier, message)
                return f"status {code}, but different outputs: {sorted(different) or 'out'}\n{message}"
            return None
        if failed == 0:
            return f"status {code} without a failure\n{message}"
        if (kind, error) in HARMLESS and not self.in_stream():
            return f"status {code} though the call can be repeated\n{message}"
        if code == 0 or code > 6:
            return f"status {code}\n{message}"
        if not message.strip() and self.folder.read("out") == self.wanted_out:
            return f"status {code} without a message"
        if kind in ("alloc", "map", "lock", "thread") and code != 6 and "emory" not in message:
            return f"status {code}, expected 6\n{message}"
        if kind in ("sync", "name", "folder", "size") and code not in (4, 5):
            return f"status {code}, expected 4\n{message}"
        return self.judge_files(code, files, earlier, message)

    def is_excused(self, way):
        """Failures that cannot be told from something else: without stat() the size of a capture is left out of
        the options records; iconv_open() says that it does not know a charset where memory ran out in the
        dynamic linker; a capture that is not for the user is left out of a corpus."""
        place = self.folder.read("place").decode()
        return (way[0] == "stat" and "p2i_capture_open" in callers(place, self.symbols)) or (
            way[0] == "alloc" and "ld-linux" in place) or (
            way[2] == errno.EACCES and "p2i_corpus_hash" in callers(place, self.symbols))

    def in_stream(self):
        """Whether a stream of libc or zlib made the call: these do not repeat it."""
        place = self.folder.read("place").decode()
        names = set(callers(place, self.symbols))
        return bool(names & {"read_stream", "write_stream"}) or "libz" in place

    def judge_signal(self, way, earlier, status):
        """After a signal: no incomplete file, and a run that follows does all."""
        code = 5 if way[1] == "term" else 6  # SIGTERM: the files are complete up to then
        message = self.folder.read("err").decode(errors="replace")
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) in SANITIZER_STATUS:
            return describe(status) + "\n" + message
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) not in (signal.SIGKILL, signal.SIGTERM):
            return describe(status) + "\n" + message
        files = self.folder.files()
        if way[1] == "term" and self.scenario.catches:
            for name in files:
                if is_temporary(name):
                    return f"{describe(status)}: a temporary file remains: {name}\n{message}"
        wrong = self.judge_files(code, files, earlier, message)
        if wrong is not None or self.scenario.peer is not None or not self.scenario.repeats:
            return wrong
        again, _, _ = self.server.run(self.folder.path, ("-", "once", 0), 1, self.arguments)
        files = {name: content for name, content in self.folder.files().items()
                 if not is_temporary(name)}
        return None if again == self.wanted_status and files == self.wanted else f"the next run: {describe(again)}"

    def judge_files(self, code, files, earlier, message):
        for name in self.scenario.replaced if earlier else []:
            if name not in files:
                return f"status {code}: {name}, which was there before, is gone\n{message}"
        for name, content in files.items():
            if content == self.wanted.get(name) or (earlier and content == b"earlier"):
                continue
            if is_temporary(name):
                continue
            if self.scenario.spools and "spool" in name:
                continue
            if (code in (1, 3, 5) or name in self.scenario.reports or self.scenario.keeps) and self.scenario.valid(os.path.join(self.folder.path, name), self.build):
                continue
            return f"status {code}: {name} is incomplete\n{message}"
        return self.judge_spool(code, message) if self.scenario.spools and os.WIFEXITED(self.status) else None

    def judge_spool(self, code, message):
        """All records were sent, or are in a spool file, unless the message says that they are not."""
        if code not in (0, 5) or "neither sent nor spooled" in message:
            return None
        lost = self.scenario.lost(self)
        return f"status {code}: {lost}\n{message}" if lost else None


def work(task):
    build, index, limit, inputs = task
    run = RUNS[index]
    failures = []
    table = collections.Counter()
    statuses = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="torture") as scratch:
        runner = Runner(build, run, scratch, inputs)
        wrong = runner.rehearse()
        if wrong is not None:
            return index, table, statuses, [(("-", "once", 0), 0, wrong, "")]
        for way, nth in runner.all_points(limit):
            earlier = nth % 2 == 0
            status, failed, _ = runner.start(way, nth, earlier)
            runner.status = status
            table[way[:2]] += 1
            statuses[way[0], describe(status)] += 1
            wrong = runner.judge(way, nth, earlier, status, failed)
            if wrong is not None:
                failures.append((way, nth, wrong, runner.folder.read("place").decode() if failed else ""))
        runner.server.process.stdin.close()
        runner.server.process.wait()
    return index, table, statuses, failures


def symbols(program):
    """The addresses of functions, in order, and their names."""
    lines = subprocess.run(["nm", "-n", "--defined-only", program], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.splitlines()
    rows = [line.split() for line in lines]
    return [(int(row[0], 16), row[2]) for row in rows if len(row) == 3]


def callers(place, table):
    """The functions of the program in a backtrace, from the failed call outwards."""
    names = []
    for line in place.splitlines():
        if "(+0x" not in line and "_failing" in line:
            names.append(line.split("(")[1].split("+")[0])
        elif "_failing" in line:
            at = int(line.split("(+")[1].split(")")[0], 16)
            below = bisect.bisect_right(table, at, key=lambda row: row[0])
            names.append(table[below - 1][1] if below else "?")
        elif "libc.so" not in line:
            names.append(os.path.basename(line.split("(")[0]))
    skipped = {"backtrace", "keep_place", "fails", "fails_wholly"}
    return [name for name in names if name not in skipped][:9]


def report(failures, build):
    """Prints one failure of each kind and place."""
    tables = {}
    seen = collections.Counter()
    for index, way, nth, wrong, place in failures:
        run = RUNS[index]
        program = os.path.join(build, f"tests/torture/{run.program}_failing")
        if run.program not in tables:
            tables[run.program] = symbols(program)
        chain = callers(place, tables[run.program])
        key = (run.name, way[0], wrong.split("\n")[0], tuple(chain[:3]))
        seen[key] += 1
        if seen[key] == 1:
            error = errno.errorcode.get(way[2], "less")
            print(f"  | {run.name}: {way[0]} {nth} fails {way[1]} by {error}: " +
                  "\n  |   ".join(wrong.strip().split("\n")[:14]))
            print("  |   at " + " < ".join(chain))
    return seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--points", type=int, default=3)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default=".*", metavar="REGEX")
    parser.add_argument("--table")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    with tempfile.TemporaryDirectory(prefix="torture") as scratch:
        failing_runs.make_inputs(scratch, build)
        limit = None if options.full else options.points
        tasks = [(build, index, limit, scratch) for index, run in enumerate(RUNS)
                 if re.fullmatch(options.only, run.name)]
        totals, statuses = collections.Counter(), collections.Counter()
        failed = False
        with multiprocessing.Pool(options.jobs) as pool:
            for index, table, ends, failures in pool.imap_unordered(work, tasks):
                run = RUNS[index]
                points = sum(table.values())
                if failures:
                    failed = True
                    print(f"not ok - {run.name}: {len(failures)} of {points} failures are handled wrongly")
                    report([(index, *failure) for failure in failures], build)
                else:
                    print(f"ok - {run.name} with {points} failures")
                sys.stdout.flush()
                for way, count in table.items():
                    totals[run.program, *way] += count
                for key, count in ends.items():
                    statuses[key] += count
    if options.table:
        with open(options.table, "w", encoding="utf-8") as file:
            for (program, kind, mode), count in sorted(totals.items()):
                print(program, kind, mode, count, sep="\t", file=file)
            for (kind, end), count in sorted(statuses.items()):
                print(kind, end, count, sep="\t", file=file)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
