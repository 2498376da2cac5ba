/* SPDX-License-Identifier: MIT */
/* Keys of collectors: the settings have a URL for each; the keys of the gateway are URLs of certain
 * forms. */
#include <string.h>

#include "config/key.h"

const struct p2i_collector_names p2i_clickstream_udp = {"udp://", "?channels=clickstream"};
const struct p2i_collector_names p2i_clickstream_tcp = {"tcp://", "?channels=clickstream"};
const struct p2i_collector_names p2i_meta_udp = {"udp://", "?channels=meta"};
const struct p2i_collector_names p2i_meta_tcp = {"tcp://", "?channels=meta"};
const struct p2i_collector_names p2i_dns_udp = {"udp://", "?channels=dns"};
const struct p2i_collector_names p2i_dns_tcp = {"tcp://", "?channels=dns"};

static const struct p2i_collector_names flow_udp = {"udp://", "?channels=flow"};
static const struct p2i_collector_names flow_tcp = {"tcp://", "?channels=flow"};
static const struct p2i_collector_names plain = {"", ""};

enum { FLOW_UDP = 1, FLOW_TCP = 2 }; /* netflow_full_collector_type */

static enum p2i_result add_url(struct p2i_reading *reading, const char *url)
{
    struct p2i_settings *settings = reading->settings;
    size_t count = settings->collector_count;
    struct p2i_collector_settings *all = settings->collectors;
    /* The array doubles when a power of two is full. */
    if ((count & (count - 1)) == 0) {
        all = p2i_arena_take(&settings->arena, (count > 0 ? 2 * count : 1) * sizeof *all);
        if (all == NULL) {
            return p2i_fail_memory(reading->error);
        }
        if (count > 0) {
            memcpy(all, settings->collectors, count * sizeof *all);
        }
    }
    all[count] = (struct p2i_collector_settings){.url = url};
    settings->collectors = all;
    settings->collector_count = count + 1;
    return P2I_OK;
}

/* `item` is the text between prefix and suffix. */
static enum p2i_result add(struct p2i_reading *reading, const struct p2i_config_key *key,
                           const struct p2i_yaml *item, const struct p2i_collector_names *names)
{
    struct p2i_error wrong;
    if (names != &plain && strpbrk(item->text, "/?") != NULL) {
        return p2i_config_key_fail(reading, key, item, "'%.80s' is not HOST:PORT", item->text);
    }
    size_t room = strlen(names->prefix) + strlen(item->text) + strlen(names->suffix) + sizeof(char);
    char *text = p2i_arena_take(&reading->settings->arena, room);
    if (text == NULL) {
        return p2i_fail_memory(reading->error);
    }
    (void)snprintf(text, room, "%s%s%s", names->prefix, item->text, names->suffix);
    if (p2i_collector_check(text, &wrong) != P2I_OK) {
        return p2i_config_key_fail(reading, key, item, "%s", wrong.text);
    }
    return add_url(reading, text);
}

static enum p2i_result take_collector(struct p2i_reading *reading, const struct p2i_config_key *key,
                                      const struct p2i_yaml *item)
{
    return add(reading, key, item, key->detail);
}

static enum p2i_result read_collectors(struct p2i_reading *reading,
                                       const struct p2i_config_key *key,
                                       const struct p2i_yaml *value)
{
    return p2i_config_key_each(reading, key, value, take_collector);
}

/* HOST:PORT of a URL of this form; its length, or 0. */
static size_t find_host(const char *url, const struct p2i_collector_names *names, const char **host)
{
    size_t size = strlen(url);
    size_t prefix = strlen(names->prefix);
    size_t suffix = strlen(names->suffix);
    if (size <= prefix + suffix || memcmp(url, names->prefix, prefix) != 0 ||
        strcmp(url + size - suffix, names->suffix) != 0) {
        return 0;
    }
    *host = url + prefix;
    size -= prefix + suffix;
    return strcspn(*host, "/?") == size ? size : 0;
}

static void print_host(struct p2i_yaml_printer *printer, const char *host, size_t size)
{
    char text[P2I_COLLECTOR_HOST_MAX + sizeof "[]:65535"];
    (void)snprintf(text, sizeof text, "%.*s", (int)size, host);
    p2i_yaml_print_text(printer, text);
}

static void print_collectors(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                             const struct p2i_settings *settings)
{
    p2i_yaml_open_list(printer);
    for (size_t i = 0; i < settings->collector_count; i++) {
        const char *host;
        size_t size = find_host(settings->collectors[i].url, key->detail, &host);
        if (size > 0) {
            print_host(printer, host, size);
        }
    }
    p2i_yaml_close_list(printer);
}

const struct p2i_config_key_kind p2i_config_key_collectors = {read_collectors, print_collectors};

/* The first collector of flows over UDP or TCP: its index, or the count of all. */
static size_t find_flow_collector(const struct p2i_settings *settings, const char **host,
                                  size_t *size, unsigned *transport)
{
    for (size_t i = 0; i < settings->collector_count; i++) {
        const char *url = settings->collectors[i].url;
        *transport = FLOW_UDP;
        *size = find_host(url, &flow_udp, host);
        if (*size == 0) {
            *transport = FLOW_TCP;
            *size = find_host(url, &flow_tcp, host);
        }
        if (*size > 0) {
            return i;
        }
    }
    *transport = FLOW_UDP;
    return settings->collector_count;
}

static enum p2i_result read_flow_type(struct p2i_reading *reading, const struct p2i_config_key *key,
                                      const struct p2i_yaml *value)
{
    uint64_t type;
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result == P2I_OK && !p2i_config_key_parse_number(value->text, FLOW_UDP, FLOW_TCP, &type)) {
        return p2i_config_key_fail(reading, key, value, "'%.80s' is neither 1 (UDP) nor 2 (TCP)",
                                   value->text);
    }
    if (result == P2I_OK) {
        reading->settings->flow_transport = (unsigned)type;
    }
    return result;
}

static void print_flow_type(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                            const struct p2i_settings *settings)
{
    const char *host;
    size_t size;
    unsigned transport;
    (void)key;
    (void)find_flow_collector(settings, &host, &size, &transport);
    p2i_yaml_print_number(printer, transport);
}

const struct p2i_config_key_kind p2i_config_key_flow_collector_type = {read_flow_type,
                                                                       print_flow_type};

/* A collector of flows switches flow records on. */
static enum p2i_result read_flow_collector(struct p2i_reading *reading,
                                           const struct p2i_config_key *key,
                                           const struct p2i_yaml *value)
{
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK || value->text[0] == '\0') {
        return result;
    }
    struct p2i_settings *settings = reading->settings;
    if (!settings->records_named) {
        settings->records |= UINT32_C(1) << P2I_RECORD_FLOW;
    }
    return add(reading, key, value, settings->flow_transport == FLOW_TCP ? &flow_tcp : &flow_udp);
}

static void print_flow_collector(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                                 const struct p2i_settings *settings)
{
    const char *host;
    size_t size;
    unsigned transport;
    (void)key;
    if (find_flow_collector(settings, &host, &size, &transport) < settings->collector_count) {
        print_host(printer, host, size);
    } else {
        p2i_yaml_print_text(printer, "");
    }
}

const struct p2i_config_key_kind p2i_config_key_flow_collector = {read_flow_collector,
                                                                  print_flow_collector};

static enum p2i_result take_url(struct p2i_reading *reading, const struct p2i_config_key *key,
                                const struct p2i_yaml *item)
{
    return add(reading, key, item, &plain);
}

/* A single URL need not be a list; commas are part of URLs. */
static enum p2i_result read_export(struct p2i_reading *reading, const struct p2i_config_key *key,
                                   const struct p2i_yaml *value)
{
    if (value->type != P2I_YAML_SCALAR) {
        return p2i_config_key_each(reading, key, value, take_url);
    }
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    bool none = value->text[0] == '\0' && reading->option == NULL;
    return result == P2I_OK && !none ? take_url(reading, key, value) : result;
}

static bool has_key(const struct p2i_settings *settings, size_t index)
{
    static const struct p2i_collector_names *const names[] = {
        &p2i_clickstream_udp, &p2i_clickstream_tcp, &p2i_meta_udp,
        &p2i_meta_tcp,        &p2i_dns_udp,         &p2i_dns_tcp,
    };
    const char *host;
    size_t size;
    unsigned transport;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (find_host(settings->collectors[index].url, names[i], &host) > 0) {
            return true;
        }
    }
    return find_flow_collector(settings, &host, &size, &transport) == index;
}

static void print_export(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                         const struct p2i_settings *settings)
{
    (void)key;
    p2i_yaml_open_list(printer);
    for (size_t i = 0; i < settings->collector_count; i++) {
        if (!has_key(settings, i)) {
            p2i_yaml_print_text(printer, settings->collectors[i].url);
        }
    }
    p2i_yaml_close_list(printer);
}

const struct p2i_config_key_kind p2i_config_key_export = {read_export, print_export};
