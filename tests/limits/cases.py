# SPDX-License-Identifier: MIT
"""What the scripts of this group share: cases, which are functions of a folder, and runs of the
programs with their memory. A case is a test: it fails by Wrong."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile

P2I = os.environ["P2I"]
IPFIXTOOL = os.environ["IPFIXTOOL"]
# Memory is measured with programs that are built for release: sanitizers take their own.
PLAIN = os.environ.get("P2I_PLAIN")
KIB, MIB = 1 << 10, 1 << 20


class Wrong(Exception):
    """A failed expectation."""


class Skip(Exception):
    """What the case needs is missing."""


def expect(found, wanted, what):
    if found != wanted:
        raise Wrong("%s: expected %r, found %r" % (what, wanted, found))


def expect_that(truth, text):
    if not truth:
        raise Wrong(text)


def execute(arguments, data):
    """(status, out, err, bytes of memory) of a run."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, \
            tempfile.TemporaryFile() as err:
        given.write(data)
        given.seek(0)
        # pylint: disable=consider-using-with
        child = subprocess.Popen(arguments, stdin=given, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return child.returncode, out.read(), err.read().decode("utf-8", "replace"), \
            usage.ru_maxrss * KIB


# A process that stays small: the memory of a child counts from that of its parent.
SMALL = concurrent.futures.ProcessPoolExecutor(1)
SMALL.submit(os.getpid).result()


class Run:
    """A run of a program: status, out, err, memory in bytes, and stats of pcap2ipfix."""

    def __init__(self, arguments, data=b""):
        self.status, self.out, self.err, self.rss_bytes = \
            SMALL.submit(execute, arguments, data).result()
        if self.status < 0 or self.status == 99 or "Sanitizer" in self.err or \
                "runtime error" in self.err:
            raise Wrong("%s ended with %d: %s" % (arguments, self.status, self.err))

    def reports(self, text):
        expect_that(text in self.err, "%r is not in %r" % (text, self.err[:2000]))
        return self


def convert(folder, capture, *options, status=0, memory=64 * MIB, records="all"):
    """Converts with one and with three threads, which give the same; checks the exit status, that the
    counters of frames agree, and the memory. Returns the run, with `stats` and `records`."""
    runs = []
    for threads in ("1", "3"):
        output = os.path.join(folder, "out%s.json" % threads)
        for program in [P2I] if PLAIN in (None, P2I) else [PLAIN, P2I]:
            run = Run([program, "-q", "--no-sync", "--stats=json", "--threads", threads, "--memory",
                       "%dM" % (memory // MIB), "--records", records, *options, "-j", output,
                       capture])
            expect(run.status, status, "exit status (%s)" % run.err[:300])
            if program == PLAIN:
                # What is not counted: the program itself, and first tables of each worker.
                most = memory + (16 + 4 * int(threads)) * MIB
                expect_that(run.rss_bytes <= most, "%d MiB of memory, with %s threads, budget %d MiB" %
                            (run.rss_bytes >> 20, threads, memory >> 20))
        text = run.err[run.err.index('{"program"'):]
        run.stats = json.loads(text[:text.rindex("}") + 1])
        expect(sum(run.stats["fates"].values()), run.stats["frames"], "frames by fate")
        run.lines = b""
        if os.path.exists(output):
            with open(output, "rb") as file:
                run.lines = file.read()
        runs.append(run)
    first, second = runs
    expect(second.lines == first.lines, True, "the same records from three threads")
    first.records = [json.loads(line) for line in first.lines.splitlines()]
    return first


def tool(*arguments, status=0, data=b""):
    run = Run([IPFIXTOOL, *arguments], data)
    expect(run.status, status, "exit status (%s)" % run.err[:300])
    return run


def main(cases):
    wrong = 0
    for case in cases:
        folder = tempfile.mkdtemp()
        try:
            case(folder)
            print("ok - " + case.__name__)
        except Wrong as failure:
            wrong += 1
            print("not ok - %s\n  | %s" % (case.__name__, failure))
        except Skip as reason:
            print("ok - %s # SKIP %s" % (case.__name__, reason))
        finally:
            shutil.rmtree(folder)
        sys.stdout.flush()
    SMALL.shutdown()
    sys.exit(1 if wrong else 0)
