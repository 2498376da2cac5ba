/* SPDX-License-Identifier: MIT */
#include "capture/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/decompress_ahead.h"
#include "capture/hash_stored.h"

enum { ASK_MS = 200 }; /* at most this long between two checks for a stop while a pipe is silent */

struct p2i_byte_source {
    const struct p2i_capture_settings *settings;
    const char *path;
    int descriptor; /* -1: closed until the next read */
    bool regular;   /* regular file: can be reopened and read from any offset */
    dev_t device;   /* with inode: detects that the file was replaced */
    ino_t inode;
    uint64_t position;                  /* bytes read from the file, as stored */
    bool at_end;                        /* there are no more */
    struct p2i_stored_hash *hash;       /* of these bytes; NULL: none */
    uint8_t head[P2I_COMPRESSION_HEAD]; /* pipes: first bytes, read to identify the compression */
    size_t head_size, head_used;
    const struct p2i_compression *compression; /* NULL: none, or not built in */
    struct p2i_decompressor *decompressor;     /* NULL: not compressed, or stream has it */
    struct p2i_ahead_stream *stream;           /* NULL: not decompressed ahead */
    bool seeks;                                /* it reads by offset; `position` is of the hash */
    _Atomic bool closing;                      /* nobody waits for the rest */
};

static bool is_standard_input(const struct p2i_byte_source *source)
{
    return source->path[0] == '-' && source->path[1] == '\0';
}

static enum p2i_result failed(struct p2i_error *error, const char *text)
{
    int system_error = errno;
    (void)p2i_fail(error, P2I_INPUT, "%s: %s", text, strerror(system_error));
    error->system_error = system_error;
    return P2I_INPUT;
}

/* Opens FIFOs without blocking: the first read waits for the writer, where the wait can be
 * interrupted. */
static int flags_for(const char *path)
{
    struct stat status;
    bool regular = stat(path, &status) != 0 || S_ISREG(status.st_mode);
    return O_RDONLY | O_CLOEXEC | O_NOCTTY | (regular ? 0 : O_NONBLOCK);
}

static enum p2i_result open_descriptor(struct p2i_byte_source *source, struct stat *status,
                                       struct p2i_error *error)
{
    if (is_standard_input(source)) {
        source->descriptor = STDIN_FILENO;
    } else {
        do {
            source->descriptor = open(source->path, flags_for(source->path));
        } while (source->descriptor < 0 && errno == EINTR);
    }
    if (source->descriptor < 0 || fstat(source->descriptor, status) != 0) {
        return failed(error, "cannot open");
    }
    if (S_ISDIR(status->st_mode)) {
        return p2i_fail(error, P2I_INPUT, "is a directory; -R reads the captures below it");
    }
    return P2I_OK;
}

static enum p2i_result open_again(struct p2i_byte_source *source, struct p2i_error *error)
{
    struct stat status;
    enum p2i_result result = open_descriptor(source, &status, error);
    if (result != P2I_OK) {
        return result;
    }
    if (status.st_dev != source->device || status.st_ino != source->inode) {
        return p2i_fail(error, P2I_INPUT, "the file was replaced while it was read");
    }
    if (lseek(source->descriptor, (off_t)source->position, SEEK_SET) < 0) {
        return failed(error, "cannot read");
    }
    return P2I_OK;
}

/* Waits for bytes, the end or an error. False: the run was stopped. EINTR alone does not suffice:
 * another thread may get the signal, or it may arrive just before read(). */
static bool wait_for_bytes(const struct p2i_byte_source *source)
{
    struct pollfd ready = {.fd = source->descriptor, .events = POLLIN};
    bool asks = source->settings->is_stopped != NULL || source->stream != NULL;
    int limit_ms = asks ? ASK_MS : -1;
    for (;;) {
        int count = poll(&ready, 1, limit_ms);
        if (count > 0 || (count < 0 && errno != EINTR)) {
            return true;
        }
        if (p2i_is_stopped(source->settings) || atomic_load(&source->closing)) {
            return false;
        }
    }
}

/* Reads up to `size` stored bytes; fewer only at the end. */
static enum p2i_result read_bytes(struct p2i_byte_source *source, uint8_t *to, size_t size,
                                  size_t *got, struct p2i_error *error)
{
    *got = 0;
    if (source->descriptor < 0) {
        enum p2i_result result = open_again(source, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    while (source->head_used < source->head_size && *got < size) {
        to[(*got)++] = source->head[source->head_used++];
    }
    while (*got < size) {
        if (!source->regular && !wait_for_bytes(source)) {
            break;
        }
        ssize_t count = read(source->descriptor, to + *got, size - *got);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (count < 0) {
            return failed(error, "cannot read");
        }
        if (count == 0) {
            source->at_end = true;
            break;
        }
        *got += (size_t)count;
        source->position += (size_t)count;
    }
    return P2I_OK;
}

/* The same, and hashes the bytes. */
static enum p2i_result read_stored(struct p2i_byte_source *source, uint8_t *to, size_t size,
                                   size_t *got, struct p2i_error *error)
{
    enum p2i_result result = read_bytes(source, to, size, got, error);
    if (source->hash != NULL) {
        p2i_stored_hash_add(source->hash, to, *got);
    }
    return result;
}

/* Has the type p2i_compressed_read. */
static enum p2i_result read_compressed(void *context, uint64_t offset, uint8_t *to, size_t size,
                                       size_t *got, struct p2i_error *error)
{
    (void)offset; /* it is there */
    return read_stored(context, to, size, got, error);
}

/* The same for a regular file that several threads read, each somewhere else. */
static enum p2i_result read_compressed_at(void *context, uint64_t offset, uint8_t *to, size_t size,
                                          size_t *got, struct p2i_error *error)
{
    struct p2i_byte_source *source = context;
    *got = 0;
    if (source->descriptor < 0) { /* only while no other thread reads */
        enum p2i_result result = open_again(source, error);
        if (result != P2I_OK) {
            return result;
        }
    }
    while (*got < size) {
        ssize_t count = pread(source->descriptor, to + *got, size - *got, (off_t)(offset + *got));
        if (count < 0 && errno != EINTR) {
            return failed(error, "cannot read");
        }
        if (count == 0) {
            break;
        }
        *got += count > 0 ? (size_t)count : 0;
    }
    return P2I_OK;
}

/* True when something can be read at once: perhaps less than is wanted. */
static bool is_ready(const void *context)
{
    const struct p2i_byte_source *source = context;
    struct pollfd ready = {.fd = source->descriptor, .events = POLLIN};
    return source->regular || poll(&ready, 1, 0) != 0;
}

/* Opens the decompression, ahead of the reader where that is wanted. */
static enum p2i_result decompress(struct p2i_byte_source *source,
                                  struct p2i_decompress_windows *windows, bool early,
                                  struct p2i_error *error)
{
    bool ahead = windows != NULL && windows->ahead != NULL;
    source->seeks = ahead && source->regular && !windows->several &&
                    source->compression->decompression->next_stream != NULL;
    struct p2i_compressed_input input = {
        source->compression, windows, source->seeks ? read_compressed_at : read_compressed, source};
    if (!ahead) {
        source->decompressor = p2i_decompressor_new(&input, 0);
        return source->decompressor != NULL ? P2I_OK : p2i_fail_memory(error);
    }
    struct p2i_ahead_input place = {source->regular, source->seeks, is_ready, source};
    source->stream = p2i_ahead_stream_new(windows->ahead, &input, &place, early);
    return source->stream != NULL ? P2I_OK : p2i_fail_memory(error);
}

/* Identifies the compression by the first bytes. */
static enum p2i_result find_compression(struct p2i_byte_source *source,
                                        struct p2i_decompress_windows *windows, bool early,
                                        struct p2i_error *error)
{
    size_t size;
    uint8_t head[sizeof source->head];
    enum p2i_result result = read_bytes(source, head, sizeof head, &size, error);
    if (result != P2I_OK) {
        return result;
    }
    if (source->regular && lseek(source->descriptor, -(off_t)size, SEEK_CUR) >= 0) {
        source->position = 0; /* keeps large reads aligned to pages */
        source->at_end = false;
    } else {
        memcpy(source->head, head, size);
        source->head_size = size;
    }
    if (windows != NULL && windows->hashes != NULL) {
        source->hash = p2i_stored_hash_new(windows->hashes);
        if (source->hash == NULL) {
            return p2i_fail_memory(error);
        }
    }
    const struct p2i_compression *compression = p2i_compression_of(p2i_view_of(head, size));
    if (compression == NULL || compression->decompression->open == NULL) {
        return P2I_OK;
    }
    source->compression = compression;
    return decompress(source, windows, early, error);
}

enum p2i_result p2i_byte_source_open(struct p2i_byte_source **opened, const char *path,
                                     const struct p2i_capture_settings *settings,
                                     struct p2i_decompress_windows *windows, bool early,
                                     struct p2i_error *error)
{
    *opened = NULL;
    struct p2i_byte_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return p2i_fail_memory(error);
    }
    source->settings = settings;
    source->path = path;
    source->descriptor = -1;
    struct stat status;
    enum p2i_result result = open_descriptor(source, &status, error);
    if (result == P2I_OK) {
        source->regular = S_ISREG(status.st_mode);
        source->device = status.st_dev;
        source->inode = status.st_ino;
        result = find_compression(source, windows, early, error);
    }
    if (result != P2I_OK) {
        p2i_byte_source_close(source);
        return result;
    }
    *opened = source;
    return P2I_OK;
}

void p2i_byte_source_close(struct p2i_byte_source *source)
{
    if (source == NULL) {
        return;
    }
    atomic_store(&source->closing, true);
    p2i_ahead_stream_free(source->stream);
    if (source->descriptor >= 0 && !is_standard_input(source)) {
        (void)close(source->descriptor); /* opened for reading: close() loses nothing */
    }
    p2i_decompressor_free(source->decompressor);
    p2i_stored_hash_drop(source->hash);
    free(source);
}

/* Reads and hashes up to a position, or to the end. Does not go on where that fails. */
static void hash_up_to(struct p2i_byte_source *source, uint64_t position)
{
    enum { BYTES = 32 << 10 }; /* few enough for the stack and the nearest cache */
    uint8_t bytes[BYTES];
    struct p2i_error ignored;
    size_t got = BYTES;
    while (source->position < position && got == BYTES && !p2i_is_stopped(source->settings)) {
        if (read_stored(source, bytes, BYTES, &got, &ignored) != P2I_OK) {
            return;
        }
    }
}

enum p2i_result p2i_byte_source_read(struct p2i_byte_source *source, uint8_t *to, size_t size,
                                     size_t *got, struct p2i_error *error)
{
    if (source->stream != NULL) {
        enum p2i_result result = p2i_ahead_stream_read(source->stream, to, size, got, error);
        if (source->seeks && source->hash != NULL) {
            hash_up_to(source, p2i_ahead_stream_position(source->stream));
        }
        return result;
    }
    if (source->decompressor != NULL) {
        return p2i_decompress(source->decompressor, to, size, got, error);
    }
    enum p2i_result result = read_stored(source, to, size, got, error);
    return result == P2I_OK && *got < size ? P2I_END : result;
}

void p2i_byte_source_end_hash(struct p2i_byte_source *source, struct p2i_capture_facts *facts)
{
    if (source->hash == NULL) {
        return;
    }
    if (source->stream != NULL) {
        p2i_ahead_stream_withdraw(source->stream);
    }
    if (source->regular && !source->at_end) {
        hash_up_to(source, UINT64_MAX);
    }
    if (source->at_end) {
        p2i_stored_hash_end(source->hash, facts);
        source->hash = NULL;
    }
}

bool p2i_byte_source_begin(struct p2i_byte_source *source)
{
    return source->stream == NULL || p2i_ahead_stream_begin(source->stream);
}

bool p2i_byte_source_is_ready(const struct p2i_byte_source *source)
{
    return source->stream != NULL ? p2i_ahead_stream_is_ready(source->stream, P2I_BLOCK_BYTES)
                                  : source->regular;
}

void p2i_byte_source_release_descriptor(struct p2i_byte_source *source)
{
    if (source->regular && !is_standard_input(source) && source->descriptor >= 0) {
        if (source->stream != NULL) {
            p2i_ahead_stream_withdraw(source->stream);
        }
        (void)close(source->descriptor);
        source->descriptor = -1;
    }
}

const struct p2i_compression *p2i_byte_source_compression(const struct p2i_byte_source *source)
{
    return source->compression;
}

uint64_t p2i_byte_source_position(const struct p2i_byte_source *source)
{
    return source->stream != NULL ? p2i_ahead_stream_position(source->stream) : source->position;
}
