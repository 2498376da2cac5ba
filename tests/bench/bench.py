#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench.py [--runs N] --packets N CAPTURE NAME=COMMAND...

Runs each command N times, interleaved, and prints the medians: seconds, processor seconds, peak
memory (never less than that of Python, about 15 MiB), speed, and the time as a multiple of the
command named "libpcap loop". In a command {in} is the capture and {out} a file that is removed
after each run.
"""
import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time


def measure(command):
    """(seconds, processor seconds, peak memory in MiB) of one run; None if it failed."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        return None
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--packets", type=int, required=True)
    parser.add_argument("capture")
    parser.add_argument("commands", nargs="+")
    args = parser.parse_args()
    size = os.path.getsize(args.capture)
    with open(args.capture, "rb") as file:  # into the page cache
        while file.read(1 << 20):
            pass
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        for _ in range(args.runs):
            for entry in args.commands:
                name, command = entry.split("=", 1)
                words = [w.format(**{"in": args.capture, "out": out}) for w in shlex.split(command)]
                results.setdefault(name, []).append(measure(words))
                if os.path.exists(out):
                    os.unlink(out)
    medians = {name: None if None in runs else [statistics.median(c) for c in zip(*runs)]
               for name, runs in results.items()}
    base = medians.get("libpcap loop")
    print(f"{args.capture}: {size / 1e6:.1f} MB, {args.packets} packets, "
          f"median of {args.runs} runs, warm cache")
    print(f"{'':24}{'s':>9}{'cpu s':>9}{'MiB':>9}{'MB/s':>9}{'Mpkt/s':>9}{'x libpcap':>11}")
    bad = False
    for name, median in medians.items():
        if median is None:
            print(f"{name:24} failed")
            bad = True
            continue
        seconds, cpu, memory = median
        ratio = f"{seconds / base[0]:.2f}" if base else "-"
        print(f"{name:24}{seconds:9.3f}{cpu:9.3f}{memory:9.1f}{size / 1e6 / seconds:9.0f}"
              f"{args.packets / 1e6 / seconds:9.2f}{ratio:>11}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
