#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench.py [OPTION...] P2I HELPERS CAPTURE: what tests/bench/run prints of one capture: the stages of a
conversion, then whole runs beside others. HELPERS is the folder with pcap_loop and walk. README.md
explains the columns.
"""
import argparse
import datetime
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile

import measure
import stages

INFLATERS = {"1f8b": "gzip", "28b5": "zstd", "0422": "lz4"}


def magic(path):
    with open(path, "rb") as file:
        return file.read(4).hex()


def statistics_of(p2i, files):
    """Packets and records of a conversion."""
    done = subprocess.run([p2i, "-q", "--threads", "1", "--no-sync", "--stats=json", "-w", "/dev/null",
                           *files], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"bench: {p2i} ended with status {done.returncode}")
    line = next(x for x in (done.stdout + done.stderr).splitlines() if x.startswith("{"))
    found = json.loads(line)
    return found["frames"], sum(found["records"].values())


def commands_for(p2i, helpers, files, size, slow):
    """{name: command}, and the name of the one that others are compared with."""
    q, first, alone = shlex.quote, files[0], len(files) == 1
    inflater = INFLATERS.get(magic(first)[:4])
    commands = {"cat": "cat {in}"}
    if inflater:
        base = f"{inflater} -dc"
        commands[base] = f"{inflater} -dc {{in}}"
    else:
        base = "libpcap loop"
        # The walk reads only classic pcap files of this byte order.
        if magic(first) in ("d4c3b2a1", "4d3cb2a1"):
            commands["record walk"] = f"{q(helpers)}/walk {{in}}"
        commands[base] = f"{q(helpers)}/pcap_loop {{in}}"
    for threads in (1, 2):
        commands[f"pcap2ipfix, {threads} thread" + "s" * (threads > 1)] = (
            f"{q(p2i)} -q --no-sync --threads {threads} -w {{out}} {{in}}")
    if alone and shutil.which("yaf") and not inflater:
        commands["yaf"] = "yaf --in {in} --out {out}"
    if alone and shutil.which("tshark") and (slow or size < 50e6):
        commands["tshark"] = ("tshark -n -r {in} -Y 'http or tls or dns' -T fields "
                              "-e frame.number")
    return commands, base


def print_runs(results, base, size, packets):
    """The table of whole runs; returns the medians of those that succeeded."""
    medians = {name: measure.middle(runs) for name, runs in results.items() if runs}
    print(f"{'':22}{'clock s':>9}{'cpu s':>8}{'user s':>8}{'switches':>9}{'MiB':>7}{'MB/s':>7}"
          f"{'Mpkt/s':>8}{'x clock':>9}{'x cpu':>7}{'x user':>8}")
    for name in results:
        if name not in medians:
            print(f"{name:22} failed")
            continue
        m = medians[name]
        ratios = ["-", "-", "-"]
        if base in medians:
            ratios = [f"{m[f] / medians[base][f]:.2f}" if medians[base][f] > 0 else "-"
                      for f in ("clock", "cpu", "user")]
        print(f"{name:22}{m['clock']:9.3f}{m['cpu']:8.3f}{m['user']:8.3f}{m['switches']:9.0f}"
              f"{m['MiB']:7.0f}{size / 1e6 / m['clock']:7.0f}{packets / 1e6 / m['clock']:8.2f}"
              f"{ratios[0]:>9}{ratios[1]:>7}{ratios[2]:>8}")
    return medians


def cut(files, limit, folder):
    """What is simulated: the first `limit` bytes, of one capture or in whole captures of many."""
    sizes = [os.path.getsize(name) for name in files]
    if len(files) > 1:
        return [name for i, name in enumerate(files) if sum(sizes[:i + 1]) <= limit] or files[:1]
    if sizes[0] <= limit:
        return files
    path = os.path.join(folder, "cut")
    with open(files[0], "rb") as file, open(path, "wb") as out:
        out.write(file.read(limit))
    return [path]


def bench_stages(args, files, folder, cpu):
    """Prints the table of stages; returns the costs by stage with "packets" of the simulated part."""
    part = cut(files, args.simulate << 20, folder)
    packets, records = statistics_of(args.p2i, part)
    try:
        costs = stages.simulate(args.p2i, part, folder)
    except (OSError, RuntimeError) as error:
        print(f"no stages: {error}")
        return None
    samples = stages.sample(args.p2i, files, folder) if cpu else None
    seconds = cpu and (cpu / max(args.packets, 1), cpu / max(args.records, 1))
    stages.print_table(costs, max(packets, 1), records, samples, seconds)
    print(f"instructions and misses: {packets} packets and {records} records, "
          f"{sum(map(os.path.getsize, part)) / 1e6:.0f} MB; ns: " +
          (f"{samples['all']} samples of the whole" if samples else "perf is missing or not allowed"))
    return {name: count / max(packets, 1) for name, count in costs["all"].items()}


def machine():
    model = platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}"


def commit():
    """Of the tree that this bench is in, with a + if the source differs from it."""
    git = ["git", "-C", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")]
    done = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                          check=False)
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "src", "include",
                              "meson.build"], capture_output=True, check=False).returncode
    return done.stdout.strip() + "+" * (changed != 0) if done.returncode == 0 else "-"


def keep(path, name, args, medians, base, costs):
    """Appends one line to the results."""
    one, two, other = (medians.get(n) for n in ("pcap2ipfix, 1 thread", "pcap2ipfix, 2 threads", base))
    if not (one and two and other):
        sys.exit("bench: a run failed, nothing is kept")

    def ratio(figure, of=one):
        return f"{of[figure] / other[figure]:.2f}" if other[figure] > 0 else "-"

    row = {"date": datetime.date.today().isoformat(), "commit": commit(), "machine": machine(),
           "capture": name, "packets": args.packets, "records": args.records,
           "runs": args.runs}
    row.update({f"{k}/packet": f"{costs[k]:.2f}" if costs else "-" for k in stages.EVENTS})
    row.update({"clock": f"{one['clock']:.3f}", "cpu": f"{one['cpu']:.3f}",
                "user": f"{one['user']:.3f}", "MiB": f"{one['MiB']:.0f}",
                "beside": base, "x clock": ratio("clock"), "x cpu": ratio("cpu"),
                "x user": ratio("user"), "2 threads clock": f"{two['clock']:.3f}",
                "2 threads cpu": f"{two['cpu']:.3f}", "2 threads switches": f"{two['switches']:.0f}",
                "2 threads MiB": f"{two['MiB']:.0f}",
                "2 threads speed-up": f"{one['clock'] / two['clock']:.2f}"})
    new = not os.path.exists(path)
    with open(path, "a", encoding="utf-8") as file:
        if new:
            file.write("\t".join(row) + "\n")
        file.write("\t".join(str(value) for value in row.values()) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--simulate", type=int, default=128, help="MiB of the capture for callgrind")
    parser.add_argument("--keep", help="the file that a line of results is appended to")
    parser.add_argument("--slow", action="store_true", help="tshark on any capture")
    parser.add_argument("p2i")
    parser.add_argument("helpers")
    parser.add_argument("capture")
    args = parser.parse_args()
    files = measure.files_of(args.capture)
    size = measure.warm(files)
    name = os.path.basename(args.capture)
    args.packets, args.records = statistics_of(args.p2i, files)
    commands, base = commands_for(args.p2i, args.helpers, files, size, args.slow)
    with tempfile.TemporaryDirectory() as folder:
        results = measure.interleave(commands, files, os.path.join(folder, "out"), args.runs)
        print(f"== {name}: {size / 1e6:.1f} MB, {args.packets} packets, {args.records} records; "
              f"median of {args.runs} runs, warm cache; x: beside {base}")
        medians = print_runs(results, base, size, args.packets)
        one = medians.get("pcap2ipfix, 1 thread")
        costs = bench_stages(args, files, folder, one and one["cpu"])
    if args.keep:
        keep(args.keep, name, args, medians, base, costs)
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
