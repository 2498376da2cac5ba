/* SPDX-License-Identifier: MIT */
/* Values of options that are more than a number or a text. */
#ifndef P2I_CONFIG_VALUES_H
#define P2I_CONFIG_VALUES_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"
#include "settings/settings.h"

/* Checks that --rotate has a file to rotate. P2I_OK or P2I_USAGE, with a text for the user. */
enum p2i_result p2i_check_rotation(const struct p2i_settings *settings, struct p2i_error *error);

#endif
