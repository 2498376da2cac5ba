/* SPDX-License-Identifier: MIT */
/* The Message Checksum Options record (RFC 5655 section 8.1.1): an MD5 of the message that it is
 * in. Pure functions. */
#ifndef P2I_IPFIX_CHECKSUM_H
#define P2I_IPFIX_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    P2I_CHECKSUM_TEMPLATE_ID = 1025, /* follows the template id of the type records */
    P2I_CHECKSUM_MAX = 64,           /* most bytes that p2i_put_checksum() writes */
};

/* Elements of IANA's registry (RFC 5655 section 8.2). */
enum {
    P2I_ELEMENT_MESSAGE_MD5_CHECKSUM = 262,
    P2I_ELEMENT_MESSAGE_SCOPE = 263,
};

/* Writes the sets that begin a message: with `define` the options template, then the checksum
 * record with 16 zeros for the digest. The digest begins `*digest_from_end` bytes before the end of
 * the sets. Returns the bytes written, at most P2I_CHECKSUM_MAX. */
size_t p2i_put_checksum(uint8_t *at, bool define, size_t *digest_from_end);

#endif
