/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/convert.h"

#include <string.h>

#include "convert/each.h"
#include "convert/outputs.h"
#include "engine/engine.h"
#include "settings/time_offsets.h"

/* State of one call of p2i_convert(). */
struct run {
    const struct p2i_settings *settings;
    struct p2i_wire_form form;
    struct p2i_engine *engine;
    struct p2i_outputs outputs;
    struct p2i_statistics *statistics;
    enum p2i_result written; /* result of the outputs; the engine stops when it is not P2I_OK ... */
    struct p2i_error error;  /* ... and this says why */
    bool reported;           /* a capture is refused, damaged or cut */
};

static bool write_record(void *context, const struct p2i_record *record)
{
    struct run *run = context;
    for (size_t i = 0; i < run->outputs.count && run->written == P2I_OK; i++) {
        struct p2i_exporter *output = run->outputs.exporters[i];
        run->written = output->methods->write(output, record, &run->error);
    }
    return run->written == P2I_OK;
}

static bool report_session(void *context, const struct p2i_session_facts *session)
{
    const struct run *run = context;
    run->settings->session(run->settings->context, session);
    return true;
}

static void report(void *context, enum p2i_log_level level, const struct p2i_error *error)
{
    struct run *run = context;
    const struct p2i_settings *settings = run->settings;
    if (level != P2I_LOG_ERROR) {
        if (settings->warning != NULL) {
            settings->warning(settings->context, error);
        }
        return;
    }
    run->reported = true;
    if (settings->report != NULL) {
        settings->report(settings->context, error);
    }
}

/* True when there were captures, and none of them could be read. */
static bool is_nothing_opened(const struct p2i_capture *captures)
{
    size_t count = p2i_capture_count(captures);
    bool opened = count == 0;
    for (size_t i = 0; i < count && !opened; i++) {
        const struct p2i_capture_facts *facts = p2i_capture_facts(captures, i);
        opened = !facts->refused && !facts->skipped;
    }
    return !opened;
}

/* Completes the outputs. With --strict, or without any capture, they are not complete. */
static enum p2i_result finish_outputs(struct run *run, enum p2i_result result,
                                      struct p2i_error *error)
{
    const struct p2i_capture *captures = p2i_engine_captures(run->engine);
    bool complete = result == P2I_OK || !run->settings->strict;
    if (is_nothing_opened(captures)) {
        complete = false;
        result = P2I_INPUT;
        /* Files below directories that are no captures are no error. */
        if (!run->reported && !run->settings->each) {
            (void)p2i_fail(error, P2I_INPUT, "no capture found below the directories");
            report(run, P2I_LOG_ERROR, error);
        }
    }
    enum p2i_result finished =
        p2i_outputs_finish(&run->outputs, captures, p2i_engine_now_s(run->engine), complete, error);
    return finished != P2I_OK ? finished : result;
}

/* Reads the captures and ends their sessions. P2I_OK, also when the run was stopped; P2I_DAMAGED,
 * P2I_INPUT: of a capture; else the outputs are lost. */
static enum p2i_result read_captures(struct run *run, struct p2i_error *error)
{
    struct p2i_error ignored;
    enum p2i_result result = p2i_engine_read_opened(run->engine, error);
    enum p2i_result finished = p2i_engine_finish(run->engine, result == P2I_OK ? error : &ignored);
    if (run->written != P2I_OK) {
        *error = run->error;
        return run->written;
    }
    if (result == P2I_OK || result == P2I_END) {
        return finished;
    }
    return result;
}

static enum p2i_result run_all(struct run *run, struct p2i_error *error)
{
    const struct p2i_settings *settings = run->settings;
    struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = run,
        .record = write_record,
        .session = settings->session != NULL ? report_session : NULL,
        .log = report,
    };
    enum p2i_result result = p2i_engine_new(&run->engine, settings, &callbacks, error);
    if (result == P2I_OK) {
        result = p2i_engine_open(run->engine, settings->captures, settings->captures_found,
                                 settings->capture_count, error);
    }
    if (result == P2I_OK) {
        result = p2i_outputs_open(&run->outputs, settings, &run->form,
                                  p2i_engine_captures(run->engine), run->statistics, error);
    }
    if (result == P2I_OK && settings->opened != NULL) {
        result = settings->opened(settings->context, error);
    }
    if (result == P2I_OK) {
        result = read_captures(run, error);
        if (result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT) {
            result = finish_outputs(run, result, error);
        }
    }
    return result;
}

static enum p2i_result convert(const struct p2i_settings *settings,
                               struct p2i_statistics *statistics, struct p2i_error *error)
{
    struct run run = {
        .settings = settings,
        .form = {.domains = settings->domains,
                 .ipv6_distinct = settings->ipv6_distinct,
                 .extended = settings->extended},
        .statistics = statistics,
    };
    enum p2i_result result = run_all(&run, error);
    if (run.engine != NULL && !p2i_engine_fill_statistics(run.engine, statistics) &&
        result == P2I_OK) {
        result = p2i_fail_memory(error);
    }
    for (size_t i = 0; i < run.outputs.count; i++) {
        statistics->written_bytes += run.outputs.exporters[i]->bytes_written;
    }
    p2i_outputs_free(&run.outputs);
    p2i_engine_free(run.engine);
    return result;
}

void p2i_convert_output_mode(const struct p2i_settings *settings, struct p2i_output_mode *mode)
{
    *mode = (struct p2i_output_mode){.exact = settings->output_mode};
    for (size_t i = 0; i < settings->capture_count; i++) {
        p2i_output_mode_limit(mode, settings->captures[i]);
    }
}

enum p2i_result p2i_convert(const struct p2i_settings *settings, struct p2i_statistics *statistics,
                            struct p2i_error *error)
{
    enum p2i_result result = p2i_time_offsets_check(
        settings, (const char *const *)settings->captures, settings->capture_count, error);
    if (result != P2I_OK) {
        return result;
    }
    return settings->each ? p2i_convert_each(settings, convert, statistics, error)
                          : convert(settings, statistics, error);
}
