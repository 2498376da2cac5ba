#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""read.py SPECS FILE: reads an IPFIX file with python3-ipfix, which knows our elements by the lines
of SPECS (name(pen/number)<type>[length]), and prints how many records it has, and how many of them
have a field that the library has no name for.
"""
import sys

import ipfix.ie
import ipfix.reader


def main():
    ipfix.ie.use_iana_default()
    with open(sys.argv[1], encoding="utf-8") as specs:
        for line in specs:
            if "(0/" not in line:
                ipfix.ie.for_spec(line.strip())
    records = nameless = 0
    with open(sys.argv[2], "rb") as file:
        for record in ipfix.reader.from_stream(file).namedict_iterator():
            records += 1
            nameless += any(name.startswith("_ipfix") for name in record)
    print(records, nameless)


if __name__ == "__main__":
    main()
