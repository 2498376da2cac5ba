/* SPDX-License-Identifier: MIT */
#include "enrich/channels.h"

#include <stdlib.h>
#include <string.h>

#include "base/capture_name.h"
#include "pcap2ipfix/cursor.h"

typedef const struct p2i_channel_rule *rule_at;

struct p2i_channels {
    rule_at *numbered; /* not by file; in the order of compare() */
    size_t count;
    rule_at *captures; /* by index; NULL: there is no rule */
    size_t capture_count;
};

static int compare_to(rule_at rule, enum p2i_channel_by by, uint32_t number)
{
    if (rule->by != by) {
        return rule->by < by ? -1 : 1;
    }
    return rule->number < number ? -1 : rule->number > number;
}

/* Orders by kind and number; of equal rules the first given comes first. */
static int compare(const void *a, const void *b)
{
    rule_at left = *(const rule_at *)a;
    rule_at right = *(const rule_at *)b;
    int order = compare_to(left, right->by, right->number);
    return order != 0 ? order : left < right ? -1 : left > right;
}

static rule_at rule_of_capture(const struct p2i_settings *settings, const char *path)
{
    for (size_t i = 0; i < settings->channel_count; i++) {
        rule_at rule = &settings->channels[i];
        if (rule->by == P2I_CHANNEL_BY_FILE && p2i_capture_is_named(path, rule->file)) {
            return rule;
        }
    }
    return NULL;
}

static bool fill(struct p2i_channels *channels, const struct p2i_settings *settings)
{
    channels->numbered = calloc(settings->channel_count + 1, sizeof(rule_at));
    if (channels->numbered == NULL) {
        return false;
    }
    for (size_t i = 0; i < settings->channel_count; i++) {
        if (settings->channels[i].by != P2I_CHANNEL_BY_FILE) {
            channels->numbered[channels->count++] = &settings->channels[i];
        }
    }
    qsort(channels->numbered, channels->count, sizeof(rule_at), compare);
    return true;
}

bool p2i_channels_name_captures(struct p2i_channels *channels, const struct p2i_settings *settings,
                                uint32_t first, const char *const *paths, size_t path_count)
{
    size_t count = first + path_count;
    rule_at *captures = realloc(channels->captures, (count + 1) * sizeof *captures);
    if (captures == NULL) {
        return false;
    }
    channels->captures = captures;
    for (; channels->capture_count < first; channels->capture_count++) {
        captures[channels->capture_count] = NULL;
    }
    for (size_t i = 0; i < path_count; i++) {
        captures[first + i] = rule_of_capture(settings, paths[i]);
    }
    channels->capture_count = count;
    return true;
}

struct p2i_channels *p2i_channels_new(const struct p2i_settings *settings)
{
    struct p2i_channels *channels = calloc(1, sizeof *channels);
    if (channels != NULL && !fill(channels, settings)) {
        p2i_channels_free(channels);
        return NULL;
    }
    return channels;
}

void p2i_channels_free(struct p2i_channels *channels)
{
    if (channels != NULL) {
        free(channels->captures);
        free(channels->numbered);
        free(channels);
    }
}

/* A binary search: there may be thousands of rules, and every record needs one. */
static rule_at rule_of(const struct p2i_channels *channels, enum p2i_channel_by by, uint32_t number)
{
    size_t low = 0;
    size_t high = channels->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_to(channels->numbered[middle], by, number) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < channels->count && compare_to(channels->numbered[low], by, number) == 0;
    return found ? channels->numbered[low] : NULL;
}

bool p2i_channels_find(const struct p2i_channels *channels, const struct p2i_packet_info *info,
                       uint16_t *channel)
{
    rule_at rule = rule_of(channels, P2I_CHANNEL_BY_VLAN, info->vlan_id);
    if (rule == NULL && info->mpls_size >= 4) {
        /* RFC 3032, 2.1: the label is in front. */
        rule = rule_of(channels, P2I_CHANNEL_BY_MPLS, p2i_load_be32(info->mpls) >> 12);
    }
    if (rule == NULL) {
        rule = rule_of(channels, P2I_CHANNEL_BY_INTERFACE, info->interface_id);
    }
    if (rule == NULL && info->capture < channels->capture_count) {
        rule = channels->captures[info->capture];
    }
    if (rule != NULL) {
        *channel = rule->channel;
    }
    return rule != NULL;
}
