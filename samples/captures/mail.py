#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mail.py fill MAILDIR | smtp HOST | bdat HOST | pop3 HOST | stls HOST | imap HOST | starttls HOST

Mail for samples/captures/record: fills a Maildir with made-up messages, or talks to a mail server
as a client does, with more of the protocol than curl and swaks use.
"""
import imaplib
import mailbox
import poplib
import smtplib
import ssl
import sys
import threading
import time
from email.header import Header
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

USER, PASSWORD = "anna", "sesame"


def head(message, number, sender, to, subject, **others):
    message["Received"] = (f"from out{number}.example (out{number}.example [203.0.113.{number}])\n"
                           f"\tby mx.example with ESMTP id {number:04d}; Mon, 01 Jan 2024 "
                           f"10:0{number}:02 +0100")
    message["Received"] = (f"from desk.example by out{number}.example with ESMTPA; Mon, 01 Jan 2024 "
                           f"10:0{number}:01 +0100")
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = f"Mon, 01 Jan 2024 10:0{number}:00 +0100"
    message["Message-ID"] = f"<{number}@desk.example>"
    for name, value in others.items():
        message[name.replace("_", "-")] = value
    return message


def plain():
    text = MIMEText("A short letter.\n.\n..dots begin these lines.\nFrom here on, nothing.\n")
    return head(text, 1, "Berta <berta@shop.example>", "anna@shop.example", "Plain")


def attached():
    mixed = MIMEMultipart("mixed")
    head(mixed, 2, "Carl <carl@shop.example>", "Anna <anna@shop.example>, otto@shop.example",
         Header("Grüße aus Köln, mit einer langen Betreffzeile und zwei Anhängen für dich", "utf-8"),
         Cc='"Meier, Dora" <dora@shop.example>', Reply_To="answers@shop.example")
    mixed.attach(MIMEText("Siehe Anhang, ä ö ü.\n", "plain", "utf-8"))
    for name, data in (("list.bin", bytes(range(256))), ("zweite Liste.bin", b"second\n" * 20)):
        part = MIMEApplication(data)
        part.add_header("Content-Disposition", "attachment", filename=name)
        mixed.attach(part)
    return mixed


def page():
    both = MIMEMultipart("alternative")
    head(both, 3, Header("Дора", "koi8-r").encode() + " <dora@shop.example>",
         "anna@shop.example", "=?iso-8859-1?Q?Caf=E9_=26_?= =?iso-8859-1?Q?Cr=E8me?= today")
    both.attach(MIMEText("plain text\n"))
    both.attach(MIMEText("<p>page</p>\n", "html"))
    return both


def forwarded():
    mixed = MIMEMultipart("mixed")
    head(mixed, 4, "berta@shop.example", "friends: anna@shop.example, carl@shop.example;",
         "Fwd: with a letter in it")
    mixed.attach(MIMEText("See below.\n"))
    mixed.attach(MIMEMessage(attached()))
    return mixed


LETTERS = (plain, attached, page, forwarded)


def fill(folder):
    box = mailbox.Maildir(folder)
    for make in LETTERS:
        box.add(make().as_bytes())
        time.sleep(0.01)


def smtp(host):
    """Two messages on one connection, a reset between; then one whose head is in UTF-8."""
    with smtplib.SMTP(host, local_hostname="home.example", timeout=10) as server:
        server.sendmail("anna@home.example", ["berta@shop.example"], plain().as_bytes())
        server.docmd("MAIL", "FROM:<anna@home.example>")
        server.docmd("RCPT", "TO:<carl@shop.example>")
        server.docmd("RSET")
        server.docmd("VRFY", "carl@shop.example")
        server.sendmail("", ["carl@shop.example", "nobody@shop.example"], page().as_bytes())
        message = EmailMessage()
        message["From"], message["To"] = "jürgen@home.example", "berta@shop.example"
        message["Subject"] = "Überraschung: 雪"
        message.set_content("no codes here\n")
        server.send_message(message, mail_options=["SMTPUTF8", "BODY=8BITMIME"])


def bdat(host):
    """Chunks: three pieces cut in the head and in a part; pipelined with the envelope; refused."""
    data = attached().as_bytes().replace(b"\n", b"\r\n")
    with smtplib.SMTP(host, local_hostname="home.example", timeout=10) as server:
        server.ehlo()
        server.docmd("MAIL", "FROM:<carl@home.example> BODY=8BITMIME")
        server.docmd("RCPT", "TO:<anna@shop.example>")
        for start, end in ((0, 310), (310, 900), (900, len(data))):
            last = " LAST" if end == len(data) else ""
            server.send(f"BDAT {end - start}{last}\r\n".encode() + data[start:end])
            server.getreply()
        data = plain().as_bytes().replace(b"\n", b"\r\n")
        server.send(b"MAIL FROM:<carl@home.example>\r\nRCPT TO:<anna@shop.example>\r\n"
                    b"RCPT TO:<berta@shop.example>\r\nBDAT %d\r\n" % len(data) + data
                    + b"BDAT 0 LAST\r\n")
        for _ in range(5):
            server.getreply()
        server.docmd("MAIL", "FROM:<carl@home.example>")
        server.docmd("RCPT", "TO:<nobody@shop.example>")
        server.send(b"BDAT 6 LAST\r\nQUIT\r\n")
        server.getreply()


def pop3(host):
    box = poplib.POP3(host, timeout=10)
    for password in ("wrong", PASSWORD):
        try:
            box.user(USER)
            box.pass_(password)
        except poplib.error_proto:
            pass
    box.capa()
    box.stat()
    box.list()
    box.uidl()
    box.uidl(2)
    box.top(2, 3)
    for number in range(1, len(LETTERS) + 1):
        box.retr(number)
    try:
        box.retr(99)
    except poplib.error_proto:
        pass
    box.dele(1)
    box.rset()
    box.noop()
    box.quit()
    # Everything at once, which RFC 2449 calls pipelining.
    box = poplib.POP3(host, timeout=10)
    box.sock.sendall(b"USER %s\r\nPASS %s\r\nLIST\r\nRETR 1\r\nTOP 3 0\r\nRETR 3\r\nQUIT\r\n"
                     % (USER.encode(), PASSWORD.encode()))
    while box.file.readline():
        pass


def stls(host):
    box = poplib.POP3(host, timeout=10)
    box.stls(ssl._create_unverified_context())
    box.user(USER)
    box.pass_(PASSWORD)
    box.retr(1)
    box.quit()


def idle(host, ready):
    """Waits in IDLE for the message that another connection adds, and fetches it."""
    box = imaplib.IMAP4(host, timeout=10)
    box.login(USER, PASSWORD)
    box.select("INBOX")
    box.send(b"x1 IDLE\r\n")
    box.readline()
    ready.set()
    while b"EXISTS" not in box.readline():
        pass
    box.send(b"DONE\r\n")
    while not box.readline().startswith(b"x1 "):
        pass
    box.fetch("*", "(FLAGS BODY.PEEK[HEADER])")
    box.logout()


def imap(host):
    box = imaplib.IMAP4(host, timeout=10)
    try:
        box.login(USER, "wrong")
    except imaplib.IMAP4.error:
        pass
    box.login(USER, PASSWORD)
    box.list()
    box.select("No such box")
    box.select("INBOX")
    box.search(None, "SUBJECT", '"Plain"')
    box.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)")
    box.fetch("2", "(BODYSTRUCTURE)")
    box.fetch("1", "(BODY[])")
    box.fetch("2:4", "(UID RFC822.SIZE BODY.PEEK[HEADER])")
    box.fetch("1,3", "(BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)] FLAGS)")
    box.fetch("2", "(BODY[1] BODY[2] ENVELOPE)")
    box.fetch("2", "(BODY.PEEK[]<0.200>)")
    box.fetch("2", "(BODY.PEEK[]<200.400>)")
    box.fetch("4", "(RFC822.HEADER RFC822.TEXT)")
    box.uid("FETCH", "1:3", "(RFC822)")
    try:
        box.fetch("99", "(BODY[])")
    except imaplib.IMAP4.error:
        pass
    box.store("1", "+FLAGS", "(\\Answered)")
    box.create("Sent")
    box.append("Sent", "(\\Seen)", None, plain().as_bytes())
    data = attached().as_bytes().replace(b"\n", b"\r\n")
    box.send(b'y1 APPEND "Sent" (\\Seen) {%d+}\r\n' % len(data) + data + b"\r\n")
    while not box.readline().startswith(b"y1 "):
        pass
    box.append("Nowhere", None, None, page().as_bytes())
    # Two commands before the first answer.
    box.send(b"y2 FETCH 1 BODY.PEEK[]\r\ny3 FETCH 3 (ENVELOPE BODY.PEEK[TEXT])\r\n")
    while not box.readline().startswith(b"y3 "):
        pass
    ready = threading.Event()
    waiter = threading.Thread(target=idle, args=(host, ready))
    waiter.start()
    ready.wait(10)
    box.append("INBOX", None, None, page().as_bytes())
    waiter.join()
    box.logout()


def starttls(host):
    box = imaplib.IMAP4(host, timeout=10)
    box.starttls(ssl._create_unverified_context())
    box.login(USER, PASSWORD)
    box.select("INBOX")
    box.fetch("1:*", "(ENVELOPE)")
    box.logout()


if __name__ == "__main__":
    {f.__name__: f for f in (fill, smtp, bdat, pop3, stls, imap, starttls)}[sys.argv[1]](sys.argv[2])
