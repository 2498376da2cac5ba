/* SPDX-License-Identifier: MIT */
#include "capture/byte_source.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"

#define S UINT64_C(1000000000)

static const struct p2i_capture_settings settings;

/* Builds a capture of `count` packets. */
static struct file capture_of(unsigned count)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < count; i++) {
        pcap_record(&file, i, 0, i, 40 + i % 50, 40 + i % 50);
    }
    return file;
}

static void expect_capture(const struct seen *seen, unsigned count)
{
    cr_assert_eq(seen->count, count, "%zu of %u", seen->count, count);
    for (unsigned i = 0; i < count; i++) {
        cr_assert(frame_is(seen, i, i * S, i, 40 + i % 50), "frame %u", i);
    }
}

/* Writes slowly to a FIFO from another process. */
static pid_t trickle(const char *path, const struct file *file, size_t chunk)
{
    pid_t child = fork();
    if (child != 0) {
        return child;
    }
    int descriptor = open(path, O_WRONLY);
    for (size_t at = 0; at < file->size;) {
        size_t size = file->size - at < chunk ? file->size - at : chunk;
        ssize_t count = write(descriptor, file->data + at, size);
        if (count <= 0) {
            _exit(1);
        }
        at += (size_t)count;
    }
    _exit(0);
}

static void through_fifo(const struct file *file, size_t chunk, struct seen *seen)
{
    char directory[] = "/tmp/p2i-source-XXXXXX";
    cr_assert_not_null(mkdtemp(directory));
    char path[64];
    (void)snprintf(path, sizeof path, "%s/fifo", directory);
    cr_assert_eq(mkfifo(path, 0600), 0);
    pid_t child = trickle(path, file, chunk);
    read_path(seen, path);
    cr_expect_eq(waitpid(child, NULL, 0), child);
    (void)unlink(path);
    (void)rmdir(directory);
}

Test(source, fifo)
{
    struct file file = capture_of(3000);
    struct file compressed = {0};
    gzip_member(&compressed, file.data, file.size);
    struct seen from_file;
    read_bytes(&from_file, file.data, file.size);
    for (int form = 0; form < 3; form++) {
        struct seen seen;
        through_fifo(form == 2 ? &compressed : &file, form == 0 ? 3 : 5000, &seen);
        expect_capture(&seen, 3000);
        cr_expect_eq(seen.report_count, 0);
        cr_expect_eq(seen.facts[0].size_bytes, 0);
        /* A pipe gives the same blocks as a file. */
        cr_expect_eq(seen.block_count, from_file.block_count);
        seen_free(&seen);
    }
    seen_free(&from_file);
    file_free(&compressed);
    file_free(&file);
}

/* A pipe that falls silent after some bytes, and the number of checks for a stop since. */
struct silence {
    struct file bytes;
    unsigned asked;
};

/* Requests a stop at the third check after all bytes were read. */
static bool is_silent(void *context)
{
    struct silence *silence = context;
    struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&ready, 1, 0) == 0 && ++silence->asked >= 3;
}

static void read_silent(struct silence *silence, size_t size, struct seen *seen)
{
    int pipes[2];
    cr_assert_eq(pipe(pipes), 0);
    cr_assert_eq(write(pipes[1], silence->bytes.data, size), (ssize_t)size);
    cr_assert_eq(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
    (void)close(pipes[0]);
    silence->asked = 0;
    struct p2i_capture_settings stopping = {.is_stopped = is_silent, .stop_context = silence};
    static const char *const paths[] = {"-", "/nonexistent/capture.pcap"};
    (void)alarm(20); /* against hanging */
    read_all(seen, &stopping, paths, 2);
    (void)alarm(0);
    (void)close(pipes[1]);
}

/* Wherever the bytes end: frames are returned, nothing counts as damaged, nothing more is opened.
 */
Test(source, stopped_in_a_silent_pipe)
{
    struct silence silence = {.bytes = capture_of(3)};
    static const size_t sizes[] = {0, 3, 20, 24, 30, 24 + 16 + 40, 24 + 16 + 40 + 17};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct seen seen;
        read_silent(&silence, sizes[i], &seen);
        expect_capture(&seen, sizes[i] >= 24 + 16 + 40);
        cr_expect_eq(seen.result, P2I_END);
        cr_expect_eq(seen.report_count, 0, "%zu bytes: %s", sizes[i], seen.reports[0].text);
        cr_expect(!seen.facts[0].damaged && !seen.facts[0].refused && !seen.facts[1].refused);
        seen_free(&seen);
    }
    struct file compressed = {0};
    gzip_member(&compressed, silence.bytes.data, silence.bytes.size);
    file_free(&silence.bytes);
    silence.bytes = compressed;
    struct seen seen;
    read_silent(&silence, compressed.size - 9, &seen);
    cr_expect_eq(seen.result, P2I_END);
    cr_expect_eq(seen.report_count, 0, "%s", seen.reports[0].text);
    seen_free(&seen);
    file_free(&compressed);
}

/* Another process may have made a shared standard input non-blocking. */
Test(source, pipe_that_does_not_block)
{
    struct file file = capture_of(300);
    int pipes[2];
    cr_assert_eq(pipe2(pipes, O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)usleep(200000);
        _exit(write(pipes[1], file.data, file.size) != (ssize_t)file.size);
    }
    (void)close(pipes[1]);
    cr_assert_eq(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
    struct seen seen;
    read_path(&seen, "-");
    expect_capture(&seen, 300);
    cr_expect_eq(waitpid(child, NULL, 0), child);
    seen_free(&seen);
    file_free(&file);
}

Test(source, standard_input)
{
    struct file file = capture_of(300);
    int pipes[2];
    cr_assert_eq(pipe(pipes), 0);
    cr_assert_eq(write(pipes[1], file.data, file.size), (ssize_t)file.size);
    (void)close(pipes[1]);
    cr_assert_eq(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
    struct seen seen;
    read_path(&seen, "-");
    expect_capture(&seen, 300);
    cr_expect_str_eq(seen.facts[0].path, "-");
    seen_free(&seen);
    cr_expect_neq(fcntl(STDIN_FILENO, F_GETFD), -1); /* must stay open */
    file_free(&file);
}

Test(source, files_that_cannot_be_read)
{
    struct seen seen;
    read_path(&seen, "/nonexistent/capture.pcap");
    cr_expect_eq(seen.result, P2I_END);
    cr_assert_eq(seen.report_count, 1);
    cr_expect_eq(seen.reports[0].code, P2I_INPUT);
    cr_expect_eq(seen.reports[0].system_error, ENOENT);
    cr_expect_str_eq(seen.reports[0].text, "cannot open: No such file or directory");
    cr_expect_str_eq(seen.reports[0].file, "/nonexistent/capture.pcap");
    cr_expect(seen.facts[0].refused);
    cr_expect_null(seen.facts[0].format);
    seen_free(&seen);
    read_path(&seen, "/tmp");
    cr_assert_eq(seen.report_count, 1);
    cr_expect_str_eq(seen.reports[0].text, "is a directory; -R reads the captures below it");
    cr_expect(seen.facts[0].refused);
    seen_free(&seen);
}

/* A source continues where it was after its descriptor was closed. */
Test(source, continues_after_its_descriptor_was_released)
{
    struct file file = capture_of(3000);
    struct file compressed = {0};
    gzip_member(&compressed, file.data, file.size);
    for (int form = 0; form < 2; form++) {
        struct p2i_byte_source *source;
        struct p2i_error error;
        cr_assert_eq(p2i_byte_source_open(&source, path_of_file(form == 0 ? &file : &compressed),
                                          &settings, NULL, false, &error),
                     P2I_OK);
        uint8_t chunk[1000];
        size_t at = 0;
        enum p2i_result result = P2I_OK;
        while (result == P2I_OK) {
            size_t got;
            result = p2i_byte_source_read(source, chunk, sizeof chunk, &got, &error);
            cr_assert_leq(got, file.size - at);
            cr_assert_eq(memcmp(chunk, file.data + at, got), 0);
            at += got;
            p2i_byte_source_release_descriptor(source);
        }
        cr_expect_eq(result, P2I_END);
        cr_expect_eq(at, file.size);
        p2i_byte_source_close(source);
    }
    file_free(&compressed);
    file_free(&file);
}

Test(source, reports_a_file_replaced_while_closed)
{
    char path[] = "/tmp/p2i-source-XXXXXX";
    struct file file = capture_of(300);
    int descriptor = mkstemp(path);
    cr_assert_eq(write(descriptor, file.data, file.size), (ssize_t)file.size);
    struct p2i_byte_source *source;
    struct p2i_error error;
    cr_assert_eq(p2i_byte_source_open(&source, path, &settings, NULL, false, &error), P2I_OK);
    uint8_t chunk[100];
    size_t got;
    cr_assert_eq(p2i_byte_source_read(source, chunk, sizeof chunk, &got, &error), P2I_OK);
    p2i_byte_source_release_descriptor(source);
    /* The descriptor of the first file is open, so the second gets another inode. */
    (void)unlink(path);
    int other = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    cr_assert_eq(write(other, file.data, file.size), (ssize_t)file.size);
    cr_expect_eq(p2i_byte_source_read(source, chunk, sizeof chunk, &got, &error), P2I_INPUT);
    cr_expect_str_eq(error.text, "the file was replaced while it was read");
    p2i_byte_source_close(source);
    (void)close(descriptor);
    (void)close(other);
    (void)unlink(path);
    file_free(&file);
}

/* A file found below a directory may be no capture; a file that cannot be read is an error all the
 * same. */
Test(source, files_found_below_a_directory_may_be_no_captures)
{
    static const bool found[] = {true, false, true};
    struct file text = {0};
    put(&text, "this is a text and no capture at all", 36);
    const char *path = path_of_file(&text);
    const char *paths[] = {path, path, "/nonexistent/capture.pcap"};
    for (int strict = 0; strict < 2; strict++) {
        struct seen seen;
        read_all(&seen,
                 &(struct p2i_capture_settings){
                     .found = found, .strict = strict != 0, .order = P2I_ORDER_ARGS},
                 paths, strict ? 1 : 3);
        cr_expect_eq(seen.result, P2I_END);
        cr_expect_eq(seen.report_count, strict ? 0 : 2);
        cr_expect(seen.facts[0].skipped && !seen.facts[0].refused && !seen.facts[0].damaged);
        cr_expect(strict || (!seen.facts[1].skipped && seen.facts[1].refused));
        cr_expect(strict || (!seen.facts[2].skipped && seen.facts[2].refused));
        seen_free(&seen);
    }
    file_free(&text);
}
