/* SPDX-License-Identifier: MIT */
#include "report/rows.h"

#include <inttypes.h>

/* ---- The command of a row ---- */

/* Whether a shell takes a word as it is. */
static bool is_plain(struct p2i_view word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+.,:/@%";
    size_t size = 0;
    while (size < word.size && word.data[size] != '\0' && strchr(plain, word.data[size]) != NULL) {
        size++;
    }
    return word.size > 0 && size == word.size;
}

bool p2i_append_shell_word(struct p2i_buffer *out, struct p2i_view word)
{
    if (is_plain(word)) {
        return p2i_append(out, word);
    }
    bool done = p2i_append(out, P2I_VIEW("'"));
    while (done && word.size > 0) {
        size_t quote = p2i_view_find(word, '\'');
        done = p2i_append(out, p2i_view_first(word, quote)) &&
               (quote == word.size || p2i_append(out, P2I_VIEW("'\\''")));
        word = p2i_view_from(word, quote + 1);
    }
    return done && p2i_append(out, P2I_VIEW("'"));
}

/* Part `index` of a key. */
static struct p2i_view part_of(const struct p2i_tally_entry *entry, size_t index)
{
    struct p2i_view rest = entry->key;
    for (; index > 0; index--) {
        rest = p2i_view_from(rest, p2i_view_find(rest, '\t') + 1);
    }
    return p2i_view_first(rest, p2i_view_find(rest, '\t'));
}

/* A value in the quotes of the filter language. The value is a shown one: its escapes for bytes
 * that cannot be shown are those of the language, but one of its own backslashes is not. */
static bool append_quoted(struct p2i_buffer *out, struct p2i_view text)
{
    bool done = p2i_append(out, P2I_VIEW("\""));
    for (size_t i = 0; done && i < text.size; i++) {
        bool quote = text.data[i] == '"';
        bool escape = text.data[i] == '\\' && !(i + 1 < text.size && text.data[i + 1] == 'x');
        done = (!(quote || escape) || p2i_append(out, P2I_VIEW("\\"))) &&
               p2i_append(out, p2i_view_of(text.data + i, 1));
    }
    return done && p2i_append(out, P2I_VIEW("\""));
}

static bool append_filter(struct p2i_buffer *out, const char *filter,
                          const struct p2i_tally_entry *entry)
{
    bool done = true;
    for (; done && *filter != '\0'; filter++) {
        if (*filter == '{' && filter[1] >= '0' && filter[1] <= '9') {
            done = append_quoted(out, part_of(entry, (size_t)(filter[1] - '0')));
            filter += 2;
        } else {
            done = p2i_append(out, p2i_view_of(filter, 1));
        }
    }
    return done;
}

static void print_command(struct p2i_html *html, const struct p2i_table_spec *spec,
                          const struct p2i_tally_entry *entry, struct p2i_view captures)
{
    struct p2i_buffer filter = {0};
    struct p2i_buffer command = {0};
    bool done = append_filter(&filter, spec->filter, entry) &&
                p2i_append(&command, P2I_VIEW("ipfixtool extract -f ")) &&
                p2i_append_shell_word(&command, p2i_view_of(filter.data, filter.size)) &&
                p2i_append(&command, P2I_VIEW(" ")) && p2i_append(&command, captures) &&
                p2i_append(&command, P2I_VIEW(" -w packets.pcapng"));
    html->failed = html->failed || !done;
    p2i_html_put(html, "<td class=\"command\"><details><summary>command</summary><code>");
    p2i_html_text(html, p2i_view_of(command.data, command.size));
    p2i_html_put(html, "</code></details></td>");
    p2i_buffer_free(&filter);
    p2i_buffer_free(&command);
}

/* ---- The table ---- */

static void print_head_cell(struct p2i_html *html, const char *name, bool number, bool sorted)
{
    p2i_html_format(html, "<th scope=\"col\"%s aria-sort=\"%s\"><button>%s</button></th>",
                    number ? " class=\"n\"" : "", sorted ? "descending" : "none", name);
}

static void print_head(struct p2i_html *html, const struct p2i_table_spec *spec)
{
    p2i_html_put(html, "<thead><tr>");
    for (size_t i = 0; i < P2I_TABLE_KEYS && spec->keys[i] != NULL; i++) {
        print_head_cell(html, spec->keys[i], false, false);
    }
    print_head_cell(html, spec->count, true, !spec->sum_is_bytes);
    if (spec->sum != NULL) {
        print_head_cell(html, spec->sum, true, spec->sum_is_bytes);
    }
    if (spec->others != NULL) {
        print_head_cell(html, spec->others, true, false);
    }
    p2i_html_put(html, "<th scope=\"col\" class=\"share\">share</th><th scope=\"col\" "
                       "class=\"command\">packets</th></tr></thead>\n");
}

static void print_number(struct p2i_html *html, uint64_t number, bool bytes)
{
    p2i_html_format(html, "<td class=\"n\" data-v=\"%" PRIu64 "\">", number);
    if (bytes) {
        p2i_html_bytes(html, number);
    } else {
        p2i_html_number(html, number);
    }
    p2i_html_put(html, "</td>");
}

static void print_row(struct p2i_html *html, const struct p2i_table_spec *spec,
                      const struct p2i_tally_entry *entry, uint64_t most, struct p2i_view captures)
{
    uint64_t size = spec->sum_is_bytes ? entry->sums[0] : entry->count;
    p2i_html_put(html, "<tr>");
    for (size_t i = 0; i < P2I_TABLE_KEYS && spec->keys[i] != NULL; i++) {
        struct p2i_view part = part_of(entry, i);
        bool weak = strcmp(spec->keys[i], "note") == 0 && part.size > 0;
        p2i_html_put(html, weak ? "<td class=\"bad\">" : "<td>");
        p2i_html_value(html, part);
        p2i_html_put(html, "</td>");
    }
    print_number(html, entry->count, false);
    if (spec->sum != NULL) {
        print_number(html, entry->sums[0], spec->sum_is_bytes);
    }
    if (spec->others != NULL) {
        print_number(html, p2i_tally_values(entry, 0), false);
    }
    p2i_html_format(html,
                    "<td class=\"share\"><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
                    "aria-hidden=\"true\"><rect width=\"%.1f\" height=\"10\"/></svg></td>",
                    most > 0 ? 100.0 * (double)size / (double)most : 0);
    print_command(html, spec, entry, captures);
    p2i_html_put(html, "</tr>\n");
}

/* How many rows there are, and how far their numbers are right. */
static void print_about(struct p2i_html *html, const struct p2i_table_spec *spec,
                        struct p2i_tally_loss loss, size_t count, size_t shown)
{
    p2i_html_format(html, "<p class=\"soft\">%s ", spec->about);
    if (shown < count) {
        p2i_html_put(html, "The first ");
        p2i_html_number(html, shown);
        p2i_html_put(html, " of ");
        p2i_html_number(html, count);
        p2i_html_put(html, " rows.");
    }
    if (loss.low_by > 0) {
        p2i_html_put(html,
                     " <b>Memory was short: rare rows are missing, and counts may be too small "
                     "by up to ");
        p2i_html_number(html, loss.low_by);
        p2i_html_put(html, ".</b>");
    }
    if (loss.approximate && spec->others != NULL) {
        p2i_html_format(html,
                        " <b>Memory was short: numbers of %s above 384 are approximate (2 %%).</b>",
                        spec->others);
    }
    p2i_html_put(html, "</p>\n");
}

void p2i_rows_print(struct p2i_html *html, const struct p2i_table_spec *spec,
                    struct p2i_tally *tally, size_t most, struct p2i_view captures)
{
    size_t count;
    struct p2i_tally_entry **entries = p2i_tally_entries(
        tally, spec->sum_is_bytes ? P2I_TALLY_BY_SUMS : P2I_TALLY_BY_COUNTS, &count);
    if (entries == NULL) {
        html->failed = true;
        return;
    }
    size_t shown = count < most ? count : most;
    p2i_html_format(html, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n", spec->id,
                    spec->id, spec->title);
    print_about(html, spec, p2i_tally_lost(tally), count, shown);
    p2i_html_format(html,
                    "<div class=\"tools\" data-table=\"%s-table\"><label>Filter <input "
                    "type=\"search\"></label><button type=\"button\">CSV</button><span "
                    "role=\"status\"></span></div>\n",
                    spec->id);
    p2i_html_format(html,
                    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table "
                    "id=\"%s-table\">",
                    spec->title, spec->id);
    print_head(html, spec);
    p2i_html_put(html, "<tbody>\n");
    for (size_t i = 0; i < shown; i++) {
        const struct p2i_tally_entry *first = entries[0];
        print_row(html, spec, entries[i], spec->sum_is_bytes ? first->sums[0] : first->count,
                  captures);
    }
    p2i_html_put(html, "</tbody></table></div></section>\n");
}
