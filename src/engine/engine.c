/* SPDX-License-Identifier: MIT */
#include "engine/engine.h"

#include <stdlib.h>

#include "capture/block.h"
#include "capture/filter.h"
#include "engine/budget.h"
#include "engine/pipeline.h"
#include "engine/statistics.h"
#include "settings/settings.h"

enum { CAPTURES_MAX = 1 << 16 }; /* numbers of captures of fed frames */

struct p2i_engine {
    struct p2i_settings settings; /* a copy, whose texts and arrays are borrowed */
    struct p2i_engine_callbacks callbacks;
    struct p2i_lookups lookups;
    struct p2i_pipeline *pipeline;
    struct p2i_capture_settings capture_settings;
    struct p2i_capture *capture; /* that was read last; NULL: none */
    struct p2i_filter *filter;   /* of fed frames; NULL: none yet */
    struct p2i_block *block;     /* that is being fed; NULL: none */
    uint64_t *fed;               /* by capture: frames fed so far */
    size_t fed_count;
    uint64_t frame_count;          /* frames taken so far */
    uint32_t first_capture;        /* number of the first capture of `capture` */
    uint32_t capture_count;        /* numbers in use */
    char **names;                  /* for extended records: of captures below name_count ... */
    size_t name_count;             /* ... NULL: of fed frames */
    enum p2i_result worst;         /* worst result of a capture of the current reading ... */
    struct p2i_error first;        /* ... and the first error of one */
    struct p2i_error unread_error; /* see begin_call() */
    struct p2i_progress progress;  /* of reading the captures */
    uint64_t blocks_read;
    bool finished;
    bool stopped; /* a callback said stop */
    struct p2i_statistics *statistics;
};

/* ---- callbacks ---- */

static enum p2i_result deliver(void *context, const struct p2i_record *record,
                               struct p2i_error *error)
{
    const struct p2i_engine *engine = context;
    (void)error;
    if (engine->callbacks.record == NULL) {
        return P2I_OK;
    }
    struct p2i_record named;
    if (record->capture < engine->name_count) {
        named = *record;
        named.capture_name = engine->names[record->capture];
        record = &named;
    }
    return engine->callbacks.record(engine->callbacks.context, record) ? P2I_OK : P2I_END;
}

static enum p2i_result deliver_session(void *context, const struct p2i_session_facts *facts)
{
    const struct p2i_engine *engine = context;
    return engine->callbacks.session(engine->callbacks.context, facts) ? P2I_OK : P2I_END;
}

static enum p2i_result deliver_packet(void *context, const struct p2i_packet_facts *facts)
{
    const struct p2i_engine *engine = context;
    return engine->callbacks.packet(engine->callbacks.context, facts) ? P2I_OK : P2I_END;
}

static enum p2i_result deliver_control(void *context, const struct p2i_control_facts *facts)
{
    const struct p2i_engine *engine = context;
    return engine->callbacks.control(engine->callbacks.context, facts) ? P2I_OK : P2I_END;
}

static void take_report(void *context, const struct p2i_error *error)
{
    struct p2i_engine *engine = context;
    if (engine->worst == P2I_OK) {
        engine->first = *error;
    }
    if (engine->worst != P2I_INPUT) {
        engine->worst = error->code == P2I_INPUT ? P2I_INPUT : P2I_DAMAGED;
    }
    if (engine->callbacks.log != NULL) {
        engine->callbacks.log(engine->callbacks.context, P2I_LOG_ERROR, error);
    }
}

static bool is_stopped(const struct p2i_engine *engine)
{
    const struct p2i_settings *settings = &engine->settings;
    return settings->is_stopped != NULL && settings->is_stopped(settings->context);
}

/* ---- new ---- */

/* Copies the members that both sides know. */
static bool copy_callbacks(struct p2i_engine_callbacks *to, const struct p2i_engine_callbacks *from)
{
    *to = (struct p2i_engine_callbacks){0};
    if (from == NULL) {
        return true;
    }
    if (from->struct_size < offsetof(struct p2i_engine_callbacks, session)) {
        return false;
    }
    memcpy(to, from, from->struct_size < sizeof *to ? from->struct_size : sizeof *to);
    return true;
}

static enum p2i_result set_up(struct p2i_engine *engine, struct p2i_error *error)
{
    struct p2i_settings *settings = &engine->settings;
    if (settings->to_ns > 0 && settings->from_ns >= settings->to_ns) {
        return p2i_fail(error, P2I_USAGE,
                        "no packet can be chosen: the time 'to' is not behind 'from'");
    }
    settings->threads = p2i_settings_threads(settings);
    engine->capture_settings = (struct p2i_capture_settings){
        .order = settings->order,
        .filter = settings->filter,
        .compiled = settings->compiled_filter,
        .window_bytes = p2i_budget_split(settings->memory_bytes).windows,
        .ahead_bytes = settings->threads > 1 ? p2i_budget_split(settings->memory_bytes).ahead : 0,
        .strict = settings->strict,
        .hash = settings->hash_captures || settings->extended,
        .from_ns = settings->from_ns,
        .to_ns = settings->to_ns,
        .time_offsets = settings->time_offsets,
        .time_offset_count = settings->time_offset_count,
        .is_stopped = settings->is_stopped,
        .stop_context = settings->context,
    };
    struct p2i_privacy_rules rules;
    enum p2i_result result = p2i_lookups_open(&engine->lookups, settings, error);
    if (result == P2I_OK) {
        result = p2i_privacy_read(&rules, settings, error);
    }
    if (result == P2I_OK) {
        struct p2i_record_sink sink = {
            .write = deliver,
            .session = engine->callbacks.session != NULL ? deliver_session : NULL,
            .packet = engine->callbacks.packet != NULL ? deliver_packet : NULL,
            .control = engine->callbacks.control != NULL ? deliver_control : NULL,
            .context = engine,
        };
        result =
            p2i_pipeline_new(&engine->pipeline, settings, &engine->lookups, &rules, &sink, error);
        p2i_privacy_forget(&rules);
    }
    return result;
}

enum p2i_result p2i_engine_new(struct p2i_engine **engine, const struct p2i_settings *settings,
                               const struct p2i_engine_callbacks *callbacks,
                               struct p2i_error *error)
{
    struct p2i_error unread_error = {0};
    error = error != NULL ? error : &unread_error;
    *engine = NULL;
    struct p2i_engine *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return p2i_fail_memory(error);
    }
    if (!copy_callbacks(&made->callbacks, callbacks)) {
        free(made);
        return p2i_fail(error, P2I_USAGE, "the callbacks do not say their size");
    }
    if (settings != NULL) {
        made->settings = *settings;
    } else {
        p2i_settings_default(&made->settings);
    }
    made->statistics = p2i_statistics_new();
    enum p2i_result result =
        made->statistics != NULL ? set_up(made, error) : p2i_fail_memory(error);
    if (result != P2I_OK) {
        p2i_engine_free(made);
        return result;
    }
    *engine = made;
    return P2I_OK;
}

void p2i_engine_free(struct p2i_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    p2i_pipeline_free(engine->pipeline);
    p2i_capture_close(engine->capture);
    p2i_filter_free(engine->filter);
    p2i_lookups_close(&engine->lookups);
    p2i_statistics_free(engine->statistics);
    for (size_t i = 0; i < engine->name_count; i++) {
        free(engine->names[i]);
    }
    free(engine->names);
    free(engine->fed);
    free(engine);
}

/* ---- frames ---- */

/* Begins a call: the engine must be there, and not be finished or stopped. Where the caller gives
 * no place for an error, *error becomes one that nobody reads. */
static enum p2i_result begin_call(struct p2i_engine *engine, struct p2i_error **error)
{
    if (engine == NULL) {
        return *error != NULL ? p2i_fail(*error, P2I_USAGE, "no engine") : P2I_USAGE;
    }
    *error = *error != NULL ? *error : &engine->unread_error;
    if (engine->stopped) {
        return P2I_END;
    }
    return engine->finished ? p2i_fail(*error, P2I_USAGE, "the engine is finished") : P2I_OK;
}

/* Notes that a callback said stop. */
static enum p2i_result note_stop(struct p2i_engine *engine, enum p2i_result result)
{
    engine->stopped |= result == P2I_END;
    return result;
}

static enum p2i_result check_frame(const struct p2i_engine_frame *frame, struct p2i_error *error)
{
    enum { FIRST_SIZE = offsetof(struct p2i_engine_frame, capture) + sizeof frame->capture };
    if (frame == NULL || frame->struct_size < FIRST_SIZE) {
        return p2i_fail(error, P2I_USAGE, "no frame, or a frame that does not say its size");
    }
    if (frame->data == NULL && frame->size > 0) {
        return p2i_fail(error, P2I_USAGE, "a frame of %u bytes without bytes", frame->size);
    }
    if (frame->size > P2I_FRAME_MAX) {
        return p2i_fail(error, P2I_USAGE, "a frame of at most %d bytes, not %u", P2I_FRAME_MAX,
                        frame->size);
    }
    if (frame->capture >= CAPTURES_MAX) {
        return p2i_fail(error, P2I_USAGE, "a capture number below %d, not %u", CAPTURES_MAX,
                        frame->capture);
    }
    return P2I_OK;
}

/* The number of the next frame of a capture; 0: out of memory. */
static uint64_t count_frame(struct p2i_engine *engine, uint32_t capture)
{
    if (capture >= engine->fed_count) {
        size_t count = (size_t)capture + 1;
        uint64_t *fed = realloc(engine->fed, count * sizeof *fed);
        if (fed == NULL) {
            return 0;
        }
        memset(fed + engine->fed_count, 0, (count - engine->fed_count) * sizeof *fed);
        engine->fed = fed;
        engine->fed_count = count;
        engine->capture_count =
            count > engine->capture_count ? (uint32_t)count : engine->capture_count;
    }
    return ++engine->fed[capture];
}

static size_t fed_bytes(const struct p2i_block *block)
{
    if (block->frame_count == 0) {
        return 0;
    }
    const struct p2i_frame *last = &block->frames[block->frame_count - 1];
    return (size_t)(last->data - block->buffer) + last->size;
}

static enum p2i_result open_filter(struct p2i_engine *engine, struct p2i_error *error)
{
    if (engine->settings.filter == NULL || engine->filter != NULL) {
        return P2I_OK;
    }
    return p2i_filter_new(&engine->filter, engine->settings.filter, &engine->capture_settings,
                          error);
}

/* Hands the fed frames over. Frames that could not be filtered are lost. */
static enum p2i_result put_block(struct p2i_engine *engine, struct p2i_error *error)
{
    struct p2i_block *block = engine->block;
    if (block == NULL) {
        return P2I_OK;
    }
    enum p2i_result result = P2I_OK;
    p2i_block_choose_time(block, engine->settings.from_ns, engine->settings.to_ns);
    if (engine->filter != NULL) {
        result = p2i_filter_apply(engine->filter, block, error);
    }
    if (result != P2I_OK) {
        block->frame_count = 0;
    }
    block->first_number = engine->frame_count + 1;
    engine->frame_count += block->frame_count;
    engine->block = NULL;
    return result == P2I_OK ? note_stop(engine, p2i_pipeline_put(engine->pipeline, error)) : result;
}

/* Makes room for a frame of `size` bytes in engine->block. */
static enum p2i_result make_room(struct p2i_engine *engine, size_t size, struct p2i_error *error)
{
    struct p2i_block *block = engine->block;
    enum p2i_result result = P2I_OK;
    if (block != NULL && (block->frame_count == block->frame_capacity ||
                          (block->frame_count > 0 && fed_bytes(block) + size > P2I_BLOCK_BYTES))) {
        result = is_stopped(engine) ? P2I_END : put_block(engine, error);
    }
    if (result == P2I_OK && engine->block == NULL) {
        result = note_stop(engine, p2i_pipeline_take(engine->pipeline, &block, error));
        if (result == P2I_OK) {
            block->frame_count = 0;
            engine->block = block;
        }
    }
    if (result == P2I_OK && engine->block->frame_count == 0 &&
        !p2i_block_reserve(engine->block, size)) {
        result = p2i_fail_memory(error);
    }
    return result;
}

enum p2i_result p2i_engine_feed(struct p2i_engine *engine, const struct p2i_engine_frame *frame,
                                struct p2i_error *error)
{
    enum p2i_result result = begin_call(engine, &error);
    if (result == P2I_OK) {
        result = check_frame(frame, error);
    }
    if (result == P2I_OK) {
        result = open_filter(engine, error);
    }
    if (result == P2I_OK) {
        result = make_room(engine, frame->size, error);
    }
    uint64_t number = result == P2I_OK ? count_frame(engine, frame->capture) : 0;
    if (result == P2I_OK && number == 0) {
        result = p2i_fail_memory(error);
    }
    if (result != P2I_OK) {
        return result;
    }
    struct p2i_block *block = engine->block;
    uint8_t *data = block->buffer + fed_bytes(block);
    if (frame->size > 0) {
        memcpy(data, frame->data, frame->size);
    }
    block->frames[block->frame_count++] = (struct p2i_frame){
        .data = data,
        .time_ns = frame->time_ns,
        .number = number & P2I_FRAME_NUMBER_MAX,
        .link_type = frame->link_type,
        .size = frame->size,
        .original_size = frame->original_size > frame->size ? frame->original_size : frame->size,
        .interface_id = frame->interface_id,
        .capture = frame->capture,
    };
    return P2I_OK;
}

/* ---- captures ---- */

/* Keeps the names of captures whose numbers begin with `first`, for extended records. False: out of
 * memory. */
static bool keep_names(struct p2i_engine *engine, uint32_t first, const char *const *paths,
                       size_t path_count)
{
    size_t count = (size_t)first + path_count;
    if (!engine->settings.extended || paths == NULL) {
        return true;
    }
    char **names = realloc(engine->names, count * sizeof *names);
    if (names == NULL) {
        return false;
    }
    engine->names = names;
    for (; engine->name_count < count; engine->name_count++) {
        char **name = &names[engine->name_count];
        *name = engine->name_count < first ? NULL : strdup(paths[engine->name_count - first]);
        if (engine->name_count >= first && *name == NULL) {
            return false;
        }
    }
    return true;
}

enum p2i_result p2i_engine_open(struct p2i_engine *engine, const char *const *paths,
                                const bool *found, size_t path_count, struct p2i_error *error)
{
    enum p2i_result result = p2i_engine_flush(engine, error);
    if (result != P2I_OK) {
        return result;
    }
    p2i_capture_close(engine->capture);
    engine->capture = NULL;
    engine->worst = P2I_OK;
    engine->first_capture = engine->capture_count;
    engine->capture_count += (uint32_t)path_count;
    engine->capture_settings.found = found;
    if (!keep_names(engine, engine->first_capture, paths, path_count) ||
        !p2i_lookups_name_captures(&engine->lookups, &engine->settings, engine->first_capture,
                                   paths, path_count)) {
        return p2i_fail_memory(error);
    }
    return p2i_capture_open(&engine->capture, &engine->capture_settings, paths, path_count,
                            take_report, engine, error);
}

/* Only from time to time, since there may be thousands of captures. */
static void note_progress(struct p2i_engine *engine)
{
    enum { EACH = 64 }; /* blocks */
    struct p2i_progress *progress = &engine->progress;
    if (engine->settings.progress == NULL || engine->blocks_read++ % EACH != 0) {
        return;
    }
    *progress = (struct p2i_progress){.struct_size = sizeof *progress};
    for (size_t i = 0; i < p2i_capture_count(engine->capture); i++) {
        const struct p2i_capture_facts *facts = p2i_capture_facts(engine->capture, i);
        progress->read_bytes += facts->read_bytes;
        progress->total_bytes += facts->size_bytes;
        progress->frames += facts->frame_count;
    }
}

static enum p2i_result read_block(void *context, struct p2i_block *block,
                                  struct p2i_progress *progress, struct p2i_error *error)
{
    struct p2i_engine *engine = context;
    if (is_stopped(engine)) {
        return P2I_END;
    }
    enum p2i_result result = p2i_capture_read(engine->capture, block, error);
    if (result != P2I_OK) {
        return result;
    }
    block->first_number = engine->frame_count + 1;
    engine->frame_count += block->frame_count;
    for (size_t i = 0; engine->first_capture > 0 && i < block->frame_count; i++) {
        block->frames[i].capture += engine->first_capture;
    }
    note_progress(engine);
    *progress = engine->progress;
    return P2I_OK;
}

static bool is_ready(void *context)
{
    const struct p2i_engine *engine = context;
    return p2i_capture_is_ready(engine->capture);
}

static bool work_ahead(void *context, bool may_wait)
{
    const struct p2i_engine *engine = context;
    return p2i_capture_work_ahead(engine->capture, may_wait);
}

static void report_copy(void *context, const struct p2i_capture_facts *copy,
                        const struct p2i_capture_facts *first)
{
    const struct p2i_engine *engine = context;
    struct p2i_error warning;
    (void)p2i_fail(&warning, P2I_OK, "has the same bytes as '%.150s': its packets count twice",
                   first->path);
    warning.file = copy->path;
    if (engine->callbacks.log != NULL) {
        engine->callbacks.log(engine->callbacks.context, P2I_LOG_WARNING, &warning);
    }
}

enum p2i_result p2i_engine_read_opened(struct p2i_engine *engine, struct p2i_error *error)
{
    struct p2i_block_source source = {read_block, is_ready, work_ahead, engine};
    enum p2i_result result = note_stop(engine, p2i_pipeline_read(engine->pipeline, &source, error));
    bool listed = p2i_statistics_list(engine->statistics, engine->capture);
    p2i_capture_find_copies(engine->capture, report_copy, engine);
    if (result != P2I_OK) {
        return result;
    }
    if (!listed) {
        return p2i_fail_memory(error);
    }
    if (engine->worst != P2I_OK) {
        *error = engine->first;
        return engine->worst;
    }
    return is_stopped(engine) ? P2I_END : P2I_OK;
}

enum p2i_result p2i_engine_read(struct p2i_engine *engine, const char *const *paths,
                                size_t path_count, struct p2i_error *error)
{
    enum p2i_result result = begin_call(engine, &error);
    if (result == P2I_OK && paths == NULL && path_count > 0) {
        result = p2i_fail(error, P2I_USAGE, "%zu captures without paths", path_count);
    }
    if (result == P2I_OK) {
        result = p2i_engine_open(engine, paths, NULL, path_count, error);
    }
    return result == P2I_OK ? p2i_engine_read_opened(engine, error) : result;
}

/* ---- the end ---- */

/* Nothing is in flight afterwards, also when a callback said stop. */
enum p2i_result p2i_engine_flush(struct p2i_engine *engine, struct p2i_error *error)
{
    enum p2i_result result = begin_call(engine, &error);
    if (result == P2I_OK) {
        result = put_block(engine, error);
    }
    if (result != P2I_OK && result != P2I_END) {
        return result;
    }
    enum p2i_result drained = note_stop(engine, p2i_pipeline_drain(engine->pipeline, error));
    return result == P2I_OK ? drained : result;
}

enum p2i_result p2i_engine_finish(struct p2i_engine *engine, struct p2i_error *error)
{
    enum p2i_result result = p2i_engine_flush(engine, error);
    if (result == P2I_OK || (result == P2I_END && !engine->stopped)) {
        result = note_stop(engine, p2i_pipeline_finish(engine->pipeline, error));
    }
    if (engine != NULL) {
        engine->finished = true;
    }
    return result;
}

const struct p2i_statistics *p2i_engine_statistics(struct p2i_engine *engine)
{
    p2i_statistics_count(engine->statistics, engine->pipeline, engine->settings.threads);
    return engine->statistics;
}

bool p2i_engine_fill_statistics(const struct p2i_engine *engine, struct p2i_statistics *statistics)
{
    p2i_statistics_count(statistics, engine->pipeline, engine->settings.threads);
    return engine->capture == NULL || p2i_statistics_list(statistics, engine->capture);
}

const struct p2i_capture *p2i_engine_captures(const struct p2i_engine *engine)
{
    return engine->capture;
}

uint32_t p2i_engine_now_s(const struct p2i_engine *engine)
{
    return p2i_pipeline_decoder(engine->pipeline)->dispatch.clock.now_s;
}
