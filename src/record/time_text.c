/* SPDX-License-Identifier: MIT */
#include "record/time_text.h"

#include "base/cursor.h"

/* The next `digits` digits; the cursor fails when there are fewer. */
static int64_t take_number(struct p2i_cursor *cursor, size_t digits)
{
    struct p2i_view text = p2i_take(cursor, digits);
    int64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        cursor->failed |= text.data[i] < '0' || text.data[i] > '9';
        value = value * 10 + (text.data[i] - '0');
    }
    return value;
}

static bool take_byte(struct p2i_cursor *cursor, uint8_t byte)
{
    if (cursor->rest.size == 0 || cursor->rest.data[0] != byte) {
        return false;
    }
    p2i_skip(cursor, 1);
    return true;
}

static void want_byte(struct p2i_cursor *cursor, uint8_t byte)
{
    cursor->failed |= !take_byte(cursor, byte);
}

static int64_t take_up_to(struct p2i_cursor *cursor, size_t digits, int64_t least, int64_t most)
{
    int64_t value = take_number(cursor, digits);
    cursor->failed |= value < least || value > most;
    return value;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 on. */
static int64_t take_date(struct p2i_cursor *cursor)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int64_t year = take_up_to(cursor, 4, 1970, 2106);
    want_byte(cursor, '-');
    int64_t month = take_up_to(cursor, 2, 1, 12);
    want_byte(cursor, '-');
    int64_t day = take_up_to(cursor, 2, 1, 31);
    if (cursor->failed) {
        return 0;
    }
    int64_t leap_day = is_leap(year) && month == 2;
    cursor->failed |= day > before[month] - before[month - 1] + leap_day;
    int64_t past = year - 1;
    int64_t days = past * 365 + past / 4 - past / 100 + past / 400 + before[month - 1] + day - 1;
    return days - 719162 + (is_leap(year) && month > 2);
}

/* Seconds of the day. */
static int64_t take_time(struct p2i_cursor *cursor)
{
    int64_t hour = take_up_to(cursor, 2, 0, 23);
    want_byte(cursor, ':');
    int64_t minute = take_up_to(cursor, 2, 0, 59);
    int64_t second = take_byte(cursor, ':') ? take_up_to(cursor, 2, 0, 60) : 0;
    return (hour * 60 + minute) * 60 + second;
}

/* Seconds by which the clock is ahead of UTC. */
static int64_t take_zone(struct p2i_cursor *cursor)
{
    if (take_byte(cursor, 'Z')) {
        return 0;
    }
    bool ahead = take_byte(cursor, '+');
    if (!ahead) {
        want_byte(cursor, '-');
    }
    int64_t hours = take_up_to(cursor, 2, 0, 23);
    (void)take_byte(cursor, ':');
    int64_t minutes = cursor->rest.size > 0 ? take_up_to(cursor, 2, 0, 59) : 0;
    int64_t seconds = (hours * 60 + minutes) * 60;
    return ahead ? seconds : -seconds;
}

static bool parse_iso(struct p2i_view text, int64_t *time_s)
{
    struct p2i_cursor cursor = p2i_cursor_of(text);
    *time_s = take_date(&cursor) * 86400;
    if (cursor.rest.size > 0) {
        if (!take_byte(&cursor, ' ')) {
            want_byte(&cursor, 'T');
        }
        *time_s += take_time(&cursor);
        *time_s -= cursor.rest.size > 0 ? take_zone(&cursor) : 0;
    }
    return !cursor.failed && cursor.rest.size == 0;
}

bool p2i_time_parse(struct p2i_view text, uint32_t *time_s)
{
    int64_t value = 0;
    if (p2i_view_find(text, '-') < text.size) {
        if (!parse_iso(text, &value)) {
            return false;
        }
    } else {
        struct p2i_cursor cursor = p2i_cursor_of(text);
        value = take_number(&cursor, text.size);
        if (cursor.failed || text.size == 0 || text.size > 10) {
            return false;
        }
    }
    *time_s = (uint32_t)value;
    return value >= 0 && value <= UINT32_MAX;
}
