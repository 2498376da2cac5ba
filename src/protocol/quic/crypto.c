/* SPDX-License-Identifier: MIT */
#include "protocol/quic/crypto.h"

#include <openssl/evp.h>

enum {
    HASH_SIZE = 32,
    HASH_BLOCK = 64,
    SALT_SIZE = 20,
    SAMPLE_SIZE = 16,
    NUMBER_MAX = 4,       /* bytes of a packet number */
    RESERVED_BITS = 0x0c, /* zero in the first byte (RFC 9000 17.2) */
};

/* RFC 9001 5.2, RFC 9369 3.3.1, the same section of the drafts, and Chromium's own. */
static const uint8_t salts[P2I_QUIC_FAMILIES][SALT_SIZE] = {
    [P2I_QUIC_DRAFT_21] = {0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a,
                           0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a},
    [P2I_QUIC_DRAFT_23] = {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
                           0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02},
    [P2I_QUIC_DRAFT_29] = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                           0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99},
    [P2I_QUIC_V1] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                     0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
    [P2I_QUIC_V2] = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                     0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
    [P2I_QUIC_Q050] = {0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94,
                       0x5c, 0xfc, 0xdb, 0xd3, 0xa7, 0xf0, 0xd3, 0xb5, 0x6b, 0x45},
    [P2I_QUIC_T050] = {0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80,
                       0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83, 0x10},
    [P2I_QUIC_T051] = {0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50,
                       0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d},
};

void p2i_quic_crypto_free(struct p2i_quic_crypto *crypto)
{
    EVP_MD_CTX_free(crypto->digest);
    EVP_CIPHER_CTX_free(crypto->mask);
    EVP_CIPHER_CTX_free(crypto->aead);
    *crypto = (struct p2i_quic_crypto){0};
}

/* Makes the context of a cipher when it is first used. Naming the algorithm for each packet would
 * cost as much as the cipher. */
static bool ready(struct p2i_quic_crypto *crypto, EVP_CIPHER_CTX **context,
                  const EVP_CIPHER *(*algorithm)(void))
{
    if (*context != NULL) {
        return true;
    }
    *context = EVP_CIPHER_CTX_new();
    if (*context != NULL && EVP_CipherInit_ex(*context, algorithm(), NULL, NULL, NULL, 0) != 1) {
        EVP_CIPHER_CTX_free(*context);
        *context = NULL;
    }
    crypto->failed |= *context == NULL;
    return *context != NULL;
}

/* ---- keys ---- */

/* SHA-256 over one block and the bytes behind it. */
static bool digest(struct p2i_quic_crypto *crypto, const uint8_t block[HASH_BLOCK],
                   struct p2i_view bytes, uint8_t out[HASH_SIZE])
{
    /* Naming the algorithm again would cost as much as the hash. */
    const EVP_MD *algorithm = crypto->digest == NULL ? EVP_sha256() : NULL;
    if (crypto->digest == NULL) {
        crypto->digest = EVP_MD_CTX_new();
    }
    bool done = crypto->digest != NULL && EVP_DigestInit_ex(crypto->digest, algorithm, NULL) == 1 &&
                EVP_DigestUpdate(crypto->digest, block, HASH_BLOCK) == 1 &&
                EVP_DigestUpdate(crypto->digest, bytes.data, bytes.size) == 1 &&
                EVP_DigestFinal_ex(crypto->digest, out, NULL) == 1;
    crypto->failed |= !done;
    return done;
}

/* HMAC (RFC 2104) for keys of up to a block. Our own, because setting up that of libcrypto takes
 * ten times as long as running it. */
static bool hmac(struct p2i_quic_crypto *crypto, struct p2i_view key, struct p2i_view bytes,
                 uint8_t out[HASH_SIZE])
{
    enum { INNER = 0x36, OUTER = 0x5c };
    uint8_t block[HASH_BLOCK] = {0};
    uint8_t inner[HASH_SIZE];
    memcpy(block, key.data, key.size);
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] ^= INNER;
    }
    if (!digest(crypto, block, bytes, inner)) {
        return false;
    }
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] ^= INNER ^ OUTER;
    }
    return digest(crypto, block, p2i_view_of(inner, sizeof inner), out);
}

/* HKDF-Expand-Label (RFC 8446 7.1) without a context, for up to one hash of output. */
static bool expand(struct p2i_quic_crypto *crypto, const uint8_t secret[HASH_SIZE],
                   struct p2i_view label, uint8_t *out, size_t size)
{
    enum { PREFIX_SIZE = 6, LABEL_MAX = 10, HEAD = 3, TAIL = 2 };
    uint8_t info[HEAD + PREFIX_SIZE + LABEL_MAX + TAIL] = {
        0, (uint8_t)size, (uint8_t)(PREFIX_SIZE + label.size), 't', 'l', 's', '1', '3', ' '};
    memcpy(info + HEAD + PREFIX_SIZE, label.data, label.size);
    size_t end = HEAD + PREFIX_SIZE + label.size;
    info[end] = 0;     /* length of the context */
    info[end + 1] = 1; /* number of the block (RFC 5869 2.3) */
    uint8_t hash[HASH_SIZE];
    if (!hmac(crypto, p2i_view_of(secret, HASH_SIZE), p2i_view_of(info, end + TAIL), hash)) {
        return false;
    }
    memcpy(out, hash, size);
    return true;
}

bool p2i_quic_client_keys(struct p2i_quic_crypto *crypto, enum p2i_quic_family family,
                          struct p2i_view destination, struct p2i_quic_keys *keys)
{
    bool v2 = family == P2I_QUIC_V2;
    uint8_t initial[HASH_SIZE], client[HASH_SIZE];
    return hmac(crypto, p2i_view_of(salts[family], SALT_SIZE), destination, initial) &&
           expand(crypto, initial, P2I_VIEW("client in"), client, sizeof client) &&
           expand(crypto, client, v2 ? P2I_VIEW("quicv2 key") : P2I_VIEW("quic key"), keys->key,
                  sizeof keys->key) &&
           expand(crypto, client, v2 ? P2I_VIEW("quicv2 iv") : P2I_VIEW("quic iv"), keys->iv,
                  sizeof keys->iv) &&
           expand(crypto, client, v2 ? P2I_VIEW("quicv2 hp") : P2I_VIEW("quic hp"), keys->mask_key,
                  sizeof keys->mask_key);
}

/* ---- packets ---- */

/* Prepares a cipher with a key, unless it has it: the packets of a datagram have the same one, and
 * to prepare a cipher costs more than to decrypt a small packet. `nonce` is new, or NULL. */
static bool set_key(struct p2i_quic_crypto *crypto, EVP_CIPHER_CTX *cipher,
                    struct p2i_quic_cipher_key *last, const uint8_t *key, const uint8_t *nonce,
                    bool encrypt)
{
    bool same =
        last->is_set && last->encrypts == encrypt && memcmp(last->key, key, sizeof last->key) == 0;
    if (same && nonce == NULL) {
        return true;
    }
    memcpy(last->key, key, sizeof last->key);
    last->encrypts = encrypt;
    last->is_set = EVP_CipherInit_ex(cipher, NULL, NULL, same ? NULL : key, nonce, encrypt) == 1;
    crypto->failed |= !last->is_set;
    return last->is_set;
}

/* The mask of the header protection (RFC 9001 5.4.3). */
static bool mask_of(struct p2i_quic_crypto *crypto, const struct p2i_quic_keys *keys,
                    const uint8_t *sample, uint8_t mask[SAMPLE_SIZE])
{
    int size = 0;
    return ready(crypto, &crypto->mask, EVP_aes_128_ecb) &&
           set_key(crypto, crypto->mask, &crypto->mask_key, keys->mask_key, NULL, true) &&
           EVP_EncryptUpdate(crypto->mask, mask, &size, sample, SAMPLE_SIZE) == 1;
}

/* The packet number with the last bytes `low` (RFC 9000 A.3). */
static uint64_t whole_number(uint64_t next, uint64_t low, size_t low_size)
{
    uint64_t window = (uint64_t)1 << (8 * low_size);
    uint64_t half = window / 2;
    uint64_t number = (next & ~(window - 1)) | low;
    if (number + half <= next) {
        return number + window;
    }
    return number > next + half && number >= window ? number - window : number;
}

/* A header without its protection. */
struct header {
    uint8_t first;
    uint8_t number[NUMBER_MAX];
    size_t number_size;
};

static bool open_header(struct p2i_quic_crypto *crypto, const struct p2i_quic_keys *keys,
                        const struct p2i_quic_packet *packet, struct header *header)
{
    uint8_t mask[SAMPLE_SIZE];
    const uint8_t *number = packet->bytes.data + packet->number_at;
    if (packet->bytes.size - packet->number_at < NUMBER_MAX + SAMPLE_SIZE ||
        !mask_of(crypto, keys, number + NUMBER_MAX, mask)) {
        return false;
    }
    header->first = packet->bytes.data[0] ^ (mask[0] & 0x0f);
    header->number_size = (header->first & 3U) + 1;
    for (size_t i = 0; i < header->number_size; i++) {
        header->number[i] = number[i] ^ mask[i + 1];
    }
    return true;
}

/* Adds the header, as it was before its protection, to what is authenticated (RFC 9001 5.3). */
static bool add_header(struct p2i_quic_crypto *crypto, const struct p2i_quic_packet *packet,
                       const struct header *header)
{
    enum { USUAL_SIZE = 128 }; /* of headers without a long token: these in one call */
    uint8_t bytes[USUAL_SIZE + NUMBER_MAX];
    size_t size = packet->number_at;
    int done = 0;
    bytes[0] = header->first;
    if (size <= USUAL_SIZE) {
        memcpy(bytes + 1, packet->bytes.data + 1, size - 1);
        memcpy(bytes + size, header->number, header->number_size);
        size += header->number_size;
        return EVP_CipherUpdate(crypto->aead, NULL, &done, bytes, (int)size) == 1;
    }
    return EVP_CipherUpdate(crypto->aead, NULL, &done, bytes, 1) == 1 &&
           EVP_CipherUpdate(crypto->aead, NULL, &done, packet->bytes.data + 1, (int)size - 1) ==
               1 &&
           EVP_CipherUpdate(crypto->aead, NULL, &done, header->number, (int)header->number_size) ==
               1;
}

static bool start_aead(struct p2i_quic_crypto *crypto, const struct p2i_quic_keys *keys,
                       const struct p2i_quic_packet *packet, const struct header *header,
                       uint64_t number, bool encrypt)
{
    uint8_t nonce[P2I_QUIC_IV_SIZE];
    memcpy(nonce, keys->iv, sizeof nonce);
    for (size_t i = 0; i < sizeof number; i++) {
        nonce[sizeof nonce - 1 - i] ^= (uint8_t)(number >> (8 * i));
    }
    return ready(crypto, &crypto->aead, EVP_aes_128_gcm) &&
           set_key(crypto, crypto->aead, &crypto->aead_key, keys->key, nonce, encrypt) &&
           add_header(crypto, packet, header);
}

static bool is_authentic(struct p2i_quic_crypto *crypto, const uint8_t *tag)
{
    uint8_t copy[P2I_QUIC_TAG_SIZE]; /* libcrypto needs it writable */
    uint8_t nothing[P2I_QUIC_TAG_SIZE];
    int size = 0;
    memcpy(copy, tag, sizeof copy);
    return EVP_CIPHER_CTX_ctrl(crypto->aead, EVP_CTRL_AEAD_SET_TAG, sizeof copy, copy) == 1 &&
           EVP_DecryptFinal_ex(crypto->aead, nothing, &size) == 1;
}

bool p2i_quic_open(struct p2i_quic_crypto *crypto, const struct p2i_quic_keys *keys,
                   const struct p2i_quic_packet *packet, uint64_t next_number, uint8_t *room,
                   struct p2i_quic_opened *opened)
{
    struct header header;
    if (!open_header(crypto, keys, packet, &header)) {
        return false;
    }
    if (packet->cut && (header.first & RESERVED_BITS) != 0) {
        return false;
    }
    uint64_t low = 0;
    for (size_t i = 0; i < header.number_size; i++) {
        low = low << 8 | header.number[i];
    }
    opened->number = whole_number(next_number, low, header.number_size);
    size_t body_at = packet->number_at + header.number_size; /* a sample lies behind it */
    struct p2i_view body = p2i_view_of(packet->bytes.data + body_at, packet->bytes.size - body_at);
    uint64_t before_tag = packet->length - header.number_size - P2I_QUIC_TAG_SIZE;
    size_t size = before_tag < body.size ? (size_t)before_tag : body.size;
    int done = 0;
    if (!start_aead(crypto, keys, packet, &header, opened->number, false) ||
        EVP_DecryptUpdate(crypto->aead, room, &done, body.data, (int)size) != 1 ||
        (!packet->cut && !is_authentic(crypto, body.data + size))) {
        return false;
    }
    opened->payload = p2i_view_of(room, size);
    return true;
}

bool p2i_quic_seal(struct p2i_quic_crypto *crypto, const struct p2i_quic_keys *was,
                   const struct p2i_quic_keys *keys, const struct p2i_quic_packet *packet,
                   const struct p2i_quic_opened *opened, uint8_t *bytes)
{
    struct header header;
    uint8_t mask[SAMPLE_SIZE];
    int done = 0;
    if (!open_header(crypto, was, packet, &header) ||
        !start_aead(crypto, keys, packet, &header, opened->number, true)) {
        return false;
    }
    uint8_t *body = bytes + packet->number_at + header.number_size;
    if (EVP_EncryptUpdate(crypto->aead, body, &done, opened->payload.data,
                          (int)opened->payload.size) != 1 ||
        EVP_EncryptFinal_ex(crypto->aead, mask, &done) != 1) {
        return false;
    }
    if (!packet->cut && EVP_CIPHER_CTX_ctrl(crypto->aead, EVP_CTRL_AEAD_GET_TAG, P2I_QUIC_TAG_SIZE,
                                            body + opened->payload.size) != 1) {
        return false;
    }
    if (!mask_of(crypto, keys, bytes + packet->number_at + NUMBER_MAX, mask)) {
        return false;
    }
    bytes[0] = header.first ^ (mask[0] & 0x0f);
    for (size_t i = 0; i < header.number_size; i++) {
        bytes[packet->number_at + i] = header.number[i] ^ mask[i + 1];
    }
    return true;
}
