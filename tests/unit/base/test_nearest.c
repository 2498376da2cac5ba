/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/nearest.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *nearest_of(const char *text)
{
    static const char *const names[] = {"memory", "threads", "stats", "stats-file", "GET", "A"};
    struct p2i_nearest nearest = p2i_nearest_to(text);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        p2i_nearest_offer(&nearest, names[i]);
    }
    return nearest.name != NULL ? nearest.name : "none";
}

Test(nearest, finds_the_name_with_fewest_edits)
{
    static const char *const cases[][2] = {
        {"memory", "memory"},   {"memroy", "memory"},
        {"memry", "memory"},    {"memoryy", "memory"},
        {"MEMORY", "memory"},   {"thread", "threads"},
        {"tread", "none"},      {"statsfile", "stats-file"},
        {"stat", "stats"},      {"gte", "GET"},
        {"ge", "GET"},          {"post", "none"},
        {"", "none"},           {"b", "none"},
        {"memorandum", "none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_str_eq(nearest_of(cases[i][0]), cases[i][1], "%s: %s", cases[i][0],
                         nearest_of(cases[i][0]));
    }
}

Test(nearest, long_names_match_nothing)
{
    char name[201];
    memset(name, 'a', 200);
    name[200] = '\0';
    struct p2i_nearest nearest = p2i_nearest_to(name);
    p2i_nearest_offer(&nearest, name);
    cr_expect_null(nearest.name);
}
