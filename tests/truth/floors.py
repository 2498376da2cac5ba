#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""floors.py [--raise] TALLY FAULTS EXPECTED: compares the results of two programs with floors.json:
TALLY, the records of each kind that check-truth.py matched and found to agree (its --json), and FAULTS,
the output of check-faults.py, which names the captures whose records are wrong, of those in EXPECTED.
No number may be below its floor; --raise stores higher numbers as new floors."""
import json
import os
import re
import sys

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "floors.json")


def report(good, text, details=()):
    print(f"{'ok' if good else 'not ok'} - {text}")
    for line in details:
        print(f"  | {line}")
    return not good


def compare_kinds(floors, tally):
    bad = False
    for kind in sorted(set(floors) | set(tally)):
        now = {key: tally.get(kind, {}).get(key, 0) for key in ("matched", "agree")}
        for key, floor in floors.get(kind, {}).items():
            bad |= report(now[key] >= floor, f"{kind}: {key} {now[key]}, floor {floor}")
        if now["matched"]:
            old = floors.get(kind, {})
            floors[kind] = {key: max(now[key], old.get(key, 0)) for key in now}
    return bad


def compare_faults(right, output, expected):
    """`right` are the captures that were right before; captures that are right now are added."""
    wrong = {}
    for line in output.splitlines():
        name = re.match(r"(\S+\.pcap\S*) \(", line)
        if name:
            details = wrong.setdefault(name[1], [])
        elif line.startswith(" "):
            details.append(line.strip())
    bad = report(re.search(r"^\d+ right, \d+ wrong$", output, re.M), "faults: all were looked at",
                 [] if wrong else output.splitlines()[-20:])
    for name in expected:
        if name not in wrong:
            report(True, f"fault {name}")
        elif name in right:
            bad |= report(False, f"fault {name}", wrong[name])
        else:
            print(f"ok - fault {name} # SKIP not right yet")
    right += [name for name in expected if name not in wrong and name not in right]
    return bad


def write(floors):
    rows = [f'    "{kind}": {json.dumps(floor)}' for kind, floor in sorted(floors["kinds"].items())]
    names = [f'    "{name}"' for name in sorted(floors["right"])]
    with open(PATH, "w", encoding="utf-8") as out:
        out.write('{\n  "kinds": {\n' + ",\n".join(rows) + '\n  },\n  "right": [\n' +
                  ",\n".join(names) + "\n  ]\n}\n")


def main():
    raising = sys.argv[1] == "--raise"
    tally, faults, expected = sys.argv[-3:]
    with open(PATH, encoding="utf-8") as file:
        floors = json.load(file)
    with open(tally, encoding="utf-8") as file:
        bad = compare_kinds(floors["kinds"], json.load(file)["kinds"])
    with open(faults, encoding="utf-8") as output, open(expected, encoding="utf-8") as lines:
        bad |= compare_faults(floors["right"], output.read(),
                              [json.loads(line)["capture"] for line in lines])
    if raising:
        write(floors)
    return bad


if __name__ == "__main__":
    sys.exit(main())
