/* SPDX-License-Identifier: MIT */
/* What the readers of configurations share. */
#ifndef P2I_CONFIG_CONFIGURATION_H
#define P2I_CONFIG_CONFIGURATION_H

#include <stddef.h>

#include "config/yaml.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/settings.h"

/* Reads a file into memory that the caller frees: P2I_YAML_BYTES_MAX bytes and one more at most, so
 * that the parser can refuse a file that is too large. P2I_OK; P2I_USAGE: it cannot be read. */
enum p2i_result p2i_config_file_read(char **bytes, size_t *size, const char *path,
                                     struct p2i_error *error);
/* Sets the keys of a map, which is in the arena of the settings. P2I_OK; P2I_USAGE: a key is
 * unknown, or a value wrong, with its line; P2I_INTERNAL: out of memory. After an error nothing is
 * changed. */
enum p2i_result p2i_config_map_read(struct p2i_settings *settings, const struct p2i_yaml *map,
                                    struct p2i_error *error);

#endif
