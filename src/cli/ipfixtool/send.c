/* SPDX-License-Identifier: MIT */
/* ipfixtool send: replays IPFIX files to a collector. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/filter_option.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/seal.h"
#include "cli/ipfixtool/stop.h"
#include "cli/log_line.h"
#include "cli/safe_text.h"
#include "pcap2ipfix/option.h"
#include "pcap2ipfix/settings.h"
#include "pcap2ipfix/writer.h"

enum { NAME_ELEMENT = 341, ID_ELEMENT = 303 }; /* of type records, RFC 5610 section 3 */

struct send {
    struct p2i_filter_option filter;
    struct p2i_settings *settings; /* only the delivery */
    struct p2i_writer *writer;
    bool quiet, verbose, no_types;
};

static bool is_stopped(void *context)
{
    (void)context;
    return p2i_tool_stopped != 0;
}

static void report_delivery(void *context, bool usual, const char *text)
{
    const struct send *send = context;
    if (usual ? send->verbose : !send->quiet) {
        fputs("ipfixtool: ", stderr);
        p2i_print_safe(stderr, text);
        fputc('\n', stderr);
    }
}

static void log_line(void *context, bool usual, const struct p2i_log_line *line)
{
    const struct send *send = context;
    if (usual ? send->verbose : !send->quiet) {
        p2i_print_log_line(stderr, line, false);
    }
}

static bool is_type_record(const struct p2i_read_record *record)
{
    bool name = false;
    bool id = false;
    for (size_t i = 0; record->options && i < record->value_count; i++) {
        name = name || (record->values[i].pen == 0 && record->values[i].id == NAME_ELEMENT);
        id = id || (record->values[i].pen == 0 && record->values[i].id == ID_ELEMENT);
    }
    return name && id;
}

/* Sends the last record of the reader if it is wanted. Options records describe the others, so the
 * filter leaves none of them out. */
static enum p2i_result send_record(struct send *send, struct p2i_reader *reader,
                                   const struct p2i_read_record *record, struct p2i_error *error)
{
    bool matches = true;
    if (p2i_describes_its_file(record) || (send->no_types && is_type_record(record))) {
        return P2I_OK;
    }
    enum p2i_result result =
        record->options ? P2I_OK
                        : p2i_filter_option_match(&send->filter, reader, record, &matches, error);
    return result == P2I_OK && matches ? p2i_writer_put(send->writer, reader, error) : result;
}

static enum p2i_result send_records(struct send *send, struct p2i_reader *reader,
                                    struct p2i_error *error)
{
    struct p2i_read_record record;
    for (;;) {
        enum p2i_result result = p2i_reader_next(reader, &record, error);
        if (result != P2I_OK || p2i_tool_stopped) {
            return result == P2I_OK ? P2I_END : result;
        }
        result = send_record(send, reader, &record, error);
        if (result != P2I_OK) {
            return result;
        }
    }
}

static int send_file(struct send *send, const char *file)
{
    struct p2i_reader *reader = NULL;
    struct p2i_error error = {0};
    enum p2i_result result = p2i_reader_open(&reader, file, NULL, NULL, &error);
    if (result == P2I_OK) {
        result = send_records(send, reader, &error);
    }
    int status = result == P2I_END ? TOOL_OK : p2i_tool_fail(file, &error);
    if (reader != NULL) {
        struct p2i_reader_losses losses = p2i_reader_losses(reader);
        losses.missing_records = 0; /* the file lacked them already */
        status = p2i_tool_worse(status, p2i_tool_losses(file, &losses));
    }
    p2i_reader_close(reader);
    return status;
}

static int finish(const struct send *send, int status)
{
    struct p2i_error error = {0};
    enum p2i_result result = p2i_writer_finish(send->writer, 0, &error);
    const struct p2i_collector_summary *summary = p2i_writer_summary(send->writer);
    if (result == P2I_COLLECTOR) {
        fprintf(stderr, "ipfixtool: %s\n", error.text);
        status = p2i_tool_worse(status, TOOL_COLLECTOR);
    } else if (result != P2I_OK) {
        status = p2i_tool_worse(status, p2i_tool_fail("spool", &error));
    }
    if (send->verbose) {
        fprintf(stderr,
                "ipfixtool: %" PRIu64 " records sent, %" PRIu64 " sent again, %" PRIu64
                " spooled\n",
                summary->records_sent, summary->records_resent, summary->records_spooled);
    }
    if (p2i_tool_stopped) {
        fprintf(stderr,
                "ipfixtool: stopped: %" PRIu64 " records were taken from the files, the rest was "
                "neither sent nor spooled\n",
                summary->records);
    }
    return p2i_tool_stopped ? p2i_tool_worse(status, TOOL_DAMAGED) : status;
}

static int send_files(struct send *send, int count, char **files, const char *url)
{
    const struct p2i_settings_callbacks callbacks = {.struct_size = sizeof callbacks,
                                                     .context = send,
                                                     .is_stopped = is_stopped,
                                                     .delivery = report_delivery,
                                                     .log = log_line};
    struct p2i_error error = {0};
    p2i_settings_set_callbacks(send->settings, &callbacks);
    if (p2i_writer_open_collector(&send->writer, url, send->settings, &error) != P2I_OK) {
        return p2i_tool_refuse("send", &error);
    }
    p2i_tool_catch_signals();
    int status = p2i_tool_seal(&(struct p2i_tool_needs){
        .files = files, .file_count = count, .collector = url, .delivery = send->settings});
    if (status != TOOL_OK) {
        p2i_writer_free(send->writer);
        return status;
    }
    for (int i = 0; i < count && !p2i_tool_stopped; i++) {
        status = p2i_tool_worse(status, send_file(send, files[i]));
    }
    if (!p2i_tool_stopped) {
        status = p2i_tool_worse(status, p2i_filter_option_report_unmet(&send->filter));
    }
    status = finish(send, status);
    p2i_writer_free(send->writer);
    return status;
}

static int set_option(struct send *send, const struct p2i_option_scan *scan)
{
    struct p2i_error error = {0};
    enum p2i_result result;
    switch (scan->option->id) {
    case TOOL_OPTION_FILTER:
        return p2i_filter_option_add(&send->filter, scan->value);
    case TOOL_OPTION_QUIET:
        send->quiet = true;
        return TOOL_OK;
    case TOOL_OPTION_SEND_VERBOSE:
        send->verbose = true;
        return TOOL_OK;
    case TOOL_OPTION_NO_ELEMENT_TYPES:
        send->no_types = true;
        return TOOL_OK;
    case TOOL_OPTION_NO_SYNC:
        result = p2i_settings_set(send->settings, "sync", "false", &error);
        break;
    default: /* those that have a key */
        result = p2i_settings_set_option(send->settings, scan->option, scan->value, &error);
    }
    return result == P2I_OK ? TOOL_OK : p2i_tool_refuse("send", &error);
}

static int read_arguments(struct send *send, struct p2i_tool_arguments *arguments, int argc,
                          char **argv)
{
    int status = TOOL_OK;
    p2i_tool_arguments_begin(arguments, TOOL_VERB_SEND, argc, argv);
    while (status == TOOL_OK && p2i_tool_next(arguments) >= 0) {
        status = set_option(send, &arguments->scan);
    }
    status = p2i_tool_worse(status, arguments->status);
    return status == TOOL_OK && arguments->count < 2
               ? p2i_tool_usage("send: files and the URL of a collector are needed")
               : status;
}

int p2i_tool_send(int argc, char **argv)
{
    struct send send = {.filter.verb = "send", .settings = p2i_settings_new()};
    struct p2i_tool_arguments arguments;
    if (send.settings == NULL) {
        return p2i_tool_out_of_memory();
    }
    int status = read_arguments(&send, &arguments, argc, argv);
    if (status == TOOL_OK) {
        int files = arguments.count - 1;
        status = send_files(&send, files, arguments.files, arguments.files[files]);
    }
    p2i_filter_option_free(&send.filter);
    p2i_settings_free(send.settings);
    return status;
}
