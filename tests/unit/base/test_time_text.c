/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "base/time_text.h"

Test(time_text, times)
{
    static const struct {
        const char *text;
        uint32_t time_s;
    } cases[] = {
        {"0", 0},
        {"4294967295", UINT32_MAX},
        {"1970-01-01", 0},
        {"1970-01-01T00:00:01", 1},
        {"2000-02-29", 951782400},
        {"2000-03-01", 951868800},
        {"2026-01-01 12:00", 1767268800},
        {"2026-01-01T12:00Z", 1767268800},
        {"2026-01-01T15:00+03", 1767268800},
        {"2026-01-01T15:00:00+03:00", 1767268800},
        {"2026-01-01T06:30:00-0530", 1767268800},
        {"2100-03-01", 4107542400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t time_s = 7;
        cr_assert(p2i_time_parse(p2i_view_of(cases[i].text, strlen(cases[i].text)), &time_s), "%s",
                  cases[i].text);
        cr_assert_eq(time_s, cases[i].time_s, "%s: %u", cases[i].text, time_s);
    }
}

Test(time_text, no_times)
{
    static const char *const texts[] = {
        "",
        "x",
        "-1",
        "4294967296",
        "12345678901",
        "2026-00-01",
        "2026-13-01",
        "2026-01-00",
        "2026-01-32",
        "2026-02-29",
        "2100-02-29",
        "2026-04-31",
        "1969-12-31",
        "2107-01-01",
        "2026-01-01T",
        "2026-01-01T24:00",
        "2026-01-01T12",
        "2026-01-01T12:60",
        "2026-01-01T12:00:00X",
        "2026-01-01T12:00+",
        "2026-01-0a",
        "1970-01-01T00:00+01",
        "2106-12-31",
        "2026-01-01T12:00:00                        Z",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint32_t time_s;
        cr_assert_not(p2i_time_parse(p2i_view_of(texts[i], strlen(texts[i])), &time_s), "'%s'",
                      texts[i]);
    }
    uint32_t time_s;
    cr_assert_not(p2i_time_parse(p2i_view_of("2026-01-01\0", 11), &time_s));
    cr_assert_not(p2i_time_parse(p2i_view_of("7\0", 2), &time_s));
}

Test(time_text, spans)
{
    static const struct {
        const char *text;
        int64_t begin_ns;
        int64_t length_ns;
    } cases[] = {
        {"2026-01-01", 1767225600000000000, 86400000000000},
        {"2026-01-01T12:00", 1767268800000000000, 60000000000},
        {"2026-01-01t12:00:00z", 1767268800000000000, 1000000000},
        {"2026-01-01T12:00:00.5Z", 1767268800500000000, 100000000},
        {"2026-01-01T12:00:00.123456789-01:00", 1767272400123456789, 1},
        {"2026-01-01T23:59:60Z", 1767312000000000000, 1000000000},
        {"@0", 0, 1000000000},
        {"@1767268800", 1767268800000000000, 1000000000},
        {"@1767268800.25", 1767268800250000000, 10000000},
        {"2199-12-31", 7258032000000000000, 86400000000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct p2i_time_span_ns span = {0};
        const char *text = cases[i].text;
        cr_assert(p2i_time_span_parse(p2i_view_of(text, strlen(text)), &span), "%s", text);
        cr_assert_eq(span.begin_ns, cases[i].begin_ns, "%s: %lld", text, (long long)span.begin_ns);
        cr_assert_eq(span.length_ns, cases[i].length_ns, "%s: %lld", text,
                     (long long)span.length_ns);
    }
}

Test(time_text, no_spans)
{
    static const char *const texts[] = {"",
                                        "@",
                                        "@x",
                                        "@-1",
                                        "@1.",
                                        "@1.0123456789",
                                        "@99999999999",
                                        "1767268800",
                                        "2200-01-01",
                                        "2026-01-01T12:00:61Z",
                                        "2026-01-01T12:00:00.Z",
                                        "2026-01-01T12:00.5Z",
                                        "2026-01-01Z",
                                        "today",
                                        "1970-01-01T00:00+00:01",
                                        "2026-01-01T12:00Z "};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct p2i_time_span_ns span;
        cr_assert_not(p2i_time_span_parse(p2i_view_of(texts[i], strlen(texts[i])), &span), "'%s'",
                      texts[i]);
    }
}
