#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-ftp.py: writes the seeds of fuzz_ftp beside this script."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = 0, 1
FTP_PORT, OTHER_PORT = b"\0", b"\1"


def say(side, data, size=255):
    """Steps that say `data` in pieces of `size`."""
    out = b""
    for at in range(0, len(data), size):
        piece = data[at:at + size]
        out += bytes([side, len(piece)]) + piece
    return out


def lose(side, count):
    return bytes([4 | side, count])


def close(side):
    return bytes([6 | side, 0])


def talk(*lines):
    """Lines that begin with a digit, or a space, are the server's."""
    out = b""
    for line in lines:
        side = SERVER if line[:1].isdigit() or line[:1] == b" " else CLIENT
        out += say(side, line + b"\r\n")
    return out


LOGIN = talk(b"220 ftp.example.org FTP server ready", b"USER alice", b"331 Password required",
             b"PASS secret", b"230 Logged in")

SEEDS = {
    "passive": FTP_PORT + LOGIN + talk(b"PASV", b"227 Entering Passive Mode (192,0,2,1,4,1)",
                                       b"LIST", b"150 x", b"226 x", b"QUIT", b"221 Bye") +
               close(CLIENT) + close(SERVER),
    "active": FTP_PORT + LOGIN + talk(b"PORT 192,0,2,2,4,1", b"200 x"),
    "extended": OTHER_PORT + LOGIN + talk(b"EPRT |2|2001:db8::1|1025|", b"522 x", b"EPSV ALL",
                                          b"200 x", b"EPSV", b"229 x (|||1025|)"),
    "long-addresses": FTP_PORT + LOGIN + talk(b"LPRT 4,4,192,0,2,2,2,4,1", b"200 x", b"LPSV",
                                              b"228 x (6,16,32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,1,2,4,1)",
                                              b"EPSV", b"229 x (|1|192.0.2.1|1025|)"),
    "lines": FTP_PORT + talk(b"220-Welcome", b" to [ftp.example.org]", b"220 here", b"FEAT",
                             b"211-Features", b" UTF8", b"211 End", b"USER a", b"230-x\r530 y",
                             b"230 z"),
    "logins": FTP_PORT + talk(b"220 x", b"USER a", b"331 x", b"PASS 1", b"530 x", b"USER b",
                              b"332 x", b"ACCT c", b"230 x", b"REIN", b"220 x", b"USER d",
                              b"421 x"),
    "pipelined": FTP_PORT + talk(b"220 x", b"USER a\r\nPASS 1\r\nUSER b\r\nPASS 2\r\nPASV",
                                 b"331 x\r\n530 x\r\n331 x\r\n230 x\r\n227 x"),
    "refused": FTP_PORT + talk(b"220 x", b"USER one", b"331 x", b"USER", b"501 x", b"PASS",
                               b"501 x", b"PASS p", b"332 x", b"ACCT", b"502 x", b"ACCT c", b"230 x",
                               b"PORT 192,0,2,2,4,1", b"500 x", b"EPSV", b"522 x", b"PASV",
                               b"227 x (192,0,2,1,4,1)"),
    "refused-at-once": FTP_PORT + talk(b"220 x", b"USER one\r\nUSER\r\nPASS\r\nPASS p\r\nUSER b",
                                       b"331 x\r\n501 x\r\n501 x\r\n230 x\r\n503 x"),
    "cut-name": FTP_PORT + talk(b"220 x") + say(CLIENT, b"USER ali") + bytes([6 | CLIENT, 1]),
    "cut-reply": FTP_PORT + talk(b"220 x", b"USER ali") + say(SERVER, b"230-x") +
                 bytes([6 | SERVER, 1]),
    "auth-tls": FTP_PORT + talk(b"220 x", b"AUTH TLS", b"234 x") + say(CLIENT, b"\x16\3\1\0\5"),
    "hello-first": FTP_PORT + talk(b"220 x") + say(CLIENT, b"AUTH SSL\r\n\x80\x2e\1\3\1") +
                   talk(b"234 x"),
    "gssapi": FTP_PORT + talk(b"220 x", b"AUTH GSSAPI", b"334 x", b"ADAT eA==", b"235 ADAT=eA==",
                              b"MIC eA==", b"631 eA=="),
    "abor": FTP_PORT + talk(b"\xff\xf4\xff\xf2ABOR", b"426 x", b"226 x", b"\xff\xfd\6USER b"),
    "server-only": FTP_PORT + talk(b"220 x", b"331 x", b"230 x", b"227 x", b"221 x"),
    "client-only": OTHER_PORT + talk(b"USER a", b"PASS b", b"PORT 1,1,1,1,1,1", b"USER c"),
    "lost": FTP_PORT + talk(b"220 x", b"USER a") + say(SERVER, b"331") + lose(SERVER, 9) +
            talk(b"PASS b") + say(CLIENT, b"PA") + lose(CLIENT, 3) + talk(b"230 x", b"PASV"),
    "bytes": FTP_PORT + say(SERVER, b"220-a.example\r\n220 x\r\n", 1) +
             say(CLIENT, b"USER a\r\nPASS b\r\n", 1) + say(SERVER, b"331 x\r\n230 x\r\n", 1),
    "long": FTP_PORT + talk(b"220 x") +
            b"".join(bytes([CLIENT | 3 << 3, 255]) + b"USER " * 408 for _ in range(5)) +
            talk(b"", b"331 x", b"PASS b", b"230 x"),
    "mail": OTHER_PORT + talk(b"220 ftp.example ready", b"EHLO x", b"250 x"),
}

os.makedirs(os.path.join(HERE, "ftp"), exist_ok=True)
for name, data in SEEDS.items():
    with open(os.path.join(HERE, "ftp", name), "wb") as out:
        out.write(data)
