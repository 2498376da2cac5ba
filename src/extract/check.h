/* SPDX-License-Identifier: MIT */
/* Checks what is asked of an extraction. */
#ifndef P2I_EXTRACT_CHECK_H
#define P2I_EXTRACT_CHECK_H

#include "pcap2ipfix/extract.h"

/* P2I_OK; P2I_USAGE: something is missing, contradicts itself, or is no regular file. */
enum p2i_result p2i_extract_check(const struct p2i_extract_settings *settings,
                                  struct p2i_error *error);

#endif
