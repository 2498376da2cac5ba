/* SPDX-License-Identifier: MIT */
/* p2i_settings_set(): single settings, as a program sets them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/settings.h"

static struct p2i_settings *settings;
static struct p2i_error error;

static void begin(void)
{
    settings = p2i_settings_new();
    cr_assert_not_null(settings);
}

static void done(void)
{
    p2i_settings_free(settings);
}

static void set(const char *key, const char *value)
{
    cr_assert_eq(p2i_settings_set(settings, key, value, &error), P2I_OK, "%s: %s", key, error.text);
}

/* The settings as a file; to be freed. */
static char *print(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    cr_assert_eq(p2i_settings_print(settings, file, &error), P2I_OK, "%s", error.text);
    (void)fclose(file);
    return text;
}

/* Refused with exactly this text, and nothing is changed. */
static void expect_wrong(const char *key, const char *value, const char *text)
{
    char *before = print();
    size_t captures = settings->capture_count;
    cr_expect_eq(p2i_settings_set(settings, key, value, &error), P2I_USAGE, "%s", key);
    cr_expect_eq(error.code, P2I_USAGE);
    cr_expect_null(error.file);
    cr_expect_str_eq(error.text, text);
    char *after = print();
    cr_expect_str_eq(after, before, "%s", key);
    cr_expect_eq(settings->capture_count, captures);
    free(before);
    free(after);
}

Test(set, values_are_copied, .init = begin, .fini = done)
{
    char value[] = "tcp port 80";
    set("filter", value);
    memset(value, 'x', sizeof value - 1);
    cr_expect_str_eq(settings->filter, "tcp port 80");
}

Test(set, keys_of_a_file, .init = begin, .fini = done)
{
    set("memory", "64M");
    set("threads", "0");
    set("pace", "0");
    set("sync", "false");
    set("order", "name");
    set("records", "dns,flow");
    set("subscribers.file", "# no: comment");
    set("subscribers.networks", "192.0.2.0/24,2001:db8::/32");
    set("raw.bytes", "11");
    set("observation_domains.dns", "77");
    cr_expect_eq(settings->memory_bytes, 64 << 20);
    cr_expect_eq(settings->threads, 0);
    cr_expect(!settings->sync && settings->order == P2I_ORDER_NAME);
    cr_expect_eq(settings->records, 1U << P2I_RECORD_DNS | 1U << P2I_RECORD_FLOW);
    cr_expect_str_eq(settings->subscriber_file, "# no: comment");
    cr_assert_eq(settings->subscriber_networks.count, 2);
    cr_expect_str_eq(settings->subscriber_networks.texts[1], "2001:db8::/32");
    cr_expect_eq(settings->raw_bytes, 11);
    cr_expect_eq(settings->domains[P2I_RECORD_DNS], 77);
    set("subscribers.networks", "::/0");
    cr_expect_eq(settings->subscriber_networks.count, 1);
    set("filter", "");
    cr_expect_null(settings->filter);
}

Test(set, settings_of_one_run, .init = begin, .fini = done)
{
    set("capture", "a.pcap");
    set("capture", "-");
    set("write", "out.ipfix");
    set("json", "-");
    set("rotate", "1h");
    set("rotate", "1M");
    set("file-options", "window,session");
    set("shard", "2/3");
    cr_assert_eq(settings->capture_count, 2);
    cr_expect_str_eq(settings->captures[0], "a.pcap");
    cr_expect_str_eq(settings->captures[1], "-");
    cr_expect_not(settings->captures_found[0]);
    cr_expect_str_eq(settings->ipfix_path, "out.ipfix");
    cr_expect_str_eq(settings->json_path, "-");
    cr_expect(settings->rotate_s == 3600 && settings->rotate_bytes == 1 << 20);
    cr_expect_eq(settings->file_options, P2I_FILE_WINDOW | P2I_FILE_SESSION);
    cr_expect(settings->shard == 2 && settings->shard_count == 3);
    set("from", "2026-01-31");
    set("to", "2026-01-31T01:00:00.5+01:00");
    cr_expect(settings->from_ns == UINT64_C(1769817600000000000) &&
              settings->to_ns == settings->from_ns + 500000000);
    set("time-offset", "-0.25");
    set("time-offset", "dir/a:b.pcap:+4000000000");
    cr_assert_eq(settings->time_offset_count, 2);
    const struct p2i_time_offset *offsets = settings->time_offsets;
    cr_expect(offsets[0].capture == NULL && offsets[0].ns == -250000000);
    cr_expect_str_eq(offsets[1].capture, "dir/a:b.pcap");
    cr_expect_eq(offsets[1].ns, INT64_C(4000000000000000000));
    cr_expect_eq(p2i_time_offset_of(offsets, 2, "a:b.pcap"), -250000000);
    cr_expect_eq(p2i_time_offset_of(offsets, 2, "dir/a:b.pcap"), offsets[1].ns);
    /* A file has none of them. */
    cr_expect_eq(p2i_settings_parse(settings, "write: a", 8, &error), P2I_USAGE);
    char *text = print();
    cr_expect_null(strstr(text, "out.ipfix"));
    free(text);
}

Test(set, collectors_are_added, .init = begin, .fini = done)
{
    set("export", "tcp://a:1?channels=dns,meta");
    set("ipfix_udp_collectors", "b:2,c:3");
    set("netflow_full_collector_type", "2");
    set("netflow_full_collector", "d:4");
    static const char *const urls[] = {
        "tcp://a:1?channels=dns,meta",
        "udp://b:2?channels=clickstream",
        "udp://c:3?channels=clickstream",
        "tcp://d:4?channels=flow",
    };
    cr_assert_eq(settings->collector_count, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(settings->collectors[i].url, urls[i]);
    }
    cr_expect_neq(settings->records & 1U << P2I_RECORD_FLOW, 0);
}

Test(set, records_that_were_named_stay, .init = begin, .fini = done)
{
    set("records", "dns");
    set("netflow_full_collector", "d:4");
    cr_expect_eq(settings->records, 1U << P2I_RECORD_DNS);
}

/* In whatever order they are set, they are tried in one order; setting a kind again replaces it. */
Test(set, channels_are_yaml, .init = begin, .fini = done)
{
    set("channels.file", "{a.pcap: 1}");
    set("channels.vlan", "{1: 2, 2: 3}");
    set("channels.interface", "{7: 4}");
    set("channels", "{mpls: {9: 5}}");
    set("channels.vlan", "{3: 6}");
    char *text = print();
    cr_expect_not_null(strstr(text, "channels: {vlan: {3: 6}, mpls: {9: 5}, interface: {7: 4}, "
                                    "file: {'a.pcap': 1}}"),
                       "%s", text);
    free(text);
    cr_assert_eq(settings->channel_count, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq((size_t)settings->channels[i].by, i);
    }
    set("channels.mpls", "{}");
    cr_expect_eq(settings->channel_count, 3);
}

Test(set, what_is_printed_can_be_read, .init = begin, .fini = done)
{
    set("memory", "64M");
    set("spool", "it's: #1");
    set("channels.vlan", "{1: 2}");
    set("export", "udp://h:1");
    char *first = print();
    done();
    begin();
    cr_assert_eq(p2i_settings_parse(settings, first, strlen(first), &error), P2I_OK);
    char *second = print();
    cr_expect_str_eq(second, first);
    free(first);
    free(second);
}

Test(set, unknown_keys, .init = begin, .fini = done)
{
    expect_wrong("memroy", "64M", "memroy: unknown key; did you mean 'memory'?");
    expect_wrong("subscribers.fil", "a", "subscribers.fil: unknown key; did you mean 'file'?");
    expect_wrong("file", "a", "file: unknown key");
    expect_wrong("", "a", ": unknown key");
    expect_wrong(".", "a", ".: unknown key");
    expect_wrong("nothing.like.it", "a", "nothing.like.it: unknown key");
    expect_wrong("subscribers.write", "a", "subscribers.write: unknown key");
}

Test(set, wrong_values_change_nothing, .init = begin, .fini = done)
{
    set("capture", "a.pcap");
    set("records", "dns");
    set("channels.vlan", "{1: 2}");
    set("subscribers.networks", "::/0");
    set("ipfix_udp_collectors", "a:1");
    expect_wrong("memory", "1M", "memory: '1M' is not a size of at least 16M");
    expect_wrong("threads", "65", "threads: '65' is not a number from 0 to 64");
    expect_wrong("records", "mail,nothing",
                 "records: 'nothing' is none of clickstream, http_reply, ssl_reply, sip, ftp, im, "
                 "mail, raw, dns, flow, biflow, all");
    expect_wrong("subscribers.networks", "192.0.2.1,x",
                 "subscribers.networks: 'x' is not a network such as 192.0.2.0/24 or "
                 "2001:db8::/32");
    expect_wrong("channels.vlan", "{2: 3, x: 1}",
                 "channels.vlan: 'x' is not a number from 0 to 4095");
    expect_wrong("channels.vlan", "3", "channels.vlan: expected a map, found a single value");
    expect_wrong("ipfix_udp_collectors", "b:1,c/d", "ipfix_udp_collectors: 'c/d' is not HOST:PORT");
    expect_wrong("raw", "{bytes: 9, packets: 0}", "raw.packets: '0' is not a number from 1 to 127");
    expect_wrong("write", "", "write: must not be empty");
    expect_wrong("from", "1769860800",
                 "from: '1769860800' is no time like 2026-01-31T12:00:00Z, "
                 "2026-01-31 or @1769860800.5");
    expect_wrong("to", "1970-01-01", "to: no packet is before '1970-01-01'");
    static const char *const offsets[] = {
        "", "-", "+-1", ":1", "a:", "1.", "1.2345678901", "1e3", "0x1", "4000000001", "1.-5"};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        cr_expect_eq(p2i_settings_set(settings, "time-offset", offsets[i], &error), P2I_USAGE, "%s",
                     offsets[i]);
    }
    cr_expect_eq(settings->time_offset_count, 0);
    expect_wrong("shard", "3/2", "shard: '3/2' is not I/N, shard I from 1 to N of at most 64");
}

/* So is a file that is wrong in its last line. */
Test(set, a_wrong_file_changes_nothing, .init = begin, .fini = done)
{
    static const char text[] = "memory: 64M\nrecords: [dns]\nexport: ['udp://h:1']\nthreads: 99\n";
    char *before = print();
    cr_expect_eq(p2i_settings_parse(settings, text, strlen(text), &error), P2I_USAGE);
    cr_expect_eq(error.line, 4);
    char *after = print();
    cr_expect_str_eq(after, before);
    free(before);
    free(after);
}
