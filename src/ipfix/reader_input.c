/* SPDX-License-Identifier: MIT */
#include "ipfix/reader_input.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "pcap2ipfix/error.h"

enum { UNPACK_BUFFER = 256 * 1024 };

static enum p2i_result fail_system(struct p2i_error *error, int number, const char *what)
{
    enum p2i_result result = p2i_fail(error, P2I_INPUT, "%s: %s", what, strerror(number));
    error->system_error = number;
    return result;
}

enum p2i_result p2i_reader_input_open(struct p2i_reader_input *input, const char *path,
                                      struct p2i_error *error)
{
    *input = (struct p2i_reader_input){0};
    int file = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                      : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return fail_system(error, errno, "cannot open");
    }
    input->file = gzdopen(file, "rb");
    if (input->file == NULL) {
        (void)close(file);
        return p2i_fail_memory(error);
    }
    (void)gzbuffer(input->file, UNPACK_BUFFER);
    return P2I_OK;
}

static enum p2i_result read_gzip(struct p2i_reader_input *input, uint8_t *to, size_t size,
                                 size_t *got, struct p2i_error *error)
{
    errno = 0;
    int count = gzread(input->file, to, (unsigned)size);
    int system = errno;
    if (count == (int)size) {
        *got = size;
        return P2I_OK;
    }
    *got = count > 0 ? (size_t)count : 0;
    int state = Z_OK;
    const char *text = gzerror(input->file, &state);
    switch (state) {
    case Z_OK:
    case Z_STREAM_END:
        return P2I_OK;
    case Z_ERRNO:
        return fail_system(error, system, "cannot read");
    case Z_MEM_ERROR:
        return p2i_fail_memory(error);
    case Z_BUF_ERROR:
        return p2i_fail(error, P2I_DAMAGED, "gzip stream ends early");
    default:
        return p2i_fail(error, P2I_DAMAGED, "gzip stream is damaged: %s", text);
    }
}

/* Reads the bytes of the file, compressed or not. */
static enum p2i_result read_behind_head(void *context, uint8_t *to, size_t size, size_t *got,
                                        struct p2i_error *error)
{
    struct p2i_reader_input *input = context;
    size_t at = 0;
    while (input->head_used < input->head_size && at < size) {
        to[at++] = input->head[input->head_used++];
    }
    enum p2i_result result = P2I_OK;
    *got = 0;
    if (at < size && input->head_size == sizeof input->head) {
        result = read_gzip(input, to + at, size - at, got, error);
    }
    *got += at;
    return result;
}

static enum p2i_result look(struct p2i_reader_input *input, struct p2i_error *error)
{
    enum p2i_result result =
        read_gzip(input, input->head, sizeof input->head, &input->head_size, error);
    input->looked = true;
#ifdef HAVE_ZSTD
    if (result == P2I_OK && p2i_is_zstd(p2i_view_of(input->head, input->head_size))) {
        input->zstd = p2i_reader_zstd_new(read_behind_head, input);
        result = input->zstd != NULL ? P2I_OK : p2i_fail_memory(error);
    }
#endif
    return result;
}

static enum p2i_result read_file(struct p2i_reader_input *input, uint8_t *to, size_t size,
                                 size_t *got, struct p2i_error *error)
{
    enum p2i_result result = input->looked ? P2I_OK : look(input, error);
    if (result != P2I_OK) {
        return result;
    }
#ifdef HAVE_ZSTD
    if (input->zstd != NULL) {
        return p2i_reader_zstd_read(input->zstd, to, size, got, error);
    }
#endif
    return read_behind_head(input, to, size, got, error);
}

static enum p2i_result read_bytes(struct p2i_reader_input *input, uint8_t *to, size_t size,
                                  size_t *got, struct p2i_error *error)
{
    *got = 0;
    if (input->file != NULL) {
        return read_file(input, to, size, got, error);
    }
    struct p2i_view taken = p2i_view_first(input->memory, size);
    if (taken.size > 0) {
        memcpy(to, taken.data, taken.size);
    }
    input->memory = p2i_view_from(input->memory, taken.size);
    *got = taken.size;
    return P2I_OK;
}

enum p2i_result p2i_reader_input_peek(struct p2i_reader_input *input, uint8_t *byte,
                                      struct p2i_error *error)
{
    size_t got = 1;
    enum p2i_result result =
        input->peeked ? P2I_OK : read_bytes(input, &input->first, 1, &got, error);
    input->peeked = got == 1;
    *byte = input->first;
    return result == P2I_OK && got == 0 ? P2I_END : result;
}

enum p2i_result p2i_reader_input_read(struct p2i_reader_input *input, uint8_t *to, size_t size,
                                      size_t *got, struct p2i_error *error)
{
    size_t peeked = input->peeked && size > 0 ? 1 : 0;
    if (peeked > 0) {
        to[0] = input->first;
        input->peeked = false;
    }
    enum p2i_result result = read_bytes(input, to + peeked, size - peeked, got, error);
    *got += peeked;
    input->offset += *got;
    return result;
}

void p2i_reader_input_close(struct p2i_reader_input *input)
{
#ifdef HAVE_ZSTD
    p2i_reader_zstd_free(input->zstd);
    input->zstd = NULL;
#endif
    if (input->file != NULL) {
        (void)gzclose_r(input->file);
        input->file = NULL;
    }
}
