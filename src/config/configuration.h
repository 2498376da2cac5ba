/* SPDX-License-Identifier: MIT */
/* The configuration file, see pcap2ipfix.yaml(5): reading and printing it by the table keys.def. */
#ifndef P2I_CONFIG_CONFIGURATION_H
#define P2I_CONFIG_CONFIGURATION_H

#include <stdio.h>

#include "config/arena.h"
#include "config/option.h"
#include "pcap2ipfix/convert.h"

/* Sets what the file sets and leaves the rest. Texts and arrays of the settings belong to `arena`.
 * P2I_OK; P2I_USAGE: the file cannot be read, is not YAML or has a wrong key or value, and the
 * error has file and line; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_configuration_read(struct p2i_settings *settings, struct p2i_arena *arena,
                                       const char *path, struct p2i_error *error);
/* The same from memory; no file in the error. */
enum p2i_result p2i_configuration_parse(struct p2i_settings *settings, struct p2i_arena *arena,
                                        const char *bytes, size_t size, struct p2i_error *error);

/* Writes all settings as a configuration file. P2I_OK; P2I_OUTPUT: it cannot be written; P2I_USAGE:
 * a text is not UTF-8; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_configuration_print(FILE *file, const struct p2i_settings *settings,
                                        struct p2i_error *error);

struct p2i_reading;
/* Sets the key of an option from its value (of one without a value: from the word of its row), by
 * the rules of that key. `reading` is the same for all options of a command line; `text` lives as
 * long as the settings. P2I_OK; P2I_USAGE: "--NAME: ..."; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_configuration_option(struct p2i_reading *reading,
                                         const struct p2i_option *option, const char *text);
/* The words that an option takes, "a|b", its own or those of its key; "": any text. Static. */
const char *p2i_option_words(const struct p2i_option *option);

#endif
