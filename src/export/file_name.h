/* SPDX-License-Identifier: MIT */
/* Names for the files of an output that is split. Pure functions. */
#ifndef P2I_EXPORT_FILE_NAME_H
#define P2I_EXPORT_FILE_NAME_H

#include <stdbool.h>

#include "pcap2ipfix/error.h"

enum { P2I_FILE_NAME_MAX = 4096 };

/* True when the pattern contains "%": conversions for the time, or "%%". */
bool p2i_file_name_varies(const char *pattern);

/* Writes the name of a file that begins at `time_s` (Unix time; the name has UTC): %Y %y %m %d %j
 * %H %M %S, %F (%Y-%m-%d), %T (%H:%M:%S), %s (Unix time), %%. A `number` other than 0 is inserted
 * before the ending: out.ipfix.gz becomes out.000001.ipfix.gz. P2I_OK; P2I_USAGE: an unknown
 * conversion, or the name is too long. */
enum p2i_result p2i_file_name(char name[P2I_FILE_NAME_MAX], const char *pattern, uint32_t time_s,
                              uint64_t number, struct p2i_error *error);

#endif
