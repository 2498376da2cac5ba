/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "extract/origin.h"
#include "helpers/folder.h"

/* SHA-256 of "abc" (FIPS 180-2). */
static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static size_t find(const char *const *paths, size_t count, struct p2i_origin_hash *hashes,
                   const char *name, const char *sha256, uint64_t size)
{
    const struct p2i_origins origins = {paths, count, hashes};
    const struct p2i_origin origin = {
        .name = p2i_view_of(name, strlen(name)),
        .sha256 = p2i_view_of(sha256, strlen(sha256)),
        .size = size,
    };
    return p2i_origin_find(&origins, &origin);
}

Test(origin, without_a_hash_the_name_counts)
{
    const char *const paths[] = {"a/x.pcap", "b/x.pcap", "c/y.pcap"};
    cr_expect_eq(find(paths, 3, NULL, "b/x.pcap", "", 0), 1);
    cr_expect_eq(find(paths, 3, NULL, "/old/y.pcap", "", 0), 2);
    cr_expect_eq(find(paths, 3, NULL, "/old/x.pcap", "", 0), SIZE_MAX, "two have it");
    cr_expect_eq(find(paths, 3, NULL, "pcap", "", 0), SIZE_MAX);
    cr_expect_eq(find(paths, 3, NULL, "", "", 0), SIZE_MAX);
}

Test(origin, the_bytes_count_whatever_the_name_is)
{
    if (!p2i_sha256_is_built_in()) {
        cr_skip_test("no OpenSSL");
    }
    struct folder folder = folder_make();
    char other[512];
    (void)snprintf(other, sizeof other, "%s/other", folder.path);
    file_write(folder.file, "abc");
    file_write(other, "abd");
    const char *const paths[] = {other, folder.file};
    struct p2i_origin_hash hashes[2] = {0};
    cr_expect_eq(find(paths, 2, hashes, other, abc, 3), 1);
    cr_expect_eq(find(paths, 2, hashes, folder.file, abc, 4), SIZE_MAX, "another size");
    file_write(other, "abc");
    cr_expect_eq(find(paths, 2, hashes, other, abc, 3), 1, "each is hashed once");
    struct p2i_origin_hash again[2] = {0};
    cr_expect_eq(find(paths, 2, again, "none", abc, 3), 0, "of equal ones the first");
    cr_expect_eq(find(paths, 2, again, folder.file, abc, 3), 1, "or the one with the name");
    (void)unlink(other);
    folder_remove(&folder);
}
