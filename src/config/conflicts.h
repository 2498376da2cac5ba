/* SPDX-License-Identifier: MIT */
/* Finds outputs that would destroy a capture or each other, or that are unreadable. */
#ifndef P2I_CONFIG_CONFLICTS_H
#define P2I_CONFIG_CONFLICTS_H

#include "settings/settings.h"

/* P2I_OK; P2I_USAGE: an output is one of the captures, two outputs are one file (also by another
 * name, and before it exists), or IPFIX would be written to a terminal. Outputs may share devices
 * and pipes, but not standard output ("-"). `stats_file` may be NULL. */
enum p2i_result p2i_find_conflicts(const struct p2i_settings *settings, const char *stats_file,
                                   struct p2i_error *error);
/* The same with the setting `each`, for the file of the statistics; p2i_convert() checks the rest.
 */
enum p2i_result p2i_find_each_conflicts(const struct p2i_settings *settings, const char *stats_file,
                                        struct p2i_error *error);

#endif
