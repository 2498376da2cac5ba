/* SPDX-License-Identifier: MIT */
/* BRIDGE_CHANNEL_NUM, by the rules of the configuration. */
#ifndef P2I_ENRICH_CHANNELS_H
#define P2I_ENRICH_CHANNELS_H

#include "packet/packet_info.h"
#include "pcap2ipfix/convert.h"

struct p2i_channels; /* any number of threads may ask */

/* Of settings->channels and settings->captures, which are borrowed. NULL: out of memory. */
struct p2i_channels *p2i_channels_new(const struct p2i_settings *settings);
void p2i_channels_free(struct p2i_channels *channels); /* NULL is fine */

/* By the VLAN, else the MPLS label, else the interface, else the file; false: there is no rule for
 * any. VLAN 0 is what has no tag. */
bool p2i_channels_find(const struct p2i_channels *channels, const struct p2i_packet_info *info,
                       uint16_t *channel);

#endif
