# SPDX-License-Identifier: MIT
"""Runs commands in turns and keeps what each run took."""
import os
import shlex
import statistics
import subprocess
import time

FIGURES = ("clock", "cpu", "user", "switches", "MiB")


def run(words):
    """Seconds by the clock, of processor and of user time, voluntary switches, and peak memory in MiB
    (never less than that of Python, about 15) of one run; None if it failed."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        return None
    return dict(zip(FIGURES, (seconds, usage.ru_utime + usage.ru_stime, usage.ru_utime,
                              usage.ru_nvcsw, usage.ru_maxrss / 1024)))


def files_of(capture):
    """The captures of a folder, or the one capture."""
    if not os.path.isdir(capture):
        return [capture]
    return sorted(os.path.join(capture, name) for name in os.listdir(capture))


def warm(files):
    """Reads files, so that they are in the page cache; returns their size."""
    size = 0
    for name in files:
        with open(name, "rb") as file:
            while piece := file.read(1 << 20):
                size += len(piece)
    return size


def interleave(commands, files, out, count):
    """{name: list of runs, or None if one failed} of commands {name: text}, `count` runs of each in
    turns. In a command {in} is replaced by the files, {out} by `out`, which is removed after each run."""
    results = {name: [] for name in commands}
    for _ in range(count):
        for name, command in commands.items():
            words = []
            for word in shlex.split(command):
                words += files if word == "{in}" else [word.replace("{out}", out)]
            if results[name] is not None:
                done = run(words)
                results[name] = None if done is None else results[name] + [done]
            if os.path.exists(out):
                os.unlink(out)
    return results


def middle(runs, choose=statistics.median):
    """The median (or another choice) of each figure."""
    return {figure: choose([one[figure] for one in runs]) for figure in FIGURES}
