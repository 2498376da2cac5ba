/* SPDX-License-Identifier: MIT */
/* A name shows either a complete file or what was there before. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <zlib.h>

#include "export/output_file.h"
#include "helpers/folder.h"

static const struct p2i_output_rules new_file = {.must_be_new = true};

static struct p2i_output_file *open_ok(const char *path, bool must_be_new)
{
    struct p2i_output_file *file;
    struct p2i_error error;
    cr_assert_eq(p2i_output_file_open_by(&file, path, must_be_new ? &new_file : NULL, &error),
                 P2I_OK, "%s", error.text);
    return file;
}

static void write_ok(struct p2i_output_file *file, const char *text)
{
    struct p2i_error error;
    cr_assert_eq(p2i_output_file_write(file, p2i_view_of(text, strlen(text)), &error), P2I_OK);
}

static void finish_ok(struct p2i_output_file *file)
{
    struct p2i_error error;
    cr_assert_eq(p2i_output_file_finish(file, &error), P2I_OK, "%s", error.text);
    p2i_output_file_free(file);
}

Test(output_file, has_its_name_only_when_finished)
{
    struct folder folder = folder_make();
    struct p2i_output_file *file = open_ok(folder.file, false);
    write_ok(file, "hello ");
    cr_expect_neq(access(folder.file, F_OK), 0);
    cr_expect_eq(folder_count(&folder), 1);
    write_ok(file, "world");
    finish_ok(file);
    expect_file(folder.file, "hello world");
    cr_expect_eq(folder_count(&folder), 1);
    folder_remove(&folder);
}

/* Small pieces are gathered, large ones are not. */
Test(output_file, pieces_of_any_size_keep_their_order)
{
    static const size_t sizes[] = {1,     32767, 3,  32768,  70000,  0,
                                   65535, 65535, 10, 200000, 131072, 7};
    enum { ALL = 700000 };
    struct folder folder = folder_make();
    struct p2i_output_file *file = open_ok(folder.file, false);
    char *bytes = malloc(ALL);
    size_t size = 0;
    for (size_t i = 0; i < ALL; i++) {
        bytes[i] = (char)('a' + (i * i >> 7) % 26);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct p2i_error error;
        struct p2i_view piece = p2i_view_of(bytes + size, sizes[i]);
        cr_assert_eq(p2i_output_file_write(file, piece, &error), P2I_OK);
        size += sizes[i];
    }
    cr_assert_lt(size, ALL);
    bytes[size] = '\0';
    finish_ok(file);
    expect_file(folder.file, bytes);
    free(bytes);
    folder_remove(&folder);
}

Test(output_file, unfinished_leaves_nothing)
{
    struct folder folder = folder_make();
    struct p2i_output_file *file = open_ok(folder.file, false);
    write_ok(file, "hello");
    p2i_output_file_free(file);
    cr_expect_eq(folder_count(&folder), 0);
    p2i_output_file_free(NULL);
    folder_remove(&folder);
}

Test(output_file, replaces_only_when_finished)
{
    struct folder folder = folder_make();
    file_write(folder.file, "old");
    struct p2i_output_file *file = open_ok(folder.file, false);
    write_ok(file, "new");
    expect_file(folder.file, "old");
    p2i_output_file_free(file);
    expect_file(folder.file, "old");
    file = open_ok(folder.file, false);
    write_ok(file, "new");
    finish_ok(file);
    expect_file(folder.file, "new");
    folder_remove(&folder);
}

Test(output_file, must_be_new)
{
    struct folder folder = folder_make();
    struct p2i_output_file *file;
    struct p2i_error error;
    file_write(folder.file, "old");
    cr_assert_eq(p2i_output_file_open_by(&file, folder.file, &new_file, &error), P2I_OUTPUT);
    cr_expect_null(file);
    cr_expect_str_eq(error.text, "already exists");
    cr_expect_eq(error.file, folder.file);
    expect_file(folder.file, "old");
    cr_expect_eq(folder_count(&folder), 1);
    folder_remove(&folder);
}

Test(output_file, must_be_new_where_a_link_leads_nowhere)
{
    struct folder folder = folder_make();
    struct p2i_output_file *file;
    struct p2i_error error;
    cr_assert_eq(symlink("nowhere", folder.file), 0);
    cr_expect_eq(p2i_output_file_open_by(&file, folder.file, &new_file, &error), P2I_OUTPUT);
    folder_remove(&folder);
}

/* Somebody else makes the file while we write ours. */
Test(output_file, must_be_new_until_the_end)
{
    struct folder folder = folder_make();
    struct p2i_output_file *file = open_ok(folder.file, true);
    struct p2i_error error;
    write_ok(file, "ours");
    file_write(folder.file, "theirs");
    cr_assert_eq(p2i_output_file_finish(file, &error), P2I_OUTPUT);
    cr_expect_str_eq(error.text, "already exists");
    p2i_output_file_free(file);
    expect_file(folder.file, "theirs");
    cr_expect_eq(folder_count(&folder), 1);
    folder_remove(&folder);
}

Test(output_file, must_be_new_and_is)
{
    struct folder folder = folder_make();
    struct p2i_output_file *file = open_ok(folder.file, true);
    write_ok(file, "ours");
    finish_ok(file);
    expect_file(folder.file, "ours");
    cr_expect_eq(folder_count(&folder), 1);
    folder_remove(&folder);
}

Test(output_file, permissions_are_those_of_a_new_file)
{
    struct folder folder = folder_make();
    mode_t before = umask(027);
    struct p2i_output_file *file = open_ok(folder.file, false);
    finish_ok(file);
    (void)umask(before);
    struct stat status;
    cr_assert_eq(stat(folder.file, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0640);
    folder_remove(&folder);
}

/* The permissions of a file that is written with umask 022, and its temporary's. */
static unsigned mode_of(const char *path, unsigned exact, unsigned denied)
{
    struct p2i_output_mode mode = {.exact = exact, .denied = denied};
    struct p2i_output_file *file;
    struct p2i_error error;
    struct stat status;
    mode_t before = umask(022);
    cr_assert_eq(p2i_output_file_open(&file, path, 0, &mode, &error), P2I_OK, "%s", error.text);
    (void)umask(before);
    DIR *directory = opendir(".");
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (strncmp(entry->d_name, ".out.", 5) == 0) {
            cr_assert_eq(stat(entry->d_name, &status), 0);
            cr_expect_eq(status.st_mode & 0777, 0600);
        }
    }
    (void)closedir(directory);
    finish_ok(file);
    cr_assert_eq(stat(path, &status), 0);
    return status.st_mode & 07777;
}

Test(output_file, permissions_are_those_of_the_file_that_is_replaced)
{
    struct folder folder = folder_make();
    cr_assert_eq(chdir(folder.path), 0);
    static const unsigned modes[] = {0600, 0664, 0444, 0400, 0666, 0755};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        file_write("out", "old");
        cr_assert_eq(chmod("out", modes[i]), 0);
        cr_expect_eq(mode_of("out", 0, 0077), modes[i]);
        cr_expect_eq(mode_of("out", 0640, 0077), 0640);
        (void)unlink("out");
    }
    folder_remove(&folder);
}

Test(output_file, permissions_of_a_file_of_somebody_else_are_not_kept)
{
    if (geteuid() != 0) {
        cr_skip("only root can give files away");
    }
    struct folder folder = folder_make();
    cr_assert_eq(chdir(folder.path), 0);
    file_write("out", "old");
    cr_assert_eq(chmod("out", 0666) + chown("out", 1, (gid_t)-1), 0);
    cr_expect_eq(mode_of("out", 0, 0077), 0600);
    (void)unlink("out");
    folder_remove(&folder);
}

Test(output_file, the_group_of_the_file_that_is_replaced_is_kept)
{
    if (geteuid() != 0) {
        cr_skip("only root can give files away");
    }
    struct folder folder = folder_make();
    struct stat status;
    cr_assert_eq(chdir(folder.path), 0);
    file_write("out", "old");
    cr_assert_eq(chown("out", (uid_t)-1, 1), 0);
    cr_assert_eq(chmod("out", 0640), 0);
    cr_expect_eq(mode_of("out", 0, 0), 0640);
    cr_assert_eq(stat("out", &status), 0);
    cr_expect_eq(status.st_gid, 1);
    (void)unlink("out");
    folder_remove(&folder);
}

Test(output_file, what_is_denied_a_new_file_does_not_get)
{
    struct folder folder = folder_make();
    cr_assert_eq(chdir(folder.path), 0);
    static const unsigned cases[][3] = {/* exact, denied, found */
                                        {0, 0, 0644},      {0, 0007, 0640}, {0, 0070, 0604},
                                        {0, 0077, 0600},   {0666, 0, 0666}, {0440, 0077, 0440},
                                        {0600, 0077, 0600}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(mode_of("out", cases[i][0], cases[i][1]), cases[i][2], "%zu", i);
        (void)unlink("out");
    }
    folder_remove(&folder);
}

Test(output_file, who_may_not_read_an_input_may_not_read_the_output)
{
    struct folder folder = folder_make();
    cr_assert_eq(chdir(folder.path), 0);
    static const unsigned cases[][2] = {/* of the input, denied */
                                        {0644, 0},    {0444, 0},    {0640, 0007}, {0604, 0070},
                                        {0600, 0077}, {0622, 0077}, {0000, 0077}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct p2i_output_mode mode = {0};
        file_write("in", "");
        cr_assert_eq(chown("in", (uid_t)-1, getegid()), 0);
        cr_assert_eq(chmod("in", cases[i][0]), 0);
        p2i_output_mode_limit(&mode, "in");
        cr_expect_eq(mode.denied, cases[i][1], "%zu", i);
        (void)unlink("in");
    }
    struct p2i_output_mode mode = {0};
    p2i_output_mode_limit(&mode, "/dev/null");
    p2i_output_mode_limit(&mode, "missing");
    cr_expect_eq(mode.denied, 0);
    folder_remove(&folder);
}

Test(output_file, a_group_of_an_input_is_not_that_of_the_output)
{
    if (geteuid() != 0) {
        cr_skip("only root can give files away");
    }
    struct folder folder = folder_make();
    struct p2i_output_mode mode = {0};
    cr_assert_eq(chdir(folder.path), 0);
    file_write("in", "");
    cr_assert_eq(chown("in", (uid_t)-1, 1), 0);
    cr_assert_eq(chmod("in", 0640), 0);
    p2i_output_mode_limit(&mode, "in");
    cr_expect_eq(mode.denied, 0077);
    /* Nor is that of a folder which gives its own to new files. */
    cr_assert_eq(chown(".", (uid_t)-1, 1), 0);
    cr_assert_eq(chmod(".", 02755), 0);
    cr_expect_eq(mode_of("out", 0, 0007), 0600);
    cr_expect_eq(mode_of("in", 0, 0), 0640);
    (void)unlink("in");
    folder_remove(&folder);
}

Test(output_file, follows_a_symbolic_link)
{
    struct folder folder = folder_make();
    char link[600];
    (void)snprintf(link, sizeof link, "%s/link", folder.path);
    file_write(folder.file, "old");
    cr_assert_eq(symlink(folder.file, link), 0);
    struct p2i_output_file *file = open_ok(link, false);
    write_ok(file, "new");
    finish_ok(file);
    expect_file(folder.file, "new");
    struct stat status;
    cr_assert_eq(lstat(link, &status), 0);
    cr_expect(S_ISLNK(status.st_mode));
    (void)unlink(link);
    folder_remove(&folder);
}

Test(output_file, names_of_any_length)
{
    struct folder folder = folder_make();
    char path[600];
    int size = snprintf(path, sizeof path, "%s/", folder.path);
    memset(path + size, 'n', 255);
    path[size + 255] = '\0';
    struct p2i_output_file *file = open_ok(path, false);
    finish_ok(file);
    expect_file(path, "");
    (void)unlink(path);
    folder_remove(&folder);
}

Test(output_file, in_the_working_folder)
{
    struct folder folder = folder_make();
    cr_assert_eq(chdir(folder.path), 0);
    struct p2i_output_file *file = open_ok("out", true);
    cr_expect_eq(folder_count(&folder), 1);
    finish_ok(file);
    expect_file(folder.file, "");
    folder_remove(&folder);
}

Test(output_file, outputs_that_cannot_be_opened)
{
    struct folder folder = folder_make();
    char path[600];
    struct p2i_output_file *file;
    struct p2i_error error;
    (void)snprintf(path, sizeof path, "%s/missing/out", folder.path);
    cr_expect_eq(p2i_output_file_open_by(&file, path, NULL, &error), P2I_OUTPUT);
    cr_expect_eq(error.system_error, ENOENT);
    cr_expect_eq(error.file, path);
    cr_expect_eq(p2i_output_file_open_by(&file, folder.path, NULL, &error), P2I_OUTPUT);
    cr_expect_eq(error.system_error, EISDIR);
    cr_expect_eq(p2i_output_file_open_by(&file, "", NULL, &error), P2I_OUTPUT);
    (void)snprintf(path, sizeof path, "%s/missing/", folder.path);
    cr_expect_eq(p2i_output_file_open_by(&file, path, NULL, &error), P2I_OUTPUT);
    folder_remove(&folder);
}

Test(output_file, a_full_device)
{
    static uint8_t bytes[1024 * 1024];
    struct p2i_error error;
    struct p2i_output_file *file = open_ok("/dev/full", false);
    cr_expect_eq(p2i_output_file_write(file, p2i_view_of(bytes, sizeof bytes), &error), P2I_OUTPUT);
    cr_expect_eq(error.code, P2I_OUTPUT);
    cr_expect_eq(error.system_error, ENOSPC);
    cr_expect_str_eq(error.file, "/dev/full");
    p2i_output_file_free(file);

    file = open_ok("/dev/full", false);
    write_ok(file, "buffered");
    cr_expect_eq(p2i_output_file_finish(file, &error), P2I_OUTPUT);
    p2i_output_file_free(file);
}

struct reader {
    const char *path;
    size_t size;
    bool orderly;
};

static void *read_fifo(void *context)
{
    struct reader *reader = context;
    int descriptor = open(reader->path, O_RDONLY);
    static uint8_t bytes[4096];
    reader->orderly = true;
    for (ssize_t size; (size = read(descriptor, bytes, sizeof bytes)) > 0;) {
        for (ssize_t i = 0; i < size; i++) {
            reader->orderly &= bytes[i] == (uint8_t)(reader->size++ % 251);
        }
    }
    (void)close(descriptor);
    return NULL;
}

/* More than a pipe holds, in segments of every kind of size. */
Test(output_file, a_fifo_is_written_directly)
{
    struct folder folder = folder_make();
    cr_assert_eq(mkfifo(folder.file, 0600), 0);
    struct reader reader = {.path = folder.file};
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, read_fifo, &reader), 0);
    struct p2i_output_file *file = open_ok(folder.file, false);
    static uint8_t bytes[500000];
    size_t total = 0;
    for (size_t size = 1; size < sizeof bytes; size = size * 3 + 1) {
        struct p2i_error error;
        for (size_t i = 0; i < size; i++) {
            bytes[i] = (uint8_t)((total + i) % 251);
        }
        cr_assert_eq(p2i_output_file_write(file, p2i_view_of(bytes, size), &error), P2I_OK);
        total += size;
    }
    cr_expect_eq(folder_count(&folder), 1);
    finish_ok(file);
    (void)pthread_join(thread, NULL);
    cr_expect_eq(reader.size, total);
    cr_expect(reader.orderly);
    struct stat status;
    cr_assert_eq(stat(folder.file, &status), 0);
    cr_expect(S_ISFIFO(status.st_mode));
    folder_remove(&folder);
}

Test(output_file, standard_output_stays_open)
{
    struct folder folder = folder_make();
    int saved = dup(STDOUT_FILENO);
    int target = open(folder.file, O_WRONLY | O_CREAT, 0600);
    cr_assert_geq(target, 0);
    cr_assert_eq(dup2(target, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(target);
    struct p2i_output_file *file = open_ok("-", true);
    write_ok(file, "to standard output");
    finish_ok(file);
    cr_expect_neq(fcntl(STDOUT_FILENO, F_GETFD), -1);
    cr_assert_eq(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(saved);
    expect_file(folder.file, "to standard output");
    folder_remove(&folder);
}

/* The bytes of a gzip file, decompressed; free them. */
static struct p2i_view unpack(const char *path)
{
    enum { MOST = 16 * 1024 * 1024 };
    gzFile file = gzopen(path, "rb");
    uint8_t *data = malloc(MOST);
    cr_assert_not_null(file);
    int size = gzread(file, data, MOST);
    cr_assert_geq(size, 0);
    cr_expect_eq(gzdirect(file), 0);
    cr_expect_eq(gzclose_r(file), Z_OK);
    return p2i_view_of(data, (size_t)size);
}

Test(output_file, a_name_ending_in_gz_is_compressed)
{
    /* Nothing, a little, more than the buffers hold, and a segment that goes round them. */
    static const size_t sizes[] = {0, 5, 300000, 3000000};
    struct folder folder = folder_make();
    (void)snprintf(folder.file, sizeof folder.file, "%s/out.gz", folder.path);
    uint8_t *bytes = malloc(3000000);
    for (size_t i = 0; i < 3000000; i++) {
        bytes[i] = (uint8_t)(i * i >> 7);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct p2i_output_file *file = open_ok(folder.file, false);
        struct p2i_error error;
        cr_assert_eq(p2i_output_file_write(file, p2i_view_of(bytes, sizes[i]), &error), P2I_OK);
        for (size_t j = 0; j < sizes[i]; j += 100) {
            cr_assert_eq(p2i_output_file_write(file, p2i_view_of(bytes + j, 100), &error), P2I_OK);
        }
        finish_ok(file);
        struct p2i_view found = unpack(folder.file);
        size_t second = (sizes[i] + 99) / 100 * 100;
        cr_assert_eq(found.size, sizes[i] + second);
        cr_expect(p2i_view_equals(p2i_view_first(found, sizes[i]), p2i_view_of(bytes, sizes[i])));
        cr_expect(p2i_view_equals(p2i_view_from(found, sizes[i]), p2i_view_of(bytes, second)));
        free((void *)(uintptr_t)found.data);
    }
    free(bytes);
    folder_remove(&folder);
}

/* A plain file must not have such a name. */
Test(output_file, other_names_of_compression_are_refused)
{
    static const char *const names[] = {"out.xz", "out.jsonl.bz2", "out.lz4", "a/b.Z", "out.zip"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct p2i_output_file *file;
        struct p2i_error error = {0};
        cr_expect_eq(p2i_output_file_open_by(&file, names[i], NULL, &error), P2I_USAGE, "%s",
                     names[i]);
        cr_expect_str_eq(error.file, names[i]);
        cr_expect_not_null(strstr(error.text, "a name ending in .gz"), "%s", error.text);
        cr_expect_null(file);
    }
}

Test(output_file, gz_has_no_time_and_no_name)
{
    struct folder folder = folder_make();
    struct p2i_view first = {0};
    for (int i = 0; i < 2; i++) {
        (void)snprintf(folder.file, sizeof folder.file, "%s/out%d.gz", folder.path, i);
        struct p2i_output_file *file = open_ok(folder.file, false);
        write_ok(file, "hello");
        finish_ok(file);
        struct p2i_view bytes = file_read(folder.file);
        cr_assert_geq(bytes.size, 10);
        cr_expect_arr_eq(bytes.data + 3, "\0\0\0\0\0", 5);
        cr_expect(i == 0 || p2i_view_equals(first, bytes));
        free((void *)(uintptr_t)(i == 0 ? NULL : bytes.data));
        first = i == 0 ? bytes : first;
        (void)unlink(folder.file);
    }
    free((void *)(uintptr_t)first.data);
    folder_remove(&folder);
}
