/* SPDX-License-Identifier: MIT */
/* ipfixtool listen: a collector for tests and small sites. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/ipfixtool/arguments.h"
#include "cli/ipfixtool/ipfixtool.h"
#include "cli/ipfixtool/listen_output.h"
#include "cli/ipfixtool/names.h"
#include "cli/ipfixtool/seal.h"
#include "cli/ipfixtool/stop.h"
#include "pcap2ipfix/receiver.h"

enum { IDLE_MOST_S = 1000000 };

struct listener {
    struct p2i_receiver_settings settings;
    bool quiet, verbose, once, json, no_sync;
    const char *output_path;
    struct p2i_output_mode mode; /* exact, or none */
    uint64_t count;              /* ends after so many records; 0: never */
    uint64_t idle_s;             /* ends after so long a silence; 0: never */
    struct p2i_receiver *receiver;
    struct p2i_listen_output output;
    struct p2i_reader_losses losses; /* of closed sources */
    bool over;
    int status;
};

/* Reports breaches of the protocol at once, if wanted. */
static void report(void *context, const struct p2i_receiver_source *source,
                   enum p2i_receiver_event event, const char *text)
{
    struct listener *listener = context;
    if (event == P2I_RECEIVER_DAMAGED) {
        listener->status = p2i_tool_worse(listener->status, TOOL_DAMAGED);
    }
    bool usual = event != P2I_RECEIVER_DEFECT || listener->verbose;
    if (event == P2I_RECEIVER_DAMAGED || (!listener->quiet && usual)) {
        fprintf(stderr, "ipfixtool: %s port %s: %s\n", source->host, source->port, text);
    }
}

static enum p2i_result take_record(void *context, struct p2i_receiver_source *source,
                                   const struct p2i_read_record *record, struct p2i_error *error)
{
    struct listener *listener = context;
    return p2i_listen_output_put(&listener->output, source, record, error);
}

/* Keeps the losses of a source. */
static void closed(void *context, struct p2i_receiver_source *source, enum p2i_result why)
{
    struct listener *listener = context;
    struct p2i_reader_losses losses = p2i_reader_losses(source->reader);
    listener->losses.sets += losses.sets;
    listener->losses.lists += losses.lists;
    listener->losses.missing_records += losses.missing_records;
    listener->over = listener->over || (listener->once && why != P2I_OK);
    p2i_listen_output_close(source);
}

static bool is_over(void *context)
{
    const struct listener *listener = context;
    return listener->over || (listener->count > 0 && listener->output.records >= listener->count);
}

static int fail(const struct listener *listener, const struct p2i_error *error)
{
    const char *path = listener->output.path;
    return p2i_tool_fail(strcmp(path, "-") == 0 ? "standard output" : path, error);
}

/* Receives until it is over. JSON is flushed before every wait. */
static void receive(struct listener *listener)
{
    int timeout_ms = listener->idle_s > 0 ? (int)(listener->idle_s * 1000) : -1;
    while (!is_over(listener) && !p2i_tool_stopped) {
        struct p2i_error error = {0};
        enum p2i_result result = p2i_receiver_wait(listener->receiver, 0, &error);
        if (result == P2I_END) {
            p2i_listen_output_rest(&listener->output);
            result = p2i_receiver_wait(listener->receiver, timeout_ms, &error);
        }
        if (result == P2I_END) {
            return;
        }
        if (result != P2I_OK) {
            listener->status = p2i_tool_worse(listener->status, fail(listener, &error));
            return;
        }
    }
}

static int run(struct listener *listener)
{
    struct p2i_error error = {0};
    const char *url = listener->settings.url;
    enum p2i_result result = p2i_receiver_listen(listener->receiver, &error);
    if (result != P2I_OK) {
        int status = p2i_tool_fail(url, &error);
        return status == TOOL_USAGE || status == TOOL_INTERNAL ? status : TOOL_INPUT;
    }
    p2i_tool_catch_signals();
    result = p2i_listen_output_open(&listener->output, listener->output_path, listener->json,
                                    !listener->no_sync, listener->mode.exact, &error);
    if (result != P2I_OK) {
        return fail(listener, &error);
    }
    int sealed =
        p2i_tool_seal(&(struct p2i_tool_needs){.output = listener->output_path, .receives = true});
    if (sealed != TOOL_OK) {
        return sealed;
    }
    if (!listener->quiet) {
        fprintf(stderr, "ipfixtool: listening on %s\n", url);
    }
    receive(listener);
    if (listener->status != TOOL_OUTPUT) { /* records so far are kept */
        result = p2i_listen_output_finish(&listener->output, (uint32_t)time(NULL), &error);
        listener->status = result == P2I_OK
                               ? listener->status
                               : p2i_tool_worse(listener->status, fail(listener, &error));
    }
    if (!listener->quiet) {
        fprintf(stderr, "ipfixtool: %" PRIu64 " record%s received\n", listener->output.records,
                listener->output.records == 1 ? "" : "s");
    }
    p2i_receiver_free(listener->receiver); /* counts the losses */
    listener->receiver = NULL;
    return p2i_tool_worse(listener->status, p2i_tool_losses(NULL, &listener->losses));
}

static int set_option(struct listener *listener, int option, const char *argument)
{
    switch (option) {
    case TOOL_OPTION_LISTEN_WRITE:
    case TOOL_OPTION_LISTEN_JSON:
        if (listener->output_path != NULL) {
            return p2i_tool_usage("listen: -w and -j exclude each other");
        }
        listener->output_path = argument;
        listener->json = option == TOOL_OPTION_LISTEN_JSON;
        return TOOL_OK;
    case TOOL_OPTION_LISTEN_COUNT:
        return p2i_tool_parse_number(argument, UINT64_MAX, &listener->count)
                   ? TOOL_OK
                   : p2i_tool_usage("listen: --count needs a number");
    case TOOL_OPTION_LISTEN_IDLE:
        return p2i_tool_parse_number(argument, IDLE_MOST_S, &listener->idle_s)
                   ? TOOL_OK
                   : p2i_tool_usage("listen: --idle needs a number of seconds");
    case TOOL_OPTION_LISTEN_ONCE:
        listener->once = true;
        return TOOL_OK;
    case TOOL_OPTION_QUIET:
        listener->quiet = true;
        return TOOL_OK;
    case TOOL_OPTION_LISTEN_VERBOSE:
        listener->verbose = true;
        return TOOL_OK;
    case TOOL_OPTION_OUTPUT_MODE:
        return p2i_tool_set_mode("listen", argument, &listener->mode);
    case TOOL_OPTION_NO_SYNC:
        listener->no_sync = true;
        return TOOL_OK;
    case TOOL_OPTION_LISTEN_CERT:
        listener->settings.cert = argument;
        return TOOL_OK;
    case TOOL_OPTION_LISTEN_KEY:
        listener->settings.key = argument;
        return TOOL_OK;
    default: /* TOOL_OPTION_LISTEN_CA */
        listener->settings.ca = argument;
        return TOOL_OK;
    }
}

static int complete(struct listener *listener)
{
    struct p2i_error error;
    const char *url = listener->settings.url;
    bool tls = strncmp(url, "tls:", 4) == 0;
    if (p2i_receiver_new(&listener->receiver, &listener->settings, &error) != P2I_OK) {
        return p2i_tool_refuse("listen", &error);
    }
    if (tls && listener->settings.cert == NULL && strstr(url, "cert=") == NULL) {
        return p2i_tool_usage("listen: TLS needs a certificate: --cert FILE");
    }
    if (strncmp(url, "udp:", 4) == 0 && listener->once) {
        return p2i_tool_usage("listen: UDP has no connections: --count or --idle, not --once");
    }
    return listener->output_path != NULL
               ? TOOL_OK
               : p2i_tool_usage("listen: no output given: -w FILE or -j FILE");
}

static int read_arguments(struct listener *listener, int argc, char **argv)
{
    struct p2i_tool_arguments arguments;
    int status = TOOL_OK;
    int option;
    p2i_tool_arguments_begin(&arguments, TOOL_VERB_LISTEN, argc, argv);
    while (status == TOOL_OK && (option = p2i_tool_next(&arguments)) >= 0) {
        status = set_option(listener, option, arguments.scan.value);
    }
    status = p2i_tool_worse(status, arguments.status);
    if (status == TOOL_OK && arguments.count != 1) {
        status = p2i_tool_usage("listen: one URL is needed: tcp://HOST:PORT, udp:// or tls://");
    }
    listener->settings.url = arguments.files[0];
    return status == TOOL_OK ? complete(listener) : status;
}

int p2i_tool_listen(int argc, char **argv)
{
    struct listener listener = {.settings = {.struct_size = sizeof listener.settings,
                                             .context = &listener,
                                             .record = take_record,
                                             .report = report,
                                             .closed = closed,
                                             .is_stopped = is_over}};
    int status = read_arguments(&listener, argc, argv);
    if (status == TOOL_OK) {
        status = run(&listener);
    }
    p2i_receiver_free(listener.receiver);
    p2i_listen_output_free(&listener.output);
    return status;
}
