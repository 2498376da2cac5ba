#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""addresses.py RECORDS FILE...: RECORDS are JSON Lines with real addresses. Each of these that stands
in a FILE (of any kind: as text in any of its forms, in a reverse name, as bytes, as hexadecimal
digits of these or of the text) is printed with its file, as one line; the status is 1 then. All zeros
and all ones are nobody's, and stand everywhere. With fewer than 8 addresses in RECORDS the status is 2:
then nothing would be tested."""
import ipaddress
import json
import re
import sys

WORD = rb"[0-9A-Za-z_]"


def address_of(text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def in_rdata(record):
    if record.get("RRTYPE") in (1, 28):
        data = bytes.fromhex(record["RDATA"])
        if len(data) in (4, 16):
            yield ipaddress.ip_address(data)


def in_texts(record):
    for name, value in record.items():
        if isinstance(value, str) and name not in ("RDATA", "RAW_DATA", "SESSION_ID"):
            for word in re.split(r"[^0-9A-Fa-f.:]+", value):
                address = address_of(word.strip(".").removeprefix("6:"))
                if address is not None:
                    yield address


def real_addresses(path):
    found = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            found.update(in_rdata(record))
            found.update(in_texts(record))
    return {address for address in found if int(address) not in (0, 0xFFFFFFFF)}


def forms(address):
    """Patterns of what the address looks like."""
    texts = {str(address), address.exploded}
    for text in texts:
        escaped = re.escape(text.encode())
        yield b"(?<!" + WORD + rb")(?<![0-9][.:])" + escaped + b"(?!" + WORD + rb")(?![.:][0-9a-f])"
    yield re.escape(address.reverse_pointer.encode())
    yield re.escape(address.packed.hex().encode())
    yield re.escape(str(address).encode().hex().encode())


def main():
    addresses = real_addresses(sys.argv[1])
    if len(addresses) < 8:
        sys.exit(2)
    found = 0
    for path in sys.argv[2:]:
        with open(path, "rb") as file:
            content = file.read()
        for address in sorted(addresses, key=str):
            binary = path.endswith(".ipfix") and address.packed in content
            if binary or any(re.search(form, content, re.I) for form in forms(address)):
                print(path, address)
                found = 1
    sys.exit(found)


if __name__ == "__main__":
    main()
