/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/counts.h"
#include "pcap2ipfix/record.h"
#include "transport/url.h"

static struct p2i_collector_url url;
static struct p2i_error error;

static void expect_host(const char *text, enum p2i_collector_transport transport, const char *host,
                        const char *port)
{
    cr_expect_eq(p2i_collector_url_parse(&url, text, &error), P2I_OK, "%s: %s", text, error.text);
    cr_expect_eq(url.transport, transport, "%s", text);
    cr_expect_str_eq(url.host, host);
    cr_expect_str_eq(url.port, port);
}

static void expect_wrong(const char *text, const char *says)
{
    cr_expect_eq(p2i_collector_url_parse(&url, text, &error), P2I_USAGE, "%s", text);
    cr_expect_not_null(strstr(error.text, says), "%s: %s", text, error.text);
}

Test(url, transports_and_hosts)
{
    expect_host("tcp://collector.example:4739", P2I_COLLECTOR_TCP, "collector.example", "4739");
    expect_host("udp://192.0.2.1:1500", P2I_COLLECTOR_UDP, "192.0.2.1", "1500");
    expect_host("udp://192.0.2.1:1500/", P2I_COLLECTOR_UDP, "192.0.2.1", "1500");
    expect_host("tls://[2001:db8::1]:4740", P2I_COLLECTOR_TLS, "2001:db8::1", "4740");
    expect_host("tcp://[fe80::1%eth0]:65535", P2I_COLLECTOR_TCP, "fe80::1%eth0", "65535");
    cr_expect_eq(url.records, UINT32_MAX);
}

Test(url, channels)
{
    uint32_t dns = UINT32_C(1) << P2I_RECORD_DNS;
    uint32_t flow = UINT32_C(1) << P2I_RECORD_FLOW | UINT32_C(1) << P2I_RECORD_BIFLOW;
    expect_host("tcp://h:1?channels=dns", P2I_COLLECTOR_TCP, "h", "1");
    cr_expect_eq(url.records, dns);
    expect_host("udp://h:1/?channels=flow,dns", P2I_COLLECTOR_UDP, "h", "1");
    cr_expect_eq(url.records, dns | flow);
    expect_host("udp://h:1?channels=clickstream,meta,dns,flow", P2I_COLLECTOR_UDP, "h", "1");
    cr_expect_eq(url.records, (UINT32_C(1) << P2I_RECORD_KINDS) - 1);
    expect_wrong("tcp://h:1?channels=dns,web", "a channel is one of");
    expect_wrong("tcp://h:1?channels=", "value is missing");
    expect_wrong("tcp://h:1?channels=dns,", "a channel is one of");
}

Test(url, parameters_of_tls)
{
    expect_host("tls://h:1?ca=/a%20b/ca.pem&cert=c.pem&key=k.pem&name=x.example&channels=dns",
                P2I_COLLECTOR_TLS, "h", "1");
    cr_expect_str_eq(url.ca, "/a b/ca.pem");
    cr_expect_str_eq(url.cert, "c.pem");
    cr_expect_str_eq(url.key, "k.pem");
    cr_expect_str_eq(url.name, "x.example");
    cr_expect_not(url.insecure);
    expect_host("tls://h:1?insecure=1", P2I_COLLECTOR_TLS, "h", "1");
    cr_expect(url.insecure);
    expect_host("tls://h:1?insecure=0", P2I_COLLECTOR_TLS, "h", "1");
    cr_expect_not(url.insecure);
    expect_wrong("tls://h:1?insecure=yes", "insecure is 0 or 1");
    expect_wrong("tls://h:1?insecure=2", "insecure is 0 or 1");
    expect_wrong("tls://h:1?key=k", "needs its certificate");
    expect_wrong("tls://h:1?verify=no", "a parameter is one of");
    expect_wrong("tls://h:1?ca=%zz", "hexadecimal");
    expect_wrong("tls://h:1?ca=%0", "hexadecimal");
    expect_wrong("tls://h:1?ca=a%00b", "hexadecimal");
    expect_wrong("tcp://h:1?ca=a", "only parameter here");
}

Test(url, errors_name_the_fault)
{
    expect_wrong("", "a collector is udp://");
    expect_wrong("collector:4739", "a collector is udp://");
    expect_wrong("sctp://h:1", "a collector is udp://");
    expect_wrong("TCP://h:1", "a collector is udp://");
    expect_wrong("tcp://", "host is missing");
    expect_wrong("tcp://:1", "host is missing");
    expect_wrong("tcp://[]:1", "host is missing");
    expect_wrong("tcp://h", "port is missing");
    expect_wrong("tcp://h/x", "port is missing");
    expect_wrong("tcp://h:", "number from 1 to 65535");
    expect_wrong("tcp://h:0", "number from 1 to 65535");
    expect_wrong("tcp://h:65536", "number from 1 to 65535");
    expect_wrong("tcp://h:4739x", "may follow the port");
    expect_wrong("tcp://h:99999999999999999999", "number from 1 to 65535");
    expect_wrong("tcp://h:x", "number from 1 to 65535");
    expect_wrong("tcp://2001:db8::1:4739", "needs brackets");
    expect_wrong("tcp://[2001:db8::1:4739", "']' is missing");
    expect_wrong("tcp://user@h:1", "'tcp://user@h:1': a collector has no user name");
    expect_wrong("tcp://user:secret@h:1", "'tcp://user:*@h:1': a collector has no user name");
    expect_wrong("tcp://user:a/b@h:1", "'tcp://user:*@h:1'");
    expect_wrong("tcp://user:a?b:c@d@h:1", "'tcp://user:*@h:1'");
    expect_wrong("user:secret@h", "'user:*@h'");
    expect_wrong("tcp://h:1/path", "may follow the port");
}

Test(url, parts_that_are_too_long)
{
    char text[4096];
    char longest[2001];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    (void)snprintf(text, sizeof text, "tcp://%s:1", longest);
    expect_wrong(text, "host is too long");
    (void)snprintf(text, sizeof text, "tls://h:1?ca=%s", longest);
    expect_wrong(text, "value is too long");
    (void)snprintf(text, sizeof text, "tcp://%.255s:1", longest);
    cr_expect_eq(p2i_collector_url_parse(&url, text, &error), P2I_OK);
}

Test(url, any_beginning_of_one_is_wrong_or_right_but_ends)
{
    const char *whole = "tls://[::1]:4739/?ca=a%20b&channels=dns,flow&insecure=1&cert=x&key=y";
    char part[128];
    for (size_t size = 0; size <= strlen(whole); size++) {
        memcpy(part, whole, size);
        part[size] = '\0';
        enum p2i_result result = p2i_collector_url_parse(&url, part, &error);
        cr_expect(result == P2I_OK || result == P2I_USAGE);
    }
}
