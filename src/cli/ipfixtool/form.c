/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/form.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "pcap2ipfix/value_names.h"

enum {
    ID_RDATA = 3205,
    ZONE_MAX = 256,
    TIME_MAX = 64,
    MINUTES = 60,
    SECONDS_END = 19, /* bytes of 2026-01-31T23:59:59 */
};

static int set_format(struct p2i_form *form, enum p2i_format format)
{
    bool other = form->format != FORMAT_TABLE && form->format != format;
    form->format = format;
    return other ? p2i_tool_usage("%s: only one of --json, --csv, --tsv%s", form->verb,
                                  strcmp(form->verb, "view") == 0 ? ", --sql and --vertical" : "")
                 : TOOL_OK;
}

/* A number of so many digits; false: there is another byte among them. */
static bool read_digits(const char *text, size_t digits, int *number)
{
    *number = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        *number = 10 * *number + (text[i] - '0');
    }
    return true;
}

/* "+02:00", "-0330", "+9" as the C library wants it, which counts westward; false: another text. */
static bool read_offset(const char *text, char zone[ZONE_MAX])
{
    int hours = 0;
    int minutes = 0;
    char sign = text[0];
    size_t digits = sign == '+' || sign == '-' ? strspn(text + 1, "0123456789") : 0;
    size_t first = digits == 4 ? 2 : digits; /* digits of hours */
    bool colon = digits > 0 && digits <= 2 && text[1 + digits] == ':';
    size_t size = 1 + digits + (colon ? 3 : 0);
    if (first == 0 || first > 2 || !read_digits(text + 1, first, &hours) ||
        (digits == 4 && !read_digits(text + 3, 2, &minutes)) ||
        (colon && !read_digits(text + 1 + digits + 1, 2, &minutes)) || text[size] != '\0') {
        return false;
    }
    (void)snprintf(zone, ZONE_MAX, "<%c%02d%02d>%c%02d:%02d", sign, hours, minutes,
                   sign == '+' ? '-' : '+', hours, minutes);
    return hours < 24 && minutes < MINUTES;
}

/* A name such as Europe/Berlin: that of a file of the system's time zones. */
static bool is_zone_name(const char *name)
{
    const char *folder = getenv("TZDIR");
    char path[2 * ZONE_MAX];
    size_t plain =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");
    int size =
        snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "/usr/share/zoneinfo", name);
    FILE *file = name[0] != '/' && name[plain] == '\0' && size > 0 && (size_t)size < sizeof path
                     ? fopen(path, "rbe")
                     : NULL;
    char head[4] = "";
    bool is_zone = file != NULL && fread(head, sizeof head, 1, file) == 1 &&
                   memcmp(head, "TZif", sizeof head) == 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    return is_zone;
}

static int set_zone(struct p2i_form *form, const char *value)
{
    char zone[ZONE_MAX];
    form->local = strcasecmp(value, "utc") != 0;
    if (!form->local || strcasecmp(value, "local") == 0) {
        tzset();
        return TOOL_OK;
    }
    if (!read_offset(value, zone)) {
        errno = 0;
        if (!is_zone_name(value)) {
            if (errno == ENOMEM) {
                return p2i_tool_out_of_memory();
            }
            return p2i_tool_usage("%s: --tz: unknown time zone '%s': expected utc, local, a name "
                                  "such as Europe/Berlin or an offset such as +02:00",
                                  form->verb, value);
        }
        (void)snprintf(zone, sizeof zone, ":%s", value);
    }
    int status = setenv("TZ", zone, 1) == 0 ? TOOL_OK : p2i_tool_out_of_memory();
    tzset();
    return status;
}

int p2i_form_option(struct p2i_form *form, int option, const char *value)
{
    switch (option) {
    case TOOL_OPTION_JSON:
        return set_format(form, FORMAT_JSON);
    case TOOL_OPTION_CSV:
        return set_format(form, FORMAT_CSV);
    case TOOL_OPTION_CSV_SAFE:
        form->quoted = true;
        return set_format(form, FORMAT_CSV);
    case TOOL_OPTION_TSV:
        return set_format(form, FORMAT_TSV);
    case TOOL_OPTION_VIEW_VERTICAL:
        return set_format(form, FORMAT_VERTICAL);
    case TOOL_OPTION_VIEW_SQL:
        return set_format(form, FORMAT_SQL);
    case TOOL_OPTION_NAMES:
        form->names = true;
        return TOOL_OK;
    case TOOL_OPTION_NUMBERS:
        form->numbers = true;
        return TOOL_OK;
    default: /* TOOL_OPTION_TZ */
        return set_zone(form, value);
    }
}

int p2i_form_check(const struct p2i_form *form)
{
    if (form->names && form->numbers) {
        return p2i_tool_usage("%s: --names and --numbers exclude each other", form->verb);
    }
    return form->format == FORMAT_JSON && form->local
               ? p2i_tool_usage("%s: --tz is for tables, CSV and TSV: times of JSON are in UTC",
                                form->verb)
               : TOOL_OK;
}

static bool is_time(int type)
{
    return type >= P2I_TYPE_SECONDS && type <= P2I_TYPE_NANOSECONDS;
}

/* Replaces a time in UTC, 2026-01-31T23:59:59.123Z, by that of the time zone, with its offset. Any
 * other text stays. False: out of memory. */
static bool shift(struct p2i_buffer *out, size_t from)
{
    struct p2i_view text = p2i_view_from(p2i_view_of(out->data, out->size), from);
    struct tm tm = {0};
    char utc[TIME_MAX];
    char shifted[TIME_MAX];
    if (text.size <= SECONDS_END || text.size >= sizeof utc || text.data[text.size - 1] != 'Z') {
        return true;
    }
    memcpy(utc, text.data, text.size);
    utc[text.size - 1] = '\0';
    if (!read_digits(utc, 4, &tm.tm_year) || !read_digits(utc + 5, 2, &tm.tm_mon) ||
        !read_digits(utc + 8, 2, &tm.tm_mday) || !read_digits(utc + 11, 2, &tm.tm_hour) ||
        !read_digits(utc + 14, 2, &tm.tm_min) || !read_digits(utc + 17, 2, &tm.tm_sec)) {
        return true;
    }
    tm.tm_year -= 1900;
    tm.tm_mon--;
    time_t time = timegm(&tm);
    if (localtime_r(&time, &tm) == NULL) {
        return true;
    }
    long offset = tm.tm_gmtoff / MINUTES; /* of the minutes that it is written with */
    long size = offset < 0 ? -offset : offset;
    size_t end = strftime(shifted, sizeof shifted, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(shifted + end, sizeof shifted - end, "%s%c%02ld:%02ld", utc + SECONDS_END,
                   offset < 0 ? '-' : '+', size / MINUTES, size % MINUTES);
    out->size = from;
    return p2i_append(out, p2i_view_of(shifted, strlen(shifted)));
}

bool p2i_form_text(struct p2i_buffer *out, const struct p2i_form *form, int type,
                   struct p2i_view value)
{
    size_t from = out->size;
    return p2i_format_text(out, type, value) &&
           (form == NULL || !form->local || !is_time(type) || shift(out, from));
}

static bool is_coded(const struct p2i_value *value)
{
    return p2i_value_is_hex(value->pen, value->id) ||
           p2i_value_name(value->pen, value->id, p2i_view_of(value->data, value->size)) != NULL;
}

bool p2i_form_has_name(const struct p2i_form *form, const struct p2i_value *value, int rr_type)
{
    bool rdata = value->pen == P2I_PEN && value->id == ID_RDATA && rr_type >= 0;
    return form != NULL && form->names && (rdata || is_coded(value));
}

bool p2i_form_named(struct p2i_buffer *out, const struct p2i_form *form,
                    const struct p2i_value *value, int type, int rr_type)
{
    bool number = form != NULL && form->numbers && is_coded(value);
    return is_time(type) || number
               ? p2i_form_text(out, form, type, p2i_view_of(value->data, value->size))
               : p2i_format_named(out, value, type, rr_type);
}
