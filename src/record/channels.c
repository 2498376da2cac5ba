/* SPDX-License-Identifier: MIT */
/* Rules may be thousands, and each record asks: so each way of telling has its own table of the
 * first rule by number, and of what these say the first rule counts. */
#include "record/channels.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

enum { VLANS = 4096, NO_RULE = UINT32_MAX };

struct numbered {
    uint32_t number; /* of a label or interface */
    uint32_t rule;
};

struct numbers {
    struct numbered *list; /* by number */
    size_t count;
};

struct p2i_channels {
    const struct p2i_channel_rule *rules;
    uint32_t vlans[VLANS]; /* the first rule for each, or NO_RULE */
    struct numbers labels, interfaces;
    uint32_t *captures; /* likewise, by index */
    size_t capture_count;
};

static int by_number_and_rule(const void *a, const void *b)
{
    const struct numbered *left = a;
    const struct numbered *right = b;
    if (left->number != right->number) {
        return left->number < right->number ? -1 : 1;
    }
    return left->rule < right->rule ? -1 : left->rule > right->rule;
}

static bool gather(struct numbers *numbers, const struct p2i_settings *settings,
                   enum p2i_channel_by by)
{
    numbers->list = malloc((settings->channel_count + 1) * sizeof *numbers->list);
    if (numbers->list == NULL) {
        return false;
    }
    for (size_t i = 0; i < settings->channel_count; i++) {
        if (settings->channels[i].by == by) {
            numbers->list[numbers->count++] =
                (struct numbered){settings->channels[i].number, (uint32_t)i};
        }
    }
    qsort(numbers->list, numbers->count, sizeof *numbers->list, by_number_and_rule);
    return true;
}

static uint32_t rule_of(const struct numbers *numbers, uint32_t number)
{
    size_t low = 0;
    size_t high = numbers->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (numbers->list[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < numbers->count && numbers->list[low].number == number ? numbers->list[low].rule
                                                                       : NO_RULE;
}

static bool names(const char *rule, const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(rule, path) == 0 || (slash != NULL && strcmp(rule, slash + 1) == 0);
}

static uint32_t rule_of_capture(const struct p2i_settings *settings, const char *path)
{
    for (size_t i = 0; i < settings->channel_count; i++) {
        if (settings->channels[i].by == P2I_CHANNEL_BY_FILE &&
            names(settings->channels[i].file, path)) {
            return (uint32_t)i;
        }
    }
    return NO_RULE;
}

static bool fill(struct p2i_channels *channels, const struct p2i_settings *settings)
{
    for (size_t i = 0; i < VLANS; i++) {
        channels->vlans[i] = NO_RULE;
    }
    for (size_t i = settings->channel_count; i > 0; i--) {
        const struct p2i_channel_rule *rule = &settings->channels[i - 1];
        if (rule->by == P2I_CHANNEL_BY_VLAN && rule->number < VLANS) {
            channels->vlans[rule->number] = (uint32_t)(i - 1);
        }
    }
    channels->captures = malloc((settings->capture_count + 1) * sizeof *channels->captures);
    if (channels->captures == NULL) {
        return false;
    }
    for (size_t i = 0; i < settings->capture_count; i++) {
        channels->captures[i] = rule_of_capture(settings, settings->captures[i]);
    }
    return gather(&channels->labels, settings, P2I_CHANNEL_BY_MPLS) &&
           gather(&channels->interfaces, settings, P2I_CHANNEL_BY_INTERFACE);
}

struct p2i_channels *p2i_channels_new(const struct p2i_settings *settings)
{
    struct p2i_channels *channels = calloc(1, sizeof *channels);
    if (channels == NULL) {
        return NULL;
    }
    channels->rules = settings->channels;
    channels->capture_count = settings->capture_count;
    if (!fill(channels, settings)) {
        p2i_channels_free(channels);
        return NULL;
    }
    return channels;
}

void p2i_channels_free(struct p2i_channels *channels)
{
    if (channels != NULL) {
        free(channels->captures);
        free(channels->labels.list);
        free(channels->interfaces.list);
        free(channels);
    }
}

static uint32_t first(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

bool p2i_channels_find(const struct p2i_channels *channels, const struct p2i_origin *origin,
                       uint16_t *channel)
{
    uint32_t rule = channels->vlans[origin->vlan_id % VLANS];
    rule = first(rule, rule_of(&channels->interfaces, origin->interface_id));
    if (origin->mpls_size >= 4) {
        /* RFC 3032, 2.1: the label is in front. */
        rule = first(rule, rule_of(&channels->labels, p2i_load_be32(origin->mpls) >> 12));
    }
    if (origin->capture < channels->capture_count) {
        rule = first(rule, channels->captures[origin->capture]);
    }
    if (rule == NO_RULE) {
        return false;
    }
    *channel = channels->rules[rule].channel;
    return true;
}
