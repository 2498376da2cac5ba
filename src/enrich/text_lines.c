/* SPDX-License-Identifier: MIT */
#include "enrich/text_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/pages.h"

static enum p2i_result fail_to_read(const char *path, struct p2i_error *error)
{
    int system_error = errno;
    (void)p2i_fail(error, P2I_USAGE, "cannot read: %s", strerror(system_error));
    error->file = path;
    error->system_error = system_error;
    return P2I_USAGE;
}

static bool grow(struct p2i_text_lines *lines, size_t capacity)
{
    uint8_t *larger = p2i_pages_get(capacity);
    if (larger == NULL) {
        return false;
    }
    if (lines->data != NULL) {
        memcpy(larger, lines->data, lines->size);
    }
    p2i_pages_put(lines->data);
    lines->data = larger;
    return true;
}

static enum p2i_result read_all(struct p2i_text_lines *lines, int file, struct p2i_error *error)
{
    struct stat status;
    size_t capacity = 64 << 10;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size < UINT32_MAX) {
        capacity = (size_t)status.st_size + 1; /* room to detect the end of the file */
    }
    for (;;) {
        if (lines->data == NULL || lines->size == capacity) {
            capacity = lines->data == NULL ? capacity : capacity * 2;
            if (!grow(lines, capacity)) {
                return p2i_fail_memory(error);
            }
        }
        ssize_t got = read(file, lines->data + lines->size, capacity - lines->size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0 ? P2I_OK : fail_to_read(lines->path, error);
        }
        lines->size += (size_t)got;
        if (lines->size >= UINT32_MAX) {
            errno = EFBIG;
            return fail_to_read(lines->path, error);
        }
    }
}

enum p2i_result p2i_text_lines_open(struct p2i_text_lines *lines, const char *path,
                                    struct p2i_error *error)
{
    *lines = (struct p2i_text_lines){.path = path};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return fail_to_read(path, error);
    }
    enum p2i_result result = read_all(lines, file, error);
    (void)close(file);
    if (result == P2I_OK && lines->data != NULL &&
        p2i_view_starts(p2i_view_of(lines->data, lines->size), P2I_VIEW("\xef\xbb\xbf"))) {
        lines->at = 3; /* a byte order mark, as spreadsheets write it */
    }
    return result;
}

void p2i_text_lines_free(struct p2i_text_lines *lines)
{
    p2i_pages_put(lines->data);
    *lines = (struct p2i_text_lines){0};
}

size_t p2i_text_lines_most(const struct p2i_text_lines *lines)
{
    size_t count = 1;
    for (size_t at = 0; at < lines->size; count++) {
        at += p2i_view_find(p2i_view_of(lines->data + at, lines->size - at), '\n') + 1;
    }
    return count;
}

bool p2i_text_lines_next(struct p2i_text_lines *lines, struct p2i_view *line)
{
    while (lines->at < lines->size) {
        struct p2i_view rest = p2i_view_of(lines->data + lines->at, lines->size - lines->at);
        size_t end = p2i_view_find(rest, '\n');
        lines->at += end < rest.size ? end + 1 : end;
        lines->number++;
        *line = p2i_view_trim(p2i_view_first(rest, end));
        if (line->size > 0 && line->data[0] != '#') {
            return true;
        }
    }
    return false;
}

enum p2i_result p2i_text_lines_fail(const struct p2i_text_lines *lines, struct p2i_view what,
                                    const char *text, struct p2i_error *error)
{
    enum { SHOWN = 64 };
    char shown[SHOWN + 1];
    size_t size = what.size < SHOWN ? what.size : SHOWN;
    for (size_t i = 0; i < size; i++) {
        bool printable = what.data[i] >= ' ' && what.data[i] != 0x7f;
        shown[i] = '?';
        if (printable) {
            shown[i] = (char)what.data[i];
        }
    }
    shown[size] = '\0';
    (void)p2i_fail(error, P2I_USAGE, "line %lu: '%s': %s", lines->number, shown, text);
    error->file = lines->path;
    return P2I_USAGE;
}
