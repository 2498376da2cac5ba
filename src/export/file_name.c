/* SPDX-License-Identifier: MIT */
/* Not strftime(), which depends on the locale. */
#include "export/file_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CONVERSION_MAX = 32 };

bool p2i_file_name_varies(const char *pattern)
{
    return strchr(pattern, '%') != NULL;
}

/* Writes one conversion. False: unknown letter. */
static bool put_conversion(char text[CONVERSION_MAX], char letter, const struct tm *at,
                           uint32_t time_s)
{
    int size = -1;
    int year = at->tm_year + 1900;
    switch (letter) {
    case 'Y':
        size = snprintf(text, CONVERSION_MAX, "%04d", year);
        break;
    case 'y':
        size = snprintf(text, CONVERSION_MAX, "%02d", year % 100);
        break;
    case 'm':
        size = snprintf(text, CONVERSION_MAX, "%02d", at->tm_mon + 1);
        break;
    case 'd':
        size = snprintf(text, CONVERSION_MAX, "%02d", at->tm_mday);
        break;
    case 'j':
        size = snprintf(text, CONVERSION_MAX, "%03d", at->tm_yday + 1);
        break;
    case 'H':
        size = snprintf(text, CONVERSION_MAX, "%02d", at->tm_hour);
        break;
    case 'M':
        size = snprintf(text, CONVERSION_MAX, "%02d", at->tm_min);
        break;
    case 'S':
        size = snprintf(text, CONVERSION_MAX, "%02d", at->tm_sec);
        break;
    case 'F':
        size = snprintf(text, CONVERSION_MAX, "%04d-%02d-%02d", year, at->tm_mon + 1, at->tm_mday);
        break;
    case 'T':
        size =
            snprintf(text, CONVERSION_MAX, "%02d:%02d:%02d", at->tm_hour, at->tm_min, at->tm_sec);
        break;
    case 's':
        size = snprintf(text, CONVERSION_MAX, "%" PRIu32, time_s);
        break;
    case '%':
        size = snprintf(text, CONVERSION_MAX, "%%");
        break;
    default:
        break;
    }
    return size > 0;
}

/* The offset of the number: before the ending, of which .gz or .zst is only a part. */
static size_t ending_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    size_t first = slash != NULL ? (size_t)(slash - name) + 1 : 0;
    size_t end = strlen(name);
    static const char *const compressed[] = {".gz", ".zst"};
    for (size_t i = 0; i < 2; i++) {
        size_t size = strlen(compressed[i]);
        if (end > first + size && memcmp(name + end - size, compressed[i], size) == 0) {
            end -= size;
            break;
        }
    }
    size_t whole = end;
    while (end > first + 1 && name[end - 1] != '.') {
        end--;
    }
    return end > first + 1 ? end - 1 : whole;
}

static bool put_number(char name[P2I_FILE_NAME_MAX], uint64_t number)
{
    char text[CONVERSION_MAX];
    size_t more = (size_t)snprintf(text, sizeof text, ".%06" PRIu64, number);
    size_t at = ending_of(name);
    size_t size = strlen(name);
    if (size + more >= P2I_FILE_NAME_MAX) {
        return false;
    }
    memmove(name + at + more, name + at, size - at + 1);
    memcpy(name + at, text, more);
    return true;
}

enum p2i_result p2i_file_name(char name[P2I_FILE_NAME_MAX], const char *pattern, uint32_t time_s,
                              uint64_t number, struct p2i_error *error)
{
    time_t seconds = (time_t)time_s;
    struct tm at = {0};
    (void)gmtime_r(&seconds, &at);
    size_t size = 0;
    for (const char *from = pattern; *from != '\0'; from++) {
        char text[CONVERSION_MAX] = {*from, '\0'};
        if (*from == '%' && !put_conversion(text, *++from, &at, time_s)) {
            return p2i_fail(error, P2I_USAGE,
                            "'%.200s': expected one of Y y m d j H M S F T s %% after %%", pattern);
        }
        size_t more = strlen(text);
        if (size + more >= P2I_FILE_NAME_MAX) {
            return p2i_fail(error, P2I_USAGE, "'%.200s...': the name is too long", pattern);
        }
        memcpy(name + size, text, more);
        size += more;
    }
    name[size] = '\0';
    if (number != 0 && !put_number(name, number)) {
        return p2i_fail(error, P2I_USAGE, "'%.200s...': the name is too long", pattern);
    }
    return P2I_OK;
}
