/* SPDX-License-Identifier: MIT */
/* Numbers of the IPFIX format (RFC 7011 section 3) that everything that writes or reads messages
 * needs. */
#ifndef P2I_IPFIX_WIRE_H
#define P2I_IPFIX_WIRE_H

#include <stdint.h>

enum {
    P2I_IPFIX_VERSION = 10,
    P2I_MESSAGE_HEADER = 16, /* bytes */
    P2I_MESSAGE_MAX = 65535, /* bytes, with the header */
    P2I_SET_HEADER = 4,      /* bytes */
    P2I_SET_TEMPLATES = 2,
    P2I_SET_OPTIONS_TEMPLATES = 3,
    P2I_SET_DATA_FIRST = 256,    /* the first id of a data set, and so of a template */
    P2I_ENTERPRISE_BIT = 0x8000, /* of a field's id: a PEN follows its length */
};

/* The two bytes of a number in network order, for the initializer of an array. */
#define P2I_BE16(value) (uint8_t)((value) >> 8), (uint8_t)(value)

#endif
