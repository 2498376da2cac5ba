/* SPDX-License-Identifier: MIT */
/* Options that set a key of the configuration, by the table keys.def. Reading, setting and printing
 * without options is in pcap2ipfix/settings.h. */
#ifndef P2I_CONFIG_CONFIGURATION_H
#define P2I_CONFIG_CONFIGURATION_H

#include "config/option.h"
#include "pcap2ipfix/settings.h"

/* Sets the key of an option, which may be one of p2i_config_run_keys of the same name, from its
 * value (of one without a value: from the word of its row), by the rules of that key. P2I_OK;
 * P2I_USAGE: "--NAME: ..."; P2I_INTERNAL: out of memory. After an error nothing is changed. */
enum p2i_result p2i_settings_set_option(struct p2i_settings *settings,
                                        const struct p2i_option *option, const char *value,
                                        struct p2i_error *error);
/* The words that an option takes, "a|b", its own or those of its key; "": any text. Static. */
const char *p2i_option_words(const struct p2i_option *option);

#endif
