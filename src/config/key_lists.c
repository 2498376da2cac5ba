/* SPDX-License-Identifier: MIT */
/* Keys whose values are lists or maps of values. */
#include <inttypes.h>
#include <string.h>

#include "base/counts.h"
#include "base/prefix.h"
#include "config/key.h"
#include "pcap2ipfix/fields.h"

/* For messages. */
#define RECORD_NAMES                                                                               \
    "clickstream, http_reply, ssl_reply, sip, ftp, im, mail, raw, dns, flow, biflow, all"

/* Bits by enum p2i_record_kind. "all" excludes biflow, which repeats the facts of flow. 0: the name
 * is unknown. */
static uint32_t records_named(const char *name)
{
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        if (strcmp(p2i_record_name((enum p2i_record_kind)i), name) == 0) {
            return UINT32_C(1) << i;
        }
    }
    uint32_t every = (UINT32_C(1) << P2I_RECORD_KINDS) - 1;
    return strcmp(name, "all") == 0 ? every & ~(UINT32_C(1) << P2I_RECORD_BIFLOW) : 0;
}

static enum p2i_result take_record(struct p2i_reading *reading, const struct p2i_config_key *key,
                                   const struct p2i_yaml *item)
{
    uint32_t bits = records_named(item->text);
    reading->settings->records |= bits;
    return bits != 0 ? P2I_OK
                     : p2i_config_key_fail(reading, key, item, "'%.40s' is none of %s", item->text,
                                           RECORD_NAMES);
}

static enum p2i_result read_records(struct p2i_reading *reading, const struct p2i_config_key *key,
                                    const struct p2i_yaml *value)
{
    reading->settings->records = 0;
    reading->settings->records_named = true;
    return p2i_config_key_each(reading, key, value, take_record);
}

static void print_records(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                          const struct p2i_settings *settings)
{
    (void)key;
    p2i_yaml_open_list(printer);
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        if ((settings->records >> i & 1) != 0) {
            p2i_yaml_print_word(printer, p2i_record_name((enum p2i_record_kind)i));
        }
    }
    p2i_yaml_close_list(printer);
}

const struct p2i_config_key_kind p2i_config_key_records = {read_records, print_records};

static enum p2i_result read_domain(struct p2i_reading *reading, const struct p2i_config_key *key,
                                   const struct p2i_yaml *value)
{
    uint64_t domain;
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_SCALAR);
    if (result != P2I_OK) {
        return result;
    }
    if (!p2i_config_key_parse_number(value->text, 0, UINT32_MAX, &domain)) {
        return p2i_config_key_fail(reading, key, value,
                                   "'%.80s' is not a number from 0 to 4294967295", value->text);
    }
    for (unsigned i = 0; i < P2I_RECORD_KINDS; i++) {
        if ((key->least >> i & 1) != 0) {
            reading->settings->domains[i] = (uint32_t)domain;
        }
    }
    return P2I_OK;
}

static void print_domain(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                         const struct p2i_settings *settings)
{
    unsigned first = 0;
    while ((key->least >> first & 1) == 0) {
        first++;
    }
    p2i_yaml_print_number(printer, settings->domains[first]);
}

const struct p2i_config_key_kind p2i_config_key_domain = {read_domain, print_domain};

static const char *protocol_name(unsigned id)
{
    return p2i_protocol_facts((enum p2i_protocol_id)id)->name;
}

static enum p2i_result take_protocol(struct p2i_reading *reading, const struct p2i_config_key *key,
                                     const struct p2i_yaml *item)
{
    const char *name = strcmp(item->text, "sccp-skinny") == 0 ? "skinny" : item->text;
    for (unsigned i = P2I_ID_UNKNOWN + 1; i < P2I_PROTOCOL_COUNT; i++) {
        if (strcmp(protocol_name(i), name) == 0) {
            reading->settings->raw_protocols[i] = true;
            return P2I_OK;
        }
    }
    return p2i_config_key_fail(
        reading, key, item, "unknown protocol '%.40s'; 'ipfixtool fields --protocols' lists them",
        item->text);
}

static enum p2i_result read_protocols(struct p2i_reading *reading, const struct p2i_config_key *key,
                                      const struct p2i_yaml *value)
{
    memset(reading->settings->raw_protocols, 0, sizeof reading->settings->raw_protocols);
    return p2i_config_key_each(reading, key, value, take_protocol);
}

static void print_protocols(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                            const struct p2i_settings *settings)
{
    (void)key;
    p2i_yaml_open_list(printer);
    for (unsigned i = P2I_ID_UNKNOWN + 1; i < P2I_PROTOCOL_COUNT; i++) {
        if (settings->raw_protocols[i]) {
            p2i_yaml_print_word(printer, protocol_name(i));
        }
    }
    p2i_yaml_close_list(printer);
}

const struct p2i_config_key_kind p2i_config_key_protocols = {read_protocols, print_protocols};

static struct p2i_networks *networks_of(struct p2i_settings *settings,
                                        const struct p2i_config_key *key)
{
    return (struct p2i_networks *)((char *)settings + key->offset);
}

static enum p2i_result take_network(struct p2i_reading *reading, const struct p2i_config_key *key,
                                    const struct p2i_yaml *item)
{
    struct p2i_networks *networks = networks_of(reading->settings, key);
    struct p2i_prefix prefix;
    if (p2i_prefix_parse(p2i_view_of(item->text, strlen(item->text)), &prefix) != NULL) {
        return p2i_config_key_fail(reading, key, item,
                                   "'%.80s' is not a network such as 192.0.2.0/24 or 2001:db8::/32",
                                   item->text);
    }
    /* The array doubles when a power of two is full. */
    size_t count = networks->count;
    const char **all = networks->texts;
    if ((count & (count - 1)) == 0) {
        all = p2i_arena_take(&reading->settings->arena, (count > 0 ? 2 * count : 1) * sizeof *all);
        if (all == NULL) {
            return p2i_fail_memory(reading->error);
        }
        if (count > 0) {
            memcpy(all, networks->texts, count * sizeof *all);
        }
    }
    all[count] = item->text;
    *networks = (struct p2i_networks){all, count + 1};
    return P2I_OK;
}

static enum p2i_result read_networks(struct p2i_reading *reading, const struct p2i_config_key *key,
                                     const struct p2i_yaml *value)
{
    *networks_of(reading->settings, key) = (struct p2i_networks){0};
    return p2i_config_key_each(reading, key, value, take_network);
}

static void print_networks(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                           const struct p2i_settings *settings)
{
    const struct p2i_networks *networks =
        (const struct p2i_networks *)((const char *)settings + key->offset);
    p2i_yaml_open_list(printer);
    for (size_t i = 0; i < networks->count; i++) {
        p2i_yaml_print_text(printer, networks->texts[i]);
    }
    p2i_yaml_close_list(printer);
}

const struct p2i_config_key_kind p2i_config_key_networks = {read_networks, print_networks};

static enum p2i_result read_rule(struct p2i_reading *reading, const struct p2i_config_key *key,
                                 const struct p2i_yaml *entry, struct p2i_channel_rule *rule)
{
    uint64_t number = 0;
    uint64_t channel = 0;
    *rule = (struct p2i_channel_rule){.by = (enum p2i_channel_by)key->least};
    if (rule->by == P2I_CHANNEL_BY_FILE) {
        rule->file = entry->name;
    } else if (!p2i_config_key_parse_number(entry->name, 0, key->most, &number)) {
        return p2i_config_key_fail(reading, key, entry,
                                   "'%.80s' is not a number from 0 to %" PRIu64, entry->name,
                                   key->most);
    }
    enum p2i_result result = p2i_config_key_expect(reading, key, entry, P2I_YAML_SCALAR);
    if (result == P2I_OK && !p2i_config_key_parse_number(entry->text, 0, UINT16_MAX, &channel)) {
        return p2i_config_key_fail(reading, key, entry, "'%.80s' is not a channel from 0 to 65535",
                                   entry->text);
    }
    rule->number = (uint32_t)number;
    rule->channel = (uint16_t)channel;
    return result;
}

/* Replaces the rules of one kind; kinds stay in the order in which they are tried. */
static enum p2i_result read_channels(struct p2i_reading *reading, const struct p2i_config_key *key,
                                     const struct p2i_yaml *value)
{
    struct p2i_settings *settings = reading->settings;
    enum p2i_result result = p2i_config_key_expect(reading, key, value, P2I_YAML_MAP);
    if (result != P2I_OK) {
        return result;
    }
    size_t old = 0;
    size_t count = 0;
    struct p2i_channel_rule *all =
        p2i_arena_take(&settings->arena, (settings->channel_count + value->count) * sizeof *all);
    if (all == NULL) {
        return p2i_fail_memory(reading->error);
    }
    for (; old < settings->channel_count && settings->channels[old].by < key->least; old++) {
        all[count++] = settings->channels[old];
    }
    for (const struct p2i_yaml *at = value->first; at != NULL && result == P2I_OK; at = at->next) {
        result = read_rule(reading, key, at, &all[count++]);
    }
    for (; old < settings->channel_count; old++) {
        if (settings->channels[old].by != key->least) {
            all[count++] = settings->channels[old];
        }
    }
    settings->channels = all;
    settings->channel_count = count;
    return result;
}

static void print_channels(struct p2i_yaml_printer *printer, const struct p2i_config_key *key,
                           const struct p2i_settings *settings)
{
    p2i_yaml_open_map(printer);
    for (size_t i = 0; i < settings->channel_count; i++) {
        const struct p2i_channel_rule *rule = &settings->channels[i];
        if (rule->by != key->least) {
            continue;
        }
        if (rule->by == P2I_CHANNEL_BY_FILE) {
            p2i_yaml_print_text(printer, rule->file);
        } else {
            p2i_yaml_print_number(printer, rule->number);
        }
        p2i_yaml_print_number(printer, rule->channel);
    }
    p2i_yaml_close_map(printer);
}

const struct p2i_config_key_kind p2i_config_key_channels = {read_channels, print_channels};
