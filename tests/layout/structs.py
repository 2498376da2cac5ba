#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""structs.py HEADER...: lists structs of public headers that do not say how they may change. A struct that
programs see begins with its size, or its comment (or that of the header) says that it never changes, or that
new members come at the end, which is enough where only the library makes it and hands out pointers."""
import re
import sys

STRUCT = re.compile(r"(/\*(?:[^*]|\*(?!/))*\*/\s*)?^struct (p2i_\w+) \{\s*(.*)$", re.M)
RULE = re.compile(r"never changes?\b|new members come at the end", re.I)


def plain(comment):
    return re.sub(r"\s*\n \*\s*|\s+", " ", comment or "")


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as header:
            text = header.read()
        whole = re.search(r"structs of this header never change", plain(text.split("*/\n#ifndef")[0]))
        for match in STRUCT.finditer(text):
            comment, name, first = match.groups()
            if not (whole or first.startswith("size_t struct_size;") or RULE.search(plain(comment))):
                print(f"{path}: struct {name}")


if __name__ == "__main__":
    main()
