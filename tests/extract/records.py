#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""records.py [options] PCAP2IPFIX IPFIXTOOL CAPTURE...: extracts sessions of captures, converts what was
extracted, and compares the records with those of the whole: all must be there, LOGIN too, but for SESSION_ID,
capture and packet.

--share I/N   only every Nth session, from the Ith on
--together    all captures are read together; else each alone
--packets     by the number of a packet of each record, as --extended has it, instead of the session
"""
import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

# What names the place of a record, and not its contents.
PLACES = {"SESSION_ID", "capture", "packet", "observationPointId", "selectorIdTotalPktsObserved"}


def convert(program, captures, extended):
    command = [program, "-q", "--no-sync", "--threads", "1", "--records", "all", "-j", "-"]
    if extended:
        command.append("--extended")
    done = subprocess.run(command + captures, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"{captures}: status {done.returncode}: {done.stderr.decode(errors='replace')}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def contents(record):
    # A flow ends by idle time because of what comes behind it, else with the capture.
    if record.get("flowEndReason") == 1:
        record = {**record, "flowEndReason": 4}
    return json.dumps({key: value for key, value in record.items() if key not in PLACES}, sort_keys=True)


def extract(tool, captures, choice, output):
    command = [tool, "extract", "-q", "--threads", "1", *choice, "-w", output, *captures]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    with open(output + ".json", encoding="utf-8") as file:
        manifest = json.load(file)
    folder = os.path.dirname(output)
    return done.returncode, [os.path.join(folder, item["name"]) for item in manifest["outputs"]]


def check(arguments, captures, choice, records):
    """Returns a text for each record that was not found again."""
    with tempfile.TemporaryDirectory() as folder:
        status, outputs = extract(arguments.ipfixtool, captures, choice, os.path.join(folder, "out.pcapng"))
        if status != 0 or not outputs:
            return [f"{captures[0]}: extract {' '.join(choice)}: status {status}, outputs {outputs}"]
        found = collections.Counter(
            contents(record) for record in convert(arguments.pcap2ipfix, outputs, arguments.packets))
    lost = []
    for record in records:
        text = contents(record)
        if found[text] == 0:
            near = [other for other in found if json.loads(other)["record"] == record["record"]]
            lost.append(f"{captures[0]}: {' '.join(choice)}: {text}\n    not in: {near[:2]}")
        found[text] -= 1
    return lost


def choices(arguments, captures, records):
    """What to extract, and the records that must be there then."""
    by_choice = collections.defaultdict(list)
    for record in records:
        if arguments.packets:
            capture = os.path.basename(captures[record["capture"] - 1] if isinstance(record["capture"], int)
                                       else record["capture"])
            number = str(record["packet"])
            by_choice["--packet", number if len(captures) == 1 else f"{capture}:{number}"].append(record)
        else:
            by_choice["--session", record["SESSION_ID"]].append(record)
    first, count = arguments.share
    return list(by_choice.items())[first - 1::count]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", type=lambda text: tuple(map(int, text.split("/"))), default=(1, 1))
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--packets", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("pcap2ipfix")
    parser.add_argument("ipfixtool")
    parser.add_argument("captures", nargs="+")
    arguments = parser.parse_args()
    runs = [arguments.captures] if arguments.together else [[capture] for capture in arguments.captures]
    count = 0
    lost = []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for captures in runs:
            records = convert(arguments.pcap2ipfix, captures, arguments.packets)
            work = choices(arguments, captures, records)
            count += sum(len(some) for _, some in work)
            for some in pool.map(lambda item, of=captures: check(arguments, of, list(item[0]), item[1]), work):
                lost.extend(some)
    for text in lost[:20]:
        print(text)
    print(f"{count} records, {len(lost)} of them lost")
    return 1 if lost or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
