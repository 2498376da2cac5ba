/* SPDX-License-Identifier: MIT */
/* The configuration file, see pcap2ipfix.yaml(5). Reading and printing come from one table of
 * keys. */
#ifndef P2I_CONFIG_CONFIGURATION_H
#define P2I_CONFIG_CONFIGURATION_H

#include <stdio.h>

#include "config/arena.h"
#include "pcap2ipfix/convert.h"

/* Sets what the file sets and leaves the rest. What the settings point to belongs to `arena`.
 * P2I_USAGE: it cannot be read, is no YAML or is wrong; the error names file and line. */
enum p2i_result p2i_configuration_read(struct p2i_settings *settings, struct p2i_arena *arena,
                                       const char *path, struct p2i_error *error);
/* The same from memory; no file in the error. */
enum p2i_result p2i_configuration_parse(struct p2i_settings *settings, struct p2i_arena *arena,
                                        const char *bytes, size_t size, struct p2i_error *error);

/* A file that says all that is set. P2I_OUTPUT; P2I_USAGE: a text in it is not UTF-8. */
enum p2i_result p2i_configuration_print(FILE *file, const struct p2i_settings *settings,
                                        struct p2i_error *error);

#endif
