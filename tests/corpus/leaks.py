#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""leaks.py CORPUS ANONYMISED: searches the files of an anonymised corpus for what the records of the original one
say: names, addresses, passwords, subjects. Prints what it finds; status 1 if there is any."""
import ipaddress
import json
import pathlib
import sys

NAMES = ("LOGIN HOSTNAME PATH REFER USER_AGENT COOKIE LOCATION URI FROM TO CALLID SERVER_NAME USER PASSWORD IM_LOGIN"
         " IM_PASSW IM_UIN IM_RECEIVERS MAIL_SENDER MAIL_RECEIVER MAIL_CC MAIL_SUBJECT MAIL_SERVERS DOMAIN FLOW_HOST"
         " FLOW_LOGIN").split()
ENDS = "IP_SOURCE IP_DESTINATION IP_SOURCE_V6 IP_DESTINATION_V6".split()
LEAST = 8  # bytes: shorter ones occur by chance


def wanted(corpus):
    """The bytes to search for."""
    found = set()
    for path in corpus.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            found.update(record[name].encode() for name in NAMES if len(str(record.get(name, ""))) >= LEAST)
            for name in ENDS:
                address = ipaddress.ip_address(record.get(name, "::"))
                if address.version == 6 and int(address) != 0:
                    found.add(address.packed)
                found.add(str(address).encode())
    return {text for text in found if len(text) >= LEAST}


def main():
    corpus, anonymised = map(pathlib.Path, sys.argv[1:])
    texts = wanted(corpus)
    leaks = 0
    for path in sorted(anonymised.iterdir()):
        data = path.read_bytes()
        for text in texts:
            if text in data:
                leaks += 1
                print(f"{path.name}: {text!r}")
    if corpus != anonymised:
        originals = {str(value) for capture in json.loads((corpus / "manifest.json").read_text())["captures"]
                     for value in (capture["name"], capture["sha256"]) if value}
        manifest = (anonymised / "manifest.json").read_text() if (anonymised / "manifest.json").exists() else ""
        for text in originals:
            if text in manifest:
                leaks += 1
                print(f"manifest.json: {text!r}")
        if any("size" in capture for capture in (json.loads(manifest)["captures"] if manifest else [])):
            leaks += 1
            print("manifest.json: the size of a capture")
    print(f"{len(texts)} texts, {leaks} found")
    sys.exit(leaks > 0 or not texts)


if __name__ == "__main__":
    main()
