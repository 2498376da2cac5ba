# SPDX-License-Identifier: MIT
"""What each stage of a conversion costs, of a program with line information.

A stage is a set of source files: STAGES. Instructions and simulated cache misses come from callgrind,
nanoseconds from the samples of perf. Both give addresses of machine code, and addr2line the files: code
that was inlined counts for the file it was written in. src/base, libraries and the kernel count for the
stage that called them.
"""
import collections
import os
import re
import subprocess

# The first that matches the path below src/ counts. None: that of its caller.
STAGES = [(re.compile(pattern), stage) for pattern, stage in (
    (r"base/", None),
    (r"capture/(byte_source|decompress|gzip)", "read"),
    (r"capture/", "frame"),
    (r"packet/", "decode"),
    (r"engine/decode_block", "decode"),
    (r"session/(dispatch|expected_sessions|capture_clock)", "key, dispatch"),
    (r"session/table", "table"),
    (r"session/(tcp_|held_segments|syn_watch|stream_state)", "TCP"),
    (r"session/", "sessions"),
    (r"protocol/(recognise/|stream_recognise|protocols)", "recognise"),
    (r"protocol/(\w+)/", "parse {}"),
    (r"protocol/", "deliver"),
    (r"(enrich|privacy)/|engine/(lookups|privacy)", "enrich"),
    (r"record/", "encode"),
    (r"engine/merge_records", "merge"),
    (r"engine/", "engine"),
    (r"(ipfix|export|transport|convert)/", "write"),
    (r"\w", "elsewhere"),
)]
ORDER = ["read", "frame", "decode", "key, dispatch", "table", "sessions", "TCP", "recognise",
         "deliver", "parse", "enrich", "encode", "merge", "write", "engine", "elsewhere"]
# Libraries in assembler, whose callers perf cannot find, and the stage that uses them most.
LIBRARIES = {"libisal": "read", "libcrypto": "parse quic"}
EVENTS = {"instructions": ("Ir",), "L1i": ("I1mr",), "L1d": ("D1mr", "D1mw"),
          "L2": ("ILmr", "DLmr", "DLmw")}
# The same on every machine, so that results can be compared.
CACHES = ["--cache-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=1048576,16,64"]


def stage_of_file(path):
    """The stage of a path as the compiler recorded it; None for src/base, headers and libraries."""
    path = path.split("/src/")[-1] if "/src/" in path else ""
    for pattern, stage in STAGES:
        found = pattern.match(path)
        if found:
            return stage and stage.format(*found.groups())
    return None


class Addresses:
    """The stages of addresses in the program and its library."""

    def __init__(self, program):
        self.folder = os.path.dirname(os.path.realpath(program)) + "/"
        self.stages = {}

    def ours(self, binary):
        return binary.startswith(self.folder)

    def resolve(self, addresses):
        """Of pairs (object, address); innermost inlined function first."""
        wanted = collections.defaultdict(set)
        for binary, address in addresses:
            if self.ours(binary) and (binary, address) not in self.stages:
                wanted[binary].add(address)
        for binary, group in wanted.items():
            text = "".join(f"{address:#x}\n" for address in group)
            out = subprocess.run(["addr2line", "-a", "-i", "-e", binary], input=text, check=True,
                                 capture_output=True, text=True).stdout
            address = None
            for line in out.splitlines():
                if line.startswith("0x"):
                    address = int(line, 16)
                    self.stages[binary, address] = None
                elif self.stages[binary, address] in (None, "elsewhere"):
                    # Link-time optimisation forgot the file.
                    lost = "elsewhere" if "<artificial>" in line else None
                    self.stages[binary, address] = (stage_of_file(line) or lost or
                                                    self.stages[binary, address])

    def get(self, binary, address):
        return self.stages.get((binary, address))


def read_callgrind(path):
    """(names of events, own costs, calls): own costs are (place, costs), calls are (place, place that
    is called, costs with all that it called); a place is (object, function, address)."""
    events, own, calls = [], [], []
    binary = function = callee = callee_function = None
    target = None
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            word = line[:3]
            if line.startswith("0x"):
                fields = line.split()
                costs = [int(x) for x in fields[2:]]
                costs += [0] * (len(events) - len(costs))
                place = (binary, function, int(fields[0], 16))
                if target is not None:
                    calls.append((place, target, costs))
                    target, callee = None, None
                else:
                    own.append((place, costs))
            elif word == "ob=":
                binary = line[3:-1]
            elif word == "fn=":
                function = line[3:-1]
            elif line.startswith("cob="):
                callee = line[4:-1]
            elif line.startswith("cfn="):
                callee_function = line[4:-1]
            elif line.startswith("calls="):
                target = (callee or binary, callee_function, int(line.split()[1], 16))
            elif line.startswith("events:"):
                events = line.split()[1:]
    return events, own, calls


def attribute(own, calls, addresses):
    """Sums of costs by stage, and the sum of all."""
    places = [place for place, _ in own] + [p for *pair, _ in calls for p in pair]
    addresses.resolve([(binary, address) for binary, _, address in places])
    sums = collections.defaultdict(lambda: [0] * len(own[0][1]))
    total = [0] * len(own[0][1])
    # Code without a line counts for the function around it.
    around = {}
    for (binary, function, address), _ in own:
        stage = addresses.get(binary, address)
        if stage is not None:
            around.setdefault((binary, function), stage)

    def stage_of(place):
        binary, function, address = place
        return addresses.get(binary, address) or around.get((binary, function))

    def add(to, costs, sign=1):
        for i, cost in enumerate(costs):
            to[i] += sign * cost

    for place, costs in own:
        add(total, costs)
        add(sums[stage_of(place)], costs)
    for place, called, costs in calls:
        stage, to_stage = stage_of(place), stage_of(called)
        if stage is not None and to_stage is None:
            add(sums[stage], costs)
        elif stage is None and to_stage is not None and to_stage.startswith("parse"):
            # A library calls its caller back (Expat): counted already.
            add(sums[to_stage], costs, -1)
    for name in (None, "elsewhere"):
        sums.pop(name, None)
    return sums, total


def simulate(program, files, folder):
    """{stage: {event: count}} of a run over captures under callgrind, with the sum as stage "all"."""
    out = os.path.join(folder, "callgrind.out")
    done = subprocess.run(
        ["valgrind", "-q", "--tool=callgrind", "--dump-instr=yes", "--compress-pos=no",
         "--compress-strings=no", *CACHES, f"--callgrind-out-file={out}", program, "-q", "--no-sync",
         "--threads", "1", "-w", os.path.join(folder, "out"), *files],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1) or not os.path.exists(out):
        raise RuntimeError(f"callgrind ended with status {done.returncode}: {done.stderr[-500:]}")
    events, own, calls = read_callgrind(out)
    sums, total = attribute(own, calls, Addresses(program))
    sums["all"] = total
    sums["elsewhere"] = [t - sum(s[i] for k, s in sums.items() if k != "all")
                         for i, t in enumerate(total)]
    index = {name: i for i, name in enumerate(events)}
    return {stage: {name: sum(costs[index[e]] for e in parts) for name, parts in EVENTS.items()}
            for stage, costs in sums.items()}


def sample(program, files, folder):
    """{stage: samples} of a run over captures under perf, with the sum as stage "all"; None without perf."""
    data = os.path.join(folder, "perf.data")
    try:
        done = subprocess.run(
            ["perf", "record", "-q", "-F", "4999", "-e", "cpu-clock", "--call-graph", "dwarf,4096",
             "-o", data, program, "-q", "--no-sync", "--threads", "1", "-w",
             os.path.join(folder, "out"), *files], capture_output=True, check=False)
        script = subprocess.run(
            ["perf", "script", "-i", data, "--no-inline", "-F", "comm,ip,sym,dso"],
            capture_output=True, text=True, errors="replace", check=False)
    except FileNotFoundError:
        return None
    if done.returncode not in (0, 1) or script.returncode != 0:
        return None
    frame = re.compile(r"\s+([0-9a-f]+) .*\((.*)\)$")
    chains = [[]]
    for line in script.stdout.splitlines():
        found = frame.match(line)
        if found:
            # A caller's address is the one after its call.
            address = int(found[1], 16) - (1 if chains[-1] else 0)
            chains[-1].append((found[2], address))
        elif chains[-1]:
            chains.append([])
    addresses = Addresses(program)
    addresses.resolve([frame for chain in chains for frame in chain])
    sums = collections.Counter()
    for chain in chains:
        if chain:
            stages = [addresses.get(*frame) for frame in chain]
            stages += [LIBRARIES.get(os.path.basename(frame[0]).split(".")[0]) for frame in chain]
            sums[next((s for s in stages if s), "elsewhere")] += 1
            sums["all"] += 1
    return sums if sums["all"] else None


def print_table(costs, packets, records, samples, seconds):
    """Costs of `packets` and `records`; `seconds` of processor time are that of all samples by packet
    and record."""
    print(f"{'':14}{'ns':>9}{'instr':>9}{'L1i':>8}{'L1d':>8}{'L2':>8}{'ns':>12}{'instr':>9}")
    print(f"{'stage':14}{'a packet':>9}{'a packet':>9}{'misses':>8}{'misses':>8}{'misses':>8}"
          f"{'a record':>12}{'a record':>9}")
    stages = sorted(set(costs) | set(samples or ()),
                    key=lambda s: (ORDER.index(s.split()[0] if s.startswith("parse") else s)
                                   if s != "all" else len(ORDER), s))
    few = records * 1000 < packets
    for stage in stages:
        cost = costs.get(stage, dict.fromkeys(EVENTS, 0))
        row = [cost[name] / packets for name in ("L1i", "L1d", "L2")]
        share = samples[stage] / samples["all"] if samples else None
        ns = f"{share * seconds[0] * 1e9:9.1f}" if samples else f"{'-':>9}"
        ns_record = f"{share * seconds[1] * 1e9:12.0f}" if samples and not few else f"{'-':>12}"
        instructions = cost["instructions"]
        print(f"{stage:14}{ns}{instructions / packets:9.1f}" +
              "".join(f"{value:8.2f}" for value in row) +
              ns_record + (f"{'-':>9}" if few else f"{instructions / records:9.0f}"))
