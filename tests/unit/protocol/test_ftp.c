/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "dialog.h"
#include "protocol/ftp_line.h"
#include "protocol/message.h"
#include "protocol/protocols.h"

/* What follows AUTH TLS here: "\x16name\n" gives a reply with that location. */
static enum p2i_match hello_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                                  struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return bytes.data[0] == 0x16 || bytes.data[0] == 0x80 || bytes.data[0] == 'E' ? P2I_MATCH_YES
                                                                                  : P2I_MATCH_NO;
}

static struct p2i_step hello_data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    size_t end = p2i_view_find(piece->bytes, '\n');
    if (end == piece->bytes.size) {
        return (struct p2i_step){0};
    }
    struct p2i_http_reply message = {.location = p2i_view_first(piece->bytes, end)};
    p2i_emit(parser, P2I_RECORD_HTTP_REPLY, piece->direction, p2i_origin_at(piece, 0), &message);
    return (struct p2i_step){.consumed = end + 1};
}

static const struct p2i_protocol hello = {
    .over = {[P2I_OVER_TCP] = true},
    .probe = hello_probe,
    .data = hello_data,
};

static const struct p2i_protocol *const protocols[] = {&p2i_ftp, &hello, NULL};

static struct dialog dialog_of(uint16_t port, const struct dialog_step *steps, size_t count)
{
    return (struct dialog){
        .ends = {.transport = P2I_OVER_TCP, .port = {40000, port}},
        .protocols = protocols,
        .steps = steps,
        .step_count = count,
    };
}

#define EXPECT_ON(port, expected, ...)                                                             \
    do {                                                                                           \
        const struct dialog_step steps[] = {__VA_ARGS__};                                          \
        struct dialog dialog = dialog_of(port, steps, sizeof steps / sizeof *steps);               \
        dialog_expect(&dialog, expected);                                                          \
    } while (0)
#define EXPECT(expected, ...) EXPECT_ON(21, expected, __VA_ARGS__)

#define LOGIN_OF(from, name, user, password, code, mode, at)                                       \
    "ftp " from " server_name=\"" name "\" user=\"" user "\" password=\"" password                 \
    "\" result_code=" code " mode=" mode " @" at "\n"
#define LOGIN(user, password, code, mode, at) LOGIN_OF("C", "", user, password, code, mode, at)
#define HELLO(from, text, at)                                                                      \
    "http_reply " from " content_type=\"\" location=\"" text                                       \
    "\" content_length=0 result_code=0 @" at "\n"
#define NOTHING ""

#define CLIENT DIALOG_CLIENT
#define SERVER DIALOG_SERVER
#define GREETING SERVER("220 FTP ready\r\n")

/* ---- logins ---- */

Test(ftp, login_with_passive_transfer)
{
    EXPECT(LOGIN_OF("C", "ftp.example.org", "alice", "secret", "230", "1", "1"),
           SERVER("220 ftp.example.org FTP server ready\r\n"), CLIENT("USER alice\r\n"),
           SERVER("331 Password required\r\n"), CLIENT("PASS secret\r\n"),
           SERVER("230 Logged in\r\n"), CLIENT("PASV\r\n"),
           SERVER("227 Entering Passive Mode (192,0,2,1,4,1)\r\n"), CLIENT("LIST\r\n"),
           SERVER("150 Here it comes\r\n226 Done\r\n"), CLIENT("PORT 192,0,2,2,4,1\r\n"),
           SERVER("200 OK\r\n"), CLIENT("QUIT\r\n"), SERVER("221 Bye\r\n"));
}

/* The record goes out with the reply to the first command for a data connection, not later. */
Test(ftp, emitted_when_reply_and_mode_are_known)
{
    const struct dialog_step steps[] = {
        GREETING,
        CLIENT("USER a\r\n"),
        SERVER("331 x\r\n"),
        CLIENT("PASS b\r\n"),
        SERVER("230 x\r\n"),
        CLIENT("EPRT |1|192.0.2.1|1025|\r\n"),
        SERVER("200 x\r\n"),
        CLIENT("\x16late\n"),
    };
    struct dialog dialog = dialog_of(21, steps, sizeof steps / sizeof *steps);
    dialog_expect(&dialog, LOGIN("a", "b", "230", "0", "1") HELLO("C", "\\x16late", "7"));
}

Test(ftp, modes)
{
    static const struct {
        const char *command;
        const char *reply;
        int mode;
    } modes[] = {
        {"PORT 192,0,2,1,4,1", "200 x", 0},
        {"EPRT |2|2001:db8::1|1025|", "200 x", 0},
        {"LPRT 4,4,192,0,2,1,2,4,1", "200 x", 0},
        {"port 192,0,2,1,4,1", "200 x", 0},
        {"PASV", "227 x (192,0,2,1,4,1)", 1},
        {"EPSV", "229 x (|||1025|)", 1},
        {"EPSV 2", "229 x (|||1025|)", 1},
        {"LPSV", "228 x (4,4,192,0,2,1,2,4,1)", 1},
        {"pAsV", "227 x (192,0,2,1,4,1)", 1},
        {"PORT 192,0,2,1,4,1", "500 no", 0}, /* refused, and nothing better came */
        {"LIST", "425 no", 255},
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        char command[64];
        char reply[64];
        char expected[128];
        int command_size = snprintf(command, sizeof command, "%s\r\n", modes[i].command);
        int reply_size = snprintf(reply, sizeof reply, "%s\r\n", modes[i].reply);
        snprintf(expected, sizeof expected,
                 "ftp C server_name=\"\" user=\"a\" password=\"\" result_code=230 mode=%d @1\n",
                 modes[i].mode);
        const struct dialog_step steps[] = {
            GREETING,
            CLIENT("USER a\r\n"),
            SERVER("230 x\r\n"),
            {P2I_FROM_INITIATOR, command, (size_t)command_size},
            {P2I_FROM_RESPONDER, reply, (size_t)reply_size},
        };
        struct dialog dialog = dialog_of(21, steps, sizeof steps / sizeof *steps);
        dialog_expect(&dialog, expected);
    }
}

Test(ftp, refused_mode_then_another)
{
    EXPECT(LOGIN("a", "", "230", "1", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("230 x\r\n"),
           CLIENT("PORT 192,0,2,1,4,1\r\n"), SERVER("500 Illegal PORT command\r\n"),
           CLIENT("EPSV\r\n"), SERVER("522 no\r\n"), CLIENT("PASV\r\n"),
           SERVER("227 Entering Passive Mode (192,0,2,1,4,1)\r\n"));
}

/* EPSV ALL asks for no connection yet, and promises that no PORT comes (RFC 2428 section 4). */
Test(ftp, epsv_all)
{
    EXPECT(LOGIN("a", "", "230", "1", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("230 x\r\n"),
           CLIENT("EPSV ALL\r\n"), SERVER("200 x\r\n"), CLIENT("EPSV\r\n"),
           SERVER("229 Entering Extended Passive Mode (|||1025|)\r\n"));
}

Test(ftp, refused_login)
{
    EXPECT(LOGIN("alice", "wrong", "530", "255", "1"), GREETING, CLIENT("USER alice\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS wrong\r\n"), SERVER("530 Login incorrect.\r\n"),
           CLIENT("QUIT\r\n"), SERVER("221 Bye\r\n"));
}

Test(ftp, refused_user_and_password_all_the_same)
{
    EXPECT(LOGIN("root", "x", "530", "255", "1"), GREETING, CLIENT("USER root\r\n"),
           SERVER("530 Permission denied.\r\n"), CLIENT("PASS x\r\n"),
           SERVER("503 Login with USER first.\r\n"));
}

Test(ftp, no_password_needed)
{
    EXPECT(LOGIN("anonymous", "", "230", "0", "1"), GREETING, CLIENT("USER anonymous\r\n"),
           SERVER("230 x\r\n"), CLIENT("PORT 1,1,1,2,232,157\r\n"), SERVER("200 x\r\n"));
}

Test(ftp, superfluous_password)
{
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("230 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("202 x\r\n"));
}

Test(ftp, account)
{
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("332 x\r\n"), CLIENT("ACCT c\r\n"), SERVER("230 x\r\n"));
    EXPECT(LOGIN("a", "", "532", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("332 x\r\n"),
           CLIENT("ACCT c\r\n"), SERVER("532 x\r\n"));
}

/* RFC 2228: a login by security data exchange, and challenge and response. */
Test(ftp, security_extensions)
{
    EXPECT(LOGIN("a", "", "232", "255", "5"), GREETING, CLIENT("AUTH GSSAPI\r\n"),
           SERVER("334 x\r\n"), CLIENT("ADAT eHh4\r\n"), SERVER("235 ADAT=eHh4\r\n"),
           CLIENT("USER a\r\n"), SERVER("232 x\r\n"));
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"),
           SERVER("336 challenge\r\n"), CLIENT("PASS b\r\n"), SERVER("230 x\r\n"));
}

Test(ftp, intermediate_reply_is_not_final)
{
    EXPECT(LOGIN("a", "", "0", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"));
}

Test(ftp, several_logins)
{
    EXPECT(LOGIN("a", "1", "530", "255", "1") LOGIN("b", "", "0", "255", "5")
               LOGIN("c", "3", "230", "1", "7") LOGIN("d", "4", "230", "255", "13"),
           GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"), CLIENT("PASS 1\r\n"),
           SERVER("530 x\r\n"), CLIENT("USER b\r\n"), SERVER("331 x\r\n"), CLIENT("USER c\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS 3\r\n"), SERVER("230 x\r\n"), CLIENT("PASV\r\n"),
           SERVER("227 x\r\n"), CLIENT("USER d\r\n"), SERVER("331 x\r\n"), CLIENT("PASS 4\r\n"),
           SERVER("230 x\r\n"));
}

Test(ftp, password_again_is_a_login_of_its_own)
{
    EXPECT(LOGIN("a", "1", "530", "255", "1") LOGIN("", "2", "503", "255", "5"), GREETING,
           CLIENT("USER a\r\n"), SERVER("331 x\r\n"), CLIENT("PASS 1\r\n"), SERVER("530 x\r\n"),
           CLIENT("PASS 2\r\n"), SERVER("503 x\r\n"));
}

Test(ftp, service_not_available)
{
    EXPECT(LOGIN("a", "b", "421", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("421 Timeout\r\n"));
    EXPECT(LOGIN("a", "", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("230 x\r\n"),
           SERVER("421 Timeout\r\n"));
    EXPECT(NOTHING, SERVER("421 Too many users\r\n"));
}

Test(ftp, no_login)
{
    EXPECT(NOTHING, GREETING, CLIENT("FEAT\r\n"), SERVER("211-Features:\r\n MDTM\r\n211 End\r\n"),
           CLIENT("PASV\r\n"), SERVER("530 Please login with USER and PASS\r\n"),
           CLIENT("QUIT\r\n"), SERVER("221 Bye\r\n"));
}

Test(ftp, values_as_sent)
{
    EXPECT(LOGIN("Mr X", " p w ", "230", "255", "1"), GREETING, CLIENT("user Mr X\r\n"),
           SERVER("331 x\r\n"), CLIENT("Pass  p w \r\n"), SERVER("230 x\r\n"));
    EXPECT(LOGIN("", "", "530", "255", "1"), GREETING, CLIENT("USER\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS\r\n"), SERVER("530 x\r\n"));
    EXPECT(LOGIN("J\\xfcrgen", "\\x00\\x01", "530", "255", "1"), GREETING,
           CLIENT("USER J\xfcrgen\r\n"), SERVER("331 x\r\n"), CLIENT("PASS \0\1\r\n"),
           SERVER("530 x\r\n"));
}

/* ---- lines ---- */

Test(ftp, line_ends)
{
    EXPECT(LOGIN("a", "b", "230", "1", "1"), SERVER("220 FTP\n"), CLIENT("USER a\n"),
           SERVER("331 x\n"), CLIENT("PASS b\n"), SERVER("230-x\n230 x\n"), CLIENT("PASV\n"),
           SERVER("227 x\n"));
    EXPECT(LOGIN("a", "b", "230", "1", "1"), SERVER("220 FTP\r"), CLIENT("USER a\r"),
           SERVER("331 x\r"), CLIENT("PASS b\r"), SERVER("230-x\r230 x\r"), CLIENT("PASV\r"),
           SERVER("227 x\r"));
    EXPECT(LOGIN("a", "b", "230", "1", "1"), SERVER("220 FTP\r\r\n"), CLIENT("USER a\r\r\n"),
           SERVER("331 x\r\n\r\n"), CLIENT("\r\n\nPASS b\r\r\n"), SERVER("230 x\r\n"),
           CLIENT("PASV\r\n"), SERVER("227 x\r\n"));
}

/* RFC 959 section 4.2: nothing but the same code and a space ends it. */
Test(ftp, replies_of_several_lines)
{
    EXPECT(LOGIN_OF("C", "a.example", "a", "b", "230", "1", "1"),
           SERVER("220-Welcome\r\n331 users so far\r\n220-to a.example\r\n220\r\n"),
           CLIENT("USER a\r\n"), SERVER("331-x\r\n 331 x\r\n230 x\r\n331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("230-530 x\r\n530 x\r\n230-x\r\n2300 x\r\n\r\n"),
           SERVER("USER c\r\n230 x\r\n"), CLIENT("PASV\r\n"), SERVER("227 x\r\n"));
}

Test(ftp, telnet_in_front_of_abor)
{
    EXPECT(LOGIN("b", "", "230", "255", "4"), GREETING, CLIENT("RETR x\r\n"), SERVER("150 x\r\n"),
           CLIENT("\xff\xf4\xff\xf2"
                  "ABOR\r\n"),
           CLIENT("\xff\xf4\xf2\xff\xfd\x06USER b\r\n"), SERVER("426 x\r\n226 x\r\n230 x\r\n"));
}

Test(ftp, joined_at_telnet)
{
    EXPECT(LOGIN("b", "", "230", "255", "1"),
           CLIENT("\xff\xf4\xff\xf2"
                  "ABOR\r\n"),
           CLIENT("USER b\r\n"), SERVER("226 x\r\n230 x\r\n"));
}

Test(ftp, pipelined)
{
    EXPECT(LOGIN("a", "b", "530", "1", "1"), GREETING,
           CLIENT("SYST\r\nFEAT\r\nUSER a\r\nPASS b\r\nNOOP\r\nPASV\r\nLIST\r\n"),
           SERVER("530 log in first\r\n211-x\r\n530 x\r\n211 x\r\n331 x\r\n530 x\r\n200 x\r\n"
                  "227 x\r\n150 x\r\n226 x\r\n"));
}

Test(ftp, pipelined_logins)
{
    EXPECT(LOGIN("a", "1", "530", "255", "1") LOGIN("b", "2", "530", "255", "1")
               LOGIN("c", "3", "230", "0", "1"),
           GREETING,
           CLIENT("USER a\r\nPASS 1\r\nUSER b\r\nPASS 2\r\nUSER c\r\nPASS 3\r\nPORT 1,1\r\n"),
           SERVER("331 x\r\n530 x\r\n331 x\r\n530 x\r\n331 x\r\n230 x\r\n200 x\r\n"));
}

/* The client does not wait for the greeting. */
Test(ftp, client_speaks_first)
{
    EXPECT(LOGIN_OF("C", "a.example", "a", "b", "230", "255", "0"), CLIENT("USER a\r\nPASS b\r\n"),
           SERVER("120 wait\r\n220 a.example\r\n331 x\r\n230 x\r\n"));
}

/* A late reply to something else is none to the login. */
Test(ftp, late_replies)
{
    EXPECT(LOGIN("a", "b", "230", "255", "3"), GREETING, CLIENT("RETR x\r\n"),
           SERVER("150 x\r\n426 x\r\n"), CLIENT("USER a\r\n"), SERVER("226 x\r\n331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("230 x\r\n230 again\r\n"));
}

/* A command that is never answered does not shift the replies. */
Test(ftp, missing_reply)
{
    EXPECT(LOGIN("a", "b", "530", "255", "2"), GREETING, CLIENT("NOOP\r\n"), CLIENT("USER a\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS b\r\n"), SERVER("530 x\r\n"));
}

/* ---- server names ---- */

static void expect_name(const char *text, const char *expected)
{
    struct p2i_view name = p2i_ftp_host_name(p2i_view_of(text, strlen(text)));
    cr_expect(p2i_view_equals(name, p2i_view_of(expected, strlen(expected))), "%s: %.*s", text,
              (int)name.size, name.size > 0 ? (const char *)name.data : "");
}

Test(ftp_line, host_names)
{
    expect_name("ftp.example.org FTP server (Version 6.4/x) ready.", "ftp.example.org");
    expect_name("Welcome to ftp.example.org.", "ftp.example.org");
    expect_name("Welcome to FTP-2.Example.ORG!", "FTP-2.Example.ORG");
    expect_name("x 1.3.5 Server (x) [ftp.example.org]", "ftp.example.org");
    expect_name("<ftp.example.org>: ready", "ftp.example.org");
    expect_name("\"ftp.example.org\", ready", "ftp.example.org");
    expect_name("ftp.xn--e1afmkfd.xn--p1ai ready", "ftp.xn--e1afmkfd.xn--p1ai");
    expect_name("1.example", "1.example");
    expect_name("mail admin@example.org about ftp.example.org", "ftp.example.org");
    expect_name("a.example b.example", "a.example");
    expect_name("", "");
    expect_name("(vsFTPd 3.0.3)", "");
    expect_name("Server 1.3.5e [192.0.2.1]", "");
    expect_name("Server [::ffff:192.0.2.1] [2001:db8::1]", "");
    expect_name("https://www.example.org/ or http://www.example.org", "");
    expect_name("admin@example.org", "");
    expect_name("localhost FTP server ready...", "");
    expect_name("a..example -a.example a-.example a.example- .", "a.example");
    expect_name("a..example a-.example a_b.example \xc3\xa4.example", "");
    expect_name("a.b", "");
}

Test(ftp_line, host_name_lengths)
{
    char text[512];
    memset(text, 'a', sizeof text);
    memcpy(text + 63, ".example", 8);
    cr_expect_eq(p2i_ftp_host_name(p2i_view_of(text, 71)).size, 71);
    cr_expect_eq(p2i_ftp_host_name(p2i_view_of(text + 1, 70)).size, 70);
    memset(text, 'a', sizeof text);
    memcpy(text + 64, ".example", 8);
    cr_expect_eq(p2i_ftp_host_name(p2i_view_of(text, 72)).size, 0);
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 2 == 0 ? 'a' : '.';
    }
    memcpy(text + 250, "aaa", 3);
    cr_expect_eq(p2i_ftp_host_name(p2i_view_of(text, 253)).size, 253);
    memcpy(text + 250, "aaaa", 4);
    cr_expect_eq(p2i_ftp_host_name(p2i_view_of(text, 254)).size, 0);
}

/* Only the greeting names the server, and only its first name counts. */
Test(ftp, name_comes_from_the_greeting)
{
    EXPECT(LOGIN_OF("C", "a.example", "a", "", "230", "255", "1"),
           SERVER("220-Hello\r\n you are at a.example\r\n220 b.example\r\n"), CLIENT("USER a\r\n"),
           SERVER("230 c.example\r\n"));
    EXPECT(LOGIN("a", "", "230", "255", "3"), GREETING, CLIENT("REIN\r\n"),
           SERVER("220 a.example ready for new user\r\n"), CLIENT("USER a\r\n"),
           SERVER("230 c.example\r\n"));
}

/* ---- TLS ---- */

Test(ftp, auth_tls)
{
    EXPECT(HELLO("C", "\\x16client", "3") HELLO("S", "\\x16server", "4"), GREETING,
           CLIENT("AUTH TLS\r\n"), SERVER("234 Proceed\r\n"),
           CLIENT("\x16"
                  "client\n"),
           SERVER("\x16server\n"));
    EXPECT(HELLO("C", "\\x80client", "3"), GREETING, CLIENT("auth ssl\r\n"),
           SERVER("234-x\r\n234 Proceed\r\n"),
           CLIENT("\x80"
                  "client\n"));
}

Test(ftp, login_before_auth_tls)
{
    EXPECT(LOGIN("a", "", "0", "255", "1") HELLO("C", "\\x16x", "5"), GREETING,
           CLIENT("USER a\r\n"), SERVER("331 x\r\n"), CLIENT("AUTH TLS-C\r\n"), SERVER("234 x\r\n"),
           CLIENT("\x16x\n"));
}

Test(ftp, refused_auth_tls)
{
    EXPECT(LOGIN("a", "", "230", "255", "3"), GREETING, CLIENT("AUTH TLS\r\n"),
           SERVER("534 no\r\n"), CLIENT("USER a\r\n"), SERVER("230 x\r\n"));
}

/* The hello is not to be lost when it is seen before the reply that calls for it. */
Test(ftp, hello_overtakes_the_reply)
{
    EXPECT(HELLO("C", "\\x16client", "1") HELLO("S", "\\x16server", "3"), GREETING,
           CLIENT("AUTH TLS\r\n\x16"
                  "client\n"),
           SERVER("234 x\r\n"), SERVER("\x16server\n"));
}

Test(ftp, auth_tls_one_sided)
{
    EXPECT(HELLO("C", "\\x16client", "1"), CLIENT("AUTH TLS\r\n"),
           CLIENT("\x16"
                  "client\n"));
    EXPECT(HELLO("S", "\\x16server", "2"), GREETING, SERVER("234 x\r\n"), SERVER("\x16server\n"));
}

Test(ftp, auth_tls_with_lost_reply)
{
    EXPECT(HELLO("C", "\\x16client", "3"), GREETING, CLIENT("AUTH TLS\r\n"), DIALOG_SERVER_LOSES(9),
           CLIENT("\x16"
                  "client\n"),
           SERVER("\x16server"));
    EXPECT(HELLO("C", "\\x16client", "2"), GREETING, DIALOG_CLIENT_LOSES(10),
           CLIENT("\x16"
                  "client\n"));
    EXPECT(HELLO("C", "\\x16client", "4"), GREETING, CLIENT("AUTH TLS\r\n"), SERVER("234 x"),
           DIALOG_SERVER_LOSES(2),
           CLIENT("\x16"
                  "client\n"));
}

/* ---- what is missing ---- */

Test(ftp, client_only)
{
    EXPECT(LOGIN("a", "b", "0", "1", "0") LOGIN("c", "", "0", "0", "3"), CLIENT("USER a\r\n"),
           CLIENT("PASS b\r\n"), CLIENT("PASV\r\nPORT 1,1\r\n"), CLIENT("USER c\r\nPORT 1,1\r\n"),
           CLIENT("QUIT\r\n"));
}

Test(ftp, server_only)
{
    EXPECT(LOGIN_OF("C", "a.example", "", "", "530", "255", "1")
               LOGIN_OF("C", "a.example", "", "", "230", "1", "3"),
           SERVER("220 a.example FTP\r\n"), SERVER("331 x\r\n"), SERVER("530 x\r\n"),
           SERVER("331-x\r\nx\r\n331 x\r\n"), SERVER("332 x\r\n"), SERVER("230 x\r\n"),
           SERVER("215 x\r\n"), SERVER("229 x\r\n"), SERVER("150 x\r\n226 x\r\n"),
           SERVER("221 x\r\n"));
    EXPECT(NOTHING, GREETING, SERVER("331 x\r\n"), SERVER("227 x\r\n"));
    EXPECT(LOGIN("", "", "230", "255", "1"), GREETING, SERVER("230 x\r\n"), SERVER("550 x\r\n"));
}

Test(ftp, joined_in_mid_stream)
{
    EXPECT(LOGIN("", "b", "530", "255", "0"), SERVER("331 Password required\r\n"),
           CLIENT("PASS b\r\n"), SERVER("530 x\r\n"));
    EXPECT(LOGIN("", "b", "230", "1", "0"), CLIENT("PASS b\r\n"), SERVER("230 x\r\n"),
           CLIENT("PASV\r\n"), SERVER("227 x\r\n"));
    EXPECT(NOTHING, SERVER("530 Login incorrect.\r\n"), CLIENT("QUIT\r\n"), SERVER("221 x\r\n"));
    EXPECT(NOTHING, CLIENT("RETR x\r\n"), SERVER("150 x\r\n226 x\r\n"));
}

Test(ftp, lost_reply)
{
    EXPECT(LOGIN("a", "b", "530", "255", "1"), GREETING, CLIENT("USER a\r\n"),
           DIALOG_SERVER_LOSES(20), CLIENT("PASS b\r\n"), SERVER("530 x\r\n"));
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("230-x\r\n"), DIALOG_SERVER_LOSES(20),
           SERVER("e\r\n230 x\r\n"));
    EXPECT(LOGIN("a", "b", "530", "255", "1"), GREETING, CLIENT("USER a\r\nPASS b\r\n"),
           DIALOG_SERVER_LOSES(20), SERVER("530 x\r\n"));
}

Test(ftp, lost_commands)
{
    EXPECT(LOGIN("a", "", "230", "1", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           DIALOG_CLIENT_LOSES(20), SERVER("230 x\r\n"), CLIENT("PASV\r\n"), SERVER("227 x\r\n"));
    EXPECT(LOGIN("", "b", "230", "255", "2"), GREETING, DIALOG_CLIENT_LOSES(20),
           SERVER("331 x\r\n"), CLIENT("PASS b\r\n"), SERVER("230 x\r\n"));
}

/* A line that is cut by a loss or by the end is all that is known. */
Test(ftp, cut_lines)
{
    EXPECT(LOGIN("alice", "sec", "230", "255", "1"), GREETING, CLIENT("USER alice\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS sec"), DIALOG_CLIENT_LOSES(5), CLIENT("QUIT\r\n"),
           SERVER("230 x\r\n"));
    EXPECT(LOGIN("alice", "sec", "230", "255", "1"), GREETING, CLIENT("USER alice\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS sec"), DIALOG_CLIENT_CLOSES, SERVER("230 x"),
           DIALOG_SERVER_CLOSES);
}

Test(ftp, nothing_is_read_behind_the_end)
{
    const char client[] = "USER a\r\nPASS b\r\nPASV\r\n";
    const char server[] = "220-x.example\r\n220 FTP\r\n331 x\r\n230-\r\n230 x\r\n227 x\r\n";
    for (size_t i = 0; i < sizeof client; i++) {
        for (size_t j = 0; j < sizeof server; j++) {
            const struct dialog_step steps[] = {
                {P2I_FROM_RESPONDER, server, j},
                {P2I_FROM_INITIATOR, client, i},
            };
            struct dialog dialog = dialog_of(21, steps, 2);
            free(dialog_play(&dialog, 0));
        }
    }
}

/* ---- recognition ---- */

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
    /* A part of it must not decide otherwise. */
    for (size_t size = 1; size < strlen(text); size++) {
        char part[1024] = {0};
        memcpy(part, text, size);
        enum p2i_match match = probe_on(port, from, part);
        cr_expect(match == P2I_MATCH_MORE || match == expected, "port %u: %s", port, part);
    }
}

Test(ftp, probe_greetings)
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

Test(ftp, probe_replies)
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

Test(ftp, probe_commands)
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

/* The server's port is the one that counts, whoever began. */
Test(ftp, probe_direction)
{
    expect_probe(21, P2I_FROM_INITIATOR, "226 Done\r\n", P2I_MATCH_NO);
    expect_probe(21, P2I_FROM_RESPONDER, "LIST\r\n", P2I_MATCH_NO);
}

/* A client's port means nothing. */
Test(ftp, probe_with_a_mail_port_of_the_client)
{
    struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {110, 21}};
    cr_expect_eq(p2i_ftp.probe(&ends, P2I_FROM_INITIATOR, P2I_VIEW("USER a\r\n")), P2I_MATCH_YES);
    cr_expect_eq(p2i_ftp.probe(&ends, P2I_FROM_RESPONDER, P2I_VIEW("220 x\r\n")), P2I_MATCH_YES);
    ends = (struct p2i_ends){.transport = P2I_OVER_TCP, .port = {21, 110}};
    cr_expect_eq(p2i_ftp.probe(&ends, P2I_FROM_INITIATOR, P2I_VIEW("USER a\r\n")), P2I_MATCH_NO);
}

/* A client looks like the responder where the SYN was not captured. */
Test(ftp, client_is_the_responder)
{
    const struct dialog_step steps[] = {
        CLIENT("331 Password required\r\n"),
        SERVER("PASS b\r\n"),
        CLIENT("230 x\r\n"),
    };
    struct dialog dialog = dialog_of(0, steps, sizeof steps / sizeof *steps);
    dialog.ends.port[0] = 21;
    dialog.ends.port[1] = 40000;
    dialog_expect(&dialog, LOGIN_OF("S", "", "", "b", "230", "255", "0"));
}

Test(ftp, recognised_by_the_client)
{
    EXPECT_ON(2121, LOGIN("a", "b", "230", "1", "1"), SERVER("220 a.example\r\n"),
              CLIENT("USER a\r\n"), SERVER("331 x\r\n"), CLIENT("PASS b\r\n"), SERVER("230 x\r\n"),
              CLIENT("PASV\r\n"), SERVER("227 x\r\n"));
    EXPECT_ON(2121, LOGIN("a", "", "230", "255", "3"), SERVER("220 a.example\r\n"),
              CLIENT("FEAT\r\n"), SERVER("211-x\r\n UTF8\r\n211 x\r\n"), CLIENT("USER a\r\n"),
              SERVER("230 x\r\n"));
}

Test(ftp, on_any_port)
{
    EXPECT_ON(2121, LOGIN_OF("C", "ftp.example", "a", "", "230", "255", "1"),
              SERVER("220-\r\n220 ftp.example\r\n"), CLIENT("USER a\r\n"), SERVER("230 x\r\n"));
}

/* A mail server whose greeting speaks of FTP. */
Test(ftp, mail_client_is_left_alone)
{
    EXPECT_ON(2121, HELLO("C", "EHLO x", "1") HELLO("S", "250 x\\x0d", "2"),
              SERVER("220 ftp.example\r\n"), CLIENT("EHLO x\n"), SERVER("250 x\r\n"));
}

/* ---- hostile input ---- */

struct bytes {
    char *data;
    size_t size;
};

static void add(struct bytes *bytes, const char *data, size_t size)
{
    bytes->data = realloc(bytes->data, bytes->size + size + 1);
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static void add_many(struct bytes *bytes, char byte, size_t count)
{
    bytes->data = realloc(bytes->data, bytes->size + count + 1);
    memset(bytes->data + bytes->size, byte, count);
    bytes->size += count;
}

#define ADD(bytes, literal) add(bytes, "" literal, sizeof(literal) - 1)

static void expect_pieces(const struct dialog_step *steps, size_t count, const char *expected)
{
    static const size_t pieces[] = {0, 1, 1460, 8191, 8192, 8193};
    struct dialog dialog = dialog_of(21, steps, count);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        char *text = dialog_play(&dialog, pieces[i]);
        cr_expect_str_eq(text, expected, "pieces of %zu:\n%s", pieces[i], text);
        free(text);
    }
}

Test(ftp, long_command)
{
    struct bytes retr = {0};
    ADD(&retr, "RETR ");
    add_many(&retr, 'A', 200000);
    ADD(&retr, "\r\nUSER a\r\n");
    const struct dialog_step steps[] = {
        GREETING,
        {P2I_FROM_INITIATOR, retr.data, retr.size},
        SERVER("550 x\r\n331 x\r\n"),
        CLIENT("PASS b\r\n"),
        SERVER("230 x\r\n"),
    };
    expect_pieces(steps, sizeof steps / sizeof *steps, LOGIN("a", "b", "230", "255", "1"));
    free(retr.data);
}

Test(ftp, long_user_is_cut)
{
    struct bytes user = {0};
    struct bytes expected = {0};
    ADD(&user, "USER ");
    add_many(&user, 'A', 60000);
    ADD(&user, "\x16\r\nPASS b\r\n");
    ADD(&expected, "ftp C server_name=\"\" user=\"");
    add_many(&expected, 'A', 8192 - 5);
    ADD(&expected, "\" password=\"b\" result_code=230 mode=255 @1\n");
    expected.data[expected.size] = '\0';
    const struct dialog_step steps[] = {
        GREETING,
        {P2I_FROM_INITIATOR, user.data, user.size},
        SERVER("331 x\r\n230 x\r\n"),
    };
    expect_pieces(steps, sizeof steps / sizeof *steps, expected.data);
    free(user.data);
    free(expected.data);
}

Test(ftp, long_greeting)
{
    struct bytes greeting = {0};
    for (int i = 0; i < 3000; i++) {
        ADD(&greeting, "220-blah blah blah\r\n");
    }
    ADD(&greeting, "220-");
    add_many(&greeting, 'x', 100000);
    ADD(&greeting, "\r\n220 a.example\r\n");
    const struct dialog_step steps[] = {
        {P2I_FROM_RESPONDER, greeting.data, greeting.size},
        CLIENT("USER a\r\n"),
        SERVER("230 x\r\n"),
    };
    expect_pieces(steps, sizeof steps / sizeof *steps,
                  LOGIN_OF("C", "a.example", "a", "", "230", "255", "1"));
    free(greeting.data);
}

/* More commands and logins than are remembered. */
Test(ftp, many_unanswered)
{
    struct bytes flood = {0};
    for (int i = 0; i < 100; i++) {
        ADD(&flood, "NOOP\r\n");
    }
    ADD(&flood, "USER a\r\nPASS b\r\n");
    const struct dialog_step steps[] = {
        GREETING,
        {P2I_FROM_INITIATOR, flood.data, flood.size},
        SERVER("331 x\r\n230 x\r\n"),
    };
    expect_pieces(steps, sizeof steps / sizeof *steps, LOGIN("a", "b", "230", "255", "1"));
    free(flood.data);
}

/* The first two went out before their replies came, which are nobody else's. */
Test(ftp, many_logins_unanswered)
{
    EXPECT(LOGIN("1", "", "0", "255", "1") LOGIN("2", "", "0", "255", "1")
               LOGIN("3", "", "230", "255", "1") LOGIN("4", "", "0", "255", "1")
                   LOGIN("5", "", "0", "255", "1") LOGIN("6", "", "0", "255", "1"),
           GREETING, CLIENT("USER 1\r\nUSER 2\r\nUSER 3\r\nUSER 4\r\nUSER 5\r\nUSER 6\r\n"),
           SERVER("230 x\r\n230 x\r\n230 x\r\n"));
}

struct memory {
    uint64_t emitted;
    uint64_t most;
    const struct p2i_account *account;
};

static void count(void *context, enum p2i_record_kind kind, enum p2i_direction sender,
                  const struct p2i_origin *origin, const void *message)
{
    struct memory *memory = context;
    (void)kind;
    (void)sender;
    (void)origin;
    (void)message;
    memory->emitted++;
    memory->most = memory->account->used > memory->most ? memory->account->used : memory->most;
}

Test(ftp, a_million_commands)
{
    static const char *const texts[][2] = {
        {"USER someone\r\nPASS secret\r\n", "331 x\r\n530 x\r\n"},
        {"USER someone\r\nNOOP\r\n", ""},
        {"", "331 x\r\n530 x\r\n"},
        {"PASS secret\r\nSTAT\r\n", "230 x\r\n230 x\r\n211-x\r\n"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct p2i_account account = {0};
        struct memory memory = {.account = &account};
        struct p2i_sink sink = {count, &memory};
        struct p2i_parse_settings settings = {0};
        struct p2i_stream_setting setting = {
            .protocols = protocols, .settings = &settings, .pool = p2i_pool_new()};
        struct p2i_stream stream = {0};
        struct p2i_ends ends = {.transport = P2I_OVER_TCP, .port = {40000, 21}};
        struct p2i_origin origin = {0};
        p2i_stream_start(&stream, &setting, ends, &sink, &account);
        for (int round = 0; round < 500000; round++) {
            for (int side = 0; side < 2; side++) {
                p2i_stream_data(&stream, &setting, (enum p2i_direction)side,
                                p2i_view_of(texts[i][side], strlen(texts[i][side])), &origin);
            }
        }
        cr_expect_lt(account.used, 4096, "%zu: %llu", i, (unsigned long long)account.used);
        p2i_stream_end(&stream, &setting);
        cr_expect_eq(account.used, 0);
        cr_expect_lt(memory.most, 4096, "%zu: %llu", i, (unsigned long long)memory.most);
        cr_expect_geq(memory.emitted, i == 3 ? 1 : 500000, "%zu: %llu", i,
                      (unsigned long long)memory.emitted);
        p2i_pool_free(setting.pool);
    }
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void play_garbage(const char *const *words, size_t word_count, bool same)
{
    uint32_t seed = 1;
    for (int round = 0; round < 500; round++) {
        struct bytes bytes[4] = {0};
        for (int i = 0; i < 4; i++) {
            add(&bytes[i], "220 x\r\n", i == 0 ? 7 : 0);
        }
        for (int i = 0; i < 60; i++) {
            const char *word = words[next_random(&seed) % word_count];
            add(&bytes[next_random(&seed) % 4], word, strlen(word));
        }
        const struct dialog_step steps[] = {
            {P2I_FROM_RESPONDER, bytes[0].data, bytes[0].size},
            {P2I_FROM_INITIATOR, bytes[1].data, bytes[1].size},
            {P2I_FROM_RESPONDER, bytes[2].data, bytes[2].size},
            {(enum p2i_direction)(next_random(&seed) % 2), NULL, 1 + next_random(&seed) % 7},
            {P2I_FROM_INITIATOR, bytes[3].data, bytes[3].size},
        };
        struct dialog dialog = dialog_of(21, steps, sizeof steps / sizeof *steps);
        char *whole = dialog_play(&dialog, 0);
        char *pieces = dialog_play(&dialog, 1 + next_random(&seed) % 9);
        cr_assert(!same || strcmp(pieces, whole) == 0, "round %d:\n%s\ninstead of\n%s", round,
                  pieces, whole);
        free(whole);
        free(pieces);
        for (int i = 0; i < 4; i++) {
            free(bytes[i].data);
        }
    }
}

#define GARBAGE                                                                                    \
    "USER ", "PASS ", "a", "\r\n", "\n", "\r", "220 ", "220-", "230 x\r\n", "331 x\r\n", "530 ",   \
        "PASV\r\n", "PORT 1,1\r\n", "227 x\r\n", "AUTH TLS\r\n", "\xff", "\xfd", "QUIT\r\n",       \
        "221 x\r\n", "421 x\r\n", "ACCT x\r\n", "a.example", " ", "-", "USER b\r\n", "PASS c\r\n", \
        "200 x\r\n", "0"

/* As long as it is FTP, the way of cutting makes no difference. */
Test(ftp, garbage_that_stays_ftp)
{
    static const char *const words[] = {GARBAGE};
    play_garbage(words, sizeof words / sizeof *words, true);
}

Test(ftp, garbage)
{
    static const char *const words[] = {GARBAGE, "\x16", "\x80", "234 x\r\n", "EHLO "};
    play_garbage(words, sizeof words / sizeof *words, false);
}
