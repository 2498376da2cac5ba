/* SPDX-License-Identifier: MIT */
/* Numbers of protocols in records, as a run has them: those of protocols.def, but for what the
 * operator wants otherwise. */
#ifndef P2I_ENRICH_PROTOCOL_TABLE_H
#define P2I_ENRICH_PROTOCOL_TABLE_H

#include "pcap2ipfix/error.h"
#include "pcap2ipfix/protocols.h"

struct p2i_protocol_numbers {
    uint16_t number[P2I_PROTOCOL_COUNT]; /* by enum p2i_protocol_id; DPI_PROTOCOL, VDPI_PROTO */
};

void p2i_protocol_numbers_default(struct p2i_protocol_numbers *numbers);

/* Changes `numbers` as the lines `name number` of a file say: a name of protocols.def (or
 * "unknown") and 0 to 65535, in decimal. What stands behind '#', and empty lines, say nothing; of
 * two lines for one protocol the second holds. P2I_USAGE when the file cannot be read or a line is
 * not of that form: `error` has the file and the line, and `numbers` is as it was. */
enum p2i_result p2i_protocol_numbers_load(struct p2i_protocol_numbers *numbers, const char *path,
                                          struct p2i_error *error);

#endif
