/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ftp_talk.h"
#include "protocol/ftp/listener.h"

/* ---- announcements ---- */

static void expect_listener(bool well, const struct p2i_ftp_listener *listener, const char *text,
                            const char *expected)
{
    char shown[64] = "";
    for (size_t i = 0; well && i < listener->address_size; i++) {
        snprintf(shown + 2 * i, 3, "%02x", listener->address[i]);
    }
    if (well) {
        snprintf(shown + strlen(shown), 8, ":%u", listener->port);
    }
    cr_expect_str_eq(shown, expected, "%s: %s", text, shown);
}

/* Copies each text to a block of its size, so that the sanitizer catches a read past its end. */
static void active(const char *name, const char *text, const char *expected)
{
    struct p2i_ftp_listener listener;
    size_t size = strlen(text);
    char *copy = malloc(size + 1);
    memcpy(copy, text, size);
    copy = realloc(copy, size > 0 ? size : 1);
    bool well =
        p2i_ftp_read_active(p2i_view_of(name, strlen(name)), p2i_view_of(copy, size), &listener);
    expect_listener(well, &listener, text, expected);
    free(copy);
}

static void passive(unsigned code, const char *text, const char *expected)
{
    struct p2i_ftp_listener listener;
    size_t size = strlen(text);
    char *copy = malloc(size + 1);
    memcpy(copy, text, size);
    copy = realloc(copy, size > 0 ? size : 1);
    bool well = p2i_ftp_read_passive(code, p2i_view_of(copy, size), &listener);
    expect_listener(well, &listener, text, expected);
    free(copy);
}

Test(ftp_listener, port)
{
    active("PORT", "192,0,2,1,4,1", "c0000201:1025");
    active("port", " 192,0,2,1,4,1 ", "c0000201:1025");
    active("PORT", "255,255,255,255,255,255", "ffffffff:65535");
    active("PORT", "0,0,0,0,4,1", ":1025");
    active("PORT", "192,0,2,1,0,0", "");
    active("PORT", "192,0,2,1,4", "");
    active("PORT", "192,0,2,1,4,", "");
    active("PORT", "192,0,2,256,4,1", "");
    active("PORT", "192,0,2,99999999999999999999,4,1", "");
    active("PORT", "192.0.2.1.4.1", "");
    active("PORT", "-1,0,2,1,4,1", "");
    active("PORT", "", "");
}

Test(ftp_listener, eprt)
{
    active("EPRT", "|1|192.0.2.1|1025|", "c0000201:1025");
    active("eprt", "!2!2001:db8::1!65535!", "20010db8000000000000000000000001:65535");
    active("EPRT", "|2|::ffff:192.0.2.1|21|", "00000000000000000000ffffc0000201:21");
    active("EPRT", "|2|::|21|", ":21");
    active("EPRT", "|1|2001:db8::1|1025|", "");
    active("EPRT", "|2|192.0.2.1|1025|", "");
    active("EPRT", "|3|192.0.2.1|1025|", "");
    active("EPRT", "|1|192.0.2.1|65536|", "");
    active("EPRT", "|1|192.0.2.1|0|", "");
    active("EPRT", "|1|192.0.2.1|1025", "");
    active("EPRT", "|1|192.0.2.1|", "");
    active("EPRT", "|1||1025|", "");
    active("EPRT", "|||1025|", "");
    active("EPRT", "|", "");
    active("EPRT", "", "");
    active("EPRT", "|2|1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb|1025|", "");
}

Test(ftp_listener, lprt)
{
    active("LPRT", "4,4,192,0,2,1,2,4,1", "c0000201:1025");
    active("LPRT", "6,16,32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,1,2,4,1",
           "20010db8000000000000000000000001:1025");
    active("LPRT", "4,16,192,0,2,1,2,4,1", "");
    active("LPRT", "4,4,192,0,2,1,3,4,1", "");
    active("LPRT", "6,16,32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,1,2,4", "");
    active("LPRT", "4,4,192,0,2,1,2,4", "");
    active("LPRT", "4,255,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "");
    active("PASV", "192,0,2,1,4,1", "");
}

Test(ftp_listener, replies)
{
    passive(227, "Entering Passive Mode (192,0,2,1,4,1)", "c0000201:1025");
    passive(227, "Entering Passive Mode (192,0,2,1,4,1).", "c0000201:1025");
    passive(227, "=192,0,2,1,4,1", "c0000201:1025");
    passive(227, "Mode 2 of 3, 4: 192,0,2,1,4,1", "c0000201:1025");
    passive(227, "Entering Passive Mode (0,0,0,0,4,1)", ":1025");
    passive(227, "Entering Passive Mode", "");
    passive(227, "1,2,3,4,5", "");
    passive(228, "Entering Long Passive Mode (4,4,192,0,2,1,2,4,1)", "c0000201:1025");
    passive(229, "Entering Extended Passive Mode (|||1025|)", ":1025");
    passive(229, "(!!!1025!)", ":1025");
    passive(229, "Entering (|1|192.0.2.1|1025|)", "c0000201:1025");
    passive(229, "|||1025|", "");
    passive(229, "(|||0|)", "");
    passive(229, "(|||1025", "");
    passive(229, "", "");
    passive(230, "(|||1025|) 192,0,2,1,4,1", "");
}

/* ---- the time of a report ---- */

#define REPORTS(expected, ...)                                                                     \
    do {                                                                                           \
        const struct dialog_step steps[] = {GREETING, __VA_ARGS__};                                \
        struct dialog dialog = ftp_dialog(21, steps, sizeof steps / sizeof *steps);                \
        dialog.expectations = true;                                                                \
        dialog_expect(&dialog, expected);                                                          \
    } while (0)

Test(ftp_listener, server_port_is_reported_with_its_reply)
{
    REPORTS("expect S c0000201:1025\n"
            "expect S :1026\n"
            "expect S c0000201:1027\n",
            CLIENT("PASV\r\nEPSV\r\nLPSV\r\n"),
            SERVER("227 Entering Passive Mode (192,0,2,1,4,1)\r\n"),
            SERVER("229 Extended (|||1026|)\r\n228-x\r\n228 (4,4,192,0,2,1,2,4,3)\r\n"),
            CLIENT("PASV\r\n"), SERVER("425 no (192,0,2,1,4,1)\r\n"));
}

Test(ftp_listener, client_port_is_reported_when_accepted)
{
    REPORTS("expect C c0000202:1025\n" LOGIN(
                "a", "", "230", "0", "1") "expect C 20010db8000000000000000000000001:1026\n",
            CLIENT("USER a\r\n"), SERVER("230 x\r\n"), CLIENT("PORT 192,0,2,2,4,1\r\nRETR x\r\n"),
            CLIENT("EPRT |2|2001:db8::1|1026|\r\n"),
            SERVER("200 x\r\n150 x\r\n226 x\r\n200 x\r\n"));
}

Test(ftp_listener, refused_ports_are_not_reported)
{
    REPORTS("expect C c0000202:1026\n", CLIENT("PORT 192,0,2,2,4,1\r\nPORT 192,0,2,2,4,2\r\n"),
            SERVER("500 Illegal PORT command\r\n200 x\r\n"));
    REPORTS("", CLIENT("PORT 192,0,2,2,4,1\r\n"), SERVER("421 x\r\n"));
    REPORTS("", CLIENT("PORT 192,0,2,2,4,1\r\n"));
}

/* A command without a reply is taken as accepted. */
Test(ftp_listener, client_port_is_reported_without_reply)
{
    REPORTS("expect C c0000202:1025\n", CLIENT("PORT 192,0,2,2,4,1\r\nRETR x\r\n"),
            DIALOG_SERVER_LOSES(8), SERVER("150 x\r\n"));
    EXPECT(NOTHING, CLIENT("PORT 192,0,2,2,4,1\r\n"));
    const struct dialog_step steps[] = {CLIENT("PORT 192,0,2,2,4,1\r\n"), CLIENT("RETR x\r\n")};
    struct dialog dialog = ftp_dialog(21, steps, 2);
    dialog.expectations = true;
    dialog_expect(&dialog, "expect C c0000202:1025\n");
}

/* Each transfer has its own announcement. */
Test(ftp_listener, before_and_after_logins)
{
    REPORTS("expect S :1\nexpect S :2\n" LOGIN("a", "", "230", "1", "2") "expect S :3\n",
            SERVER("229 (|||1|)\r\n"), CLIENT("USER a\r\n"), SERVER("230 x\r\n229 (|||2|)\r\n"),
            SERVER("229 (|||3|)\r\n"));
}

/* A port that may lack digits is not reported. */
Test(ftp_listener, cut_lines_are_not_reported)
{
    REPORTS("", CLIENT("PORT 192,0,2,2,4,1"), DIALOG_CLIENT_LOSES(3),
            SERVER("227 x (192,0,2,1,4,1"), DIALOG_SERVER_LOSES(3));
    REPORTS("", CLIENT("PORT 192,0,2,2,4,1"), DIALOG_CLIENT_CLOSES, SERVER("227 192,0,2,1,4,1"),
            DIALOG_SERVER_CLOSES);
    REPORTS("expect C c0000202:1025\n", CLIENT("PORT 192,0,2,2,4,1\r"), DIALOG_CLIENT_CLOSES,
            SERVER("200 x\r\n"));
}

Test(ftp_listener, no_listener_needed)
{
    EXPECT(NOTHING, GREETING, CLIENT("PORT 192,0,2,2,4,1\r\n"), SERVER("227 192,0,2,1,4,1\r\n"));
}
