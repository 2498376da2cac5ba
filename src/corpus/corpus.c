/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/corpus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "corpus/candidates.h"
#include "corpus/conversion.h"
#include "corpus/folder.h"
#include "corpus/manifest.h"
#include "extract/check.h"
#include "extract/extract_plain.h"
#include "rewrite/rewrite_pcapng.h"

enum {
    PERCENT = 100,
    ROUNDS = 6, /* of choosing until the size is within the limit */
};

struct making {
    struct p2i_corpus_settings settings; /* those of the caller */
    struct p2i_corpus_conversion conversion;
    struct p2i_settings *run;       /* of the conversion, without captures and outputs */
    struct p2i_settings *rewriting; /* NULL: captures stay as they are */
    struct p2i_candidates candidates;
    size_t met; /* combinations of the sources */
    struct p2i_corpus_source *sources;
    uint64_t *sessions; /* chosen ones, grouped by capture */
    struct p2i_corpus_file *files;
    size_t file_count;
    struct p2i_corpus_counts counts;
};

static bool is_stopped(const struct making *making)
{
    return making->settings.is_stopped != NULL &&
           making->settings.is_stopped(making->settings.context);
}

/* ---- Settings ---- */

/* What is replaced in captures, if anything. */
static enum p2i_result prepare_rewriting(struct making *making, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    const char *key_file = making->settings.anonymise;
    if (key_file == NULL && !making->settings.redact) {
        return P2I_OK;
    }
    if (making->settings.whole) {
        return p2i_fail(error, P2I_USAGE, "captures that stay where they are cannot be changed");
    }
    making->rewriting = p2i_settings_new();
    if (making->rewriting == NULL) {
        return p2i_fail_memory(error);
    }
    if (key_file != NULL) {
        result = p2i_settings_set(making->rewriting, "anonymise", key_file, error);
    }
    if (result == P2I_OK && making->settings.redact) {
        result = p2i_settings_set(making->rewriting, "keep_passwords", "false", error);
    }
    if (result == P2I_OK) { /* a wrong key is reported before anything is read */
        struct p2i_rewrite *tried = NULL;
        result = p2i_rewrite_new(&tried, making->rewriting, error);
        error->file = key_file; /* its own does not live as long */
        p2i_rewrite_free(tried);
    }
    return result;
}

/* ---- Captures ---- */

/* Sources by hash, in their order. */
static int compare_sources(const void *left, const void *right)
{
    const struct p2i_corpus_source *a = *(struct p2i_corpus_source *const *)left;
    const struct p2i_corpus_source *b = *(struct p2i_corpus_source *const *)right;
    int order = strcmp(a->sha256, b->sha256);
    return order != 0 ? order : a < b ? -1 : a > b;
}

/* Finds captures whose bytes an earlier one has: they are not read again. */
static enum p2i_result find_copies(struct making *making, struct p2i_error *error)
{
    size_t count = making->settings.path_count;
    struct p2i_corpus_source **sorted = calloc(count + 1, sizeof(struct p2i_corpus_source *));
    if (sorted == NULL) {
        return p2i_fail_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &making->sources[i];
    }
    qsort(sorted, count, sizeof(struct p2i_corpus_source *), compare_sources);
    for (size_t i = 1; i < count; i++) {
        const struct p2i_corpus_source *before = sorted[i - 1];
        if (sorted[i]->sha256[0] != '\0' && strcmp(sorted[i]->sha256, before->sha256) == 0) {
            sorted[i]->same = before->same != NULL ? before->same : before->path;
        }
    }
    free(sorted);
    return P2I_OK;
}

static void report_copy(const struct making *making, const struct p2i_corpus_source *source)
{
    struct p2i_error warning;
    (void)p2i_fail(&warning, P2I_OK, "has the same bytes as '%.150s': it is read once",
                   source->same);
    warning.file = source->path;
    if (making->settings.log != NULL) {
        making->settings.log(making->settings.context, P2I_LOG_WARNING, &warning);
    }
}

/* Whether a corpus is made without a capture that cannot be read, which then is reported: it is not
 * there, not for us, or no capture. Other errors are those of the machine. */
static bool is_left_out(const struct p2i_error *error)
{
    switch (error->system_error) {
    case 0:
    case EACCES:
    case EISDIR:
    case ELOOP:
    case ENOENT:
    case ENOTDIR:
        return true;
    default:
        return false;
    }
}

static enum p2i_result hash_sources(struct making *making, struct p2i_error *error)
{
    for (size_t i = 0; i < making->settings.path_count; i++) {
        struct p2i_corpus_source *source = &making->sources[i];
        if (is_stopped(making)) {
            return P2I_END;
        }
        source->path = making->settings.paths[i];
        enum p2i_result result =
            p2i_corpus_hash(source->path, source->sha256, &source->size, error);
        if (result != P2I_OK && (result != P2I_INPUT || !is_left_out(error))) {
            error->file = source->path;
            return result;
        }
    }
    return find_copies(making, error);
}

static enum p2i_result read_sources(struct making *making, struct p2i_error *error)
{
    struct p2i_corpus_reading reading = {.settings = making->run,
                                         .log = making->settings.log,
                                         .is_stopped = making->settings.is_stopped,
                                         .context = making->settings.context};
    size_t read = 0;
    enum p2i_result result = hash_sources(making, error);
    for (size_t i = 0; i < making->settings.path_count && result == P2I_OK; i++) {
        struct p2i_corpus_source *source = &making->sources[i];
        if (is_stopped(making)) {
            return P2I_END;
        }
        if (source->same != NULL) {
            report_copy(making, source);
            continue;
        }
        making->counts.source_bytes += source->size;
        result = p2i_candidates_read(&making->candidates, &reading, source->path, (uint32_t)i,
                                     P2I_COMBINATION_NONE, error);
        source->damaged = result == P2I_DAMAGED;
        source->refused = result == P2I_INPUT && is_left_out(error);
        error->file = source->path; /* its own may not live as long */
        read += result == P2I_OK || result == P2I_DAMAGED;
        result = source->damaged || source->refused ? P2I_OK : result;
    }
    making->met = making->candidates.all.count;
    making->counts.combinations = making->met;
    return result == P2I_OK && read == 0 ? p2i_fail(error, P2I_INPUT, "no capture could be read")
                                         : result;
}

/* Bytes of the captures of the corpus; 0: no limit. */
static uint64_t limit_of(const struct making *making)
{
    uint64_t most = making->settings.size_most;
    uint64_t share = making->counts.source_bytes * making->settings.percent_most / PERCENT;
    return share > 0 && (most == 0 || share < most) ? share : most;
}

/* ---- Files ---- */

/* Copies the sessions out of their capture, into memory or, where that is NULL, into a file. */
static enum p2i_result extract(struct making *making, const struct p2i_corpus_file *file,
                               struct p2i_buffer *memory, const char *output,
                               struct p2i_error *error)
{
    struct p2i_extract_settings settings = {.struct_size = sizeof settings,
                                            .settings = making->run,
                                            .paths = &making->settings.paths[file->capture],
                                            .path_count = 1,
                                            .sessions = file->sessions,
                                            .session_count = file->session_count,
                                            .related = true,
                                            .output = output,
                                            .is_stopped = making->settings.is_stopped,
                                            .context = making->settings.context};
    return p2i_extract_plain(&settings, memory, error);
}

/* The same, with names in it replaced: what was extracted never is in a file. */
static enum p2i_result extract_rewritten(struct making *making, const struct p2i_corpus_file *file,
                                         const char *output, struct p2i_error *error)
{
    struct p2i_buffer original = {0};
    struct p2i_buffer rewritten = {0};
    enum p2i_result result = extract(making, file, &original, NULL, error);
    if (result == P2I_OK) {
        result = p2i_rewrite_pcapng(p2i_view_of(original.data, original.size), making->rewriting,
                                    &rewritten, error);
    }
    if (result == P2I_OK) {
        struct p2i_output_mode mode = {0};
        p2i_output_mode_limit(&mode, making->settings.paths[file->capture]);
        result = p2i_corpus_write_file(output, p2i_view_of(rewritten.data, rewritten.size), &mode,
                                       error);
    }
    p2i_buffer_free(&original);
    p2i_buffer_free(&rewritten);
    return result;
}

/* The capture itself, or what was extracted from it, into `path`. */
static enum p2i_result make_capture(struct making *making, struct p2i_corpus_file *file,
                                    char path[P2I_CORPUS_PATH_MAX], struct p2i_error *error)
{
    const char *source = making->settings.paths[file->capture];
    if (!making->settings.whole) {
        if (!p2i_corpus_path(path, making->settings.folder, file->name, ".pcapng")) {
            return p2i_fail(error, P2I_OUTPUT, "the path is too long");
        }
        return making->rewriting != NULL ? extract_rewritten(making, file, path, error)
                                         : extract(making, file, NULL, path, error);
    }
    file->path = p2i_corpus_relative(making->settings.folder, source);
    (void)snprintf(path, P2I_CORPUS_PATH_MAX, "%s", source);
    return file->path != NULL && strlen(source) < P2I_CORPUS_PATH_MAX
               ? P2I_OK
               : p2i_fail(error, P2I_OUTPUT, "the path is too long");
}

/* Makes the files of a capture, and notes what they cover. */
static enum p2i_result make_file(struct making *making, size_t index, struct p2i_error *error)
{
    struct p2i_corpus_file *file = &making->files[index];
    struct p2i_corpus_reading reading = {.settings = making->run};
    char paths[3][P2I_CORPUS_PATH_MAX];
    const char *folder = making->settings.folder;
    if (!p2i_corpus_path(paths[1], folder, file->name, ".ipfix") ||
        !p2i_corpus_path(paths[2], folder, file->name, ".jsonl")) {
        return p2i_fail(error, P2I_OUTPUT, "the path is too long");
    }
    enum p2i_result result = make_capture(making, file, paths[0], error);
    if (result == P2I_OK) {
        result = p2i_corpus_hash(paths[0], file->sha256, &file->size, error);
    }
    if (result == P2I_OK) {
        result =
            p2i_corpus_convert(&making->conversion, 0, paths[0], paths[1], paths[2], true, error);
    }
    if (result == P2I_OK || result == P2I_DAMAGED) {
        result =
            p2i_candidates_read(&making->candidates, &reading, paths[0], 0, (uint32_t)index, error);
    }
    error->file = NULL; /* does not live as long as the error */
    making->counts.bytes += file->size;
    making->counts.sessions += file->session_count;
    return result == P2I_DAMAGED ? P2I_OK : result;
}

/* Names of the files; an anonymised corpus says nothing about its captures. */
static bool name_files(struct making *making)
{
    size_t count = making->file_count;
    const char **paths = calloc(count + 1, sizeof *paths);
    char(*names)[P2I_CORPUS_NAME_MAX] = calloc(count + 1, sizeof *names);
    bool done = paths != NULL && names != NULL;
    for (size_t i = 0; i < count && done; i++) {
        paths[i] = making->settings.anonymise != NULL
                       ? "capture"
                       : making->settings.paths[making->files[i].capture];
    }
    done = done && p2i_corpus_names(paths, count, names);
    for (size_t i = 0; i < count && done; i++) {
        memcpy(making->files[i].name, names[i], sizeof names[i]);
    }
    free(paths);
    free(names);
    return done;
}

static int compare_chosen(const void *left, const void *right)
{
    const struct p2i_candidate *a = *(const struct p2i_candidate *const *)left;
    const struct p2i_candidate *b = *(const struct p2i_candidate *const *)right;
    return a->capture != b->capture ? (a->capture < b->capture ? -1 : 1) : a < b ? -1 : a > b;
}

/* Lists the chosen sessions by capture, and a file for each capture that has some, or with `whole`
 * for each that can be read. False: out of memory. */
static bool list_files(struct making *making)
{
    const struct p2i_candidates *candidates = &making->candidates;
    const struct p2i_candidate **chosen =
        calloc(candidates->count + 1, sizeof(struct p2i_candidate *));
    free(making->sessions);
    making->sessions = calloc(candidates->count + 1, sizeof *making->sessions);
    if (chosen == NULL || making->sessions == NULL) {
        free(chosen);
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        if (candidates->list[i].chosen) {
            chosen[count++] = &candidates->list[i];
        }
    }
    qsort(chosen, count, sizeof(struct p2i_candidate *), compare_chosen);
    size_t at = 0;
    for (size_t i = 0; i < making->settings.path_count; i++) {
        const struct p2i_corpus_source *source = &making->sources[i];
        struct p2i_corpus_file *file = &making->files[making->file_count];
        *file = (struct p2i_corpus_file){.capture = (uint32_t)i, .sessions = making->sessions + at};
        for (; at < count && chosen[at]->capture == i; at++) {
            making->sessions[at] = chosen[at]->session;
            file->session_count++;
        }
        bool whole = making->settings.whole && !source->refused && source->same == NULL;
        making->file_count += whole || file->session_count > 0;
    }
    free(chosen);
    return name_files(making);
}

static enum p2i_result make_files(struct making *making, struct p2i_error *error)
{
    enum p2i_result result = list_files(making) ? P2I_OK : p2i_fail_memory(error);
    for (size_t i = 0; i < making->file_count && result == P2I_OK; i++) {
        result = is_stopped(making) ? P2I_END : make_file(making, i, error);
    }
    return result;
}

static void free_files(struct making *making)
{
    for (size_t i = 0; i < making->file_count; i++) {
        free(making->files[i].path);
    }
    making->file_count = 0;
}

static void remove_files(struct making *making)
{
    static const char *const endings[] = {".pcapng", ".ipfix", ".jsonl"};
    char path[P2I_CORPUS_PATH_MAX];
    for (size_t i = 0; i < making->file_count; i++) {
        for (size_t j = 0; j < sizeof endings / sizeof *endings; j++) {
            (void)p2i_corpus_path(path, making->settings.folder, making->files[i].name, endings[j]);
            (void)unlink(path);
        }
    }
    free_files(making);
    making->counts.bytes = making->counts.sessions = 0;
    for (size_t i = 0; i < making->candidates.count; i++) {
        making->candidates.list[i].chosen = false;
    }
    for (size_t i = 0; i < making->candidates.all.count; i++) {
        making->candidates.all.list[i].file = P2I_COMBINATION_NONE;
    }
}

/* Chooses sessions and makes the files. The sizes of sessions are estimated: with a limit the
 * choice is made anew for a smaller one until the files are within it, or nearly so. */
static enum p2i_result choose_and_make(struct making *making, struct p2i_error *error)
{
    uint64_t limit = limit_of(making);
    uint64_t estimated = limit;
    enum p2i_result result = P2I_OK;
    for (int round = 0; result == P2I_OK && round < ROUNDS; round++) {
        if (!making->settings.whole && !p2i_candidates_choose(&making->candidates, estimated)) {
            return p2i_fail_memory(error);
        }
        result = make_files(making, error);
        bool fits = limit == 0 || making->counts.bytes <= limit;
        if (result != P2I_OK || fits || round == ROUNDS - 1) {
            return result;
        }
        estimated = (uint64_t)((double)estimated * (double)limit / (double)making->counts.bytes);
        estimated = estimated > 1 ? estimated - estimated / 64 : 1;
        remove_files(making);
    }
    return result;
}

static enum p2i_result write_manifest(struct making *making, struct p2i_error *error)
{
    enum { INPUTS_MAX = 32 };
    char path[P2I_CORPUS_PATH_MAX];
    struct p2i_corpus_input inputs[INPUTS_MAX];
    size_t count = 0;
    const char *name;
    enum p2i_result result = P2I_OK;
    while (result == P2I_OK && count < INPUTS_MAX &&
           (name = p2i_corpus_conversion_file(&making->conversion, count)) != NULL) {
        uint64_t size;
        struct p2i_corpus_input *input = &inputs[count++];
        (void)snprintf(input->name, sizeof input->name, "%s", name);
        (void)p2i_corpus_path(path, making->settings.folder, name, "");
        result = p2i_corpus_hash(path, input->sha256, &size, error);
    }
    if (result != P2I_OK) {
        error->file = NULL; /* does not live as long as the error */
        return result;
    }
    making->counts.files = making->file_count;
    for (size_t i = 0; i < making->met; i++) {
        making->counts.covered += making->candidates.all.list[i].file != P2I_COMBINATION_NONE;
    }
    struct p2i_corpus_contents contents = {.sources = making->sources,
                                           .source_count = making->settings.path_count,
                                           .files = making->files,
                                           .file_count = making->file_count,
                                           .inputs = inputs,
                                           .input_count = count,
                                           .candidates = &making->candidates,
                                           .met = making->met,
                                           .counts = &making->counts,
                                           .anonymised = making->settings.anonymise != NULL};
    (void)p2i_corpus_path(path, making->settings.folder, P2I_CORPUS_MANIFEST, "");
    struct p2i_output_mode mode = {0};
    for (size_t i = 0; i < making->settings.path_count; i++) {
        p2i_output_mode_limit(&mode, making->settings.paths[i]);
    }
    result = p2i_corpus_manifest_write(&contents, path, &mode, error);
    error->file = NULL;
    return result;
}

/* What can be known to be wrong before anything is made. */
static enum p2i_result check(const struct p2i_corpus_settings *settings, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (settings->whole && (settings->size_most > 0 || settings->percent_most > 0)) {
        return p2i_fail(error, P2I_USAGE, "whole captures cannot have a limit of size");
    }
    for (size_t i = 0; i < settings->path_count && result == P2I_OK; i++) {
        result = p2i_extract_check_path(settings->paths[i], error);
    }
    return result == P2I_OK
               ? p2i_corpus_conversion_check(settings->settings, settings->anonymise != NULL, error)
               : result;
}

static enum p2i_result make(struct making *making, struct p2i_error *error)
{
    const struct p2i_corpus_settings *settings = &making->settings;
    enum p2i_result result = check(settings, error);
    if (result == P2I_OK) {
        result = prepare_rewriting(making, error);
    }
    if (result == P2I_OK) {
        result = p2i_corpus_make_folder(settings->folder, error);
    }
    if (result == P2I_OK) {
        result = p2i_corpus_conversion_make(&making->conversion, settings->folder,
                                            settings->settings, error);
    }
    if (result == P2I_OK) {
        result = p2i_corpus_conversion_settings(&making->conversion, &making->run, error);
    }
    if (result == P2I_OK) {
        result = read_sources(making, error);
    }
    if (result == P2I_OK) {
        result = choose_and_make(making, error);
    }
    return result == P2I_OK ? write_manifest(making, error) : result;
}

enum p2i_result p2i_corpus_make(const struct p2i_corpus_settings *settings,
                                struct p2i_corpus_counts *counts, struct p2i_error *error)
{
    struct making making = {.counts.struct_size = counts->struct_size};
    size_t size = settings->struct_size < sizeof making.settings ? settings->struct_size
                                                                 : sizeof making.settings;
    memcpy(&making.settings, settings, size);
    making.sources = calloc(making.settings.path_count + 1, sizeof *making.sources);
    making.files = calloc(making.settings.path_count + 1, sizeof *making.files);
    enum p2i_result result = making.sources != NULL && making.files != NULL
                                 ? make(&making, error)
                                 : p2i_fail_memory(error);
    size = counts->struct_size < sizeof *counts ? counts->struct_size : sizeof *counts;
    memcpy(counts, &making.counts, size);
    p2i_candidates_free(&making.candidates);
    free_files(&making);
    p2i_corpus_conversion_free(&making.conversion);
    p2i_settings_free(making.run);
    p2i_settings_free(making.rewriting);
    free(making.sources);
    free(making.sessions);
    free(making.files);
    return result;
}
