/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "corpus/conversion.h"
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
    struct p2i_corpus_manifest manifest;
    struct p2i_corpus_conversion conversion;
    char folder[P2I_CORPUS_PATH_MAX]; /* of the new records */
    bool patched;                     /* the text of the manifest has new hashes */
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

/* The path of a file of the corpus; names of a manifest are never too long. */
static const char *path_of(const struct verification *verification, const char *name,
                           const char *ending, char path[P2I_CORPUS_PATH_MAX])
{
    (void)p2i_corpus_path(path, verification->check->folder, name, ending);
    return path;
}

/* ---- A capture ---- */

/* The path of a capture that may be read; else it is reported, and the path is empty. */
static void find_capture(struct verification *verification, const struct p2i_corpus_file *file,
                         char path[P2I_CORPUS_PATH_MAX])
{
    struct stat status;
    const char *wrong = NULL;
    if (file->path == NULL) {
        enum p2i_corpus_there there =
            p2i_corpus_look(path_of(verification, file->name, ".pcapng", path));
        wrong = there == P2I_CORPUS_MISSING ? "missing"
                : there == P2I_CORPUS_OTHER ? "not a regular file"
                                            : NULL;
    } else if (!verification->check->whole) {
        wrong = "its capture is outside of the corpus, and only read with --whole";
    } else if (!p2i_corpus_path(path, verification->check->folder, file->path, "") ||
               stat(path, &status) != 0) {
        wrong = "missing";
    } else if (!S_ISREG(status.st_mode)) {
        wrong = "not a regular file";
    }
    if (wrong != NULL) {
        report(verification, file->name, file->path == NULL ? ".pcapng" : "", wrong, NULL);
        path[0] = '\0';
    }
}

static void check_capture(struct verification *verification, const struct p2i_corpus_file *file,
                          const char *path)
{
    char text[P2I_CORPUS_HASH_MAX];
    uint64_t size;
    struct p2i_error unread; /* then it has no hash, which is a difference */
    (void)p2i_corpus_hash(path, text, &size, &unread);
    bool known = p2i_sha256_is_built_in() && file->sha256[0] != '\0';
    if (size != file->size || (known && strcmp(text, file->sha256) != 0)) {
        report(verification, file->name, file->path == NULL ? ".pcapng" : "",
               "not the capture of the manifest", NULL);
    }
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

/* Puts new records in the place of those that differ. */
static enum p2i_result update(struct verification *verification, const char *path,
                              const struct p2i_buffer *bytes, struct p2i_error *error)
{
    enum p2i_result result =
        p2i_corpus_write_file(path, p2i_view_of(bytes->data, bytes->size), NULL, error);
    verification->check->updated += result == P2I_OK;
    error->file = NULL; /* does not live as long as the error */
    return result;
}

/* Compares a file of records with the new one. */
static enum p2i_result check_records(struct verification *verification, const char *name,
                                     const char *ending, const char *fresh, struct p2i_error *error)
{
    char path[P2I_CORPUS_PATH_MAX];
    struct p2i_buffer old = {0};
    struct p2i_buffer new = {0};
    const char *const paths[2] = {path_of(verification, name, ending, path), fresh};
    enum p2i_corpus_there there = p2i_corpus_look(path);
    enum p2i_result result = p2i_corpus_read_file(fresh, &new, error);
    bool differs = there != P2I_CORPUS_REGULAR;
    if (result == P2I_OK && differs) {
        report(verification, name, ending,
               there == P2I_CORPUS_MISSING ? "missing" : "not a regular file", NULL);
    } else if (result == P2I_OK) {
        result = p2i_corpus_read_file(path, &old, error);
        differs =
            !p2i_view_equals(p2i_view_of(old.data, old.size), p2i_view_of(new.data, new.size));
    }
    if (result == P2I_OK && differs && there == P2I_CORPUS_REGULAR) {
        result = compare_records(verification, name, ending, paths, error);
    }
    if (result == P2I_OK && differs && there != P2I_CORPUS_OTHER && verification->check->update) {
        result = update(verification, path, &new, error);
    }
    p2i_buffer_free(&old);
    p2i_buffer_free(&new);
    return result;
}

/* Both files of records against new ones. */
static enum p2i_result check_conversion(struct verification *verification, const char *name,
                                        const char *capture, struct p2i_error *error)
{
    char fresh[ENDING_COUNT][P2I_CORPUS_PATH_MAX];
    for (int i = 1; i < ENDING_COUNT; i++) {
        if (!p2i_corpus_path(fresh[i], verification->folder, name, endings[i])) {
            return p2i_fail(error, P2I_OUTPUT, "the path is too long");
        }
    }
    enum p2i_result result =
        p2i_corpus_convert(&verification->conversion, verification->check->threads, capture,
                           fresh[1], fresh[2], false, error);
    bool unreadable = result == P2I_INPUT; /* there are no records to compare with */
    if (unreadable) {
        report(verification, name, "", error->text, NULL);
    }
    result = result == P2I_DAMAGED ? P2I_OK : result; /* it was so before, or the hash says it */
    for (int i = 1; i < ENDING_COUNT; i++) {
        if (result == P2I_OK) {
            result = check_records(verification, name, endings[i], fresh[i], error);
        }
        (void)unlink(fresh[i]);
    }
    return unreadable ? P2I_OK : result;
}

static enum p2i_result check_files(struct verification *verification, struct p2i_error *error)
{
    struct p2i_corpus_check *check = verification->check;
    const struct p2i_corpus_manifest *manifest = &verification->manifest;
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < manifest->file_count && result == P2I_OK; i++) {
        const struct p2i_corpus_file *file = &manifest->files[i];
        char capture[P2I_CORPUS_PATH_MAX];
        if (check->is_stopped != NULL && check->is_stopped(check->context)) {
            return P2I_END;
        }
        if (i > 0 && strcmp(file->name, manifest->files[i - 1].name) == 0) {
            report(verification, file->name, "", "twice in the manifest", NULL);
            continue;
        }
        check->files++;
        find_capture(verification, file, capture);
        if (capture[0] != '\0') {
            check_capture(verification, file, capture);
            result = check_conversion(verification, file->name, capture, error);
        }
    }
    return result;
}

/* ---- Settings ---- */

static struct p2i_corpus_input *find_input(struct p2i_corpus_manifest *manifest, const char *name)
{
    for (size_t i = 0; i < manifest->input_count; i++) {
        if (strcmp(manifest->inputs[i].name, name) == 0) {
            return &manifest->inputs[i];
        }
    }
    return NULL;
}

/* Compares the files of settings with the manifest, or the manifest with them. */
static void check_settings(struct verification *verification)
{
    struct p2i_corpus_manifest *manifest = &verification->manifest;
    const char *name;
    for (size_t i = 0; (name = p2i_corpus_conversion_file(&verification->conversion, i)) != NULL;
         i++) {
        char path[P2I_CORPUS_PATH_MAX];
        char hash[P2I_CORPUS_HASH_MAX];
        uint64_t size;
        struct p2i_error unread;
        const struct p2i_corpus_input *input = find_input(manifest, name);
        (void)p2i_corpus_hash(path_of(verification, name, "", path), hash, &size, &unread);
        if (input == NULL) {
            report(verification, name, "", "not in the manifest", NULL);
        } else if (hash[0] != '\0' && input->hash_at > 0 && strcmp(hash, input->sha256) != 0) {
            report(verification, name, "", "not the settings of the manifest", NULL);
            memcpy(manifest->text.data + input->hash_at, hash, P2I_CORPUS_HASH_MAX - 1);
            verification->patched = true;
            verification->check->updated += verification->check->update;
        }
    }
}

/* ---- The folder ---- */

static void check_number(struct verification *verification, const char *what, uint64_t said,
                         uint64_t listed)
{
    char text[ROOM];
    if (said != listed) {
        (void)snprintf(text, sizeof text, "the summary says %s: %llu, its lists %llu", what,
                       (unsigned long long)said, (unsigned long long)listed);
        report(verification, P2I_CORPUS_MANIFEST, "", text, NULL);
    }
}

static void check_summary(struct verification *verification)
{
    const struct p2i_corpus_manifest *manifest = &verification->manifest;
    const struct p2i_corpus_summary *said = &manifest->said;
    const struct p2i_corpus_summary *listed = &manifest->listed;
    check_number(verification, "combinations", said->combinations, listed->combinations);
    check_number(verification, "covered", said->covered, listed->covered);
    check_number(verification, "bytes", said->bytes, listed->bytes);
    check_number(verification, "bytes_of_captures", said->source_bytes, listed->source_bytes);
    if (!manifest->anonymised) { /* else no session is listed */
        check_number(verification, "sessions", said->sessions, listed->sessions);
    }
}

static int compare_name(const void *name, const void *file)
{
    return strcmp(name, ((const struct p2i_corpus_file *)file)->name);
}

/* Whether the manifest has a file of the folder. */
static bool is_known(const struct verification *verification, const char *entry)
{
    const struct p2i_corpus_manifest *manifest = &verification->manifest;
    size_t size = strlen(entry);
    const char *name = P2I_CORPUS_MANIFEST;
    for (size_t i = 0; name != NULL; i++) {
        if (strcmp(entry, name) == 0) {
            return true;
        }
        name = p2i_corpus_conversion_file(&verification->conversion, i);
    }
    for (int i = 0; i < ENDING_COUNT; i++) {
        size_t ending = strlen(endings[i]);
        char stem[P2I_CORPUS_NAME_MAX];
        if (size > ending && size - ending < sizeof stem &&
            strcmp(entry + size - ending, endings[i]) == 0) {
            (void)snprintf(stem, sizeof stem, "%.*s", (int)(size - ending), entry);
            const struct p2i_corpus_file *file =
                bsearch(stem, manifest->files, manifest->file_count, sizeof *file, compare_name);
            return file != NULL && (i > 0 || file->path == NULL);
        }
    }
    return false;
}

/* Reports files that the manifest does not name. Names that begin with '.' belong to others: tools
 * for versions, and files that were not completed. */
static void check_others(struct verification *verification)
{
    DIR *directory = opendir(verification->check->folder);
    if (directory == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (entry->d_name[0] != '.' && !is_known(verification, entry->d_name)) {
            report(verification, entry->d_name, "", "not in the manifest", NULL);
        }
    }
    (void)closedir(directory);
}

static enum p2i_result run(struct verification *verification, struct p2i_error *error)
{
    char path[P2I_CORPUS_PATH_MAX];
    struct p2i_corpus_check *check = verification->check;
    if (!p2i_corpus_path(path, check->folder, "", "") || strlen(path) + ROOM > sizeof path) {
        return p2i_fail(error, P2I_INPUT, "the path is too long");
    }
    enum p2i_result result = p2i_corpus_manifest_read(
        &verification->manifest, path_of(verification, P2I_CORPUS_MANIFEST, "", path), error);
    if (result == P2I_OK) {
        result = p2i_corpus_conversion_read(&verification->conversion, check->folder, error);
    }
    if (result != P2I_OK) {
        return result;
    }
    check_summary(verification);
    check_settings(verification);
    result = check_files(verification, error);
    if (result == P2I_OK) {
        check_others(verification);
    }
    if (result == P2I_OK && check->update && verification->patched) {
        const struct p2i_buffer *text = &verification->manifest.text;
        result = p2i_corpus_write_file(path, p2i_view_of(text->data, text->size), NULL, error);
        error->file = NULL;
    }
    return result;
}

enum p2i_result p2i_corpus_verify(struct p2i_corpus_check *check, struct p2i_error *error)
{
    struct verification verification = {.check = check};
    check->files = check->differences = check->updated = 0;
    if (!p2i_corpus_path(verification.folder, check->temporary, "corpus.XXXXXX", "") ||
        mkdtemp(verification.folder) == NULL) {
        return p2i_fail(error, P2I_OUTPUT, "cannot make a temporary folder");
    }
    enum p2i_result result = run(&verification, error);
    (void)rmdir(verification.folder);
    p2i_corpus_manifest_free(&verification.manifest);
    p2i_corpus_conversion_free(&verification.conversion);
    return result == P2I_OK && check->differences > check->updated
               ? p2i_fail(error, P2I_DAMAGED, "the corpus is not as it was")
               : result;
}
