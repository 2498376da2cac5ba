/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Examples of FIPS 180-4. */
static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char nothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void assert_digest(const uint8_t digest[P2I_SHA256_SIZE], const char *wanted)
{
    char text[2 * P2I_SHA256_SIZE + 1];
    p2i_sha256_text(digest, text);
    cr_assert_str_eq(text, wanted);
}

static void skip_without(void)
{
    if (!p2i_sha256_is_built_in()) {
        cr_skip_test("built without OpenSSL");
    }
}

Test(sha256, hashes_pieces_in_order)
{
    skip_without();
    uint8_t digest[P2I_SHA256_SIZE];
    struct p2i_sha256 *hash = p2i_sha256_new();
    cr_assert_not_null(hash);
    p2i_sha256_add(hash, "a", 1);
    p2i_sha256_add(hash, NULL, 0);
    p2i_sha256_add(hash, "bc", 2);
    cr_assert(p2i_sha256_finish(hash, digest));
    assert_digest(digest, abc);
    p2i_sha256_free(hash);
}

Test(sha256, hashes_files)
{
    skip_without();
    char path[] = "/tmp/p2i-sha256-XXXXXX";
    uint8_t digest[P2I_SHA256_SIZE];
    uint64_t size = 1;
    struct p2i_error error;
    int descriptor = mkstemp(path);
    cr_assert(descriptor >= 0);
    cr_assert_eq(p2i_sha256_file(path, digest, &size, &error), P2I_OK);
    cr_assert_eq(size, 0);
    assert_digest(digest, nothing);
    cr_assert_eq(write(descriptor, "abc", 3), 3);
    cr_assert_eq(p2i_sha256_file(path, digest, &size, &error), P2I_OK);
    cr_assert_eq(size, 3);
    assert_digest(digest, abc);
    (void)close(descriptor);
    (void)unlink(path);
}

Test(sha256, refuses_what_is_no_file)
{
    skip_without();
    uint8_t digest[P2I_SHA256_SIZE];
    uint64_t size;
    struct p2i_error error;
    cr_assert_eq(p2i_sha256_file("/tmp", digest, &size, &error), P2I_INPUT);
    cr_assert_str_eq(error.text, "is no regular file");
    cr_assert_eq(p2i_sha256_file("/nonexistent", digest, &size, &error), P2I_INPUT);
    cr_assert_str_eq(error.file, "/nonexistent");
}
