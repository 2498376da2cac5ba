/* SPDX-License-Identifier: MIT */
#include "report/conversion.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "report/rows.h"

enum {
    TEXT_MOST = 64 << 20,
    PIECE = 1 << 16,
    CAPTURES_SHOWN = 2000,
    CAPTURES_OPEN = 12, /* a longer list is folded */
    S_NS = 1000000000,
};

/* ---- Reading ---- */

static enum p2i_result read_text(struct p2i_conversion *conversion, FILE *file,
                                 struct p2i_error *error)
{
    size_t got = 1;
    while (got > 0 && conversion->text.size < TEXT_MOST) {
        if (!p2i_buffer_reserve(&conversion->text, PIECE)) {
            return p2i_fail_memory(error);
        }
        got = fread(conversion->text.data + conversion->text.size, 1, PIECE, file);
        conversion->text.size += got;
    }
    if (ferror(file) != 0) {
        enum p2i_result result = p2i_fail(error, P2I_INPUT, "cannot read");
        error->system_error = errno;
        return result;
    }
    return P2I_OK;
}

static bool get(const struct p2i_conversion *conversion, struct p2i_json_member *members,
                size_t count)
{
    return p2i_json_object(p2i_view_of(conversion->text.data, conversion->text.size), members,
                           count);
}

enum p2i_result p2i_conversion_read(struct p2i_conversion *conversion, const char *path,
                                    struct p2i_error *error)
{
    *conversion = (struct p2i_conversion){.path = strdup(path)};
    FILE *file = fopen(path, "rbe");
    enum p2i_result result = P2I_OK;
    if (conversion->path == NULL) {
        result = p2i_fail_memory(error);
    } else if (file == NULL) {
        result = p2i_fail(error, P2I_INPUT, "cannot open: %s", strerror(errno));
    } else {
        result = read_text(conversion, file, error);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    struct p2i_json_member program = {.name = P2I_VIEW("program")};
    if (result == P2I_OK &&
        (!get(conversion, &program, 1) || program.value.type != P2I_JSON_STRING)) {
        result = p2i_fail(error, P2I_DAMAGED, "expected the statistics of pcap2ipfix --stats-file");
    }
    if (result != P2I_OK) {
        p2i_conversion_free(conversion);
    }
    return result;
}

void p2i_conversion_free(struct p2i_conversion *conversion)
{
    free(conversion->path);
    p2i_buffer_free(&conversion->text);
    *conversion = (struct p2i_conversion){0};
}

/* ---- Printing ---- */

/* A string's characters. */
static void print_string(struct p2i_html *html, const struct p2i_json_value *value)
{
    struct p2i_buffer text = {0};
    if (p2i_buffer_reserve(&text, value->raw.size + 1)) {
        text.size = p2i_json_string(value, text.data);
        p2i_html_value(html, p2i_view_of(text.data, text.size));
    } else {
        html->failed = true;
    }
    p2i_buffer_free(&text);
}

static uint64_t number(const struct p2i_json_value *value)
{
    uint64_t whole = 0;
    return p2i_json_whole(value, &whole) ? whole : 0;
}

static void print_time(struct p2i_html *html, const struct p2i_json_value *value)
{
    uint64_t time_ns = number(value);
    p2i_html_put(html, "<td class=\"t\">");
    if (time_ns > 0) {
        p2i_html_time(html, time_ns / S_NS);
    }
    p2i_html_put(html, "</td>");
}

static void print_capture(struct p2i_html *html, struct p2i_view object)
{
    enum { PATH, HASH, SIZE, FRAMES, FIRST, LAST, DAMAGED, REFUSED, COUNT };
    struct p2i_json_member members[COUNT] = {
        [PATH] = {.name = P2I_VIEW("path")},       [HASH] = {.name = P2I_VIEW("sha256")},
        [SIZE] = {.name = P2I_VIEW("size_bytes")}, [FRAMES] = {.name = P2I_VIEW("frames")},
        [FIRST] = {.name = P2I_VIEW("first_ns")},  [LAST] = {.name = P2I_VIEW("last_ns")},
        [DAMAGED] = {.name = P2I_VIEW("damaged")}, [REFUSED] = {.name = P2I_VIEW("refused")},
    };
    if (!p2i_json_object(object, members, COUNT)) {
        return;
    }
    p2i_html_put(html, "<tr><td>");
    print_string(html, &members[PATH].value);
    p2i_html_put(html, "</td><td class=\"hash\">");
    print_string(html, &members[HASH].value);
    p2i_html_put(html, "</td><td class=\"n\">");
    p2i_html_number(html, number(&members[SIZE].value));
    p2i_html_put(html, "</td><td class=\"n\">");
    p2i_html_number(html, number(&members[FRAMES].value));
    p2i_html_put(html, "</td>");
    print_time(html, &members[FIRST].value);
    print_time(html, &members[LAST].value);
    p2i_html_put(html, members[REFUSED].value.type == P2I_JSON_TRUE
                           ? "<td class=\"bad t\">not readable</td></tr>\n"
                       : members[DAMAGED].value.type == P2I_JSON_TRUE
                           ? "<td class=\"bad\">damaged</td></tr>\n"
                           : "<td class=\"t\">whole</td></tr>\n");
}

static size_t count_values(struct p2i_view rest)
{
    struct p2i_json_value value;
    size_t count = 0;
    while (p2i_json_next(&rest, &value)) {
        count++;
    }
    return count;
}

/* A long list is folded; damage stands below it. */
static void print_captures(struct p2i_html *html, struct p2i_view rest)
{
    struct p2i_json_value value;
    size_t all = count_values(rest);
    p2i_html_format(html, "<details%s><summary>%zu capture%s</summary>\n",
                    all <= CAPTURES_OPEN ? " open" : "", all, all == 1 ? "" : "s");
    p2i_html_put(
        html, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Captures\">"
              "<table><thead><tr><th scope=\"col\">capture</th><th scope=\"col\">SHA-256 of the "
              "stored bytes</th><th scope=\"col\" class=\"n\">bytes</th><th scope=\"col\" "
              "class=\"n\">frames</th><th scope=\"col\">first packet, UTC</th><th "
              "scope=\"col\">last packet</th><th scope=\"col\">state</th></tr></thead><tbody>\n");
    for (size_t count = 0; count < CAPTURES_SHOWN && p2i_json_next(&rest, &value); count++) {
        if (value.type == P2I_JSON_OBJECT) {
            print_capture(html, value.raw);
        }
    }
    p2i_html_put(html, "</tbody></table></div>\n");
    if (all > CAPTURES_SHOWN) {
        p2i_html_format(html, "<p>The first %d of them.</p>\n", CAPTURES_SHOWN);
    }
    p2i_html_put(html, "</details>\n");
}

/* The words of a command line, each as a shell wants it. */
static void print_arguments(struct p2i_html *html, struct p2i_view rest)
{
    struct p2i_json_value value;
    struct p2i_buffer word = {0};
    struct p2i_buffer command = {0};
    bool done = true;
    for (size_t i = 0; done && p2i_json_next(&rest, &value); i++) {
        word.size = 0;
        done = p2i_buffer_reserve(&word, value.raw.size + 1);
        word.size = done ? p2i_json_string(&value, word.data) : 0;
        done = done && (i == 0 || p2i_append(&command, P2I_VIEW(" "))) &&
               p2i_append_shell_word(&command, p2i_view_of(word.data, word.size));
    }
    word.size = 0;
    done = done && p2i_format_text(&word, P2I_TYPE_STRING, p2i_view_of(command.data, command.size));
    html->failed = html->failed || !done;
    p2i_html_put(html, "<dt>command</dt><dd><code>");
    p2i_html_text(html, p2i_view_of(word.data, word.size));
    p2i_html_put(html, "</code></dd>");
    p2i_buffer_free(&word);
    p2i_buffer_free(&command);
}

static void print_defect(struct p2i_html *html, struct p2i_view object)
{
    enum { PATH, REASON, PACKET, COUNT };
    struct p2i_json_member members[COUNT] = {
        [PATH] = {.name = P2I_VIEW("path")},
        [REASON] = {.name = P2I_VIEW("reason")},
        [PACKET] = {.name = P2I_VIEW("packet")},
    };
    if (!p2i_json_object(object, members, COUNT)) {
        return;
    }
    p2i_html_put(html, "<li>");
    print_string(html, &members[PATH].value);
    p2i_html_put(html, ": ");
    print_string(html, &members[REASON].value);
    if (number(&members[PACKET].value) > 0) {
        p2i_html_put(html, ", packet ");
        p2i_html_number(html, number(&members[PACKET].value));
    }
    p2i_html_put(html, "</li>\n");
}

static void print_damage(struct p2i_html *html, struct p2i_view rest)
{
    struct p2i_json_value value;
    if (count_values(rest) == 0) {
        p2i_html_put(html, "<p>No capture was damaged.</p>\n");
        return;
    }
    p2i_html_put(html, "<h3>Damage</h3><ul class=\"bad\">\n");
    while (p2i_json_next(&rest, &value)) {
        print_defect(html, value.raw);
    }
    p2i_html_put(html, "</ul>\n");
}

/* Rows of all numbers of an object that are not 0; of objects in it with their name before. */
static void print_counters(struct p2i_html *html, struct p2i_view object, struct p2i_view before)
{
    struct p2i_json_member member;
    struct p2i_view rest = object;
    while (p2i_json_next_member(&rest, &member)) {
        if (member.value.type == P2I_JSON_OBJECT && before.size == 0) {
            print_counters(html, member.value.raw, member.name);
        } else if (member.value.type == P2I_JSON_NUMBER && number(&member.value) > 0) {
            p2i_html_put(html, "<tr><td>");
            p2i_html_text(html, before);
            p2i_html_put(html, before.size > 0 ? ": " : "");
            p2i_html_text(html, member.name);
            p2i_html_put(html, "</td><td class=\"n\">");
            p2i_html_number(html, number(&member.value));
            p2i_html_put(html, "</td></tr>\n");
        }
    }
}

/* What is missing or doubtful, also where that is nothing. */
static void print_losses(struct p2i_html *html, const struct p2i_conversion *conversion)
{
    static const char *const losses[][2] = {
        {"damaged_captures", "damaged captures"},
        {"unreadable_captures", "captures that could not be read"},
        {"lost_bytes", "bytes of TCP that the captures lack"},
        {"cut_bytes", "bytes that the snaplen cut"},
        {"gaps", "gaps in TCP"},
        {"dropped_fragments", "fragments without the others"},
        {"evicted_sessions", "sessions ended early for want of memory"},
        {"strings_cut", "strings cut at the limit"},
        {"doubtful_segments", "doubtful segments of TCP"},
    };
    p2i_html_put(html, "<dl>");
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        struct p2i_json_member member = {.name = p2i_view_of(losses[i][0], strlen(losses[i][0]))};
        (void)get(conversion, &member, 1); /* it was read */
        p2i_html_format(html, "<dt>%s</dt><dd%s>", losses[i][1],
                        number(&member.value) > 0 ? " class=\"bad\"" : "");
        p2i_html_number(html, number(&member.value));
        p2i_html_put(html, "</dd>");
    }
    p2i_html_put(html, "</dl>\n");
}

void p2i_conversion_print(struct p2i_html *html, const struct p2i_conversion *conversion)
{
    enum { PROGRAM, VERSION, ARGUMENTS, CAPTURES, DAMAGE, COUNT };
    struct p2i_json_member members[COUNT] = {
        [PROGRAM] = {.name = P2I_VIEW("program")},     [VERSION] = {.name = P2I_VIEW("version")},
        [ARGUMENTS] = {.name = P2I_VIEW("arguments")}, [CAPTURES] = {.name = P2I_VIEW("captures")},
        [DAMAGE] = {.name = P2I_VIEW("damage")},
    };
    (void)get(conversion, members, COUNT); /* it was read */
    p2i_html_put(html, "<dl><dt>statistics</dt><dd>");
    p2i_html_value(html, p2i_view_of(conversion->path, strlen(conversion->path)));
    p2i_html_put(html, "</dd><dt>program</dt><dd>");
    print_string(html, &members[PROGRAM].value);
    p2i_html_put(html, " ");
    print_string(html, &members[VERSION].value);
    p2i_html_put(html, "</dd>");
    if (members[ARGUMENTS].value.type == P2I_JSON_ARRAY) {
        print_arguments(html, members[ARGUMENTS].value.raw);
    }
    p2i_html_put(html, "</dl>\n");
    if (members[CAPTURES].value.type == P2I_JSON_ARRAY) {
        print_captures(html, members[CAPTURES].value.raw);
    }
    if (members[DAMAGE].value.type == P2I_JSON_ARRAY) {
        print_damage(html, members[DAMAGE].value.raw);
    }
    print_losses(html, conversion);
    p2i_html_put(html, "<details><summary>All counters that are not 0</summary><div "
                       "class=\"scroll\"><table><thead><tr><th scope=\"col\">counter</th><th "
                       "scope=\"col\" class=\"n\">value</th></tr></thead><tbody>\n");
    print_counters(html, p2i_view_of(conversion->text.data, conversion->text.size),
                   p2i_view_of(NULL, 0));
    p2i_html_put(html, "</tbody></table></div></details>\n");
}
