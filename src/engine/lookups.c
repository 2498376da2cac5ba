/* SPDX-License-Identifier: MIT */
#include "engine/lookups.h"

#include <stdlib.h>

#include "enrich/prefix_sort.h"
#include "pcap2ipfix/error.h"

static enum p2i_result parse_networks(const struct p2i_networks *networks,
                                      struct p2i_prefix *prefixes, struct p2i_error *error)
{
    for (size_t i = 0; i < networks->count; i++) {
        const char *text = networks->texts[i];
        const char *wrong = p2i_prefix_parse(p2i_view_of(text, strlen(text)), &prefixes[i]);
        if (wrong != NULL) {
            return p2i_fail(error, P2I_USAGE, "network of subscribers '%s': %s", text, wrong);
        }
        prefixes[i].value = 1;
    }
    return P2I_OK;
}

static enum p2i_result open_networks(struct p2i_prefix_ranges *ranges,
                                     const struct p2i_networks *networks, struct p2i_error *error)
{
    size_t count = networks->count;
    if (count == 0) {
        return P2I_OK;
    }
    struct p2i_prefix *prefixes = calloc(count, sizeof *prefixes);
    if (prefixes == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = parse_networks(networks, prefixes, error);
    if (result == P2I_OK &&
        (!p2i_prefix_sort(prefixes, count) || !p2i_prefix_ranges_build(ranges, prefixes, count))) {
        result = p2i_fail_memory(error);
    }
    free(prefixes);
    return result;
}

static enum p2i_result open_channels(struct p2i_lookups *lookups,
                                     const struct p2i_settings *settings, struct p2i_error *error)
{
    if (settings->channel_count == 0) {
        return P2I_OK;
    }
    lookups->channels = p2i_channels_new(settings);
    return lookups->channels != NULL ? P2I_OK : p2i_fail_memory(error);
}

enum p2i_result p2i_lookups_open(struct p2i_lookups *lookups, const struct p2i_settings *settings,
                                 struct p2i_error *error)
{
    *lookups = (struct p2i_lookups){0};
    p2i_protocol_numbers_default(&lookups->numbers);
    enum p2i_result result =
        open_networks(&lookups->networks, &settings->subscriber_networks, error);
    if (result == P2I_OK) {
        result = open_networks(&lookups->nas, &settings->subscriber_nas, error);
    }
    if (result == P2I_OK) {
        result = open_channels(lookups, settings, error);
    }
    if (result == P2I_OK && settings->as_database != NULL) {
        result = p2i_as_numbers_open(&lookups->as_numbers, settings->as_database, error);
    }
    if (result == P2I_OK && settings->protocol_numbers != NULL) {
        result = p2i_protocol_numbers_load(&lookups->numbers, settings->protocol_numbers, error);
    }
    if (result == P2I_OK && settings->subscriber_file != NULL) {
        result = p2i_subscriber_file_open(&lookups->subscribers, settings->subscriber_file, error);
    }
    if (result == P2I_OK && (settings->locked_hosts != NULL || settings->locked_urls != NULL)) {
        result =
            p2i_locked_open(&lookups->locked, settings->locked_hosts, settings->locked_urls, error);
    }
    return result;
}

void p2i_lookups_close(struct p2i_lookups *lookups)
{
    p2i_as_numbers_close(lookups->as_numbers);
    p2i_subscriber_file_close(lookups->subscribers);
    p2i_channels_free(lookups->channels);
    p2i_locked_close(lookups->locked);
    p2i_prefix_ranges_free(&lookups->networks);
    p2i_prefix_ranges_free(&lookups->nas);
}

bool p2i_lookups_name_captures(struct p2i_lookups *lookups, const struct p2i_settings *settings,
                               uint32_t first, const char *const *paths, size_t path_count)
{
    return lookups->channels == NULL ||
           p2i_channels_name_captures(lookups->channels, settings, first, paths, path_count);
}

/* The subscriber's channel takes precedence over the channel of the packet's path. */
static void fill_subscriber(const struct p2i_lookups *lookups, struct p2i_subscribers *subscribers,
                            struct p2i_record_facts *facts)
{
    struct p2i_subscriber subscriber = {0};
    bool known = p2i_subscriber_find(subscribers, facts, &subscriber);
    if (known) {
        facts->login = subscriber.login;
    }
    if (known && subscriber.has_channel) {
        facts->channel = subscriber.channel;
    } else if (lookups->channels == NULL ||
               !p2i_channels_find(lookups->channels, facts->info, &facts->channel)) {
        facts->channel = (uint16_t)facts->info->interface_id;
    }
}

void p2i_lookups_fill(const struct p2i_lookups *lookups, struct p2i_subscribers *subscribers,
                      enum p2i_record_kind kind, enum p2i_protocol_id protocol,
                      struct p2i_record_facts *facts)
{
    fill_subscriber(lookups, subscribers, facts);
    facts->protocol_number = lookups->numbers.number[protocol];
    facts->meta_protocol = (uint16_t)protocol;
    if (kind == P2I_RECORD_FLOW || kind == P2I_RECORD_BIFLOW) {
        facts->source_as = p2i_as_number(lookups->as_numbers, facts->source, facts->ip_version);
        facts->destination_as =
            p2i_as_number(lookups->as_numbers, facts->destination, facts->ip_version);
    }
}

/* 0: from a subscriber; 1: to a subscriber. */
static uint8_t flow_direction(const struct p2i_lookups *lookups,
                              const struct p2i_record_facts *facts, uint8_t data_direction)
{
    if (p2i_prefix_ranges_find(&lookups->networks, facts->source, facts->ip_version) != 0) {
        return 0;
    }
    bool to_subscriber =
        p2i_prefix_ranges_find(&lookups->networks, facts->destination, facts->ip_version) != 0;
    return to_subscriber ? 1 : data_direction;
}

const void *p2i_lookups_message(const struct p2i_lookups *lookups, enum p2i_record_kind kind,
                                const struct p2i_record_facts *facts, const void *message,
                                union p2i_any_message *copy)
{
    if (kind == P2I_RECORD_CLICKSTREAM && lookups->locked != NULL) {
        memcpy(&copy->clickstream, message, sizeof copy->clickstream);
        copy->clickstream.locked = p2i_locked_find(lookups->locked, &copy->clickstream);
        return &copy->clickstream;
    }
    if (kind == P2I_RECORD_RAW) {
        memcpy(&copy->raw, message, sizeof copy->raw);
        copy->raw.flow_direction = flow_direction(lookups, facts, copy->raw.data_direction);
        return &copy->raw;
    }
    return message;
}
