/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/gateway.h"
#include "config/gateway_file.h"
#include "settings/settings.h"

static struct p2i_error error;

/* ---- the form of the file ---- */

static struct p2i_arena arena;
static struct p2i_gateway_parameter *parameters;
static size_t count;

static enum p2i_result parse(const char *text, size_t size)
{
    return p2i_gateway_file_parse(&parameters, &count, &arena, p2i_view_of(text, size), &error);
}

static void done(void)
{
    free(parameters);
    p2i_arena_free(&arena);
}

static void expect_one(const char *text, const char *name, const char *index, const char *value)
{
    cr_assert_eq(parse(text, strlen(text)), P2I_OK, "%s: %s", text, error.text);
    cr_assert_eq(count, 1, "%s", text);
    cr_expect_str_eq(parameters[0].name, name);
    cr_expect_str_eq(parameters[0].value, value, "%s: %s", text, parameters[0].value);
    cr_expect(index != NULL ? parameters[0].index != NULL && strcmp(parameters[0].index, index) == 0
                            : parameters[0].index == NULL);
    done();
}

Test(gateway_file, forms_of_a_line)
{
    expect_one("a=b", "a", NULL, "b");
    expect_one("a=b\r\n", "a", NULL, "b");
    expect_one("\t a \t=  b c \n", "a", NULL, "b c");
    expect_one("a=", "a", NULL, "");
    expect_one("a=b=c", "a", NULL, "b=c");
    expect_one("a[12] = b", "a", "12", "b");
    expect_one("a='b # c' # d", "a", NULL, "b # c");
    expect_one("a=\"\"", "a", NULL, "");
    expect_one("a=b # c", "a", NULL, "b");
    expect_one("a=http://x/#y", "a", NULL, "http://x/#y");
    expect_one("a=# b", "a", NULL, "");
    expect_one("\xef\xbb\xbf\n# b\n\n#\na.b-c_d=1", "a.b-c_d", NULL, "1");
}

static void expect_wrong(const char *text, uint64_t line, const char *says)
{
    cr_expect_eq(parse(text, strlen(text)), P2I_USAGE, "%s", text);
    cr_expect_eq(error.line, line, "%s: line %d", text, (int)error.line);
    cr_expect_not_null(strstr(error.text, says), "%s: %s", text, error.text);
    done();
}

Test(gateway_file, wrong_lines)
{
    expect_wrong("a", 1, "expected KEY=VALUE, found 'a'");
    expect_wrong("a=1\n[b]\n", 2, "expected KEY=VALUE");
    expect_wrong("=1", 1, "expected KEY=VALUE");
    expect_wrong("a[]=1", 1, "expected KEY=VALUE");
    expect_wrong("a[x]=1", 1, "expected KEY=VALUE");
    expect_wrong("a[1", 1, "expected KEY=VALUE");
    expect_wrong("a[", 1, "expected KEY=VALUE");
    expect_wrong("a b=1", 1, "expected KEY=VALUE");
    expect_wrong("a='", 1, "expected a quote");
    expect_wrong("\n\na=\"b' c", 3, "expected a quote");
    expect_wrong("a='b'c", 1, "found 'c'");
    cr_expect_eq(parse("a=\0b", 4), P2I_USAGE);
    done();
}

/* Any part of a file is read or refused, never more. */
Test(gateway_file, every_cut)
{
    static const char text[] = "\xef\xbb\xbf a[1] = 'b' # c\r\nd=\"e\"\nf=g";
    for (size_t size = 0; size < sizeof text; size++) {
        char *exact = malloc(size + 1);
        memcpy(exact, text, size);
        exact = realloc(exact, size > 0 ? size : 1);
        enum p2i_result result = parse(exact, size);
        cr_expect(result == P2I_OK || result == P2I_USAGE);
        done();
        free(exact);
    }
}

/* ---- what becomes of it ---- */

static struct p2i_settings settings;
static struct p2i_notes notes;

static enum p2i_result read_text(const char *text)
{
    char path[] = "/tmp/gateway-XXXXXX";
    int descriptor = mkstemp(path);
    cr_assert_geq(descriptor, 0);
    cr_assert_eq(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(descriptor);
    p2i_settings_default(&settings);
    notes = (struct p2i_notes){0};
    enum p2i_result result = p2i_gateway_read(&settings, path, &notes, &error);
    (void)unlink(path);
    return result;
}

static void forget(void)
{
    p2i_notes_free(&notes);
    p2i_arena_free(&settings.arena);
}

static bool has_note(const char *says)
{
    for (size_t i = 0; i < notes.count; i++) {
        if (strstr(notes.texts[i], says) != NULL) {
            return true;
        }
    }
    return false;
}

Test(gateway, defaults_of_the_gateway)
{
    cr_assert_eq(read_text(""), P2I_OK);
    cr_expect_eq(settings.records >> P2I_RECORD_HTTP_REPLY & 1, 0);
    cr_expect_eq(settings.records >> P2I_RECORD_FLOW & 1, 0);
    cr_expect_eq(settings.flow_idle_s, 30);
    cr_expect_eq(settings.flow_active_s, 300);
    cr_expect_eq(notes.count, 3);
    forget();
}

Test(gateway, switches_are_on_with_any_number)
{
    static const struct {
        const char *text;
        bool on;
    } cases[] = {{"ajb_save_dns=0", false},
                 {"ajb_save_dns=1", true},
                 {"ajb_save_dns=2", true},
                 {"ajb_save_dns=-1", true},
                 {"ajb_save_dns=", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(read_text(cases[i].text), P2I_OK, "%s", cases[i].text);
        cr_expect_eq(settings.dns_log.wanted, cases[i].on, "%s", cases[i].text);
        forget();
    }
    cr_expect_eq(read_text("ajb_save_dns=yes"), P2I_USAGE);
    forget();
}

Test(gateway, lists)
{
    cr_assert_eq(read_text("ipfix_udp_collectors[2]=a:2 , b:3,\nipfix_udp_collectors[1]=c:4\n"
                           "ipfix_udp_collectors[2]=d:5"),
                 P2I_OK);
    cr_assert_eq(settings.collector_count, 2);
    cr_expect_str_eq(settings.collectors[0].url, "udp://c:4?channels=clickstream");
    cr_expect_str_eq(settings.collectors[1].url, "udp://d:5?channels=clickstream");
    cr_expect(has_note(":1: ipfix_udp_collectors: ignored: line 3 sets it again"));
    forget();
}

Test(gateway, flows_need_their_bit_and_ipfix)
{
    static const struct {
        const char *text;
        size_t collectors;
        bool records;
    } cases[] = {
        {"netflow=8\nnetflow_full_collector=a:1\nnetflow_full_collector_type=1", 1, true},
        {"netflow_full_collector=a:1\nnetflow_full_collector_type=2\nnetflow=15", 1, true},
        {"netflow=0xf\nnetflow_full_collector=a:1\nnetflow_full_collector_type=0", 0, true},
        {"netflow=8\nnetflow_full_collector=a:1", 0, true},
        {"netflow=7\nnetflow_full_collector=a:1\nnetflow_full_collector_type=1", 0, false},
        {"netflow_full_collector=a:1\nnetflow_full_collector_type=1", 0, false},
        {"netflow=8", 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(read_text(cases[i].text), P2I_OK, "%s: %s", cases[i].text, error.text);
        cr_expect_eq(settings.collector_count, cases[i].collectors, "%s", cases[i].text);
        cr_expect_eq(settings.records >> P2I_RECORD_FLOW & 1, cases[i].records, "%s",
                     cases[i].text);
        forget();
    }
}

Test(gateway, an_error_changes_nothing)
{
    cr_expect_eq(read_text("ipfix_mtu_limit=1000\nnetflow=8\nipfix_dns_udp_collectors=x"),
                 P2I_USAGE);
    cr_expect_eq(error.line, 3);
    cr_expect_eq(settings.delivery.udp_message_limit, 1400);
    cr_expect_eq(settings.records >> P2I_RECORD_FLOW & 1, 0);
    cr_expect_eq(notes.count, 0);
    forget();
    cr_expect_eq(read_text("netflow=08"), P2I_USAGE);
    forget();
    cr_expect_eq(read_text("netflow_full_collector=a:1\nnetflow=8\nnetflow_full_collector_type=3"),
                 P2I_USAGE);
    cr_expect_eq(error.line, 3);
    forget();
}
