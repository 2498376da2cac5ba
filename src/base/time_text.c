/* SPDX-License-Identifier: MIT */
#include "base/time_text.h"

#include "base/ascii.h"

enum {
    YEAR_FIRST = 1970,
    YEAR_LAST = 2199,
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400,
    FRACTION_DIGITS = 9,
};
static const int64_t second_ns = 1000000000;

static bool take_byte(struct p2i_view *text, uint8_t byte)
{
    if (text->size == 0 || text->data[0] != byte) {
        return false;
    }
    *text = p2i_view_from(*text, 1);
    return true;
}

/* A number of 1 to `digits` digits, from `least` to `most`. */
static bool take_number(struct p2i_view *text, size_t digits, uint64_t least, uint64_t most,
                        uint64_t *number)
{
    size_t count = p2i_digits(p2i_view_first(*text, digits));
    if (!p2i_parse_decimal(p2i_view_first(*text, count), most, number) || *number < least) {
        return false;
    }
    *text = p2i_view_from(*text, count);
    return true;
}

static bool is_leap(uint64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static uint64_t days_of_month(uint64_t year, uint64_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days since 1970. */
static bool take_date(struct p2i_view *text, int64_t *days)
{
    uint64_t year;
    uint64_t month;
    uint64_t day;
    if (!take_number(text, 4, YEAR_FIRST, YEAR_LAST, &year) || !take_byte(text, '-') ||
        !take_number(text, 2, 1, 12, &month) || !take_byte(text, '-') ||
        !take_number(text, 2, 1, days_of_month(year, month), &day)) {
        return false;
    }
    uint64_t count = day - 1;
    for (uint64_t i = 1; i < month; i++) {
        count += days_of_month(year, i);
    }
    for (uint64_t i = YEAR_FIRST; i < year; i++) {
        count += is_leap(i) ? 366 : 365;
    }
    *days = (int64_t)count;
    return true;
}

/* Behind the point of seconds. */
static bool take_fraction(struct p2i_view *text, struct p2i_time_span_ns *span)
{
    size_t count = p2i_digits(*text);
    uint64_t digit;
    if (count == 0 || count > FRACTION_DIGITS) {
        return false;
    }
    while (take_number(text, 1, 0, 9, &digit)) {
        span->length_ns /= 10;
        span->begin_ns += (int64_t)digit * span->length_ns;
    }
    return true;
}

/* 12:00, 12:00:00, 12:00:00.5; 60 seconds are a leap second (RFC 3339 section 5.6). */
static bool take_clock(struct p2i_view *text, struct p2i_time_span_ns *span)
{
    uint64_t hours;
    uint64_t minutes;
    uint64_t seconds = 0;
    if (!take_number(text, 2, 0, 23, &hours) || !take_byte(text, ':') ||
        !take_number(text, 2, 0, 59, &minutes)) {
        return false;
    }
    span->length_ns = MINUTE_S * second_ns;
    if (take_byte(text, ':')) {
        if (!take_number(text, 2, 0, 60, &seconds)) {
            return false;
        }
        span->length_ns = second_ns;
    }
    span->begin_ns += (int64_t)(hours * HOUR_S + minutes * MINUTE_S + seconds) * second_ns;
    return span->length_ns != second_ns || !take_byte(text, '.') || take_fraction(text, span);
}

/* Z, +03, +0300, +03:00, or nothing. */
static bool take_zone(struct p2i_view *text, struct p2i_time_span_ns *span)
{
    uint64_t hours = 0;
    uint64_t minutes = 0;
    bool behind = text->size > 0 && text->data[0] == '-';
    if (text->size == 0 || take_byte(text, 'Z') || take_byte(text, 'z')) {
        return true;
    }
    if ((!take_byte(text, '+') && !take_byte(text, '-')) || !take_number(text, 2, 0, 23, &hours)) {
        return false;
    }
    (void)take_byte(text, ':');
    if (text->size > 0 && !take_number(text, 2, 0, 59, &minutes)) {
        return false;
    }
    int64_t offset_ns = (int64_t)(hours * HOUR_S + minutes * MINUTE_S) * second_ns;
    span->begin_ns -= behind ? -offset_ns : offset_ns;
    return span->begin_ns >= 0;
}

static bool parse_unix(struct p2i_view text, struct p2i_time_span_ns *span)
{
    enum { DIGITS = 10 };
    uint64_t seconds;
    if (!take_number(&text, DIGITS, 0, (uint64_t)(YEAR_LAST - YEAR_FIRST) * 366 * DAY_S,
                     &seconds)) {
        return false;
    }
    *span = (struct p2i_time_span_ns){(int64_t)seconds * second_ns, second_ns};
    return (!take_byte(&text, '.') || take_fraction(&text, span)) && text.size == 0;
}

bool p2i_time_span_parse(struct p2i_view text, struct p2i_time_span_ns *span)
{
    int64_t days;
    if (take_byte(&text, '@')) {
        return parse_unix(text, span);
    }
    if (!take_date(&text, &days)) {
        return false;
    }
    *span = (struct p2i_time_span_ns){days * DAY_S * second_ns, DAY_S * second_ns};
    if (take_byte(&text, 'T') || take_byte(&text, 't') || take_byte(&text, ' ')) {
        return take_clock(&text, span) && take_zone(&text, span) && text.size == 0;
    }
    return text.size == 0;
}

bool p2i_time_parse(struct p2i_view text, uint32_t *time_s)
{
    uint64_t seconds;
    struct p2i_time_span_ns span;
    if (!p2i_parse_decimal(text, UINT32_MAX, &seconds)) {
        if (p2i_view_starts(text, P2I_VIEW("@")) || !p2i_time_span_parse(text, &span) ||
            span.begin_ns / second_ns > UINT32_MAX) {
            return false;
        }
        seconds = (uint64_t)(span.begin_ns / second_ns);
    }
    *time_s = (uint32_t)seconds;
    return true;
}
