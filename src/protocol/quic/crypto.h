/* SPDX-License-Identifier: MIT */
/* Removes the protection of Initial packets (RFC 9001 5, RFC 9369 3.3). Any observer can: the
 * keys follow from the connection id that the client has chosen. */
#ifndef P2I_PROTOCOL_QUIC_CRYPTO_H
#define P2I_PROTOCOL_QUIC_CRYPTO_H

#include "protocol/quic/packet.h"

enum {
    P2I_QUIC_KEY_SIZE = 16,
    P2I_QUIC_IV_SIZE = 12,
    P2I_QUIC_TAG_SIZE = 16,
};

/* Keys of the packets that a client sends. */
struct p2i_quic_keys {
    uint8_t key[P2I_QUIC_KEY_SIZE];
    uint8_t iv[P2I_QUIC_IV_SIZE];
    uint8_t mask_key[P2I_QUIC_KEY_SIZE]; /* of the header protection */
};

/* The key that a context has. */
struct p2i_quic_cipher_key {
    uint8_t key[P2I_QUIC_KEY_SIZE];
    bool is_set;
    bool encrypts;
};

/* Contexts of libcrypto, which all sessions of a worker use. Zeroed at the start; the owner calls
 * p2i_quic_crypto_free(). */
struct p2i_quic_crypto {
    struct evp_md_ctx_st *digest; /* OpenSSL's EVP_MD_CTX, and EVP_CIPHER_CTX: */
    struct evp_cipher_ctx_st *mask;
    struct evp_cipher_ctx_st *aead;
    struct p2i_quic_cipher_key mask_key; /* of `mask` */
    struct p2i_quic_cipher_key aead_key; /* of `aead` */
    bool failed;                         /* libcrypto did, which then had no memory; stays so */
};

/* A packet without its protection. */
struct p2i_quic_opened {
    struct p2i_view payload; /* its frames; lives as long as `room` of p2i_quic_open() */
    uint64_t number;
};

void p2i_quic_crypto_free(struct p2i_quic_crypto *crypto);

/* Derives the keys from the destination id of the client's first Initial, or of the first one
 * behind a Retry. False: libcrypto failed, or the program was built without it. */
bool p2i_quic_client_keys(struct p2i_quic_crypto *crypto, enum p2i_quic_family family,
                          struct p2i_view destination, struct p2i_quic_keys *keys);

/* Decrypts a packet into `room`, which has packet->bytes.size bytes; `next_number` is one more
 * than the largest number seen. False: the packet is not protected by these keys. A cut packet
 * has no complete tag to check: the caller must judge the result. */
bool p2i_quic_open(struct p2i_quic_crypto *crypto, const struct p2i_quic_keys *keys,
                   const struct p2i_quic_packet *packet, uint64_t next_number, uint8_t *room,
                   struct p2i_quic_opened *opened);

/* The reverse: protects a payload of the same size anew, with the number and the header of the
 * packet, whose ids and token may have changed. `bytes` are those of the packet, writable; `was`:
 * the keys that it is protected by. False: libcrypto failed. */
bool p2i_quic_seal(struct p2i_quic_crypto *crypto, const struct p2i_quic_keys *was,
                   const struct p2i_quic_keys *keys, const struct p2i_quic_packet *packet,
                   const struct p2i_quic_opened *opened, uint8_t *bytes);

#endif
