/* SPDX-License-Identifier: MIT */
/* Up to three ways through the captures. The first finds the sessions of records and packets, and
 * ends where all are found; the second lists their frames and the control packets, and is repeated
 * where these lead to frames that it has passed; the third copies. */
#include "pcap2ipfix/extract.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "extract/check.h"
#include "extract/extract_plain.h"
#include "extract/manifest.h"
#include "extract/origin.h"
#include "extract/outputs.h"
#include "extract/record_files.h"
#include "pcap2ipfix/record_filter.h"
#include "settings/settings.h"
#include "settings/time_offsets.h"

struct extraction {
    struct p2i_extract_settings settings;
    bool plain;                /* no manifest, and no comments of ours */
    struct p2i_buffer *memory; /* not NULL: for the one capture */
    const bool *found;         /* by capture, as of the settings; NULL: all were named */
    struct p2i_settings run;   /* of the engines; its texts are borrowed */
    struct p2i_selection selection;
    enum p2i_result read;                 /* how the last reading has ended; P2I_END: none so far */
    bool found_all;                       /* the first way is done before the end of the captures */
    struct p2i_output_mode mode;          /* of the files that are written */
    struct p2i_extracted_file *files;     /* by capture */
    struct p2i_capture_summary *captures; /* likewise; NULL: not read to their end so far */
    struct p2i_error *problems;
    size_t problem_count;
    uint64_t *missing; /* places of packets that were asked for, in order */
    size_t missing_count;
    struct p2i_extract_counts counts;
};

/* ---- settings ---- */

/* Settings of the engines: sessions of all transports, whose ids are the same in each of them. */
static void set_run(struct extraction *extraction)
{
    struct p2i_settings *run = &extraction->run;
    if (extraction->settings.settings != NULL) {
        *run = *extraction->settings.settings;
    } else {
        p2i_settings_default(run);
    }
    run->records = (UINT32_C(1) << P2I_RECORD_KINDS) - 1;
    run->strict = false;
    run->hash_captures = false;
    run->anonymise_key = NULL;
    run->keep_passwords = true;
    run->shard = run->shard_count = 0;
    run->report = NULL;
    run->warning = NULL;
    run->session = NULL;
    run->progress = NULL;
    run->is_stopped = extraction->settings.is_stopped;
    run->context = extraction->settings.context;
}

static void set_mode(struct extraction *extraction)
{
    const struct p2i_extract_settings *settings = &extraction->settings;
    extraction->mode.exact = extraction->run.output_mode;
    for (size_t i = 0; i < settings->path_count; i++) {
        p2i_output_mode_limit(&extraction->mode, settings->paths[i]);
    }
    for (size_t i = 0; i < settings->record_file_count; i++) {
        p2i_output_mode_limit(&extraction->mode, settings->record_files[i]);
    }
}

/* True when the sessions are those of the records of the captures that match the filter. */
static bool is_by_filter(const struct extraction *extraction)
{
    return extraction->settings.filter != NULL && extraction->settings.record_file_count == 0;
}

/* ---- what is asked for ---- */

static enum p2i_result want_records(struct extraction *extraction, struct p2i_error *error)
{
    const struct p2i_extract_settings *settings = &extraction->settings;
    struct p2i_origins origins = {.paths = settings->paths, .path_count = settings->path_count};
    enum p2i_result result = P2I_OK;
    if (p2i_sha256_is_built_in()) {
        origins.hashes = calloc(settings->path_count, sizeof *origins.hashes);
        if (origins.hashes == NULL) {
            return p2i_fail_memory(error);
        }
    }
    for (size_t i = 0; i < settings->record_file_count && result == P2I_OK; i++) {
        result = p2i_want_records(&extraction->selection, &origins, settings->record_files[i],
                                  settings->filter, error);
    }
    free(origins.hashes);
    return result;
}

static enum p2i_result want_all(struct extraction *extraction, struct p2i_error *error)
{
    const struct p2i_extract_settings *settings = &extraction->settings;
    for (size_t i = 0; i < settings->session_count; i++) {
        p2i_selection_want(&extraction->selection, settings->sessions[i], false);
    }
    for (size_t i = 0; i < settings->packet_count; i++) {
        const struct p2i_extract_packet *packet = &settings->packets[i];
        p2i_selection_ask(&extraction->selection, p2i_frame_place(packet->capture, packet->packet),
                          false);
    }
    enum p2i_result result =
        settings->record_file_count > 0 ? want_records(extraction, error) : P2I_OK;
    return extraction->selection.out_of_memory ? p2i_fail_memory(error) : result;
}

/* ---- the first way: sessions ---- */

static bool find_record(void *context, const struct p2i_record *record)
{
    struct extraction *extraction = context;
    bool matches;
    if (p2i_record_filter_match(extraction->settings.filter, record, &matches) != P2I_OK) {
        extraction->selection.out_of_memory = true;
    } else if (matches) {
        p2i_selection_want(&extraction->selection, p2i_record_session(record), false);
    }
    return !extraction->selection.out_of_memory;
}

static bool note_session(void *context, const struct p2i_session_facts *facts)
{
    struct extraction *extraction = context;
    p2i_selection_note(&extraction->selection, facts);
    return !extraction->selection.out_of_memory;
}

/* Without a filter the rest of the captures finds no more. */
static bool find_packet(void *context, const struct p2i_packet_facts *packet)
{
    struct extraction *extraction = context;
    bool all = p2i_selection_find(&extraction->selection, packet);
    extraction->found_all = all && !is_by_filter(extraction);
    return !extraction->found_all && !extraction->selection.out_of_memory;
}

static void note_problem(void *context, enum p2i_log_level level, const struct p2i_error *error)
{
    struct extraction *extraction = context;
    size_t count = extraction->problem_count;
    struct p2i_error *problems = realloc(extraction->problems, (count + 1) * sizeof *problems);
    if (problems != NULL) {
        problems[count] = *error;
        extraction->problems = problems;
        extraction->problem_count++;
    } else {
        extraction->selection.out_of_memory = true;
    }
    if (extraction->settings.log != NULL) {
        extraction->settings.log(extraction->settings.context, level, error);
    }
}

/* Notes how a reading of all captures has ended. False: an earlier one has ended otherwise, so that
 * they have not read the same packets. */
static bool is_as_before(struct extraction *extraction, enum p2i_result read)
{
    bool same = extraction->read == P2I_END || extraction->read == read;
    extraction->read = read;
    return same;
}

/* Reads all captures. What is wrong with one of them is no error. */
static enum p2i_result read_captures(struct extraction *extraction, struct p2i_engine **engine,
                                     const struct p2i_engine_callbacks *callbacks,
                                     struct p2i_error *error)
{
    enum p2i_result result = p2i_engine_new(engine, &extraction->run, callbacks, error);
    if (result != P2I_OK) {
        return result;
    }
    result = p2i_engine_open(*engine, extraction->settings.paths, extraction->found,
                             extraction->settings.path_count, error);
    if (result == P2I_OK) {
        result = p2i_engine_read_opened(*engine, error);
    }
    if (result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT) {
        result = is_as_before(extraction, result)
                     ? p2i_engine_finish(*engine, error)
                     : p2i_fail(error, P2I_INPUT, "a capture could not be read each time");
    }
    result = result == P2I_END && extraction->found_all ? P2I_OK : result;
    return extraction->selection.out_of_memory ? p2i_fail_memory(error) : result;
}

static enum p2i_result find_sessions(struct extraction *extraction, struct p2i_error *error)
{
    bool by_filter = is_by_filter(extraction);
    bool by_packet = extraction->selection.asked.count > 0;
    const struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = extraction,
        .record = by_filter ? find_record : NULL,
        .session = by_filter ? note_session : NULL,
        .packet = by_packet ? find_packet : NULL,
    };
    struct p2i_engine *engine = NULL;
    if (!by_filter && !by_packet) {
        return P2I_OK;
    }
    enum p2i_result result = read_captures(extraction, &engine, &callbacks, error);
    p2i_engine_free(engine);
    extraction->found_all = false;
    return result;
}

/* ---- the second way: frames ---- */

static bool list_record(void *context, const struct p2i_record *record)
{
    struct extraction *extraction = context;
    p2i_selection_record(&extraction->selection, record);
    return true;
}

static bool list_packet(void *context, const struct p2i_packet_facts *packet)
{
    struct extraction *extraction = context;
    p2i_selection_packet(&extraction->selection, packet);
    return !extraction->selection.out_of_memory;
}

static bool list_control(void *context, const struct p2i_control_facts *control)
{
    struct extraction *extraction = context;
    p2i_selection_control(&extraction->selection, control);
    return !extraction->selection.out_of_memory;
}

/* Keeps what the captures are, and fails when none of them could be read. */
static enum p2i_result keep_captures(struct extraction *extraction, struct p2i_engine *engine,
                                     struct p2i_error *error)
{
    const struct p2i_statistics *statistics = p2i_engine_statistics(engine);
    size_t count = statistics->capture_count;
    bool readable = false;
    extraction->captures = calloc(count, sizeof *extraction->captures);
    if (extraction->captures == NULL) {
        return p2i_fail_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        extraction->captures[i] = *statistics->captures[i];
        extraction->captures[i].path = extraction->settings.paths[i];
        readable =
            readable || (!statistics->captures[i]->refused && !statistics->captures[i]->skipped);
    }
    if (!readable && extraction->problem_count > 0) {
        *error = extraction->problems[0];
    }
    return readable ? P2I_OK : P2I_INPUT;
}

/* The first time hashes the captures and reports what is wrong with them. */
static enum p2i_result list_once(struct extraction *extraction, struct p2i_error *error)
{
    bool first = extraction->captures == NULL;
    const struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = extraction,
        .record = extraction->plain ? NULL : list_record,
        .session = note_session,
        .packet = list_packet,
        .log = first ? note_problem : NULL,
        .control = extraction->settings.related ? list_control : NULL,
    };
    struct p2i_engine *engine = NULL;
    extraction->run.hash_captures = first && !extraction->plain;
    p2i_selection_prepare(&extraction->selection);
    enum p2i_result result = read_captures(extraction, &engine, &callbacks, error);
    if (result == P2I_OK && first) {
        result = keep_captures(extraction, engine, error);
    }
    p2i_engine_free(engine);
    return result;
}

static enum p2i_result list_frames(struct extraction *extraction, struct p2i_error *error)
{
    enum p2i_result result;
    do {
        result = list_once(extraction, error);
    } while (result == P2I_OK && extraction->selection.grown);
    if (result == P2I_OK) {
        p2i_selection_list(&extraction->selection);
        result = extraction->selection.out_of_memory ? p2i_fail_memory(error) : P2I_OK;
    }
    return result;
}

/* ---- the third way: bytes ---- */

static enum p2i_result copy_all(struct extraction *extraction, struct p2i_error *error)
{
    extraction->files = calloc(extraction->settings.path_count, sizeof *extraction->files);
    if (extraction->files == NULL) {
        return p2i_fail_memory(error);
    }
    const struct p2i_extract_outputs outputs = {
        .settings = &extraction->settings,
        .selection = &extraction->selection,
        .mode = &extraction->mode,
        .memory = extraction->memory,
        .plain = extraction->plain,
        .memory_bytes = extraction->run.memory_bytes,
        .files = extraction->files,
    };
    return p2i_extract_outputs_write(&outputs, error);
}

/* ---- the end ---- */

static int by_number(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Lists the packets that were asked for and that their captures do not have. */
static enum p2i_result list_missing(struct extraction *extraction, struct p2i_error *error)
{
    const struct p2i_number_map *asked = &extraction->selection.asked;
    extraction->missing = calloc(asked->count + 1, sizeof *extraction->missing);
    if (extraction->missing == NULL) {
        return p2i_fail_memory(error);
    }
    for (size_t i = 0; i < asked->capacity; i++) {
        uint64_t place = asked->entries[i].key;
        if (asked->entries[i].used &&
            p2i_frame_number(place) > extraction->captures[p2i_frame_capture(place)].frames) {
            extraction->missing[extraction->missing_count++] = place;
        }
    }
    qsort(extraction->missing, extraction->missing_count, sizeof *extraction->missing, by_number);
    return P2I_OK;
}

/* Reports the first ones, and the number of all others. */
static void report_missing(struct extraction *extraction, const char *what, uint64_t number,
                           const char *file)
{
    enum { MOST = 10 };
    struct p2i_error error;
    extraction->counts.missing++;
    if (extraction->settings.log != NULL && extraction->counts.missing <= MOST) {
        (void)p2i_fail(&error, P2I_USAGE, "%s %" PRIu64 " is not there", what, number);
        error.file = file;
        extraction->settings.log(extraction->settings.context, P2I_LOG_WARNING, &error);
    } else if (extraction->settings.log != NULL && extraction->counts.missing == MOST + 1) {
        (void)p2i_fail(&error, P2I_USAGE, "more are not there: see \"missing\" in the manifest");
        extraction->settings.log(extraction->settings.context, P2I_LOG_WARNING, &error);
    }
}

static void count(struct extraction *extraction)
{
    const struct p2i_selection *selection = &extraction->selection;
    for (size_t i = 0; i < extraction->settings.path_count; i++) {
        extraction->counts.files += extraction->files[i].packets > 0;
        extraction->counts.packets += extraction->files[i].packets;
    }
    for (size_t i = 0; i < selection->session_count; i++) {
        const struct p2i_chosen_session *session = &selection->sessions[i];
        extraction->counts.sessions += session->known && !session->related;
        extraction->counts.related += session->known && session->related;
        if (!session->known && !session->related) {
            report_missing(extraction, "session", session->id, NULL);
        }
    }
    for (size_t i = 0; i < selection->list_count; i++) {
        uint32_t reason = selection->list[i].reason;
        extraction->counts.control_packets +=
            reason == P2I_REASON_RADIUS || reason == P2I_REASON_PPPOE;
    }
    for (size_t i = 0; i < extraction->missing_count; i++) {
        uint64_t place = extraction->missing[i];
        report_missing(extraction, "packet", p2i_frame_number(place),
                       extraction->settings.paths[p2i_frame_capture(place)]);
    }
}

static enum p2i_result write_manifest(const struct extraction *extraction, struct p2i_error *error)
{
    static const char ending[] = ".json";
    size_t size = strlen(extraction->settings.output) + sizeof ending;
    char *path = malloc(size);
    if (path == NULL) {
        return p2i_fail_memory(error);
    }
    (void)snprintf(path, size, "%s%s", extraction->settings.output, ending);
    const struct p2i_manifest manifest = {
        .settings = &extraction->settings,
        .mode = &extraction->mode,
        .selection = &extraction->selection,
        .captures = extraction->captures,
        .files = extraction->files,
        .problems = extraction->problems,
        .problem_count = extraction->problem_count,
        .missing = extraction->missing,
        .missing_count = extraction->missing_count,
    };
    enum p2i_result result = p2i_manifest_write(&manifest, path, error);
    error->file = result == P2I_OUTPUT ? extraction->settings.output : error->file;
    free(path);
    return result;
}

static void end(struct extraction *extraction)
{
    for (size_t i = 0; extraction->files != NULL && i < extraction->settings.path_count; i++) {
        free(extraction->files[i].path);
    }
    free(extraction->files);
    free(extraction->captures);
    free(extraction->problems);
    free(extraction->missing);
    p2i_selection_free(&extraction->selection);
    free(extraction);
}

/* Names the output in the error instead of a file whose name does not outlive the call. */
static void name_output(const struct extraction *extraction, struct p2i_error *error)
{
    size_t count = extraction->files != NULL ? extraction->settings.path_count : 0;
    for (size_t i = 0; i < count; i++) {
        if (error->file != NULL && error->file == extraction->files[i].path) {
            error->file = extraction->settings.output;
        }
    }
}

static enum p2i_result extract(struct extraction *extraction, struct p2i_error *error)
{
    enum p2i_result result = p2i_extract_check(&extraction->settings, error);
    if (result == P2I_OK) {
        set_run(extraction);
        set_mode(extraction);
        result = p2i_time_offsets_check(&extraction->run, extraction->settings.paths,
                                        extraction->settings.path_count, error);
    }
    if (result == P2I_OK) {
        result = want_all(extraction, error);
    }
    if (result == P2I_OK) {
        result = find_sessions(extraction, error);
    }
    if (result == P2I_OK) {
        result = list_frames(extraction, error);
    }
    if (result == P2I_OK) {
        result = copy_all(extraction, error);
    }
    if (result == P2I_OK) {
        result = list_missing(extraction, error);
    }
    if (result == P2I_OK) {
        count(extraction);
        result = extraction->plain ? P2I_OK : write_manifest(extraction, error);
    }
    return result;
}

static enum p2i_result run(const struct p2i_extract_settings *settings, bool plain,
                           struct p2i_buffer *memory, struct p2i_extract_counts *counts,
                           struct p2i_error *error)
{
    struct p2i_error unread = {0};
    error = error != NULL ? error : &unread;
    struct extraction *extraction = calloc(1, sizeof *extraction);
    if (extraction == NULL) {
        return p2i_fail_memory(error);
    }
    size_t size = sizeof extraction->settings;
    memcpy(&extraction->settings, settings,
           settings->struct_size < size ? settings->struct_size : size);
    extraction->plain = plain;
    extraction->memory = memory;
    extraction->read = P2I_END;
    if (extraction->settings.paths == NULL && extraction->settings.settings != NULL) {
        const struct p2i_settings *named = extraction->settings.settings;
        extraction->settings.paths = (const char *const *)named->captures;
        extraction->settings.path_count = named->capture_count;
        extraction->found = named->captures_found;
    }
    enum p2i_result result = extract(extraction, error);
    name_output(extraction, error);
    if (counts != NULL) {
        size = counts->struct_size < sizeof *counts ? counts->struct_size : sizeof *counts;
        extraction->counts.struct_size = size;
        memcpy(counts, &extraction->counts, size);
    }
    end(extraction);
    return result;
}

enum p2i_result p2i_extract(const struct p2i_extract_settings *settings,
                            struct p2i_extract_counts *counts, struct p2i_error *error)
{
    return run(settings, false, NULL, counts, error);
}

enum p2i_result p2i_extract_plain(const struct p2i_extract_settings *settings,
                                  struct p2i_buffer *memory, struct p2i_error *error)
{
    struct p2i_extract_settings changed = *settings;
    changed.output = memory != NULL ? "" : settings->output;
    return run(&changed, true, memory, NULL, error);
}
