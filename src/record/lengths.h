/* SPDX-License-Identifier: MIT */
/* The length of each element of fields.def as a constant: P2I_LENGTH_<name> is in bytes on the
 * wire, or P2I_VARIABLE; P2I_IS_STRING_<name> is 1 for UTF-8, which octets are not. */
#ifndef P2I_RECORD_LENGTHS_H
#define P2I_RECORD_LENGTHS_H

#include "pcap2ipfix/fields.h"

/* By abstract type (RFC 7011 section 6.1). */
enum {
    P2I_LENGTH_OF_OCTETS = P2I_VARIABLE,
    P2I_LENGTH_OF_UNSIGNED8 = 1,
    P2I_LENGTH_OF_UNSIGNED16 = 2,
    P2I_LENGTH_OF_UNSIGNED32 = 4,
    P2I_LENGTH_OF_UNSIGNED64 = 8,
    P2I_LENGTH_OF_MAC = 6,
    P2I_LENGTH_OF_STRING = P2I_VARIABLE,
    P2I_LENGTH_OF_SECONDS = 4,
    P2I_LENGTH_OF_MILLISECONDS = 8,
    P2I_LENGTH_OF_NANOSECONDS = 8,
    P2I_LENGTH_OF_IPV4 = 4,
    P2I_LENGTH_OF_IPV6 = 16,
};

enum {
#define ELEMENT(pen, id, name, type, semantics, meaning, source)                                   \
    P2I_LENGTH_##name = P2I_LENGTH_OF_##type,                                                      \
    P2I_IS_STRING_##name = P2I_TYPE_##type == P2I_TYPE_STRING,
#include "record/fields.def"
};

#endif
