/* SPDX-License-Identifier: MIT */
/* Runs a test with one worker and compares its log with the expected one. */
#ifndef TEST_SINGLE_RUN_H
#define TEST_SINGLE_RUN_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "traffic.h"

static struct traffic run;
static struct p2i_session_counts counts;

static void begin(void)
{
    traffic_begin(&run, 1, 0);
}

static void expect(const char *expected)
{
    char *text = traffic_end(&run, &counts);
    cr_assert_str_eq(text, expected, "\n%s\ninstead of\n%s", text, expected);
    free(text);
}

#define TCP(...) traffic_tcp(&run, (struct tcp){__VA_ARGS__})

#endif
