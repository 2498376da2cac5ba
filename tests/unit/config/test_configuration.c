/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/counts.h"
#include "settings/settings.h"

static struct p2i_settings settings;
static struct p2i_error error;

static void begin(void)
{
    p2i_settings_default(&settings);
}

static void done(void)
{
    p2i_arena_free(&settings.arena);
}

static enum p2i_result parse(const char *text)
{
    begin();
    error = (struct p2i_error){0};
    return p2i_settings_parse(&settings, text, strlen(text), &error);
}

static void expect_good(const char *text)
{
    cr_assert_eq(parse(text), P2I_OK, "%s: %s", text, error.text);
}

/* Wrong in that line, for a reason with these words. */
static void expect_wrong(const char *text, uint64_t line, const char *says)
{
    cr_expect_eq(parse(text), P2I_USAGE, "%s", text);
    cr_expect_eq(error.line, line, "%s: line %d", text, (int)error.line);
    cr_expect_not_null(strstr(error.text, says), "%s: %s", text, error.text);
    done();
}

/* What is printed of the settings; to be freed. */
static char *print(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    cr_assert_eq(p2i_settings_print(&settings, file, &error), P2I_OK, "%s", error.text);
    (void)fclose(file);
    return text;
}

/* The file is good, what is printed then has the line `prints`, and read again prints the same. */
static void expect_line(const char *text, const char *prints)
{
    char line[512];
    expect_good(text);
    char *first = print();
    (void)snprintf(line, sizeof line, "%s\n", prints);
    const char *at = strstr(first, line);
    cr_expect(at != NULL && (at == first || at[-1] == '\n'), "%s: no line %s in\n%s", text, prints,
              first);
    struct p2i_arena before = settings.arena;
    expect_good(first);
    char *second = print();
    cr_expect_str_eq(second, first, "%s", text);
    free(first);
    free(second);
    p2i_arena_free(&before);
    done();
}

Test(configuration, nothing_said_changes_nothing)
{
    expect_line("", "http_parse_reply: 1");
    expect_line("# only a comment\n", "keep_passwords: true");
    expect_line("{}", "observation_domains: {clickstream: 1, flow: 2, meta: 3, dns: 4}");
}

/* Each key with a value other than its default. */
Test(configuration, every_key_is_read_and_printed)
{
    static const char *const lines[] = {
        "records: [clickstream, http_reply, ssl_reply, dns, flow]",
        "http_parse_reply: 0",
        "ssl_parse_reply: 0",
        "ipfix_udp_collectors: ['192.0.2.1:1500', 'h.example:1501']",
        "ipfix_tcp_collectors: ['[2001:db8::1]:1500']",
        "ipfix_meta_udp_collectors: ['192.0.2.1:1500']",
        "ipfix_meta_tcp_collectors: ['192.0.2.1:1500']",
        "ipfix_dns_udp_collectors: ['192.0.2.1:1500']",
        "ipfix_dns_tcp_collectors: ['192.0.2.1:1500']",
        "netflow_full_collector: '192.0.2.1:9995'",
        "export: ['tls://h:1?ca=a%20b&channels=dns,meta', 'tcp://h:2']",
        "ipfix_mtu_limit: 512",
        "ipfix_udp_template_timer: 600",
        "rate: 1000K",
        "pace: 2.5",
        "export_time: now",
        "retry: 5",
        "spool: '/var/spool'",
        "netflow_passive_timeout: 30",
        "netflow_active_timeout: 300",
        "as_database: 'as.mmdb'",
        "ajb_save_dns: 1",
        "ajb_dns_path: '/var/dump/dpi'",
        "ajb_dns_fsize: 1G",
        "ajb_dns_ftimeout: 60",
        "ajb_save_dns_format: 'ts:host:rdata'",
        "extended: true",
        "ipv6_elements: distinct",
        "varlen: long",
        "element_types: false",
        "observation_domains: {clickstream: 10, flow: 0, meta: 4294967295, dns: 7}",
        "dns_export: both",
        "dns_empty_responses: false",
        "raw: {protocols: [dns, stun], bytes: 65535, packets: 127}",
        "subscribers: {file: 'a b.csv', radius: false, pppoe: false, nas: ['10.0.0.1'], "
        "networks: ['192.0.2.0/24', '2001:db8::/32', '::1']}",
        "channels: {vlan: {100: 1, 4095: 65535}, mpls: {1048575: 2}, interface: {4294967295: 3}, "
        "file: {'a.pcap': 4}}",
        "locked: {hosts: 'h.txt', urls: 'u.txt'}",
        "protocol_numbers: 'numbers.txt'",
        "limits: {string: 1K, head: 64K, out_of_order: 1M}",
        "keep_passwords: false",
        "anonymise: 'key'",
        "filter: 'tcp port 80'",
        "order: name",
        "threads: 64",
        "memory: 16M",
        "strict: true",
        "hash_captures: true",
        "output_mode: '0640'",
        "sync: false",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        expect_line(lines[i], lines[i]);
    }
    /* None is missing above but the type of the collector of flows, which tells nothing alone. */
    begin();
    char *all = print();
    size_t count = 0;
    for (const char *at = all; *at != '\0'; at++) {
        count += *at == '\n';
    }
    free(all);
    cr_expect_eq(count, sizeof lines / sizeof *lines + 1);
}

Test(configuration, values_go_where_they_belong, .fini = done)
{
    expect_good("ipfix_mtu_limit: 600\nipfix_udp_template_timer: 7\nrate: 5K\npace: 0.5\n"
                "export_time: now\nretry: 8\nspool: a\nnetflow_passive_timeout: 9\n"
                "netflow_active_timeout: 10\nas_database: b\n");
    const struct p2i_delivery *delivery = &settings.delivery;
    cr_expect(delivery->udp_message_limit == 600 && delivery->udp_template_timer_s == 7);
    cr_expect(delivery->rate_bytes == 5 << 10 && delivery->pace == 0.5);
    cr_expect(delivery->export_time_now && delivery->retry_s == 8);
    cr_expect_str_eq(delivery->spool_folder, "a");
    cr_expect(settings.flow_idle_s == 9 && settings.flow_active_s == 10);
    cr_expect_str_eq(settings.as_database, "b");
    expect_good("ajb_save_dns: 1\najb_dns_path: c\najb_dns_fsize: 2K\najb_dns_ftimeout: 3\n"
                "ajb_save_dns_format: ts\n");
    const struct p2i_dns_log_settings *log = &settings.dns_log;
    cr_expect(log->wanted && log->file_bytes == 2 << 10 && log->file_seconds == 3);
    cr_expect_str_eq(log->folder, "c");
    cr_expect_str_eq(log->format, "ts");
    expect_good("ipv6_elements: distinct\nvarlen: long\nelement_types: 0\ndns_export: queries\n"
                "dns_empty_responses: 0\nkeep_passwords: 0\norder: args\nthreads: 5\n"
                "memory: 64M\nstrict: 1\nsync: false\nlimits: {string: 99, out_of_order: 8K}\n");
    cr_expect(settings.ipv6_distinct && settings.varlen_long && !settings.element_types);
    cr_expect(settings.dns_export == P2I_DNS_QUERIES && !settings.dns_empty_responses);
    cr_expect(!settings.keep_passwords && settings.order == P2I_ORDER_ARGS && settings.strict);
    cr_expect(!settings.sync);
    cr_expect(settings.threads == 5 && settings.memory_bytes == 64 << 20);
    cr_expect(settings.string_limit == 99 && settings.out_of_order_bytes == 8 << 10);
    expect_good(
        "protocol_numbers: d\nanonymise: e\nfilter: f\nlocked: {hosts: g, urls: h}\n"
        "subscribers: {file: i, radius: 0, pppoe: 0, nas: ['10.1.0.0/16'], networks: ['::/0']}\n"
        "raw: {protocols: [sccp-skinny], bytes: 11, packets: 12}\n");
    cr_expect_str_eq(settings.protocol_numbers, "d");
    cr_expect_str_eq(settings.anonymise_key, "e");
    cr_expect_str_eq(settings.filter, "f");
    cr_expect_str_eq(settings.locked_hosts, "g");
    cr_expect_str_eq(settings.locked_urls, "h");
    cr_expect_str_eq(settings.subscriber_file, "i");
    cr_expect(!settings.subscriber_radius && !settings.subscriber_pppoe);
    cr_expect_eq(settings.subscriber_nas.count, 1);
    cr_expect_str_eq(settings.subscriber_nas.texts[0], "10.1.0.0/16");
    cr_expect_eq(settings.subscriber_networks.count, 1);
    cr_expect_str_eq(settings.subscriber_networks.texts[0], "::/0");
    cr_expect(settings.raw_protocols[P2I_ID_SKINNY] && !settings.raw_protocols[P2I_ID_STUN]);
    cr_expect(settings.raw_bytes == 11 && settings.raw_packets == 12);
}

Test(configuration, records_and_replies, .fini = done)
{
    uint32_t http = UINT32_C(1) << P2I_RECORD_HTTP_REPLY;
    uint32_t dns = UINT32_C(1) << P2I_RECORD_DNS;
    uint32_t flow = UINT32_C(1) << P2I_RECORD_FLOW;
    begin();
    uint32_t usual = settings.records;
    expect_good("http_parse_reply: 0");
    cr_expect_eq(settings.records, usual & ~http);
    expect_good("http_parse_reply: true\nrecords: dns");
    cr_expect_eq(settings.records, http | dns);
    expect_good("http_parse_reply: 0\nrecords: 'dns,http_reply'");
    cr_expect_eq(settings.records, dns);
    expect_good("records: []");
    cr_expect_eq(settings.records, 0);
    expect_good("records: all");
    cr_expect_eq(settings.records,
                 ((UINT32_C(1) << P2I_RECORD_KINDS) - 1) & ~(UINT32_C(1) << P2I_RECORD_BIFLOW));
    expect_good("netflow_full_collector: h:1");
    cr_expect_eq(settings.records, usual | flow);
    expect_good("netflow_full_collector: h:1\nrecords: [dns]");
    cr_expect_eq(settings.records, dns);
    expect_good("netflow_full_collector: ''");
    cr_expect_eq(settings.records, usual);
}

static void expect_urls(const char *text, const char *const *urls)
{
    size_t count = 0;
    expect_good(text);
    for (; urls[count] != NULL; count++) {
        cr_assert_lt(count, settings.collector_count, "%s", text);
        cr_expect_str_eq(settings.collectors[count].url, urls[count]);
    }
    cr_expect_eq(settings.collector_count, count, "%s", text);
    done();
}

Test(configuration, collectors_become_urls)
{
    expect_urls("ipfix_udp_collectors: 192.0.2.1:1500,[2001:db8::1]:1501",
                (const char *[]){"udp://192.0.2.1:1500?channels=clickstream",
                                 "udp://[2001:db8::1]:1501?channels=clickstream", NULL});
    expect_urls("ipfix_meta_tcp_collectors: a:1\nipfix_tcp_collectors:\n  - b:2\n  - c:3\n"
                "ipfix_dns_udp_collectors: ['d:4']\n",
                (const char *[]){"tcp://b:2?channels=clickstream", "tcp://c:3?channels=clickstream",
                                 "tcp://a:1?channels=meta", "udp://d:4?channels=dns", NULL});
    expect_urls("netflow_full_collector: a:1", (const char *[]){"udp://a:1?channels=flow", NULL});
    expect_urls("netflow_full_collector: a:1\nnetflow_full_collector_type: 2",
                (const char *[]){"tcp://a:1?channels=flow", NULL});
    expect_urls("export: udp://a:1?channels=dns,meta",
                (const char *[]){"udp://a:1?channels=dns,meta", NULL});
    expect_urls("ipfix_udp_collectors: ''\nipfix_tcp_collectors: []\nexport: ''",
                (const char *[]){NULL});
}

/* Not only those that came from keys of their own. */
Test(configuration, collectors_are_printed_where_they_belong)
{
    expect_line("export: ['udp://a:1?channels=dns']", "ipfix_dns_udp_collectors: ['a:1']");
    expect_line("export: ['udp://a:1?channels=dns']", "export: []");
    expect_line("export: ['tcp://a:1?channels=flow', 'udp://b:1?channels=flow']",
                "netflow_full_collector: 'a:1'");
    expect_line("export: ['tcp://a:1?channels=flow', 'udp://b:1?channels=flow']",
                "netflow_full_collector_type: 2");
    expect_line("export: ['tcp://a:1?channels=flow', 'udp://b:1?channels=flow']",
                "export: ['udp://b:1?channels=flow']");
    expect_line("export: ['tls://a:1?channels=dns']", "export: ['tls://a:1?channels=dns']");
    expect_line("export: ['udp://a:1/?channels=dns']", "export: ['udp://a:1/?channels=dns']");
}

Test(configuration, values_can_be_said_in_more_ways)
{
    expect_line("ssl_parse_reply: false", "ssl_parse_reply: 0");
    expect_line("keep_passwords: 0", "keep_passwords: false");
    expect_line("threads: '4'", "threads: 4");
    expect_line("memory: 67108864", "memory: 64M");
    expect_line("limits: {string: 1000}", "limits: {string: 1000, head: 64K, out_of_order: 256K}");
    expect_line("ajb_dns_fsize: 0", "ajb_dns_fsize: 0");
    expect_line("rate: 0", "rate: 0");
    expect_line("pace: 1e3", "pace: 1000");
    expect_line("filter: \"a\\nb\"", "filter: 'a\n\n  b'");
    expect_line("raw: {protocols: [sccp-skinny]}",
                "raw: {protocols: [skinny], bytes: 256, packets: 16}");
    expect_line("raw: {protocols: []}", "raw: {protocols: [], bytes: 256, packets: 16}");
    expect_line("raw: {protocols: 'rtsp,rtp'}",
                "raw: {protocols: [rtp, rtsp], bytes: 256, packets: 16}");
}

Test(configuration, texts_may_be_none, .fini = done)
{
    expect_good("filter: ''\nspool: ''\nprotocol_numbers: ''\nas_database: ''\nanonymise: ''\n"
                "subscribers: {file: ''}\nlocked: {hosts: '', urls: ''}\n");
    cr_expect_null(settings.filter);
    cr_expect_null(settings.delivery.spool_folder);
    cr_expect_null(settings.protocol_numbers);
    cr_expect_null(settings.as_database);
    cr_expect_null(settings.anonymise_key);
    cr_expect_null(settings.subscriber_file);
    cr_expect_null(settings.locked_hosts);
    cr_expect_null(settings.locked_urls);
}

/* Whatever their order in the file. */
Test(configuration, channels_are_tried_in_one_order, .fini = done)
{
    expect_good("channels: {file: {a: 1}, interface: {7: 2}, vlan: {2: 3, 1: 4}}");
    cr_assert_eq(settings.channel_count, 4);
    const struct p2i_channel_rule *rules = settings.channels;
    cr_expect(rules[0].by == P2I_CHANNEL_BY_VLAN && rules[0].number == 2 && rules[0].channel == 3);
    cr_expect(rules[1].by == P2I_CHANNEL_BY_VLAN && rules[1].number == 1 && rules[1].channel == 4);
    cr_expect(rules[2].by == P2I_CHANNEL_BY_INTERFACE && rules[2].number == 7);
    cr_expect(rules[3].by == P2I_CHANNEL_BY_FILE && rules[3].channel == 1);
    cr_expect_str_eq(rules[3].file, "a");
}

Test(configuration, domains_are_those_of_channels, .fini = done)
{
    expect_good("observation_domains: {meta: 70, clickstream: 50}");
    cr_expect_eq(settings.domains[P2I_RECORD_SIP], 70);
    cr_expect_eq(settings.domains[P2I_RECORD_RAW], 70);
    cr_expect_eq(settings.domains[P2I_RECORD_SSL_REPLY], 50);
    cr_expect_eq(settings.domains[P2I_RECORD_DNS], 4);
    cr_expect_eq(settings.domains[P2I_RECORD_BIFLOW], 2);
}

Test(configuration, unknown_keys_are_refused)
{
    expect_wrong("pace: 1\nipfix_mtu_limt: 1400\n", 2,
                 "ipfix_mtu_limt: unknown key; did you mean 'ipfix_mtu_limit'?");
    expect_wrong("raw:\n  bites: 5\n", 2, "raw.bites: unknown key; did you mean 'bytes'?");
    expect_wrong("subscribers: {Radius: 1}", 1, "did you mean 'radius'?");
    expect_wrong("filtre: x", 1, "did you mean 'filter'?");
    expect_wrong("channels: {vlans: {}}", 1, "channels.vlans: unknown key; did you mean 'vlan'?");
    expect_wrong("\n\nsomething_else: 1", 3, "something_else: unknown key");
    cr_expect_null(strstr(error.text, "mean"), "%s", error.text);
    expect_wrong("<<: {}", 1, "unknown key");
    expect_wrong("'': 1", 1, "unknown key");
    expect_wrong("pace: 1\npace: 1", 2, "pace: duplicate key");
    expect_wrong("raw: {bytes: 1, bytes: 1}", 1, "bytes: duplicate key");
}

/* Every key with a value of another type, and with none: the name is in the message. */
Test(configuration, types_are_checked)
{
    static const char *const single[] = {
        "http_parse_reply",
        "ssl_parse_reply",
        "netflow_full_collector_type",
        "netflow_full_collector",
        "ipfix_mtu_limit",
        "ipfix_udp_template_timer",
        "rate",
        "pace",
        "export_time",
        "retry",
        "spool",
        "netflow_passive_timeout",
        "netflow_active_timeout",
        "as_database",
        "ajb_save_dns",
        "ajb_dns_path",
        "ajb_dns_fsize",
        "ajb_dns_ftimeout",
        "ajb_save_dns_format",
        "ipv6_elements",
        "varlen",
        "element_types",
        "dns_export",
        "dns_empty_responses",
        "protocol_numbers",
        "keep_passwords",
        "anonymise",
        "filter",
        "order",
        "threads",
        "memory",
        "strict",
        "sync",
    };
    static const char *const lists[] = {
        "records",
        "ipfix_udp_collectors",
        "ipfix_tcp_collectors",
        "ipfix_meta_udp_collectors",
        "ipfix_meta_tcp_collectors",
        "ipfix_dns_udp_collectors",
        "ipfix_dns_tcp_collectors",
        "export",
    };
    static const char *const maps[] = {
        "observation_domains", "raw", "subscribers", "channels", "locked", "limits",
    };
    static const char *const nested[] = {
        "observation_domains: {clickstream: ",
        "observation_domains: {flow: ",
        "observation_domains: {meta: ",
        "observation_domains: {dns: ",
        "raw: {bytes: ",
        "raw: {packets: ",
        "subscribers: {file: ",
        "subscribers: {radius: ",
        "subscribers: {pppoe: ",
        "locked: {hosts: ",
        "locked: {urls: ",
        "limits: {string: ",
        "limits: {head: ",
        "limits: {out_of_order: ",
        "channels: {vlan: {1: ",
        "channels: {file: {x: ",
    };
    char text[128];
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        (void)snprintf(text, sizeof text, "\n%s: [x]", single[i]);
        expect_wrong(text, 2, "expected a single value, found a list");
        (void)snprintf(text, sizeof text, "%s: {}", single[i]);
        expect_wrong(text, 1, "expected a single value, found a map");
        (void)snprintf(text, sizeof text, "%s:\n", single[i]);
        expect_wrong(text, 1, "the value is missing");
        cr_expect_eq(strncmp(error.text, single[i], strlen(single[i])), 0, "%s", error.text);
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        (void)snprintf(text, sizeof text, "%s: {}", lists[i]);
        expect_wrong(text, 1, "expected a list, found a map");
        (void)snprintf(text, sizeof text, "%s:\n  - [x]", lists[i]);
        expect_wrong(text, 2, "expected a single value, found a list");
        (void)snprintf(text, sizeof text, "%s: null", lists[i]);
        expect_wrong(text, 1, "the value is missing");
        (void)snprintf(text, sizeof text, "%s: ['!']", lists[i]);
        expect_wrong(text, 1, "'");
        cr_expect_eq(strncmp(error.text, lists[i], strlen(lists[i])), 0, "%s", error.text);
    }
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        (void)snprintf(text, sizeof text, "%s: []", maps[i]);
        expect_wrong(text, 1, "expected a map, found a list");
        (void)snprintf(text, sizeof text, "%s: ''", maps[i]);
        expect_wrong(text, 1, "expected a map, found a single value");
        (void)snprintf(text, sizeof text, "%s: ~", maps[i]);
        expect_wrong(text, 1, "the value is missing");
    }
    for (size_t i = 0; i < sizeof nested / sizeof *nested; i++) {
        const char *close = strchr(strchr(nested[i], '{') + 1, '{') != NULL ? "}}" : "}";
        (void)snprintf(text, sizeof text, "%s[1]%s", nested[i], close);
        expect_wrong(text, 1, "expected a single value, found a list");
        (void)snprintf(text, sizeof text, "%s~%s", nested[i], close);
        expect_wrong(text, 1, "the value is missing");
        cr_expect_not_null(strchr(error.text, '.'), "%s", error.text);
    }
    expect_wrong("[a, b]", 1, "a configuration is a map");
    expect_wrong("\njust words", 2, "a configuration is a map");
}

Test(configuration, values_are_checked)
{
    static const char *const wrong[][2] = {
        {"records: [dns, nothing]", "records: 'nothing' is none of clickstream"},
        {"records: ''x", "broken"},
        {"rate: \"\\e[31mx\\ny\"", "rate: '\x1b[31mx\ny' is not a size"},
        {"\"a\\nb\": 1", "a\nb: unknown key"},
        {"http_parse_reply: 2", "'2' is none of true, false, 1, 0"},
        {"ssl_parse_reply: yes", "'yes' is none of"},
        {"ipfix_udp_collectors: [192.0.2.1]", "the port is missing"},
        {"ipfix_udp_collectors: ['h:0']", "the port is a number from 1 to 65535"},
        {"ipfix_udp_collectors: ['h:1','h:70000']", "the port is"},
        {"ipfix_udp_collectors: 'h:1,'", "the host is missing"},
        {"ipfix_tcp_collectors: ['h:1?channels=dns']", "is not HOST:PORT"},
        {"ipfix_tcp_collectors: ['h:1/']", "is not HOST:PORT"},
        {"ipfix_tcp_collectors: ['tcp://h:1']", "is not HOST:PORT"},
        {"ipfix_meta_udp_collectors: ['2001:db8::1:1500']", "brackets"},
        {"netflow_full_collector: 'a:1,b:2'", "netflow_full_collector: "},
        {"netflow_full_collector_type: 0", "'0' is neither 1 (UDP) nor 2 (TCP)"},
        {"export: ['http://h:1']", "a collector is udp://"},
        {"export: ['tcp://h:1?channels=x']", "a channel is one of"},
        {"ipfix_mtu_limit: 511", "'511' is not a number from 512 to 65507"},
        {"ipfix_mtu_limit: 65508", "'65508' is not"},
        {"ipfix_mtu_limit: 01400", "'01400' is not"},
        {"ipfix_mtu_limit: 0x600", "'0x600' is not"},
        {"ipfix_mtu_limit: 99999999999999999999", "is not"},
        {"ipfix_mtu_limit: 1400.0", "is not"},
        {"ipfix_udp_template_timer: 0", "from 1 to"},
        {"rate: 999", "'999' is not a size of at least 1000, or 0"},
        {"rate: fast", "'fast' is not a size such as"},
        {"pace: 1e7", "'1e7' is not a number"},
        {"pace: -1", "'-1' is not a number"},
        {"pace: nan", "'nan' is not a number"},
        {"pace: 0x1p1", "is not a number"},
        {"pace: 1.5.2", "is not a number"},
        {"export_time: later", "'later' is none of capture, now"},
        {"retry: 0", "from 1 to 1000000"},
        {"netflow_passive_timeout: 0", "from 1 to 86400"},
        {"netflow_active_timeout: -1", "from 0 to 86400"},
        {"ajb_save_dns: 2", "'2' is none of"},
        {"ajb_dns_path: ''", "must not be empty"},
        {"ajb_dns_fsize: 1T", "is not a size"},
        {"ajb_dns_fsize: 010", "is not a size"},
        {"ajb_dns_ftimeout: 5m", "is not a number"},
        {"ajb_save_dns_format: ''", "'' is none of ts"},
        {"ajb_save_dns_format: 'ts:'", "'' is none of ts"},
        {"ajb_save_dns_format: ts:hots", "'hots' is none of ts, ssid"},
        {"ipv6_elements: both", "'both' is none of doc, distinct"},
        {"varlen: medium", "'medium' is none of short, long"},
        {"element_types: maybe", "'maybe' is none of"},
        {"observation_domains: {dns: 4294967296}", "observation_domains.dns: '4294967296' is not"},
        {"dns_export: all", "'all' is none of answers, queries, both"},
        {"dns_empty_responses: on", "'on' is none of"},
        {"raw: {protocols: [stun, nonsense]}", "raw.protocols: unknown protocol 'nonsense'"},
        {"raw: {protocols: [unknown]}", "unknown protocol 'unknown'"},
        {"raw: {protocols: ['']}", "unknown protocol ''"},
        {"raw: {bytes: 0}", "from 1 to 65535"},
        {"raw: {packets: 128}", "from 1 to 127"},
        {"subscribers: {radius: x}", "subscribers.radius: 'x' is none of"},
        {"subscribers: {nas: [192.0.2.0/33]}", "'192.0.2.0/33' is not a network"},
        {"subscribers: {networks: [192.0.2.0/33]}", "'192.0.2.0/33' is not a network"},
        {"subscribers: {networks: [192.0.2.0/]}", "is not a network"},
        {"subscribers: {networks: [192.0.2/24]}", "is not a network"},
        {"subscribers: {networks: ['2001:db8::/129']}", "is not a network"},
        {"subscribers: {networks: [example]}", "is not a network"},
        {"channels: {vlan: {4096: 1}}", "channels.vlan: '4096' is not a number from 0 to 4095"},
        {"channels: {vlan: {x: 1}}", "channels.vlan: 'x' is not"},
        {"channels: {vlan: {1: 65536}}", "channels.vlan: '65536' is not a channel"},
        {"channels: {mpls: {1048576: 1}}", "from 0 to 1048575"},
        {"channels: {interface: {4294967296: 1}}", "channels.interface: "},
        {"channels: {file: {a.pcap: b}}", "'b' is not a channel"},
        {"limits: {string: 15}", "from 16 to 16K"},
        {"limits: {string: 16385}", "from 16 to 16K"},
        {"limits: {head: 32K}", "limits.head: is built in: it can only be 64K"},
        {"limits: {out_of_order: 4095}", "from 4K to 16M"},
        {"limits: {out_of_order: 17M}", "from 4K to 16M"},
        {"keep_passwords: no", "'no' is none of"},
        {"order: size", "'size' is none of time, args, name"},
        {"threads: 65", "from 0 to 64"},
        {"memory: 15M", "at least 16M"},
        {"strict: 'TRUE'", "'TRUE' is none of"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_wrong(wrong[i][0], 1, wrong[i][1]);
    }
    expect_wrong("ipfix_udp_collectors:\n  - a:1\n  - b\n", 3, "the port is missing");
    expect_wrong("channels:\n  vlan:\n    1: 1\n    2: x\n", 4, "channels.vlan");
}

static const char *file_with(const char *text)
{
    static char path[] = "/tmp/test-configuration-XXXXXX";
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    return path;
}

Test(configuration, errors_name_the_file, .init = begin, .fini = done)
{
    const char *path = file_with("threads: 4\n");
    cr_expect_eq(p2i_settings_read(&settings, path, &error), P2I_OK);
    cr_expect_eq(settings.threads, 4);
    unlink(path);
    cr_expect_eq(p2i_settings_read(&settings, path, &error), P2I_USAGE);
    cr_expect_str_eq(error.file, path);
    cr_expect_not_null(strstr(error.text, "No such file"), "%s", error.text);
    path = file_with("threads: 4\nstrict: perhaps\n");
    cr_expect_eq(p2i_settings_read(&settings, path, &error), P2I_USAGE);
    cr_expect_str_eq(error.file, path);
    cr_expect_eq(error.line, 2);
    unlink(path);
    cr_expect_eq(p2i_settings_read(&settings, "/", &error), P2I_USAGE);
    cr_expect_not_null(strstr(error.text, "directory"), "%s", error.text);
}
