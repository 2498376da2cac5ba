/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of records, IPFIX or JSON Lines: all that is read can be looked at, and the
 * file has no difference to itself. */
#include <stdlib.h>

#include "memory_file.h"
#include "pcap2ipfix/diff.h"
#include "pcap2ipfix/record_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

/* The sanitizer checks both ends. */
static void look_at(struct p2i_view view)
{
    static volatile uint8_t sum;
    if (view.size > 0) {
        sum = (uint8_t)(sum + view.data[0] + view.data[view.size - 1]);
    }
}

static void look_at_record(struct p2i_record_source *source, const struct p2i_source_record *record)
{
    const struct p2i_read_record *read = &record->record;
    struct p2i_record_parts parts = {.struct_size = sizeof parts};
    struct p2i_buffer text = {0};
    look_at(record->line);
    look_at(record->kind);
    for (size_t i = 0; i < record->extra_count; i++) {
        look_at(record->extras[i].name);
        look_at(record->extras[i].json);
    }
    for (size_t i = 0; i < read->value_count; i++) {
        int type = 0;
        const struct p2i_value *value = &read->values[i];
        (void)p2i_reader_element(p2i_record_source_reader(source), value->pen, value->id, &type);
        require(p2i_format_text(&text, type, p2i_view_of(value->data, value->size)));
    }
    p2i_record_parts_find(read, &parts);
    look_at(p2i_record_source_capture(source, record, &parts));
    require(p2i_append_extension_json(&text, read, &parts, P2I_VIEW("capture")));
    p2i_buffer_free(&text);
}

static enum p2i_result take_difference(void *context, const struct p2i_diff_record *record,
                                       struct p2i_error *error)
{
    (void)context;
    (void)record;
    (void)error;
    abort();
}

static void compare_with_itself(const char *path)
{
    const struct p2i_diff_settings settings = {
        .struct_size = sizeof settings, .memory_bytes = 1 << 24, .folder = "/dev/shm"};
    struct p2i_diff *diff;
    struct p2i_error error;
    require(p2i_diff_new(&diff, &settings, &error) == P2I_OK);
    enum p2i_result first = p2i_diff_add(diff, 0, path, &error);
    require(p2i_diff_add(diff, 1, path, &error) == first);
    require(p2i_diff_run(diff, take_difference, NULL, &error) == P2I_OK && p2i_diff_is_same(diff));
    p2i_diff_free(diff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct p2i_record_source *source;
    struct p2i_source_record record;
    struct p2i_error error;
    struct memory_file file;
    uint64_t records = 0;
    memory_file_open(&file, p2i_view_of(data, size));
    if (p2i_record_source_open(&source, file.path, &error) == P2I_OK) {
        while (p2i_record_source_next(source, &record, &error) == P2I_OK) {
            look_at_record(source, &record);
            records++;
        }
        p2i_record_source_close(source);
        compare_with_itself(file.path);
    }
    require(records <= size);
    memory_file_close(&file);
    return 0;
}
