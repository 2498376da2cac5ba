/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of subscribers: a refused file has a line and a reason; in an accepted file
 * each line's own prefix has a subscriber at any time for which the line is valid. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/prefix.h"
#include "enrich/subscriber_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

/* The input as a file with a name. */
static int make_file(const uint8_t *data, size_t size)
{
    int file = memfd_create("subscribers", MFD_CLOEXEC);
    require(file >= 0 && (size == 0 || write(file, data, size) == (ssize_t)size));
    return file;
}

/* Looks up the prefix of each line without times. */
static void ask(const struct p2i_subscriber_file *file, struct p2i_view text)
{
    static struct p2i_subscriber_memo memo;
    memset(&memo, 0, sizeof memo);
    while (text.size > 0) {
        struct p2i_view line = p2i_view_first(text, p2i_view_find(text, '\n'));
        struct p2i_view first = p2i_view_trim(p2i_view_first(line, p2i_view_find(line, ',')));
        struct p2i_view rest = p2i_view_from(line, p2i_view_find(line, ',') + 1);
        bool has_times = p2i_view_find(rest, ',') < rest.size;
        struct p2i_prefix prefix = {0};
        struct p2i_subscriber found;
        text = p2i_view_from(text, line.size + 1);
        if (rest.size == 0 || p2i_prefix_parse(first, &prefix) != NULL) {
            continue;
        }
        bool known =
            p2i_subscriber_file_find(file, &memo, &prefix.address, prefix.ip_version, 7, &found);
        require(known || has_times);
        require(!known || found.login.size > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32];
    int made = make_file(data, size);
    struct p2i_subscriber_file *file = NULL;
    struct p2i_error error = {0};
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", made);
    enum p2i_result result = p2i_subscriber_file_open(&file, path, &error);
    require((result == P2I_OK) == (file != NULL));
    if (result == P2I_OK) {
        ask(file, p2i_view_of(data, size));
    } else {
        require(result == P2I_USAGE && error.file == path);
        require(strncmp(error.text, "line ", 5) == 0);
    }
    p2i_subscriber_file_close(file);
    (void)close(made);
    return 0;
}
