/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "protocol/ftp/line.h"

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
