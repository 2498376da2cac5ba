/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "corpus/candidates.h"

/* Candidates with the combinations of a text, "ab" for 0 and 1, and bytes. */
static void add(struct p2i_candidates *of, const char *traits, uint64_t bytes)
{
    struct p2i_candidate *list = realloc(of->list, (of->count + 1) * sizeof *list);
    cr_assert_not_null(list);
    of->list = list;
    struct p2i_candidate *made = &list[of->count++];
    *made = (struct p2i_candidate){.bytes = bytes};
    made->traits.list = calloc(strlen(traits), sizeof *made->traits.list);
    for (const char *at = traits; *at != '\0'; at++) {
        made->traits.list[made->traits.count++].combination = (uint32_t)(*at - 'a');
    }
}

static struct p2i_candidates begin(size_t combinations)
{
    struct p2i_candidates of = {0};
    of.all.list = calloc(combinations, sizeof *of.all.list);
    of.all.count = combinations;
    return of;
}

/* Chooses, and expects '1' for each chosen candidate, '0' for the others. */
static void expect_chosen(struct p2i_candidates *of, uint64_t size_most, const char *expected)
{
    cr_assert(p2i_candidates_choose(of, size_most));
    for (size_t i = 0; i < of->count; i++) {
        cr_expect_eq(of->list[i].chosen, expected[i] == '1', "candidate %zu of %s", i, expected);
        of->list[i].chosen = false;
    }
}

Test(cover, most_for_the_bytes_first)
{
    struct p2i_candidates of = begin(4);
    add(&of, "ab", 100);
    add(&of, "abc", 1000);
    add(&of, "cd", 10);
    expect_chosen(&of, 0, "101");
    p2i_candidates_free(&of);
}

Test(cover, what_became_superfluous_is_left_out)
{
    struct p2i_candidates of = begin(4);
    add(&of, "ab", 1);
    add(&of, "ac", 9);
    add(&of, "bd", 9);
    expect_chosen(&of, 0, "011");
    p2i_candidates_free(&of);
}

Test(cover, a_limit_of_bytes)
{
    struct p2i_candidates of = begin(3);
    add(&of, "a", 10);
    add(&of, "b", 20);
    add(&of, "c", 400);
    expect_chosen(&of, 30, "110");
    expect_chosen(&of, 15, "100");
    expect_chosen(&of, 5, "000");
    expect_chosen(&of, 430, "111");
    p2i_candidates_free(&of);
}

/* Only the longest value of a field counts. */
Test(cover, the_longest_value)
{
    struct p2i_candidates of = begin(2);
    of.all.list[1].is_longest = true;
    of.all.list[1].longest = 9;
    add(&of, "ab", 10);
    add(&of, "b", 50);
    of.list[0].traits.list[1].size = 8;
    of.list[1].traits.list[0].size = 9;
    expect_chosen(&of, 0, "11");
    of.list[0].traits.list[1].size = 9;
    expect_chosen(&of, 0, "10");
    p2i_candidates_free(&of);
}

Test(cover, nothing_to_choose)
{
    struct p2i_candidates of = begin(1);
    expect_chosen(&of, 0, "");
    p2i_candidates_free(&of);
}

Test(traits, sorted_and_each_once)
{
    struct p2i_traits traits = {0};
    traits.list = calloc(4, sizeof *traits.list);
    traits.count = 4;
    traits.list[0] = (struct p2i_trait){.combination = 7, .size = 1};
    traits.list[1] = (struct p2i_trait){.combination = 3};
    traits.list[2] = (struct p2i_trait){.combination = 7, .size = 5};
    traits.list[3] = (struct p2i_trait){.combination = 3};
    p2i_traits_sort(&traits);
    cr_assert_eq(traits.count, 2);
    cr_assert(traits.list[0].combination == 3 && traits.list[1].combination == 7);
    cr_assert_eq(traits.list[1].size, 5);
    p2i_traits_free(&traits);
}
