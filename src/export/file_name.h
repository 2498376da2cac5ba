/* SPDX-License-Identifier: MIT */
/* Names of the files that an output is divided into. */
#ifndef P2I_EXPORT_FILE_NAME_H
#define P2I_EXPORT_FILE_NAME_H

#include <stdbool.h>

#include "base/error.h"

enum { P2I_FILE_NAME_MAX = 4096 };

/* Whether a pattern has letters for the time, "%%" included. */
bool p2i_file_name_varies(const char *pattern);

/* Writes the name for a file that begins at `time_s` (UTC): %Y %y %m %d %j %H %M %S, %F (%Y-%m-%d),
 * %T (%H:%M:%S), %s (seconds since 1970), %%. A `number` other than 0 is put before the ending:
 * out.ipfix.gz gives out.000001.ipfix.gz. P2I_USAGE: another letter, or too long. */
enum p2i_result p2i_file_name(char name[P2I_FILE_NAME_MAX], const char *pattern, uint32_t time_s,
                              uint64_t number, struct p2i_error *error);

#endif
