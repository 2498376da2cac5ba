/* SPDX-License-Identifier: MIT */
/* Three ways through the captures: the first finds the sessions, the second lists their frames and
 * the control packets, and is repeated when these lead to more; the third copies. */
#include "pcap2ipfix/extract.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/engine.h"
#include "extract/copy.h"
#include "extract/extract_plain.h"
#include "extract/manifest.h"
#include "extract/names.h"
#include "extract/record_files.h"
#include "pcap2ipfix/record_filter.h"
#include "settings/settings.h"

struct extraction {
    struct p2i_extract_settings settings;
    bool plain;                /* no manifest, and no comments of ours */
    struct p2i_buffer *memory; /* not NULL: for the one capture */
    struct p2i_settings run;   /* of the engines; its texts are borrowed */
    struct p2i_selection selection;
    struct p2i_extracted_file *files; /* by capture */
    struct p2i_error *problems;
    size_t problem_count;
    struct p2i_engine *found; /* that found the sessions, for its statistics */
    struct p2i_extract_counts counts;
};

/* ---- settings ---- */

static enum p2i_result check_path(const char *path, struct p2i_error *error)
{
    struct stat status;
    if (strcmp(path, "-") == 0 || (stat(path, &status) == 0 && !S_ISREG(status.st_mode))) {
        enum p2i_result result =
            p2i_fail(error, P2I_USAGE, "captures are read several times: expected a regular file");
        error->file = path;
        return result;
    }
    return P2I_OK;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* A path that is there twice; NULL: none. Out of memory: NULL, too. */
static const char *repeated_path(const struct p2i_extract_settings *settings)
{
    const char **sorted = malloc(settings->path_count * sizeof *sorted);
    const char *repeated = NULL;
    if (sorted != NULL) {
        memcpy(sorted, settings->paths, settings->path_count * sizeof *sorted);
        qsort(sorted, settings->path_count, sizeof *sorted, by_text);
        for (size_t i = 1; i < settings->path_count && repeated == NULL; i++) {
            repeated = strcmp(sorted[i - 1], sorted[i]) == 0 ? sorted[i] : NULL;
        }
    }
    free(sorted);
    return repeated;
}

static enum p2i_result check(const struct p2i_extract_settings *settings, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (settings->path_count == 0 || settings->output == NULL) {
        return p2i_fail(error, P2I_USAGE, "captures and an output are needed");
    }
    if (settings->filter == NULL && settings->record_file_count == 0 &&
        settings->session_count == 0 && settings->packet_count == 0) {
        return p2i_fail(error, P2I_USAGE, "nothing is asked for");
    }
    if (strcmp(settings->output, "-") == 0) {
        return p2i_fail(error, P2I_USAGE, "the output has a manifest beside it: expected a file");
    }
    for (size_t i = 0; i < settings->packet_count; i++) {
        if (settings->packets[i].capture >= settings->path_count) {
            return p2i_fail(error, P2I_USAGE, "there is no capture %" PRIu64,
                            settings->packets[i].capture + UINT64_C(1));
        }
    }
    for (size_t i = 0; i < settings->path_count && result == P2I_OK; i++) {
        result = check_path(settings->paths[i], error);
    }
    const char *repeated = result == P2I_OK ? repeated_path(settings) : NULL;
    if (repeated != NULL) {
        result = p2i_fail(error, P2I_USAGE, "the capture is given twice");
        error->file = repeated;
    }
    return result;
}

/* Settings of the engines: sessions of all transports, whose ids are the same in each of them. */
static void set_run(struct extraction *extraction)
{
    struct p2i_settings *run = &extraction->run;
    if (extraction->settings.settings != NULL) {
        *run = *extraction->settings.settings;
    } else {
        p2i_settings_default(run);
    }
    run->filter = NULL;
    run->records = (UINT32_C(1) << P2I_RECORD_KINDS) - 1;
    run->strict = false;
    run->hash_captures = true;
    run->anonymise_key = NULL;
    run->keep_passwords = true;
    run->shard = run->shard_count = 0;
    run->report = NULL;
    run->progress = NULL;
    run->is_stopped = extraction->settings.is_stopped;
    run->context = extraction->settings.context;
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

static bool find_session(void *context, const struct p2i_session_facts *facts)
{
    struct extraction *extraction = context;
    if (facts->ended) {
        p2i_selection_note(&extraction->selection, facts);
    }
    return !extraction->selection.out_of_memory;
}

static bool find_packet(void *context, const struct p2i_packet_facts *packet)
{
    struct extraction *extraction = context;
    struct p2i_selection *selection = &extraction->selection;
    if (p2i_number_map_find(&selection->asked, p2i_frame_place(packet->capture, packet->packet)) !=
        NULL) {
        p2i_selection_want(selection, packet->session, false);
    }
    return !selection->out_of_memory;
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

/* Reads all captures. What is wrong with one of them is no error. */
static enum p2i_result read_captures(struct extraction *extraction, struct p2i_engine **engine,
                                     const struct p2i_engine_callbacks *callbacks,
                                     struct p2i_error *error)
{
    enum p2i_result result = p2i_engine_new(engine, &extraction->run, callbacks, error);
    if (result != P2I_OK) {
        return result;
    }
    result = p2i_engine_read(*engine, extraction->settings.paths, extraction->settings.path_count,
                             error);
    if (result == P2I_OK || result == P2I_DAMAGED || result == P2I_INPUT) {
        result = p2i_engine_finish(*engine, error);
    }
    return extraction->selection.out_of_memory ? p2i_fail_memory(error) : result;
}

static enum p2i_result find_sessions(struct extraction *extraction, struct p2i_error *error)
{
    const struct p2i_extract_settings *settings = &extraction->settings;
    bool by_filter = settings->filter != NULL && settings->record_file_count == 0;
    struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = extraction,
        .record = by_filter ? find_record : NULL,
        .session = find_session,
        .packet = settings->packet_count > 0 ? find_packet : NULL,
        .log = note_problem,
    };
    for (size_t i = 0; i < settings->session_count; i++) {
        p2i_selection_want(&extraction->selection, settings->sessions[i], false);
    }
    for (size_t i = 0; i < settings->packet_count; i++) {
        const struct p2i_extract_packet *packet = &settings->packets[i];
        p2i_selection_ask(&extraction->selection, p2i_frame_place(packet->capture, packet->packet),
                          false);
    }
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < settings->record_file_count && result == P2I_OK; i++) {
        result = p2i_want_records(&extraction->selection, settings->record_files[i],
                                  settings->filter, error);
    }
    if (result == P2I_OK) {
        result = read_captures(extraction, &extraction->found, &callbacks, error);
    }
    if (result != P2I_OK) {
        return result;
    }
    const struct p2i_statistics *statistics = p2i_engine_statistics(extraction->found);
    for (size_t i = 0; i < statistics->capture_count; i++) {
        if (!statistics->captures[i]->refused) {
            return P2I_OK;
        }
    }
    if (extraction->problem_count > 0) {
        *error = extraction->problems[0];
    }
    return P2I_INPUT;
}

/* ---- the second way: frames ---- */

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

static enum p2i_result list_frames(struct extraction *extraction, struct p2i_error *error)
{
    const struct p2i_engine_callbacks callbacks = {
        .struct_size = sizeof callbacks,
        .context = extraction,
        .session = find_session,
        .packet = list_packet,
        .control = extraction->settings.related ? list_control : NULL,
    };
    enum p2i_result result = P2I_OK;
    extraction->run.hash_captures = false;
    do {
        struct p2i_engine *engine = NULL;
        p2i_selection_prepare(&extraction->selection);
        result = read_captures(extraction, &engine, &callbacks, error);
        p2i_engine_free(engine);
    } while (result == P2I_OK && extraction->selection.grown);
    if (result == P2I_OK) {
        p2i_selection_list(&extraction->selection);
        result = extraction->selection.out_of_memory ? p2i_fail_memory(error) : P2I_OK;
    }
    return result;
}

/* ---- the third way: bytes ---- */

/* True when the file of a capture before this one has the name. */
static bool is_taken(const struct extraction *extraction, size_t capture, const char *name)
{
    bool taken = false;
    for (size_t i = 0; i < capture && !taken; i++) {
        const char *path = extraction->files[i].path;
        taken = path != NULL && strcmp(path, name) == 0;
    }
    return taken;
}

/* The name of the file of a capture, other than those before it. NULL: out of memory. */
static char *output_of(const struct extraction *extraction, size_t capture)
{
    const struct p2i_extract_settings *settings = &extraction->settings;
    if (settings->path_count == 1) {
        return strdup(settings->output);
    }
    char *name = p2i_extract_name(settings->output, settings->paths[capture], 0);
    for (size_t number = capture + 1; name != NULL && is_taken(extraction, capture, name);
         number++) {
        free(name);
        name = p2i_extract_name(settings->output, settings->paths[capture], number);
    }
    return name;
}

static bool has_frames(const struct p2i_selection *selection, uint32_t capture)
{
    size_t low = 0;
    size_t high = selection->list_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p2i_frame_capture(selection->list[middle].place) < capture) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < selection->list_count && p2i_frame_capture(selection->list[low].place) == capture;
}

/* An output must not replace a capture. */
static bool is_capture(const struct p2i_extract_settings *settings, const char *path)
{
    struct stat output;
    struct stat capture;
    bool same = false;
    if (stat(path, &output) != 0) {
        return false;
    }
    for (size_t i = 0; i < settings->path_count && !same; i++) {
        same = stat(settings->paths[i], &capture) == 0 && capture.st_dev == output.st_dev &&
               capture.st_ino == output.st_ino;
    }
    return same;
}

static enum p2i_result copy_capture(struct extraction *extraction, size_t capture,
                                    struct p2i_error *error)
{
    struct p2i_extracted_file *file = &extraction->files[capture];
    file->path = output_of(extraction, capture);
    if (file->path == NULL) {
        return p2i_fail_memory(error);
    }
    if (is_capture(&extraction->settings, file->path)) {
        return p2i_fail(error, P2I_USAGE, "the output is one of the captures");
    }
    const struct p2i_copy_request request = {
        .path = extraction->settings.paths[capture],
        .capture = (uint32_t)capture,
        .output = file->path,
        .memory = extraction->memory,
        .plain = extraction->plain,
        .memory_bytes = extraction->run.memory_bytes,
        .is_stopped = extraction->settings.is_stopped,
        .context = extraction->settings.context,
    };
    enum p2i_result result =
        p2i_copy_frames(&extraction->selection, &request, &file->packets, error);
    if (result != P2I_OK) {
        return result;
    }
    if (file->packets == 0) {
        free(file->path);
        file->path = NULL;
    } else {
        extraction->counts.files++;
        extraction->counts.packets += file->packets;
    }
    return result;
}

static enum p2i_result copy_all(struct extraction *extraction, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    extraction->files = calloc(extraction->settings.path_count, sizeof *extraction->files);
    if (extraction->files == NULL) {
        return p2i_fail_memory(error);
    }
    for (size_t i = 0; i < extraction->settings.path_count && result == P2I_OK; i++) {
        if (has_frames(&extraction->selection, (uint32_t)i)) {
            result = copy_capture(extraction, i, error);
        }
    }
    return result;
}

/* ---- the end ---- */

static void report_missing(struct extraction *extraction, const char *format, uint64_t number,
                           const char *file)
{
    struct p2i_error error;
    (void)p2i_fail(&error, P2I_USAGE, "%s %" PRIu64 " is not there", format, number);
    error.file = file;
    extraction->counts.missing++;
    if (extraction->settings.log != NULL) {
        extraction->settings.log(extraction->settings.context, P2I_LOG_WARNING, &error);
    }
}

static void count(struct extraction *extraction)
{
    const struct p2i_selection *selection = &extraction->selection;
    const struct p2i_extract_settings *settings = &extraction->settings;
    const struct p2i_statistics *statistics = p2i_engine_statistics(extraction->found);
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
    for (size_t i = 0; i < settings->packet_count; i++) {
        const struct p2i_extract_packet *packet = &settings->packets[i];
        if (packet->packet == 0 || packet->packet > statistics->captures[packet->capture]->frames) {
            report_missing(extraction, "packet", packet->packet, settings->paths[packet->capture]);
        }
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
        .selection = &extraction->selection,
        .statistics = p2i_engine_statistics(extraction->found),
        .files = extraction->files,
        .problems = extraction->problems,
        .problem_count = extraction->problem_count,
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
    free(extraction->problems);
    p2i_engine_free(extraction->found);
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
    enum p2i_result result = check(&extraction->settings, error);
    if (result == P2I_OK) {
        set_run(extraction);
        result = find_sessions(extraction, error);
    }
    if (result == P2I_OK) {
        result = list_frames(extraction, error);
    }
    if (result == P2I_OK) {
        result = copy_all(extraction, error);
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
