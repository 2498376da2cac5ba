/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *p2i_secret_new(size_t size)
{
    void *secret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (secret == MAP_FAILED) {
        return NULL;
    }
    (void)madvise(secret, size, MADV_DONTDUMP);
    return secret;
}

/* The compiler copies by registers, and the dynamic linker saves these on the stack when a function
 * is called for the first time. */
__attribute__((noinline, no_sanitize_address)) static void clear_stack(void)
{
    char below[16 << 10];
    explicit_bzero(below, sizeof below);
}

void p2i_secret_free(void *secret, size_t size)
{
    if (secret != NULL) {
        explicit_bzero(secret, size);
        (void)munmap(secret, size);
        clear_stack(); /* after calls that may be the first, which save registers deeper */
    }
}

/* Reads until the memory is full or the file ends. Returns 0, or an errno. */
static int read_all(int descriptor, uint8_t *to, size_t room, size_t *size)
{
    *size = 0;
    while (*size < room) {
        ssize_t got = read(descriptor, to + *size, room - *size);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return errno;
        }
        *size += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

enum p2i_result p2i_secret_read(uint8_t **secret, size_t *size, const char *path, size_t most,
                                struct p2i_error *error)
{
    *secret = p2i_secret_new(most + 1);
    if (*secret == NULL) {
        return p2i_fail_memory(error);
    }
    int descriptor = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    int system_error = descriptor >= 0 ? read_all(descriptor, *secret, most + 1, size) : errno;
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    if (system_error == 0) {
        return P2I_OK;
    }
    p2i_secret_free(*secret, most + 1);
    *secret = NULL;
    (void)p2i_fail(error, P2I_USAGE, "cannot read the key: %s", strerror(system_error));
    error->system_error = system_error;
    return P2I_USAGE;
}
