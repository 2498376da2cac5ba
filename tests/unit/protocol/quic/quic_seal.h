/* SPDX-License-Identifier: MIT */
/* The other side of src/protocol/quic/crypto.h: client Initials for tests and fuzzing. */
#ifndef TEST_QUIC_SEAL_H
#define TEST_QUIC_SEAL_H

#include <openssl/evp.h>
#include <stdlib.h>

#include "protocol/quic/crypto.h"

/* A client Initial in the making. */
struct quic_seal {
    uint32_t version;
    struct p2i_view destination;
    struct p2i_view source;
    struct p2i_view token;
    struct p2i_view key_cid; /* whose keys protect it; empty: destination */
    struct p2i_view frames;
    size_t payload_size; /* frames and padding; at least 3 */
    uint64_t number;
    unsigned number_size; /* 1..4 */
};

/* Room enough for any of them. */
struct quic_sealed {
    uint8_t data[66 << 10];
    size_t size;
};

static inline void quic_put(struct quic_sealed *out, const void *bytes, size_t size)
{
    if (size > sizeof out->data - out->size) {
        abort();
    }
    if (size > 0) {
        memcpy(out->data + out->size, bytes, size);
    }
    out->size += size;
}

/* The last `size` bytes of a number. */
static inline void quic_put_number(struct quic_sealed *out, uint64_t number, unsigned size)
{
    while (size-- > 0) {
        uint8_t byte = (uint8_t)(number >> (8 * size));
        quic_put(out, &byte, 1);
    }
}

/* A variable-length integer of 1, 2, 4 or 8 bytes. */
static inline void quic_put_varint(struct quic_sealed *out, uint64_t value)
{
    unsigned log = value < 0x40 ? 0 : value < 0x4000 ? 1 : value < 0x40000000 ? 2 : 3;
    unsigned size = 1U << log;
    quic_put_number(out, value | (uint64_t)log << (8 * size - 2), size);
}

static inline void quic_put_cid(struct quic_sealed *out, struct p2i_view cid)
{
    quic_put_number(out, cid.size, 1);
    quic_put(out, cid.data, cid.size);
}

/* The header as it is before its protection. */
static inline void quic_put_header(struct quic_sealed *out, const struct quic_seal *seal)
{
    unsigned type = p2i_quic_family_of(seal->version) == P2I_QUIC_V2 ? 0x10 : 0;
    quic_put_number(out, 0xc0 | type | (seal->number_size - 1), 1);
    quic_put_number(out, seal->version, 4);
    quic_put_cid(out, seal->destination);
    quic_put_cid(out, seal->source);
    quic_put_varint(out, seal->token.size);
    quic_put(out, seal->token.data, seal->token.size);
    quic_put_number(out, 0x4000 | (seal->number_size + seal->payload_size + P2I_QUIC_TAG_SIZE), 2);
    quic_put_number(out, seal->number, seal->number_size);
}

/* Encrypts from `body` on and puts the tag behind it. */
static inline void quic_encrypt(struct quic_sealed *out, const struct p2i_quic_keys *keys,
                                size_t begin, size_t body, uint64_t number)
{
    uint8_t nonce[P2I_QUIC_IV_SIZE], tag[P2I_QUIC_TAG_SIZE];
    memcpy(nonce, keys->iv, sizeof nonce);
    for (size_t i = 0; i < 8; i++) {
        nonce[sizeof nonce - 1 - i] ^= (uint8_t)(number >> (8 * i));
    }
    EVP_CIPHER_CTX *aead = EVP_CIPHER_CTX_new();
    int size = 0;
    if (EVP_EncryptInit_ex(aead, EVP_aes_128_gcm(), NULL, keys->key, nonce) != 1 ||
        EVP_EncryptUpdate(aead, NULL, &size, out->data + begin, (int)(body - begin)) != 1 ||
        EVP_EncryptUpdate(aead, out->data + body, &size, out->data + body,
                          (int)(out->size - body)) != 1 ||
        EVP_EncryptFinal_ex(aead, tag, &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(aead, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) != 1) {
        abort();
    }
    EVP_CIPHER_CTX_free(aead);
    quic_put(out, tag, sizeof tag);
}

static inline void quic_protect_header(struct quic_sealed *out, const struct p2i_quic_keys *keys,
                                       size_t begin, size_t number_at, unsigned number_size)
{
    uint8_t mask[16];
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int size = 0;
    if (EVP_EncryptInit_ex(cipher, EVP_aes_128_ecb(), NULL, keys->mask_key, NULL) != 1 ||
        EVP_EncryptUpdate(cipher, mask, &size, out->data + number_at + 4, sizeof mask) != 1) {
        abort();
    }
    EVP_CIPHER_CTX_free(cipher);
    out->data[begin] ^= mask[0] & 0x0f;
    for (size_t i = 0; i < number_size; i++) {
        out->data[number_at + i] ^= mask[1 + i];
    }
}

/* Appends the packet to `out`. */
static inline void quic_seal(struct quic_sealed *out, const struct quic_seal *seal)
{
    struct p2i_quic_crypto crypto = {0};
    struct p2i_quic_keys keys;
    struct p2i_view cid = seal->key_cid.size > 0 ? seal->key_cid : seal->destination;
    if (!p2i_quic_client_keys(&crypto, p2i_quic_family_of(seal->version), cid, &keys)) {
        abort();
    }
    p2i_quic_crypto_free(&crypto);
    size_t begin = out->size;
    quic_put_header(out, seal);
    size_t body = out->size;
    quic_put(out, seal->frames.data, seal->frames.size);
    for (size_t i = seal->frames.size; i < seal->payload_size; i++) {
        quic_put_number(out, 0, 1);
    }
    quic_encrypt(out, &keys, begin, body, seal->number);
    quic_protect_header(out, &keys, begin, body - seal->number_size, seal->number_size);
}

#endif
