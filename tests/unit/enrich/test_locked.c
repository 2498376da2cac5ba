/* SPDX-License-Identifier: MIT */
#include "enrich/locked.h"

#include "text_file.h"

static struct p2i_locked *load(const char *hosts, const char *urls)
{
    struct text_file files[2];
    struct p2i_locked *locked = NULL;
    struct p2i_error error = {0};
    if (hosts != NULL) {
        text_file_make(&files[0], hosts);
    }
    if (urls != NULL) {
        text_file_make(&files[1], urls);
    }
    enum p2i_result result = p2i_locked_open(&locked, hosts != NULL ? files[0].path : NULL,
                                             urls != NULL ? files[1].path : NULL, &error);
    cr_assert_eq(result, P2I_OK, "%s", error.text);
    if (hosts != NULL) {
        text_file_remove(&files[0]);
    }
    if (urls != NULL) {
        text_file_remove(&files[1]);
    }
    return locked;
}

static uint64_t http(const struct p2i_locked *locked, const char *host, const char *path)
{
    struct p2i_clickstream message = {
        .host = p2i_view_of(host, strlen(host)),
        .path = p2i_view_of(path, strlen(path)),
        .method = P2I_METHOD_GET,
        .host_type = P2I_HOST_HTTP,
    };
    return p2i_locked_find(locked, &message);
}

static uint64_t tls(const struct p2i_locked *locked, const char *host)
{
    struct p2i_clickstream message = {.host = p2i_view_of(host, strlen(host)),
                                      .host_type = P2I_HOST_SNI};
    return p2i_locked_find(locked, &message);
}

Test(locked, hosts)
{
    struct p2i_locked *locked = load("# locked\nbad.example\n*.Worse.example\r\n"
                                     "odd.example:8080\n[2001:db8::1]\npart.example/x\n",
                                     NULL);
    cr_assert_eq(tls(locked, "bad.example"), 1);
    cr_assert_eq(tls(locked, "BAD.example"), 1);
    cr_assert_eq(tls(locked, "bad.example."), 1);
    cr_assert_eq(tls(locked, "www.bad.example"), 0);
    cr_assert_eq(tls(locked, "xbad.example"), 0);
    cr_assert_eq(tls(locked, "worse.example"), 0, "names below it are meant");
    cr_assert_eq(tls(locked, "a.worse.example"), 1);
    cr_assert_eq(tls(locked, "a.b.WORSE.example"), 1);
    cr_assert_eq(tls(locked, "notworse.example"), 0);
    cr_assert_eq(tls(locked, ""), 0);
    cr_assert_eq(tls(locked, "."), 0);
    cr_assert_eq(tls(locked, "part.example"), 0, "a path cannot be seen");
    cr_assert_eq(http(locked, "bad.example", "/"), 3);
    cr_assert_eq(http(locked, "bad.example:8080", "/"), 3);
    cr_assert_eq(http(locked, "odd.example", "/"), 0);
    cr_assert_eq(http(locked, "odd.example:8080", "/"), 3);
    cr_assert_eq(http(locked, "[2001:db8::1]:8080", "/"), 3);
    cr_assert_eq(http(locked, "[2001:db8::1]", "/"), 3);
    cr_assert_eq(http(locked, "part.example", "/x"), 3);
    cr_assert_eq(http(locked, "part.example", "/xy"), 0);
    p2i_locked_close(locked);
    p2i_locked_close(NULL);
}

Test(locked, urls)
{
    struct p2i_locked *locked = load(NULL, "site.example/page?id=1\nsite.example/dir/*\n"
                                           "*.all.example\n*.some.example/only\nwhole.example\n");
    cr_assert_eq(http(locked, "site.example", "/page?id=1"), 2);
    cr_assert_eq(http(locked, "Site.example:81", "/page?id=1"), 2);
    cr_assert_eq(http(locked, "site.example", "/page?id=12"), 0);
    cr_assert_eq(http(locked, "site.example", "/Page?id=1"), 0);
    cr_assert_eq(http(locked, "site.example", "/dir/"), 2);
    cr_assert_eq(http(locked, "site.example", "/dir/deeper"), 2);
    cr_assert_eq(http(locked, "site.example", "/dir"), 0);
    cr_assert_eq(http(locked, "site.example", "http://site.example/dir/x"), 2, "asked of a proxy");
    cr_assert_eq(http(locked, "site.example", "http://site.example"), 0);
    cr_assert_eq(http(locked, "a.all.example", ""), 2);
    cr_assert_eq(http(locked, "a.some.example", "/only"), 2);
    cr_assert_eq(http(locked, "a.some.example", "/"), 0);
    cr_assert_eq(http(locked, "whole.example", "/any"), 2);
    cr_assert_eq(tls(locked, "whole.example"), 0, "URLs are those of HTTP");
    p2i_locked_close(locked);
}

Test(locked, both)
{
    struct p2i_locked *locked = load("bad.example\n", "bad.example\ngood.example\n");
    cr_assert_eq(http(locked, "bad.example", "/"), 3);
    cr_assert_eq(http(locked, "good.example", "/"), 2);
    cr_assert_eq(tls(locked, "bad.example"), 1);
    p2i_locked_close(locked);
    locked = load("", NULL);
    cr_assert_eq(http(locked, "bad.example", "/"), 0);
    p2i_locked_close(locked);
}

/* No name is that long: it is not even looked at, however many labels it has. */
Test(locked, longest_names)
{
    char host[300];
    for (size_t i = 0; i < sizeof host; i++) {
        host[i] = i % 2 != 0 ? '.' : 'a';
    }
    memcpy(host + sizeof host - 11, "bad.example", 12 - 1);
    host[sizeof host - 12] = '.';
    struct p2i_locked *locked = load("*.bad.example\n", NULL);
    struct p2i_clickstream message = {.host = p2i_view_of(host + 40, 260)};
    cr_assert_eq(p2i_locked_find(locked, &message), 1);
    message.host = p2i_view_of(host, sizeof host);
    cr_assert_eq(p2i_locked_find(locked, &message), 0);
    p2i_locked_close(locked);
}

Test(locked, many)
{
    enum { LINES = 5000, ROOM = 32 };
    char *text = malloc((size_t)LINES * ROOM);
    size_t size = 0;
    cr_assert_not_null(text);
    for (unsigned i = 0; i < LINES; i++) {
        size +=
            (size_t)snprintf(text + size, ROOM, "%shost%u.example\n", i % 2 != 0 ? "*." : "", i);
    }
    struct p2i_locked *locked = load(text, NULL);
    for (unsigned i = 0; i < LINES; i++) {
        char host[ROOM];
        (void)snprintf(host, sizeof host, "host%u.example", i);
        cr_assert_eq(tls(locked, host), i % 2 != 0 ? 0U : 1U);
        (void)snprintf(host, sizeof host, "www.host%u.example", i);
        cr_assert_eq(tls(locked, host), i % 2 != 0 ? 1U : 0U);
    }
    p2i_locked_close(locked);
    free(text);
}

Test(locked, bad_lines)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"good.example\n\nhttp://bad.example/\n",
         "line 3: 'http://bad.example/': a pattern begins with the host, not with a scheme"},
        {"/path\n", "line 1: '/path': not a host"},
        {"*.\n", "not a host"},
        {"*\n", "not a host"},
        {"*bad.example\n", "not a host"},
        {"a.*.example\n", "not a host"},
        {".example\n", "not a host"},
        {"two words\n", "not a host"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text_file file;
        struct p2i_locked *locked = NULL;
        struct p2i_error error = {0};
        text_file_make(&file, cases[i].text);
        cr_assert_eq(p2i_locked_open(&locked, NULL, file.path, &error), P2I_USAGE, "%s",
                     cases[i].text);
        cr_assert_null(locked);
        cr_assert_not_null(strstr(error.text, cases[i].said), "%s", error.text);
        cr_assert_eq(error.file, (const char *)file.path);
        text_file_remove(&file);
    }
    struct p2i_locked *locked = NULL;
    struct p2i_error error = {0};
    cr_assert_eq(p2i_locked_open(&locked, "/nowhere/file", NULL, &error), P2I_USAGE);
    cr_assert_str_eq(error.file, "/nowhere/file");
}
