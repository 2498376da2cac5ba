/* SPDX-License-Identifier: MIT */
/* Outputs that would destroy a capture, or one another. */
#ifndef P2I_CONFIG_CONFLICTS_H
#define P2I_CONFIG_CONFLICTS_H

#include "pcap2ipfix/convert.h"

/* P2I_OK; P2I_USAGE when an output is one of the captures, or both outputs are one file, also by
 * another name. Only regular files count: devices, pipes and what is not there can be shared. */
enum p2i_result p2i_find_conflicts(const struct p2i_settings *settings, struct p2i_error *error);

#endif
