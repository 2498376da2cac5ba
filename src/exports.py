#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""exports.py [--names] HEADER...: what the public headers declare, as a version script for the linker, or
one name a line."""
import re
import sys


def statements(text):
    """Those outside of all braces."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r'#ifdef __cplusplus.*?#endif', " ", text, flags=re.S)
    text = re.sub(r"^#(?:.*\\\n)*.*$", " ", text, flags=re.M)
    depth = 0
    statement = ""
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth == 0 and character == ";":
            yield statement.strip()
            statement = ""
        elif depth == 0:
            statement += character


def names(path):
    with open(path, encoding="utf-8") as header:
        for statement in statements(header.read()):
            if statement.startswith("typedef"):
                continue
            declared = re.search(r"\b(p2i_\w+)\s*\(", statement) or \
                re.search(r"^extern\b.*\b(p2i_\w+)$", statement, re.S)
            if declared:
                yield declared.group(1)


def main():
    headers = [name for name in sys.argv[1:] if name != "--names"]
    exported = sorted({name for path in headers for name in names(path)})
    if "--names" in sys.argv:
        print("\n".join(exported))
    else:
        print("{\nglobal:\n" + "".join(f"    {name};\n" for name in exported) + "local:\n    *;\n};")


if __name__ == "__main__":
    main()
