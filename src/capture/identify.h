/* SPDX-License-Identifier: MIT */
/* What a file is, by its first bytes. */
#ifndef P2I_CAPTURE_IDENTIFY_H
#define P2I_CAPTURE_IDENTIFY_H

#include "base/error.h"
#include "base/view.h"

enum p2i_format {
    P2I_FORMAT_NONE,
    P2I_FORMAT_PCAP,
    P2I_FORMAT_PCAPNG,
};

/* `head`: the first bytes, unpacked; all of them when there are fewer than 4,096. With
 * P2I_FORMAT_NONE the error (P2I_INPUT) names what was found instead. */
enum p2i_format p2i_identify(struct p2i_view head, struct p2i_error *error);

#endif
