/* SPDX-License-Identifier: MIT */
#include "enrich/subscriber_file.h"

#include "base/prefix.h"
#include "text_file.h"

static struct p2i_subscriber_memo memo;

static struct p2i_subscriber_file *load(const char *text)
{
    struct text_file file;
    struct p2i_subscriber_file *loaded = NULL;
    struct p2i_error error = {0};
    text_file_make(&file, text);
    memset(&memo, 0, sizeof memo);
    enum p2i_result result = p2i_subscriber_file_open(&loaded, file.path, &error);
    cr_assert_eq(result, P2I_OK, "%s", error.text);
    text_file_remove(&file);
    return loaded;
}

/* "login" or "login/channel"; "" nobody. */
static const char *at(const struct p2i_subscriber_file *file, const char *address, uint32_t time_s)
{
    static char answer[64];
    struct p2i_prefix prefix;
    struct p2i_subscriber found;
    cr_assert_null(p2i_prefix_parse(p2i_view_of(address, strlen(address)), &prefix));
    if (!p2i_subscriber_file_find(file, &memo, &prefix.address, prefix.ip_version, time_s,
                                  &found)) {
        return "";
    }
    int size = snprintf(answer, sizeof answer, "%.*s", (int)found.login.size,
                        (const char *)found.login.data);
    if (found.has_channel) {
        (void)snprintf(answer + size, sizeof answer - (size_t)size, "/%u", found.channel);
    }
    return answer;
}

Test(subscriber_file, lines)
{
    struct p2i_subscriber_file *file = load("\xef\xbb\xbf# subscribers\r\n"
                                            "\r\n"
                                            "  \n"
                                            "192.0.2.0/24,net,7\r\n"
                                            " 192.0.2.1 , anna ,\n"
                                            "192.0.2.2,\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd,65535\n"
                                            "2001:db8::/56,anna,0,,\n"
                                            "2001:db8::5,boris@isp.example");
    cr_assert_str_eq(at(file, "192.0.2.1", 0), "anna");
    cr_assert_str_eq(at(file, "192.0.2.2", 0), "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd/65535");
    cr_assert_str_eq(at(file, "192.0.2.3", UINT32_MAX - 1), "net/7");
    cr_assert_str_eq(at(file, "192.0.3.3", 0), "");
    cr_assert_str_eq(at(file, "2001:db8:0:ff::1", 0), "anna/0");
    cr_assert_str_eq(at(file, "2001:db8::5", 0), "boris@isp.example");
    cr_assert_str_eq(at(file, "2001:db8:0:100::1", 0), "");
    p2i_subscriber_file_close(file);
}

Test(subscriber_file, nothing_in_it)
{
    struct p2i_subscriber_file *file = load("# nobody\n");
    cr_assert_str_eq(at(file, "192.0.2.1", 0), "");
    p2i_subscriber_file_close(file);
    p2i_subscriber_file_close(NULL);
}

/* Lines of one prefix for one time after the other, in any order; where none holds, the next
 * shorter prefix is asked. */
Test(subscriber_file, times)
{
    struct p2i_subscriber_file *file = load("192.0.2.7,second,2,200,300\n"
                                            "192.0.2.7,first,1,100,200\n"
                                            "192.0.2.0/24,house,,150,1000\n"
                                            "0.0.0.0/0,all\n"
                                            "192.0.2.7,third,3,400,\n"
                                            "192.0.2.7,within,4,220,230\n"
                                            "192.0.2.8,old\n"
                                            "192.0.2.8,new\n"
                                            "192.0.2.8,until,,,50\n");
    static const struct {
        uint32_t time_s;
        const char *login;
    } seven[] = {
        {0, "all"},        {99, "all"},          {100, "first/1"},  {199, "first/1"},
        {200, "second/2"}, {219, "second/2"},    {220, "within/4"}, {229, "within/4"},
        {230, "second/2"}, {299, "second/2"},    {300, "house"},    {399, "house"},
        {400, "third/3"},  {2000000, "third/3"},
    };
    for (size_t i = 0; i < sizeof seven / sizeof *seven; i++) {
        cr_assert_str_eq(at(file, "192.0.2.7", seven[i].time_s), seven[i].login, "at %u",
                         seven[i].time_s);
    }
    cr_assert_str_eq(at(file, "192.0.2.9", 999), "house");
    cr_assert_str_eq(at(file, "192.0.2.9", 1000), "all");
    cr_assert_str_eq(at(file, "192.0.2.8", 49), "until", "of equals the last in the file");
    cr_assert_str_eq(at(file, "192.0.2.8", 50), "new");
    p2i_subscriber_file_close(file);
}

/* Each second somebody else, written down in no order. */
Test(subscriber_file, many_times_of_one_prefix)
{
    enum { LINES = 100000, STEP = 70001, ROOM = 40 };
    char *text = malloc((size_t)LINES * ROOM);
    size_t size = 0;
    cr_assert_not_null(text);
    for (unsigned i = 0; i < LINES; i++) {
        unsigned from = (unsigned)((uint64_t)i * STEP % LINES);
        size +=
            (size_t)snprintf(text + size, ROOM, "192.0.2.7,user%u,,%u,%u\n", from, from, from + 1);
    }
    struct p2i_subscriber_file *file = load(text);
    cr_assert_str_eq(at(file, "192.0.2.7", 0), "user0");
    cr_assert_str_eq(at(file, "192.0.2.7", 77777), "user77777");
    cr_assert_str_eq(at(file, "192.0.2.7", LINES - 1), "user99999");
    cr_assert_str_eq(at(file, "192.0.2.7", LINES), "");
    p2i_subscriber_file_close(file);
    free(text);
}

Test(subscriber_file, iso_times)
{
    struct p2i_subscriber_file *file =
        load("192.0.2.7,anna,,2026-01-01T12:00:00Z,2026-01-01T15:30+03:00\n");
    cr_assert_str_eq(at(file, "192.0.2.7", 1767268799), "");
    cr_assert_str_eq(at(file, "192.0.2.7", 1767268800), "anna");
    cr_assert_str_eq(at(file, "192.0.2.7", 1767268800 + 1799), "anna");
    cr_assert_str_eq(at(file, "192.0.2.7", 1767268800 + 1800), "");
    p2i_subscriber_file_close(file);
}

static void refuse(const char *text, size_t size, const char *said)
{
    struct text_file file;
    struct p2i_subscriber_file *loaded = NULL;
    struct p2i_error error = {0};
    text_file_bytes(&file, text, size);
    cr_assert_eq(p2i_subscriber_file_open(&loaded, file.path, &error), P2I_USAGE, "%s", text);
    cr_assert_null(loaded);
    cr_assert_eq(error.file, (const char *)file.path);
    cr_assert_not_null(strstr(error.text, said), "'%s' does not say '%s'", error.text, said);
    text_file_remove(&file);
}

Test(subscriber_file, bad_lines)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"192.0.2.1,anna\n192.0.2,anna\n", "line 2: '192.0.2': not an address"},
        {"\n# none\n192.0.2.1/40,anna\n", "line 3: '192.0.2.1/40': the length is not 0 to 32"},
        {"2001:db8::/129,anna\n", "line 1: '2001:db8::/129': the length is not 0 to 128"},
        {"192.0.2.1\n", "line 1: '192.0.2.1': the login after the prefix is missing"},
        {"192.0.2.1,\n", "the login after the prefix is missing"},
        {"192.0.2.1,,5\n", "the login after the prefix is missing"},
        {"192.0.2.1,anna,65536\n", "line 1: '65536': not a channel"},
        {"192.0.2.1,anna,x\n", "'x': not a channel"},
        {"192.0.2.1,anna,-1\n", "'-1': not a channel"},
        {"192.0.2.1,anna,,yesterday\n", "line 1: 'yesterday': not a time"},
        {"192.0.2.1,anna,,0,2026-13-01\n", "'2026-13-01': not a time"},
        {"192.0.2.1,anna,,7,7\n", "ends before it begins"},
        {"192.0.2.1,anna,,7,6\n", "ends before it begins"},
        {"192.0.2.1,anna,,7,9,\n", "more than prefix, login, channel, from, to"},
        {",anna\n", "line 1: '': not an address"},
        {"\x01\x02\x7f,anna\n", "'\?\?\?': not an address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refuse(cases[i].text, strlen(cases[i].text), cases[i].said);
    }
    refuse("\0\0\0,anna", 8, "line 1");
    char longest[5000];
    memset(longest, 'x', sizeof longest);
    refuse(longest, sizeof longest, "xxx': not an address");
}

Test(subscriber_file, one_bad_line_of_many)
{
    enum { LINES = 100000, BAD = 77777, ROOM = 40 };
    char *text = malloc((size_t)LINES * ROOM);
    size_t size = 0;
    cr_assert_not_null(text);
    for (unsigned i = 1; i <= LINES; i++) {
        size += (size_t)snprintf(text + size, ROOM, "10.%u.%u.%u%s,user%u\n", i >> 16, i >> 8 & 255,
                                 i & 255, i == BAD ? "/33" : "", i);
    }
    refuse(text, size, "line 77777: '10.1.47.209/33': the length is not 0 to 32");
    free(text);
}

Test(subscriber_file, missing)
{
    struct p2i_subscriber_file *loaded = NULL;
    struct p2i_error error = {0};
    cr_assert_eq(p2i_subscriber_file_open(&loaded, "/nowhere/file", &error), P2I_USAGE);
    cr_assert_str_eq(error.file, "/nowhere/file");
    cr_assert_not_null(strstr(error.text, "No such file"));
    cr_assert_eq(p2i_subscriber_file_open(&loaded, "/", &error), P2I_USAGE, "a directory");
}
