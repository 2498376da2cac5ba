# SPDX-License-Identifier: MIT
"""The frames of a capture, and captures of changed frames."""
import collections
import gzip
import struct

# time_ns: Unix time; size: bytes on the wire, which may be more than the length of `data`.
Frame = collections.namedtuple("Frame", "time_ns link_type data size")

DAY_S = 86400
ODD_SECONDS = (0, 1, 2**31 - 1, 2**31, 2**32 - 1)
SECTION, INTERFACE, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 3, 6


def read_pcap(data):
    order = ">" if data[:1] == b"\xa1" else "<"
    unit = 1 if data[:4] in (b"\xa1\xb2\x3c\x4d", b"\x4d\x3c\xb2\xa1") else 1000
    link_type = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, captured, size = struct.unpack_from(order + "IIII", data, at)
        at += 16
        if at + captured > len(data):
            break
        frames.append(Frame(seconds * 10**9 + fraction * unit, link_type, data[at:at + captured],
                            size))
        at += captured
    return frames


def resolution_of(order, options):
    """Ticks a second of an interface with these options."""
    at = 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from(order + "HH", options, at)
        if code == 0:
            break
        if code == 9 and size == 1:
            value = options[at + 4]
            return 2**(value & 0x7F) if value & 0x80 else 10**value
        at += 4 + (size + 3) // 4 * 4
    return 10**6


def read_pcapng(data):
    frames, interfaces, order, at = [], [], "<", 0
    while at + 12 <= len(data):
        kind = struct.unpack_from("<I", data, at)[0]
        if kind == SECTION:
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, size = struct.unpack_from(order + "II", data, at)
        body = data[at + 8:at + size - 4]
        if size < 12 or at + size > len(data):
            break
        if kind == INTERFACE:
            link_type, = struct.unpack_from(order + "H", body)
            interfaces.append((link_type, resolution_of(order, body[8:])))
        elif kind == ENHANCED:
            number, high, low, captured, length = struct.unpack_from(order + "IIIII", body)
            if number < len(interfaces):
                link_type, ticks = interfaces[number]
                frames.append(Frame((high << 32 | low) * 10**9 // ticks, link_type,
                                    body[20:20 + captured], length))
        at += (size + 3) // 4 * 4
    return frames


def read(data):
    """The frames of a capture; none if it is not one."""
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError):
            return []
    if data[:4] == struct.pack("<I", SECTION):
        return read_pcapng(data)
    if data[:4] in (b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d",
                    b"\x4d\x3c\xb2\xa1"):
        return read_pcap(data)
    return []


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def write_pcapng(frames):
    link_types = sorted({frame.link_type for frame in frames})
    blocks = [block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    for link_type in link_types:
        resolution = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)
        blocks.append(block(INTERFACE, struct.pack("<HHI", link_type, 0, 0) + resolution))
    for frame in frames:
        time = max(frame.time_ns, 0)
        head = struct.pack("<IIIII", link_types.index(frame.link_type), time >> 32,
                           time & 0xFFFFFFFF, len(frame.data), frame.size)
        blocks.append(block(ENHANCED, head + frame.data))
    return b"".join(blocks)


def write_pcap(frames):
    records = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, frames[0].link_type)]
    for frame in frames:
        seconds, rest = divmod(max(frame.time_ns, 0), 10**9)
        records.append(struct.pack("<IIII", seconds & 0xFFFFFFFF, rest, len(frame.data),
                                   frame.size) + frame.data)
    return b"".join(records)


def write(frames):
    """A capture of the frames: pcap if possible."""
    if len({frame.link_type for frame in frames}) == 1:
        return write_pcap(frames)
    return write_pcapng(frames)


# ---- Changes of frames; `others` are frames of another capture -----------------------------

def some(frames, chance):
    """The indices of some frames, few or many."""
    part = chance.choice((0.02, 0.1, 0.5))
    return [i for i in range(len(frames)) if chance.random() < part] or \
        [chance.randrange(len(frames))]


def drop(frames, others, chance):
    gone = set(some(frames, chance))
    return [frame for i, frame in enumerate(frames) if i not in gone]


def double(frames, others, chance):
    """Duplicates frames, up to ten frames later."""
    for i in reversed(some(frames, chance)):
        frames.insert(min(len(frames), i + 1 + chance.randrange(10)), frames[i])
    return frames


def swap(frames, others, chance):
    """Swaps frames, with or without their times."""
    with_times = chance.random() < 0.5
    for i in some(frames, chance):
        j = min(len(frames) - 1, i + chance.choice((1, 1, 1, 2, 3, 10, 70)))
        a, b = frames[i], frames[j]
        if with_times:
            a, b = a._replace(time_ns=b.time_ns), b._replace(time_ns=a.time_ns)
        frames[i], frames[j] = b, a
    return frames


def stamp(frames, others, chance):
    """Changes the times of some frames, or of all from one on, as a faulty clock does."""
    places = some(frames, chance)
    if chance.random() < 0.3:
        places = range(places[0], len(frames))
    second = chance.choice(ODD_SECONDS + (None,) * 3)
    shift = chance.choice((-DAY_S, DAY_S, -3600, 3600, -301, 301, 2**31))
    for i in places:
        time = frames[i].time_ns
        time = time + shift * 10**9 if second is None else second * 10**9 + time % 10**9
        frames[i] = frames[i]._replace(time_ns=max(0, min(time, (2**32 - 1) * 10**9)))
    return frames


def lengths(frames, others, chance):
    """Changes a 16-bit number in the headers, such as a length, or the length on the wire."""
    for i in some(frames, chance):
        data = bytearray(frames[i].data)
        if len(data) < 16 or chance.random() < 0.2:
            size = chance.choice((0, len(data) // 2, len(data) + 1, 65535, 2**32 - 1))
            frames[i] = frames[i]._replace(size=size)
            continue
        # Lengths of IPv4 and IPv6 over Ethernet, of UDP, of the TCP header; or anywhere.
        places = [at for at in (16, 18, 38, 46, 58, 66) if at + 2 <= len(data)]
        at = chance.choice(places + [chance.randrange(min(len(data) - 1, 100))])
        value = struct.unpack_from("!H", data, at)[0]
        value = chance.choice((0, 1, value - 1, value + 1, value - 20, value // 2, 2 * value,
                               len(data), 0x7FFF, 0xFFFF))
        struct.pack_into("!H", data, at, value & 0xFFFF)
        frames[i] = frames[i]._replace(data=bytes(data))
    return frames


def interleave(frames, others, chance):
    """Mixes two captures, the second with its own times or those of the first."""
    own_times = chance.random() < 0.5
    mixed = []
    while frames or others:
        source = frames if not others or (frames and chance.random() < 0.5) else others
        frame = source.pop(0)
        if source is others and not own_times and mixed:
            frame = frame._replace(time_ns=mixed[-1].time_ns)
        mixed.append(frame)
    return mixed


def snaplen(frames, others, chance):
    most = chance.choice((chance.randrange(1, 100), chance.randrange(40, 300),
                          chance.randrange(60, 1500)))
    return [frame._replace(data=frame.data[:most]) for frame in frames]


CHANGES = {function.__name__: function
           for function in (drop, double, swap, stamp, lengths, interleave, snaplen)}


def mixture(frames, others, chance):
    """Several changes, one after the other."""
    for change in chance.sample(sorted(CHANGES), 3):
        frames = CHANGES[change](frames, others, chance) or frames
    return frames
