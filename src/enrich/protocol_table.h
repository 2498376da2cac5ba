/* SPDX-License-Identifier: MIT */
/* The protocol numbers of a run: those of protocols.def, with the changes of the operator's file.
 */
#ifndef P2I_ENRICH_PROTOCOL_TABLE_H
#define P2I_ENRICH_PROTOCOL_TABLE_H

#include "base/counts.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/protocols.h"

struct p2i_protocol_numbers {
    uint16_t number[P2I_PROTOCOL_COUNT]; /* by enum p2i_protocol_id; DPI_PROTOCOL, VDPI_PROTO */
};

void p2i_protocol_numbers_default(struct p2i_protocol_numbers *numbers);

/* Changes `numbers` by a file of lines `name number`: a name of protocols.def or "unknown", and 0
 * to 65535 in decimal. Text behind '#' and empty lines are ignored; of two lines for one protocol
 * the second counts. P2I_OK; P2I_USAGE: the file cannot be read, or a line is wrong: `error` has
 * the file and the line, and `numbers` is unchanged; P2I_INTERNAL: out of memory. */
enum p2i_result p2i_protocol_numbers_load(struct p2i_protocol_numbers *numbers, const char *path,
                                          struct p2i_error *error);

#endif
