/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/ftp/announcement.h"

/* Copies the payload to a block of its size, so that the sanitizer catches a read past its end. */
static bool read_payload(struct p2i_view payload, struct p2i_ftp_listener *listener)
{
    uint8_t *copy = malloc(payload.size > 0 ? payload.size : 1);
    memcpy(copy, payload.data, payload.size);
    struct p2i_view view = p2i_view_of(copy, payload.size);
    bool well = p2i_ftp_may_announce(view) && p2i_ftp_read_announcement(view, listener);
    free(copy);
    return well;
}

/* `expected`: address in hex and port, "" for no announcement. */
static void expect(const char *payload, const char *expected)
{
    struct p2i_ftp_listener listener;
    char shown[64] = "";
    if (read_payload(p2i_view_of(payload, strlen(payload)), &listener)) {
        for (size_t i = 0; i < listener.address_size; i++) {
            snprintf(shown + 2 * i, 3, "%02x", listener.address[i]);
        }
        snprintf(shown + strlen(shown), 8, ":%u", listener.port);
    }
    cr_expect_str_eq(shown, expected, "'%s': %s", payload, shown);
}

Test(ftp_announcement, commands)
{
    expect("PORT 192,0,2,1,4,1\r\n", "c0000201:1025");
    expect("EPRT |1|192.0.2.1|1025|\r\n", "c0000201:1025");
    expect("EPRT |2|2001:db8::1|1025|\r\n", "20010db8000000000000000000000001:1025");
    expect("LPRT 4,4,192,0,2,1,2,4,1\r\n", "c0000201:1025");
    expect("port 192,0,2,1,4,1\r\n", "c0000201:1025");
    expect("ePrT |1|192.0.2.1|1025|\r\n", "c0000201:1025");
    expect("lprt 4,4,192,0,2,1,2,4,1\r\n", "c0000201:1025");
}

Test(ftp_announcement, replies)
{
    expect("227 Entering Passive Mode (192,0,2,1,4,1)\r\n", "c0000201:1025");
    expect("228 Entering Long Passive Mode (4,4,192,0,2,1,2,4,1)\r\n", "c0000201:1025");
    expect("229 Entering Extended Passive Mode (|||1025|)\r\n", ":1025");
}

Test(ftp_announcement, ends_of_lines)
{
    expect("PORT 192,0,2,1,4,1\n", "c0000201:1025");
    expect("PORT 192,0,2,1,4,1\r", "c0000201:1025");
    expect("229 (|||1025|)\n", ":1025");
    /* More digits may follow. */
    expect("PORT 192,0,2,1,4,1", "");
    expect("227 Entering Passive Mode (192,0,2,1,4,1", "");
    expect("229 Entering Extended Passive Mode (|||1025|)", "");
}

/* Any line of the packet counts, the last one most. */
Test(ftp_announcement, several_lines)
{
    expect("PORT 192,0,2,1,4,1\r\nRETR x\r\n", "c0000201:1025");
    expect("229 (|||1025|)\r\n150 x\r\n", ":1025");
    expect("PORT 192,0,2,1,4,1\r\nPORT 192,0,2,1,4,2\r\n", "c0000201:1026");
    expect("PORT 192,0,2,1,4,1\r\nPORT 192,0,2,1,4,256\r\n", "c0000201:1025");
    expect("TYPE I\r\nPORT 192,0,2,1,4,1\r\n", "c0000201:1025");
    expect("200 Type set to I\r\n227 x (192,0,2,1,4,1)\r\n", "c0000201:1025");
    expect("230 x\r\n229 (|||1025|)\r\n", ":1025");
    expect("229-x\r\n229 (|||1025|)\r\n", ":1025");
    expect("229-(|||1025|)\r\n229 x\r\n", "");
    expect("TYPE I\r\nPORT 192,0,2,1,4,1", "");
}

/* Every beginning of a line without its end is none. */
Test(ftp_announcement, cut_lines)
{
    static const char *const lines[] = {
        "PORT 192,0,2,1,41,123\r",          "EPRT |2|2001:db8::1|51234|\r",
        "LPRT 4,4,192,0,2,1,2,41,123\r",    "227 Entering Passive Mode (192,0,2,1,41,123)\r",
        "228 Mode (4,4,192,0,2,1,2,4,1)\r", "229 Entering Extended Passive Mode (|||51234|)\r",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct p2i_ftp_listener listener;
        size_t size = strlen(lines[i]);
        cr_expect(read_payload(p2i_view_of(lines[i], size), &listener), "%s", lines[i]);
        for (size_t cut = 0; cut < size; cut++) {
            cr_expect_not(read_payload(p2i_view_of(lines[i], cut), &listener), "%.*s", (int)cut,
                          lines[i]);
        }
    }
}

Test(ftp_announcement, junk)
{
    static const char *const payloads[] = {
        "PORTS 192,0,2,1,4,1\r\n",
        "PORT192,0,2,1,4,1\r\n",
        "PORT\t192,0,2,1,4,1\r\n",

        "PORT 192,0,2,1,0,0\r\n",
        "PORT 192,0,2,256,4,1\r\n",
        "SORT 192,0,2,1,4,1\r\n",
        "LIST 192,0,2,1,4,1\r\n",
        "PASV 192,0,2,1,4,1\r\n",
        "EPRT |||1025|\r\n",
        "220 192,0,2,1,4,1\r\n",
        "2270 192,0,2,1,4,1\r\n",
        "227192,0,2,1,4,1\r\n",
        "22\r\n\r\n\r\n",
        "229 (|||0|)\r\n",
        "327 192,0,2,1,4,1\r\n",
        " PORT 192,0,2,1,4,1\r\n",
        "\r\n\r\n\r\n\r\n\r\n",
        "",
        "PORT \r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "\x80\x80\x80T \x80\x80\x80\n",
    };
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        expect(payloads[i], "");
    }
    struct p2i_ftp_listener listener;
    static const char zeros[64] = "PORT 192,0,2,1\0,4,1\r\n";
    cr_expect_not(read_payload(p2i_view_of(zeros, sizeof zeros), &listener));
}

/* Larger payloads are not those of a control connection. */
Test(ftp_announcement, is_limited)
{
    char payload[513];
    struct p2i_ftp_listener listener;
    memset(payload, 'x', sizeof payload);
    memcpy(payload, "229 (|||1025|)\r\n", 16);
    cr_expect(read_payload(p2i_view_of(payload, 512), &listener));
    cr_expect_not(read_payload(p2i_view_of(payload, 513), &listener));
    memset(payload, ' ', sizeof payload);
    memcpy(payload, "227 ", 4);
    memcpy(payload + 512 - 15, "192,0,2,1,4,1\r\n", 15);
    cr_expect(read_payload(p2i_view_of(payload, 512), &listener));
}
