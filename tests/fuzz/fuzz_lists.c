/* SPDX-License-Identifier: MIT */
/* The text files that settings and command lines name: the first byte says which. A refused file
 * has a reason, with the line where there are lines. */
#include <stdlib.h>

#include "config/filters.h"
#include "config/gateway.h"
#include "config/gateway_file.h"
#include "config/inputs.h"
#include "enrich/locked.h"
#include "enrich/protocol_table.h"
#include "memory_file.h"
#include "pcap2ipfix/report.h"
#include "settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static enum p2i_result read_locked(const char *path, bool urls, struct p2i_error *error)
{
    const struct p2i_clickstream asked = {.host = P2I_VIEW("www.example.org"),
                                          .path = P2I_VIEW("/a/b")};
    struct p2i_locked *locked;
    enum p2i_result result =
        p2i_locked_open(&locked, urls ? NULL : path, urls ? path : NULL, error);
    if (result == P2I_OK) {
        require(p2i_locked_find(locked, &asked) <= P2I_LOCKED_HTTP);
    }
    p2i_locked_close(locked);
    return result;
}

static enum p2i_result read_hosts(const char *path, struct p2i_error *error)
{
    return read_locked(path, false, error);
}

static enum p2i_result read_urls(const char *path, struct p2i_error *error)
{
    return read_locked(path, true, error);
}

static enum p2i_result read_numbers(const char *path, struct p2i_error *error)
{
    struct p2i_protocol_numbers numbers;
    p2i_protocol_numbers_default(&numbers);
    return p2i_protocol_numbers_load(&numbers, path, error);
}

/* What the file of the gateway sets can be printed, if it is UTF-8. */
static enum p2i_result read_gateway(const char *path, struct p2i_error *error)
{
    struct p2i_settings *settings = p2i_settings_new();
    struct p2i_notes notes = {0};
    struct p2i_error ignored;
    FILE *file = fopen("/dev/null", "w");
    require(settings != NULL && file != NULL);
    enum p2i_result result = p2i_gateway_read(settings, path, &notes, error);
    require(result == P2I_OK || notes.count == 0);
    enum p2i_result printed = p2i_settings_print(settings, file, &ignored);
    require(printed == P2I_OK || printed == P2I_USAGE);
    (void)fclose(file);
    p2i_notes_free(&notes);
    p2i_settings_free(settings);
    return result;
}

static enum p2i_result read_list(const char *path, bool null_separated, struct p2i_error *error)
{
    struct p2i_inputs inputs = {0};
    enum p2i_result result = p2i_inputs_add_list(&inputs, path, null_separated, error);
    for (size_t i = 0; i < inputs.count; i++) {
        require(inputs.paths[i][0] != '\0');
    }
    p2i_inputs_free(&inputs);
    return result;
}

static enum p2i_result read_lines(const char *path, struct p2i_error *error)
{
    return read_list(path, false, error);
}

static enum p2i_result read_names(const char *path, struct p2i_error *error)
{
    return read_list(path, true, error);
}

static enum p2i_result read_filter(const char *path, struct p2i_error *error)
{
    struct p2i_filters filters = {0};
    const char *expression = NULL;
    enum p2i_result result = p2i_filters_read(&filters, path, error);
    if (result == P2I_OK) {
        require(p2i_filters_add(&filters, "tcp", error) == P2I_OK);
        require(p2i_filters_join(&filters, &expression, error) == P2I_OK && expression != NULL);
    }
    p2i_filters_free(&filters);
    return result;
}

static enum p2i_result read_statistics(const char *path, struct p2i_error *error)
{
    const struct p2i_report_settings settings = {
        .struct_size = sizeof settings, .memory_bytes = 1 << 20, .rows = 10};
    struct p2i_report *report;
    struct p2i_buffer page = {0};
    require(p2i_report_new(&report, &settings, error) == P2I_OK);
    enum p2i_result result = p2i_report_add_statistics(report, path, error);
    if (result == P2I_OK) {
        require(p2i_report_write(report, &page, error) == P2I_OK && page.size > 0);
    }
    p2i_buffer_free(&page);
    p2i_report_free(report);
    return result;
}

static enum p2i_result (*const readers[])(const char *path, struct p2i_error *error) = {
    read_hosts, read_urls,  read_numbers, read_gateway,
    read_lines, read_names, read_filter,  read_statistics,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_file file;
    struct p2i_error error = {0};
    if (size == 0) {
        return 0;
    }
    memory_file_open(&file, p2i_view_of(data + 1, size - 1));
    enum p2i_result result =
        readers[data[0] % (sizeof readers / sizeof *readers)](file.path, &error);
    require(result == P2I_OK || result == P2I_USAGE || result == P2I_INPUT ||
            result == P2I_DAMAGED);
    require(result == P2I_OK || error.text[0] != '\0');
    memory_file_close(&file);
    return 0;
}
