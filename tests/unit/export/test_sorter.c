/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/resource.h>

#include "export/sorter.h"
#include "helpers/folder.h"

static void add(struct p2i_sorter *sorter, uint64_t time_s, uint64_t session_id, uint32_t domain,
                const char *text)
{
    struct p2i_error error;
    struct p2i_sort_key key = {.time_s = time_s, .session_id = session_id, .domain = domain};
    cr_assert_eq(p2i_sorter_add(sorter, &key, (uint32_t)strlen(text),
                                p2i_view_of(text, strlen(text)), &error),
                 P2I_OK);
}

/* The texts in order, with a space behind each. */
static void expect_order(struct p2i_sorter *sorter, const char *expected)
{
    char found[256] = "";
    struct p2i_sorted sorted;
    struct p2i_error error;
    while (p2i_sorter_next(sorter, &sorted, &error) == P2I_OK) {
        size_t size = strlen(found);
        cr_expect_eq(sorted.tag, sorted.bytes.size);
        (void)snprintf(found + size, sizeof found - size, "%.*s ", (int)sorted.bytes.size,
                       sorted.bytes.size > 0 ? (const char *)sorted.bytes.data : "");
    }
    cr_expect_eq(p2i_sorter_next(sorter, &sorted, &error), P2I_END);
    cr_expect_str_eq(found, expected);
    p2i_sorter_free(sorter);
}

static void add_mixed(struct p2i_sorter *sorter)
{
    add(sorter, 2, 1, 1, "g");
    add(sorter, 1, 2, 1, "e");
    add(sorter, 1, 1, 2, "d");
    add(sorter, 1, 1, 1, "b");
    add(sorter, 1, UINT64_MAX, 0, "f");
    add(sorter, 1, 1, 1, "cc");
    add(sorter, 1, 1, 1, "");
    add(sorter, 0, 9, 9, "a");
}

Test(sorter, by_time_session_domain_and_then_as_added)
{
    struct p2i_sorter *sorter = p2i_sorter_new(1 << 20, "/nowhere");
    add_mixed(sorter);
    expect_order(sorter, "a b cc  d e f g ");
    expect_order(p2i_sorter_new(1, "/nowhere"), "");
}

Test(sorter, the_same_by_way_of_temporary_files)
{
    struct folder folder = folder_make();
    for (uint64_t memory = 1; memory < 600; memory += 57) {
        struct p2i_sorter *sorter = p2i_sorter_new(memory, folder.path);
        add_mixed(sorter);
        cr_expect_eq(folder_count(&folder), 0);
        expect_order(sorter, "a b cc  d e f g ");
    }
    folder_remove(&folder);
}

/* Far more of them than are ever open at a time. */
Test(sorter, any_number_of_temporary_files)
{
    enum { RECORDS = 1000 };
    const struct rlimit limit = {100, 100};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    struct folder folder = folder_make();
    struct p2i_sorter *sorter = p2i_sorter_new(1, folder.path);
    struct p2i_sorted sorted;
    struct p2i_error error;
    for (uint32_t i = 0; i < RECORDS; i++) {
        uint32_t mixed = i * 7 % RECORDS;
        struct p2i_sort_key key = {.time_s = mixed / 10};
        cr_assert_eq(
            p2i_sorter_add(sorter, &key, i, p2i_view_of(&mixed, mixed % sizeof mixed), &error),
            P2I_OK);
    }
    uint64_t last_s = 0;
    uint32_t last_tag = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        cr_assert_eq(p2i_sorter_next(sorter, &sorted, &error), P2I_OK);
        uint32_t mixed = sorted.tag * 7 % RECORDS;
        cr_expect_eq(sorted.key.time_s, i / 10);
        cr_expect(sorted.key.time_s > last_s || sorted.tag > last_tag || i == 0);
        cr_expect_eq(sorted.bytes.size, mixed % sizeof mixed);
        cr_expect(sorted.bytes.size == 0 ||
                  memcmp(sorted.bytes.data, &mixed, sorted.bytes.size) == 0);
        last_s = sorted.key.time_s;
        last_tag = sorted.tag;
    }
    cr_expect_eq(p2i_sorter_next(sorter, &sorted, &error), P2I_END);
    p2i_sorter_free(sorter);
    folder_remove(&folder);
}

Test(sorter, no_place_for_temporary_files)
{
    struct p2i_error error;
    struct p2i_sort_key key = {0};
    struct p2i_sorter *sorter = p2i_sorter_new(1, "/nowhere/at/all");
    cr_expect_eq(p2i_sorter_add(sorter, &key, 0, P2I_VIEW("a"), &error), P2I_OK);
    cr_expect_eq(p2i_sorter_add(sorter, &key, 0, P2I_VIEW("b"), &error), P2I_OUTPUT);
    cr_expect_not_null(strstr(error.text, "/nowhere/at/all"));
    p2i_sorter_free(sorter);
    p2i_sorter_free(NULL);
}
