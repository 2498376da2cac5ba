#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""xmpp.py plain | starttls HOST

Two people talk over XMPP, for samples/captures/record: by slixmpp, without encryption and with
every way to log in that shows something, or under STARTTLS. Python of Debian: /usr/bin/python3.
"""
import asyncio
import logging
import ssl
import sys
import xml.etree.ElementTree as ET

from slixmpp import ClientXMPP

SERVER = "im.example"


class Person(ClientXMPP):
    """One who logs in, then answers every message with text once."""

    def __init__(self, name, password, mechanism, answer=None):
        super().__init__(f"{name}@{SERVER}/{name}s-desk", password, sasl_mech=mechanism,
                         plugin_config={"feature_mechanisms": {
                             "unencrypted_plain": True, "unencrypted_scram": True}})
        self.answer = answer
        self.there = asyncio.get_event_loop().create_future()
        self.heard = asyncio.get_event_loop().create_future()
        self.ssl_context = ssl._create_unverified_context()
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("failed_all_auth", self.refused)
        self.add_event_handler("message", self.hear)

    def started(self, _):
        self.send_presence()
        self.get_roster()
        self.settle(self.there, True)

    def refused(self, _):
        self.settle(self.there, False)

    def hear(self, message):
        if self.answer and message["type"] == "chat":
            message.reply(self.answer).send()
        self.settle(self.heard, True)

    @staticmethod
    def settle(future, value):
        if not future.done():
            future.set_result(value)

    async def enter(self, host, encrypted):
        self.connect((host, 5222), force_starttls=encrypted, disable_starttls=not encrypted)
        await asyncio.wait_for(self.there, 10)

    async def leave(self):
        await self.disconnect(wait=1)


async def talk(host, encrypted, mechanisms):
    anna = Person("anna", "sesame", mechanisms[0])
    berta = Person("berta", "open & <shut>", mechanisms[1], answer="Yes, at \u00bd past 8 \U0001f375")
    await anna.enter(host, encrypted)
    await berta.enter(host, encrypted)
    await asyncio.sleep(0.3)
    anna.send_message(f"berta@{SERVER}", "Tea & cake? <or> \"nothing\"", mtype="chat")
    await asyncio.wait_for(anna.heard, 10)
    anna.send_message(f"berta@{SERVER}/bertas-desk", "two\nlines", msubject="Later", mtype="normal")
    anna.send_message(f"nobody@{SERVER}", "is anybody there?", mtype="chat")
    # No text: a chat state alone is no message.
    state = anna.make_message(f"berta@{SERVER}", mtype="chat")
    state.append(ET.Element("{http://jabber.org/protocol/chatstates}composing"))
    state.send()
    await asyncio.sleep(0.3)
    await anna.leave()
    await berta.leave()


async def refusal(host):
    otto = Person("otto", "wrong", "PLAIN")
    await otto.enter(host, False)
    await otto.leave()


async def legacy(host):
    """The login of before SASL, jabber:iq:auth, as a client of that time types it."""
    reader, writer = await asyncio.open_connection(host, 5222)

    async def say(text, until):
        writer.write(text.encode())
        await asyncio.wait_for(reader.readuntil(until), 10)

    await say(f"<stream:stream to='{SERVER}' xmlns='jabber:client' "
              "xmlns:stream='http://etherx.jabber.org/streams'>", b">")
    await say("<iq type='get' id='a1'><query xmlns='jabber:iq:auth'><username>carl</username>"
              "</query></iq>", b"</iq>")
    for number, password in ((2, "wrong"), (3, "sesame")):
        await say(f"<iq type='set' id='a{number}'><query xmlns='jabber:iq:auth'><username>carl"
                  f"</username><password>{password}</password><resource>old</resource></query></iq>",
                  b">")
        await asyncio.sleep(0.3)
    writer.write(f"<message to='anna@{SERVER}'><body>offline <![CDATA[<b>]]> &#x263a;</body>"
                 "</message></stream:stream>".encode())
    await asyncio.sleep(0.3)
    writer.close()


async def main(what, host):
    if what == "plain":
        await talk(host, False, ("PLAIN", "SCRAM-SHA-1"))
        await refusal(host)
        await legacy(host)
    else:
        await talk(host, True, ("PLAIN", "SCRAM-SHA-1"))


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.get_event_loop().run_until_complete(main(sys.argv[1], sys.argv[2]))
