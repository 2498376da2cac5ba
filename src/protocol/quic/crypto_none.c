/* SPDX-License-Identifier: MIT */
/* Without OpenSSL there are no keys: an Initial packet stays closed, as one of an unknown version
 * does. QUIC is recognised, and Google's versions in the clear are read. */
#include "protocol/quic/crypto.h"

void p2i_quic_crypto_free(struct p2i_quic_crypto *crypto)
{
    (void)crypto;
}

bool p2i_quic_client_keys(struct p2i_quic_crypto *crypto, enum p2i_quic_family family,
                          struct p2i_view destination, struct p2i_quic_keys *keys)
{
    (void)crypto;
    (void)family;
    (void)destination;
    (void)keys;
    return false;
}

bool p2i_quic_open(struct p2i_quic_crypto *crypto, const struct p2i_quic_keys *keys,
                   const struct p2i_quic_packet *packet, uint64_t next_number, uint8_t *room,
                   struct p2i_quic_opened *opened)
{
    (void)crypto;
    (void)keys;
    (void)packet;
    (void)next_number;
    (void)room;
    (void)opened;
    return false;
}

bool p2i_quic_seal(struct p2i_quic_crypto *crypto, const struct p2i_quic_keys *was,
                   const struct p2i_quic_keys *keys, const struct p2i_quic_packet *packet,
                   const struct p2i_quic_opened *opened, uint8_t *bytes)
{
    (void)crypto;
    (void)was;
    (void)keys;
    (void)packet;
    (void)opened;
    (void)bytes;
    return false;
}
