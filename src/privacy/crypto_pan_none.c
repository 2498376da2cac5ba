/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "pcap2ipfix/error.h"
#include "privacy/crypto_pan.h"

enum p2i_result p2i_crypto_pan_check(struct p2i_error *error)
{
    return p2i_fail(error, P2I_USAGE, "anonymised addresses need a program built with OpenSSL");
}

struct p2i_crypto_pan *p2i_crypto_pan_new(const uint8_t key[P2I_CRYPTO_PAN_KEY])
{
    (void)key;
    return NULL;
}

void p2i_crypto_pan_free(struct p2i_crypto_pan *pan)
{
    (void)pan;
}

bool p2i_crypto_pan_map(struct p2i_crypto_pan *pan, uint8_t ip_version,
                        const struct p2i_address *address, struct p2i_address *mapped)
{
    (void)pan;
    (void)ip_version;
    (void)address;
    (void)mapped;
    return false;
}

bool p2i_crypto_pan_number(struct p2i_crypto_pan *pan, uint64_t number, uint64_t *mapped)
{
    (void)pan;
    (void)number;
    (void)mapped;
    return false;
}
