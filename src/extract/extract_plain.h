/* SPDX-License-Identifier: MIT */
/* Extraction for a corpus: the packets alone. */
#ifndef P2I_EXTRACT_EXTRACT_PLAIN_H
#define P2I_EXTRACT_EXTRACT_PLAIN_H

#include "pcap2ipfix/extract.h"
#include "pcap2ipfix/values.h"

/* Extracts as p2i_extract(), but writes no manifest and adds no comments to packets. `memory`,
 * unless NULL, gets the capture instead of the output, so that no file has it: there must be one
 * path. `settings` must be complete. Results as p2i_extract(). */
enum p2i_result p2i_extract_plain(const struct p2i_extract_settings *settings,
                                  struct p2i_buffer *memory, struct p2i_error *error);

#endif
