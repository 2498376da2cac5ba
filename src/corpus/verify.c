/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sha256.h"
#include "corpus/folder.h"
#include "corpus/manifest.h"
#include "pcap2ipfix/corpus.h"
#include "pcap2ipfix/diff.h"

enum {
    DIFF_MEMORY = 256 * 1024 * 1024,
    ROOM = P2I_CORPUS_NAME_MAX + 64,
};

static const char *const endings[] = {".pcapng", ".ipfix", ".jsonl"};
enum { ENDING_COUNT = sizeof endings / sizeof *endings };

struct verification {
    struct p2i_corpus_check *check;
    uint64_t lasting; /* differences that new records do not repair */
    struct p2i_buffer settings;
    char folder[P2I_CORPUS_PATH_MAX]; /* of the new records */
    char (*names)[P2I_CORPUS_NAME_MAX];
    size_t name_count;
};

static void report(struct verification *verification, const char *name, const char *ending,
                   const char *text, const struct p2i_diff *diff)
{
    struct p2i_corpus_check *check = verification->check;
    char file[ROOM];
    (void)snprintf(file, sizeof file, "%s%s", name, ending);
    check->differences++;
    if (check->differs != NULL) {
        check->differs(check->context, file, text, diff);
    }
}

/* The same for a difference that is none of records. */
static void report_lasting(struct verification *verification, const char *name, const char *ending,
                           const char *text)
{
    verification->lasting++;
    report(verification, name, ending, text, NULL);
}

/* ---- A capture ---- */

static enum p2i_result check_capture(struct verification *verification,
                                     const struct p2i_corpus_file *file, const char *path,
                                     bool *there, struct p2i_error *error)
{
    uint8_t digest[P2I_SHA256_SIZE];
    char text[2 * P2I_SHA256_SIZE + 1];
    uint64_t size = 0;
    *there = access(path, R_OK) == 0;
    if (!*there) {
        report_lasting(verification, file->name, ".pcapng", "missing");
        return P2I_OK;
    }
    if (!p2i_sha256_is_built_in() || file->sha256[0] == '\0') {
        return P2I_OK;
    }
    enum p2i_result result = p2i_sha256_file(path, digest, &size, error);
    if (result == P2I_INTERNAL) {
        return result;
    }
    p2i_sha256_text(digest, text);
    if (result != P2I_OK || size != file->size || strcmp(text, file->sha256) != 0) {
        report_lasting(verification, file->name, ".pcapng", "not the capture of the manifest");
    }
    return P2I_OK;
}

static enum p2i_result give_nothing(void *context, const struct p2i_diff_record *record,
                                    struct p2i_error *error)
{
    (void)context;
    (void)record;
    (void)error;
    return P2I_OK;
}

/* Reports two files whose bytes differ. */
static enum p2i_result compare_records(struct verification *verification, const char *name,
                                       const char *ending, const char *const paths[2],
                                       struct p2i_error *error)
{
    struct p2i_diff_settings settings = {.struct_size = sizeof settings,
                                         .memory_bytes = DIFF_MEMORY,
                                         .folder = verification->check->temporary};
    struct p2i_diff *diff = NULL;
    bool damaged = false;
    enum p2i_result result = p2i_diff_new(&diff, &settings, error);
    for (int side = 0; side < 2 && result == P2I_OK; side++) {
        result = p2i_diff_add(diff, side, paths[side], error);
        damaged = damaged || result == P2I_DAMAGED || result == P2I_INPUT;
        result = result == P2I_DAMAGED || result == P2I_INPUT ? P2I_OK : result;
    }
    if (result == P2I_OK) {
        result = p2i_diff_run(diff, give_nothing, NULL, error);
    }
    if (result == P2I_OK) {
        const char *text = damaged                         ? "damaged"
                           : !p2i_diff_is_same(diff)       ? "other records"
                           : !p2i_diff_is_same_order(diff) ? "the same records in another order"
                                                           : "the same records in other bytes";
        report(verification, name, ending, text, diff);
    }
    p2i_diff_free(diff);
    return result;
}

/* Compares a file of records with the new one. */
static enum p2i_result check_records(struct verification *verification, const char *name,
                                     const char *ending, const char *fresh, struct p2i_error *error)
{
    char path[P2I_CORPUS_PATH_MAX];
    struct p2i_buffer bytes[2] = {{0}, {0}};
    const char *const paths[2] = {path, fresh};
    (void)p2i_corpus_path(path, verification->check->folder, name, ending);
    if (access(path, R_OK) != 0) {
        report(verification, name, ending, "missing", NULL);
        return P2I_OK;
    }
    enum p2i_result result = p2i_corpus_read_file(path, &bytes[0], error);
    if (result == P2I_OK) {
        result = p2i_corpus_read_file(fresh, &bytes[1], error);
    }
    bool same = p2i_view_equals(p2i_view_of(bytes[0].data, bytes[0].size),
                                p2i_view_of(bytes[1].data, bytes[1].size));
    p2i_buffer_free(&bytes[0]);
    p2i_buffer_free(&bytes[1]);
    return result == P2I_OK && !same ? compare_records(verification, name, ending, paths, error)
                                     : result;
}

static enum p2i_result convert(struct verification *verification, const char *name,
                               const char *capture, const char *folder, struct p2i_error *error)
{
    char paths[2][P2I_CORPUS_PATH_MAX];
    struct p2i_buffer *settings = &verification->settings;
    if (!p2i_corpus_path(paths[0], folder, name, ".ipfix") ||
        !p2i_corpus_path(paths[1], folder, name, ".jsonl")) {
        return p2i_fail(error, P2I_OUTPUT, "the path is too long");
    }
    return p2i_corpus_convert(p2i_view_of(settings->data, settings->size),
                              verification->check->threads, capture, paths[0], paths[1], error);
}

/* Both files of records against new ones. */
static enum p2i_result check_conversion(struct verification *verification, const char *name,
                                        const char *capture, struct p2i_error *error)
{
    enum p2i_result result = convert(verification, name, capture, verification->folder, error);
    bool unreadable = result == P2I_INPUT; /* there are no records to compare with */
    if (unreadable) {
        report_lasting(verification, name, "", error->text);
    }
    result = result == P2I_DAMAGED ? P2I_OK : result; /* it was so before, or the hash says it */
    for (int i = 1; i < ENDING_COUNT && (result == P2I_OK || unreadable); i++) {
        char fresh[P2I_CORPUS_PATH_MAX];
        (void)p2i_corpus_path(fresh, verification->folder, name, endings[i]);
        if (!unreadable) {
            result = check_records(verification, name, endings[i], fresh, error);
        }
        (void)unlink(fresh);
    }
    return unreadable ? P2I_OK : result;
}

static bool is_known(const struct verification *verification, const char *name)
{
    for (size_t i = 0; i < verification->name_count; i++) {
        if (strcmp(verification->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_name(struct verification *verification, const char *name)
{
    char(*names)[P2I_CORPUS_NAME_MAX] =
        realloc(verification->names, (verification->name_count + 1) * sizeof *names);
    if (names == NULL) {
        return false;
    }
    verification->names = names;
    (void)snprintf(names[verification->name_count++], sizeof *names, "%s", name);
    return true;
}

static enum p2i_result check_file(void *context, const struct p2i_corpus_file *file,
                                  struct p2i_error *error)
{
    struct verification *verification = context;
    struct p2i_corpus_check *check = verification->check;
    char capture[P2I_CORPUS_PATH_MAX];
    bool there = false;
    if (check->is_stopped != NULL && check->is_stopped(check->context)) {
        return P2I_END;
    }
    if (is_known(verification, file->name)) {
        report_lasting(verification, file->name, "", "twice in the manifest");
        return P2I_OK;
    }
    bool whole = file->capture_path[0] != '\0';
    if (!p2i_corpus_path(capture, check->folder, whole ? file->capture_path : file->name,
                         whole ? "" : ".pcapng")) {
        return p2i_fail(error, P2I_INPUT, "the path is too long");
    }
    check->files++;
    enum p2i_result result = add_name(verification, file->name)
                                 ? check_capture(verification, file, capture, &there, error)
                                 : p2i_fail_memory(error);
    uint64_t before = check->differences;
    if (result == P2I_OK && there) {
        result = check_conversion(verification, file->name, capture, error);
    }
    if (result == P2I_OK && there && check->update && check->differences > before) {
        result = convert(verification, file->name, capture, check->folder, error);
        result = result == P2I_DAMAGED || result == P2I_INPUT ? P2I_OK : result;
    }
    return result;
}

/* ---- The folder ---- */

/* Reports files of a corpus that the manifest does not name. */
static void check_others(struct verification *verification)
{
    DIR *directory = opendir(verification->check->folder);
    if (directory == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        size_t size = strlen(entry->d_name);
        for (int i = 0; i < ENDING_COUNT; i++) {
            size_t ending = strlen(endings[i]);
            if (size > ending && strcmp(entry->d_name + size - ending, endings[i]) == 0) {
                char name[sizeof entry->d_name];
                (void)snprintf(name, sizeof name, "%.*s", (int)(size - ending), entry->d_name);
                if (!is_known(verification, name)) {
                    report_lasting(verification, name, endings[i], "not in the manifest");
                }
            }
        }
    }
    (void)closedir(directory);
}

static enum p2i_result read_files(struct verification *verification, struct p2i_buffer *manifest,
                                  struct p2i_error *error)
{
    char path[P2I_CORPUS_PATH_MAX];
    const char *folder = verification->check->folder;
    if (!p2i_corpus_path(path, folder, P2I_CORPUS_SETTINGS, "")) {
        return p2i_fail(error, P2I_INPUT, "the path is too long");
    }
    enum p2i_result result = p2i_corpus_read_file(path, &verification->settings, error);
    if (result == P2I_OK) {
        (void)p2i_corpus_path(path, folder, P2I_CORPUS_MANIFEST, "");
        result = p2i_corpus_read_file(path, manifest, error);
    }
    return result;
}

static enum p2i_result run(struct verification *verification, struct p2i_error *error)
{
    struct p2i_buffer manifest = {0};
    enum p2i_result result = read_files(verification, &manifest, error);
    if (result == P2I_OK) {
        result = p2i_corpus_manifest_read(p2i_view_of(manifest.data, manifest.size), check_file,
                                          verification, error);
    }
    if (result == P2I_OK) {
        check_others(verification);
    }
    p2i_buffer_free(&manifest);
    return result;
}

enum p2i_result p2i_corpus_verify(struct p2i_corpus_check *check, struct p2i_error *error)
{
    struct verification verification = {.check = check};
    check->files = check->differences = 0;
    if (!p2i_corpus_path(verification.folder, check->temporary, "corpus.XXXXXX", "") ||
        mkdtemp(verification.folder) == NULL) {
        return p2i_fail(error, P2I_OUTPUT, "cannot make a temporary folder");
    }
    enum p2i_result result = run(&verification, error);
    (void)rmdir(verification.folder);
    p2i_buffer_free(&verification.settings);
    free(verification.names);
    uint64_t left = check->update ? verification.lasting : check->differences;
    return result == P2I_OK && left > 0
               ? p2i_fail(error, P2I_DAMAGED, "the corpus is not as it was")
               : result;
}
