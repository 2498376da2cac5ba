/* SPDX-License-Identifier: MIT */
/* Captures that other threads decompress ahead give the same frames, errors and facts as captures
 * that are decompressed when they are read. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "capture/formats.h"
#include "files.h"

enum { MIB = 1 << 20, PACKETS = 3000, FILES = 40 };

/* Some 3 MiB, so that it spans many pieces. */
static struct file capture_of(unsigned from, unsigned count)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    for (unsigned i = from; i < from + count; i++) {
        pcap_record(&file, i, 0, i, 1000 + i % 50, 1000 + i % 50);
    }
    return file;
}

/* Compresses the file as several streams, each of up to `most` bytes, with some empty ones. */
static struct file streams_of(const char *compression, const struct file *file, size_t most)
{
    struct file to = {0};
    for (size_t at = 0; at < file->size; at += most) {
        compress_to(&to, compression, file->data + at,
                    file->size - at < most ? file->size - at : most);
        if (at % 3 == 0) {
            compress_to(&to, compression, file->data, 0);
        }
    }
    return to;
}

static void expect_same_error(const struct p2i_error *one, const struct p2i_error *other,
                              const char *what)
{
    cr_assert_eq(one->code, other->code, "%s: %s", what, other->text);
    cr_assert_eq(one->system_error, other->system_error, "%s", what);
    cr_assert_eq(one->file, other->file, "%s", what);
    cr_assert_eq(one->offset, other->offset, "%s", what);
    cr_assert_eq(one->packet, other->packet, "%s", what);
    cr_assert_str_eq(one->text, other->text, "%s", what);
}

static void expect_same_frames(const struct seen *one, const struct seen *other, const char *what)
{
    cr_assert_eq(one->count, other->count, "%s: %zu, not %zu", what, other->count, one->count);
    cr_assert_eq(one->block_count, other->block_count, "%s", what);
    for (size_t i = 0; i < one->count; i++) {
        const struct p2i_frame *a = &one->frames[i];
        const struct p2i_frame *b = &other->frames[i];
        cr_assert(a->time_ns == b->time_ns && a->size == b->size && a->capture == b->capture &&
                      a->number == b->number && memcmp(a->data, b->data, a->size) == 0,
                  "%s: frame %zu", what, i);
    }
}

static void expect_same(const struct p2i_capture_settings *settings, const char *const *paths,
                        size_t count, const char *what)
{
    struct seen one;
    read_all(&one, settings, paths, count);
    static const unsigned memory_kib[] = {1, 300, 2048, 16384};
    for (size_t i = 0; i < sizeof memory_kib / sizeof memory_kib[0]; i++) {
        struct seen other;
        struct p2i_capture_settings ahead = *settings;
        ahead.ahead_bytes = memory_kib[i] << 10;
        read_all(&other, &ahead, paths, count);
        expect_same_frames(&one, &other, what);
        cr_assert_eq(one.result, other.result, "%s", what);
        cr_assert_eq(one.report_count, other.report_count, "%s", what);
        for (size_t j = 0; j < one.report_count && j < 8; j++) {
            expect_same_error(&one.reports[j], &other.reports[j], what);
        }
        for (size_t j = 0; j < count && j < 8; j++) {
            const struct p2i_capture_facts *a = &one.facts[j];
            const struct p2i_capture_facts *b = &other.facts[j];
            cr_assert(a->format == b->format && a->size_bytes == b->size_bytes &&
                          a->frame_count == b->frame_count && a->first_ns == b->first_ns &&
                          a->last_ns == b->last_ns && a->damaged == b->damaged &&
                          a->refused == b->refused && a->skipped == b->skipped,
                      "%s: facts %zu", what, j);
            cr_assert_eq(a->read_bytes, b->read_bytes, "%s: read_bytes %zu", what, j);
            cr_assert(a->hashed == b->hashed && a->hashed_bytes == b->hashed_bytes &&
                          memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0,
                      "%s: hash %zu", what, j);
        }
        seen_free(&other);
    }
    seen_free(&one);
}

static void expect_same_file(const struct file *file, const char *what)
{
    const char *path = path_of_file(file);
    expect_same(&(struct p2i_capture_settings){.hash = true}, &path, 1, what);
}

/* The next built-in compression; NULL: no more. */
static const char *next_built(size_t *index)
{
    const struct p2i_compression *compression;
    while ((compression = p2i_compression_at((*index)++)) != NULL) {
        if (compression->decompression->open != NULL) {
            return compression->name;
        }
    }
    return NULL;
}

static void damage_and_truncate(const char *name, size_t stream)
{
    struct file file = capture_of(0, PACKETS);
    struct file whole = streams_of(name, &file, stream);
    expect_same_file(&whole, name);
    for (unsigned i = 1; i < 6; i++) {
        struct file cut = whole;
        cut.size = whole.size * i / 6 + i;
        expect_same_file(&cut, name);
        size_t at = whole.size * i / 6;
        whole.data[at] ^= 0x55;
        expect_same_file(&whole, name);
        whole.data[at] ^= 0x55;
    }
    /* The capture itself is damaged: reading stops while the stream goes on. */
    memset(file.data + file.size / 3, 0xff, 4000);
    struct file broken = streams_of(name, &file, stream);
    expect_same_file(&broken, name);
    file_free(&broken);
    file_free(&whole);
    file_free(&file);
}

Test(ahead, one_stream)
{
    size_t index = 0;
    for (const char *name; (name = next_built(&index)) != NULL;) {
        damage_and_truncate(name, SIZE_MAX / 2);
    }
}

Test(ahead, several_streams)
{
    size_t index = 0;
    for (const char *name; (name = next_built(&index)) != NULL;) {
        damage_and_truncate(name, 1200000);
        damage_and_truncate(name, 60000);
    }
}

Test(ahead, tiny_streams)
{
    size_t index = 0;
    for (const char *name; (name = next_built(&index)) != NULL;) {
        struct file file = capture_of(0, 3);
        struct file whole = streams_of(name, &file, 1);
        expect_same_file(&whole, name);
        file_free(&whole);
        file_free(&file);
    }
}

/* Files of every compression and plain ones; some are damaged, empty, no capture or missing. */
static size_t make_files(const char *paths[FILES])
{
    size_t index = 0;
    for (unsigned i = 0; i < FILES; i++) {
        const char *name = next_built(&index);
        index = name == NULL ? 0 : index;
        struct file file = capture_of(i * 10, i % 7 == 0 ? 900 : 3);
        struct file to = name == NULL ? capture_of(i, 5) : streams_of(name, &file, 500000);
        if (i % 9 == 8) {
            to.size = to.size * 2 / 3;
        } else if (i % 11 == 5) {
            to.size = i % 2;
        }
        paths[i] = i % 13 == 7 ? "/nonexistent/file" : path_of_file(&to);
        file_free(&to);
        file_free(&file);
    }
    return FILES;
}

Test(ahead, several_files)
{
    static const bool found[FILES] = {[3] = true, [5] = true, [27] = true};
    const char *paths[FILES];
    size_t count = make_files(paths);
    struct p2i_capture_settings settings = {.order = P2I_ORDER_ARGS};
    expect_same(&settings, paths, count, "by arguments");
    settings.found = found;
    expect_same(&settings, paths, count, "found");
    settings.strict = true;
    expect_same(&settings, paths, count, "strict");
    settings = (struct p2i_capture_settings){.order = P2I_ORDER_TIME};
    expect_same(&settings, paths, count, "by time");
    settings.window_bytes = 9 * MIB;
    expect_same(&settings, paths, count, "little memory for windows");
}

static bool is_stopped(void *context)
{
    return atomic_load((_Atomic bool *)context);
}

struct writer {
    pthread_t thread;
    int descriptor;
    struct file file;
    useconds_t pause;
};

static void *write_file(void *argument)
{
    struct writer *writer = argument;
    for (size_t at = 0; at < writer->file.size;) {
        size_t size = writer->file.size - at < 100000 ? writer->file.size - at : 100000;
        ssize_t count = write(writer->descriptor, writer->file.data + at, size);
        if (count <= 0) {
            break;
        }
        at += (size_t)count;
        usleep(writer->pause);
    }
    (void)close(writer->descriptor);
    return NULL;
}

/* Opens a pipe with the file in it; the path is good for one reading. */
static void start_writer(struct writer *writer, char path[32])
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    writer->descriptor = ends[1];
    snprintf(path, 32, "/dev/fd/%d", ends[0]);
    cr_assert_eq(pthread_create(&writer->thread, NULL, write_file, writer), 0);
}

Test(ahead, pipe)
{
    struct file file = capture_of(0, PACKETS);
    struct writer writer = {.file = streams_of("gzip", &file, 700000), .pause = 500};
    char path[32];
    start_writer(&writer, path);
    struct seen seen;
    const char *paths[] = {path};
    read_all(&seen, &(struct p2i_capture_settings){.ahead_bytes = 4 * MIB}, paths, 1);
    cr_expect_eq(seen.count, PACKETS);
    cr_expect_eq(seen.result, P2I_END);
    cr_expect_eq(seen.report_count, 0);
    cr_expect_eq(seen.facts[0].read_bytes, writer.file.size);
    seen_free(&seen);
    pthread_join(writer.thread, NULL);
    file_free(&writer.file);
    file_free(&file);
}

/* A damaged capture is left, although another thread waits for more of the pipe. */
Test(ahead, leaves_a_silent_pipe, .timeout = 20)
{
    struct file file = capture_of(0, PACKETS);
    uint32_t random = 1;
    for (size_t i = file.size / 4; i < file.size; i++) { /* fills the pipe */
        random = random * 1664525 + 1013904223;
        file.data[i] = (uint8_t)(random >> 24);
    }
    struct file compressed = streams_of("gzip", &file, SIZE_MAX / 2);
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_geq(fcntl(ends[1], F_SETPIPE_SZ, MIB), 0);
    cr_assert_gt(compressed.size, MIB);
    cr_assert_eq(write(ends[1], compressed.data, MIB), MIB);
    char path[32];
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    const char *paths[] = {path};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.ahead_bytes = 4 * MIB}, paths, 1);
    cr_expect_gt(seen.count, PACKETS / 5);
    cr_expect_lt(seen.count, PACKETS / 3);
    cr_expect_eq(seen.report_count, 1);
    cr_expect(seen.facts[0].damaged);
    seen_free(&seen);
    file_free(&compressed);
    file_free(&file);
}

static void *stop_soon(void *stop)
{
    usleep(300000);
    atomic_store((_Atomic bool *)stop, true);
    return NULL;
}

/* A stop while a pipe is silent ends reading, and the capture does not count as damaged. */
Test(ahead, stops_while_a_pipe_is_silent, .timeout = 20)
{
    struct file file = capture_of(0, 10);
    struct file compressed = streams_of("gzip", &file, SIZE_MAX / 2);
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], compressed.data, 60), 60);
    char path[32];
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    const char *paths[] = {path};
    struct seen seen;
    _Atomic bool stop = false;
    struct p2i_capture_settings settings = {
        .ahead_bytes = 4 * MIB, .is_stopped = is_stopped, .stop_context = &stop};
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, stop_soon, &stop), 0);
    read_all(&seen, &settings, paths, 1);
    pthread_join(thread, NULL);
    cr_expect_eq(seen.result, P2I_END);
    cr_expect_eq(seen.report_count, 0);
    cr_expect(!seen.facts[0].damaged);
    seen_free(&seen);
    file_free(&compressed);
    file_free(&file);
}
