/* SPDX-License-Identifier: MIT */
/* What is synced to the disk, how often, and before what: by counting, not by time. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export/exporter.h"
#include "export/output_file.h"
#include "export/rotating.h"
#include "helpers/fake_clock.h"
#include "helpers/folder.h"
#include "helpers/samples.h"

#define MS UINT64_C(1000000)

/* A disk: what was asked to be synced, and what it answers. */
static struct {
    size_t files, folders, named_early;
    uint64_t bytes; /* of the files when they were synced */
    int answer;     /* 0, or an errno */
    const char *name;
} disk;

static struct fake_clock time_of_day;
static struct p2i_clock clock_of_test = {fake_now, fake_wall, fake_wait, &time_of_day};
static struct p2i_sync sync_of_test;
static struct folder folder;
static struct p2i_error error;

static int count_sync(void *context, int descriptor)
{
    struct stat status;
    (void)context;
    cr_assert_eq(fstat(descriptor, &status), 0);
    if (S_ISDIR(status.st_mode)) {
        disk.folders++;
    } else {
        disk.files++;
        disk.bytes += (uint64_t)status.st_size;
        disk.named_early += disk.name != NULL && access(disk.name, F_OK) == 0;
    }
    return disk.answer;
}

static void begin(void)
{
    memset(&disk, 0, sizeof disk);
    folder = folder_make();
    time_of_day = (struct fake_clock){.now_ns = 1000 * 1000 * MS};
    p2i_sync_init(&sync_of_test, &clock_of_test);
    sync_of_test.sync = count_sync;
}

static const struct p2i_output_rules rules_of_test = {.sync = &sync_of_test};

static void end(void)
{
    p2i_sync_free(&sync_of_test);
    folder_remove(&folder);
}

static enum p2i_result write_file(const char *path, const char *text, struct p2i_sync *sync)
{
    struct p2i_output_file *file;
    struct p2i_output_rules rules = {.sync = sync};
    enum p2i_result result = p2i_output_file_open_by(&file, path, &rules, &error);
    if (result == P2I_OK) {
        result = p2i_output_file_write(file, p2i_view_of(text, strlen(text)), &error);
    }
    if (result == P2I_OK) {
        result = p2i_output_file_finish(file, &error);
    }
    p2i_output_file_free(file);
    return result;
}

Test(sync, a_file_before_it_has_its_name_and_then_its_folder)
{
    begin();
    disk.name = folder.file;
    cr_expect_eq(write_file(folder.file, "hello", &sync_of_test), P2I_OK);
    cr_expect_eq(disk.files, 1);
    cr_expect_eq(disk.bytes, 5);
    cr_expect_eq(disk.named_early, 0);
    cr_expect_eq(disk.folders, 1);
    (void)unlink(folder.file);
    end();
}

Test(sync, nothing_without_it)
{
    begin();
    cr_expect_eq(write_file(folder.file, "hello", NULL), P2I_OK);
    cr_expect_eq(p2i_sync_finish(NULL, &error), P2I_OK);
    p2i_sync_free(NULL);
    cr_expect_eq(disk.files + disk.folders, 0);
    (void)unlink(folder.file);
    end();
}

/* Opens the files of an output that rotates. */
static enum p2i_result open_next(void *context, struct p2i_exporter **exporter, const char *path,
                                 struct p2i_error *failed)
{
    static const struct p2i_ipfix_settings settings = {.message_limit = 65535};
    struct p2i_output_rules rules = {.must_be_new = true, .sync = context};
    return p2i_ipfix_file_open(exporter, path, &rules, &settings, failed);
}

Test(sync, ten_thousand_files_in_ten_seconds)
{
    enum { FILES = 10000 };
    begin();
    char pattern[sizeof folder.path + 16];
    (void)snprintf(pattern, sizeof pattern, "%s/out", folder.path);
    struct p2i_rotation rotation = {
        .pattern = pattern, .bytes = 1, .open = open_next, .context = &sync_of_test};
    struct p2i_exporter *exporter;
    struct p2i_buffer buffer = {0};
    cr_assert_eq(p2i_rotating_open(&exporter, &rotation, &error), P2I_OK);
    for (unsigned i = 0; i < FILES; i++) {
        buffer.size = 0;
        struct p2i_record record = sample_record(&buffer, P2I_RECORD_DNS, 4, 1, 10);
        cr_assert_eq(exporter->methods->write(exporter, &record, &error), P2I_OK, "%s", error.text);
        time_of_day.now_ns += MS;
    }
    cr_assert_eq(exporter->methods->finish(exporter, 1, &error), P2I_OK);
    cr_expect_eq(disk.files, FILES);
    cr_expect(disk.folders >= 9 && disk.folders <= 11, "%zu", disk.folders);
    size_t before = disk.folders;
    cr_expect_eq(p2i_sync_finish(&sync_of_test, &error), P2I_OK);
    cr_expect_eq(disk.folders, before + 1);
    cr_expect_eq(p2i_sync_finish(&sync_of_test, &error), P2I_OK);
    cr_expect_eq(disk.folders, before + 1);
    exporter->methods->free(exporter);
    p2i_buffer_free(&buffer);
    for (unsigned i = 1; i <= FILES; i++) {
        (void)snprintf(pattern, sizeof pattern, "%s/out.%06u", folder.path, i);
        (void)unlink(pattern);
    }
    end();
}

Test(sync, deferred_folders_are_synced_while_the_next_file_is_written)
{
    begin();
    struct p2i_output_file *file;
    char other[sizeof folder.path + 16];
    (void)snprintf(other, sizeof other, "%s/other", folder.path);
    cr_expect_eq(write_file(folder.file, "1", &sync_of_test), P2I_OK);
    cr_expect_eq(write_file(folder.file, "2", &sync_of_test), P2I_OK);
    cr_expect_eq(disk.folders, 1);
    cr_assert_eq(p2i_output_file_open_by(&file, other, &rules_of_test, &error), P2I_OK);
    cr_expect_eq(p2i_output_file_write(file, P2I_VIEW("x"), &error), P2I_OK);
    cr_expect_eq(disk.folders, 1);
    time_of_day.now_ns += 1000 * MS;
    static const uint8_t message[65535];
    cr_expect_eq(p2i_output_file_write(file, p2i_view_of(message, sizeof message), &error), P2I_OK);
    cr_expect_eq(disk.folders, 2);
    p2i_output_file_free(file);
    (void)unlink(folder.file);
    end();
}

/* Files of several folders wait together. */
Test(sync, every_folder_once)
{
    begin();
    char path[sizeof folder.path + 16];
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 3; i++) {
            (void)snprintf(path, sizeof path, "%s/%d", folder.path, i);
            (void)mkdir(path, 0777);
            (void)snprintf(path, sizeof path, "%s/%d/f", folder.path, i);
            cr_expect_eq(write_file(path, "x", &sync_of_test), P2I_OK);
        }
    }
    cr_expect_eq(disk.folders, 1);
    cr_expect_eq(p2i_sync_finish(&sync_of_test, &error), P2I_OK);
    cr_expect_eq(disk.folders, 4);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%d/f", folder.path, i);
        (void)unlink(path);
        path[strlen(path) - 2] = '\0';
        (void)rmdir(path);
    }
    end();
}

Test(sync, files_without_sync_are_no_error)
{
    static const int answers[] = {EINVAL, ENOTSUP, EROFS};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        begin();
        disk.answer = answers[i];
        cr_expect_eq(write_file(folder.file, "hello", &sync_of_test), P2I_OK);
        cr_expect_eq(disk.files, 1);
        cr_expect_eq(disk.folders, 1);
        (void)unlink(folder.file);
        end();
    }
}

Test(sync, devices_and_pipes_by_the_system_itself)
{
    begin();
    char path[sizeof folder.path + 16];
    (void)snprintf(path, sizeof path, "%s/fifo", folder.path);
    cr_assert_eq(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    cr_assert_geq(reader, 0);
    p2i_sync_init(&sync_of_test, &clock_of_test);
    cr_expect_eq(write_file(path, "hello", &sync_of_test), P2I_OK, "%s", error.text);
    cr_expect_eq(write_file("/dev/null", "hello", &sync_of_test), P2I_OK, "%s", error.text);
    cr_expect_eq(sync_of_test.folder_count, 0);
    (void)close(reader);
    (void)unlink(path);
    end();
}

Test(sync, a_disk_that_fails_leaves_no_file_under_the_name)
{
    begin();
    disk.answer = EIO;
    cr_expect_eq(write_file(folder.file, "hello", &sync_of_test), P2I_OUTPUT);
    cr_expect_eq(error.system_error, EIO);
    cr_expect_str_eq(error.file, folder.file);
    cr_expect_eq(folder_count(&folder), 0);
    end();
}

Test(sync, a_folder_that_fails_is_reported)
{
    begin();
    cr_expect_eq(write_file(folder.file, "1", &sync_of_test), P2I_OK);
    cr_expect_eq(write_file(folder.file, "2", &sync_of_test), P2I_OK);
    disk.answer = EIO;
    cr_expect_eq(p2i_sync_finish(&sync_of_test, &error), P2I_OUTPUT);
    cr_expect_not_null(strstr(error.text, folder.path), "%s", error.text);
    disk.answer = 0;
    (void)unlink(folder.file);
    end();
}

Test(sync, a_folder_that_is_gone_is_not)
{
    begin();
    char path[sizeof folder.path + 16];
    (void)snprintf(path, sizeof path, "%s/gone", folder.path);
    (void)mkdir(path, 0777);
    (void)snprintf(path, sizeof path, "%s/gone/f", folder.path);
    cr_expect_eq(write_file(path, "1", &sync_of_test), P2I_OK);
    cr_expect_eq(write_file(path, "2", &sync_of_test), P2I_OK);
    (void)unlink(path);
    path[strlen(path) - 2] = '\0';
    (void)rmdir(path);
    cr_expect_eq(p2i_sync_finish(&sync_of_test, &error), P2I_OK);
    end();
}

Test(sync, json_files_too)
{
    begin();
    struct p2i_exporter *exporter;
    cr_assert_eq(p2i_json_file_open(&exporter, folder.file, &rules_of_test, &error), P2I_OK);
    cr_assert_eq(exporter->methods->finish(exporter, 1, &error), P2I_OK);
    exporter->methods->free(exporter);
    cr_expect_eq(disk.files, 1);
    (void)unlink(folder.file);
    end();
}

Test(sync, deferred_folders_are_synced_at_the_end)
{
    begin();
    cr_expect_eq(write_file(folder.file, "1", &sync_of_test), P2I_OK);
    cr_expect_eq(write_file(folder.file, "2", &sync_of_test), P2I_OK);
    cr_expect_eq(disk.folders, 1);
    p2i_sync_free(&sync_of_test);
    cr_expect_eq(disk.folders, 2);
    (void)unlink(folder.file);
    end();
}
