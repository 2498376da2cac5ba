/* SPDX-License-Identifier: MIT */
/* Secrets from which the places in hash tables start (hash.h). */
#ifndef P2I_BASE_HASH_SECRET_H
#define P2I_BASE_HASH_SECRET_H

#include <stdint.h>

/* A random number, another one at each call: no input can be made whose keys collide. What is
 * written must not depend on it. */
uint64_t p2i_hash_secret(void);

#endif
