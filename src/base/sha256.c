/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

struct p2i_sha256 {
    EVP_MD_CTX *context;
    bool failed;
};

bool p2i_sha256_is_built_in(void)
{
    return true;
}

struct p2i_sha256 *p2i_sha256_new(void)
{
    struct p2i_sha256 *hash = calloc(1, sizeof *hash);
    if (hash == NULL) {
        return NULL;
    }
    hash->context = EVP_MD_CTX_new();
    if (hash->context == NULL) {
        free(hash);
        return NULL;
    }
    hash->failed = EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1;
    return hash;
}

void p2i_sha256_free(struct p2i_sha256 *hash)
{
    if (hash != NULL) {
        EVP_MD_CTX_free(hash->context);
        free(hash);
    }
}

void p2i_sha256_add(struct p2i_sha256 *hash, const void *bytes, size_t size)
{
    if (size > 0 && !hash->failed) {
        hash->failed = EVP_DigestUpdate(hash->context, bytes, size) != 1;
    }
}

bool p2i_sha256_finish(struct p2i_sha256 *hash, uint8_t digest[P2I_SHA256_SIZE])
{
    return !hash->failed && EVP_DigestFinal_ex(hash->context, digest, NULL) == 1;
}

static enum p2i_result fail_on(struct p2i_error *error, const char *path, const char *what)
{
    int system_error = errno;
    (void)p2i_fail(error, P2I_INPUT, "%s: %s", what, strerror(system_error));
    error->system_error = system_error;
    error->file = path;
    return P2I_INPUT;
}

/* Hashes what the descriptor has to read. */
static enum p2i_result hash_all(int descriptor, struct p2i_sha256 *hash, const char *path,
                                uint64_t *size, struct p2i_error *error)
{
    enum { PIECE = 256 << 10 };
    uint8_t *piece = malloc(PIECE);
    ssize_t got = piece != NULL ? 1 : 0;
    while (got != 0) {
        got = read(descriptor, piece, PIECE);
        if (got < 0 && errno != EINTR) {
            free(piece);
            return fail_on(error, path, "cannot read");
        }
        if (got > 0) {
            p2i_sha256_add(hash, piece, (size_t)got);
            *size += (uint64_t)got;
        }
    }
    enum p2i_result result = piece != NULL ? P2I_OK : p2i_fail_memory(error);
    free(piece);
    return result;
}

enum p2i_result p2i_sha256_file(const char *path, uint8_t digest[P2I_SHA256_SIZE], uint64_t *size,
                                struct p2i_error *error)
{
    *size = 0;
    struct stat status;
    /* Without waiting: a FIFO is refused. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        enum p2i_result result = fail_on(error, path, "cannot open");
        if (descriptor >= 0) {
            (void)close(descriptor);
        }
        return result;
    }
    struct p2i_sha256 *hash = p2i_sha256_new();
    enum p2i_result result = hash != NULL ? P2I_OK : p2i_fail_memory(error);
    if (result == P2I_OK && !S_ISREG(status.st_mode)) {
        result = p2i_fail(error, P2I_INPUT, "is no regular file");
        error->file = path;
    }
    if (result == P2I_OK) {
        result = hash_all(descriptor, hash, path, size, error);
    }
    if (result == P2I_OK && !p2i_sha256_finish(hash, digest)) {
        result = p2i_fail_memory(error);
    }
    (void)close(descriptor);
    p2i_sha256_free(hash);
    return result;
}
