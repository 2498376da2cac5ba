#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""silent_pipe.py PROGRAM THREADS: writes a capture to the program's pipe and keeps the pipe open. The records
of all whole blocks must come; ends with 0 if they do. silent_pipe.py FILE: writes the capture."""
import os
import select
import struct
import subprocess
import sys
import time

REQUEST = b"GET /%d HTTP/1.1\r\nHost: silent.example\r\nX-Pad: " + b"x" * 600 + b"\r\n\r\n"
BLOCK = 256 << 10
COUNT = 6000


def frame(number):
    payload = REQUEST % number
    tcp = struct.pack(">HHIIBBHHH", 1024 + number % 60000, 80, 1, 1, 0x50, 0x18, 65535, 0, 0)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0, bytes([192, 0, 2, 1]),
                     bytes([198, 51, 100, 1]))
    data = bytes(12) + b"\x08\x00" + ip + tcp + payload
    return struct.pack("<IIII", 1700000000, number, len(data), len(data)) + data


def make():
    header = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
    return header + b"".join(frame(number) for number in range(COUNT))


def main():
    capture = make()
    if len(sys.argv) == 2:
        with open(sys.argv[1], "wb") as file:
            file.write(capture)
        return 0
    program, threads = sys.argv[1:]
    process = subprocess.Popen([program, "-q", "--threads", threads, "-j", "-", "-"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    # Three blocks may be incomplete or stay in the buffers of pipe and output.
    wanted = COUNT * (len(capture) - 3 * BLOCK) // len(capture)
    os.set_blocking(process.stdout.fileno(), False)
    os.set_blocking(process.stdin.fileno(), False)
    sent = lines = 0
    until = time.monotonic() + 60
    while lines < wanted and time.monotonic() < until:
        writers = [process.stdin] if sent < len(capture) else []
        readable, writable, _ = select.select([process.stdout], writers, [], 1)
        if writable:
            sent += os.write(process.stdin.fileno(), capture[sent:sent + 65536])
        if readable:
            lines += (process.stdout.read() or b"").count(b"\n")
    process.kill()
    process.wait()
    if lines < wanted:
        print(f"{lines} lines instead of {wanted}", file=sys.stderr)
    return lines < wanted


if __name__ == "__main__":
    sys.exit(main())
