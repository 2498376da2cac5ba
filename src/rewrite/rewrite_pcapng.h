/* SPDX-License-Identifier: MIT */
/* Rewrites all frames of a pcapng capture in memory, see pcap2ipfix/rewrite.h. Of what describes
 * the capture only what its packets need stays: link types, units and offsets of times, and
 * directions. Names of hosts and interfaces, secrets, comments and unknown blocks are left out. */
#ifndef P2I_REWRITE_REWRITE_PCAPNG_H
#define P2I_REWRITE_REWRITE_PCAPNG_H

#include "pcap2ipfix/rewrite.h"
#include "pcap2ipfix/values.h"
#include "pcap2ipfix/view.h"

/* Appends the new capture to `out`. P2I_OK; P2I_DAMAGED: it is no pcapng file of whole blocks, or
 * has packets of other blocks than enhanced ones; else as p2i_rewrite_new(). */
enum p2i_result p2i_rewrite_pcapng(struct p2i_view capture, const struct p2i_settings *settings,
                                   struct p2i_buffer *out, struct p2i_error *error);

#endif
