/* SPDX-License-Identifier: MIT */
#ifndef P2I_SETTINGS_TIME_OFFSETS_H
#define P2I_SETTINGS_TIME_OFFSETS_H

#include "settings/settings.h"

/* Every name of a time offset must be that of one of the captures. P2I_OK; P2I_USAGE: one is not,
 * and the text has the nearest of their names. */
enum p2i_result p2i_time_offsets_check(const struct p2i_settings *settings,
                                       const char *const *captures, size_t count,
                                       struct p2i_error *error);

#endif
