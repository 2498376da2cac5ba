#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hosts.py: prints the host names in JSON Lines of pcap2ipfix, as the programs of samples/embed do."""
import json
import sys

for line in sys.stdin:
    record = json.loads(line)
    host = record.get("HOSTNAME", record.get("DOMAIN"))
    if host:
        print(host)
