/* SPDX-License-Identifier: MIT */
/* Substitutes addresses and words by others of the same length under a key, so that bytes can be
 * changed where they are.
 *
 * A word is a run of letters, digits and characters outside of ASCII. Each character becomes one of
 * its class (lower case, upper case, digit, letters of one script ...), so that the form of a text
 * stays: dots, hyphens, "@", and what looks like a number, a name or an address. Equal words become
 * equal words, whatever their case. Different words of one form become different ones.
 *
 * An IPv4 address keeps the number of digits of each decimal, an IPv6 address that of each group:
 * text and binary form agree, and both keep their size. Two substituted addresses share as many
 * leading octets (IPv6: hexadecimal digits) as the original ones. This differs from Crypto-PAn
 * (crypto_pan.h), which changes the size of an address in a text.
 *
 * One thread for each object. */
#ifndef P2I_PRIVACY_SUBSTITUTE_H
#define P2I_PRIVACY_SUBSTITUTE_H

#include "privacy/crypto_pan.h"

struct p2i_substitution;

/* NULL: out of memory. */
struct p2i_substitution *p2i_substitution_new(const uint8_t key[P2I_CRYPTO_PAN_KEY]);
void p2i_substitution_free(struct p2i_substitution *substitution); /* NULL is fine */

/* True when memory ran out in a call: bytes may be unchanged and must not be used. */
bool p2i_substitution_failed(const struct p2i_substitution *substitution);

/* A pseudo-random number under the key. */
uint64_t p2i_substitution_number(struct p2i_substitution *substitution, uint64_t number);

/* A text in UTF-8; bytes that are none become others that are none. Literal addresses are replaced
 * as addresses, also in reverse names (RFC 1035 section 3.5, RFC 3596 section 2.5). The schemes of
 * URLs and port numbers stay: they are no names, and parsers ask for them. */
void p2i_substitute_text(struct p2i_substitution *substitution, uint8_t *text, size_t size);

/* The same for a text of code points. */
void p2i_substitute_points(struct p2i_substitution *substitution, uint32_t *points, size_t count);

/* 4 bytes of IPv4 or 16 of IPv6. The prefix of Teredo (RFC 4380) and the form of IPv4-mapped
 * addresses stay. */
void p2i_substitute_ipv4(struct p2i_substitution *substitution, uint8_t *address);
void p2i_substitute_ipv6(struct p2i_substitution *substitution, uint8_t *address);
/* 6 bytes. The group bit stays, in both orders of bits (in Token Ring it marks a route); broadcast,
 * zeros and bridge groups (01-80-c2) stay. */
void p2i_substitute_mac(struct p2i_substitution *substitution, uint8_t *address);

/* Overwrites bytes with others that depend on the key, `salt` and their place alone: from 0xc0 on,
 * or lower-case letters. */
void p2i_fill_binary(struct p2i_substitution *substitution, uint64_t salt, uint8_t *bytes,
                     size_t size);
void p2i_fill_letters(struct p2i_substitution *substitution, uint64_t salt, uint8_t *bytes,
                      size_t size);

#endif
