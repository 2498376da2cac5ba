/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "privacy/redact.h"

static struct p2i_texts texts;

static struct p2i_view view(const char *text)
{
    return p2i_view_of(text, strlen(text));
}

static void expect(struct p2i_view seen, const char *text)
{
    cr_expect(p2i_view_equals(seen, view(text)), "'%.*s' instead of '%s'", (int)seen.size,
              seen.size > 0 ? (const char *)seen.data : "", text);
}

static void done(void)
{
    p2i_texts_free(&texts);
}

Test(redact, passwords_become_a_star, .fini = done)
{
    union p2i_any_message message = {.ftp = {.user = view("anna"), .password = view("secret")}};
    cr_assert(p2i_redact(P2I_RECORD_FTP, &message, &texts));
    expect(message.ftp.password, "*");
    expect(message.ftp.user, "anna");
    message.im = (struct p2i_im){.login = view("anna"), .password = view("s")};
    cr_assert(p2i_redact(P2I_RECORD_IM, &message, &texts));
    expect(message.im.password, "*");
    expect(message.im.login, "anna");
    message.im.password = view("");
    cr_assert(p2i_redact(P2I_RECORD_IM, &message, &texts));
    expect(message.im.password, "");
}

static void expect_path(const char *from, const char *to)
{
    union p2i_any_message message;
    memset(&message, 0, sizeof message);
    message.clickstream.path = view(from);
    message.clickstream.referer = view(from[0] == '/' ? from : "http://anna:pw@h/");
    cr_assert(p2i_redact(P2I_RECORD_CLICKSTREAM, &message, &texts));
    expect(message.clickstream.path, to);
    expect(message.clickstream.referer, from[0] == '/' ? to : "http://anna:*@h/");
    p2i_texts_reset(&texts);
}

Test(redact, of_urls, .fini = done)
{
    expect_path("/", "/");
    expect_path("http://anna:secret@host/", "http://anna:*@host/");
    expect_path("http://anna:se:cr@et@host:80/x@y", "http://anna:*@host:80/x@y");
    expect_path("http://anna@host/a:b@c", "http://anna@host/a:b@c");
    expect_path("http://anna:@host/", "http://anna:@host/");
    expect_path("http://host:80/", "http://host:80/");
    expect_path("anna:secret@host:443", "anna:*@host:443");
    expect_path("/a:b@c", "/a:b@c");
    expect_path("/go?to=ftp://anna:secret@host/&x=wss://u:p@v",
                "/go?to=ftp://anna:*@host/&x=wss://u:*@v");
    expect_path("http://host?u=a:b@c", "http://host?u=a:b@c");
    expect_path("://:secret@", "://:*@");
    expect_path("://anna:secret", "://anna:secret");
    expect_path("//anna:secret@host/", "//anna:*@host/");
    expect_path("/go?to=//anna:secret@host/", "/go?to=//anna:*@host/");
}

Test(redact, of_hosts_and_locations, .fini = done)
{
    union p2i_any_message message;
    memset(&message, 0, sizeof message);
    message.clickstream.host = view("anna:secret@host");
    cr_assert(p2i_redact(P2I_RECORD_CLICKSTREAM, &message, &texts));
    expect(message.clickstream.host, "anna:*@host");
    memset(&message, 0, sizeof message);
    message.http_reply.location = view("https://a:b@c/ mailto:x@y");
    cr_assert(p2i_redact(P2I_RECORD_HTTP_REPLY, &message, &texts));
    expect(message.http_reply.location, "https://a:*@c/ mailto:x@y");
}

static void expect_sip(const char *from, const char *to)
{
    union p2i_any_message message;
    memset(&message, 0, sizeof message);
    message.sip.uri = message.sip.from = message.sip.to = view(from);
    cr_assert(p2i_redact(P2I_RECORD_SIP, &message, &texts));
    expect(message.sip.uri, to);
    expect(message.sip.from, to);
    expect(message.sip.to, to);
    p2i_texts_reset(&texts);
}

Test(redact, of_sip, .fini = done)
{
    expect_sip("sip:anna:secret@host:5060;x=a@b", "sip:anna:*@host:5060;x=a@b");
    expect_sip("sip:anna@host:5060;tag=x@y", "sip:anna@host:5060;tag=x@y");
    expect_sip("\"A: b@c\" <SIPS:an/na;?:p&+@host>;tag=1",
               "\"A: b@c\" <SIPS:an/na;?:*@host>;tag=1");
    expect_sip("<sip:host:5060> <sip:a:b@c>", "<sip:host:5060> <sip:a:*@c>");
}

/* Texts of 64 KiB that look like a user over and over: nothing is looked at again and again. */
Test(redact, hostile_texts_cost_little, .fini = done, .timeout = 10)
{
    enum { SIZE = 64 * 1024 };
    char *text = malloc(SIZE + 1);
    for (size_t i = 0; i < SIZE; i++) {
        text[i] = "sip:"[i % 4];
    }
    text[SIZE - 1] = '@';
    text[SIZE] = '\0';
    for (int i = 0; i < 1000; i++) {
        union p2i_any_message message;
        memset(&message, 0, sizeof message);
        message.sip.uri = view(text);
        cr_assert(p2i_redact(P2I_RECORD_SIP, &message, &texts));
        expect(message.sip.uri, "sip:sip:*@");
        p2i_texts_reset(&texts);
    }
    free(text);
}
