/* SPDX-License-Identifier: MIT */
#include "export/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "record/record.h"

enum {
    NAME_ROOM = 32,
    RUNS_MOST = 64, /* temporary files at a time */
};

/* A record, in memory or in front of its bytes in a temporary file. */
struct entry {
    struct p2i_sort_key key;
    uint64_t number; /* in the order of adding */
    uint64_t offset; /* of its bytes in memory */
    uint32_t size;
    uint32_t tag;
};

/* Records in order: those in memory, or those of a temporary file. */
struct run {
    FILE *file;      /* NULL: in memory */
    size_t position; /* in memory: entries given so far */
    bool ended;
    struct entry head; /* the next record */
    struct p2i_buffer bytes;
};

struct p2i_sorter {
    uint64_t memory_bytes;
    const char *folder;
    uint64_t number;
    struct entry *entries;
    size_t entry_count, entry_capacity;
    struct p2i_buffer bytes;
    struct run *runs;
    size_t run_count;
    struct run *given; /* the source of the last record; NULL before the first */
    bool giving;
};

struct p2i_sorter *p2i_sorter_new(uint64_t memory_bytes, const char *folder)
{
    struct p2i_sorter *sorter = calloc(1, sizeof *sorter);
    if (sorter != NULL) {
        sorter->memory_bytes = memory_bytes;
        sorter->folder = folder;
    }
    return sorter;
}

static enum p2i_result fail_file(const struct p2i_sorter *sorter, struct p2i_error *error)
{
    int system_error = errno;
    (void)p2i_fail(error, P2I_OUTPUT, "cannot use a temporary file in '%.100s'", sorter->folder);
    error->system_error = system_error;
    return P2I_OUTPUT;
}

static int compare(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    if (a->key.time_s != b->key.time_s) {
        return a->key.time_s < b->key.time_s ? -1 : 1;
    }
    if (a->key.session_id != b->key.session_id) {
        return a->key.session_id < b->key.session_id ? -1 : 1;
    }
    if (a->key.domain != b->key.domain) {
        return a->key.domain < b->key.domain ? -1 : 1;
    }
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Opens a file without a name, which disappears when it is closed. */
static FILE *open_temporary(const struct p2i_sorter *sorter)
{
    size_t size = strlen(sorter->folder) + NAME_ROOM;
    char *path = malloc(size);
    if (path == NULL) {
        return NULL;
    }
    (void)snprintf(path, size, "%s/.merge.XXXXXX", sorter->folder);
    int descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor >= 0) {
        (void)unlink(path);
    }
    free(path);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w+b") : NULL;
    if (file == NULL && descriptor >= 0) {
        (void)close(descriptor);
    }
    return file;
}

static struct run *add_run(struct p2i_sorter *sorter)
{
    struct run *runs = realloc(sorter->runs, (sorter->run_count + 1) * sizeof *runs);
    if (runs == NULL) {
        return NULL;
    }
    sorter->runs = runs;
    runs[sorter->run_count] = (struct run){0};
    return &runs[sorter->run_count++];
}

static void sort_memory(struct p2i_sorter *sorter)
{
    if (sorter->entry_count > 1) {
        qsort(sorter->entries, sorter->entry_count, sizeof *sorter->entries, compare);
    }
}

static bool write_entry(FILE *file, const struct entry *entry, const uint8_t *bytes)
{
    return fwrite(entry, sizeof *entry, 1, file) == 1 &&
           (entry->size == 0 || fwrite(bytes, entry->size, 1, file) == 1);
}

static bool rewind_file(FILE *file)
{
    return fflush(file) == 0 && fseek(file, 0, SEEK_SET) == 0;
}

/* Reads the next head of a run, and from a file also the bytes. */
static enum p2i_result step(struct p2i_sorter *sorter, struct run *run, struct p2i_error *error)
{
    if (run->file == NULL) {
        run->ended = run->position == sorter->entry_count;
        if (!run->ended) {
            run->head = sorter->entries[run->position++];
        }
        return P2I_OK;
    }
    run->ended = fread(&run->head, sizeof run->head, 1, run->file) != 1;
    if (run->ended) {
        return ferror(run->file) == 0 ? P2I_OK : fail_file(sorter, error);
    }
    run->bytes.size = 0;
    if (!p2i_buffer_reserve(&run->bytes, run->head.size)) {
        return p2i_fail_memory(error);
    }
    if (run->head.size > 0 && fread(run->bytes.data, run->head.size, 1, run->file) != 1) {
        return fail_file(sorter, error);
    }
    return P2I_OK;
}

/* The run with the next record; NULL: none. */
static struct run *find_first(struct p2i_sorter *sorter)
{
    struct run *first = NULL;
    for (size_t i = 0; i < sorter->run_count; i++) {
        struct run *run = &sorter->runs[i];
        if (!run->ended && (first == NULL || compare(&run->head, &first->head) < 0)) {
            first = run;
        }
    }
    return first;
}

static enum p2i_result step_all(struct p2i_sorter *sorter, struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    for (size_t i = 0; i < sorter->run_count && result == P2I_OK; i++) {
        result = step(sorter, &sorter->runs[i], error);
    }
    return result;
}

static void free_runs(struct p2i_sorter *sorter)
{
    for (size_t i = 0; i < sorter->run_count; i++) {
        if (sorter->runs[i].file != NULL) {
            (void)fclose(sorter->runs[i].file);
        }
        p2i_buffer_free(&sorter->runs[i].bytes);
    }
    sorter->run_count = 0;
}

/* Merges all temporary files into one. */
static enum p2i_result join_runs(struct p2i_sorter *sorter, struct p2i_error *error)
{
    struct run joined = {.file = open_temporary(sorter)};
    if (joined.file == NULL) {
        return fail_file(sorter, error);
    }
    enum p2i_result result = step_all(sorter, error);
    struct run *first = find_first(sorter);
    while (result == P2I_OK && first != NULL) {
        result = write_entry(joined.file, &first->head, first->bytes.data)
                     ? step(sorter, first, error)
                     : fail_file(sorter, error);
        first = find_first(sorter);
    }
    if (result == P2I_OK && !rewind_file(joined.file)) {
        result = fail_file(sorter, error);
    }
    if (result != P2I_OK) {
        (void)fclose(joined.file);
        return result;
    }
    free_runs(sorter);
    sorter->runs[sorter->run_count++] = joined;
    return P2I_OK;
}

/* Moves the records in memory to a temporary file. */
static enum p2i_result spill(struct p2i_sorter *sorter, struct p2i_error *error)
{
    enum p2i_result result = sorter->run_count == RUNS_MOST ? join_runs(sorter, error) : P2I_OK;
    if (result != P2I_OK) {
        return result;
    }
    struct run *run = add_run(sorter);
    if (run == NULL) {
        return p2i_fail_memory(error);
    }
    run->file = open_temporary(sorter);
    bool done = run->file != NULL;
    sort_memory(sorter);
    for (size_t i = 0; i < sorter->entry_count && done; i++) {
        const struct entry *entry = &sorter->entries[i];
        struct p2i_view bytes = p2i_view_of(sorter->bytes.data, sorter->bytes.size);
        done = write_entry(run->file, entry, p2i_view_from(bytes, entry->offset).data);
    }
    if (!done || !rewind_file(run->file)) {
        return fail_file(sorter, error);
    }
    sorter->entry_count = 0;
    sorter->bytes.size = 0;
    return P2I_OK;
}

static bool reserve_entry(struct p2i_sorter *sorter)
{
    if (sorter->entry_count < sorter->entry_capacity) {
        return true;
    }
    size_t capacity = sorter->entry_capacity > 0 ? 2 * sorter->entry_capacity : 1024;
    struct entry *entries = realloc(sorter->entries, capacity * sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    sorter->entries = entries;
    sorter->entry_capacity = capacity;
    return true;
}

enum p2i_result p2i_sorter_add(struct p2i_sorter *sorter, const struct p2i_sort_key *key,
                               uint32_t tag, struct p2i_view bytes, struct p2i_error *error)
{
    uint64_t used = sorter->bytes.size + sorter->entry_count * sizeof(struct entry);
    if (sorter->entry_count > 0 && used + bytes.size > sorter->memory_bytes) {
        enum p2i_result result = spill(sorter, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    if (!reserve_entry(sorter) || !p2i_buffer_reserve(&sorter->bytes, bytes.size)) {
        return p2i_fail_memory(error);
    }
    sorter->entries[sorter->entry_count++] = (struct entry){.key = *key,
                                                            .number = sorter->number++,
                                                            .offset = sorter->bytes.size,
                                                            .size = (uint32_t)bytes.size,
                                                            .tag = tag};
    if (bytes.size > 0) {
        memcpy(sorter->bytes.data + sorter->bytes.size, bytes.data, bytes.size);
        sorter->bytes.size += bytes.size;
    }
    return P2I_OK;
}

static enum p2i_result begin_giving(struct p2i_sorter *sorter, struct p2i_error *error)
{
    sort_memory(sorter);
    sorter->giving = true;
    return add_run(sorter) != NULL ? step_all(sorter, error) : p2i_fail_memory(error);
}

enum p2i_result p2i_sorter_next(struct p2i_sorter *sorter, struct p2i_sorted *sorted,
                                struct p2i_error *error)
{
    enum p2i_result result = P2I_OK;
    if (!sorter->giving) {
        result = begin_giving(sorter, error);
    } else if (sorter->given != NULL) {
        result = step(sorter, sorter->given, error);
    }
    if (result != P2I_OK) {
        return result;
    }
    struct run *first = find_first(sorter);
    sorter->given = first;
    if (first == NULL) {
        return P2I_END;
    }
    const uint8_t *data =
        first->file != NULL ? first->bytes.data : sorter->bytes.data + first->head.offset;
    *sorted = (struct p2i_sorted){.key = first->head.key,
                                  .tag = first->head.tag,
                                  .bytes = p2i_view_of(data, first->head.size)};
    return P2I_OK;
}

void p2i_sorter_free(struct p2i_sorter *sorter)
{
    if (sorter == NULL) {
        return;
    }
    free_runs(sorter);
    free(sorter->runs);
    free(sorter->entries);
    p2i_buffer_free(&sorter->bytes);
    free(sorter);
}
