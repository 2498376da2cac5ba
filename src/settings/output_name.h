/* SPDX-License-Identifier: MIT */
/* Names of outputs that are made from the names of captures. */
#ifndef P2I_SETTINGS_OUTPUT_NAME_H
#define P2I_SETTINGS_OUTPUT_NAME_H

#include "base/arena.h"
#include "pcap2ipfix/settings.h"
#include "pcap2ipfix/view.h"

/* "dir/trace.pcap.gz" with the ending ".ipfix" gives "trace.ipfix", with the folder before it;
 * empty: the working directory. NULL: out of memory. */
char *p2i_output_name(struct p2i_arena *arena, struct p2i_view folder, const char *capture,
                      const char *ending);

/* The outputs of one capture with the setting `each`. */
struct p2i_each_output {
    const char *ipfix, *json; /* NULL: none */
};

/* Names the outputs of a capture, by its index. False: out of memory. */
bool p2i_each_output_name(const struct p2i_settings *settings, size_t index,
                          struct p2i_arena *arena, struct p2i_each_output *output);

#endif
