/* SPDX-License-Identifier: MIT */
/* The whole job: captures in, files and records for collectors out.
 *
 *     struct p2i_settings *settings = p2i_settings_new();
 *     struct p2i_statistics *statistics = p2i_statistics_new();
 *     p2i_settings_set(settings, "capture", "in.pcap", &error);
 *     p2i_settings_set(settings, "write", "out.ipfix", &error);
 *     enum p2i_result result = p2i_convert(settings, statistics, &error);
 *     p2i_statistics_free(statistics);
 *     p2i_settings_free(settings);
 *
 * The library never prints or exits, and reads a clock only to deliver records to collectors and to
 * pace syncs. */
#ifndef PCAP2IPFIX_CONVERT_H
#define PCAP2IPFIX_CONVERT_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/settings.h"
#include "pcap2ipfix/statistics.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Converts all captures; returns when the outputs are finished. Any number of threads may each run
 * their own conversion. `statistics` are new ones, and are filled in any case; `error` may point
 * into them and into the settings.
 *
 * P2I_OK
 * P2I_DAMAGED    A capture is damaged or cut. The callback report() was called for each, and the
 * outputs are complete; but with `strict`, incomplete files are removed, while collectors and pipes
 * keep what they got. P2I_INPUT      A capture could not be opened or is not one. Likewise; files
 * are also removed when no capture could be opened. P2I_END        is_stopped() was true before
 * anything was read: incomplete files are removed. P2I_COLLECTOR  A collector did not take all
 * records: the rest is spooled, files are complete. `error` is of the first such collector; the
 * callback delivery() was called for each. P2I_USAGE, P2I_OUTPUT, P2I_INTERNAL `error` says why,
 * and no output is left under its final name. */
enum p2i_result p2i_convert(const struct p2i_settings *settings, struct p2i_statistics *statistics,
                            struct p2i_error *error);

/* The permissions of a file about a run, such as its statistics: those who may not read one of the
 * captures get none. Files of records that may have passwords are their owner's alone, besides. */
void p2i_convert_output_mode(const struct p2i_settings *settings, struct p2i_output_mode *mode);

#ifdef __cplusplus
}
#endif
#endif
