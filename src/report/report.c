/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "pcap2ipfix/record_filter.h"
#include "report/assets.h"
#include "report/chart.h"
#include "report/collect.h"
#include "report/conversion.h"
#include "report/html.h"
#include "report/rows.h"

enum {
    ROWS_USUAL = 200,
    CAPTURES_NAMED = 3, /* in commands; where there are more, the reader names them */
    MS_PER_S = 1000,
};

/* A file of records. */
struct report_file {
    char *path;
    uint64_t records;
    char damage[256]; /* empty: none */
};

struct p2i_report {
    struct p2i_report_settings settings;
    struct p2i_collected collected;
    struct report_file *files;
    size_t file_count;
    struct p2i_conversion *conversions;
    size_t conversion_count;
};

enum p2i_result p2i_report_new(struct p2i_report **report,
                               const struct p2i_report_settings *settings, struct p2i_error *error)
{
    struct p2i_report *made = calloc(1, sizeof *made);
    *report = made;
    if (made == NULL) {
        return p2i_fail_memory(error);
    }
    size_t size = settings->struct_size < sizeof made->settings ? settings->struct_size
                                                                : sizeof made->settings;
    memcpy(&made->settings, settings, size);
    made->settings.rows = made->settings.rows > 0 ? made->settings.rows : ROWS_USUAL;
    if (!p2i_collect_begin(&made->collected, made->settings.memory_bytes)) {
        p2i_report_free(made);
        *report = NULL;
        return p2i_fail_memory(error);
    }
    return P2I_OK;
}

void p2i_report_free(struct p2i_report *report)
{
    if (report == NULL) {
        return;
    }
    for (size_t i = 0; i < report->file_count; i++) {
        free(report->files[i].path);
    }
    for (size_t i = 0; i < report->conversion_count; i++) {
        p2i_conversion_free(&report->conversions[i]);
    }
    free(report->files);
    free(report->conversions);
    p2i_collect_free(&report->collected);
    free(report);
}

/* ---- Reading ---- */

static enum p2i_result take(struct p2i_report *report, const struct p2i_record_source *source,
                            const struct p2i_source_record *record, struct report_file *file,
                            struct p2i_error *error)
{
    bool matches = true;
    if (report->settings.filter != NULL && !record->record.options &&
        p2i_record_filter_match_read(report->settings.filter, p2i_record_source_reader(source),
                                     &record->record, &matches) != P2I_OK) {
        return p2i_fail_memory(error);
    }
    file->records += matches && !record->record.options;
    return !matches || p2i_collect(&report->collected, record) ? P2I_OK : p2i_fail_memory(error);
}

static struct report_file *new_file(struct p2i_report *report, const char *path)
{
    struct report_file *files =
        realloc(report->files, (report->file_count + 1) * sizeof *report->files);
    if (files == NULL) {
        return NULL;
    }
    report->files = files;
    files[report->file_count] = (struct report_file){.path = strdup(path)};
    return files[report->file_count].path != NULL ? &files[report->file_count++] : NULL;
}

enum p2i_result p2i_report_add(struct p2i_report *report, const char *path, struct p2i_error *error)
{
    struct p2i_record_source *source = NULL;
    struct p2i_source_record record;
    struct report_file *file = new_file(report, path);
    if (file == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = p2i_record_source_open(&source, path, error);
    while (result == P2I_OK) {
        result = p2i_record_source_next(source, &record, error);
        if (result == P2I_OK) {
            result = take(report, source, &record, file, error);
        }
    }
    p2i_record_source_close(source);
    if (result != P2I_END) {
        memcpy(file->damage, error->text, sizeof file->damage);
    }
    return result == P2I_END ? P2I_OK : result;
}

enum p2i_result p2i_report_add_statistics(struct p2i_report *report, const char *path,
                                          struct p2i_error *error)
{
    struct p2i_conversion *conversions =
        realloc(report->conversions, (report->conversion_count + 1) * sizeof *report->conversions);
    if (conversions == NULL) {
        return p2i_fail_memory(error);
    }
    report->conversions = conversions;
    enum p2i_result result =
        p2i_conversion_read(&conversions[report->conversion_count], path, error);
    report->conversion_count += result == P2I_OK;
    return result;
}

/* ---- The page ---- */

static struct p2i_view view_of(const char *text)
{
    return p2i_view_of(text, strlen(text));
}

static const char *const kind_names[P2I_REPORT_KINDS] = {
    "clickstream", "http_reply", "ssl_reply", "sip",  "ftp",    "im",
    "mail",        "raw",        "dns",       "flow", "biflow", "other"};

static const char *title_of(const struct p2i_report *report)
{
    return report->settings.title != NULL ? report->settings.title : "What was said";
}

static void print_begin(struct p2i_html *html, const struct p2i_report *report)
{
    p2i_html_put(html,
                 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
                 "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "style-src '");
    p2i_html_put(html, p2i_report_page_css_hash);
    p2i_html_put(html, "'; script-src '");
    p2i_html_put(html, p2i_report_page_js_hash);
    p2i_html_put(
        html, "'; img-src data:; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" "
              "content=\"width=device-width, initial-scale=1\">\n<meta "
              "name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
              "content=\"no-referrer\">\n<link rel=\"icon\" href=\"data:,\">\n<title>");
    p2i_html_text(html, view_of(title_of(report)));
    p2i_html_put(html, "</title>\n<style>");
    p2i_html_put(html, p2i_report_page_css);
    p2i_html_put(html, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the "
                       "report</a>\n<header><h1>");
    p2i_html_value(html, view_of(title_of(report)));
    p2i_html_put(html, "</h1>\n");
}

static void print_navigation(struct p2i_html *html, const struct p2i_report *report)
{
    p2i_html_put(html, "<nav aria-label=\"Sections\"><ul><li><a "
                       "href=\"#conversion\">Conversion</a></li><li><a href=\"#time\">Records over "
                       "time</a></li>");
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (p2i_tally_key_count(report->collected.tables[i]) > 0) {
            p2i_html_format(html, "<li><a href=\"#%s\">%s</a></li>", p2i_report_tables[i].id,
                            p2i_report_tables[i].title);
        }
    }
    p2i_html_put(html, "</ul></nav></header>\n<main id=\"main\">\n");
}

static void print_tile(struct p2i_html *html, uint64_t number, const char *name)
{
    if (number > 0) {
        p2i_html_put(html, "<li><b>");
        p2i_html_number(html, number);
        p2i_html_format(html, "</b>%s</li>", name);
    }
}

static void print_tiles(struct p2i_html *html, const struct p2i_report *report)
{
    const struct p2i_collected *collected = &report->collected;
    uint64_t all = 0;
    for (size_t i = 0; i < P2I_REPORT_KINDS; i++) {
        all += collected->records[i];
    }
    p2i_html_put(html, "<ul class=\"tiles\">");
    p2i_html_put(html, all == 0 ? "<li><b>0</b>records</li>" : "");
    print_tile(html, all, "records");
    for (size_t i = 0; i < P2I_REPORT_KINDS; i++) {
        print_tile(html, collected->records[i], kind_names[i]);
    }
    print_tile(html, collected->cut, "cut messages");
    p2i_html_put(html, "</ul>\n");
}

static void print_files(struct p2i_html *html, const struct p2i_report *report)
{
    p2i_html_put(html, "<div class=\"scroll\"><table><caption>Files of records</caption><thead><tr>"
                       "<th scope=\"col\">file</th><th scope=\"col\" class=\"n\">records</th><th "
                       "scope=\"col\">state</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->file_count; i++) {
        const struct report_file *file = &report->files[i];
        p2i_html_put(html, "<tr><td>");
        p2i_html_value(html, view_of(file->path));
        p2i_html_put(html, "</td><td class=\"n\">");
        p2i_html_number(html, file->records);
        p2i_html_put(html, file->damage[0] != '\0' ? "</td><td class=\"bad\">" : "</td><td>whole");
        p2i_html_text(html, view_of(file->damage));
        p2i_html_put(html, "</td></tr>\n");
    }
    p2i_html_put(html, "</tbody></table></div>\n");
}

static void print_capture_time(struct p2i_html *html, uint64_t time_ms)
{
    p2i_html_put(html, "</td><td class=\"t\">");
    if (time_ms > 0) {
        p2i_html_time(html, time_ms / MS_PER_S);
    }
}

/* Captures as the options records of extended files describe them. */
static void print_captures(struct p2i_html *html, const struct p2i_collected *collected)
{
    p2i_html_put(html, "<div class=\"scroll\"><table><caption>Captures, as the files of records "
                       "name them</caption><thead><tr><th scope=\"col\">capture</th><th "
                       "scope=\"col\">hash of the stored bytes</th><th scope=\"col\" "
                       "class=\"n\">bytes</th><th scope=\"col\" class=\"n\">packets</th><th "
                       "scope=\"col\">first packet, UTC</th><th scope=\"col\">last packet</th><th "
                       "scope=\"col\">version</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < collected->capture_count; i++) {
        const struct p2i_report_capture *capture = &collected->captures[i];
        p2i_html_put(html, "<tr><td>");
        p2i_html_value(html, view_of(capture->name));
        p2i_html_put(html, "</td><td class=\"hash\">");
        p2i_html_value(html, view_of(capture->hash));
        p2i_html_put(html, "</td><td class=\"n\">");
        p2i_html_number(html, capture->bytes);
        p2i_html_put(html, "</td><td class=\"n\">");
        p2i_html_number(html, capture->packets);
        print_capture_time(html, capture->first_ms);
        print_capture_time(html, capture->last_ms);
        p2i_html_put(html, "</td><td>");
        p2i_html_value(html, view_of(capture->program));
        p2i_html_put(html, "</td></tr>\n");
    }
    p2i_html_put(html, "</tbody></table></div>\n");
    if (collected->capture_count == P2I_REPORT_CAPTURES) {
        p2i_html_format(html, "<p>Captures beyond %d are not listed.</p>\n", P2I_REPORT_CAPTURES);
    }
}

/* The command that makes the page. */
static void print_command(struct p2i_html *html, const struct p2i_report *report)
{
    struct p2i_buffer command = {0};
    bool done = true;
    for (size_t i = 0; done && i < report->settings.argument_count; i++) {
        done = (i == 0 || p2i_append(&command, P2I_VIEW(" "))) &&
               p2i_append_shell_word(&command, view_of(report->settings.arguments[i]));
    }
    html->failed = html->failed || !done;
    if (command.size > 0) {
        p2i_html_put(html, "<dl><dt>this page is made by</dt><dd><code>");
        p2i_html_text(html, p2i_view_of(command.data, command.size));
        p2i_html_put(html, "</code></dd></dl>\n");
    }
    p2i_buffer_free(&command);
}

static void print_conversion(struct p2i_html *html, const struct p2i_report *report)
{
    p2i_html_put(html, "<section aria-labelledby=\"conversion\"><h2 id=\"conversion\">What was "
                       "converted</h2>\n");
    print_command(html, report);
    print_files(html, report);
    for (size_t i = 0; i < report->conversion_count; i++) {
        p2i_conversion_print(html, &report->conversions[i]);
    }
    if (report->conversion_count == 0) {
        if (report->collected.capture_count > 0) {
            print_captures(html, &report->collected);
        }
        p2i_html_put(html,
                     "<p>No statistics of the conversion were given (pcap2ipfix --stats-file), "
                     "so damage and losses of the captures are not known here.</p>\n");
    }
    p2i_html_put(html, "</section>\n");
}

static void print_timeline(struct p2i_html *html, const struct p2i_report *report)
{
    struct p2i_bars *bars = malloc(sizeof *bars);
    html->failed = html->failed || bars == NULL;
    p2i_html_put(html,
                 "<section aria-labelledby=\"time\"><h2 id=\"time\">Records over time</h2>\n");
    if (bars != NULL) {
        p2i_timeline_bars(&report->collected.timeline, bars);
        if (bars->count > 0) {
            p2i_chart_print(html, bars, kind_names);
        } else {
            p2i_html_put(html, "<p>No record has a time.</p>\n");
        }
    }
    p2i_html_put(html, "</section>\n");
    free(bars);
}

/* A name of a file as a word of a shell; never as an option. */
static bool append_file_word(struct p2i_buffer *out, const char *name)
{
    return (name[0] != '-' || p2i_append(out, P2I_VIEW("./"))) &&
           p2i_append_shell_word(out, view_of(name));
}

/* The captures as words of a shell: those of the options records, if they are few. */
static bool name_captures(const struct p2i_report *report, struct p2i_buffer *out)
{
    const struct p2i_collected *collected = &report->collected;
    bool done = true;
    if (collected->capture_count == 0 || collected->capture_count > CAPTURES_NAMED) {
        return p2i_append(out, P2I_VIEW("CAPTURE..."));
    }
    for (size_t i = 0; done && i < collected->capture_count; i++) {
        done = (i == 0 || p2i_append(out, P2I_VIEW(" "))) &&
               append_file_word(out, collected->captures[i].name);
    }
    return done;
}

enum p2i_result p2i_report_write(struct p2i_report *report, struct p2i_buffer *page,
                                 struct p2i_error *error)
{
    struct p2i_html html = {.out = page};
    struct p2i_buffer captures = {0};
    html.failed = !name_captures(report, &captures);
    print_begin(&html, report);
    print_navigation(&html, report);
    print_tiles(&html, report);
    print_conversion(&html, report);
    print_timeline(&html, report);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (p2i_tally_key_count(report->collected.tables[i]) > 0) {
            p2i_rows_print(&html, &p2i_report_tables[i], report->collected.tables[i],
                           report->settings.rows, p2i_view_of(captures.data, captures.size));
        }
    }
    p2i_html_put(&html, "</main>\n<footer><p>Made by ipfixtool report. Times are UTC. Numbers of "
                        "different clients, servers and the like are exact unless a table says "
                        "otherwise.</p></footer>\n<script>");
    p2i_html_put(&html, p2i_report_page_js);
    p2i_html_put(&html, "</script>\n</body>\n</html>\n");
    p2i_buffer_free(&captures);
    return html.failed ? p2i_fail_memory(error) : P2I_OK;
}
