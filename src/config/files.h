/* SPDX-License-Identifier: MIT */
/* Options about the files that are written, and about the shard of the work. */
#ifndef P2I_CONFIG_FILES_H
#define P2I_CONFIG_FILES_H

#include "base/error.h"
#include "pcap2ipfix/convert.h"

/* --rotate: a size ("100M", at least 64K) or a time ("300s", "5m", "1h", "1d"). */
enum p2i_result p2i_parse_rotation(struct p2i_settings *settings, const char *text,
                                   struct p2i_error *error);
/* --file-options: window, session, checksum, captures; all, none. */
enum p2i_result p2i_parse_file_options(struct p2i_settings *settings, const char *list,
                                       struct p2i_error *error);
/* --shard: "I/N". */
enum p2i_result p2i_parse_shard(struct p2i_settings *settings, const char *text,
                                struct p2i_error *error);
/* Whether outputs can be what they are told to be together. */
enum p2i_result p2i_check_files(const struct p2i_settings *settings, struct p2i_error *error);

#endif
