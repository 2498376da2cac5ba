#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""read.py SPECS FILE|tcp:PORT: reads an IPFIX file, or the first connection to the port on loopback,
with python3-ipfix, which knows our elements by the lines of SPECS (name(pen/number)<type>[length]).
Prints the number of records, and the number of those with a field for which the library has no name.
"""
import socket
import sys

import ipfix.ie
import ipfix.reader


def open_input(name):
    if not name.startswith("tcp:"):
        return open(name, "rb")
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(name[4:])))
        listener.listen()
        listener.settimeout(600)
        return listener.accept()[0].makefile("rb")


def main():
    ipfix.ie.use_iana_default()
    with open(sys.argv[1], encoding="utf-8") as specs:
        for line in specs:
            if "(0/" not in line:
                ipfix.ie.for_spec(line.strip())
    records = nameless = 0
    with open_input(sys.argv[2]) as file:
        for record in ipfix.reader.from_stream(file).namedict_iterator():
            records += 1
            nameless += any(name.startswith("_ipfix") for name in record)
    print(records, nameless)


if __name__ == "__main__":
    main()
