/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "helpers/folder.h"

/* Whether the mapping of an address has a flag ("dd": core dumps leave it out), see proc(5). */
static bool has_flag(const void *address, const char *flag)
{
    FILE *maps = fopen("/proc/self/smaps", "re");
    char line[512];
    bool within = false;
    bool found = false;
    cr_assert_not_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        uintptr_t from;
        uintptr_t to;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2) {
            within = (uintptr_t)address >= from && (uintptr_t)address < to;
        } else if (within && strncmp(line, "VmFlags:", 8) == 0) {
            found = strstr(line, flag) != NULL;
        }
    }
    (void)fclose(maps);
    return found;
}

Test(secret, is_zero_and_not_in_core_dumps)
{
    static const uint8_t zeros[10000];
    uint8_t *secret = p2i_secret_new(sizeof zeros);
    cr_assert_not_null(secret);
    cr_expect_arr_eq(secret, zeros, sizeof zeros);
    cr_expect(has_flag(secret, " dd"));
    cr_expect(has_flag(secret + sizeof zeros - 1, " dd"));
    cr_expect_not(has_flag(&secret, " dd"));
    p2i_secret_free(secret, sizeof zeros);
    p2i_secret_free(NULL, 1);
}

Test(secret, of_a_file)
{
    struct folder folder = folder_make();
    struct p2i_error error = {0};
    uint8_t *secret;
    size_t size;
    file_write(folder.file, "12345678");
    for (size_t most = 1; most < 20; most++) {
        cr_assert_eq(p2i_secret_read(&secret, &size, folder.file, most, &error), P2I_OK);
        cr_expect_eq(size, most < 8 ? most + 1 : 8);
        cr_expect_eq(memcmp(secret, "12345678", size), 0);
        p2i_secret_free(secret, most + 1);
    }
    folder_remove(&folder);
    cr_expect_eq(p2i_secret_read(&secret, &size, folder.file, 8, &error), P2I_USAGE);
    cr_expect_eq(error.system_error, ENOENT);
    cr_expect_null(secret);
    cr_expect_eq(p2i_secret_read(&secret, &size, "/", 8, &error), P2I_USAGE);
    cr_expect_eq(error.system_error, EISDIR);
}
