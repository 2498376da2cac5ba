#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wire.py [--tag ID]... [--loss PERCENT] [--late PERCENT] [--seed N] A B

Joins the interfaces A and B by a wire made in user space: every frame that comes in at one goes
out at the other. Frames from A to B get the 802.1Q tags given (outermost first; more than one
makes the outer ones 802.1ad), frames from B to A lose as many. --loss drops frames and --late
holds frames back until three more have passed, both ways, by a seeded generator. It stands in for
Linux's vlan devices and netem, which many small kernels lack. Needs root; ends on SIGTERM.
"""
import argparse
import errno
import random
import select
import socket
import struct

SOL_PACKET, PACKET_AUXDATA = 263, 8
PACKET_OUTGOING = 4
VLAN_VALID, TPID_VALID = 0x10, 0x40


def attach(name):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    sock.bind((name, 0))
    return sock


def receive(sock):
    """The frame as it was on the wire: Linux hands the outermost tag beside the bytes."""
    frame, control, _, address = sock.recvmsg(65536, 256)
    if address[2] == PACKET_OUTGOING:
        return None
    for level, kind, data in control:
        if level == SOL_PACKET and kind == PACKET_AUXDATA and len(data) >= 20:
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
            if status & VLAN_VALID:
                tag = struct.pack("!HH", tpid if status & TPID_VALID else 0x8100, tci)
                frame = frame[:12] + tag + frame[12:]
    return frame


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tag", type=int, action="append", default=[])
    parser.add_argument("--loss", type=float, default=0)
    parser.add_argument("--late", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("a")
    parser.add_argument("b")
    args = parser.parse_args()
    chance = random.Random(args.seed)
    tags = b""
    for i, tag in enumerate(args.tag):
        tags += struct.pack("!HH", 0x88A8 if i + 1 < len(args.tag) else 0x8100, tag)
    a, b = attach(args.a), attach(args.b)
    held = {a: [], b: []}  # frames that wait: [frames still to pass, frame]
    print("ready", flush=True)
    while True:
        # A frame held back leaves after 20 ms at the latest, so that nothing waits for ever.
        ready, _, _ = select.select([a, b], [], [], 0.02)
        if not ready:
            for source, out in ((a, b), (b, a)):
                while held[source]:
                    out.send(held[source].pop(0)[1])
        for source in ready:
            out = b if source is a else a
            frame = receive(source)
            if frame is None:
                continue
            if source is a:
                frame = frame[:12] + tags + frame[12:]
            else:
                frame = frame[:12] + frame[12 + len(tags):]
            if chance.random() * 100 < args.loss:
                continue
            if chance.random() * 100 < args.late:
                held[source].append([3, frame])
                continue
            out.send(frame)
            for entry in held[source]:
                entry[0] -= 1
            while held[source] and held[source][0][0] <= 0:
                out.send(held[source].pop(0)[1])


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        # An interface that is taken away is the end of the wire.
        if error.errno not in (errno.ENETDOWN, errno.ENXIO, errno.ENODEV):
            raise
