#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""exports.py [--node NAME] HEADER...: what the public headers declare: one name a line, or as a version script
for the linker in which all symbols have the version NAME."""
import argparse
import re


def statements(text):
    """Those outside of all braces; bodies of functions are left out."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r'#ifdef __cplusplus.*?#endif', " ", text, flags=re.S)
    text = re.sub(r"^#(?:.*\\\n)*.*$", " ", text, flags=re.M)
    depth = 0
    statement = ""
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth == 0 and (character == ";" or (character == "}" and statement.rstrip().endswith(")"))):
            yield statement.strip()
            statement = ""
        elif depth == 0 and character != "}":
            statement += character


def names(path):
    with open(path, encoding="utf-8") as header:
        for statement in statements(header.read()):
            if statement.startswith(("typedef", "static")):
                continue
            declared = re.search(r"\b(p2i_\w+)\s*\(", statement) or \
                re.search(r"^extern\b.*\b(p2i_\w+)$", statement, re.S)
            if declared:
                yield declared.group(1)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--node")
    parser.add_argument("headers", nargs="+")
    given = parser.parse_args()
    exported = sorted({name for path in given.headers for name in names(path)})
    if given.node:
        print(f"{given.node} {{\nglobal:\n" + "".join(f"    {name};\n" for name in exported) + "local:\n    *;\n};")
    else:
        print("\n".join(exported))


if __name__ == "__main__":
    main()
