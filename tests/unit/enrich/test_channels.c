/* SPDX-License-Identifier: MIT */
#include "enrich/channels.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const captures[] = {"-", "a/one.pcap", "two.pcap", "b/two.pcap"};

static const struct p2i_channel_rule rules[] = {
    {P2I_CHANNEL_BY_VLAN, 100, NULL, 10},     {P2I_CHANNEL_BY_FILE, 0, "two.pcap", 20},
    {P2I_CHANNEL_BY_VLAN, 200, NULL, 30},     {P2I_CHANNEL_BY_VLAN, 100, NULL, 31},
    {P2I_CHANNEL_BY_MPLS, 1048575, NULL, 40}, {P2I_CHANNEL_BY_MPLS, 16, NULL, 41},
    {P2I_CHANNEL_BY_MPLS, 16, NULL, 42},      {P2I_CHANNEL_BY_INTERFACE, 3, NULL, 50},
    {P2I_CHANNEL_BY_VLAN, 5000, NULL, 60},    {P2I_CHANNEL_BY_FILE, 0, "a/one.pcap", 70},
    {P2I_CHANNEL_BY_VLAN, 300, NULL, 0},
};

static struct p2i_channels *make(size_t count)
{
    struct p2i_settings settings;
    memset(&settings, 0, sizeof settings);
    settings.channels = rules;
    settings.channel_count = count;
    struct p2i_channels *channels = p2i_channels_new(&settings);
    cr_assert_not_null(channels);
    /* Named as they are opened, one after the other. */
    cr_assert(p2i_channels_name_captures(channels, &settings, 0, captures, 2));
    cr_assert(p2i_channels_name_captures(channels, &settings, 2, captures + 2, 2));
    return channels;
}

/* -1: no rule fits. */
static int channel_of(const struct p2i_channels *channels, struct p2i_packet_info info)
{
    uint16_t channel = 999;
    return p2i_channels_find(channels, &info, &channel) ? channel : -1;
}

Test(channels, each_way)
{
    struct p2i_channels *channels = make(sizeof rules / sizeof *rules);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){0}), -1);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.vlan_id = 100}), 10);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.vlan_id = 200}), 30);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.vlan_id = 300}), 0);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.vlan_id = 5000 % 4096}), -1);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.interface_id = 3}), 50);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.interface_id = 4}), -1);
    struct p2i_packet_info labels = {.mpls_size = 8, .mpls = {0, 1, 0x11, 0, 0, 1, 0x0f, 0}};
    cr_assert_eq(channel_of(channels, labels), -1, "label 17, and 16 below it");
    labels.mpls[2] = 0x0f;
    cr_assert_eq(channel_of(channels, labels), 41, "the outermost label");
    memset(labels.mpls, 0xff, 4);
    cr_assert_eq(channel_of(channels, labels), 40);
    labels.mpls_size = 0;
    cr_assert_eq(channel_of(channels, labels), -1);
    p2i_channels_free(channels);
    p2i_channels_free(NULL);
}

Test(channels, files)
{
    struct p2i_channels *channels = make(sizeof rules / sizeof *rules);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 0}), -1);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 1}), 70);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 2}), 20);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 3}), 20,
                 "by its last part");
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 4}), -1);
    p2i_channels_free(channels);
}

/* Frames of a program have captures without names between those with names. */
Test(channels, captures_without_names)
{
    const struct p2i_settings settings = {.channels = rules,
                                          .channel_count = sizeof rules / sizeof *rules};
    struct p2i_channels *channels = p2i_channels_new(&settings);
    cr_assert_not_null(channels);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 0}), -1);
    cr_assert(p2i_channels_name_captures(channels, &settings, 2, captures + 1, 2));
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 0}), -1);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 1}), -1);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 2}), 70);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 3}), 20);
    cr_assert_eq(channel_of(channels, (struct p2i_packet_info){.capture = 4}), -1);
    p2i_channels_free(channels);
}

/* VLAN, label, interface, file, in whatever order the rules stand. */
Test(channels, which_counts)
{
    struct p2i_channels *channels = make(sizeof rules / sizeof *rules);
    struct p2i_packet_info info = {
        .capture = 3, .vlan_id = 200, .interface_id = 3, .mpls_size = 4, .mpls = {0, 1, 0x0f, 0}};
    cr_assert_eq(channel_of(channels, info), 30);
    info.vlan_id = 201;
    cr_assert_eq(channel_of(channels, info), 41);
    info.mpls[1] = 2;
    cr_assert_eq(channel_of(channels, info), 50);
    info.interface_id = 4;
    cr_assert_eq(channel_of(channels, info), 20);
    info.capture = 0;
    cr_assert_eq(channel_of(channels, info), -1);
    p2i_channels_free(channels);
    channels = make(0);
    info.vlan_id = 100;
    cr_assert_eq(channel_of(channels, info), -1);
    p2i_channels_free(channels);
}
