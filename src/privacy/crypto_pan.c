/* SPDX-License-Identifier: MIT */
#include "privacy/crypto_pan.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/put.h"
#include "base/secret.h"
#include "pcap2ipfix/cursor.h"

enum {
    BLOCK = 16,
    CACHE = 1024, /* places; addresses repeat */
    BITS_MAX = 128,
};

struct place {
    struct p2i_address address, mapped;
    uint8_t ip_version; /* 0: empty */
};

struct p2i_crypto_pan {
    EVP_CIPHER_CTX *cipher;
    uint8_t pad[BLOCK];
    struct place cache[CACHE];
};

static bool encrypt(struct p2i_crypto_pan *pan, const uint8_t *in, size_t size, uint8_t *out)
{
    int written = 0;
    return EVP_EncryptUpdate(pan->cipher, out, &written, in, (int)size) == 1 &&
           (size_t)written == size;
}

enum p2i_result p2i_crypto_pan_check(struct p2i_error *error)
{
    (void)error;
    return P2I_OK;
}

struct p2i_crypto_pan *p2i_crypto_pan_new(const uint8_t key[P2I_CRYPTO_PAN_KEY])
{
    struct p2i_crypto_pan *pan = p2i_secret_new(sizeof *pan);
    if (pan == NULL) {
        return NULL;
    }
    pan->cipher = EVP_CIPHER_CTX_new();
    if (pan->cipher == NULL ||
        EVP_EncryptInit_ex(pan->cipher, EVP_aes_128_ecb(), NULL, key, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(pan->cipher, 0) != 1 ||
        !encrypt(pan, key + BLOCK, BLOCK, pan->pad)) {
        p2i_crypto_pan_free(pan);
        return NULL;
    }
    return pan;
}

void p2i_crypto_pan_free(struct p2i_crypto_pan *pan)
{
    if (pan != NULL) {
        EVP_CIPHER_CTX_free(pan->cipher);
        p2i_secret_free(pan, sizeof *pan);
    }
}

/* Makes the blocks for bits 0 to count - 1: block i has the i bits of the address before bit i,
 * then the padding. */
static void make_blocks(const struct p2i_crypto_pan *pan, const struct p2i_address *address,
                        size_t count, uint8_t *blocks)
{
    uint8_t block[BLOCK];
    memcpy(block, pan->pad, BLOCK);
    for (size_t i = 0; i < count; i++) {
        memcpy(blocks + i * BLOCK, block, BLOCK);
        uint8_t bit = (uint8_t)(0x80 >> i % 8);
        block[i / 8] = (uint8_t)((block[i / 8] & ~bit) | (address->bytes[i / 8] & bit));
    }
    explicit_bzero(block, sizeof block);
}

static bool map(struct p2i_crypto_pan *pan, size_t bits, const struct p2i_address *address,
                struct p2i_address *mapped)
{
    uint8_t blocks[BITS_MAX * BLOCK];
    make_blocks(pan, address, bits, blocks);
    if (!encrypt(pan, blocks, bits * BLOCK, blocks)) {
        return false;
    }
    *mapped = (struct p2i_address){0};
    for (size_t i = 0; i < bits; i++) {
        uint8_t flipped = (uint8_t)((blocks[i * BLOCK] & 0x80) >> i % 8);
        uint8_t bit = (uint8_t)(address->bytes[i / 8] & (0x80 >> i % 8));
        mapped->bytes[i / 8] = (uint8_t)(mapped->bytes[i / 8] | (bit ^ flipped));
    }
    return true;
}

/* The hash needs no secret seed: results do not depend on the place, and a collision costs only a
 * few hundred nanoseconds. */
static struct place *place_of(struct p2i_crypto_pan *pan, const struct p2i_address *address)
{
    uint64_t hash = p2i_mix(p2i_mix(0, address->words[0]), address->words[1]);
    return &pan->cache[hash % CACHE];
}

bool p2i_crypto_pan_map(struct p2i_crypto_pan *pan, uint8_t ip_version,
                        const struct p2i_address *address, struct p2i_address *mapped)
{
    struct place *place = place_of(pan, address);
    bool known =
        place->ip_version == ip_version && memcmp(&place->address, address, sizeof *address) == 0;
    if (!known) {
        struct p2i_address fresh;
        if (!map(pan, ip_version == 6 ? 128 : 32, address, &fresh)) {
            return false;
        }
        *place = (struct place){*address, fresh, ip_version};
    }
    *mapped = place->mapped;
    return true;
}

/* Encrypts a block that addresses give only by chance: the padding with its first half replaced and
 * its last bit inverted. */
bool p2i_crypto_pan_number(struct p2i_crypto_pan *pan, uint64_t number, uint64_t *mapped)
{
    uint8_t block[BLOCK];
    memcpy(block, pan->pad, BLOCK);
    (void)p2i_put64(block, number);
    block[BLOCK - 1] ^= 1;
    if (!encrypt(pan, block, BLOCK, block)) {
        return false;
    }
    *mapped = p2i_load_be64(block);
    return true;
}
