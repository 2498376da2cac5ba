#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lists names that have two meanings: tags of structs, unions and enums, and names of functions that
are visible outside of their file, which are defined in two files of the folders given. Prints one
line for each; says nothing when there is none.

A name without the prefix p2i_ belongs to its .c file: two files may each have their own. A file
X_none.c stands in for X.c where a library is missing, so the two define the same functions."""
import collections
import pathlib
import re
import sys

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.S)
TAG = re.compile(r"\b(?:struct|union|enum)\s+(\w+)\s*\{")
FUNCTION = re.compile(r"^(\w[\w \t*\n]*?)\b(\w+)\(([^;{}]*)\)\s*\{", re.M)


def definitions(path):
    text = COMMENT.sub(lambda match: "\n" * match.group().count("\n"), path.read_text())
    header = path.suffix == ".h"
    for match in TAG.finditer(text):
        if header or match[1].startswith("p2i_"):
            yield "tag", match[1]
    for match in FUNCTION.finditer(text):
        if header or "static" not in match[1].split():
            yield "function", match[2]


def stem(path):
    return re.sub(r"_none$", "", str(path.with_suffix("")))


def main():
    places = collections.defaultdict(set)
    for folder in sys.argv[1:]:
        for path in sorted(pathlib.Path(folder).rglob("*.[ch]")):
            for kind, name in definitions(path):
                places[kind, name].add(path)
    for (kind, name), paths in sorted(places.items()):
        if name != "main" and len({stem(path) for path in paths}) > 1:
            print(f"{kind} {name}: {', '.join(str(path) for path in sorted(paths))}")


main()
