/* SPDX-License-Identifier: MIT */
#include "report/html.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { ROOM = 512 };

static void put(struct p2i_html *html, struct p2i_view bytes)
{
    html->failed = html->failed || !p2i_append(html->out, bytes);
}

void p2i_html_put(struct p2i_html *html, const char *markup)
{
    put(html, p2i_view_of(markup, strlen(markup)));
}

void p2i_html_format(struct p2i_html *html, const char *format, ...)
{
    char text[ROOM];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t most = sizeof text - 1;
    put(html, p2i_view_of(text, size < 0 ? 0 : (size_t)size < most ? (size_t)size : most));
}

static const char *entity(uint8_t byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void put_escaped(struct p2i_html *html, struct p2i_view text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.size; i++) {
        const char *name = entity(text.data[i]);
        if (name != NULL) {
            put(html, p2i_view_of(text.data + from, i - from));
            p2i_html_put(html, name);
            from = i + 1;
        }
    }
    put(html, p2i_view_from(text, from));
}

void p2i_html_text(struct p2i_html *html, struct p2i_view text)
{
    struct p2i_buffer shown = {0};
    html->failed = html->failed || !p2i_format_text(&shown, P2I_TYPE_STRING, text);
    put_escaped(html, p2i_view_of(shown.data, shown.size));
    p2i_buffer_free(&shown);
}

void p2i_html_value(struct p2i_html *html, struct p2i_view text)
{
    p2i_html_put(html, "<bdi>");
    p2i_html_text(html, text);
    p2i_html_put(html, "</bdi>");
}

void p2i_html_number(struct p2i_html *html, uint64_t number)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    for (int i = 0; i < size; i++) {
        put(html, p2i_view_of(",", i > 0 && (size - i) % 3 == 0 ? 1 : 0));
        put(html, p2i_view_of(digits + i, 1));
    }
}

void p2i_html_bytes(struct p2i_html *html, uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double size = (double)bytes;
    size_t unit = 0;
    while (size >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        size /= 1000;
        unit++;
    }
    p2i_html_format(html, unit > 0 && size < 99.95 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

void p2i_html_time(struct p2i_html *html, uint64_t time_s)
{
    time_t time = (time_t)time_s;
    struct tm tm;
    char text[32] = "";
    if (gmtime_r(&time, &tm) != NULL) {
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    }
    p2i_html_put(html, text);
}
