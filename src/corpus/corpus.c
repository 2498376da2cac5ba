/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "corpus/candidates.h"
#include "corpus/folder.h"
#include "corpus/manifest.h"
#include "extract/extract_plain.h"
#include "rewrite/rewrite_pcapng.h"

enum {
    PERCENT = 100,
    ROUNDS = 6, /* of choosing until the size is within the limit */
};

struct making {
    struct p2i_corpus_settings settings; /* those of the caller */
    struct p2i_settings *conversion;
    struct p2i_buffer text;         /* the conversion as a configuration file */
    struct p2i_settings *rewriting; /* NULL: captures stay as they are */
    struct p2i_candidates candidates;
    size_t met; /* combinations of the sources */
    struct p2i_corpus_source *sources;
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

static enum p2i_result print_settings(const struct p2i_settings *settings, struct p2i_buffer *text,
                                      struct p2i_error *error)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&bytes, &size);
    if (file == NULL) {
        return p2i_fail_memory(error);
    }
    enum p2i_result result = p2i_settings_print(settings, file, error);
    if (fclose(file) != 0 && result == P2I_OK) {
        result = p2i_fail_memory(error);
    }
    if (result == P2I_OK && !p2i_append(text, p2i_view_of(bytes, size))) {
        result = p2i_fail_memory(error);
    }
    free(bytes);
    return result;
}

/* The settings of the conversion are a copy of the caller's, without captures and outputs. */
static enum p2i_result prepare_settings(struct making *making, struct p2i_error *error)
{
    struct p2i_settings *defaults = NULL;
    const struct p2i_settings *given = making->settings.settings;
    enum p2i_result result = P2I_OK;
    making->conversion = p2i_settings_new();
    if (given == NULL) {
        given = defaults = p2i_settings_new();
        result = defaults != NULL ? p2i_settings_set(defaults, "records", "all", error)
                                  : p2i_fail_memory(error);
    }
    if (result == P2I_OK) {
        result = print_settings(given, &making->text, error);
    }
    p2i_settings_free(defaults);
    if (making->conversion == NULL) {
        return p2i_fail_memory(error);
    }
    return result == P2I_OK
               ? p2i_settings_parse(making->conversion, (const char *)making->text.data,
                                    making->text.size, error)
               : result;
}

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
        p2i_rewrite_free(tried);
    }
    return result;
}

/* ---- Captures ---- */

static void hash_file(const char *path, char text[65], uint64_t *size)
{
    uint8_t digest[P2I_SHA256_SIZE];
    struct p2i_error ignored;
    struct stat status;
    text[0] = '\0';
    if (stat(path, &status) == 0) {
        *size = (uint64_t)status.st_size;
    }
    if (p2i_sha256_is_built_in() && p2i_sha256_file(path, digest, size, &ignored) == P2I_OK) {
        p2i_sha256_text(digest, text);
    }
}

static enum p2i_result read_sources(struct making *making, struct p2i_error *error)
{
    struct p2i_corpus_reading reading = {.settings = making->conversion,
                                         .log = making->settings.log,
                                         .is_stopped = making->settings.is_stopped,
                                         .context = making->settings.context};
    size_t read = 0;
    for (size_t i = 0; i < making->settings.path_count; i++) {
        struct p2i_corpus_source *source = &making->sources[i];
        if (is_stopped(making)) {
            return P2I_END;
        }
        source->path = making->settings.paths[i];
        hash_file(source->path, source->sha256, &source->size);
        making->counts.source_bytes += source->size;
        enum p2i_result result = p2i_candidates_read(&making->candidates, &reading, source->path,
                                                     (uint32_t)i, P2I_COMBINATION_NONE, error);
        source->damaged = result == P2I_DAMAGED;
        source->refused = result == P2I_INPUT;
        if (result != P2I_OK && result != P2I_DAMAGED && result != P2I_INPUT) {
            return result;
        }
        read += result != P2I_INPUT;
    }
    making->met = making->candidates.all.count;
    making->counts.combinations = making->met;
    return read > 0 ? P2I_OK : p2i_fail(error, P2I_INPUT, "no capture could be read");
}

/* Bytes of the captures of the corpus; 0: no limit. */
static uint64_t limit_of(const struct making *making)
{
    uint64_t most = making->settings.size_most;
    uint64_t share = making->counts.source_bytes * making->settings.percent_most / PERCENT;
    return share > 0 && (most == 0 || share < most) ? share : most;
}

/* ---- Files ---- */

static bool is_taken(const struct making *making, const char *name)
{
    for (size_t i = 0; i < making->file_count; i++) {
        if (strcmp(making->files[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void choose_name(const struct making *making, const char *path,
                        char name[P2I_CORPUS_NAME_MAX])
{
    char plain[P2I_CORPUS_NAME_MAX];
    p2i_corpus_name(path, plain);
    (void)snprintf(name, P2I_CORPUS_NAME_MAX, "%s", plain);
    for (unsigned i = 2; is_taken(making, name); i++) {
        (void)snprintf(name, P2I_CORPUS_NAME_MAX, "%.180s-%u", plain, i);
    }
}

/* Copies the sessions out of their capture, into memory or, where that is NULL, into a file. */
static enum p2i_result extract(struct making *making, size_t capture, const uint64_t *sessions,
                               size_t count, struct p2i_buffer *memory, const char *output,
                               struct p2i_error *error)
{
    struct p2i_extract_settings settings = {.struct_size = sizeof settings,
                                            .settings = making->conversion,
                                            .paths = &making->settings.paths[capture],
                                            .path_count = 1,
                                            .sessions = sessions,
                                            .session_count = count,
                                            .related = true,
                                            .output = output,
                                            .is_stopped = making->settings.is_stopped,
                                            .context = making->settings.context};
    return p2i_extract_plain(&settings, memory, error);
}

/* The same, with names in it replaced: what was extracted never is in a file. */
static enum p2i_result extract_rewritten(struct making *making, size_t capture,
                                         const uint64_t *sessions, size_t count, const char *output,
                                         struct p2i_error *error)
{
    struct p2i_buffer original = {0};
    struct p2i_buffer rewritten = {0};
    enum p2i_result result = extract(making, capture, sessions, count, &original, NULL, error);
    if (result == P2I_OK) {
        result = p2i_rewrite_pcapng(p2i_view_of(original.data, original.size), making->rewriting,
                                    &rewritten, error);
    }
    if (result == P2I_OK) {
        result = p2i_corpus_write_file(output, p2i_view_of(rewritten.data, rewritten.size), error);
    }
    p2i_buffer_free(&original);
    p2i_buffer_free(&rewritten);
    return result;
}

/* The capture itself, or what was extracted from it, into `path`. */
static enum p2i_result make_capture(struct making *making, struct p2i_corpus_file *file,
                                    const uint64_t *sessions, size_t count,
                                    char path[P2I_CORPUS_PATH_MAX], struct p2i_error *error)
{
    const char *source = making->settings.paths[file->capture];
    if (!making->settings.whole) {
        if (!p2i_corpus_path(path, making->settings.folder, file->name, ".pcapng")) {
            return p2i_fail(error, P2I_OUTPUT, "the path is too long");
        }
        return making->rewriting != NULL
                   ? extract_rewritten(making, file->capture, sessions, count, path, error)
                   : extract(making, file->capture, sessions, count, NULL, path, error);
    }
    char *relative = p2i_corpus_relative(making->settings.folder, source);
    bool fits = relative != NULL && strlen(relative) < sizeof file->capture_path;
    (void)snprintf(file->capture_path, sizeof file->capture_path, "%s", fits ? relative : "");
    (void)snprintf(path, P2I_CORPUS_PATH_MAX, "%s", source);
    free(relative);
    return fits ? P2I_OK : p2i_fail(error, P2I_OUTPUT, "the path is too long");
}

/* Makes the files of a capture, and notes what they cover. */
static enum p2i_result make_file(struct making *making, size_t capture, const uint64_t *sessions,
                                 size_t count, struct p2i_error *error)
{
    struct p2i_corpus_file *file = &making->files[making->file_count];
    struct p2i_corpus_reading reading = {.settings = making->conversion};
    char paths[3][P2I_CORPUS_PATH_MAX];
    const char *folder = making->settings.folder;
    *file = (struct p2i_corpus_file){.capture = (uint32_t)capture};
    choose_name(making,
                making->settings.anonymise != NULL ? "capture" : making->settings.paths[capture],
                file->name);
    if (!p2i_corpus_path(paths[1], folder, file->name, ".ipfix") ||
        !p2i_corpus_path(paths[2], folder, file->name, ".jsonl")) {
        return p2i_fail(error, P2I_OUTPUT, "the path is too long");
    }
    enum p2i_result result = make_capture(making, file, sessions, count, paths[0], error);
    if (result == P2I_OK) {
        hash_file(paths[0], file->sha256, &file->size);
        result = p2i_corpus_convert(p2i_view_of(making->text.data, making->text.size), 0, paths[0],
                                    paths[1], paths[2], error);
    }
    if (result == P2I_OK || result == P2I_DAMAGED) {
        result = p2i_candidates_read(&making->candidates, &reading, paths[0], 0,
                                     (uint32_t)making->file_count, error);
    }
    making->counts.bytes += file->size;
    making->counts.sessions += count;
    making->file_count++;
    return result == P2I_DAMAGED ? P2I_OK : result;
}

static enum p2i_result make_files(struct making *making, struct p2i_error *error)
{
    const struct p2i_candidates *candidates = &making->candidates;
    uint64_t *sessions = calloc(candidates->count + 1, sizeof *sessions);
    enum p2i_result result = P2I_OK;
    if (sessions == NULL) {
        return p2i_fail_memory(error);
    }
    for (size_t i = 0; i < making->settings.path_count && result == P2I_OK; i++) {
        size_t count = 0;
        for (size_t j = 0; j < candidates->count; j++) {
            if (candidates->list[j].chosen && candidates->list[j].capture == i) {
                sessions[count++] = candidates->list[j].session;
            }
        }
        if (is_stopped(making)) {
            result = P2I_END;
        } else if (count > 0 || (making->settings.whole && !making->sources[i].refused)) {
            result = make_file(making, i, sessions, count, error);
        }
    }
    free(sessions);
    return result;
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
    making->file_count = 0;
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
    char path[P2I_CORPUS_PATH_MAX];
    making->counts.files = making->file_count;
    for (size_t i = 0; i < making->met; i++) {
        making->counts.covered += making->candidates.all.list[i].file != P2I_COMBINATION_NONE;
    }
    struct p2i_corpus_contents contents = {.sources = making->sources,
                                           .source_count = making->settings.path_count,
                                           .files = making->files,
                                           .file_count = making->file_count,
                                           .candidates = &making->candidates,
                                           .met = making->met,
                                           .counts = &making->counts,
                                           .anonymised = making->settings.anonymise != NULL};
    (void)p2i_corpus_path(path, making->settings.folder, P2I_CORPUS_SETTINGS, "");
    enum p2i_result result =
        p2i_corpus_write_file(path, p2i_view_of(making->text.data, making->text.size), error);
    (void)p2i_corpus_path(path, making->settings.folder, P2I_CORPUS_MANIFEST, "");
    result = result == P2I_OK ? p2i_corpus_manifest_write(&contents, path, error) : result;
    error->file = NULL;
    return result;
}

static enum p2i_result make(struct making *making, struct p2i_error *error)
{
    enum p2i_result result = prepare_settings(making, error);
    if (result == P2I_OK) {
        result = prepare_rewriting(making, error);
    }
    if (result == P2I_OK) {
        result = p2i_corpus_make_folder(making->settings.folder, error);
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
    p2i_settings_free(making.conversion);
    p2i_settings_free(making.rewriting);
    p2i_buffer_free(&making.text);
    free(making.sources);
    free(making.files);
    return result;
}
