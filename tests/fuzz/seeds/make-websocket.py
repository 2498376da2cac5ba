#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-websocket.py: writes the seeds of fuzz_websocket and fuzz_json beside this script."""
import os
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = 0, 1
BARE, UPGRADED = b"\0", b"\1"
TEXT, BINARY, REST, MORE_TEXT, PACKED = 0x81, 0x82, 0x80, 0x01, 0x40
CLOSE, PING, PONG = 0x88, 0x89, 0x8A


def step(side, what, data):
    stretch = 0
    while len(data) > 255 << stretch:
        stretch += 1
    units = -(-len(data) >> stretch)
    return bytes([side | what << 1 | stretch << 3, units]) + data.ljust(units << stretch)


def frame(side, first, data=b""):
    return step(side, 0, bytes([first]) + data)


def say(side, data):
    return step(side, 1, data)


def lose(side, count):
    return bytes([side | 2 << 1, count])


def close(side):
    return bytes([side | 3 << 1, 0])


class Packer:
    def __init__(self):
        self.packer = zlib.compressobj(9, zlib.DEFLATED, -15)

    def __call__(self, data):
        return (self.packer.compress(data) + self.packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


LOGON = (b'{"command":"logon","seq":1,"auth_token":"t","username":"al\\u00efce",'
         b'"password":"pw","channels":["one","two"]}')
ACCEPTED = b'{"seq":1,"success":true,"refresh_token":"r"}'
REFUSED = b'{"seq":1,"error":"not authorized"}'
SEND = b'{"command":"send_text_message","seq":2,"channel":"one","for":"bo","text":"x"}'
RECEIVE = b'{"command":"on_text_message","channel":"one","from":"bo","message_id":7,"text":"x"}'
STATUS = b'{"command":"on_channel_status","channel":"one","status":"online","users_online":2}'
ON = frame(CLIENT, TEXT, LOGON) + frame(SERVER, TEXT, ACCEPTED)
packed = Packer()

SEEDS = {
    "texts": UPGRADED + ON + frame(SERVER, TEXT, STATUS) + frame(CLIENT, TEXT, SEND) +
             frame(SERVER, TEXT, RECEIVE) + close(CLIENT) + close(SERVER),
    "refused": BARE + frame(CLIENT, TEXT, LOGON) + frame(SERVER, TEXT, REFUSED) + frame(
        SERVER, CLOSE, b"\x03\xe8") + frame(CLIENT, CLOSE),
    "fragments": BARE + ON + frame(CLIENT, MORE_TEXT, SEND[:9]) + frame(CLIENT, PING, b"x") +
                 frame(CLIENT, 0, SEND[9:30]) + frame(SERVER, PONG, b"x") +
                 frame(CLIENT, REST, SEND[30:]),
    "audio": BARE + ON + frame(CLIENT, BINARY, b"\1\0\0\0\x16\0\0\0\0opus") * 3 +
             frame(CLIENT, TEXT, SEND),
    "deflated": BARE + b"".join(frame(SERVER, TEXT | PACKED, packed(data))
                                for data in (STATUS, RECEIVE, RECEIVE, b" " * 3000, RECEIVE)),
    "deflated-parts": BARE + frame(SERVER, MORE_TEXT | PACKED, Packer()(RECEIVE)[:20]) +
                      frame(SERVER, REST, Packer()(RECEIVE)[20:]),
    "deflated-end": BARE + frame(SERVER, TEXT | PACKED, zlib.compress(RECEIVE)[2:-4]) * 2,
    "bomb": BARE + frame(SERVER, TEXT | PACKED, Packer()(b"\0" * (1500 << 10))) + frame(
        SERVER, TEXT | PACKED, Packer()(RECEIVE)),
    "lost-inside": BARE + ON + say(SERVER, b"\x81" + bytes([len(RECEIVE)]) + RECEIVE[:9]) + lose(
        SERVER, len(RECEIVE) - 9) + frame(SERVER, TEXT, RECEIVE),
    "lost-frames": BARE + ON + lose(SERVER, 200) + frame(SERVER, TEXT, RECEIVE) + lose(
        CLIENT, 99) + say(CLIENT, b"noise \x81\x85") + frame(CLIENT, TEXT, SEND),
    "no-frame": BARE + ON + say(SERVER, b"\xf1\x81") + frame(SERVER, TEXT, RECEIVE),
    "long-lengths": BARE + say(SERVER, b"\x81\x7e\0\x02{}\x81\x7f\0\0\0\0\0\0\0\x02{}") + say(
        SERVER, b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"),
    "other": BARE + (frame(CLIENT, TEXT, b'{"type":"hello"}') + frame(SERVER, TEXT, b"hi")) * 5,
}

JSON = {
    "logon": LOGON,
    "nested": b' {"a":[1,[],{"b":[{}]},"x"],"channels":{"a":[]} } ',
    "numbers": b'{"a":[0,-0.5,1e9,12E-3,18446744073709551615],"channels":7}',
    "escapes": b'{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\ud83dx","\\u0061":"\xc3\xa9"}',
    "words": b'{"a":true,"channels":[false,null]}',
    "deep": b'{"a":' + b"[" * 64 + b"]" * 64 + b"}",
    "cut": b'{"a":["x',
}

for folder, seeds in (("websocket", SEEDS), ("json", JSON)):
    os.makedirs(os.path.join(HERE, folder), exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(HERE, folder, name), "wb") as out:
            out.write(data)
