/* SPDX-License-Identifier: MIT */
#include "capture/decompress_window.h"

#include <errno.h>

/* Returns P2I_INPUT with ENOMEM: a file that cannot be decompressed must not count as "no capture".
 */
static enum p2i_result refused(struct p2i_error *error)
{
    error->system_error = ENOMEM;
    return P2I_INPUT;
}

static unsigned long long mib(uint64_t bytes)
{
    return (unsigned long long)(bytes >> 20);
}

/* Rounds up. */
static unsigned long long mib_of(uint64_t bytes)
{
    return mib(bytes) + ((bytes & 0xfffff) != 0);
}

unsigned p2i_decompress_window_log_max(const struct p2i_decompress_window *window)
{
    return window->shared != NULL && window->shared->several ? P2I_WINDOW_LOG_AMONG
                                                             : P2I_WINDOW_LOG_ALONE;
}

/* Refuses a window above the limit for a single capture. */
static enum p2i_result too_large(const struct p2i_decompress_window *window, uint64_t bytes,
                                 struct p2i_error *error)
{
    unsigned log = p2i_decompress_window_log_max(window);
    bool helps_alone = log < P2I_WINDOW_LOG_ALONE && bytes <= UINT64_C(1) << P2I_WINDOW_LOG_ALONE;
    (void)p2i_fail(error, P2I_INPUT,
                   "the %s stream needs a window of %llu MiB, at most %llu MiB are allowed%s; %s",
                   window->compression, mib_of(bytes), mib(UINT64_C(1) << log),
                   log < P2I_WINDOW_LOG_ALONE ? " for one of several captures" : "",
                   helps_alone ? "convert it alone, read the captures one after the other, or "
                                 "decompress it first"
                               : "decompress it first, or into a pipe");
    return refused(error);
}

enum p2i_result p2i_decompress_window_need(struct p2i_decompress_window *window, uint64_t bytes,
                                           struct p2i_error *error)
{
    struct p2i_decompress_windows *shared = window->shared;
    if (bytes > UINT64_C(1) << p2i_decompress_window_log_max(window)) {
        return too_large(window, bytes, error);
    }
    if (bytes <= window->bytes) {
        return P2I_OK;
    }
    if (window->fixed) {
        window->put_off = window->bytes > 0 || bytes > window->loan;
        window->bytes = window->put_off ? window->bytes : bytes;
        return window->put_off ? P2I_INPUT : P2I_OK;
    }
    uint64_t more = bytes - window->bytes;
    if (shared != NULL && shared->limit != 0 && more > shared->limit - shared->taken) {
        return p2i_fail(
            error, P2I_INPUT,
            "the %s stream needs a window of %llu MiB, %llu of %llu MiB for windows are "
            "left; allow more memory, read the captures one after the other, or "
            "decompress it first",
            window->compression, mib_of(bytes), mib(shared->limit - shared->taken),
            mib(shared->limit));
    }
    if (shared != NULL) {
        shared->taken += more;
    }
    window->bytes = bytes;
    return P2I_OK;
}

bool p2i_decompress_window_settle(struct p2i_decompress_window *window)
{
    struct p2i_decompress_windows *shared = window->shared;
    if (shared->limit != 0 && window->bytes > shared->limit - shared->taken) {
        return false;
    }
    shared->taken += window->bytes;
    window->loan = 0;
    return true;
}

bool p2i_decompress_window_pass(struct p2i_decompress_window *from,
                                struct p2i_decompress_window *to)
{
    struct p2i_decompress_windows *shared = from->shared;
    uint64_t bytes = to->bytes > from->bytes ? to->bytes : from->bytes;
    uint64_t more = bytes - from->bytes;
    if (shared->limit != 0 && more > shared->limit - shared->taken) {
        return false;
    }
    shared->taken += more;
    to->bytes = bytes;
    to->loan = 0;
    from->bytes = 0;
    return true;
}

void p2i_decompress_window_release(struct p2i_decompress_window *window)
{
    if (window->shared != NULL && window->loan == 0) {
        window->shared->taken -= window->bytes;
    }
    window->bytes = 0;
}
