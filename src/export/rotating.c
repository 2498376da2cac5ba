/* SPDX-License-Identifier: MIT */
#include "export/rotating.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/capture_name.h"
#include "base/hash.h"
#include "export/compressor.h"
#include "export/file_name.h"
#include "export/folders.h"

/* A name so far. */
struct named {
    uint64_t hash;
    uint64_t count; /* of files; 0: the place is free */
};

struct rotating {
    struct p2i_exporter exporter; /* first, so that it is the same address */
    struct p2i_rotation rotation;
    struct p2i_exporter *file; /* the current one; NULL: none */
    uint32_t begun_s;          /* time of its first record */
    uint64_t file_count;       /* begun */
    uint64_t closed_bytes;     /* of the files before */
    struct named *names;       /* a hash table, if the pattern has conversions */
    size_t name_capacity;      /* a power of two; 0 at first */
    size_t name_count;
    size_t folder;                    /* bytes of the name, with the slash */
    char name[2 * P2I_FILE_NAME_MAX]; /* of the current file */
};

/* The name in an error must outlive the files: the pattern does; the actual name goes into the
 * text. */
static enum p2i_result name_error(const struct rotating *rotating, enum p2i_result result,
                                  struct p2i_error *error)
{
    if (result != P2I_OK && error->file == rotating->name) {
        char text[sizeof error->text];
        bool whole = p2i_file_name_varies(rotating->rotation.pattern);
        (void)snprintf(text, sizeof text, "%.120s: %.120s",
                       whole ? rotating->name + rotating->folder : p2i_last_part(rotating->name),
                       error->text);
        memcpy(error->text, text, sizeof text);
        const struct p2i_rotation *rotation = &rotating->rotation;
        error->file = rotation->folder != NULL ? rotation->folder : rotation->pattern;
    }
    return result;
}

static uint64_t hash_of(const char *name)
{
    uint64_t hash = 0;
    for (; *name != '\0'; name++) {
        hash = p2i_mix(hash, (uint8_t)*name);
    }
    return hash;
}

/* The place of a name: where it is, or where it would be. */
static struct named *place_of(const struct rotating *rotating, uint64_t hash)
{
    size_t mask = rotating->name_capacity - 1;
    size_t at = hash & mask;
    while (rotating->names[at].count > 0 && rotating->names[at].hash != hash) {
        at = (at + 1) & mask;
    }
    return &rotating->names[at];
}

/* Makes room for one more name. False: out of memory. */
static bool reserve_name(struct rotating *rotating)
{
    struct named *old = rotating->names;
    size_t old_capacity = rotating->name_capacity;
    if ((rotating->name_count + 1) * 2 <= old_capacity) {
        return true;
    }
    size_t capacity = old_capacity > 0 ? 2 * old_capacity : 64;
    struct named *names = calloc(capacity, sizeof *names);
    if (names == NULL) {
        return false;
    }
    rotating->names = names;
    rotating->name_capacity = capacity;
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].count > 0) {
            *place_of(rotating, old[i].hash) = old[i];
        }
    }
    free(old);
    return true;
}

/* Counts the files that had this name before, and notes this one. False: out of memory. */
static bool note_name(struct rotating *rotating, uint64_t *before)
{
    if (!reserve_name(rotating)) {
        return false;
    }
    uint64_t hash = hash_of(rotating->name);
    struct named *named = place_of(rotating, hash);
    *before = named->count;
    rotating->name_count += named->count == 0;
    *named = (struct named){hash, named->count + 1};
    return true;
}

static enum p2i_result choose_name(struct rotating *rotating, uint32_t time_s,
                                   struct p2i_error *error)
{
    const char *pattern = rotating->rotation.pattern;
    char *name = rotating->name + rotating->folder;
    uint64_t before = 0;
    if (!p2i_file_name_varies(pattern)) {
        return p2i_file_name(name, pattern, time_s, rotating->file_count + 1, error);
    }
    enum p2i_result result = p2i_file_name(name, pattern, time_s, 0, error);
    if (result == P2I_OK && !note_name(rotating, &before)) {
        result = p2i_fail_memory(error);
    }
    return result == P2I_OK && before > 0 ? p2i_file_name(name, pattern, time_s, before + 1, error)
                                          : result;
}

/* The time in the name: the beginning of the period, or the time of the first record. */
static uint32_t name_time(const struct rotating *rotating, uint32_t time_s)
{
    const struct p2i_rotation *rotation = &rotating->rotation;
    bool period = rotation->seconds > 0 && !rotation->from_first;
    return period ? time_s - time_s % rotation->seconds : time_s;
}

static enum p2i_result begin_file(struct rotating *rotating, uint32_t time_s,
                                  struct p2i_error *error)
{
    const struct p2i_rotation *rotation = &rotating->rotation;
    enum p2i_result result = choose_name(rotating, name_time(rotating, time_s), error);
    if (result == P2I_OK && rotation->folder == NULL && p2i_file_name_varies(rotation->pattern)) {
        result = p2i_folders_make(rotating->name, rotation->sync, error);
    }
    if (result == P2I_OK) {
        result = rotation->open(rotation->context, &rotating->file, rotating->name, error);
    }
    rotating->file_count++;
    rotating->begun_s = time_s;
    return name_error(rotating, result, error);
}

static enum p2i_result end_file(struct rotating *rotating, uint32_t time_s, struct p2i_error *error)
{
    struct p2i_exporter *file = rotating->file;
    enum p2i_result result = file->methods->finish(file, time_s, error);
    rotating->closed_bytes += file->bytes_written;
    rotating->exporter.bytes_written = rotating->closed_bytes;
    file->methods->free(file);
    rotating->file = NULL;
    return name_error(rotating, result, error);
}

/* Time that goes back, because the next capture is older, ends no file. When it goes back by more
 * than the time of a file, the current file counts as begun at the new time. */
static void note_time(struct rotating *rotating, uint32_t time_s)
{
    uint32_t begun_s = rotating->begun_s;
    if (time_s < begun_s && begun_s - time_s > rotating->rotation.seconds) {
        rotating->begun_s = time_s;
    }
}

static bool is_over(const struct rotating *rotating, uint32_t time_s)
{
    const struct p2i_rotation *rotation = &rotating->rotation;
    uint32_t begun_s = rotating->begun_s;
    uint32_t seconds = rotation->seconds;
    if (rotation->bytes > 0 && rotating->file->bytes_written >= rotation->bytes) {
        return true;
    }
    if (seconds == 0 || time_s <= begun_s) {
        return false;
    }
    return rotation->from_first ? time_s - begun_s >= seconds
                                : time_s / seconds > begun_s / seconds;
}

/* True when records of the kind are written here. */
static bool is_wanted(const struct rotating *rotating, enum p2i_record_kind kind)
{
    uint32_t kinds = rotating->rotation.kinds;
    return kinds == 0 || (kinds >> kind & 1) != 0;
}

static enum p2i_result write_record(struct p2i_exporter *exporter, const struct p2i_record *record,
                                    struct p2i_error *error)
{
    struct rotating *rotating = (struct rotating *)exporter;
    enum p2i_result result = P2I_OK;
    note_time(rotating, record->time_s);
    if (rotating->file != NULL && is_over(rotating, record->time_s)) {
        result = end_file(rotating, record->time_s, error);
    }
    if (!is_wanted(rotating, record->kind)) {
        return result;
    }
    if (result == P2I_OK && rotating->file == NULL) {
        result = begin_file(rotating, record->time_s, error);
    }
    if (result == P2I_OK) {
        result = name_error(rotating, rotating->file->methods->write(rotating->file, record, error),
                            error);
        exporter->records_written++;
        exporter->bytes_written = rotating->closed_bytes + rotating->file->bytes_written;
    }
    return result;
}

static enum p2i_result finish(struct p2i_exporter *exporter, uint32_t time_s,
                              struct p2i_error *error)
{
    struct rotating *rotating = (struct rotating *)exporter;
    enum p2i_result result = P2I_OK;
    if (rotating->file == NULL && rotating->rotation.kinds == 0) {
        result = begin_file(rotating, time_s, error);
    }
    return result == P2I_OK && rotating->file != NULL ? end_file(rotating, time_s, error) : result;
}

static void free_rotating(struct p2i_exporter *exporter)
{
    struct rotating *rotating = (struct rotating *)exporter;
    if (rotating == NULL) {
        return;
    }
    if (rotating->file != NULL) {
        rotating->file->methods->free(rotating->file);
    }
    free(rotating->names);
    free(rotating);
}

static enum p2i_result name_folder(struct rotating *rotating, struct p2i_error *error)
{
    const char *folder = rotating->rotation.folder;
    size_t size = folder != NULL ? strlen(folder) : 0;
    if (size >= P2I_FILE_NAME_MAX) {
        return p2i_fail(error, P2I_USAGE, "'%.200s...': the name is too long", folder);
    }
    if (folder != NULL) {
        memcpy(rotating->name, folder, size);
        rotating->name[size] = '/';
        rotating->folder = size + 1;
    }
    return P2I_OK;
}

static const struct p2i_exporter_methods methods = {write_record, finish, free_rotating};

enum p2i_result p2i_rotating_open(struct p2i_exporter **exporter,
                                  const struct p2i_rotation *rotation, struct p2i_error *error)
{
    *exporter = NULL;
    struct rotating *rotating = calloc(1, sizeof *rotating);
    if (rotating == NULL) {
        return p2i_fail_memory(error);
    }
    rotating->exporter.methods = &methods;
    rotating->rotation = *rotation;
    enum p2i_result result = name_folder(rotating, error);
    if (result == P2I_OK) {
        result = p2i_compressor_check(rotation->pattern, error);
    }
    if (result == P2I_OK) {
        result = p2i_file_name(rotating->name + rotating->folder, rotation->pattern, 0, 1, error);
    }
    if (result != P2I_OK) {
        free(rotating);
        return result;
    }
    *exporter = &rotating->exporter;
    return P2I_OK;
}
