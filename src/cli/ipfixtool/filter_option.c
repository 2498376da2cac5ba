/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/filter_option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/table.h"
#include "cli/safe_text.h"
#include "pcap2ipfix/error.h"
#include "pcap2ipfix/utf8.h"
#include "pcap2ipfix/values.h"

/* Bytes of a text that are shown before and behind the place of an error. */
enum { SHOWN_BEFORE = 56, SHOWN_BEHIND = 20 };

static bool is_inside_character(const char *text, size_t at)
{
    return ((uint8_t)text[at] & 0xc0) == 0x80;
}

/* Columns of a part of a text, as p2i_print_safe() shows it. */
static size_t columns_of(const char *text, size_t size)
{
    struct p2i_buffer shown = {0};
    size_t columns = size;
    if (p2i_format_text(&shown, P2I_TYPE_STRING, p2i_view_of(text, size))) {
        columns = p2i_tool_width(p2i_view_of(shown.data, shown.size));
    }
    p2i_buffer_free(&shown);
    return columns;
}

/* Prints the text around a place, and a mark below it. */
static void print_place(const char *text, size_t at)
{
    size_t size = strlen(text);
    size_t begin = at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
    size_t end = size - at > SHOWN_BEHIND ? at + SHOWN_BEHIND : size;
    while (begin > 0 && begin < at && is_inside_character(text, begin)) {
        begin++;
    }
    while (end < size && is_inside_character(text, end)) {
        end++;
    }
    char *part = strndup(text + begin, end - begin);
    if (part != NULL) {
        const char *cut = begin > 0 ? "..." : "";
        fprintf(stderr, "  %s", cut);
        p2i_print_safe(stderr, part);
        fprintf(stderr, "%s\n  %*s^\n", end < size ? "..." : "",
                (int)(strlen(cut) + columns_of(part, at - begin)), "");
    }
    free(part);
}

/* "ipfixtool: VERB: --filter: MESSAGE", then the place. */
static int refuse(const char *verb, const char *text, size_t at, const char *message)
{
    fprintf(stderr, "ipfixtool: %s: --filter: ", verb);
    p2i_print_safe(stderr, message);
    fputc('\n', stderr);
    print_place(text, at);
    fputs("Try 'ipfixtool --help'.\n", stderr);
    return TOOL_USAGE;
}

int p2i_filter_option_add(struct p2i_filter_option *option, const char *text)
{
    struct p2i_error error = {0};
    const char **texts = realloc(option->texts, (option->count + 1) * sizeof *texts);
    if (texts == NULL) {
        return p2i_tool_out_of_memory();
    }
    option->texts = texts;
    if (option->filter == NULL) {
        option->filter = p2i_record_filter_new();
    }
    if (option->filter == NULL) {
        return p2i_tool_out_of_memory();
    }
    enum p2i_result result = p2i_record_filter_add(option->filter, text, strlen(text), &error);
    if (result == P2I_USAGE) {
        return refuse(option->verb, text, error.offset, error.text);
    }
    option->texts[option->count++] = text;
    return result == P2I_OK ? TOOL_OK : p2i_tool_out_of_memory();
}

enum p2i_result p2i_filter_option_match(struct p2i_filter_option *option,
                                        const struct p2i_reader *reader,
                                        const struct p2i_read_record *record, bool *matches,
                                        struct p2i_error *error)
{
    *matches = true;
    if (option->filter == NULL) {
        return P2I_OK;
    }
    enum p2i_result result = p2i_record_filter_match_read(option->filter, reader, record, matches);
    return result == P2I_OK ? P2I_OK : p2i_fail_memory(error);
}

bool p2i_filter_option_field(const struct p2i_filter_option *option, size_t index,
                             struct p2i_filter_field *field)
{
    return option->filter != NULL && p2i_record_filter_field(option->filter, index, field);
}

int p2i_filter_option_refuse(const struct p2i_filter_option *option,
                             const struct p2i_filter_field *field,
                             const struct p2i_nearest *nearest)
{
    char message[256];
    const char *kind = p2i_tool_own_kind(field->name);
    const char *meant = p2i_record_filter_meant(field->name);
    if (kind != NULL) {
        (void)snprintf(message, sizeof message, "unknown field '%s'; did you mean 'record == %s'?",
                       kind, kind);
    } else if (meant != NULL || nearest->name != NULL) {
        (void)snprintf(message, sizeof message, "unknown field '%.80s'; did you mean '%.80s'?",
                       field->name, meant != NULL ? meant : nearest->name);
    } else {
        (void)snprintf(message, sizeof message,
                       "unknown field '%.80s': neither in the tables (see ipfixtool fields) nor in "
                       "the files",
                       field->name);
    }
    return refuse(option->verb, option->texts[field->text], field->offset, message);
}

int p2i_filter_option_require_known(const struct p2i_filter_option *option)
{
    struct p2i_filter_field field;
    for (size_t i = 0; p2i_filter_option_field(option, i, &field); i++) {
        if (!field.known && !field.met) {
            struct p2i_nearest nearest = p2i_nearest_to(field.name);
            p2i_record_filter_offer(&nearest);
            return p2i_filter_option_refuse(option, &field, &nearest);
        }
    }
    return TOOL_OK;
}

int p2i_filter_option_report_unmet(const struct p2i_filter_option *option)
{
    struct p2i_filter_field field;
    int status = p2i_filter_option_require_known(option);
    if (status != TOOL_OK) {
        return status;
    }
    for (size_t i = 0; p2i_filter_option_field(option, i, &field); i++) {
        if (!field.met) {
            fputs("ipfixtool: no record has field '", stderr);
            p2i_print_safe(stderr, field.name);
            fputs("'\n", stderr);
            break;
        }
    }
    return TOOL_OK;
}

void p2i_filter_option_free(struct p2i_filter_option *option)
{
    p2i_record_filter_free(option->filter);
    free(option->texts);
}
