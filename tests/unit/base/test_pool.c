/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "base/pool.h"

enum { MIB = 1 << 20 };

Test(pool, blocks_have_the_requested_size)
{
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account account = {0};
    for (size_t size = 0; size < 300; size++) {
        size_t capacity = 0;
        void *block = p2i_pool_get(pool, &account, size, &capacity);
        cr_assert_not_null(block);
        cr_assert_geq(capacity, size);
        cr_assert_eq((uintptr_t)block % sizeof(uint64_t), 0);
        memset(block, 0xa5, capacity);
    }
    p2i_pool_free(pool);
}

Test(pool, capacity_is_near_the_size)
{
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account account = {0};
    for (size_t size = 33; size < 16 * MIB; size += size / 7 + 1) {
        size_t capacity = 0;
        void *block = p2i_pool_get(pool, &account, size, &capacity);
        cr_assert_geq(capacity, size);
        cr_assert_leq(capacity, 2 * size, "%zu for %zu", capacity, size);
        cr_assert_eq(account.used, capacity);
        /* The requested size and the capacity name the same block. */
        p2i_pool_put(pool, &account, block, size % 2 == 0 ? size : capacity);
        cr_assert_eq(account.used, 0);
    }
    p2i_pool_free(pool);
}

Test(pool, blocks_do_not_overlap)
{
    enum { BLOCKS = 500 };
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account account = {0};
    unsigned char *blocks[BLOCKS];
    size_t sizes[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        sizes[i] = (i * i * 37) % 9000 + 1;
        blocks[i] = p2i_pool_get(pool, &account, sizes[i], NULL);
        memset(blocks[i], (int)(i % 251), sizes[i]);
        if (i % 3 == 0 && i > 0) {
            p2i_pool_put(pool, &account, blocks[i - 1], sizes[i - 1]);
            blocks[i - 1] = NULL;
        }
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        for (size_t at = 0; blocks[i] != NULL && at < sizes[i]; at++) {
            cr_assert_eq(blocks[i][at], i % 251);
        }
    }
    p2i_pool_free(pool);
}

Test(pool, blocks_are_reused)
{
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account account = {0};
    void *first = p2i_pool_get(pool, &account, 1000, NULL);
    void *other = p2i_pool_get(pool, &account, 1000, NULL);
    cr_assert_neq(first, other);
    p2i_pool_put(pool, &account, first, 1000);
    p2i_pool_put(pool, &account, other, 1000);
    void *again = p2i_pool_get(pool, &account, 1000, NULL);
    void *once_more = p2i_pool_get(pool, &account, 1000, NULL);
    cr_assert((again == first && once_more == other) || (again == other && once_more == first));
    p2i_pool_free(pool);
}

Test(pool, accounts_are_separate)
{
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account one = {0};
    struct p2i_account other = {.used = 5, .limit = 1};
    size_t capacity = 0;
    void *block = p2i_pool_get(pool, &one, 100, &capacity);
    cr_assert_eq(one.used, capacity);
    cr_assert_eq(other.used, 5);
    void *more = p2i_pool_get(pool, &other, MIB, &capacity);
    cr_assert_not_null(more, "the limit is the owner's affair");
    cr_assert_eq(other.used, 5 + capacity);
    p2i_pool_put(pool, &one, block, 100);
    p2i_pool_put(pool, &other, more, MIB);
    cr_assert_eq(one.used, 0);
    cr_assert_eq(other.used, 5);
    p2i_pool_free(pool);
}

Test(pool, large_blocks)
{
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account account = {0};
    size_t capacity = 0;
    void *largest = p2i_pool_get(pool, &account, 16 * MIB, &capacity);
    cr_assert_not_null(largest);
    cr_assert_geq(capacity, 16 * (size_t)MIB);
    void *middle = p2i_pool_get(pool, &account, 200 << 10, NULL);
    void *last = p2i_pool_get(pool, &account, 2 * MIB, NULL);
    p2i_pool_put(pool, &account, middle, 200 << 10);
    p2i_pool_put(pool, &account, largest, 16 * MIB);
    memset(last, 1, 2 * MIB);
    p2i_pool_free(pool); /* frees blocks in use, too */
}

Test(pool, too_large_sizes_and_null_are_handled)
{
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account account = {0};
    size_t capacity = 7;
    cr_assert_null(p2i_pool_get(pool, &account, 16 * MIB + 1, &capacity));
    cr_assert_null(p2i_pool_get(pool, &account, SIZE_MAX, NULL));
    cr_assert_eq(account.used, 0);
    cr_assert_eq(capacity, 7);
    p2i_pool_put(pool, &account, NULL, 100);
    cr_assert_eq(account.used, 0);
    p2i_pool_free(pool);
    p2i_pool_free(NULL);
}

/* Fills the pool with blocks of one size after another, leaving one in each chunk: the pool must
 * not take more than about twice the peak of the memory in use. */
Test(pool, scattered_blocks_do_not_grow_the_pool)
{
    enum { COUNT = 60000, IN_USE = 8 * MIB, CHUNK = 64 << 10 };
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account account = {0};
    static void *blocks[COUNT];
    static void *left[COUNT];
    static size_t left_sizes[COUNT];
    size_t left_count = 0;
    uint64_t most = 0;
    for (size_t size = 192; size <= 4096; size += size / 4) {
        size_t count = 0;
        for (; account.used + size < IN_USE; count++) {
            blocks[count] = p2i_pool_get(pool, &account, size, NULL);
            memset(blocks[count], (int)(size % 251), size);
        }
        most = p2i_pool_taken_bytes(pool) > most ? p2i_pool_taken_bytes(pool) : most;
        for (size_t i = 0; i < count; i++) {
            if (i % (CHUNK / size) == 0) {
                left_sizes[left_count] = size;
                left[left_count++] = blocks[i];
            } else {
                p2i_pool_put(pool, &account, blocks[i], size);
            }
        }
    }
    cr_assert_leq(most, 5 * (uint64_t)IN_USE / 2, "%llu", (unsigned long long)most);
    for (size_t i = 0; i < left_count; i++) {
        const unsigned char *bytes = left[i];
        cr_assert_eq(bytes[left_sizes[i] - 1], left_sizes[i] % 251);
        p2i_pool_put(pool, &account, left[i], left_sizes[i]);
    }
    cr_assert_eq(account.used, 0);
    for (size_t i = 0; i < 1000; i++) {
        blocks[i] = p2i_pool_get(pool, &account, 100 + i, NULL);
    }
    p2i_pool_free(pool);
}

/* Memory of one size can serve another: the pool does not grow with the number of sizes. */
Test(pool, memory_of_one_size_serves_another)
{
    enum { COUNT = 20000 };
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account account = {0};
    uintptr_t lowest = UINTPTR_MAX;
    uintptr_t highest = 0;
    static void *blocks[COUNT];
    for (size_t size = 100; size <= 200; size += 20) {
        for (size_t i = 0; i < COUNT; i++) {
            blocks[i] = p2i_pool_get(pool, &account, size, NULL);
            uintptr_t at = (uintptr_t)blocks[i];
            lowest = size == 100 && at < lowest ? at : lowest;
            highest = size == 100 && at > highest ? at : highest;
        }
        size_t old = 0;
        for (size_t i = 0; i < COUNT; i++) {
            old += (uintptr_t)blocks[i] >= lowest && (uintptr_t)blocks[i] <= highest;
            p2i_pool_put(pool, &account, blocks[i], size);
        }
        cr_assert_gt(old, COUNT * 100 / size * 8 / 10, "of size %zu only %zu", size, old);
    }
    cr_assert_eq(account.used, 0);
    p2i_pool_free(pool);
}

Test(pool, grow_keeps_the_used_bytes)
{
    struct p2i_pool *pool = p2i_pool_new();
    struct p2i_account account = {0};
    size_t capacity = 0;
    uint8_t *block = p2i_pool_grow(pool, &account, NULL, 0, 10, &capacity);
    cr_assert_not_null(block);
    cr_assert_geq(capacity, 10);
    memcpy(block, "0123456789", 10);
    size_t before = capacity;
    block = p2i_pool_grow(pool, &account, block, 10, 5000, &capacity);
    cr_assert_not_null(block);
    cr_assert_gt(capacity, before);
    cr_assert_eq(memcmp(block, "0123456789", 10), 0);
    before = capacity;
    cr_assert_null(p2i_pool_grow(pool, &account, block, 10, (size_t)32 << 20, &capacity));
    cr_assert_eq(capacity, before);
    p2i_pool_put(pool, &account, block, capacity);
    cr_assert_eq(account.used, 0);
    p2i_pool_free(pool);
}
