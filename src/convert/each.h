/* SPDX-License-Identifier: MIT */
/* The setting `each`: every capture on its own, one after the other, with its own sessions and
 * outputs. */
#ifndef P2I_CONVERT_EACH_H
#define P2I_CONVERT_EACH_H

#include "settings/settings.h"
#include "settings/statistics.h"

/* Calls `convert` with settings for each capture, which have its outputs, and with statistics of
 * its own, which are added to `statistics`. Damaged captures and those that cannot be opened do not
 * stop the others, except with `strict`; an output that fails does. Returns as p2i_convert(): of
 * the captures the worst result. */
enum p2i_result p2i_convert_each(const struct p2i_settings *settings,
                                 enum p2i_result (*convert)(const struct p2i_settings *settings,
                                                            struct p2i_statistics *statistics,
                                                            struct p2i_error *error),
                                 struct p2i_statistics *statistics, struct p2i_error *error);

#endif
