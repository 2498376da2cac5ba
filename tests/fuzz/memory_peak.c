/* SPDX-License-Identifier: MIT */
#include "memory_peak.h"

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define MEASURED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEASURED
#endif
#endif

#ifdef MEASURED
#include <sanitizer/allocator_interface.h>
#include <stdatomic.h>

static _Atomic int64_t used, peak;

/* The hook of free() comes before the block is freed, so that its size is known. */
static void allocated(const volatile void *block, size_t size)
{
    (void)block;
    int64_t now =
        atomic_fetch_add_explicit(&used, (int64_t)size, memory_order_relaxed) + (int64_t)size;
    int64_t most = atomic_load_explicit(&peak, memory_order_relaxed);
    while (now > most && !atomic_compare_exchange_weak_explicit(
                             &peak, &most, now, memory_order_relaxed, memory_order_relaxed)) {
    }
}

static void freed(const volatile void *block)
{
    if (block != NULL) {
        size_t size = __sanitizer_get_allocated_size(block);
        (void)atomic_fetch_sub_explicit(&used, (int64_t)size, memory_order_relaxed);
    }
}

void memory_peak_begin(void)
{
    static int installed;
    if (!installed) {
        installed = __sanitizer_install_malloc_and_free_hooks(allocated, freed);
    }
    atomic_store(&used, 0);
    atomic_store(&peak, 0);
}

uint64_t memory_peak_end(void)
{
    return (uint64_t)atomic_load(&peak);
}

#else

void memory_peak_begin(void)
{
}

uint64_t memory_peak_end(void)
{
    return 0;
}

#endif
