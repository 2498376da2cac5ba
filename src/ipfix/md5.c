/* SPDX-License-Identifier: MIT */
#include "ipfix/md5.h"

#include <openssl/evp.h>

enum p2i_result p2i_md5_check(struct p2i_error *error)
{
    (void)error;
    return P2I_OK;
}

bool p2i_md5(const struct p2i_view parts[3], uint8_t digest[P2I_MD5_SIZE])
{
    EVP_MD_CTX *md5 = EVP_MD_CTX_new();
    bool done = md5 != NULL && EVP_DigestInit_ex(md5, EVP_md5(), NULL) == 1;
    for (size_t i = 0; done && i < 3; i++) {
        done = parts[i].size == 0 || EVP_DigestUpdate(md5, parts[i].data, parts[i].size) == 1;
    }
    done = done && EVP_DigestFinal_ex(md5, digest, NULL) == 1;
    EVP_MD_CTX_free(md5);
    return done;
}
