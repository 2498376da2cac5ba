/* SPDX-License-Identifier: MIT */
/* Checks what is asked of an extraction. */
#ifndef P2I_EXTRACT_CHECK_H
#define P2I_EXTRACT_CHECK_H

#include "pcap2ipfix/extract.h"

/* P2I_OK; P2I_USAGE: something is missing, contradicts itself, or is no regular file. */
enum p2i_result p2i_extract_check(const struct p2i_extract_settings *settings,
                                  struct p2i_error *error);
/* P2I_OK, also where nothing is at the path; P2I_USAGE: it is no regular file, and so cannot be
 * read several times. */
enum p2i_result p2i_extract_check_path(const char *path, struct p2i_error *error);

#endif
