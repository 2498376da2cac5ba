#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-recognise.py: writes the seeds of fuzz_recognise into recognise/ beside it. In a seed: choices
(1 TCP, 2 from the responder, 4 a port above 255), which port, and pieces behind their sizes."""
import os

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recognise")
UDP, TCP, ANSWER = 0, 1, 2
# As in fuzz_recognise.c.
HIGH = [389, 443, 445, 500, 502, 514, 546, 547, 554, 587, 636, 853, 873, 1080, 1194, 1433, 1645, 1646,
        1701, 1719, 1720, 1723, 1812, 1813, 1883, 1900, 1935, 2000, 2049, 2123, 2152, 2427, 2727, 3306,
        3386, 3389, 3478, 3868, 4500, 5190, 5432, 5672, 5683, 5900, 6379, 6667, 9418, 11211, 27017,
        51820]
SESSION = bytes(range(1, 9))
REPLAY = bytes.fromhex("0000000165000000")


def seed(name, choice, port, *pieces):
    low = port < 256
    head = bytes([choice | (0 if low else 4), port if low else HIGH.index(port)])
    body = b"".join(len(piece).to_bytes(2, "big") + piece for piece in pieces)
    with open(os.path.join(folder, name), "wb") as out:
        out.write(head + body)


def text(*parts):
    """Of hexadecimal strings and bytes."""
    return b"".join(part if isinstance(part, bytes) else bytes.fromhex(part) for part in parts)


def voice():
    cookie = text("00010008 2112a442", b"t" * 12, "00060004", b"user")
    seed("stun", UDP, 9, cookie)
    seed("stun-tcp", TCP, 9, text("001c", cookie))
    seed("stun-classic", UDP, 3478, text("00010018", b"t" * 16, "00040000 01010010", b"x" * 16))
    seed("dtls-hello", UDP, 9, text("16feff0000 000000000000 001a 01 00000e 0000 000000 00000e",
                                    b"h" * 14))
    seed("dtls", UDP, 9, text("17fefd0001 000000000007 0004", b"data",
                              "15fefd0001 000000000008 0002 0100"))
    rtp = [text("8000%04x 00000320 1badcafe" % number, b"u" * 20) for number in (7, 8)]
    seed("rtp", UDP, 9, *rtp)
    seed("rtp-extension", UDP, 9, text("9060 0001 00000001 00000009 bede0001 10ff0000", b"u"))
    seed("rtp-rtcp", UDP, 9, rtp[0], text("80c90001 00000001"))
    seed("rtcp", UDP, 9, text("80c80006 00000001", b"r" * 20,
                              "81ca0003 00000001 0103", b"a@b", "000000"))


def calls():
    setup = "0802 0001 05 04038893a5"
    user = "7e000a 0520800600 08914a0004"
    seed("h323", TCP, 9, text("03000018", setup, user))
    seed("h323-port", TCP, 1720, text("0300000e", setup))
    seed("h245", TCP, 9, text("03000014 027001 0600088175 0005 800b050001"))
    seed("ras", UDP, 9, text("0e900001 0600 08914a0004 8080"))
    seed("ras-port", UDP, 1719, text("26900006 2800"))
    seed("mgcp", UDP, 9, b"CRCX 1204 aaln/1@gw.example MGCP 1.0\r\n")
    seed("mgcp-answer", UDP | ANSWER, 2427, b"200 1204 OK\r\n")
    seed("skinny", TCP, 2000, text("04000000 00000000 00000000"))
    seed("skinny-register", TCP, 9, text("14000000 00000000 01000000", b"SEP001122AABBCC\0"))
    seed("rtsp", TCP, 554, b"DESCRIBE rtsp://192.0.2.1/a RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    seed("rtsp-cut", UDP, 9, b"PLAY rts")
    seed("rtsp-answer", TCP | ANSWER, 554, b"RTSP/1.0 200 OK\r\n\r\n")
    seed("rtsp-media", TCP, 9, text(b"$", "00000c 80600001 00000001 00000009",
                                    b"$", "010008 80c90001 00000009"))
    seed("rtmp", TCP, 1935, text("03 00000000 00000000", b"n" * 60))
    seed("rtmp-cut", TCP, 9, text("03 00000000 09007c02"))


def tunnel():
    plain = text(SESSION, "00 00000000")
    seed("openvpn", UDP, 1194, text("38", plain))
    seed("openvpn-answer", UDP | ANSWER, 1194, text("40", SESSION, "01 00000000", SESSION, "00000000"))
    seed("openvpn-auth", UDP, 1194, text("38", SESSION, b"h" * 20, REPLAY, "00 00000000"))
    seed("openvpn-crypt", UDP, 1194, text("38", SESSION, REPLAY, b"c" * 37))
    seed("openvpn-crypt-2", UDP, 1194, text("50", SESSION, REPLAY, b"c" * 337))
    seed("openvpn-tcp", TCP, 1194, text("000e 38", plain))
    seed("wireguard", UDP, 9, text("01000000", b"k" * 128, bytes(16)))
    data = [text("04000000 01020304 %02x000000 00000000" % number, b"d" * 16) for number in (7, 8)]
    seed("wireguard-data", UDP, 9, *data)
    ike = text(SESSION, bytes(8), "21 20 22 08 00000000 00000020 00000004")
    seed("ike", UDP, 500, ike)
    seed("ike-1", UDP, 500, text(SESSION, bytes(8), "01 10 02 00 00000000 00000020 00000004"))
    seed("ike-nat", UDP, 4500, bytes(4) + ike)
    seed("ike-tcp", TCP, 4500, b"IKETCP")
    seed("ipsec", UDP, 4500, *(text("c0ffee01 000000%02x" % number, b"e" * 16) for number in (7, 8)))
    seed("ipsec-alive", UDP, 4500, b"\xff")
    seed("pptp", TCP, 1723, text("009c 0001 1a2b3c4d 0001 0000", bytes(144)))
    seed("l2tp", UDP, 1701, text("c802 0014 0000000000000000 8008 0000 0000 0001"))
    seed("gtp-1", UDP, 2123, text("32 10 0008 00000000 0001 0000 0e00 0000"))
    seed("gtp-2", UDP, 2123, text("58 20 0008 00000001 00000100 48 5f 0008 00000002 00000200"))
    seed("gtp-prime", UDP, 3386, text("4e f0 0001 0007 55"))
    seed("gtp-0", UDP, 3386, text("1e 01 0000", bytes(16)))
    seed("gtp-user", UDP, 2152, text("32 01 0004 00000000 0001 0000"))


def sharing():
    seed("peer", TCP, 9, text("13", b"BitTorrent protocol", bytes(8)))
    seed("table", UDP, 9, b"d1:ad2:id20:" + b"n" * 20 + b"e1:q4:ping1:t2:aa1:y1:qe")
    seed("table-address", UDP, 9, b"d2:ip6:123456" + b"1:rd2:id20:" + b"n" * 20 + b"e1:t2:aa1:y1:re")
    seed("tracker", UDP, 9, text("0000041727101980 00000000 12345678"))
    seed("search", UDP, 9, b"BT-SEARCH * HTTP/1.1\r\n\r\n")
    seed("utp-open", UDP, 9, text("41 02 1234 11223344 00000000 00380000 0001 0000 00 08", bytes(8)))
    utp = "01 00 1234 1122%02x44 55667788 00380000 01%02x 0001 78"
    seed("utp", UDP, 9, *(text(utp % (number, number)) for number in (7, 8)))
    seed("socks-4", TCP, 1080, text("04 01 0050 c0000207", b"me\0"))
    seed("socks-4-name", TCP, 9, text("04 01 0050 00000001", b"me\0www.example\0"))
    seed("socks-5", TCP, 9, text("05 01 00"), text("05 01 00 01 c0000207 0050"))
    seed("socks-5-password", TCP, 9, text("05 01 02 01 02", b"me", "02", b"pw", "05 01 00 03 0b",
                                          b"www.example", "0050"))


def main():
    os.makedirs(folder, exist_ok=True)
    for subject in (voice, calls, tunnel, sharing):
        subject()


if __name__ == "__main__":
    main()
