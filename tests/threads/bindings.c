/* SPDX-License-Identifier: MIT */
/* bindings: one thread binds subscribers, packet by packet, while others look up what each packet
 * sees, hundreds of packets behind. The answers must be those of a run with one thread. For the
 * thread sanitizer. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "enrich/bindings.h"

enum {
    READERS = 3,
    BLOCK = 64, /* packets */
    BLOCKS = 600,
    AHEAD = 8,        /* blocks that the thread that binds may be ahead */
    HOSTS = 300,      /* more than fit into the memory */
    MEMORY = 1 << 15, /* bytes */
};

static struct p2i_bindings *bindings;
static _Atomic uint64_t decoded;          /* blocks */
static _Atomic uint64_t handled[READERS]; /* blocks */
static uint64_t expected[BLOCK * BLOCKS + 1];

static uint32_t random_of(uint64_t number)
{
    return (uint32_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static struct p2i_address address_of(unsigned host)
{
    return (struct p2i_address){.bytes = {10, 0, (uint8_t)(host >> 8), (uint8_t)host}};
}

/* What packet `number` does. Some hosts come with the /24 that they are in. */
static void change(uint64_t number)
{
    char login[24];
    unsigned host = random_of(number) % HOSTS;
    struct p2i_prefix prefix = {.address = address_of(host), .ip_version = 4, .length = 32};
    if (host % 50 == 0) {
        prefix.length = 24;
    }
    struct p2i_binding_key key = p2i_binding_of_prefix(P2I_BOUND_RADIUS, &prefix);
    p2i_bindings_begin_packet(bindings, number);
    if ((random_of(number) >> 16) % 4 == 0) {
        p2i_bindings_end(bindings, &key, number);
        return;
    }
    int size = snprintf(login, sizeof login, "user%u", (unsigned)number);
    p2i_bindings_bind(bindings, &key, number, number, 1, p2i_view_of(login, (size_t)size));
}

/* What packet `number` finds at some addresses, in one number. */
static uint64_t look(uint64_t number)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < 8; i++) {
        struct p2i_address address = address_of(random_of(number * 8 + i) % HOSTS);
        const struct p2i_binding *found =
            p2i_bindings_find_address(bindings, P2I_BOUND_RADIUS, &address, 4, number, number);
        sum *= 31;
        for (unsigned at = 0; found != NULL && at < found->login_size; at++) {
            sum = sum * 31 + found->login[at];
        }
    }
    return sum;
}

/* Blocks that all readers have handled. */
static uint64_t passed(void)
{
    uint64_t least = UINT64_MAX;
    for (unsigned i = 0; i < READERS; i++) {
        uint64_t own = handled[i];
        least = own < least ? own : least;
    }
    return least;
}

static void *read_all(void *own)
{
    _Atomic uint64_t *mine = own;
    uintptr_t wrong = 0;
    for (uint64_t block = 0; block < BLOCKS; block++) {
        while (decoded <= block) {
            sched_yield();
        }
        for (uint64_t number = block * BLOCK + 1; number <= (block + 1) * BLOCK; number++) {
            wrong += look(number) != expected[number];
        }
        *mine = block + 1;
    }
    return (void *)wrong;
}

static void decode_all(void)
{
    for (uint64_t block = 0; block < BLOCKS; block++) {
        while (block >= passed() + AHEAD) {
            sched_yield();
        }
        p2i_bindings_release(bindings, passed() * BLOCK, block * BLOCK);
        for (uint64_t number = block * BLOCK + 1; number <= (block + 1) * BLOCK; number++) {
            change(number);
        }
        decoded = block + 1;
    }
}

/* Notes what each packet sees when nobody is behind. Returns how many see a binding. */
static unsigned expect_all(void)
{
    unsigned known = 0;
    for (uint64_t number = 1; number <= BLOCK * BLOCKS; number++) {
        p2i_bindings_release(bindings, number - 1, number - 1);
        expected[number] = look(number);
        known += expected[number] != 0;
        change(number);
    }
    return known;
}

int main(void)
{
    pthread_t threads[READERS];
    int status = 0;
    bindings = p2i_bindings_new(MEMORY);
    if (bindings == NULL || expect_all() < BLOCK * BLOCKS / 2) {
        fprintf(stderr, "bindings: few packets see one\n");
        return 1;
    }
    p2i_bindings_free(bindings);
    bindings = p2i_bindings_new(MEMORY);
    for (unsigned i = 0; i < READERS; i++) {
        if (pthread_create(&threads[i], NULL, read_all, &handled[i]) != 0) {
            return 1;
        }
    }
    decode_all();
    for (unsigned i = 0; i < READERS; i++) {
        void *wrong;
        (void)pthread_join(threads[i], &wrong);
        if (wrong != NULL) {
            fprintf(stderr, "bindings: reader %u: %u packets see something else\n", i,
                    (unsigned)(uintptr_t)wrong);
            status = 1;
        }
    }
    p2i_bindings_free(bindings);
    return status;
}
