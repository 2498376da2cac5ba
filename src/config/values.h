/* SPDX-License-Identifier: MIT */
/* Values of options that are more than a number or a text. */
#ifndef P2I_CONFIG_VALUES_H
#define P2I_CONFIG_VALUES_H

#include <stdbool.h>

#include "base/error.h"
#include "pcap2ipfix/convert.h"

/* "512", "64K", "100M", "1G": bytes, in powers of 1024, up to 2^62. False: it is no size. */
bool p2i_parse_size(const char *text, uint64_t *size);

/* The following give P2I_OK or P2I_USAGE with a text for the user. */

/* --rotate: sets rotate_bytes by a size ("100M", at least 64K), or rotate_s by a time ("300s",
 * "5m", "1h", "1d"). */
enum p2i_result p2i_parse_rotation(struct p2i_settings *settings, const char *text,
                                   struct p2i_error *error);
/* --file-options: sets file_options by a list of window, session, checksum, captures, all, none. */
enum p2i_result p2i_parse_file_options(struct p2i_settings *settings, const char *list,
                                       struct p2i_error *error);
/* --shard: sets the shard I of N by "I/N". */
enum p2i_result p2i_parse_shard(struct p2i_settings *settings, const char *text,
                                struct p2i_error *error);
/* Checks that --rotate has a file to rotate. */
enum p2i_result p2i_check_rotation(const struct p2i_settings *settings, struct p2i_error *error);

#endif
