#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-im-zello.py: writes im-zello.pcap beside this script: Zello's channel API without TLS.

Neither client nor server is available for a recording, so this script builds the bytes, the same on
each run: two connections with an HTTP upgrade and a WebSocket. The first has permessage-deflate,
fragments with a ping between them, audio, and a message split over segments; in the second the
logon is refused.
"""
import base64
import hashlib
import json
import os
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = 0, 1
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
START = 1767268800  # 2026-01-01 12:00:00 UTC
MACS = (b"\x02\x00\x00\x00\x00\x0a", b"\x02\x00\x00\x00\x00\x50")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return bytes(int(part) for part in text.split("."))


class Capture:
    def __init__(self):
        self.data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        self.microseconds = 0

    def add(self, frame):
        self.microseconds += 1700
        seconds, rest = divmod(self.microseconds, 1000000)
        self.data += struct.pack("<IIII", START + seconds, rest, len(frame), len(frame)) + frame


class Connection:
    """TCP over IPv4 and Ethernet, in order; each side acknowledges with its next segment."""
    FIN, SYN, PSH, ACK = 1, 2, 8, 16

    def __init__(self, capture, client, server, port):
        self.capture = capture
        self.ends = (address(client), address(server))
        self.ports = (port, 80)
        self.next = [1000, 90000]
        self.count = 0
        self.segment(CLIENT, self.SYN)
        self.segment(SERVER, self.SYN | self.ACK)
        self.segment(CLIENT, self.ACK)

    def segment(self, side, flags, data=b""):
        source, target = self.ends[side], self.ends[1 - side]
        acknowledged = self.next[1 - side] if flags & self.ACK else 0
        tcp = struct.pack("!HHIIBBHHH", self.ports[side], self.ports[1 - side], self.next[side],
                          acknowledged, 5 << 4, flags, 64240, 0, 0) + data
        pseudo = source + target + struct.pack("!HH", 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        self.count += 1
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), self.count, 0x4000, 64, 6, 0,
                         source, target)
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        self.capture.add(MACS[1 - side] + MACS[side] + b"\x08\x00" + ip + tcp)
        self.next[side] += len(data) + bool(flags & (self.SYN | self.FIN))

    def say(self, side, data, size=1460):
        for at in range(0, len(data), size):
            self.segment(side, self.PSH | self.ACK, data[at:at + size])

    def close(self):
        self.segment(CLIENT, self.FIN | self.ACK)
        self.segment(SERVER, self.FIN | self.ACK)
        self.segment(CLIENT, self.ACK)


class WebSocket:
    GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    def __init__(self, connection, agent, deflate):
        self.connection = connection
        self.masks = 0
        self.deflate = [zlib.compressobj(9, zlib.DEFLATED, -15) for _ in range(2)]
        key = base64.b64encode(hashlib.sha256(agent.encode()).digest()[:16])
        accept = base64.b64encode(hashlib.sha1(key + self.GUID).digest())
        offer = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        taken = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
        connection.say(CLIENT, b"GET /ws HTTP/1.1\r\nHost: zello.example\r\nUser-Agent: " +
                       agent.encode() + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Key: " + key + b"\r\nSec-WebSocket-Version: 13\r\n" +
                       (offer if deflate else b"") + b"\r\n")
        connection.say(SERVER, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n" +
                       (taken if deflate else b"") + b"\r\n")

    def frame(self, side, opcode, payload, fin=True, packed=False):
        first = (fin << 7) | (packed << 6) | opcode
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", first, (side == CLIENT) << 7 | length)
        else:
            head = struct.pack("!BBH", first, (side == CLIENT) << 7 | 126, length)
        if side == SERVER:
            return head + payload
        self.masks += 1
        mask = hashlib.sha256(struct.pack("!I", self.masks)).digest()[:4]
        return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    def packed(self, side, message):
        packer = self.deflate[side]
        data = packer.compress(json.dumps(message).encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
        return self.frame(side, TEXT, data[:-4], packed=True)

    def plain(self, side, message):
        return self.frame(side, TEXT, json.dumps(message).encode())


def accepted(capture):
    connection = Connection(capture, "192.0.2.10", "198.51.100.80", 41810)
    socket = WebSocket(connection, "radio/1.0", deflate=True)
    say = connection.say
    say(CLIENT, socket.packed(CLIENT, {
        "command": "logon", "seq": 1, "auth_token": "e30.e30.c2lnbmF0dXJl",
        "username": "alice", "password": "not \"secret\"", "channel": "Harbour"}))
    say(SERVER, socket.packed(SERVER, {"seq": 1, "success": True, "refresh_token": "cmVmcmVzaA"}))
    say(SERVER, socket.packed(SERVER, {
        "command": "on_channel_status", "channel": "Harbour", "status": "online",
        "users_online": 2, "texting_supported": True}))
    text = json.dumps({"command": "send_text_message", "seq": 2, "channel": "Harbour",
                       "text": "Is berth four free?"}).encode()
    say(CLIENT, socket.frame(CLIENT, TEXT, text[:20], fin=False))
    say(CLIENT, socket.frame(CLIENT, PING, b"tick") +
        socket.frame(CLIENT, 0, text[20:50], fin=False))
    say(SERVER, socket.frame(SERVER, PONG, b"tick"))
    say(CLIENT, socket.frame(CLIENT, 0, text[50:]))
    say(SERVER, socket.packed(SERVER, {"seq": 2, "success": True}))
    say(SERVER, socket.packed(SERVER, {
        "command": "on_text_message", "channel": "Harbour", "from": "J\u00f6rg \U0001f6a2",
        "message_id": 17, "text": "It is, until six."}))
    say(CLIENT, socket.packed(CLIENT, {
        "command": "start_stream", "seq": 3, "type": "audio", "codec": "opus",
        "codec_header": "gD4BPA==", "packet_duration": 60}))
    say(SERVER, socket.packed(SERVER, {"seq": 3, "success": True, "stream_id": 22}))
    for number in range(3):
        audio = hashlib.sha256(bytes([number])).digest() * 5
        say(CLIENT, socket.frame(CLIENT, BINARY, struct.pack("!BII", 1, 22, number) + audio))
    say(CLIENT, socket.packed(CLIENT, {"command": "stop_stream", "stream_id": 22}))
    say(SERVER, socket.plain(SERVER, {
        "command": "on_text_message", "channel": "Harbour", "for": "alice", "from": "pilot",
        "message_id": 18, "text": "Only for you: wait for the tug. " * 4}), size=90)
    say(CLIENT, socket.packed(CLIENT, {
        "command": "send_text_message", "seq": 4, "channel": "Harbour", "for": "pilot",
        "text": "Waiting."}))
    say(CLIENT, socket.frame(CLIENT, CLOSE, struct.pack("!H", 1000)))
    say(SERVER, socket.frame(SERVER, CLOSE, struct.pack("!H", 1000)))
    connection.close()


def refused(capture):
    connection = Connection(capture, "192.0.2.11", "198.51.100.80", 41812)
    socket = WebSocket(connection, "radio/0.9", deflate=False)
    connection.say(CLIENT, socket.plain(CLIENT, {
        "command": "logon", "seq": 1, "auth_token": "e30.e30.c2lnbmF0dXJl",
        "username": "mallory", "password": "guess", "channels": ["Harbour", "Pilots"]}))
    connection.say(SERVER, socket.plain(SERVER, {"seq": 1, "error": "not authorized"}))
    connection.close()


def main():
    capture = Capture()
    accepted(capture)
    refused(capture)
    with open(os.path.join(HERE, "im-zello.pcap"), "wb") as out:
        out.write(capture.data)


if __name__ == "__main__":
    main()
