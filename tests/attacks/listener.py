#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""listener.py: sources that send ever more templates to ipfixtool listen, over UDP, take no more memory than
is allowed, and one that sends few is kept."""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from ipfix import a_set, field, message, template  # noqa: E402

SOURCES, DOMAINS, MIB = 24, 40, 1 << 20
PLAIN = os.environ.get("TOOL_PLAIN")
# 128 MiB of templates, and the program with 25 readers.
MOST = 128 * MIB + 24 * MIB


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def source(port):
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.connect(("127.0.0.1", port))
    return found


def listener():
    port = free_port()
    output = os.path.join(tempfile.mkdtemp(), "out.ipfix")
    tool = PLAIN or os.environ["IPFIXTOOL"]
    # pylint: disable=consider-using-with
    listener = subprocess.Popen([tool, "listen", "--idle", "3", "-w", output, f"udp://127.0.0.1:{port}"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(1)
    good = source(port)
    good.send(message(a_set(2, template(256, [field(4, 1)]))))
    # One template in each page of a domain, which takes the most memory for its bytes.
    sets = a_set(2, b"".join(template(256 * high, [field(4, 1)]) for high in range(1, 256)))
    for _ in range(SOURCES):
        bad = source(port)
        for domain in range(DOMAINS):
            bad.send(message(sets, domain=domain))
            time.sleep(0.003)
        bad.close()
    good.send(message(a_set(256, b"\6\6\6")))
    err = listener.stderr.read().decode()
    _, status, usage = os.wait4(listener.pid, 0)
    listener.returncode = os.waitstatus_to_exitcode(status)
    memory = usage.ru_maxrss * 1024
    with open(output, "rb") as file:
        kept = struct.pack(">HH", 256, 7) + b"\6\6\6" in file.read()
    wrong = [text for holds, text in (
        ("dropped: too many templates" in err, "nothing was dropped"),
        (kept, "the records of another source are missing"),
        (not PLAIN or memory < MOST, f"{memory >> 20} MiB of memory")) if not holds]
    print("not ok - listener" if wrong else "ok - listener")
    for text in wrong:
        print("  |", text, err[-500:])
    sys.exit(1 if wrong else 0)


listener()
