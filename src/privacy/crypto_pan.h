/* SPDX-License-Identifier: MIT */
/* Crypto-PAn (Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address Anonymization", ICNP 2002): a
 * one-to-one map of addresses under a key. Two mapped addresses share as many leading bits as the
 * original ones. The same key gives the same map. One thread for each object. */
#ifndef P2I_PRIVACY_CRYPTO_PAN_H
#define P2I_PRIVACY_CRYPTO_PAN_H

#include "packet/packet.h"
#include "pcap2ipfix/error.h"

enum { P2I_CRYPTO_PAN_KEY = 32 }; /* bytes: AES-128 key, then the seed of the padding */

struct p2i_crypto_pan;

/* P2I_OK; P2I_USAGE: this program was built without OpenSSL, which has the cipher. */
enum p2i_result p2i_crypto_pan_check(struct p2i_error *error);

/* NULL: out of memory. */
struct p2i_crypto_pan *p2i_crypto_pan_new(const uint8_t key[P2I_CRYPTO_PAN_KEY]);
void p2i_crypto_pan_free(struct p2i_crypto_pan *pan); /* NULL is fine */

/* Maps an address; `ip_version` is 4 or 6, and each version has its own map. False: out of memory
 * in the cipher. */
bool p2i_crypto_pan_map(struct p2i_crypto_pan *pan, uint8_t ip_version,
                        const struct p2i_address *address, struct p2i_address *mapped);

/* Maps a number that was made from addresses; equal numbers stay equal. False: likewise. */
bool p2i_crypto_pan_number(struct p2i_crypto_pan *pan, uint64_t number, uint64_t *mapped);

#endif
