/* SPDX-License-Identifier: MIT */
#include "export/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export/compressor.h"

enum {
    BUFFER_SIZE = 128 * 1024,
    LARGE = BUFFER_SIZE / 4, /* bytes that are written without a copy */
    TEMPORARY_TRIES = 100,
    TEMPORARY_LETTERS = 6,
    /* Bytes of a long name that the temporary's name keeps, so that it is not too long. */
    TEMPORARY_NAME_MAX = 200,
    OWNER = 0600,
    GROUP = 0070,
    OTHERS = 0007,
    PERMISSIONS = 0777,
};

struct p2i_output_file {
    const char *path;                  /* as the caller gave it, for errors */
    char *final;                       /* NULL: written directly, nothing to rename */
    char *temporary;                   /* NULL: none, or already renamed */
    struct p2i_compressor *compressor; /* NULL: plain */
    struct p2i_sync *sync;             /* NULL: nothing is synced */
    struct p2i_sync own_sync;          /* with P2I_OUTPUT_SYNC */
    int descriptor;                    /* -1: closed */
    mode_t permissions;                /* of the complete file that is a temporary yet */
    bool exact;                        /* it must get them */
    bool must_be_new;
    bool borrowed; /* standard output: not ours to close */
    size_t used;
    uint8_t buffer[BUFFER_SIZE];
};

static enum p2i_result fail(const struct p2i_output_file *file, const char *text, int system_error,
                            struct p2i_error *error)
{
    (void)p2i_fail(error, P2I_OUTPUT, "%s", text);
    error->file = file->path;
    error->system_error = system_error;
    return P2I_OUTPUT;
}

/* Bytes of the path up to and with its last slash. */
static size_t folder_size(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

static void fill_letters(char *at)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t random[TEMPORARY_LETTERS] = {0};
    if (getrandom(random, sizeof random, 0) < 0) {
        /* Then the process number is used instead; O_EXCL detects a name that is taken. */
        pid_t process = getpid();
        memcpy(random, &process, sizeof process < sizeof random ? sizeof process : sizeof random);
    }
    for (size_t i = 0; i < TEMPORARY_LETTERS; i++) {
        at[i] = letters[random[i] % 32];
    }
}

void p2i_output_mode_limit(struct p2i_output_mode *mode, const char *input)
{
    struct stat status;
    bool there =
        strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &status) == 0 : stat(input, &status) == 0;
    if (!there || !S_ISREG(status.st_mode)) {
        return;
    }
    bool others = (status.st_mode & S_IROTH) != 0;
    bool group = status.st_gid == getegid() ? (status.st_mode & S_IRGRP) != 0 : others;
    mode->denied |= (group ? 0 : GROUP) | (others ? 0 : OTHERS);
}

/* Creates the temporary, so that the kernel applies the umask or the default access list of the
 * folder. False: errno says why. */
static bool create_temporary(struct p2i_output_file *file, char *letters, unsigned denied)
{
    struct stat made;
    for (int tries = 0; tries < TEMPORARY_TRIES; tries++) {
        fill_letters(letters);
        file->descriptor =
            open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666 & ~denied);
        if (file->descriptor < 0 && errno == EEXIST) {
            continue;
        }
        if (file->descriptor < 0 || fstat(file->descriptor, &made) != 0) {
            return false;
        }
        file->permissions = made.st_mode & PERMISSIONS;
        bool other_group = made.st_gid != getegid(); /* that of the folder */
        if ((denied & OTHERS) == 0 || (made.st_mode & GROUP) == 0 || !other_group) {
            return true;
        }
        (void)close(file->descriptor);
        file->descriptor = -1;
        (void)unlink(file->temporary);
        denied |= GROUP;
        errno = EEXIST;
    }
    return false;
}

/* Decides which permissions the complete file gets. Nobody else can open the temporary until then.
 * That it could be opened at first, when it was empty, does no harm: so can the complete file. */
static bool choose_permissions(struct p2i_output_file *file, const struct stat *replaced,
                               unsigned exact)
{
    if (exact != 0) {
        file->permissions = exact & PERMISSIONS;
        file->exact = true;
        return fchmod(file->descriptor, file->permissions) == 0 &&
               fchmod(file->descriptor, OWNER) == 0;
    }
    if (replaced != NULL) {
        file->permissions = replaced->st_mode & PERMISSIONS;
        if (fchown(file->descriptor, (uid_t)-1, replaced->st_gid) != 0) {
            /* Its group is another one, which gets no more than everybody. */
            file->permissions &= ~(mode_t)GROUP | (replaced->st_mode & OTHERS) << 3;
        }
    }
    (void)fchmod(file->descriptor, OWNER); /* some file systems have no permissions */
    return true;
}

/* Creates `.NAME.XXXXXX` beside the final file. `replaced` NULL: it is a new file. */
static enum p2i_result open_temporary(struct p2i_output_file *file, const struct stat *replaced,
                                      const struct p2i_output_mode *mode, struct p2i_error *error)
{
    bool kept = mode->exact != 0 || replaced != NULL;
    size_t folder = folder_size(file->final);
    size_t size = folder + 1 + TEMPORARY_NAME_MAX + 1 + TEMPORARY_LETTERS + 1;
    file->temporary = malloc(size);
    if (file->temporary == NULL) {
        return p2i_fail_memory(error);
    }
    int end = snprintf(file->temporary, size, "%.*s.%.*s.", (int)folder, file->final,
                       TEMPORARY_NAME_MAX, file->final + folder);
    file->temporary[end + TEMPORARY_LETTERS] = '\0';
    if (!create_temporary(file, file->temporary + end, kept ? GROUP | OTHERS : mode->denied)) {
        int system_error = errno;
        if (file->descriptor < 0) {
            free(file->temporary);
            file->temporary = NULL;
        }
        return fail(file, "cannot create the temporary file beside it", system_error, error);
    }
    return choose_permissions(file, replaced, mode->exact)
               ? P2I_OK
               : fail(file, "cannot set its permissions", errno, error);
}

static enum p2i_result open_directly(struct p2i_output_file *file, struct p2i_error *error)
{
    file->descriptor = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return file->descriptor >= 0 ? P2I_OK : fail(file, "cannot open for writing", errno, error);
}

static enum p2i_result open_path(struct p2i_output_file *file, const struct p2i_output_mode *mode,
                                 struct p2i_error *error)
{
    struct stat status;
    if (file->borrowed) {
        file->descriptor = STDOUT_FILENO;
        return P2I_OK;
    }
    if (file->must_be_new && lstat(file->path, &status) == 0) {
        return fail(file, "already exists", 0, error);
    }
    bool exists = stat(file->path, &status) == 0;
    if (exists && !S_ISREG(status.st_mode)) {
        return open_directly(file, error);
    }
    if (!exists && file->path[folder_size(file->path)] == '\0') {
        return fail(file, "has no file name", 0, error);
    }
    file->final = exists ? realpath(file->path, NULL) : strdup(file->path);
    if (file->final == NULL) {
        return fail(file, "cannot find its folder", errno, error);
    }
    /* The permissions that somebody else gave a file are not kept. */
    bool own = exists && status.st_uid == geteuid();
    return open_temporary(file, own ? &status : NULL, mode, error);
}

enum p2i_result p2i_output_file_open_by(struct p2i_output_file **file, const char *path,
                                        const struct p2i_output_rules *rules,
                                        struct p2i_error *error)
{
    static const struct p2i_output_rules usual = {.must_be_new = false};
    rules = rules != NULL ? rules : &usual;
    *file = malloc(sizeof **file);
    if (*file == NULL) {
        return p2i_fail_memory(error);
    }
    (*file)->path = path;
    (*file)->final = NULL;
    (*file)->temporary = NULL;
    (*file)->descriptor = -1;
    (*file)->exact = false;
    (*file)->must_be_new = rules->must_be_new;
    (*file)->sync = rules->sync;
    (*file)->borrowed = strcmp(path, "-") == 0;
    (*file)->used = 0;
    enum p2i_result result = p2i_compressor_new(&(*file)->compressor, path, error);
    if (result == P2I_OK) {
        result = open_path(*file, &rules->mode, error);
    }
    if (result != P2I_OK) {
        p2i_output_file_free(*file);
        *file = NULL;
    }
    return result;
}

enum p2i_result p2i_output_file_open(struct p2i_output_file **file, const char *path,
                                     unsigned flags, const struct p2i_output_mode *mode,
                                     struct p2i_error *error)
{
    struct p2i_output_rules rules = {.must_be_new = (flags & P2I_OUTPUT_NEW) != 0};
    if (mode != NULL) {
        rules.mode = *mode;
    }
    enum p2i_result result = p2i_output_file_open_by(file, path, &rules, error);
    if (*file != NULL && (flags & P2I_OUTPUT_SYNC) != 0) {
        p2i_sync_init(&(*file)->own_sync, NULL);
        (*file)->sync = &(*file)->own_sync;
    }
    return result;
}

static enum p2i_result write_bytes(void *context, struct p2i_view bytes, struct p2i_error *error)
{
    struct p2i_output_file *file = context;
    while (bytes.size > 0) {
        ssize_t size = write(file->descriptor, bytes.data, bytes.size);
        if (size >= 0) {
            bytes = p2i_view_from(bytes, (size_t)size);
        } else if (errno == EAGAIN) {
            /* Another process may have made the shared standard output non-blocking. */
            struct pollfd ready = {.fd = file->descriptor, .events = POLLOUT};
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return fail(file, "cannot write", errno, error);
        }
    }
    return P2I_OK;
}

static enum p2i_result write_all(struct p2i_output_file *file, struct p2i_view bytes, bool last,
                                 struct p2i_error *error)
{
    struct p2i_compressor *compressor = file->compressor;
    return compressor != NULL ? compressor->write(compressor, bytes, last, write_bytes, file, error)
                              : write_bytes(file, bytes, error);
}

static enum p2i_result write_buffered(struct p2i_output_file *file, bool last,
                                      struct p2i_error *error)
{
    struct p2i_view bytes = p2i_view_of(file->buffer, file->used);
    file->used = 0;
    return write_all(file, bytes, last, error);
}

enum p2i_result p2i_output_file_write(struct p2i_output_file *file, struct p2i_view bytes,
                                      struct p2i_error *error)
{
    bool large = bytes.size >= LARGE;
    enum p2i_result result = P2I_OK;
    if (file->used > 0 && (large || bytes.size > BUFFER_SIZE - file->used)) {
        result = write_buffered(file, false, error);
    }
    if (result == P2I_OK && large) {
        result = write_all(file, bytes, false, error);
    } else if (result == P2I_OK && bytes.size > 0) {
        memcpy(file->buffer + file->used, bytes.data, bytes.size);
        file->used += bytes.size;
    }
    return result == P2I_OK ? p2i_sync_turn(file->sync, error) : result;
}

/* link() never replaces a file. Where the file system has no hard links, an empty file reserves the
 * name and is then replaced. */
static bool name_new(const struct p2i_output_file *file)
{
    if (link(file->temporary, file->final) == 0) {
        (void)unlink(file->temporary);
        return true;
    }
    if (errno == EEXIST) {
        return false;
    }
    int claim = open(file->final, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER);
    if (claim < 0) {
        return false;
    }
    (void)close(claim);
    if (rename(file->temporary, file->final) == 0) {
        return true;
    }
    int system_error = errno;
    (void)unlink(file->final);
    errno = system_error;
    return false;
}

static enum p2i_result close_descriptor(struct p2i_output_file *file, struct p2i_error *error)
{
    int descriptor = file->descriptor;
    file->descriptor = -1;
    if (!file->borrowed && close(descriptor) != 0) {
        return fail(file, "cannot write", errno, error);
    }
    return P2I_OK;
}

/* Before the file gets its name, and is synced. */
static enum p2i_result set_permissions(const struct p2i_output_file *file, struct p2i_error *error)
{
    bool done = file->temporary == NULL || fchmod(file->descriptor, file->permissions) == 0;
    return done || !file->exact ? P2I_OK : fail(file, "cannot set its permissions", errno, error);
}

enum p2i_result p2i_output_file_finish(struct p2i_output_file *file, struct p2i_error *error)
{
    enum p2i_result result = write_buffered(file, true, error);
    if (result == P2I_OK) {
        result = set_permissions(file, error);
    }
    if (result == P2I_OK) {
        result = p2i_sync_file(file->sync, file->descriptor, file->path, error);
    }
    if (result == P2I_OK) {
        result = close_descriptor(file, error);
    }
    if (result != P2I_OK || file->temporary == NULL) {
        return result;
    }
    bool named = file->must_be_new ? name_new(file) : rename(file->temporary, file->final) == 0;
    if (!named) {
        return errno == EEXIST ? fail(file, "already exists", 0, error)
                               : fail(file, "cannot rename the complete file", errno, error);
    }
    free(file->temporary);
    file->temporary = NULL;
    result = p2i_sync_name(file->sync, file->final, error);
    return result == P2I_OK && file->sync == &file->own_sync ? p2i_sync_finish(file->sync, error)
                                                             : result;
}

void p2i_output_file_free(struct p2i_output_file *file)
{
    if (file == NULL) {
        return;
    }
    if (file->descriptor >= 0 && !file->borrowed) {
        (void)close(file->descriptor);
    }
    if (file->sync == &file->own_sync) {
        p2i_sync_free(file->sync);
    }
    if (file->temporary != NULL) {
        (void)unlink(file->temporary);
        free(file->temporary);
    }
    if (file->compressor != NULL) {
        file->compressor->free(file->compressor);
    }
    free(file->final);
    free(file);
}
