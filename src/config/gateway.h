/* SPDX-License-Identifier: MIT */
/* The gateway's own configuration, fastdpi.conf, as settings: gateway.def has what becomes of each
 * parameter. */
#ifndef P2I_CONFIG_GATEWAY_H
#define P2I_CONFIG_GATEWAY_H

#include "config/notes.h"
#include "pcap2ipfix/settings.h"

/* Sets what the file sets, and the gateway's defaults where it has others. Adds a note for each
 * parameter: used, ignored and why, or unknown; and for each such default. P2I_OK; P2I_USAGE: the
 * file cannot be read, a line is none of its form or a value is wrong, and the error has file and
 * line; P2I_INTERNAL: out of memory. After an error neither settings nor notes are changed. */
enum p2i_result p2i_gateway_read(struct p2i_settings *settings, const char *path,
                                 struct p2i_notes *notes, struct p2i_error *error);

#endif
