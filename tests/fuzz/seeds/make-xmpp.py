#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_xmpp beside this script."""
import base64
import os

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = 0, 1
SASL = b" xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
OPEN = b"<?xml version='1.0'?><stream:stream to='x.org' xmlns='jabber:client' " \
    b"xmlns:stream='http://etherx.jabber.org/streams'>"
OPENED = OPEN.replace(b"to=", b"from=")
BIND = b"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
BOUND = b"<iq type='result' id='1'>" + BIND + b"<jid>joe@x.org/home</jid></bind></iq>"
MESSAGE = b"<message to='ann@y.org' type=\"chat\"><x a='>'/><!-- - --><body>a&lt;<![CDATA[<]]>b</body></message>"
ANSWER = b"<message from='ann@y.org/pc' to='joe@x.org/home'><body>hi</body></message>"


def say(side, data):
    out = b""
    for at in range(0, len(data), 255):
        piece = data[at:at + 255]
        out += bytes([side, len(piece)]) + piece
    return out


def lose(side, count):
    return bytes([4 | side, count])


def close(side):
    return bytes([6 | side, 0])


def talk(*turns):
    """Turns of the client and the server, the client first."""
    return b"".join(say(i % 2, turn) for i, turn in enumerate(turns))


def sasl(mechanism, *said):
    """A login: the client's messages and the server's challenges, up to the last one."""
    turns = [b"<auth" + SASL + b" mechanism='" + mechanism + b"'>" + base64.b64encode(said[0]) + b"</auth>"]
    for more in said[1:]:
        turns += [b"<challenge" + SASL + b">eHg=</challenge>",
                  b"<response" + SASL + b">" + base64.b64encode(more) + b"</response>"]
    return talk(*turns)


def iq(kind, name, inner):
    return b"<iq type='" + kind + b"' id='" + name + b"'>" + inner + b"</iq>"


AUTH = b"<query xmlns='jabber:iq:auth'><username>joe</username><password>x</password>" \
    b"<resource>home</resource></query>"
SUCCESS = say(SERVER, b"<success" + SASL + b"/>")
FAILURE = say(SERVER, b"<failure" + SASL + b"><not-authorized/></failure>")
START = talk(OPEN, OPENED)
SEEDS = {
    "session": START + sasl(b"PLAIN", b"\0joe\0secret") + SUCCESS + START + talk(
        iq(b"set", b"1", BIND + b"<resource>home</resource></bind>"), BOUND, MESSAGE + b" " + MESSAGE, ANSWER,
        b"</stream:stream>"),
    "scram": START + sasl(b"SCRAM-SHA-1", b"n,a=x,n=j=2Coe=3D,r=abc", b"c=biws,r=abcdef,p=eHg=") + SUCCESS,
    "digest": START + sasl(b"DIGEST-MD5", b"", b'realm="a\\"b",username="j\\"oe",nc=1', b"") + FAILURE,
    "login": START + sasl(b"LOGIN", b"", b"joe", b"secret") + SUCCESS,
    "token": START + sasl(b"X-OAUTH2", b"\0joe\0secret") + sasl(b"EXTERNAL", b"joe@x.org") + FAILURE,
    "iq-auth": START + talk(iq(b"get", b"1", AUTH), iq(b"result", b"1", b""), iq(b"set", b"2", AUTH), iq(
        b"error", b"2", b"<error><text/><conflict/></error>"), iq(b"set", b"3", AUTH), iq(
            b"error", b"3", b"<error code='406'/>"), iq(b"set", b"4", AUTH), iq(b"result", b"4", b"")),
    "prefixes": talk(b"<j:message xmlns:j='jabber:client' xmlns:k='urn:x'><j:body/><k:body xmlns:l='urn:y'/>"
                     b"</j:message>", b"<presence to='joe@x.org/home'/>", MESSAGE),
    "gap": START + say(CLIENT, MESSAGE[:60]) + lose(CLIENT, 9) + say(CLIENT, b"</body></message>" + MESSAGE) +
    lose(SERVER, 9) + say(SERVER, ANSWER[:40]) + close(SERVER) + close(CLIENT),
    "broken": START + talk(b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + MESSAGE, b"<a <b>x" + ANSWER,
                           b"<message to='<'/>" + MESSAGE, b"</a></b>" + ANSWER),
    "large": START + say(CLIENT, b"<message to='a@b'><body>") + say(CLIENT, b"x" * 255) +
    bytes([24, 255]) + b"<a/>" * 510 + say(CLIENT, b"</body></message>" + MESSAGE),
    "starttls": START + talk(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
                             b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", b"\x16\x03\x01\0\x05hello"),
    "compress": START + talk(b"<compress xmlns='http://jabber.org/protocol/compress'/>",
                             b"<compressed xmlns='http://jabber.org/protocol/compress'/>", b"\x78\x9c"),
}

os.makedirs(os.path.join(HERE, "xmpp"), exist_ok=True)
for name, data in SEEDS.items():
    with open(os.path.join(HERE, "xmpp", name), "wb") as out:
        out.write(data)
