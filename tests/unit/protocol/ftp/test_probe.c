/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "protocol/protocols.h"

static enum p2i_match probe_on(uint16_t port, enum p2i_direction from, const char *text)
{
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, port}};
    return p2i_ftp.probe(&ends, from, p2i_view_of(text, strlen(text)));
}

static void expect_probe(uint16_t port, enum p2i_direction from, const char *text,
                         enum p2i_match expected)
{
    cr_expect_eq(probe_on(port, from, text), expected, "port %u: %s", port, text);
    if (expected == P2I_MATCH_MORE) {
        return;
    }
    /* A prefix must not decide otherwise. */
    for (size_t size = 1; size < strlen(text); size++) {
        char part[1024] = {0};
        memcpy(part, text, size);
        enum p2i_match match = probe_on(port, from, part);
        cr_expect(match == P2I_MATCH_MORE || match == expected, "port %u: %s", port, part);
    }
}

Test(ftp_probe, greetings)
{
    const enum p2i_direction from = P2I_FROM_RESPONDER;
    expect_probe(2121, from, "220 (vsFTPd 3.0.3)\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "220-Welcome\r\n220 to the FTP server\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "220 Welcome\r\n", P2I_MATCH_NO);
    expect_probe(21, from, "220 Welcome\r\n", P2I_MATCH_YES);
    expect_probe(21, from, "220 mail.example ESMTP\r\n", P2I_MATCH_NO);
    expect_probe(2121, from, "220 ftp.example ESMTP\r\n", P2I_MATCH_NO);
    expect_probe(2121, from, "220-ftp.example\r\n220 ESMTP\r\n", P2I_MATCH_NO);
    expect_probe(25, from, "220 ftp.example ready\r\n", P2I_MATCH_NO);
    expect_probe(587, from, "220 ftp.example ready\r\n", P2I_MATCH_NO);
    expect_probe(119, from, "200 news.example ready\r\n", P2I_MATCH_NO);
    expect_probe(21, from, "SSH-2.0-x\r\n", P2I_MATCH_NO);
    expect_probe(21, from, "+OK\r\n", P2I_MATCH_NO);
    expect_probe(21, from, "2200 x\r\n", P2I_MATCH_NO);
    expect_probe(21, from, "999 x\r\n", P2I_MATCH_NO);
    expect_probe(21, from, "220", P2I_MATCH_MORE);
    expect_probe(2121, from, "220-FTP\r\n", P2I_MATCH_MORE);
    expect_probe(21, from, "220\r\n", P2I_MATCH_YES);
}

Test(ftp_probe, replies)
{
    const enum p2i_direction from = P2I_FROM_RESPONDER;
    expect_probe(21, from, "226 Done\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "226 Done\r\n", P2I_MATCH_NO);
    expect_probe(2121, from, "331 Please specify the password.\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "230 Login successful.\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "227 Entering Passive Mode (1,1,1,1,1,1)\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "229 Entering Extended Passive Mode (|||1|)\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "230 list of new articles follows\r\n", P2I_MATCH_NO);
    expect_probe(2121, from, "530 Authentication required\r\n", P2I_MATCH_NO);
}

Test(ftp_probe, commands)
{
    const enum p2i_direction from = P2I_FROM_INITIATOR;
    expect_probe(2121, from, "USER anonymous\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "user x\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "USER anonymous\n", P2I_MATCH_NO);
    expect_probe(21, from, "USER anonymous\n", P2I_MATCH_YES);
    expect_probe(110, from, "USER anonymous\r\n", P2I_MATCH_NO);
    expect_probe(6667, from, "USER guest 0 * :Real Name\r\n", P2I_MATCH_NO);
    expect_probe(2121, from, "USER anonymous\r", P2I_MATCH_MORE);
    expect_probe(2121, from, "USER anony", P2I_MATCH_MORE);
    expect_probe(2121, from, "US", P2I_MATCH_MORE);
    expect_probe(2121, from, "USERS x\r\n", P2I_MATCH_NO);
    expect_probe(2121, from, "AUTH TLS\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "AUTH PLAIN\r\n", P2I_MATCH_NO);
    expect_probe(2121, from, "FEAT\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "SYST\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "PASV\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "PORT 1,2,3,4,5,6\r\n", P2I_MATCH_YES);
    expect_probe(2121, from, "LIST\r\n", P2I_MATCH_NO);
    expect_probe(21, from, "LIST\r\n", P2I_MATCH_YES);
    expect_probe(21, from, "EHLO x\r\n", P2I_MATCH_NO);
    expect_probe(21, from, "GET / HTTP/1.1\r\n", P2I_MATCH_NO);
    expect_probe(21, from, "\x16\x03\x01", P2I_MATCH_NO);
    expect_probe(2121, from,
                 "\xff\xf4\xff\xf2"
                 "ABOR\r\n",
                 P2I_MATCH_NO);
    expect_probe(21, from,
                 "\xff\xf4\xff\xf2"
                 "ABOR\r\n",
                 P2I_MATCH_YES);
}

/* Only the server's port counts, whichever side began. */
Test(ftp_probe, direction)
{
    expect_probe(21, P2I_FROM_INITIATOR, "226 Done\r\n", P2I_MATCH_NO);
    expect_probe(21, P2I_FROM_RESPONDER, "LIST\r\n", P2I_MATCH_NO);
}

/* The client's port is ignored. */
Test(ftp_probe, with_a_mail_port_of_the_client)
{
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {110, 21}};
    cr_expect_eq(p2i_ftp.probe(&ends, P2I_FROM_INITIATOR, P2I_VIEW("USER a\r\n")), P2I_MATCH_YES);
    cr_expect_eq(p2i_ftp.probe(&ends, P2I_FROM_RESPONDER, P2I_VIEW("220 x\r\n")), P2I_MATCH_YES);
    ends = (struct p2i_ends){.transport = P2I_OVER_TCP, .port = {21, 110}};
    cr_expect_eq(p2i_ftp.probe(&ends, P2I_FROM_INITIATOR, P2I_VIEW("USER a\r\n")), P2I_MATCH_NO);
}
