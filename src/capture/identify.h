/* SPDX-License-Identifier: MIT */
/* Identifies a file by its first bytes. */
#ifndef P2I_CAPTURE_IDENTIFY_H
#define P2I_CAPTURE_IDENTIFY_H

#include "capture/formats.h"
#include "pcap2ipfix/error.h"

/* `head`: at least the first 4,096 bytes, decompressed, or the whole file. Returns NULL when it is
 * no capture; the error (P2I_INPUT) names what was found instead. */
const struct p2i_container *p2i_identify(struct p2i_view head, struct p2i_error *error);

#endif
