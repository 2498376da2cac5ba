#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Extended records against the captures that they come from; nothing of pcap2ipfix is used here.

check.py packets LINES      each record's packet of its capture has the record's time
check.py ipfix LINES FILE   JSON Lines and the IPFIX file have the same packets, times and ends
check.py options FILE       the options records have names, sizes and hashes of the captures
check.py tshark LINES       DNS and SIP records lead to the frame in which tshark sees the message
"""
import collections
import datetime
import functools
import gzip
import hashlib
import json
import os
import struct
import subprocess
import sys

NS = 10**9
NTP_TO_UNIX = 2208988800


def content(path):
    with open(path, "rb") as file:
        data = file.read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def pcap_times(data, order, unit):
    times = []
    at = 24
    while at + 16 <= len(data):
        seconds, part, size = struct.unpack_from(order + "III", data, at)
        times.append(seconds * NS + part * unit)
        at += 16 + size
    return times


def options(data, order):
    at = 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from(order + "HH", data, at)
        if code == 0:
            return
        yield code, data[at + 4:at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


class Interface:
    def __init__(self, block, order):
        self.units, self.offset = 10**6, 0
        for code, value in options(block[8:], order):
            if code == 9:  # if_tsresol
                power = value[0] & 0x7F
                self.units = 2**power if value[0] & 0x80 else 10**power
            elif code == 14:  # if_tsoffset
                self.offset, = struct.unpack(order + "q", value)

    def time(self, high, low):
        return (high << 32 | low) * NS // self.units + self.offset * NS


def pcapng_times(data):
    times, interfaces, order, at = [], [], "<", 0
    while at + 12 <= len(data):
        kind, = struct.unpack_from(order + "I", data, at)
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        size, = struct.unpack_from(order + "I", data, at + 4)
        if size < 12 or at + size > len(data):
            break
        body = data[at + 8:at + size - 4]
        if kind == 1:
            interfaces.append(Interface(body, order))
        elif kind == 6:  # enhanced packet
            number, high, low = struct.unpack_from(order + "III", body)
            times.append(interfaces[number].time(high, low))
        elif kind == 2:  # obsolete packet
            number, = struct.unpack_from(order + "H", body)
            times.append(interfaces[number].time(*struct.unpack_from(order + "II", body, 4)))
        elif kind == 3:  # simple packet: no time
            times.append(None)
        at += size
    return times


def tshark_times(path):
    """The digits of tshark 4 end with the unit of the capture."""
    out = subprocess.run(["tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.time_epoch"],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    times = []
    for line in out.stdout.decode().splitlines():
        seconds, _, part = line.partition(".")
        times.append(int(seconds) * NS + int((part + "0" * 9)[:9]))
    return times


@functools.lru_cache(maxsize=8)
def capture_times(path):
    data = content(path)
    magics = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000),
              b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1)}
    if data[:4] in magics:
        return pcap_times(data, *magics[data[:4]])
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return pcapng_times(data)
    return tshark_times(path)


def nanoseconds(text):
    """RFC 3339 in UTC with nine digits, exactly."""
    whole, part = text.rstrip("Z").split(".")
    moment = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    assert len(part) == 9, text
    return round((moment - epoch).total_seconds()) * NS + int(part)


def lines(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


class Wrong:
    def __init__(self):
        self.count = 0

    def note(self, text):
        self.count += 1
        if self.count <= 10:
            print(text)

    def end(self, seen):
        print(f"{seen} records, {self.count} wrong")
        sys.exit(self.count > 0 or seen == 0)


def check_packets(path):
    wrong = Wrong()
    seen = 0
    numbers = {}
    for record in lines(path):
        seen += 1
        times = capture_times(record["capture"])
        number = record["packet"]
        if not 1 <= number <= len(times):
            wrong.note(f"{record['capture']}: packet {number} of {len(times)}: {record}")
            continue
        if times[number - 1] not in (nanoseconds(record["time"]), None):
            wrong.note(f"{record['capture']}: packet {number} at {times[number - 1]}, record at "
                       f"{nanoseconds(record['time'])}: {record['record']}")
        if (record["time"], number) != (record["observationTimeNanoseconds"],
                                        record["selectorIdTotalPktsObserved"]):
            wrong.note(f"the fields and members differ: {record}")
        if record.get("TIME_STAMP", nanoseconds(record["time"]) // NS) != \
                nanoseconds(record["time"]) // NS:
            wrong.note(f"TIME_STAMP is not the second of the packet: {record}")
        if numbers.setdefault(record["observationPointId"], record["capture"]) != record["capture"]:
            wrong.note(f"a number of two captures: {record}")
    wrong.end(seen)


def read_ipfix(path):
    """Yields (is options, template id, {element: bytes}) for each record."""
    data = content(path)
    templates = {}
    at = 0
    while at < len(data):
        _, length, _, _, domain = struct.unpack_from("!HHIII", data, at)
        here, end = at + 16, at + length
        while here < end:
            set_id, size = struct.unpack_from("!HH", data, here)
            body = data[here + 4:here + size]
            if set_id in (2, 3):
                learn(templates, domain, set_id, body)
            else:
                scope, fields = templates[domain, set_id]
                for record in split(fields, body):
                    yield scope, set_id, record
            here += size
        at = end


def learn(templates, domain, set_id, body):
    at = 0
    while at + 4 <= len(body):
        number, count = struct.unpack_from("!HH", body, at)
        at += 4 if set_id == 2 else 6
        fields = []
        for _ in range(count):
            element, length = struct.unpack_from("!HH", body, at)
            at += 4
            pen = 0
            if element & 0x8000:
                pen, = struct.unpack_from("!I", body, at)
                at += 4
            fields.append(((pen, element & 0x7FFF), length))
        templates[domain, number] = (set_id == 3, fields)


def split(fields, body):
    shortest = sum(1 if length == 65535 else length for _, length in fields)
    at = 0
    while at + shortest <= len(body):
        record = {}
        for element, length in fields:
            if length == 65535:
                length = body[at]
                at += 1
                if length == 255:
                    length, = struct.unpack_from("!H", body, at)
                    at += 2
            record[element] = body[at:at + length]
            at += length
        yield record


def number_of(value):
    return int.from_bytes(value, "big")


# Elements that the records of both forms are compared by.
COMPARED = {(0, 4): "protocolIdentifier", (0, 7): "sourceTransportPort",
            (0, 11): "destinationTransportPort", (0, 138): "observationPointId",
            (0, 318): "selectorIdTotalPktsObserved", (0, 136): "flowEndReason",
            (8057, 1): "DNSRCode", (6871, 226): "dnsID", (6871, 174): "dnsQueryResponse"}


def check_ipfix(path, ipfix):
    wrong = Wrong()
    seen = 0
    counts = collections.Counter()
    for record in lines(path):
        seen += 1
        values = [record.get(name) for name in COMPARED.values()]
        counts[(nanoseconds(record["time"]), record.get("SIPCseq"), *values)] += 1
    for is_options, template, record in read_ipfix(ipfix):
        if is_options:
            continue
        if not 1280 <= template <= 1802:
            wrong.note(f"template {template} is not one of extended records")
        seconds, fraction = struct.unpack("!II", record[0, 325])
        time_ns = (seconds - NTP_TO_UNIX) % 2**32 * NS + (fraction * NS >> 32)
        cseq = record.get((8057, 108))
        values = [number_of(record[element]) if element in record else None for element in COMPARED]
        counts[(time_ns, cseq.decode() if cseq is not None else None, *values)] -= 1
    for key, count in counts.items():
        if count != 0:
            wrong.note(f"{count:+} in JSON: {key}")
    wrong.end(seen)


def check_options(ipfix):
    wrong = Wrong()
    captures = {}
    used = set()
    for is_options, _, record in read_ipfix(ipfix):
        if not is_options and (0, 138) in record:
            used.add(number_of(record[0, 138]))
        elif is_options and (0, 82) in record:
            number = number_of(record[0, 138])
            if number in captures:
                wrong.note(f"observation point {number} is there twice")
            captures[number] = record
    for record in captures.values():
        path = record[0, 82].decode()
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        if record[0, 83].decode() != "sha256:" + digest:
            wrong.note(f"{path}: {record[0, 83].decode()}, not {digest}")
        if number_of(record[0, 85]) != os.path.getsize(path):
            wrong.note(f"{path}: {number_of(record[0, 85])} bytes, not {os.path.getsize(path)}")
        if number_of(record[0, 86]) != len(capture_times(path)):
            wrong.note(f"{path}: {number_of(record[0, 86])} packets")
    if not used <= set(captures):
        wrong.note(f"records of captures {sorted(used - set(captures))} without a name")
    wrong.end(len(captures))


def tshark_messages(path):
    """{(number of the frame, protocol): set of what its messages have}"""
    fields = ["frame.number", "dns.id", "dns.flags.rcode", "dns.flags.response", "sip.CSeq"]
    command = ["tshark", "-n", "-r", path, "-Y", "dns or sip", "-T", "fields", "-E", "occurrence=a"]
    for field in fields:
        command += ["-e", field]
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    found = {}
    for line in out.stdout.decode().splitlines():
        number, ids, codes, responses, cseqs = line.split("\t")
        dns = found.setdefault((int(number), "dns"), {"id": set(), "code": {0}, "response": set()})
        dns["id"] |= {int(text, 0) for text in ids.split(",") if text}
        dns["code"] |= {int(text, 0) for text in codes.split(",") if text}
        dns["response"] |= {int(text in ("1", "True")) for text in responses.split(",") if text}
        found[int(number), "sip"] = set(cseqs.split(","))
    return found


def check_tshark(path):
    wrong = Wrong()
    seen = 0
    messages = functools.lru_cache(maxsize=None)(tshark_messages)
    for record in lines(path):
        # A message over TCP is shown by tshark in the frame of its last byte.
        if record["record"] not in ("dns", "sip") or record["protocolIdentifier"] != 17:
            continue
        seen += 1
        found = messages(record["capture"]).get((record["packet"], record["record"]))
        if found is None:
            wrong.note(f"{record['capture']}: tshark has no {record['record']} in packet "
                       f"{record['packet']}")
        elif record["record"] == "sip" and record["SIPCseq"] not in found:
            wrong.note(f"CSeq {record['SIPCseq']}, tshark {found}")
        elif record["record"] == "dns" and not (
                record["dnsID"] in found["id"] and record["DNSRCode"] in found["code"] and
                record["dnsQueryResponse"] in found["response"]):
            wrong.note(f"DNS message {record['dnsID']}, tshark {found}")
    wrong.end(seen)


CHECKS = {"packets": check_packets, "ipfix": check_ipfix, "options": check_options,
          "tshark": check_tshark}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in CHECKS:
        sys.exit(__doc__)
    CHECKS[sys.argv[1]](*sys.argv[2:])
