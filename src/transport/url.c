/* SPDX-License-Identifier: MIT */
#include "transport/url.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "pcap2ipfix/collector.h"
#include "pcap2ipfix/record.h"

/* The URL being parsed: the whole text for errors, and the rest. */
struct reading {
    const char *text;
    const char *at;
    struct p2i_error *error;
};

#define BIT(kind) (UINT32_C(1) << (kind))
static const struct {
    const char *name;
    uint32_t records;
} channels[] = {
    {"clickstream",
     BIT(P2I_RECORD_CLICKSTREAM) | BIT(P2I_RECORD_HTTP_REPLY) | BIT(P2I_RECORD_SSL_REPLY)},
    {"flow", BIT(P2I_RECORD_FLOW) | BIT(P2I_RECORD_BIFLOW)},
    {"meta", BIT(P2I_RECORD_SIP) | BIT(P2I_RECORD_FTP) | BIT(P2I_RECORD_IM) | BIT(P2I_RECORD_MAIL) |
                 BIT(P2I_RECORD_RAW)},
    {"dns", BIT(P2I_RECORD_DNS)},
};

/* The text shows no password, though a collector has none: USER:PASSWORD@HOST. */
static enum p2i_result fail(const struct reading *reading, const char *why)
{
    const char *text = reading->text;
    const char *scheme = strstr(text, "://");
    const char *user = scheme != NULL ? scheme + 3 : text;
    const char *end = strrchr(user, '@');
    const char *colon = strchr(user, ':');
    if (end == NULL || colon == NULL || colon > end) {
        return p2i_fail(reading->error, P2I_USAGE, "'%.100s': %s", text, why);
    }
    return p2i_fail(reading->error, P2I_USAGE, "'%.*s:*%.60s': %s",
                    (int)(colon - text < 60 ? colon - text : 60), text, end, why);
}

static bool skip(struct reading *reading, const char *prefix)
{
    size_t size = strlen(prefix);
    bool there = strncmp(reading->at, prefix, size) == 0;
    reading->at += there ? size : 0;
    return there;
}

static enum p2i_result read_transport(struct reading *reading, struct p2i_collector_url *url)
{
    if (skip(reading, "udp://")) {
        url->transport = P2I_COLLECTOR_UDP;
    } else if (skip(reading, "tcp://")) {
        url->transport = P2I_COLLECTOR_TCP;
    } else if (skip(reading, "tls://")) {
        url->transport = P2I_COLLECTOR_TLS;
    } else {
        return fail(reading, "a collector is udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT");
    }
    return P2I_OK;
}

static enum p2i_result read_host(struct reading *reading, struct p2i_collector_url *url)
{
    if (memchr(reading->at, '@', strcspn(reading->at, "/?")) != NULL) {
        return fail(reading, "a collector has no user name");
    }
    bool bracket = skip(reading, "[");
    size_t size = strcspn(reading->at, bracket ? "]/?" : ":/?@[]");
    if (size == 0) {
        return fail(reading, "the host is missing");
    }
    if (size >= sizeof url->host) {
        return fail(reading, "the host is too long");
    }
    memcpy(url->host, reading->at, size);
    url->host[size] = '\0';
    reading->at += size;
    if (bracket && !skip(reading, "]")) {
        return fail(reading, "']' is missing after the address");
    }
    return P2I_OK;
}

static enum p2i_result read_port(struct reading *reading, struct p2i_collector_url *url)
{
    if (!skip(reading, ":")) {
        return fail(reading, "the port is missing: HOST:PORT");
    }
    size_t size = strspn(reading->at, "0123456789");
    if (reading->at[strcspn(reading->at, ":/?")] == ':') {
        return fail(reading, "an IPv6 address needs brackets: [2001:db8::1]:4739");
    }
    unsigned long port = size > 0 && size < sizeof url->port ? strtoul(reading->at, NULL, 10) : 0;
    if (port < 1 || port > 65535) {
        return fail(reading, "the port is a number from 1 to 65535");
    }
    memcpy(url->port, reading->at, size);
    reading->at += size;
    (void)skip(reading, "/");
    if (*reading->at != '\0' && *reading->at != '?') {
        return fail(reading, "only ?NAME=VALUE may follow the port");
    }
    return P2I_OK;
}

/* Reads the value up to '&' into `out`, and decodes %HH. */
static enum p2i_result read_value(struct reading *reading, char *out, size_t room)
{
    size_t size = 0;
    while (*reading->at != '\0' && *reading->at != '&') {
        char byte = *reading->at++;
        if (byte == '%') {
            int high = p2i_hex_value((uint8_t)reading->at[0]);
            int low = high >= 0 ? p2i_hex_value((uint8_t)reading->at[1]) : -1;
            if (low < 0 || high + low == 0) {
                return fail(reading, "'%' is followed by two hexadecimal digits, not 00");
            }
            byte = (char)(high << 4 | low);
            reading->at += 2;
        }
        if (size + 1 >= room) {
            return fail(reading, "a value is too long");
        }
        out[size++] = byte;
    }
    out[size] = '\0';
    return size > 0 ? P2I_OK : fail(reading, "a value is missing");
}

static enum p2i_result read_channels(struct reading *reading, struct p2i_collector_url *url)
{
    char list[64];
    enum p2i_result result = read_value(reading, list, sizeof list);
    url->records = 0;
    for (const char *at = list; result == P2I_OK && at != NULL;) {
        size_t size = strcspn(at, ",");
        uint32_t bits = 0;
        for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
            if (strlen(channels[i].name) == size && memcmp(channels[i].name, at, size) == 0) {
                bits = channels[i].records;
            }
        }
        if (bits == 0) {
            result = fail(reading, "a channel is one of clickstream, flow, meta, dns");
        }
        url->records |= bits;
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    return result;
}

static enum p2i_result read_insecure(struct reading *reading, struct p2i_collector_url *url)
{
    char value[4] = "";
    enum p2i_result result = read_value(reading, value, sizeof value);
    if (result == P2I_OK && strcmp(value, "0") != 0 && strcmp(value, "1") != 0) {
        return fail(reading, "insecure is 0 or 1");
    }
    url->insecure = result == P2I_OK && value[0] == '1';
    return result;
}

static enum p2i_result read_parameter(struct reading *reading, struct p2i_collector_url *url)
{
    const struct {
        const char *name;
        char *out;
        size_t room;
    } texts[] = {
        {"ca=", url->ca, sizeof url->ca},
        {"cert=", url->cert, sizeof url->cert},
        {"key=", url->key, sizeof url->key},
        {"name=", url->name, sizeof url->name},
    };
    if (skip(reading, "channels=")) {
        return read_channels(reading, url);
    }
    if (url->transport != P2I_COLLECTOR_TLS) {
        return fail(reading, "the only parameter here is channels");
    }
    if (skip(reading, "insecure=")) {
        return read_insecure(reading, url);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (skip(reading, texts[i].name)) {
            return read_value(reading, texts[i].out, texts[i].room);
        }
    }
    return fail(reading, "a parameter is one of channels, ca, cert, key, name, insecure");
}

enum p2i_result p2i_collector_url_parse(struct p2i_collector_url *url, const char *text,
                                        struct p2i_error *error)
{
    struct reading reading = {.text = text, .at = text, .error = error};
    *url = (struct p2i_collector_url){.records = UINT32_MAX};
    enum p2i_result result = read_transport(&reading, url);
    if (result == P2I_OK) {
        result = read_host(&reading, url);
    }
    if (result == P2I_OK) {
        result = read_port(&reading, url);
    }
    bool more = result == P2I_OK && skip(&reading, "?");
    while (more && result == P2I_OK) {
        result = read_parameter(&reading, url);
        more = skip(&reading, "&");
    }
    if (result == P2I_OK && url->key[0] != '\0' && url->cert[0] == '\0') {
        return fail(&reading, "a key needs its certificate: cert=FILE");
    }
    return result;
}

enum p2i_result p2i_collector_check(const char *url, struct p2i_error *error)
{
    struct p2i_collector_url parsed;
    return p2i_collector_url_parse(&parsed, url, error);
}
