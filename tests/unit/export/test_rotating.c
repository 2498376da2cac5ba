/* SPDX-License-Identifier: MIT */
/* Which records come into which file, over files that only note it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "export/rotating.h"
#include "helpers/folder.h"
#include "helpers/samples.h"

/* One line a file: "NAME: time time ... end" */
static char log_text[4096];
static int open_files;
static bool fails_to_open;
static bool fails_to_write;

struct note {
    struct p2i_exporter exporter;
    const char *path;
};

static void append(const char *text)
{
    size_t size = strlen(log_text);
    (void)snprintf(log_text + size, sizeof log_text - size, "%s", text);
}

static enum p2i_result note_write(struct p2i_exporter *exporter, const struct p2i_record *record,
                                  struct p2i_error *error)
{
    char text[32];
    if (fails_to_write) {
        (void)p2i_fail(error, P2I_OUTPUT, "cannot write");
        error->file = ((struct note *)exporter)->path;
        return P2I_OUTPUT;
    }
    (void)snprintf(text, sizeof text, " %u", record->time_s);
    append(text);
    exporter->bytes_written += 100;
    return P2I_OK;
}

static enum p2i_result note_finish(struct p2i_exporter *exporter, uint32_t time_s,
                                   struct p2i_error *error)
{
    (void)exporter;
    (void)time_s;
    (void)error;
    append(" end\n");
    return P2I_OK;
}

static void note_free(struct p2i_exporter *exporter)
{
    open_files--;
    free(exporter);
}

static const struct p2i_exporter_methods note_methods = {note_write, note_finish, note_free};

static enum p2i_result open_note(void *context, struct p2i_exporter **exporter, const char *path,
                                 struct p2i_error *error)
{
    cr_expect_null(context);
    *exporter = NULL;
    if (fails_to_open) {
        (void)p2i_fail(error, P2I_OUTPUT, "cannot create");
        error->file = path;
        return P2I_OUTPUT;
    }
    struct note *note = calloc(1, sizeof *note);
    *note = (struct note){.exporter.methods = &note_methods, .path = path};
    *exporter = &note->exporter;
    open_files++;
    append(path);
    append(":");
    return P2I_OK;
}

static struct p2i_exporter *begin_with(const struct p2i_rotation *rotation)
{
    struct p2i_exporter *exporter;
    struct p2i_error error;
    log_text[0] = '\0';
    fails_to_open = fails_to_write = false;
    cr_assert_eq(p2i_rotating_open(&exporter, rotation, &error), P2I_OK, "%s", error.text);
    return exporter;
}

static struct p2i_exporter *begin(const char *pattern, uint64_t bytes, uint32_t seconds)
{
    struct p2i_rotation rotation = {
        .pattern = pattern, .bytes = bytes, .seconds = seconds, .open = open_note};
    return begin_with(&rotation);
}

static enum p2i_result put(struct p2i_exporter *exporter, uint32_t time_s, struct p2i_error *error)
{
    struct p2i_record record = {.time_s = time_s};
    return exporter->methods->write(exporter, &record, error);
}

static void put_all(struct p2i_exporter *exporter, const uint32_t *times)
{
    struct p2i_error error;
    for (; *times != 0; times++) {
        cr_assert_eq(put(exporter, *times, &error), P2I_OK);
    }
}

static void end(struct p2i_exporter *exporter, const char *expected)
{
    struct p2i_error error;
    cr_assert_eq(exporter->methods->finish(exporter, 99, &error), P2I_OK);
    exporter->methods->free(exporter);
    cr_expect_str_eq(log_text, expected, "%s", log_text);
    cr_expect_eq(open_files, 0);
}

Test(rotating, by_time_files_end_at_multiples)
{
    struct p2i_exporter *exporter = begin("a.%s.x", 0, 10);
    /* Time that goes back begins no file; a period without a record has none. */
    put_all(exporter, (const uint32_t[]){9, 10, 19, 12, 20, 19, 55, 0});
    cr_expect_eq(exporter->records_written, 7);
    cr_expect_eq(exporter->bytes_written, 700);
    end(exporter, "a.0.x: 9 end\na.10.x: 10 19 12 end\na.20.x: 20 19 end\na.50.x: 55 end\n");
}

Test(rotating, by_size_and_time_a_name_is_of_the_period)
{
    struct p2i_exporter *exporter = begin("a.%s.x", 200, 10);
    put_all(exporter, (const uint32_t[]){11, 12, 13, 29, 0});
    end(exporter, "a.10.x: 11 12 end\na.10.000002.x: 13 end\na.20.x: 29 end\n");
}

static bool is_there(const struct folder *folder, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    bool there = access(path, F_OK) == 0;
    (void)rmdir(path);
    return there;
}

Test(rotating, folders_are_made_with_the_first_record)
{
    char pattern[512];
    struct p2i_error error;
    struct folder folder = folder_make();
    (void)snprintf(pattern, sizeof pattern, "%s/a//%%M/%%S", folder.path);
    struct p2i_exporter *exporter = begin(pattern, 0, 10);
    cr_expect_eq(folder_count(&folder), 0);
    put_all(exporter, (const uint32_t[]){5, 65, 66, 0});
    cr_expect(is_there(&folder, "a/00"));
    cr_expect(is_there(&folder, "a/01"));
    cr_expect_not(is_there(&folder, "a/01/00"), "a file is no folder");
    file_write(folder.file, "");
    exporter->methods->free(exporter);
    /* A file in the way. */
    (void)snprintf(pattern, sizeof pattern, "%s/out/%%M/%%S", folder.path);
    exporter = begin(pattern, 0, 10);
    cr_expect_eq(put(exporter, 5, &error), P2I_OUTPUT);
    cr_expect_eq(error.system_error, ENOTDIR);
    cr_expect_eq(error.file, pattern);
    cr_expect_not_null(strstr(error.text, "/out/00/00: cannot make its folder"), "%s", error.text);
    exporter->methods->free(exporter);
    /* Without conversions none is made. */
    (void)snprintf(pattern, sizeof pattern, "%s/b/c", folder.path);
    exporter = begin(pattern, 0, 10);
    put_all(exporter, (const uint32_t[]){5, 0});
    cr_expect_not(is_there(&folder, "b"));
    exporter->methods->free(exporter);
    cr_expect(is_there(&folder, "a"));
    folder_remove(&folder);
}

/* The newer capture first, or time that was wrong for a while. */
Test(rotating, by_time_set_back)
{
    struct p2i_exporter *exporter = begin("a.%s.x", 0, 10);
    put_all(exporter, (const uint32_t[]){9000, 15, 19, 20, 9001, 31, 0});
    end(exporter, "a.9000.x: 9000 15 19 end\na.20.x: 20 end\na.9000.000002.x: 9001 31 end\n");
}

Test(rotating, from_the_first_record_set_back)
{
    struct p2i_rotation rotation = {
        .pattern = "a.%s.x", .seconds = 10, .from_first = true, .open = open_note};
    struct p2i_exporter *exporter = begin_with(&rotation);
    put_all(exporter, (const uint32_t[]){9000, 15, 19, 24, 25, 0});
    end(exporter, "a.9000.x: 9000 15 19 24 end\na.25.x: 25 end\n");
}

Test(rotating, by_size_a_file_that_is_large_enough_gets_no_more)
{
    struct p2i_exporter *exporter = begin("a.x.gz", 250, 0);
    put_all(exporter, (const uint32_t[]){1, 2, 3, 4, 5, 6, 7, 0});
    end(exporter, "a.000001.x.gz: 1 2 3 end\na.000002.x.gz: 4 5 6 end\na.000003.x.gz: 7 end\n");
}

Test(rotating, by_size_or_time_whichever_comes_first)
{
    struct p2i_exporter *exporter = begin("a", 200, 10);
    put_all(exporter, (const uint32_t[]){1, 2, 3, 11, 12, 13, 0});
    end(exporter, "a.000001: 1 2 end\na.000002: 3 end\na.000003: 11 12 end\na.000004: 13 end\n");
}

Test(rotating, no_file_of_the_run_is_replaced)
{
    struct p2i_exporter *exporter = begin("a%M.x", 100, 0);
    put_all(exporter, (const uint32_t[]){1, 2, 61, 3601, 0});
    end(exporter, "a00.x: 1 end\na00.000002.x: 2 end\na01.x: 61 end\na00.000003.x: 3601 end\n");
}

/* Each of many names has been used once; each is used again. */
Test(rotating, no_file_of_many_is_replaced)
{
    struct p2i_error error;
    struct p2i_exporter *exporter = begin("a%s.x", 100, 0);
    for (uint32_t time_s = 1; time_s <= 2000; time_s++) {
        cr_assert_eq(put(exporter, time_s, &error), P2I_OK);
    }
    for (uint32_t time_s = 1; time_s <= 2000; time_s++) {
        char expected[64];
        log_text[0] = '\0';
        cr_assert_eq(put(exporter, time_s, &error), P2I_OK);
        (void)snprintf(expected, sizeof expected, "a%u.000002.x: %u", time_s, time_s);
        cr_assert(strstr(log_text, expected) != NULL, "%s", log_text);
    }
    exporter->methods->free(exporter);
}

Test(rotating, an_output_without_records_is_one_file)
{
    end(begin("a%s", 100, 0), "a99: end\n");
}

/* Files of DNS records, of 10 s each. */
static struct p2i_exporter *begin_dns(const char *folder)
{
    struct p2i_rotation rotation = {.folder = folder,
                                    .pattern = "a%M.x",
                                    .bytes = 300,
                                    .seconds = 10,
                                    .from_first = true,
                                    .kinds = UINT32_C(1) << P2I_RECORD_DNS,
                                    .open = open_note};
    return begin_with(&rotation);
}

static void put_kind(struct p2i_exporter *exporter, enum p2i_record_kind kind, uint32_t time_s)
{
    struct p2i_error error;
    struct p2i_record record = {.time_s = time_s, .kind = kind};
    cr_assert_eq(exporter->methods->write(exporter, &record, &error), P2I_OK);
}

Test(rotating, time_may_count_from_the_first_record)
{
    static const uint32_t times[] = {9, 10, 18, 19, 28, 12, 29, 30, 31, 32, 0};
    struct p2i_exporter *exporter = begin_dns("100%s");
    for (const uint32_t *time = times; *time != 0; time++) {
        put_kind(exporter, P2I_RECORD_DNS, *time);
    }
    end(exporter, "100%s/a00.x: 9 10 18 end\n100%s/a00.000002.x: 19 28 12 end\n"
                  "100%s/a00.000003.x: 29 30 31 end\n100%s/a00.000004.x: 32 end\n");
}

Test(rotating, other_kinds_only_advance_the_time)
{
    struct p2i_exporter *exporter = begin_dns(".");
    put_kind(exporter, P2I_RECORD_FTP, 1);
    put_kind(exporter, P2I_RECORD_DNS, 2);
    put_kind(exporter, P2I_RECORD_FTP, 11);
    cr_expect_str_eq(log_text, "./a00.x: 2");
    put_kind(exporter, P2I_RECORD_FTP, 12);
    cr_expect_str_eq(log_text, "./a00.x: 2 end\n");
    put_kind(exporter, P2I_RECORD_FTP, 13);
    cr_expect_eq(exporter->records_written, 1);
    end(exporter, "./a00.x: 2 end\n");
    exporter = begin_dns(".");
    put_kind(exporter, P2I_RECORD_FTP, 1);
    end(exporter, "");
}

Test(rotating, patterns_are_checked_first)
{
    struct p2i_exporter *exporter;
    struct p2i_error error;
    struct p2i_rotation rotation = {.pattern = "a%Q", .bytes = 1, .open = open_note};
    cr_expect_eq(p2i_rotating_open(&exporter, &rotation, &error), P2I_USAGE);
    cr_expect_null(exporter);
}

Test(rotating, errors_name_the_file_and_outlive_it)
{
    static const char pattern[] = "dir/a.x";
    struct p2i_error error;
    struct p2i_exporter *exporter = begin(pattern, 100, 0);
    fails_to_open = true;
    cr_expect_eq(put(exporter, 1, &error), P2I_OUTPUT);
    exporter->methods->free(exporter);
    cr_expect_eq(error.file, pattern);
    cr_expect_str_eq(error.text, "a.000001.x: cannot create");
    exporter = begin(pattern, 100, 0);
    put_all(exporter, (const uint32_t[]){1, 0});
    fails_to_write = true;
    cr_expect_eq(put(exporter, 2, &error), P2I_OUTPUT);
    exporter->methods->free(exporter);
    cr_expect_eq(error.file, pattern);
    cr_expect_str_eq(error.text, "a.000002.x: cannot write");
    cr_expect_str_eq(log_text, "dir/a.000001.x: 1 end\ndir/a.000002.x:");
    cr_expect_eq(open_files, 0);
    static const char folder[] = "some/folder";
    exporter = begin_dns(folder);
    fails_to_open = true;
    struct p2i_record record = {.time_s = 1, .kind = P2I_RECORD_DNS};
    cr_expect_eq(exporter->methods->write(exporter, &record, &error), P2I_OUTPUT);
    exporter->methods->free(exporter);
    cr_expect_eq(error.file, folder);
    cr_expect_str_eq(error.text, "a00.x: cannot create");
}
