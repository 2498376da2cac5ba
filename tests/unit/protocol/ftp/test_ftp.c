/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ftp_talk.h"

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

/* The record is emitted with the reply to the first command for a data connection, not later. */
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
    struct dialog dialog = ftp_dialog(21, steps, sizeof steps / sizeof *steps);
    dialog_expect(&dialog, LOGIN("a", "b", "230", "0", "1") TALK_SECRET("C", "\\x16late", "7"));
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
        {"PORT 192,0,2,1,4,1", "500 no", 255}, /* refused: the port is not open */
        {"EPSV", "522 no", 255},
        {"PORT 192,0,2,1,4,1", "150 wait", 0}, /* its reply is missing */
        {"PASV", "150 wait", 1},
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
        struct dialog dialog = ftp_dialog(21, steps, sizeof steps / sizeof *steps);
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

/* EPSV ALL opens no connection yet, and promises that no PORT follows (RFC 2428 section 4). */
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

Test(ftp, refused_user_then_password)
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
    EXPECT(LOGIN("a", "", "0", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           DIALOG_CLIENT_CLOSES, DIALOG_SERVER_CLOSES);
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

Test(ftp, repeated_password_is_another_login)
{
    EXPECT(LOGIN("a", "1", "530", "255", "1") LOGIN("", "2", "503", "255", "5"), GREETING,
           CLIENT("USER a\r\n"), SERVER("331 x\r\n"), CLIENT("PASS 1\r\n"), SERVER("530 x\r\n"),
           CLIENT("PASS 2\r\n"), SERVER("503 x\r\n"));
}

/* ---- refused commands ---- */

/* USER without a name is not a login; the current one continues. */
Test(ftp, refused_user)
{
    EXPECT(LOGIN("one", "p1", "230", "1", "1"), GREETING, CLIENT("USER one\r\n"),
           SERVER("331 x\r\n"), CLIENT("USER\r\n"), SERVER("501 x\r\n"), CLIENT("PASS p1\r\n"),
           SERVER("230 x\r\n"), CLIENT("PASV\r\n"), SERVER("227 x\r\n"));
    EXPECT(LOGIN("one", "p1", "230", "1", "1"), GREETING,
           CLIENT("USER one\r\nUSER\r\nPASS p1\r\nPASV\r\n"),
           SERVER("331 x\r\n501 x\r\n230 x\r\n227 x\r\n"));
    EXPECT(LOGIN("one", "p1", "230", "1", "1"), GREETING, CLIENT("USER one\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS p1\r\n"), SERVER("230 x\r\n"), CLIENT("USER two\r\n"),
           SERVER("503 x\r\n"), CLIENT("PASV\r\n"), SERVER("227 x\r\n"));
    EXPECT(LOGIN("one", "p1", "230", "1", "1"), GREETING, CLIENT("USER one\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS p1\r\n"), SERVER("230 x\r\n"), CLIENT("PASV\r\n"),
           SERVER("227 x\r\n"), CLIENT("USER two\r\nPASS p2\r\n"), SERVER("503 x\r\n503 x\r\n"));
}

/* With 530 it is a failed login, and the earlier one is over. */
Test(ftp, failed_user)
{
    EXPECT(LOGIN("one", "", "0", "255", "1") LOGIN("root", "p1", "530", "255", "3"), GREETING,
           CLIENT("USER one\r\n"), SERVER("331 x\r\n"), CLIENT("USER root\r\n"),
           SERVER("530 x\r\n"), CLIENT("PASS p1\r\n"), SERVER("503 x\r\n"));
}

/* Without a current login it is a failed one, if it has a name. */
Test(ftp, refused_user_before_any)
{
    EXPECT(LOGIN("one", "p1", "501", "255", "1") LOGIN("two", "", "230", "255", "5"), GREETING,
           CLIENT("USER one\r\n"), SERVER("501 x\r\n"), CLIENT("PASS p1\r\n"), SERVER("503 x\r\n"),
           CLIENT("USER two\r\n"), SERVER("230 x\r\n"));
    EXPECT(LOGIN("two", "", "230", "255", "3"), GREETING, CLIENT("USER\r\n"), SERVER("501 x\r\n"),
           CLIENT("USER two\r\n"), SERVER("230 x\r\n"));
    EXPECT(NOTHING, GREETING, CLIENT("USER\r\n"), SERVER("501 x\r\n"));
}

Test(ftp, refused_password)
{
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS\r\n"), SERVER("501 x\r\n"), CLIENT("PASS b\r\n"), SERVER("230 x\r\n"));
    EXPECT(LOGIN("a", "b", "230", "1", "1"), GREETING,
           CLIENT("USER a\r\nPASS\r\nPASS b\r\nPASV\r\n"),
           SERVER("331 x\r\n501 x\r\n230 x\r\n227 x\r\n"));
    EXPECT(LOGIN("a", "b", "501", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("501 x\r\n"));
    EXPECT(LOGIN("a", "", "232", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("502 x\r\n"), CLIENT("ACCT c\r\n"), SERVER("232 x\r\n"));
}

Test(ftp, refused_account)
{
    EXPECT(LOGIN("a", "b", "230", "255", "1"), GREETING, CLIENT("USER a\r\n"), SERVER("331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("332 x\r\n"), CLIENT("ACCT\r\n"), SERVER("501 x\r\n"),
           CLIENT("ACCT c\r\n"), SERVER("230 x\r\n"));
}

/* A refused command sets no mode, also when more commands were sent with it. */
Test(ftp, refused_modes_pipelined)
{
    EXPECT(LOGIN("a", "", "230", "1", "1"), GREETING,
           CLIENT("USER a\r\nPORT 1,1\r\nEPSV\r\nPASV\r\nLIST\r\n"),
           SERVER("230 x\r\n500 x\r\n522 x\r\n"), DIALOG_SERVER_CLOSES);
    EXPECT(LOGIN("a", "", "230", "255", "1"), GREETING,
           CLIENT("USER a\r\nPORT 1,1\r\nEPSV\r\nLIST\r\n"),
           SERVER("230 x\r\n500 x\r\n522 x\r\n425 x\r\n"));
}

/* ---- end of service ---- */

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

/* RFC 959 section 4.2: only the same code and a space end the reply. */
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

Test(ftp, capture_joins_at_telnet)
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

/* A late reply to another command is not the login's. */
Test(ftp, late_replies)
{
    EXPECT(LOGIN("a", "b", "230", "255", "3"), GREETING, CLIENT("RETR x\r\n"),
           SERVER("150 x\r\n426 x\r\n"), CLIENT("USER a\r\n"), SERVER("226 x\r\n331 x\r\n"),
           CLIENT("PASS b\r\n"), SERVER("230 x\r\n230 again\r\n"));
}

/* A command without a reply does not shift the later replies. */
Test(ftp, missing_reply)
{
    EXPECT(LOGIN("a", "b", "530", "255", "2"), GREETING, CLIENT("NOOP\r\n"), CLIENT("USER a\r\n"),
           SERVER("331 x\r\n"), CLIENT("PASS b\r\n"), SERVER("530 x\r\n"));
}

/* ---- server names ---- */

/* The server's name is the first one in the greeting. */
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
    EXPECT(TALK_SECRET("C", "\\x16client", "3") TALK_SECRET("S", "\\x16server", "4"), GREETING,
           CLIENT("AUTH TLS\r\n"), SERVER("234 Proceed\r\n"),
           CLIENT("\x16"
                  "client\n"),
           SERVER("\x16server\n"));
    EXPECT(TALK_SECRET("C", "\\x80client", "3"), GREETING, CLIENT("auth ssl\r\n"),
           SERVER("234-x\r\n234 Proceed\r\n"),
           CLIENT("\x80"
                  "client\n"));
}

Test(ftp, login_before_auth_tls)
{
    EXPECT(LOGIN("a", "", "0", "255", "1") TALK_SECRET("C", "\\x16x", "5"), GREETING,
           CLIENT("USER a\r\n"), SERVER("331 x\r\n"), CLIENT("AUTH TLS-C\r\n"), SERVER("234 x\r\n"),
           CLIENT("\x16x\n"));
}

Test(ftp, refused_auth_tls)
{
    EXPECT(LOGIN("a", "", "230", "255", "3"), GREETING, CLIENT("AUTH TLS\r\n"),
           SERVER("534 no\r\n"), CLIENT("USER a\r\n"), SERVER("230 x\r\n"));
}

/* The hello must not be lost if it is captured before the reply that precedes it. */
Test(ftp, hello_overtakes_the_reply)
{
    EXPECT(TALK_SECRET("C", "\\x16client", "1") TALK_SECRET("S", "\\x16server", "3"), GREETING,
           CLIENT("AUTH TLS\r\n\x16"
                  "client\n"),
           SERVER("234 x\r\n"), SERVER("\x16server\n"));
}

Test(ftp, auth_tls_one_sided)
{
    EXPECT(TALK_SECRET("C", "\\x16client", "1"), CLIENT("AUTH TLS\r\n"),
           CLIENT("\x16"
                  "client\n"));
    EXPECT(TALK_SECRET("S", "\\x16server", "2"), GREETING, SERVER("234 x\r\n"),
           SERVER("\x16server\n"));
}

Test(ftp, auth_tls_with_lost_reply)
{
    EXPECT(TALK_SECRET("C", "\\x16client", "3"), GREETING, CLIENT("AUTH TLS\r\n"),
           DIALOG_SERVER_LOSES(9),
           CLIENT("\x16"
                  "client\n"),
           SERVER("\x16server"));
    EXPECT(TALK_SECRET("C", "\\x16client", "2"), GREETING, DIALOG_CLIENT_LOSES(10),
           CLIENT("\x16"
                  "client\n"));
    EXPECT(TALK_SECRET("C", "\\x16client", "4"), GREETING, CLIENT("AUTH TLS\r\n"), SERVER("234 x"),
           DIALOG_SERVER_LOSES(2),
           CLIENT("\x16"
                  "client\n"));
}

Test(ftp, nothing_is_parsed_after_the_end)
{
    const char client[] = "USER a\r\nPASS b\r\nPASV\r\n";
    const char server[] = "220-x.example\r\n220 FTP\r\n331 x\r\n230-\r\n230 x\r\n227 x\r\n";
    for (size_t i = 0; i < sizeof client; i++) {
        for (size_t j = 0; j < sizeof server; j++) {
            const struct dialog_step steps[] = {
                {P2I_FROM_RESPONDER, server, j},
                {P2I_FROM_INITIATOR, client, i},
            };
            struct dialog dialog = ftp_dialog(21, steps, 2);
            free(dialog_play(&dialog, 0));
        }
    }
}

/* ---- directions ---- */

/* Without the SYN in the capture the client may look like the responder. */
Test(ftp, client_is_the_responder)
{
    const struct dialog_step steps[] = {
        CLIENT("331 Password required\r\n"),
        SERVER("PASS b\r\n"),
        CLIENT("230 x\r\n"),
    };
    struct dialog dialog = ftp_dialog(0, steps, sizeof steps / sizeof *steps);
    dialog.ends.port[0] = 21;
    dialog.ends.port[1] = 40000;
    dialog_expect(&dialog, LOGIN_OF("S", "", "", "b", "230", "255 cut", "0"));
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

/* The greeting of a mail server mentions FTP. */
Test(ftp, mail_client_is_not_recognised)
{
    static const struct p2i_protocol *const with_smtp[] = {&p2i_ftp, &p2i_smtp, NULL};
    TALK_EXPECT(with_smtp, 2121,
                "mail C sender=\"a@x\" receiver=\"b@y\" cc=\"\" subject=\"\" servers=\"x\" "
                "reply_to=\"\" result_code=0 event=1 attachment=0 protocol=0 cut @3\n",
                SERVER("220 ftp.example\r\n"), CLIENT("EHLO x\r\n"), SERVER("250 x\r\n"),
                CLIENT("MAIL FROM:<a@x>\r\n"), CLIENT("RCPT TO:<b@y>\r\n"));
}
