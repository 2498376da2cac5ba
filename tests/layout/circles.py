#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""circles.py SRC: prints each circle of includes between files below SRC. A source and its header are
one; a circle is allowed between files of one folder, but for those of TWO_WAYS."""
import os
import re
import sys

INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
# Parts of one folder that once knew each other.
TWO_WAYS = {"ipfix"}


def read(src):
    """Which files each file includes, all without their endings."""
    graph = {}
    for folder, _, files in os.walk(src):
        for file in files:
            stem, ending = os.path.splitext(os.path.relpath(os.path.join(folder, file), src))
            if ending in (".c", ".h"):
                with open(os.path.join(folder, file), encoding="utf-8") as text:
                    found = INCLUDE.findall(text.read())
                graph.setdefault(stem, set()).update(os.path.splitext(name)[0] for name in found)
    return {stem: {other for other in others if other in graph and other != stem}
            for stem, others in graph.items()}


def reachable(graph, start):
    seen, stack = set(), [start]
    while stack:
        for other in graph[stack.pop()]:
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


def main():
    graph = read(sys.argv[1])
    reach = {stem: reachable(graph, stem) for stem in graph}
    circles = {frozenset(other for other in reach[stem] if stem in reach[other])
               for stem in graph if stem in reach[stem]}
    wrong = False
    for circle in sorted(map(sorted, circles)):
        folders = {os.path.dirname(stem) for stem in circle}
        if len(folders) > 1 or folders & TWO_WAYS:
            wrong = True
            print("each includes the next, by way of others: " + ", ".join(circle))
    sys.exit(wrong)


main()
