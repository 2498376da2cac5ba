/* SPDX-License-Identifier: MIT */
/* What a file is, by its first bytes. */
#ifndef P2I_CAPTURE_IDENTIFY_H
#define P2I_CAPTURE_IDENTIFY_H

#include "base/error.h"
#include "capture/formats.h"

/* `head`: the first bytes, decompressed; all of them when there are fewer than 4,096. NULL: it is
 * no capture, and the error (P2I_INPUT) names what was found instead. */
const struct p2i_container *p2i_identify(struct p2i_view head, struct p2i_error *error);

#endif
