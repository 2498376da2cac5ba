/* SPDX-License-Identifier: MIT */
/* Any bytes as IPFIX files for ipfixtool merge: the output must be well-formed, and merging it
 * again must not change it. */
#include <stdlib.h>
#include <string.h>

#include "ipfix/wire.h"
#include "message_bytes.h"
#include "pcap2ipfix/merge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Damage of single values, such as lists, is passed on; damage of messages, sets and templates is
 * not. */
static void on_defect(void *context, uint64_t offset, const char *text)
{
    static const char *const structure[] = {"message", "set ",       "sequence", "not defined",
                                            "is cut",  "withdrawal", "redefined"};
    (void)context;
    (void)offset;
    if (strstr(text, "list") != NULL || strstr(text, "List") != NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof structure / sizeof structure[0]; i++) {
        if (strstr(text, structure[i]) != NULL) {
            abort();
        }
    }
}

static bool add(struct p2i_merge *all, struct p2i_view file, p2i_reader_defect *defect)
{
    struct p2i_reader *reader = NULL;
    struct p2i_error error;
    if (p2i_reader_open_bytes(&reader, file.data, file.size, defect, NULL, &error) != P2I_OK) {
        return false;
    }
    enum p2i_result result = p2i_merge_add(all, reader, &error);
    p2i_reader_close(reader);
    return result == P2I_OK || result == P2I_DAMAGED;
}

/* False: the input cannot be merged, and nothing is written. */
static bool merge(struct message_bytes *out, struct p2i_view first, struct p2i_view second,
                  bool unique, p2i_reader_defect *defect)
{
    struct p2i_merge_settings settings = {.struct_size = sizeof settings,
                                          .memory_bytes = 1 << 30,
                                          .folder = "/",
                                          .unique = unique,
                                          .element_types = true};
    struct p2i_merge *all;
    struct p2i_error error;
    *out = (struct message_bytes){0};
    bool done = p2i_merge_new(&all, &settings, &error) == P2I_OK && add(all, first, defect) &&
                add(all, second, defect) &&
                p2i_merge_write(all, message_bytes_take, out, &error) == P2I_OK;
    p2i_merge_free(all);
    return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message_bytes once;
    struct message_bytes again = {0};
    if (size == 0) {
        return 0;
    }
    /* The first byte selects where the second file begins. */
    struct p2i_view files = p2i_view_of(data + 1, size - 1);
    size_t middle = files.size * data[0] / 255;
    bool unique = data[0] % 2 == 1;
    if (merge(&once, p2i_view_first(files, middle), p2i_view_from(files, middle), unique, NULL)) {
        struct p2i_view written = p2i_view_of(once.data, once.size);
        bool empty = once.size == P2I_MESSAGE_HEADER; /* its time is that of left-out records */
        if (!merge(&again, written, p2i_view_of(NULL, 0), unique, on_defect) ||
            again.size != once.size || (!empty && memcmp(again.data, once.data, once.size) != 0)) {
            abort();
        }
    }
    free(once.data);
    free(again.data);
    return 0;
}
