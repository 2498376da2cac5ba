/* SPDX-License-Identifier: MIT */
/* ipfixtool join: a row for each exchange of request and reply. */
#include "pcap2ipfix/join.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/columns.h"
#include "cli/ipfixtool/filter_option.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/rows.h"
#include "cli/ipfixtool/seal.h"
#include "cli/ipfixtool/stop.h"
#include "pcap2ipfix/option.h"
#include "pcap2ipfix/values.h"

enum {
    MEMORY_LEAST = 1 << 20,
    MEMORY_USUAL = 128 << 20,
    NS_PER_S = 1000000000,
    NS_PER_US = 1000,
    ROOM = 32, /* of a cell of digits */
};

/* Of RFC 7011: 1900 to 1970 in seconds. */
#define EPOCH_S UINT64_C(2208988800)

enum join_column {
    JOIN_TIME,
    JOIN_KIND,
    JOIN_CLIENT,
    JOIN_CLIENT_PORT,
    JOIN_SERVER,
    JOIN_SERVER_PORT,
    JOIN_LOGIN,
    JOIN_HOST,
    JOIN_REQUEST,
    JOIN_STATUS,
    JOIN_ANSWER,
    JOIN_LATENCY,
    JOIN_BYTES,
    JOIN_PACKETS,
    JOIN_MISSING,
    JOIN_SESSION,
    JOIN_COLUMN_COUNT
};

static const struct p2i_row_column columns[JOIN_COLUMN_COUNT] = {
    [JOIN_TIME] = {"time", CELL_WORD, true, true},
    [JOIN_KIND] = {"kind", CELL_WORD, true, true},
    [JOIN_CLIENT] = {"client", CELL_WORD, true, true},
    [JOIN_CLIENT_PORT] = {"client_port", CELL_NUMBER, false, false},
    [JOIN_SERVER] = {"server", CELL_WORD, true, true},
    [JOIN_SERVER_PORT] = {"server_port", CELL_NUMBER, false, false},
    [JOIN_LOGIN] = {"login", CELL_TEXT, false, true},
    [JOIN_HOST] = {"host", CELL_TEXT, false, true},
    [JOIN_REQUEST] = {"request", CELL_TEXT, false, true},
    [JOIN_STATUS] = {"status", CELL_NUMBER, true, true},
    [JOIN_ANSWER] = {"answer", CELL_TEXT, false, true},
    [JOIN_LATENCY] = {"latency_ms", CELL_NUMBER, true, true},
    [JOIN_BYTES] = {"session_bytes", CELL_NUMBER, false, true},
    [JOIN_PACKETS] = {"session_packets", CELL_NUMBER, false, false},
    [JOIN_MISSING] = {"missing", CELL_WORD, true, true},
    [JOIN_SESSION] = {"session", CELL_WORD, true, false},
};

struct join {
    struct p2i_join_settings settings;
    struct p2i_form form;
    struct p2i_filter_option filter;
    struct p2i_columns wanted;
    struct p2i_rows rows;
    uint64_t limit, shown;
    struct p2i_buffer text[3]; /* of time and addresses */
    bool out_of_memory;        /* for one of them */
};

/* As a value of RFC 7011 section 6.1.10: seconds since 1900 and their fraction, rounded up. */
static struct p2i_view format_time(struct join *join, const struct p2i_exchange *exchange)
{
    struct p2i_buffer *room = &join->text[0];
    uint64_t seconds = exchange->time_ns / NS_PER_S;
    uint64_t fraction = ((exchange->time_ns % NS_PER_S << 32) + NS_PER_S - 1) / NS_PER_S;
    uint64_t value = exchange->exact ? (seconds + EPOCH_S) << 32 | fraction : seconds << 32;
    uint8_t bytes[sizeof value];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(value >> (56 - 8 * i));
    }
    room->size = 0;
    bool done = exchange->exact ? p2i_form_text(room, &join->form, P2I_TYPE_NANOSECONDS,
                                                p2i_view_of(bytes, sizeof bytes))
                                : p2i_form_text(room, &join->form, P2I_TYPE_SECONDS,
                                                p2i_view_of(bytes, sizeof bytes / 2));
    join->out_of_memory |= !done;
    return p2i_view_of(room->data, done ? room->size : 0);
}

static struct p2i_view format_address(struct join *join, struct p2i_buffer *room,
                                      struct p2i_view address)
{
    room->size = 0;
    bool done = address.size == 0 ||
                p2i_format_text(room, address.size == 4 ? P2I_TYPE_IPV4 : P2I_TYPE_IPV6, address);
    join->out_of_memory |= !done;
    return p2i_view_of(room->data, done ? room->size : 0);
}

/* A number as a cell; empty unless it is `known`. */
static struct p2i_view format_number(char *room, bool known, uint64_t number)
{
    int size = known ? snprintf(room, ROOM, "%" PRIu64, number) : 0;
    return p2i_view_of(room, (size_t)size);
}

static struct p2i_view format_latency(char *room, int64_t latency_ns)
{
    uint64_t us = latency_ns >= 0 ? (uint64_t)latency_ns / NS_PER_US : 0;
    int size =
        latency_ns >= 0 ? snprintf(room, ROOM, "%" PRIu64 ".%03" PRIu64, us / 1000, us % 1000) : 0;
    return p2i_view_of(room, (size_t)size);
}

static struct p2i_view view_of(const char *text)
{
    return p2i_view_of(text, strlen(text));
}

static enum p2i_result take(void *context, const struct p2i_exchange *exchange,
                            struct p2i_error *error)
{
    struct join *join = context;
    char digits[JOIN_COLUMN_COUNT][ROOM];
    if (join->limit > 0 && join->shown >= join->limit) {
        return p2i_fail(error, P2I_END, "enough");
    }
    const char *missing = exchange->lacks_request ? "request"
                          : exchange->lacks_reply ? "reply"
                                                  : "";
    const struct p2i_view cells[JOIN_COLUMN_COUNT] = {
        [JOIN_TIME] = format_time(join, exchange),
        [JOIN_KIND] = view_of(exchange->kind),
        [JOIN_CLIENT] = format_address(join, &join->text[1], exchange->client),
        [JOIN_CLIENT_PORT] = format_number(digits[JOIN_CLIENT_PORT], exchange->client_port > 0,
                                           exchange->client_port),
        [JOIN_SERVER] = format_address(join, &join->text[2], exchange->server),
        [JOIN_SERVER_PORT] = format_number(digits[JOIN_SERVER_PORT], exchange->server_port > 0,
                                           exchange->server_port),
        [JOIN_LOGIN] = exchange->login,
        [JOIN_HOST] = exchange->host,
        [JOIN_REQUEST] = exchange->request,
        [JOIN_STATUS] =
            format_number(digits[JOIN_STATUS], exchange->status >= 0, (uint64_t)exchange->status),
        [JOIN_ANSWER] = exchange->answer,
        [JOIN_LATENCY] = format_latency(digits[JOIN_LATENCY], exchange->latency_ns),
        [JOIN_BYTES] = format_number(digits[JOIN_BYTES], exchange->has_flow, exchange->bytes),
        [JOIN_PACKETS] = format_number(digits[JOIN_PACKETS], exchange->has_flow, exchange->packets),
        [JOIN_MISSING] = view_of(missing),
        [JOIN_SESSION] = format_number(digits[JOIN_SESSION], true, exchange->session),
    };
    join->shown++;
    enum p2i_result result =
        join->out_of_memory ? p2i_fail_memory(error) : p2i_rows_add(&join->rows, cells, error);
    bool lost = p2i_tool_stopped != 0 || ferror(stdout) != 0;
    return result == P2I_OK && lost ? p2i_fail(error, P2I_END, "stopped") : result;
}

static int report_early(const struct p2i_join *records)
{
    uint64_t early = p2i_join_counts(records).early;
    if (early > 0) {
        fprintf(stderr,
                "ipfixtool: join: %" PRIu64 " exchange%s printed before the other half could come: "
                "use more --memory\n",
                early, early == 1 ? " was" : "s were");
    }
    return TOOL_OK;
}

/* Reads all files; after damage in one the records before it are joined. */
static int read_files(struct join *join, struct p2i_join *records, int count, char **files)
{
    int status = TOOL_OK;
    struct p2i_error error = {0};
    enum p2i_result result = P2I_OK;
    for (int i = 0; i < count && result != P2I_END; i++) {
        result = p2i_join_add(records, files[i], &error);
        if (result != P2I_OK && result != P2I_END) {
            status = p2i_tool_worse(status, p2i_tool_fail(files[i], &error));
        }
    }
    int unmet = p2i_filter_option_report_unmet(&join->filter);
    if (result != P2I_END && unmet == TOOL_OK) {
        result = p2i_join_finish(records, &error);
    }
    struct p2i_error failed = {0};
    if (p2i_rows_end(&join->rows, &failed) != P2I_OK) {
        status = p2i_tool_worse(status, p2i_tool_fail("join", &failed));
    } else if (result != P2I_OK && result != P2I_END && result == error.code && status == TOOL_OK) {
        status = p2i_tool_fail("join", &error);
    }
    return p2i_tool_worse(status, unmet);
}

static int run(struct join *join, int count, char **files)
{
    struct p2i_error error = {0};
    struct p2i_join *records = NULL;
    p2i_tool_catch_signals();
    enum p2i_result result = p2i_rows_begin(&join->rows, &join->wanted, &error);
    if (result == P2I_USAGE) {
        return p2i_tool_usage("join: %s", error.text);
    }
    join->settings.filter = join->filter.filter;
    if (result != P2I_OK || p2i_join_new(&records, &join->settings, &error) != P2I_OK) {
        return p2i_tool_fail("join", &error);
    }
    int status = read_files(join, records, count, files);
    status = p2i_tool_worse(status, report_early(records));
    p2i_join_free(records);
    return status;
}

static int set_option(struct join *join, int option, const char *value)
{
    uint64_t width = 0;
    switch (option) {
    case TOOL_OPTION_FILTER:
        return p2i_filter_option_add(&join->filter, value);
    case TOOL_OPTION_JOIN_FIELDS:
        return p2i_columns_option(&join->wanted, "join", "fields", value);
    case TOOL_OPTION_JOIN_LIMIT:
        return p2i_tool_parse_number(value, UINT64_MAX, &join->limit) && join->limit > 0
                   ? TOOL_OK
                   : p2i_tool_usage("join: --limit needs a number of at least 1");
    case TOOL_OPTION_WIDTH:
        if (!p2i_tool_parse_number(value, SIZE_MAX, &width)) {
            return p2i_tool_usage("join: --width needs a number");
        }
        join->rows.width = (size_t)width;
        return TOOL_OK;
    case TOOL_OPTION_JOIN_MEMORY:
        return p2i_parse_size(value, &join->settings.memory_bytes) &&
                       join->settings.memory_bytes >= MEMORY_LEAST
                   ? TOOL_OK
                   : p2i_tool_usage("join: --memory: '%s' is not a size of at least 1M", value);
    default:
        return p2i_form_option(&join->form, option, value);
    }
}

static void free_join(struct join *join)
{
    p2i_filter_option_free(&join->filter);
    p2i_columns_free(&join->wanted);
    p2i_rows_free(&join->rows);
    for (size_t i = 0; i < sizeof join->text / sizeof *join->text; i++) {
        p2i_buffer_free(&join->text[i]);
    }
}

int p2i_tool_join(int argc, char **argv)
{
    struct join join = {
        .settings = {.struct_size = sizeof join.settings,
                     .memory_bytes = MEMORY_USUAL,
                     .take = take,
                     .context = &join},
        .form.verb = "join",
        .filter.verb = "join",
        .rows = {.out = stdout,
                 .form = &join.form,
                 .title = "exchanges",
                 .noun = "exchange",
                 .columns = columns,
                 .column_count = JOIN_COLUMN_COUNT,
                 .width = p2i_tool_terminal_width()},
    };
    struct p2i_tool_arguments arguments;
    int status = TOOL_OK;
    int option;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_JOIN, argc, argv);
    while (status == TOOL_OK && (option = p2i_tool_next(&arguments)) >= 0) {
        status = set_option(&join, option, arguments.scan.value);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK) {
        status = p2i_form_check(&join.form);
    }
    if (status == TOOL_OK && arguments.count == 0) {
        status = p2i_tool_usage("join: no file given");
    }
    if (status == TOOL_OK) {
        status = p2i_tool_seal(
            &(struct p2i_tool_needs){.files = arguments.files, .file_count = arguments.count});
    }
    if (status == TOOL_OK) {
        status = run(&join, arguments.count, arguments.files);
    }
    free_join(&join);
    return status;
}
