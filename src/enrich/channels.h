/* SPDX-License-Identifier: MIT */
/* BRIDGE_CHANNEL_NUM by the rules of the settings. */
#ifndef P2I_ENRICH_CHANNELS_H
#define P2I_ENRICH_CHANNELS_H

#include "packet/packet_info.h"
#include "settings/settings.h"

struct p2i_channels; /* any thread may query it while it does not change */

/* Borrows settings->channels. NULL: out of memory. */
struct p2i_channels *p2i_channels_new(const struct p2i_settings *settings);
/* Names the captures from number `first` on. False: out of memory. */
bool p2i_channels_name_captures(struct p2i_channels *channels, const struct p2i_settings *settings,
                                uint32_t first, const char *const *paths, size_t path_count);
void p2i_channels_free(struct p2i_channels *channels); /* NULL is fine */

/* Finds the channel of a packet by its VLAN, else MPLS label, else interface, else file. A packet
 * without a tag has VLAN 0. False: no rule matches. */
bool p2i_channels_find(const struct p2i_channels *channels, const struct p2i_packet_info *info,
                       uint16_t *channel);

#endif
