/* SPDX-License-Identifier: MIT */
#include "report/cipher_suites.h"

#include <stddef.h>

enum { TLS_1_2 = 0x0303 };

static const struct {
    uint16_t suite;
    const char *name;
} names[] = {
    {0x0004, "RSA_WITH_RC4_128_MD5"},
    {0x0005, "RSA_WITH_RC4_128_SHA"},
    {0x000a, "RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0016, "DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x002f, "RSA_WITH_AES_128_CBC_SHA"},
    {0x0033, "DHE_RSA_WITH_AES_128_CBC_SHA"},
    {0x0035, "RSA_WITH_AES_256_CBC_SHA"},
    {0x0039, "DHE_RSA_WITH_AES_256_CBC_SHA"},
    {0x003c, "RSA_WITH_AES_128_CBC_SHA256"},
    {0x003d, "RSA_WITH_AES_256_CBC_SHA256"},
    {0x0067, "DHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0x006b, "DHE_RSA_WITH_AES_256_CBC_SHA256"},
    {0x009c, "RSA_WITH_AES_128_GCM_SHA256"},
    {0x009d, "RSA_WITH_AES_256_GCM_SHA384"},
    {0x009e, "DHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009f, "DHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0x1301, "AES_128_GCM_SHA256"},
    {0x1302, "AES_256_GCM_SHA384"},
    {0x1303, "CHACHA20_POLY1305_SHA256"},
    {0x1304, "AES_128_CCM_SHA256"},
    {0x1305, "AES_128_CCM_8_SHA256"},
    {0xc007, "ECDHE_ECDSA_WITH_RC4_128_SHA"},
    {0xc009, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc00a, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc011, "ECDHE_RSA_WITH_RC4_128_SHA"},
    {0xc012, "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc013, "ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0xc014, "ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xc023, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xc024, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xc027, "ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0xc028, "ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    {0xc02b, "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, "ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, "ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xcca8, "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccaa, "DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
};

/* From the registry of IANA, first and last of each range. */
static const uint16_t weak[][2] = {
    {0x0000, 0x001b}, /* NULL, EXPORT, RC4, RC2, IDEA, DES, 3DES, DH_anon */
    {0x001e, 0x002e}, /* KRB5 with DES, 3DES, RC4, IDEA; PSK with NULL */
    {0x0034, 0x0034}, {0x003a, 0x003b}, {0x0046, 0x0046}, {0x006c, 0x006d}, {0x0089, 0x0089},
    {0x008a, 0x008b}, {0x008e, 0x008f}, {0x0092, 0x0093}, {0x009b, 0x009b}, {0x00a6, 0x00a7},
    {0x00b0, 0x00b1}, {0x00b4, 0x00b5}, {0x00b8, 0x00b9}, {0x00bf, 0x00bf}, {0x00c5, 0x00c5},
    {0xc001, 0xc003}, {0xc006, 0xc008}, {0xc00b, 0xc00d}, {0xc010, 0xc012}, {0xc015, 0xc01c},
    {0xc033, 0xc034}, {0xc039, 0xc03b}, {0xc046, 0xc047}, {0xc05a, 0xc05b}, {0xc084, 0xc085},
    {0xc0b4, 0xc0b5},
};

const char *p2i_cipher_suite_name(uint16_t suite)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].suite == suite) {
            return names[i].name;
        }
    }
    return NULL;
}

bool p2i_cipher_suite_is_weak(uint16_t suite)
{
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++) {
        if (suite >= weak[i][0] && suite <= weak[i][1]) {
            return true;
        }
    }
    return false;
}

bool p2i_tls_version_is_weak(uint16_t version)
{
    return version < TLS_1_2;
}
