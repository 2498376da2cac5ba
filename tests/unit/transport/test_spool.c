/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helpers/folder.h"
#include "transport/spool.h"

static int count_sync(void *context, int descriptor)
{
    (void)descriptor;
    ++*(int *)context;
    return 0;
}

Test(spool, a_complete_spool_file_and_its_folder_are_synced)
{
    struct folder folder = folder_make();
    struct p2i_collector_url url = {.host = "h", .port = "1"};
    char path[P2I_SPOOL_PATH_MAX];
    struct p2i_spool spool = {.path = path};
    struct p2i_error error;
    struct p2i_sync sync;
    struct p2i_output_rules rules = {.sync = &sync};
    struct stat status;
    int count = 0;
    p2i_sync_init(&sync, NULL);
    sync.sync = count_sync;
    sync.context = &count;
    cr_assert_eq(p2i_spool_open(&spool, folder.path, &url, &rules, &error), P2I_OK);
    cr_expect_eq(count, 0);
    cr_expect_eq(p2i_spool_finish(&spool, &error), P2I_OK);
    cr_expect_eq(count, 2);
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    p2i_spool_free(&spool);
    p2i_sync_free(&sync);
    (void)unlink(path);
    folder_remove(&folder);
}
