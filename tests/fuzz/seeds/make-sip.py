#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-sip.py: writes the seeds of fuzz_sip into sip/ beside it. The first two bytes of a seed are
those of fuzz_sip.c: choices (1 TCP, 2 port 5060, 4 a gap), and the place of the gap in 256ths."""
import os

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sip")
UDP, TCP, P5060, GAP = 0, 1, 2, 4
SDP = ("v=0\r\no=a 1 1 IN IP4 m.example\r\ns=-\r\nc=IN IP4 192.0.2.9/127\r\nt=0 0\r\n"
       "m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::9\r\n")
REQUEST = ("INVITE sip:b@b.example SIP/2.0\r\nVia: SIP/2.0/TCP a.example:5060;branch=z9hG4bK7\r\n"
           "Max-Forwards: 70\r\nFrom: \"A\" <sip:a@a.example>;tag=9\r\nTo: B <sip:b@b.example>\r\n"
           "Call-ID: 38@a.example\r\nCSeq: 1 INVITE\r\nUser-Agent: Phone/1.0\r\n")
REPLY = ("SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a.example,\r\n SIP/2.0/UDP [::1]:5061 ;x=\"y,\"\r\n"
         "Record-Route: <sip:u@p1;lr>, \"n,\" <sips:p2:5061>\r\nf: <sip:a>\r\nt: <sip:b>\r\n"
         "i: 38\r\nCSeq: 1\r\n INVITE\r\nServer: s\r\nl: 0\r\n\r\n")
PARTS = ("--b\r\nContent-Type: application/sdp\r\n\r\n" + SDP + "--b\r\nc: text/plain\r\n\r\nx\r\n"
         "--b--\r\n")


def body(head, kind, text, size=None):
    return "%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        head, kind, len(text) if size is None else size, text)


def write(name, choice, text, place=0):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(bytes([choice, place]) + text.encode("latin-1"))


def main():
    os.makedirs(folder, exist_ok=True)
    invite = body(REQUEST, "application/sdp", SDP)
    for name, transport in (("udp", UDP), ("tcp", TCP)):
        write(name + "-invite", transport, invite)
        write(name + "-reply", transport, REPLY)
        write(name + "-parts", transport, body(REQUEST, "multipart/mixed;boundary=b", PARTS))
        write(name + "-cut", transport, invite[:-30])
        write(name + "-cut-head", transport, invite[:200])
        write(name + "-length", transport, body(REQUEST, "text/plain", "x" * 20, 10 ** 20))
        write(name + "-token", transport, "!odd'~ sip:h;a = b SIP/2.0\n\tx\nVia\n:\n c: y\n\n")
    write("udp-sdp-without-length", UDP, REQUEST + "c: application/sdp\r\n\r\n" + SDP)
    write("udp-stun", UDP | P5060, "\0\1\0\0\x21\x12\xa4\x42" + "t" * 12)
    write("tcp-many", TCP, invite + "\r\n\r\n" + REPLY + invite)
    write("tcp-keep-alive", TCP | P5060, "\r\n\r\n" + REPLY)
    write("tcp-no-message", TCP, REPLY + "text\r\n<x>" + REPLY + "some " + invite)
    for place in (20, 60, 110, 150, 200):
        write("tcp-gap-%d" % place, TCP | GAP, invite + invite + "<end>" + REPLY + invite, place)
    for place in (10, 60, 150, 240):
        write("udp-snaplen-%d" % place, UDP | GAP, invite, place)
        write("udp-snaplen-reply-%d" % place, UDP | GAP, REPLY, place)
    write("http", TCP, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")


if __name__ == "__main__":
    main()
