/* SPDX-License-Identifier: MIT */
#include "base/hash_secret.h"

#include <sys/random.h>

uint64_t p2i_hash_secret(void)
{
    uint64_t secret;
    if (getrandom(&secret, sizeof secret, GRND_NONBLOCK) != (ssize_t)sizeof secret) {
        return (uint64_t)(uintptr_t)p2i_hash_secret; /* early in the start of the system */
    }
    return secret;
}
