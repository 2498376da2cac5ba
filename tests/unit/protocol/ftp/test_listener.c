/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/ftp/listener.h"

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
