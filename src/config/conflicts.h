/* SPDX-License-Identifier: MIT */
/* Outputs that would destroy a capture or one another, or that nobody could read. */
#ifndef P2I_CONFIG_CONFLICTS_H
#define P2I_CONFIG_CONFLICTS_H

#include "pcap2ipfix/convert.h"

/* P2I_OK; P2I_USAGE when an output is one of the captures, when two outputs are one file (also by
 * another name, and when it is not there yet), or when IPFIX would go to a terminal. Devices and
 * pipes can be shared; standard output, named '-', cannot. `stats_file` may be NULL. */
enum p2i_result p2i_find_conflicts(const struct p2i_settings *settings, const char *stats_file,
                                   struct p2i_error *error);

#endif
